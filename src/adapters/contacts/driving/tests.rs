//! One output on a virtual clock: when it is set, set again, lost and found, one millisecond on either side.

use super::*;
use crate::watch::time::Utc;

fn ms(count: u64) -> Mono {
    Mono::from_nanos(count * 1_000_000)
}

fn at(count: u64) -> Moment {
    Moment { utc: Utc::from_micros(0), mono: ms(count), ..Moment::default() }
}

fn siren() -> Driven {
    Driven {
        name: "siren".to_owned(),
        called: "contacts.cabinet.siren".to_owned(),
        rest: false,
        sign: Sign::default(),
        set: None,
        next: ms(0),
        standing: Standing::Unknown,
        own: None,
    }
}

fn on() -> Sign {
    Sign { state: OutputState::On, on: true, until: None }
}

fn told(output: &mut Driven) -> Option<(bool, String)> {
    output.own.take().map(|own| {
        assert_eq!((own.alarm, &*own.subject), (SelfAlarm::OutputLost, "contacts.cabinet.siren"));
        (own.active, own.reason.to_string())
    })
}

#[test]
fn an_output_is_set_at_once_at_each_change_and_again_every_five_seconds() {
    let mut siren = siren();
    assert_eq!(siren.to_set(ms(0)), Some(false), "at the start, also to rest");
    siren.take(false, Ok(()), at(0));
    assert_eq!(told(&mut siren), Some((false, String::new())), "what an earlier life told is over");
    assert_eq!((siren.to_set(ms(4_999)), siren.to_set(ms(5_000))), (None, Some(false)));
    siren.sign = on();
    assert_eq!(siren.to_set(ms(1)), Some(true));
    siren.take(true, Ok(()), at(1));
    assert_eq!(told(&mut siren), None, "once in each life");
    assert_eq!((siren.to_set(ms(5_000)), siren.to_set(ms(5_001))), (None, Some(true)));
    siren.rest = true;
    assert_eq!(siren.to_set(ms(2)), Some(false), "one that rests closed opens");
}

#[test]
fn what_is_refused_is_told_once_for_each_reason_left_alone_for_a_while_and_over_when_it_works() {
    let refused = |reason: &str| Err(Unset::Refused(reason.to_owned()));
    let mut siren = siren();
    siren.sign = on();
    siren.take(true, refused("no such coil"), at(0));
    assert_eq!(told(&mut siren), Some((true, "no such coil".to_owned())));
    assert_eq!((siren.to_set(ms(4_999)), siren.to_set(ms(5_000))), (None, Some(true)));
    siren.take(true, refused("no such coil"), at(5_000));
    assert_eq!(told(&mut siren), None);
    siren.take(true, refused("shorted"), at(10_000));
    assert_eq!(told(&mut siren), Some((true, "shorted".to_owned())));
    siren.sign = Sign::default();
    assert_eq!(siren.to_set(ms(10_001)), None, "each try may keep the contacts waiting");
    siren.take(false, Ok(()), at(15_000));
    assert_eq!(told(&mut siren), Some((false, String::new())));
}

#[test]
fn what_is_not_answered_is_told_only_when_the_device_answers_something_else() {
    let unanswered = || Err(Unset::Unanswered("no answer within 300 ms".to_owned()));
    let mut siren = siren();
    siren.take(false, Ok(()), at(0));
    told(&mut siren);
    siren.take(false, unanswered(), at(5_000));
    assert_eq!((told(&mut siren), siren.to_set(ms(9_999_999))), (None, None), "it may be gone");
    siren.next = ms(6_000);
    assert_eq!(siren.to_set(ms(6_000)), Some(false), "it answers");
    siren.take(false, unanswered(), at(6_300));
    assert_eq!(told(&mut siren), Some((true, "no answer within 300 ms".to_owned())));
    assert_eq!((siren.to_set(ms(36_299)), siren.to_set(ms(36_300))), (None, Some(false)));
}

#[test]
fn a_life_relay_whose_lease_is_over_drops_by_itself() {
    let mut relay = siren();
    relay.sign = Sign { until: Some(ms(10_000)), ..on() };
    relay.lapse(ms(9_999));
    assert_eq!(relay.to_set(ms(9_999)), Some(true));
    relay.lapse(ms(10_000));
    assert_eq!(relay.to_set(ms(10_000)), Some(false));
}
