//! What is suggested for a signal that nobody claims.

use super::*;
use crate::watch::definition::{Definition, Reported};
use crate::watch::expression::sample::{self, link, reading, signal, with};
use crate::watch::own_alarms::SelfSignal;
use crate::watch::signal::Fields;
use crate::watch::time::Utc;

/// The definition that the suggestion is, once pasted.
fn pasted(signal: &Signal) -> Definition {
    let suggestion = suggest(signal);
    let mut definitions = sample::definitions(&suggestion);
    assert_eq!(definitions.len(), 1, "{suggestion}");
    definitions.remove(0)
}

#[test]
fn a_pair_of_traps_is_suggested_as_one_alarm_that_returns() {
    assert_eq!(
        suggest(&link("IF-MIB::linkDown", 3)),
        r#"[alarms.link-down]
from     = ["snmp.network"]
match    = { trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"] }
key      = "{source}/{ifIndex}"
active   = 'trap == "IF-MIB::linkDown"'
normal   = 'trap == "IF-MIB::linkUp"'
priority = "medium"
text     = "Link {ifIndex} of {source} is down"
# escalation = "…"   # the ladder; without one nobody is called
"#
    );
    let definition = pasted(&link("IF-MIB::linkUp", 3));
    assert_eq!(definition.name.as_str(), "link-down");
    assert_eq!(definition.read(&link("IF-MIB::linkUp", 3)).condition, Reported::Normal);
    let by_oid = link("1.3.6.1.6.3.1.1.5.3", 3);
    assert!(matches!(pasted(&by_oid).read(&by_oid).condition, Reported::Active { .. }));
}

#[test]
fn what_is_suggested_selects_the_signal_it_was_suggested_for() {
    let contact = with(signal(Kind::Contacts), "line", Value::text("door"));
    let own = |alarm| SelfSignal {
        alarm,
        subject: "gsm.orange".into(),
        reason: "no answer".into(),
        active: true,
    };
    let signals = [
        link("PowerNet-MIB::upsOnBattery", 1),
        link("1.3.6.1.4.1.9999.0.17", 1),
        signal(Kind::Snmp),
        with(signal(Kind::Gsm), "sender", Value::text("+33700000001")),
        with(signal(Kind::Gsm), "sender", Value::text("BANQUE")),
        reading(Value::Float(8.5)),
        reading(Value::Int(-3)),
        with(reading(Value::Null), "payload", Value::text("ON \"now\" \\ 'é'")),
        with(
            signal(Kind::Mqtt),
            "topic",
            Value::List(vec![Value::text("$SYS"), Value::text("a+b")]),
        ),
        with(contact, "alarm", Value::Bool(true)),
        own(SelfAlarm::ModemLost).into_signal(Utc::default()),
        own(SelfAlarm::ClockStepped).into_signal(Utc::default()),
    ];
    for signal in signals {
        assert_eq!(pasted(&signal).selects(&signal), Ok(()), "{}", suggest(&signal));
    }
}

#[test]
fn a_hostile_signal_is_suggested_as_plain_toml() {
    let nasty = [
        "\"]\nactive = \"true",
        "'''\"\"\"\\",
        "{trap}}{{",
        "\u{0}\u{7f}\u{85}\u{2028}",
        "\\\u{202e}\u{61c}\u{ad}\u{e0041}",
        "*",
        "",
        "x/#/+",
        "é".repeat(5_000).as_str(),
        "[alarms.other]",
        "0 # comment",
    ]
    .map(str::to_owned);
    for text in &nasty {
        for kind in Kind::ALL {
            let mut hostile = signal(kind);
            hostile.source = text.as_str().into();
            hostile.text = text.as_str().into();
            for field in ["trap", "trap_oid", "sender", "payload", "line", "alarm", "index"] {
                hostile.fields.set(field, Value::text(text.as_str()));
            }
            hostile.fields.set("topic", Value::List(text.split('/').map(Value::text).collect()));
            let definition = pasted(&hostile);
            assert_eq!(definition.selects(&hostile), Ok(()), "{}", suggest(&hostile));
        }
    }
}

/// The lines of a suggestion that say which signals it is for, and when it is active.
fn lines(signal: &Signal) -> Vec<String> {
    let wanted = ["match", "active", "normal", "momentary"];
    let suggestion = suggest(signal);
    let lines = suggestion.lines().filter(|line| wanted.iter().any(|key| line.starts_with(key)));
    let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    lines.map(|line| plain(line.split('#').next().unwrap_or_default())).collect()
}

#[test]
fn a_trap_without_a_partner_is_suggested_by_its_name_and_one_without_a_name_by_its_source() {
    let trap = link("CISCO-CONFIG-MAN-MIB::ciscoConfigManEvent", 1);
    assert_eq!(
        lines(&trap),
        ["match = { trap = \"CISCO-CONFIG-MAN-MIB::ciscoConfigManEvent\" }", "momentary = true"]
    );
    let nameless = signal(Kind::Snmp);
    assert_eq!(lines(&nameless), ["match = { source = \"10.1.2.3\" }", "momentary = true"]);
}

#[test]
fn a_message_is_suggested_by_its_sender_and_by_its_first_word_if_that_is_one() {
    let sms = |text: &str| {
        let mut sms = with(signal(Kind::Gsm), "sender", Value::text("BANQUE"));
        sms.text = text.into();
        lines(&sms).remove(0)
    };
    assert_eq!(sms("DEFAUT pompe 3"), "match = { sender = \"BANQUE\", text = \"DEFAUT*\" }");
    assert_eq!(
        sms("Anticonstitutionnellement"),
        "match = { sender = \"BANQUE\", text = \"Anticonstitutionnell*\" }"
    );
    for text in ["", "*DEFAUT* pompe", "  "] {
        assert_eq!(sms(text), "match = { sender = \"BANQUE\" }", "{text}");
    }
}

#[test]
fn a_topic_is_suggested_with_the_condition_that_its_payload_allows() {
    let topic = r#"match = { topic = "plant/north/alarm/temperature" }"#;
    let number = |value| lines(&reading(value));
    assert_eq!(number(Value::Float(8.5)), [topic, "active = \"value > 8.5\""]);
    assert_eq!(number(Value::Int(-3)), [topic, "active = \"value > -3\""]);
    let text = |text: &str| with(reading(Value::Null), "payload", Value::text(text));
    assert_eq!(lines(&text("ON")), [topic, "active = 'payload == \"ON\"'"]);
    assert_eq!(lines(&text("")), [topic, "momentary = true"]);
    assert_eq!(lines(&text(&"x".repeat(65))), [topic, "momentary = true"]);
    let json = with(text("{}"), "json", Value::Map(Fields::default()));
    assert_eq!(lines(&json), [topic, "momentary = true"]);
}

#[test]
fn a_long_topic_is_left_open_at_its_end() {
    let topic = |levels: usize| {
        let levels = (0..levels).map(|level| Value::text(level.to_string())).collect();
        lines(&with(signal(Kind::Mqtt), "topic", Value::List(levels))).remove(0)
    };
    assert_eq!(topic(12), "match = { topic = \"0/1/2/3/4/5/6/7/8/9/10/11\" }");
    let suggestion = suggest(&with(
        signal(Kind::Mqtt),
        "topic",
        Value::List((0..13).map(|level| Value::text(level.to_string())).collect()),
    ));
    assert!(suggestion.contains("0/1/2/3/4/5/6/7/8/9/10/11/#\""), "{suggestion}");
}

#[test]
fn what_vigie_says_of_itself_is_suggested_as_it_ends() {
    let own = |alarm| {
        let signal = SelfSignal { alarm, subject: "x".into(), reason: "y".into(), active: true };
        lines(&signal.into_signal(Utc::default())).remove(1)
    };
    assert_eq!(own(SelfAlarm::ModemLost), "active = \"active\"");
    assert_eq!(own(SelfAlarm::ClockStepped), "momentary = true");
}

/// A module with fans in a table, and a mains switch that is one.
fn module() -> Vec<Trap> {
    let object = |name: &str, index: &[&str]| TrapObject {
        name: name.to_owned(),
        index: index.iter().map(|&object| object.to_owned()).collect(),
        has_labels: false,
    };
    let trap = |number: u32, name: &str, objects: Vec<TrapObject>| Trap {
        module: "ACME-MIB".to_owned(),
        name: name.to_owned(),
        oid: format!("1.3.6.1.4.1.99999.1.0.{number}"),
        description: String::new(),
        objects,
    };
    let fan = || vec![object("acmeFanSpeed", &["acmeFanNumber"])];
    vec![
        trap(1, "acmeFanFailed", fan()),
        trap(2, "acmeFanRestored", fan()),
        trap(3, "acmeMainsOn", Vec::new()),
        trap(4, "acmeMainsOff", Vec::new()),
        trap(5, "acmeSelfTest", Vec::new()),
    ]
}

/// A trap of it, with or without a varbind.
fn acme(trap: &str, carries: bool) -> Signal {
    let mut vars = Fields::default();
    if carries {
        vars.set("1.3.6.1.4.1.99999.1.6.1.2.3", Value::Int(0));
    }
    let signal = with(signal(Kind::Snmp), "trap", Value::text(format!("ACME-MIB::{trap}")));
    with(with(signal, "acmeFanNumber", Value::Int(3)), "vars", Value::Map(vars))
}

fn knowing(trap: &str, carries: bool, module: &[Trap]) -> String {
    suggest_knowing(&acme(trap, carries), &format!("ACME-MIB::{trap}"), module)
}

#[test]
fn what_raises_and_what_clears_by_a_mib_file_is_one_proposal_whichever_came() {
    let proposed = r#"# ACME-MIB::acmeFanFailed (1.3.6.1.4.1.99999.1.0.1)
#   carries acmeFanSpeed
# ACME-MIB::acmeFanRestored (1.3.6.1.4.1.99999.1.0.2)
#   carries acmeFanSpeed
[alarms.acme-fan-failed]
from     = ["snmp.network"]
match    = { trap = ["ACME-MIB::acmeFanFailed", "ACME-MIB::acmeFanRestored"] }
key      = "{source}/{acmeFanNumber}"
active   = 'trap == "ACME-MIB::acmeFanFailed"'
normal   = 'trap == "ACME-MIB::acmeFanRestored"'
priority = "medium"
text     = "Acme fan failed: {source}, {acmeFanNumber}"
# escalation = "…"   # the ladder; without one nobody is called
"#;
    for trap in ["acmeFanFailed", "acmeFanRestored"] {
        assert_eq!(knowing(trap, true, &module()), proposed);
        let definitions = sample::definitions(proposed);
        assert_eq!(definitions[0].selects(&acme(trap, true)), Ok(()));
        assert_eq!(&*definitions[0].read(&acme(trap, true)).key, "10.1.2.3/3");
    }
    let mains = knowing("acmeMainsOn", false, &module());
    assert!(mains.contains("# Which of the two raises the alarm is guessed"), "{mains}");
    assert!(mains.contains(r#"active   = 'trap == "ACME-MIB::acmeMainsOff"'"#), "{mains}");
    let test = knowing("acmeSelfTest", false, &module());
    assert!(test.contains("momentary = true") && test.contains("Acme self test"), "{test}");
}

#[test]
fn where_the_file_does_not_say_what_a_trap_carries_nothing_is_joined_by_its_name() {
    let mut unsaid = module();
    unsaid.iter_mut().for_each(|trap| trap.objects.clear());
    let plain = suggest(&acme("acmeFanFailed", true));
    assert!(plain.contains("momentary = true"), "{plain}");
    for module in [unsaid, Vec::new()] {
        assert_eq!(knowing("acmeFanFailed", true, &module), plain);
    }
    let link = link("IF-MIB::linkDown", 3);
    assert_eq!(suggest_knowing(&link, "IF-MIB::linkDown", &module()), suggest(&link));
}
