//! `[people.*]` and `[groups.*]`: numbers and accounts, each of one person alone; groups whose people there are.

use std::collections::{BTreeMap, BTreeSet};

use super::refer;
use super::site::Head;
use crate::config::file::people::Person as Written;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::written::Slot;
use crate::watch::name::{GroupId, InputName, PersonId};
use crate::watch::site::{Person, PhoneNumber};

/// Reads `[people.*]`.
pub(super) fn people(
    files: &Files,
    head: &Head,
    findings: &mut Findings,
) -> BTreeMap<PersonId, Person> {
    let mut phones = BTreeMap::new();
    let mut users = BTreeMap::new();
    files
        .people
        .iter()
        .map(|named| {
            let Named { name, table } = named;
            let phone = table.phone.read().and_then(|written| phone(written, head, findings));
            if let (Some(phone), Some(written)) = (&phone, table.phone.read()) {
                let what = format!("the phone {phone}");
                once(
                    &what,
                    phone.as_str(),
                    At::new(name.value.as_str(), written.place),
                    &mut phones,
                    findings,
                );
            }
            if let Some(user) = table.user.read() {
                check_user(user, findings);
                let what = format!("the account {}", quoted(&user.value));
                once(
                    &what,
                    &user.value,
                    At::new(name.value.as_str(), user.place),
                    &mut users,
                    findings,
                );
            }
            let modem = table.modem.read().and_then(|modem| modem_of(name, modem, files, findings));
            (PersonId::new(&name.value), Person { modem, ..person(named, phone, head) })
        })
        .collect()
}

fn person(
    Named { name, table }: &Named<Written>,
    phone: Option<PhoneNumber>,
    head: &Head,
) -> Person {
    let called = table.name.value().filter(|name| !name.trim().is_empty()).unwrap_or(&name.value);
    Person {
        name: called.clone(),
        phone,
        modem: None,
        user: table.user.value().cloned(),
        language: table.language.value().copied().unwrap_or(head.language),
        may: table
            .may
            .value()
            .map(|may| may.items.iter().map(|right| right.value).collect())
            .unwrap_or_default(),
    }
}

/// A phone number in international form.
pub(super) fn phone(
    written: &At<String>,
    head: &Head,
    findings: &mut Findings,
) -> Option<PhoneNumber> {
    let found = PhoneNumber::parse(&written.value);
    if found.is_none() {
        let digits: String = written.value.chars().filter(char::is_ascii_digit).collect();
        let french = head.zone.iana_name() == Some("Europe/Paris") && digits.len() == 10;
        let national = digits.strip_prefix('0').filter(|_| french && !written.value.contains('+'));
        let help = match (PhoneNumber::without_zero(&written.value), national) {
            (Some(meant), _) => format!(
                "leave the (0) out, which is dialled within the country alone: write \"{meant}\""
            ),
            (None, Some(rest)) => format!("write \"+33{rest}\""),
            (None, None) => {
                "write + and the country first, for example \"+33612345678\"".to_owned()
            }
        };
        let sentence =
            format!("{} is no phone number in international form", quoted(&written.value));
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    found
}

/// The modem that a person prefers.
fn modem_of(
    person: &At<String>,
    modem: &At<String>,
    files: &Files,
    findings: &mut Findings,
) -> Option<InputName> {
    let says = format!("the person {} prefers the modem", quoted(&person.value));
    refer(modem, &says, "gsm", &files.gsm, findings)
        .then(|| InputName::new(&format!("gsm.{}", modem.value)))
}

fn check_user(user: &At<String>, findings: &mut Findings) {
    let allowed = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '@' | '\\')
    };
    if user.value.is_empty() || user.value.len() > 64 || !user.value.chars().all(allowed) {
        let sentence = format!("{} cannot be the name of an account", quoted(&user.value));
        findings.add(
            Finding::error(user.place, sentence)
                .help("write the name under which the person logs in"),
        );
    }
}

/// What belongs to one person alone: messages and commands are known by it.
fn once<'p>(
    what: &str,
    value: &str,
    who: At<&'p str>,
    seen: &mut BTreeMap<String, At<&'p str>>,
    findings: &mut Findings,
) {
    match seen.get(value) {
        Some(first) => {
            let sentence =
                format!("{what} belongs to both {} and {}", quoted(first.value), quoted(who.value));
            let help = "each has their own: an answer is known by it";
            findings.add(Finding::error(who.place, sentence).first(first.place).help(help));
        }
        None => {
            seen.insert(value.to_owned(), who);
        }
    }
}

/// Reads `[groups.*]`.
pub(super) fn groups(files: &Files, findings: &mut Findings) -> BTreeMap<GroupId, Vec<PersonId>> {
    files
        .groups
        .iter()
        .map(|Named { name, table }| {
            let says = format!("the group {} has the member", quoted(&name.value));
            let spot = (&table.members, table.place, "members");
            let members = several(
                spot,
                &format!("the group {}", quoted(&name.value)),
                &says,
                files,
                findings,
            );
            (GroupId::new(&name.value), members)
        })
        .collect()
}

/// A list of people that may not be empty, whether of a group or a rotation.
pub(super) fn several(
    (slot, table, key): (&Slot<crate::config::written::List<String>>, Place, &str),
    what: &str,
    says: &str,
    files: &Files,
    findings: &mut Findings,
) -> Vec<PersonId> {
    let Some(list) = slot.read() else {
        if slot.is_absent() {
            let help = format!("add {key} = [\"…\"]");
            findings.add(Finding::error(table, format!("{what} has no `{key}`")).help(help));
        }
        return Vec::new();
    };
    if list.value.is_empty {
        let finding = Finding::error(list.place, format!("{what} is empty: it would call nobody"));
        findings.add(finding.help("name somebody, or take it out"));
    }
    let mut people: Vec<PersonId> = Vec::new();
    let mut seen = BTreeSet::new();
    for member in &list.value.items {
        if !seen.insert(member.value.as_str()) {
            let sentence = format!("{what} names {} twice", quoted(&member.value));
            findings.add(Finding::warning(member.place, sentence).help("once is enough"));
        } else if refer(member, says, "people", &files.people, findings) {
            people.push(PersonId::new(&member.value));
        }
    }
    people
}
