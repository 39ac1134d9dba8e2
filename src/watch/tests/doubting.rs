//! A message of which nobody knows whether it left: never said again blindly, and never given up
//! (behaviour §5).

use std::time::Duration;

use super::night::{Modem, Night};
use super::site::{Files, MINUTE, SINGLE, phone, policy};
use crate::watch::decision::Fact;
use crate::watch::event::{Action, Attempt, Delivered, Delivery, Happening};
use crate::watch::notification::{DOUBT, Ending, Notification, NotificationId};
use crate::watch::time::Utc;

const SECOND: Duration = Duration::from_secs(1);

/// A night in which the modem fell silent with Marie's call of so many parts in hand.
fn in_doubt(parts: u8) -> (Night, Notification) {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    let call = night.queued()[0].clone();
    assert!(!call.is_doubtful() && !call.is_with_the_network());
    assert_eq!(night.watch.state().owed(call.id).as_deref(), Some(&call));
    night.report(call.id, Attempt::Started { parts });
    night.report(call.id, Attempt::Unknown);
    assert!(night.queued().is_empty());
    (night, call)
}

fn reported(night: &mut Night, call: &Notification, outcome: Delivered, submitted: Option<Utc>) {
    night.happens(Happening::Delivery(Delivery {
        by: "gsm.orange".into(),
        reference: 200,
        recipient: call.phone.clone(),
        outcome,
        submitted,
        discharged: None,
        identity: None,
    }));
}

fn is_owed(night: &Night, id: NotificationId) -> bool {
    night.watch.state().notification(id).is_some()
}

#[test]
fn it_goes_again_in_the_same_words_when_the_network_has_said_nothing_for_half_a_minute() {
    let (mut night, call) = in_doubt(1);
    night.pass(DOUBT - SECOND);
    assert!(night.queued().is_empty());
    assert!(night.watch.state().notification(call.id).unwrap().is_doubtful());
    night.pass(SECOND);
    let again = night.queued()[0].clone();
    assert_eq!((again.id, again.text), (call.id, call.text));
    assert_eq!(again.avoid, Some("gsm.orange".into()), "by another modem, if there is one");
}

#[test]
fn it_is_not_said_twice_where_the_network_reports_that_it_arrived() {
    let (mut night, call) = in_doubt(1);
    let now = night.now.utc;
    reported(&mut night, &call, Delivered::Delivered, Some(now));
    assert!(!is_owed(&night, call.id));
    night.pass(2 * MINUTE);
    assert!(night.queued().is_empty());
}

#[test]
fn it_is_not_said_twice_where_the_network_reports_that_it_still_tries() {
    let (mut night, call) = in_doubt(1);
    let now = night.now.utc;
    reported(&mut night, &call, Delivered::Pending, Some(now));
    night.pass(2 * MINUTE);
    assert!(night.queued().is_empty());
    assert!(night.watch.state().notification(call.id).unwrap().is_with_the_network());
    reported(&mut night, &call, Delivered::Delivered, Some(now));
    assert!(!is_owed(&night, call.id), "the reference is known from then on");
}

#[test]
fn a_report_on_another_message_leaves_the_doubt() {
    let clocks_differ = MINUTE;
    for (early, late) in [(Some(clocks_differ + SECOND), None), (None, Some(SECOND)), (None, None)]
    {
        let (mut night, call) = in_doubt(1);
        let (then, end) = (night.now.utc, night.now.utc.after(DOUBT + clocks_differ));
        let submitted =
            early.map(|before| then.before(before)).or(late.map(|after| end.after(after)));
        reported(&mut night, &call, Delivered::Delivered, submitted);
        assert!(is_owed(&night, call.id), "submitted {submitted:?}");
        for sure in [then.before(clocks_differ), end] {
            let (mut night, call) = in_doubt(1);
            reported(&mut night, &call, Delivered::Delivered, Some(sure));
            assert!(!is_owed(&night, call.id), "submitted {sure}");
        }
    }
    let (mut night, call) = in_doubt(1);
    let now = Some(night.now.utc);
    for (by, recipient) in [("gsm.sfr", call.phone.clone()), ("gsm.orange", phone("karim"))] {
        night.happens(Happening::Delivery(Delivery {
            by: by.into(),
            reference: 200,
            recipient,
            outcome: Delivered::Delivered,
            submitted: now,
            discharged: None,
            identity: None,
        }));
        assert!(is_owed(&night, call.id), "{by}");
    }
}

#[test]
fn a_message_of_two_parts_arrived_when_both_are_reported() {
    let (mut night, call) = in_doubt(2);
    let now = Some(night.now.utc);
    reported(&mut night, &call, Delivered::Pending, now);
    assert!(night.watch.state().notification(call.id).unwrap().is_doubtful());
    reported(&mut night, &call, Delivered::Delivered, now);
    assert!(is_owed(&night, call.id));
    reported(&mut night, &call, Delivered::Delivered, now);
    assert!(!is_owed(&night, call.id));
}

#[test]
fn a_report_that_it_never_arrives_shortens_the_wait_and_its_reader_has_read_nothing() {
    let (mut night, call) = in_doubt(1);
    let now = Some(night.now.utc);
    reported(&mut night, &call, Delivered::Failed, now);
    let called: Vec<_> = night.queued().into_iter().map(|owed| owed.person).collect();
    assert!(called.iter().any(|person| person.as_str() == "karim"), "{called:?}");
    night.command("paul", Action::Acknowledge);
    assert!(!night.queued().iter().any(|owed| owed.person.as_str() == "marie"));
}

#[test]
fn it_does_not_go_again_when_somebody_has_answered() {
    let (mut night, call) = in_doubt(1);
    night.command("marie", Action::Acknowledge);
    assert!(!is_owed(&night, call.id));
    night.pass(2 * MINUTE);
    assert!(night.queued().iter().all(|owed| owed.id != call.id));
}

#[test]
fn news_that_would_be_too_old_by_then_is_given_up_as_unknown() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.modem = Modem::IsDown;
    night.command("karim", Action::Acknowledge);
    let news = night.queued()[0].id;
    night.pass(30 * MINUTE - DOUBT + SECOND);
    night.report(news, Attempt::Started { parts: 1 });
    night.report(news, Attempt::Unknown);
    night.pass(DOUBT);
    assert!(!is_owed(&night, news));
    assert_eq!(super::sending::endings(&night).last(), Some(&Ending::Unreported));
}

#[test]
fn what_was_leaving_when_the_daemon_died_waits_for_its_report_too() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    let call = night.queued()[0].clone();
    night.report(call.id, Attempt::Started { parts: 1 });
    let then = night.now.utc;
    night.restart(10 * SECOND);
    assert!(night.queued().is_empty());
    night.restart(10 * SECOND);
    night.pass(DOUBT - 11 * SECOND);
    assert!(
        night.queued().is_empty(),
        "a second restart neither shortens the doubt nor begins it anew"
    );
    night.pass(SECOND);
    assert_eq!(night.queued()[0].id, call.id);

    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    let call = night.queued()[0].clone();
    night.report(call.id, Attempt::Started { parts: 1 });
    night.restart(10 * SECOND);
    reported(&mut night, &call, Delivered::Delivered, Some(then));
    assert!(!is_owed(&night, call.id));
}

#[test]
fn a_modem_that_falls_silent_before_it_told_that_it_begins_leaves_the_same_doubt() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    let call = night.queued()[0].id;
    night.report(call, Attempt::Unknown);
    let owed = night.watch.state().notification(call).unwrap().clone();
    assert!(owed.is_doubtful() && owed.attempts == 1);
    night.report(call, Attempt::Unknown);
    assert_eq!(night.watch.state().notification(call).unwrap(), &owed, "told twice");
    night.report(call, Attempt::Sent(vec![7]));
    assert!(night.watch.state().notification(call).unwrap().is_with_the_network());
    night.report(call, Attempt::Unknown);
    assert!(night.watch.state().notification(call).unwrap().is_with_the_network());
}

#[test]
fn an_entry_that_does_not_say_in_how_many_parts_a_message_left_speaks_of_one() {
    let attempted = r#"{"attempted":{"notification":7,"by":"gsm.orange"}}"#;
    let read: Fact = serde_json::from_str(attempted).unwrap();
    assert!(matches!(read, Fact::Attempted { parts: 1, .. }), "{read:?}");
}

#[test]
fn a_call_that_never_left_takes_nothing_from_one_that_arrived() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    let first = night.sent()[0].clone();
    night.network(&first, Delivered::Delivered);
    night.modem = Modem::IsDown;
    night.worse();
    let second = night.queued()[0].id;
    night.report(second, Attempt::Started { parts: 1 });
    night.report(second, Attempt::Refused("no such number".into()));
    night.command("paul", Action::Acknowledge);
    let told: Vec<_> = night.queued().into_iter().map(|owed| owed.person).collect();
    assert!(told.iter().any(|person| person.as_str() == "marie"), "{told:?}");
}
