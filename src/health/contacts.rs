//! What each contact of a device shows and means, for `vigie contacts watch`.
//!
//! The adapter writes it down as it looks; whoever watches reads the latest, and of what changed meanwhile the last
//! [`NEWS`], numbered: who reads slowly misses some, sees by the numbers how many, and holds up nobody.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Serialize;

use crate::watch::time::Utc;

/// So many changes of a device are remembered.
pub const NEWS: usize = 256;

/// The contacts of a device.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Contacts {
    now: Vec<ContactNow>,
    news: VecDeque<News>,
    /// The number of the latest change.
    last: u64,
    /// Grows with all that is written down.
    version: u64,
}

/// One contact, as it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ContactNow {
    /// `cabinet.door`
    pub contact: Arc<str>,
    /// Where on the device it is wired: `coil 3`.
    pub line: Arc<str>,
    /// The level that it should have: `closed`, `open`.
    pub normally: &'static str,
    /// What the device showed last, in its own words; empty before it has shown anything.
    pub raw: Arc<str>,
    /// What that means.
    pub state: ContactState,
    /// The level that counts, where there is one: `closed`, `open`.
    pub level: Option<&'static str>,
    /// What is wrong with the wire.
    pub fault: Option<Arc<str>>,
    /// Whether it changes so often that its changes are no longer told.
    pub chattering: bool,
    /// Why nobody sees it.
    pub reason: Option<Arc<str>>,
    /// Since when it is so.
    #[serde(serialize_with = "super::as_written")]
    pub since: Utc,
    /// How many changes have counted since the daemon began to watch.
    pub changes: u64,
    /// How many times the device has shown something else, debounced or not; a pulse that only a counter saw is two.
    pub edges: u64,
}

/// What a contact is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactState {
    /// It was not seen yet.
    Unknown,
    /// As it should be.
    Normal,
    /// In its other position.
    Alarm,
    /// Its wire is cut or shorted.
    Fault,
    /// Nobody sees it.
    Lost,
}

/// Something that changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct News {
    #[serde(skip)]
    number: u64,
    #[serde(serialize_with = "super::as_written")]
    at: Utc,
    what: What,
    #[serde(flatten)]
    now: ContactNow,
}

/// What changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The device shows something else; it may yet count.
    Edge,
    /// It is seen for the first time, or again.
    Found,
    /// Another state counts.
    Changed,
    /// A counter saw a pulse that no reading showed.
    Pulsed,
    /// It has begun to chatter.
    Chatters,
    /// It no longer chatters.
    Quiet,
    /// Edges were lost.
    EdgesLost,
    /// Nobody sees it any more.
    Lost,
}

impl Contacts {
    /// These are wired to the device; what was written down of a former life of it stays.
    pub fn wire(&mut self, contacts: impl IntoIterator<Item = ContactNow>) {
        if self.now.is_empty() {
            self.now.extend(contacts);
            self.version = self.version.saturating_add(1);
        }
    }

    /// Something of a contact changed; `what`, where that is worth a line.
    pub fn note(
        &mut self,
        place: usize,
        at: Utc,
        what: Option<What>,
        change: impl FnOnce(&mut ContactNow),
    ) {
        let Some(now) = self.now.get_mut(place) else { return };
        change(now);
        self.version = self.version.saturating_add(1);
        let Some(what) = what else { return };
        self.last = self.last.saturating_add(1);
        if self.news.len() >= NEWS {
            self.news.pop_front();
        }
        self.news.push_back(News { number: self.last, at, what, now: now.clone() });
    }

    /// Nobody sees any of them, for this reason.
    pub fn lost(&mut self, reason: &str, at: Utc) {
        for place in 0..self.now.len() {
            let was = self.now.get(place).map(|now| (now.state, now.reason.clone()));
            let what = match was {
                Some((ContactState::Lost, Some(known))) if *known == *reason => continue,
                Some((ContactState::Lost, _)) => None,
                Some(_) | None => Some(What::Lost),
            };
            self.note(place, at, what, |now| {
                if what.is_some() {
                    now.since = at;
                }
                now.state = ContactState::Lost;
                now.reason = Some(Arc::from(reason));
                (now.level, now.fault, now.chattering) = (None, None, false);
            });
        }
    }

    /// All, as they are.
    pub fn now(&self) -> &[ContactNow] {
        &self.now
    }

    /// What changed after that number, the oldest first.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &News> {
        self.news.iter().filter(move |news| news.number > number)
    }

    /// The number of the latest change.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Another one whenever anything was written down.
    pub fn version(&self) -> u64 {
        self.version
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A contact of which nothing is known yet.
    pub(crate) fn door() -> ContactNow {
        ContactNow {
            contact: "cabinet.door".into(),
            line: "coil 3".into(),
            normally: "closed",
            raw: "".into(),
            state: ContactState::Unknown,
            level: None,
            fault: None,
            chattering: false,
            reason: None,
            since: Utc::default(),
            changes: 0,
            edges: 0,
        }
    }

    #[test]
    fn the_latest_changes_are_remembered_and_who_reads_slowly_sees_how_many_went_by() {
        let mut contacts = Contacts::default();
        contacts.wire([door()]);
        for edge in 1..=1_000 {
            contacts.note(0, Utc::from_micros(edge), Some(What::Edge), |now| now.edges += 1);
        }
        let seen: Vec<u64> = contacts.since(10).map(|news| news.now.edges).collect();
        assert_eq!((seen.len(), seen[0], contacts.last()), (NEWS, 745, 1_000));
        assert_eq!(contacts.since(999).count(), 1);
        contacts.note(0, Utc::default(), None, |now| now.raw = "coil 3 = 1".into());
        assert_eq!((contacts.last(), contacts.version()), (1_000, 1_002), "live, and no line");
    }

    #[test]
    fn a_device_that_is_lost_again_and_again_is_told_once_and_its_latest_reason_stands() {
        let mut contacts = Contacts::default();
        contacts.wire([door()]);
        for (reason, at) in [("no route", 1), ("no route", 2), ("unplugged", 3)] {
            contacts.lost(reason, Utc::from_micros(at));
        }
        assert_eq!(contacts.last(), 1);
        let now = &contacts.now()[0];
        assert_eq!((now.state, now.reason.as_deref()), (ContactState::Lost, Some("unplugged")));
        assert_eq!(now.since, Utc::from_micros(1), "it is lost since then");
        contacts.wire([door()]);
        assert_eq!(contacts.now()[0].state, ContactState::Lost, "another life of the device");
    }
}
