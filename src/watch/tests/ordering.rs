//! Who may swap a group, for how long, and what the calendar has to say (behaviour §8).

use std::time::Duration;

use super::night::Night;
use super::site::{BEGINNING, Files, MINUTE, SINGLE, policy};
use super::swapping::{HOUR, files, is_swapped, night, swap, typed};
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::decision::{Outcome, Refusal};
use crate::watch::name::SwapGroup;

#[test]
fn only_who_may_swap_does_and_no_longer_than_the_site_allows() {
    let mut night = night(SINGLE, SINGLE);
    assert!(night.sms("marie", "SWAP cold 1H").contains("pas le droit"));
    assert!(night.sms("paul", "SWAP cold 25H").contains("24h au plus"));
    assert!(night.sms("paul", "SWAP hvac 1H").contains("Groupes: cold"));
    assert!(night.sms("paul", "SWAP cold OFF").contains("n'est pas échangé"));
    for (name, group, lasting) in [
        ("marie", "cold", Some(HOUR)),
        ("paul", "cold", Some(25 * HOUR)),
        ("paul", "hvac", Some(HOUR)),
        ("nobody", "cold", Some(HOUR)),
        ("paul", "cold", None),
    ] {
        let outcome = typed(&mut night, name, group, lasting);
        assert!(matches!(outcome, Outcome::Refused(Refusal(_))), "{name} {group}: {outcome:?}");
    }
    assert!(!is_swapped(&night));
    assert!(night.sms("paul", "échange COLD 90min").contains("jusqu'à 01:30"));
    assert!(night.sms("paul", "swap cold off").contains("n'est plus échangé"));
    assert!(!is_swapped(&night));
}

#[test]
fn the_calendar_swaps_from_and_until_its_time() {
    let mut files = files(SINGLE, SINGLE);
    files.windows = vec![(HOUR, 2 * HOUR), (2 * HOUR, 3 * HOUR), (9 * HOUR, 10 * HOUR)];
    let mut night = Night::over(&files);
    night.active();
    night.pass(HOUR - Duration::from_secs(1));
    assert!(!is_swapped(&night));
    night.pass(Duration::from_secs(1));
    assert!(is_swapped(&night));
    let swapped = *night.watch.state().swapped(&SwapGroup::new("cold")).unwrap();
    assert_eq!(swapped.until, BEGINNING.after(3 * HOUR), "windows that touch are one");
    assert_eq!(night.watch.state().moved_with(&SwapGroup::new("cold")), 1);
    night.pass(2 * HOUR);
    assert!(!is_swapped(&night));
    night.pass(6 * HOUR);
    assert!(is_swapped(&night));
}

#[test]
fn the_latest_order_wins_over_the_calendar_and_off_ends_the_window_of_now() {
    let mut files = files(SINGLE, SINGLE);
    files.windows = vec![(HOUR, 4 * HOUR), (6 * HOUR, 7 * HOUR)];
    let mut night = Night::over(&files);
    night.pass(2 * HOUR);
    swap(&mut night, None);
    assert!(!is_swapped(&night));
    night.pass(HOUR);
    swap(&mut night, Some(30 * MINUTE));
    assert!(is_swapped(&night));
    night.pass(30 * MINUTE);
    assert!(is_swapped(&night), "the order is over, the window is not");
    swap(&mut night, None);
    night.pass(2 * HOUR);
    assert!(!is_swapped(&night));
    night.pass(30 * MINUTE);
    assert!(is_swapped(&night), "the next window counts again");
}

#[test]
fn a_swap_goes_on_through_a_restart_and_one_that_ended_meanwhile_is_over() {
    let mut night = night(SINGLE, SINGLE);
    night.active();
    swap(&mut night, Some(HOUR));
    let state = night.thawed();
    assert!(state == *night.watch.state(), "a snapshot has it");
    night.restart(30 * MINUTE);
    assert!(is_swapped(&night));
    night.pass(30 * MINUTE - Duration::from_secs(1));
    assert!(is_swapped(&night));
    night.pass(Duration::from_secs(1));
    assert!(!is_swapped(&night));
    swap(&mut night, Some(HOUR));
    night.rung();
    night.restart(2 * HOUR);
    assert!(!is_swapped(&night));
    assert!(night.rung().contains(&"marie".to_owned()), "her own team is called");
}

#[test]
fn a_group_that_no_file_names_any_more_is_not_swapped_and_its_alarms_come_back() {
    let mut night = night(SINGLE, SINGLE);
    swap(&mut night, Some(HOUR));
    night.active();
    night.rung();
    night.reload(&Files::with(policy(SINGLE)));
    assert!(!is_swapped(&night));
    assert_eq!(night.rung(), ["karim", "marie"], "she is called, he is told");
    night.pass(2 * HOUR);
    night.reload(&files(SINGLE, SINGLE));
}

#[test]
fn every_word_of_a_swap_is_one_short_message() {
    use crate::watch::site::Language;
    use crate::watch::wording::Wording;
    let mut night = night(SINGLE, SINGLE);
    night.active();
    let open = night.open().clone();
    let (site, now) = (night.watch.site().clone(), night.now.utc);
    let group = SwapGroup::new("climatisation-nord-2");
    let fitters = crate::watch::name::PolicyName::new("climatisation-nord");
    let until = now.after(48 * HOUR);
    let mut open = open;
    open.activation.text = "Groupe froid 2 du local technique Nord en défaut de pression".into();
    assert_eq!(open.number, OccurrenceNumber(1));
    for language in [Language::French, Language::English] {
        let wording = Wording::new(&site, language, now);
        for text in [
            wording.swapped(&group, until),
            wording.swap_over(&group),
            wording.not_swapped(&group),
            wording.swap_too_long(24 * HOUR),
            wording.may_not_swap(),
            wording.no_such_group("climatisation-nord-12345"),
            wording.moved(Some(&open), 1, &group, Some(&fitters), Some(until), true),
            wording.moved(None, 500, &group, Some(&fitters), None, true),
        ] {
            assert!(text.chars().count() <= 160, "{}: {text}", text.chars().count());
        }
    }
}
