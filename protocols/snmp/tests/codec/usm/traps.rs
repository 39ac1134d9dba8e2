//! Traps of v3: what real senders send is taken, and what could be another's is not.

use vigie_snmp::names::Names;
use vigie_snmp::usm::{
    AuthProtocol, Credentials, EngineTime, Late, Level, PrivProtocol, Rejection, User,
};
use vigie_snmp::{PduKind, Refused, Value, Version};

use super::wire::{AUTH, ENGINE, Written, at, authentic, captured, engine, private, usm};

#[test]
fn a_trap_of_every_pair_of_algorithms_is_opened_with_its_passphrases_and_with_no_others() {
    let all = captured();
    assert_eq!(all.len(), 54);
    for trap in &all {
        let what = format!("{:?} {:?}", trap.auth, trap.privacy);
        let opened = usm(vec![trap.user()]).open(&trap.datagram, at(0));
        let message = opened.unwrap_or_else(|rejected| panic!("{what}: {rejected:?}")).message;
        assert_eq!((message.version, message.pdu), (Version::V3, PduKind::Trap), "{what}");
        assert_eq!(message.oddities, [], "{what}");
        let secured = message.secured.unwrap();
        let level = if trap.privacy.is_some() { Level::AuthPriv } else { Level::AuthNoPriv };
        assert_eq!((&*secured.user, secured.level), ("vigie", level), "{what}");
        assert_eq!(secured.engine, engine(ENGINE).octets(), "{what}");
        assert!(!secured.context_engine.is_empty(), "{what}");
        assert_eq!(
            Some(message.notification.trap_oid),
            Names::built_in().oid("IF-MIB::linkDown"),
            "{what}"
        );
        let index = message.notification.varbinds.first().unwrap();
        assert_eq!(index.value, Value::Integer(7), "{what}");

        for wrong in AuthProtocol::ALL.into_iter().filter(|auth| *auth != trap.auth) {
            let user = match trap.privacy {
                None => authentic(wrong),
                Some(privacy) => private(wrong, privacy),
            };
            let rejected = usm(vec![user]).open(&trap.datagram, at(0)).unwrap_err();
            assert_eq!(rejected.why, Rejection::WrongDigest, "{what} as {wrong:?}");
        }
    }
}

#[test]
fn a_wrong_passphrase_of_the_encryption_is_told_as_one() {
    for trap in captured() {
        let Some(privacy) = trap.privacy else { continue };
        let secrets = ((trap.auth, AUTH), (privacy, &b"another secret"[..]));
        let user = User::new("vigie", None, Credentials::AuthPriv(secrets.0, secrets.1));
        let rejected = usm(vec![user]).open(&trap.datagram, at(0)).unwrap_err();
        assert_eq!(rejected.why, Rejection::Undecryptable, "{:?} {privacy:?}", trap.auth);
    }
}

#[test]
fn no_octet_of_a_signed_trap_can_be_changed() {
    let trap = Written::trap().signed();
    let mut ours = usm(vec![authentic(AuthProtocol::Sha1)]);
    assert!(ours.open(&trap, at(0)).is_ok());
    for place in 0..trap.len() {
        for bit in 0..8 {
            let mut changed = trap.clone();
            changed[place] ^= 1 << bit;
            assert!(ours.open(&changed, at(0)).is_err(), "octet {place}, bit {bit}");
        }
    }
    let longer = [&trap[..], &[0]].concat();
    assert!(ours.open(&longer, at(0)).is_err(), "a copy with an octet more");
}

#[test]
fn a_tag_of_any_other_length_proves_nothing() {
    let written = Written::trap();
    let whole = super::wire::tag(&written.engine, &written.with_tag(&[0; 12]));
    for length in [0, 1, 11, 13, 20] {
        let mut tag = whole.clone();
        tag.resize(length, 0);
        let rejected = usm(vec![authentic(AuthProtocol::Sha1)])
            .open(&written.with_tag(&tag), at(0))
            .unwrap_err();
        assert_eq!(rejected.why, Rejection::WrongDigest, "{length}");
    }
}

#[test]
fn a_user_sends_at_his_level_and_at_no_other() {
    let bare = Written { flags: vec![0], ..Written::trap() }.with_tag(&[]);
    let anybody = User::new("vigie", None, Credentials::None);
    let message = usm(vec![anybody]).open(&bare, at(0)).unwrap().message;
    assert_eq!(message.secured.unwrap().level, Level::NoAuthNoPriv);
    let rejected = usm(vec![authentic(AuthProtocol::Sha1)]).open(&bare, at(0)).unwrap_err();
    let (sent, wanted) = (Level::NoAuthNoPriv, Level::AuthNoPriv);
    assert_eq!(rejected.why, Rejection::Level { sent, wanted }, "no downgrade");
    let signed = Written::trap().signed();
    let anybody = User::new("vigie", None, Credentials::None);
    let rejected = usm(vec![anybody]).open(&signed, at(0)).unwrap_err();
    let (sent, wanted) = (Level::AuthNoPriv, Level::NoAuthNoPriv);
    assert_eq!(rejected.why, Rejection::Level { sent, wanted });
    let encrypting = private(AuthProtocol::Sha1, PrivProtocol::Aes128);
    let rejected = usm(vec![encrypting]).open(&signed, at(0)).unwrap_err();
    let (sent, wanted) = (Level::AuthNoPriv, Level::AuthPriv);
    assert_eq!(rejected.why, Rejection::Level { sent, wanted });
}

#[test]
fn one_name_may_belong_to_a_user_of_each_engine() {
    let other = engine("80:00:1f:88:04:00:00:01");
    let stranger = User::new(
        "vigie",
        Some(other.clone()),
        Credentials::Auth(AuthProtocol::Md5, b"something else"),
    );
    let ours =
        User::new("vigie", Some(engine(ENGINE)), Credentials::Auth(AuthProtocol::Sha1, AUTH));
    let mut both = usm(vec![stranger, ours]);
    assert!(both.open(&Written::trap().signed(), at(0)).is_ok());
    let from_other = Written { engine: other.octets().to_vec(), ..Written::trap() }.signed();
    assert_eq!(both.open(&from_other, at(0)).unwrap_err().why, Rejection::WrongDigest);
    let third = Written { engine: b"\x80\0\0\0\x05third".to_vec(), ..Written::trap() }.signed();
    assert_eq!(both.open(&third, at(0)).unwrap_err().why, Rejection::UnknownEngine);
    let nobody = Written { user: b"nobody".to_vec(), ..Written::trap() }.signed();
    assert_eq!(both.open(&nobody, at(0)).unwrap_err().why, Rejection::UnknownUser);
}

#[test]
fn a_trap_that_was_recorded_is_refused_once_it_is_old_and_after_our_restart() {
    let trap = Written::trap();
    let mut usm_ = usm(vec![authentic(AuthProtocol::Sha1)]);
    let opened = usm_.open(&trap.signed(), at(0)).unwrap();
    let learned = opened.learned.expect("a new engine is remembered");
    assert_eq!(learned, EngineTime { engine: engine(ENGINE), boots: 3, time: 4_711 });
    assert!(usm_.open(&trap.signed(), at(150)).is_ok(), "in the window");
    let rejected = usm_.open(&trap.signed(), at(151)).unwrap_err();
    assert_eq!(rejected.why, Rejection::Late(Late::Old { seconds: 151 }));
    assert!(rejected.report.is_none(), "a trap is not answered");

    let mut restarted = usm(vec![authentic(AuthProtocol::Sha1)]);
    restarted.remember(EngineTime { time: 4_900, ..learned }, at(0));
    assert!(restarted.open(&trap.signed(), at(0)).is_err());
    let after = Written { time: 4_900, ..trap.clone() };
    assert!(restarted.open(&after.signed(), at(0)).is_ok());
    let reset = Written { boots: 2, time: 9_000, ..trap };
    let rejected = restarted.open(&reset.signed(), at(0)).unwrap_err();
    assert_eq!(rejected.why, Rejection::Late(Late::EarlierBoots { boots: 2, known: 3 }));
}

#[test]
fn another_passphrase_opens_what_is_signed_with_it_and_makes_nothing_new_that_was_recorded() {
    let user = |passphrase| {
        vec![User::new("vigie", None, Credentials::Auth(AuthProtocol::Sha1, passphrase))]
    };
    let mut ours = usm(user(AUTH));
    let (first, late) = (Written::trap(), Written { time: 9_000, ..Written::trap() });
    let inform = Written::inform(30).signed();
    assert!(ours.open(&first.signed(), at(0)).is_ok() && ours.open(&late.signed(), at(1)).is_ok());
    ours.replace(user(b"a newer horse"));
    for signed_before in [late.signed(), inform.clone()] {
        let rejected = ours.open(&signed_before, at(30)).unwrap_err();
        assert_eq!(rejected.why, Rejection::WrongDigest);
    }
    // With the keys of before again: they are made anew, and the clock of the engine was kept.
    ours.replace(user(AUTH));
    assert!(ours.open(&late.signed(), at(30)).is_ok() && ours.open(&inform, at(30)).is_ok());
    let rejected = ours.open(&first.signed(), at(30)).unwrap_err();
    assert!(matches!(rejected.why, Rejection::Late(Late::Old { .. })), "{rejected:?}");
}

#[test]
fn a_device_that_does_not_keep_time_is_taken_where_the_files_say_so() {
    let first = Written { boots: 9, time: 9_000, ..Written::trap() };
    let again = Written { boots: 0, time: 0, ..Written::trap() };
    let mut strict = usm(vec![authentic(AuthProtocol::Sha1)]);
    let mut lenient = usm(vec![authentic(AuthProtocol::Sha1).untimed()]);
    for usm in [&mut strict, &mut lenient] {
        assert!(usm.open(&first.signed(), at(0)).is_ok());
    }
    assert!(strict.open(&again.signed(), at(1)).is_err());
    assert!(lenient.open(&again.signed(), at(1)).is_ok());
    // Encrypted as well.
    let trap = captured().into_iter().find(|trap| trap.privacy == Some(PrivProtocol::Aes256C));
    let trap = trap.unwrap();
    let mut lenient = usm(vec![trap.user().untimed()]);
    let later = EngineTime { engine: engine(ENGINE), boots: 2_000_000, time: 1 };
    lenient.remember(later, at(0));
    assert!(lenient.open(&trap.datagram, at(0)).is_ok());
}

#[test]
fn what_the_standard_does_not_allow_in_a_frame_is_refused() {
    let usm = || usm(vec![authentic(AuthProtocol::Sha1)]);
    let why = |written: Written| match usm().open(&written.signed(), at(0)).unwrap_err().why {
        Rejection::Unreadable(refused) => refused,
        other => panic!("{other:?}"),
    };
    let trap = Written::trap;
    assert_eq!(why(Written { flags: vec![2], ..trap() }), Refused::PrivWithoutAuth);
    assert_eq!(why(Written { model: 2, ..trap() }), Refused::SecurityModel(2));
    for (written, part) in [
        (Written { flags: vec![], ..trap() }, "msgFlags"),
        (Written { flags: vec![1, 0], ..trap() }, "msgFlags"),
        (Written { max_size: 483, ..trap() }, "msgMaxSize"),
        (Written { msg_id: 0x8000_0000, ..trap() }, "msgID"),
        (Written { boots: 0x8000_0000, ..trap() }, "msgAuthoritativeEngineBoots"),
        (Written { time: 0x8000_0000, ..trap() }, "msgAuthoritativeEngineTime"),
        (Written { user: vec![b'a'; 33], ..trap() }, "msgUserName"),
        (Written { engine: vec![1; 33], ..trap() }, "msgAuthoritativeEngineID"),
        (Written { engine: vec![1; 4], ..trap() }, "msgAuthoritativeEngineID"),
    ] {
        assert!(
            matches!(why(written), Refused::OutOfRange { part: told, .. } if told == part),
            "{part}"
        );
    }
    let latched = Written { boots: 0x7fff_ffff, ..trap() };
    let rejected = usm().open(&latched.signed(), at(0)).unwrap_err();
    assert_eq!(rejected.why, Rejection::Late(Late::Latched));
    let get = Written { pdu: 0xa0, ..trap() };
    assert_eq!(why(get), Refused::NotANotification("GetRequest"));
}
