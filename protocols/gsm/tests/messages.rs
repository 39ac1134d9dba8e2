//! Messages between a modem and us: captured ones are read, ours are written as the standard has them.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;
use vigie_gsm::alphabet::Encoding;
use vigie_gsm::concatenation::{Width, split};
use vigie_gsm::pdu::{
    Address, Class, Deliver, Element, Incoming, PduError, Status, StatusReport, Submit, TimeStamp,
    UserData, from_hex,
};

fn number(written: &str) -> Address {
    written.parse().expect("a number")
}

fn stamp() -> TimeStamp {
    TimeStamp::from_unix(1_795_411_996, 4).expect("within the century")
}

/// What an operator would want to know of a text and of how it came.
fn describe_text(text: &UserData) -> String {
    let mut line = String::new();
    if let Some(class) = text.coding().class() {
        let _ = write!(line, ", class {class:?}");
    }
    if let Some(waiting) = text.coding().waiting() {
        let _ = write!(line, ", {waiting:?}");
    }
    if let Some(part) = text.concatenation() {
        let _ =
            write!(line, ", part {}/{} of {:?}", part.sequence(), part.total(), part.reference());
    }
    let others = text
        .header()
        .elements()
        .iter()
        .filter(|element| !matches!(element, Element::Concatenation(_)));
    for element in others {
        let _ = write!(line, ", {element:?}");
    }
    if text.header().is_malformed() {
        line.push_str(", malformed header");
    }
    if text.is_cut() {
        line.push_str(", cut");
    }
    let _ = write!(line, ": {:?}", text.text());
    line
}

fn describe(line: &str) -> String {
    let by =
        |centre: Option<Address>| centre.map_or_else(String::new, |centre| format!(" by {centre}"));
    match from_hex(line).and_then(|octets| Incoming::decode(&octets)) {
        Ok(Incoming::Deliver(deliver)) => {
            let Deliver { sender, service_centre, time, user_data, .. } = deliver;
            let kind = sender.kind();
            format!(
                "from {sender} ({kind:?}){} at {time}{}",
                by(service_centre),
                describe_text(&user_data)
            )
        }
        Ok(Incoming::Submit(submit)) => {
            let Submit { destination, service_centre, validity, user_data, .. } = submit;
            let text = describe_text(&user_data);
            format!("to {destination}{} for {validity:?}{text}", by(service_centre))
        }
        Ok(Incoming::StatusReport(report)) => {
            let StatusReport {
                reference, recipient, submitted, discharged, status, user_data, ..
            } = report;
            let added = user_data.map_or_else(String::new, |text| describe_text(&text));
            let class = status.discharge();
            format!(
                "report {reference} of {submitted} to {recipient}: {class:?} at {discharged}, {status}{added}"
            )
        }
        Err(refused) => format!("refused: {refused}"),
    }
}

#[test]
fn every_captured_message_is_read_as_written_beneath_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gsm/messages.txt");
    let golden = std::fs::read_to_string(&path).unwrap();
    let mut now = String::new();
    for line in golden.lines().filter(|line| !line.starts_with("= ")) {
        now.push_str(line);
        now.push('\n');
        if let Some(hex) = line.strip_prefix("> ") {
            let _ = writeln!(now, "= {}", describe(hex));
        }
    }
    if std::env::var_os("VIGIE_BLESS").is_some() {
        std::fs::write(&path, &now).unwrap();
    } else {
        for (now, then) in now.lines().zip(golden.lines()) {
            assert_eq!(now, then);
        }
        assert_eq!(now, golden);
    }
}

#[test]
fn an_alarm_is_written_as_the_modem_wants_it() {
    let mut submit =
        Submit::new(number("+46708251358"), UserData::text_alone("hellohello", Encoding::Gsm7));
    submit.validity = Some(Duration::from_secs(4 * 86_400));
    let pdu = submit.encode().unwrap();
    assert_eq!(pdu.hex(), "0011000B916407281553F80000AA0AE8329BFD4697D9EC37");
    assert_eq!(pdu.tpdu_length, 23, "the service centre's octet is not counted");
}

#[test]
fn a_report_is_asked_for_and_a_flash_message_lights_the_phone_up() {
    let text = UserData::text_alone("Feu", Encoding::Ucs2).with_class(Class::Display);
    let submit = Submit { status_report: true, ..Submit::new(number("36105"), text) };
    let pdu = submit.encode().unwrap();
    assert_eq!(pdu.hex(), "00210005816301F5001806004600650075");
    let Ok(Incoming::Submit(read)) = Incoming::decode(&pdu.bytes) else { unreachable!("a submit") };
    assert_eq!(read, submit);
    assert_eq!(read.user_data.coding().class(), Some(Class::Display));
}

#[test]
fn whatever_is_sent_comes_out_of_the_simulator_as_it_went_in() {
    for (text, encoding) in
        [("{€} Défaut ".repeat(30), Encoding::Gsm7), ("Arrêt 🔥 ".repeat(30), Encoding::Ucs2)]
    {
        for width in [Width::Octet, Width::TwoOctets] {
            for part in split(&text, encoding, 0x1234, width) {
                let sent = Submit {
                    service_centre: Some(number("+33609001390")),
                    validity: Some(Duration::from_secs(3_600)),
                    reference: 7,
                    reject_duplicates: true,
                    reply_path: true,
                    ..Submit::new(number("+33612345678"), part.clone())
                };
                let pdu = sent.encode().unwrap();
                assert!(pdu.tpdu_length <= 164);
                assert_eq!(Incoming::decode(&pdu.bytes), Ok(Incoming::Submit(sent)));
                let delivered =
                    Deliver { status_report: true, ..Deliver::new(number("36105"), stamp(), part) };
                let pdu = delivered.encode().unwrap();
                assert_eq!(Incoming::decode(&pdu.bytes), Ok(Incoming::Deliver(delivered)));
            }
        }
    }
}

#[test]
fn a_report_comes_out_of_the_simulator_as_it_went_in() {
    let recipient = number("+33612345678");
    for status in (0..=u8::MAX).map(Status::from_octet) {
        let mut report = StatusReport::new(255, recipient.clone(), stamp(), stamp(), status);
        assert_eq!(
            Incoming::decode(&report.encode().unwrap().bytes),
            Ok(Incoming::StatusReport(report.clone()))
        );
        report.user_data = Some(UserData::text_alone("ok", Encoding::Gsm7));
        assert_eq!(
            Incoming::decode(&report.encode().unwrap().bytes),
            Ok(Incoming::StatusReport(report))
        );
    }
}

#[test]
fn a_message_without_the_service_centre_is_read_too() {
    let pdu = Deliver::new(number("36105"), stamp(), UserData::text_alone("4711", Encoding::Gsm7))
        .encode()
        .unwrap();
    assert_eq!(Incoming::decode_tpdu(&pdu.bytes[1..]), Incoming::decode(&pdu.bytes));
}

#[test]
fn a_message_cut_on_the_line_cannot_acknowledge_by_accident() {
    let pdu =
        Deliver::new(number("36105"), stamp(), UserData::text_alone("4711 NO", Encoding::Gsm7))
            .encode()
            .unwrap();
    let Ok(Incoming::Deliver(cut)) = Incoming::decode(&pdu.bytes[..pdu.bytes.len() - 3]) else {
        unreachable!("a text that is cut is still read")
    };
    assert_eq!(cut.user_data.text(), "4711 [...]");
    assert!(cut.user_data.is_cut());
}

#[test]
fn a_text_too_long_for_one_message_is_refused_and_not_cut() {
    for (text, encoding) in [("a".repeat(161), Encoding::Gsm7), ("ê".repeat(71), Encoding::Ucs2)] {
        let refused = Submit::new(number("36105"), UserData::text_alone(&text, encoding)).encode();
        assert!(matches!(refused, Err(PduError::TooLong { .. })), "{refused:?}");
    }
    let fits = Submit::new(number("36105"), UserData::text_alone(&"a".repeat(160), Encoding::Gsm7));
    assert!(fits.encode().is_ok());
}
