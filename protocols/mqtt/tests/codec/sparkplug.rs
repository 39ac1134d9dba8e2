//! Lives of Sparkplug nodes: births, deaths and gaps.

use crate::wire::{metric, number, octets, payload, session};
use vigie_mqtt::sparkplug::{Broken, MetricValue};
use vigie_mqtt::{Bounds, Heard, Profile, Reader, Remark, Topic, Unread, What};

/// A broker with one reader.
pub(crate) struct Broker(pub(crate) Reader);

impl Broker {
    pub(crate) fn new() -> Self {
        Self::with(Bounds::default())
    }

    pub(crate) fn with(bounds: Bounds) -> Self {
        Self(Reader::with_bounds(Profile::SparkplugB, None, bounds).unwrap())
    }

    fn hear(&mut self, kind: &str, whom: &str, payload: &[u8]) -> Result<Heard, Unread> {
        let topic = Topic::parse(&format!("spBv1.0/works/{kind}/{whom}")).unwrap();
        self.0.read(&topic, payload, false)
    }

    pub(crate) fn must(&mut self, kind: &str, whom: &str, payload: &[u8]) -> Heard {
        self.hear(kind, whom, payload).unwrap_or_else(|unread| panic!("{kind} {whom}: {unread}"))
    }

    /// A node in session 1 with the metric `level` of alias 1, and its device `plc` with the metric `flood` of alias 2.
    pub(crate) fn born() -> Self {
        let mut broker = Self::new();
        broker.birth(1);
        broker
    }

    pub(crate) fn birth(&mut self, in_session: u64) {
        let own = [session(in_session), metric(Some("level"), Some(1), 5)];
        assert_eq!(self.must("NBIRTH", "n", &payload(Some(0), &own)).ask, None);
        let device = [metric(Some("flood"), Some(2), 0)];
        assert_eq!(self.must("DBIRTH", "n/plc", &payload(Some(1), &device)).ask, None);
    }

    pub(crate) fn level(&mut self, seq: u64) -> Heard {
        self.must("NDATA", "n", &payload(Some(seq), &[metric(None, Some(1), 6)]))
    }
}

pub(crate) fn remarks(heard: &Heard) -> &[Remark] {
    &heard.readings[0].remarks
}

pub(crate) fn who_and_what(heard: &Heard) -> Vec<(&str, &What)> {
    heard.readings.iter().map(|reading| (&*reading.device, &reading.what)).collect()
}

#[test]
fn the_numbers_go_round_from_255_to_0_and_nothing_is_missing() {
    let mut broker = Broker::born();
    for seq in 2..2_000_u64 {
        let heard = broker.level(seq % 256);
        assert_eq!((remarks(&heard), &heard.ask), (&[][..], &None), "message {seq}");
        assert!(!heard.readings[0].metrics[0].stale);
    }
}

#[test]
fn a_gap_asks_once_and_makes_aliases_stale_until_the_next_birth() {
    let mut broker = Broker::born();
    let heard = broker.level(3);
    assert_eq!(remarks(&heard), [Remark::Gap { expected: 2, came: 3 }]);
    assert_eq!(heard.ask.unwrap().node, "works/n");
    assert!(broker.0.owes_birth("works/n") && !broker.0.owes_birth("works/other"));
    assert!(heard.readings[0].metrics[0].stale);
    for seq in 4..200 {
        let heard = broker.level(seq);
        assert_eq!((remarks(&heard), &heard.ask), (&[][..], &None));
        assert!(heard.readings[0].metrics[0].stale, "an alias may mean another metric by now");
    }
    let by_name = broker.must("NDATA", "n", &payload(Some(200), &[metric(Some("level"), None, 6)]));
    assert!(!by_name.readings[0].metrics[0].stale);
    broker.birth(1);
    assert!(!broker.level(2).readings[0].metrics[0].stale && !broker.0.owes_birth("works/n"));
}

#[test]
fn a_death_counts_only_for_the_session_that_lives() {
    let mut broker = Broker::born();
    let old = broker.hear("NDEATH", "n", &payload(None, &[session(0)]));
    assert_eq!(old, Err(Unread::OldDeath { told: 0, lives: 1 }));
    assert_eq!(broker.level(2).readings[0].remarks, [], "it lives on");
    let heard = broker.must("NDEATH", "n", &payload(None, &[session(1)]));
    assert_eq!(who_and_what(&heard), [("works/n", &What::Death), ("works/n/plc", &What::Death)]);
    let stale = |reading: usize| {
        let metrics = &heard.readings[reading].metrics;
        metrics.iter().map(|metric| (&*metric.name, metric.stale)).collect::<Vec<_>>()
    };
    assert_eq!(stale(0), [("bdSeq", true), ("level", true)]);
    assert_eq!(stale(1), [("flood", true)]);
    assert_eq!(heard.readings[1].remarks, [Remark::WithItsNode]);
    // Some nodes say it themselves, and the broker says it after them.
    let again = broker.must("NDEATH", "n", &payload(None, &[session(1)]));
    assert_eq!(who_and_what(&again), [("works/n", &What::Death)]);
    // Whoever speaks after it lives, and is asked.
    let heard = broker.level(3);
    assert_eq!(remarks(&heard), [Remark::BeforeBirth]);
    assert!(heard.ask.is_some());
}

#[test]
fn a_death_without_a_birth_to_compare_is_believed() {
    let mut broker = Broker::new();
    let heard = broker.must("NDEATH", "n", &payload(None, &[session(4)]));
    assert_eq!(remarks(&heard), [Remark::DeathWithoutBirth]);
    let mut broker = Broker::born();
    let heard = broker.must("NDEATH", "n", b"");
    assert_eq!(remarks(&heard), [Remark::DeathWithoutBirth], "a will without a number");
}

#[test]
fn data_before_a_birth_is_read_by_name_and_asks() {
    let mut broker = Broker::new();
    let values = [metric(Some("flood"), None, 1), metric(None, Some(2), 1)];
    let heard = broker.must("DDATA", "n/plc", &payload(Some(8), &values));
    assert_eq!(remarks(&heard), [Remark::BeforeBirth]);
    assert_eq!(heard.readings[0].metrics.len(), 1);
    assert_eq!(heard.readings[0].metrics[0].value, MetricValue::Int(1));
    assert!(heard.ask.is_some());
    // A device whose own birth was not heard, behind a node whose birth was.
    let mut broker = Broker::born();
    let heard = broker.must("DDATA", "n/other", &payload(Some(2), &values));
    assert_eq!(remarks(&heard), [Remark::BeforeBirth]);
    assert!(heard.ask.is_some());
}

#[test]
fn an_alias_that_no_birth_gave_asks() {
    let mut broker = Broker::born();
    let heard = broker.must("NDATA", "n", &payload(Some(2), &[metric(None, Some(99), 1)]));
    assert_eq!(remarks(&heard), [Remark::UnknownMetrics(1)]);
    assert!(heard.ask.is_some() && heard.readings[0].metrics.is_empty());
    // The alias of a device is not the node's.
    let heard = broker.must("NDATA", "n", &payload(Some(3), &[metric(None, Some(2), 1)]));
    assert_eq!(remarks(&heard), [Remark::UnknownMetrics(1)]);
    assert_eq!(heard.ask, None, "once is enough");
}

#[test]
fn a_device_that_is_not_named_again_is_gone_unless_its_birth_may_have_been_lost() {
    let mut broker = Broker::born();
    broker.must("NBIRTH", "n", &payload(Some(0), &[metric(Some("level"), Some(1), 5)]));
    let heard = broker.level(1);
    assert_eq!(who_and_what(&heard), [("works/n", &What::Data), ("works/n/plc", &What::Death)]);
    assert_eq!(heard.readings[1].remarks, [Remark::NotNamedAgain]);
    assert_eq!(broker.level(2).readings.len(), 1, "told once");

    let mut broker = Broker::born();
    broker.must("NBIRTH", "n", &payload(Some(0), &[metric(Some("level"), Some(1), 5)]));
    assert_eq!(broker.level(2).readings.len(), 1, "number 1 may have been its birth");
}

#[test]
fn a_device_that_speaks_before_it_is_named_again_is_not_called_gone() {
    let mut broker = Broker::born();
    broker.must("NBIRTH", "n", &payload(Some(0), &[metric(Some("level"), Some(1), 5)]));
    let heard = broker.must("DDATA", "n/plc", &payload(Some(1), &[metric(Some("flood"), None, 1)]));
    assert_eq!(who_and_what(&heard), [("works/n/plc", &What::Data)]);
    assert_eq!(remarks(&heard), [Remark::BeforeBirth]);
}

#[test]
fn whole_numbers_have_the_sign_of_their_type() {
    for (datatype, wire, value) in [
        (1, 0xe9, MetricValue::Int(-23)),
        (1, u64::MAX, MetricValue::Int(-1)),
        (2, 0x8ad0, MetricValue::Int(-30_000)),
        (3, 0xffff_ffff, MetricValue::Int(-1)),
        (4, u64::MAX, MetricValue::Int(-1)),
        (5, 250, MetricValue::UInt(250)),
        (8, u64::MAX, MetricValue::UInt(u64::MAX)),
        (11, 1, MetricValue::Bool(true)),
        (13, u64::MAX, MetricValue::UInt(u64::MAX)),
        (99, 7, MetricValue::UInt(7)),
    ] {
        let mut broker = Broker::new();
        let one = octets(2, &[octets(1, b"x"), number(4, datatype), number(11, wire)].concat());
        let heard = broker.must("NBIRTH", "n", &payload(Some(0), &[one]));
        assert_eq!(heard.readings[0].metrics[0].value, value, "type {datatype}");
    }
}

#[test]
fn what_is_called_null_has_no_value_and_a_template_is_its_members() {
    let null = octets(2, &[octets(1, b"x"), number(4, 3), number(7, 1), number(10, 5)].concat());
    let template = |is_definition: u64| {
        let members = [metric(Some("speed"), None, 5), number(5, is_definition)].concat();
        octets(2, &[octets(1, b"motor"), number(4, 19), octets(18, &members)].concat())
    };
    let heard = Broker::new().must("NBIRTH", "n", &payload(Some(0), &[null, template(0)]));
    let metrics = &heard.readings[0].metrics;
    assert_eq!(metrics.len(), 2);
    assert_eq!((&*metrics[0].name, &metrics[0].value), ("x", &MetricValue::Null));
    assert_eq!((&*metrics[1].name, &metrics[1].value), ("motor/speed", &MetricValue::Int(5)));
    let heard = Broker::new().must("NBIRTH", "n", &payload(Some(0), &[template(1)]));
    assert_eq!(heard.readings[0].metrics, [], "a definition has no values");
}

#[test]
fn every_value_has_a_form_in_json() {
    let instant: jiff::Timestamp = "2026-11-23T03:12:00Z".parse().unwrap();
    for (value, json) in [
        (MetricValue::Null, "null"),
        (MetricValue::Unread("template"), "null"),
        (MetricValue::Bool(true), "true"),
        (MetricValue::Int(i64::MIN), "-9223372036854775808"),
        (MetricValue::UInt(u64::MAX), "18446744073709551615"),
        (MetricValue::Float(12.1), "12.1"),
        (MetricValue::Float(f64::NAN), "null"),
        (MetricValue::Text("pompe \"1\"".to_owned()), r#""pompe \"1\"""#),
        (MetricValue::Octets("00ff".to_owned()), r#""00ff""#),
        (MetricValue::Time(instant), r#""2026-11-23T03:12:00Z""#),
    ] {
        assert_eq!(value.to_json().to_string(), json);
    }
}

#[test]
fn what_is_no_sparkplug_is_refused_with_its_reason() {
    let mut broker = Broker::new();
    let nested = (0..9).fold(metric(Some("deep"), None, 1), |inner, _| {
        octets(2, &[octets(1, b"t"), octets(18, &inner)].concat())
    });
    for (octets, broken) in [
        (b"\x12".to_vec(), Broken::Unfinished),
        (b"\x12\x05abc".to_vec(), Broken::Unfinished),
        (vec![0xff; 11], Broken::LongNumber),
        (b"\x00\x00".to_vec(), Broken::FieldZero),
        (b"\x0b\x0c".to_vec(), Broken::Kind(3)),
        (b"\x12\x00".repeat(20_001), Broken::TooManyMetrics),
        (nested, Broken::TooDeep),
        (metric(Some(&"n".repeat(513)), None, 1), Broken::LongName),
        (octets(4, b"SPBV1.0_COMPRESSED"), Broken::Compressed),
    ] {
        assert_eq!(broker.hear("NDATA", "n", &octets), Err(Unread::Broken(broken)));
    }
    assert_eq!(broker.hear("NDATA", "n/device", b""), Err(Unread::Elsewhere("sparkplug-b")));
    assert_eq!(broker.hear("DDATA", "n", b""), Err(Unread::Elsewhere("sparkplug-b")));
    assert_eq!(broker.hear("DCMD", "n/plc", b""), Err(Unread::Command));
}

#[test]
fn beyond_its_bounds_a_birth_is_refused_and_the_others_live_on() {
    let bounds = Bounds { devices: 2, nodes: 2, metrics: 10, ask_again: 256 };
    let names: Vec<String> = (0..11).map(|count| format!("m{count}")).collect();
    let metrics = |count: usize| -> Vec<Vec<u8>> {
        names.iter().take(count).map(|name| metric(Some(name), None, 1)).collect()
    };
    let mut broker = Broker::with(bounds);
    broker.must("NBIRTH", "a", &payload(Some(0), &metrics(4)));
    let full = Err(Unread::Full { what: "Sparkplug metrics", limit: 10 });
    assert_eq!(broker.hear("NBIRTH", "b", &payload(Some(0), &metrics(7))), full);
    for seq in 0..600 {
        let heard = broker.must("NDATA", "b", &payload(Some(seq % 256), &metrics(1)));
        assert_eq!(heard.ask, None, "a birth for which there is no room is not asked for");
    }
    broker.must("NBIRTH", "b", &payload(Some(0), &metrics(6)));
    // The same birth again takes no further room.
    broker.must("NBIRTH", "b", &payload(Some(0), &metrics(6)));
    assert_eq!(broker.hear("DBIRTH", "b/d", &payload(Some(1), &metrics(1))), full);
    let heard = broker.hear("NBIRTH", "c", &payload(Some(0), &[]));
    assert_eq!(heard, Err(Unread::Full { what: "Sparkplug nodes", limit: 2 }));
    // A death that cannot be remembered is told all the same.
    assert_eq!(remarks(&broker.must("NDEATH", "c", b"")), [Remark::DeathWithoutBirth]);
    // Whoever is gone makes room.
    broker.must("NDEATH", "b", b"");
    broker.must("NBIRTH", "c", &payload(Some(0), &metrics(3)));
    for (seq, device) in [(1, "c/d1"), (2, "c/d2"), (3, "c/d1")] {
        broker.must("DBIRTH", device, &payload(Some(seq), &metrics(1)));
    }
    let full = Err(Unread::Full { what: "Sparkplug devices", limit: 2 });
    assert_eq!(broker.hear("DBIRTH", "c/d3", &payload(Some(4), &metrics(1))), full);
    // A device that goes and comes again needs its room once.
    for seq in 0..20 {
        let (seq, kind) = (5 + seq, if seq % 2 == 0 { "DDEATH" } else { "DBIRTH" });
        broker.must(kind, "c/d1", &payload(Some(seq), &metrics(2)));
    }
    let still = broker.must("NDATA", "a", &payload(Some(1), &metrics(4)));
    assert_eq!((remarks(&still), still.readings[0].metrics.len()), (&[][..], 4));
}
