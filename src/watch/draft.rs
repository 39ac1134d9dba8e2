//! A decision while it is being taken: what is known, what was decided so far, and the numbers and
//! codes that it hands out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::alarm::{Alarm, AlarmNumber, Occurrence, OccurrenceNumber};
use super::codes::{Code, Draw};
use super::decision::{Decision, Fact, Outcome};
use super::escalation::Rung;
use super::event::Entropy;
use super::name::{DefinitionName, PersonId};
use super::notification::{Ending, NotificationId};
use super::own_alarms::{OWN_INPUT, SelfSignal};
use super::signal::Kind;
use super::site::Site;
use super::stage::Stage;
use super::state::State;
use super::storm::Gone;
use super::time::Moment;
use super::wording::Wording;

/// A decision while it is being taken.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    /// What is known before it.
    pub(super) state: &'a State,
    /// What the files say.
    pub(super) site: &'a Site,
    /// When it is taken.
    pub(super) now: Moment,
    draw: Draw,
    facts: Vec<Fact>,
    own: Vec<SelfSignal>,
    drawn: Vec<(PersonId, OccurrenceNumber, u32, Code)>,
    taken: Vec<Code>,
    settled: BTreeSet<NotificationId>,
    /// What is no reason any more for messages that also tell of others.
    pub(super) withdrawn: BTreeMap<NotificationId, Gone>,
    /// Whether one answer is for many: what it says of each is told together.
    listing: bool,
    notifications: u64,
    occurrences: u64,
    alarms: u64,
}

impl<'a> Draft<'a> {
    /// Nothing is decided yet.
    pub(super) fn new(state: &'a State, site: &'a Site, now: Moment, entropy: Entropy) -> Self {
        Self {
            state,
            site,
            now,
            draw: Draw::from(entropy),
            facts: Vec::new(),
            own: Vec::new(),
            drawn: Vec::new(),
            taken: Vec::new(),
            settled: BTreeSet::new(),
            withdrawn: BTreeMap::new(),
            listing: false,
            notifications: 0,
            occurrences: 0,
            alarms: 0,
        }
    }

    /// The decision, complete.
    pub(super) fn finish(mut self, outcome: Outcome) -> Decision {
        self.mind_withdrawn();
        Decision { moment: self.now, facts: self.facts, own: self.own, outcome }
    }

    /// One more change.
    pub(super) fn fact(&mut self, fact: Fact) {
        let answered = match &fact {
            Fact::Climbed { occurrence, rung, .. } => match rung {
                Rung::Fired { .. } => Some(*occurrence),
                Rung::Skipped { .. } | Rung::Hastened => None,
            },
            Fact::Closed { occurrence } => Some(*occurrence),
            Fact::Staged { occurrence, stage, .. } => match stage {
                Stage::Acknowledged { .. } | Stage::Confirmed { .. } => Some(*occurrence),
                Stage::NotRequired | Stage::Unacknowledged { .. } => None,
            },
            Fact::Heard { .. }
            | Fact::Unclaimed { .. }
            | Fact::Cut { .. }
            | Fact::AlarmKnown { .. }
            | Fact::Pending { .. }
            | Fact::PendingOver { .. }
            | Fact::Opened { .. }
            | Fact::Reactivated { .. }
            | Fact::Repeated { .. }
            | Fact::Graded { .. }
            | Fact::Returned { .. }
            | Fact::Reset { .. }
            | Fact::Declined { .. }
            | Fact::DeclinesEnded { .. }
            | Fact::CodeDrawn { .. }
            | Fact::Owed { .. }
            | Fact::Settled { .. }
            | Fact::Attempted { .. }
            | Fact::Sent { .. }
            | Fact::PartDelivered { .. }
            | Fact::Postponed { .. }
            | Fact::Released { .. }
            | Fact::WrongCode { .. }
            | Fact::LockedOut { .. }
            | Fact::Unlocked { .. }
            | Fact::Explained { .. }
            | Fact::Answered { .. }
            | Fact::PolicyFrozen { .. }
            | Fact::PolicyForgotten { .. }
            | Fact::OwnRaised { .. }
            | Fact::OwnRenewed { .. }
            | Fact::OwnCleared { .. }
            | Fact::Learned(_)
            | Fact::EngineNoted(_)
            | Fact::Rostered(_)
            | Fact::Quieted(_)
            | Fact::Passing { .. }
            | Fact::Storm(_)
            | Fact::Swapping(_)
            | Fact::Beat(_)
            | Fact::Drill(_)
            | Fact::LifeSign(_)
            | Fact::Flap(_)
            | Fact::Resumed
            | Fact::Withdrawn { .. } => None,
        };
        self.facts.push(fact);
        if let Some(occurrence) = answered {
            self.somebody(occurrence);
        }
    }

    /// Whether an alarm is one of Vigie's about itself, built in or of the files.
    pub(super) fn is_own(&self, alarm: &Alarm) -> bool {
        self.is_of_vigie(&alarm.definition)
    }

    /// Whether all alarms of a definition are.
    pub(super) fn is_of_vigie(&self, definition: &DefinitionName) -> bool {
        let definition = self.site.definitions.get(definition.as_str());
        definition.is_some_and(|definition| {
            definition.from.iter().any(|from| from.means(Kind::Vigie, OWN_INPUT))
        })
    }

    /// A message is at its end; it comes to it once.
    pub(super) fn settle(&mut self, notification: NotificationId, ending: Ending) {
        self.settle_because(notification, ending, None);
    }

    /// [`Draft::settle`], for a reason that a modem gave.
    pub(super) fn settle_because(
        &mut self,
        notification: NotificationId,
        ending: Ending,
        why: Option<Arc<str>>,
    ) {
        if self.settled.insert(notification) {
            if let Some(owed) = self.state.notification(notification) {
                self.mind_number(owed, ending);
            }
            self.fact(Fact::Settled { notification, ending, why });
            if let Some(owed) = self.state.notification(notification) {
                self.makes_room(owed);
                self.lets_the_next_worst_go(owed);
            }
        }
    }

    /// Whether a message has come to its end by this decision.
    pub(super) fn is_settled(&self, notification: NotificationId) -> bool {
        self.settled.contains(&notification)
    }

    /// Whether one answer is for many.
    pub(super) fn is_listing(&self) -> bool {
        self.listing
    }

    /// From now on, one answer is for many; or no longer.
    pub(super) fn listing(&mut self, listing: bool) {
        self.listing = listing;
    }

    /// Something that Vigie has found out about itself; decided upon next, in the same batch.
    pub(super) fn own(&mut self, signal: SelfSignal) {
        self.own.push(signal);
    }

    /// The number of one more message.
    pub(super) fn next_notification(&mut self) -> NotificationId {
        self.notifications = self.notifications.saturating_add(1);
        NotificationId(self.state.last_notification().saturating_add(self.notifications))
    }

    /// The number of one more occurrence.
    pub(super) fn next_occurrence(&mut self) -> OccurrenceNumber {
        self.occurrences = self.occurrences.saturating_add(1);
        OccurrenceNumber(self.state.last_occurrence().saturating_add(self.occurrences))
    }

    /// The number of one more alarm.
    pub(super) fn next_alarm(&mut self) -> AlarmNumber {
        self.alarms = self.alarms.saturating_add(1);
        AlarmNumber(self.state.last_alarm().saturating_add(self.alarms))
    }

    /// A number below that, which nobody can foresee.
    pub(super) fn lot(&mut self, end: u32) -> u32 {
        self.draw.below(end)
    }

    /// The person's code for the present run of the occurrence; drawn if there is none yet.
    pub(super) fn code_for(&mut self, open: &Occurrence, person: &PersonId) -> Code {
        if let Some(code) = open.code_of(person) {
            return code;
        }
        let drawn = self
            .drawn
            .iter()
            .find(|(who, what, run, _)| who == person && *what == open.number && *run == open.run);
        if let Some((.., code)) = drawn {
            return *code;
        }
        let code = self.draw_code();
        self.drawn.push((person.clone(), open.number, open.run, code));
        self.fact(Fact::CodeDrawn {
            code,
            person: person.clone(),
            occurrence: open.number,
            run: open.run,
        });
        code
    }

    /// A code that stands for nothing yet.
    pub(super) fn draw_code(&mut self) -> Code {
        let code = self.state.codes().draw(self.site.code_digits, &mut self.draw, &self.taken);
        self.taken.push(code);
        code
    }

    /// The occurrence as it will stand; it closes if that leaves nothing to ask for.
    pub(super) fn close_if_over(&mut self, after: &Occurrence) {
        if after.is_over() {
            self.close(after);
        }
    }

    /// Nothing is asked for any more.
    pub(super) fn close(&mut self, open: &Occurrence) {
        self.cancel_calls(open);
        self.fact(Fact::Closed { occurrence: open.number });
        self.there_may_be_room_again();
    }

    /// How the site is spoken to: what stands on the board.
    pub(super) fn site_wording(&self) -> Wording<'a> {
        Wording::new(self.site, self.site.language, self.now.utc)
    }

    /// How this person is spoken to.
    pub(super) fn wording(&self, person: &PersonId) -> Wording<'a> {
        let language =
            self.site.people.get(person).map_or(self.site.language, |person| person.language);
        Wording::new(self.site, language, self.now.utc)
    }
}
