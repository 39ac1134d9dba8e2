//! `[alarms.*]`: which signals concern an alarm, what they say of it, in which words, and whom it calls.

use std::time::Duration;

use toml::Spanned;
use toml::de::DeValue;

use super::flapping::Flaps;
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::table::tables;
use crate::config::written::{List, Spot, Written, called, choice, hide_all, wrong_type};
use crate::watch::definition::ClearedBy;
use crate::watch::site::Priority;

tables! {
    /// Which signals concern an alarm, and what they say of it.
    Alarm = "an alarm" {
        /// The inputs whose signals it looks at: `"snmp.network"`, or `"snmp"` for every SNMP input. Required.
        "from" => from: List<String>,
        /// What a signal must bear to be selected: fields, each with a value, a list of values or a pattern in which `*` is
        /// anything; `source` may be a network: `{ trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"], source = "10.0.0.0/8" }`. Default:
        /// every signal of `from`.
        "match" => matches: Matching,
        /// Which alarm a signal speaks of; `{…}` holds an expression: `"{source}/{ifIndex}"` is one alarm for each interface of each
        /// switch. Default: one alarm.
        "key" => key: String,
        /// The condition that makes it active: an expression, `'value > 8.0'`.
        "active" => active: String,
        /// The condition that makes it normal: an expression; where neither holds nothing changes. Default, of what has a state
        /// (a contact, a message of a broker): the opposite of `active`.
        "normal" => normal: String,
        /// An event that never says that it is over: it stands until it is acknowledged. Default where neither `active` nor
        /// `normal` stands.
        "momentary" => momentary: bool,
        /// How long the condition must hold before the alarm is active; default at once.
        "on-delay" => on_delay: Duration,
        /// How long the condition must be gone before the alarm has returned; default at once.
        "off-delay" => off_delay: Duration,
        /// Whether a returned alarm stays until it is reset; default false.
        "latch" => latch: bool,
        /// `"critical"`, `"high"`, `"medium"` (default), `"low"`; or grades, of which the first that applies counts.
        "priority" => priority: Grades,
        /// What people read; `{…}` holds an expression. Required.
        "text" => text: String,
        /// What to do about it: the answer to `4711 ?`, three messages at most.
        "procedure" => procedure: String,
        /// When it comes and goes too often, where it is not as the site has it: false never, or how.
        "flapping" => flapping: Flaps,
        /// How often it must be heard at least, each key of it, or that is the alarm `heartbeat-missed`; default: it may be silent.
        "heartbeat" => heartbeat: Duration,
        /// The escalation that calls people; without one nobody is called.
        "escalation" => escalation: String,
        /// The group with which it is swapped, and the escalation that it goes to then.
        "swap" => swap: Swap,
        /// Whose word that the cause is gone is taken: `"anyone"` (default), or `"authenticated"`: of SNMP only an SNMPv3 user with a passphrase,
        /// of messages nobody, of brokers and contacts all. Anybody may raise it. What is not taken is listed by `vigie unclaimed`.
        "cleared-by" => cleared_by: ClearedBy,
        /// The alarms that keep it quiet while they are active: `"switch-down"`, or `"switch-down[{source}]"` for one of several.
        "suppressed-by" => suppressed_by: List<String>,
    }

    /// Where an alarm goes while its group is swapped.
    Swap = "a swap" {
        /// The group: alarms that name the same one are swapped together. Required.
        "group" => group: String,
        /// The escalation that calls people while the group is swapped. Required.
        "escalation" => escalation: String,
    }

    /// One line of a graded priority.
    Grade = "a grade" {
        /// When it applies: an expression; absent: always.
        "when" => when: String,
        /// The priority that it gives. Required.
        "is" => is: Priority,
    }
}

impl Written for Priority {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [
            ("critical", Self::Critical),
            ("high", Self::High),
            ("medium", Self::Medium),
            ("low", Self::Low),
        ];
        choice(&choices, value, spot, findings)
    }
}

/// What `priority` holds.
#[derive(Debug)]
pub(crate) enum Grades {
    /// One for all.
    Fixed(Priority),
    /// The first that applies.
    Graded(List<Grade>),
}

impl Written for Grades {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        match value {
            DeValue::Array(_) => List::read(value, spot, findings).map(Self::Graded),
            DeValue::String(_) => Priority::read(value, spot, findings).map(Self::Fixed),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Table(_) => {
                let help = "write \"high\", or [{ when = 'value > 12.0', is = \"critical\" }, { is = \"high\" }]";
                wrong_type(value, spot, "a priority or a list of grades", findings, help);
                None
            }
        }
    }

    fn holds() -> String {
        "word, or list of tables".to_owned()
    }
}

/// What `match` holds: fields, and what each must be.
#[derive(Debug)]
pub(crate) struct Matching {
    /// In the order of the file.
    pub(crate) fields: Vec<Wanted>,
}

/// One field of a `match`.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The field.
    pub(crate) field: At<String>,
    /// The values of which it must have one; as they are written, numbers too.
    pub(crate) values: Vec<At<Literal>>,
    /// Where they stand.
    pub(crate) place: Place,
}

/// A value in a `match`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Literal {
    /// Text or a pattern.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
}

impl Written for Matching {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::Table(table) = value else {
            wrong_type(
                value,
                spot,
                "a table of fields",
                findings,
                "write for example { trap = \"IF-MIB::linkDown\" }",
            );
            return None;
        };
        let mut fields: Vec<Wanted> = table
            .iter()
            .map(|(key, value)| {
                let place = spot.place.span(&value.span());
                if key.get_ref() == "community" {
                    hide_all(value.get_ref(), place, findings);
                }
                let values = literals(key.get_ref(), value, place, findings);
                Wanted {
                    field: At::new(key.get_ref().to_string(), spot.place.span(&key.span())),
                    values,
                    place,
                }
            })
            .collect();
        fields.sort_by_key(|wanted| wanted.field.place);
        Some(Self { fields })
    }

    fn holds() -> String {
        "table of fields".to_owned()
    }
}

fn literals(
    key: &str,
    value: &Spanned<DeValue<'_>>,
    place: Place,
    findings: &mut Findings,
) -> Vec<At<Literal>> {
    let DeValue::Array(array) = value.get_ref() else {
        return literal(key, value.get_ref(), place, findings).into_iter().collect();
    };
    if array.is_empty() {
        let sentence = format!("{} lists no value, and no signal can match it", quoted(key));
        findings.add(Finding::error(place, sentence).help("list a value, or take the field out"));
    }
    array
        .iter()
        .filter_map(|item| literal(key, item.get_ref(), place.span(&item.span()), findings))
        .collect()
}

fn literal(
    key: &str,
    value: &DeValue<'_>,
    place: Place,
    findings: &mut Findings,
) -> Option<At<Literal>> {
    let literal = match value {
        DeValue::String(text) => Some(Literal::Text(text.clone().into_owned())),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Literal::Int)
        }
        DeValue::Float(number) => number.as_str().parse().ok().map(Literal::Float),
        DeValue::Boolean(value) => Some(Literal::Bool(*value)),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    };
    if literal.is_none() {
        let sentence = format!("{} cannot be compared with {}", quoted(key), called(value));
        findings.add(
            Finding::error(place, sentence)
                .help("write text in quotes, a number, true or false, or a list of these"),
        );
    }
    literal.map(|literal| At::new(literal, place))
}

impl Written for ClearedBy {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [("anyone", Self::Anyone), ("authenticated", Self::Authenticated)];
        choice(&choices, value, spot, findings)
    }
}
