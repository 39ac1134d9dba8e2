//! Who waits in vain for the daily sign of life knows that something is wrong; who gets it knows how things stand.

use std::time::Duration;

use super::night::{Modem, Night};
use super::site::{Files, MINUTE, SINGLE, person, policy};
use crate::watch::event::{Attempt, Happening};
use crate::watch::life_sign::LifeSign;
use crate::watch::notification::Purpose;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::site::Recipient;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
const EVERY_DAY: [bool; 7] = [true; 7];

/// To Karim, at half past seven. The night begins on a Thursday at midnight.
fn daily() -> LifeSign {
    LifeSign {
        notify: vec![Recipient::Person(person("karim"))],
        at: jiff::civil::time(7, 30, 0, 0),
        weekdays: EVERY_DAY,
    }
}

fn files(life: LifeSign) -> Files {
    let mut files = Files::with(policy(SINGLE)).last_resort(policy(SINGLE));
    files.life_sign = Some(life);
    files
}

fn night() -> Night {
    Night::over(&files(daily()))
}

fn jumped(night: &mut Night) {
    night.happens(Happening::Own(SelfSignal::raised(SelfAlarm::ClockStepped, "clock", "set")));
}

/// The signs among what the phone has received.
fn signs(night: &mut Night, name: &str) -> Vec<String> {
    let received = night.phone(name);
    received.into_iter().filter(|text| text.starts_with("Vigie veille")).collect()
}

#[test]
fn each_morning_at_its_time_one_short_message_says_that_vigie_watches() {
    let mut night = night();
    night.pass(7 * HOUR + 30 * MINUTE - Duration::from_millis(1));
    assert!(night.rung().is_empty());
    night.pass(Duration::from_millis(1));
    assert_eq!(night.rung(), ["karim"]);
    for _ in 0..30 {
        night.pass(DAY);
        assert_eq!(
            night.phone("karim"),
            ["Vigie veille, Nord, 07:30: aucune alarme, aucun défaut."]
        );
    }
    assert_eq!(night.watch.state().standing_count(), 0, "it is no alarm");
}

#[test]
fn it_says_what_stands_open_what_nobody_has_answered_and_what_is_wrong_with_vigie() {
    let mut night = night();
    night.signal("pump", "1", true, 1);
    night.signal("pump", "2", true, 1);
    let number = night.watch.state().standing().next().unwrap().1.number;
    night.happens(super::night::command(
        "marie",
        crate::watch::event::Action::Acknowledge,
        crate::watch::event::Target::Occurrence(number),
    ));
    for modem in ["gsm.orange", "gsm.free"] {
        let lost = SelfSignal::raised(SelfAlarm::ModemLost, modem, "no answer");
        night.happens(Happening::Own(lost));
    }
    let clock = SelfSignal::raised(SelfAlarm::ClockUnsynchronised, "clock", "no time service");
    night.happens(Happening::Own(clock));
    night.rung();
    night.pass(7 * HOUR + 30 * MINUTE);
    assert_eq!(
        signs(&mut night, "karim"),
        [
            "Vigie veille, Nord, 07:30: 2 alarmes, 1 sans réponse. Chez Vigie, 3 défauts: Modem gsm.orange perdu : no answer; Modem gsm.free perdu : no answer"
        ]
    );
}

#[test]
fn it_is_one_short_message_whatever_stands() {
    let mut files = files(daily());
    files.name = "Station de pompage et de relevage des eaux usées du quartier Nord".into();
    let mut night = Night::over(&files);
    night.pass(7 * HOUR + 29 * MINUTE);
    for number in 0..30 {
        night.signal("pump", &number.to_string(), true, 1);
        let subject = format!("plant/north/hall/{number}/{{a}}/[temperature]");
        night.happens(Happening::Own(SelfSignal::raised(
            SelfAlarm::HeartbeatMissed,
            &subject,
            "rien",
        )));
    }
    night.rung();
    night.pass(MINUTE);
    let told = signs(&mut night, "karim");
    assert_eq!(told.len(), 1);
    let letters = told[0].chars().count() + told[0].matches(['{', '}', '[', ']']).count();
    assert!(letters <= 160 && told[0].contains(" 30 alarmes"), "{letters}: {told:?}");
    assert!(told[0].contains("30 défauts"), "{told:?}");
}

#[test]
fn half_past_seven_stays_half_past_seven_when_the_clocks_change() {
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let mut files = files(daily());
    files.zone = paris.clone();
    let mut night = Night::over(&files);
    for _ in 0..365 {
        let due = night.watch.state().life_signs().next().unwrap();
        let shown = due.timestamp().to_zoned(paris.clone());
        assert_eq!((shown.hour(), shown.minute()), (7, 30));
        night.pass(night.now.utc.until(due));
        assert_eq!(night.rung(), ["karim"], "{shown}");
    }
}

#[test]
fn an_hour_that_a_night_skips_or_has_twice_gives_one_sign_all_the_same() {
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let at = jiff::civil::time(2, 30, 0, 0);
    let mut files = files(LifeSign { at, ..daily() });
    files.zone = paris.clone();
    let mut night = Night::over(&files);
    for _ in 0..365 {
        let day = |night: &Night| night.now.utc.timestamp().to_zoned(paris.clone()).date();
        let (before, due) = (day(&night), night.watch.state().life_signs().next().unwrap());
        night.pass(night.now.utc.until(due));
        assert_eq!(night.rung(), ["karim"]);
        assert!(day(&night) <= before.tomorrow().unwrap(), "no day is left out");
    }
}

#[test]
fn on_the_days_of_the_week_that_the_files_name_and_on_no_other() {
    let weekdays = [true, true, true, true, true, false, false];
    let mut night = Night::over(&files(LifeSign { weekdays, ..daily() }));
    let mut days = Vec::new();
    for _ in 0..7 {
        night.pass(DAY);
        days.push(!night.rung().is_empty());
    }
    // From Thursday on.
    assert_eq!(days, [true, true, false, false, true, true, true]);
}

#[test]
fn after_a_restart_it_is_given_once_late_within_four_hours_and_then_no_more() {
    let mut night = night();
    night.pass(7 * HOUR);
    night.restart(4 * HOUR);
    assert_eq!(night.rung(), ["karim"], "three hours and a half late");
    night.restart(HOUR);
    night.restart(HOUR);
    night.pass(8 * HOUR);
    assert!(night.rung().is_empty(), "once a day");
    let mut night = self::night();
    night.pass(7 * HOUR);
    night.restart(4 * HOUR + 31 * MINUTE);
    night.pass(10 * HOUR);
    assert!(night.rung().is_empty(), "too late");
    night.pass(DAY);
    assert_eq!(night.rung(), ["karim"]);
}

#[test]
fn after_a_week_away_there_is_one_and_no_seven() {
    let mut night = night();
    night.pass(6 * HOUR);
    night.restart(7 * DAY + 2 * HOUR);
    assert_eq!(night.rung(), ["karim"]);
    night.pass(12 * HOUR);
    assert!(night.rung().is_empty());
}

#[test]
fn a_clock_that_jumps_gives_none_twice_and_keeps_none_back() {
    let mut night = night();
    night.pass(8 * HOUR);
    assert_eq!(signs(&mut night, "karim").len(), 1);
    night.now.utc = night.now.utc.before(HOUR);
    jumped(&mut night);
    night.pass(12 * HOUR);
    assert!(signs(&mut night, "karim").is_empty(), "half past seven comes twice");
    // It is seven in the evening: at half past seven of the morning after, by the new clock.
    night.now.utc = night.now.utc.after(12 * HOUR + 31 * MINUTE);
    jumped(&mut night);
    assert_eq!(signs(&mut night, "karim").len(), 1, "the clock has passed its time by");
    night.now.utc = night.now.utc.after(300 * DAY);
    jumped(&mut night);
    assert_eq!(signs(&mut night, "karim").len(), 1, "three hundred days are one jump");
    night.pass(DAY);
    assert_eq!(signs(&mut night, "karim").len(), 1);
    night.now.utc = night.now.utc.before(300 * DAY);
    jumped(&mut night);
    for _ in 0..3 {
        night.pass(DAY);
        assert_eq!(signs(&mut night, "karim").len(), 1, "a clock that lied costs no sign");
    }
}

#[test]
fn a_machine_that_starts_without_its_time_gives_it_when_the_time_is_known() {
    let mut night = night();
    night.pass(7 * HOUR);
    let seven = night.now.utc;
    night.now.utc = crate::watch::time::Utc::default();
    night.restart_at_this_time();
    night.pass(MINUTE);
    assert!(signs(&mut night, "karim").is_empty(), "it is no morning in 1970");
    night.now.utc = seven.after(MINUTE);
    jumped(&mut night);
    night.pass(HOUR);
    assert_eq!(signs(&mut night, "karim").len(), 1);
}

#[test]
fn a_snapshot_and_the_rest_give_what_the_whole_record_gives() {
    let mut night = night();
    night.pass(7 * HOUR + 31 * MINUTE);
    assert!(night.thawed() == *night.watch.state());
    night.reload(&Files { life_sign: None, ..files(daily()) });
    assert!(night.thawed() == *night.watch.state(), "it remembers what was given");
}

#[test]
fn what_waits_for_a_modem_goes_out_within_four_hours_or_not_at_all() {
    let mut night = night();
    night.modem = Modem::IsDown;
    night.pass(7 * HOUR + 30 * MINUTE);
    night.pass(3 * HOUR);
    assert_eq!(night.queued().len(), 1);
    night.pass(2 * HOUR);
    assert!(night.queued().is_empty());
    night.modem = Modem::Works;
    night.pass(DAY);
    assert_eq!(night.rung(), ["karim"], "the next one");
}

#[test]
fn who_is_taken_out_of_the_files_gets_none_that_waits() {
    for table in
        [None, Some(LifeSign { notify: vec![Recipient::Person(person("paul"))], ..daily() })]
    {
        let mut night = night();
        night.modem = Modem::IsDown;
        night.pass(7 * HOUR + 30 * MINUTE);
        let owed = night.queued()[0].clone();
        night.report(owed.id, Attempt::Started { parts: 1 });
        let other = Files { life_sign: table.clone(), ..files(daily()) };
        night.reload(&other);
        night.report(owed.id, Attempt::Failed("no network".into()));
        assert!(night.watch.state().notification(owed.id).is_none(), "not tried again");
        let mut night = self::night();
        night.modem = Modem::IsDown;
        night.pass(7 * HOUR + 30 * MINUTE);
        night.reload(&other);
        assert!(night.queued().is_empty());
        night.modem = Modem::Works;
        night.pass(12 * HOUR);
        assert!(night.rung().is_empty(), "one of today was given");
        night.pass(DAY);
        let told = if table.is_some() { vec!["paul"] } else { Vec::new() };
        assert_eq!(night.rung(), told);
    }
}

#[test]
fn another_time_counts_from_the_next_one_on_and_no_day_has_two() {
    let mut night = night();
    night.pass(8 * HOUR);
    assert_eq!(night.rung(), ["karim"]);
    let at = jiff::civil::time(9, 0, 0, 0);
    night.reload(&files(LifeSign { at, ..daily() }));
    night.pass(12 * HOUR);
    assert!(night.rung().is_empty());
    night.pass(13 * HOUR);
    assert_eq!(night.rung(), ["karim"]);
    // What was not given today yet is, at its new time.
    let mut night = self::night();
    night.pass(7 * HOUR);
    night.reload(&files(LifeSign { at, ..daily() }));
    night.pass(HOUR);
    assert!(night.rung().is_empty());
    night.pass(HOUR);
    assert_eq!(night.rung(), ["karim"]);
    // The table was taken out and put back on the same day.
    night.reload(&Files::with(policy(SINGLE)));
    let at = jiff::civil::time(10, 0, 0, 0);
    night.reload(&files(LifeSign { at, ..daily() }));
    night.pass(6 * HOUR);
    assert!(night.rung().is_empty());
}

#[test]
fn of_a_schedule_whoever_is_on_call_then_is_told_and_where_nobody_is_the_record_says_so() {
    let notify = vec![Recipient::Schedule("technique".into()), Recipient::Person(person("nadia"))];
    let mut files = files(LifeSign { notify, ..daily() });
    let first = jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0);
    files.schedule = Some(super::site::turns(&["marie", "paul"], 1, first));
    let mut night = Night::over(&files);
    for on_call in ["marie", "paul", "marie"] {
        night.pass(DAY);
        assert_eq!(night.rung(), [on_call], "Nadia has no number");
    }
}

#[test]
fn a_storm_neither_gathers_it_nor_is_filled_by_it() {
    let mut files = files(LifeSign { notify: vec![Recipient::Person(person("marie"))], ..daily() });
    files.storm.messages = 2;
    let mut night = Night::over(&files);
    night.pass(7 * HOUR + 29 * MINUTE);
    for number in 0..5 {
        night.signal("pump", &number.to_string(), true, 1);
    }
    night.rung();
    night.pass(MINUTE);
    let told = signs(&mut night, "marie");
    assert!(told.len() == 1 && told[0].contains("5 alarmes, 5 sans réponse"), "{told:?}");
    // Of two messages in a window the sign is none.
    let mut night = Night::over(&files);
    night.pass(7 * HOUR + 30 * MINUTE);
    assert_eq!(signs(&mut night, "marie").len(), 1);
    night.signal("pump", "1", true, 1);
    assert_eq!(night.phone("marie").len(), 1, "the first alarm leaves at once");
}

#[test]
fn it_leaves_after_every_call_and_a_refusal_of_it_is_told() {
    let mut night = night();
    night.modem = Modem::IsDown;
    night.pass(7 * HOUR + 30 * MINUTE);
    let owed = night.queued()[0].clone();
    assert_eq!((owed.purpose, owed.priority.as_str()), (Purpose::LifeSign, "low"));
    night.report(owed.id, Attempt::Started { parts: 1 });
    night.report(owed.id, Attempt::Refused("unassigned number".into()));
    let rejected = night.says_of_itself("sms-rejected", "karim");
    assert_ne!(rejected, crate::watch::alarm::AlarmState::Normal);
}
