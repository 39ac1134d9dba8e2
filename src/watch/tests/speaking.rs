//! What people read: every sentence says what it is about, in both languages.

use std::collections::BTreeMap;

use super::night::Night;
use super::site::{Files, SINGLE, policy};
use crate::watch::alarm::{Occurrence, OccurrenceNumber};
use crate::watch::codes::Code;
use crate::watch::name::PersonId;
use crate::watch::notification::LONGEST;
use crate::watch::site::Language;
use crate::watch::wording::Wording;

/// What both languages say.
fn both(say: impl Fn(Wording<'_>) -> String) -> [String; 2] {
    let site = Files::with(policy(SINGLE)).site();
    let now = Night::over(&Files::with(policy(SINGLE))).now.utc;
    [Language::French, Language::English].map(|language| say(Wording::new(&site, language, now)))
}

fn open() -> Occurrence {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.answers("marie", "");
    night.open().clone()
}

#[test]
fn an_answer_that_changes_nothing_says_why_and_about_what() {
    let open = open();
    let code = Code::parse("4711").unwrap();
    for (said, begins) in [
        (both(|wording| wording.dealt_with(&open)), ["Déjà réglé par", "Already dealt with by"]),
        (both(|wording| wording.declined(&open)), ["Noté, sans vous", "Noted, without you"]),
        (both(|wording| wording.noted(&open)), ["Pris par MARIE", "Held by MARIE"]),
        (both(|wording| wording.needs_nobody(&open)), ["Pour information", "For information"]),
        (both(|wording| wording.not_latched(&open)), ["Rien à réarmer", "Nothing to reset"]),
        (both(|wording| wording.reset(&open)), ["Réarmé", "Reset"]),
        (both(|wording| wording.still_active(&open)), ["La cause est", "The cause is"]),
        (both(|wording| wording.acknowledge_first(&open)), ["À acquitter", "Acknowledge first"]),
        (both(|wording| wording.expired(&open)), ["Toujours présent", "Still active"]),
        (both(|wording| wording.confirm_please(&open, code)), ["Pompe", "Pompe"]),
        (both(|wording| wording.confirmation_late(&open)), ["Pas confirmé", "Not confirmed"]),
        (both(|wording| wording.back_to_normal(&open)), ["Retour à la normale", "Back to normal"]),
    ] {
        for (said, begins) in said.iter().zip(begins) {
            assert!(said.starts_with(begins) && said.contains("Pompe"), "{said}");
        }
    }
}

#[test]
fn what_is_about_no_occurrence_says_so() {
    let number = OccurrenceNumber(4_711);
    for (said, holds) in [
        (both(|wording| wording.no_such_occurrence(number)), ["#4711", "#4711"]),
        (both(|wording| wording.no_ladder()), ["son escalade", "its ladder"]),
        (both(|wording| wording.five_wrong_codes()), ["cinq codes", "five wrong"]),
        (both(|wording| wording.no_room()), ["plus de place", "room for"]),
        (both(|wording| wording.no_room_to_await()), ["trop de clés", "too many keys"]),
        (both(|wording| wording.call_is_no_answer()), ["LISTE", "LIST"]),
    ] {
        for (said, holds) in said.iter().zip(holds) {
            assert!(said.contains(holds), "{said}");
        }
    }
}

#[test]
fn a_list_of_what_stands_open_ends_where_three_messages_do_and_says_how_many_are_left() {
    let (open, marie) = (open(), PersonId::new("marie"));
    let list = |many: usize| {
        let mine = vec![&open; many];
        both(|wording| wording.list(&mine, &marie, &BTreeMap::new()))
            .map(|said| said.trim().to_owned())
    };
    let [entry, _] = list(1);
    assert!(entry.starts_with("HAUTE Pompe") && entry.contains("(pris: MARIE)"), "{entry}");
    assert_eq!(list(2)[0], format!("{entry}\n{entry}"));
    let room = LONGEST - 12;
    let fit = (1..100).take_while(|many| many * entry.chars().count() + many - 1 <= room).count();
    let lines = |many: usize| list(many)[0].lines().count();
    assert!(lines(fit) == fit && !list(fit)[0].contains('+'), "{:?}", list(fit));
    let [more, _] = list(fit + 3);
    assert!(more.ends_with(" +3") && more.lines().count() == fit, "{more}");
}
