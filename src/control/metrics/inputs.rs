//! The numbers of inputs: their wires, what each protocol counts, modems, brokers, contacts, the paths between modems.

use super::families::{self as of, COUNTED};
use super::text::Page;
use crate::control::view::StatusView;
use crate::health::{ContactState, Contacts, Health, Modem, OutputState, Ping, Supply, Wire};
use crate::watch::name::InputName;
use crate::watch::signal::Kind;

/// How a modem may stand with its network, and by which technology it may be on it, as `status` words it.
const REGISTRATIONS: [&str; 7] =
    ["home", "roaming", "searching", "denied", "off", "emergency only", "unknown"];
const TECHNOLOGIES: [&str; 4] = ["2G", "3G", "4G", "5G"];
const SHOWN: [(ContactState, &str); 5] = [
    (ContactState::Normal, "normal"),
    (ContactState::Alarm, "alarm"),
    (ContactState::Fault, "fault"),
    (ContactState::Lost, "lost"),
    (ContactState::Unknown, "unknown"),
];

/// Tells of all inputs.
pub(super) fn tell(page: &mut Page, view: &StatusView, contacts: &[(InputName, Contacts)]) {
    wires(page, &view.inputs);
    modems(page, &view.inputs);
    paths(page, view);
    pings(page, &view.pings);
    devices(page, &view.inputs, contacts);
    brokers(page, &view.inputs);
    counters(page, &view.inputs);
}

const fn protocol(kind: Kind) -> &'static str {
    match kind {
        Kind::Snmp => "snmp",
        Kind::Gsm => "gsm",
        Kind::Mqtt => "mqtt",
        Kind::Contacts => "contacts",
        Kind::Vigie => "vigie",
    }
}

fn wires(page: &mut Page, inputs: &[Health]) {
    let mut samples = page.family(of::INPUT_UP);
    for input in inputs {
        let labels = [("input", input.name.as_str()), ("kind", protocol(input.kind))];
        samples.add(&labels, input.state == Wire::Up);
    }
    let mut samples = page.family(of::INPUT_HEARD);
    for (input, at) in inputs.iter().filter_map(|input| Some((input, input.last_heard?))) {
        samples.add(&[("input", input.name.as_str())], at);
    }
    let mut samples = page.family(of::INPUT_SOURCES);
    for input in inputs.iter().filter(|input| input.kind == Kind::Snmp) {
        let many = input.sources.as_ref().map_or(0, crate::health::Sources::many);
        samples.add(&[("input", input.name.as_str())], many);
    }
}

fn modems(page: &mut Page, inputs: &[Health]) {
    let modems = inputs.iter().filter(|input| input.kind == Kind::Gsm);
    let modems: Vec<(&str, Modem)> = modems
        .map(|input| (input.name.as_str(), input.modem.clone().unwrap_or_default()))
        .collect();
    let mut samples = page.family(of::REGISTERED);
    for (input, modem) in &modems {
        for known in REGISTRATIONS {
            let is_so = modem.registration.as_deref() == Some(known);
            samples.add(&[("input", input), ("registration", known)], is_so);
        }
    }
    let mut samples = page.family(of::TECHNOLOGY);
    for (input, modem) in &modems {
        for known in TECHNOLOGIES {
            let is_so = modem.technology.as_deref() == Some(known);
            samples.add(&[("input", input), ("technology", known)], is_so);
        }
    }
    let mut samples = page.family(of::SIGNAL_DBM);
    for (input, power) in
        modems.iter().filter_map(|(input, modem)| Some((input, modem.signal_dbm?)))
    {
        samples.add(&[("input", input)], super::text::Number::Signed(power.into()));
    }
}

fn paths(page: &mut Page, view: &StatusView) {
    let named = || {
        view.paths
            .iter()
            .map(|path| (path, [("from", path.from.as_str()), ("to", path.to.as_str())]))
    };
    let mut samples = page.family(of::PATH_UNKNOWN);
    for (path, labels) in named() {
        samples.add(&labels, path.unknown);
    }
    let mut samples = page.family(of::PATH_ARRIVED);
    for (at, labels) in named().filter_map(|(path, labels)| Some((path.arrived?, labels))) {
        samples.add(&labels, at);
    }
    let mut samples = page.family(of::PATH_TOOK);
    for (took, labels) in named().filter_map(|(path, labels)| Some((path.took_ms?, labels))) {
        let took = std::time::Duration::from_millis(u64::try_from(took).unwrap_or(u64::MAX));
        samples.add(&labels, took);
    }
}

fn pings(page: &mut Page, pings: &[Ping]) {
    let mut samples = page.family(of::PING_UP);
    for ping in pings {
        samples.add(&[("ping", &ping.name)], ping.state == Wire::Up);
    }
    let mut samples = page.family(of::PING_ANSWERED);
    for (name, at) in pings.iter().filter_map(|ping| Some((&ping.name, ping.answered?))) {
        samples.add(&[("ping", name)], at);
    }
    let mut samples = page.family(of::PINGS);
    for ping in pings {
        samples.add(&[("ping", &ping.name), ("outcome", "answered")], ping.answers);
        samples.add(&[("ping", &ping.name), ("outcome", "failed")], ping.failures);
    }
}

fn devices(page: &mut Page, inputs: &[Health], contacts: &[(InputName, Contacts)]) {
    let mut samples = page.family(of::CONTACTS);
    for (input, contacts) in contacts.iter().filter(|(_, contacts)| !contacts.now().is_empty()) {
        for (state, word) in SHOWN {
            let many = contacts.now().iter().filter(|contact| contact.state == state).count();
            samples.add(&[("input", input.as_str()), ("state", word)], many);
        }
    }
    let mut samples = page.family(of::OUTPUT_LOST);
    for input in inputs {
        for output in &input.outputs {
            let labels = [("input", input.name.as_str()), ("output", output.name.as_str())];
            samples.add(&labels, matches!(output.state, OutputState::Lost(_)));
        }
    }
}

fn brokers(page: &mut Page, inputs: &[Health]) {
    let brokers =
        || inputs.iter().filter_map(|input| Some((input.name.as_str(), input.broker.as_ref()?)));
    let mut samples = page.family(of::PUBLISHING_UP);
    for (input, publishing) in
        brokers().filter_map(|(input, broker)| Some((input, broker.publishing.as_ref()?)))
    {
        samples.add(&[("input", input)], publishing.state == Wire::Up);
    }
    let mut samples = page.family(of::SUBSCRIPTIONS);
    for (input, broker) in brokers() {
        for (word, is_so) in SUPPLIES {
            let served = broker.subscriptions.iter().filter(|one| is_so(&one.supply)).count();
            samples.add(&[("input", input), ("supply", word)], served);
        }
    }
}

type IsSo = fn(&Supply) -> bool;
const SUPPLIES: [(&str, IsSo); 4] = [
    ("granted", |supply| matches!(supply, Supply::Granted)),
    ("at_most_once", |supply| matches!(supply, Supply::AtMostOnce)),
    ("refused", |supply| matches!(supply, Supply::Refused(_))),
    ("asked", |supply| matches!(supply, Supply::Asked)),
];

/// What has not counted yet is told as zero, so that nothing appears out of nowhere.
fn counters(page: &mut Page, inputs: &[Health]) {
    for counted in COUNTED.chunk_by(|one, next| one.family == next.family) {
        let Some(first) = counted.first() else { continue };
        let mut samples = page.family(first.family);
        for input in inputs.iter().filter(|input| input.kind == first.kind) {
            for one in counted {
                let many = input.counters.get(one.counter).copied().unwrap_or_default();
                let name = ("input", input.name.as_str());
                match one.label {
                    Some(label) => samples.add(&[name, label], many),
                    None => samples.add(&[name], many),
                }
            }
        }
    }
}
