//! `[maintenance.*]`: which alarms are quiet, and when.

use super::refer;
use super::schedule::span;
use super::site::Head;
use crate::config::file::maintenance::Maintenance as Written;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, quoted};
use crate::watch::name::DefinitionName;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::schedule::{Hours, Wall};
use crate::watch::suppression::{Maintenance, Maintenances, Times};

/// The word for all alarms but Vigie's own.
const ALL: &str = "all";

/// Reads all windows.
pub(super) fn maintenances(files: &Files, head: &Head, findings: &mut Findings) -> Maintenances {
    let mut all = Maintenances::default();
    for named in &files.maintenance {
        let definitions = definitions(named, files, findings);
        if let (Some(definitions), Some(times)) = (definitions, times(named, head, findings)) {
            let name = named.name.value.as_str().into();
            all.add(definitions, Maintenance { name, times });
        }
    }
    all
}

/// The definitions; `Some(None)`: all of them.
fn definitions(
    Named { name, table }: &Named<Written>,
    files: &Files,
    findings: &mut Findings,
) -> Option<Option<Vec<DefinitionName>>> {
    let Some(list) = table.alarms.read() else {
        if table.alarms.is_absent() {
            let sentence = format!("the maintenance {} has no `alarms`", quoted(&name.value));
            let help = "add alarms = [\"…\"], the alarms that are to be quiet, or [\"all\"]";
            findings.add(Finding::error(name.place, sentence).help(help));
        }
        return None;
    };
    if list.value.is_empty {
        let sentence = format!("the maintenance {} keeps nothing quiet", quoted(&name.value));
        findings.add(Finding::error(list.place, sentence).help("name an alarm, or take it out"));
    }
    let says = format!("the maintenance {} keeps quiet", quoted(&name.value));
    let mut definitions = Vec::new();
    let mut is_all = false;
    for written in &list.value.items {
        is_all |= written.value == ALL;
        let is_own = SelfAlarm::ALL.iter().any(|own| own.name() == written.value);
        if written.value != ALL
            && (is_own || refer(written, &says, "alarms", &files.alarms, findings))
        {
            definitions.push(DefinitionName::new(&written.value));
        }
    }
    if let Some(written) = list.value.items.iter().find(|_| is_all && !definitions.is_empty()) {
        let sentence = "`all` stands for every alarm of the files, and is named alone";
        findings.add(Finding::error(written.place, sentence).help("write [\"all\"]"));
    }
    Some((!is_all).then_some(definitions))
}

fn times(
    Named { name, table }: &Named<Written>,
    head: &Head,
    findings: &mut Findings,
) -> Option<Times> {
    let what = format!("the maintenance {}", quoted(&name.value));
    let wall = Wall::of(head.zone.clone());
    let is_once = !table.from.is_absent() || !table.until.is_absent();
    match (is_once, table.hours.is_absent()) {
        (true, false) => {
            let sentence = format!("{what} is once and every week");
            let help = "write `from` and `until`, or `hours`";
            findings.add(Finding::error(name.place, sentence).help(help));
            None
        }
        (false, true) => {
            let sentence = format!("nothing says when {what} is");
            let help = "write `from` and `until`, or hours = [\"sun 02:00-04:00\"]";
            findings.add(Finding::error(table.place, sentence).help(help));
            None
        }
        (true, true) => {
            for (slot, key) in [(&table.from, "from"), (&table.until, "until")] {
                if slot.is_absent() {
                    let sentence = format!("{what} has no `{key}`");
                    findings.add(
                        Finding::error(name.place, sentence)
                            .help("write both: what has no end is taken out of service"),
                    );
                }
            }
            let (from, until) = span((&table.from, &table.until), &what, &wall, findings)?;
            Some(Times::Once { from: from?.1, until: until?.1 })
        }
        (false, false) => {
            let list = table.hours.read()?;
            if list.value.is_empty {
                findings.add(Finding::error(list.place, format!("{what} has no hours")));
            }
            let windows: Vec<_> = list.value.items.iter().map(|window| window.value).collect();
            if let Some(written) = list.value.items.iter().find(|window| has_holidays(window)) {
                let sentence = "a maintenance does not know holidays";
                findings
                    .add(Finding::error(written.place, sentence).help("write days of the week"));
            }
            let hours = Hours(windows);
            if hours.are_endless() {
                let sentence = format!("{what} never ends: its hours are the whole week");
                let help = "write hours that end: what has no end is taken out of service";
                findings.add(Finding::error(list.place, sentence).help(help));
            }
            Some(Times::Weekly(hours, wall))
        }
    }
}

fn has_holidays(window: &At<crate::watch::schedule::Window>) -> bool {
    window.value.days.holidays
}
