//! A Modbus board: asked every so often for all its lines, over TCP or a serial line.
//!
//! It writes nothing to a board but the coils of outputs and what clears a latch, and that when it is told to. A link on which an answer did not come or was none is dropped: one that comes late
//! would pass for that of the next question. On a serial line, where answers bear no number, whatever still comes
//! is then waited for and thrown away before anything is asked again, whichever board is asked next.
//!
//! An answer that does not come is missed; after so many in a row the board is gone, since the last one that
//! came. What a board refuses for good (exceptions 1 to 3) is said at once, with what was asked.
//!
//! # Decision (2026-11-27): counters first, and what stands together is asked for together
//!
//! A counter or a latch is read before the level that it belongs to: what happens in between is then shown by the level and
//! counted at the next reading, which the codec expects. Addresses that follow each other are one question; addresses in between that no line
//! has are not asked for, because many boards refuse a question that touches one that they do not have.

#[cfg(test)]
mod boards;
mod clears;
mod link;
mod names;
mod plan;
mod shared;

use std::sync::Arc;

use super::device::{Device, Gone, LineNumber, OutputNumber, Sight, Unset, Wanted, Wired};
use crate::config::{ModbusSettings, ModbusTable, OutputAt, OutputSettings};
use crate::host::clock::Clock;
use crate::watch::time::Mono;
use clears::Write;
use link::{Link, Miss, Round, Said};
use plan::{Ask, Plan};
pub(super) use shared::SerialLine;
pub use shared::SerialLines;

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
    /// A board with these lines, on this serial line if it hangs on one; it is reached when it is looked at.
    pub(super) fn new(
        settings: ModbusSettings,
        lines: &[Wired],
        outputs: &[OutputSettings],
        on: Option<Arc<SerialLine>>,
        clock: Clock,
    ) -> Self {
        let now = clock.now().mono;
        let link = Link::new(&settings, on);
        let coil = |output: &OutputSettings| match output.at {
            OutputAt::Coil(address) => Some(address),
            OutputAt::Gpio(_) | OutputAt::Driven(_) => None,
        };
        let (plan, coils) = (Plan::of(lines), outputs.iter().map(coil).collect());
        Self { plan, coils, link, settings, clock, next: now, missed: 0, seen: now }
    }

    /// Asks for everything once.
    async fn ask(&mut self) -> Result<Vec<Sight>, Gone> {
        let said = self.link.say(Round { writes: &[], asks: &self.plan.asks }).await;
        let now = self.clock.now().mono;
        // From the end of the answer: a slow board is not asked all the time.
        self.next = now.after(self.settings.poll);
        match said {
            Ok(Said { answers, missed: None, .. }) => {
                (self.missed, self.seen) = (0, now);
                Ok(vec![Sight::Read(self.plan.shown(&answers))])
            }
            // Of the lines that it has answered for, it is known how they stand.
            Ok(Said { answers, missed: Some(miss), .. }) => {
                let part = Sight::Part(self.plan.shown(&answers));
                Ok(vec![part, self.miss(miss)?])
            }
            Err(miss) => Ok(vec![self.miss(miss)?]),
        }
    }

    /// Sets a coil; whether it is so then, as far as the board lets it be read. An echo proves that the board has understood:
    /// a program in it, or a switch on its front, may hold the coil.
    async fn put(&mut self, address: u16, on: bool) -> Result<bool, Unset> {
        let writes = [Write::Coil { address, on }];
        let said = self.link.say(Round { writes: &writes, asks: &[] }).await;
        let refused = said.map_err(unset)?.refused.into_iter().flatten().next();
        if let Some(reason) = refused {
            return Err(Unset::Refused(reason));
        }
        let asks = [Ask { table: ModbusTable::Coil, start: address, count: 1 }];
        match self.link.say(Round { writes: &[], asks: &asks }).await {
            Ok(said) => Ok(said.answers.at(ModbusTable::Coil, address) == Some(u16::from(on))),
            // There are boards whose coils are written and never read.
            Err(Miss::Refused(_)) => Ok(true),
            Err(miss @ (Miss::NotNow(_) | Miss::Unanswered(_))) => Err(unset(miss)),
        }
    }

    /// An answer did not come.
    fn miss(&mut self, miss: Miss) -> Result<Sight, Gone> {
        let reason = match miss {
            Miss::Refused(reason) => return Err(Gone { reason, since: Some(self.seen) }),
            Miss::NotNow(reason) | Miss::Unanswered(reason) => reason,
        };
        self.missed = self.missed.saturating_add(1);
        if self.link.has_given_up() {
            let reason = format!("the board still does not answer: {reason}");
            return Err(Gone { reason, since: Some(self.seen) });
        }
        if self.missed >= self.settings.missed {
            self.link.give_up();
            let times = self.missed;
            let s = if times == 1 { "" } else { "s" };
            let reason = format!("the board did not answer {times} time{s}: {reason}");
            return Err(Gone { reason, since: Some(self.seen) });
        }
        Ok(Sight::Missed(reason))
    }
}

fn unset(miss: Miss) -> Unset {
    match miss {
        Miss::Refused(reason) => Unset::Refused(reason),
        Miss::NotNow(reason) | Miss::Unanswered(reason) => Unset::Unanswered(reason),
    }
}

impl Device for Board {
    async fn look(&mut self, due: Option<Mono>, wanted: &mut Wanted) -> Result<Vec<Sight>, Gone> {
        let wake = due.map_or(self.next, |due| due.min(self.next));
        // However much is due meanwhile: when it is time to read, it is read.
        if !wanted.rest(self.clock, wake).await || self.clock.now().mono < self.next {
            return Ok(Vec::new());
        }
        self.ask().await
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        self.ask().await
    }

    async fn set(&mut self, output: OutputNumber, bit: bool) -> Result<(), Unset> {
        let Some(coil) = self.coils.get(output).copied().flatten() else {
            return Err(Unset::Refused("a board has no such coil".to_owned()));
        };
        // Somebody's hand may be on it between the two questions: a coil that is held stays so.
        if self.put(coil, bit).await? || self.put(coil, bit).await? {
            return Ok(());
        }
        let (set, shows) = (u16::from(bit), u16::from(!bit));
        Err(Unset::Refused(format!(
            "coil {coil} (counted from 0) shows {shows} after it was set to {set}: does something else hold it?"
        )))
    }

    async fn clear(&mut self, lines: &[LineNumber]) -> Result<Vec<Sight>, Gone> {
        let clears = self.plan.clears(lines);
        match self.link.say(Round { writes: &clears.writes, asks: &clears.asks }).await {
            Ok(Said { missed: Some(miss), .. }) => Ok(vec![self.miss(miss)?]),
            Ok(said) => {
                (self.missed, self.seen) = (0, self.clock.now().mono);
                Ok(vec![Sight::Cleared(clears.seen(&said.refused, &said.answers))])
            }
            Err(miss) => Ok(vec![self.miss(miss)?]),
        }
    }
}
