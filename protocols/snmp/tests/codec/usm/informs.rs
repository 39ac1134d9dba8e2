//! Informs of v3: our engine is found, its time is learnt, and what was stored is answered.

use vigie_snmp::PduKind;
use vigie_snmp::usm::{AuthProtocol, Late, Rejection};

use super::wire::{AUTH, BOOTS, OURS, Written, at, authentic, element, engine, private, tag, usm};
use vigie_snmp::usm::{Credentials, PrivProtocol, User};

/// The octets of usmStats with this number, instance and all (RFC 3414 §5).
fn statistic(number: u8) -> Vec<u8> {
    element(6, &[&[0x2b, 6, 1, 6, 3, 15, 1, 1, number, 0]])
}

fn contains(octets: &[u8], part: &[u8]) -> bool {
    octets.windows(part.len()).any(|window| window == part)
}

#[test]
fn whoever_asks_for_our_engine_hears_it_and_whoever_does_not_want_a_report_hears_nothing() {
    let asking = Written {
        engine: vec![],
        user: vec![],
        boots: 0,
        time: 0,
        flags: vec![4],
        pdu: 0xa0,
        ..Written::trap()
    };
    let mut ours = usm(vec![authentic(AuthProtocol::Sha1)]);
    let rejected = ours.open(&asking.with_tag(&[]), at(5)).unwrap_err();
    assert_eq!(rejected.why, Rejection::Discovery);
    assert!(rejected.why.is_courtesy());
    let report = rejected.report.unwrap();
    assert!(contains(&report, engine(OURS).octets()));
    assert!(contains(&report, &statistic(4)), "usmStatsUnknownEngineIDs");
    assert!(contains(&report, &element(2, &[&[77]])), "the same msgID");
    let quiet = Written { flags: vec![0], ..asking };
    assert!(ours.open(&quiet.with_tag(&[]), at(5)).unwrap_err().report.is_none());
}

#[test]
fn whoever_does_not_know_our_time_hears_it_signed_and_may_be_150_seconds_off() {
    let mut ours = usm(vec![authentic(AuthProtocol::Sha1)]);
    for (boots, time, now, in_time) in [
        (BOOTS, 1_000, 1_000, true),
        (BOOTS, 1_000, 1_150, true),
        (BOOTS, 1_000, 850, true),
        (BOOTS, 1_000, 1_151, false),
        (BOOTS, 1_000, 849, false),
        (BOOTS - 1, 1_000, 1_000, false),
        (BOOTS + 1, 1_000, 1_000, false),
        (0, 0, 100, false),
    ] {
        let inform = Written { boots, ..Written::inform(time) };
        let opened = ours.open(&inform.signed(), at(now));
        let Err(rejected) = opened else {
            assert!(in_time, "{boots} {time} {now}");
            continue;
        };
        assert!(!in_time, "{boots} {time} {now}: {rejected:?}");
        assert_eq!(rejected.why, Rejection::Late(Late::NotOurTime));
        let report = rejected.report.unwrap();
        assert!(contains(&report, &statistic(2)), "usmStatsNotInTimeWindows");
        assert_signed(&report);
        assert!(contains(&report, &element(2, &[&[u8::try_from(BOOTS).unwrap()]])));
    }
}

/// The tag of a message of ours is that of its octets.
fn assert_signed(message: &[u8]) {
    let ours = engine(OURS);
    // The last twelve octets before the empty salt, as our Reports and Responses have them.
    let place = (0..message.len() - 12)
        .filter(|place| message[*place..].starts_with(&[4, 12]))
        .find(|place| {
            let mut zeroed = message.to_vec();
            zeroed[place + 2..place + 14].fill(0);
            tag(ours.octets(), &zeroed) == message[place + 2..place + 14]
        });
    assert!(place.is_some(), "no tag of it is right");
}

#[test]
fn an_inform_is_answered_with_its_request_and_its_varbinds_signed() {
    let mut ours = usm(vec![authentic(AuthProtocol::Sha1)]);
    let inform = Written::inform(30);
    let opened = ours.open(&inform.signed(), at(30)).unwrap();
    assert_eq!((opened.message.pdu, opened.message.request_id), (PduKind::Inform, Some(4_242)));
    assert!(opened.learned.is_none(), "its engine is ours");
    assert_eq!(opened.scoped(), inform.scoped());
    let answer = ours.response(&opened, at(31), 65_507).unwrap();
    assert_signed(&answer);
    let scoped = inform.scoped();
    let varbinds = &scoped[scoped.len() - 38..];
    assert!(answer.ends_with(varbinds) || contains(&answer, varbinds));
    assert!(contains(&answer, &[0xa2]), "a Response");
    let short = ours.response(&opened, at(31), 120).unwrap();
    assert!(short.len() <= 120 && !contains(&short, varbinds), "tooBig: {} octets", short.len());
    assert!(ours.response(&opened, at(31), 60).is_err());
}

#[test]
fn an_encrypted_answer_is_never_encrypted_twice_the_same() {
    for privacy in PrivProtocol::ALL {
        let mut ours =
            usm(vec![authentic(AuthProtocol::Sha1), private(AuthProtocol::Sha1, privacy)]);
        // The one who signs without encryption proves nothing for the other.
        let opened = ours.open(&Written::inform(1).signed(), at(1)).unwrap();
        assert_eq!(opened.message.secured.as_ref().unwrap().level.name(), "authNoPriv");
    }
}

#[test]
fn an_inform_for_another_engine_is_sent_where_ours_is() {
    let mut ours = usm(vec![authentic(AuthProtocol::Sha1)]);
    let inform = Written { pdu: 0xa6, flags: vec![5], ..Written::trap() };
    let rejected = ours.open(&inform.signed(), at(0)).unwrap_err();
    assert_eq!(rejected.why, Rejection::InformForAnother);
    assert!(contains(&rejected.report.unwrap(), &statistic(4)));
}

#[test]
fn a_fault_in_an_inform_to_us_is_reported_under_its_own_counter() {
    let report = |users: Vec<User>, written: &Written, octets: &[u8]| {
        let rejected = usm(users).open(octets, at(30)).unwrap_err();
        assert!(written.flags[0] & 4 != 0);
        (rejected.why.clone(), rejected.report.unwrap())
    };
    let inform = Written::inform(30);
    let sha1 = || vec![authentic(AuthProtocol::Sha1)];
    let (why, told) = report(vec![], &inform, &inform.signed());
    assert_eq!(why, Rejection::UnknownUser);
    assert!(contains(&told, &statistic(3)), "usmStatsUnknownUserNames");
    let (why, told) = report(sha1(), &inform, &inform.with_tag(&[9; 12]));
    assert_eq!(why, Rejection::WrongDigest);
    assert!(contains(&told, &statistic(5)), "usmStatsWrongDigests");
    let bare = Written { flags: vec![4], ..inform };
    let (why, told) = report(sha1(), &bare, &bare.with_tag(&[]));
    assert!(matches!(why, Rejection::Level { .. }));
    assert!(contains(&told, &statistic(1)), "usmStatsUnsupportedSecLevels");
    assert!(contains(&told, &element(2, &[&[0, 0, 0, 0x10, 0x92]])), "the request-id");
}

#[test]
fn an_inform_is_taken_with_whichever_user_of_its_name_signed_it() {
    let other = Some(engine("80:00:1f:88:04:00:00:01"));
    let wrong = User::new("vigie", other, Credentials::Auth(AuthProtocol::Sha1, b"something else"));
    let right = User::new(
        "vigie",
        Some(engine("80:00:1f:88:04:00:00:02")),
        Credentials::Auth(AuthProtocol::Sha1, AUTH),
    );
    let opened = usm(vec![wrong, right]).open(&Written::inform(30).signed(), at(30));
    assert_eq!(opened.unwrap().message.pdu, PduKind::Inform);
}
