//! A night: a watch, a virtual clock, a modem, and the phones of the people.
//!
//! It does what the sequencer does: what the watch finds out about itself follows at once, then
//! everything that is due. After each event it proves that the record gives the same state again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::site::{BEGINNING, Files, person, phone};
use crate::watch::Watch;
use crate::watch::alarm::{AlarmState, Occurrence, OccurrenceNumber};
use crate::watch::codes::Code;
use crate::watch::decision::{Decision, Fact, Outcome};
use crate::watch::event::{
    Action, Attempt, Command, Delivered, Delivery, Entropy, Event, Happening, Report, ShortMessage,
    Start, Target,
};
use crate::watch::name::{InputName, PersonId};
use crate::watch::notification::{Notification, NotificationId, Progress};
use crate::watch::own_alarms::SelfSignal;
use crate::watch::signal::{Fields, Identity, Kind, Signal, Tells, Value};
use crate::watch::state::State;
use crate::watch::time::{ClockQuality, Moment, Mono};

/// What the modem does with what is owed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Modem {
    /// Each message is sent as soon as it is owed.
    Works,
    /// Nothing leaves.
    IsDown,
}

pub(super) struct Night {
    pub(super) watch: Watch,
    pub(super) now: Moment,
    pub(super) modem: Modem,
    pub(super) decisions: Vec<Decision>,
    replayed: State,
    phones: Vec<(PersonId, String)>,
    events: u64,
}

/// The state as a snapshot gives it back.
pub(super) fn thawed(state: &State) -> State {
    let mut thawed = State::default();
    for piece in state.pieces() {
        let written = serde_json::to_string(&piece).unwrap();
        thawed.absorb(serde_json::from_str(&written).unwrap());
    }
    thawed
}

impl Night {
    /// The state of now as a snapshot gives it back.
    pub(super) fn thawed(&self) -> State {
        thawed(self.watch.state())
    }

    pub(super) fn over(files: &Files) -> Self {
        let now = Moment {
            utc: BEGINNING,
            mono: Mono::from_nanos(1_000_000_000),
            quality: ClockQuality::Synchronised,
        };
        let mut night = Self {
            watch: Watch::new(files.site()),
            now,
            modem: Modem::Works,
            decisions: Vec::new(),
            replayed: State::default(),
            phones: Vec::new(),
            events: 0,
        };
        night.happens(Happening::Started(Start { version: "0".into() }));
        night.happens(Happening::Configured);
        night
    }

    // What happens.

    pub(super) fn happens(&mut self, happening: Happening) -> Outcome {
        let outcome = self.one(happening);
        self.due();
        self.is_on_record();
        outcome
    }

    fn is_on_record(&self) {
        let same = self.replayed == *self.watch.state();
        assert!(same, "the record gives another state after {:#?}", self.decisions.last());
    }

    /// One event and what the watch finds out about itself, but nothing of what is due then.
    pub(super) fn one(&mut self, happening: Happening) -> Outcome {
        let decision = self.decide(happening);
        let outcome = decision.outcome.clone();
        let mut own: VecDeque<SelfSignal> = decision.own.into();
        for _ in 0..20 {
            let Some(signal) = own.pop_front() else { return outcome };
            own.extend(self.decide(Happening::Own(signal)).own);
        }
        panic!("what the watch finds out about itself never ends");
    }

    fn decide(&mut self, happening: Happening) -> Decision {
        self.events += 1;
        let event =
            Event { happening, entropy: Entropy(self.events.wrapping_mul(0x9e37_79b9_7f4a_7c15)) };
        let decision = self.watch.decide(&event, self.now);
        assert_eq!(
            decision,
            self.watch.decide(&event, self.now),
            "the same event, another decision"
        );
        self.watch.apply(&decision);
        let written = serde_json::to_string(&decision).unwrap();
        self.replayed.take(&serde_json::from_str(&written).unwrap());
        self.decisions.push(decision.clone());
        decision
    }

    /// Everything that is due by now, then the modem's work, until nothing more follows.
    fn due(&mut self) {
        for _ in 0..10_000 {
            if self.watch.next_deadline().is_some_and(|due| due <= self.now.mono) {
                let before = self.decisions.len();
                self.one(Happening::Deadline);
                let facts = &self.decisions[before].facts;
                assert!(!facts.is_empty(), "a deadline fell due and nothing followed");
            } else if !(self.modem == Modem::Works && self.send_one()) {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    fn send_one(&mut self) -> bool {
        let Some(owed) = self.queued().first().cloned() else { return false };
        self.report(owed.id, Attempt::Started { parts: 1 });
        self.report(owed.id, Attempt::Sent(vec![reference(owed.id)]));
        self.phones.push((owed.person, owed.text.to_string()));
        true
    }

    pub(super) fn report(&mut self, notification: NotificationId, attempt: Attempt) {
        let report = Report { notification, by: InputName::new("gsm.orange"), attempt };
        self.one(Happening::Report(report));
    }

    /// The network's word on a message.
    pub(super) fn network(&mut self, owed: &Notification, outcome: Delivered) {
        self.happens(Happening::Delivery(Delivery {
            by: InputName::new("gsm.orange"),
            reference: reference(owed.id),
            recipient: owed.phone.clone(),
            outcome,
            submitted: None,
            discharged: None,
            identity: None,
        }));
    }

    pub(super) fn active(&mut self) {
        self.signal("pump", "", true, 1);
    }

    pub(super) fn normal(&mut self) {
        self.signal("pump", "", false, 1);
    }

    pub(super) fn worse(&mut self) {
        self.signal("pump", "", true, 2);
    }

    pub(super) fn signal(&mut self, alarm: &str, key: &str, active: bool, level: i64) {
        let signal = self.reading(alarm, key, active, level);
        self.happens(Happening::Signal(signal));
    }

    pub(super) fn reading(&self, alarm: &str, key: &str, active: bool, level: i64) -> Signal {
        let mut fields = Fields::default();
        fields.set("alarm", Value::text(alarm));
        fields.set("key", Value::text(key));
        fields.set("active", Value::Bool(active));
        fields.set("level", Value::Int(level));
        Signal {
            input: InputName::new("mqtt.plant"),
            kind: Kind::Mqtt,
            source: "plant".into(),
            fields,
            text: "reading".into(),
            source_time: None,
            tells: Tells::News,
            received: self.now.utc,
            identity: None,
            raw: Arc::from([]),
        }
    }

    pub(super) fn message(&self, sender: &str, text: &str, identity: Option<u64>) -> Happening {
        let mut fields = Fields::default();
        fields.set("sender", Value::text(phone(sender).as_str()));
        Happening::Message(ShortMessage {
            signal: Signal {
                input: InputName::new("gsm.orange"),
                kind: Kind::Gsm,
                source: phone(sender).as_str().into(),
                fields,
                text: text.into(),
                source_time: None,
                tells: Tells::News,
                received: self.now.utc,
                identity: identity.map(Identity),
                raw: Arc::from([]),
            },
            sender: Some(phone(sender)),
            national: None,
        })
    }

    /// A person sends a message; the answer is what their phone then shows.
    pub(super) fn sms(&mut self, sender: &str, text: &str) -> String {
        self.phone(sender);
        let message = self.message(sender, text, None);
        self.happens(message);
        self.phone(sender).into_iter().next().unwrap_or_default()
    }

    /// A person answers with their code, and more words.
    pub(super) fn answers(&mut self, sender: &str, words: &str) -> String {
        let code = self.code(sender);
        self.sms(sender, &format!("{code} {words}"))
    }

    /// The same, if there is anything to answer.
    pub(super) fn answers_if_open(&mut self, sender: &str) {
        let pump = self.watch.state().alarm("pump", "");
        if pump.is_some_and(|alarm| alarm.open.is_some()) {
            self.answers(sender, "");
        }
    }

    /// A person acts at the keyboard, by the number of the occurrence.
    pub(super) fn command(&mut self, name: &str, action: Action) -> Outcome {
        let target = Target::Occurrence(self.number());
        self.happens(command(name, action, target))
    }

    /// Time passes, and what falls due is decided when it does.
    pub(super) fn pass(&mut self, length: Duration) {
        let end = self.now.mono.after(length);
        for _ in 0..10_000 {
            match self.watch.next_deadline().filter(|due| *due <= end) {
                Some(due) => {
                    self.to(due);
                    self.due();
                }
                None => {
                    self.to(end);
                    self.due();
                    return self.is_on_record();
                }
            }
        }
        panic!("time never passes");
    }

    /// The clocks show this instant.
    pub(super) fn to(&mut self, mono: Mono) {
        self.now.utc = self.now.utc.after(self.now.mono.until(mono));
        self.now.mono = self.now.mono.max(mono);
    }

    /// The daemon is down for so long, and the machine has started anew.
    pub(super) fn restart(&mut self, down: Duration) {
        self.now.utc = self.now.utc.after(down);
        self.restart_at_this_time();
    }

    /// The daemon starts at the wall clock's time.
    pub(super) fn restart_at_this_time(&mut self) {
        self.now.mono = Mono::from_nanos(7);
        self.one(Happening::Started(Start { version: "0".into() }));
        self.happens(Happening::Configured);
    }

    /// Other files are in force.
    pub(super) fn reload(&mut self, files: &Files) {
        self.watch.adopt(files.site());
        self.happens(Happening::Configured);
    }

    // What is to be seen.

    pub(super) fn state(&self) -> AlarmState {
        self.watch.state().alarm("pump", "").map_or(AlarmState::Normal, |alarm| alarm.state())
    }

    pub(super) fn open(&self) -> &Occurrence {
        let alarm = self.watch.state().alarm("pump", "").expect("the alarm is known");
        alarm.open.as_deref().expect("an occurrence is open")
    }

    pub(super) fn number(&self) -> OccurrenceNumber {
        self.open().number
    }

    pub(super) fn code(&self, name: &str) -> Code {
        self.open().code_of(&person(name)).expect("the person has a code")
    }

    pub(super) fn holder(&self) -> Option<String> {
        self.open().stage.acknowledged_by().map(|person| person.as_str().to_owned())
    }

    /// What waits to leave.
    pub(super) fn queued(&self) -> Vec<Notification> {
        self.watch.state().notifications().filter(|owed| owed.is_ready()).cloned().collect()
    }

    /// What the network has.
    pub(super) fn sent(&self) -> Vec<Notification> {
        let sent = |owed: &&Notification| matches!(owed.state, Progress::Sent(_));
        self.watch.state().notifications().filter(sent).cloned().collect()
    }

    /// What this phone has received since it was last looked at.
    pub(super) fn phone(&mut self, name: &str) -> Vec<String> {
        let mine = |(who, _): &mut (PersonId, String)| who.as_str() == name;
        self.phones.extract_if(.., mine).map(|(_, text)| text).collect()
    }

    /// Whose phones have received something since they were last looked at, in order.
    pub(super) fn rung(&mut self) -> Vec<String> {
        self.phones.drain(..).map(|(who, _)| who.as_str().to_owned()).collect()
    }

    /// Whether Vigie says this of itself.
    pub(super) fn says_of_itself(&self, alarm: &str, subject: &str) -> AlarmState {
        self.watch.state().alarm(alarm, subject).map_or(AlarmState::Normal, |alarm| alarm.state())
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.decisions.iter().flat_map(|decision| &decision.facts)
    }
}

pub(super) fn command(name: &str, action: Action, target: Target) -> Happening {
    Happening::Command(Command { person: person(name), account: "root".into(), action, target })
}

pub(super) fn reference(id: NotificationId) -> u8 {
    u8::try_from(id.0 % 256).unwrap()
}
