//! All that can happen in a state.

use std::time::Duration;

use super::{Modem, Place};
use crate::watch::decision::Decision;
use crate::watch::event::{
    Action, Attempt, Delivered, Delivery, Happening, Report, ShortMessage, Start, Target,
};
use crate::watch::name::InputName;
use crate::watch::notification::{Notification, NotificationId, Progress, Purpose};
use crate::watch::signal::{Fields, Kind, Signal, Value};
use crate::watch::tests::night::command;
use crate::watch::tests::site::{person, phone};
use crate::watch::time::Mono;

/// One thing that can happen.
#[derive(Clone, Debug)]
pub(super) enum Happens {
    /// The cause is present, or gone, or worse.
    Cause { active: bool, level: i64 },
    /// A person acts at the keyboard.
    Acts(&'static str, Action),
    /// A person sends their code and a word.
    Sends(&'static str, String),
    /// Time passes until something is due.
    Due,
    /// An attempt at a message goes this way.
    Attempted(NotificationId, Attempt),
    /// A message never arrives.
    Lost(NotificationId),
    /// The daemon starts anew.
    Restarts(Duration),
}

/// What is tried in this state.
pub(super) fn possible_in(place: &Place, modem: Modem) -> Vec<Happens> {
    let mut all = vec![
        Happens::Cause { active: true, level: 1 },
        Happens::Cause { active: true, level: 2 },
        Happens::Cause { active: false, level: 1 },
        Happens::Due,
        Happens::Restarts(Duration::from_secs(86_400)),
    ];
    let open = place.open();
    if let Some(open) = open {
        all.push(Happens::Acts("marie", Action::Reset));
        for name in place.people {
            let answers =
                [(Action::Acknowledge, ""), (Action::Confirm, " FIN"), (Action::Decline, " NON")];
            for (action, word) in answers {
                // Who has no code can act at the keyboard only.
                all.push(match open.code_of(&person(name)) {
                    Some(code) if modem == Modem::Calm => {
                        Happens::Sends(name, format!("{code}{word}"))
                    }
                    Some(_) | None => Happens::Acts(name, action),
                });
            }
        }
    }
    let asking = |owed: &&Notification| owed.purpose == Purpose::Call;
    match modem {
        Modem::Calm => {}
        Modem::Rough => {
            for owed in place.state().notifications().filter(asking) {
                attempts(owed, &mut all);
            }
        }
    }
    all
}

fn attempts(owed: &Notification, all: &mut Vec<Happens>) {
    match owed.state {
        Progress::Queued => all.push(Happens::Attempted(owed.id, Attempt::Started)),
        Progress::Sending { .. } => {
            for attempt in [
                Attempt::Sent(vec![1]),
                Attempt::Failed("no network".into()),
                Attempt::Refused("no such number".into()),
                Attempt::Unknown,
            ] {
                all.push(Happens::Attempted(owed.id, attempt));
            }
        }
        Progress::Sent { .. } => all.push(Happens::Lost(owed.id)),
        Progress::Postponed(_) => {}
    }
}

impl Happens {
    pub(super) fn happens_to(&self, place: &mut Place) -> Vec<Decision> {
        match self {
            Self::Cause { active, level } => {
                place.decide(Happening::Signal(reading(*active, *level)))
            }
            Self::Acts(name, action) => {
                let open = place.open().map(|open| open.number);
                let target = Target::Occurrence(open.expect("somebody acts on what is open"));
                place.decide(command(name, *action, target))
            }
            Self::Sends(name, text) => place.decide(message(name, text)),
            Self::Due => {
                if place.until_due() {
                    place.decide(Happening::Deadline)
                } else {
                    Vec::new()
                }
            }
            Self::Attempted(id, attempt) => place.decide(report(*id, attempt.clone())),
            Self::Lost(id) => {
                let owed = place.state().notification(*id).expect("it was sent").clone();
                let Progress::Sent { by, references, .. } = owed.state else {
                    panic!("it was sent")
                };
                place.decide(Happening::Delivery(Delivery {
                    by,
                    reference: references[0],
                    recipient: owed.phone,
                    outcome: Delivered::Failed,
                    discharged: None,
                    identity: None,
                }))
            }
            Self::Restarts(down) => {
                place.now.utc = place.now.utc.after(*down);
                place.now.mono = Mono::from_nanos(7);
                place.decide(Happening::Started(Start { version: "0".into() }))
            }
        }
    }
}

pub(super) fn all_sent(place: &mut Place) -> Vec<Decision> {
    let owed: Vec<NotificationId> = place.state().notifications().map(|owed| owed.id).collect();
    let mut decisions = Vec::new();
    for id in owed {
        let owed = place.state().notification(id).expect("it is still owed");
        if owed.is_ready() {
            decisions.extend(place.decide(report(id, Attempt::Started)));
            decisions.extend(place.decide(report(id, Attempt::Sent(vec![1]))));
        }
    }
    decisions
}

fn report(notification: NotificationId, attempt: Attempt) -> Happening {
    Happening::Report(Report { notification, by: InputName::new("gsm.orange"), attempt })
}

pub(super) fn message(sender: &str, text: &str) -> Happening {
    let mut signal = reading(true, 1);
    signal.kind = Kind::Gsm;
    signal.input = InputName::new("gsm.orange");
    signal.fields = Fields::default();
    signal.text = text.into();
    Happening::Message(ShortMessage { signal, sender: Some(phone(sender)) })
}

fn reading(active: bool, level: i64) -> Signal {
    let mut fields = Fields::default();
    fields.set("alarm", Value::text("pump"));
    fields.set("key", Value::text(""));
    fields.set("active", Value::Bool(active));
    fields.set("level", Value::Int(level));
    Signal {
        input: InputName::new("mqtt.plant"),
        kind: Kind::Mqtt,
        source: "plant".into(),
        fields,
        text: "reading".into(),
        source_time: None,
        received: crate::watch::time::Utc::default(),
        identity: None,
        raw: std::sync::Arc::from([]),
    }
}
