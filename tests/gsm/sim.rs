//! The SIM: its PIN, and which one it is.

use std::sync::Arc;
use std::time::Duration;

use vigie::adapters::gsm::{Memory, Pace};
use vigie::health::Wire;
use vigie::inbox::Receipt;
use vigie::watch::decision::Outcome;
use vigie::watch::event::Happening;
use vigie::watch::modems::{Learned, Remembered};
use vigie::watch::own_alarms::SelfAlarm;
use vigie_gsm::simulator::{Fault, Profile};

use crate::bench::{Bench, brisk};

const FIRST: &str = "208011234567890";

fn locked() -> Profile {
    Profile { pin: Some("1234".to_owned()), ..Profile::instant() }
}

/// The next thing that the adapter has learned and that the record is asked to keep.
async fn lesson(bench: &mut Bench) -> (Learned, Receipt) {
    bench
        .until(|happening| match happening {
            Happening::Learned(lesson) => Some(lesson.learned.clone()),
            _ => None,
        })
        .await
}

async fn entries(bench: &Bench) -> u32 {
    bench.control.with(|modem, _| modem.pin_entries()).await.expect("it runs")
}

#[tokio::test]
async fn a_wrong_pin_is_tried_once_however_often_the_modem_is_born_again() {
    let mut bench = Bench::new(locked());
    for _ in 0..2 {
        bench.live_with(Some("9876"));
        let reason = bench.raised(SelfAlarm::SimRefused).await;
        assert_eq!(reason, "the SIM refused its PIN; it is not tried again");
        assert_eq!(bench.reading.now().state, Wire::Down(reason));
        bench.control.unplug().await.unwrap();
        bench.ended().await;
        bench.control.replug().await.unwrap();
    }
    let entries = bench.control.with(|modem, _| modem.pin_entries()).await;
    assert_eq!(entries, Ok(1));
}

#[tokio::test]
async fn a_pin_that_fits_opens_the_sim_in_every_life() {
    let mut bench = Bench::new(locked());
    for _ in 0..2 {
        bench.live_with(Some("1234"));
        bench.cleared(SelfAlarm::SimRefused).await;
        bench.control.unplug().await.unwrap();
        bench.ended().await;
        bench.control.replug().await.unwrap();
    }
}

#[tokio::test]
async fn a_pin_that_is_no_pin_is_said_where_the_sim_wants_one() {
    let mut bench = Bench::new(locked());
    bench.live_with(Some("secret"));
    let reason = bench.raised(SelfAlarm::SimRefused).await;
    assert!(reason.ends_with("the configured one is not four to eight digits"), "{reason}");
    assert!(!reason.contains("secret"));
    assert_eq!(bench.control.with(|modem, _| modem.pin_entries()).await, Ok(0));
}

#[tokio::test]
async fn a_pin_is_tried_when_the_record_says_so_and_what_came_of_it_is_recorded() {
    let pace = Pace { recording: Duration::from_secs(60), ..brisk() };
    let mut bench = Bench::with_pace(locked(), pace);
    bench.live_with(Some("1234"));
    let (tried, receipt) = lesson(&mut bench).await;
    assert!(matches!(tried, Learned::PinTried(_)), "{tried:?}");
    assert_eq!(entries(&bench).await, 0, "it is not on disk yet");
    receipt.give(Outcome::Taken);
    let (taken, _) = lesson(&mut bench).await;
    assert_eq!(taken, Learned::PinTaken);
    assert_eq!(entries(&bench).await, 1);
    assert_eq!(lesson(&mut bench).await.0, Learned::Subscriber(FIRST.into()));
}

#[tokio::test]
async fn a_store_that_refuses_does_not_keep_the_sim_shut() {
    let pace = Pace { recording: Duration::from_secs(60), ..brisk() };
    let mut bench = Bench::with_pace(locked(), pace);
    bench.live_with(Some("1234"));
    drop(lesson(&mut bench).await);
    bench.cleared(SelfAlarm::SimRefused).await;
    assert_eq!(entries(&bench).await, 1);
}

#[tokio::test]
async fn a_daemon_that_starts_again_does_not_try_a_refused_pin_and_tries_another_one_once() {
    let mut remembered = Remembered::default();
    for (pin, tried) in [("9876", 1), ("9876", 0), ("5555", 1), ("5555", 0), ("1234", 0)] {
        // With the tries that are left; a SIM that was opened in between would have them all again.
        let mut bench = Bench::new(locked());
        bench.memory = Arc::new(Memory::with_pace(brisk()).knowing(remembered.clone()));
        bench.live_with(Some(pin));
        bench.raised(SelfAlarm::SimRefused).await;
        assert_eq!(entries(&bench).await, tried, "{pin}");
        for happening in &bench.seen {
            if let Happening::Learned(lesson) = happening {
                remembered.learn(&lesson.learned);
            }
        }
    }
}

#[tokio::test]
async fn which_sim_is_in_it_is_learned_once_and_another_one_is_learned_as_well() {
    let mut bench = Bench::new(Profile::instant());
    bench.live();
    assert_eq!(lesson(&mut bench).await.0, Learned::Subscriber(FIRST.into()));
    bench.cleared(SelfAlarm::NotRegistered).await;
    let known = bench.reading.now().modem.expect("a modem");
    assert_eq!(known.sim.as_deref(), Some(FIRST));
    assert_eq!(known.number.as_deref(), Some("+33700000099"));
    assert_eq!(known.service_centre.as_deref(), Some("+33689004000"));
    bench.control.fail(Fault::Reset { silent: false }).await.expect("it runs");
    bench.owe(1, "4711").await;
    bench.attempt(1).await;
    let other = "208019876543210";
    bench.control.with(move |modem, now| modem.insert_sim(other, now)).await.expect("it runs");
    let (learned, _) = lesson(&mut bench).await;
    assert_eq!(learned, Learned::Subscriber(other.into()), "and not that it restarted");
    bench.until_modem(|modem| modem.sim.as_deref() == Some(other)).await;
}
