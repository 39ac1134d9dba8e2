//! Somebody rings up: who it is is told, once for each call, and the call is ended.

use std::time::Duration;

use crate::night::Night;
use vigie_gsm::dialogue::Event;
use vigie_gsm::simulator::{Fault, Profile};

const LONG: Duration = Duration::from_secs(60);

fn callers(night: &Night) -> Vec<Option<&str>> {
    let called = |event: &'_ Event| matches!(event, Event::Called { .. });
    let called = night.events.iter().filter(|event| called(event));
    called
        .map(|event| match event {
            Event::Called { caller } => caller.as_deref(),
            _ => None,
        })
        .collect()
}

#[test]
fn a_caller_is_told_at_the_first_ring_and_the_call_is_ended() {
    let mut night = Night::ready(Profile::instant());
    night.modem.call(Some("+33612345678"), LONG, night.now);
    let took = night.until(2.0, |night| !callers(night).is_empty());
    assert!(took < Duration::from_millis(100), "{took:?}");
    night.pass(1.0);
    assert_eq!(night.modem.calls_ended(), 1);
    night.pass(60.0);
    assert_eq!(callers(&night), [Some("+33612345678")]);
}

#[test]
fn a_caller_without_a_number_is_told_after_the_third_ring() {
    let mut night = Night::ready(Profile::instant());
    night.modem.call(None, LONG, night.now);
    night.pass(1.0);
    assert_eq!(callers(&night), [None], "the network says that it is withheld");

    // A modem that does not know +CLIP says nothing but RING.
    let mut night = Night::ready(Profile::instant());
    for _ in 0..2 {
        night.modem.say("RING");
        night.pass(5.0);
        assert!(callers(&night).is_empty());
    }
    night.modem.say("RING");
    night.pass(1.0);
    assert_eq!(callers(&night), [None]);
}

#[test]
fn two_calls_are_told_as_two_and_a_national_number_as_it_is_shown() {
    let mut night = Night::ready(Profile::instant());
    for caller in ["0612345678", "0612345678", "+33698765432"] {
        night.modem.call(Some(caller), LONG, night.now);
        night.pass(12.0);
    }
    let all = [Some("0612345678"), Some("0612345678"), Some("+33698765432")];
    assert_eq!(callers(&night), all);
    assert_eq!(night.modem.calls_ended(), 3);
}

#[test]
fn another_number_is_another_call_however_soon_it_comes() {
    let mut night = Night::ready(Profile::instant());
    for caller in [Some("+33612345678"), Some("+33698765432"), None] {
        night.modem.call(caller, LONG, night.now);
        night.pass(2.0);
    }
    assert_eq!(callers(&night), [Some("+33612345678"), Some("+33698765432"), None]);
    assert_eq!(night.modem.calls_ended(), 3);
}

#[test]
fn a_call_that_rings_on_is_told_once() {
    let mut night = Night::ready(Profile::instant());
    for _ in 0..20 {
        night.modem.say("RING");
        night.modem.say("+CLIP: \"+33612345678\",145");
        night.pass(5.0);
    }
    assert_eq!(callers(&night), [Some("+33612345678")]);
    night.modem.say("NO CARRIER");
    night.modem.say("RING");
    night.modem.say("+CLIP: \"+33612345678\",145");
    night.pass(1.0);
    assert_eq!(callers(&night).len(), 2, "it was over");
}

#[test]
fn no_message_is_lost_or_sent_twice_while_somebody_calls() {
    let mut night =
        Night::ready(Profile { per_message: Duration::from_secs(3), ..Profile::instant() });
    night.submit(1, "Pompe 3 en panne");
    night.pass(1.0);
    night.modem.call(Some("+33612345678"), LONG, night.now);
    night.modem.deliver("+33612345678", "4711", night.now).expect("it fits");
    night.pass(20.0);
    assert_eq!(night.modem.submitted().len(), 1);
    assert!(night.events.contains(&Event::Sent { ticket: 1, reference: 1 }), "{:?}", night.events);
    assert_eq!(night.received(), ["4711"]);
    assert_eq!((callers(&night).len(), night.modem.calls_ended()), (1, 1));
}

#[test]
fn a_call_while_the_modem_is_set_up_is_told_and_ended_then() {
    let mut night = Night::new(Profile::instant());
    night.pass(0.3);
    night.modem.call(Some("+33612345678"), LONG, night.now);
    night.pass(8.0);
    assert!(night.is_ready());
    assert_eq!(callers(&night).len(), 1);
    assert_eq!(night.modem.calls_ended(), 1);
}

#[test]
fn a_modem_that_does_not_end_calls_is_left_ringing() {
    let mut night = Night::ready(Profile::instant());
    night.modem.fail(Fault::Mute(Duration::from_secs(3)), night.now);
    night.dialogue.receive(b"\r\nRING\r\n\r\n+CLIP: \"+33612345678\",145\r\n", night.now);
    night.pass(120.0);
    assert_eq!(callers(&night).len(), 1);
    let said = String::from_utf8_lossy(&night.written);
    assert!(said.matches("AT+CHUP").count() <= 1, "{said}");
}
