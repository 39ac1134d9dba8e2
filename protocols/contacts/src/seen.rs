//! What is seen of a contact, and for how long it must be seen before it counts.
//!
//! It keeps no state that counts; that is the business of [`Point`](crate::point::Point).

use crate::state::Position;
use crate::{Instant, Rules};
use std::time::Duration;

/// How long a position must hold before it counts, the first one like any other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    debounce: Duration,
    alarm: Duration,
    fault: Duration,
}

impl Waits {
    /// The waits that rules say; a fault waits as long as the normal position.
    pub(crate) fn of(rules: &Rules) -> Self {
        Self {
            debounce: rules.debounce,
            alarm: rules.minimum_pulse.unwrap_or(rules.debounce),
            fault: rules.debounce,
        }
    }

    /// A fault is one only after this time.
    pub(crate) fn with_discrepancy(self, discrepancy: Duration) -> Self {
        Self { fault: discrepancy, ..self }
    }

    /// For how long this position must hold before it counts.
    pub(crate) fn before(&self, position: Position) -> Duration {
        match position {
            Position::Normal => self.debounce,
            Position::Alarm => self.alarm,
            Position::Fault(_) => self.fault,
        }
    }

    /// What holds for so long does not buzz, whether or not it comes to count.
    fn steady(&self, position: Position) -> Duration {
        self.before(position).min(self.debounce)
    }
}

/// How a position came to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// It was read: the same as before means that it held.
    Reading,
    /// It was reached by an edge: the same as before means that it was left in between.
    Edge,
}

/// When a position that is seen has been seen enough.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eye {
    /// For how long each position must hold.
    pub(crate) waits: Waits,
    /// So many readings in a row must show it.
    agreeing: u8,
    /// Nobody tells of what happens between two readings: a wait ends with a reading.
    polled: bool,
}

/// The position seen last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// The position itself.
    pub(crate) position: Position,
    /// Since when its wait runs.
    pub(crate) since: Instant,
    /// It cannot have begun before: its edge may be handed in after a reading that shows it.
    pub(crate) earliest: Instant,
    readings: u8,
    /// When it was seen last.
    latest: Instant,
    /// When it was seen enough, but for the time that passes without readings; until then it waits for more of them.
    agreed: Option<Instant>,
}

impl Seen {
    /// It began then, and not when it was said to.
    pub(crate) fn beginning(self, at: Instant) -> Self {
        let agreed = self.agreed.map(|agreed| agreed.min(at));
        Self { since: at, earliest: at, agreed, ..self }
    }

    /// It shows itself otherwise, and has lasted all the same.
    pub(crate) fn showing(self, position: Position) -> Self {
        Self { position, ..self }
    }
}

impl Eye {
    /// With these waits, and with the readings and the polling that the rules say.
    pub(crate) fn of(waits: Waits, rules: &Rules) -> Self {
        Self { waits, agreeing: rules.agreeing, polled: rules.polled }
    }

    /// Whether a wait ends with a reading alone.
    pub(crate) fn is_polled(&self) -> bool {
        self.polled
    }

    /// Another position. One that is read may have begun after the movement before.
    pub(crate) fn anew(
        &self,
        position: Position,
        at: Instant,
        earliest: Instant,
        is_first: bool,
    ) -> Seen {
        let seen = Seen { position, since: at, earliest, readings: 0, latest: at, agreed: None };
        self.again(seen, at, is_first)
    }

    /// The same position, seen once more. No single reading of a polled device gives the first state.
    pub(crate) fn again(&self, seen: Seen, at: Instant, is_first: bool) -> Seen {
        let needed = if self.polled && is_first { self.agreeing.max(2) } else { self.agreeing };
        let readings = seen.readings.saturating_add(1);
        let held = at.saturating_sub(seen.since) >= self.waits.before(seen.position);
        let agrees = readings >= needed && (held || !self.polled);
        let agreed = seen.agreed.or_else(|| agrees.then_some(at));
        Seen { readings, agreed, latest: at, ..seen }
    }

    /// It was left and reached again at this time, which only a counter saw or nobody.
    pub(crate) fn restart(&self, seen: Seen, at: Instant) -> Seen {
        let seen = seen.beginning(at);
        if self.polled { Seen { readings: 0, agreed: None, ..seen } } else { seen }
    }

    /// When it has held for long enough; not before enough readings agree.
    pub(crate) fn rested(&self, seen: Seen) -> Option<Instant> {
        let held = seen.since.saturating_add(self.waits.before(seen.position));
        seen.agreed.map(|agreed| if self.polled { agreed } else { agreed.max(held) })
    }

    /// Whether it held for so long until it was left that it did not buzz.
    pub(crate) fn is_steady(&self, seen: Seen, left: Instant) -> bool {
        let until = if self.polled { seen.latest } else { left };
        let held = until.saturating_sub(seen.since);
        seen.readings >= self.agreeing && held >= self.waits.steady(seen.position)
    }
}
