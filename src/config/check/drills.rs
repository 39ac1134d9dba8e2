//! `[drills.*]`: who takes part, and when.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use jiff::civil::DateTime;
use toml::value::Datetime;

use super::escalation::recipient;
use super::refer;
use super::site::Head;
use crate::config::file::drills::{Drill as Table, Period};
use crate::config::file::{Files, Named};
use crate::config::finding::{Finding, Findings, quoted};
use crate::config::written::Slot;
use crate::watch::drills::Drill;
use crate::watch::name::{DrillName, GroupId, PersonId, PolicyName, ScheduleId};
use crate::watch::schedule::{Every, Schedule, Turns, Wall};
use crate::watch::site::{Person, Recipient};

/// For so long people may answer where nothing is said.
const ANSWER_WITHIN: Duration = Duration::from_secs(30 * 60);

/// Who there is.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    /// By their identifiers.
    pub(super) people: &'k BTreeMap<PersonId, Person>,
    /// Each with its people.
    pub(super) groups: &'k BTreeMap<GroupId, Vec<PersonId>>,
    /// Whoever is ever on call in one takes part.
    pub(super) schedules: &'k BTreeMap<ScheduleId, Schedule>,
}

/// Reads `[drills.*]`.
pub(super) fn drills(
    files: &Files,
    head: &Head,
    known: Known<'_>,
    findings: &mut Findings,
) -> BTreeMap<DrillName, Drill> {
    let read = files.drills.iter().filter_map(|named| {
        Some((DrillName::new(&named.name.value), drill(named, files, head, known, findings)?))
    });
    read.collect()
}

fn drill(
    named: &Named<Table>,
    files: &Files,
    head: &Head,
    known: Known<'_>,
    findings: &mut Findings,
) -> Option<Drill> {
    let Named { name, table } = named;
    let what = format!("the drill {}", quoted(&name.value));
    let who = who(table, &what, files, known, findings);
    if table.from.is_absent() {
        let finding =
            Finding::error(table.place, format!("{what} has no `from`: nobody knows when it is"));
        findings.add(finding.help("add from = 2026-12-01T09:00:00, the first one"));
    }
    let monthly = Every::Months(NonZeroU32::MIN);
    let every = table.every.value().map_or(monthly, |Period(every)| *every);
    let answer_within = table.answer_within.value().copied().unwrap_or(ANSWER_WITHIN);
    if let Some(written) = table.answer_within.read()
        && (written.value.is_zero() || written.value >= shortest(every))
    {
        let finding = Finding::error(
            written.place,
            "people must have some time to answer, and less than until the next drill",
        );
        findings.add(finding.help("the default is \"30m\""));
    }
    let escalation = table.escalation.read().and_then(|written| {
        let says = format!("{what} escalates to");
        refer(written, &says, "escalations", &files.escalations, findings)
            .then(|| PolicyName::new(&written.value))
    });
    let first = table.from.value().and_then(civil)?;
    let (times, wall) = (Turns { first, every }, Wall::of(head.zone.clone()));
    Some(Drill { who, times, wall, answer_within, escalation })
}

/// Who takes part. Who has no number cannot, which is said before the first one.
fn who(
    table: &Table,
    what: &str,
    files: &Files,
    known: Known<'_>,
    findings: &mut Findings,
) -> Vec<Recipient> {
    let Slot::Is(list) = &table.who else {
        if table.who.is_absent() {
            let finding = Finding::error(table.place, format!("{what} has no `who`"));
            findings.add(finding.help("add who = [\"schedule:…\"]"));
        }
        return Vec::new();
    };
    if list.value.is_empty {
        let finding = Finding::error(list.place, format!("{what} asks nobody"));
        findings.add(finding.help("name somebody: [\"schedule:…\"]"));
    }
    let items = list.value.items.iter();
    let read: Vec<_> = items
        .filter_map(|written| Some((written.place, recipient(written, what, files, findings)?)))
        .collect();
    for (place, recipient) in &read {
        if let Some(person) = without_number(recipient, known) {
            let sentence =
                format!("{} has no `phone` and takes part in {what}", quoted(person.as_str()));
            findings.add(Finding::error(*place, sentence).help("give them one, or take them out"));
        }
    }
    read.into_iter().map(|(_, recipient)| recipient).collect()
}

/// The first of those whom it stands for that has no number.
pub(super) fn without_number<'k>(recipient: &Recipient, known: Known<'k>) -> Option<&'k PersonId> {
    let people = match recipient {
        Recipient::Person(person) => vec![person.clone()],
        Recipient::Group(group) => known.groups.get(group).cloned().unwrap_or_default(),
        Recipient::Schedule(schedule) => {
            known.schedules.get(schedule).map_or_else(Vec::new, Schedule::people)
        }
    };
    let mut known = people.iter().filter_map(|person| known.people.get_key_value(person));
    known.find(|(_, known)| known.phone.is_none()).map(|(person, _)| person)
}

/// As short as the time from one drill to the next can be.
fn shortest(every: Every) -> Duration {
    let (count, hours) = match every {
        Every::Months(count) => (count, 28 * 24),
        Every::Days(count) => (count, 23),
        Every::Hours(count) => (count, 1),
    };
    Duration::from_secs(u64::from(count.get()).saturating_mul(hours).saturating_mul(3_600))
}

fn civil(written: &Datetime) -> Option<DateTime> {
    written.to_string().parse().ok()
}
