//! `[escalations.*]`: each policy on its own; whom it reaches is [`super::reach`]'s subject.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::refer;
use crate::config::file::escalation::{Escalation, Stages, Step as WrittenStep};
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, nearest, quoted};
use crate::config::written::Slot;
use crate::watch::name::{GroupId, PersonId, PolicyName, ScheduleId};
use crate::watch::site::{Acknowledge, Channel, ConfirmBy, OnReturn, Policy, Recipient, Step};

/// The wait of a step that states none: long enough to wake up, read and answer one message.
const WAIT: Duration = Duration::from_secs(5 * 60);
/// How long the holder has to confirm, where nothing is said.
const CONFIRM_WITHIN: Duration = Duration::from_secs(45 * 60);

/// Reads `[escalations.*]`.
pub(super) fn policies(
    files: &Files,
    findings: &mut Findings,
) -> BTreeMap<PolicyName, Arc<Policy>> {
    files
        .escalations
        .iter()
        .map(|named| (PolicyName::new(&named.name.value), Arc::new(policy(named, files, findings))))
        .collect()
}

fn policy(named: &Named<Escalation>, files: &Files, findings: &mut Findings) -> Policy {
    let table = &named.table;
    let acknowledge = acknowledge(named, findings);
    let default = if matches!(acknowledge, Acknowledge::Double { .. }) {
        OnReturn::Hold
    } else {
        OnReturn::Close
    };
    Policy {
        acknowledge,
        on_return: table.on_return.value().copied().unwrap_or(default),
        missed_call: table.missed_call.value().copied().unwrap_or_default(),
        while_busy: table.while_busy.value().copied().unwrap_or_default(),
        repeat: table.repeat.value().copied().unwrap_or(0),
        steps: steps(named, files, findings),
    }
}

fn acknowledge(named: &Named<Escalation>, findings: &mut Findings) -> Acknowledge {
    let table = &named.table;
    let responders = table.responders.read().map_or(1, |written| responders(written, findings));
    not_zero("confirm-within", &table.confirm_within, "a confirmation needs some time", findings);
    not_zero(
        "acknowledge-expires",
        &table.acknowledge_expires,
        "an acknowledgement must hold for some time",
        findings,
    );
    let stages = table.acknowledge.value().copied().unwrap_or(Stages::Single);
    match stages {
        Stages::None => {
            without_answer(named, findings);
            Acknowledge::None
        }
        Stages::Single => {
            no_effect("confirm-within", &table.confirm_within, "double", findings);
            no_effect("confirm-by", &table.confirm_by, "double", findings);
            Acknowledge::Single { responders, expires: table.acknowledge_expires.value().copied() }
        }
        Stages::Double => {
            no_effect("acknowledge-expires", &table.acknowledge_expires, "single", findings);
            Acknowledge::Double {
                responders,
                confirm_within: table.confirm_within.value().copied().unwrap_or(CONFIRM_WITHIN),
                confirm_by: table.confirm_by.value().copied().unwrap_or(ConfirmBy::Same),
            }
        }
    }
}

fn without_answer(named: &Named<Escalation>, findings: &mut Findings) {
    let table = &named.table;
    no_effect("confirm-within", &table.confirm_within, "double", findings);
    no_effect("confirm-by", &table.confirm_by, "double", findings);
    no_effect("acknowledge-expires", &table.acknowledge_expires, "single", findings);
    no_effect("responders", &table.responders, "single", findings);
    no_effect("on-return", &table.on_return, "single", findings);
    no_effect("missed-call", &table.missed_call, "single", findings);
    no_effect("while-busy", &table.while_busy, "single", findings);
    if table.repeat.value().is_some_and(|repeat| *repeat > 0) {
        no_effect("repeat", &table.repeat, "single", findings);
    }
    let more = table.steps.value().and_then(|steps| steps.items.get(1));
    if let Some(second) = more {
        let sentence = format!(
            "only the first step of {} fires: nobody must answer",
            quoted(&named.name.value)
        );
        findings.add(
            Finding::warning(second.place, sentence)
                .help("write acknowledge = \"single\", or take this step out"),
        );
    }
}

fn no_effect<T>(key: &str, slot: &Slot<T>, with: &str, findings: &mut Findings) {
    if let Some(written) = slot.read() {
        let sentence = format!("`{key}` has no effect without acknowledge = \"{with}\"");
        findings.add(
            Finding::warning(written.place, sentence)
                .help(format!("write acknowledge = \"{with}\", or take it out")),
        );
    }
}

fn not_zero(key: &str, slot: &Slot<Duration>, why: &str, findings: &mut Findings) {
    if let Some(written) = slot.read().filter(|written| written.value.is_zero()) {
        findings.add(
            Finding::error(written.place, format!("`{key}` is zero: {why}"))
                .help("write for example \"45m\""),
        );
    }
}

fn responders(written: &At<u32>, findings: &mut Findings) -> u16 {
    if written.value == 0 {
        let finding =
            Finding::error(written.place, "with 0 `responders` nobody would have to answer");
        findings.add(finding.help("write 1, or acknowledge = \"none\""));
    }
    // More than there are people is refused by `reach`.
    u16::try_from(written.value.max(1)).unwrap_or(u16::MAX)
}

fn steps(
    Named { name, table }: &Named<Escalation>,
    files: &Files,
    findings: &mut Findings,
) -> Vec<Step> {
    let what = format!("the escalation {}", quoted(&name.value));
    let Some(list) = table.steps.read() else {
        if table.steps.is_absent() {
            let help = "add steps = [{ notify = [\"person:…\"], wait = \"5m\" }]";
            findings.add(Finding::error(table.place, format!("{what} has no `steps`")).help(help));
        }
        return Vec::new();
    };
    if list.value.is_empty {
        let finding =
            Finding::error(list.place, format!("{what} has no step: it would call nobody"));
        findings.add(finding.help("write [{ notify = [\"person:…\"], wait = \"5m\" }]"));
    }
    list.value.items.iter().map(|written| step(&written.value, &what, files, findings)).collect()
}

fn step(table: &WrittenStep, what: &str, files: &Files, findings: &mut Findings) -> Step {
    let notify = match &table.notify {
        Slot::Is(list) => {
            if list.value.is_empty {
                let finding = Finding::error(list.place, format!("a step of {what} calls nobody"));
                findings.add(finding.help("name somebody: [\"person:…\"], or take the step out"));
            }
            list.value
                .items
                .iter()
                .filter_map(|written| recipient(written, what, files, findings))
                .collect()
        }
        Slot::Refused => Vec::new(),
        Slot::Absent => {
            let finding = Finding::error(table.place, format!("a step of {what} has no `notify`"));
            findings.add(finding.help("add notify = [\"person:…\"]"));
            Vec::new()
        }
    };
    if let Some(by) = table.by.read().filter(|by| by.value.is_empty) {
        let finding = Finding::error(by.place, format!("a step of {what} calls by no channel"));
        findings.add(finding.help("write [\"sms\"], or leave it out"));
    }
    if let Some(wait) = table.wait.read().filter(|wait| wait.value.is_zero()) {
        let finding = Finding::error(
            wait.place,
            format!("a step of {what} waits for no time: nobody could answer"),
        );
        findings.add(finding.help("write for example \"5m\""));
    }
    let by = table.by.value().map(|by| by.items.iter().map(|channel| channel.value).collect());
    Step {
        notify,
        by: by.unwrap_or_else(|| vec![Channel::Sms]),
        wait: table.wait.value().copied().unwrap_or(WAIT),
    }
}

/// `person:…`, `group:…` or `schedule:…`.
pub(super) fn recipient(
    written: &At<String>,
    what: &str,
    files: &Files,
    findings: &mut Findings,
) -> Option<Recipient> {
    let Some((kind, name)) = written.value.split_once(':') else {
        findings.add(no_kind(written, files));
        return None;
    };
    let at = At::new(name.trim().to_owned(), written.place);
    let says = |kind: &str| format!("{what} calls the {kind}");
    match kind.trim() {
        "person" => refer(&at, &says("person"), "people", &files.people, findings)
            .then(|| Recipient::Person(PersonId::new(&at.value))),
        "group" => refer(&at, &says("group"), "groups", &files.groups, findings)
            .then(|| Recipient::Group(GroupId::new(&at.value))),
        "schedule" => refer(&at, &says("schedule"), "schedules", &files.schedules, findings)
            .then(|| Recipient::Schedule(ScheduleId::new(&at.value))),
        other => {
            let help = nearest(other, ["person", "group", "schedule"])
                .map(|kind| format!("did you mean \"{kind}:{}\"?", at.value));
            let finding = Finding::error(
                written.place,
                format!("{} is neither person, group nor schedule", quoted(other)),
            );
            findings.add(
                finding.help("write \"person:…\", \"group:…\" or \"schedule:…\"").maybe_help(help),
            );
            None
        }
    }
}

fn no_kind(written: &At<String>, files: &Files) -> Finding {
    let name = &written.value;
    let kinds = [
        ("person", files.people.find(name).is_some()),
        ("group", files.groups.find(name).is_some()),
        ("schedule", files.schedules.find(name).is_some()),
    ];
    let known =
        kinds.iter().find(|(_, known)| *known).map(|(kind, _)| format!("write \"{kind}:{name}\""));
    Finding::error(
        written.place,
        format!("{} does not say whether it is a person, a group or a schedule", quoted(name)),
    )
    .help("write \"person:…\", \"group:…\" or \"schedule:…\"")
    .maybe_help(known)
}
