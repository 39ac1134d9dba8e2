//! Traps that net-snmp sends become signals with the right fields.

use std::net::UdpSocket;

use crate::house::{House, exit_code, net_snmp, sender, settings};
use vigie::health::Wire;
use vigie::watch::signal::{Kind, Value};

const LINK_DOWN: &[&str] = &[
    "12345",
    "1.3.6.1.6.3.1.1.5.3",
    "1.3.6.1.2.1.2.2.1.1.7",
    "i",
    "7",
    "1.3.6.1.2.1.2.2.1.8.7",
    "i",
    "2",
];
const LINK_DOWN_V1: &[&str] =
    &["1.3.6.1.4.1.8072.3.2.10", "192.0.2.7", "2", "0", "12345", "1.3.6.1.2.1.2.2.1.1.7", "i", "7"];

#[tokio::test]
async fn traps_of_both_versions_arrive_over_both_protocols_with_their_fields() {
    let mut house = House::open(settings(&["127.0.0.1:0", "[::1]:0"], &[], &[])).await;
    assert_eq!(house.reading.now().state, Wire::Up);
    for (place, source) in ["127.0.0.1", "::1"].into_iter().enumerate() {
        for (version, what) in [("1", LINK_DOWN_V1), ("2c", LINK_DOWN)] {
            let sent =
                net_snmp("snmptrap", &["-v", version, "-c", "public"], house.at(place), what);
            let (signal, _) = house.signal().await;
            assert_eq!(exit_code(sent).await, Some(0));
            assert_eq!(
                (signal.input.as_str(), signal.kind, &*signal.source),
                ("snmp.network", Kind::Snmp, source)
            );
            let field = |name: &str| signal.fields.get(name).cloned();
            assert_eq!(field("trap"), Some(Value::text("IF-MIB::linkDown")));
            assert_eq!(field("trap_oid"), Some(Value::text("1.3.6.1.6.3.1.1.5.3")));
            assert_eq!(field("version"), Some(Value::text(version)));
            assert_eq!(field("community"), Some(Value::text("public")));
            assert_eq!(field("uptime"), Some(Value::Int(123)));
            assert_eq!(field("index"), Some(Value::text("7")));
            assert_eq!(field("ifIndex"), Some(Value::Int(7)));
            assert_eq!(field("agent_addr"), (version == "1").then(|| Value::text("192.0.2.7")));
            assert_eq!(field("ifOperStatus"), (version == "2c").then_some(Value::Int(2)));
            assert_eq!(signal.identity, None, "nobody repeats a trap");
            let message = vigie_snmp::read(&signal.raw).unwrap();
            assert_eq!(message.community, b"public");
        }
    }
    let health = house.reading.now();
    assert!(health.last_heard.is_some());
    assert_eq!(house.counters(), [("datagrams", 4), ("traps", 4)].into());
    assert!(health.counters["receive_buffer"] > 0, "the granted buffer is shown");
}

#[tokio::test]
async fn behind_a_proxy_the_source_is_the_device_that_it_names_and_all_that_was_said_is_kept() {
    let mut settings = settings(&["0.0.0.0:0"], &[], &[]);
    settings.proxies = vec!["127.0.0.5/32".parse().unwrap()];
    let mut house = House::open(settings).await;
    let to = format!("127.0.0.1:{}", house.at(0).port()).parse().unwrap();
    let forwarded = &[LINK_DOWN, &["1.3.6.1.6.3.18.1.3.0", "a", "10.1.2.3"]].concat();
    for (version, what, device) in [("1", LINK_DOWN_V1, "192.0.2.7"), ("2c", forwarded, "10.1.2.3")]
    {
        for (from, source) in [("127.0.0.5", device), ("127.0.0.6", "127.0.0.6")] {
            let bound = format!("--clientaddr={from}");
            let options = ["-v", version, "-c", "public", &bound];
            let sent = net_snmp("snmptrap", &options, to, what);
            let (signal, _) = house.signal().await;
            assert_eq!(exit_code(sent).await, Some(0));
            assert_eq!(&*signal.source, source, "v{version} from {from}");
            let field = |name: &str| signal.fields.get(name).cloned();
            let proxy = (from == "127.0.0.5").then(|| Value::text(from));
            assert_eq!(field("proxy"), proxy, "v{version} from {from}");
            let said = if version == "1" { "agent_addr" } else { "snmpTrapAddress" };
            assert_eq!(field(said), Some(Value::text(device)), "v{version} from {from}");
        }
    }
    let told = serde_json::to_value(house.reading.now()).unwrap();
    let heard = told["sources"]["heard"].as_array().unwrap();
    let heard: Vec<_> = heard.iter().map(|source| source["source"].as_str().unwrap()).collect();
    assert_eq!(heard, ["127.0.0.6", "10.1.2.3", "192.0.2.7"], "the latest first");
}

#[tokio::test]
async fn one_port_serves_both_protocols_each_by_its_own_socket() {
    let port = UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
    let listen = [format!("0.0.0.0:{port}"), format!("[::]:{port}")];
    let mut house = House::open(settings(&[&listen[0], &listen[1]], &[], &[])).await;
    for (from, source) in [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1")] {
        let to = format!("{}:{port}", from.trim_end_matches(":0")).parse().unwrap();
        sender(from, to).send(&crate::house::captured("v2c-link-down")).unwrap();
        assert_eq!(&*house.signal().await.0.source, source);
    }
}

#[tokio::test]
async fn a_datagram_as_large_as_udp_can_carry_is_read_whole() {
    let mut house = House::plain().await;
    let empty = crate::house::message(0xa7, 0).len();
    let datagram = crate::house::message(0xa7, 65_507 - empty);
    assert_eq!(datagram.len(), 65_507);
    sender("127.0.0.1:0", house.at(0)).send(&datagram).unwrap();
    let (signal, _) = house.signal().await;
    assert_eq!(*signal.raw, *datagram);
    let Some(Value::Map(vars)) = signal.fields.get("vars") else { panic!("no vars") };
    let Some(Value::Text(text)) = vars.get("1.3.6.1.4.1.1") else { panic!("no text") };
    assert_eq!(text.len(), 65_507 - empty);
}

#[tokio::test]
async fn a_port_that_is_taken_ends_the_receiver_with_what_to_do() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap().to_string();
    let mut house = House::birth(settings(&["127.0.0.1:0", &at], &[], &[]));
    let reason = format!(
        "cannot listen on {at}: another program listens there already; `ss -lunp` says which"
    );
    assert_eq!(house.end().await.reason, reason);
    assert_eq!(house.reading.now().state, Wire::Down(reason));
    assert!(house.letters.recv().await.is_none(), "it never said that it works");
}
