//! Which definitions concern a signal.

use super::*;
use crate::watch::expression::sample::{self, link, reading, signal, with};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal, own_definitions};
use crate::watch::signal::{Kind, Value};
use crate::watch::site::Language;
use crate::watch::time::Utc;

const MANUAL: &str = r#"
[alarms.cold-room]
from     = ["mqtt.plant"]
match    = { topic = "plant/+/alarm/temperature" }
key      = "{topic[1]}"
active   = "value > 8.0"
normal   = "value < 6.0"
text     = "Chambre froide {topic[1]} : {value} °C"

[alarms.door]
from       = ["contacts.cabinet"]
match      = { line = "door" }
active     = "alarm"
text       = "Porte armoire ouverte"

[alarms.link]
from     = ["snmp.network"]
match    = { trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"] }
key      = "{source}/{ifIndex}"
active   = 'trap == "IF-MIB::linkDown"'
normal   = 'trap == "IF-MIB::linkUp"'
text     = "Lien {ifIndex} coupé sur {source}"

[alarms.remote-site]
from       = ["gsm.orange"]
match      = { sender = "+33700000001", text = "*DEFAUT*" }
momentary  = true
text       = "Site distant : {text}"
"#;

fn names<'d>(selected: impl Iterator<Item = &'d Definition>) -> Vec<&'d str> {
    selected.map(|definition| definition.name.as_str()).collect()
}

#[test]
fn the_definitions_of_the_manual_select_what_they_are_for() {
    let definitions = Definitions::new(sample::definitions(MANUAL));
    let mut message = with(signal(Kind::Gsm), "sender", Value::text("+33700000001"));
    message.text = "defaut pompe 2".into();
    let door = with(signal(Kind::Contacts), "line", Value::text("door"));
    assert_eq!(names(definitions.select(&link("IF-MIB::linkDown", 1))), ["link"]);
    assert_eq!(names(definitions.select(&reading(Value::Int(7)))), ["cold-room"]);
    assert_eq!(names(definitions.select(&message)), ["remote-site"]);
    assert_eq!(names(definitions.select(&with(door, "alarm", Value::Bool(true)))), ["door"]);
    assert_eq!(definitions.select(&link("SNMPv2-MIB::coldStart", 1)).count(), 0);
    assert_eq!(definitions.get("door").map(|door| door.name.as_str()), Some("door"));
    assert!(definitions.get("window").is_none());
}

#[test]
fn several_definitions_select_one_signal_in_the_order_of_the_file() {
    let definitions = Definitions::new(sample::definitions(
        r#"
        [alarms.a]
        from = ["snmp"]
        match = { source = "10.0.0.0/8" }
        [alarms.b]
        from = ["snmp.network", "snmp"]
        [alarms.c]
        from = ["snmp.network"]
        match = { trap = ["IF-MIB::*", "IF-MIB::linkDown"] }
        [alarms.d]
        from = ["snmp.other"]
        "#,
    ));
    assert_eq!(names(definitions.select(&link("IF-MIB::linkDown", 1))), ["a", "b", "c"]);
}

#[test]
fn a_definition_of_the_files_takes_the_place_of_our_own() {
    let lost = |alarm| {
        SelfSignal { alarm, subject: "gsm.orange".into(), reason: "no answer".into(), active: true }
            .into_signal(Utc::default())
    };
    let file = "[alarms.our-modems]\nfrom = [\"vigie\"]\nmatch = { alarm = \"modem-lost\" }";
    let definitions = Definitions::new(sample::definitions(file))
        .with_own(own_definitions(Language::English, None));
    assert_eq!(names(definitions.select(&lost(SelfAlarm::ModemLost))), ["our-modems"]);
    assert_eq!(names(definitions.select(&lost(SelfAlarm::Store))), ["store"]);
    assert_eq!(definitions.iter().count(), 1 + SelfAlarm::ALL.len());
}

/// Marsaglia's xorshift: the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below).unwrap()).unwrap()
    }

    fn one_of(&mut self, all: &[&'static str]) -> &'static str {
        all[self.below(all.len())]
    }
}

const INPUTS: [&str; 7] = [
    "snmp.network",
    "snmp.other",
    "gsm.orange",
    "mqtt.plant",
    "mqtt.lab",
    "contacts.cabinet",
    "vigie",
];
const FROM: [&str; 11] = [
    "snmp.network",
    "snmp.other",
    "gsm.orange",
    "mqtt.plant",
    "mqtt.lab",
    "contacts.cabinet",
    "vigie",
    "snmp",
    "gsm",
    "mqtt",
    "contacts",
];
const FIELDS: [&str; 10] =
    ["trap", "trap_oid", "source", "topic", "sender", "text", "line", "value", "kind", "received"];
const WORDS: [&str; 18] = [
    "a", "A", "ab", "abc", "a*", "ab*", "*b", "*", "a*c", "É*", "éa", "1", "12", "1*", "true", "",
    "snmp", "3.5",
];
const TOPICS: [&str; 9] = ["a/b", "a/+", "+/b", "a/#", "#", "$a/b", "$a/#", "a", "a/*"];
const ADDRESSES: [&str; 9] = [
    "10.0.0.1",
    "::ffff:10.0.0.1",
    "10.0.0.0/8",
    "10.0.0.0/31",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::1",
    "10.*",
    "10.0.0.1:162",
];
const PHONES: [&str; 4] = ["+33700000001", "0033700000001", "+337*", "+33 7 00 00 00 01"];
const TRAPS: [&str; 6] = ["1.3.6.1", ".1.3.6.1", "1.3.6.*", "IF-MIB::a", "IF-MIB::*", ".1.3.*"];

/// A word that may stand in that field, and now and then one that should not.
fn word(random: &mut Random, field: &str) -> &'static str {
    let fitting: &[&'static str] = match field {
        "topic" => &TOPICS,
        "source" => &ADDRESSES,
        "sender" => &PHONES,
        "trap" | "trap_oid" => &TRAPS,
        _ => &WORDS,
    };
    if random.below(4) == 0 { random.one_of(&WORDS) } else { random.one_of(fitting) }
}

fn random_file(random: &mut Random) -> String {
    let mut file = String::new();
    for number in 0..random.below(12) + 1 {
        let from: Vec<String> =
            (0..random.below(2) + 1).map(|_| format!("{:?}", random.one_of(&FROM))).collect();
        file += &format!(
            "[alarms.d{number:02}]\nfrom = [{}]\n[alarms.d{number:02}.match]\n",
            from.join(", ")
        );
        let mut fields = FIELDS.to_vec();
        for _ in 0..random.below(3) {
            let field = fields.remove(random.below(fields.len()));
            let wanted: Vec<String> = (0..random.below(3) + 1)
                .map(|_| word(random, field))
                .filter(|word| {
                    crate::watch::matching::Pattern::new(
                        field,
                        crate::watch::matching::Scalar::Text((*word).into()),
                    )
                    .is_ok()
                })
                .map(|word| format!("{word:?}"))
                .collect();
            file += &format!("{field} = [{}]\n", wanted.join(", "));
        }
    }
    file
}

fn random_value(random: &mut Random, field: &str) -> Value {
    let word = word(random, field);
    match random.below(if field == "topic" { 20 } else { 8 }) {
        0 => Value::Int(1),
        1 => Value::Int(12),
        2 => Value::Bool(true),
        3 => Value::Float(3.5),
        4 | 8.. => Value::List(word.split('/').map(Value::text).collect()),
        5 => Value::Null,
        _ => Value::text(word),
    }
}

fn random_signal(random: &mut Random) -> Signal {
    let input = random.one_of(&INPUTS);
    let kind = Kind::named(input.split('.').next().unwrap()).unwrap();
    let mut signal = signal(kind);
    signal.input = input.into();
    signal.source = word(random, "source").into();
    signal.text = word(random, "text").into();
    for field in FIELDS {
        if random.below(2) == 0 {
            signal.fields.set(field, random_value(random, field));
        }
    }
    signal
}

#[test]
fn the_index_finds_what_a_scan_finds_for_any_definitions_and_any_signal() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut found = 0;
    for _ in 0..600 {
        let file = random_file(&mut random);
        let definitions = Definitions::new(sample::definitions(&file));
        for _ in 0..40 {
            let signal = random_signal(&mut random);
            let scanned =
                names(definitions.iter().filter(|definition| definition.concerns(&signal)));
            let explained =
                names(definitions.iter().filter(|definition| definition.selects(&signal).is_ok()));
            assert_eq!(names(definitions.select(&signal)), scanned, "{file}\n{signal:?}");
            assert_eq!(explained, scanned, "{file}\n{signal:?}");
            found += scanned.len();
        }
    }
    assert!(found > 5_000, "only {found} were selected: the test tests nothing");
}

/// How many definitions are held against a signal when so many do not concern it.
fn held_against(field: &str, count: usize, of: impl Fn(usize) -> String, signal: &Signal) -> usize {
    let file: String = (0..count)
        .map(|number| {
            let from = signal.input.as_str();
            format!(
                "[alarms.d{number}]\nfrom = [{from:?}]\nmatch = {{ {field} = {:?} }}\n",
                of(number)
            )
        })
        .collect();
    let index = Index::new(&sample::definitions(&file));
    let mut candidates = 0;
    index.candidates(signal, &mut |_| candidates += 1);
    candidates
}

#[test]
fn definitions_that_do_not_concern_a_signal_are_not_even_looked_at() {
    let trap = link("IF-MIB::linkDown", 1);
    let mut message = with(signal(Kind::Gsm), "sender", Value::text("+33799999999"));
    message.text = "Panne 7".into();
    for count in [10, 1_000] {
        let looked_at = [
            held_against("trap", count, |number| format!("X-MIB::t{number}"), &trap),
            held_against("trap", count, |number| format!("1.3.6.1.4.1.{number}.*"), &trap),
            held_against(
                "source",
                count,
                |number| format!("10.9.{}.{}", number / 250, number % 250),
                &trap,
            ),
            held_against(
                "source",
                count,
                |number| format!("10.{}.{}.0/24", 2 + number / 250, number % 250),
                &trap,
            ),
            held_against(
                "topic",
                count,
                |number| format!("plant/{number}/#"),
                &reading(Value::Int(1)),
            ),
            held_against("sender", count, |number| format!("+336{number:08}"), &message),
            held_against("text", count, |number| format!("Site {number} *"), &message),
        ];
        assert_eq!(looked_at, [0; 7], "of {count}");
    }
}

#[test]
fn what_tells_definitions_apart_finds_them_whatever_else_they_share() {
    let file: String = (0..500)
        .map(|number| {
            let source = format!("10.8.{}.{}", number / 250, number % 250);
            format!("[alarms.d{number:03}]\nfrom = [\"snmp\"]\nmatch = {{ trap = \"IF-MIB::linkDown\", source = {source:?} }}\n")
        })
        .collect();
    let definitions = sample::definitions(&file);
    let index = Index::new(&definitions);
    let mut trap = link("IF-MIB::linkDown", 1);
    trap.source = "10.8.1.7".into();
    let mut candidates = Vec::new();
    index.candidates(&trap, &mut |place| candidates.push(place));
    assert_eq!(candidates, [257]);
}

#[test]
fn a_definition_that_is_tried_takes_the_place_of_its_name_and_leaves_the_others() {
    let all = Definitions::new(sample::definitions(MANUAL))
        .with_own(own_definitions(Language::French, None));
    let own = SelfAlarm::ModemLost.name();
    let tried = |name: &str| {
        let mut definition = sample::definitions(MANUAL).remove(0);
        definition.name = name.into();
        definition
    };
    let count = all.iter().count();
    let all = all.with(tried("door")).with(tried(own)).with(tried("new"));
    assert_eq!(all.iter().count(), count + 1);
    assert_eq!(names(all.configured()), ["cold-room", "link", "remote-site", "door", own, "new"]);
    assert!(all.get(SelfAlarm::Store.name()).is_some());
}
