//! The link to a board: made when it is needed, and cut after anything that went wrong.
//!
//! It keeps no answer. On a serial line it begins with silence: whatever was under way is waited for and thrown
//! away, for as long as the slowest answer may take and as long again.

mod coils;

use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_modbus::client::{Client, Context, rtu, tcp};
use tokio_modbus::{Error, ExceptionCode, Request, Response, Slave};

use super::plan::{Answers, Ask, Plan};
use crate::config::{Bus, ModbusSettings, ModbusTable, Parity};
use crate::host::serial::{self, FrameParity};

/// So much is thrown away at once.
const AT_ONCE: usize = 512;

/// The link to a board.
pub(super) struct Link {
    bus: Bus,
    unit: u8,
    patience: Duration,
    context: Option<Context>,
    /// Something went wrong on it, so that an answer may still be under way.
    is_tainted: bool,
    /// A question was put, and whoever put it has not come back with its answer.
    is_asked: bool,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("bus", &self.bus).field("unit", &self.unit).finish()
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Miss {
    /// The board refuses, and will go on doing so.
    Refused(String),
    /// There is no answer, or none that can be used; the next time there may be.
    Unanswered(String),
}

impl Link {
    /// A link that is not made yet.
    pub(super) fn new(settings: &ModbusSettings) -> Self {
        Self {
            bus: settings.bus.clone(),
            unit: settings.unit,
            patience: settings.timeout,
            context: None,
            // Who asked before us may have left an answer under way.
            is_tainted: true,
            is_asked: false,
        }
    }

    /// Something went wrong: what still comes belongs to no question.
    pub(super) fn cut(&mut self) {
        self.context = None;
        self.is_tainted = true;
        self.is_asked = false;
    }

    /// Asks everything. After an error the link is to be [cut](Self::cut).
    pub(super) async fn ask(&mut self, plan: &Plan) -> Result<Answers, Miss> {
        let patience = self.patience;
        let context = self.begin().await?;
        let mut answers = Answers::default();
        for ask in &plan.asks {
            let answer = timeout(patience, question(context, *ask)).await;
            let answer = answer.map_err(|_| late(patience))?;
            answers.take(*ask, understood(answer, *ask)?);
        }
        self.is_tainted = false;
        self.is_asked = false;
        Ok(answers)
    }

    /// The link, made if there is none; one on which a question was left is not used again.
    async fn begin(&mut self) -> Result<&mut Context, Miss> {
        if self.is_asked {
            self.cut();
        }
        let context = match self.context.take() {
            Some(context) => context,
            None => self.reach().await?,
        };
        self.is_asked = true;
        Ok(self.context.insert(context))
    }

    async fn reach(&mut self) -> Result<Context, Miss> {
        let slave = Slave(self.unit);
        match &self.bus {
            Bus::Tcp(address) => {
                let reached = timeout(self.patience, TcpStream::connect(address)).await;
                let stream = reached
                    .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
                    .map_err(|error| Miss::Unanswered(unreached(&error)))?;
                // A question is one small packet, and waits for nothing.
                let _ = stream.set_nodelay(true);
                Ok(tcp::attach_slave(stream, slave))
            }
            Bus::Rtu { port, baud, parity } => {
                let opened = serial::open_for_frames(port, *baud, frame_parity(*parity)).await;
                let mut stream = opened.map_err(|error| Miss::Unanswered(error.to_string()))?;
                let silence =
                    if self.is_tainted { self.patience.saturating_mul(2) } else { Duration::ZERO };
                throw_away(&mut stream, silence).await?;
                Ok(rtu::attach_slave(stream, slave))
            }
        }
    }
}

fn frame_parity(parity: Parity) -> FrameParity {
    match parity {
        Parity::Even => FrameParity::Even,
        Parity::Odd => FrameParity::Odd,
        Parity::None => FrameParity::None,
    }
}

/// Reads what still comes, for so long.
async fn throw_away(stream: &mut serial::Frames, silence: Duration) -> Result<(), Miss> {
    let mut late = [0; AT_ONCE];
    let all = async {
        loop {
            match stream.read(&mut late).await {
                Ok(0) => {
                    return Miss::Unanswered("the device was unplugged or switched off".to_owned());
                }
                Ok(_) => {}
                Err(error) => return Miss::Unanswered(format!("the line cannot be read: {error}")),
            }
        }
    };
    // Even without a pause, what is there already goes.
    match timeout(silence.max(Duration::from_millis(1)), all).await {
        Ok(miss) => Err(miss),
        Err(_) => Ok(()),
    }
}

/// Why a board cannot be reached, in the operator's words.
fn unreached(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "the connection is refused: is Modbus TCP switched on, and is this its port?".to_owned()
        }
        io::ErrorKind::TimedOut => "the address does not answer".to_owned(),
        _ => format!("it cannot be reached: {error}"),
    }
}

/// An answer did not come.
fn late(patience: Duration) -> Miss {
    Miss::Unanswered(format!("no answer within {} ms", patience.as_millis()))
}

/// Asks by the bare request: the crate's own `read_…` assert the length of what comes over the wire.
async fn question(
    context: &mut Context,
    Ask { table, start, count }: Ask,
) -> tokio_modbus::Result<Vec<u16>> {
    let request = match table {
        ModbusTable::DiscreteInput => Request::ReadDiscreteInputs(start, count),
        ModbusTable::Coil => Request::ReadCoils(start, count),
        ModbusTable::InputRegister => Request::ReadInputRegisters(start, count),
        ModbusTable::HoldingRegister => Request::ReadHoldingRegisters(start, count),
    };
    let answer = context.call(request).await?;
    Ok(answer.map(|response| match response {
        Response::ReadDiscreteInputs(bits) | Response::ReadCoils(bits) => {
            bits.into_iter().map(u16::from).collect()
        }
        Response::ReadInputRegisters(words) | Response::ReadHoldingRegisters(words) => words,
        // The crate compares the function: this is none that was asked for.
        _ => Vec::new(),
    }))
}

/// The values of an answer, or why there are none.
fn understood(answer: tokio_modbus::Result<Vec<u16>>, ask: Ask) -> Result<Vec<u16>, Miss> {
    match answer {
        Ok(Ok(values)) if values.len() >= usize::from(ask.count) => Ok(values),
        Ok(Ok(values)) => {
            let (came, asked) = (values.len(), ask.count);
            Err(Miss::Unanswered(format!(
                "an answer has {came} values where {asked} were asked for"
            )))
        }
        Ok(Err(exception)) => Err(refused(exception, ask)),
        Err(Error::Protocol(_)) => {
            Err(Miss::Unanswered("an answer belongs to another question".to_owned()))
        }
        Err(Error::Transport(error)) => {
            Err(Miss::Unanswered(format!("the connection broke off: {error}")))
        }
    }
}

/// What an exception of the standard means, and whether it is for good.
fn refused(exception: ExceptionCode, Ask { table, start, count }: Ask) -> Miss {
    let last = start.saturating_add(count.saturating_sub(1));
    let what = if count == 1 {
        format!("{} {start}", table.name())
    } else {
        format!("{} {start} to {last}", table.name())
    };
    let number = u8::from(exception);
    let why = match exception {
        ExceptionCode::IllegalFunction => "the board has no such table: check `read`",
        ExceptionCode::IllegalDataAddress => {
            "the board has no such address: check `line`, `base` and `register`"
        }
        ExceptionCode::IllegalDataValue => "the board does not take such a question: check `line`",
        ExceptionCode::ServerDeviceFailure => "the board itself has failed: see its own display",
        ExceptionCode::Acknowledge
        | ExceptionCode::ServerDeviceBusy
        | ExceptionCode::MemoryParityError
        | ExceptionCode::GatewayPathUnavailable
        | ExceptionCode::GatewayTargetDevice
        | ExceptionCode::Custom(_) => {
            return Miss::Unanswered(format!("exception {number} for {what}: {exception}"));
        }
    };
    Miss::Refused(format!(
        "the board refuses {what} (counted from 0) with exception {number}: {why}"
    ))
}
