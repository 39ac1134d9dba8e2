//! No topic and no octets make a reader panic, run for long, or tell more than it was told.

use crate::dice::Dice;
use crate::recorded::{messages, told};
use vigie_mqtt::{Filter, Heard, Limits, Payload, Profile, Reader, Topic, Unread};

/// Hears a message, and holds what is read in it against what was sent.
fn survive(reader: &mut Reader, topic: &Topic, octets: &[u8], retained: bool) -> bool {
    let heard: Result<Heard, Unread> = reader.read(topic, octets, retained);
    for line in told(&heard) {
        assert!(!line.is_empty());
    }
    let Ok(heard) = heard else {
        return false;
    };
    assert!(!heard.readings.is_empty());
    for reading in &heard.readings {
        assert_eq!(reading.retained, retained);
        assert!(reading.metrics.len() <= 100_000 && reading.remarks.len() <= 4);
    }
    true
}

#[test]
fn a_hundred_thousand_spoiled_messages_do_no_harm() {
    let mut dice = Dice::new();
    for profile in Profile::ALL {
        let recorded = messages(profile);
        let mut reader = Reader::new(profile, None).unwrap();
        let mut read = 0;
        for _ in 0..20_000 {
            let message = dice.choose(&recorded);
            let mut octets = message.octets.clone();
            dice.spoil(&mut octets);
            let mut topic = message.topic.as_str().as_bytes().to_vec();
            if dice.below(4) == 0 {
                dice.spoil(&mut topic);
            }
            let retained = message.retained ^ (dice.below(8) == 0);
            if let Ok(topic) = Topic::from_octets(&topic) {
                read += u32::from(survive(&mut reader, &topic, &octets, retained));
            }
            if dice.below(2_000) == 0 {
                reader.connected();
            }
        }
        assert!((1_000..19_500).contains(&read), "{}: {read} were read", profile.name());
    }
}

#[test]
fn noise_under_every_topic_does_no_harm() {
    let mut dice = Dice::new();
    for profile in Profile::ALL {
        let recorded = messages(profile);
        let mut reader = Reader::new(profile, None).unwrap();
        for _ in 0..5_000 {
            let topic = &dice.choose(&recorded).topic;
            let many = dice.below(200);
            let octets = dice.octets(many);
            survive(&mut reader, topic, &octets, false);
            Payload::read(&octets, &Limits::default());
            let text = String::from_utf8_lossy(&octets);
            if let Ok(filter) = Filter::parse(&text) {
                filter.matches(topic);
                assert!(filter.covers(&filter) && filter.overlaps(&filter), "{filter:?}");
            }
        }
    }
}

// No clock looks at the following: what takes time that grows with the square of a mebibyte does not end within a day.

#[test]
fn a_mebibyte_of_anything_is_read_in_no_time() {
    // With room for what is put around it: beyond the limit nothing would be looked at.
    let fill = |unit: &str| unit.repeat(((1 << 20) - 16) / unit.len());
    let mut keys = String::from("{\"k0\":0");
    (1..60_000).for_each(|number| keys.push_str(&format!(",\"k{number}\":0")));
    let texts = [
        ("digits", fill("9")),
        ("a long number in JSON", format!("[{}]", fill("9"))),
        ("a long fraction", format!("[0.{}]", fill("1"))),
        ("a long exponent", format!("[1e{}]", fill("9"))),
        ("brackets", fill("[")),
        ("one key again and again", format!("{{{}\"a\":0}}", "\"a\":0,".repeat(90_000))),
        ("many keys", keys + "}"),
        ("many objects", format!("[{}0]", "{\"\":0},".repeat(49_000))),
        ("backslashes", format!("[\"{}\"]", fill("\\\\"))),
        ("commas", fill("1,")),
        ("slashes", fill("/")),
        ("blanks", fill(" ")),
    ];
    let mut readers = Profile::ALL.map(|profile| (Reader::new(profile, None).unwrap(), profile));
    for (what, text) in &texts {
        let payload = Payload::read(text.as_bytes(), &Limits::default());
        assert_eq!(payload.text.len(), text.len(), "{what}");
        for (reader, profile) in &mut readers {
            let recorded = messages(*profile);
            let topic = &recorded.first().unwrap().topic;
            survive(reader, topic, text.as_bytes(), false);
        }
    }
    assert!(!Payload::read(&vec![0xff; 1 << 20], &Limits::default()).utf8);
}

#[test]
fn the_longest_topics_and_filters_are_compared_in_no_time() {
    let slashes = "/".repeat(65_535);
    let wild = "+/".repeat(32_767);
    let topic = Topic::parse(&slashes).unwrap();
    let filters: Vec<Filter> =
        [&slashes, &format!("{wild}#"), &format!("{wild}+"), &"a".repeat(65_535)]
            .iter()
            .map(|written| Filter::parse(written).unwrap())
            .collect();
    let matching = filters.iter().filter(|filter| filter.matches(&topic)).count();
    assert_eq!(matching, 2, "the slashes themselves and the open one");
    for first in &filters {
        for second in &filters {
            assert!(!first.covers(second) || first.overlaps(second), "{first:?} {second:?}");
        }
    }
}

#[test]
fn a_flood_of_new_names_fills_nothing_beyond_its_bounds() {
    let mut dice = Dice::new();
    let mut sparkplug = Reader::new(Profile::SparkplugB, None).unwrap();
    let mut lorawan = Reader::new(Profile::ChirpStack, None).unwrap();
    let birth = crate::wire::payload(Some(0), &[crate::wire::metric(Some("m"), Some(1), 1)]);
    let mut refused = 0;
    for _ in 0..5_000 {
        let name = dice.number();
        let node = Topic::parse(&format!("spBv1.0/g/NBIRTH/{name}")).unwrap();
        refused += u32::from(sparkplug.read(&node, &birth, false).is_err());
        let device = Topic::parse(&format!("application/1/device/{name}/event/up")).unwrap();
        lorawan.read(&device, b"{}", false).unwrap();
    }
    assert_eq!(refused, 4_000);
}
