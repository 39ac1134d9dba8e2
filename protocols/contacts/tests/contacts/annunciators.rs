//! Sirens, lamps and life relays on a virtual clock: one millisecond on either side of each limit.

use crate::ms;
use vigie_contacts::Demand::{AsBefore, New, Nothing};
use vigie_contacts::{Annunciator, ShowRule, Showing};

fn siren(at_most: u64) -> Annunciator {
    let rule = ShowRule::steady().with_at_most(ms(at_most)).expect("a rule that can be kept");
    Annunciator::new(rule, ms(0))
}

fn lamp(blink: u64) -> Annunciator {
    let rule = ShowRule::steady().with_blink(ms(blink)).expect("a rule that can be kept");
    Annunciator::new(rule, ms(0))
}

#[test]
fn a_lamp_is_lit_while_there_is_something_and_not_before_nor_after() {
    let mut lamp = Annunciator::new(ShowRule::steady(), ms(0));
    assert_eq!((lamp.shown(ms(5)), lamp.is_on(ms(5)), lamp.due()), (Showing::Rest, false, None));
    lamp.demand(New, ms(10));
    assert!(lamp.is_on(ms(10)) && lamp.is_on(ms(9_999_999)));
    assert_eq!((lamp.since(), lamp.due()), (ms(10), None), "nothing ends by itself");
    lamp.demand(AsBefore, ms(10_000_000));
    assert!(lamp.is_on(ms(10_000_000)));
    lamp.demand(Nothing, ms(10_000_001));
    assert!(!lamp.is_on(ms(10_000_001)));
    assert_eq!(lamp.since(), ms(10_000_001));
}

#[test]
fn a_siren_stops_by_itself_at_its_time_and_not_a_millisecond_earlier() {
    let mut siren = siren(600_000);
    siren.demand(New, ms(1_000));
    assert_eq!(siren.due(), Some(ms(601_000)));
    assert_eq!(siren.shown(ms(600_999)), Showing::On);
    assert_eq!(siren.shown(ms(601_000)), Showing::Ended);
    assert_eq!((siren.is_on(ms(601_000)), siren.due()), (false, None));
    siren.demand(AsBefore, ms(601_001));
    assert_eq!(siren.shown(ms(601_001)), Showing::Ended, "the same as before is not new");
    siren.demand(New, ms(700_000));
    assert_eq!(siren.shown(ms(1_299_999)), Showing::On);
    assert_eq!(siren.shown(ms(1_300_000)), Showing::Ended);
}

#[test]
fn its_end_is_told_of_the_time_when_it_was_due_however_late_it_is_asked() {
    let mut siren = siren(100);
    siren.demand(New, ms(0));
    assert_eq!(siren.shown(ms(5_000)), Showing::Ended);
    assert_eq!(siren.since(), ms(100));
}

#[test]
fn something_new_while_it_sounds_gives_it_its_whole_time_again() {
    let mut siren = siren(100);
    siren.demand(New, ms(0));
    siren.demand(New, ms(99));
    assert_eq!(siren.since(), ms(0), "it never stopped");
    assert_eq!(siren.shown(ms(198)), Showing::On);
    assert_eq!(siren.shown(ms(199)), Showing::Ended);
    // At the very end it had stopped already, and begins again.
    siren.demand(New, ms(300));
    siren.demand(New, ms(400));
    assert_eq!((siren.shown(ms(400)), siren.since()), (Showing::On, ms(400)));
}

#[test]
fn what_was_silenced_is_silent_until_something_new_comes() {
    let mut siren = Annunciator::new(ShowRule::steady(), ms(0));
    siren.silence(ms(1));
    assert_eq!(siren.shown(ms(1)), Showing::Rest, "there is nothing to silence");
    siren.demand(New, ms(2));
    assert!(siren.is_on(ms(2)), "a silence before it came does not count");
    siren.silence(ms(10));
    assert_eq!((siren.shown(ms(10)), siren.is_on(ms(10))), (Showing::Silenced, false));
    siren.demand(AsBefore, ms(11));
    assert!(!siren.is_on(ms(11)));
    siren.demand(New, ms(12));
    assert!(siren.is_on(ms(12)));
    siren.silence(ms(13));
    siren.demand(Nothing, ms(14));
    siren.demand(AsBefore, ms(15));
    assert!(siren.is_on(ms(15)), "in doubt it is new");
}

#[test]
fn a_silence_after_it_stopped_by_itself_changes_nothing() {
    let mut siren = siren(100);
    siren.demand(New, ms(0));
    siren.silence(ms(100));
    assert_eq!((siren.shown(ms(100)), siren.since()), (Showing::Ended, ms(100)));
    siren.demand(New, ms(200));
    siren.silence(ms(299));
    assert_eq!(siren.shown(ms(400)), Showing::Silenced);
}

#[test]
fn a_lamp_blinks_on_the_millisecond_and_is_asked_at_each_turn() {
    let mut lamp = lamp(1_000);
    lamp.demand(New, ms(500));
    for (at, on, due) in [
        (500, true, 1_500),
        (1_499, true, 1_500),
        (1_500, false, 2_500),
        (2_499, false, 2_500),
        (2_500, true, 3_500),
        // Asked late, it goes on where it would be.
        (10_499, false, 10_500),
        (10_500, true, 11_500),
    ] {
        assert_eq!((lamp.is_on(ms(at)), lamp.due()), (on, Some(ms(due))), "at {at}");
        assert_eq!(lamp.shown(ms(at)), Showing::On, "it is shown all the time");
    }
    lamp.demand(New, ms(10_600));
    assert_eq!(lamp.due(), Some(ms(11_500)), "what is new does not change its pace");
}

#[test]
fn a_siren_that_blinks_stops_at_its_time_too() {
    let rule = ShowRule::steady().with_blink(ms(400)).unwrap().with_at_most(ms(1_000)).unwrap();
    assert!(rule.blinks());
    let mut siren = Annunciator::new(rule, ms(0));
    siren.demand(New, ms(0));
    assert_eq!(siren.due(), Some(ms(400)));
    assert!(siren.is_on(ms(999)));
    assert_eq!(siren.due(), Some(ms(1_000)));
    assert!(!siren.is_on(ms(1_000)));
}

#[test]
fn no_time_at_all_is_refused_and_a_clock_that_goes_back_does_not_harm() {
    assert!(ShowRule::steady().with_blink(ms(0)).is_err());
    let error = ShowRule::steady().with_at_most(ms(0)).unwrap_err();
    assert!(error.to_string().contains("zero is none"), "{error}");
    let mut lamp = lamp(1);
    lamp.demand(New, std::time::Duration::MAX);
    assert!(lamp.is_on(ms(3)), "what is earlier counts as just seen");
    assert_eq!(lamp.due(), Some(std::time::Duration::MAX));
    lamp.demand(Nothing, ms(0));
    assert!(!lamp.is_on(ms(0)));
}
