//! Whom the ladders reach: a step that can reach nobody is found here, and not at night.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::file::escalation::{Escalation, Stages, Step};
use crate::config::file::{Files, Named};
use crate::config::finding::{Finding, Findings, Place, quoted};
use crate::watch::site::{Channel, ConfirmBy};

/// Checks every step of every escalation, and the people whom they need.
pub(super) fn check(files: &Files, findings: &mut Findings) {
    let reach = Reach::of(files);
    let mut needed: BTreeMap<&str, (Place, &str)> = BTreeMap::new();
    let mut excused: BTreeSet<&str> = BTreeSet::new();
    for named in &files.escalations {
        for (number, step) in steps(named).enumerate() {
            let Some(people) = reach.step(step) else {
                continue;
            };
            let place = step.notify.read().map_or(step.place, |notify| notify.place);
            if !people.is_empty() && people.iter().all(|person| !reach.has_address(person)) {
                findings.add(nobody(&people, number, named, place));
                excused.extend(people);
            } else {
                people.into_iter().for_each(|person| {
                    needed.entry(person).or_insert((place, &named.name.value));
                });
            }
        }
        check_numbers(named, files, &reach, findings);
        check_modems(named, files, findings);
    }
    for person in files.people.iter().filter(|person| !reach.has_address(&person.name.value)) {
        let name = person.name.value.as_str();
        let table = person.table.place;
        match needed.get(name) {
            Some((step, escalation)) => {
                let sentence = format!(
                    "{} has no `phone`, and a step of {} calls them",
                    quoted(name),
                    quoted(escalation)
                );
                let help = "add phone = \"+…\", or take them out of that step";
                findings.add(Finding::error(table, sentence).first(*step).help(help));
            }
            None if excused.contains(name) || !findings.all_readable() => {}
            None => {
                let finding = Finding::warning(
                    table,
                    format!("{} has no `phone` and cannot be called", quoted(name)),
                );
                findings.add(finding.help("add phone = \"+…\", if they are to be called one day"));
            }
        }
    }
}

fn nobody(
    people: &BTreeSet<&str>,
    number: usize,
    named: &Named<Escalation>,
    place: Place,
) -> Finding {
    let who = people.iter().map(|person| quoted(person)).collect::<Vec<_>>().join(", ");
    let has = if people.len() == 1 { "has" } else { "have" };
    let step = number.saturating_add(1);
    let sentence = format!(
        "step {step} of {} can never reach anybody: {who} {has} no `phone`",
        quoted(&named.name.value)
    );
    Finding::error(place, sentence).help("give them a phone, or call somebody else")
}

/// A call by SMS waits for ever where there is no modem.
fn check_modems(named: &Named<Escalation>, files: &Files, findings: &mut Findings) {
    // Of a file that cannot be read nobody knows whether it has one.
    if files.gsm.names().next().is_some() || !findings.all_readable() {
        return;
    }
    let is_by_sms = |step: &&Step| match step.by.value() {
        Some(by) => by.items.iter().any(|channel| channel.value == Channel::Sms),
        None => step.by.is_absent(),
    };
    if let Some(step) = steps(named).find(is_by_sms) {
        let place = step.by.read().map_or(step.place, |by| by.place);
        let sentence = format!(
            "{} calls by SMS, and there is no modem: it can reach nobody",
            quoted(&named.name.value)
        );
        let help = "add a table [gsm.NAME] with the `device` of a modem";
        findings.add(Finding::warning(place, sentence).help(help));
    }
}

/// More people than there are cannot answer.
fn check_numbers(
    named: &Named<Escalation>,
    files: &Files,
    reach: &Reach<'_>,
    findings: &mut Findings,
) {
    let table = &named.table;
    let Some(ladder) = reach.ladder(named) else {
        return;
    };
    if let Some(responders) = table.responders.read() {
        let wanted = usize::try_from(responders.value).unwrap_or(usize::MAX);
        if wanted > ladder.len() && !ladder.is_empty() {
            let sentence = format!(
                "{wanted} people must answer, and the steps of {} reach only {}",
                quoted(&named.name.value),
                ladder.len()
            );
            findings.add(
                Finding::error(responders.place, sentence)
                    .help("name more people in its steps, or ask for fewer"),
            );
        }
    }
    let other = table.confirm_by.read().filter(|by| by.value == ConfirmBy::Other);
    let double = table.acknowledge.value() == Some(&Stages::Double);
    let Some(other) = other.filter(|_| double) else {
        return;
    };
    let last_resort = files.site.as_ref().and_then(|site| site.last_resort.value());
    let rest =
        last_resort.and_then(|name| files.escalations.find(name)).map(|named| reach.ladder(named));
    let Some(rest) = rest.unwrap_or_else(|| Some(BTreeSet::new())) else {
        return;
    };
    if ladder.union(&rest).count() == 1 {
        let who = ladder.union(&rest).next().copied().unwrap_or_default();
        let sentence = format!("nobody but {} is ever told, so no other can confirm", quoted(who));
        let help = "call somebody else too, or write confirm-by = \"same\"";
        findings.add(Finding::error(other.place, sentence).help(help));
    }
}

fn steps(named: &Named<Escalation>) -> impl Iterator<Item = &Step> {
    named.table.steps.value().into_iter().flat_map(|steps| &steps.items).map(|step| &step.value)
}

/// Who stands behind the names that steps use.
struct Reach<'f> {
    addressed: BTreeMap<&'f str, bool>,
    groups: BTreeMap<&'f str, Vec<&'f str>>,
    schedules: BTreeMap<&'f str, Vec<&'f str>>,
}

impl<'f> Reach<'f> {
    fn of(files: &'f Files) -> Self {
        let addressed = files
            .people
            .iter()
            .map(|named| (named.name.value.as_str(), !named.table.phone.is_absent()));
        let names = |list: &'f crate::config::written::List<String>| {
            list.items.iter().map(|name| name.value.as_str())
        };
        let groups = files.groups.iter().map(|named| {
            (
                named.name.value.as_str(),
                named.table.members.value().into_iter().flat_map(names).collect(),
            )
        });
        let schedules = files.schedules.iter().map(|named| {
            let rotations =
                named.table.rotations.value().into_iter().flat_map(|rotations| &rotations.items);
            let people =
                rotations.filter_map(|rotation| rotation.value.people.value()).flat_map(names);
            let overrides = named.table.overrides.value().into_iter().flat_map(|list| &list.items);
            let standing_in = overrides.filter_map(|one| one.value.person.value());
            (named.name.value.as_str(), people.chain(standing_in.map(String::as_str)).collect())
        });
        Self {
            addressed: addressed.collect(),
            groups: groups.collect(),
            schedules: schedules.collect(),
        }
    }

    fn has_address(&self, person: &str) -> bool {
        self.addressed.get(person).copied().unwrap_or(false)
    }

    /// All people of a step; `None` where a name is wrong, which is told elsewhere.
    fn step(&self, step: &'f Step) -> Option<BTreeSet<&'f str>> {
        let mut people = BTreeSet::new();
        for written in &step.notify.value()?.items {
            let (kind, name) = written.value.split_once(':')?;
            let name = name.trim();
            match kind.trim() {
                "person" => people.extend([name]),
                "group" => people.extend(self.groups.get(name)?),
                "schedule" => people.extend(self.schedules.get(name)?),
                _ => return None,
            }
        }
        people.iter().all(|person| self.addressed.contains_key(person)).then_some(people)
    }

    /// All people with an address whom the steps of an escalation name.
    fn ladder(&self, named: &'f Named<Escalation>) -> Option<BTreeSet<&'f str>> {
        let mut people = BTreeSet::new();
        for step in steps(named) {
            people.extend(self.step(step)?.into_iter().filter(|person| self.has_address(person)));
        }
        Some(people)
    }
}
