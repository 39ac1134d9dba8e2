//! Calendars as people and programs write them, and what is none: each gives its days or a note, and never a panic.

use super::*;

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Nord//FR\n{events}END:VCALENDAR\n")
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\nUID:1@nord\n{lines}END:VEVENT\n")
}

fn days(text: &str) -> Vec<String> {
    let read = almanac(text, "holidays.ics");
    assert_eq!(read.notes, Vec::<String>::new(), "{text}");
    read.days.iter().filter(|day| day.year() <= 2028).map(Date::to_string).collect()
}

#[test]
fn every_day_of_an_all_day_event_is_a_holiday() {
    let one = event("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261226\nSUMMARY:Noël\n");
    let bridge = event("DTSTART;VALUE=DATE:20270513\nDTEND;VALUE=DATE:20270517\nSUMMARY:Pont\n");
    let bare = event("DTSTART:20270101\nSUMMARY:Jour de\n  l'an\n");
    let lasting = event("DTSTART:20270801\nDURATION:P2D\nSUMMARY:Arrêt\n");
    let text = calendar(&format!("{one}{bridge}{bare}{lasting}"));
    let known = [
        "2026-12-25",
        "2027-01-01",
        "2027-05-13",
        "2027-05-14",
        "2027-05-15",
        "2027-05-16",
        "2027-08-01",
        "2027-08-02",
    ];
    assert_eq!(days(&text), known);
    assert_eq!(days(&text.replace('\n', "\r\n")), known, "whatever ends a line");
    assert_eq!(days(&format!("\u{feff}{text}")), known, "whatever editor has written it");
}

#[test]
fn what_comes_back_every_year_is_followed_until_its_end() {
    let rule = |rule: &str| {
        days(&calendar(&event(&format!(
            "DTSTART;VALUE=DATE:20260624\nRRULE:{rule}\nSUMMARY:Saint-Jean\n"
        ))))
    };
    let three = ["2026-06-24", "2027-06-24", "2028-06-24"];
    assert_eq!(rule("FREQ=YEARLY"), three);
    assert_eq!(rule("FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=24"), three);
    assert_eq!(rule("FREQ=YEARLY;UNTIL=20271231"), three[..2]);
    assert_eq!(rule("FREQ=YEARLY;COUNT=2"), three[..2]);
    assert_eq!(rule("FREQ=YEARLY;INTERVAL=2"), ["2026-06-24", "2028-06-24"]);
    let leap =
        calendar(&event("DTSTART:20240229\nRRULE:FREQ=YEARLY\nEXDATE:20240229\nRDATE:20270301\n"));
    assert_eq!(days(&leap), ["2027-03-01", "2028-02-29"]);
}

#[test]
fn a_meeting_and_what_is_cancelled_are_no_holidays() {
    let meeting = event("DTSTART;TZID=Europe/Paris:20261224T100000\nSUMMARY:Réunion\n");
    let cancelled = event("DTSTART:20261226\nSTATUS:CANCELLED\n");
    let kept = event("DTSTART:20261225\n");
    assert_eq!(days(&calendar(&format!("{meeting}{cancelled}{kept}"))), ["2026-12-25"]);
    let read = almanac(&calendar(&meeting), "holidays.ics");
    assert_eq!(read.notes, ["holidays.ics has no all-day event, and so no holiday"]);
}

#[test]
fn a_rule_that_is_not_followed_is_told_with_the_name_of_its_event() {
    let fourth =
        event("DTSTART:20261126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\nSUMMARY:Thanksgiving\n");
    let weekly = event("DTSTART:20261130\nRRULE:FREQ=WEEKLY\nSUMMARY:Lundi\n");
    let read = almanac(&calendar(&format!("{fourth}{weekly}")), "us.ics");
    assert_eq!(
        read.notes,
        [
            "us.ics has a rule of recurrence that is not followed, only its first day is a holiday: `Thanksgiving`, `Lundi`"
        ]
    );
    assert_eq!(read.days.len(), 2);
}

#[test]
fn what_is_no_calendar_is_told_and_does_no_harm() {
    let deep = "BEGIN:VCALENDAR\n".repeat(60_000);
    let lines = format!("BEGIN:VCALENDAR\n{}", "X-NOTE:a\n".repeat(110_000));
    let folded = format!("BEGIN:VCALENDAR\nX:{}\nEND:VCALENDAR\n", "\n a".repeat(300_000));
    let long =
        calendar(&event("DTSTART:00010101\nDTEND:99991231\nRRULE:FREQ=YEARLY;COUNT=99999999999\n"));
    let many =
        calendar(&event("DTSTART:19700101\nDTEND:19710101\nRRULE:FREQ=YEARLY\n").repeat(500));
    for text in [
        "",
        "<!DOCTYPE html><title>404",
        "BEGIN:VCALENDAR",
        "BEGIN:VCALENDAR\nEND:VEVENT\n",
        &deep,
        &lines,
        &folded,
        &long,
        &many,
    ] {
        let read = almanac(text, "x.ics");
        assert!(!read.notes.is_empty(), "{:.40}", text);
        assert!(read.days.len() <= DAYS_LIMIT, "{:.40}", text);
    }
    let whole = calendar(&event(
        "DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;UNTIL=20301225\nSUMMARY:N\\, o;X=\"é\":l\n",
    ));
    for cut in 0..whole.len() {
        almanac(&String::from_utf8_lossy(&whole.as_bytes()[..cut]), "x.ics");
        let mut bytes = whole.clone().into_bytes();
        bytes[cut] = b":;\n\",BE0"[cut % 8];
        almanac(&String::from_utf8_lossy(&bytes), "x.ics");
    }
}

#[test]
fn the_same_days_told_again_and_again_keep_nobody_waiting() {
    let every_other = event("DTSTART:19700101\nDTEND:19710101\nRRULE:FREQ=YEARLY;INTERVAL=2\n");
    let read = almanac(&calendar(&every_other.repeat(8_000)), "x.ics");
    assert_eq!(read.notes, ["x.ics has more than 50000 days: the rest is left out"]);
    assert_eq!(read.days.len(), 41_975, "the first event is told whole");
}
