//! A serial line of Modbus RTU: one port, and every board that hangs on it. They speak in turn.
//!
//! Nobody else opens the port. A board has its turn for one round of questions, in the order in which they came to wait, and never
//! twice before one that waits. After an answer that did not come, the line is closed, and whoever has the next turn listens to it
//! first, for as long as that board may take and as long again: what still comes is thrown away, and can neither pass for another
//! board's answer nor run into it. An exception is an answer like any other, and leaves the line as it is.
//!
//! # Decision (2026-11-27): a board that was given up costs the others one question a life
//!
//! A board that does not answer holds the line for three times its `timeout`. Until it is given up it is asked as often as the files
//! say, so that its loss is told in time; after that it is asked once in each life that supervision gives it, until it answers.
//! Rejected: to ask the others while its answer may still come, since two boards that speak at once are both unreadable.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex as ShortLock, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_modbus::Slave;
use tokio_modbus::client::{Context, rtu};
use tokio_modbus::slave::SlaveContext;

use super::link::{Miss, Patience, Round, Said, missed, speak};
use crate::config::{Bus, ContactDevice, ContactsSettings, ModbusSettings, Parity};
use crate::host::serial::{self, FrameParity};

/// So much is thrown away at once.
const AT_ONCE: usize = 512;
/// Bits of a character on the line, and how many characters of silence part two frames (Modbus over Serial Line V1.02, 2.5.1.1).
const BITS: u64 = 11;
const PARTING: u64 = 35;
/// The least silence between two frames, whatever the speed (the same).
const LEAST_PARTING: Duration = Duration::from_micros(1_750);

/// A serial line.
///
/// A lock, because each board is an input of its own, with a life of its own, and the port is one. It is held for one round of
/// questions; tokio's lock gives turns in the order in which they are asked for.
pub(in crate::adapters::contacts) struct SerialLine {
    port: PathBuf,
    baud: u32,
    parity: Parity,
    wire: Mutex<Wire>,
    /// The boards that were given up and have not answered since. A lock for the same reason; nothing is waited for under it.
    given_up: ShortLock<BTreeSet<u8>>,
}

struct Wire {
    context: Option<Context>,
    /// How long it must be listened to before anything is asked: somebody's answer may still be under way.
    silence: Duration,
}

impl std::fmt::Debug for SerialLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SerialLine").field("port", &self.port).finish_non_exhaustive()
    }
}

impl SerialLine {
    /// The line on which this board hangs alone; `None` where it hangs on none.
    pub(in crate::adapters::contacts) fn of(board: &ModbusSettings) -> Option<Self> {
        let Bus::Rtu { port, baud, parity } = &board.bus else { return None };
        // Who asked before us may have left an answer under way.
        let wire = Wire { context: None, silence: silence(board.timeout) };
        Some(Self {
            port: port.clone(),
            baud: *baud,
            parity: *parity,
            wire: Mutex::new(wire),
            given_up: ShortLock::default(),
        })
    }

    /// Another board hangs on it: who asked before us may have asked that one.
    fn with(mut self, board: &ModbusSettings) -> Self {
        let wire = self.wire.get_mut();
        wire.silence = wire.silence.max(silence(board.timeout));
        self
    }

    /// Whether this board was given up and has not answered since.
    pub(super) fn has_given_up(&self, unit: u8) -> bool {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).contains(&unit)
    }

    /// This board has missed as many answers as it may.
    pub(super) fn give_up(&self, unit: u8) {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).insert(unit);
    }

    fn has_answered(&self, unit: u8) {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner).remove(&unit);
    }

    /// Waits for this board's turn, and says everything to it.
    pub(super) async fn say(
        &self,
        unit: u8,
        patience: Duration,
        round: Round<'_>,
    ) -> Result<Said, Miss> {
        let mut wire = self.wire.lock().await;
        let mut context = match wire.context.take() {
            Some(context) => context,
            None => self.open(wire.silence).await?,
        };
        // From here on an answer may be under way, also where whoever asks is dropped.
        wire.silence = silence(patience);
        context.set_slave(Slave(unit));
        let patience = Patience { answer: patience, parting: self.parting() };
        let said = speak(&mut context, round, patience).await;
        match missed(&said) {
            None | Some(Miss::Refused(_) | Miss::NotNow(_)) => {
                wire.silence = Duration::ZERO;
                wire.context = Some(context);
                self.has_answered(unit);
            }
            Some(Miss::Unanswered(_)) => {}
        }
        said
    }

    /// Opens the port, and listens for so long.
    async fn open(&self, silence: Duration) -> Result<Context, Miss> {
        let parity = match self.parity {
            Parity::Even => FrameParity::Even,
            Parity::Odd => FrameParity::Odd,
            Parity::None => FrameParity::None,
        };
        let opened = serial::open_for_frames(&self.port, self.baud, parity).await;
        let mut stream = opened.map_err(|error| Miss::Unanswered(error.to_string()))?;
        throw_away(&mut stream, silence).await?;
        Ok(rtu::attach(stream))
    }

    /// The silence that parts two frames at this speed.
    fn parting(&self) -> Duration {
        let micros = (BITS * PARTING * 100_000).checked_div(u64::from(self.baud));
        Duration::from_micros(micros.unwrap_or_default()).max(LEAST_PARTING)
    }
}

/// For so long may an answer come that was not there in time.
fn silence(patience: Duration) -> Duration {
    patience.saturating_mul(2)
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

/// The serial lines of a site on which Modbus boards hang, each by its port.
#[derive(Clone, Debug, Default)]
pub struct SerialLines(BTreeMap<PathBuf, Arc<SerialLine>>);

impl SerialLines {
    /// Those of these devices.
    pub fn of<'d>(devices: impl IntoIterator<Item = &'d ContactsSettings>) -> Self {
        let mut lines: BTreeMap<PathBuf, SerialLine> = BTreeMap::new();
        for device in devices {
            let ContactDevice::Modbus(board) = &device.device else { continue };
            let Bus::Rtu { port, .. } = &board.bus else { continue };
            let line = match lines.remove(port) {
                Some(line) => Some(line.with(board)),
                None => SerialLine::of(board),
            };
            lines.extend(line.map(|line| (port.clone(), line)));
        }
        Self(lines.into_iter().map(|(port, line)| (port, Arc::new(line))).collect())
    }

    /// The line on which this device hangs, if it hangs on one.
    pub(in crate::adapters::contacts) fn line(
        &self,
        device: &ContactDevice,
    ) -> Option<Arc<SerialLine>> {
        let ContactDevice::Modbus(board) = device else { return None };
        let Bus::Rtu { port, .. } = &board.bus else { return None };
        self.0.get(port).map(Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(baud: u32, timeout: u64) -> ModbusSettings {
        ModbusSettings {
            bus: Bus::Rtu { port: PathBuf::from("/dev/ttyS1"), baud, parity: Parity::Even },
            unit: 1,
            poll: Duration::from_millis(500),
            timeout: Duration::from_millis(timeout),
            missed: 3,
        }
    }

    #[test]
    fn two_frames_are_parted_by_as_much_silence_as_the_standard_asks_for() {
        let parting = |baud| SerialLine::of(&board(baud, 100)).unwrap().parting();
        assert_eq!(parting(9_600), Duration::from_micros(4_010), "3.5 characters of 11 bits");
        assert_eq!(parting(19_200), Duration::from_micros(2_005));
        assert_eq!(parting(115_200), Duration::from_micros(1_750), "never less");
        assert_eq!(parting(0), Duration::from_micros(1_750));
    }

    #[test]
    fn at_the_start_the_line_is_listened_to_for_as_long_as_its_slowest_board_may_take() {
        let line = SerialLine::of(&board(9_600, 100)).unwrap().with(&board(9_600, 700));
        let line = line.with(&board(9_600, 300));
        assert_eq!(line.wire.into_inner().silence, Duration::from_millis(1_400));
    }
}
