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
        assert!(reason.starts_with("the SIM refused its PIN; it is not tried again"), "{reason}");
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
    assert_eq!(taken, Learned::SimOpen);
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

/// A daemon starts with what the last one remembered, on this SIM, and says why the SIM is shut, or that it is open.
async fn starts(remembered: &mut Remembered, profile: Profile, pin: &str) -> (u32, Option<String>) {
    let mut bench = Bench::new(profile);
    bench.memory = Arc::new(Memory::with_pace(brisk()).knowing(remembered.clone()));
    bench.live_with(Some(pin));
    let (shut, _) = bench
        .until(|happening| match happening {
            Happening::Own(own) if own.alarm == SelfAlarm::SimRefused => {
                Some(own.active.then(|| own.reason.to_string()))
            }
            _ => None,
        })
        .await;
    for happening in &bench.seen {
        if let Happening::Learned(lesson) = happening {
            remembered.learn(&lesson.learned);
        }
    }
    (entries(&bench).await, shut)
}

#[tokio::test]
async fn a_daemon_that_starts_again_does_not_try_a_refused_pin_and_tries_another_one_once() {
    let mut remembered = Remembered::default();
    for (pin, tried) in [("9876", 1), ("9876", 0), ("5555", 1), ("5555", 0), ("1234", 0)] {
        let (entries, shut) = starts(&mut remembered, locked(), pin).await;
        assert_eq!(entries, tried, "{pin}");
        let shut = shut.expect("it stays shut");
        assert!(tried == 0 || shut.contains("refused its PIN"), "{pin}: {shut}");
        assert_eq!(shut.contains("by hand"), tried == 0 && pin != "9876", "{pin}: {shut}");
    }
    // Somebody has entered the right one by hand; later the power fails, and the SIM is shut again.
    let (_, shut) = starts(&mut remembered, Profile::instant(), "1234").await;
    assert_eq!(shut, None);
    assert_eq!(starts(&mut remembered, locked(), "1234").await, (1, None));
}

#[tokio::test]
async fn where_the_modem_tells_of_spent_tries_no_pin_is_noted_that_was_not_entered() {
    let mut remembered = Remembered::default();
    let spent = || Profile { tries_told: true, wrong_pins: 2, ..locked() };
    for _ in 0..3 {
        let (entries, shut) = starts(&mut remembered, spent(), "1234").await;
        assert_eq!(entries, 0);
        assert!(shut.expect("it stays shut").contains("by hand"));
    }
    // One is spent by hand, then ours, which is wrong; another one in the files would be the third.
    let one = Profile { wrong_pins: 1, ..spent() };
    assert_eq!(starts(&mut remembered, one.clone(), "9876").await.0, 1);
    let whole = Profile { wrong_pins: 0, ..spent() };
    assert_eq!(starts(&mut remembered, whole, "1234").await, (1, None), "another SIM");
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
