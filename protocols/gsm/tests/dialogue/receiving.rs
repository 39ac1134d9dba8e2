//! Receiving: nothing is lost, nothing is handed out twice, nothing is deleted too early.

use std::time::Duration;

use crate::night::{Night, text_of};
use vigie_gsm::concatenation::{Assembly, Limits, Outcome};
use vigie_gsm::dialogue::Event;
use vigie_gsm::pdu::Incoming;
use vigie_gsm::simulator::{EmptySlot, Fault, Profile};

fn texts(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|number| format!("alarm {number}")).collect()
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[test]
fn a_message_is_handed_out_in_less_than_a_fifth_of_a_second() {
    let mut night = Night::ready(Profile::instant());
    night.modem.deliver("+33612345678", "4711", night.now).expect("it fits");
    let took = night.until(1.0, |night| !night.received().is_empty());
    assert!(took < Duration::from_millis(200), "{took:?}");
    assert_eq!(night.received(), ["4711"]);
    night.pass(0.2);
    assert_eq!(night.modem.slots_used(), 0);
}

#[test]
fn no_message_is_deleted_before_its_owner_says_so_and_none_is_handed_out_twice() {
    let mut night = Night::ready(Profile::instant());
    night.deletes = false;
    night.modem.deliver("+33612345678", "4711", night.now).expect("it fits");
    night.pass(3600.0);
    assert_eq!(night.received(), ["4711"]);
    assert_eq!(night.modem.slots_used(), 1);
    let slot = night.slots().pop().expect("one was received");
    night.dialogue.delete(slot);
    night.pass(1.0);
    assert_eq!(night.modem.slots_used(), 0);
}

#[test]
fn what_stood_on_the_sim_before_the_start_is_received() {
    let mut night = Night::new(Profile::instant());
    for text in texts(0, 10) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    night.pass(4.0);
    assert_eq!(sorted(night.received()), texts(0, 10));
    assert_eq!(night.modem.slots_used(), 0);
}

#[test]
fn twenty_five_messages_pass_through_ten_slots_in_less_than_five_seconds() {
    let mut night = Night::ready(Profile::instant());
    for text in texts(0, 25) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    assert!(night.modem.held() > 0, "the SIM is full");
    let took = night.until(10.0, |night| night.received().len() == 25);
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(sorted(night.received()), sorted(texts(0, 25)));
    assert_eq!(night.count(|event| *event == Event::Restarted), 0);
}

#[test]
fn a_message_of_eight_parts_passes_through_five_slots() {
    let mut night = Night::ready(Profile { slots: 5, ..Profile::instant() });
    let long = "0123456789".repeat(115);
    assert_eq!(night.modem.deliver("+33612345678", &long, night.now), Ok(8));
    night.pass(5.0);
    let mut assembly = Assembly::new(Limits::default());
    let mut whole = Vec::new();
    for event in &night.events {
        if let Event::Received { pdu, .. } = event
            && let Ok(Incoming::Deliver(deliver)) = Incoming::decode(pdu)
        {
            for outcome in assembly.accept(deliver, (), night.now) {
                if let Outcome::Message(message) = outcome {
                    whole.push(message.text);
                }
            }
        }
    }
    assert_eq!(whole, [long]);
}

#[test]
fn a_message_that_was_never_announced_is_found_by_the_sweep() {
    let mut night = Night::ready(Profile::instant());
    night.modem.fail(Fault::Mute(Duration::from_secs(2)), night.now);
    night.modem.deliver("+33612345678", "unheard", night.now).expect("it fits");
    let took = night.until(70.0, |night| !night.received().is_empty());
    assert!(took < Duration::from_secs(61), "{took:?}");
    assert_eq!(night.received(), ["unheard"]);
}

#[test]
fn a_message_in_another_memory_is_read_from_there() {
    let mut night = Night::ready(Profile { equipment_slots: 10, ..Profile::instant() });
    night.modem.receive(b"AT+CPMS=\"SM\",\"SM\",\"ME\"\r", night.now);
    night.modem.transmit();
    night.modem.deliver("+33612345678", "in the modem", night.now).expect("it fits");
    night.pass(0.5);
    assert_eq!(night.received(), ["in the modem"]);
    assert_eq!(night.modem.slots_used(), 0);
}

#[test]
fn both_memories_are_swept_at_the_start() {
    let mut night = Night::new(Profile { equipment_slots: 10, ..Profile::instant() });
    night.modem.deliver("+33612345678", "on the SIM", night.now).expect("it fits");
    night.modem.receive(b"AT+CPMS=\"SM\",\"SM\",\"ME\"\r", night.now);
    night.modem.deliver("+33612345678", "in the modem", night.now).expect("it fits");
    night.pass(4.0);
    assert_eq!(sorted(night.received()), ["in the modem", "on the SIM"]);
}

#[test]
fn a_modem_that_counts_from_zero_is_read_from_zero() {
    let mut night = Night::ready(Profile { first_index: 0, ..Profile::instant() });
    night.modem.deliver("+33612345678", "slot 0", night.now).expect("it fits");
    night.pass(0.5);
    assert_eq!(night.received(), ["slot 0"]);
}

#[test]
fn an_empty_slot_in_any_of_its_forms_is_no_message_and_disturbs_nothing() {
    for empty_slot in [EmptySlot::Ok, EmptySlot::ZeroHead, EmptySlot::Refused, EmptySlot::Both] {
        let mut night = Night::ready(Profile { empty_slot, ..Profile::instant() });
        night.modem.say("+CMTI: \"SM\",7");
        night.pass(1.0);
        night.modem.say("+CMTI: \"SM\",99");
        night.pass(1.0);
        assert!(night.received().is_empty(), "{empty_slot:?}");
        night.modem.deliver("+33612345678", "4711", night.now).expect("it fits");
        night.pass(1.0);
        assert_eq!(night.received(), ["4711"], "{empty_slot:?}");
        night.submit(1, "and out");
        night.pass(1.0);
        assert_eq!(night.modem.sent().len(), 1, "{empty_slot:?}");
    }
}

#[test]
fn a_malformed_message_is_handed_out_as_it_is_and_leaves_its_slot() {
    let mut night = Night::ready(Profile::instant());
    night.modem.deliver_raw(vec![0, 0xff, 0xff, 0xff], night.now);
    night.modem.deliver("+33612345678", "the next", night.now).expect("it fits");
    night.pass(1.0);
    assert_eq!(night.received().len(), 2, "{:?}", night.events);
    assert_eq!(night.received().last().map(String::as_str), Some("the next"));
    assert_eq!(night.modem.slots_used(), 0);
}

#[test]
fn a_line_torn_on_the_wire_is_read_again_before_it_is_believed() {
    let mut night = Night::ready(Profile::instant());
    night.modem.fail(Fault::TornLine, night.now);
    night.modem.deliver("+33612345678", "4711 NO", night.now).expect("it fits");
    night.pass(1.0);
    assert_eq!(night.received(), ["4711 NO"]);
}

#[test]
fn lines_between_any_two_lines_of_any_answer_are_kept_apart() {
    let mut night = Night::new(Profile::instant());
    let chatter = ["^RSSI:17", "+CMTI: \"SM\",5", "RING", "+CREG: 1", "+UNHEARD: 1,2"];
    night.modem.fail(Fault::Chatter(chatter.map(str::to_owned).to_vec()), night.now);
    for text in texts(0, 5) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    night.pass(10.0);
    assert!(night.is_ready(), "{:?}", night.events);
    assert_eq!(sorted(night.received()), texts(0, 5));
    night.submit(9, "out");
    night.pass(1.0);
    assert_eq!(night.count(|event| matches!(event, Event::Sent { ticket: 9, .. })), 1);
}

#[test]
fn a_report_between_the_head_and_the_body_of_a_message_is_a_report() {
    let mut night = Night::new(Profile::instant());
    let report = "+CDS: 25\r\n0006070B913316325476F862101010000000621010100000000000";
    night.modem.fail(Fault::Chatter(vec![report.to_owned()]), night.now);
    night.modem.deliver("+33612345678", "4711", night.now).expect("it fits");
    night.pass(3.0);
    assert_eq!(night.received(), ["4711"]);
    assert!(night.count(|event| matches!(event, Event::DirectReport { .. })) > 0);
    for event in &night.events {
        if let Event::DirectReport { pdu } = event {
            assert_eq!(text_of(pdu), "report 7");
        }
    }
}

#[test]
fn a_full_store_is_told_once_and_drained() {
    let mut night =
        Night::ready(Profile { full: Some("+SMS FULL".to_owned()), ..Profile::instant() });
    night.deletes = false;
    for text in texts(0, 15) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    night.pass(200.0);
    assert_eq!(night.received().len(), 10);
    assert_eq!(night.count(|event| matches!(event, Event::StorageFull { .. })), 1);
    night.deletes = true;
    for slot in night.slots() {
        night.dialogue.delete(slot);
    }
    night.pass(5.0);
    assert_eq!(sorted(night.received()), sorted(texts(0, 15)));
    assert_eq!(night.modem.slots_used(), 0);
}

#[test]
fn a_store_of_which_every_slot_is_held_is_told_at_once_though_the_modem_says_nothing() {
    let mut night = Night::ready(Profile { slots: 5, ..Profile::instant() });
    night.deletes = false;
    for text in texts(0, 4) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    night.pass(1.0);
    let full = |event: &Event| matches!(event, Event::StorageFull { memory: Some(_) });
    assert_eq!((night.received().len(), night.count(full)), (4, 0));
    night.modem.deliver("+33612345678", "the fifth", night.now).expect("it fits");
    night.pass(1.0);
    assert_eq!(night.count(full), 1);
}

#[test]
fn a_full_sim_beside_a_modem_with_room_is_told_once_and_when_it_is_full_again() {
    let mut night = Night::ready(Profile { equipment_slots: 10, ..Profile::instant() });
    night.deletes = false;
    let full = |night: &Night| night.count(|event| matches!(event, Event::StorageFull { .. }));
    for text in texts(0, 10) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    night.pass(600.0);
    assert_eq!(full(&night), 1);
    for slot in night.slots() {
        night.dialogue.delete(slot);
    }
    night.pass(120.0);
    for text in texts(10, 20) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    night.pass(600.0);
    assert_eq!(full(&night), 2);
}

#[test]
fn however_many_memories_a_modem_takes_in_one_line_it_is_read() {
    for at_once in [1..=1, 1..=2, 2..=2, 3..=3] {
        let memories_at_once = at_once.clone();
        let profile = Profile { memories_at_once, equipment_slots: 5, ..Profile::instant() };
        let mut night = Night::ready(profile);
        night.modem.deliver("+33612345678", "4711", night.now).expect("it fits");
        night.pass(1.0);
        assert_eq!(night.received(), ["4711"], "{at_once:?}");
    }
}

#[test]
fn a_modem_that_announces_nothing_is_drained_without_waiting_for_the_next_sweep() {
    let indications = "(0,1,2),(0),(0),(0,1),(0)".to_owned();
    let mut night = Night::ready(Profile { indications, ..Profile::instant() });
    for text in texts(0, 25) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    night.pass(65.0);
    assert_eq!(sorted(night.received()), sorted(texts(0, 25)));
}

#[test]
fn an_old_slot_never_deletes_a_new_message() {
    let mut night = Night::ready(Profile::instant());
    night.deletes = false;
    night.modem.deliver("+33612345678", "old", night.now).expect("it fits");
    night.pass(1.0);
    let old = night.slots().pop().expect("one was received");
    night.dialogue.delete(old.clone());
    night.pass(1.0);
    night.modem.deliver("+33612345678", "new, in the same slot", night.now).expect("it fits");
    night.pass(1.0);
    night.dialogue.delete(old);
    night.pass(1.0);
    assert_eq!(night.modem.slots_used(), 1, "the new message stands");
    assert_eq!(night.received(), ["old", "new, in the same slot"]);
}

#[test]
fn after_a_restart_what_was_not_deleted_is_handed_out_again() {
    let mut night = Night::ready(Profile::instant());
    night.deletes = false;
    night.modem.deliver("+33612345678", "4711", night.now).expect("it fits");
    night.pass(1.0);
    night.modem.fail(Fault::Reset { silent: false }, night.now);
    night.pass(5.0);
    assert_eq!(night.received(), ["4711", "4711"]);
}

#[test]
fn reading_goes_before_sending_but_sending_is_not_starved() {
    let mut night = Night::ready(Profile::instant());
    for text in texts(0, 200) {
        night.modem.deliver("+33612345678", &text, night.now).expect("it fits");
    }
    night.submit(1, "help");
    let at =
        |night: &Night| night.events.iter().position(|event| matches!(event, Event::Sent { .. }));
    night.until(5.0, |night| at(night).is_some());
    let before = night.received().len();
    assert!(before > 0 && before < 50, "{before} messages were read before one was sent");
    night.pass(60.0);
    assert_eq!(night.received().len(), 200);
}

#[test]
fn a_modem_that_announces_nothing_is_listed_often_enough_for_an_answer_to_count() {
    for indications in ["(0),(0),(0),(0),(0)", "(0,1,2),(0,2),(0),(0),(0)"] {
        let indications = indications.to_owned();
        let mut night = Night::ready(Profile { indications, ..Profile::instant() });
        night.modem.deliver("+33612345678", "4711", night.now).expect("it fits");
        let took = night.until(60.0, |night| !night.received().is_empty());
        assert!(took <= Duration::from_secs(6), "{took:?}");
        night.pass(1.0);
        assert_eq!(night.modem.slots_used(), 0);
    }
}
