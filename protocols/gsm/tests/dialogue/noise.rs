//! Noise between the lines of an answer: what is no message is never taken for one, and never costs one.

use std::time::Duration;

use crate::script::{Script, message, ordinary};
use vigie_gsm::dialogue::{Event, Slot};

/// What a modem says that has a message in slot 3, with these lines between its head and its PDU.
fn noisy(said: &str, between: &str) -> String {
    let (pdu, octets) = message();
    match said {
        "AT+CMGL=4" => {
            format!("\r\n+CMGL: 3,0,,{octets}\r\n{between}{pdu}\r\n\r\nOK\r\n")
        }
        "AT+CMGR=3" => format!("\r\n+CMGR: 0,,{octets}\r\n{between}{pdu}\r\n\r\nOK\r\n"),
        said => ordinary(said),
    }
}

/// The same without the PDU.
fn bare(said: &str, between: &str) -> String {
    noisy(said, between).replace(&message().0, "")
}

fn received(script: &Script) -> Vec<(u16, String)> {
    let shown = |event: &Event| match event {
        Event::Received { slot, pdu } => {
            Some((slot.index(), pdu.iter().map(|octet| format!("{octet:02X}")).collect()))
        }
        _ => None,
    };
    script.events.iter().filter_map(shown).collect()
}

fn unreadable(script: &Script) -> Vec<(Slot, String)> {
    let shown = |event: &Event| match event {
        Event::Unreadable { slot, instead } => {
            Some((slot.clone(), String::from_utf8_lossy(instead).into_owned()))
        }
        _ => None,
    };
    script.events.iter().filter_map(shown).collect()
}

#[test]
fn no_line_that_cannot_be_the_message_is_taken_for_it_however_often_it_comes() {
    for between in [
        "Battery low\r\n",
        "DEADBEEF\r\n",
        "12345\r\n",
        "0\r\n",
        "PWR ON\r\nDEADBEEF\r\nDEADBEEF\r\nFEED\r\n",
    ] {
        let mut script = Script::ready();
        script.pass(300, |said| noisy(said, between));
        assert_eq!(received(&script), [(3, message().0)], "{between:?}");
        assert!(unreadable(&script).is_empty(), "{between:?}");
    }
}

#[test]
fn a_slot_without_a_message_is_read_again_and_told_once_and_not_deleted() {
    let mut script = Script::ready();
    script.pass(61, |said| bare(said, "Battery low\r\n"));
    assert!(unreadable(&script).is_empty(), "two readings prove nothing");
    script.pass(600, |said| bare(said, "Battery low\r\n"));
    let told = unreadable(&script);
    let [(slot, instead)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((slot.index(), instead.as_str()), (3, "Battery low"));
    assert!(received(&script).is_empty());
    assert!(!script.said.iter().any(|said| said.starts_with("AT+CMGD")), "{:?}", script.said);
    script.pass(61, |said| noisy(said, "Battery low\r\n"));
    assert_eq!(received(&script), [(3, message().0)], "the noise is over");
    script.dialogue.delete(slot.clone());
    script.pass(10, |said| noisy(said, ""));
    assert!(
        !script.said.iter().any(|said| said.starts_with("AT+CMGD")),
        "the slot has its message"
    );
}

#[test]
fn a_slot_without_a_message_can_be_given_up_by_its_owner() {
    let mut script = Script::ready();
    script.pass(130, |said| bare(said, "DEAD\r\n"));
    let (slot, _) = unreadable(&script).pop().expect("it was told");
    script.dialogue.delete(slot);
    script.pass(5, |said| bare(said, "DEAD\r\n"));
    assert_eq!(script.said.iter().filter(|said| *said == "AT+CMGD=3").count(), 1);
}

#[test]
fn two_messages_read_one_after_the_other_amid_reports_and_noise_are_both_kept() {
    let mut script = Script::ready();
    let (first, octets) = message();
    let second = first.replace("1325476F8", "1325476F9");
    let report = "0006070B913316325476F862101010000000621010100000000000";
    let noise = format!("RING\r\n+CDS: 26\r\n{report}\r\n+UNHEARD: 1\r\nCAFE\r\n");
    script.dialogue.receive(b"\r\n+CMTI: \"SM\",3\r\n\r\n+CMTI: \"SM\",4\r\n", script.now);
    script.pass(5, |said| match said {
        "AT+CMGR=3" => {
            format!("\r\n+CMGR: 0,,{octets}\r\n{noise}{first}\r\n+CMTI: \"SM\",4\r\n\r\nOK\r\n")
        }
        "AT+CMGR=4" => format!("{noise}\r\n+CMGR: 0,,{octets}\r\n{noise}{second}\r\n\r\nOK\r\n"),
        said => ordinary(said),
    });
    assert_eq!(received(&script), [(3, first), (4, second)]);
    let reports = script
        .count(|event| matches!(event, Event::DirectReport { pdu } if pdu.get(2) == Some(&7)));
    assert_eq!(reports, 3, "{:?}", script.events);
}

#[test]
fn a_direct_message_is_not_lost_to_the_noise_before_it() {
    let mut script = Script::ready();
    let (pdu, octets) = message();
    let said = format!("\r\n+CMT: ,{octets}\r\nBattery low\r\nDEAD\r\nBEEF\r\n{pdu}\r\n");
    script.dialogue.receive(said.as_bytes(), script.now);
    script.pass(1, ordinary);
    let direct: Vec<usize> = script
        .events
        .iter()
        .filter_map(|event| match event {
            Event::DirectMessage { pdu } => Some(pdu.len()),
            _ => None,
        })
        .collect();
    assert_eq!(
        direct,
        [2, octets + 1],
        "what is no message is on the record once, and the message is whole"
    );
}

#[test]
fn a_network_that_was_found_while_the_modem_was_set_up_is_told_once_it_is_ready() {
    let mut script = Script::new(vigie_gsm::dialogue::Settings::default());
    script.pass(20, |said| match said {
        "AT+CSCA?" => format!("\r\n+CREG: 1\r\n{}", ordinary(said)),
        said => ordinary(said),
    });
    let at = |wanted: fn(&Event) -> bool| script.events.iter().rposition(wanted);
    let ready = at(|event| matches!(event, Event::Ready(_))).expect("it is set up");
    let told = at(|event| matches!(event, Event::Registration(_))).expect("it was told");
    assert!(told > ready, "{:?}", script.events);
    assert!(script.now >= Duration::from_secs(20));
}
