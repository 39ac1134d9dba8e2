//! From signal to alarm: what a definition reads passes its delays, and opens, repeats, returns or
//! closes an occurrence (behaviour §1, §2).

use std::sync::Arc;
use std::time::Duration;

use super::acknowledgement::Stage;
use super::alarm::{Activation, Alarm, AlarmNumber, Occurrence, Pending, PolicyNumber};
use super::decision::{Fact, Outcome, Why};
use super::definition::{Definition, Reading, Reported};
use super::draft::Draft;
use super::escalation::{Ladder, Seeks};
use super::notification::Purpose;
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::signal::{Kind, Signal, Value};
use super::site::{Acknowledge, OnReturn, Priority};
use super::state::STANDING_LIMIT;

// Decision, 2026-11-23: the text of an occurrence is that of its latest activation, or of the
// signal that made it worse; a mere repetition does not change it. A code stands for what its
// person has read, and "Pump 1" must not turn into "Pump 2" behind a code. Rejected: the text of
// the latest signal, which would show the newest value, at the price of that promise.

impl Draft<'_> {
    /// An input received something. It is on the record whether or not anybody claims it.
    pub(super) fn signal(&mut self, signal: &Signal) -> Outcome {
        if let Some(identity) = signal.identity {
            if self.state.heard.knows(identity) {
                return Outcome::Repeated;
            }
            self.fact(Fact::Heard { identity });
        }
        self.read(signal);
        Outcome::Taken
    }

    /// Shows the signal to every definition that selects it.
    pub(super) fn read(&mut self, signal: &Signal) {
        let site = self.site;
        let mut claimed = false;
        for definition in site.definitions.select(signal) {
            claimed = true;
            self.reading(signal, definition, definition.read(signal));
        }
        if !claimed {
            self.unclaimed(signal, None);
        }
    }

    /// Whether any definition selects the signal.
    pub(super) fn is_claimed(&self, signal: &Signal) -> bool {
        self.site.definitions.select(signal).next().is_some()
    }

    pub(super) fn unclaimed(&mut self, signal: &Signal, reason: Option<(&Definition, &str)>) {
        let group = group_of(signal, reason.map(|(definition, _)| definition));
        let known = self.state.unclaimed.contains_key(&group);
        let sample = (!known).then(|| Box::new(sample_of(signal)));
        let reason = reason.map(|(definition, why)| Arc::from(format!("`{}`: {why}", definition.name)));
        self.fact(Fact::Unclaimed { group, sample, reason });
    }

    fn reading(&mut self, signal: &Signal, definition: &Definition, reading: Reading) {
        let alarm = self.state.alarm(definition.name.as_str(), &reading.key);
        match reading.condition {
            Reported::Unchanged => {}
            Reported::Unreadable(reason) => self.unclaimed(signal, Some((definition, &reason))),
            Reported::Normal => {
                if let Some(alarm) = alarm {
                    self.gone(definition, alarm);
                }
            }
            Reported::Active { priority, text } => {
                let activation = self.activation(definition, priority, text, false);
                self.present(signal, definition, &reading.key, alarm, activation);
            }
            Reported::Event { priority, text } => {
                let activation = self.activation(definition, priority, text, true);
                self.present(signal, definition, &reading.key, alarm, activation);
            }
        }
    }

    fn activation(
        &self,
        definition: &Definition,
        priority: Priority,
        text: Arc<str>,
        momentary: bool,
    ) -> Activation {
        let policy = definition.escalation.as_ref().and_then(|name| self.state.current_policy(name));
        let latch = definition.latch;
        let on_return = match policy.and_then(|number| self.state.policy(number)) {
            Some(_) if latch => OnReturn::Hold,
            Some(frozen) => frozen.policy.on_return,
            None => OnReturn::Close,
        };
        let procedure = definition.procedure.clone();
        Activation { priority, text, procedure, policy, latch, momentary, on_return }
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
        let open = alarm.and_then(|alarm| alarm.open.as_deref());
        match (alarm, open) {
            (Some(alarm), Some(open)) if open.active => self.still_present(alarm, open, activation),
            (_, Some(open)) if activation.momentary && open.unacknowledged() => self.again(open, activation),
            (Some(alarm), _) if alarm.pending.is_some() => {}
            (Some(alarm), open) => self.begins(definition, alarm.number, open, activation),
            (None, _) if self.state.standing_count() >= STANDING_LIMIT => {
                let reason = "more alarms stand already than Vigie can hold";
                self.unclaimed(signal, Some((definition, reason)));
                self.own(SelfSignal::raised(SelfAlarm::TooManyAlarms, "", reason));
            }
            (None, _) => {
                let number = self.next_alarm();
                let definition_name = definition.name.clone();
                self.fact(Fact::AlarmKnown { alarm: number, definition: definition_name, key: Arc::clone(key) });
                self.begins(definition, number, None, activation);
            }
        }
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
            let pending = Pending::Activation { wait: self.now.wait(definition.on_delay), as_: activation };
            self.fact(Fact::Pending { alarm, pending });
        } else {
            self.activate(alarm, open, activation);
        }
    }

    /// From inactive to active: a new occurrence, or the open one again.
    fn activate(&mut self, alarm: AlarmNumber, open: Option<&Occurrence>, activation: Activation) {
        let Some(open) = open else {
            self.open(alarm, activation);
            return;
        };
        let occurrence = open.number;
        // The ladder and what it asks for were frozen when the occurrence opened.
        let activation =
            Activation { policy: open.activation.policy, on_return: open.activation.on_return, ..activation };
        let after = Occurrence { activation: activation.clone(), ..open.clone() };
        match &open.stage {
            Stage::NotRequired => {
                self.fact(Fact::Reactivated { occurrence, activation });
            }
            Stage::Unacknowledged { .. } => {
                let worse = activation.priority > open.activation.priority;
                self.fact(Fact::Reactivated { occurrence, activation });
                if worse {
                    self.call_again(&after);
                }
            }
            Stage::Acknowledged { .. } | Stage::Confirmed { .. } => {
                self.fact(Fact::Reactivated { occurrence, activation });
                self.tell_holders(open, |wording| wording.came_back(&after));
                self.reopen(&after, Why::Reactivated);
            }
        }
    }

    fn open(&mut self, alarm: AlarmNumber, activation: Activation) {
        let occurrence = self.next_occurrence();
        let policy = activation.policy.and_then(|number| self.state.policy(number));
        let acknowledge = policy.as_ref().map(|policy| policy.acknowledge());
        let stage = Stage::at_opening(acknowledge);
        let ladder = match acknowledge {
            None => Ladder::Still,
            Some(Acknowledge::None) => Ladder::from_the_start(self.now, Seeks::Witness),
            Some(Acknowledge::Single { .. } | Acknowledge::Double { .. }) => {
                Ladder::from_the_start(self.now, Seeks::Answer)
            }
        };
        let over = activation.momentary && !activation.latch && stage == Stage::NotRequired && !ladder.is_climbing();
        self.fact(Fact::Opened { alarm, occurrence, activation, stage, ladder });
        if over {
            self.fact(Fact::Closed { occurrence });
        }
    }

    /// A repeated active signal while active is only a repeat, unless it is worse than before.
    fn still_present(&mut self, alarm: &Alarm, open: &Occurrence, activation: Activation) {
        if let Some(Pending::Return { .. }) = alarm.pending {
            self.fact(Fact::PendingOver { alarm: alarm.number });
        }
        self.again(open, activation);
    }

    fn again(&mut self, open: &Occurrence, activation: Activation) {
        let occurrence = open.number;
        self.fact(Fact::Repeated { occurrence });
        if activation.priority == open.activation.priority {
            return;
        }
        let worse = activation.priority > open.activation.priority;
        let text = if worse { activation.text } else { Arc::clone(&open.activation.text) };
        let graded = Activation { priority: activation.priority, text, ..open.activation.clone() };
        self.fact(Fact::Graded { occurrence, activation: graded.clone() });
        if !worse {
            return;
        }
        let after = Occurrence { activation: graded, ..open.clone() };
        match &open.stage {
            Stage::NotRequired if open.activation.policy.is_some() => self.restart(&after, Seeks::Witness),
            Stage::NotRequired => {}
            Stage::Unacknowledged { .. } => self.call_again(&after),
            Stage::Acknowledged { .. } | Stage::Confirmed { .. } => {
                self.tell_holders(open, |wording| wording.got_worse(&after));
                self.reopen(&after, Why::Worse);
            }
        }
    }

    /// What was already being asked is asked anew, from the first step, with the same codes.
    fn call_again(&mut self, after: &Occurrence) {
        self.cancel_calls(after);
        self.restart(after, Seeks::Answer);
    }

    fn restart(&mut self, after: &Occurrence, seeks: Seeks) {
        self.fact(Fact::Staged {
            occurrence: after.number,
            why: Why::Worse,
            stage: after.stage.clone(),
            ladder: Ladder::from_the_start(self.now, seeks),
            new_run: false,
        });
    }

    /// The cause is gone: after the off-delay the alarm has returned.
    fn gone(&mut self, definition: &Definition, alarm: &Alarm) {
        match (&alarm.pending, alarm.open.as_deref()) {
            (Some(Pending::Activation { .. }), _) => self.fact(Fact::PendingOver { alarm: alarm.number }),
            (Some(Pending::Return { .. }), _) => {}
            (None, Some(open)) if open.active => {
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
        let occurrence = open.number;
        self.fact(Fact::Returned { occurrence });
        let after = Occurrence { active: false, ..open.clone() };
        let nobody_asked = matches!(open.stage, Stage::NotRequired);
        let closes = (open.unacknowledged() || nobody_asked)
            && open.activation.on_return == OnReturn::Close
            && !open.latched;
        if closes {
            self.cancel_calls(open);
            for told in open.told.iter().filter(|told| told.reached) {
                let text = self.wording(&told.person).back_to_normal(&after);
                self.owe(&told.person, Purpose::Announcement, Some(&after), text);
            }
            self.fact(Fact::Closed { occurrence });
        } else {
            self.close_if_over(&after);
        }
    }

    /// A delay is over.
    pub(super) fn delay_over(&mut self, alarm: &Alarm, pending: &Pending) {
        self.fact(Fact::PendingOver { alarm: alarm.number });
        match pending {
            Pending::Activation { as_, .. } => self.activate(alarm.number, alarm.open.as_deref(), as_.clone()),
            Pending::Return { .. } => {
                if let Some(open) = alarm.open.as_deref() {
                    self.returned(open);
                }
            }
        }
    }

    /// The policies as the files have them now are frozen for what opens from now on; those that
    /// nothing needs are forgotten; an alarm whose definition is gone can no longer be seen.
    pub(super) fn configured(&mut self) {
        let site = self.site;
        let mut number = self.state.last_policy();
        for (name, policy) in &site.policies {
            let last_resort = site.last_resort.as_ref().filter(|last| *last != name).and_then(|last| {
                Some((last.clone(), site.policies.get(last)?.as_ref().clone()))
            });
            let frozen = super::escalation::FrozenPolicy {
                name: name.clone(),
                policy: policy.as_ref().clone(),
                last_resort,
            };
            let known = self.state.current_policy(name).and_then(|number| self.state.policy(number));
            if known.is_none_or(|known| *known != frozen) {
                number = number.saturating_add(1);
                self.fact(Fact::PolicyFrozen { number: PolicyNumber(number), policy: Arc::new(frozen) });
            }
        }
        self.forget_policies();
        self.withdraw();
    }

    fn forget_policies(&mut self) {
        let needed: std::collections::BTreeSet<PolicyNumber> =
            self.state.standing().filter_map(|(_, open)| open.activation.policy).collect();
        for (number, policy) in &self.state.policies {
            let current = self.state.current_policy(&policy.name) == Some(*number);
            let in_files = self.site.policies.contains_key(&policy.name);
            let pending = self.state.alarms().any(|alarm| {
                matches!(&alarm.pending, Some(Pending::Activation { as_, .. }) if as_.policy == Some(*number))
            });
            if !needed.contains(number) && !pending && !(current && in_files) {
                self.fact(Fact::PolicyForgotten { number: *number });
            }
        }
    }

    fn withdraw(&mut self) {
        for (alarm, open) in self.state.standing() {
            if !open.active || self.site.definitions.get(alarm.definition.as_str()).is_some() {
                continue;
            }
            self.fact(Fact::Withdrawn { occurrence: open.number });
            self.close_if_over(&Occurrence { active: false, ..open.clone() });
        }
    }
}

/// What unclaimed signals have in common: shown, and counted, once.
fn group_of(signal: &Signal, definition: Option<&Definition>) -> Arc<str> {
    let telling = match signal.kind {
        Kind::Snmp => signal.fields.get("trap"),
        Kind::Gsm => signal.fields.get("sender"),
        Kind::Mqtt => signal.fields.get("topic"),
        Kind::Contacts => signal.fields.get("line"),
        Kind::Vigie => signal.fields.get("alarm"),
    };
    let telling = match telling {
        Some(Value::Text(text)) => text.chars().take(200).collect(),
        Some(other) => format!("{other:?}").chars().take(200).collect::<String>(),
        None => String::new(),
    };
    let definition = definition.map_or("", |definition| definition.name.as_str());
    Arc::from(format!("{} {telling} {definition}", signal.input))
}

/// The signal as it is kept for showing: without the raw bytes, which the journal has.
fn sample_of(signal: &Signal) -> Signal {
    let mut sample = Signal { raw: Arc::from([]), ..signal.clone() };
    sample.text = Arc::from(signal.text.chars().take(1_000).collect::<String>());
    sample
}
