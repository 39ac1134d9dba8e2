//! All that can happen in a state.

use std::time::Duration;

use super::{Modem, Place, quiets};
use crate::watch::alarm::{Occurrence, OccurrenceNumber};
use crate::watch::decision::Decision;
use crate::watch::event::{
    Action, Attempt, Delivered, Delivery, Happening, Report, ShortMessage, SwapRequest, Target,
};
use crate::watch::name::InputName;
use crate::watch::notification::{Notification, NotificationId, Progress};
use crate::watch::signal::{Fields, Kind, Signal, Tells, Value};
use crate::watch::suppression::{Request, Which, Wish};
use crate::watch::tests::night::command;
use crate::watch::tests::site::{person, phone};
use crate::watch::time::Mono;

/// One thing that can happen.
#[derive(Clone, Debug)]
pub(super) enum Happens {
    /// The cause of the alarm with that key is present, or gone, and how bad it is.
    Cause { key: &'static str, active: bool, level: i64 },
    /// A person acts at the keyboard.
    Acts(&'static str, Action, OccurrenceNumber),
    /// A person sends their code and a word.
    Sends(&'static str, String),
    /// Time passes until something is due.
    Due,
    /// An attempt at a message goes this way.
    Attempted(NotificationId, Attempt),
    /// A network says this of a message that it took.
    Reported(NotificationId, Delivered),
    /// The daemon starts anew, when the wall clock shows so much later.
    Restarts(Duration),
    /// The daemon starts anew, and the wall clock has lost a year.
    RestartsInThePast,
    /// Other files are in force.
    Reloads(usize),
    /// The group is swapped for an hour, or no longer.
    Swaps(bool),
    /// A person wants that of the alarm with this key, or of all of its definition.
    Wishes(&'static str, Option<&'static str>, Wish),
}

/// Too short to be worth a message, and longer than any wait of a ladder.
const DOWNTIMES: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(86_400)];
const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// What is tried in this state.
pub(super) fn possible_in(place: &Place) -> Vec<Happens> {
    let walk = &place.walk;
    let mut all = vec![Happens::Due, Happens::RestartsInThePast];
    all.extend(DOWNTIMES.map(Happens::Restarts));
    for key in walk.keys {
        all.extend(walk.levels.iter().map(|level| Happens::Cause {
            key,
            active: true,
            level: *level,
        }));
        all.push(Happens::Cause { key, active: false, level: 1 });
    }
    for open in place.standing() {
        answers(place, open, &mut all);
    }
    all.extend(
        (0..walk.files.len()).filter(|files| *files != place.in_force).map(Happens::Reloads),
    );
    if walk.files.iter().flat_map(|files| &files.alarms).any(|alarm| alarm.swap.is_some()) {
        all.extend([Happens::Swaps(true), Happens::Swaps(false)]);
    }
    if walk.quiet {
        quiets::wishes(place, &mut all);
    }
    match walk.modem {
        Modem::Calm => {}
        Modem::Rough => {
            let tells = |owed: &&Notification| owed.purpose.tells();
            for owed in place.state().notifications().filter(tells) {
                attempts(owed, &mut all);
            }
        }
    }
    all
}

fn answers(place: &Place, open: &Occurrence, all: &mut Vec<Happens>) {
    all.push(Happens::Acts("marie", Action::Reset, open.number));
    for name in place.walk.people {
        let answers =
            [(Action::Acknowledge, ""), (Action::Confirm, " FIN"), (Action::Decline, " NON")];
        for (action, word) in answers {
            // Who has no code can act at the keyboard only.
            all.push(match open.code_of(&person(name)) {
                Some(code) if place.walk.modem == Modem::Calm => {
                    Happens::Sends(name, format!("{code}{word}"))
                }
                Some(_) | None => Happens::Acts(name, action, open.number),
            });
        }
    }
}

fn attempts(owed: &Notification, all: &mut Vec<Happens>) {
    match owed.state {
        Progress::Queued => all.push(Happens::Attempted(owed.id, Attempt::Started { parts: 1 })),
        Progress::Sending { .. } => {
            for attempt in [
                Attempt::Sent(vec![reference(owed.id)]),
                Attempt::Failed("no network".into()),
                Attempt::Refused("no such number".into()),
                Attempt::Unknown,
            ] {
                all.push(Happens::Attempted(owed.id, attempt));
            }
        }
        Progress::Doubtful(_) => {
            for outcome in [Delivered::Delivered, Delivered::Failed, Delivered::Pending] {
                all.push(Happens::Reported(owed.id, outcome));
            }
        }
        Progress::Sent(_) => {
            for outcome in [Delivered::Delivered, Delivered::Failed] {
                all.push(Happens::Reported(owed.id, outcome));
            }
        }
        Progress::Postponed(_) => {}
    }
}

fn reference(id: NotificationId) -> u8 {
    u8::try_from(id.0 % 256).unwrap()
}

impl Happens {
    pub(super) fn happens_to(&self, place: &mut Place) -> Vec<Decision> {
        match self {
            Self::Cause { key, active, level } => {
                place.decide(Happening::Signal(reading(key, *active, *level)))
            }
            Self::Acts(name, action, number) => {
                place.decide(command(name, *action, Target::Occurrence(*number)))
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
            Self::Reported(id, outcome) => {
                let owed = place.state().notification(*id).expect("it was sent").clone();
                place.decide(Happening::Delivery(Delivery {
                    by: InputName::new("gsm.orange"),
                    reference: reference(*id),
                    recipient: owed.phone,
                    outcome: *outcome,
                    submitted: Some(place.now.utc),
                    discharged: None,
                    identity: None,
                }))
            }
            Self::Restarts(down) => {
                place.now.utc = place.now.utc.after(*down);
                place.now.mono = Mono::from_nanos(7);
                place.starts()
            }
            Self::RestartsInThePast => {
                place.now.utc = place.now.utc.before(YEAR);
                place.now.mono = Mono::from_nanos(7);
                place.starts()
            }
            Self::Swaps(on) => {
                let lasting = on.then_some(Duration::from_secs(3_600));
                let (person, account, group) = (person("paul"), "root".into(), "cold".into());
                place.decide(Happening::Swap(SwapRequest { person, account, group, lasting }))
            }
            Self::Wishes(name, key, wish) => {
                let which = Which::Alarm { definition: "pump".into(), key: key.map(Into::into) };
                let (person, account, wish) = (person(name), "root".into(), wish.clone());
                place.decide(Happening::Quieten(Request { person, account, which, wish }))
            }
            Self::Reloads(files) => {
                place.in_force = *files;
                let site = std::sync::Arc::clone(&place.walk.sites[*files]);
                place.watch.adopt(site);
                place.decide(Happening::Configured)
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
            decisions.extend(place.decide(report(id, Attempt::Started { parts: 1 })));
            decisions.extend(place.decide(report(id, Attempt::Sent(vec![reference(id)]))));
        }
    }
    decisions
}

fn report(notification: NotificationId, attempt: Attempt) -> Happening {
    Happening::Report(Report { notification, by: InputName::new("gsm.orange"), attempt })
}

pub(super) fn message(sender: &str, text: &str) -> Happening {
    let mut signal = reading("", true, 1);
    signal.kind = Kind::Gsm;
    signal.input = InputName::new("gsm.orange");
    signal.fields = Fields::default();
    signal.text = text.into();
    Happening::Message(ShortMessage { signal, sender: Some(phone(sender)), national: None })
}

fn reading(key: &str, active: bool, level: i64) -> Signal {
    let mut fields = Fields::default();
    fields.set("alarm", Value::text("pump"));
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
        received: crate::watch::time::Utc::default(),
        identity: None,
        raw: std::sync::Arc::from([]),
    }
}
