//! `[contacts.*]`: what the adapter of dry contacts is told.

mod board;
mod counter;
mod device;
mod latch;
mod line;
mod outputs;
mod pairs;
mod shared;
mod waits;
mod wiring;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fields::Inputs;
use super::from::means;
use crate::config::file::alarm::Literal;
use crate::config::file::contacts::{Contacts, Line, Lines};
use crate::config::file::outputs::{Output, Outputs};
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::settings::{
    Bias, Bus, ContactDevice, ContactSettings, ContactsSettings, LineAt, OutputAt, Shows,
};
use crate::config::written::Slot;
use crate::watch::definition::Selector;
use crate::watch::matching::Glob;
use crate::watch::name::InputName;
use device::Device;

/// A device has no more lines: each is asked and remembered.
const MOST_LINES: usize = 256;
/// A site has no more outputs that show alarms.
const MOST_OUTPUTS: usize = 64;
/// The kernel hands out no more lines of a GPIO chip by one request (`GPIO_V2_LINES_MAX`).
const MOST_GPIO_LINES: usize = 64;

/// Reads `[contacts.*]`.
pub(super) fn contacts(files: &Files, findings: &mut Findings) -> Vec<ContactsSettings> {
    let mut taken: BTreeMap<PathBuf, Place> = BTreeMap::new();
    for modem in &files.gsm {
        if let Some(device) = modem.table.device.read() {
            taken.insert(device.value.clone(), device.place);
        }
    }
    let mut all = Vec::new();
    let mut lines = shared::Lines::default();
    for Named { name, table } in &files.contacts {
        let Some(device) = device::device(name, table, findings) else { continue };
        if let Some(path) = alone(&device.settings)
            && !lines.has(table, &device, findings)
        {
            claim(path, device.place, &mut taken, findings);
        }
        let contacts = contacts_of(name, table, &device, files, findings);
        let outputs = outputs::outputs(outputs_in(table), &device, files, findings);
        let name = InputName::new(&format!("contacts.{}", name.value));
        all.push(ContactsSettings { name, device: device.settings, contacts, outputs });
    }
    check_number(&all, files, findings);
    all
}

fn outputs_in(table: &Contacts) -> &[Named<Output>] {
    match &table.outputs {
        Slot::Is(At { value: Outputs(outputs), .. }) => outputs.as_slice(),
        Slot::Absent | Slot::Refused => &[],
    }
}

/// Each output that shows alarms is a bit of what is remembered of each alarm.
fn check_number(all: &[ContactsSettings], files: &Files, findings: &mut Findings) {
    let outputs = all.iter().flat_map(|device| &device.outputs);
    let many = outputs.filter(|output| output.shows != Shows::Alive).count();
    let last = files.contacts.iter().filter_map(|named| named.table.outputs.read()).next_back();
    if let (true, Some(last)) = (many > MOST_OUTPUTS, last) {
        let sentence = format!("a site has up to {MOST_OUTPUTS} outputs, this one {many}");
        let help = "let one output show several alarms: `alarms` is a list";
        findings.add(Finding::error(last.place, sentence).help(help));
    }
}

/// Adds the contacts of the input that is selected, or of all.
pub(super) fn add_lines(selector: Option<&Selector>, files: &Files, inputs: &mut Inputs) {
    let is_selected =
        |name: &str| selector.is_some_and(|selector| means(selector, &format!("contacts.{name}")));
    for Named { table, .. } in files.contacts.iter().filter(|named| is_selected(&named.name.value))
    {
        let Some(Lines(lines)) = table.lines.value() else { continue };
        let halves: Vec<&String> =
            lines.iter().filter_map(|line| line.table.pair_with.value()).collect();
        let names = lines.iter().map(|line| &line.name.value);
        inputs.lines.extend(names.filter(|name| !halves.contains(name)).cloned());
    }
}

/// The device that is opened for this input, if it is one; alone, but for boards on one serial line.
fn alone(device: &ContactDevice) -> Option<&Path> {
    match device {
        ContactDevice::Gpio(path) | ContactDevice::Serial { port: path, .. } => Some(path),
        ContactDevice::Modbus(board) => match &board.bus {
            Bus::Tcp(_) => None,
            Bus::Rtu { port, .. } => Some(port),
        },
    }
}

fn claim(path: &Path, place: Place, taken: &mut BTreeMap<PathBuf, Place>, findings: &mut Findings) {
    if let Some(first) = taken.insert(path.to_owned(), place) {
        let sentence = format!("{} stands in two tables, and only one can open it", path.display());
        let finding = Finding::error(place, sentence).first(first);
        let help = "put the lines of one device into one table; only Modbus boards can share a serial line, each a table with its own `unit`";
        findings.add(finding.help(help));
    }
}

fn contacts_of(
    name: &At<String>,
    table: &Contacts,
    device: &Device,
    files: &Files,
    findings: &mut Findings,
) -> Vec<ContactSettings> {
    let lines = match &table.lines {
        Slot::Is(At { value: Lines(lines), .. }) => lines.as_slice(),
        Slot::Refused => return Vec::new(),
        Slot::Absent => &[],
    };
    if lines.is_empty() && table.outputs.is_absent() {
        let sentence = format!("the contact device {} has no line", quoted(&name.value));
        let help = format!("add a table [contacts.{}.lines.NAME] with line = …", name.value);
        findings.add(Finding::error(table.place, sentence).help(help));
    }
    let most = match device.settings {
        ContactDevice::Gpio(_) => MOST_GPIO_LINES,
        ContactDevice::Serial { .. } | ContactDevice::Modbus(_) => MOST_LINES,
    };
    if lines.len() > most {
        let sentence =
            format!("{} has up to {most} lines, this one {}", device.called, lines.len());
        let help = "take out those that no alarm looks at";
        findings.add(Finding::error(table.place, sentence).help(help));
    }
    check_places(lines, outputs_in(table), device, findings);
    let halves = pairs::halves(lines, findings);
    let whole = |line: &&Named<Line>| !halves.contains_key(line.name.value.as_str());
    lines
        .iter()
        .filter(whole)
        .filter_map(|line| {
            let contact = wiring::contact(line, lines, device, findings);
            let button = outputs::button(&line.table, files, findings);
            let is_told = button.is_none() || is_named(&line.name.value, &name.value, files);
            Some(ContactSettings { button, is_told, ..contact? })
        })
        .collect()
}

/// Whether a definition that looks at this device names this line. One that looks at all its lines means its contacts, and no button.
fn is_named(line: &str, device: &str, files: &Files) -> bool {
    let device = format!("contacts.{device}");
    let is_it = |text: &str| match Glob::parse(text) {
        Some(glob) => glob.matches(line),
        None => text == line,
    };
    files.alarms.iter().any(|Named { table, .. }| {
        let from = table.from.value().map(|from| from.items.as_slice()).unwrap_or_default();
        let looks = from.iter().any(|from| from.value == device || from.value == "contacts");
        let fields = table.matches.value().map(|matches| matches.fields.as_slice());
        let lines = fields.unwrap_or_default().iter().filter(|wanted| wanted.field.value == "line");
        looks
            && lines.flat_map(|wanted| &wanted.values).any(|value| match &value.value {
                Literal::Text(text) => is_it(text),
                Literal::Int(_) | Literal::Float(_) | Literal::Bool(_) => false,
            })
    })
}

/// Two lines in one place would be one contact with two names.
fn check_places(
    lines: &[Named<Line>],
    outputs: &[Named<Output>],
    device: &Device,
    findings: &mut Findings,
) {
    let mut driven: BTreeMap<OutputAt, Place> = BTreeMap::new();
    let mut places: BTreeMap<LineAt, Place> = BTreeMap::new();
    let mut silent = Findings::default();
    for Named { table, .. } in lines {
        // What is wrong with the place itself is told where the line is read.
        let found = line::at(table, device, &mut silent);
        let (Some(at), Some(written)) = (found, table.line.read()) else { continue };
        let at = match at {
            LineAt::Gpio { offset, .. } => LineAt::Gpio { offset, bias: Bias::AsIs },
            LineAt::Control(_) | LineAt::Modbus { .. } => at,
        };
        driven.extend(outputs::as_output(at).map(|at| (at, written.place)));
        if let Some(first) = places.insert(at, written.place) {
            let sentence = "two lines of one device stand in the same place";
            let finding = Finding::error(written.place, sentence).first(first);
            findings.add(finding.help("write where this one is wired, or take one of the two out"));
        }
    }
    outputs::check_places(outputs, driven, device, findings);
}
