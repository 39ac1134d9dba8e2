//! What a `match` selects.

use super::pattern::LONGEST;
use super::*;
use crate::watch::expression::sample::{link, reading, signal, with};
use crate::watch::signal::Fields;

fn pattern(field: &str, text: &str) -> Pattern {
    Pattern::new(field, Scalar::Text(text.to_owned())).expect(text)
}

fn complaint(field: &str, text: &str) -> String {
    Pattern::new(field, Scalar::Text(text.to_owned())).expect_err(text).to_string()
}

/// Whether a signal whose field has that value satisfies the pattern.
fn admits(kind: Kind, field: &str, written: Scalar, value: &Value) -> bool {
    let pattern = Pattern::new(field, written).expect(field);
    let mut bearer = signal(kind);
    match (field, value) {
        ("source", Value::Text(text)) => bearer.source = Arc::from(text.as_str()),
        ("text", Value::Text(text)) => bearer.text = Arc::from(text.as_str()),
        _ => bearer = with(bearer, field, value.clone()),
    }
    Match::everything().and(field, vec![pattern]).admits(&bearer)
}

fn text_admits(kind: Kind, field: &str, written: &str, value: &str) -> bool {
    admits(kind, field, Scalar::Text(written.to_owned()), &Value::text(value))
}

#[test]
fn values_are_compared_as_they_are_written() {
    let text = |text: &str| Scalar::Text(text.to_owned());
    for (written, value, same) in [
        (text("3"), Value::Int(3), true),
        (Scalar::Int(3), Value::text("3"), true),
        (Scalar::Int(3), Value::Float(3.0), true),
        (Scalar::Float(3.0), Value::Int(3), true),
        (Scalar::Float(3.5), Value::Float(3.5), true),
        (Scalar::Float(3.5), Value::Float(3.0), false),
        (Scalar::Int(3), Value::UInt(3), true),
        (text("18446744073709551615"), Value::UInt(u64::MAX), true),
        (Scalar::Bool(true), Value::Bool(true), true),
        (text("true"), Value::Bool(true), true),
        (Scalar::Bool(true), Value::Bool(false), false),
        (text("03"), Value::Int(3), false),
        (text("03"), Value::text("03"), true),
        (text("-0"), Value::Int(0), false),
        (text("+3"), Value::Int(3), false),
        (text(""), Value::Null, true),
        (text("a"), Value::List(vec![Value::text("b"), Value::text("a")]), true),
        (text("a"), Value::Map(Fields::default()), false),
        (text("A"), Value::text("a"), false),
    ] {
        assert_eq!(
            admits(Kind::Snmp, "x", written.clone(), &value),
            same,
            "{written:?} against {value:?}"
        );
    }
    assert!(Pattern::new("x", Scalar::Float(f64::NAN)).is_err());
}

#[test]
fn a_star_stands_for_any_text_and_nothing_else_is_special() {
    for (written, value, same) in [
        ("*", "", true),
        ("*", "anything", true),
        ("a*", "a", true),
        ("a*", "ba", false),
        ("*a", "ba", true),
        ("*a*", "bab", true),
        ("a*a", "a", false),
        ("a*a", "aa", true),
        ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "acb", false),
        ("**", "x", true),
        ("a?c", "abc", false),
        ("a?c", "a?c", true),
        ("[a]*", "[a]b", true),
        ("é*è", "é…è", true),
        ("*ab*ab*", "ab", false),
        ("*ab*ab*", "abab", true),
    ] {
        assert_eq!(text_admits(Kind::Snmp, "x", written, value), same, "{written} against {value}");
    }
}

#[test]
fn a_glob_is_never_slow() {
    let glob = Glob::parse(&("a*".repeat(500) + "b")).expect("a glob");
    let text = "a".repeat(200_000);
    assert!(!glob.matches(&text));
    assert!(!glob.matches_typed(&text));
}

#[test]
fn capitals_do_not_matter_in_what_people_type_and_matter_elsewhere() {
    assert!(text_admits(Kind::Gsm, "text", "*DEFAUT*", "un Defaut ici"));
    assert!(text_admits(Kind::Gsm, "text", "*defaut", "DEFAUT"));
    assert!(text_admits(Kind::Gsm, "text", "Alarme", "ALARME"));
    assert!(text_admits(Kind::Gsm, "text", "*ÉLEVÉE*", "température élevée"));
    assert!(text_admits(Kind::Gsm, "text", "a*B*c", "AxbYC"));
    assert!(!text_admits(Kind::Gsm, "text", "*DEFAUT*", "defa ut"));
    assert!(!text_admits(Kind::Snmp, "text", "*DEFAUT*", "un Defaut ici"));
    assert!(!text_admits(Kind::Gsm, "modem", "ORANGE", "orange"));
}

#[test]
fn a_topic_is_matched_by_an_mqtt_filter() {
    let topic = |levels: &str| Value::List(levels.split('/').map(Value::text).collect());
    for (written, value, same) in [
        ("plant/+/alarm/temperature", "plant/north/alarm/temperature", true),
        ("plant/+/alarm/temperature", "plant/north/south/alarm/temperature", false),
        ("plant/#", "plant/a/b", true),
        ("plant/#", "plant", true),
        ("plant/#", "plants", false),
        ("#", "a/b", true),
        ("#", "$SYS/broker", false),
        ("+/broker", "$SYS/broker", false),
        ("$SYS/+", "$SYS/broker", true),
        ("+", "a", true),
        ("+", "a/b", false),
        ("a/+", "a/", true),
        ("a", "a", true),
        ("a/b", "a/b", true),
        ("12", "12", true),
        ("plant/*", "plant/a/b", true),
        ("*/b", "a/b", true),
    ] {
        let written = Scalar::Text(written.to_owned());
        assert_eq!(
            admits(Kind::Mqtt, "topic", written.clone(), &topic(value)),
            same,
            "{written:?} against {value}"
        );
    }
    assert_eq!(
        complaint("topic", "a/#/b"),
        "`a/#/b` is not an MQTT filter: `#` must stand alone in the last level"
    );
    assert_eq!(
        complaint("topic", "a/b#"),
        "`a/b#` is not an MQTT filter: `#` must stand alone in the last level"
    );
    assert_eq!(
        complaint("topic", "a/b+"),
        "`a/b+` is not an MQTT filter: `+` must stand alone in its level"
    );
    assert_eq!(
        complaint("topic", "a/*/+"),
        "`a/*/+` mixes `*` with the `+` or `#` of MQTT; use either"
    );
}

#[test]
fn a_source_is_matched_by_address_and_network() {
    for (written, value, same) in [
        ("10.0.0.0/8", "10.1.2.3", true),
        ("10.0.0.0/8", "11.1.2.3", false),
        ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "::ffff:10.1.2.3", true),
        ("::ffff:10.1.2.3", "10.1.2.3", true),
        ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.3:162", true),
        ("2001:db8::/32", "2001:db8:1::1", true),
        ("2001:db8::/32", "2001:DB8:0001::1", true),
        ("2001:db8::1", "[2001:db8::1]:162", true),
        ("0.0.0.0/0", "10.1.2.3", true),
        ("0.0.0.0/0", "::1", false),
        ("10.1.2.9/24", "10.1.2.3", true),
        ("10.*", "10.1.2.3", true),
        ("10.0.0.0/8", "not an address", false),
    ] {
        assert_eq!(
            text_admits(Kind::Snmp, "source", written, value),
            same,
            "{written} against {value}"
        );
    }
    assert_eq!(
        complaint("source", "10.0.0.0/33"),
        "`10.0.0.0/33` is neither an address nor a network such as 10.0.0.0/8"
    );
    assert!(text_admits(Kind::Mqtt, "source", "plant/north", "plant/north"));
}

#[test]
fn a_sender_is_the_same_however_its_number_is_written() {
    for value in ["+33700000001", "0033700000001", "+33 7 00 00 00 01"] {
        assert!(text_admits(Kind::Gsm, "sender", "+33 7.00.00.00.01", value), "{value}");
        assert!(text_admits(Kind::Gsm, "source", "+33700000001", value), "{value}");
    }
    assert!(text_admits(Kind::Gsm, "sender", "+3370*", "+33700000001"));
    assert!(text_admits(Kind::Gsm, "sender", "BANQUE", "BANQUE"));
    assert!(!text_admits(Kind::Gsm, "sender", "+33700000001", "+33700000002"));
}

#[test]
fn a_trap_is_known_by_its_name_and_by_its_oid() {
    let down = link("IF-MIB::linkDown", 1);
    for (written, same) in [
        ("IF-MIB::linkDown", true),
        ("IF-MIB::*", true),
        ("1.3.6.1.6.3.1.1.5.3", true),
        (".1.3.6.1.6.3.1.1.5.3", true),
        ("1.3.6.1.6.3.1.1.5.*", true),
        (".1.3.6.1.6.*", true),
        ("1.3.6.1.4.1.318.*", false),
    ] {
        let matches = Match::everything().and("trap", vec![pattern("trap", written)]);
        assert_eq!(matches.admits(&down), same, "{written}");
    }
}

#[test]
fn all_fields_must_agree_and_of_a_field_any_pattern() {
    let matches = Match::everything()
        .and("trap", vec![pattern("trap", "IF-MIB::linkUp"), pattern("trap", "IF-MIB::linkDown")])
        .and("ifIndex", vec![Pattern::new("ifIndex", Scalar::Int(3)).expect("a number")]);
    assert!(matches.admits(&link("IF-MIB::linkDown", 3)));
    assert!(!matches.admits(&link("IF-MIB::linkDown", 4)));
    assert!(!matches.admits(&reading(Value::Int(3))));
    assert!(Match::everything().admits(&signal(Kind::Vigie)));
}

#[test]
fn a_match_that_nothing_can_satisfy_is_found() {
    let asks = |field: &str, text: &str| Match::everything().and(field, vec![pattern(field, text)]);
    for (matches, kind, possible) in [
        (asks("sender", "+33700000001"), Kind::Snmp, true), // a varbind may be called so
        (asks("trap", "x"), Kind::Gsm, false),
        (asks("topic", "a/b"), Kind::Contacts, false),
        (asks("source", "10.0.0.0/8"), Kind::Gsm, false),
        (asks("source", "+33700000001"), Kind::Snmp, false),
        (asks("source", "10.0.0.0/8"), Kind::Snmp, true),
        (asks("closed", "yes"), Kind::Contacts, false),
        (asks("closed", "true"), Kind::Contacts, true),
        (asks("kind", "gsm"), Kind::Snmp, false),
    ] {
        assert_eq!(matches.impossible_for(kind).is_none(), possible, "{matches:?} for {kind:?}");
    }
}

#[test]
fn a_normal_that_match_excludes_is_found() {
    let only_down = Match::everything().and("trap", vec![pattern("trap", "IF-MIB::linkDown")]);
    assert!(only_down.allows(Kind::Snmp, "trap", &Value::text("IF-MIB::linkDown")));
    assert!(!only_down.allows(Kind::Snmp, "trap", &Value::text("IF-MIB::linkUp")));
    assert!(
        only_down.allows(Kind::Snmp, "trap", &Value::text("1.3.6.1.6.3.1.1.5.4")),
        "it may be that trap's OID"
    );
    assert!(only_down.allows(Kind::Snmp, "ifIndex", &Value::Int(1)), "nothing is asked of it");
}

#[test]
fn the_oid_of_a_trap_is_looked_at_only_where_a_trap_is_named() {
    let down = with(link("IF-MIB::linkDown", 1), "sysName", Value::text("switch"));
    let selects = |field: &str| {
        let oid = vec![pattern(field, "1.3.6.1.6.3.1.1.5.3")];
        Match::everything().and(field, oid).admits(&down)
    };
    assert!(selects("trap") && !selects("sysName"));
}

#[test]
fn many_patterns_are_told_in_part_and_the_rest_counted() {
    let told = |many: usize| {
        let patterns = (0..many).map(|number| pattern("sender", &format!("s{number}"))).collect();
        FieldMatch { field: "sender".into(), any_of: patterns }.wanted()
    };
    assert_eq!(told(2), "`s0` or `s1`");
    assert!(!told(8).contains("more"), "{}", told(8));
    assert!(told(9).ends_with("`s7` or one of 1 more"), "{}", told(9));
}

#[test]
fn a_pattern_has_a_longest_length() {
    let long = "x".repeat(LONGEST);
    assert!(Pattern::new("sender", Scalar::Text(long.clone())).is_ok());
    assert!(complaint("sender", &format!("{long}x")).contains(&(LONGEST + 1).to_string()));
}

#[test]
fn a_dot_before_a_number_belongs_to_it_unless_a_trap_is_named() {
    assert!(text_admits(Kind::Snmp, "sysName", ".1.3.6", ".1.3.6"));
    assert!(!text_admits(Kind::Snmp, "sysName", ".1.3.6", "1.3.6"));
    assert!(text_admits(Kind::Snmp, "trap", ".1.3.6", "1.3.6"));
    assert!(text_admits(Kind::Snmp, "trap", ".lab", ".lab"), "no OID");
}

#[test]
fn a_map_is_no_text() {
    assert!(!admits(Kind::Mqtt, "json", Scalar::Text("*".into()), &Value::Map(Fields::default())));
    assert!(admits(Kind::Mqtt, "value", Scalar::Text("8*".into()), &Value::Float(8.5)));
}

#[test]
fn a_source_that_is_half_a_network_is_told_and_any_other_word_is_a_word() {
    for wrong in ["10.0.0.0/33", "10.0.0/8", "fe80::/129"] {
        assert!(complaint("source", wrong).contains(wrong), "{wrong}");
    }
    for word in ["plant/north", "/", "10.0.0.1/", "/8", "cafe/north"] {
        assert!(Pattern::new("source", Scalar::Text(word.to_owned())).is_ok(), "{word}");
    }
}

#[test]
fn a_list_has_what_one_of_its_elements_has_and_only_a_topic_is_read_as_a_whole() {
    let list = Value::List(vec![Value::text("cold"), Value::text("room")]);
    let form = |written: &str| Scalar::Text(written.to_owned());
    assert!(admits(Kind::Mqtt, "tags", form("r*m"), &list));
    assert!(!admits(Kind::Mqtt, "tags", form("c*m"), &list));
    assert!(admits(Kind::Mqtt, "topic", form("c*m"), &list));
    assert!(!admits(Kind::Mqtt, "topic", form("r*m"), &list));
}

#[test]
fn what_no_signal_of_a_kind_can_have_is_known() {
    for (kind, field, text, possible) in [
        (Kind::Contacts, "closed", "true", true),
        (Kind::Contacts, "closed", "false", true),
        (Kind::Contacts, "closed", "1", false),
        (Kind::Contacts, "input", "1", true),
        (Kind::Mqtt, "retained", "yes", false),
        (Kind::Mqtt, "closed", "yes", true),
        (Kind::Vigie, "active", "on", false),
        (Kind::Vigie, "subject", "on", true),
        (Kind::Snmp, "kind", "snmp", true),
        (Kind::Snmp, "kind", "mqtt", false),
        (Kind::Snmp, "trap", "mqtt", true),
        (Kind::Snmp, "source", "192.0.2.0/24", true),
        (Kind::Gsm, "source", "192.0.2.0/24", false),
        (Kind::Gsm, "source", "+33612345678", true),
        (Kind::Snmp, "source", "+33612345678", false),
        (Kind::Mqtt, "source", "0033612345678", true),
    ] {
        let found = pattern(field, text).possible(kind, field);
        assert_eq!(found, possible, "{kind:?}: {field} = {text}");
    }
}

#[test]
fn a_phone_number_is_compared_in_its_one_form() {
    for written in ["+33612345678", "+33 6 12 34 56 78", "0033612345678", "+33(6)12-34-56-78"] {
        assert_eq!(normalised(written).as_deref(), Some("+33612345678"), "{written}");
    }
    for none in ["+33x12345678", "0612345678", "+1234567890123456", "+12", "+33 (0)612345678"] {
        assert_eq!(normalised(none), None);
    }
}
