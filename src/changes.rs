//! Changes: which alarms are no longer as they were, for whoever shows their state outside the house.
//!
//! It carries numbers and nothing else; what an alarm is now is asked of the watch, by the [`inbox`](crate::inbox). The sequencer
//! tells of a change when what was decided is on disk, or kept in the memory of distress (behaviour §5). It never waits for those
//! who follow: one who does not keep up is told to look at everything, so that he misses no state, only what came in between.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::watch::alarm::AlarmNumber;

/// So many rounds of the sequencer are remembered for one who is busy.
const ROUNDS: usize = 64;
/// With so many changed alarms it is no dearer to look at everything.
const MOST: usize = 16_384;

/// What is no longer as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// These alarms, each once.
    Alarms(BTreeSet<AlarmNumber>),
    /// Nobody knows which: it is the first look, or too much has changed since the last.
    Everything,
}

/// The sequencer's end; a copy is as good as the original.
#[derive(Clone, Debug)]
pub struct Changes(broadcast::Sender<Arc<[AlarmNumber]>>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::Sender::new(ROUNDS))
    }
}

impl Changes {
    /// These alarms are no longer as they were.
    pub fn tell(&self, alarms: &[AlarmNumber]) {
        if !alarms.is_empty() {
            // Where nobody follows there is nobody to miss it.
            let _ = self.0.send(Arc::from(alarms));
        }
    }

    /// Follows from now on.
    pub fn follow(&self) -> Follower {
        Follower { rounds: self.0.subscribe(), is_first: true }
    }
}

/// The end of one who shows the state of alarms.
#[derive(Debug)]
pub struct Follower {
    rounds: broadcast::Receiver<Arc<[AlarmNumber]>>,
    is_first: bool,
}

impl Follower {
    /// Waits until something is no longer as it was, and gives all that has changed since the last time; at once, and
    /// everything, the first time. `None` when the house is closing. May be dropped and asked again.
    pub async fn next(&mut self) -> Option<Changed> {
        if std::mem::take(&mut self.is_first) {
            return Some(self.everything());
        }
        let mut changed = match self.rounds.recv().await {
            Ok(alarms) => BTreeSet::from_iter(alarms.iter().copied()),
            Err(RecvError::Lagged(_)) => return Some(self.everything()),
            Err(RecvError::Closed) => return None,
        };
        loop {
            match self.rounds.try_recv() {
                Ok(_) if changed.len() > MOST => return Some(self.everything()),
                Ok(alarms) => changed.extend(alarms.iter()),
                Err(TryRecvError::Lagged(_)) => return Some(self.everything()),
                Err(TryRecvError::Empty | TryRecvError::Closed) => {
                    return Some(Changed::Alarms(changed));
                }
            }
        }
    }

    /// What was not looked at yet is part of everything.
    fn everything(&mut self) -> Changed {
        self.rounds = self.rounds.resubscribe();
        Changed::Everything
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(numbers: &[u64]) -> Vec<AlarmNumber> {
        numbers.iter().copied().map(AlarmNumber).collect()
    }

    #[tokio::test]
    async fn the_first_look_is_at_everything_and_each_changed_alarm_is_told_once() {
        let changes = Changes::default();
        changes.tell(&alarms(&[1]));
        let mut follower = changes.follow();
        changes.tell(&alarms(&[2]));
        assert_eq!(follower.next().await, Some(Changed::Everything));
        changes.tell(&alarms(&[3, 4]));
        changes.tell(&[]);
        changes.tell(&alarms(&[4, 5]));
        let told = BTreeSet::from_iter(alarms(&[3, 4, 5]));
        assert_eq!(follower.next().await, Some(Changed::Alarms(told)));
        drop(changes);
        assert_eq!(follower.next().await, None);
    }

    #[tokio::test]
    async fn one_who_does_not_keep_up_looks_at_everything_and_holds_up_nobody() {
        let changes = Changes::default();
        let mut follower = changes.follow();
        assert_eq!(follower.next().await, Some(Changed::Everything));
        for number in 0..=64 {
            changes.tell(&alarms(&[number]));
        }
        assert_eq!(follower.next().await, Some(Changed::Everything));
        changes.tell(&alarms(&[7]));
        let told = BTreeSet::from_iter(alarms(&[7]));
        assert_eq!(follower.next().await, Some(Changed::Alarms(told)));
    }
}
