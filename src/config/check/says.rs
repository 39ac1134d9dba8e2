//! `active`, `normal`, `momentary` and the delays: what a signal says of an alarm's cause.

use super::comparing;
use super::condition::Shape;
use super::fields::{Inputs, Pages};
use super::matching::misnamed_trap;
use crate::config::file::Named;
use crate::config::file::alarm::Alarm;
use crate::config::finding::{At, Finding, Findings, Severity, quoted};
use crate::config::written::Slot;
use crate::watch::definition::{ClearedBy, Says};
use crate::watch::expression::Condition;
use crate::watch::matching::Match;
use crate::watch::signal::{Kind, Value};

/// Reads what an alarm says.
pub(super) fn read(
    named: &Named<Alarm>,
    matches: Option<&Match>,
    inputs: &Inputs,
    pages: Pages<'_>,
    findings: &mut Findings,
) -> Option<Says> {
    let table = &named.table;
    let mut condition = |slot: &Slot<String>, key: &str, severity| {
        let written = slot.read()?;
        let condition = pages.condition(written, key, inputs, findings)?;
        check_reach(&condition, written, key, severity, (matches, inputs, pages), findings);
        Some(condition)
    };
    let active = condition(&table.active, "active", Severity::Error);
    let normal = condition(&table.normal, "normal", Severity::Warning);
    let momentary = table.momentary.value().copied();
    let written = (!table.active.is_absent(), !table.normal.is_absent());
    if let (Some(true), Some(normal)) = (momentary, table.normal.read()) {
        let finding =
            Finding::error(normal.place, "a momentary alarm is over at once and has no `normal`");
        findings.add(finding.help("take `normal` out, or `momentary`"));
        return None;
    }
    let is_momentary = momentary == Some(true) || written == (false, false);
    if is_momentary {
        no_delays(table, findings);
    }
    match written {
        (false, false) if momentary == Some(false) => {
            let place = table.momentary.read().map_or(table.place, |momentary| momentary.place);
            let sentence = format!(
                "the alarm {} is not momentary, and nothing says when it is active",
                quoted(&named.name.value)
            );
            findings.add(
                Finding::error(place, sentence)
                    .help("add active = '…' and normal = '…', or take this line out"),
            );
            None
        }
        (false, false) => Some(Says::Momentary(None)),
        (true, _) if is_momentary => active.map(|active| Says::Momentary(Some(active))),
        (true, true) => Some(Says::State { active: active?, normal: Some(normal?) }),
        (false, true) => normal.map(Says::Unless),
        (true, false) => {
            check_return(named, inputs, findings);
            active.map(|active| Says::State { active, normal: None })
        }
    }
}

/// An event does not say that it is over: without `normal` its alarm would stay for ever.
fn check_return(named: &Named<Alarm>, inputs: &Inputs, findings: &mut Findings) {
    let event = inputs.kinds.iter().find(|kind| match kind {
        Kind::Snmp | Kind::Gsm => true,
        Kind::Mqtt | Kind::Contacts | Kind::Vigie => false,
    });
    if let (Some(kind), Some(active)) = (event, named.table.active.read()) {
        let sentence = format!(
            "the alarm {} could never return: a signal of {} is an event",
            quoted(&named.name.value),
            quoted(kind.name())
        );
        findings.add(
            Finding::error(active.place, sentence).help("add normal = '…', or momentary = true"),
        );
    }
}

fn no_delays(table: &Alarm, findings: &mut Findings) {
    for (key, delay) in [("on-delay", &table.on_delay), ("off-delay", &table.off_delay)] {
        if let Some(delay) = delay.read() {
            let finding = Finding::warning(
                delay.place,
                format!("`{key}` has no effect: a momentary alarm is over at once"),
            );
            findings.add(finding.help("take it out"));
        }
    }
}

/// Whose word ends the alarm; one that nobody may end would stand until a person sees to it.
pub(super) fn cleared_by(
    table: &Alarm,
    inputs: &Inputs,
    says: Option<&Says>,
    findings: &mut Findings,
) -> ClearedBy {
    let Some(written) = table.cleared_by.read().filter(|by| by.value == ClearedBy::Authenticated)
    else {
        return ClearedBy::Anyone;
    };
    let proves = |kind: &Kind| match kind {
        Kind::Snmp => inputs.has_users,
        Kind::Gsm => false,
        Kind::Mqtt | Kind::Contacts | Kind::Vigie => true,
    };
    if let Some(Says::Momentary(_)) = says {
        let sentence = "`cleared-by` has no effect: a momentary alarm is over at once".to_owned();
        findings.add(Finding::warning(written.place, sentence).help("take it out"));
    } else if !inputs.kinds.is_empty() && !inputs.kinds.iter().any(proves) {
        let sentence =
            "nobody whom `from` hears can prove who they are: no signal ends this alarm".to_owned();
        let help = "add `users` to the receiver of traps, or write cleared-by = \"anyone\"";
        findings.add(Finding::warning(written.place, sentence).help(help));
    }
    ClearedBy::Authenticated
}

/// Whether a condition can hold for what `match` lets through, and compares with traps that exist.
fn check_reach(
    condition: &Condition,
    written: &At<String>,
    key: &str,
    severity: Severity,
    (matches, inputs, pages): (Option<&Match>, &Inputs, Pages<'_>),
    findings: &mut Findings,
) {
    let Some(shape) = Shape::of(condition) else {
        return;
    };
    if inputs.kinds.contains(&Kind::Snmp) {
        let mut misnamed = false;
        for name in shape.compared_with("trap") {
            let place = pages.word(written.place, &name);
            if let Some(finding) = misnamed_trap(&name, place, inputs, findings) {
                findings.add(finding);
                misnamed = true;
            }
        }
        if misnamed {
            return;
        }
    }
    if comparing::check(&shape, written, severity, (inputs, pages), findings) {
        return;
    }
    // Of a `match` with a fault in it nothing follows.
    let Some(matches) = matches else { return };
    let allows = |field: &str, value: &Value| {
        inputs.kinds.iter().any(|kind| matches.allows(*kind, field, value))
    };
    if !inputs.kinds.is_empty() && !shape.can_hold(&allows) {
        let finding = Finding::error(
            written.place,
            format!("`{key}` can never hold: `match` lets no such signal through"),
        );
        findings.add(
            Finding { severity, ..finding }
                .help("add the value to `match`, or put the condition right"),
        );
    }
}
