//! `[schedules.*]`: for now one rotation, whose people are always on call.

use std::collections::BTreeMap;

use super::people::several;
use crate::config::file::people::Rotation;
use crate::config::file::{Files, Named};
use crate::config::finding::{Finding, Findings, quoted};
use crate::watch::name::{PersonId, ScheduleId};
use crate::watch::schedule::Schedule;

/// Reads `[schedules.*]`.
pub(super) fn schedules(files: &Files, findings: &mut Findings) -> BTreeMap<ScheduleId, Schedule> {
    files
        .schedules
        .iter()
        .map(|named| {
            (ScheduleId::new(&named.name.value), Schedule::always(people(named, files, findings)))
        })
        .collect()
}

fn people(
    Named { name, table }: &Named<crate::config::file::people::Schedule>,
    files: &Files,
    findings: &mut Findings,
) -> Vec<PersonId> {
    let what = format!("the schedule {}", quoted(&name.value));
    let Some(list) = table.rotations.read() else {
        if table.rotations.is_absent() {
            let help = "add rotations = [{ people = [\"…\"] }]";
            findings
                .add(Finding::error(table.place, format!("{what} has no `rotations`")).help(help));
        }
        return Vec::new();
    };
    let mut rotations = list.value.items.iter();
    let Some(first) = rotations.next() else {
        if list.value.is_empty {
            let finding = Finding::error(
                list.place,
                format!("{what} has no rotation: nobody would ever be on call"),
            );
            findings.add(finding.help("write [{ people = [\"…\"] }]"));
        }
        return Vec::new();
    };
    if let Some(second) = rotations.next() {
        let finding = Finding::error(
            second.place,
            "this version does not do several rotations in one schedule yet",
        );
        findings.add(finding.help("write one rotation with all who are on call"));
    }
    let says = format!("{what} has");
    let spot = (&first.value.people, first.value.place, "people");
    let people = several(spot, &what, &says, files, findings);
    check_turns(&first.value, people.len(), findings);
    people
}

fn check_turns(rotation: &Rotation, people: usize, findings: &mut Findings) {
    let Some(every) = rotation.every.read() else {
        if let (true, Some(from)) = (rotation.every.is_absent(), rotation.from.read()) {
            let finding = Finding::warning(
                from.place,
                "`from` has no effect without `every`: these people are always on call",
            );
            findings.add(finding.help("take it out"));
        }
        return;
    };
    if every.value.is_zero() {
        findings.add(
            Finding::error(every.place, "a turn must last some time")
                .help("write for example every = \"1 week\""),
        );
    }
    if people > 1 {
        let finding =
            Finding::error(every.place, "this version does not let several people take turns yet");
        findings.add(finding.help(
            "take `every` out, and all of them are always on call; or name only the one who is",
        ));
    }
}
