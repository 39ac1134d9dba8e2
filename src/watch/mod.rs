//! The watch: the pure heart of Vigie. An event goes in, a decision comes out.
//!
//! It has no I/O, no clock, no tasks and no randomness of its own: time and randomness come in
//! with the event. [`Watch::decide`] reads only; [`Watch::apply`] takes a decision in, with the same
//! function at run time and at replay. So rehearsal, simulation and the replay of a real night are
//! the same code as the daemon.
//!
//! What it promises: no event makes it panic or loop; a decision that was taken can be taken in
//! anywhere, without the files of that time.
//!
//! # Glossary
//! | word | meaning |
//! |---|---|
//! | signal | what an input received, normalised |
//! | definition | which signals concern an alarm, and what they say of it |
//! | alarm | a definition plus a key |
//! | active, returned | the cause is present, or gone |
//! | occurrence | one passage to active, until all that it asks for is done |
//! | acknowledge | "I take it": ends the calls |
//! | confirm | "it is dealt with": the second acknowledgement of `double` |
//! | latched, reset | a returned alarm that stays until somebody lets it go |
//! | policy, step | an escalation ladder, and a rung of it |
//! | run | the climbing of a ladder from an opening or re-opening on; codes are bound to it |
//! | pass | once from the first step to the last |
//! | notification | one message to one person by one channel |
//! | holder | who has acknowledged |
//! | swapped | of a group of alarms: they go to another policy for a while |
//! | suppressed | kept quiet on purpose: shelved, by design, out of service |
//! | hidden | present, of an alarm that is suppressed |
//! | busy | holds what still owes its confirmation |
//! | last resort | the policy that is climbed when a ladder has ended and nobody has answered |
//! | on call | whom a schedule names at that instant |
//! | digest | one message that stands for several, with one code for exactly those |
//! | drill | a message to people from time to time, to know who answers |
//! | test | an occurrence without a cause: somebody wants to see whom an alarm would call |

mod acknowledgement;
pub mod alarm;
pub mod answer;
mod busy;
mod calling;
mod climbing;
pub mod codes;
mod condition;
mod configuration;
mod conversation;
pub mod decision;
pub mod definition;
pub mod definitions;
mod draft;
pub mod drills;
pub mod engines;
pub mod escalation;
pub mod event;
pub mod expression;
mod faults;
pub mod field;
pub mod flapping;
mod fold;
mod heard;
pub mod heartbeats;
mod holding;
mod intake;
pub mod letters;
pub mod life_sign;
pub mod matching;
pub mod modems;
pub mod name;
pub mod notification;
mod owing;
pub mod own_alarms;
pub mod paths;
pub mod plan;
pub mod reports;
pub(crate) mod room;
pub mod roster;
pub mod schedule;
mod sending;
pub mod signal;
pub mod site;
pub mod snapshot;
pub mod stage;
pub mod state;
pub mod storm;
pub mod suppression;
pub mod swap;
pub mod template;
pub mod testing;
pub mod time;
pub mod unclaimed;
mod unproved;
mod unreached;
pub mod wording;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use decision::{Decision, Fact, Outcome};
use draft::Draft;
use event::{Entropy, Event, Happening};
use name::PersonId;
use notification::{Ending, NotificationId, Purpose};
use signal::{Kind, Tells};
use site::Site;
use state::{Owner, State};
use time::{Moment, Mono};
use wording::Standing;

/// A restart that was down for less than this is not worth a message.
const NOTICEABLE: Duration = Duration::from_secs(30);

/// The heart: what the files say, and what has happened.
#[derive(Clone, Debug)]
pub struct Watch {
    site: Arc<Site>,
    state: State,
}

impl Watch {
    /// A watch over this site that has seen nothing yet.
    pub fn new(site: Arc<Site>) -> Self {
        Self { site, state: State::default() }
    }

    /// A watch over this site that goes on from what was recorded.
    pub fn resume(site: Arc<Site>, state: State) -> Self {
        Self { site, state }
    }

    /// The files say something else from now on. Tell it with [`Happening::Reloaded`] next.
    pub fn adopt(&mut self, site: Arc<Site>) {
        self.site = site;
    }

    /// What the files say.
    pub fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// What has happened.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether anybody still needs a message that is about to leave.
    pub fn needs(&self, id: NotificationId, now: Moment) -> bool {
        let draft = Draft::new(&self.state, &self.site, now, Entropy(0));
        self.state
            .notification(id)
            .is_some_and(|owed| !draft.is_needless(owed) && !draft.is_superseded(owed))
    }

    /// What follows from the event. Reads only; refuses with a reason, never fails.
    pub fn decide(&self, event: &Event, now: Moment) -> Decision {
        let mut draft = Draft::new(&self.state, &self.site, now, event.entropy);
        let mut outcome = Outcome::Taken;
        match &event.happening {
            Happening::Signal(signal) => outcome = draft.signal(signal),
            Happening::Message(message) => outcome = draft.message(message),
            Happening::Call(call) => draft.rung_up(call),
            Happening::Command(command) => outcome = draft.command(command),
            Happening::Test(test) => outcome = draft.test(test),
            Happening::TestSms(asked) => outcome = draft.test_sms(asked),
            Happening::Rostering(wish) => outcome = draft.wish(wish),
            Happening::Quieten(request) => outcome = draft.quieten(request),
            Happening::Delivery(delivery) => outcome = draft.heard_delivery(delivery),
            Happening::Report(report) => draft.report(report),
            Happening::Own(signal) => draft.own_signal(signal),
            Happening::Learned(lesson) => draft.learned(lesson),
            Happening::EngineNoted(note) => draft.engine_noted(note),
            Happening::Swap(asked) => outcome = draft.swap_command(asked),
            Happening::Started(_) => draft.started(),
            Happening::Configured | Happening::Reloaded(_) => draft.configured(),
            Happening::Deadline => draft.deadline(),
            Happening::Silenced(_)
            | Happening::Pruned(_)
            | Happening::Missing(_)
            | Happening::Stopped => {}
        }
        draft.finish(outcome)
    }

    /// Takes a decision in.
    pub fn apply(&mut self, decision: &Decision) {
        self.state.take(decision);
    }

    /// When something falls due that no event brings: the sequencer's only sleep.
    pub fn next_deadline(&self) -> Option<Mono> {
        self.state.earliest().map(|(due, _)| *due)
    }
}

impl Draft<'_> {
    /// The earliest deadline, if it has passed: one thing falls due at a time.
    fn deadline(&mut self) {
        let state = self.state;
        let Some((due, owner)) = state.earliest() else { return };
        if *due > self.now.mono {
            return;
        }
        match owner {
            Owner::Notification(id) => {
                if let Some(owed) = state.notification(*id) {
                    self.due(owed);
                }
            }
            Owner::Number(number) => self.unlock(number),
            Owner::Path(from) => self.path_due(from),
            Owner::Roster => self.roster_due(),
            Owner::Drill(drill) => self.drill_due(drill),
            Owner::Storm(person) => self.storm_due(person),
            Owner::Swap(group) => self.swap_due(group),
            Owner::List => self.list_due(),
            Owner::LifeSign => self.life_sign_due(),
            Owner::Heartbeat(voice, key) => self.heartbeat_due(voice, key),
            Owner::Alarm(number) => {
                if let Some(alarm) = state.alarms.get(number) {
                    self.alarm_due(alarm);
                }
            }
        }
    }

    fn alarm_due(&mut self, alarm: &alarm::Alarm) {
        if self.quiet_due(alarm) {
            return;
        }
        let over = |wait: time::Wait| wait.mono <= self.now.mono;
        if let Some(pending) = alarm.pending.as_ref().filter(|pending| over(pending.wait())) {
            self.delay_over(alarm, pending);
            return;
        }
        let Some(open) = alarm.open.as_deref() else { return };
        if alarm.settling().is_some_and(|settles| settles <= self.now.mono) {
            self.settles(alarm, open);
        } else if alarm.leaving().is_some_and(|leaves| leaves <= self.now.mono) {
            self.goes_away(alarm);
        } else if open.activation.testing.as_ref().is_some_and(|testing| over(testing.until)) {
            self.test_over(open);
        } else if open.stage.until().is_some_and(over) {
            self.run_out(open);
        } else if open.stage.reminder().is_some_and(over) {
            self.remind(open);
        } else if open.ladder.due().is_some_and(over) {
            self.climb(open);
        }
    }

    fn heard_delivery(&mut self, delivery: &event::Delivery) -> Outcome {
        if let Some(identity) = delivery.identity {
            if self.state.heard.knows(identity, Kind::Gsm, Tells::News, self.now.utc) {
                return Outcome::Repeated;
            }
            self.fact(Fact::Heard { identity });
        }
        self.delivery(delivery);
        Outcome::Taken
    }

    /// The daemon has started: waits go on, what was under way and nobody needs any more does not
    /// leave again, and those whom open alarms concern are told, once, of the interruption.
    fn started(&mut self) {
        let state = self.state;
        for owed in state.notifications().filter(|owed| owed.is_leaving()) {
            if self.is_needless(owed) {
                self.settle(owed.id, Ending::Cancelled);
            }
        }
        self.fact(Fact::Resumed);
        self.resume_heartbeats();
        let away = state.latest().map(|latest| latest.utc.until(self.now.utc));
        let Some(away) = away.filter(|away| *away >= NOTICEABLE) else { return };
        let mut concerned: BTreeMap<PersonId, Standing> = BTreeMap::new();
        for (_, open) in state.standing() {
            // An acknowledgement that has run out meanwhile ends before anybody reads this.
            let is_over = open.stage.until().is_some_and(|until| until.due <= self.now.utc);
            let unanswered = usize::from(open.stage.is_unacknowledged() || is_over);
            for person in state.readers(open) {
                let standing = concerned.entry(person).or_default();
                standing.open = standing.open.saturating_add(1);
                standing.unanswered = standing.unanswered.saturating_add(unanswered);
            }
        }
        for (person, standing) in concerned {
            let text = self.wording(&person).restarted(away, standing);
            self.owe(&person, Purpose::Announcement, None, text);
        }
    }
}
