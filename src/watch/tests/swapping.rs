//! While a group is swapped its alarms go to another ladder; what nobody holds moves over, and back (behaviour §8).

use std::time::Duration;

use super::night::{Modem, Night, reference};
use super::site::{
    CONFIRM_WITHIN, Files, MINUTE, NONE, SINGLE, WAIT, double, person, policy, steps,
};
use crate::watch::alarm::AlarmState;
use crate::watch::decision::{Fact, Outcome};
use crate::watch::event::{Action, Attempt, Happening, SwapRequest};
use crate::watch::name::SwapGroup;
use crate::watch::notification::Purpose;
use crate::watch::site::{Acknowledge, ConfirmBy, OnReturn, Policy, Priority};
use crate::watch::swap::Swapping;

pub(super) const HOUR: Duration = Duration::from_secs(3_600);

/// Marie, then Karim and Paul; while swapped, Karim alone.
pub(super) fn files(own: Acknowledge, other: Acknowledge) -> Files {
    let fitters = Policy { steps: steps(&[&["karim"]]), ..policy(other) };
    Files::with(policy(own)).swaps_to("fitters", fitters)
}

pub(super) fn night(own: Acknowledge, other: Acknowledge) -> Night {
    Night::over(&files(own, other))
}

pub(super) fn typed(
    night: &mut Night,
    name: &str,
    group: &str,
    lasting: Option<Duration>,
) -> Outcome {
    night.happens(Happening::Swap(SwapRequest {
        person: person(name),
        account: "root".into(),
        group: group.into(),
        lasting,
    }))
}

/// It is swapped; what the notices of it say is asked elsewhere.
pub(super) fn swap(night: &mut Night, lasting: Option<Duration>) {
    let modem = std::mem::replace(&mut night.modem, Modem::IsDown);
    let outcome = typed(night, "paul", "cold", lasting);
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    let notices = night
        .queued()
        .into_iter()
        .filter(|owed| owed.purpose == Purpose::Notice && owed.text.starts_with("PAUL a "));
    for notice in notices.collect::<Vec<_>>() {
        for attempt in [Attempt::Started { parts: 1 }, Attempt::Sent(vec![reference(notice.id)])] {
            night.report(notice.id, attempt);
        }
    }
    night.modem = modem;
    night.pass(Duration::ZERO);
}

#[test]
fn those_whom_a_swap_concerns_hear_who_has_ordered_it() {
    let mut night = night(SINGLE, SINGLE);
    night.sms("paul", "SWAP cold 4H");
    let told = ["PAUL a échangé cold jusqu'à 04:00: ses alarmes vont à fitters."];
    assert_eq!(night.phone("marie"), told, "who is called otherwise");
    assert_eq!(night.phone("karim"), told, "who is called now");
    assert!(night.phone("paul").is_empty(), "he has his answer");
    night.sms("paul", "SWAP cold OFF");
    let told = "PAUL a mis fin à l'échange de cold: ses alarmes vont à leur propre escalade.";
    assert_eq!(
        (night.phone("marie"), night.phone("karim")),
        (vec![told.into()], vec![told.into()])
    );
    typed(&mut night, "paul", "cold", Some(HOUR));
    assert_eq!(night.rung(), ["marie", "karim"], "at the keyboard as well");
}

#[test]
fn whoever_swaps_by_forged_messages_without_end_wakes_nobody_without_end() {
    let mut night = night(SINGLE, SINGLE);
    for order in ["4H", "OFF", "3H", "OFF", "2H"] {
        assert!(!night.sms("paul", &format!("SWAP cold {order}")).contains("rien n'est changé"));
    }
    let told = |night: &mut Night| night.phone("marie").len();
    assert_eq!(told(&mut night), 5);
    night.restart(MINUTE);
    told(&mut night);
    let refused = night.sms("paul", "SWAP cold OFF");
    assert!(refused.contains("cinq fois par SMS en une heure: rien n'est changé"), "{refused}");
    assert!(is_swapped(&night) && told(&mut night) == 0);
    let restored = night.thawed();
    assert!(restored == *night.watch.state());
    typed(&mut night, "paul", "cold", None);
    assert!(!is_swapped(&night) && told(&mut night) == 1, "the command line still can");
    night.pass(HOUR);
    night.sms("paul", "SWAP cold 1H");
    assert!(is_swapped(&night));
}

#[test]
fn a_notice_of_a_swap_leaves_after_every_call_and_is_owed_as_long_as_the_swap_lasts() {
    let mut night = night(SINGLE, SINGLE);
    night.modem = Modem::IsDown;
    typed(&mut night, "paul", "cold", Some(4 * HOUR));
    let notices = night.queued();
    assert_eq!(notices.len(), 2);
    for notice in notices {
        assert_eq!(notice.priority, Priority::Low, "before none that calls");
        assert!(!notice.counts(), "and it keeps none back");
    }
    night.pass(4 * HOUR - MINUTE);
    assert_eq!(night.queued().len(), 2, "it is still news to who was out of reach");
    night.pass(2 * MINUTE);
    assert!(night.queued().is_empty());
    typed(&mut night, "paul", "cold", Some(MINUTE));
    night.pass(29 * MINUTE);
    assert_eq!(night.queued().len(), 2, "half an hour at least");
}

pub(super) fn is_swapped(night: &Night) -> bool {
    night.watch.state().swapped(&SwapGroup::new("cold")).is_some()
}

#[test]
fn while_its_group_is_swapped_an_alarm_calls_the_other_team_and_then_its_own_again() {
    let mut night = night(SINGLE, SINGLE);
    assert_eq!(
        night.sms("paul", "SWAP cold 4H"),
        "cold échangé jusqu'à 04:00: ses alarmes vont à fitters."
    );
    night.rung();
    night.active();
    assert_eq!(night.rung(), ["karim"]);
    night.answers("karim", "");
    night.normal();
    night.rung();
    night.pass(4 * HOUR);
    assert!(!is_swapped(&night));
    night.active();
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn what_nobody_holds_moves_over_and_back_in_the_same_run() {
    let mut night = night(SINGLE, SINGLE);
    night.active();
    let code = night.code("marie");
    night.rung();
    swap(&mut night, Some(HOUR));
    assert_eq!(night.phone("karim").len(), 1, "he is called");
    let told = night.phone("marie");
    assert_eq!(
        told,
        ["cold échangé jusqu'à 01:00: Pompe  1 va à fitters. Votre code vaut encore."]
    );
    night.pass(HOUR - WAIT);
    night.rung();
    night.pass(WAIT);
    assert_eq!(night.code("marie"), code, "a code does not die because others are called");
    assert!(night.rung().contains(&"marie".to_owned()), "she is called again");
    assert_eq!(night.open().run, 0);
    night.sms("marie", &code.to_string());
    assert_eq!(night.holder().as_deref(), Some("marie"));
}

#[test]
fn whoever_was_told_before_may_still_take_what_has_moved() {
    let mut night = night(SINGLE, SINGLE);
    night.active();
    let code = night.code("marie");
    swap(&mut night, Some(HOUR));
    night.rung();
    night.sms("marie", &code.to_string());
    assert_eq!(night.holder().as_deref(), Some("marie"));
    assert!(night.rung().contains(&"karim".to_owned()), "the fitters are told");
}

#[test]
fn what_was_queued_for_the_first_team_does_not_leave_any_more() {
    let mut night = night(SINGLE, SINGLE);
    night.modem = Modem::IsDown;
    night.active();
    swap(&mut night, Some(HOUR));
    let queued: Vec<String> = night.queued().iter().map(|owed| owed.person.to_string()).collect();
    assert_eq!(queued, ["karim"], "Marie has read nothing, and needs not hear where it went");
}

#[test]
fn the_holder_keeps_his_and_when_it_runs_out_the_policy_of_then_counts() {
    let mut night = night(double(ConfirmBy::Same), SINGLE);
    night.active();
    night.answers("marie", "");
    swap(&mut night, Some(2 * HOUR));
    assert_eq!(night.holder().as_deref(), Some("marie"));
    night.rung();
    night.pass(CONFIRM_WITHIN);
    assert!(night.rung().contains(&"karim".to_owned()), "the fitters are called");
    assert_eq!(night.open().run, 1);
    night.answers("karim", "");
    assert!(!night.open().stage.owes_confirmation(), "by their policy: single");
}

#[test]
fn the_holder_who_gives_it_back_gives_it_to_the_team_of_now() {
    let mut night = night(SINGLE, SINGLE);
    night.active();
    night.answers("marie", "");
    swap(&mut night, Some(2 * HOUR));
    night.rung();
    night.answers("marie", "NON");
    assert_eq!(night.rung(), ["karim"]);
}

#[test]
fn one_of_two_responders_holds_it_and_giving_it_back_lets_it_move() {
    let two = Acknowledge::Single { responders: 2, expires: None };
    let mut night = night(two, SINGLE);
    night.active();
    night.answers("marie", "");
    swap(&mut night, Some(2 * HOUR));
    assert_eq!(night.open().stage.holders().len(), 1);
    night.rung();
    night.answers("marie", "NON");
    assert!(night.rung().contains(&"karim".to_owned()));
    assert_eq!(night.watch.state().moved_with(&SwapGroup::new("cold")), 1);
}

#[test]
fn what_comes_back_after_an_acknowledgement_goes_to_the_team_of_then() {
    let mut night = night(double(ConfirmBy::Same), double(ConfirmBy::Same));
    night.active();
    night.answers("marie", "");
    night.normal();
    swap(&mut night, Some(2 * HOUR));
    night.rung();
    night.active();
    assert!(night.rung().contains(&"karim".to_owned()));
}

#[test]
fn an_alarm_that_asks_nobody_by_its_own_policy_asks_while_swapped_and_then_no_longer() {
    let mut night = night(NONE, SINGLE);
    night.active();
    assert_eq!(night.state(), AlarmState::Acknowledged);
    swap(&mut night, Some(HOUR));
    assert_eq!(night.state(), AlarmState::Unacknowledged);
    night.rung();
    night.pass(HOUR);
    assert_eq!(night.state(), AlarmState::Acknowledged);
    night.normal();
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn an_alarm_without_an_escalation_of_its_own_calls_only_while_swapped() {
    let files = files(SINGLE, SINGLE).alarm(|alarm| alarm.escalation = None);
    let mut night = Night::over(&files);
    night.active();
    assert!(night.rung().is_empty());
    swap(&mut night, Some(HOUR));
    assert_eq!(night.rung(), ["karim"]);
    night.normal();
    night.rung();
    assert_eq!(night.state(), AlarmState::Normal, "`fitters` closes on return");
    night.active();
    night.pass(HOUR);
    assert_eq!(night.state(), AlarmState::Acknowledged);
}

#[test]
fn what_a_return_does_is_the_word_of_the_policy_that_counts() {
    let own = Policy { on_return: OnReturn::Hold, ..policy(SINGLE) };
    let other =
        Policy { on_return: OnReturn::Close, steps: steps(&[&["karim"]]), ..policy(SINGLE) };
    let mut night = Night::over(&Files::with(own).swaps_to("fitters", other));
    night.active();
    swap(&mut night, Some(HOUR));
    night.normal();
    assert_eq!(night.state(), AlarmState::Normal);
    night.active();
    swap(&mut night, None);
    night.normal();
    assert_eq!(night.state(), AlarmState::ReturnedUnacknowledged);
}

#[test]
fn a_latched_alarm_stays_latched_wherever_it_goes() {
    let mut night = Night::over(&files(SINGLE, SINGLE).alarm(|alarm| alarm.latch = true));
    night.active();
    swap(&mut night, Some(HOUR));
    night.normal();
    assert_eq!(night.state(), AlarmState::LatchedUnacknowledged);
    night.answers("karim", "");
    night.pass(2 * HOUR);
    assert_eq!(night.state(), AlarmState::LatchedAcknowledged);
    night.command("karim", Action::Reset);
    assert_eq!(night.state(), AlarmState::Normal);
}

#[test]
fn both_policies_are_kept_as_they_were_when_the_occurrence_opened() {
    let mut night = night(SINGLE, SINGLE);
    night.active();
    night.rung();
    let edited = Policy { steps: steps(&[&["paul"]]), ..policy(SINGLE) };
    night.reload(&Files::with(edited.clone()).swaps_to("fitters", edited));
    swap(&mut night, Some(HOUR));
    assert_eq!(night.phone("karim").len(), 1, "`fitters` of then");
    night.pass(HOUR);
    assert!(!night.phone("marie").is_empty(), "`technique` of then");
}

#[test]
fn a_storm_that_moves_is_told_in_one_message_and_moves_in_pieces() {
    let mut night = night(SINGLE, SINGLE);
    for key in 0..900 {
        night.signal("pump", &key.to_string(), true, 1);
    }
    night.rung();
    let before = night.decisions.len();
    swap(&mut night, Some(HOUR));
    let moved = |decision: &crate::watch::decision::Decision| {
        let moves = |fact: &&Fact| matches!(fact, Fact::Swapping(Swapping::Moved { .. }));
        decision.facts.iter().filter(moves).count()
    };
    let pieces: Vec<usize> =
        night.decisions[before..].iter().map(moved).filter(|moved| *moved > 0).collect();
    assert_eq!(pieces, [500, 400]);
    let told = night.phone("marie");
    assert_eq!(told.len(), 2, "one for each piece: {told:?}");
    assert!(told[0].contains("500 alarmes vont à fitters. Vos codes valent encore."), "{told:?}");
}

#[test]
fn a_test_goes_where_its_alarm_would_go_and_moves_nowhere() {
    use crate::watch::event::Test;
    let mut night = night(SINGLE, SINGLE);
    swap(&mut night, Some(HOUR));
    let signal = night.reading("pump", "", true, 1);
    night.happens(Happening::Test(Test { person: person("paul"), account: "root".into(), signal }));
    assert_eq!(night.rung(), ["karim"]);
    swap(&mut night, None);
    assert!(night.rung().is_empty());
}

#[test]
fn a_record_of_before_november_27_has_no_swaps() {
    let written =
        r#"{"priority":"high","text":"x","latch":false,"momentary":false,"on_return":"hold"}"#;
    let activation: crate::watch::alarm::Activation = serde_json::from_str(written).unwrap();
    assert_eq!(activation.swap, None);
    assert_eq!(serde_json::to_string(&activation).unwrap(), written);
}
