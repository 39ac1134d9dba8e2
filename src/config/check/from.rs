//! `from`: the inputs that an alarm looks at.

use super::fields::Inputs;
use crate::config::file::alarm::Alarm;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, quoted};
use crate::watch::definition::Selector;
use crate::watch::name::InputName;
use crate::watch::signal::Kind;

/// Reads a `from`.
pub(super) fn read(Named { name, table }: &Named<Alarm>, files: &Files, findings: &mut Findings) -> (Vec<Selector>, Inputs) {
    let mut inputs = Inputs::default();
    let mut selectors = Vec::new();
    let Some(list) = table.from.read() else {
        if table.from.is_absent() {
            let finding = Finding::error(name.place, format!("the alarm {} has no `from`", quoted(&name.value)));
            findings.add(finding.help("add from = [\"…\"], the inputs at which it looks"));
        }
        return (selectors, inputs);
    };
    if list.value.is_empty {
        let finding = Finding::error(list.place, format!("the alarm {} looks at no input", quoted(&name.value)));
        findings.add(finding.help("name one, for example \"snmp.NAME\", or \"snmp\" for all of them"));
    }
    for written in &list.value.items {
        let Some((kind, selector)) = input(written, files, findings) else { continue };
        if !inputs.kinds.contains(&kind) {
            inputs.kinds.push(kind);
        }
        if let Some(selector) = selector.filter(|selector| !selectors.contains(selector)) {
            selectors.push(selector);
        }
    }
    (selectors, inputs)
}

/// One input, or all of a kind; without the selector where the name is wrong and the kind is not.
fn input(written: &At<String>, files: &Files, findings: &mut Findings) -> Option<(Kind, Option<Selector>)> {
    let (kind, name) = match written.value.split_once('.') {
        Some((kind, name)) => (kind, Some(name)),
        None => (written.value.as_str(), None),
    };
    let Some(kind) = Kind::named(kind) else {
        findings.add(unknown(written, files, findings));
        return None;
    };
    let names: Vec<&str> = match kind {
        Kind::Snmp => files.snmp.iter().map(|named| named.name.value.as_str()).collect(),
        Kind::Gsm => files.gsm.iter().map(|named| named.name.value.as_str()).collect(),
        Kind::Vigie if name.is_none() => return Some((kind, Some(Selector::Kind(kind)))),
        Kind::Vigie => Vec::new(),
        Kind::Mqtt | Kind::Contacts => {
            let sentence = format!("this version has no inputs of {} yet", quoted(kind.name()));
            findings.add(Finding::error(written.place, sentence).help("take this alarm out, and see that something else watches this point"));
            return None;
        }
    };
    let found = match name {
        Some(name) => names.contains(&name).then(|| Selector::Input(InputName::new(&written.value))),
        None => (!names.is_empty()).then_some(Selector::Kind(kind)),
    };
    if found.is_none() && findings.all_readable() {
        findings.add(missing(written, kind, name, &names, findings));
    }
    Some((kind, found))
}

fn missing(written: &At<String>, kind: Kind, name: Option<&str>, names: &[&str], findings: &Findings) -> Finding {
    let kind = kind.name();
    let full: Vec<String> = names.iter().map(|name| format!("{kind}.{name}")).collect();
    let help = findings.meant(&written.value, full.iter().map(String::as_str)).unwrap_or_else(|| match full.as_slice() {
        [] => format!("add a table [{kind}.{}]", name.unwrap_or("NAME")),
        _ => format!("there is {}", full.join(", ")),
    });
    Finding::error(written.place, format!("no input is called {}", quoted(&written.value))).help(help)
}

fn unknown(written: &At<String>, files: &Files, findings: &Findings) -> Finding {
    let snmp = files.snmp.iter().map(|named| format!("snmp.{}", named.name.value));
    let gsm = files.gsm.iter().map(|named| format!("gsm.{}", named.name.value));
    let inputs: Vec<String> = snmp.chain(gsm).collect();
    let same_name = inputs.iter().find(|input| input.split_once('.').is_some_and(|(_, name)| name == written.value));
    let kinds = ["snmp", "gsm", "vigie"];
    let help = same_name
        .map(|input| format!("did you mean {}?", quoted(input)))
        .or_else(|| findings.meant(&written.value, inputs.iter().map(String::as_str).chain(kinds)))
        .unwrap_or_else(|| "write \"snmp.NAME\" or \"gsm.NAME\", as the table is called, or \"snmp\" for all of them".to_owned());
    Finding::error(written.place, format!("no input is called {}", quoted(&written.value))).help(help)
}
