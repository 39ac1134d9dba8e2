//! The path that is tried: a second writing of what a message that goes round may say.
//!
//! It comes where it was sent to, or it has not come; nothing else ends the wait for it, and no alarm says that a
//! path is unknown whose last message came.

use vigie::watch::decision::Fact;
use vigie::watch::event::{Attempt, Happening, Report};
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::paths::Passing;
use vigie::watch::time::{Moment, Mono};

use crate::record::Line;
use crate::site::{MODEMS, TRIED};

/// So long one that left is awaited.
const AWAITED_NANOS: u64 = 600 * 1_000_000_000;

/// What is known of the latest message that goes round.
#[derive(Clone, Debug, Default)]
pub(super) struct Round {
    notification: u64,
    text: String,
    /// On the clock of this boot; `None` after a restart, when only the wall knows.
    left: Option<Mono>,
    has_left: bool,
    refused: bool,
    came: bool,
    lost: bool,
}

impl Round {
    /// The clock of another boot says nothing of when it left.
    pub(super) fn resume(&mut self) {
        self.left = None;
    }

    /// One more entry.
    pub(super) fn reads(&mut self, line: &Line) {
        let comes = self.comes(&line.event);
        if let Happening::Report(Report { notification, attempt: Attempt::Refused(_), .. }) =
            &line.event
        {
            self.refused |= notification.0 == self.notification;
        }
        let mut came = false;
        for fact in &line.facts {
            match fact {
                Fact::Passing { from, passing } => {
                    assert_eq!(
                        from.as_str(),
                        MODEMS[TRIED.0],
                        "[only what the files name is tried]"
                    );
                    came |= self.passes(passing, comes, line.moment);
                }
                Fact::OwnRaised { alarm: SelfAlarm::PathUnknown, .. } => {
                    assert!(!self.came, "[a path whose message came is known] {self:?}");
                }
                _ => {}
            }
        }
        let is_first = comes && !self.came_before(came);
        assert!(!is_first || came, "[a message that comes round counts] {self:?}");
    }

    /// It had come already, before the entry in which it came or came again.
    fn came_before(&self, came: bool) -> bool {
        self.came && !came
    }

    fn comes(&self, event: &Happening) -> bool {
        let Happening::Message(message) = event else { return false };
        let signal = &message.signal;
        !self.text.is_empty()
            && *signal.text == *self.text
            && signal.input.as_str() == MODEMS[TRIED.1]
    }

    fn passes(&mut self, passing: &Passing, comes: bool, now: Moment) -> bool {
        match passing {
            Passing::Planned { .. } | Passing::Forgotten => *self = Self::default(),
            Passing::Begun { notification, text, .. } => {
                assert_ne!(**text, *self.text, "[each message that goes round is another]");
                *self = Self {
                    notification: notification.0,
                    text: text.to_string(),
                    ..Self::default()
                };
            }
            Passing::Left { .. } => {
                self.left = Some(now.mono);
                self.has_left = true;
            }
            Passing::Came { .. } => {
                assert!(comes && !self.came, "[what came round came] {self:?}");
                self.came = true;
                return true;
            }
            Passing::Lost => {
                assert!(!self.came && !self.lost, "[what came is not lost] {self:?}");
                let late =
                    |left: Mono| now.mono.nanos().saturating_sub(left.nanos()) >= AWAITED_NANOS;
                let is_late = self.has_left && self.left.is_none_or(late);
                assert!(self.refused || is_late, "[nothing is lost before its time] {self:?}");
                self.lost = true;
            }
        }
        false
    }
}
