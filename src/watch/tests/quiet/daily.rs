//! The daily list: what is out of service is not forgotten.

use super::{HOUR, calling, shelving};
use crate::watch::suppression::Wish;
use crate::watch::tests::night::Night;
use crate::watch::tests::site::{Files, MINUTE, SINGLE, policy};

const OUT: Wish = Wish::TakeOut { reason: None };

#[test]
fn what_is_out_of_service_is_told_every_morning_to_those_who_may_return_it() {
    let mut night = calling();
    night.wishes("karim", "pump", OUT);
    night.wishes("karim", "pump[west]", OUT);
    night.wishes("karim", "pump[east]", shelving(9 * HOUR));
    night.rung();
    night.pass(8 * HOUR - MINUTE);
    assert!(night.rung().is_empty());
    night.is_in_snapshot();
    night.restart(MINUTE / 2);
    night.rung();
    night.pass(MINUTE / 2);
    let said = "Hors service: 2 (pump, pump[west]). Masquées: 1. Détail: vigie quiet.";
    assert_eq!(
        (night.phone("marie"), night.phone("karim")),
        (vec![said.into()], vec![said.into()])
    );
    assert!(night.phone("paul").is_empty());
    night.pass(24 * HOUR);
    assert_eq!(night.rung().len(), 2, "and so the next day");
    night.wishes("karim", "pump", Wish::Return);
    night.wishes("karim", "pump[west]", Wish::Return);
    night.pass(MINUTE);
    night.answers("marie", "");
    night.rung();
    night.pass(48 * HOUR);
    assert!(night.rung().is_empty(), "nothing is out of service");
}

#[test]
fn a_list_that_fell_due_while_vigie_was_away_is_told_at_the_start() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.wishes("karim", "pump", OUT);
    night.restart(30 * HOUR);
    assert_eq!(night.rung(), ["karim", "marie"]);
    night.pass(2 * HOUR - MINUTE);
    assert!(night.rung().is_empty());
    night.pass(MINUTE);
    assert_eq!(night.rung(), ["karim", "marie"]);
}

#[test]
fn a_long_list_is_one_message() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    for number in 10..60 {
        night.wishes("karim", &format!("pump[station-{number}]"), OUT);
    }
    night.pass(8 * HOUR);
    let said = night.phone("marie").pop().unwrap();
    assert!(said.chars().count() <= 160 && said.contains("Hors service: 50"), "{said}");
    assert!(said.contains("pump[station-10], ") && said.contains(" +46)"), "{said}");
}
