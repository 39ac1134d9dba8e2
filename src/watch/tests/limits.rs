//! What stands at the edges: what calls nobody, what has no room, and the words of the manual.

use super::night::Night;
use super::site::{Alarm as Defined, Files, MINUTE, SINGLE, phone, policy};
use crate::watch::alarm::{Alarm, AlarmNumber, AlarmState, OccurrenceNumber};
use crate::watch::event::{Entropy, Happening};
use crate::watch::own_alarms::{RECORD, RESERVE, SelfAlarm, SelfSignal};
use crate::watch::room::STANDING_LIMIT;
use crate::watch::signal::{Identity, Value};
use crate::watch::site::Priority;
use crate::watch::snapshot::Piece;
use crate::watch::state::{NORMAL_LIMIT, State, UNCLAIMED_LIMIT};

#[test]
fn who_held_what_comes_back_worse_reads_how_it_is_now() {
    let files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.latch = true);
    let mut night = Night::over(&files);
    night.active();
    night.answers("marie", "");
    night.normal();
    night.rung();
    night.worse();
    let told = night.phone("marie");
    assert!(told.len() == 2 && told.iter().all(|text| text.contains("Pompe  2")), "{told:?}");
}

#[test]
fn an_event_that_calls_nobody_stands_only_if_it_latches() {
    for latch in [false, true] {
        let files = Files::with(policy(SINGLE)).alarm(|alarm| {
            (alarm.escalation, alarm.momentary, alarm.latch) = (None, true, latch);
        });
        let mut night = Night::over(&files);
        night.active();
        assert_eq!(night.watch.state().standing_count(), usize::from(latch));
    }
}

#[test]
fn an_alarm_that_becomes_an_event_waits_for_no_delay() {
    let mut files = Files::with(policy(SINGLE)).alarm(|alarm| alarm.on_delay = MINUTE);
    let mut night = Night::over(&files);
    night.active();
    files.alarms[0].momentary = true;
    night.watch.adopt(files.site());
    night.active();
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
}

#[test]
fn when_no_more_alarms_can_be_held_the_next_is_unclaimed_and_vigie_says_so() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    for number in 1_000..u64::try_from(STANDING_LIMIT).unwrap() + 1_000 {
        let number = AlarmNumber(number);
        let alarm = Alarm::new(number, "elsewhere".into(), "".into());
        night.watch.state.alarms.insert(number, alarm);
    }
    let signal = night.reading("pump", "", true, 1);
    night.one(Happening::Signal(signal));
    assert!(night.watch.state().alarm("pump", "").is_none());
    assert_eq!(night.watch.state().counters().unclaimed, 1);
    assert_eq!(night.says_of_itself("too-many-alarms", "pump"), AlarmState::Acknowledged);
}

/// So many alarms of this definition stand, besides the one whose key is empty.
fn filled(night: &mut Night, definition: &'static str, count: usize) {
    night.signal(definition, "", true, 1);
    let known = night.watch.state().alarm(definition, "").unwrap().clone();
    let first = night.watch.state().last_alarm() + 1;
    for number in first..first + u64::try_from(count).unwrap() {
        let mut alarm =
            Alarm { number: AlarmNumber(number), key: number.to_string().into(), ..known.clone() };
        alarm.queued = None;
        if let Some(open) = &mut alarm.open {
            open.number = OccurrenceNumber(number + 1_000_000);
        }
        night.watch.state.absorb(Piece::Alarm(Box::new(alarm)));
    }
    night.watch.state.counters.alarm += u64::try_from(count).unwrap();
    night.rung();
}

#[test]
fn whoever_forges_alarms_of_one_definition_keeps_no_other_from_calling() {
    let mut files = Files::with(policy(SINGLE)).last_resort(policy(SINGLE));
    files.alarms[0].escalation = None;
    files.alarms.push(Defined { key: "", ..Defined::named("door") });
    files.alarms.push(Defined::named("valve"));
    let mut night = Night::over(&files);
    filled(&mut night, "pump", STANDING_LIMIT / 4 - 2);
    for key in ["last", "too much", "more"] {
        let signal = night.reading("pump", key, true, 1);
        night.one(Happening::Signal(signal));
    }
    let state = night.watch.state();
    assert!(state.alarm("pump", "last").is_some() && state.alarm("pump", "too much").is_none());
    assert_eq!(state.standing_count(), STANDING_LIMIT / 4 + 1, "and what Vigie says of it");
    assert!(state.stands(SelfAlarm::TooManyAlarms, "pump"));
    let own = |night: &Night| {
        let opened = night.watch.state().standing().map(|(_, open)| open.activation.text.clone());
        opened.filter(|text| text.contains("à la fois")).collect::<Vec<_>>()
    };
    assert!(own(&night).iter().all(|text| text.contains("il n'y a plus de place")), "in French");
    assert_eq!((own(&night).len(), state.counters().unclaimed), (1, 2));
    for definition in ["door", "valve"] {
        let signal = night.reading(definition, "north", true, 1);
        night.one(Happening::Signal(signal));
        let key = if definition == "door" { "" } else { "north" };
        let open = night.watch.state().alarm(definition, key).and_then(|alarm| alarm.open.clone());
        let due = open.expect("it stands").ladder.due().expect("and calls");
        assert!(due.mono <= night.now.mono);
    }
}

#[test]
fn what_is_normal_again_takes_no_room_of_its_definition() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let site = std::sync::Arc::clone(night.watch.site());
    let has_room = |state: &State| {
        let mut restored = State::default();
        state.pieces().for_each(|piece| restored.absorb(piece));
        let pump = site.definitions.get("pump").unwrap();
        assert_eq!(state.has_room(pump), restored.has_room(pump), "a snapshot knows it");
        state.has_room(pump)
    };
    filled(&mut night, "pump", STANDING_LIMIT / 4 - 1);
    for (active, has) in [(true, false), (false, true), (true, false)] {
        let signal = night.reading("pump", "", active, 1);
        night.one(Happening::Signal(signal));
        assert!(night.watch.state().alarm("pump", "").is_some(), "it is remembered");
        assert_eq!(has_room(night.watch.state()), has, "active: {active}");
    }
}

#[test]
fn a_state_is_written_as_the_manual_says() {
    let all = [
        (AlarmState::Normal, "normal"),
        (AlarmState::Unacknowledged, "unacknowledged"),
        (AlarmState::Acknowledged, "acknowledged"),
        (AlarmState::ReturnedUnacknowledged, "returned_unacknowledged"),
        (AlarmState::LatchedUnacknowledged, "latched_unacknowledged"),
        (AlarmState::LatchedAcknowledged, "latched_acknowledged"),
    ];
    for (state, word) in all {
        assert_eq!(state.as_str(), word);
    }
}

#[test]
fn no_flood_of_strange_signals_makes_the_memory_grow() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let mut strange = |topic: usize| {
        let mut signal = night.reading("valve", "", true, 1);
        signal.fields.set("topic", Value::text(topic.to_string()));
        night.one(Happening::Signal(signal));
        night.now.utc = night.now.utc.after(MINUTE);
    };
    (0..UNCLAIMED_LIMIT).for_each(&mut strange);
    strange(0);
    strange(UNCLAIMED_LIMIT);
    let state = night.watch.state();
    assert_eq!(state.unclaimed().count(), UNCLAIMED_LIMIT);
    assert_eq!(usize::try_from(state.counters().unclaimed).unwrap(), UNCLAIMED_LIMIT + 2);
    let known = |topic: &str| {
        state
            .unclaimed()
            .find(|known| known.sample.fields.get("topic") == Some(&Value::text(topic)))
    };
    let first = known("0").expect("it came again of late");
    assert_eq!((first.count, first.first.until(first.last) > MINUTE), (2, true));
    assert!(known("1").is_none(), "it is the one that was silent for longest");
}

#[test]
fn of_the_alarms_that_are_normal_again_the_oldest_are_forgotten() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.signal("pump", "1", true, 1);
    night.signal("pump", "1", false, 1);
    let pump = night.watch.state().alarm("pump", "1").unwrap().clone();
    for number in 1_000..u64::try_from(NORMAL_LIMIT).unwrap() + 999 {
        let alarm =
            Alarm { number: AlarmNumber(number), key: number.to_string().into(), ..pump.clone() };
        night.watch.state.absorb(Piece::Alarm(Box::new(alarm)));
    }
    assert_eq!(night.watch.state().alarms().count(), NORMAL_LIMIT);
    assert!(night.watch.state().alarm("pump", "1").is_some(), "there is room for it");
    let state = &mut night.watch.state;
    let alarm = Alarm { number: AlarmNumber(999), key: "999".into(), ..pump };
    state.absorb(Piece::Alarm(Box::new(alarm)));
    assert_eq!(state.alarms().count(), NORMAL_LIMIT);
    assert!(state.alarm("pump", "1").is_none(), "it is the oldest");
    assert_eq!(state.needed_count(), 0);
}

#[test]
fn a_snapshot_is_as_large_as_what_is_remembered() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    assert_eq!(night.watch.state().size(), 0);
    night.signal("pump", "1", true, 1);
    night.signal("pump", "2", true, 1);
    assert_eq!(night.watch.state().size(), 4, "two alarms, and a call about each");
    (0..128).for_each(|number| night.watch.state.heard.hear(Identity(number), night.now.utc));
    assert_eq!(night.watch.state().size(), 6, "what was heard is small");
}

#[test]
fn there_is_room_again_when_alarms_have_ended() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    // The subject of stores of before November 28, 2026 was empty.
    for subject in ["pump", ""] {
        there_is_room_again_of(&mut night, subject);
    }
}

fn there_is_room_again_of(night: &mut Night, subject: &str) {
    let full = || SelfSignal::raised(SelfAlarm::TooManyAlarms, subject, "250000");
    let decided = night.decisions.len();
    night.active();
    night.normal();
    let mut new = night.decisions[decided..].iter();
    assert!(new.all(|decision| decision.own.is_empty()), "there was room");
    night.happens(Happening::Own(full()));
    assert!(night.watch.state().stands(SelfAlarm::TooManyAlarms, subject));
    night.active();
    night.normal();
    assert!(!night.watch.state().stands(SelfAlarm::TooManyAlarms, subject));
}

#[test]
fn there_is_room_again_when_what_waited_for_its_delay_or_was_hidden_is_gone() {
    let waiting = Files::with(policy(SINGLE)).alarm(|alarm| alarm.on_delay = MINUTE);
    let mut hidden = Files::with(policy(SINGLE));
    hidden.alarms[0].suppressed_by = vec![("switch", None)];
    hidden.alarms.push(Defined::named("switch"));
    for files in [waiting, hidden] {
        let mut night = Night::over(&files);
        night.signal("switch", "", true, 1);
        let full = SelfSignal::raised(SelfAlarm::TooManyAlarms, "pump", "62500");
        night.happens(Happening::Own(full));
        night.active();
        let pump = night.watch.state().alarm("pump", "").unwrap();
        assert!(pump.open.is_none() && (pump.pending.is_some() || pump.hidden().is_some()));
        assert!(night.watch.state().stands(SelfAlarm::TooManyAlarms, "pump"));
        night.normal();
        assert!(!night.watch.state().stands(SelfAlarm::TooManyAlarms, "pump"));
    }
}

#[test]
fn a_fault_that_vigie_finds_in_itself_stands_for_its_subject_alone() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    for (alarm, subject) in [(SelfAlarm::Store, RESERVE), (SelfAlarm::ModemLost, RECORD)] {
        night.happens(Happening::Own(SelfSignal::raised(alarm, subject, "full")));
    }
    let state = night.watch.state();
    assert!(state.stands(SelfAlarm::Store, RESERVE) && !state.stands(SelfAlarm::Store, RECORD));
}

#[test]
fn what_is_kept_of_strange_signals_for_showing_is_without_their_bytes() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    let mut signal = night.reading("valve", "", true, 1);
    signal.raw = [7; 1_000].into();
    night.one(Happening::Signal(signal));
    assert!(night.watch.state().unclaimed().all(|known| known.sample.raw.is_empty()));
}

#[test]
fn the_randomness_of_codes_is_shown_to_nobody() {
    assert_eq!(format!("{:?}", Entropy(4_711)), "Entropy(..)");
}

#[test]
fn a_phone_number_and_a_priority_are_written_as_in_the_files() {
    let number = phone("marie");
    assert_eq!(number.to_string(), "+33600000001");
    assert_eq!(format!("{number:?}"), "+33600000001");
    assert_eq!([Priority::Low, Priority::Critical].map(Priority::as_str), ["low", "critical"]);
}
