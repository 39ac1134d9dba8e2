//! Out of service: until a person returns it.

use super::{HOUR, calling};
use crate::watch::alarm::AlarmState;
use crate::watch::suppression::Wish;
use crate::watch::tests::night::Night;
use crate::watch::tests::site::{Files, SINGLE, policy};

const OUT: Wish = Wish::TakeOut { reason: None };

#[test]
fn what_is_out_of_service_is_quiet_until_a_person_returns_it() {
    let mut night = calling();
    let told = night.wishes("karim", "pump[]", OUT);
    assert_eq!(told, "Mis hors service par KARIM: Pompe  1.");
    assert_eq!(night.phone("marie"), ["Mis hors service par KARIM: Pompe  1."]);
    night.restart(2 * HOUR);
    assert!(night.rung().is_empty() && night.is_hidden("pump", ""));
    night.pass(1_000 * HOUR);
    assert!(night.phone("paul").is_empty() && night.is_hidden("pump", ""));
    night.rung();
    assert_eq!(night.wishes("marie", "pump[]", Wish::Return), "Remis en service: Pompe  1.");
    assert_eq!(night.rung(), ["marie"], "it is still there");
    assert_eq!(night.state(), AlarmState::Unacknowledged);
}

#[test]
fn a_definition_is_taken_out_as_a_whole_with_all_that_stands_of_it() {
    let mut night = calling();
    night.signal("pump", "west", true, 1);
    night.rung();
    assert_eq!(night.wishes("karim", "pump", OUT), "Mis hors service par KARIM: pump.");
    assert_eq!(night.phone("marie").len(), 2, "she is told of each that she was called about");
    night.signal("pump", "east", true, 1);
    night.signal("pump", "west", false, 1);
    assert!(night.rung().is_empty());
    assert!(night.is_hidden("pump", "") && night.is_hidden("pump", "east"));
    night.is_in_snapshot();
    night.restart(HOUR);
    night.rung();
    night.wishes("marie", "pump", Wish::Return);
    assert!(night.is_open("pump", "") && night.is_open("pump", "east"));
    assert!(!night.is_open("pump", "west"), "it came and went");
    assert_eq!(night.rung(), ["marie", "marie"]);
}

#[test]
fn who_has_not_the_right_takes_nothing_out_and_returns_nothing() {
    let mut night = calling();
    let refused = "Refusé: vous n'avez pas le droit de mettre hors service.";
    assert_eq!(night.is_refused("paul", "pump", OUT), refused);
    night.wishes("karim", "pump", OUT);
    assert_eq!(night.is_refused("paul", "pump", Wish::Return), refused);
    assert!(night.is_hidden("pump", ""));
    assert_eq!(
        night.is_refused("karim", "pump[x]", Wish::Return),
        "Cette alarme est déjà en service."
    );
}

#[test]
fn vigie_itself_stays_in_service() {
    let mut night = calling();
    let told = night.is_refused("karim", "modem-lost", OUT);
    assert_eq!(told, "Vigie surveille toujours Vigie: masquez cette alarme pour un temps.");
    night.wishes("karim", "modem-lost[gsm.orange]", super::shelving(HOUR));
}

#[test]
fn what_the_files_name_no_more_can_still_be_returned_and_is_listed_no_more() {
    let files = Files::with(policy(SINGLE));
    let mut gone = files.clone();
    gone.alarms.clear();
    let mut night = Night::over(&files);
    night.signal("pump", "west", true, 1);
    night.wishes("karim", "pump[west]", OUT);
    night.wishes("karim", "pump[east]", super::shelving(HOUR));
    night.reload(&gone);
    assert_eq!(
        night.wishes("karim", "pump[west]", Wish::Return),
        "Remis en service: Pompe west 1."
    );
    night.wishes("karim", "pump[east]", Wish::Unshelve);
    assert!(night.watch.kept_quiet().is_empty());
    let unknown = "Aucune alarme ne s'appelle `pump` dans les fichiers.";
    assert_eq!(night.is_refused("karim", "pump[west]", OUT), unknown);
    night.rung();
    night.pass(24 * HOUR);
    assert!(night.rung().is_empty(), "nobody reads of it every morning for ever");
}
