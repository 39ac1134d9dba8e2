//! The outputs of a device and its buttons: what they show, and what a finger does.

use std::collections::BTreeMap;
use std::time::Duration;

use vigie_contacts::{Level, ShowRule};

use super::device::{Device, foreign, place};
use super::line;
use crate::config::check::refer;
use crate::config::file::contacts::{Line, LineAddress};
use crate::config::file::outputs::{Button, Does, Output, ShowsWord};
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Place, listed, nearest, quoted};
use crate::config::settings::{
    ButtonSettings, ContactDevice, ControlLine, DrivenLine, LineAt, ModbusTable, OutputAt,
    OutputSettings, Selection, Shows,
};
use crate::config::written::{List, Slot};
use crate::watch::name::{DefinitionName, PersonId};
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::site::Priority;

/// A lamp that blinks faster is none, and a relay that does so wears out.
const SHORTEST_BLINK: Duration = Duration::from_millis(200);
/// Between two changes of a board, its contacts are read.
const SHORTEST_BLINK_OF_A_BOARD: Duration = Duration::from_millis(500);
/// What blinks more slowly is not seen to blink.
const LONGEST_BLINK: Duration = Duration::from_secs(600);
/// Nobody hears a shorter siren.
const SHORTEST_SIREN: Duration = Duration::from_secs(1);
/// A siren that sounds for longer is heard by nobody any more.
const LONGEST_SIREN: Duration = Duration::from_secs(24 * 3_600);

/// Reads the outputs of a device.
pub(super) fn outputs(
    tables: &[Named<Output>],
    device: &Device,
    files: &Files,
    findings: &mut Findings,
) -> Vec<OutputSettings> {
    tables.iter().filter_map(|named| output(named, device, files, findings)).collect()
}

fn output(
    Named { name, table }: &Named<Output>,
    device: &Device,
    files: &Files,
    findings: &mut Findings,
) -> Option<OutputSettings> {
    let at = at(table, device, findings);
    let shows = shows(table, files, findings);
    let rule = rule(table, device, findings);
    let at = at?;
    let called = match (at, table.line.value()) {
        (OutputAt::Driven(line), _) => line.name().to_owned(),
        (OutputAt::Coil(_), Some(LineAddress::Number(number))) => format!("coil {number}"),
        (OutputAt::Gpio(number), _) => format!("line {number}"),
        (OutputAt::Coil(address), _) => format!("coil {address}"),
    };
    Some(OutputSettings {
        name: name.value.clone(),
        at,
        active_low: table.active_low.value().copied().unwrap_or(false),
        called,
        shows: shows?,
        rest: table.rest.value().copied().unwrap_or(Level::Open),
        rule: rule?,
    })
}

fn at(table: &Output, device: &Device, findings: &mut Findings) -> Option<OutputAt> {
    if table.line.is_absent() {
        let finding = Finding::error(table.place, "this output does not say where it is");
        findings.add(finding.help("add line = …: a number, or \"dtr\" or \"rts\""));
    }
    let written = table.line.read()?;
    match &device.settings {
        ContactDevice::Gpio(_) => line::offset(written, device, findings).map(OutputAt::Gpio),
        ContactDevice::Serial { .. } => driven(written, findings).map(OutputAt::Driven),
        ContactDevice::Modbus(_) => {
            let number = line::number(written, device, findings)?;
            line::address(number, written, device, findings).map(OutputAt::Coil)
        }
    }
}

fn driven(written: &At<LineAddress>, findings: &mut Findings) -> Option<DrivenLine> {
    let names = || DrivenLine::ALL.into_iter().map(DrivenLine::name);
    let (word, sentence) = match &written.value {
        LineAddress::Word(word) => {
            (word.as_str(), format!("a serial port drives no line {}", quoted(word)))
        }
        LineAddress::Number(number) => ("", format!("a serial port has no line {number}")),
    };
    let found = DrivenLine::ALL.into_iter().find(|line| line.name() == word);
    if found.is_none() {
        let is_read = ControlLine::ALL.into_iter().any(|line| line.name() == word);
        let help = match nearest(word, names()).filter(|_| !is_read) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => "write \"dtr\" or \"rts\", which are driven; the others are read".to_owned(),
        };
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    found
}

fn shows(table: &Output, files: &Files, findings: &mut Findings) -> Option<Shows> {
    if table.shows.is_absent() {
        let finding = Finding::error(table.place, "this output does not say what it shows");
        findings.add(
            finding.help("add shows = \"unacknowledged\" (a siren), \"standing\" or \"alive\""),
        );
    }
    match table.shows.value()? {
        ShowsWord::Unacknowledged => {
            selection(&table.priority, &table.alarms, files, findings).map(Shows::Unacknowledged)
        }
        ShowsWord::Standing => {
            selection(&table.priority, &table.alarms, files, findings).map(Shows::Standing)
        }
        ShowsWord::Alive => {
            let keys = [
                ("priority", place(&table.priority)),
                ("alarms", place(&table.alarms)),
                ("at-most", place(&table.at_most)),
            ];
            foreign(&keys, "an output that shows alarms", "a life relay", findings);
            Some(Shows::Alive)
        }
    }
}

fn selection(
    priority: &Slot<Priority>,
    alarms: &Slot<List<String>>,
    files: &Files,
    findings: &mut Findings,
) -> Option<Selection> {
    let mut names = Vec::new();
    if let Some(written) = alarms.read() {
        if written.value.is_empty {
            let finding =
                Finding::error(written.place, "`alarms` names none, and it shows nothing");
            findings.add(finding.help("name a definition, or take `alarms` out: then all count"));
        }
        for name in &written.value.items {
            let says = "`alarms` names the definition";
            let is_ours = SelfAlarm::ALL.iter().any(|alarm| alarm.name() == name.value);
            if !is_ours && files.alarms.find(&name.value).is_none() {
                let ours = || SelfAlarm::ALL.into_iter().map(SelfAlarm::name);
                if let Some(near) = nearest(&name.value, ours()) {
                    let sentence = format!("{says} {}, and there is none", quoted(&name.value));
                    let help = format!("did you mean {}?", quoted(near));
                    findings.add(Finding::error(name.place, sentence).help(help));
                    continue;
                }
            }
            if is_ours || refer(name, says, "alarms", &files.alarms, findings) {
                names.push(DefinitionName::new(&name.value));
            }
        }
        if names.is_empty() {
            return None;
        }
    }
    Some(Selection { priority: priority.value().copied().unwrap_or(Priority::Low), alarms: names })
}

fn rule(table: &Output, device: &Device, findings: &mut Findings) -> Option<ShowRule> {
    let shortest = match device.settings {
        ContactDevice::Gpio(_) | ContactDevice::Serial { .. } => (SHORTEST_BLINK, "200ms"),
        ContactDevice::Modbus(_) => (SHORTEST_BLINK_OF_A_BOARD, "500ms"),
    };
    let blink = within("blink", &table.blink, shortest, (LONGEST_BLINK, "10m"), "1s", findings);
    let (shortest, longest) = ((SHORTEST_SIREN, "1s"), (LONGEST_SIREN, "24h"));
    let at_most = within("at-most", &table.at_most, shortest, longest, "10m", findings);
    let mut rule = ShowRule::steady();
    if let Some(blink) = blink {
        rule = rule.with_blink(blink).ok()?;
    }
    if let Some(at_most) = at_most {
        rule = rule.with_at_most(at_most).ok()?;
    }
    Some(rule)
}

/// A time that lies between two, which are told as they would be written.
fn within(
    key: &str,
    slot: &Slot<Duration>,
    (shortest, from): (Duration, &str),
    (longest, to): (Duration, &str),
    usual: &str,
    findings: &mut Findings,
) -> Option<Duration> {
    let written = slot.read()?;
    if !(shortest..=longest).contains(&written.value) {
        let sentence = format!("`{key}` lies between {from} and {to} here");
        findings.add(Finding::error(written.place, sentence).help(format!("write \"{usual}\"")));
        return None;
    }
    Some(written.value)
}

/// Notes where an output is, so that two things in one place are told.
pub(super) fn place_of(
    table: &Output,
    device: &Device,
    silent: &mut Findings,
) -> Option<(OutputAt, Place)> {
    let at = at(table, device, silent)?;
    Some((at, table.line.read()?.place))
}

/// Where an output would be to stand in the place of this line.
pub(super) fn as_output(at: LineAt) -> Option<OutputAt> {
    match at {
        LineAt::Gpio { offset, .. } => Some(OutputAt::Gpio(offset)),
        LineAt::Modbus { table: ModbusTable::Coil, address, .. } => Some(OutputAt::Coil(address)),
        LineAt::Modbus { .. } | LineAt::Control(_) => None,
    }
}

/// An output that stands where something else does would fight with it.
pub(super) fn check_places(
    tables: &[Named<Output>],
    lines: BTreeMap<OutputAt, Place>,
    device: &Device,
    findings: &mut Findings,
) {
    let mut places = lines;
    let mut silent = Findings::default();
    for Named { table, .. } in tables {
        let Some((at, written)) = place_of(table, device, &mut silent) else { continue };
        if let Some(first) = places.insert(at, written) {
            let sentence = "two things of one device stand in the same place, and one is an output";
            let finding = Finding::error(written, sentence).first(first);
            findings.add(finding.help("write where this one is wired, or take one of the two out"));
        }
    }
}

/// What a press does, where the line is a button.
pub(super) fn button(
    line: &Line,
    files: &Files,
    findings: &mut Findings,
) -> Option<ButtonSettings> {
    let table = line.button.value()?;
    if let Some(normally) = line.normally.read().filter(|normally| normally.value == Level::Closed)
    {
        let sentence = "a cut wire presses a button that is normally closed";
        let help = "wire one that a finger closes, and write \"open\", which is the default here";
        findings.add(Finding::warning(normally.place, sentence).help(help));
    }
    if let Some(latch) = place(&line.latch) {
        let sentence =
            "a latch is cleared when its pulse is on the record, and a press is no pulse";
        let help = "take `latch` out; use `counter` where the board counts its inputs";
        findings.add(Finding::error(latch, sentence).help(help));
    }
    if table.does.is_absent() {
        let finding = Finding::error(table.place, "this button does not say what a press does");
        findings.add(finding.help("add does = \"acknowledge\" or \"silence\""));
    }
    match table.does.value()? {
        Does::Silence => {
            let keys = [
                ("as", place(&table.person)),
                ("priority", place(&table.priority)),
                ("alarms", place(&table.alarms)),
            ];
            let is = "one that silences every siren, whoever presses it";
            foreign(&keys, "a button that acknowledges", is, findings);
            Some(ButtonSettings::Silence)
        }
        Does::Acknowledge => {
            let what = selection(&table.priority, &table.alarms, files, findings);
            let person = person(table, files, findings)?;
            Some(ButtonSettings::Acknowledge { person, what: what? })
        }
    }
}

fn person(table: &Button, files: &Files, findings: &mut Findings) -> Option<PersonId> {
    if table.person.is_absent() {
        let sentence = "this button does not say for whom it acknowledges";
        let people = || files.people.names().take(8);
        let help = match people().next() {
            None => "add as = \"…\", a person of [people]".to_owned(),
            Some(_) => format!("add as = …: {}", listed(people(), "or")),
        };
        findings.add(Finding::error(table.place, sentence).help(help));
    }
    let written = table.person.read()?;
    let says = "the button acknowledges for the person";
    refer(written, says, "people", &files.people, findings).then(|| PersonId::new(&written.value))
}
