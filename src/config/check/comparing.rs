//! What is compared with what: a field that is a number is never a text. CEL takes the two for unequal and says nothing, so a condition
//! on it would hold never, or always. Of a varbind only the MIB files know what it is, and a device may send something else: that is warned of.

use super::condition::Shape;
use super::fields::{Inputs, Pages};
use crate::config::finding::{At, Finding, Findings, Severity, quoted};
use crate::watch::field::Sort;
use crate::watch::signal::{Kind, Value};

/// Complains of each field that is compared with what it never is; whether there was one. A condition that can hold all the same is
/// warned of, for any other the complaint weighs what it says.
pub(super) fn check(
    shape: &Shape,
    written: &At<String>,
    severity: Severity,
    (inputs, pages): (&Inputs, Pages<'_>),
    findings: &mut Findings,
) -> bool {
    let may_be = |field: &str, value: &Value| inputs.sort_against(field, value).is_none();
    let severity = if shape.can_hold(&may_be) { Severity::Warning } else { severity };
    let mut told: Vec<String> = Vec::new();
    for (field, value) in shape.comparisons() {
        if let Some(sort) = inputs.sort_against(&field, &value)
            && !told.contains(&field)
        {
            let sentence =
                format!("{} is {}, and never {}", quoted(&field), in_words(sort), shown(&value));
            let help = help(&field, sort, &value, inputs);
            let finding = Finding::error(pages.word(written.place, &field), sentence);
            // What a device sends is its own affair: one that sends the word for a number is heard.
            let is_ours = inputs.kinds.iter().any(|kind| kind.sort_of(&field).is_some());
            let severity = if is_ours { severity } else { Severity::Warning };
            findings.add(Finding { severity, ..finding }.help(help));
            told.push(field);
        }
    }
    !told.is_empty()
}

impl Inputs {
    /// What a field is in the signals of all inputs that can have it, where none of them can have that value.
    fn sort_against(&self, field: &str, value: &Value) -> Option<Sort> {
        let of_value = Sort::of(value)?;
        let having = self.kinds.iter().filter(|kind| kind.can_have(field));
        let mut sorts = having.map(|kind| self.sort_of(*kind, field)).peekable();
        let first = sorts.peek().copied().flatten()?;
        sorts.all(|sort| sort.is_some_and(|sort| sort != of_value)).then_some(first)
    }

    /// What the values of a field are in the signals of that kind, where it is known.
    fn sort_of(&self, kind: Kind, field: &str) -> Option<Sort> {
        kind.sort_of(field).or_else(|| match kind {
            Kind::Snmp => self.is_enumeration(field).then_some(Sort::Number),
            Kind::Gsm | Kind::Mqtt | Kind::Contacts | Kind::Vigie => None,
        })
    }
}

fn in_words(sort: Sort) -> &'static str {
    match sort {
        Sort::Truth => "true or false",
        Sort::Number => "a number",
        Sort::Text => "text",
        Sort::List => "a list",
        Sort::Map => "values by name",
    }
}

/// A literal as it is written.
fn shown(value: &Value) -> String {
    match value.as_text() {
        Some(text) => format!("the text {}", quoted(text)),
        None => quoted(&value.to_string()),
    }
}

fn help(field: &str, sort: Sort, value: &Value, inputs: &Inputs) -> String {
    let text = value.as_text().unwrap_or_default();
    let is_number = text.parse::<f64>().is_ok();
    match sort {
        Sort::Truth => format!("write {field}, or !{field}"),
        Sort::Number if is_number => format!("write it without quotes: {field} == {text}"),
        Sort::Number => match inputs.number_of(field, text) {
            Some(number) => {
                format!("write {field} == {number}, or labels.{field} == \"{text}\"")
            }
            None if inputs.is_enumeration(field) => {
                format!("write its number; its word is labels.{field}")
            }
            None if field == "value" => "the text of the message is in `payload`".to_owned(),
            None => "write a number".to_owned(),
        },
        Sort::Text if field == "payload" => {
            "write it in quotes; a payload that is a number is in `value`".to_owned()
        }
        Sort::Text => format!("write it in quotes: {field} == \"{value}\""),
        Sort::List => format!("what stands in it is looked for by 'x' in {field}"),
        Sort::Map => format!("name what is looked for in it: {field}['…']"),
    }
}
