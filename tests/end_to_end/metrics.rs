//! The metrics after a night, read by Prometheus' own parser, at the control socket and at the loopback port; and what comes to that
//! port that is no scrape.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use vigie::host::clock::Clock;

use crate::house::{House, until, until_so};
use crate::people::MARIE;
use crate::programs::{Link, Said, net_snmp};
use crate::site::Plan;

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/counterparts/metrics_reader.py");

/// A page as Prometheus reads it.
struct Page(Value);

impl Page {
    /// What a server answers there.
    fn at(url: &str) -> Self {
        Self(Said::by(Command::new("/usr/bin/python3").args([READER, url])).json())
    }

    /// What was printed.
    fn printed(text: &str) -> Self {
        let mut reader = Command::new("/usr/bin/python3");
        reader.args([READER, "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut reader = reader.spawn().unwrap();
        reader.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let read = reader.wait_with_output().unwrap();
        assert!(read.status.success(), "{text}");
        Self(serde_json::from_slice(&read.stdout).unwrap())
    }

    fn samples(&self) -> &[Value] {
        self.0["samples"].as_array().unwrap()
    }

    /// All of that name that have these labels, added.
    fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let is = |sample: &&Value| {
            sample["name"] == name
                && labels.iter().all(|(label, value)| sample["labels"][label] == *value)
        };
        let found: Vec<f64> =
            self.samples().iter().filter(is).map(|one| one["value"].as_f64().unwrap()).collect();
        assert!(!found.is_empty(), "{name} {labels:?} is not told");
        found.iter().sum()
    }
}

/// A house that tells its metrics at a port of its own, and where that is.
fn house() -> (House, String) {
    let mut house = House::built(&Plan::default());
    let listen = house.site.address.replace(":10162", ":9464");
    house.configuration.push_str(&format!("\n[metrics]\nlisten = \"{listen}\"\n"));
    house.site.write(&house.configuration);
    house.start();
    (house, listen)
}

fn pump(house: &House) {
    let words = ["", "1.3.6.1.4.1.99999.7.0.3"];
    let said = Said::by(net_snmp("snmptrap", &[], &house.site.address).args(words));
    assert_eq!(said.exit, Some(0), "{said:?}");
}

/// What somebody answers at the port; empty where it says nothing.
fn asked(listen: &str, request: &[u8]) -> String {
    let mut peer = TcpStream::connect(listen).unwrap();
    peer.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let _ = peer.write_all(request);
    let mut answer = Vec::new();
    let _ = peer.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn after_a_night_prometheus_reads_what_status_says_at_the_socket_and_at_the_port() {
    let (mut house, listen) = house();
    house.trap(Link::Down, 7);
    let code = house.next_sms(MARIE).code();
    assert_eq!(house.vigie(&["ack", &code, "--as", "marie"]).exit, Some(0));
    house.trap(Link::Down, 8);
    house.until_call(MARIE, "Lien 8");
    pump(&house);
    let status = || house.vigie(&["status", "--json"]).json();
    // A modem tells its network after it is ready, between two messages.
    let networked = |input: &Value| input["kind"] != "gsm" || input["modem"]["technology"] == "4G";
    until_so("all of it is on the record, and the modem told its network", || {
        let status = status();
        status["unclaimed"] == 1
            && status["notifications"]["owed"] == 0
            && status["inputs"].as_array().unwrap().iter().all(networked)
    });
    // Between two looks nothing happens but what a modem says by itself.
    let (status, printed) = until("two looks at the same night", || {
        let before = status();
        let printed = house.vigie(&["metrics"]);
        assert_eq!((printed.exit, printed.err.as_str()), (Some(0), ""), "{printed:?}");
        (before == status()).then_some((before, printed.out))
    });
    let by_socket = Page::printed(&printed);
    let url = format!("http://{listen}/metrics");
    let by_port = Page::at(&url);
    assert_eq!(by_port.0["content_type"], "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(
        by_port.0["types"], by_socket.0["types"],
        "the same families, each with what it means"
    );
    let number = |value: &Value| value.as_f64().unwrap();
    for page in [&by_socket, &by_port] {
        assert_eq!(page.sum("vigie_alarms", &[]), number(&status["alarms"]["standing"]));
        let unacknowledged = page.sum("vigie_alarms", &[("state", "unacknowledged")]);
        assert_eq!(unacknowledged, number(&status["alarms"]["unacknowledged"]));
        assert_eq!(
            page.sum("vigie_alarms", &[("state", "acknowledged"), ("priority", "high")]),
            1.0
        );
        assert_eq!(page.sum("vigie_occurrences_total", &[]), 2.0);
        assert_eq!(page.sum("vigie_unclaimed_total", &[]), number(&status["unclaimed"]));
        for (metric, key) in [
            ("waiting", "waiting"),
            ("owed", "owed"),
            ("unknown", "unknown"),
            ("unreported", "unreported"),
        ] {
            let told = page.sum(&format!("vigie_notifications_{metric}"), &[]);
            assert_eq!(told, number(&status["notifications"][key]), "{key}");
        }
        let traps = [("input", "snmp.network")];
        for (outcome, many) in
            [("taken", 2.0), ("unclaimed", 1.0), ("repeated", 0.0), ("unreadable", 0.0)]
        {
            let labels = [traps[0], ("outcome", outcome)];
            assert_eq!(page.sum("vigie_signals_total", &labels), many, "{outcome}");
        }
        assert_eq!(
            page.sum("vigie_journal_entries_total", &[]),
            number(&house.journal().len().into())
        );
        assert!(page.sum("vigie_commit_seconds_count", &[]) >= 3.0);
        let all = page.sum("vigie_commit_seconds_bucket", &[("le", "+Inf")]);
        assert_eq!(all, page.sum("vigie_commit_seconds_count", &[]));
        assert!(page.sum("vigie_store_bytes", &[]) > 0.0);
        assert_eq!(
            page.sum("vigie_modem_technology", &[("input", "gsm.modem")]),
            1.0,
            "it is on one"
        );
        assert_eq!(page.sum("vigie_modem_registration", &[("registration", "home")]), 1.0);
        for input in status["inputs"].as_array().unwrap() {
            let name = ("input", input["name"].as_str().unwrap());
            assert_eq!(page.sum("vigie_input_up", &[name]), 1.0);
            counters_are_told(page, input, name);
        }
        assert_eq!(page.sum("vigie_self_alarm_active", &[]), 0.0, "nothing is wrong in the house");
        let told = page.0.to_string();
        for secret in [MARIE, "marie", "Marie", "Lien", "127.0.0.1", code.as_str(), "link"] {
            assert!(!told.contains(secret), "{secret} stands in the page");
        }
    }
}

/// Whatever `status` counts of an input, the page tells.
fn counters_are_told(page: &Page, input: &Value, name: (&str, &str)) {
    let kind = input["kind"].as_str().unwrap();
    for (counter, many) in input["counters"].as_object().unwrap() {
        let (metric, label) = match (kind, counter.as_str()) {
            ("gsm", outcome @ ("sent" | "failed" | "refused" | "unknown")) => {
                ("gsm_attempts_total".to_owned(), Some(outcome))
            }
            ("snmp", "datagrams") => ("snmp_datagrams_total".to_owned(), None),
            ("snmp", "traps") => ("snmp_datagrams_total".to_owned(), Some("trap")),
            ("snmp", "receive_buffer") => ("snmp_receive_buffer_bytes".to_owned(), None),
            ("snmp", "waiting") => ("snmp_datagrams_waiting".to_owned(), None),
            (kind, counter) => (format!("{kind}_{counter}_total"), None),
        };
        let outcome = label.map(|outcome| ("outcome", outcome));
        let labels: Vec<(&str, &str)> = [Some(name), outcome].into_iter().flatten().collect();
        assert_eq!(
            page.sum(&format!("vigie_{metric}"), &labels),
            many.as_f64().unwrap(),
            "{counter} of {input}"
        );
    }
}

#[test]
fn the_port_answers_one_question_and_no_other() {
    let (_house, listen) = house();
    for (request, answer) in [
        (&b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], "HTTP/1.1 200 OK\r\n"),
        (b"GET /metrics?format=text HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n"),
        (b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 421 "),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 404 "),
        (b"GET /metrics/../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 404 "),
        (
            b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 405 ",
        ),
        (b"DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", "HTTP/1.1 405 "),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "HTTP/1.1 400 "),
        (b"GET /metrics HTTP/9.9\r\n\r\n", "HTTP/1.1 400 "),
    ] {
        let said = asked(&listen, request);
        assert!(said.starts_with(answer), "{:?}: {said}", String::from_utf8_lossy(request));
        assert_eq!(said.contains("vigie_alarms"), answer.contains("200"), "{said}");
    }
    // One answer, and the connection ends: a second question on it is not heard.
    let twice = asked(&listen, &b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2));
    assert_eq!(twice.matches("HTTP/1.1 200 OK").count(), 1, "{twice}");
}

#[test]
fn whoever_hangs_or_floods_the_port_keeps_neither_prometheus_nor_the_house_waiting() {
    let (mut house, listen) = house();
    let clock = Clock::new();
    let connect = || TcpStream::connect(&listen).unwrap();
    let begun = clock.now().mono;
    // A thousand that say nothing, and some that never come to an end of what they say.
    let silent: Vec<TcpStream> = (0..1_000).map(|_| connect()).collect();
    let mut slow: Vec<TcpStream> = (0..100).map(|_| connect()).collect();
    for peer in &mut slow {
        let _ = peer.write_all(b"GET /metrics HTTP/1.1\r\nX-Slow: ");
    }
    let flood = || {
        let mut head = b"GET /metrics HTTP/1.1\r\n".to_vec();
        for number in 0..30_000 {
            head.extend_from_slice(format!("X-Header-{number}: {}\r\n", "y".repeat(32)).as_bytes());
        }
        assert!(head.len() > 1_000_000);
        let one_line = [&b"GET /"[..], &b"x".repeat(1_000_000), b" HTTP/1.1\r\n\r\n"].concat();
        [asked(&listen, &head), asked(&listen, &one_line)]
    };
    let answers = std::thread::scope(|scope| {
        let flooding = scope.spawn(flood);
        let page = Page::at(&format!("http://{listen}/metrics"));
        assert_eq!(page.sum("vigie_input_up", &[]), 2.0);
        house.trap(Link::Down, 7);
        house.next_sms(MARIE);
        let waited = begun.until(clock.now().mono);
        assert!(waited < Duration::from_secs(20), "{waited:?} behind hostile peers");
        flooding.join().unwrap()
    });
    for answer in answers {
        // Who sends so much may be cut off before it hears why.
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    for mut peer in slow {
        peer.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut rest = Vec::new();
        let _ = peer.read_to_end(&mut rest);
        assert!(!String::from_utf8_lossy(&rest).contains("200 OK"), "it never asked");
    }
    for peer in silent {
        let _ = peer.shutdown(Shutdown::Both);
    }
    assert!(Page::at(&format!("http://{listen}/metrics")).sum("vigie_alarms", &[]) >= 1.0);
}

#[test]
fn a_port_that_another_program_has_is_an_alarm_until_it_is_free() {
    let mut house = House::built(&Plan::default());
    let listen = house.site.address.replace(":10162", ":9464");
    let taken = TcpListener::bind(&listen).unwrap();
    house.configuration.push_str(&format!("\n[metrics]\nlisten = \"{listen}\"\n"));
    house.site.write(&house.configuration);
    house.start();
    let alarm = house.until_alarm("output-lost", "metrics", "unacknowledged");
    let text = alarm["text"].as_str().unwrap();
    assert!(text.contains("another program listens on"), "{text}");
    let told = house.vigie(&["metrics"]).out;
    assert!(told.contains("vigie_self_alarm_active{alarm=\"output-lost\"} 1\n"), "{told}");
    drop(taken);
    until_so("it is over", || {
        house
            .alarm("output-lost", "metrics")
            .is_some_and(|alarm| alarm["state"] != "unacknowledged")
    });
    assert!(
        asked(&listen, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .contains("vigie_build_info")
    );

    // Another port, and none, without a restart.
    let other = listen.replace(":9464", ":9465");
    house.site.write(&house.configuration.replace(&listen, &other));
    house.reload();
    until_so("it answers there", || TcpStream::connect(&other).is_ok());
    assert!(TcpStream::connect(&listen).is_err(), "nobody listens where it was");
    house.site.write(&house.configuration.replace("[metrics]\nlisten", "# listen"));
    house.reload();
    assert!(TcpStream::connect(&other).is_err(), "nobody listens any more");
}
