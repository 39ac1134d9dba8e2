//! A modem that is there and does not answer is revived, step by step, and each step is told.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use vigie::adapters::gsm::Memory;
use vigie::watch::decision::Outcome;
use vigie::watch::event::Happening;
use vigie::watch::own_alarms::SelfAlarm;
use vigie_gsm::simulator::{Fault, Profile};

use crate::bench::{Bench, MARIE, brisk};

/// Lives end and begin, as supervision has it, until the modem is set up again. What was told meanwhile.
async fn revived(bench: &mut Bench, command: &[String]) -> Vec<String> {
    let ended = bench.ended().await;
    assert_eq!(ended.reason, "the modem does not answer");
    for _ in 0..6 {
        bench.live_with_command(command);
        let back = bench.cleared(SelfAlarm::ModemLost);
        if timeout(Duration::from_secs(9), back).await.is_ok() {
            break;
        }
        assert_eq!(bench.ended().await.reason, "the modem does not answer");
    }
    let told = |happening: &Happening| match happening {
        Happening::Own(own) if own.alarm == SelfAlarm::ModemLost && own.active => {
            Some(own.reason.to_string())
        }
        _ => None,
    };
    let told: Vec<String> = bench.seen.iter().filter_map(told).collect();
    let short = |reason: String| reason.replace("the modem does not answer; ", "");
    told.into_iter().map(short).collect()
}

async fn still_receives(bench: &mut Bench) {
    bench.control.deliver(MARIE, "4711").await.expect("it runs").expect("it fits");
    let (message, receipt) = bench.message().await;
    assert_eq!(&*message.signal.text, "4711");
    receipt.give(Outcome::Taken);
}

#[tokio::test]
async fn a_modem_that_believes_that_it_is_connected_is_called_back() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.fail(Fault::Connected).await.expect("it runs");
    let told = revived(&mut bench, &[]).await;
    assert_eq!(told, ["the line is dropped (DTR, +++)"]);
    still_receives(&mut bench).await;
}

#[tokio::test]
async fn a_modem_that_hangs_is_told_to_restart() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.fail(Fault::Hung).await.expect("it runs");
    let told = revived(&mut bench, &[]).await;
    assert_eq!(told, ["the line is dropped (DTR, +++)", "it is told to restart"]);
    still_receives(&mut bench).await;
}

#[tokio::test]
async fn a_modem_that_nothing_revives_is_left_to_the_operator_s_command() {
    let mut bench = Bench::new(Profile::instant());
    bench.memory = Arc::new(Memory::with_pace(brisk()).after_silence(3));
    let place = tempfile::tempdir().expect("a folder");
    let switched = place.path().join("switched");
    bench.control.silence(true).await.expect("it runs");
    let control = bench.control.clone();
    let supply = async {
        while !switched.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        control.silence(false).await.expect("it runs");
    };
    let command = ["/usr/bin/touch".to_owned(), switched.display().to_string()];
    bench.live_with_command(&command);
    let (told, ()) = tokio::join!(revived(&mut bench, &command), supply);
    assert_eq!(told, ["its USB port is switched off and on", "the command in `revive` is run"]);
    still_receives(&mut bench).await;
}

#[tokio::test]
async fn nothing_is_tried_with_a_modem_whose_device_is_not_there() {
    let mut bench = Bench::new(Profile::instant());
    bench.control.unplug().await.unwrap();
    bench.live();
    let reason = format!("{} is not there", bench.device().display());
    assert_eq!(bench.ended().await.reason, reason);
    // From now on it is waited for: no life ends until it is there.
    bench.live();
    bench.control.replug().await.unwrap();
    bench.cleared(SelfAlarm::ModemLost).await;
    let tried = |happening: &Happening| matches!(happening, Happening::Own(own) if own.alarm == SelfAlarm::ModemLost && own.active);
    assert!(!bench.seen.iter().any(tried), "{:?}", bench.seen);
}
