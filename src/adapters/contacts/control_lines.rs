//! The control lines of a serial port as a device of contacts: read every few milliseconds, with the kernel's
//! count of their movements where the port has one.
//!
//! A movement that is shorter than the time between two readings is seen by that count alone: USB ports of FTDI
//! and Prolific have it; the count of an 8250 stands still while nobody waits for its interrupts, and then only
//! what lasts is seen. A port that hangs is given up after ten seconds, and its handle stays with the thread that hangs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::device::{Device, Gone, OutputNumber, Shown, Sight, Unset, Wanted, Wired};
use crate::config::{ControlLine, DrivenLine, LineAt, OutputAt, OutputSettings};
use crate::host::aside::{Late, aside_at};
use crate::host::clock::Clock;
use crate::host::control_lines::{Control, ControlError, ControlLines, Controls, Driven};
use crate::watch::time::Mono;

/// How often a port is read of which only outputs are used.
const READ_EVERY: Duration = Duration::from_secs(2);

/// What is asked of a port; each may keep the thread waiting.
pub(super) trait Lines: Send + 'static {
    /// Reads all lines; an error is a port that is gone, or has none.
    fn read(&self) -> Result<Controls, ControlError>;
    /// Drives a line, and says how it is driven then; an error is a port that is gone, or cannot.
    fn drive(&self, line: Driven, on: bool) -> Result<bool, ControlError>;
}

impl Lines for ControlLines {
    fn read(&self) -> Result<Controls, ControlError> {
        self.read()
    }

    fn drive(&self, line: Driven, on: bool) -> Result<bool, ControlError> {
        self.drive(line, on)
    }
}

/// An open port.
#[derive(Debug)]
pub(super) struct Port<L: Lines = ControlLines> {
    path: PathBuf,
    /// While a thread of its own has it, why nothing else is asked of it.
    lines: Result<L, String>,
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
        let real = aside_at(port, move || std::fs::canonicalize(&named)).await;
        let real = real.map_err(|late| hangs(port, &late))?;
        if has_cts && real.is_ok_and(|path| path.to_string_lossy().contains("ttyACM")) {
            let reason = "a port of the kind ttyACM shows CTS as closed whatever is wired to it: wire the contact to \"dsr\" or \"dcd\"";
            return Err(Gone::now(reason));
        }
        let opened = ControlLines::open(port).await;
        let open = opened.map_err(|error| Gone::now(error.to_string()))?;
        Ok(Self::with(port, open, poll, lines, outputs, clock))
    }
}

impl<L: Lines> Port<L> {
    fn with(
        port: &Path,
        open: L,
        poll: Duration,
        lines: &[Wired],
        outputs: &[OutputSettings],
        clock: Clock,
    ) -> Self {
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
        Self { path: port.to_owned(), lines: Ok(open), wired, outputs, poll, next, clock }
    }

    /// Asks something of the port, by a thread of its own.
    async fn ask<T: Send + 'static>(
        &mut self,
        what: impl FnOnce(&L) -> Result<T, ControlError> + Send + 'static,
    ) -> Result<Result<T, ControlError>, Gone> {
        let left = "the port was left while something was asked of it".to_owned();
        let lines = match std::mem::replace(&mut self.lines, Err(left)) {
            Ok(lines) => lines,
            Err(reason) => {
                self.lines = Err(reason.clone());
                return Err(Gone::now(reason));
            }
        };
        let asked = aside_at(&self.path, move || {
            let said = what(&lines);
            (lines, said)
        });
        match asked.await {
            Ok((lines, said)) => {
                self.lines = Ok(lines);
                Ok(said)
            }
            Err(late) => {
                let gone = hangs(&self.path, &late);
                self.lines = Err(gone.reason.clone());
                Err(gone)
            }
        }
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

fn hangs(port: &Path, late: &Late) -> Gone {
    Gone::now(format!("{}: {late}", port.display()))
}

fn shown(Control { is_on: bit, moves }: Control) -> Shown {
    moves.map_or(Shown::Bit(bit), |count| Shown::Counted { bit, count })
}

impl<L: Lines> Device for Port<L> {
    async fn look(&mut self, due: Option<Mono>, wanted: &mut Wanted) -> Result<Vec<Sight>, Gone> {
        let wake = due.map_or(self.next, |due| due.min(self.next));
        if !wanted.rest(self.clock, wake).await || self.clock.now().mono < self.next {
            return Ok(Vec::new());
        }
        self.read().await
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        let controls = self.ask(L::read).await?;
        self.next = self.clock.now().mono.after(self.poll);
        let controls = controls.map_err(|error| Gone::now(error.to_string()))?;
        Ok(vec![Sight::Read(self.shown(&controls))])
    }

    async fn set(&mut self, output: OutputNumber, bit: bool) -> Result<(), Unset> {
        let Some(line) = self.outputs.get(output).copied().flatten() else {
            return Err(Unset::Refused("a port has no such line".to_owned()));
        };
        let driven = self.ask(move |lines| lines.drive(line, bit)).await;
        let driven = driven.map_err(|gone| Unset::Unanswered(gone.reason))?;
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

#[cfg(test)]
mod tests;
