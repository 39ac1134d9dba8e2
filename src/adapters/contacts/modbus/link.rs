//! The link to a board: made when it is needed, and cut after an answer that did not come or could not be used.
//!
//! It keeps no answer. A connection of Modbus TCP is this board's alone; a serial line is shared with the boards that hang on it
//! ([`SerialLine`]).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_modbus::client::{Client, Context, tcp};
use tokio_modbus::{Error, ExceptionCode, Request, Response, Slave};

use super::clears::Write;
use super::names::Name;
use super::plan::{Answers, Ask};
use super::shared::SerialLine;
use crate::config::{BoardAddress, Bus, ModbusSettings, ModbusTable};

/// The link to a board.
pub(super) struct Link {
    way: Way,
    unit: u8,
    patience: Duration,
}

/// How a board is reached.
enum Way {
    /// By a connection of its own, while there is one.
    Tcp(Place, Option<Context>),
    /// On a serial line; there is always one where the files say so.
    Line(Option<Arc<SerialLine>>),
}

/// Where a board is in the network.
enum Place {
    /// At this address.
    At(SocketAddr),
    /// Wherever its name says.
    Named(Name),
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("unit", &self.unit).finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Miss {
    /// The board refuses, and will go on doing so.
    Refused(String),
    /// The board says that it cannot answer now; the next time it may.
    NotNow(String),
    /// There is no answer, or none that can be used: what still comes belongs to no question.
    Unanswered(String),
}

/// What is said to a board in one turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round<'r> {
    /// First the orders.
    pub(super) writes: &'r [Write],
    /// Then the questions.
    pub(super) asks: &'r [Ask],
}

/// What a board said in one turn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Said {
    /// For each order, why it was refused if it was.
    pub(super) refused: Vec<Option<String>>,
    /// What it answered to the questions.
    pub(super) answers: Answers,
    /// Why it answered no more of them: what was answered before is true all the same.
    pub(super) missed: Option<Miss>,
}

/// Why something was not answered, if anything was not.
pub(super) fn missed(said: &Result<Said, Miss>) -> Option<&Miss> {
    match said {
        Ok(said) => said.missed.as_ref(),
        Err(miss) => Some(miss),
    }
}

/// How long questions wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For an answer.
    pub(super) answer: Duration,
    /// For silence before each question.
    pub(super) parting: Duration,
}

impl Link {
    /// A link that is not made yet; of a board on a serial line, that on which it hangs.
    pub(super) fn new(settings: &ModbusSettings, line: Option<Arc<SerialLine>>) -> Self {
        let way = match &settings.bus {
            Bus::Tcp(BoardAddress::At(address)) => Way::Tcp(Place::At(*address), None),
            Bus::Tcp(BoardAddress::Named { name, port }) => {
                Way::Tcp(Place::Named(Name::new(name, *port)), None)
            }
            Bus::Rtu { .. } => Way::Line(line.or_else(|| SerialLine::of(settings).map(Arc::new))),
        };
        Self { way, unit: settings.unit, patience: settings.timeout }
    }

    /// Whether the board was given up in an earlier life, and has not answered since.
    pub(super) fn has_given_up(&self) -> bool {
        match &self.way {
            Way::Tcp(..) => false,
            Way::Line(line) => line.as_ref().is_some_and(|line| line.has_given_up(self.unit)),
        }
    }

    /// The board has missed as many answers as it may.
    pub(super) fn give_up(&self) {
        match &self.way {
            Way::Tcp(..) => {}
            Way::Line(line) => line.iter().for_each(|line| line.give_up(self.unit)),
        }
    }

    /// Says everything. Dropped before its end, it has cut the link.
    pub(super) async fn say(&mut self, round: Round<'_>) -> Result<Said, Miss> {
        match &mut self.way {
            Way::Tcp(place, link) => {
                let mut context = match link.take() {
                    Some(context) => context,
                    None => reach(place, self.unit, self.patience).await?,
                };
                let patience = Patience { answer: self.patience, parting: Duration::ZERO };
                let said = speak(&mut context, round, patience).await;
                match missed(&said) {
                    None | Some(Miss::Refused(_) | Miss::NotNow(_)) => *link = Some(context),
                    Some(Miss::Unanswered(_)) => {}
                }
                said
            }
            Way::Line(Some(line)) => line.say(self.unit, self.patience, round).await,
            Way::Line(None) => Err(Miss::Unanswered("it hangs on no serial line".to_owned())),
        }
    }
}

async fn reach(place: &mut Place, unit: u8, patience: Duration) -> Result<Context, Miss> {
    let addresses = match place {
        Place::At(address) => vec![*address],
        Place::Named(name) => name.addresses(patience).await.map_err(Miss::Unanswered)?,
    };
    let stream = connect(&addresses, patience).await;
    let stream = stream.map_err(|error| Miss::Unanswered(unreached(&error)))?;
    // A question is one small packet, and waits for nothing.
    let _ = stream.set_nodelay(true);
    Ok(tcp::attach_slave(stream, Slave(unit)))
}

/// Connects to the first address that answers, each of which has an equal share of the time.
async fn connect(addresses: &[SocketAddr], patience: Duration) -> io::Result<TcpStream> {
    let shares = u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let share = patience.checked_div(shares).unwrap_or(patience);
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// Gives the orders and asks the questions, one after the other.
pub(super) async fn speak(
    context: &mut Context,
    round: Round<'_>,
    patience: Patience,
) -> Result<Said, Miss> {
    let mut said = Said::default();
    for write in round.writes {
        let answer = patience.within(order(context, *write)).await?;
        said.refused.push(obeyed(answer, *write)?);
    }
    for ask in round.asks {
        let answer = patience.within(question(context, *ask)).await;
        match answer.and_then(|answer| understood(answer, *ask)) {
            Ok(values) => said.answers.take(*ask, values),
            Err(miss) if said.answers.is_empty() => return Err(miss),
            Err(miss) => {
                said.missed = Some(miss);
                break;
            }
        }
    }
    Ok(said)
}

impl Patience {
    async fn within<T>(self, answer: impl Future<Output = T>) -> Result<T, Miss> {
        if !self.parting.is_zero() {
            sleep(self.parting).await;
        }
        timeout(self.answer, answer).await.map_err(|_| {
            let waited = self.answer.as_millis();
            Miss::Unanswered(format!("no answer within {waited} ms"))
        })
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

/// Gives an order; the answer is its echo.
async fn order(context: &mut Context, write: Write) -> tokio_modbus::Result<bool> {
    let (request, echo) = match write {
        Write::Coil { address, on } => {
            (Request::WriteSingleCoil(address, on), Response::WriteSingleCoil(address, on))
        }
        Write::Register { address, value } => (
            Request::WriteSingleRegister(address, value),
            Response::WriteSingleRegister(address, value),
        ),
        Write::Mask { address, and } => (
            Request::MaskWriteRegister(address, and, 0),
            Response::MaskWriteRegister(address, and, 0),
        ),
    };
    let answer = context.call(request).await?;
    Ok(answer.map(|response| response == echo))
}

/// Whether an order was obeyed, or why it was refused for good.
fn obeyed(answer: tokio_modbus::Result<bool>, write: Write) -> Result<Option<String>, Miss> {
    let (what, function) = match write {
        Write::Coil { address, .. } => (format!("coil {address}"), 5),
        Write::Register { address, .. } => (format!("register {address}"), 6),
        Write::Mask { address, .. } => (format!("register {address}"), 22),
    };
    let exception = match answer {
        Ok(Ok(true)) => return Ok(None),
        Ok(Ok(false)) | Err(Error::Protocol(_)) => {
            return Err(Miss::Unanswered("an answer belongs to another order".to_owned()));
        }
        Ok(Err(exception)) => exception,
        Err(Error::Transport(error)) => return Err(broken(&error)),
    };
    let number = u8::from(exception);
    let why = match for_good(exception, &what)? {
        Never::Function => format!("it does not know function {function}"),
        Never::Address => "it has no such address: check `line`".to_owned(),
        Never::Value => "it does not take the value: check `value`".to_owned(),
    };
    Ok(Some(format!(
        "the board refuses to write {what} (counted from 0) with exception {number}: {why}"
    )))
}

/// The values of an answer, or why there are none.
fn understood(answer: tokio_modbus::Result<Vec<u16>>, ask: Ask) -> Result<Vec<u16>, Miss> {
    match answer {
        Ok(Ok(values)) if values.len() == answered(ask) => Ok(values),
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
        Err(Error::Transport(error)) => Err(broken(&error)),
    }
}

/// So many values has the answer to a question: bits come in whole octets.
fn answered(Ask { table, count, .. }: Ask) -> usize {
    let count = usize::from(count);
    if table.has_registers() { count } else { count.next_multiple_of(8) }
}

/// Of a board that hangs up the crate says the last error of the system, whatever that had to do with.
fn broken(error: &io::Error) -> Miss {
    let broke_off = || format!("the connection broke off: {error}");
    Miss::Unanswered(match error.raw_os_error().map(Errno::from_raw) {
        Some(
            Errno::ETIMEDOUT
            | Errno::EHOSTUNREACH
            | Errno::ENETUNREACH
            | Errno::ENETDOWN
            | Errno::EIO
            | Errno::ENODEV
            | Errno::ENXIO,
        ) => broke_off(),
        Some(_) => "the board has hung up".to_owned(),
        None => match error.kind() {
            io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof => "the board has hung up".to_owned(),
            io::ErrorKind::InvalidData => "an answer that is no Modbus".to_owned(),
            _ => broke_off(),
        },
    })
}

/// What no repetition changes: the exceptions 1 to 3.
enum Never {
    Function,
    Address,
    Value,
}

/// What a board refuses for good; any other exception says that it cannot now.
fn for_good(exception: ExceptionCode, what: &str) -> Result<Never, Miss> {
    match exception {
        ExceptionCode::IllegalFunction => Ok(Never::Function),
        ExceptionCode::IllegalDataAddress => Ok(Never::Address),
        ExceptionCode::IllegalDataValue => Ok(Never::Value),
        ExceptionCode::ServerDeviceFailure
        | ExceptionCode::Acknowledge
        | ExceptionCode::ServerDeviceBusy
        | ExceptionCode::MemoryParityError
        | ExceptionCode::GatewayPathUnavailable
        | ExceptionCode::GatewayTargetDevice
        | ExceptionCode::Custom(_) => {
            let number = u8::from(exception);
            Err(Miss::NotNow(format!("exception {number} for {what}: {exception}")))
        }
    }
}

/// What an exception of the standard means for a question.
fn refused(exception: ExceptionCode, Ask { table, start, count }: Ask) -> Miss {
    let last = start.saturating_add(count.saturating_sub(1));
    let what = if count == 1 {
        format!("{} {start}", table.name())
    } else {
        format!("{} {start} to {last}", table.name())
    };
    let number = u8::from(exception);
    let why = match for_good(exception, &what) {
        Ok(Never::Function) => "the board has no such table: check `read`",
        Ok(Never::Address) => "the board has no such address: check `line`, `base` and `register`",
        Ok(Never::Value) => "the board does not take such a question: check `line`",
        Err(not_now) => return not_now,
    };
    Miss::Refused(format!(
        "the board refuses {what} (counted from 0) with exception {number}: {why}"
    ))
}
