//! `flapping` of `[site]` and `[alarms.*]`: when an alarm comes and goes too often.

use std::time::Duration;

use crate::config::file::flapping::{Flapping, Flaps};
use crate::config::finding::{At, Finding, Findings};
use crate::config::written::Slot;
use crate::watch::flapping::FlappingRule;

/// A slot is a twentieth of the window, and no shorter than a second.
const SHORTEST: Duration = Duration::from_secs(20);

/// The rule that is written there, or else the one of the site; `None`: it is not looked for.
pub(super) fn rule(
    written: &Slot<Flaps>,
    of_site: Option<FlappingRule>,
    findings: &mut Findings,
) -> Option<FlappingRule> {
    match written.value() {
        None => of_site,
        Some(Flaps::Said(false)) => None,
        Some(Flaps::Said(true)) => Some(of_site.unwrap_or_default()),
        Some(Flaps::Rule(table)) => Some(read(table, of_site.unwrap_or_default(), findings)),
    }
}

fn read(table: &Flapping, of_site: FlappingRule, findings: &mut Findings) -> FlappingRule {
    if let Some(window) = table.window.read().filter(|window| window.value < SHORTEST) {
        let finding = Finding::error(window.place, "this `window` is too short for twenty slots");
        findings.add(finding.help("write \"20s\" or more; the default is \"20m\""));
    }
    for written in [&table.on, &table.off].into_iter().filter_map(Slot::read) {
        percent(written, findings);
    }
    if table.window.is_absent() && table.on.is_absent() && table.off.is_absent() {
        let finding = Finding::warning(table.place, "this rule for flapping says nothing");
        findings.add(finding.help("write true, or for example { window = \"1h\" }"));
    }
    let on = table.on.value().copied().unwrap_or(of_site.on);
    // What is said of `on` alone must not contradict an `off` that nobody wrote.
    let off = table.off.value().copied().unwrap_or(of_site.off.min(on));
    if let Some(written) = table.off.read().filter(|written| written.value > on) {
        let finding = Finding::error(
            written.place,
            "an alarm that flaps would settle at once: `off` is above `on`",
        );
        findings.add(finding.help(format!("write {on} or less")));
    }
    FlappingRule { window: table.window.value().copied().unwrap_or(of_site.window), on, off }
}

fn percent(written: &At<u32>, findings: &mut Findings) {
    if !(1..100).contains(&written.value) {
        let finding = Finding::error(written.place, "this is a part of a hundred, from 1 to 99");
        findings.add(finding.help("the defaults are on = 30 and off = 25"));
    }
}
