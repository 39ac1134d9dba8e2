//! A contact, whatever its wiring: what all of them have in common.
//!
//! How levels come in depends on the wiring, and stands with it: [`Single`](crate::Single), [`Pair`](crate::Pair), [`Loop`](crate::Loop).

use crate::point::Point;
use crate::sequence::Gap;
use crate::{Became, Instant, Report, State};

/// One contact of a device, with its wiring `W`.
#[derive(Debug, Clone)]
pub struct Contact<W> {
    /// Which lines it has, and what their levels mean.
    pub(crate) wiring: W,
    /// What is seen of it, and what counts.
    pub(crate) point: Point,
    /// Edges were lost, and no level has been read since.
    pub(crate) stale: bool,
}

impl<W> Contact<W> {
    /// A contact of which nothing is known yet.
    pub(crate) fn wired(wiring: W, point: Point) -> Self {
        Self { wiring, point, stale: false }
    }

    /// The state that counts; `None` before the first, and while the device is lost.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        self.point.state()
    }

    /// Whether it chatters, also while the device is lost: in doubt, it is an alarm.
    #[must_use]
    pub fn is_chattering(&self) -> bool {
        self.point.is_chattering()
    }

    /// What became of its edges so far.
    #[must_use]
    pub fn became(&self) -> Became {
        self.point.became()
    }

    /// When [`Self::pass`] must be called next. A wait for another reading has no end.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        self.point.due()
    }

    /// Time has passed; to be called when [due](Self::due), and harmless at any other moment.
    ///
    /// Only up to what the owner has seen, and after the edges that wait: a level counts as holding until it is seen to end, and
    /// what was told stays told.
    pub fn pass(&mut self, now: Instant) -> Vec<Report> {
        self.point.pass(now)
    }

    /// Edges were lost: the owner is to read the level now.
    #[must_use]
    pub fn wants_reading(&self) -> bool {
        self.stale
    }

    /// Edges were lost, where `gap` says so: told with how many, and a level is wanted. Nothing where none is.
    pub(crate) fn missed(&mut self, gap: Option<Gap>, at: Instant) -> Vec<Report> {
        let Some(gap) = gap else {
            return Vec::new();
        };
        self.stale = true;
        self.point.edges_lost(gap.edges, at)
    }
}
