//! Setting a modem up, its PIN, and its restarts.

use std::time::Duration;

use crate::night::Night;
use vigie_gsm::dialogue::{Dialogue, Event, Identity, Pin, Settings, SimTrouble, Status};
use vigie_gsm::simulator::{Fault, Profile};

fn identity(night: &Night) -> Identity {
    let ready = night.events.iter().find_map(|event| match event {
        Event::Ready(identity) => Some(identity.clone()),
        _ => None,
    });
    ready.expect("the modem is ready")
}

/// A SIM that wants a PIN, and an owner who gives this one whenever it is wanted.
fn with_pin(pin: &str) -> Night {
    let mut night = Night::new(wants_pin());
    night.pin = Pin::new(pin);
    night
}

fn wants_pin() -> Profile {
    Profile { pin: Some("4711".to_owned()), ..Profile::instant() }
}

#[test]
fn a_modem_is_ready_in_less_than_two_seconds() {
    let mut night = Night::new(Profile::default());
    night.pass(2.0);
    let identity = identity(&night);
    assert_eq!((identity.manufacturer.as_str(), identity.model.as_str()), ("Vigie", "SIMULATOR"));
    assert_eq!(identity.service_centre.as_deref(), Some("+33689004000"));
    let indication = identity.indication.expect("store and indicate");
    assert_eq!((indication.mt, indication.ds), (1, 1));
    assert!(identity.lacking.is_empty(), "{identity:?}");
    assert_eq!(night.count(|event| matches!(event, Event::Signal(Some(-79)))), 1);
    let registered =
        |event: &Event| matches!(event, Event::Registration(found) if found.status == Status::Home);
    assert!(night.count(registered) >= 1);
    assert_eq!(night.count(|event| matches!(event, Event::Operator { .. })), 1);
}

#[test]
fn a_modem_that_does_not_echo_is_ready_as_well() {
    let mut night = Night::new(Profile { echo: false, ..Profile::instant() });
    night.pass(2.0);
    assert!(night.is_ready());
}

#[test]
fn a_half_open_prompt_of_the_last_client_is_left() {
    let mut night = Night::new(Profile::instant());
    night.modem.receive(b"ATE0\rAT+CMGF=0\rAT+CMGS=20\rgarbage", night.now);
    night.modem.transmit();
    night.pass(2.0);
    assert!(night.is_ready());
    assert!(night.modem.submitted().is_empty());
}

#[test]
fn names_are_read_whatever_characters_the_last_client_chose() {
    let mut night = Night::new(Profile::instant());
    // As ModemManager leaves it.
    night.modem.receive(b"AT+CSCS=\"UCS2\";+COPS=3,2\r", night.now);
    night.modem.transmit();
    night.pass(2.0);
    assert_eq!(identity(&night).service_centre.as_deref(), Some("+33689004000"));
    let named =
        |event: &Event| matches!(event, Event::Operator { name, .. } if name == "Vigie Telecom");
    assert_eq!(night.count(named), 1, "{:?}", night.events);
}

#[test]
fn results_as_digits_are_understood_until_they_are_words() {
    let mut night = Night::new(Profile::instant());
    night.modem.receive(b"ATV0\r", night.now);
    night.pass(2.0);
    assert!(night.is_ready(), "{:?}", night.events);
}

#[test]
fn a_modem_without_lte_or_mode_2_or_direct_reports_is_set_up_as_it_can() {
    let mut night = Night::new(Profile {
        lte: false,
        indications: "(0,1),(0,1),(0),(0,2),(1)".to_owned(),
        ..Profile::instant()
    });
    night.pass(2.0);
    let identity = identity(&night);
    let indication = identity.indication.expect("store and indicate");
    assert_eq!((indication.mode, indication.mt, indication.ds, indication.bfr), (1, 1, 2, 1));
    assert!(identity.lacking.is_empty(), "{identity:?}");
}

#[test]
fn the_pin_opens_the_sim_and_opens_it_again_after_a_restart() {
    let mut night = with_pin("4711");
    night.pass(3.0);
    assert!(night.is_ready());
    assert_eq!(night.modem.pin_entries(), 1);
    assert_eq!(night.count(|event| *event == Event::SimOpen), 1);
    night.events.clear();
    night.modem.fail(Fault::Reset { silent: false }, night.now);
    night.pass(5.0);
    assert!(night.is_ready(), "{:?}", night.events);
    assert_eq!(night.modem.pin_entries(), 2);
}

#[test]
fn a_wrong_pin_is_tried_once_and_never_again() {
    let mut night = with_pin("0000");
    night.pass(3600.0);
    assert_eq!(night.modem.pin_entries(), 1);
    assert_eq!(night.count(|event| *event == Event::SimPin(SimTrouble::PinRefused)), 1);
    night.modem.fail(Fault::Reset { silent: false }, night.now);
    night.pass(3600.0);
    assert_eq!(night.modem.pin_entries(), 1);
    assert_eq!(night.count(|event| *event == Event::SimOpen), 0);
}

#[test]
fn a_pin_whose_answer_was_lost_is_not_tried_a_second_time() {
    // Wherever the modem falls silent during its start, the PIN is entered once at most.
    for step in 0..60 {
        let mut night = with_pin("0000");
        night.pass(f64::from(step) * 0.02);
        night.modem.fail(Fault::Mute(Duration::from_secs(40)), night.now);
        night.pass(300.0);
        assert!(night.modem.pin_entries() <= 1, "mute after {step} steps");
    }
}

#[test]
fn without_a_pin_the_operator_is_told_and_the_sim_is_not_touched() {
    let mut night = Night::with(wants_pin(), Settings::default());
    night.pass(600.0);
    assert_eq!(night.modem.pin_entries(), 0);
    assert_eq!(night.count(|event| *event == Event::PinWanted { left: None }), 1);
    assert!(!night.dialogue.can_submit());
}

#[test]
fn somebody_else_opens_the_sim_and_the_modem_becomes_ready() {
    let mut night = Night::with(wants_pin(), Settings::default());
    night.pass(60.0);
    night.modem.receive(b"AT+CPIN=\"4711\"\r", night.now);
    night.modem.transmit();
    night.pass(60.0);
    assert!(night.is_ready());
}

#[test]
fn the_pin_is_never_shown() {
    let mut night = with_pin("4711");
    assert!(!format!("{:?}", night.pin).contains("4711"));
    for _ in 0..100 {
        night.pass(0.02);
        assert!(!format!("{:?}", night.dialogue).contains("4711"));
    }
    assert_eq!(Pin::new("47"), None);
    assert_eq!(Pin::new("47a1"), None);
}

#[test]
fn a_restart_is_seen_and_the_modem_receives_again_within_five_seconds() {
    let mut night = Night::ready(Profile::instant());
    night.modem.fail(Fault::Reset { silent: false }, night.now);
    let took = night.until(10.0, Night::is_ready);
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(night.count(|event| *event == Event::Restarted), 1);
    night.modem.deliver("+33612345678", "after the restart", night.now).expect("it fits");
    night.pass(0.2);
    assert_eq!(night.received(), ["after the restart"]);
}

#[test]
fn a_restart_in_silence_is_seen_by_its_echo() {
    let mut night = Night::ready(Profile::instant());
    night.modem.fail(Fault::Reset { silent: true }, night.now);
    let took = night.until(30.0, Night::is_ready);
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(night.count(|event| *event == Event::Restarted), 1);
}

#[test]
fn a_restart_in_silence_without_echo_is_seen_by_the_lost_indications() {
    let mut night = Night::ready(Profile { echo: false, ..Profile::instant() });
    night.modem.fail(Fault::Reset { silent: true }, night.now);
    let took = night.until(90.0, Night::is_ready);
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_sim_that_gets_ready_a_second_after_its_modem_is_no_second_restart() {
    let mut night = Night::ready(Profile::instant());
    night.pass(600.0);
    night.events.clear();
    night.modem.fail(Fault::Reset { silent: false }, night.now);
    night.pass(1.5);
    assert!(night.is_ready(), "{:?}", night.events);
    night.modem.say("+QUSIM: 1");
    night.pass(10.0);
    assert_eq!(night.count(|event| *event == Event::Restarted), 1);
    night.pass(600.0);
    night.modem.say("+QUSIM: 1");
    night.pass(10.0);
    assert_eq!(night.count(|event| *event == Event::Restarted), 2, "another SIM was put in");
}

#[test]
fn a_modem_that_hears_nothing_right_after_a_result_is_given_its_pause() {
    let pause = Duration::from_millis(100);
    let mut night = Night::new(Profile { pause, ..Profile::instant() });
    let took = night.until(10.0, Night::is_ready);
    assert!(took < Duration::from_secs(8), "{took:?}");
    night.pass(5.0);
    let lost = |night: &Night| String::from_utf8_lossy(&night.written).matches('\u{1b}').count();
    let before = lost(&night);
    for text in ["one", "two", "three"] {
        night.modem.deliver("+33612345678", text, night.now).expect("it fits");
    }
    night.submit(1, "out");
    night.pass(5.0);
    assert_eq!(night.received(), ["one", "two", "three"]);
    assert_eq!(night.modem.sent().len(), 1);
    assert_eq!(lost(&night), before, "no command was in vain");
}

#[test]
fn a_sim_whose_state_comes_without_a_result_is_opened_all_the_same() {
    let without_result = vec!["+CPIN?".to_owned()];
    let mut night = Night::new(Profile { without_result, ..wants_pin() });
    night.pin = Pin::new("4711");
    night.pass(60.0);
    assert!(night.is_ready(), "{:?}", night.events);
    assert_eq!(night.modem.pin_entries(), 1);
    assert_eq!(night.count(|event| *event == Event::SimOpen), 1);
}

#[test]
fn a_boot_line_every_twenty_seconds_is_not_a_restart() {
    let mut night = Night::ready(Profile::instant());
    for _ in 0..30 {
        night.modem.say("^BOOT:123,0,0,0,6");
        night.pass(20.0);
    }
    assert_eq!(night.count(|event| *event == Event::Restarted), 0);
}

#[test]
fn a_modem_that_takes_ten_seconds_to_boot_is_one_restart() {
    let mut night = Night::ready(Profile::instant());
    night.pass(600.0);
    night.events.clear();
    night.modem.fail(Fault::Reset { silent: false }, night.now);
    for line in ["Call Ready", "SMS Ready", "PB DONE"] {
        night.pass(4.0);
        night.modem.say(line);
    }
    night.pass(30.0);
    assert_eq!(night.count(|event| *event == Event::Restarted), 1, "{:?}", night.events);
    assert!(night.is_ready());
}

#[test]
fn a_modem_that_boots_while_the_port_is_opened_becomes_ready() {
    let mut night = Night::new(Profile { boot_time: Duration::from_secs(8), ..Profile::instant() });
    night.pass(20.0);
    assert!(night.is_ready(), "{:?}", night.events);
    assert_eq!(night.count(|event| *event == Event::Restarted), 0);
}

fn registrations(night: &Night) -> Vec<Status> {
    let told = night.events.iter().filter_map(|event| match event {
        Event::Registration(registration) => Some(registration.status),
        _ => None,
    });
    told.collect()
}

#[test]
fn the_registration_is_told_when_it_changes_and_only_then() {
    let mut night = Night::ready(Profile::instant());
    night.modem.register(2, night.now);
    night.pass(0.1);
    night.modem.register(5, night.now);
    night.pass(300.0);
    let told = registrations(&night);
    assert!(told.contains(&Status::Searching) || told.contains(&Status::Home), "{told:?}");
    assert_eq!(told.last(), Some(&Status::Roaming));
    assert!(told.len() <= 4, "{told:?}");
}

#[test]
fn a_sim_for_packets_or_lte_alone_is_registered_where_it_can_be() {
    for lte in [true, false] {
        let mut night = Night::new(Profile { circuit: Some(3), lte, ..Profile::instant() });
        night.pass(100.0);
        let told = registrations(&night);
        assert_eq!(told.last(), Some(&Status::Home), "LTE: {lte}: {told:?}");
        let asked = |question: &str| {
            let written = String::from_utf8_lossy(&night.written);
            written.matches(question).count()
        };
        assert!(asked("AT+CGREG?") > 1);
        assert_eq!(asked("AT+CEREG?") > 1, lte, "what it does not know is asked once");
    }
}

#[test]
fn between_a_result_and_the_next_command_the_modem_has_its_twenty_milliseconds() {
    let mut dialogue = Dialogue::new(Settings::default(), Duration::ZERO);
    dialogue.elapse(Duration::ZERO);
    assert_eq!(dialogue.transmit().as_deref(), Some(b"\x1b\r".as_slice()));
    let mut now = dialogue.deadline().expect("the flush ends");
    dialogue.elapse(now);
    for _ in 0..10 {
        now = now.max(dialogue.deadline().expect("it always has one"));
        dialogue.elapse(now);
        let said = dialogue.transmit().expect("a command");
        assert_eq!(said.iter().filter(|byte| **byte == b'\r').count(), 1, "one command");
        now += Duration::from_millis(1);
        let asked = said.contains(&b'?');
        dialogue.receive(if asked { b"\r\n+CMEE: 1\r\n\r\nOK\r\n" } else { b"\r\nOK\r\n" }, now);
        dialogue.elapse(now + Duration::from_millis(19));
        assert_eq!(dialogue.transmit(), None);
        assert_eq!(dialogue.deadline(), Some(now + Duration::from_millis(20)));
    }
}
