//! When a Sparkplug node is asked for its birth, and what its answer is.

use vigie_mqtt::sparkplug::NodeError;
use vigie_mqtt::{Bounds, Profile, Reader, Remark, What};

use crate::sparkplug::{Broker, remarks, who_and_what};
use crate::wire::{metric, number, octets, payload, session};

#[test]
fn a_node_that_does_not_answer_is_asked_again_after_a_whole_round_of_messages() {
    let mut broker = Broker::new();
    let asks: Vec<u64> = (0..1_000).filter(|seq| broker.level(seq % 256).ask.is_some()).collect();
    assert_eq!(asks, [0, 257, 514, 771]);
}

#[test]
fn a_node_whose_births_do_not_help_is_not_asked_at_each_message() {
    let mut broker = Broker::new();
    let mut asks = 0;
    for _ in 0..500 {
        let heard = broker.level(77);
        if heard.ask.is_some() {
            asks += 1;
            broker.birth(1);
        }
    }
    assert!((3..8).contains(&asks), "asked {asks} times");
}

#[test]
fn the_command_for_a_rebirth_is_the_one_that_every_node_knows() {
    let mut broker = Broker::new();
    let ask = broker.level(9).ask.unwrap();
    assert_eq!(ask.topic.as_str(), "spBv1.0/works/NCMD/n");
    let command = ask.payload("2026-11-23T03:12:00Z".parse().unwrap());
    let expected = [
        number(1, 1_795_403_520_000),
        octets(
            2,
            &[
                octets(1, b"Node Control/Rebirth"),
                number(3, 1_795_403_520_000),
                number(4, 11),
                number(14, 1),
            ]
            .concat(),
        ),
    ];
    assert_eq!(command, expected.concat());
}

#[test]
fn births_that_were_asked_for_are_no_news_and_others_are() {
    let mut broker = Broker::new();
    let are_answers = |broker: &mut Broker, session_of: u64| {
        let own = [session(session_of), metric(Some("level"), Some(1), 5)];
        let node = broker.must("NBIRTH", "n", &payload(Some(0), &own));
        let device = broker.must("DBIRTH", "n/plc", &payload(Some(1), &[]));
        (node.readings[0].is_answer, device.readings[0].is_answer)
    };
    assert_eq!(are_answers(&mut broker, 1), (false, false), "it begins by itself");
    broker.level(7);
    assert_eq!(are_answers(&mut broker, 1), (true, true), "a gap was before it");
    assert!(!broker.level(2).readings[0].is_answer);
    let late = broker.must("DBIRTH", "n/late", &payload(Some(3), &[]));
    assert!(!late.readings[0].is_answer, "the node has spoken since");
    assert_eq!(are_answers(&mut broker, 2), (false, false), "it begins anew by itself");
    broker.0.connected();
    assert_eq!(are_answers(&mut broker, 2), (true, true));
}

#[test]
fn after_a_new_connection_every_node_is_asked_and_none_is_trusted() {
    let mut broker = Broker::born();
    broker.must("NBIRTH", "gone", &payload(Some(0), &[session(1)]));
    broker.must("NDEATH", "gone", &payload(None, &[session(1)]));
    let asks = broker.0.connected();
    let asked: Vec<_> = asks.iter().map(|ask| (&*ask.node, ask.is_gone)).collect();
    assert_eq!(asked, [("works/gone", true), ("works/n", false)]);
    let heard = broker.level(2);
    assert_eq!((remarks(&heard), &heard.ask), (&[Remark::BeforeBirth][..], &None));
    broker.must("NBIRTH", "n", &payload(Some(0), &[session(2), metric(Some("level"), Some(1), 5)]));
    let heard = broker.level(1);
    assert_eq!(heard.readings[1].device, "works/n/plc", "it was lost while nobody listened");
    // It was born again while nobody listened, and answers.
    let heard = broker.must("NBIRTH", "gone", &payload(Some(0), &[session(2)]));
    assert_eq!((who_and_what(&heard), &heard.ask), (vec![("works/gone", &What::Birth)], &None));
}

#[test]
fn a_node_that_is_expected_is_asked_at_each_connection_though_nobody_has_heard_of_it() {
    let mut broker = Broker::with(Bounds { nodes: 2, ..Bounds::default() });
    for node in ["works/n", "works/b"] {
        broker.0.expect(node).unwrap();
    }
    broker.0.expect("works/n").unwrap();
    for (name, why) in [
        ("works", "`works` is no GROUP/NODE"),
        ("works/n/plc", "`works/n/plc` is no GROUP/NODE"),
        ("/n", "`/n` is no GROUP/NODE"),
        (
            "works/+",
            "level 4 of the topic `spBv1.0/works/NCMD/+` holds `+`: that is a filter, and a message has one plain topic",
        ),
        ("works/third", "up to 2 nodes are followed"),
    ] {
        assert_eq!(broker.0.expect(name).unwrap_err().to_string(), why);
    }
    assert_eq!(broker.0.expect(&format!("works/{}", "n".repeat(513))), Err(NodeError::LongName));
    let tasmota = Reader::new(Profile::Tasmota, None).unwrap().expect("works/n");
    assert_eq!(tasmota, Err(NodeError::NoNodes("tasmota")));
    let asked = |broker: &mut Broker| -> Vec<String> {
        broker.0.connected().into_iter().map(|ask| ask.topic.to_string()).collect()
    };
    assert_eq!(asked(&mut broker), ["spBv1.0/works/NCMD/b", "spBv1.0/works/NCMD/n"]);
    broker.birth(1);
    // Another node has taken the room of the one that was never heard; it is asked all the same.
    broker.must("NDATA", "other", &payload(Some(3), &[]));
    let mut all = asked(&mut broker);
    all.sort();
    assert_eq!(all, ["b", "n", "other"].map(|node| format!("spBv1.0/works/NCMD/{node}")));
}
