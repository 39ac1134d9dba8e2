//! From signal to alarm: what a definition reads passes its delays, and opens, repeats, returns or
//! closes an occurrence (behaviour §1, §2).
//!
//! # Decision (2026-11-23): the text of an occurrence is that of its latest activation
//!
//! Or of the signal that made it worse; a mere repetition does not change it. A code stands for what its person has read, and
//! "Pump 1" must not turn into "Pump 2" behind a code. Rejected: the text of the latest signal, which would show the newest value,
//! at the price of that promise.

use std::sync::Arc;
use std::time::Duration;

use super::alarm::{Activation, Alarm, AlarmNumber, Occurrence, OccurrenceNumber, Pending};
use super::decision::{Fact, Why};
use super::definition::{Definition, Reading, Reported};
use super::draft::Draft;
use super::escalation::{Ladder, Seeks};
use super::flapping::Turn;
use super::name::DefinitionName;
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::signal::{Kind, Signal, Tells};
use super::site::{Acknowledge, OnReturn, Priority};
use super::stage::Stage;
use super::storm::{self, Afterwards, News};

impl Draft<'_> {
    pub(super) fn reading(&mut self, signal: &Signal, definition: &Definition, reading: Reading) {
        if reading.cut {
            self.fact(Fact::Cut { definition: definition.name.clone() });
        }
        let alarm = self.state.alarm(definition.name.as_str(), &reading.key);
        let condition = reading.condition.doubted(signal, definition, alarm);
        if self.is_hidden(signal, definition, alarm, &condition) {
            return;
        }
        match condition {
            Reported::Unchanged => {}
            Reported::Unreadable(reason) => self.unclaimed(signal, Some((definition, &reason))),
            Reported::Normal => {
                if let Some(alarm) = alarm {
                    self.gone(definition, alarm);
                }
            }
            Reported::Active { priority, text } => {
                let known = alarm.and_then(Alarm::as_known);
                let activation = self.activation(definition, priority, text, false);
                let activation = activation.said_by(signal, definition, known);
                self.present(signal, definition, &reading.key, alarm, activation);
            }
            // What somebody left there to be read happened then, not now.
            Reported::Event { .. } if signal.tells == Tells::Standing => {}
            Reported::Event { priority, text } => {
                let known = alarm.and_then(Alarm::as_known);
                let activation = self.activation(definition, priority, text, true);
                let activation = activation.said_by(signal, definition, known);
                self.present(signal, definition, &reading.key, alarm, activation);
            }
        }
    }

    pub(super) fn activation(
        &self,
        definition: &Definition,
        priority: Priority,
        text: Arc<str>,
        momentary: bool,
    ) -> Activation {
        let policy =
            definition.escalation.as_ref().and_then(|name| self.state.current_policy(name));
        let latch = definition.latch;
        let on_return = match policy.and_then(|number| self.state.policy(number)) {
            Some(_) if latch => OnReturn::Hold,
            Some(frozen) => frozen.policy.on_return,
            None => OnReturn::Close,
        };
        let procedure = definition.procedure.clone();
        let (swap, testing, causes) = (None, None, None);
        let by_its_own = Activation {
            priority,
            text,
            procedure,
            policy,
            latch,
            momentary,
            on_return,
            swap,
            testing,
            causes,
        };
        self.by_the_way_of_now(definition, by_its_own)
    }

    /// The cause is present.
    fn present(
        &mut self,
        signal: &Signal,
        definition: &Definition,
        key: &Arc<str>,
        alarm: Option<&Alarm>,
        activation: Activation,
    ) {
        let Some(alarm) = alarm else {
            self.first(signal, definition, key, activation);
            return;
        };
        match (alarm.open.as_deref(), alarm.pending.as_deref()) {
            (Some(open), _) if alarm.cause_is_present() => {
                self.still_present(alarm, open, activation, signal.tells);
            }
            (Some(open), _) if activation.momentary && open.unacknowledged() && !open.flapping => {
                self.again(open, activation, signal.tells);
            }
            (_, Some(Pending::Activation { wait, as_ })) if !activation.momentary => {
                if *as_ != activation {
                    let pending = Pending::Activation { wait: *wait, as_: activation };
                    self.fact(Fact::Pending { alarm: alarm.number, pending });
                }
            }
            (open, _) => self.begins(definition, alarm.number, open, activation),
        }
    }

    /// The cause of an alarm that nothing is remembered of. There is always room for what Vigie
    /// has to say of itself: that there is no more room, above all.
    fn first(
        &mut self,
        signal: &Signal,
        definition: &Definition,
        key: &Arc<str>,
        activation: Activation,
    ) {
        if signal.kind != Kind::Vigie && !self.state.has_room(definition) {
            let reason = self.site_wording().no_room();
            self.unclaimed(signal, Some((definition, &reason)));
            let name = definition.name.as_str();
            self.own(SelfSignal::raised(SelfAlarm::TooManyAlarms, name, &reason));
            return;
        }
        let alarm = self.next_alarm();
        let key = Arc::clone(key);
        let definition_name = definition.name.clone();
        self.fact(Fact::AlarmKnown { alarm, definition: definition_name, key, is_test: false });
        self.begins(definition, alarm, None, activation);
    }

    /// It was inactive: after the on-delay it is active.
    fn begins(
        &mut self,
        definition: &Definition,
        alarm: AlarmNumber,
        open: Option<&Occurrence>,
        activation: Activation,
    ) {
        if definition.on_delay > Duration::ZERO && !activation.momentary {
            let pending =
                Pending::Activation { wait: self.now.wait(definition.on_delay), as_: activation };
            self.fact(Fact::Pending { alarm, pending });
        } else {
            self.activate(&definition.name, alarm, open, activation);
        }
    }

    fn activate(
        &mut self,
        definition: &DefinitionName,
        alarm: AlarmNumber,
        open: Option<&Occurrence>,
        activation: Activation,
    ) {
        if !self.keeps_quiet(definition, alarm, open, &activation) {
            self.activate_aloud(alarm, open, activation);
        }
    }

    /// From inactive to active: a new occurrence, or the open one again.
    pub(super) fn activate_aloud(
        &mut self,
        alarm: AlarmNumber,
        open: Option<&Occurrence>,
        activation: Activation,
    ) {
        let turn = self.comes(alarm, &activation);
        if turn == Turn::Counts {
            return;
        }
        let Some(open) = open else {
            let occurrence = self.open(alarm, activation);
            if turn == Turn::Flaps {
                self.begins_to_flap(occurrence);
            }
            return;
        };
        let occurrence = open.number;
        // The ladder and what it asks for were frozen when the occurrence opened.
        let activation = Activation {
            policy: open.activation.policy,
            on_return: open.activation.on_return,
            swap: open.activation.swap.clone(),
            ..activation
        };
        let flapping = turn == Turn::Flaps;
        let after = Occurrence { activation: activation.clone(), flapping, ..open.clone() };
        let worse = activation.priority > open.worst();
        self.fact(Fact::Reactivated { occurrence, activation });
        if flapping {
            self.begins_to_flap(occurrence);
        }
        match &open.stage {
            Stage::NotRequired
                if self.moves_if_elsewhere(&Occurrence { active: true, ..after.clone() }) => {}
            Stage::NotRequired => self.inform_again(&after, Why::Reactivated),
            Stage::Unacknowledged { so_far } if so_far.is_empty() => {
                if worse {
                    self.call_again(&after);
                } else if flapping {
                    self.tell_unstable(&after);
                }
            }
            // An acknowledgement that was received before never counts for what came after it.
            Stage::Unacknowledged { .. } | Stage::Acknowledged { .. } | Stage::Confirmed { .. } => {
                self.tell_holders(open, &after, &News::CameBack);
                self.reopen(&after, Why::Reactivated);
            }
        }
    }

    pub(super) fn open(&mut self, alarm: AlarmNumber, activation: Activation) -> OccurrenceNumber {
        let occurrence = self.next_occurrence();
        let policy = activation.policy.and_then(|number| self.state.policy(number));
        let acknowledge = policy.as_ref().map(|policy| policy.acknowledge());
        let stage = Stage::at_opening(acknowledge);
        let ladder = self.first_ladder(acknowledge);
        let over = activation.momentary
            && !activation.latch
            && stage == Stage::NotRequired
            && !ladder.is_climbing();
        self.fact(Fact::Opened { alarm, occurrence, activation, stage, ladder });
        if over {
            self.fact(Fact::Closed { occurrence });
        }
        occurrence
    }

    /// Who is called first of all where that must be answered.
    pub(super) fn first_ladder(&self, acknowledge: Option<Acknowledge>) -> Ladder {
        match acknowledge {
            None => Ladder::Still,
            Some(Acknowledge::None) => Ladder::from_the_start(self.now, Seeks::Witness),
            Some(Acknowledge::Single { .. } | Acknowledge::Double { .. }) => {
                Ladder::from_the_start(self.now, Seeks::Answer)
            }
        }
    }

    /// A repeated active signal while active is only a repeat, unless it is worse than before.
    fn still_present(
        &mut self,
        alarm: &Alarm,
        open: &Occurrence,
        activation: Activation,
        tells: Tells,
    ) {
        if let Some(Pending::Return { .. }) = alarm.pending.as_deref() {
            self.fact(Fact::PendingOver { alarm: alarm.number });
        }
        self.again(open, activation, tells);
    }

    pub(super) fn again(&mut self, open: &Occurrence, activation: Activation, tells: Tells) {
        let occurrence = open.number;
        match tells {
            Tells::News | Tells::Again => self.fact(Fact::Repeated { occurrence }),
            // Nothing has repeated itself: only we have asked again.
            Tells::Standing => {}
        }
        let is_no_better = open.flapping && activation.priority < open.activation.priority;
        if activation.priority == open.activation.priority || is_no_better {
            return;
        }
        // Nobody was told that it became better: what is no worse than they were told is no news, and must not keep the ladder at its
        // first step while a value wavers.
        let worse = activation.priority > open.worst();
        let text = if worse { activation.text } else { Arc::clone(&open.activation.text) };
        let graded = Activation { priority: activation.priority, text, ..open.activation.clone() };
        self.fact(Fact::Graded { occurrence, activation: graded.clone() });
        if !worse {
            return;
        }
        let after = Occurrence { activation: graded, ..open.clone() };
        match &open.stage {
            Stage::NotRequired => self.inform_again(&after, Why::Worse),
            Stage::Unacknowledged { so_far } if so_far.is_empty() => self.call_again(&after),
            Stage::Unacknowledged { .. } | Stage::Acknowledged { .. } | Stage::Confirmed { .. } => {
                self.tell_holders(&after, &after, &News::Worse);
                self.reopen(&after, Why::Worse);
            }
        }
    }

    /// What was already being asked is asked anew, from the first step, with the same codes.
    fn call_again(&mut self, after: &Occurrence) {
        self.take_back(after.number, &storm::Kind::ASKING, Afterwards::Anew);
        self.restart(after, Why::Worse, Seeks::Answer);
    }

    /// Under `none`, those who were told are told anew.
    pub(super) fn inform_again(&mut self, after: &Occurrence, why: Why) {
        if after.activation.policy.is_some() {
            self.take_back(after.number, &[storm::Kind::Inform], Afterwards::Anew);
            self.restart(after, why, Seeks::Witness);
        }
    }

    fn restart(&mut self, after: &Occurrence, why: Why, seeks: Seeks) {
        let ladder = after.ladder.restarted(self.now, seeks);
        self.stage(&Occurrence { ladder, ..after.clone() }, why, false);
    }

    /// The cause is gone: after the off-delay the alarm has returned.
    fn gone(&mut self, definition: &Definition, alarm: &Alarm) {
        match (alarm.pending.as_deref(), alarm.open.as_deref()) {
            (Some(Pending::Activation { .. }), _) => {
                self.fact(Fact::PendingOver { alarm: alarm.number });
                self.there_may_be_room_again();
            }
            (Some(Pending::Return { .. }), _) => {}
            (None, Some(open)) if alarm.cause_is_present() => {
                if definition.off_delay > Duration::ZERO {
                    let pending = Pending::Return { wait: self.now.wait(definition.off_delay) };
                    self.fact(Fact::Pending { alarm: alarm.number, pending });
                } else {
                    self.returned(open);
                }
            }
            (None, Some(_) | None) => {}
        }
    }

    /// From active to returned: what happens then is the policy's word.
    pub(super) fn returned(&mut self, open: &Occurrence) {
        if !self.goes(open) {
            self.has_returned(open);
        }
    }

    /// Whether it closes when it returns.
    pub(super) fn closes(&self, open: &Occurrence) -> bool {
        let nobody_asked = matches!(open.stage, Stage::NotRequired);
        (open.unacknowledged() || nobody_asked)
            && open.activation.on_return == OnReturn::Close
            && !open.latched
    }

    pub(super) fn has_returned(&mut self, open: &Occurrence) {
        let occurrence = open.number;
        self.fact(Fact::Returned { occurrence });
        let after = Occurrence { active: false, ..open.clone() };
        if self.closes(open) {
            let mut audience = self.audience(open);
            audience.extend(self.state.still_to_be_informed(open));
            for person in audience {
                self.tell_news(&after, &person, News::Normal);
            }
            self.close(&after);
        } else {
            self.close_if_over(&after);
        }
    }

    /// The ladder is frozen when the occurrence opens, not when the delay began, or when it was hidden.
    pub(super) fn frozen_now(&self, alarm: &Alarm, as_: &Activation) -> Activation {
        let causes = as_.causes.clone();
        match self.site.definitions.get(alarm.definition.as_str()) {
            Some(definition) => Activation {
                causes,
                ..self.activation(definition, as_.priority, Arc::clone(&as_.text), false)
            },
            None => as_.clone(),
        }
    }

    /// A delay is over.
    pub(super) fn delay_over(&mut self, alarm: &Alarm, pending: &Pending) {
        let open = alarm.open.as_deref();
        match pending {
            Pending::Activation { as_, .. } => {
                let activation = self.frozen_now(alarm, as_);
                self.activate(&alarm.definition, alarm.number, open, activation);
            }
            Pending::Return { .. } => {
                self.fact(Fact::PendingOver { alarm: alarm.number });
                if let Some(open) = open {
                    self.returned(open);
                }
            }
        }
    }
}
