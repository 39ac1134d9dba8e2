//! Messages that come in.

use vigie::adapters::gsm::Pace;
use vigie::watch::decision::Outcome;
use vigie::watch::event::{Delivered, Delivery, Happening};
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::signal::{Kind, Value};
use vigie::watch::site::PhoneNumber;
use vigie_gsm::alphabet::Encoding;
use vigie_gsm::concatenation::{Width, split};
use vigie_gsm::pdu::{Deliver, TimeStamp};
use vigie_gsm::simulator::{Fault, Profile};

use crate::bench::{Bench, LIMIT, MARIE, MODEM, brisk};

/// The parts of a text from Marie, as the network brings them.
fn parts(text: &str) -> Vec<Vec<u8>> {
    let time = TimeStamp::from_unix(1_790_000_000, 8).unwrap();
    split(text, Encoding::Gsm7, 7, Width::Octet)
        .into_iter()
        .map(|part| Deliver::new(MARIE.parse().unwrap(), time, part).encode().unwrap().bytes)
        .collect()
}

async fn bring(bench: &Bench, pdu: Vec<u8>) {
    bench.control.with(|modem, now| modem.deliver_raw(pdu, now)).await.unwrap();
}

#[tokio::test]
async fn an_answer_stays_on_the_sim_until_the_record_has_it() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.deliver(MARIE, "4711 é").await.unwrap().unwrap();
    let (message, receipt) = bench.message().await;
    let signal = &message.signal;
    assert_eq!((&*signal.text, &*signal.source, signal.kind), ("4711 é", MARIE, Kind::Gsm));
    assert_eq!(signal.input.as_str(), MODEM);
    assert_eq!(message.sender, PhoneNumber::parse(MARIE));
    assert_eq!(signal.fields.get("sender"), Some(&Value::text(MARIE)));
    assert_eq!(signal.fields.get("modem"), Some(&Value::text("orange")));
    let Some(Value::Text(sent_at)) = signal.fields.get("sent_at") else { panic!("{signal:?}") };
    let stamped: jiff::Timestamp = sent_at.parse().expect("RFC 3339");
    assert_eq!(signal.source_time.map(|time| time.timestamp()), Some(stamped));
    assert_eq!(signal.fields.get("incomplete"), None);
    assert!(signal.identity.is_some() && !signal.raw.is_empty());
    assert_eq!(bench.slots().await, 1);
    receipt.give(Outcome::Taken);
    bench.until_slots(0).await;
}

#[tokio::test]
async fn an_answer_that_the_record_did_not_take_is_offered_again() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.deliver(MARIE, "4711").await.unwrap().unwrap();
    let (first, receipt) = bench.message().await;
    drop(receipt);
    let (again, receipt) = bench.message().await;
    assert_eq!((first.identity(), first.signal.text), (again.identity(), again.signal.text));
    assert_eq!(bench.slots().await, 1);
    receipt.give(Outcome::Taken);
    bench.until_slots(0).await;
}

#[tokio::test]
async fn an_answer_that_the_record_did_not_take_is_read_again_after_a_restart() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.deliver(MARIE, "4711").await.unwrap().unwrap();
    let (first, receipt) = bench.message().await;
    drop(receipt);
    bench.control.unplug().await.unwrap();
    bench.ended().await;
    bench.control.replug().await.unwrap();
    bench.live();
    let (again, receipt) = bench.message().await;
    assert_eq!(first.identity(), again.identity());
    receipt.give(Outcome::Repeated);
    bench.until_slots(0).await;
}

#[tokio::test]
async fn a_long_message_whose_parts_come_in_the_wrong_order_is_read_as_one() {
    let mut bench = Bench::ready(Profile::instant()).await;
    let text = "Pompe 3 en défaut. ".repeat(12);
    let parts = parts(&text);
    assert_eq!(parts.len(), 2);
    for part in parts.iter().rev() {
        bring(&bench, part.clone()).await;
    }
    let (message, receipt) = bench.message().await;
    assert_eq!(&*message.signal.text, text);
    assert_eq!(*message.signal.raw, parts.concat());
    assert_eq!(bench.slots().await, 2);
    receipt.give(Outcome::Taken);
    bench.until_slots(0).await;
}

#[tokio::test]
async fn a_part_that_the_network_repeats_does_not_fill_the_sim() {
    let mut bench = Bench::ready(Profile::instant()).await;
    let parts = parts(&"Pompe 3 en défaut. ".repeat(12));
    bring(&bench, parts[0].clone()).await;
    bench.until_slots(1).await;
    bring(&bench, parts[0].clone()).await;
    bring(&bench, parts[1].clone()).await;
    let (_, receipt) = bench.message().await;
    receipt.give(Outcome::Taken);
    bench.until_slots(0).await;
}

#[tokio::test]
async fn a_message_of_more_parts_than_the_sim_has_slots_comes_through_whole() {
    for full in [Some("^SMMEMFULL".to_owned()), None] {
        more_parts_than_slots(Profile { slots: 5, full, ..Profile::instant() }).await;
    }
}

async fn more_parts_than_slots(profile: Profile) {
    // No list within the limit: that it is full is known from the announcement, or from what was read.
    let pace = Pace { sweep_every: 2 * LIMIT, ..brisk() };
    let mut bench = Bench::with_pace(profile, pace);
    bench.live();
    bench.cleared(SelfAlarm::NotRegistered).await;
    let text = "Rapport de nuit : tout va bien. ".repeat(37);
    let parts = parts(&text);
    assert_eq!(parts.len(), 8);
    for part in parts {
        bring(&bench, part).await;
    }
    let whole = loop {
        let (message, receipt) = bench.message().await;
        receipt.give(Outcome::Taken);
        if message.signal.fields.get("incomplete").is_none() {
            break message;
        }
        // Five parts went on the record one by one, none of which can pass for an answer.
        assert!(message.signal.text.ends_with("[...]"), "{}", message.signal.text);
    };
    assert_eq!(&*whole.signal.text, text);
    bench.until_slots(0).await;
}

#[tokio::test]
async fn bytes_that_are_no_message_are_on_the_record_and_do_not_block_the_sim() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bring(&bench, vec![0x00, 0x04, 0x0b]).await;
    let (signal, receipt) = bench
        .until(|happening| match happening {
            Happening::Signal(signal) => Some(signal.clone()),
            _ => None,
        })
        .await;
    assert_eq!((&*signal.source, &*signal.text), ("?", ""));
    assert_eq!(*signal.raw, [0x00, 0x04, 0x0b]);
    assert_eq!(bench.slots().await, 1);
    receipt.give(Outcome::Taken);
    bench.until_slots(0).await;
}

#[tokio::test]
async fn a_sender_with_a_name_is_nobody_we_know_whatever_the_name() {
    let mut bench = Bench::ready(Profile::instant()).await;
    for name in ["VIGIE", "+3361234", "0033612345"] {
        let time = TimeStamp::from_unix(1_790_000_000, 8).unwrap();
        let sender = vigie_gsm::pdu::Address::name(name).unwrap();
        let text = split("4711", Encoding::Gsm7, 1, Width::Octet).remove(0);
        bring(&bench, Deliver::new(sender, time, text).encode().unwrap().bytes).await;
        let (message, receipt) = bench.message().await;
        receipt.give(Outcome::Taken);
        assert_eq!((message.sender, &*message.signal.source), (None, name));
    }
}

#[tokio::test]
async fn a_report_from_the_sim_tells_what_became_of_a_message() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.status_report(9, MARIE, 0x46).await.unwrap().unwrap();
    let (delivery, receipt) = bench.until(delivery).await;
    assert_eq!((delivery.reference, delivery.outcome), (9, Delivered::Expired));
    assert_eq!(Some(delivery.recipient), PhoneNumber::parse(MARIE));
    assert_eq!(bench.slots().await, 1);
    receipt.give(Outcome::Taken);
    bench.until_slots(0).await;
}

#[tokio::test]
async fn messages_survive_a_line_full_of_noise() {
    let mut bench = Bench::ready(Profile::instant()).await;
    let chatter = vec!["^RSSI: 17".to_owned(), "RING".to_owned()];
    bench.control.fail(Fault::Chatter(chatter)).await.unwrap();
    bench.control.fail(Fault::Garbage(vec![0xff; 5_000])).await.unwrap();
    bench.control.fail(Fault::TornLine).await.unwrap();
    bench.control.deliver(MARIE, "4711 OK").await.unwrap().unwrap();
    let (message, receipt) = bench.message().await;
    assert_eq!(&*message.signal.text, "4711 OK");
    receipt.give(Outcome::Taken);
    bench.owe(1, "Pompe 3 4711").await;
    assert_eq!(bench.next_sent().await.text, "Pompe 3 4711");
    bench.until_slots(0).await;
}

pub(crate) fn delivery(happening: &Happening) -> Option<Delivery> {
    match happening {
        Happening::Delivery(delivery) => Some(delivery.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn a_sender_without_the_code_of_its_country_is_told_as_such_and_a_name_is_not() {
    let mut bench = Bench::ready(Profile::instant()).await;
    for (from, national) in
        [("0612345678", Some("0612345678")), ("Orange", None), ("20222", Some("20222"))]
    {
        bench.control.deliver(from, "4711").await.unwrap().unwrap();
        let (message, receipt) = bench.message().await;
        assert_eq!((message.sender, message.national.as_deref()), (None, national), "{from}");
        receipt.give(Outcome::Taken);
    }
}
