//! `heartbeat` of `[alarms.*]` and `[mqtt.*]`: what must be heard every so often.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::file::alarm::Alarm;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings};
use crate::watch::definition::Selector;
use crate::watch::name::InputName;
use crate::watch::own_alarms::OWN_INPUT;
use crate::watch::signal::Kind;

/// How often a definition must be heard.
pub(super) fn of_definition(
    table: &Alarm,
    from: &[Selector],
    findings: &mut Findings,
) -> Option<Duration> {
    let written = table.heartbeat.read()?;
    let every = read(written, findings)?;
    let is = |selector: &Selector, kind: Kind, section: &str| match selector {
        Selector::Input(input) => input.as_str().split('.').next() == Some(section),
        Selector::Kind(known) => *known == kind,
    };
    if from.iter().any(|selector| is(selector, Kind::Vigie, OWN_INPUT)) {
        let finding =
            Finding::error(written.place, "Vigie says nothing of itself while all is well");
        findings.add(finding.help("take `heartbeat` out; that Vigie lives is shown by an output"));
    } else if from.iter().all(|selector| is(selector, Kind::Contacts, "contacts")) {
        let sentence =
            "a contact is heard only when it changes: one that rests would be told as silent";
        let help = "take `heartbeat` out, unless something opens and closes it all the time; that its device is there is watched already";
        findings.add(Finding::warning(written.place, sentence).help(help));
    }
    Some(every)
}

/// The inputs that must be heard.
pub(super) fn of_inputs(files: &Files, findings: &mut Findings) -> BTreeMap<InputName, Duration> {
    let mqtt = files.mqtt.iter().filter_map(|Named { name, table }| {
        let every = read(table.heartbeat.read()?, findings)?;
        Some((InputName::new(&format!("mqtt.{}", name.value)), every))
    });
    mqtt.collect()
}

fn read(written: &At<Duration>, findings: &mut Findings) -> Option<Duration> {
    if written.value.is_zero() {
        let finding = Finding::error(written.place, "a `heartbeat` of no length is always missed");
        findings.add(
            finding.help("write for example \"10m\": longer than it is silent when all is well"),
        );
        return None;
    }
    Some(written.value)
}
