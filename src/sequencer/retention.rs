//! The beginning of the record is let go when it is older than the files want it kept (`[store] keep`): once a day, a little at a time,
//! between the commits.
//!
//! What is deleted is gone, so nothing is by a clock that may be wrong: only while the kernel says that it is synchronised.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::flight::{DiskError, answered};
use super::{Round, Sequencer};
use crate::host::machine::Machine;
use crate::watch::event::{Happening, Pruned};
use crate::watch::time::{ClockQuality, Moment, Mono, Utc};

/// So long after a start it is looked for the first time, and how often it is then.
const AT_FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(24 * 3_600);
/// The next little goes after so long.
const PAUSE: Duration = Duration::from_secs(1);

/// When something is let go next.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Pruning {
    /// The daemon has not begun.
    #[default]
    Asleep,
    /// The next day begins at that time.
    Rests(Mono),
    /// There was more, and it goes on at that time.
    GoesOn(Mono),
}

impl Pruning {
    /// From a start on.
    pub(super) fn begins(now: Moment) -> Self {
        Self::Rests(now.mono.after(AT_FIRST))
    }

    /// When it goes on; `None`: nothing is to be let go.
    pub(super) fn due(self) -> Option<Mono> {
        match self {
            Self::Asleep => None,
            Self::Rests(due) | Self::GoesOn(due) => Some(due),
        }
    }
}

impl<M: Machine> Sequencer<M> {
    /// Lets go of a little, if it is time to.
    pub(super) async fn prune_if_due(&mut self) {
        let now = self.machine.now();
        if self.pruning.due().is_none_or(|due| due > now.mono) {
            return;
        }
        let is_first = matches!(self.pruning, Pruning::Rests(_));
        self.pruning = Pruning::Rests(now.mono.after(EVERY));
        let Some(keep) = self.watch.site().keep else { return };
        if now.quality == ClockQuality::Unsynchronised {
            if is_first {
                warn!("nothing of the record is let go while the clock is not synchronised");
            }
            return;
        }
        // A start must need nothing of what goes. In distress nothing is written.
        if is_first {
            self.snapshot().await;
        }
        self.land().await;
        if !self.unwritten.is_empty() {
            return;
        }
        match self.prune(now.utc.before(keep), now).await {
            Ok(true) => self.pruning = Pruning::GoesOn(now.mono.after(PAUSE)),
            Ok(false) => {}
            Err(error) => {
                warn!(%error, "nothing more of the record is let go today");
                self.tell_if_it_hangs(&error).await;
            }
        }
    }

    /// Says in the record what goes, and lets go of it; whether there may be more.
    async fn prune(&mut self, before: Utc, now: Moment) -> Result<bool, DiskError> {
        let stale = answered(&self.machine, self.journal.stale(before)).await?;
        if let Some(through) = stale {
            let hash = Arc::from(through.hash.to_string());
            let mut round = Round::default();
            let said = Happening::Pruned(Pruned { through: through.seq, hash, before });
            self.decide(said, now, &mut round);
            self.conclude(round).await;
            self.land().await;
            if !self.unwritten.is_empty() {
                return Ok(false);
            }
        }
        let more_rows = answered(&self.machine, self.journal.prune(stale, before)).await?;
        if let Some(through) = stale {
            info!(through = through.seq, %before, "the beginning of the record was let go");
        }
        Ok(stale.is_some() || more_rows)
    }
}
