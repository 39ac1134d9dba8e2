//! What a press takes: of which priority, of which definitions, until when, and how many.

use super::*;
use crate::adapters::contacts::tests::simulated::whole;
use crate::watch::event::{Entropy, Event};
use crate::watch::name::DefinitionName;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::site::Priority;
use crate::watch::time::Mono;

const SITE: &str = "[site]
name = \"Nord\"
time-zone = \"Europe/Paris\"
last-resort = \"everybody\"
[people.marie]
name = \"Marie\"
phone = \"+33612345678\"
[gsm.modem]
device = \"/dev/null\"
[escalations.everybody]
acknowledge = \"single\"
steps = [{ notify = [\"person:marie\"], by = [\"sms\"], wait = \"10m\" }]
[contacts.cabinet]
gpio = \"/dev/gpiochip0\"
[contacts.cabinet.lines.door]
line = 1
";

fn at(second: i64) -> Moment {
    let mono = Mono::from_nanos(second.unsigned_abs() * 1_000_000_000);
    Moment { utc: Utc::from_micros(second * 1_000_000), mono, ..Moment::default() }
}

/// A watch in which so many inputs are lost at that second.
fn night(lost: usize, second: i64) -> Watch {
    let mut watch = Watch::new(Arc::new(whole(SITE).1));
    let mut happens = |happening: Happening| {
        let event = Event { happening, entropy: Entropy(1) };
        let decision = watch.decide(&event, at(second));
        watch.apply(&decision);
    };
    happens(Happening::Configured);
    happens(Happening::Own(SelfSignal::raised(SelfAlarm::WeakSignal, "gsm.modem", "-110 dBm")));
    for number in 0..lost {
        let own = SelfSignal::raised(SelfAlarm::InputLost, &format!("snmp.{number}"), "gone");
        happens(Happening::Own(own));
    }
    watch
}

fn taken(watch: &Watch, what: &Selection, pressed: i64) -> (usize, usize) {
    let (found, beyond) = unacknowledged(watch, &PersonId::new("marie"), what, at(pressed).utc);
    (found.len(), beyond)
}

fn of(priority: Priority, alarms: &[&str]) -> Selection {
    let alarms = alarms.iter().map(|name| DefinitionName::new(name)).collect();
    Selection { priority, alarms }
}

#[test]
fn a_press_takes_what_was_chosen_and_was_there_and_no_more_than_a_thousand() {
    let watch = night(2, 100);
    assert_eq!(taken(&watch, &of(Priority::Low, &[]), 100), (3, 0));
    assert_eq!(taken(&watch, &of(Priority::High, &[]), 100), (2, 0), "the weak signal is medium");
    assert_eq!(taken(&watch, &of(Priority::Critical, &[]), 100), (0, 0));
    assert_eq!(taken(&watch, &of(Priority::Low, &["weak-signal"]), 100), (1, 0));
    assert_eq!(taken(&watch, &of(Priority::High, &["weak-signal"]), 100), (0, 0));

    assert_eq!(taken(&watch, &of(Priority::Low, &[]), 99), (0, 0), "it came after the press");
    assert_eq!(taken(&watch, &of(Priority::Low, &[]), 40), (3, 0), "the clock was set back");

    let watch = night(1_001, 100);
    assert_eq!(taken(&watch, &of(Priority::High, &[]), 100), (1_000, 1));
}

#[test]
fn who_has_it_already_is_not_asked_again() {
    let mut watch = night(1, 100);
    let all = of(Priority::High, &[]);
    let (found, _) = unacknowledged(&watch, &PersonId::new("marie"), &all, at(100).utc);
    let command = Command {
        person: PersonId::new("marie"),
        account: Arc::from("contacts.cabinet.button"),
        action: Action::Acknowledge,
        target: Target::Occurrence(found[0]),
    };
    let event = Event { happening: Happening::Command(command), entropy: Entropy(1) };
    let decision = watch.decide(&event, at(101));
    watch.apply(&decision);
    assert_eq!(taken(&watch, &all, 102), (0, 0));
}
