//! Paths: whether what one modem sends still arrives, tried by a message to another modem of the site, or to itself.
//!
//! A SIM without credit, a barred one, a network that takes messages and loses them: all look well until a person waits in
//! vain. So a message goes round from time to time, by the same road as a call, and the time it takes is kept. One that
//! does not come back is an alarm, which says since when nobody knows whether the path works; the next that comes ends it.
//!
//! The message counts for its modem alone: no other one may send it in its stead.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::decision::Fact;
use super::draft::Draft;
use super::event::ShortMessage;
use super::name::InputName;
use super::notification::{Ending, Notification, NotificationId, Progress, Purpose};
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::site::Path;
use super::time::{Moment, Mono, Utc, Wait};

/// The first message goes so soon after the files name the path: who wrote them wants to see it. It waits for its modem
/// like any other message.
const FIRST: Duration = Duration::from_secs(10);
/// Networks deliver within seconds; what is so late would have been too late for a call.
pub(super) const AWAITED: Duration = Duration::from_secs(10 * 60);
/// So many that have not come are known again if they do.
const MOST_FORMER: usize = 8;

/// What is known of the path of one modem.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Passage {
    /// As the files say it.
    path: Path,
    /// When the next message goes round.
    next: Wait,
    /// Since when it is tried at all.
    since: Utc,
    /// The latest message, also when it has come, or never will.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test: Option<Test>,
    /// The latest that came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    good: Option<Good>,
    /// What earlier ones said that have not come: if one does, it is nobody's message.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    former: VecDeque<Arc<str>>,
    /// The deadline under which it is filed.
    #[serde(skip)]
    pub(super) queued: Option<Mono>,
}

/// A message that goes round.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Test {
    notification: NotificationId,
    text: Arc<str>,
    begun: Utc,
    /// When the network took it, and until when it is awaited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Wait>,
    /// The machine has started since it left: only the wall clock knows how long ago.
    #[serde(default)]
    resumed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<End>,
}

/// How the wait for a message ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    Came,
    /// It may come all the same.
    GivenUp,
}

/// A message that came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Good {
    /// When.
    pub at: Utc,
    /// How long after the network had taken it.
    pub took: Duration,
}

/// What happens to the message of a path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Passing {
    /// The path is tried from now on.
    Planned {
        /// As the files say it.
        path: Path,
        /// When first.
        next: Wait,
    },
    /// A message goes round.
    Begun {
        /// By which it is owed.
        notification: NotificationId,
        /// What it says.
        text: Arc<str>,
        /// When the next one goes.
        next: Wait,
    },
    /// The network took it.
    Left {
        /// For how long it is awaited.
        awaited: Wait,
    },
    /// It came.
    Came {
        /// How long after it had left.
        took: Duration,
    },
    /// It did not come.
    Lost,
    /// The files do not name the path any more, or another one.
    Forgotten,
}

impl Passage {
    /// A path that the files name, and that nothing was sent by yet.
    pub(super) fn planned(path: &Path, next: Wait, now: Utc) -> Self {
        let (path, former) = (path.clone(), VecDeque::new());
        Self { path, next, since: now, test: None, good: None, former, queued: None }
    }

    /// The latest message that came.
    pub fn good(&self) -> Option<Good> {
        self.good
    }

    /// The message that is awaited, or waits to leave.
    fn open_test(&self) -> Option<&Test> {
        self.test.as_ref().filter(|test| test.end.is_none())
    }

    /// When it next wants attention: one that has left is awaited before the next goes.
    pub(super) fn next_wait(&self) -> Wait {
        self.open_test().and_then(|test| test.left).unwrap_or(self.next)
    }

    /// Since when nobody knows whether the path works.
    fn known_until(&self) -> Utc {
        self.good.map_or(self.since, |good| good.at)
    }

    /// It waits on, on the clock of this boot.
    pub(super) fn resume(&mut self, now: Moment) {
        self.next = self.next.resumed(now);
        // It may have come meanwhile, and its modem was not read: it is awaited anew.
        if let Some(test) = &mut self.test {
            test.left = test.left.map(|left| Wait { since: left.since, ..now.wait(AWAITED) });
            test.resumed = true;
        }
    }

    /// Takes what has come of it.
    pub(super) fn pass(&mut self, passing: &Passing, now: Utc) {
        match passing {
            Passing::Planned { .. } | Passing::Forgotten => {}
            Passing::Begun { notification, text, next } => {
                self.next = *next;
                if let Some(before) = self.test.take_if(|test| test.end != Some(End::Came)) {
                    self.former.truncate(MOST_FORMER - 1);
                    self.former.push_front(before.text);
                }
                let (notification, text) = (*notification, Arc::clone(text));
                let (begun, resumed) = (now, false);
                self.test =
                    Some(Test { notification, text, begun, left: None, resumed, end: None });
            }
            Passing::Left { awaited } => {
                if let Some(test) = &mut self.test {
                    test.left = Some(*awaited);
                }
            }
            Passing::Came { took } => {
                self.good = Some(Good { at: now, took: *took });
                self.end(End::Came);
            }
            Passing::Lost => self.end(End::GivenUp),
        }
    }

    fn end(&mut self, end: End) {
        if let Some(test) = &mut self.test {
            test.end = Some(end);
        }
    }
}

impl Draft<'_> {
    fn passing(&mut self, from: &InputName, passing: Passing) {
        self.fact(Fact::Passing { from: from.clone(), passing });
    }

    /// The files are in force: what they name is tried, and nothing else.
    pub(super) fn plan_paths(&mut self) {
        let (state, site) = (self.state, self.site);
        for (from, passage) in &state.passages {
            if site.paths.get(from) != Some(&passage.path) {
                if let Some(test) = passage.open_test() {
                    self.withdraw_test(test);
                }
                self.passing(from, Passing::Forgotten);
                self.own(SelfSignal::cleared(SelfAlarm::PathUnknown, from.as_str()));
            }
        }
        for (from, path) in &site.paths {
            if state.passage(from).map(|passage| &passage.path) != Some(path) {
                let (path, next) = (path.clone(), self.now.wait(FIRST));
                self.passing(from, Passing::Planned { path, next });
            }
        }
    }

    /// A message is late, or the next is due.
    pub(super) fn path_due(&mut self, from: &InputName) {
        let state = self.state;
        let Some(passage) = state.passages.get(from) else { return };
        if passage.open_test().is_some_and(|test| test.left.is_some()) {
            self.passing(from, Passing::Lost);
            self.path_unknown(from, passage);
        } else {
            self.go_round(from, passage);
        }
    }

    fn go_round(&mut self, from: &InputName, passage: &Passage) {
        if let Some(test) = passage.open_test() {
            // It waited all that time, or the network never said that it took it.
            self.path_unknown(from, passage);
            self.withdraw_test(test);
        }
        let id = self.next_notification();
        // Nobody else can know the lot: a message that bears it is ours.
        let lot = self.lot(1_000_000);
        let text: Arc<str> = Arc::from(self.site_wording().test(id, lot));
        let path = &passage.path;
        let next = self.now.wait(path.every);
        self.passing(from, Passing::Begun { notification: id, text: Arc::clone(&text), next });
        self.owe_test(id, from, path, text);
    }

    /// No longer awaited: it need not leave any more.
    fn withdraw_test(&mut self, test: &Test) {
        let owed = self.state.notification(test.notification);
        if owed.is_some_and(Notification::has_yet_to_leave) {
            self.settle(test.notification, Ending::Cancelled);
        }
    }

    /// Nobody knows whether the path works; unless one of its modems is known to be at fault: then that is told already.
    fn path_unknown(&mut self, from: &InputName, passage: &Passage) {
        const FAULTS: [SelfAlarm; 4] = [
            SelfAlarm::ModemLost,
            SelfAlarm::InputLost,
            SelfAlarm::SimRefused,
            SelfAlarm::NotRegistered,
        ];
        let to = &passage.path.to;
        let is_at_fault = |modem: &InputName| {
            FAULTS.iter().any(|fault| self.state.stands(*fault, modem.as_str()))
        };
        if is_at_fault(from) || is_at_fault(to) {
            return;
        }
        let left = passage.open_test().and_then(|test| test.left).map(|left| left.since);
        let reason = self.site_wording().path_unknown(to, left, passage.known_until());
        self.own(SelfSignal::raised(SelfAlarm::PathUnknown, from.as_str(), &reason));
    }

    /// The path whose open message that is.
    fn path_of(&self, id: NotificationId) -> Option<(&InputName, &Passage)> {
        self.state
            .passages
            .iter()
            .find(|(_, passage)| passage.open_test().is_some_and(|test| test.notification == id))
    }

    /// Whether a message that goes round is still awaited.
    pub(super) fn is_test_awaited(&self, owed: &Notification) -> bool {
        self.path_of(owed.id).is_some()
    }

    /// The network took a message that goes round.
    pub(super) fn test_left(&mut self, owed: &Notification) {
        if owed.purpose != Purpose::LoopBack {
            return;
        }
        if let Some(from) = self.path_of(owed.id).map(|(from, _)| from.clone()) {
            self.passing(&from, Passing::Left { awaited: self.now.wait(AWAITED) });
        }
    }

    /// The network refused one: that it does not come back is known at once.
    pub(super) fn test_refused(&mut self, owed: &Notification, why: &str) {
        if let Some((from, passage)) = self.path_of(owed.id) {
            let (from, since) = (from.clone(), passage.known_until());
            self.passing(&from, Passing::Lost);
            let reason = self.site_wording().path_refused(why, since);
            self.own(SelfSignal::raised(SelfAlarm::PathUnknown, from.as_str(), &reason));
        }
    }

    /// Whether a message is one of ours that went round; then it counts, and is no alarm and no answer. It is known by its
    /// text, which names its number, and by the modem at which it comes.
    pub(super) fn came_round(&mut self, message: &ShortMessage) -> bool {
        let state = self.state;
        let signal = &message.signal;
        let text = signal.text.trim();
        let mut to_there =
            state.passages.iter().filter(|(_, passage)| passage.path.to == signal.input);
        let found = to_there.clone().find_map(|(from, passage)| {
            Some((from, passage.test.as_ref().filter(|test| *test.text == *text)?))
        });
        let Some((from, test)) = found else {
            return to_there
                .any(|(_, passage)| passage.former.iter().any(|former| **former == *text));
        };
        let owed = state.notification(test.notification);
        if test.end != Some(End::Came) {
            let took = self.took(test, owed);
            self.passing(from, Passing::Came { took });
            self.own(SelfSignal::cleared(SelfAlarm::PathUnknown, from.as_str()));
        }
        if owed.is_some() {
            self.settle(test.notification, Ending::Delivered);
        }
        true
    }

    /// How long a message went round that comes now.
    fn took(&self, test: &Test, owed: Option<&Notification>) -> Duration {
        let on_the_wall = |since: Utc| since.until(self.now.utc);
        match (test.left, owed.map(|owed| &owed.state)) {
            (Some(left), _) if test.resumed => on_the_wall(left.since),
            (Some(left), _) => {
                let (early, late) =
                    (self.now.mono.until(left.mono), left.mono.until(self.now.mono));
                AWAITED.saturating_sub(early).saturating_add(late)
            }
            // The network may deliver before it says that it took it.
            (None, Some(Progress::Sending { since, .. })) => on_the_wall(*since),
            (None, _) => on_the_wall(test.begun),
        }
    }
}
