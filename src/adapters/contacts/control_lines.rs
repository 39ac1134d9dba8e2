//! The control lines of a serial port as a device of contacts: read every few milliseconds, with the kernel's
//! count of their movements where the port has one.
//!
//! A movement that is shorter than the time between two readings is seen by that count alone: USB ports of FTDI
//! and Prolific have it; the count of an 8250 stands still while nobody waits for its interrupts, and then only
//! what lasts is seen.

use std::path::Path;
use std::time::Duration;

use super::device::{Device, Gone, OutputNumber, Shown, Sight, Unset, Wanted, Wired};
use crate::config::{ControlLine, DrivenLine, LineAt, OutputAt, OutputSettings};
use crate::host::aside::aside;
use crate::host::clock::Clock;
use crate::host::control_lines::{Control, ControlError, ControlLines, Controls, Driven};
use crate::watch::time::Mono;

/// How often a port is read of which only outputs are used.
const READ_EVERY: Duration = Duration::from_secs(2);

/// An open port.
#[derive(Debug)]
pub(super) struct Port {
    /// `None` while a thread of its own reads it.
    lines: Option<ControlLines>,
    wired: Vec<Option<ControlLine>>,
    outputs: Vec<Option<Driven>>,
    poll: Duration,
    next: Mono,
    clock: Clock,
}

impl Port {
    /// Opens a port with these lines.
    pub(super) async fn open(
        port: &Path,
        poll: Duration,
        lines: &[Wired],
        outputs: &[OutputSettings],
        clock: Clock,
    ) -> Result<Self, Gone> {
        let has_cts = lines.iter().any(|line| line.line.at == LineAt::Control(ControlLine::Cts));
        let named = port.to_owned();
        let real = aside(move || std::fs::canonicalize(&named)).await.and_then(|path| path);
        if has_cts && real.is_ok_and(|path| path.to_string_lossy().contains("ttyACM")) {
            let reason = "a port of the kind ttyACM shows CTS as closed whatever is wired to it: wire the contact to \"dsr\" or \"dcd\"";
            return Err(Gone::now(reason));
        }
        let opened = ControlLines::open(port).await;
        let open = opened.map_err(|error| Gone::now(error.to_string()))?;
        let wired = lines.iter().map(|line| match line.line.at {
            LineAt::Control(line) => Some(line),
            LineAt::Gpio { .. } | LineAt::Modbus { .. } => None,
        });
        let outputs = outputs.iter().map(|output| match output.at {
            OutputAt::Driven(DrivenLine::Dtr) => Some(Driven::Dtr),
            OutputAt::Driven(DrivenLine::Rts) => Some(Driven::Rts),
            OutputAt::Gpio(_) | OutputAt::Coil(_) => None,
        });
        // A port without contacts is read to see that it is there.
        let poll = if lines.is_empty() { poll.max(READ_EVERY) } else { poll };
        let (wired, outputs, next) = (wired.collect(), outputs.collect(), clock.now().mono);
        Ok(Self { lines: Some(open), wired, outputs, poll, next, clock })
    }

    fn shown(&self, controls: &Controls) -> Vec<Shown> {
        let of = |line: &Option<ControlLine>| match line {
            Some(ControlLine::Cts) => shown(controls.cts),
            Some(ControlLine::Dsr) => shown(controls.dsr),
            Some(ControlLine::Dcd) => shown(controls.dcd),
            Some(ControlLine::Ri) => shown(controls.ri),
            None => Shown::Nothing,
        };
        self.wired.iter().map(of).collect()
    }
}

fn shown(Control { is_on: bit, moves }: Control) -> Shown {
    moves.map_or(Shown::Bit(bit), |count| Shown::Counted { bit, count })
}

impl Device for Port {
    async fn look(&mut self, due: Option<Mono>, wanted: &mut Wanted) -> Result<Vec<Sight>, Gone> {
        let wake = due.map_or(self.next, |due| due.min(self.next));
        if !wanted.rest(self.clock, wake).await || self.clock.now().mono < self.next {
            return Ok(Vec::new());
        }
        self.read().await
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        let Some(lines) = self.lines.take() else {
            return Err(Gone::now("the port was left while it was read"));
        };
        let work = move || {
            let controls = lines.read();
            (lines, controls)
        };
        let (lines, controls): (_, Result<Controls, ControlError>) =
            aside(work).await.map_err(|error| Gone::now(error.to_string()))?;
        self.lines = Some(lines);
        self.next = self.clock.now().mono.after(self.poll);
        let controls = controls.map_err(|error| Gone::now(error.to_string()))?;
        Ok(vec![Sight::Read(self.shown(&controls))])
    }

    async fn set(&mut self, output: OutputNumber, bit: bool) -> Result<(), Unset> {
        let left = || Unset::Unanswered("the port was left while it was read".to_owned());
        let (lines, line) = (self.lines.take().ok_or_else(left)?, self.outputs.get(output));
        let Some(line) = line.copied().flatten() else {
            self.lines = Some(lines);
            return Err(Unset::Refused("a port has no such line".to_owned()));
        };
        let work = move || {
            let driven = lines.drive(line, bit);
            (lines, driven)
        };
        let done = aside(work).await;
        let (lines, driven) = done.map_err(|error| Unset::Unanswered(error.to_string()))?;
        self.lines = Some(lines);
        match driven {
            Ok(is_on) if is_on == bit => Ok(()),
            Ok(_) => {
                Err(Unset::Refused("the port drives it the other way all the same".to_owned()))
            }
            Err(ControlError::HungUp) => Err(Unset::Unanswered(ControlError::HungUp.to_string())),
            Err(error @ (ControlError::None | ControlError::Broken(_))) => {
                Err(Unset::Refused(error.to_string()))
            }
        }
    }
}
