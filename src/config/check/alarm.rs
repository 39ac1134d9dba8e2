//! `[alarms.*]`: from each table a definition, and what two of them have in common.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::condition::Shape;
use super::fields::{Inputs, Pages};
use super::from::Wires;
use super::length::{Trouble, trouble};
use super::site::Head;
use super::{causes, comparing, flapping, from, heartbeats, matching, reception, refer, says};
use crate::config::file::alarm::{Alarm, Grades, Literal, Wanted};
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Severity, quoted};
use crate::config::written::Slot;
use crate::watch::definition::{Definition, Grade};
use crate::watch::definitions::Definitions;
use crate::watch::drills::{Drill, with_drills};
use crate::watch::matching::Match;
use crate::watch::name::{DefinitionName, DrillName, PolicyName};
use crate::watch::own_alarms::own_definitions;
use crate::watch::signal::Kind;
use crate::watch::site::Priority;
use crate::watch::template::Template;

/// Reads `[alarms.*]`, and adds Vigie's own.
pub(super) fn definitions(
    wires: Wires<'_>,
    pages: Pages<'_>,
    head: &Head,
    drills: &BTreeMap<DrillName, Drill>,
    findings: &mut Findings,
) -> Definitions {
    let definitions: Vec<Definition> = wires
        .files
        .alarms
        .iter()
        .filter_map(|named| definition(named, wires, pages, head, findings))
        .collect();
    twins(&definitions, wires.files, findings);
    causes::check(&definitions, wires.files, findings);
    let last_resort = head.last_resort.as_ref();
    let own = own_definitions(head.language, last_resort);
    let own = with_drills(own, head.language, last_resort, drills);
    let own = own.into_iter().map(|own| Definition { flapping: head.flapping, ..own });
    Definitions::new(definitions).with_own(own.collect())
}

fn definition(
    named: &Named<Alarm>,
    wires: Wires<'_>,
    pages: Pages<'_>,
    head: &Head,
    findings: &mut Findings,
) -> Option<Definition> {
    let Named { name, table } = named;
    let before = findings.errors();
    let (from, inputs) = from::read(named, wires, findings);
    let is_known = findings.errors() == before;
    let matches = match &table.matches {
        Slot::Is(matching) => matching::read(matching, &inputs, findings),
        Slot::Absent => Some(Match::everything()),
        Slot::Refused => None,
    };
    if let (Some(matching), Some(matches), true) = (table.matches.read(), &matches, is_known) {
        let inputs = (from.as_slice(), inputs.kinds.as_slice());
        reception::check(matching, matches, inputs, wires.files, findings);
    }
    let key = table.key.read().map(|written| key(written, named, &inputs, pages, findings));
    let says = says::read(named, matches.as_ref(), &inputs, pages, findings);
    let text = text(named, &inputs, pages, head, findings);
    let priority = priority(table, &inputs, pages, findings);
    // Only now: all complaints are told, also those about the rest of an alarm that is refused.
    let escalation = escalation(named, wires.files, findings);
    let swap = super::swaps::swap(named, wires.files, findings);
    let suppressed_by = causes::read(named, wires.files, pages, &inputs, findings);
    Some(Definition {
        name: DefinitionName::new(&name.value),
        matches: matches?,
        key: key.unwrap_or_else(|| Some(Template::constant("")))?,
        cleared_by: says::cleared_by(table, &inputs, says.as_ref(), findings),
        says: says?,
        on_delay: table.on_delay.value().copied().unwrap_or(Duration::ZERO),
        off_delay: table.off_delay.value().copied().unwrap_or(Duration::ZERO),
        latch: table.latch.value().copied().unwrap_or(false),
        priority,
        text: text?,
        flapping: flapping::rule(&table.flapping, head.flapping, findings),
        heartbeat: heartbeats::of_definition(table, &from, findings),
        from,
        procedure: table.procedure.value().map(|procedure| Arc::from(procedure.trim())),
        escalation,
        swap,
        suppressed_by,
    })
}

/// Which alarm a signal speaks of; a warning where the key is the same word for all that `from` brings.
fn key(
    written: &At<String>,
    named: &Named<Alarm>,
    inputs: &Inputs,
    pages: Pages<'_>,
    findings: &mut Findings,
) -> Option<Template> {
    let key = pages.template(written, "key", inputs, findings)?;
    let word = written.value.trim();
    let example = match inputs.kinds.as_slice() {
        [Kind::Gsm] => "sender",
        [Kind::Contacts] => "line",
        [Kind::Vigie] => "subject",
        _ => "source",
    };
    if key.expressions().next().is_none() && !word.is_empty() && !has_one_line(named, inputs) {
        let name = quoted(&named.name.value);
        let sentence = format!(
            "the `key` of {name} is the same for every signal: all that comes is one alarm, and one device's return ends another's"
        );
        let help = if inputs.can_have(word) {
            format!("write key = \"{{{word}}}\", with braces")
        } else {
            format!(
                "write for example key = \"{{{example}}}\", or take it out where one alarm for all is meant"
            )
        };
        findings.add(Finding::warning(written.place, sentence).help(help));
    }
    Some(key)
}

/// Whether only one contact can speak: then its key may be any word.
fn has_one_line(Named { table, .. }: &Named<Alarm>, inputs: &Inputs) -> bool {
    let fields = table.matches.value().map_or(&[][..], |matching| &matching.fields);
    let is_one = |wanted: &Wanted| match wanted.values.as_slice() {
        [At { value: Literal::Text(text), .. }] => !text.contains('*'),
        _ => false,
    };
    let named = fields.iter().any(|wanted| wanted.field.value == "line" && is_one(wanted));
    inputs.kinds == [Kind::Contacts] && (named || inputs.lines.len() == 1)
}

fn text(
    named: &Named<Alarm>,
    inputs: &Inputs,
    pages: Pages<'_>,
    head: &Head,
    findings: &mut Findings,
) -> Option<Template> {
    let Named { name, table } = named;
    let Some(written) = table.text.read() else {
        if table.text.is_absent() {
            let finding = Finding::error(
                name.place,
                format!("the alarm {} has no `text`", quoted(&name.value)),
            );
            findings.add(finding.help("add text = \"…\", what people are told: what, and where"));
        }
        return None;
    };
    if written.value.trim().is_empty() {
        let finding = Finding::error(
            written.place,
            format!("the `text` of {} is empty", quoted(&name.value)),
        );
        findings.add(finding.help("say what is wrong, and where"));
    }
    let template = pages.template(written, "text", inputs, findings)?;
    for trouble in trouble(&template, head.code_digits) {
        findings.add(told(&trouble, written, pages));
    }
    Some(template)
}

fn told(trouble: &Trouble, written: &At<String>, pages: Pages<'_>) -> Finding {
    match trouble {
        Trouble::NoLikeness(letter) => {
            let sentence =
                format!("{} cannot be sent by SMS and would read ?", quoted(&letter.to_string()));
            Finding::warning(pages.letter(written.place, *letter), sentence)
                .help("write it with other letters")
        }
        Trouble::TooLong { length, room, wide: None } => {
            let sentence = format!(
                "this text needs two SMS: about {length} letters with its code, and there is room for {room}"
            );
            Finding::warning(written.place, sentence)
                .help("shorten it; what to do about it belongs in `procedure`")
        }
        Trouble::TooLong { length, room, wide: Some(letter) } => {
            let sentence = format!(
                "this text needs two SMS: about {length} letters with its code, and there is room for {room}; {} takes more than one",
                quoted(&letter.to_string())
            );
            let place = pages.letter(written.place, *letter);
            Finding::warning(place, sentence).help("shorten it, or write that letter otherwise")
        }
    }
}

fn escalation(
    Named { name, table }: &Named<Alarm>,
    files: &Files,
    findings: &mut Findings,
) -> Option<PolicyName> {
    let Some(written) = table.escalation.read() else {
        if table.escalation.is_absent() {
            let sentence = format!(
                "the alarm {} has no `escalation`: it is shown on the board and calls nobody",
                quoted(&name.value)
            );
            findings.add(
                Finding::warning(name.place, sentence)
                    .help("add escalation = \"…\", if somebody must know"),
            );
        }
        return None;
    };
    let says = format!("alarm {} escalates to", quoted(&name.value));
    refer(written, &says, "escalations", &files.escalations, findings)
        .then(|| PolicyName::new(&written.value))
}

fn priority(
    table: &Alarm,
    inputs: &Inputs,
    pages: Pages<'_>,
    findings: &mut Findings,
) -> Vec<Grade> {
    let always = |is| Grade { when: None, is };
    let Some(grades) = table.priority.read() else {
        return vec![always(Priority::default())];
    };
    let list = match &grades.value {
        Grades::Fixed(priority) => return vec![always(*priority)],
        Grades::Graded(list) => list,
    };
    if list.is_empty {
        findings.add(
            Finding::error(grades.place, "this list gives no priority")
                .help("write for example [{ is = \"high\" }]"),
        );
    }
    let mut graded: Vec<Grade> = Vec::new();
    let mut ended = false;
    for grade in &list.items {
        if ended {
            let finding = Finding::warning(
                grade.value.place,
                "this grade never applies: the one before it always does",
            );
            findings.add(finding.help("put the grade without `when` last"));
        }
        if grade.value.is.is_absent() {
            let finding =
                Finding::error(grade.value.place, "this grade has no `is`: it gives no priority");
            findings.add(finding.help("add is = \"critical\", \"high\", \"medium\" or \"low\""));
        }
        let when = grade.value.when.read().map(|when| {
            let condition = pages.condition(when, "when", inputs, findings)?;
            if let Some(shape) = Shape::of(&condition) {
                let _ =
                    comparing::check(&shape, when, Severity::Warning, (inputs, pages), findings);
            }
            Some(condition)
        });
        ended = ended || grade.value.when.is_absent();
        if let (Some(is), None | Some(Some(_))) = (grade.value.is.value(), &when) {
            graded.push(Grade { when: when.flatten(), is: *is });
        }
    }
    if !ended {
        graded.push(always(Priority::default()));
    }
    graded
}

/// Two definitions that see the same and say the same would call twice.
fn twins(definitions: &[Definition], files: &Files, findings: &mut Findings) {
    let active = |name: &DefinitionName| {
        let named = files.alarms.find(name.as_str())?;
        Some((named, named.table.active.value().map(|active| active.trim())))
    };
    // The sources of two matches that are equal look equal: so the text finds the pairs.
    let mut seen: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for (number, definition) in definitions.iter().enumerate() {
        let Some((named, condition)) = active(&definition.name) else {
            continue;
        };
        let fingerprint = format!("{:?} {:?} {condition:?}", definition.from, definition.matches);
        match seen
            .get(&fingerprint)
            .and_then(|first| definitions.get(*first))
            .and_then(|first| active(&first.name))
        {
            Some((first, _)) => {
                let sentence = format!(
                    "{} and {} have the same `from`, `match` and `active`: people are called twice",
                    quoted(&first.name.value),
                    quoted(&named.name.value)
                );
                let finding = Finding::warning(named.name.place, sentence).first(first.name.place);
                findings.add(finding.help("take one of the two out, or let them differ"));
            }
            None => {
                seen.insert(fingerprint, number);
            }
        }
    }
}
