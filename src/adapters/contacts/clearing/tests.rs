//! What may be cleared, and when, on a clock of the test's.

use super::*;
use crate::config::{ContactsSettings, read_str};
use crate::inbox::{Letter, inbox};
use crate::watch::decision::Outcome;
use crate::watch::expression::sample;
use crate::watch::signal::Kind;
use crate::watch::time::Utc;

const SET: SetLatch = SetLatch { place: 0, line: 0, is_normal: true };

fn settings() -> ContactsSettings {
    let text = "[site]
name = \"Nord\"
time-zone = \"Europe/Paris\"
[contacts.board]
modbus = \"tcp://10.0.0.7\"
[contacts.board.lines.door]
line = 4
latch = { line = 36 }
[contacts.board.lines.pump]
line = 5
";
    let settings = read_str(&[("vigie.toml", text)]).settings.expect("a sound file");
    settings.contacts.into_iter().next().expect("there is one")
}

fn at(seconds: u64) -> Mono {
    Mono::default().after(Duration::from_secs(seconds))
}

fn moment(seconds: u64) -> Moment {
    Moment { mono: at(seconds), ..Moment::default() }
}

#[tokio::test]
async fn what_is_not_accepted_keeps_its_latch_set_and_is_offered_again_as_the_same() {
    let (inbox, mut letters) = inbox();
    let mut clearing = Clearing::of(&settings());
    let mut signal = sample::signal(Kind::Contacts);
    signal.identity = clearing.identity(0, &signal, moment(0));
    assert_eq!(clearing.identity(1, &signal, moment(0)), None, "a contact without a latch");
    clearing.told(0);
    assert_eq!(clearing.due(&[SET], at(0)), [0_usize; 0], "it has not gone in");
    let awaited = inbox.put(Happening::Signal(signal.clone()), moment(0)).await.unwrap();
    clearing.sent(0, signal.clone(), moment(0), awaited);
    assert_eq!(clearing.patience(), RECEIPTS);
    assert_eq!(clearing.patience(), Duration::ZERO, "the same receipt is waited for once");
    // The disk is full: the letter is dropped without a receipt.
    drop(letters.recv().await);
    clearing.receipts(&inbox, at(1)).await.unwrap();
    assert_eq!(clearing.due(&[SET], at(5)), [0_usize; 0]);
    assert_eq!(clearing.unknown(), [0]);
    clearing.receipts(&inbox, at(10)).await.unwrap();
    assert!(letters.try_recv().is_err(), "not before its time");
    clearing.receipts(&inbox, at(11)).await.unwrap();
    let Some(Letter::Event { happening, receipt, .. }) = letters.recv().await else {
        panic!("it is offered again");
    };
    assert_eq!(happening, Happening::Signal(signal), "the same, by which it is known");
    assert_eq!(clearing.due(&[SET], at(11)), [0_usize; 0]);
    receipt.give(Outcome::Repeated);
    clearing.receipts(&inbox, at(12)).await.unwrap();
    assert_eq!(clearing.due(&[SET], at(12)), [0]);
    assert!(clearing.unknown().is_empty());
}

#[test]
fn the_same_pulse_has_one_identity_and_another_pulse_another() {
    let clearing = Clearing::of(&settings());
    let signal = sample::signal(Kind::Contacts);
    let of = |seconds| clearing.identity(0, &signal, moment(seconds));
    assert_eq!(of(3), of(3));
    assert_ne!(of(3), of(4));
    let later = Moment { utc: Utc::default().after(Duration::from_secs(1)), ..moment(3) };
    assert_ne!(of(3), clearing.identity(0, &signal, later), "another start of the machine");
}

#[test]
fn a_latch_that_stays_set_is_told_after_three_tries_once_and_is_tried_each_minute() {
    let mut clearing = Clearing::of(&settings());
    let refused = [(0, Cleared::Refused("no such coil".to_owned()))];
    assert!(clearing.news(&[SET]).is_none(), "nothing is known yet");
    for second in 0..3 {
        assert_eq!(clearing.due(&[SET], at(second)), [0]);
        assert!(clearing.news(&[SET]).is_none());
        clearing.tried(&[0], &[SET], &refused, at(second));
    }
    let told = clearing.news(&[SET]).unwrap();
    assert!(told.active);
    assert_eq!((&*told.subject, &*told.reason), ("contacts.board", "door: no such coil"));
    assert_eq!(clearing.due(&[SET], at(61)), [0_usize; 0]);
    assert_eq!(clearing.due(&[SET], at(62)), [0]);
    clearing.tried(&[0], &[SET], &[(0, Cleared::Set)], at(62));
    clearing.tried(&[0], &[SET], &[], at(122));
    assert!(clearing.news(&[SET]).is_none(), "once");
    clearing.tried(&[0], &[SET], &[(0, Cleared::Clear)], at(182));
    let over = clearing.news(&[]).unwrap();
    assert!(!over.active);
    assert!(clearing.news(&[]).is_none());
}

#[test]
fn a_latch_that_is_set_for_as_long_as_its_contact_is_cleared_when_that_is_normal() {
    let mut clearing = Clearing::of(&settings());
    let open = SetLatch { is_normal: false, ..SET };
    for second in 0..9 {
        assert_eq!(clearing.due(&[open], at(second)).len(), usize::from(second == 0));
        clearing.tried(
            &clearing.due(&[open], at(second)),
            &[open],
            &[(0, Cleared::Set)],
            at(second),
        );
    }
    assert_eq!(clearing.due(&[SET], at(9)), [0]);
    clearing.tried(&[0], &[SET], &[(0, Cleared::Clear)], at(9));
    assert!(!clearing.news(&[]).unwrap().active, "nothing is stuck");
}

#[test]
fn what_an_earlier_life_told_of_a_stuck_latch_stands_until_it_is_known_to_be_over() {
    let mut clearing = Clearing::of(&settings());
    assert!(clearing.news(&[SET]).is_none());
    clearing.tried(&[0], &[SET], &[(0, Cleared::Set)], at(0));
    assert!(clearing.news(&[SET]).is_none(), "it is being tried");
    assert!(!clearing.news(&[]).unwrap().active, "now it is clear");
}
