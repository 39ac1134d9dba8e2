//! What is still to be said, and in which order: what has changed comes before what only has to be said once more, and each is said
//! once, however often it changes meanwhile. An alarm that changes all the time keeps no other one waiting.

use std::collections::{HashSet, VecDeque};

use crate::watch::alarm::AlarmNumber;

/// The alarms whose state is still to be said.
#[derive(Debug, Default)]
pub(super) struct Unsaid {
    changed: Queue,
    /// At a new connection: all of them.
    again: Queue,
}

/// Each once, in the order in which they came.
#[derive(Debug, Default)]
struct Queue {
    order: VecDeque<AlarmNumber>,
    waiting: HashSet<AlarmNumber>,
}

impl Unsaid {
    /// These have changed.
    pub(super) fn changed(&mut self, alarms: impl IntoIterator<Item = AlarmNumber>) {
        alarms.into_iter().for_each(|alarm| self.changed.put(alarm));
    }

    /// These are said once more, in this order.
    pub(super) fn again(&mut self, alarms: impl IntoIterator<Item = AlarmNumber>) {
        alarms.into_iter().for_each(|alarm| self.again.put(alarm));
    }

    /// The one that is said next.
    pub(super) fn next(&mut self) -> Option<AlarmNumber> {
        self.changed.take().or_else(|| self.again.take())
    }
}

impl Queue {
    fn put(&mut self, alarm: AlarmNumber) {
        if self.waiting.insert(alarm) {
            self.order.push_back(alarm);
        }
    }

    fn take(&mut self) -> Option<AlarmNumber> {
        let alarm = self.order.pop_front()?;
        self.waiting.remove(&alarm);
        Some(alarm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_is_said_first_and_what_changes_all_the_time_keeps_none_waiting() {
        let mut unsaid = Unsaid::default();
        unsaid.again([1, 2, 3].map(AlarmNumber));
        unsaid.changed([8, 9, 8].map(AlarmNumber));
        assert_eq!(unsaid.next(), Some(AlarmNumber(8)));
        unsaid.changed([8, 2].map(AlarmNumber));
        let rest: Vec<u64> = std::iter::from_fn(|| unsaid.next()).map(|alarm| alarm.0).collect();
        assert_eq!(rest, [9, 8, 2, 1, 2, 3]);
    }
}
