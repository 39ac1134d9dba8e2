//! Questions to the network (USSD).

use std::time::Duration;

use vigie_gsm::dialogue::{Event, NotNow, UssdCode};
use vigie_gsm::simulator::{Fault, Profile};

use crate::night::Night;

const CREDIT: &str = "*123#";

fn code() -> UssdCode {
    UssdCode::new(CREDIT).expect("a question")
}

/// What the network told, once.
fn told(night: &Night) -> Option<String> {
    let told: Vec<_> = night
        .events
        .iter()
        .filter_map(|event| match event {
            Event::NetworkTold(text) => Some(text.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    told.into_iter().next().flatten()
}

fn asked(answer: &str) -> Night {
    let mut night = Night::ready(Profile::instant());
    night.modem.answer_ussd(CREDIT, answer);
    night.dialogue.ask_network(code()).expect("it is ready");
    night
}

#[test]
fn the_network_is_asked_and_answers_some_seconds_later() {
    let mut night = asked("+CUSD: 0,\"Credit: 12,34 EUR\",15");
    night.pass(1.0);
    assert_eq!(night.count(|event| matches!(event, Event::NetworkTold(_))), 0);
    assert_eq!(night.dialogue.ask_network(code()), Err(NotNow::Occupied));
    night.pass(5.0);
    assert_eq!(told(&night).as_deref(), Some("Credit: 12,34 EUR"));
    assert_eq!(night.modem.ussd_ended(), 0);
    night.dialogue.ask_network(code()).expect("it may be asked again");
}

#[test]
fn an_answer_of_several_lines_is_whole_wherever_the_wire_cuts_it() {
    for cut in [1, 2, 7, usize::MAX] {
        let mut night =
            asked("+CUSD: 0,\"Credit: 12,34 EUR\r\n\r\nvalable jusqu'au 31/12/2026\r\nOK\",15");
        night.cut = cut;
        night.pass(10.0);
        let text = told(&night).expect("an answer");
        assert_eq!(text, "Credit: 12,34 EUR\nvalable jusqu'au 31/12/2026\nOK");
    }
}

#[test]
fn messages_and_news_between_the_lines_of_an_answer_are_not_swallowed() {
    let mut night = asked("+CUSD: 0,\"Credit:");
    night.pass(3.0);
    night.modem.deliver("+33612345678", "4711 OK", night.now).expect("it fits");
    night.modem.say("^RSSI: 12");
    night.pass(1.0);
    assert_eq!(night.received(), ["4711 OK"]);
    night.modem.say("12,34 EUR\",15");
    night.pass(1.0);
    assert_eq!(told(&night).as_deref(), Some("Credit:\n12,34 EUR"));
}

#[test]
fn a_network_that_asks_back_is_told_that_we_are_done() {
    let mut night = asked("+CUSD: 1,\"1: credit\r\n2: options\",15");
    night.pass(5.0);
    assert_eq!(told(&night).as_deref(), Some("1: credit\n2: options"));
    assert_eq!(night.modem.ussd_ended(), 1);
}

#[test]
fn a_modem_that_wants_the_question_packed_is_asked_so_the_second_time() {
    let mut night = Night::ready(Profile::instant());
    // `*123#` in septets, and an answer in septets.
    night.modem.answer_ussd("AA986C3602", "+CUSD: 0,\"C3329B4D2E83623219A7C1C87638E501\",15");
    for turn in 1..=2 {
        night.events.clear();
        night.dialogue.ask_network(code()).expect("it is ready");
        night.pass(10.0);
        assert!(told(&night).is_some_and(|text| text.starts_with('C')), "turn {turn}");
    }
    assert_eq!(night.modem.ussd_asked(), [CREDIT, "AA986C3602", CREDIT, "AA986C3602"]);
}

#[test]
fn silence_and_refusal_are_told_and_block_nothing() {
    let mut night = Night::ready(Profile::instant());
    night.dialogue.ask_network(code()).expect("it is ready");
    night.pass(20.0);
    assert_eq!(told(&night), None, "the network knows the question in neither form");
    night.events.clear();
    night.modem.answer_ussd(CREDIT, "^NOTHING");
    night.dialogue.ask_network(code()).expect("it may be asked again");
    night.submit(7, "meanwhile a call");
    night.pass(30.0);
    assert_eq!(night.count(|event| matches!(event, Event::Sent { ticket: 7, .. })), 1);
    assert_eq!(night.count(|event| matches!(event, Event::NetworkTold(_))), 0);
    night.pass(60.0);
    assert_eq!(told(&night), None, "after a minute");
}

#[test]
fn an_answer_that_is_never_closed_is_told_as_far_as_it_came() {
    let mut night = asked("+CUSD: 0,\"Credit: 12,34");
    night.pass(100.0);
    assert_eq!(told(&night).as_deref(), Some("Credit: 12,34"));
}

#[test]
fn a_question_that_a_restart_interrupted_is_told_as_unanswered() {
    let mut night = asked("+CUSD: 0,\"Credit: 12,34 EUR\",15");
    night.pass(1.0);
    night.modem.fail(Fault::Reset { silent: false }, night.now);
    night.pass(5.0);
    assert_eq!(told(&night), None);
    night.until(10.0, |night| night.dialogue.can_submit());
    assert_eq!(night.modem.ussd_asked().len(), 1);
}

#[test]
fn what_the_network_says_unasked_is_not_told_and_its_question_is_ended() {
    let mut night = Night::ready(Profile::instant());
    night.modem.say("+CUSD: 1,\"You have won\",15");
    night.modem.say("+CUSD: 0,\"half a line");
    night.pass(Duration::from_secs(90).as_secs_f64());
    assert_eq!(night.count(|event| matches!(event, Event::NetworkTold(_))), 0);
    assert_eq!(night.modem.ussd_ended(), 1);
}
