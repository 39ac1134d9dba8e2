//! The life of a notification (behaviour §5).

use std::time::Duration;

use super::night::{Modem, Night};
use super::site::{Files, MINUTE, NONE, SINGLE, WAIT, person, phone, policy};
use crate::watch::decision::Fact;
use crate::watch::event::{Action, Attempt, Delivered, Delivery, Happening};
use crate::watch::notification::Ending;
use crate::watch::site::Priority;

fn waiting() -> Night {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    night
}

pub(super) fn endings(night: &Night) -> Vec<Ending> {
    night
        .facts()
        .filter_map(|fact| match fact {
            Fact::Settled { ending, .. } => Some(*ending),
            _ => None,
        })
        .collect()
}

#[test]
fn what_failed_goes_again_and_ever_more_slowly() {
    let mut night = waiting();
    let call = night.queued()[0].id;
    for pause in [5, 15, 60, 120, 120] {
        night.report(call, Attempt::Started { parts: 1 });
        night.report(call, Attempt::Failed("no network".into()));
        assert!(!night.queued().iter().any(|owed| owed.id == call));
        let avoid = &night.watch.state().notification(call).unwrap().avoid;
        assert_eq!(avoid, &Some("gsm.orange".into()), "another modem is tried first");
        night.pass(Duration::from_secs(pause));
        assert!(night.queued().iter().any(|owed| owed.id == call), "after {pause} s");
    }
}

#[test]
fn what_stood_aside_is_owed_as_before_unless_it_was_answered_meanwhile() {
    let mut night = waiting();
    let call = night.queued()[0].id;
    night.report(call, Attempt::Started { parts: 1 });
    night.report(call, Attempt::Yielded);
    let owed = night.queued().into_iter().find(|owed| owed.id == call).unwrap();
    assert_eq!((owed.attempts, &owed.avoid), (0, &None), "it was no attempt");
    night.report(call, Attempt::Yielded);
    night.report(call, Attempt::Started { parts: 1 });
    let needs = |night: &Night| night.watch.needs(call, night.now);
    assert!(needs(&night));
    night.command("paul", Action::Acknowledge);
    assert!(!needs(&night), "it has been answered while its start was written down");
    night.report(call, Attempt::Yielded);
    assert!(night.watch.state().notification(call).is_none(), "nobody needs it any more");
    night.report(call, Attempt::Yielded);
}

#[test]
fn who_may_have_read_it_is_told_that_it_is_taken_and_who_cannot_have_is_not() {
    for (attempt, told) in [
        (Attempt::Unknown, true),
        (Attempt::Sent(vec![7]), true),
        (Attempt::Failed("no network".into()), false),
        (Attempt::Refused("no such number".into()), false),
    ] {
        let mut night = waiting();
        let call = night.queued()[0].id;
        night.report(call, Attempt::Started { parts: 1 });
        night.report(call, attempt.clone());
        night.command("paul", Action::Acknowledge);
        let marie = night.queued().iter().any(|owed| owed.person.as_str() == "marie");
        assert_eq!(marie, told, "{attempt:?}");
    }
}

#[test]
fn who_has_read_of_it_is_told_that_it_is_taken_though_a_later_message_was_refused() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.modem = Modem::IsDown;
    night.worse();
    let later = night.queued()[0].id;
    night.report(later, Attempt::Started { parts: 1 });
    night.report(later, Attempt::Refused("no such number".into()));
    night.rung();
    night.modem = Modem::Works;
    night.command("paul", Action::Acknowledge);
    assert_eq!(night.rung(), ["marie"]);
}

#[test]
fn who_reads_of_it_when_it_has_got_worse_is_told_that_it_is_taken() {
    let mut night = waiting();
    let call = night.queued()[0].id;
    night.report(call, Attempt::Started { parts: 1 });
    night.command("paul", Action::Acknowledge);
    night.worse();
    let run = |night: &Night| night.open().run;
    assert_ne!(run(&night), night.watch.state().notification(call).unwrap().run);
    night.report(call, Attempt::Sent(vec![7]));
    for owed in night.queued() {
        night.report(owed.id, Attempt::Started { parts: 1 });
        night.report(owed.id, Attempt::Refused("no such number".into()));
    }
    night.command("paul", Action::Acknowledge);
    assert!(night.queued().iter().any(|owed| owed.person.as_str() == "marie"));
}

#[test]
fn who_is_being_told_right_now_is_told_that_it_is_taken() {
    let mut night = waiting();
    let call = night.queued()[0].id;
    night.report(call, Attempt::Started { parts: 1 });
    night.command("paul", Action::Acknowledge);
    assert!(night.queued().iter().any(|owed| owed.person.as_str() == "marie"));
    night.report(call, Attempt::Failed("no network".into()));
    night.pass(60 * MINUTE);
    assert!(night.watch.state().notification(call).is_none(), "the call itself is over");
}

#[test]
fn a_message_whose_delivery_failed_told_nobody() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    let call = night.sent()[0].clone();
    night.network(&call, Delivered::Failed);
    night.rung();
    night.command("nadia", Action::Acknowledge);
    assert!(!night.rung().contains(&"marie".to_owned()));
}

#[test]
fn a_message_of_two_parts_is_delivered_when_both_are() {
    let mut night = waiting();
    let call = night.queued()[0].clone();
    night.report(call.id, Attempt::Started { parts: 1 });
    night.report(call.id, Attempt::Sent(vec![1, 2]));
    let delivered = |night: &mut Night, reference| {
        night.happens(Happening::Delivery(Delivery {
            by: "gsm.orange".into(),
            reference,
            recipient: call.phone.clone(),
            outcome: Delivered::Delivered,
            submitted: None,
            discharged: None,
            identity: None,
        }));
    };
    delivered(&mut night, 1);
    assert!(night.watch.state().notification(call.id).is_some());
    delivered(&mut night, 1);
    assert!(night.watch.state().notification(call.id).is_some(), "the same part again");
    delivered(&mut night, 2);
    assert!(night.watch.state().notification(call.id).is_none());
}

#[test]
fn a_message_of_which_nothing_is_heard_for_a_day_is_unknown() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.command("marie", Action::Acknowledge);
    night.pass(23 * 60 * MINUTE);
    assert!(night.watch.state().notifications().next().is_some(), "its report may still come");
    night.pass(2 * 60 * MINUTE);
    assert!(night.watch.state().notifications().next().is_none());
    assert!(endings(&night).iter().all(|ending| *ending == Ending::Unreported));
}

#[test]
fn news_that_is_too_old_is_no_longer_told_and_a_call_is_never_too_old() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.pass(WAIT);
    night.modem = Modem::IsDown;
    night.signal("pump", "2", true, 1);
    night.command("karim", Action::Acknowledge);
    night.pass(29 * MINUTE);
    assert!(!endings(&night).contains(&Ending::Expired), "{:?}", endings(&night));
    night.pass(2 * MINUTE);
    assert!(endings(&night).contains(&Ending::Expired));
    let left = night.queued();
    assert!(left.iter().all(|owed| owed.expires.is_none()) && !left.is_empty(), "{left:?}");
}

#[test]
fn a_message_whose_beginning_was_not_told_has_left_all_the_same() {
    let mut night = waiting();
    let call = night.queued()[0].id;
    night.report(call, Attempt::Sent(vec![9]));
    assert_eq!(night.sent().len(), 1);
    night.report(call, Attempt::Sent(vec![9]));
    assert_eq!(night.sent()[0].attempts, 1);
}

#[test]
fn old_news_does_not_leave_after_a_new_acknowledgement() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.active();
    night.pass(WAIT);
    night.modem = Modem::IsDown;
    night.command("karim", Action::Acknowledge);
    night.command("karim", Action::Decline);
    night.command("paul", Action::Acknowledge);
    let marie: Vec<_> =
        night.queued().into_iter().filter(|owed| owed.person.as_str() == "marie").collect();
    assert!(marie.len() == 1 && marie[0].text.contains("PAUL"), "{marie:?}");
}

#[test]
fn when_the_references_have_come_round_a_report_is_that_of_the_latest_message() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.signal("pump", "a", true, 1);
    night.signal("pump", "b", true, 1);
    // 256 messages lie between the two.
    let leave = |night: &mut Night| {
        let owed = night.queued()[0].clone();
        night.report(owed.id, Attempt::Started { parts: 1 });
        night.report(owed.id, Attempt::Sent(vec![7]));
        owed
    };
    let first = leave(&mut night);
    let second = leave(&mut night);
    assert_eq!(second.phone, first.phone);
    let report = |night: &mut Night| {
        night.happens(Happening::Delivery(Delivery {
            by: "gsm.orange".into(),
            reference: 7,
            recipient: first.phone.clone(),
            outcome: Delivered::Delivered,
            submitted: None,
            discharged: None,
            identity: None,
        }));
    };
    night.restart(MINUTE);
    report(&mut night);
    let is_open = |night: &Night, id| night.watch.state().notification(id).is_some();
    assert!(is_open(&night, first.id) && !is_open(&night, second.id), "also after a restart");
    report(&mut night);
    assert!(!is_open(&night, first.id));
}

#[test]
fn what_became_of_a_message_is_said_in_the_words_of_the_manual() {
    let all = [
        (Ending::Delivered, "delivered"),
        (Ending::Unreported, "unknown"),
        (Ending::Refused, "refused"),
        (Ending::Expired, "expired"),
        (Ending::Cancelled, "cancelled"),
    ];
    for (ending, word) in all {
        assert_eq!(ending.as_str(), word);
    }
}

#[test]
fn what_waits_for_the_modem_says_how_bad_it_is_now() {
    for acknowledge in [SINGLE, NONE] {
        let mut night = Night::over(&Files::with(policy(acknowledge)));
        night.modem = Modem::IsDown;
        night.active();
        night.worse();
        let waiting = night.queued();
        assert!(waiting.len() == 1 && waiting[0].text.contains("CRITIQUE"), "{waiting:?}");
        assert_eq!(waiting[0].priority, Priority::Critical);
    }
}

#[test]
fn who_declines_calls_back_nobody_else_s_call() {
    let mut night = Night::over(&Files::with(policy(SINGLE)));
    night.modem = Modem::IsDown;
    night.active();
    night.pass(WAIT);
    night.command("karim", Action::Decline);
    let waiting: Vec<_> = night.queued().into_iter().map(|owed| owed.person).collect();
    assert_eq!(waiting, [person("marie"), person("paul")]);
}

#[test]
fn who_is_told_that_it_is_worse_is_not_told_after_that_how_it_was_before() {
    for acknowledge in [SINGLE, NONE] {
        let mut night = Night::over(&Files::with(policy(acknowledge)));
        night.modem = Modem::IsDown;
        night.active();
        let before = night.queued()[0].id;
        night.report(before, Attempt::Started { parts: 1 });
        night.worse();
        night.report(before, Attempt::Failed("no network".into()));
        night.modem = Modem::Works;
        night.pass(MINUTE);
        let told = night.phone("marie");
        assert!(told.len() == 1 && told[0].contains("CRITIQUE"), "{told:?}");
        night.normal();
        assert_eq!(night.phone("marie").len(), 1, "that it is over, once");
    }
}

#[test]
fn a_report_of_another_modem_or_about_another_phone_or_message_says_nothing_of_this_one() {
    let mut night = waiting();
    let call = night.queued()[0].clone();
    night.report(call.id, Attempt::Started { parts: 1 });
    night.report(call.id, Attempt::Sent(vec![7]));
    let report = |by: &str, reference, recipient: &str| {
        Happening::Delivery(Delivery {
            by: by.into(),
            reference,
            recipient: phone(recipient),
            outcome: Delivered::Delivered,
            submitted: None,
            discharged: None,
            identity: None,
        })
    };
    for other in [("gsm.sfr", 7, "marie"), ("gsm.orange", 8, "marie"), ("gsm.orange", 7, "karim")] {
        night.happens(report(other.0, other.1, other.2));
        assert!(night.watch.state().notification(call.id).is_some(), "{other:?}");
    }
    night.happens(report("gsm.orange", 7, "marie"));
    assert!(night.watch.state().notification(call.id).is_none());
}
