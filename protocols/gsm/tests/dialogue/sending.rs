//! Sending: once, and with an honest outcome.

use std::time::Duration;

use crate::night::{Night, submit, text_of};
use vigie_gsm::dialogue::{Doubt, Event, NetworkError, NotNow, NotSubmitted, Sort};
use vigie_gsm::simulator::{Fault, Profile};

#[test]
fn a_message_is_sent_with_its_reference() {
    let mut night = Night::ready(Profile::default());
    assert!(night.dialogue.can_submit());
    night.submit(7, "Chambre froide: 4711");
    assert!(!night.dialogue.can_submit());
    assert_eq!(night.dialogue.submit(8, submit("x", false)), Err(NotNow::Occupied));
    night.pass(3.0);
    assert_eq!(
        night.outcomes(),
        [Event::Submitting { ticket: 7 }, Event::Sent { ticket: 7, reference: 1 }]
    );
    let sent = night.modem.take_sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].text, "Chambre froide: 4711");
    assert_eq!(sent[0].to.to_string(), "+33612345678");
}

#[test]
fn the_dialogue_adds_less_than_a_tenth_of_a_second_to_each_message() {
    let mut night = Night::ready(Profile::default());
    let from = night.now;
    for ticket in 0..10 {
        night.submit(ticket, "alarm");
        night.until(5.0, |night| night.dialogue.can_submit());
    }
    let overhead = night.now - from - Duration::from_millis(25_000);
    // The clock of this test turns in steps of 50 ms.
    assert!(overhead < Duration::from_secs(1), "{overhead:?}");
    assert_eq!(night.modem.submitted().len(), 10);
}

#[test]
fn a_status_report_comes_back_directly() {
    let mut night = Night::ready(Profile::default());
    night.dialogue.submit(1, submit("with report", true)).expect("ready");
    night.pass(5.0);
    let reports: Vec<String> = night
        .events
        .iter()
        .filter_map(|event| match event {
            Event::DirectReport { pdu } => Some(text_of(pdu)),
            _ => None,
        })
        .collect();
    assert_eq!(reports, ["report 1"]);
}

#[test]
fn a_status_report_in_a_slot_is_read_and_deleted_like_a_message() {
    let indications = "(0,1,2),(0,1),(0),(0,2),(0)".to_owned();
    let mut night = Night::ready(Profile { indications, ..Profile::default() });
    night.dialogue.submit(1, submit("with report", true)).expect("ready");
    night.pass(5.0);
    assert_eq!(night.received(), ["report 1"]);
    assert_eq!(night.modem.slots_used(), 0);
}

#[test]
fn what_the_network_refuses_is_refused_with_its_reason() {
    let mut night = Night::ready(Profile::instant());
    for (code, sort) in [(38, Sort::Transient), (21, Sort::Permanent), (50, Sort::Configuration)] {
        night.events.clear();
        night.modem.fail(Fault::Refuse(code), night.now);
        night.submit(u64::from(code), "alarm");
        night.pass(1.0);
        let error = NetworkError::Cms(code);
        let ticket = u64::from(code);
        assert_eq!(
            night.outcomes(),
            [Event::Submitting { ticket }, Event::Refused { ticket, error }]
        );
        assert_eq!(error.sort(), sort);
        assert!(night.dialogue.can_submit());
    }
    assert!(night.modem.submitted().is_empty());
}

#[test]
fn a_modem_without_network_refuses_before_it_has_the_text() {
    let mut night = Night::ready(Profile::instant());
    night.modem.register(2, night.now);
    night.pass(1.0);
    night.submit(1, "alarm");
    night.pass(1.0);
    assert_eq!(night.outcomes(), [Event::Refused { ticket: 1, error: NetworkError::Cms(331) }]);
    night.modem.register(1, night.now);
    night.pass(1.0);
    night.submit(2, "alarm");
    night.pass(1.0);
    assert_eq!(night.modem.submitted().len(), 1);
}

#[test]
fn an_answer_that_never_comes_leaves_the_message_unknown_and_sends_it_once() {
    let mut night = Night::ready(Profile::default());
    night.modem.fail(Fault::SwallowAnswer, night.now);
    night.submit(1, "alarm");
    night.pass(170.0);
    assert_eq!(night.outcomes(), [Event::Submitting { ticket: 1 }], "it is still waited for");
    let before = night.written.len();
    assert_eq!(night.written[before - 1], 0x1a, "nothing is said after Ctrl-Z");
    night.pass(30.0);
    let unknown = Event::Unknown { ticket: 1, reason: Doubt::NoAnswer };
    assert_eq!(night.outcomes(), [Event::Submitting { ticket: 1 }, unknown]);
    night.pass(600.0);
    assert_eq!(night.modem.submitted().len(), 1);
    night.submit(2, "the next");
    night.pass(5.0);
    assert_eq!(night.modem.submitted().len(), 2);
}

#[test]
fn a_late_answer_is_never_taken_for_that_of_the_next_message() {
    for late in [178, 179, 180, 181, 185, 190, 191, 195, 200, 240] {
        let mut night = Night::ready(Profile::default());
        night.modem.fail(Fault::LateAnswer(Duration::from_secs(late)), night.now);
        night.modem.fail(Fault::Refuse(38), night.now);
        night.submit(1, "alarm");
        night.until(250.0, |night| night.dialogue.can_submit());
        night.submit(2, "refused");
        night.pass(60.0);
        let error = NetworkError::Cms(38);
        assert!(
            night.events.contains(&Event::Unknown { ticket: 1, reason: Doubt::NoAnswer }),
            "{late}"
        );
        assert!(
            night.events.contains(&Event::Refused { ticket: 2, error }),
            "{late}: {:?}",
            night.outcomes()
        );
        assert_eq!(night.count(|event| matches!(event, Event::Sent { .. })), 0, "{late}");
        night.submit(3, "sent");
        night.pass(60.0);
        assert!(
            night.events.contains(&Event::Sent { ticket: 3, reference: 2 }),
            "{late}: {:?}",
            night.outcomes()
        );
    }
}

#[test]
fn a_late_answer_while_the_next_message_is_under_way_does_not_stand_for_it() {
    for refused in [false, true] {
        let mut night = Night::ready(Profile::default());
        night.submit(1, "the first");
        night.pass(10.0);
        night.modem.fail(Fault::LateAnswer(Duration::from_secs(199)), night.now);
        night.submit(2, "given up");
        night.until(250.0, |night| night.dialogue.can_submit());
        // Its answer comes after 201.5 s, one second behind the text of the next message.
        let begun = night.now;
        if refused {
            night.modem.fail(Fault::Refuse(38), begun);
        }
        night.until(30.0, |night| night.now >= begun + Duration::from_secs_f64(9.5));
        night.submit(3, "the next");
        night.pass(60.0);
        let last = night.outcomes().pop();
        let error = NetworkError::Cms(38);
        let expected = if refused {
            Event::Refused { ticket: 3, error }
        } else {
            Event::Sent { ticket: 3, reference: 3 }
        };
        assert_eq!(last, Some(expected), "{:?}", night.outcomes());
        let texts = night.modem.sent().len();
        assert_eq!(texts, if refused { 2 } else { 3 });
    }
}

#[test]
fn after_a_lost_answer_the_next_message_is_believed_at_once_where_its_reference_is_another() {
    for first_was_sent in [true, false] {
        let mut night = Night::ready(Profile::default());
        if first_was_sent {
            night.submit(1, "the first");
            night.pass(10.0);
        }
        night.modem.fail(Fault::SwallowAnswer, night.now);
        night.submit(2, "given up");
        night.until(250.0, |night| night.dialogue.can_submit());
        night.submit(3, "the next");
        let is_sent = |event: &Event| matches!(event, Event::Sent { ticket: 3, .. });
        let took = night.until(60.0, |night| night.count(is_sent) == 1);
        let held = Duration::from_secs(10);
        assert_eq!(took < held, first_was_sent, "which one was lost is not known: {took:?}");
        assert!(took < 2 * held);
    }
}

#[test]
fn without_a_prompt_the_message_is_surely_not_sent() {
    let mut night = Night::ready(Profile::instant());
    night.modem.fail(Fault::NoPrompt, night.now);
    night.submit(1, "alarm");
    night.pass(8.0);
    assert_eq!(
        night.outcomes(),
        [Event::NotSubmitted { ticket: 1, reason: NotSubmitted::NoPrompt }]
    );
    night.submit(1, "alarm");
    night.pass(1.0);
    assert_eq!(night.modem.submitted().len(), 1);
    assert_eq!(night.count(|event| matches!(event, Event::Mute | Event::Restarted)), 0);
}

#[test]
fn a_restart_with_the_text_in_hand_leaves_the_message_unknown() {
    let mut night = Night::ready(Profile::default());
    night.submit(1, "alarm");
    night.pass(1.0);
    night.modem.fail(Fault::Reset { silent: false }, night.now);
    night.pass(5.0);
    let unknown = Event::Unknown { ticket: 1, reason: Doubt::Restarted };
    assert_eq!(night.outcomes(), [Event::Submitting { ticket: 1 }, unknown]);
    assert!(night.is_ready());
}

#[test]
fn messages_that_arrive_while_one_is_sent_wait_and_are_then_read() {
    let mut night = Night::ready(Profile::default());
    night.submit(1, "out");
    night.pass(1.0);
    for text in ["in 1", "in 2"] {
        night.modem.deliver("+33612345678", text, night.now).expect("it fits");
    }
    night.pass(1.0);
    assert!(night.received().is_empty(), "nothing is said between Ctrl-Z and the result");
    night.pass(2.0);
    assert_eq!(night.received(), ["in 1", "in 2"]);
    assert!(night.events.contains(&Event::Sent { ticket: 1, reference: 1 }));
}

#[test]
fn a_modem_that_echoes_for_ever_sends_all_the_same() {
    let mut night = Night::ready(Profile::instant());
    night.pass(100.0);
    night.modem.fail(Fault::Echo, night.now);
    night.pass(30.0);
    assert_eq!(night.count(|event| *event == Event::Restarted), 1);
    night.submit(1, "out");
    night.pass(1.0);
    assert_eq!(night.modem.submitted().len(), 1);
}

#[test]
fn between_the_parts_of_a_message_the_link_is_kept_and_only_there() {
    let mut night = Night::ready(Profile::instant());
    let said = |night: &Night| String::from_utf8_lossy(&night.written).matches("AT+CMMS=1").count();
    let pdu = || submit("Pompe 3", false);
    night.dialogue.submit_before_another(1, pdu()).expect("it is ready");
    night.pass(1.0);
    night.submit(2, "en panne");
    night.pass(1.0);
    assert_eq!((said(&night), night.modem.submitted().len()), (1, 2));
}

#[test]
fn a_modem_that_does_not_know_how_to_keep_a_link_is_asked_once_and_sends_all_the_same() {
    let profile = Profile { unknown: vec!["+CMMS".to_owned()], ..Profile::instant() };
    let mut night = Night::ready(profile);
    for ticket in 1..=3 {
        let pdu = submit("Pompe 3", false);
        night.dialogue.submit_before_another(ticket, pdu).expect("it is ready");
        night.pass(1.0);
    }
    assert_eq!(night.modem.submitted().len(), 3);
    let said = String::from_utf8_lossy(&night.written);
    assert_eq!(said.matches("AT+CMMS=1").count(), 1);
}
