//! How the lines of a night are read.

use super::*;

fn only(line: &str) -> Act {
    read(line).unwrap().unwrap().1
}

#[test]
fn what_a_person_writes_may_stand_in_quotation_marks_and_have_a_comment() {
    assert_eq!(
        only("03:12 marie: <marie> FIN  # done"),
        Act::Answer { person: "marie".into(), text: "<marie> FIN".into() }
    );
    assert_eq!(
        only("03:12 marie: \"4711 # no\""),
        Act::Answer { person: "marie".into(), text: "4711 # no".into() }
    );
    assert_eq!(
        only("+5s marie: \"  4711\""),
        Act::Answer { person: "marie".into(), text: "  4711".into() }
    );
}

#[test]
fn a_trap_has_fields_and_may_have_a_comment() {
    let act = only(
        "03:12:00  snmp.network trap IF-MIB::linkDown from 10.0.0.1 ifIndex=7 ifAlias=\"to the north\"  # fibre",
    );
    let fields =
        vec![("ifIndex".into(), Value::Int(7)), ("ifAlias".into(), Value::text("to the north"))];
    assert_eq!(
        act,
        Act::Trap {
            input: "snmp.network".into(),
            trap: "IF-MIB::linkDown".into(),
            from: "10.0.0.1".into(),
            fields
        }
    );
}

#[test]
fn a_line_that_says_nothing_that_can_happen_is_refused() {
    for wrong in [
        "03:12",
        "3 end",
        "25:00 end",
        "03:12 modem gsm.orange sideways",
        "03:12 clock jumps 1h",
        "03:12 marie types ack 12",
        "+x end",
        "+9999999h end",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    assert_eq!(read("   # a remark").unwrap(), None);
    assert_eq!(
        only("03:12 marie types reset #2"),
        Act::Types { person: "marie".into(), action: Action::Reset, target: Typed::Occurrence(2) }
    );
}
