//! The simulated modem refuses what real modems refuse; otherwise it would prove nothing.

use std::time::Duration;

use vigie_gsm::simulator::{Fault, Modem, Profile};

/// Three octets of text to +33612345678.
const PDU: &str = "0001000B913316325476F8000003F0371C";
const OCTETS: usize = 16;

fn says(modem: &mut Modem, at: u64, typed: &str) -> String {
    let now = Duration::from_millis(at);
    modem.receive(typed.as_bytes(), now);
    let bytes = modem.transmit().unwrap_or_default();
    String::from_utf8(bytes).expect("it says text")
}

fn quiet(profile: Profile) -> Modem {
    Modem::new(Profile { echo: false, ..profile }, Duration::ZERO)
}

#[test]
fn commands_are_understood_in_any_case_and_several_on_a_line() {
    let mut modem = quiet(Profile::instant());
    assert_eq!(says(&mut modem, 0, "at\r"), "\r\nOK\r\n");
    assert_eq!(says(&mut modem, 0, "AT+cmee=1;+CLIP=1;+CREG=2\r"), "\r\nOK\r\n");
    assert_eq!(
        says(&mut modem, 0, "ATE0V1Q0+CSQ;+CMEE?\r"),
        "\r\n+CSQ: 17,99\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n"
    );
    assert_eq!(says(&mut modem, 0, "AT+NONSENSE\r"), "\r\nERROR\r\n");
    assert_eq!(says(&mut modem, 0, "AT+CSQ"), "", "a command without CR is no command yet");
    assert_eq!(says(&mut modem, 0, "noise\r"), "\r\nERROR\r\n");
    assert_eq!(says(&mut modem, 0, "noise\r\n"), "", "a line without AT is nothing");
}

#[test]
fn echo_is_on_until_it_is_off() {
    let mut modem = Modem::new(Profile::instant(), Duration::ZERO);
    assert_eq!(says(&mut modem, 0, "ATE0\r"), "ATE0\r\r\nOK\r\n");
    assert_eq!(says(&mut modem, 0, "AT\r"), "\r\nOK\r\n");
}

#[test]
fn the_settings_of_the_factory_have_an_echo_and_leave_the_radio_as_it_is() {
    for back in ["ATZ\r", "AT&F\r"] {
        let mut modem = Modem::new(Profile::instant(), Duration::ZERO);
        says(&mut modem, 0, "ATE0+CFUN=4;+CMGF=0\r");
        assert_eq!(says(&mut modem, 0, back), "\r\nOK\r\n");
        assert_eq!(
            says(&mut modem, 0, "AT+CFUN?;+CMGF?\r"),
            "AT+CFUN?;+CMGF?\r\r\n+CFUN: 0\r\n\r\n+CMGF: 1\r\n\r\nOK\r\n"
        );
    }
}

#[test]
fn nothing_is_sent_before_pdu_mode_pin_and_registration() {
    let mut modem =
        quiet(Profile { pin: Some("4711".to_owned()), registration: 2, ..Profile::instant() });
    let ask = format!("AT+CMGS={OCTETS}\r");
    assert_eq!(says(&mut modem, 0, &ask), "\r\n+CMS ERROR: 311\r\n");
    assert_eq!(says(&mut modem, 0, "AT+CPIN=\"4711\"\r"), "\r\nOK\r\n");
    assert_eq!(says(&mut modem, 0, &ask), "\r\n+CMS ERROR: 304\r\n");
    assert_eq!(says(&mut modem, 0, "AT+CMGF=0\r"), "\r\nOK\r\n");
    assert_eq!(says(&mut modem, 0, &ask), "\r\n+CMS ERROR: 331\r\n");
    modem.register(1, Duration::ZERO);
    assert_eq!(says(&mut modem, 0, &ask), "\r\n> ");
    assert_eq!(says(&mut modem, 0, &format!("{PDU}\u{1a}")), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    assert_eq!(modem.sent().first().map(|sent| sent.text.as_str()), Some("pop"));
}

#[test]
fn three_wrong_pins_block_the_sim() {
    let mut modem = quiet(Profile { pin: Some("4711".to_owned()), ..Profile::instant() });
    for _ in 0..3 {
        assert_eq!(says(&mut modem, 0, "AT+CMEE=1;+CPIN=\"0000\"\r"), "\r\n+CME ERROR: 16\r\n");
    }
    assert_eq!(says(&mut modem, 0, "AT+CPIN?\r"), "\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n");
    assert_eq!(says(&mut modem, 0, "AT+CPIN=\"4711\"\r"), "\r\n+CME ERROR: 12\r\n");
}

#[test]
fn a_text_that_is_no_pdu_of_that_length_is_refused() {
    let mut modem = quiet(Profile::instant());
    says(&mut modem, 0, "AT+CMGF=0\r");
    let texts = [
        PDU.replace('F', "G"),
        PDU.replace("F8", "F"),
        format!("{PDU}00"),
        String::new(),
        "AT+CSQ\r".to_owned(),
    ];
    for text in texts {
        assert_eq!(says(&mut modem, 0, &format!("AT+CMGS={OCTETS}\r")), "\r\n> ", "{text}");
        let answer = says(&mut modem, 0, &format!("{text}\u{1a}"));
        assert!(answer.ends_with("\r\n+CMS ERROR: 304\r\n"), "{text}: {answer:?}");
    }
    assert!(modem.submitted().is_empty());
    says(&mut modem, 0, &format!("AT+CMGS={OCTETS}\r"));
    assert_eq!(says(&mut modem, 0, &format!("{PDU}\u{1b}")), "\r\nOK\r\n", "ESC gives it up");
    assert!(modem.submitted().is_empty());
}

#[test]
fn a_command_between_ctrl_z_and_the_result_costs_the_result() {
    let mut modem = quiet(Profile::default());
    says(&mut modem, 0, "AT+CMGF=0\r");
    says(&mut modem, 0, &format!("AT+CMGS={OCTETS}\r"));
    assert_eq!(says(&mut modem, 0, &format!("{PDU}\u{1a}")), "");
    assert_eq!(modem.deadline(), Some(Duration::from_millis(2500)));
    assert_eq!(says(&mut modem, 100, "AT\r"), "");
    assert_eq!(says(&mut modem, 2500, ""), "");
    assert_eq!(modem.submitted().len(), 1, "and yet it went out");
    assert_eq!(says(&mut modem, 2600, "AT\r"), "\r\nOK\r\n");
}

#[test]
fn messages_are_announced_only_when_that_was_asked_for() {
    let mut modem = quiet(Profile::instant());
    let now = Duration::ZERO;
    modem.deliver("+33612345678", "one", now).expect("it fits");
    assert_eq!(modem.transmit(), None);
    assert_eq!(says(&mut modem, 0, "AT+CNMI=2,1,0,0,0\r"), "\r\nOK\r\n");
    assert_eq!(says(&mut modem, 0, "AT+CNMI=2,9\r"), "\r\n+CMS ERROR: 303\r\n");
    modem.deliver("VIGIE", "two", now).expect("it fits");
    assert_eq!(says(&mut modem, 0, ""), "\r\n+CMTI: \"SM\",2\r\n");
    says(&mut modem, 0, "AT+CMGF=0\r");
    assert_eq!(says(&mut modem, 0, "AT+CMGR=11\r"), "\r\n+CMS ERROR: 321\r\n");
    modem.fail(Fault::Reset { silent: true }, now);
    modem.deliver("VIGIE", "three", now).expect("it fits");
    assert_eq!(modem.transmit(), None, "a restart forgets it");
}

#[test]
fn the_network_holds_back_what_has_no_slot_and_what_has_no_network() {
    let mut modem = quiet(Profile { slots: 2, ..Profile::instant() });
    let now = Duration::ZERO;
    for text in ["one", "two", "three"] {
        modem.deliver("+33612345678", text, now).expect("it fits");
    }
    assert_eq!((modem.slots_used(), modem.held()), (2, 1));
    assert_eq!(says(&mut modem, 0, "AT+CMGD=1\r"), "\r\nOK\r\n");
    assert_eq!((modem.slots_used(), modem.held()), (2, 0));
    says(&mut modem, 0, "AT+CMGD=1,4\r");
    modem.register(0, now);
    modem.deliver("+33612345678", "four", now).expect("it fits");
    assert_eq!((modem.slots_used(), modem.held()), (0, 1));
    modem.register(1, now);
    assert_eq!((modem.slots_used(), modem.held()), (1, 0));
}

#[test]
fn a_modem_is_as_busy_as_deaf_and_as_slow_as_its_profile_says() {
    let profile = Profile {
        busy: Some((Duration::from_secs(3), 14)),
        pause: Duration::from_millis(100),
        slow: vec![("+CMGR".to_owned(), Duration::from_secs(4))],
        error_codes: 2,
        ..Profile::instant()
    };
    let mut modem = quiet(profile);
    assert_eq!(says(&mut modem, 0, "AT+CPIN?\r"), "\r\n+CME ERROR: SIM busy\r\n");
    assert_eq!(says(&mut modem, 99, "AT\r"), "", "it does not listen yet");
    assert_eq!(says(&mut modem, 100, "AT+CMEE=1\r"), "\r\nOK\r\n");
    assert_eq!(says(&mut modem, 2999, "AT+CPIN?\r"), "\r\n+CME ERROR: 14\r\n");
    assert_eq!(says(&mut modem, 3100, "AT+CMGF=0\r"), "\r\nOK\r\n");
    assert_eq!(says(&mut modem, 3300, "AT+CMGR=1\r"), "");
    assert_eq!(modem.deadline(), Some(Duration::from_millis(7300)));
    assert_eq!(says(&mut modem, 7000, "AT\r"), "", "it works");
    assert_eq!(says(&mut modem, 7300, ""), "\r\nOK\r\n");
}

#[test]
fn a_modem_refuses_what_it_offers_where_its_profile_says_so() {
    let profile = Profile {
        memories: Some("((\"SM\",\"BM\"),(\"SM\"))".to_owned()),
        memories_at_once: 2..=2,
        refused_modes: vec![2],
        indications: "(0-2),(0,1),(0),(0),(0)".to_owned(),
        refusal: "COMMAND NOT SUPPORT".to_owned(),
        ..Profile::instant()
    };
    let mut modem = quiet(profile);
    for (typed, said) in [
        ("AT+CPMS=?", "\r\n+CPMS: ((\"SM\",\"BM\"),(\"SM\"))\r\n\r\nOK\r\n"),
        ("AT+CPMS=\"SM\"", "\r\nCOMMAND NOT SUPPORT\r\n"),
        ("AT+CPMS=\"SM\",\"BM\"", "\r\n+CMS ERROR: 302\r\n"),
        ("AT+CPMS=\"SM\",\"SM\"", "\r\n+CPMS: 0,10,0,10,0,10\r\n\r\nOK\r\n"),
        ("AT+CNMI=?", "\r\n+CNMI: (0-2),(0,1),(0),(0),(0)\r\n\r\nOK\r\n"),
        ("AT+CNMI=2,1", "\r\n+CMS ERROR: 303\r\n"),
        ("AT+CNMI=1,2", "\r\n+CMS ERROR: 303\r\n"),
        ("AT+CNMI=1,1", "\r\nOK\r\n"),
    ] {
        assert_eq!(says(&mut modem, 0, &format!("{typed}\r")), said, "{typed}");
    }
}

#[test]
fn lines_that_come_by_themselves_come_when_they_are_due() {
    let profile = Profile {
        boot_time: Duration::from_secs(2),
        boot: vec![
            (Duration::from_secs(5), "PB DONE".to_owned()),
            (Duration::ZERO, "RDY".to_owned()),
        ],
        chatter: vec![(Duration::from_secs(3), "^RSSI:17".to_owned())],
        ..Profile::instant()
    };
    let mut modem = quiet(profile);
    let mut heard = Vec::new();
    while let Some(due) = modem.deadline().filter(|due| *due < Duration::from_secs(9)) {
        modem.elapse(due);
        let bytes = modem.transmit().unwrap_or_default();
        heard.push((due.as_secs(), String::from_utf8(bytes).expect("it says text")));
    }
    let line = |at, line: &str| (at, format!("\r\n{line}\r\n"));
    let all = [line(2, "RDY"), line(5, "^RSSI:17"), line(7, "PB DONE"), line(8, "^RSSI:17")];
    assert_eq!(heard, all);
}

#[test]
fn the_operator_and_the_service_centre_are_written_as_was_asked_for() {
    let mut modem = quiet(Profile::instant());
    let asked = "AT+COPS?;+CSCA?\r";
    let name =
        "\r\n+COPS: 0,0,\"Vigie Telecom\",7\r\n\r\n+CSCA: \"+33689004000\",145\r\n\r\nOK\r\n";
    assert_eq!(says(&mut modem, 0, asked), name);
    assert_eq!(says(&mut modem, 0, "AT+CSCS=\"UTF-9\"\r"), "\r\nERROR\r\n");
    says(&mut modem, 0, "AT+CSCS=\"UCS2\"\r");
    let written = says(&mut modem, 0, asked);
    assert!(
        written.contains("0,\"00560069006700690065002000540065006C00650063006F006D\",7"),
        "{written}"
    );
    assert!(
        written.contains("\"002B00330033003600380039003000300034003000300030\",145"),
        "{written}"
    );
    says(&mut modem, 0, "AT+COPS=3,2\r");
    assert_eq!(says(&mut modem, 0, "AT+COPS?\r"), "\r\n+COPS: 0,2,\"20801\",7\r\n\r\nOK\r\n");
    says(&mut modem, 0, "AT+COPS=3,0;+CSCS=\"IRA\"\r");
    assert_eq!(says(&mut modem, 0, asked), name);
}

/// One that hands messages over directly, to a terminal that must acknowledge them (27.005 3.2.1, 3.4.1).
fn direct() -> Modem {
    let mut modem = quiet(Profile::instant());
    says(&mut modem, 0, "AT+CMGF=0;+CSMS=1;+CNMI=2,2,0,1,0\r");
    for text in ["one", "two"] {
        modem.deliver("+33612345678", text, Duration::ZERO).expect("it fits");
    }
    modem
}

#[test]
fn the_network_keeps_what_was_handed_over_until_it_is_acknowledged() {
    let mut modem = direct();
    let handed = says(&mut modem, 0, "");
    assert_eq!(handed.matches("+CMT: ,").count(), 1, "one at a time: {handed}");
    assert_eq!(modem.held(), 2);
    let next = says(&mut modem, 0, "AT+CNMA\r");
    assert!(next.starts_with("\r\nOK\r\n\r\n+CMT: ,"), "{next}");
    assert_eq!(says(&mut modem, 0, "AT+CNMA=1,2\r"), "\r\n> ");
    assert_eq!(
        says(&mut modem, 0, "0100\u{1a}"),
        "\r\n+CMS ERROR: 304\r\n",
        "a submit is no report"
    );
    says(&mut modem, 0, "AT+CNMA=1,2\r");
    assert_eq!(says(&mut modem, 0, "0000\u{1a}"), "\r\nOK\r\n");
    assert_eq!(says(&mut modem, 0, "AT+CNMA\r"), "\r\n+CMS ERROR: 340\r\n", "nothing is awaited");
    assert_eq!((modem.held(), modem.slots_used()), (0, 0));
}

#[test]
fn who_does_not_acknowledge_in_time_is_handed_nothing_over_any_more() {
    let mut modem = direct();
    says(&mut modem, 0, "");
    assert_eq!(modem.deadline(), Some(Duration::from_secs(15)));
    assert_eq!(says(&mut modem, 15_000, ""), "");
    assert_eq!((modem.held(), modem.slots_used()), (0, 2), "it comes again, and is stored");
    assert_eq!(says(&mut modem, 15_000, "AT+CNMI?\r"), "\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n");
    assert_eq!(says(&mut modem, 15_000, "AT+CNMA\r"), "\r\n+CMS ERROR: 340\r\n");
}
