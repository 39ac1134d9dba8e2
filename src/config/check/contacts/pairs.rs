//! Antivalent pairs: two lines of which exactly one is closed, and which of the two bears the name.

use std::collections::BTreeMap;

use super::device::{foreign, place};
use crate::config::file::Named;
use crate::config::file::contacts::Line;
use crate::config::finding::{Finding, Findings, Place, listed, quoted};

/// The lines that are the other half of a contact, and where that is said.
pub(super) fn halves<'l>(
    lines: &'l [Named<Line>],
    findings: &mut Findings,
) -> BTreeMap<&'l str, Place> {
    let mut halves: BTreeMap<&str, Place> = BTreeMap::new();
    for Named { name, table } in lines {
        let Some(written) = table.pair_with.read() else { continue };
        let other = lines.iter().find(|line| line.name.value == written.value);
        let Some(other) = other.filter(|other| other.name.value != name.value) else {
            let sentence =
                format!("no other line of this device is called {}", quoted(&written.value));
            let names = lines.iter().map(|line| line.name.value.as_str());
            let names = || names.clone().filter(|line| *line != name.value);
            let help =
                findings.meant(&written.value, names()).unwrap_or_else(|| match names().next() {
                    None => "add a table for the other line".to_owned(),
                    Some(_) => format!("there is {}", listed(names().take(8), "and")),
                });
            findings.add(Finding::error(written.place, sentence).help(help));
            continue;
        };
        if let Some(first) = halves.insert(other.name.value.as_str(), written.place) {
            let sentence = format!("{} is half of two pairs", quoted(&written.value));
            let finding = Finding::error(written.place, sentence).first(first);
            findings.add(finding.help("take `pair-with` out of one of the two"));
        }
        check_other(&name.value, other, findings);
    }
    halves
}

/// What is said once for a pair does not stand with its other half, nor does what no pair has.
fn check_other(of: &str, other: &Named<Line>, findings: &mut Findings) {
    let table = &other.table;
    let bands = [
        ("short", place(&table.short)),
        ("normal", place(&table.normal)),
        ("alarm", place(&table.alarm)),
        ("open", place(&table.open)),
        ("hysteresis", place(&table.hysteresis)),
    ];
    foreign(&bands, "a supervised loop", "half of a pair", findings);
    for (key, place) in [
        ("normally", place(&table.normally)),
        ("debounce", place(&table.debounce)),
        ("minimum-pulse", place(&table.minimum_pulse)),
        ("pair-with", place(&table.pair_with)),
        ("discrepancy", place(&table.discrepancy)),
        ("counter", place(&table.counter)),
        ("latch", place(&table.latch)),
        ("chatter", place(&table.chatter)),
        ("button", place(&table.button)),
    ] {
        if let Some(place) = place {
            let sentence = format!(
                "{} is the other half of {}, which says `{key}` for both",
                quoted(&other.name.value),
                quoted(of)
            );
            findings.add(Finding::error(place, sentence).help("take it out"));
        }
    }
}
