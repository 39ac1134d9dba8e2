//! Profiles: their names, what they subscribe to, and the rules that one message does not show.

use vigie_mqtt::{
    Availability, BaseError, Bounds, Filter, Profile, Reader, Remark, Topic, Unread, What,
};

fn reader(profile: Profile) -> Reader {
    Reader::new(profile, None).unwrap()
}

fn topic(written: &str) -> Topic {
    Topic::parse(written).unwrap()
}

fn subscriptions(profile: Profile, base: Option<&str>) -> Vec<String> {
    Reader::new(profile, base).unwrap().filters().iter().map(Filter::to_string).collect()
}

#[test]
fn a_profile_is_known_by_its_name_in_the_configuration() {
    let names = Profile::ALL.map(Profile::name);
    assert_eq!(names, ["zigbee2mqtt", "tasmota", "shelly", "chirpstack", "sparkplug-b"]);
    for profile in Profile::ALL {
        assert_eq!(Profile::from_name(profile.name()), Some(profile));
        assert_eq!(reader(profile).profile(), profile);
    }
    assert_eq!(Profile::from_name("sparkplug"), None);
}

#[test]
fn each_profile_says_what_to_subscribe_to() {
    for (profile, filters) in [
        (Profile::Zigbee2Mqtt, &["zigbee2mqtt/#"][..]),
        (Profile::Tasmota, &["tele/#", "stat/#"]),
        (Profile::Shelly, &["+/online", "+/events/rpc", "+/status/+"]),
        (Profile::ChirpStack, &["application/+/device/+/event/+"]),
        (
            Profile::SparkplugB,
            &[
                "spBv1.0/+/NBIRTH/+",
                "spBv1.0/+/NDEATH/+",
                "spBv1.0/+/NDATA/+",
                "spBv1.0/+/DBIRTH/+/+",
                "spBv1.0/+/DDEATH/+/+",
                "spBv1.0/+/DDATA/+/+",
                "spBv1.0/STATE/+",
            ],
        ),
    ] {
        assert_eq!(subscriptions(profile, None), filters);
    }
    assert_eq!(subscriptions(Profile::Tasmota, Some("works/cellar")), ["works/cellar/#"]);
    assert_eq!(
        subscriptions(Profile::Shelly, Some("shellies")),
        ["shellies/+/online", "shellies/+/events/rpc", "shellies/+/status/+"]
    );
    for profile in Profile::ALL {
        let filters = reader(profile).filters();
        for (place, filter) in filters.iter().enumerate() {
            for other in filters.iter().skip(place + 1) {
                assert!(!filter.overlaps(other), "{filter} and {other}: delivered twice");
            }
        }
    }
}

#[test]
fn a_base_topic_that_cannot_be_one_is_refused_in_words() {
    for (profile, base, sentence) in [
        (Profile::Zigbee2Mqtt, "", "the profile `zigbee2mqtt` needs a base topic"),
        (
            Profile::ChirpStack,
            "+",
            "the base topic `+` holds a wildcard: write the base of one installation",
        ),
        (
            Profile::Tasmota,
            "works/",
            "the base topic `works/` begins or ends with a slash, or has two beside each other",
        ),
        (
            Profile::Shelly,
            "a#",
            "the base topic cannot be read: level 1, `a#`, holds `#` beside other letters",
        ),
    ] {
        assert_eq!(Reader::new(profile, Some(base)).unwrap_err().to_string(), sentence);
    }
    let long = "a".repeat(65_530);
    assert!(matches!(Reader::new(Profile::Shelly, Some(&long)), Err(BaseError::NoFilter(_))));
    assert!(Reader::new(Profile::Shelly, Some("")).is_ok());
}

#[test]
fn what_is_not_beneath_the_base_is_none_of_the_profiles_business() {
    let mut zigbee = Reader::new(Profile::Zigbee2Mqtt, Some("north/zigbee")).unwrap();
    for written in ["north/zigbee", "north/zigbees/lamp", "zigbee2mqtt/lamp", "north"] {
        let heard = zigbee.read(&topic(written), b"{}", false);
        assert_eq!(heard, Err(Unread::Elsewhere("zigbee2mqtt")), "{written}");
    }
    assert!(zigbee.read(&topic("north/zigbee/lamp"), b"{}", false).is_ok());
    let deep = topic(&format!("north/zigbee{}", "/a".repeat(30_000)));
    assert_eq!(zigbee.read(&deep, b"{}", false), Err(Unread::Elsewhere("zigbee2mqtt")));
    let long = zigbee.read(&topic("north/zigbee/lamp"), &vec![b'1'; (1 << 20) + 1], false);
    assert_eq!(long, Err(Unread::TooLong { octets: (1 << 20) + 1, limit: 1 << 20 }));
}

fn availability(reader: &mut Reader, name: &str, payload: &str, retained: bool) -> Availability {
    let topic = topic(&format!("zigbee2mqtt/{name}/availability"));
    let heard = reader.read(&topic, payload.as_bytes(), retained).unwrap();
    match heard.readings[0].what {
        What::Availability(known) => known,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn a_zigbee_device_that_nobody_watches_is_unknown_and_never_offline() {
    use Availability::{Offline, Online, Unknown};
    let settings = topic("zigbee2mqtt/bridge/info");
    for (setting, device, kept) in [
        // From 2.0 on.
        (r#""availability":{"enabled":false},"#, "{}", Unknown),
        (r#""availability":{"enabled":true},"#, "{}", Offline),
        (r#""availability":{"enabled":true},"#, r#"{"availability":false}"#, Unknown),
        (r#""availability":{"enabled":false},"#, r#"{"availability":true}"#, Offline),
        (r#""availability":{"enabled":false},"#, r#"{"availability":{"timeout":3}}"#, Offline),
        (r#""availability":{"enabled":true},"#, r#"{"disabled":true}"#, Unknown),
        // Before.
        (r#""availability":true,"#, "{}", Offline),
        (r#""availability":false,"#, "{}", Unknown),
        (r#""availability":{"active":{"timeout":10}},"#, "{}", Offline),
        (r#""availability":false,"advanced":{"availability_timeout":60},"#, "{}", Offline),
        // Nothing is said: then what was kept is believed.
        ("", "{}", Offline),
    ] {
        let config = format!(r#"{{"config":{{{setting}"devices":{{"pump":{device}}}}}}}"#);
        // The settings first.
        let mut network = reader(Profile::Zigbee2Mqtt);
        network.read(&settings, config.as_bytes(), true).unwrap();
        assert_eq!(availability(&mut network, "pump", "offline", true), kept, "{config}");
        assert_eq!(availability(&mut network, "pump", r#"{"state":"online"}"#, false), Online);
        assert_eq!(availability(&mut network, "pump", "offline", false), Offline, "news");
        // And last: then it is taken back.
        let mut network = reader(Profile::Zigbee2Mqtt);
        assert_eq!(availability(&mut network, "pump", "offline", true), Offline);
        let heard = network.read(&settings, config.as_bytes(), true).unwrap();
        let back: Vec<&What> = heard.readings.iter().skip(1).map(|reading| &reading.what).collect();
        let expected = [&What::Availability(Unknown)];
        assert_eq!(back, &expected[usize::from(kept == Offline)..], "{config}");
        let again = network.read(&settings, config.as_bytes(), true).unwrap();
        assert_eq!(again.readings.len(), 1, "told once");
    }
    assert_eq!(Availability::default(), Unknown, "and so is who never spoke");
}

#[test]
fn lost_uplinks_are_counted_for_each_device_until_it_joins_anew() {
    let mut network =
        Reader::with_bounds(Profile::ChirpStack, None, Bounds { devices: 2, ..Bounds::default() })
            .unwrap();
    let mut remarks = |device: &str, event: &str, payload: &str| -> Vec<Remark> {
        let topic = topic(&format!("application/7/device/{device}/event/{event}"));
        let heard = network.read(&topic, payload.as_bytes(), false).unwrap();
        heard.readings.into_iter().next().unwrap().remarks
    };
    assert_eq!(remarks("aa", "up", r#"{"fCnt":41}"#), []);
    assert_eq!(remarks("AA", "up", r#"{"fCnt":42}"#), []);
    assert_eq!(remarks("aa", "up", r#"{"fCnt":46}"#), [Remark::LostUplinks(3)]);
    assert_eq!(remarks("aa", "up", r#"{"fCnt":46}"#), [Remark::UplinkAgain(46)]);
    assert_eq!(remarks("aa", "status", r#"{"margin":3}"#), []);
    assert_eq!(remarks("aa", "join", "{}"), []);
    assert_eq!(remarks("aa", "up", "{}"), [], "0 is left out by Protocol Buffers");
    assert_eq!(remarks("aa", "up", r#"{"fCnt":1}"#), []);
    assert_eq!(remarks("aa", "up", "{}"), [Remark::CountedAnew(0)]);
    assert_eq!(remarks("aa", "up", r#"{"fCnt":4294967295}"#), [Remark::LostUplinks(4_294_967_294)]);
    assert_eq!(remarks("aa", "up", r#"{"fCnt":"soon"}"#), []);
    assert_eq!(remarks("bb", "up", r#"{"fCnt":1}"#), []);
    let full = Remark::NotFollowed { what: "LoRaWAN devices", limit: 2 };
    assert_eq!(remarks("cc", "up", r#"{"fCnt":1}"#), [full]);
}

#[test]
fn a_retained_uplink_is_counted_by_nobody() {
    let mut network = reader(Profile::ChirpStack);
    let up = topic("application/7/device/aa/event/up");
    network.read(&up, br#"{"fCnt":7}"#, true).unwrap();
    let heard = network.read(&up, br#"{"fCnt":9}"#, false).unwrap();
    assert_eq!(heard.readings[0].remarks, []);
}

#[test]
fn a_payload_that_breaks_off_is_told_with_the_place_where_it_does() {
    let mut network = reader(Profile::ChirpStack);
    let up = topic("application/7/device/aa/event/up");
    let unread = network.read(&up, br#"{"fCnt":7"#, false).unwrap_err();
    assert_eq!(
        unread.to_string(),
        "the payload begins like JSON and is none: EOF while parsing an object at line 1 column 9"
    );
}

#[test]
fn a_shelly_message_with_a_thousand_events_is_told_in_part() {
    let events = r#"{"component":"input:0","event":"single_push"},"#.repeat(1_000);
    let frame = format!(r#"{{"method":"NotifyEvent","params":{{"events":[{events}{{}}]}}}}"#);
    let heard = reader(Profile::Shelly).read(&topic("s/events/rpc"), frame.as_bytes(), false);
    let heard = heard.unwrap();
    assert_eq!(heard.readings.len(), 64);
    assert_eq!(heard.readings[0].remarks, [Remark::ManyEvents(1_001)]);
}
