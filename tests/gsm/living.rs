//! Lives of a modem: how they begin, and what ends them.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;
use vigie::config::CreditSettings;
use vigie::health::Wire;
use vigie::watch::event::{Attempt, Happening};
use vigie::watch::name::InputName;
use vigie::watch::notification::NotificationId;
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::site::Channel;
use vigie_gsm::dialogue::UssdCode;
use vigie_gsm::simulator::{Modem, Profile};

use crate::bench::{Bench, LIMIT, MARIE, MODEM};

#[tokio::test]
async fn a_modem_that_is_pulled_out_is_lost_and_works_again_when_it_is_put_back() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.control.unplug().await.unwrap();
    let ended = bench.ended().await;
    assert_eq!(ended.alarm, SelfAlarm::ModemLost);
    assert_eq!(ended.reason, "the device was unplugged or switched off");
    assert_eq!(bench.reading.now().state, Wire::Down(ended.reason));
    bench.live();
    let ended = bench.ended().await;
    assert_eq!(ended.reason, format!("{} is not there", bench.device().display()));
    bench.control.replug().await.unwrap();
    bench.live();
    bench.cleared(SelfAlarm::ModemLost).await;
    bench.owe(1, "4711").await;
    assert!(matches!(bench.attempt(1).await, Attempt::Sent(_)));
    assert_eq!(bench.reading.now().state, Wire::Up);
    let modem = bench.reading.now().modem.unwrap();
    assert_eq!(modem.model.as_deref(), Some("SIMULATOR"));
}

#[tokio::test]
async fn a_call_that_was_with_the_modem_when_it_was_pulled_out_may_have_left() {
    let profile = Profile { per_message: Duration::from_secs(30), ..Profile::instant() };
    let mut bench = Bench::ready(profile).await;
    bench.owe(1, "4711").await;
    bench.started(1).await;
    bench.until_given().await;
    bench.control.unplug().await.unwrap();
    assert_eq!(bench.attempt(1).await, Attempt::Unknown);
    assert_eq!(bench.ended().await.alarm, SelfAlarm::ModemLost);
}

#[tokio::test]
async fn a_modem_that_says_nothing_is_lost() {
    let mut bench = Bench::new(Profile::instant());
    bench.control.silence(true).await.unwrap();
    bench.live();
    let ended = bench.ended().await;
    assert_eq!(ended.alarm, SelfAlarm::ModemLost);
    assert_eq!(ended.reason, "the modem does not answer");
    bench.control.silence(false).await.unwrap();
    bench.live();
    bench.cleared(SelfAlarm::ModemLost).await;
}

#[tokio::test]
async fn a_device_that_cannot_be_opened_says_why() {
    let mut bench = Bench::new(Profile::instant());
    for (device, reason) in [
        ("/dev/vigie-has-no-such-device", "/dev/vigie-has-no-such-device is not there"),
        ("/dev/null", "/dev/null cannot be opened as a serial port: "),
    ] {
        bench.live_on(Path::new(device), None);
        let ended = bench.ended().await;
        assert!(ended.reason.starts_with(reason), "{}", ended.reason);
    }
}

#[tokio::test]
async fn a_device_that_another_program_holds_is_not_shared() {
    let mut bench = Bench::ready(Profile::instant()).await;
    bench.live();
    let held = format!(
        "{} is held by another program (ModemManager or a getty?)",
        bench.device().display()
    );
    assert_eq!(bench.ended().await.reason, held);
}

#[tokio::test]
async fn when_the_house_closes_the_call_under_way_is_finished_and_no_other_begun() {
    let profile = Profile { per_message: Duration::from_secs(1), ..Profile::instant() };
    let mut bench = Bench::ready(profile).await;
    bench.owe(1, "4711").await;
    bench.owe(2, "4712").await;
    bench.started(1).await;
    bench.close();
    assert!(matches!(bench.attempt(1).await, Attempt::Sent(_)));
    bench.ended().await;
    assert_eq!(bench.control.with(|modem, _| modem.submitted().len()).await, Ok(1));
}

#[tokio::test]
async fn a_call_that_a_dying_modem_was_handed_and_never_came_to_goes_to_another() {
    let mut bench = Bench::new(Profile::instant());
    bench.owe(1, "4711").await;
    let other = InputName::new("gsm.sfr");
    // It was handed out in the instant in which the modem was lost.
    bench.errands.next(Channel::Sms, &InputName::new(MODEM)).await.unwrap();
    bench.live_on(Path::new("/dev/vigie-has-no-such-device"), None);
    bench.ended().await;
    let next = timeout(LIMIT, bench.errands.next(Channel::Sms, &other)).await;
    assert_eq!(next.expect("it is given back").map(|next| next.id.0), Some(1));
}

#[tokio::test]
async fn a_call_that_may_have_left_goes_to_no_other_modem_unless_the_watch_owes_it_again() {
    let profile = Profile { per_message: Duration::from_secs(30), ..Profile::instant() };
    let mut bench = Bench::ready(profile).await;
    bench.owe(1, "4711").await;
    bench.started(1).await;
    bench.until_given().await;
    bench.owe(2, "4712").await;
    bench.control.unplug().await.unwrap();
    assert_eq!(bench.attempt(1).await, Attempt::Unknown);
    bench.ended().await;
    let other = InputName::new("gsm.sfr");
    let next = timeout(LIMIT, bench.errands.next(Channel::Sms, &other)).await;
    assert_eq!(next.expect("another waits").map(|next| next.id.0), Some(2));
    bench.errands.done(NotificationId(2), &other).await;
    assert_eq!(bench.errands.waiting().await, 0);
    bench.owe(1, "4711").await;
    let next = timeout(LIMIT, bench.errands.next(Channel::Sms, &other)).await;
    assert_eq!(next.expect("it is owed again").map(|next| next.id.0), Some(1));
}

#[tokio::test]
async fn who_rings_up_is_told_to_the_watch_and_the_call_is_ended() {
    let mut bench = Bench::ready(Profile::instant()).await;
    for (ended, shown) in [(1, Some(MARIE)), (2, None)] {
        let length = Duration::from_secs(60);
        let caller = shown.map(str::to_owned);
        let call = move |modem: &mut Modem, now| modem.call(caller.as_deref(), length, now);
        bench.control.with(call).await.expect("the modem runs");
        let (call, _) = bench
            .until(|happening| match happening {
                Happening::Call(call) => Some(call.clone()),
                _ => None,
            })
            .await;
        assert_eq!((call.by.as_str(), call.caller.as_deref()), (MODEM, shown));
        bench.until_calls_ended(ended).await;
    }
}

#[tokio::test]
async fn a_signal_that_is_weak_for_long_is_an_alarm_until_it_is_fair_for_long() {
    let mut bench = Bench::ready(Profile::instant()).await;
    for (steps, dbm) in [(2, -109), (20, -73)] {
        bench.control.with(move |modem, _| modem.set_signal(steps)).await.expect("it runs");
        if steps == 2 {
            assert_eq!(bench.raised(SelfAlarm::WeakSignal).await, "-109 dBm for long");
        } else {
            bench.cleared(SelfAlarm::WeakSignal).await;
        }
        bench.until_modem(|modem| modem.signal_dbm == Some(dbm)).await;
    }
}

#[tokio::test]
async fn a_french_sim_on_2g_is_an_alarm() {
    let mut bench = Bench::ready(Profile { lte: false, ..Profile::instant() }).await;
    let reason = bench.raised(SelfAlarm::OldNetwork).await;
    assert_eq!(reason, "2G, which is being switched off");
}

#[tokio::test]
async fn a_sim_whose_credit_runs_low_is_told_and_one_that_was_filled_up_as_well() {
    let mut bench = Bench::new(Profile::instant());
    let code = UssdCode::new("*123#").expect("a question");
    bench.credit = Some(CreditSettings { code, every: Duration::from_millis(100), low: 5 });
    for (answer, shown) in [("4,99 EUR", "4.99"), ("20 EUR", "20.00")] {
        let line = format!("+CUSD: 0,\"Votre credit: {answer}\r\nau 26/11/2026\",15");
        bench
            .control
            .with(move |modem, _| modem.answer_ussd("*123#", &line))
            .await
            .expect("it runs");
        if bench.reading.now().modem.is_none() {
            bench.live();
            assert_eq!(bench.raised(SelfAlarm::CreditLow).await, "only 4.99 left");
        } else {
            bench.cleared(SelfAlarm::CreditLow).await;
        }
        bench.until_modem(|modem| modem.credit.as_deref() == Some(shown)).await;
    }
}

#[tokio::test]
async fn a_network_that_does_not_tell_the_credit_is_an_alarm_in_the_end_and_keeps_no_call_back() {
    let mut bench = Bench::new(Profile::instant());
    let code = UssdCode::new("*123#").expect("a question");
    bench.credit = Some(CreditSettings { code, every: Duration::from_millis(100), low: 5 });
    bench.live();
    let asked = async {
        while bench.control.with(|modem, _| modem.ussd_asked().is_empty()).await != Ok(false) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LIMIT, asked).await.expect("the network is asked");
    bench.owe(1, "4711").await;
    assert!(matches!(bench.attempt(1).await, Attempt::Sent(_)));
    let told = |happening: &&Happening| matches!(happening, Happening::Own(own) if own.alarm == SelfAlarm::CreditLow && own.active);
    assert_eq!(bench.seen.iter().filter(told).count(), 0, "it leaves meanwhile");
    let reason = bench.raised(SelfAlarm::CreditLow).await;
    assert_eq!(reason, "the network has not told it, 3 times in a row");
}

#[tokio::test]
async fn a_modem_that_is_pulled_out_a_hundred_times_leaves_no_descriptor_behind() {
    let mut bench = Bench::new(Profile::instant());
    for _ in 0..100 {
        bench.live();
        bench.until_opened().await;
        bench.control.unplug().await.unwrap();
        bench.ended().await;
        bench.control.replug().await.unwrap();
    }
    // Terminals that are gone and held all the same; other tests hold one for a moment.
    let held = || {
        let links = std::fs::read_dir("/proc/self/fd")
            .expect("proc")
            .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        links
            .filter(|link| {
                let link = link.to_string_lossy();
                link.starts_with("/dev/pts/")
                    && (link.ends_with("(deleted)") || !Path::new(&*link).exists())
            })
            .count()
    };
    let none = async {
        while held() > 20 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LIMIT, none).await.expect("no descriptor is left behind");
}
