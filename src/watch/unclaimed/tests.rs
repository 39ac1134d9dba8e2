//! What is suggested for a signal that nobody claims.

use super::*;
use crate::watch::definition::{Definition, Reported};
use crate::watch::expression::sample::{self, link, reading, signal, with};
use crate::watch::own_alarms::SelfSignal;
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
text     = "{trap}: {source}"
# escalation = "…"   # the ladder; without one the alarm is shown and nobody is called
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
