//! Messages that go out.

use std::time::Duration;

use tokio::time::timeout;

use vigie::adapters::gsm::Pace;
use vigie::watch::decision::Outcome;
use vigie::watch::event::{Attempt, Delivered};
use vigie::watch::name::InputName;
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::site::{Channel, PhoneNumber, Priority};
use vigie_gsm::simulator::{Fault, Modem, Profile};

use crate::bench::{Bench, LIMIT, MARIE, brisk};
use crate::receiving::delivery;

const HOUR: Duration = Duration::from_secs(3_600);

/// A network that takes a moment for each part.
fn slow() -> Profile {
    Profile { per_message: Duration::from_millis(500), ..Profile::instant() }
}

#[tokio::test]
async fn a_call_is_announced_before_it_leaves_and_its_delivery_is_told() {
    let mut bench = Bench::ready(slow()).await;
    bench.owe(1, "Pompe 3 en défaut 4711").await;
    bench.started(1).await;
    assert_eq!(bench.control.with(|modem, _| modem.submitted().len()).await, Ok(0));
    let sent = bench.next_sent().await;
    assert_eq!((sent.to.to_string().as_str(), &*sent.text), (MARIE, "Pompe 3 en défaut 4711"));
    let Attempt::Sent(references) = bench.attempt(1).await else { panic!("it was sent") };
    let (delivery, _) = bench.until(delivery).await;
    assert_eq!((vec![delivery.reference], delivery.outcome), (references, Delivered::Delivered));
    assert_eq!(Some(delivery.recipient), PhoneNumber::parse(MARIE));
}

#[tokio::test]
async fn a_call_leaves_when_the_record_says_so_and_when_the_store_cannot_say_it() {
    let mut bench = Bench::with_pace(Profile::instant(), Pace { recording: HOUR, ..brisk() });
    bench.live();
    bench.cleared(SelfAlarm::NotRegistered).await;
    bench.owe(1, "4711").await;
    let on_disk = bench.announced(1).await;
    // The modem is at work meanwhile: what it receives comes through.
    bench.control.deliver(MARIE, "LISTE").await.unwrap().unwrap();
    let (_, read) = bench.message().await;
    read.give(Outcome::Taken);
    bench.until_slots(0).await;
    assert_eq!(bench.control.with(|modem, _| modem.submitted().len()).await, Ok(0));
    on_disk.give(Outcome::Taken);
    assert_eq!(bench.next_sent().await.text, "4711");

    bench.owe(2, "4712").await;
    drop(bench.announced(2).await);
    assert_eq!(bench.next_sent().await.text, "4712", "a store that refuses silences nobody");

    let mut bench = Bench::ready(Profile::instant()).await;
    bench.owe(1, "4711").await;
    let _never = bench.announced(1).await;
    assert_eq!(bench.next_sent().await.text, "4711", "a store that hangs silences nobody");
}

#[tokio::test]
async fn what_was_answered_or_is_overtaken_while_its_start_was_recorded_does_not_leave() {
    let mut bench = Bench::with_pace(Profile::instant(), Pace { recording: HOUR, ..brisk() });
    bench.live();
    bench.cleared(SelfAlarm::NotRegistered).await;
    bench.owe(1, "4711").await;
    let on_disk = bench.announced(1).await;
    bench.cancel(1).await;
    on_disk.give(Outcome::Taken);
    assert_eq!(bench.attempt(1).await, Attempt::Yielded);

    bench.owe(2, "4712").await;
    let on_disk = bench.announced(2).await;
    bench.owe_so(3, "4713", |owed| owed.priority = Priority::Critical).await;
    on_disk.give(Outcome::Taken);
    assert_eq!(bench.attempt(2).await, Attempt::Yielded);
    bench.owe(2, "4712").await;
    bench.announced(3).await.give(Outcome::Taken);
    assert_eq!(bench.next_sent().await.text, "4713");
    bench.announced(2).await.give(Outcome::Taken);
    assert_eq!(bench.next_sent().await.text, "4712");
    assert_eq!(bench.control.with(|modem, _| modem.submitted().len()).await, Ok(2));
}

#[tokio::test]
async fn a_call_asks_for_a_report_and_is_given_up_after_ten_minutes() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.owe(1, "4711").await;
    bench.attempt(1).await;
    let submitted = bench.control.with(|modem, _| modem.submitted().to_vec()).await.unwrap();
    assert!(submitted[0].submit.status_report);
    assert_eq!(submitted[0].submit.validity, Some(Duration::from_secs(600)));
}

#[tokio::test]
async fn a_long_text_with_accents_leaves_in_as_few_parts_as_can_be() {
    let mut bench = Bench::ready(Profile::instant()).await;
    let text =
        "Température élevée : chambre froide n° 3, côté quai, 12 °C depuis 03:12. ".repeat(4);
    bench.owe(1, &text).await;
    let sent = bench.next_sent().await;
    assert_eq!(sent.parts, 2);
    assert_eq!(sent.text, text.replace("n°", "no").replace("12 °C", "12 C").replace("ô", "o"));
    let Attempt::Sent(references) = bench.attempt(1).await else { panic!("it was sent") };
    assert_eq!(references.len(), 2);
}

#[tokio::test]
async fn calls_leave_one_after_the_other_and_none_twice() {
    let mut bench = Bench::ready(Profile::instant()).await;
    for id in 1..=5 {
        bench.owe(id, &format!("Alarme {id}")).await;
    }
    for id in 1..=5 {
        assert!(matches!(bench.attempt(id).await, Attempt::Sent(_)));
        assert_eq!(bench.next_sent().await.text, format!("Alarme {id}"));
    }
    assert_eq!(bench.control.with(|modem, _| modem.submitted().len()).await, Ok(5));
    assert_eq!(bench.errands.waiting().await, 0);
    assert_eq!(bench.reading.now().counters.get("sent"), Some(&5));
}

#[tokio::test]
async fn what_the_network_refuses_for_now_has_failed_and_what_it_never_takes_is_refused() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.fail(Fault::Refuse(38)).await.unwrap();
    bench.owe(1, "4711").await;
    let failed = Attempt::Failed("the network is out of order (CMS 38)".into());
    assert_eq!(bench.attempt(1).await, failed);
    bench.control.fail(Fault::Refuse(21)).await.unwrap();
    bench.owe(2, "4712").await;
    let refused = Attempt::Refused("the service centre rejected the message (CMS 21)".into());
    assert_eq!(bench.attempt(2).await, refused);
    bench.control.fail(Fault::NoPrompt).await.unwrap();
    bench.owe(3, "4713").await;
    let failed = Attempt::Failed("the modem did not ask for the message".into());
    assert_eq!(bench.attempt(3).await, failed);
    bench.owe(4, "4714").await;
    assert!(matches!(bench.attempt(4).await, Attempt::Sent(_)));
}

#[tokio::test]
async fn a_sim_that_may_not_send_is_an_alarm_until_it_does() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.fail(Fault::Refuse(330)).await.unwrap();
    bench.owe(1, "4711").await;
    let reason = bench.raised(SelfAlarm::SimRefused).await;
    assert_eq!(reason, "the SIM has no service centre number (CMS 330)");
    assert!(matches!(bench.attempt(1).await, Attempt::Failed(_)));
    bench.owe(1, "4711").await;
    bench.cleared(SelfAlarm::SimRefused).await;
    assert!(matches!(bench.attempt(1).await, Attempt::Sent(_)));
}

#[tokio::test]
async fn when_the_modem_restarts_with_a_call_in_hand_nobody_claims_to_know_whether_it_left() {
    let mut bench = Bench::ready(slow()).await;
    bench.owe(1, "4711").await;
    bench.started(1).await;
    bench.until_given().await;
    bench.control.fail(Fault::Reset { silent: false }).await.unwrap();
    assert_eq!(bench.attempt(1).await, Attempt::Unknown);
    bench.owe(1, "4711").await;
    assert!(matches!(bench.attempt(1).await, Attempt::Sent(_)));
}

#[tokio::test]
async fn a_modem_that_loses_its_sim_before_it_has_the_call_keeps_neither_it_nor_what_prefers_it() {
    let mut bench = Bench::with_pace(Profile::instant(), Pace { recording: HOUR, ..brisk() });
    bench.live();
    bench.cleared(SelfAlarm::NotRegistered).await;
    bench.owe(1, "4711").await;
    let on_disk = bench.announced(1).await;
    bench.owe_preferring(2, "4712").await;
    bench.control.fail(Fault::SimOut).await.unwrap();
    let Attempt::Failed(reason) = bench.attempt(1).await else { panic!("it did not leave") };
    assert_eq!(&*reason, "the modem restarted, or lost its SIM, before it had the message");
    let other = InputName::new("gsm.free");
    let next = timeout(LIMIT, bench.errands.next(Channel::Sms, &other)).await;
    assert_eq!(next.expect("the other modem has it").expect("the house is open").id.0, 2);
    assert_eq!(bench.raised(SelfAlarm::SimRefused).await, "there is no SIM");
    on_disk.give(Outcome::Taken);
    bench.control.with(|modem, now| modem.insert_sim("208011234567890", now)).await.unwrap();
    bench.cleared(SelfAlarm::SimRefused).await;
    bench.owe(3, "4713").await;
    bench.started(3).await;
    assert!(matches!(bench.attempt(3).await, Attempt::Sent(_)));
    assert_eq!(bench.next_sent().await.text, "4713", "and what failed is the watch's to owe again");
}

#[tokio::test]
async fn an_answer_that_waits_is_read_before_the_next_call_and_can_make_it_needless() {
    let mut bench = Bench::new(Profile::instant());
    bench.control.deliver(MARIE, "4711").await.unwrap().unwrap();
    bench.owe(1, "Pompe 3 4711").await;
    bench.live();
    let (_, receipt) = bench.message().await;
    // The operator is asked for last: by now a call would have begun to leave.
    bench.until_modem(|modem| modem.operator.is_some()).await;
    // What the watch decides on it: nobody need be called any more; somebody is told.
    bench.cancel(1).await;
    bench.owe(2, "Marie s'en charge").await;
    receipt.give(Outcome::Taken);
    assert!(matches!(bench.attempt(2).await, Attempt::Sent(_)));
    assert_eq!(bench.next_sent().await.text, "Marie s'en charge");
    assert!(!bench.was_attempted(1));
}

#[tokio::test]
async fn a_record_that_hangs_does_not_keep_calls_from_leaving() {
    let pace = Pace { reading: Duration::from_millis(500), ..brisk() };
    let mut bench = Bench::with_pace(Profile::instant(), pace);
    bench.control.deliver(MARIE, "4711").await.unwrap().unwrap();
    bench.owe(1, "Pompe 3 4711").await;
    bench.live();
    let (_, receipt) = bench.message().await;
    assert_eq!(bench.next_sent().await.text, "Pompe 3 4711");
    drop(receipt);
}

/// A modem without a network, that has asked for it once, and a call that is owed.
async fn without_network(pace: Pace) -> Bench {
    let mut bench = Bench::with_pace(Profile { registration: 2, ..Profile::instant() }, pace);
    bench.owe(1, "4711").await;
    bench.live();
    bench.cleared(SelfAlarm::SimRefused).await;
    // The reception is asked for after the registration: by now a call would have begun to leave.
    bench.until_modem(|modem| modem.signal_dbm.is_some()).await;
    assert!(!bench.was_attempted(1));
    bench
}

#[tokio::test]
async fn without_a_network_calls_are_held_and_leave_as_soon_as_the_modem_says_that_it_is_found() {
    // Nobody asks: only what the modem says unasked can be it.
    let mut bench = without_network(Pace { poll_every: HOUR, ..brisk() }).await;
    bench.control.with(|modem, now| modem.register(1, now)).await.unwrap();
    bench.cleared(SelfAlarm::NotRegistered).await;
    assert!(!bench.was_attempted(1));
    assert!(matches!(bench.attempt(1).await, Attempt::Sent(_)));
}

#[tokio::test]
async fn a_network_whose_return_was_not_heard_is_found_by_asking() {
    let mut bench = without_network(brisk()).await;
    let unheard = |modem: &mut Modem, now| {
        modem.receive(b"AT+CREG=0\rAT+CEREG=0\r", now);
        modem.transmit();
        modem.register(1, now);
    };
    bench.control.with(unheard).await.unwrap();
    bench.cleared(SelfAlarm::NotRegistered).await;
    assert!(matches!(bench.attempt(1).await, Attempt::Sent(_)));
}
