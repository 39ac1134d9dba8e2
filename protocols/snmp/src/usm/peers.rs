//! The engines that have proven themselves, and how old their messages may be (RFC 3414 §2.2.2, §3.2 step 7 b).
//!
//! An engine is known only once a message of it was authenticated, so nobody without a key can fill the table; it is bounded all the same,
//! and forgets the engine that was not heard for longest. For what the record does not tell any more, the first message is believed. Of what the
//! record does tell, nothing from before it is.

use std::collections::BTreeMap;
use std::time::Duration;

use super::engine_id::EngineId;
use super::keys::Key;

/// A message may be so old, in seconds (RFC 3414 §2.2.3).
pub(super) const WINDOW: u32 = 150;
/// Boots that are stuck at their largest value (RFC 3414 §2.2.2): nothing is accepted from such an engine.
pub(super) const LATCHED: u32 = 2_147_483_647;
/// So many engines are known at most.
const MOST: usize = 8_192;
/// An engine's time is told again when it has gone on by so many seconds: a restart after a crash believes messages that old at most.
const TOLD_EVERY: u32 = 300;

/// What is known of an engine's clock: a message that is older is a repetition (RFC 3414 §2.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineTime {
    /// Whose clock it is.
    pub engine: EngineId,
    /// snmpEngineBoots: how often it has started.
    pub boots: u32,
    /// snmpEngineTime: the latest that it has told, in seconds since it started.
    pub time: u32,
}

/// The keys of one user at one engine.
#[derive(Debug)]
pub(super) struct LocalKeys {
    /// Which of the users, by place in the files.
    pub(super) user: usize,
    /// Its authentication key, localised (RFC 3414 §2.6).
    pub(super) auth: Key,
    /// Made when the first encrypted message was authenticated.
    pub(super) privacy: Option<Key>,
}

/// An engine that has proven itself, and where its clock stands.
#[derive(Debug)]
pub(super) struct Peer {
    boots: u32,
    /// The latest time that it told.
    time: u32,
    /// When it did.
    at: Duration,
    heard: Duration,
    /// Boots and time, as they were last told.
    told: (u32, u32),
    /// Boots and time, as the record had them when we started: what is older was said before that.
    floor: (u32, u32),
    /// Those of the users of whom a message came from it.
    pub(super) keys: Vec<LocalKeys>,
}

/// The engines that are known.
#[derive(Debug, Default)]
pub(super) struct Peers(BTreeMap<EngineId, Peer>);

impl Peers {
    /// What the record tells of an engine.
    pub(super) fn restore(&mut self, known: EngineTime, now: Duration) {
        let EngineTime { engine, boots, time } = known;
        let (told, floor) = ((boots, time), (boots, time));
        let peer = Peer { boots, time, at: now, heard: now, told, floor, keys: Vec::new() };
        self.insert(engine, peer);
    }

    /// The keys are others now: they are made anew when they are needed.
    pub(super) fn forget_keys(&mut self) {
        self.0.values_mut().for_each(|peer| peer.keys.clear());
    }

    /// That engine, if it has proven itself.
    pub(super) fn known(&mut self, engine: &EngineId) -> Option<&mut Peer> {
        self.0.get_mut(engine)
    }

    /// An authenticated message of this engine came, at that many boots and seconds: what must be remembered of it, if anything,
    /// or that it is too old.
    pub(super) fn hear(
        &mut self,
        engine: &EngineId,
        (boots, time): (u32, u32),
        now: Duration,
    ) -> Result<Option<EngineTime>, Late> {
        if boots >= LATCHED {
            return Err(Late::Latched);
        }
        let Some(peer) = self.0.get_mut(engine) else {
            let (told, floor) = ((0, 0), (0, 0));
            let peer = Peer { boots, time, at: now, heard: now, told, floor, keys: Vec::new() };
            self.insert(engine.clone(), peer);
            return Ok(Some(EngineTime { engine: engine.clone(), boots, time }));
        };
        if boots < peer.boots {
            return Err(Late::EarlierBoots { boots, known: peer.boots });
        }
        let expected = peer.time.saturating_add(seconds(now.saturating_sub(peer.at)));
        // What is newer than anything heard is in time, however slow the engine's clock is: it becomes the measure.
        let is_newest = boots > peer.boots || time > peer.time;
        let is_old = time < expected.saturating_sub(WINDOW) || (boots, time) < peer.floor;
        if !is_newest && is_old {
            return Err(Late::Old { seconds: expected.saturating_sub(time) });
        }
        peer.heard = now;
        if is_newest {
            (peer.boots, peer.time, peer.at) = (boots, time, now);
        }
        let (told_boots, told_time) = peer.told;
        let is_news = peer.boots > told_boots || peer.time >= told_time.saturating_add(TOLD_EVERY);
        let (boots, time) = (peer.boots, peer.time);
        Ok(is_news.then(|| EngineTime { engine: engine.clone(), boots, time }))
    }

    /// What was news is told: its message was taken.
    pub(super) fn told(&mut self, news: &EngineTime) {
        if let Some(peer) = self.0.get_mut(&news.engine) {
            peer.told = (news.boots, news.time);
        }
    }

    /// What engines have said of their time since they were last told; they are told by this.
    pub(super) fn untold(&mut self) -> Vec<EngineTime> {
        let heard = self.0.iter_mut().filter(|(_, peer)| peer.told < (peer.boots, peer.time));
        heard
            .map(|(engine, peer)| {
                peer.told = (peer.boots, peer.time);
                EngineTime { engine: engine.clone(), boots: peer.boots, time: peer.time }
            })
            .collect()
    }

    fn insert(&mut self, engine: EngineId, peer: Peer) {
        if self.0.len() >= MOST {
            let silent = self.0.iter().min_by_key(|(_, peer)| peer.heard);
            if let Some(engine) = silent.map(|(engine, _)| engine.clone()) {
                self.0.remove(&engine);
            }
        }
        self.0.insert(engine, peer);
    }
}

/// Why a message that was authenticated is not taken (RFC 3414 §3.2 step 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Late {
    /// It is of a start of the engine before the present one.
    #[error(
        "it says that its engine has started {boots} times, and {known} are known: a repetition, or a device that lost its count"
    )]
    EarlierBoots {
        /// snmpEngineBoots in the message.
        boots: u32,
        /// The most that were heard of.
        known: u32,
    },
    /// It is older than 150 seconds.
    #[error(
        "it is {seconds} seconds behind its engine's clock: a repetition, or a clock that was set back"
    )]
    Old {
        /// By how many seconds.
        seconds: u32,
    },
    /// The engine's boots are at their largest value: its identifier must be changed (RFC 3414 §2.2.2).
    #[error(
        "its engine's boots are at their largest value, and it must be given another engine ID"
    )]
    Latched,
    /// It is addressed to us with another time than ours: its sender has not asked for it yet, or repeats (RFC 3414 §3.2 step 7 a).
    #[error("it does not know our time")]
    NotOurTime,
}

/// Whole seconds.
pub(super) fn seconds(length: Duration) -> u32 {
    u32::try_from(length.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(number: u32) -> EngineId {
        EngineId::new(&[&[0x80, 0, 0, 0, 5][..], &number.to_be_bytes()].concat()).unwrap()
    }

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_message_may_be_150_seconds_old_and_not_one_more() {
        let mut peers = Peers::default();
        let new = peers.hear(&engine(1), (5, 1_000), at(0)).unwrap().unwrap();
        peers.told(&new);
        // A hundred seconds later it is 1,100 there, by our clock.
        assert_eq!(peers.hear(&engine(1), (5, 950), at(100)), Ok(None));
        assert_eq!(peers.hear(&engine(1), (5, 949), at(100)), Err(Late::Old { seconds: 151 }));
        assert_eq!(
            peers.hear(&engine(1), (4, 9_999), at(100)),
            Err(Late::EarlierBoots { boots: 4, known: 5 })
        );
        let restarted = peers.hear(&engine(1), (6, 1), at(101)).unwrap().unwrap();
        assert_eq!((restarted.boots, restarted.time), (6, 1));
        assert!(peers.hear(&engine(1), (5, 1_101), at(101)).is_err(), "of the start before");
    }

    #[test]
    fn an_engine_whose_boots_are_at_their_end_is_refused_and_locks_nobody_out() {
        let mut peers = Peers::default();
        assert_eq!(peers.hear(&engine(1), (LATCHED, 1), at(0)), Err(Late::Latched));
        assert!(peers.hear(&engine(1), (1, 1), at(0)).is_ok());
        assert_eq!(peers.hear(&engine(1), (LATCHED, 2), at(1)), Err(Late::Latched));
        assert!(peers.hear(&engine(1), (1, 3), at(2)).is_ok());
    }

    #[test]
    fn a_restart_of_ours_believes_no_message_of_before() {
        let mut peers = Peers::default();
        let told = peers.hear(&engine(1), (5, 1_000), at(0)).unwrap().unwrap();
        assert!(peers.hear(&engine(1), (5, 1_001), at(1)).unwrap().is_some(), "it was not taken");
        peers.told(&told);
        assert_eq!(peers.hear(&engine(1), (5, 1_299), at(299)), Ok(None), "not told every time");
        let told_again = peers.hear(&engine(1), (5, 1_300), at(300)).unwrap().unwrap();
        assert_eq!(told_again.time, told.time + 300);
        let mut restarted = Peers::default();
        restarted.restore(told_again, at(0));
        assert_eq!(restarted.hear(&engine(1), (5, 1_299), at(0)), Err(Late::Old { seconds: 1 }));
        assert!(restarted.hear(&engine(1), (4, 5_000), at(0)).is_err());
        assert!(restarted.hear(&engine(1), (5, 1_400), at(0)).is_ok());
        assert!(restarted.hear(&engine(1), (5, 1_299), at(1)).is_err(), "still before the record");
        assert!(restarted.hear(&engine(1), (5, 1_300), at(1)).is_ok());
    }

    #[test]
    fn what_is_told_at_the_end_leaves_nothing_that_the_next_start_would_believe_again() {
        let mut peers = Peers::default();
        for number in 1..=2 {
            let told = peers.hear(&engine(number), (5, 1_000), at(0)).unwrap().unwrap();
            peers.told(&told);
        }
        assert_eq!(peers.hear(&engine(1), (5, 1_299), at(299)), Ok(None), "not told every time");
        let untold = peers.untold();
        assert_eq!(untold, [EngineTime { engine: engine(1), boots: 5, time: 1_299 }]);
        assert_eq!(peers.untold(), [], "once");
        let mut restarted = Peers::default();
        untold.into_iter().for_each(|known| restarted.restore(known, at(0)));
        assert_eq!(restarted.hear(&engine(1), (5, 1_298), at(0)), Err(Late::Old { seconds: 1 }));
        assert!(restarted.hear(&engine(1), (5, 1_300), at(1)).is_ok());
    }

    #[test]
    fn a_clock_that_runs_slow_or_stood_still_is_believed_when_it_goes_on() {
        let mut peers = Peers::default();
        peers.hear(&engine(1), (5, 1_000), at(0)).unwrap();
        assert!(peers.hear(&engine(1), (5, 1_001), at(9_000)).is_ok(), "newer than anything heard");
        assert!(peers.hear(&engine(1), (5, 1_001), at(9_001)).is_ok(), "in the window of that");
        assert!(peers.hear(&engine(1), (5, 850), at(9_001)).is_err());
    }

    #[test]
    fn the_table_is_bounded_and_forgets_whom_it_has_not_heard_for_longest() {
        let mut peers = Peers::default();
        for number in 0..u32::try_from(MOST).unwrap() + 10 {
            peers.hear(&engine(number), (1, 1), at(u64::from(number))).unwrap();
        }
        assert_eq!(peers.0.len(), MOST);
        assert!(peers.known(&engine(9)).is_none() && peers.known(&engine(10)).is_some());
    }
}
