//! A Modbus board: asked every so often for all its lines, over TCP or a serial line.
//!
//! It writes nothing but the coils of outputs, between two readings. A link on which anything went wrong is dropped, whatever it was: an answer that
//! comes late would pass for that of the next question. On a serial line, where answers bear no number, whatever
//! still comes is then waited for and thrown away before anything is asked again.
//!
//! An answer that does not come is missed; after so many in a row the board is gone, since the last one that
//! came. What a board refuses for good (exceptions 1 to 4) is said at once, with what was asked.
//!
//! # Decision (2026-11-27): counters first, and what stands together is asked for together
//!
//! A counter is read before the level that it belongs to, since in the other order an alarm that begins in
//! between is told twice. Addresses that follow each other are one question; addresses in between that no line
//! has are not asked for, because many boards refuse a question that touches one that they do not have.

mod link;
mod plan;

use super::device::{Device, Gone, OutputNumber, Sight, Unset, Wanted, Wired};
use crate::config::{ModbusSettings, OutputAt, OutputSettings};
use crate::host::clock::Clock;
use crate::watch::time::Mono;
use link::{Link, Miss};
use plan::Plan;

/// A board, and the link to it while there is one.
#[derive(Debug)]
pub(super) struct Board {
    settings: ModbusSettings,
    plan: Plan,
    /// The coil of each output.
    coils: Vec<Option<u16>>,
    link: Link,
    clock: Clock,
    next: Mono,
    /// So many answers in a row did not come.
    missed: u32,
    /// When it was seen last; when it was born if never.
    seen: Mono,
}

impl Board {
    /// A board with these lines; it is reached when it is looked at.
    pub(super) fn new(
        settings: ModbusSettings,
        lines: &[Wired],
        outputs: &[OutputSettings],
        clock: Clock,
    ) -> Self {
        let now = clock.now().mono;
        let coil = |output: &OutputSettings| match output.at {
            OutputAt::Coil(address) => Some(address),
            OutputAt::Gpio(_) | OutputAt::Driven(_) => None,
        };
        let (plan, coils) = (Plan::of(lines), outputs.iter().map(coil).collect());
        let link = Link::new(&settings);
        Self { plan, coils, link, settings, clock, next: now, missed: 0, seen: now }
    }

    /// Asks for everything once.
    async fn ask(&mut self) -> Result<Sight, Gone> {
        let asked = self.link.ask(&self.plan).await;
        let now = self.clock.now().mono;
        // From the end of the answer: a slow board is not asked all the time.
        self.next = now.after(self.settings.poll);
        let reason = match asked {
            Ok(answers) => {
                (self.missed, self.seen) = (0, now);
                return Ok(Sight::Read(self.plan.shown(&answers)));
            }
            Err(Miss::Refused(reason)) => {
                self.link.cut();
                return Err(Gone { reason, since: Some(self.seen) });
            }
            Err(Miss::Unanswered(reason)) => reason,
        };
        self.link.cut();
        self.missed = self.missed.saturating_add(1);
        if self.missed >= self.settings.missed {
            let times = self.missed;
            let s = if times == 1 { "" } else { "s" };
            let reason = format!("the board did not answer {times} time{s}: {reason}");
            return Err(Gone { reason, since: Some(self.seen) });
        }
        Ok(Sight::Missed(reason))
    }
}

impl Device for Board {
    async fn look(&mut self, due: Option<Mono>, wanted: &mut Wanted) -> Result<Vec<Sight>, Gone> {
        let wake = due.map_or(self.next, |due| due.min(self.next));
        // However much is due meanwhile: when it is time to read, it is read.
        if !wanted.rest(self.clock, wake).await || self.clock.now().mono < self.next {
            return Ok(Vec::new());
        }
        Ok(vec![self.ask().await?])
    }

    async fn set(&mut self, output: OutputNumber, bit: bool) -> Result<(), Unset> {
        let Some(coil) = self.coils.get(output).copied().flatten() else {
            return Err(Unset::Refused("a board has no such coil".to_owned()));
        };
        let set = self.link.write(coil, bit).await;
        set.map_err(|miss| match miss {
            Miss::Refused(reason) => Unset::Refused(reason),
            Miss::Unanswered(reason) => {
                self.link.cut();
                Unset::Unanswered(reason)
            }
        })
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        Ok(vec![self.ask().await?])
    }
}
