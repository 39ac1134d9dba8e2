//! `match`: fields that the inputs can have, patterns that can be read, and names of traps that
//! exist.

use vigie_mqtt::Filter;
use vigie_snmp::names::Names;

use super::fields::{self, Inputs};
use crate::config::file::alarm::{Literal, Matching, Wanted};
use crate::config::finding::{At, Finding, Findings, Place, Severity, listed, quoted};
use crate::watch::matching::{Glob, Match, Pattern, PatternError, Scalar};
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::signal::Kind;

/// Reads a `match`; `None` where a part of it could not be read.
pub(super) fn read(
    matching: &At<Matching>,
    inputs: &Inputs,
    findings: &mut Findings,
) -> Option<Match> {
    let mut matches = Match::everything();
    let before = findings.errors();
    for wanted in &matching.value.fields {
        if fields::check_name(&wanted.field.value, wanted.field.place, inputs, findings) {
            matches = matches.and(&wanted.field.value, patterns(wanted, inputs, findings));
        }
    }
    if findings.errors() == before && !inputs.kinds.is_empty() {
        check_possible(matching, &matches, inputs, findings);
    }
    (findings.errors() == before).then_some(matches)
}

fn patterns(wanted: &Wanted, inputs: &Inputs, findings: &mut Findings) -> Vec<Pattern> {
    let field = wanted.field.value.as_str();
    let mut patterns = Vec::with_capacity(wanted.values.len());
    for value in &wanted.values {
        let finding = match &value.value {
            Literal::Text(text) => unknown(field, text, value, inputs, findings),
            Literal::Int(_) | Literal::Float(_) | Literal::Bool(_) => None,
        };
        if let Some(finding) = finding {
            findings.add(finding);
            continue;
        }
        let scalar = match &value.value {
            Literal::Text(text) => Scalar::Text(text.clone()),
            Literal::Int(number) => Scalar::Int(*number),
            Literal::Float(number) => Scalar::Float(*number),
            Literal::Bool(truth) => Scalar::Bool(*truth),
        };
        match Pattern::new(field, scalar) {
            Ok(pattern) if inputs.exclude(field, &pattern) => {
                findings.add(impossible(field, &pattern, value, inputs));
            }
            Ok(pattern) => {
                if inputs.is_word_for_a_number(field, &pattern) {
                    let finding = impossible(field, &pattern, value, inputs);
                    findings.add(Finding { severity: Severity::Warning, ..finding });
                }
                patterns.push(pattern);
            }
            Err(error) => findings.add(unusable(field, &error, value)),
        }
    }
    patterns
}

/// A complaint about a name that nothing has.
fn unknown(
    field: &str,
    text: &str,
    value: &At<Literal>,
    inputs: &Inputs,
    findings: &Findings,
) -> Option<Finding> {
    match field {
        "trap" if inputs.kinds.contains(&Kind::Snmp) => unknown_trap(text, value, inputs, findings),
        "alarm" if inputs.kinds == [Kind::Vigie] => unknown_own(text, value, findings),
        "topic" if inputs.kinds.contains(&Kind::Mqtt) => unheard_topic(text, value, inputs),
        "line" if inputs.kinds == [Kind::Contacts] => unknown_line(text, value, inputs, findings),
        _ => None,
    }
}

fn unusable(field: &str, error: &PatternError, value: &At<Literal>) -> Finding {
    let help = match error {
        PatternError::Network(_) => "write for example \"10.0.0.0/8\" or \"10.0.0.7\"",
        PatternError::Filter { .. } => "write for example \"plant/+/alarm/#\"",
        PatternError::Mixed(_) => "write either \"plant/*\" or \"plant/#\"",
        PatternError::Zero(_) => "leave the (0) out: \"+33612345678\"",
        PatternError::TooLong(_) => "match the beginning of it, and a * for the rest",
        PatternError::NotANumber(_) => "write a number, or a text in quotes",
    };
    Finding::error(value.place, format!("{} cannot be matched: {error}", quoted(field))).help(help)
}

/// A complaint about a value that the field can never have.
fn impossible(field: &str, pattern: &Pattern, value: &At<Literal>, inputs: &Inputs) -> Finding {
    let written = pattern.written();
    let sentence = format!(
        "no signal of {} can have {} in {}",
        inputs.called(),
        quoted(written),
        quoted(field)
    );
    let help = match (field, inputs.kinds.as_slice()) {
        _ if let Some(number) = inputs.number_of(field, written) => {
            format!("write {number}, its number")
        }
        ("source", [Kind::Snmp]) => {
            "a trap has the address of its sender: write \"10.0.0.7\", \"10.0.0.0/8\" or \"10.0.0.*\""
                .to_owned()
        }
        ("version", _) => "write \"1\", \"2c\" or \"3\"".to_owned(),
        ("level", _) => "write \"noAuthNoPriv\", \"authNoPriv\" or \"authPriv\"".to_owned(),
        ("trap_oid", _) if written.contains("::") => {
            format!("it is a number; a name is matched by `trap`: write trap = \"{written}\"")
        }
        ("trap_oid", _) => "write a number with dots, \"1.3.6.1.4.1.318.*\"".to_owned(),
        _ => "take the field out, or write a value that it can have".to_owned(),
    };
    Finding::error(value.place, sentence).help(help)
}

fn check_possible(
    matching: &At<Matching>,
    matches: &Match,
    inputs: &Inputs,
    findings: &mut Findings,
) {
    if inputs.kinds.iter().any(|kind| matches.impossible_for(*kind).is_none()) {
        return;
    }
    let blamed = inputs.kinds.first().and_then(|kind| matches.impossible_for(*kind));
    let place = blamed
        .and_then(|blamed| {
            matching.value.fields.iter().find(|wanted| wanted.field.value == *blamed.field)
        })
        .map_or(matching.place, |wanted| wanted.place);
    let sentence = match blamed {
        Some(blamed) => format!(
            "no signal of {} can have {} in {}",
            inputs.called(),
            blamed.wanted(),
            quoted(&blamed.field)
        ),
        None => format!("no signal of {} can match this", inputs.called()),
    };
    findings.add(
        Finding::error(place, sentence)
            .help("take the field out, or write a value that it can have"),
    );
}

/// A complaint about a filter or a form that no topic has which is listened to. What is no filter is told by who reads the pattern.
fn unheard_topic(pattern: &str, value: &At<Literal>, inputs: &Inputs) -> Option<Finding> {
    let heard = match Glob::parse(pattern) {
        // Who reads the pattern tells of one that is both.
        Some(_) if pattern.contains(['+', '#']) => return None,
        Some(form) => inputs.unheard_form(&form)?,
        None => inputs.unheard(&Filter::parse(pattern).ok()?)?,
    };
    let sentence = format!("no topic that is listened to can be {}", quoted(pattern));
    let topics = listed(heard.iter().map(Filter::as_str).take(8), "and");
    let help =
        format!("the connection listens to {topics}: add it to `topics`, or write one of those");
    Some(Finding::error(value.place, sentence).help(help))
}

/// A complaint about a pattern that none of Vigie's own alarms has as its name.
fn unknown_own(pattern: &str, value: &At<Literal>, findings: &Findings) -> Option<Finding> {
    let names = || SelfAlarm::ALL.into_iter().map(SelfAlarm::name);
    let known = match Glob::parse(pattern) {
        Some(glob) => names().any(|name| glob.matches(name)),
        None => names().any(|name| name == pattern),
    };
    if known {
        return None;
    }
    let sentence = format!("Vigie has no alarm of its own called {}", quoted(pattern));
    let help = findings
        .meant(pattern, names())
        .unwrap_or_else(|| format!("they are {}", listed(names(), "and")));
    Some(Finding::error(value.place, sentence).help(help))
}

/// A complaint about a pattern that no contact of the inputs has as its name.
fn unknown_line(
    pattern: &str,
    value: &At<Literal>,
    inputs: &Inputs,
    findings: &Findings,
) -> Option<Finding> {
    let names = || inputs.lines.iter().map(String::as_str);
    let known = match Glob::parse(pattern) {
        Some(glob) => names().any(|name| glob.matches(name)),
        None => names().any(|name| name == pattern),
    };
    // A device whose lines could not be read is told as such.
    if known || inputs.lines.is_empty() {
        return None;
    }
    let sentence = format!("no contact of these inputs is called {}", quoted(pattern));
    let help = findings.meant(pattern, names()).unwrap_or_else(|| {
        let verb = if inputs.lines.len() == 1 { "there is" } else { "there are" };
        format!("{verb} {}", listed(names().take(8), "and"))
    });
    Some(Finding::error(value.place, sentence).help(help))
}

/// A complaint about a pattern for `trap` that no trap can have.
fn unknown_trap(
    pattern: &str,
    value: &At<Literal>,
    inputs: &Inputs,
    findings: &Findings,
) -> Option<Finding> {
    if is_numeric(pattern) {
        return None;
    }
    let Some(glob) = Glob::parse(pattern) else {
        return misnamed_trap(pattern, value.place, inputs, findings);
    };
    if inputs.lacks_names || inputs.traps().iter().any(|name| glob.matches(name)) {
        return None;
    }
    let sentence = format!("no trap that is known has a name like {}", quoted(pattern));
    let help = "put the MIB file that names it into a folder of `mibs`, or write the beginning of its number: \"1.3.6.1.4.1.318.*\"";
    Some(Finding::error(value.place, sentence).help(help))
}

/// A complaint about a name that no trap has. A number is always one that a trap may have: it is held against the trap's.
pub(super) fn misnamed_trap(
    name: &str,
    place: Place,
    inputs: &Inputs,
    findings: &Findings,
) -> Option<Finding> {
    if inputs.has_trap(name) || is_numeric(name) {
        return None;
    }
    let module = name.split_once("::").map(|(module, _)| module);
    // What is built in is known whatever is missing; what a maker's file would say is not.
    if inputs.lacks_names && module.is_some_and(|module| !is_built_in(module)) {
        return None;
    }
    let better = inputs.trap_named(name).or_else(|| inputs.trap_named(name.rsplit("::").next()?));
    let help = better
        .map(|better| format!("write \"{better}\""))
        .or_else(|| meant(name, module, inputs, findings))
        .unwrap_or_else(|| {
            "put the MIB file that names it into a folder of `mibs`, or write its number: \"1.3.6.1.4.1.…\""
                .to_owned()
        });
    Some(Finding::error(place, format!("no trap is called {}", quoted(name))).help(help))
}

/// The nearest name: of the same module if there is one, for a maker's whole tree has too many.
fn meant(name: &str, module: Option<&str>, inputs: &Inputs, findings: &Findings) -> Option<String> {
    let all = inputs.traps();
    let is_of = |trap: &&str| trap.split_once("::").map(|(module, _)| module) == module;
    let all = || all.iter().map(String::as_str);
    findings.meant(name, all().filter(is_of)).or_else(|| findings.meant(name, all()))
}

fn is_built_in(module: &str) -> bool {
    Names::built_in().all().any(|(name, _)| name.module == module)
}

fn is_numeric(pattern: &str) -> bool {
    pattern.contains('.')
        && pattern.bytes().all(|letter| letter.is_ascii_digit() || matches!(letter, b'.' | b'*'))
}
