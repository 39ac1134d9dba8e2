//! `suppressed-by`: which alarms keep an alarm quiet while they are active. None may do so for what keeps it quiet itself.

use std::collections::{HashMap, HashSet};

use super::fields::{Inputs, Pages};
use super::{refer, users};
use crate::config::file::alarm::Alarm;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, quoted};
use crate::watch::definition::{ClearedBy, Definition, Says, Selector, Suppressor};
use crate::watch::name::DefinitionName;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::signal::Kind;
use crate::watch::template::Template;

/// Reads the list of one alarm.
pub(super) fn read(
    named: &Named<Alarm>,
    files: &Files,
    pages: Pages<'_>,
    inputs: &Inputs,
    findings: &mut Findings,
) -> Vec<Suppressor> {
    let says = format!("alarm {} is suppressed by", quoted(&named.name.value));
    let mut suppressors = Vec::new();
    for written in named.table.suppressed_by.value().into_iter().flat_map(|list| &list.items) {
        let (name, key) = match split(&written.value) {
            Some(parts) => parts,
            None => {
                let sentence = format!("{} names no alarm", quoted(&written.value));
                let help = "write \"switch-down\", or \"switch-down[{source}]\" for one of several";
                findings.add(Finding::error(written.place, sentence).help(help));
                continue;
            }
        };
        let is_own = SelfAlarm::ALL.iter().any(|own| own.name() == name);
        let wanted = At::new(name.to_owned(), written.place);
        if !is_own && !refer(&wanted, &says, "alarms", &files.alarms, findings) {
            continue;
        }
        let key = key.map(|key| template(key, written, pages, inputs, findings));
        if let None | Some(Some(_)) = &key {
            suppressors
                .push(Suppressor { definition: DefinitionName::new(name), key: key.flatten() });
        }
    }
    suppressors
}

/// `switch-down[{source}]`: the name, and what stands in brackets.
fn split(written: &str) -> Option<(&str, Option<&str>)> {
    let parts = match written.split_once('[') {
        None => (written, None),
        Some((name, rest)) => (name, Some(rest.strip_suffix(']')?)),
    };
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    (!parts.0.is_empty() && parts.0.chars().all(is_name)).then_some(parts)
}

fn template(
    key: &str,
    written: &At<String>,
    pages: Pages<'_>,
    inputs: &Inputs,
    findings: &mut Findings,
) -> Option<Template> {
    match Template::parse(key) {
        Ok(template) => {
            pages.check_names(template.names(), written, inputs, findings);
            Some(template)
        }
        Err(error) => {
            let before = written.value.find('[').map_or(0, |at| at.saturating_add(1));
            let place = pages.inside(written.place, before.saturating_add(error.at));
            let sentence = format!("`suppressed-by` cannot be read: {}", error.problem);
            findings.add(
                Finding::error(place, sentence)
                    .help("write expressions in braces: \"switch-down[{source}]\""),
            );
            None
        }
    }
}

/// Whether only who has proved who they are may end it.
fn is_guarded(by_name: &HashMap<&str, &Definition>, name: &str) -> bool {
    by_name.get(name).is_some_and(|known| known.cleared_by == ClearedBy::Authenticated)
}

/// Whether an input admits signals of those who prove nothing: traps of v2c or of a user without `auth`, and short messages.
fn is_anybodys(selector: &Selector, files: &Files) -> bool {
    let is_of = |kind: Kind| match kind {
        Kind::Snmp => users::admit_anybody(selector, files),
        Kind::Gsm => true,
        Kind::Mqtt | Kind::Contacts | Kind::Vigie => false,
    };
    match selector {
        Selector::Kind(kind) => is_of(*kind),
        Selector::Input(input) => {
            let kind = input.as_str().split('.').next().and_then(Kind::named);
            kind.is_some_and(is_of)
        }
    }
}

/// Who may not end an alarm keeps it quiet all the same, by raising its cause.
fn by_anybody(written: &At<String>, quiet: &str, cause: &str) -> Finding {
    let (quiet, cause) = (quoted(quiet), quoted(cause));
    let sentence = format!(
        "anybody who reaches the wire can raise {cause}, and so keep {quiet} quiet, which only who is authenticated may clear"
    );
    Finding::warning(written.place, sentence)
        .help("name a cause that a contact, a broker or an SNMPv3 user with `auth` tells of, or take it out")
}

/// What only the alarms together show: a cause that is never active, one without a key, and circles.
pub(super) fn check(definitions: &[Definition], files: &Files, findings: &mut Findings) {
    let by_name: HashMap<&str, &Definition> =
        definitions.iter().map(|known| (known.name.as_str(), known)).collect();
    for named in &files.alarms {
        for written in items(&named.table) {
            let Some((name, key)) = split(&written.value) else { continue };
            let Some(cause) = by_name.get(name) else { continue };
            let place = written.place;
            if let Says::Momentary(_) = cause.says {
                let sentence = format!(
                    "{} is momentary: it is never active, and would never keep {} quiet",
                    quoted(name),
                    quoted(&named.name.value)
                );
                let help = "name an alarm with `active` and `normal`, or take it out";
                findings.add(Finding::error(place, sentence).help(help));
            } else if key.is_some() && cause.key.source().is_empty() {
                let sentence = format!("{} has no `key`: there is only one", quoted(name));
                findings.add(Finding::error(place, sentence).help(format!("write \"{name}\"")));
            } else if is_guarded(&by_name, &named.name.value)
                && cause.from.iter().any(|selector| is_anybodys(selector, files))
            {
                findings.add(by_anybody(written, &named.name.value, name));
            }
        }
    }
    circles(files, findings);
}

fn items(table: &Alarm) -> impl Iterator<Item = &At<String>> {
    table.suppressed_by.value().into_iter().flat_map(|list| &list.items)
}

/// Follows each alarm to what keeps it quiet, and that again: whoever comes back to where they are goes in a circle, in which
/// each would keep the next one quiet, and nobody would be called.
fn circles(files: &Files, findings: &mut Findings) {
    let causes = |name: &str| -> Vec<&At<String>> {
        files.alarms.find(name).into_iter().flat_map(|named| items(&named.table)).collect()
    };
    let mut done: HashSet<&str> = HashSet::new();
    for start in files.alarms.names() {
        if !done.insert(start) {
            continue;
        }
        let mut way: Vec<(&str, std::vec::IntoIter<&At<String>>)> =
            vec![(start, causes(start).into_iter())];
        // Where on the way each stands: a way may be as long as the files.
        let mut places: HashMap<&str, usize> = HashMap::from([(start, 0)]);
        while let Some((_, next)) = way.last_mut() {
            let Some(written) = next.next() else {
                if let Some((passed, _)) = way.pop() {
                    places.remove(passed);
                }
                continue;
            };
            let Some((name, _)) = split(&written.value) else { continue };
            if let Some(begin) = places.get(name) {
                let round = way.iter().skip(*begin).map(|(name, _)| *name);
                findings.add(circle(written, &round.take(NAMED).collect::<Vec<&str>>()));
            } else if done.insert(name) {
                places.insert(name, way.len());
                way.push((name, causes(name).into_iter()));
            }
        }
    }
}

/// So many alarms of a circle are named.
const NAMED: usize = 8;

fn circle(written: &At<String>, round: &[&str]) -> Finding {
    let sentence = match round {
        [alone] => format!("{} would keep itself quiet", quoted(alone)),
        _ => {
            let by = " is suppressed by ";
            let names: Vec<String> = round.iter().map(|name| quoted(name)).collect();
            let first = names.first().cloned().unwrap_or_default();
            format!("these keep each other quiet: {}{by}{first}", names.join(by))
        }
    };
    Finding::error(written.place, sentence)
        .help("leave out one of them: an alarm is never suppressed by its effects")
}
