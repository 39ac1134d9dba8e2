//! `from`: the inputs that an alarm looks at.

use super::contacts;
use super::fields::Inputs;
use super::mibs::Mibs;
use super::mqtt::{self, Topics};
use super::users;
use crate::config::file::alarm::Alarm;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, listed, quoted};
use crate::watch::definition::Selector;
use crate::watch::name::InputName;
use crate::watch::signal::Kind;

/// The inputs that there are, and what can come from them.
#[derive(Clone, Copy)]
pub(super) struct Wires<'w> {
    /// The tables that name them.
    pub(super) files: &'w Files,
    /// What traps may be called.
    pub(super) mibs: &'w Mibs,
    /// What connections to brokers listen to.
    pub(super) topics: &'w Topics,
}

/// Reads a `from`.
pub(super) fn read(
    Named { name, table }: &Named<Alarm>,
    Wires { files, mibs, topics }: Wires<'_>,
    findings: &mut Findings,
) -> (Vec<Selector>, Inputs) {
    let mut inputs = Inputs::default();
    let mut selectors = Vec::new();
    let Some(list) = table.from.read() else {
        if table.from.is_absent() {
            let finding = Finding::error(
                name.place,
                format!("the alarm {} has no `from`", quoted(&name.value)),
            );
            findings.add(finding.help("add from = [\"…\"], the inputs at which it looks"));
        }
        return (selectors, inputs);
    };
    if list.value.is_empty {
        let finding = Finding::error(
            list.place,
            format!("the alarm {} looks at no input", quoted(&name.value)),
        );
        findings
            .add(finding.help("name one, for example \"snmp.NAME\", or \"snmp\" for all of them"));
    }
    for written in &list.value.items {
        let Some((kind, selector)) = input(written, files, findings) else {
            continue;
        };
        if !inputs.kinds.contains(&kind) {
            inputs.kinds.push(kind);
        }
        if kind == Kind::Snmp {
            mibs.add_names(selector.as_ref(), &mut inputs);
        }
        if kind == Kind::Snmp {
            inputs.has_users |= users::prove(selector.as_ref(), files);
        }
        if kind == Kind::Mqtt {
            inputs.add_topics(topics.of(selector.as_ref()));
            inputs.has_profile |= mqtt::have_profile(selector.as_ref(), files);
        }
        if kind == Kind::Contacts {
            contacts::add_lines(selector.as_ref(), files, &mut inputs);
        }
        if let Some(selector) = selector.filter(|selector| !selectors.contains(selector)) {
            selectors.push(selector);
        }
    }
    (selectors, inputs)
}

/// Whether an input of the selector's kind is meant.
pub(super) fn means(selector: &Selector, input: &str) -> bool {
    match selector {
        Selector::Input(meant) => meant.as_str() == input,
        Selector::Kind(_) => true,
    }
}

/// One input, or all of a kind; without the selector where the name is wrong and the kind is not.
fn input(
    written: &At<String>,
    files: &Files,
    findings: &mut Findings,
) -> Option<(Kind, Option<Selector>)> {
    let (kind, name) = match written.value.split_once('.') {
        Some((kind, name)) => (kind, Some(name)),
        None => (written.value.as_str(), None),
    };
    let Some(kind) = Kind::named(kind) else {
        findings.add(unknown(written, files, findings));
        return None;
    };
    let known = |name: &str| match kind {
        Kind::Snmp => files.snmp.find(name).is_some(),
        Kind::Gsm => files.gsm.find(name).is_some(),
        Kind::Mqtt => files.mqtt.find(name).is_some(),
        Kind::Contacts => files.contacts.find(name).is_some(),
        Kind::Vigie => false,
    };
    let any = match kind {
        Kind::Snmp => files.snmp.names().next().is_some(),
        Kind::Gsm => files.gsm.names().next().is_some(),
        Kind::Mqtt => files.mqtt.names().next().is_some(),
        Kind::Vigie => true,
        Kind::Contacts => files.contacts.names().next().is_some(),
    };
    let found = match name {
        Some(name) => known(name).then(|| Selector::Input(InputName::new(&written.value))),
        None => any.then_some(Selector::Kind(kind)),
    };
    if found.is_none() && findings.all_readable() {
        findings.add(missing(written, kind, name, files, findings));
    }
    Some((kind, found))
}

fn missing(
    written: &At<String>,
    kind: Kind,
    name: Option<&str>,
    files: &Files,
    findings: &Findings,
) -> Finding {
    let kind = kind.name();
    let inputs = inputs(files);
    let same: Vec<&str> =
        inputs.iter().filter(|input| input.starts_with(kind)).map(String::as_str).collect();
    let help = findings.meant(&written.value, same.iter().copied()).unwrap_or_else(|| {
        match same.as_slice() {
            [] if kind == Kind::Vigie.name() => "write \"vigie\"".to_owned(),
            [] => format!("add a table [{kind}.{}]", name.unwrap_or("NAME")),
            _ => format!("there is {}", listed(same.iter().copied().take(8), "and")),
        }
    });
    Finding::error(written.place, format!("no input is called {}", quoted(&written.value)))
        .help(help)
}

fn unknown(written: &At<String>, files: &Files, findings: &Findings) -> Finding {
    let inputs = inputs(files);
    let same_name = inputs
        .iter()
        .find(|input| input.split_once('.').is_some_and(|(_, name)| name == written.value));
    let kinds = ["snmp", "gsm", "mqtt", "contacts", "vigie"];
    let help = same_name
        .map(|input| format!("did you mean {}?", quoted(input)))
        .or_else(|| findings.meant(&written.value, inputs.iter().map(String::as_str).chain(kinds)))
        .unwrap_or_else(|| "write \"snmp.NAME\", \"gsm.NAME\", \"mqtt.NAME\" or \"contacts.NAME\", as the table is called, or \"snmp\" for all of them".to_owned());
    Finding::error(written.place, format!("no input is called {}", quoted(&written.value)))
        .help(help)
}

/// Every input by the name that `from` gives it; not all of a thousand.
fn inputs(files: &Files) -> Vec<String> {
    const SHOWN: usize = 500;
    let snmp = files.snmp.names().map(|name| format!("snmp.{name}"));
    let gsm = files.gsm.names().map(|name| format!("gsm.{name}"));
    let mqtt = files.mqtt.names().map(|name| format!("mqtt.{name}"));
    let contacts = files.contacts.names().map(|name| format!("contacts.{name}"));
    snmp.chain(gsm).chain(mqtt).chain(contacts).take(SHOWN).collect()
}
