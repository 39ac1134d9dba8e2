//! The figures, by hand: each is what somebody with the rows and a pencil would write.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::figures::{Answers, Flood, Often, Report};
use super::tally::Tally;
use crate::cli::site_time::SiteTime;
use crate::cli::sysexit::Sysexit;
use crate::cli::terminal::Terminal;
use crate::cli::terminal::paper::Paper;
use crate::journal::{NotificationRow, OccurrenceRow};
use crate::watch::time::Utc;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Seconds after midnight of the 1st of November, in Paris.
fn at(seconds: i64) -> Timestamp {
    let midnight: Timestamp = "2026-11-01T00:00:00+01:00".parse().unwrap();
    Timestamp::from_second(midnight.as_second() + seconds).unwrap()
}

fn utc(seconds: i64) -> Utc {
    Utc::from(at(seconds))
}

fn alarm(number: u64, opened: i64) -> OccurrenceRow {
    OccurrenceRow {
        number,
        definition: "link".to_owned(),
        key: "7".to_owned(),
        state: "normal".to_owned(),
        priority: "high".to_owned(),
        text: "Lien 7".to_owned(),
        opened: utc(opened),
        active_since: utc(opened),
        returned: Some(utc(opened + 60)),
        acknowledged: None,
        acknowledged_by: None,
        confirmed: None,
        confirmed_by: None,
        closed: Some(utc(opened + 60)),
        repeats: 0,
    }
}

fn taken(number: u64, opened: i64, after: i64, by: &str) -> OccurrenceRow {
    let acknowledged = Some(utc(opened + after));
    OccurrenceRow { acknowledged, acknowledged_by: Some(by.to_owned()), ..alarm(number, opened) }
}

fn message(kind: &str, person: &str, created: i64, occurrence: u64) -> NotificationRow {
    NotificationRow {
        id: 1,
        occurrence: Some(occurrence),
        person: person.to_owned(),
        channel: "sms".to_owned(),
        kind: kind.to_owned(),
        state: "sent".to_owned(),
        text: String::new(),
        created: utc(created),
        ended: None,
    }
}

/// Of the first ten days of November.
fn report(messages: &[NotificationRow], alarms: &[OccurrenceRow]) -> Report {
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let mut tally = Tally::new(at(0), at(10 * DAY), zone);
    messages.iter().for_each(|row| tally.message(row, row.state == "sent"));
    alarms.iter().for_each(|row| tally.occurrence(row));
    tally.report()
}

#[test]
fn nothing_is_a_report_of_nothing() {
    let report = report(&[], &[]);
    assert_eq!((report.alarms, report.most_in_ten_minutes, report.most_at), (0, 0, None));
    assert_eq!((report.each_day.len(), report.floods.len()), (10, 0));
    assert!(report.answers.is_empty() && report.people.is_empty());
}

#[test]
fn alarms_are_counted_by_day_hour_and_ten_minutes_of_the_site() {
    let alarms = [0, 599, 600, DAY - 1, DAY].map(|opened| alarm(1, opened));
    let report = report(&[], &alarms);
    assert_eq!((report.alarms, report.days), (5, 10.0));
    assert!((report.a_day - 0.5).abs() < 1e-9, "{}", report.a_day);
    assert_eq!((report.most_in_ten_minutes, report.most_at), (2, Some(at(0))));
    let days: Vec<u64> = report.each_day.iter().map(|day| day.alarms).collect();
    assert_eq!(days, [4, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!((report.each_hour[0], report.each_hour[23]), (4, 1));
}

#[test]
fn a_flood_is_from_more_than_ten_in_ten_minutes_until_fewer_than_five() {
    // One every 50 seconds is twelve in ten minutes; then one in three minutes.
    let rise = (0..30).map(|number| number * 50);
    let fall = (0..5).map(|number| 30 * 50 + number * 180);
    let alarms: Vec<_> = rise.chain(fall).map(|opened| alarm(1, opened)).collect();
    let once = report(&[], &alarms);
    assert_eq!(once.floods.len(), 1);
    let Flood { from, to, alarms: many } = once.floods[0];
    assert_eq!((from, many), (at(0), 34));
    assert_eq!(to, at(30 * 50 + 3 * 180));
    let ten: Vec<_> = (0..10).map(|opened| alarm(1, opened)).collect();
    assert!(report(&[], &ten).floods.is_empty(), "ten are none yet");
}

#[test]
fn who_answered_after_how_long_is_told_by_priority_and_person() {
    let waits = [10, 20, 30, 40, 400];
    let mut alarms: Vec<_> =
        (1..).zip(waits).map(|(number, after)| taken(number, 0, after, "marie")).collect();
    alarms.push(alarm(6, 0));
    alarms.push(alarm(7, 0));
    let messages = [message("call", "karim", 0, 6), message("information", "karim", 0, 7)];
    let report = report(&messages, &alarms);
    let high = Answers {
        priority: "high",
        asked: 6,
        answered: 5,
        median: Some(30),
        nine_in_ten: Some(400),
        longest: Some(400),
    };
    assert_eq!(report.answers, [high], "of the last nobody was asked");
    let [karim, marie] = report.people.as_slice() else { panic!("{:?}", report.people) };
    assert_eq!((karim.calls, karim.messages, karim.taken), (1, 2, 0));
    assert_eq!((marie.taken, marie.median), (5, Some(30)));
}

#[test]
fn a_message_that_never_left_called_nobody_and_woke_nobody() {
    let waits = |kind: &str, occurrence| NotificationRow {
        state: "queued".to_owned(),
        ..message(kind, "karim", 23 * HOUR, occurrence)
    };
    let messages = [message("call", "karim", HOUR, 1), waits("call", 2), waits("information", 3)];
    let report = report(&messages, &[alarm(2, 23 * HOUR)]);
    let [karim] = report.people.as_slice() else { panic!("{:?}", report.people) };
    assert_eq!((karim.calls, karim.messages, karim.unsent), (1, 1, 2));
    assert_eq!((karim.calls_at_night, karim.nights), (1, 1));
    assert_eq!(
        (report.answers[0].asked, report.answers[0].answered),
        (1, 0),
        "it wanted an answer"
    );
    let (out, err) = (Paper::default(), Paper::default());
    let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err));
    let time = SiteTime::of(TimeZone::UTC);
    super::words::tell(&report, &time, &mut terminal);
    let said = "karim: 1 calls of 1 messages; 2 messages never sent; woken in 1 nights by 1 calls";
    assert!(out.text().contains(said), "{}", out.text());
}

#[test]
fn a_night_is_one_from_ten_in_the_evening_until_six_in_the_morning() {
    let times = [
        (22 * HOUR - 1, false),
        (22 * HOUR, true),
        (23 * HOUR, true),
        (DAY + 6 * HOUR - 1, true),
        (DAY + 6 * HOUR, false),
        (DAY + 23 * HOUR, true),
    ];
    let messages = times.map(|(created, _)| message("call", "karim", created, 1));
    let report = report(&messages, &[]);
    assert_eq!((report.people[0].calls_at_night, report.people[0].nights), (4, 2));
}

#[test]
fn what_chatters_and_what_stands_for_days_is_named() {
    let mut alarms: Vec<_> = [0, 30, 59, 200, 230].map(|opened| alarm(1, opened)).into();
    let short = OccurrenceRow { key: "8".to_owned(), ..alarm(2, 0) };
    let long = OccurrenceRow { returned: Some(utc(DAY + 1)), key: "9".to_owned(), ..alarm(3, 0) };
    let open = OccurrenceRow { returned: None, closed: None, ..alarm(4, 0) };
    alarms.extend([short, long, open]);
    let report = report(&[], &alarms);
    let often: Vec<(&str, u64)> =
        report.most_often.iter().map(|often| (often.key.as_str(), often.alarms)).collect();
    assert_eq!(often, [("7", 6), ("8", 1), ("9", 1)]);
    let [Often { key, alarms: 1, .. }] = report.chattering.as_slice() else {
        panic!("{:?}", report.chattering)
    };
    assert_eq!(key, "7");
    let stale: Vec<u64> = report.stale.iter().map(|stale| stale.occurrence).collect();
    assert_eq!((stale, report.open), (vec![4, 3], 1));
}

#[test]
fn a_page_is_its_owners_alone_whatever_was_there_and_follows_no_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let [page, link] = ["page.html", "link.html"].map(|name| folder.path().join(name));
    std::fs::write(&page, "last week").unwrap();
    std::fs::set_permissions(&page, std::fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&page, &link).unwrap();
    assert!(super::put(&link, "this week").is_err());
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "last week");
    super::put(&page, "this week").unwrap();
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "this week");
    assert_eq!(std::fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
    super::put(std::path::Path::new("/dev/null"), "nobody reads it").unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
}

#[test]
fn a_page_for_the_output_is_there_as_it_is_and_nothing_else_is() {
    for output in ["-", "/dev/stdout"] {
        let (out, err) = (Paper::default(), Paper::default());
        let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err.clone()));
        let exit = super::write(std::path::Path::new(output), "<p>this week", &mut terminal);
        assert_eq!(terminal.close(exit), Sysexit::Ok);
        assert_eq!((out.text().as_str(), err.text().as_str()), ("<p>this week", ""), "{output}");
    }
}
