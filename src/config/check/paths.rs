//! `gsm.*.number` and `gsm.*.loop-back`: the paths that are tried.

use std::collections::BTreeMap;
use std::time::Duration;

use super::people::phone;
use super::refer;
use super::site::Head;
use crate::config::file::wires::LoopBack;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, quoted};
use crate::watch::name::InputName;
use crate::watch::site::{Path, PhoneNumber};

/// How often a path is tried where nothing is said: four messages a day.
const EVERY: Duration = Duration::from_secs(6 * 3_600);
/// It is not tried more often: each try is a message, and some networks stop those who send all the time.
const AT_MOST_EVERY: Duration = Duration::from_secs(1_800);

/// Reads the paths, by the modem that sends.
pub(super) fn paths(
    files: &Files,
    head: &Head,
    findings: &mut Findings,
) -> BTreeMap<InputName, Path> {
    let numbers: BTreeMap<&str, Option<PhoneNumber>> = files
        .gsm
        .iter()
        .filter_map(|Named { name, table }| {
            let number = phone(table.number.read()?, head, findings);
            Some((name.value.as_str(), number))
        })
        .collect();
    let mut paths = BTreeMap::new();
    for Named { name, table } in &files.gsm {
        let Some(written) = table.loop_back.value() else { continue };
        if let Some(path) = path(name, written, &numbers, files, findings) {
            paths.insert(InputName::new(&format!("gsm.{}", name.value)), path);
        }
    }
    paths
}

fn path(
    from: &At<String>,
    table: &LoopBack,
    numbers: &BTreeMap<&str, Option<PhoneNumber>>,
    files: &Files,
    findings: &mut Findings,
) -> Option<Path> {
    if let Some(every) = table.every.read().filter(|every| every.value < AT_MOST_EVERY) {
        let finding = Finding::error(every.place, "the path is tried too often");
        findings.add(finding.help("write \"30m\" or more; each try is a message"));
    }
    if table.to.is_absent() {
        let finding =
            Finding::error(table.place, "`loop-back` does not say where its message goes");
        let help = "add to = \"…\", another modem of this site, or the same one";
        findings.add(finding.help(help));
    }
    let to = table.to.read()?;
    let says = format!("the loop-back of {} goes to the modem", quoted(&from.value));
    if !refer(to, &says, "gsm", &files.gsm, findings) {
        return None;
    }
    let Some(number) = numbers.get(to.value.as_str()) else {
        let sentence = format!("the modem {} has no `number`", quoted(&to.value));
        let help = format!("add number = \"+…\" to [gsm.{}]: that of its SIM", to.value);
        findings.add(Finding::error(to.place, sentence).help(help));
        return None;
    };
    Some(Path {
        to: InputName::new(&format!("gsm.{}", to.value)),
        number: number.clone()?,
        every: table.every.value().copied().unwrap_or(EVERY),
    })
}
