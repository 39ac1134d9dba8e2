//! Hiding: what is done with the condition of an alarm that something keeps quiet, and when it is quiet no more.

use std::sync::Arc;

use super::{Cause, Causes, GRACE, Hidden, Mark, Quiet, Quieting};
use crate::watch::alarm::{Activation, Alarm, AlarmNumber, Occurrence, Pending};
use crate::watch::decision::Fact;
use crate::watch::definition::{Definition, Reported, Says};
use crate::watch::draft::Draft;
use crate::watch::name::{DefinitionName, PersonId};
use crate::watch::signal::{Signal, Tells};
use crate::watch::site::Site;
use crate::watch::state::State;
use crate::watch::storm::{Afterwards, Kind, News};
use crate::watch::time::Wait;
use crate::watch::wording::Wording;

/// Why an alarm is quiet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::watch) enum Because {
    /// A person has taken it out of service.
    Service(PersonId),
    /// A person has shelved it.
    Shelf,
    /// Another alarm is active.
    Cause(Cause),
    /// A window of maintenance is open, and may close then.
    Window(Wait),
}

impl Because {
    /// When it is over, where that is known.
    fn until(&self) -> Option<Wait> {
        match self {
            Self::Window(until) => Some(*until),
            Self::Service(_) | Self::Shelf | Self::Cause(_) => None,
        }
    }
}

impl Because {
    /// Who has asked for it, and knows.
    fn by(&self) -> Option<&PersonId> {
        match self {
            Self::Service(by) => Some(by),
            Self::Shelf | Self::Cause(_) | Self::Window(_) => None,
        }
    }
}

impl Alarm {
    /// What people know it by: what they last read of it, or its name.
    pub(in crate::watch) fn called(&self) -> String {
        let open = self.open.as_ref().map(|open| &open.activation.text);
        let hidden = || self.hidden().map(|hidden| &hidden.activation.text);
        let last = || self.last.as_ref().map(|last| &last.text);
        let text = open.or_else(hidden).or_else(last);
        text.map_or_else(|| self.tag(), |text| text.trim_end_matches('.').to_owned())
    }

    /// As it will be when it is shelved no more.
    pub(super) fn unshelved(&self) -> Self {
        self.with(|quiet| quiet.shelf = None)
    }

    /// As it will be when it is in service again.
    pub(super) fn in_service(&self) -> Self {
        self.with(|quiet| quiet.service = None)
    }

    fn with(&self, change: impl FnOnce(&mut Quiet)) -> Self {
        let mut after = self.clone();
        if let Some(quiet) = &mut after.quiet {
            change(quiet);
        }
        after
    }
}

/// Which of these causes is present, of those that the files still name.
pub(super) fn present_cause<'c>(
    site: &Site,
    state: &State,
    definition: &DefinitionName,
    causes: Option<&'c Causes>,
) -> Option<&'c Cause> {
    let known = site.definitions.get(definition.as_str())?;
    let names = |cause: &Cause| {
        known.suppressed_by.iter().any(|suppressor| suppressor.definition == cause.definition)
    };
    causes?.0.iter().find(|cause| names(cause) && state.is_present(cause))
}

impl Draft<'_> {
    /// One more change of what is kept quiet.
    pub(super) fn quieting(&mut self, quieting: Quieting) {
        self.fact(Fact::Quieted(quieting));
    }

    /// Why an alarm is quiet now, if it is.
    pub(in crate::watch) fn because(
        &self,
        definition: &DefinitionName,
        alarm: Option<&Alarm>,
        causes: Option<&Causes>,
    ) -> Option<Because> {
        let service = self.state.quiet.is_out(definition).or(alarm.and_then(Alarm::service));
        if let Some(Mark { by, .. }) = service {
            return Some(Because::Service(by.clone()));
        }
        if alarm.and_then(Alarm::shelf).is_some() {
            return Some(Because::Shelf);
        }
        if let Some(cause) = present_cause(self.site, self.state, definition, causes) {
            return Some(Because::Cause(cause.clone()));
        }
        let now = self.now;
        let window = self.site.maintenance.open(definition, self.is_of_vigie(definition), now.utc);
        window.map(|(_, due)| {
            let mono = now.mono.after(now.utc.until(due));
            Because::Window(Wait { since: now.utc, due, mono })
        })
    }

    pub(super) fn because_of(&self, alarm: &Alarm) -> Option<Because> {
        let hidden = alarm.hidden().map(|hidden| &hidden.activation);
        let open = alarm.open.as_deref().map(|open| &open.activation);
        let causes = hidden.or(open).and_then(|activation| activation.causes.as_deref());
        self.because(&alarm.definition, Some(alarm), causes)
    }

    /// From inactive to active: whether that stays hidden. What is being called about already goes on.
    pub(in crate::watch) fn keeps_quiet(
        &mut self,
        definition: &DefinitionName,
        number: AlarmNumber,
        open: Option<&Occurrence>,
        activation: &Activation,
    ) -> bool {
        let alarm = self.state.alarm_numbered(number);
        let because = self.because(definition, alarm, activation.causes.as_deref());
        // What flaps is one open occurrence, and silent already.
        let is_loud = open.is_some_and(|open| open.unacknowledged() || open.flapping);
        let Some(because) = because.filter(|_| !is_loud) else { return false };
        if activation.momentary {
            self.quieting(Quieting::Happened { alarm: number });
            alarm.into_iter().for_each(|alarm| self.passed_once(alarm));
        } else {
            let (activation, until) = (activation.clone(), because.until());
            self.quieting(Quieting::Came { alarm: number, activation, until });
        }
        true
    }

    /// What a signal says of an alarm whose condition is hidden. `false`: nothing is hidden, or the signal changes nothing of it.
    pub(in crate::watch) fn is_hidden(
        &mut self,
        signal: &Signal,
        definition: &Definition,
        alarm: Option<&Alarm>,
        condition: &Reported,
    ) -> bool {
        let Some((alarm, hidden)) = alarm.and_then(|alarm| Some((alarm, alarm.hidden()?))) else {
            return false;
        };
        match condition {
            Reported::Unchanged | Reported::Unreadable(_) | Reported::Event { .. } => return false,
            Reported::Normal => self.gone_unseen(definition, alarm),
            Reported::Active { priority, text } => {
                let activation = self.activation(definition, *priority, Arc::clone(text), false);
                let activation = activation.said_by(signal, definition, Some(&hidden.activation));
                self.still_unseen(alarm, hidden, activation, signal.tells);
            }
        }
        true
    }

    fn still_unseen(
        &mut self,
        alarm: &Alarm,
        hidden: &Hidden,
        activation: Activation,
        tells: Tells,
    ) {
        let was_going = matches!(alarm.pending.as_deref(), Some(Pending::Return { .. }));
        if was_going {
            self.fact(Fact::PendingOver { alarm: alarm.number });
        }
        let counts = match tells {
            Tells::News | Tells::Again => true,
            Tells::Standing => false,
        };
        let changes = (activation != hidden.activation).then(|| activation.clone());
        if counts || changes.is_some() {
            let alarm = alarm.number;
            self.quieting(Quieting::Again { alarm, counts, activation: changes });
        }
        // It was only its going that kept it from coming up; or none of those hides it that it names now, and of the one that does
        // it would never hear: it is found under its new names alone.
        if was_going || activation.causes != hidden.activation.causes {
            match self.because(&alarm.definition, Some(alarm), activation.causes.as_deref()) {
                None => self.surface(alarm, &Hidden { activation, ..hidden.clone() }),
                Some(because) => self.reviewed(alarm, because.until()),
            }
        }
    }

    fn gone_unseen(&mut self, definition: &Definition, alarm: &Alarm) {
        match alarm.pending.as_deref() {
            Some(Pending::Return { .. }) => {}
            Some(Pending::Activation { .. }) | None if definition.off_delay.is_zero() => {
                self.passed(alarm);
            }
            Some(Pending::Activation { .. }) | None => {
                let pending = Pending::Return { wait: self.now.wait(definition.off_delay) };
                self.fact(Fact::Pending { alarm: alarm.number, pending });
            }
        }
    }

    /// What was hidden is gone, and nobody ever knew.
    fn passed(&mut self, alarm: &Alarm) {
        self.quieting(Quieting::Gone { alarm: alarm.number });
        self.there_may_be_room_again();
        self.passed_once(alarm);
    }

    /// What is shelved until it returns has returned.
    fn passed_once(&mut self, alarm: &Alarm) {
        if alarm.shelf().is_some_and(|shelf| shelf.once) {
            self.quieting(Quieting::Unshelved { alarm: alarm.number, by: None });
        }
    }

    /// Something of an alarm that is quiet has fallen due: its time on the shelf, its return, another look. `false`: nothing has.
    pub(in crate::watch) fn quiet_due(&mut self, alarm: &Alarm) -> bool {
        let Some(quiet) = alarm.quiet.as_deref() else { return false };
        let now = self.now.mono;
        if let Some(Pending::Return { wait }) = alarm.pending.as_deref()
            && wait.mono <= now
            && quiet.hidden.is_some()
        {
            self.fact(Fact::PendingOver { alarm: alarm.number });
            self.passed(alarm);
        } else if quiet.shelf.as_ref().is_some_and(|shelf| shelf.until.mono <= now) {
            self.quieting(Quieting::Unshelved { alarm: alarm.number, by: None });
            self.look_again(&alarm.unshelved());
        } else if quiet.review.is_some_and(|review| review.mono <= now) {
            self.look_again(alarm);
        } else {
            return false;
        }
        true
    }

    /// Whether what is hidden is to be seen now, or what is seen to be hidden.
    pub(super) fn look_again(&mut self, alarm: &Alarm) {
        let because = self.because_of(alarm);
        let mut until = because.as_ref().and_then(Because::until);
        match (alarm.hidden(), because) {
            (Some(hidden), None) => match alarm.pending.as_deref() {
                // It is about to be gone: if it is not then, it comes up.
                Some(Pending::Return { wait }) => until = Some(*wait),
                Some(Pending::Activation { .. }) | None => return self.surface(alarm, hidden),
            },
            (None, Some(because)) => {
                if self.is_hushed(alarm, &because) {
                    self.reviewed(alarm, None);
                    let by = because.by().cloned();
                    return self.hush(alarm, by.as_ref(), |wording| match &because {
                        Because::Service(by) => wording.out_of_service(&alarm.called(), by),
                        Because::Shelf | Because::Cause(_) | Because::Window(_) => {
                            wording.is_an_effect(&alarm.called())
                        }
                    });
                }
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        self.reviewed(alarm, until);
    }

    fn reviewed(&mut self, alarm: &Alarm, until: Option<Wait>) {
        let has_review = alarm.quiet.as_ref().is_some_and(|quiet| quiet.review.is_some());
        if has_review || until.is_some() {
            self.quieting(Quieting::Reviewed { alarm: alarm.number, until });
        }
    }

    /// Whether an occurrence that stands is hidden for that reason.
    fn is_hushed(&self, alarm: &Alarm, because: &Because) -> bool {
        let Some(open) = alarm.open.as_deref() else { return false };
        match because {
            Because::Service(_) | Because::Shelf => true,
            // It was there before the work began.
            Because::Window(_) => false,
            Because::Cause(_) => {
                // What has happened, or came and went, before its cause was there is not hidden by it: nobody would learn of it.
                let is_recent = open.opened.until(self.now.utc) <= GRACE;
                is_recent && alarm.cause_is_present() && open.stage.holders().is_empty()
            }
        }
    }

    /// An alarm that flapped has come to rest with its cause present, while something keeps it quiet: that it is back is
    /// hidden, as that of any alarm would be. What somebody holds stays with them; what nobody asks for any more is over.
    pub(in crate::watch) fn settles_unseen(
        &mut self,
        alarm: &Alarm,
        after: &Occurrence,
        because: &Because,
    ) {
        let (alarm, activation) = (alarm.number, after.activation.clone());
        let (since, until) = (after.active_since, because.until());
        self.quieting(Quieting::Hushed { alarm, activation, since, until });
        self.close_if_over(&Occurrence { active: false, ..after.clone() });
    }

    /// What stands closes, and is hidden if its cause is present. Those who may have read of it are told, but for the one who did it.
    pub(super) fn hush(
        &mut self,
        alarm: &Alarm,
        but: Option<&PersonId>,
        sentence: impl Fn(Wording<'_>) -> String,
    ) {
        let Some(open) = alarm.open.as_deref() else { return };
        // What flaps stands as active, whatever it is just now.
        if alarm.cause_is_present() {
            self.quieting(Quieting::Hushed {
                alarm: alarm.number,
                activation: open.activation.clone(),
                since: open.active_since,
                until: None,
            });
        }
        let audience = self.audience(open);
        self.cancel_all(open);
        self.take_back(open.number, &Kind::ALL, Afterwards::Void);
        for person in audience.iter().filter(|person| Some(*person) != but) {
            self.tell_news_saying(open, person, News::Quietened, &sentence);
        }
        self.close(open);
    }

    /// What was hidden opens by the ordinary road, with the ladder of now.
    fn surface(&mut self, alarm: &Alarm, hidden: &Hidden) {
        self.quieting(Quieting::Surfaced { alarm: alarm.number });
        let activation = self.frozen_now(alarm, &hidden.activation);
        self.activate_aloud(alarm.number, alarm.open.as_deref(), activation);
    }

    /// The files have changed: what can no longer be seen is no longer hidden, and all else that is hidden is looked at again.
    pub(in crate::watch) fn look_at_all(&mut self) {
        let state = self.state;
        for alarm in state.quiet.alarms().filter_map(|number| state.alarm_numbered(number)) {
            if alarm.hidden().is_none() {
                continue;
            }
            let definition = self.site.definitions.get(alarm.definition.as_str());
            let is_unseen = definition.is_none_or(|known| matches!(known.says, Says::Momentary(_)));
            if is_unseen || self.is_told_elsewhere(alarm) {
                self.passed(alarm);
            } else {
                // Not now: the ladders of these files are frozen by this very decision.
                self.reviewed(alarm, Some(self.now.at_once()));
            }
        }
    }
}
