//! Hostile bytes from a network: datagrams of SNMP, with the catalogue of names by which they are read, and messages of an MQTT broker.
//!
//! They are read to the end: to the signal that the watch is given.

use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use vigie::adapters::{mqtt, snmp};
use vigie::config::{self, MqttSettings};
use vigie::watch::name::InputName;
use vigie::watch::time::Utc;
use vigie_mqtt::{Filter, Profile, Reader, Topic};
use vigie_snmp::names::{Catalogue, Names};
use vigie_snmp::usm::{AuthProtocol, Credentials, Level, PrivProtocol, User, Usm};
use vigie_snmp::{MAX_VARBINDS, Message, Oid, read, response};

/// A catalogue of a vendor's names, with tables, hints and words for numbers.
const CATALOGUE: &[u8] = include_bytes!("../../fuzz/corpus/snmp_catalogue/acme");
/// The octets of a catalogue's head; `vigie_snmp::names::catalogue` has the format.
const HEAD: usize = 48;
/// The octets of an entry of a catalogue.
const ENTRY: u32 = 24;
/// Between one message of a broker and the next.
const NEXT: &[u8] = b"\xff\n";

/// A datagram as any device may send it.
pub(crate) fn snmp_message(octets: &[u8]) -> bool {
    let Ok(message) = read(octets) else { return false };
    assert!(message.notification.varbinds.len() <= MAX_VARBINDS);
    assert!(message.oddities.len() <= octets.len() && message.community.len() <= octets.len());
    understood(&message, octets);
    if let Ok(answer) = response(&message, octets, octets.len() + 16) {
        assert!(read(&answer).is_err(), "an answer is no notification");
    }
    true
}

/// The signal of a notification, by the names of a vendor.
fn understood(message: &Message, octets: &[u8]) {
    static NAMES: LazyLock<Names> =
        LazyLock::new(|| Names::with(Catalogue::open(Arc::from(CATALOGUE)).expect("it is one")));
    let (input, source) = (InputName::new("snmp.network"), Ipv4Addr::new(192, 0, 2, 1).into());
    let raw = Arc::from(octets);
    let signal = snmp::signal_of(&input, message, source, Utc::default(), raw, &NAMES);
    assert!(!signal.text.is_empty(), "nobody could be told of it");
}

/// The same, to a receiver that knows users of SNMPv3: nobody passes who does not know the passphrase; who has none passes as that.
pub(crate) fn snmp_secured(octets: &[u8]) -> bool {
    thread_local! {
        // Keys are made of passphrases by a million octets of hashing: once.
        static USERS: Vec<User> = vec![
            User::new("vigie", None, Credentials::Auth(AuthProtocol::Sha1, b"nobody knows this")),
            User::new(
                "other",
                None,
                Credentials::AuthPriv(
                    (AuthProtocol::Sha256, b"nobody knows this"),
                    (PrivProtocol::Aes128, b"and even less this"),
                ),
            ),
            User::new("anyone", None, Credentials::None),
        ];
    }
    let engine = "80:00:00:00:05:01:02:03:04:05:06:07:08".parse().expect("it is one");
    let now = Duration::from_secs(30);
    let mut usm = USERS.with(|users| Usm::new(engine, 7, users.clone(), 1, Duration::ZERO));
    let Ok(opened) = usm.open(octets, now) else { return false };
    let secured = opened.message.secured.as_ref().expect("a message of v3 says who sent it");
    let passed = (secured.user.as_str(), secured.level);
    assert_eq!(passed, ("anyone", Level::NoAuthNoPriv), "{octets:02x?} passed");
    understood(&opened.message, octets);
    if let Ok(answer) = usm.response(&opened, now, octets.len() + 16) {
        assert!(usm.open(&answer, now).is_err(), "an answer is no notification");
    }
    true
}

/// A kept catalogue of names that something has written over: by chance, and by somebody who then made its sum right again.
pub(crate) fn snmp_catalogue(octets: &[u8]) -> bool {
    if let Ok(catalogue) = Catalogue::open(Arc::from(sealed(octets))) {
        searched(catalogue);
    }
    Catalogue::open(Arc::from(octets)).map(searched).is_ok()
}

/// The same with the beginning, the length of the last part and the sum that make it a catalogue.
fn sealed(octets: &[u8]) -> Vec<u8> {
    let mut words = [0; HEAD / 4];
    let (fours, _) = octets.as_chunks();
    for (word, four) in words.iter_mut().zip(fours) {
        *word = u32::from_le_bytes(*four);
    }
    let [_, _, _, entries, order, oids, texts, syntaxes, rows, ..] = words;
    let parts = [order, oids, texts, syntaxes, rows];
    let before = parts.into_iter().fold(entries.saturating_mul(ENTRY), u32::saturating_add);
    let body = octets.get(HEAD..).unwrap_or_default();
    let notes = u32::try_from(body.len()).unwrap_or(u32::MAX).saturating_sub(before);
    let begin = CATALOGUE.iter().take(12).copied();
    let lengths = [entries, order, oids, texts, syntaxes, rows, notes];
    let head: Vec<u8> = begin.chain(lengths.into_iter().flat_map(u32::to_le_bytes)).collect();
    let sum = head.iter().chain(body).fold(0xcbf2_9ce4_8422_2325_u64, |sum, octet| {
        (sum ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    [&*head, &sum.to_le_bytes(), body].concat()
}

/// All that a notification and a definition may ask of a catalogue.
fn searched(catalogue: Catalogue) {
    let length = catalogue.octets().len();
    assert!(catalogue.names().count() <= length);
    assert!(catalogue.notes().count() <= length);
    let names = Names::with(catalogue);
    let own = names.catalogue().expect("it is there");
    for name in own.names().take(64) {
        let _ = names.has_object(name.object);
        let Some(oid) = names.oid(&name.to_string()) else { continue };
        let _ = (names.notification(&oid), names.carried(&oid));
        let instance = [oid.sub_ids(), &[2, 97, 98, 1, 192, 0, 2, 1]].concat();
        let Ok(instance) = Oid::new(&instance) else { continue };
        for oid in [oid, instance] {
            let Some(known) = names.lookup(&oid) else { continue };
            let split = known.row.split(known.name.instance);
            assert!(split.is_none_or(|parts| parts.len() <= known.row.parts().len()));
            let octets = b"\x07\xea\x0b\x1c\x00\xff\x01\x02+\x01\x1e";
            let _ = (known.syntax.octets(octets), known.syntax.bits(octets));
            let _ = (known.syntax.integer(-405), known.syntax.label(2));
        }
    }
}

/// A connection without a convention.
fn settings() -> MqttSettings {
    let text =
        "[mqtt.plant]\nclient-id = \"vigie\"\nbroker = \"mqtt://127.0.0.1\"\ntopics = [\"#\"]\n";
    let site = include_str!("../../fixtures/stores/site.toml").replace("@@", "/nowhere");
    let reading = config::read_str(&[("vigie.toml", &site), ("mqtt.toml", text)]);
    let settings = reading.settings.unwrap_or_else(|| panic!("{:?}", reading.complaints));
    settings.mqtt.into_iter().next().expect("it has a broker")
}

/// Messages of a broker, one after the other: a topic, a line's end, a payload; by what each convention makes of them, and none.
pub(crate) fn mqtt_message(octets: &[u8]) -> bool {
    static SETTINGS: LazyLock<MqttSettings> = LazyLock::new(settings);
    let mut understood = false;
    for profile in Profile::ALL.map(Some).into_iter().chain([None]) {
        let new = |profile| Reader::new(profile, None).expect("a profile without a base");
        let mut reader = profile.map(new);
        for message in messages(octets).take(16) {
            let mut parts = message.splitn(2, |octet| *octet == b'\n');
            let (topic, payload) =
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            for retained in [false, true] {
                let message = (topic.to_vec(), Arc::from(payload), retained);
                let signals = mqtt::signals_of(message, &SETTINGS, reader.as_mut(), Utc::default());
                assert!(!signals.is_empty(), "a message of which nobody is told");
                understood |= signals.iter().any(|signal| signal.fields.get("reading").is_some());
            }
        }
    }
    understood
}

fn messages(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(octets);
    std::iter::from_fn(move || {
        let octets = rest?;
        let end = octets.windows(NEXT.len()).position(|window| window == NEXT);
        let (message, next) = octets.split_at_checked(end.unwrap_or(octets.len()))?;
        rest = end.and_then(|_| next.get(NEXT.len()..));
        Some(message)
    })
}

/// A filter, and a topic that it may let pass.
pub(crate) fn mqtt_filter(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    let (filter, topic) = text.split_once('\n').unwrap_or((&text, "plant/north"));
    let Ok(filter) = Filter::parse(filter) else { return false };
    assert!(filter.covers(&filter) && filter.overlaps(&filter));
    if let Ok(topic) = Topic::from_octets(topic.as_bytes()) {
        let _ = filter.matches(&topic);
    }
    true
}
