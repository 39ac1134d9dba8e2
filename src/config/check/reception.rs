//! `match` against what the inputs of `from` are set up to take: what none of them lets in is never seen.
//!
//! It errs on one side only: where it is not known what an input lets in, it may let in anything. A community is never shown.

use ipnet::IpNet;
use vigie_snmp::Version;

use crate::config::file::alarm::{Matching, Wanted};
use crate::config::file::wires::Snmp;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Severity, listed, quoted};
use crate::config::written::{List, Slot};
use crate::watch::definition::Selector;
use crate::watch::matching::{Match, Pattern, Scalar};
use crate::watch::signal::{Kind, Value};

/// What is wrong with a value, and what to do about it.
type Trouble = (String, String);

/// Complains of each value of a `match` that can be read and that nothing lets in.
pub(super) fn check(
    matching: &At<Matching>,
    matches: &Match,
    (from, kinds): (&[Selector], &[Kind]),
    files: &Files,
    findings: &mut Findings,
) {
    if !findings.all_readable() {
        return;
    }
    for (wanted, known) in matching.value.fields.iter().zip(matches.fields()) {
        // A value that could not be read is told already, and then they are not of one length.
        if wanted.field.value != *known.field || wanted.values.len() != known.any_of.len() {
            return;
        }
        let trouble = |pattern: &Pattern| match (&*known.field, kinds) {
            ("input", _) => of_input(pattern, from, files),
            ("modem", [Kind::Gsm]) => of_modem(pattern, from, files),
            (field, [Kind::Snmp]) => of_trap(field, pattern, from, files),
            _ => None,
        };
        tell(wanted, known.any_of.iter().map(trouble).collect(), findings);
    }
}

/// What nothing lets in is refused; one of several values is told of, for the others may be let in.
fn tell(wanted: &Wanted, troubles: Vec<Option<Trouble>>, findings: &mut Findings) {
    let is_all = troubles.iter().all(Option::is_some);
    let severity = if is_all { Severity::Error } else { Severity::Warning };
    for (value, trouble) in wanted.values.iter().zip(troubles) {
        if let Some((sentence, help)) = trouble {
            let finding = Finding::error(value.place, sentence).help(help);
            findings.add(Finding { severity, ..finding });
        }
    }
}

fn can_be(pattern: &Pattern, kind: Kind, field: &str, value: &str) -> bool {
    let matches = Match::everything().and(field, vec![pattern.clone()]);
    matches.allows(kind, field, &Value::text(value))
}

/// The inputs of that kind that are meant, by their identifiers.
fn meant<'f>(
    kind: Kind,
    all: impl Iterator<Item = &'f str>,
    from: &[Selector],
) -> impl Iterator<Item = &'f str> {
    all.filter(move |id| {
        let input = format!("{}.{id}", kind.name());
        from.iter().any(|selector| selector.means(kind, &input))
    })
}

fn of_input(pattern: &Pattern, from: &[Selector], files: &Files) -> Option<Trouble> {
    let snmp = meant(Kind::Snmp, files.snmp.names(), from).map(|id| format!("snmp.{id}"));
    let gsm = meant(Kind::Gsm, files.gsm.names(), from).map(|id| format!("gsm.{id}"));
    let mqtt = meant(Kind::Mqtt, files.mqtt.names(), from).map(|id| format!("mqtt.{id}"));
    let contacts = meant(Kind::Contacts, files.contacts.names(), from);
    let contacts = contacts.map(|id| format!("contacts.{id}"));
    let own = from.contains(&Selector::Kind(Kind::Vigie)).then(|| Kind::Vigie.name().to_owned());
    let inputs: Vec<String> = snmp.chain(gsm).chain(mqtt).chain(contacts).chain(own).collect();
    if inputs.is_empty() || inputs.iter().any(|input| can_be(pattern, Kind::Vigie, "input", input))
    {
        return None;
    }
    let sentence = format!("{} is no input of this `from`", quoted(pattern.written()));
    Some((sentence, there_is(inputs.iter().map(String::as_str))))
}

fn of_modem(pattern: &Pattern, from: &[Selector], files: &Files) -> Option<Trouble> {
    let modems: Vec<&str> = meant(Kind::Gsm, files.gsm.names(), from).collect();
    if modems.is_empty() || modems.iter().any(|id| can_be(pattern, Kind::Gsm, "modem", id)) {
        return None;
    }
    let sentence = format!("{} is no modem of this `from`", quoted(pattern.written()));
    Some((sentence, there_is(modems.into_iter())))
}

fn there_is<'n>(names: impl Iterator<Item = &'n str> + Clone) -> String {
    let verb = if names.clone().count() == 1 { "there is" } else { "there are" };
    format!("{verb} {}", listed(names.take(8), "and"))
}

/// What no receiver of traps that is meant takes.
fn of_trap(field: &str, pattern: &Pattern, from: &[Selector], files: &Files) -> Option<Trouble> {
    let takes = match field {
        "source" => takes_source,
        "version" => takes_version,
        "community" => takes_community,
        "user" => takes_user,
        "level" | "engine_id" => takes_level,
        _ => return None,
    };
    let is_meant = |named: &&Named<Snmp>| {
        meant(Kind::Snmp, std::iter::once(named.name.value.as_str()), from).next().is_some()
    };
    let mut receivers = files.snmp.iter().filter(is_meant).map(|named| &named.table).peekable();
    receivers.peek()?;
    if receivers.any(|table| takes(table, pattern)) {
        return None;
    }
    let written = quoted(pattern.written());
    Some(match field {
        "source" => (
            format!("no receiver of this `from` takes traps of {written}"),
            "add it to the `sources` of [snmp.NAME], or write what they admit".to_owned(),
        ),
        "version" => (
            format!("no receiver of this `from` takes SNMP of the version {written}"),
            "add it to the `versions` of [snmp.NAME]; \"3\" also needs `users` there".to_owned(),
        ),
        "community" => (
            "no receiver of this `from` takes that community".to_owned(),
            "add it to the `communities` of [snmp.NAME], or write one of them; SNMPv3 has none"
                .to_owned(),
        ),
        "user" => (
            format!("no receiver of this `from` knows the user {written}"),
            "add a table [[snmp.NAME.users]], or write one of the users".to_owned(),
        ),
        _ => (
            format!(
                "{} is a field of SNMPv3, and no receiver of this `from` takes it",
                quoted(field)
            ),
            "add a table [[snmp.NAME.users]] for each user of the devices".to_owned(),
        ),
    })
}

/// What stands in a list; `None` where nothing does, or a part of it could not be read: then nothing is known.
fn items<T>(slot: &Slot<List<T>>) -> Option<&[At<T>]> {
    slot.value().map(|list| list.items.as_slice()).filter(|items| !items.is_empty())
}

fn takes_source(table: &Snmp, pattern: &Pattern) -> bool {
    let (Some(wanted), Some(sources), true) =
        (pattern.network(), items(&table.sources), table.proxies.is_absent())
    else {
        return true;
    };
    sources.iter().any(|source| {
        let read = Pattern::new("source", Scalar::Text(source.value.trim().to_owned()));
        let network = read.ok().and_then(|read| read.network());
        network.is_none_or(|source: IpNet| source.contains(&wanted) || wanted.contains(&source))
    })
}

fn takes(table: &Snmp, version: Version) -> bool {
    let is_named = items(&table.versions)
        .is_none_or(|versions| versions.iter().any(|written| written.value == version));
    is_named && (version != Version::V3 || !table.users.is_absent())
}

fn takes_version(table: &Snmp, pattern: &Pattern) -> bool {
    Version::ALL.into_iter().any(|version| {
        takes(table, version) && can_be(pattern, Kind::Snmp, "version", version.name())
    })
}

fn takes_community(table: &Snmp, pattern: &Pattern) -> bool {
    if !takes(table, Version::V1) && !takes(table, Version::V2c) {
        return false;
    }
    items(&table.communities).is_none_or(|communities| {
        communities.iter().any(|community| {
            let text = community.value.0.as_str();
            // What cannot be shown as it is has another form in a signal.
            text.contains(char::is_control) || can_be(pattern, Kind::Snmp, "community", text)
        })
    })
}

fn takes_user(table: &Snmp, pattern: &Pattern) -> bool {
    takes(table, Version::V3)
        && items(&table.users).is_none_or(|users| {
            users.iter().any(|user| {
                let name = user.value.name.value();
                name.is_none_or(|name| can_be(pattern, Kind::Snmp, "user", name))
            })
        })
}

fn takes_level(table: &Snmp, _: &Pattern) -> bool {
    takes(table, Version::V3)
}
