//! The dry contacts of one device: from levels, edges and counted values to signals in the inbox; and its sirens, lamps and relays.
//!
//! It asks or listens to a GPIO chip, the control lines of a serial port or a Modbus board, lets the codec say
//! what that means, and tells each state once. It decides nothing about alarms, writes nothing to a device but its
//! outputs and what clears a latch, and opens no device but its own. What keeps a thread waiting is done aside.
//!
//! When things go wrong: a device that is gone or does not answer ends its life, with the names of the contacts
//! that nobody sees any more, and supervision gives it another; what the contacts were is remembered, so that
//! their true state is told when they are seen again. Edges that were lost, and changes for which there was no
//! room, are counted and recorded, never dropped in silence. When the house closes, what is in hand goes in.
//!
//! # Decision (2026-11-27): what a signal of a contact says
//!
//! What is found at the start tells how a contact *stands*, as does what is read after the device was gone where
//! it is as it was; a change is news. While a contact chatters, `alarm` is true and `chattering` with it: it is
//! not known to be in its normal position, and in doubt it is an alarm. Both ends of chattering are told, with the
//! true state at the end; what is in between is not. Edges that were lost are told beside the state that counts, as
//! something that stands, at most once a minute for each contact.
//!
//! # Decision (2026-11-27): a device that is lost tells no state
//!
//! Nobody knows how its contacts are, so no signal is made up for them: alarms that stand go on standing, and
//! `input-lost` calls, with their names. Rejected: an alarm for each contact, which for a board of sixteen that
//! loses its supply is sixteen calls for one cause.
//!
//! # Decision (2026-11-27): what a board refuses ends its life
//!
//! The exceptions 1 to 3 say that what is asked for does not exist: no number of repetitions changes that. The
//! whole input is then lost, with the address that was refused. The exception 4 is a failure of the board that may pass, as 5 and 6 are:
//! an answer that was missed. Rejected: to go on without that line, which then
//! would be watched by nobody while the input is shown as working.

mod buttons;
mod clearing;
mod control_lines;
mod device;
mod driving;
mod finding;
mod gpio;
mod modbus;
pub mod outputs;
mod panel;
mod points;
mod signal;
mod waiting;
mod watching;

use std::sync::{Arc, Mutex, PoisonError};

use crate::config::{Bus, ContactDevice, ContactsSettings};
use crate::health::{Ended, Pulse, Wire};
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox};
use crate::watch::own_alarms::SelfAlarm;
use control_lines::Port;
use device::{Gone, wired};
pub use finding::{NotFound, find, in_alarm};
use gpio::Chip;
pub use modbus::SerialLines;
use modbus::{Board, SerialLine};
use outputs::Ends;
use points::Points;
use watching::{House, watch};

/// What outlives a life of a device: what its contacts were when it ended (a counter goes on from there), and the
/// serial line that it shares with other boards.
#[derive(Debug, Default)]
pub struct Memory {
    /// A lock, because two lives that follow each other share it; it is never held while anything is waited for.
    points: Mutex<Option<Points>>,
    line: Option<Arc<SerialLine>>,
}

impl Memory {
    /// Of a device that hangs on one of these lines, or on none.
    pub fn on(lines: &SerialLines, device: &ContactDevice) -> Self {
        Self { line: lines.line(device), ..Self::default() }
    }

    /// What is remembered; it is then remembered no more, so that a life that panics leaves nothing half done.
    fn take(&self) -> Option<Points> {
        self.points.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn keep(&self, points: Points) {
        *self.points.lock().unwrap_or_else(PoisonError::into_inner) = Some(points);
    }
}

/// One life of a device: until it is lost or the house closes.
pub async fn run(
    settings: Arc<ContactsSettings>,
    inbox: Inbox,
    ends: Ends,
    pulse: Arc<Pulse>,
    memory: Arc<Memory>,
    clock: Clock,
    closing: Closing,
) -> Ended {
    panel::wire(&settings, &pulse, clock.now().utc);
    let mut points = memory.take().unwrap_or_else(|| Points::of(&settings));
    let house = House { settings: &settings, inbox, ends, pulse: &pulse, clock, closing };
    let lines = wired(&settings);
    let gone = match &settings.device {
        ContactDevice::Gpio(chip) => match Chip::open(chip, &lines, &settings.outputs, clock).await
        {
            Ok(chip) => Box::pin(watch(chip, &mut points, house)).await,
            Err(gone) => gone,
        },
        ContactDevice::Serial { port, poll } => {
            match Port::open(port, *poll, &lines, &settings.outputs, clock).await {
                Ok(port) => Box::pin(watch(port, &mut points, house)).await,
                Err(gone) => gone,
            }
        }
        ContactDevice::Modbus(board) => {
            let (line, outputs) = (memory.line.clone(), &settings.outputs);
            let board = Board::new(board.clone(), &lines, outputs, line, clock);
            Box::pin(watch(board, &mut points, house)).await
        }
    };
    let reason = blind(&gone, &points, &settings);
    memory.keep(points);
    let now = clock.now().utc;
    pulse.wire(Wire::Down(reason.clone()), now);
    pulse.contacts(|contacts| contacts.lost(&gone.reason, now));
    Ended { alarm: SelfAlarm::InputLost, reason }
}

/// Why, whom nobody sees now, and what nobody sets.
fn blind(gone: &Gone, points: &Points, settings: &ContactsSettings) -> String {
    let outputs = settings.outputs.iter().map(|output| output.name.as_str());
    let not_seen = first_of("not seen", points.names(), points.len());
    let not_set = first_of("not set", outputs, settings.outputs.len());
    // The names come first: a text message is cut at its end.
    format!("{not_seen}{not_set}{gone}")
}

/// The first few of these names, and how many more there are; nothing of none.
fn first_of<'n>(what: &str, names: impl Iterator<Item = &'n str>, many: usize) -> String {
    const NAMED: usize = 8;
    let names: Vec<&str> = names.take(NAMED).collect();
    if names.is_empty() {
        return String::new();
    }
    let others = many.saturating_sub(names.len());
    let others = if others == 0 { String::new() } else { format!(" and {others} more") };
    format!("{what}: {}{others}; ", names.join(", "))
}

/// The device as people know it: for `vigie status`, and the source of its signals.
pub fn called(device: &ContactDevice) -> String {
    match device {
        ContactDevice::Gpio(path) | ContactDevice::Serial { port: path, .. } => {
            path.display().to_string()
        }
        ContactDevice::Modbus(board) => match &board.bus {
            Bus::Tcp(address) => format!("tcp://{address} unit {}", board.unit),
            Bus::Rtu { port, .. } => format!("rtu://{} unit {}", port.display(), board.unit),
        },
    }
}

#[cfg(test)]
mod tests;
