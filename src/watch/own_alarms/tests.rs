//! Each of our alarms says what it should, and ends if it can.

use super::*;
use crate::watch::definition::Reported;

fn signal(alarm: SelfAlarm, active: bool) -> Signal {
    SelfSignal { alarm, subject: "gsm.orange".into(), reason: "pas de réponse".into(), active }
        .into_signal(Utc::default())
}

#[test]
fn each_of_our_alarms_reads_its_own_signal_in_both_languages() {
    for language in [Language::French, Language::English] {
        let definitions = own_definitions(language, None);
        for (alarm, definition) in SelfAlarm::ALL.into_iter().zip(&definitions) {
            let reading = definition.read(&signal(alarm, true));
            assert_eq!(definition.name.as_str(), alarm.name());
            assert_eq!(definition.selects(&signal(alarm, true)), Ok(()));
            assert_eq!(&*reading.key, "gsm.orange");
            let (Reported::Active { priority, text } | Reported::Event { priority, text }) =
                reading.condition
            else {
                panic!("{alarm:?} says {:?}", reading.condition)
            };
            assert_eq!(priority, alarm.priority());
            assert!(text.contains("pas de réponse") && !text.contains('?'), "{text}");
        }
    }
}

#[test]
fn what_can_end_ends_and_what_happened_happened() {
    for (alarm, definition) in
        SelfAlarm::ALL.into_iter().zip(own_definitions(Language::French, None))
    {
        let over = definition.read(&signal(alarm, false)).condition;
        if alarm.is_momentary() {
            assert!(matches!(over, Reported::Event { .. }), "{alarm:?}");
        } else {
            assert_eq!(over, Reported::Normal, "{alarm:?}");
        }
    }
}

#[test]
fn what_may_keep_an_alarm_from_being_recorded_or_from_reaching_anybody_is_critical() {
    for (alarm, priority) in [
        (SelfAlarm::Store, Priority::Critical),
        (SelfAlarm::Nobody, Priority::Critical),
        (SelfAlarm::TooManyAlarms, Priority::Critical),
        (SelfAlarm::ModemLost, Priority::High),
        (SelfAlarm::ClockStepped, Priority::Medium),
    ] {
        assert_eq!(alarm.priority(), priority, "{alarm:?}");
    }
}

#[test]
fn our_alarms_climb_the_ladder_they_are_given() {
    let ladder = PolicyName::new("technique");
    let all = own_definitions(Language::French, Some(&ladder));
    assert!(all.iter().all(|definition| definition.escalation.as_ref() == Some(&ladder)));
}
