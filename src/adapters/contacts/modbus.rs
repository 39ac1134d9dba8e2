//! A Modbus board: asked every so often for all its lines, over TCP or a serial line.
//!
//! It writes nothing to a board but what clears a latch, and that when it is told to. A link on which an answer did not come or was none is dropped: one that comes late
//! would pass for that of the next question. On a serial line, where answers bear no number, whatever still comes
//! is then waited for and thrown away before anything is asked again, whichever board is asked next.
//!
//! An answer that does not come is missed; after so many in a row the board is gone, since the last one that
//! came. What a board refuses for good (exceptions 1 to 4) is said at once, with what was asked.
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
use std::time::Duration;

use super::device::{Device, Gone, LineNumber, Sight, Wired};
use crate::config::ModbusSettings;
use crate::host::clock::Clock;
use crate::watch::time::Mono;
use link::{Link, Miss, Round};
use plan::Plan;
pub(super) use shared::SerialLine;
pub use shared::SerialLines;

/// A board, and the link to it while there is one.
#[derive(Debug)]
pub(super) struct Board {
    settings: ModbusSettings,
    plan: Plan,
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
        on: Option<Arc<SerialLine>>,
        clock: Clock,
    ) -> Self {
        let now = clock.now().mono;
        let link = Link::new(&settings, on);
        Self { plan: Plan::of(lines), link, settings, clock, next: now, missed: 0, seen: now }
    }

    /// Asks for everything once.
    async fn ask(&mut self) -> Result<Sight, Gone> {
        let said = self.link.say(Round { writes: &[], asks: &self.plan.asks }).await;
        let now = self.clock.now().mono;
        // From the end of the answer: a slow board is not asked all the time.
        self.next = now.after(self.settings.poll);
        match said {
            Ok(said) => {
                (self.missed, self.seen) = (0, now);
                Ok(Sight::Read(self.plan.shown(&said.answers)))
            }
            Err(miss) => self.miss(miss),
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

async fn sleep(clock: Clock, until: Mono) {
    let wait: Duration = clock.until(until);
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
}

impl Device for Board {
    async fn look(&mut self, due: Option<Mono>) -> Result<Vec<Sight>, Gone> {
        if let Some(due) = due.filter(|due| *due < self.next) {
            sleep(self.clock, due).await;
            return Ok(Vec::new());
        }
        sleep(self.clock, self.next).await;
        Ok(vec![self.ask().await?])
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        Ok(vec![self.ask().await?])
    }

    async fn clear(&mut self, lines: &[LineNumber]) -> Result<Vec<Sight>, Gone> {
        let clears = self.plan.clears(lines);
        match self.link.say(Round { writes: &clears.writes, asks: &clears.asks }).await {
            Ok(said) => {
                (self.missed, self.seen) = (0, self.clock.now().mono);
                Ok(vec![Sight::Cleared(clears.seen(&said.refused, &said.answers))])
            }
            Err(miss) => Ok(vec![self.miss(miss)?]),
        }
    }
}
