//! What a definition makes of a signal.

use super::*;
use crate::watch::expression::sample::{self, link, reading, signal, with};
use crate::watch::signal::Value;

fn definition(file: &str) -> Definition {
    sample::definitions(file).remove(0)
}

const COLD_ROOM: &str = r#"
[alarms.cold-room]
from     = ["mqtt.plant"]
match    = { topic = "plant/+/alarm/temperature" }
key      = "{topic[1]}"
active   = "value > 8.0"
normal   = "value < 6.0"
text     = "Chambre froide {topic[1]} : {value} °C"
"#;

#[test]
fn between_the_two_thresholds_nothing_changes() {
    let cold_room = definition(COLD_ROOM);
    let condition = |value| cold_room.read(&reading(value)).condition;
    let text = "Chambre froide north : 9 °C".into();
    assert_eq!(condition(Value::Int(9)), Reported::Active { priority: Priority::Medium, text });
    assert_eq!(condition(Value::Float(7.0)), Reported::Unchanged);
    assert_eq!(condition(Value::Float(5.9)), Reported::Normal);
    assert_eq!(&*cold_room.read(&reading(Value::Null)).key, "north");
}

#[test]
fn a_condition_that_cannot_be_told_leaves_the_alarm_as_it_is_and_says_why() {
    let condition = definition(COLD_ROOM).read(&reading(Value::text("warm"))).condition;
    let reason = "`active` cannot be told: `>` does not apply to text and a number";
    assert_eq!(condition, Reported::Unreadable(reason.to_owned()));
}

#[test]
fn without_normal_an_alarm_is_normal_when_it_is_not_active_and_the_other_way_round() {
    let door = |value| with(signal(Kind::Contacts), "alarm", Value::Bool(value));
    let by_active = definition("[alarms.a]\nfrom = [\"contacts\"]\nactive = \"alarm\"");
    let by_normal = definition("[alarms.a]\nfrom = [\"contacts\"]\nnormal = \"!alarm\"");
    for definition in [by_active, by_normal] {
        assert!(matches!(definition.read(&door(true)).condition, Reported::Active { .. }));
        assert_eq!(definition.read(&door(false)).condition, Reported::Normal);
        assert!(matches!(
            definition.read(&signal(Kind::Contacts)).condition,
            Reported::Unreadable(_)
        ));
    }
}

#[test]
fn where_active_and_normal_both_hold_the_cause_is_present() {
    let both =
        definition("[alarms.a]\nfrom = [\"mqtt\"]\nactive = \"value > 1\"\nnormal = \"value > 0\"");
    assert!(matches!(both.read(&reading(Value::Int(2))).condition, Reported::Active { .. }));
}

#[test]
fn an_event_counts_only_when_its_condition_holds() {
    let mut event = definition("[alarms.a]\nfrom = [\"mqtt\"]");
    assert!(matches!(event.read(&reading(Value::Int(2))).condition, Reported::Event { .. }));
    event.says = Says::Momentary(Some(Condition::compile("value > 5").expect("a condition")));
    assert_eq!(event.read(&reading(Value::Int(2))).condition, Reported::Unchanged);
    assert!(matches!(event.read(&reading(Value::Int(7))).condition, Reported::Event { .. }));
}

#[test]
fn the_first_grade_that_holds_is_the_priority() {
    let mut graded = definition("[alarms.a]\nfrom = [\"mqtt\"]");
    let when = |source| Some(Condition::compile(source).expect("a condition"));
    graded.priority = vec![
        Grade { when: when("json.severe"), is: Priority::Low },
        Grade { when: when("value > 12"), is: Priority::Critical },
        Grade { when: when("value > 8"), is: Priority::High },
    ];
    let priority = |value| match graded.read(&reading(value)).condition {
        Reported::Event { priority, .. } => priority,
        other => panic!("{other:?}"),
    };
    assert_eq!(priority(Value::Int(13)), Priority::Critical);
    assert_eq!(priority(Value::Int(9)), Priority::High);
    assert_eq!(priority(Value::Int(1)), Priority::Medium, "none holds: as if none were named");
}

#[test]
fn a_key_that_is_too_long_is_cut_and_counted() {
    let by_payload = definition("[alarms.a]\nfrom = [\"mqtt\"]\nkey = \"{payload}\"");
    let read =
        by_payload.read(&with(reading(Value::Null), "payload", Value::text("x".repeat(5_000))));
    assert!(read.cut);
    assert_eq!(read.key.len(), KEY_LIMIT);
    assert_eq!((KEY_LIMIT, TEXT_LIMIT), (4_096, 16_384), "as the manual says");
}

#[test]
fn the_conditions_of_a_definition_and_what_they_name_are_known() {
    let named = |file: &str| -> Vec<(&'static str, Vec<String>)> {
        let definition = definition(file);
        let names = |condition: &Condition| condition.names().map(str::to_owned).collect();
        definition.says.conditions().map(|(key, condition)| (key, names(condition))).collect()
    };
    let value = || vec!["value".to_owned()];
    assert_eq!(named(COLD_ROOM), [("active", value()), ("normal", value())]);
    let only = |says: &str| named(&format!("[alarms.a]\nfrom = [\"mqtt\"]\n{says}"));
    assert_eq!(only("normal = \"value < 6\""), [("normal", value())]);
    assert_eq!(only("momentary = true\nactive = \"value < 6\""), [("active", value())]);
    assert_eq!(only("momentary = true"), []);
}

#[test]
fn explain_says_why_a_signal_is_not_selected() {
    let link_down = definition(
        "[alarms.a]\nfrom = [\"snmp.network\"]\nmatch = { trap = [\"IF-MIB::linkDown\", \"IF-MIB::linkUp\"], ifIndex = 3 }",
    );
    let reason = |signal: &Signal| link_down.selects(signal).expect_err("not selected").to_string();
    assert_eq!(reason(&reading(Value::Null)), "the input is `mqtt.plant`, wanted `snmp.network`");
    assert_eq!(reason(&signal(Kind::Snmp)), "the signal has no field `ifIndex`, wanted `3`");
    assert_eq!(reason(&link("IF-MIB::linkDown", 4)), "field `ifIndex` is `4`, wanted `3`");
    assert_eq!(
        reason(&link("SNMPv2-MIB::coldStart", 3)),
        "field `trap` is `SNMPv2-MIB::coldStart`, wanted `IF-MIB::linkDown` or `IF-MIB::linkUp`"
    );
    assert_eq!(link_down.selects(&link("IF-MIB::linkDown", 3)), Ok(()));
}

/// A trap that says of an interface that it is up again, as the receiver of traps hands it on.
fn up(own: &[(&str, &str)]) -> Signal {
    let told = own
        .iter()
        .fold(signal(Kind::Snmp), |signal, (field, text)| with(signal, field, Value::text(*text)));
    with(told, "trap", Value::text("IF-MIB::linkUp"))
}

#[test]
fn who_has_not_proved_who_they_are_may_raise_an_alarm_and_never_clear_it() {
    let file = "[alarms.link]\nfrom = [\"snmp\", \"gsm\", \"mqtt\"]\nactive = 'trap == \"IF-MIB::linkDown\"'\n\
                normal = 'trap == \"IF-MIB::linkUp\"'\n";
    let plain = definition(file);
    let strict = Definition { cleared_by: ClearedBy::Authenticated, ..definition(file) };
    let refused = Reported::Unreadable(UNPROVED.to_owned());
    for unproved in [
        vec![("version", "1")],
        vec![("version", "2c")],
        vec![("version", "3"), ("level", "noAuthNoPriv")],
        // An object of a device may bear any name.
        vec![("version", "2c"), ("level", "authPriv")],
        vec![("level", "authPriv")],
    ] {
        assert_eq!(plain.read(&up(&unproved)).condition, Reported::Normal, "{unproved:?}");
        assert_eq!(strict.read(&up(&unproved)).condition, refused, "{unproved:?}");
        let down = with(up(&unproved), "trap", Value::text("IF-MIB::linkDown"));
        assert!(matches!(strict.read(&down).condition, Reported::Active { .. }), "{unproved:?}");
    }
    for level in ["authNoPriv", "authPriv"] {
        let proved = up(&[("version", "3"), ("level", level)]);
        assert_eq!(strict.read(&proved).condition, Reported::Normal, "{level}");
    }
    let by = |kind| with(signal(kind), "trap", Value::text("IF-MIB::linkUp"));
    assert_eq!(strict.read(&by(Kind::Gsm)).condition, refused, "a number can be anybody's");
    assert_eq!(
        strict.read(&by(Kind::Mqtt)).condition,
        Reported::Normal,
        "the broker knows whom it lets in"
    );
}
