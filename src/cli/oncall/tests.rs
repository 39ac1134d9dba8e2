//! What `vigie oncall` tells, from the files alone and as a table to print.

use super::super::terminal::paper::Paper;
use super::*;

const FILE: &str = r#"
[site]
name        = "Nord"
time-zone   = "Europe/Paris"
last-resort = "night"
[control]
socket = "/nowhere/vigie.sock"
[people.marie]
name  = "Marie Dupont"
phone = "+33612345678"
[people.karim]
name  = "Karim Haddad"
phone = "+33698765432"
[schedules.technique]
rotations = [{ people = ["marie", "karim"], every = "1 week", from = 2026-01-05T08:00:00 }]
overrides = [{ person = "karim", from = 2026-12-24T08:00:00, until = 2026-12-26T08:00:00 }]
holidays  = "fr"
[schedules.days]
rotations = [{ people = ["karim"], hours = ["mon..fri 08:00-18:00"] }]
[escalations.night]
steps = [{ notify = ["schedule:technique"], wait = "10m" }]
[gsm.orange]
device = "/dev/ttyUSB0"
"#;

fn told(
    file: &str,
    at: Option<&str>,
    month: Option<&str>,
    json: bool,
) -> (Sysexit, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vigie.toml");
    std::fs::write(&path, file).unwrap();
    let (out, err) = (Paper::default(), Paper::default());
    let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err.clone()));
    let asked = Oncall { at: at.map(str::to_owned), month: month.map(str::to_owned), json };
    let exit = oncall(&path, &asked, &mut terminal);
    (terminal.close(exit), out.text(), err.text())
}

#[test]
fn who_is_on_call_is_told_with_until_when_and_who_comes_next() {
    let (exit, out, err) = told(FILE, Some("2026-11-29 03:00"), None, false);
    assert_eq!(exit, Sysexit::Ok, "{err}");
    assert_eq!(
        out,
        "days       nobody until Mon 2026-11-30 08:00, then Karim Haddad until Mon 2026-11-30 18:00\n\
         technique  Marie Dupont until Mon 2026-11-30 08:00, then Karim Haddad until Mon 2026-12-07 08:00\n"
    );
    assert!(
        err.contains("no daemon answers at /nowhere/vigie.sock: this is what the files say"),
        "{err}"
    );
    let (_, out, _) = told(FILE, Some("2026-12-25 12:00"), None, false);
    assert!(
        out.contains("technique  Karim Haddad (stands in) until Sat 2026-12-26 08:00, then Marie"),
        "{out}"
    );
}

#[test]
fn the_json_names_people_by_their_identifiers() {
    let (exit, out, _) = told(FILE, Some("2026-11-29T02:00:00Z"), None, true);
    assert_eq!(exit, Sysexit::Ok);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        told[1],
        serde_json::json!({
            "schedule": "technique", "time_zone": "Europe/Paris",
            "stretches": [
                { "from": "2026-11-29T02:00:00Z", "until": "2026-11-30T07:00:00Z", "people": ["marie"], "standing_in": null },
                { "from": "2026-11-30T07:00:00Z", "until": "2026-12-07T07:00:00Z", "people": ["karim"], "standing_in": null },
            ],
        })
    );
}

#[test]
fn a_month_is_a_table_of_eighty_columns_with_handovers_weekends_and_holidays() {
    let (exit, out, _) = told(FILE, None, Some("2026-12"), false);
    assert_eq!(exit, Sysexit::Ok);
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    assert!(out.starts_with("On call in December 2026: Nord\n"), "{out}");
    for line in [
        "                days                               technique",
        "Sat 05 w        -- nobody --                       Karim Haddad",
        "Mon 07          -- nobody --                       Karim Haddad",
        "          08:00 Karim Haddad                 08:00 Marie Dupont",
        "          18:00 -- nobody --",
        "Fri 25 H        -- nobody --                       Karim Haddad *",
    ] {
        assert!(out.lines().any(|told| told == line), "{line}: {out}");
    }
    assert_eq!(out.lines().filter(|line| line.starts_with("Thu 31")).count(), 1);
}

#[test]
fn in_the_month_in_which_the_clocks_change_a_handover_stays_at_its_hour() {
    let (_, out, _) = told(FILE, None, Some("2026-03"), false);
    assert!(
        out.contains("Sun 29 w        -- nobody --                       Karim Haddad\nMon 30 "),
        "{out}"
    );
    let handovers = out.lines().filter(|line| line.matches("08:00 ").count() == 2);
    assert_eq!(handovers.count(), 5, "{out}");
}

#[test]
fn what_is_no_time_and_no_month_is_told() {
    for (at, month) in [
        (Some("someday"), None),
        (None, Some("2026-13")),
        (None, Some("december")),
        (None, Some("2026-1")),
    ] {
        let (exit, _, err) = told(FILE, at, month, false);
        assert!(exit == Sysexit::Usage && err.contains("write "), "{err}");
    }
    let (exit, _, err) = told("[site]\n", None, None, false);
    assert!(exit == Sysexit::Configuration && err.contains("no `name`"), "{err}");
}
