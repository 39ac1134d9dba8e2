//! What hostile bytes are thrown at: every reader of what comes from outside, each as a function of bytes.
//!
//! They hold what a reader promises whatever it is given: it comes back, it keeps no more than it was sent, and what it wrote itself it
//! reads again. `cargo fuzz` (fuzz/) searches them by coverage; `tests/hostile` throws the corpora and chance at them on any compiler.

#[path = "files.rs"]
mod files;
#[path = "line.rs"]
mod line;
#[path = "net.rs"]
mod net;

use std::sync::Arc;
use std::time::Duration;

use serde_json::from_slice;
use vigie::config;
use vigie::control::protocol::Request;
use vigie::watch::answer;
use vigie::watch::expression::{Condition, Expression};
use vigie::watch::matching::{Match, Pattern, Scalar};
use vigie::watch::name::InputName;
use vigie::watch::signal::{Fields, Kind, Signal, Tells, Value};
use vigie::watch::template::Template;
use vigie::watch::time::Utc;
use vigie_contacts::{Contact, Counter, CounterRule, Counts, Edge, Level, Rules, Width};
use vigie_gsm::alphabet::{self, Encoding};
use vigie_gsm::concatenation::{Assembly, Limits, Outcome, Width as ReferenceWidth, split};
use vigie_gsm::pdu::{Address, Incoming, from_hex, to_hex};

/// A reader of bytes, which says whether it could read them: a corpus that its reader never understands searches nothing.
pub(crate) type Read = fn(&[u8]) -> bool;

/// Every reader of what comes from outside, by the name of its corpus in `fuzz/corpus`.
pub(crate) const TARGETS: [(&str, Read); 20] = [
    ("gsm_pdu", gsm_pdu),
    ("gsm_parts", gsm_parts),
    ("gsm_text", gsm_text),
    ("gsm_dialogue", line::gsm_dialogue),
    ("snmp_message", net::snmp_message),
    ("snmp_secured", net::snmp_secured),
    ("snmp_catalogue", net::snmp_catalogue),
    ("mqtt_message", net::mqtt_message),
    ("mqtt_filter", net::mqtt_filter),
    ("contacts", contacts),
    ("configuration", configuration),
    ("sms_answer", sms_answer),
    ("template", template),
    ("expression", expression),
    ("matching", matching),
    ("control_request", control_request),
    ("calendar", files::calendar),
    ("mib", files::mib),
    ("scenario", files::scenario),
    ("record", files::record),
];

/// The reader of that name.
///
/// # Panics
/// Where there is none: a bomb, or a program of `fuzz/`, bears another name than its reader.
pub(crate) fn reader(name: &str) -> Read {
    TARGETS.into_iter().find(|(known, _)| *known == name).expect("a reader of that name").1
}

/// A message in PDU mode (3GPP TS 23.040), as octets and as the line of digits in which a modem hands it over.
pub(crate) fn gsm_pdu(octets: &[u8]) -> bool {
    let line = String::from_utf8_lossy(octets);
    if let Ok(read) = from_hex(line.trim()) {
        assert!(to_hex(&read).eq_ignore_ascii_case(line.trim()));
        return pdu(&read);
    }
    pdu(octets)
}

fn pdu(octets: &[u8]) -> bool {
    let _ = Incoming::decode_tpdu(octets);
    let incoming = match Incoming::decode(octets) {
        Ok(incoming) => incoming,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    match incoming {
        Incoming::Deliver(deliver) => {
            let _ = (deliver.sender.to_string(), deliver.time.unix_seconds());
            let whole = !deliver.user_data.is_cut() && !deliver.user_data.header().is_malformed();
            if let (true, Ok(again)) = (whole, deliver.encode()) {
                let again = Incoming::decode(&again.bytes).expect("what we write can be read");
                let Incoming::Deliver(again) = again else { panic!("it is a message no more") };
                assert_eq!(again.user_data.text(), deliver.user_data.text());
            }
        }
        Incoming::Submit(submit) => {
            let _ = (submit.destination.to_string(), submit.user_data.text());
        }
        Incoming::StatusReport(report) => {
            let _ = (report.recipient.to_string(), report.submitted.to_string());
            if let Ok(again) = report.encode() {
                let again = Incoming::decode(&again.bytes).expect("what we write can be read");
                let Incoming::StatusReport(again) = again else { panic!("it is a report no more") };
                assert_eq!(again.status, report.status);
            }
        }
    }
    true
}

/// Messages of several parts, one after the other: each part comes back once, whatever the others are.
pub(crate) fn gsm_parts(octets: &[u8]) -> bool {
    let mut assembly = Assembly::new(Limits { age: Duration::from_secs(100), messages: 16 });
    let (mut given, mut back) = (0_usize, 0_usize);
    for (place, part) in octets.split(|octet| *octet == b'\n').take(64).enumerate() {
        let octets = std::str::from_utf8(part).ok().and_then(|line| from_hex(line.trim()).ok());
        let octets = octets.unwrap_or_else(|| part.to_vec());
        let Ok(Incoming::Deliver(deliver)) = Incoming::decode(&octets) else { continue };
        given += 1;
        let now = Duration::from_secs(u64::try_from(place).unwrap_or(u64::MAX));
        for outcome in assembly.accept(deliver, (), now) {
            back += match outcome {
                Outcome::Message(message) => message.tokens.len(),
                Outcome::Repeated(()) => 1,
            };
        }
    }
    let last = assembly.flush(Duration::MAX);
    back += last.iter().map(|message| message.tokens.len()).sum::<usize>();
    assert_eq!(given, back, "each part comes back once");
    given > 1
}

/// A text that is to be sent, and a number to which.
pub(crate) fn gsm_text(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    for encoding in [Encoding::Gsm7, Encoding::Ucs2] {
        assert!(!split(&text, encoding, 1, ReferenceWidth::TwoOctets).is_empty());
    }
    let plain = alphabet::transliterate(&text);
    assert_eq!(alphabet::transliterate(&plain), plain, "what can be sent is sent as it is");
    let _ = (alphabet::decode_septets(octets), alphabet::decode_ucs2(octets));
    let _ = (alphabet::unpack(octets, octets.len()), Address::name(&text));
    text.parse::<Address>().is_ok()
}

/// Edges of a contact and values of a counter, at whatever times.
pub(crate) fn contacts(octets: &[u8]) -> bool {
    let Ok(rules) = Rules::new(Duration::from_millis(50)).with_agreeing(2) else { return false };
    let mut contact = Contact::single(Level::Closed, rules);
    let rule = CounterRule::running(Width::Bits16, Counts::Closings, 1_000);
    let mut counter = Counter::new(rule.expect("a lawful rule"));
    let (mut now, mut reported) = (Duration::ZERO, false);
    for piece in octets.chunks(4) {
        let [kind, level, time @ ..] = piece else { break };
        let time = time.iter().fold(0_u64, |time, octet| (time << 8) | u64::from(*octet));
        let at = if *kind == 255 { Duration::MAX } else { Duration::from_millis(time) };
        now =
            if kind % 16 == 0 { at } else { now.saturating_add(Duration::from_millis(time % 100)) };
        let number = u32::from(*level);
        let level = if level % 2 == 0 { Level::Closed } else { Level::Open };
        let reports = match kind % 5 {
            0 => contact.edge(Edge { level, at, sequence: Some(number) }, now),
            1 => contact.read(level, now),
            2 => contact.pass(now),
            3 => contact.read_counted(counter.read(number << (kind % 16)), level, now),
            _ => contact.lost(at, now),
        };
        assert!(reports.len() <= 8, "{reports:?}");
        reported |= !reports.is_empty();
    }
    reported
}

/// The files, as an operator or somebody in his name writes them.
pub(crate) fn configuration(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    let reading = config::read_str(&[("vigie.toml", &text)]);
    let errors = reading.complaints.iter().filter(|complaint| complaint.is_error()).count();
    assert_eq!(
        reading.settings.is_none(),
        errors > 0,
        "refused without a reason, or taken in spite of one"
    );
    for complaint in &reading.complaints {
        assert!(!complaint.to_string().is_empty());
    }
    reading.settings.is_some()
}

/// A message from a phone that may be an answer.
pub(crate) fn sms_answer(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    let is_answer = answer::parse(&text).is_some();
    if is_answer {
        // A sender who quotes what he was sent answers by what he writes himself.
        let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
        assert!(answer::parse(&quoted).is_none(), "what is quoted alone is no answer: {text:?}");
    }
    is_answer
}

fn signal() -> Signal {
    let mut fields = Fields::default();
    fields.set("value", Value::Int(7));
    fields.set("topic", Value::List(["plant", "north"].map(Value::text).to_vec()));
    Signal {
        input: InputName::new("mqtt.plant"),
        kind: Kind::Mqtt,
        source: Arc::from("plant/north"),
        fields,
        text: Arc::from("7"),
        source_time: None,
        tells: Tells::News,
        received: Utc::from_micros(1_767_225_600_000_000),
        identity: None,
        raw: Arc::from([]),
    }
}

/// A `text` or a `key` of a definition.
pub(crate) fn template(octets: &[u8]) -> bool {
    let source = String::from_utf8_lossy(octets);
    let Ok(template) = Template::parse(&source) else { return false };
    assert!(template.render(&signal(), 4_096).text.len() <= 4_096);
    true
}

/// An `active` or a `normal` of a definition.
pub(crate) fn expression(octets: &[u8]) -> bool {
    let source = String::from_utf8_lossy(octets);
    if let Ok(expression) = Expression::compile(&source) {
        let _ = expression.evaluate(&signal());
    }
    let Ok(condition) = Condition::compile(&source) else { return false };
    let _ = condition.holds(&signal());
    true
}

/// A pattern of `match`, and a text that it may fit.
pub(crate) fn matching(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    let (field, written) = text.split_once('\n').unwrap_or(("text", &text));
    let Ok(pattern) = Pattern::new(field, Scalar::Text(written.to_owned())) else { return false };
    let mut signal = signal();
    signal.fields.set(field, Value::text(&*"ab".repeat(200)));
    let _ = Match::everything().and(field, vec![pattern]).admits(&signal);
    true
}

/// What somebody says at the control socket.
pub(crate) fn control_request(octets: &[u8]) -> bool {
    let Ok(request) = from_slice::<Request>(octets) else { return false };
    let again = serde_json::to_vec(&request).expect("what was read can be written");
    assert_eq!(from_slice::<Request>(&again).ok(), Some(request));
    true
}
