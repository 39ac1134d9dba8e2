//! `[gsm.*]` and `[snmp.*]`: what the adapters are told.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use ipnet::IpNet;
use vigie_gsm::dialogue::UssdCode;
use vigie_snmp::Version;

use super::listening::{Taken, listen};
use super::secrets::check_kept;
use super::{Disk, users};
use crate::config::file::wires::{Credit, Gsm, Heartbeat, Snmp};
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::secret::Secret;
use crate::config::settings::{CreditSettings, GsmSettings, HeartbeatSettings, SnmpSettings};
use crate::config::written::Slot;
use crate::watch::name::InputName;

/// The speeds that serial ports know.
const BAUDS: [u32; 12] = [
    1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600,
    3_000_000,
];
/// How often a SIM's credit is asked for where nothing is said.
const CREDIT_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// It is not asked for more often: networks stop answering who asks all the time.
const CREDIT_AT_MOST_EVERY: Duration = Duration::from_secs(3_600);
/// In the network's currency: some fifty messages.
const CREDIT_LOW: u32 = 5;
/// What nearly every modem speaks, and a USB modem ignores.
const BAUD: u32 = 115_200;

/// Reads `[gsm.*]`.
pub(super) fn gsm(files: &Files, disk: Disk<'_>, findings: &mut Findings) -> Vec<GsmSettings> {
    let mut devices: BTreeMap<&Path, Place> = BTreeMap::new();
    let mut modems = Vec::new();
    for Named { name, table } in &files.gsm {
        match &table.device {
            Slot::Is(device) => match devices.get(device.value.as_path()) {
                Some(first) => {
                    let finding =
                        Finding::error(device.place, "two modems cannot share one device")
                            .first(*first);
                    findings.add(finding.help("name another device, or take one modem out"));
                }
                None => {
                    devices.insert(&device.value, device.place);
                    modems.push(modem(name, device, table, findings));
                }
            },
            Slot::Absent => {
                let finding = Finding::error(
                    table.place,
                    format!("the modem {} has no `device`", quoted(&name.value)),
                );
                findings.add(finding.help("add device = \"/dev/serial/by-id/…\""));
            }
            Slot::Refused => {}
        }
        if let Some(pin) = table.pin.read() {
            check_pin(pin, disk, findings);
        }
    }
    modems
}

fn modem(
    name: &At<String>,
    device: &At<std::path::PathBuf>,
    table: &Gsm,
    findings: &mut Findings,
) -> GsmSettings {
    if let Some(baud) = table.baud.read() {
        check_baud(baud, "write 115200, or leave it out; older modems want 9600", findings);
    }
    GsmSettings {
        name: InputName::new(&format!("gsm.{}", name.value)),
        device: device.value.clone(),
        baud: table.baud.value().copied().unwrap_or(BAUD),
        pin: table.pin.value().cloned(),
        revive: revive(table, findings),
        credit: table.credit.value().and_then(|credit| self::credit(credit, findings)),
    }
}

/// Complains of a speed that no serial port has.
pub(super) fn check_baud(baud: &At<u32>, help: &str, findings: &mut Findings) {
    if !BAUDS.contains(&baud.value) {
        let sentence = format!("no serial port runs at {} baud", baud.value);
        findings.add(Finding::error(baud.place, sentence).help(help));
    }
}

fn credit(table: &Credit, findings: &mut Findings) -> Option<CreditSettings> {
    if table.code.is_absent() {
        let finding =
            Finding::error(table.place, "`credit` does not say what the network is asked");
        findings.add(finding.help("add code = \"*123#\", which your operator tells you"));
    }
    if let Some(every) = table.every.read().filter(|every| every.value < CREDIT_AT_MOST_EVERY) {
        let finding = Finding::error(every.place, "the network is asked for credit too often");
        findings.add(finding.help("write \"1h\" or more"));
    }
    let code = table.code.read()?;
    let Some(question) = UssdCode::new(&code.value) else {
        let sentence = format!("{} is no question to a network", quoted(&code.value));
        let help = "it begins with * or #, has digits, * and #, and ends with #: \"*123#\"";
        findings.add(Finding::error(code.place, sentence).help(help));
        return None;
    };
    Some(CreditSettings {
        code: question,
        every: table.every.value().copied().unwrap_or(CREDIT_EVERY),
        low: table.low.value().copied().unwrap_or(CREDIT_LOW),
    })
}

fn revive(table: &Gsm, findings: &mut Findings) -> Option<Vec<String>> {
    let list = table.revive.read()?;
    match list.value.items.first() {
        Some(program) if program.value.starts_with('/') => {}
        Some(program) => {
            let sentence = format!("{} is no whole path of a program", quoted(&program.value));
            let help = "write where it is, for example \"/usr/local/sbin/modem-relay\"";
            findings.add(Finding::error(program.place, sentence).help(help));
        }
        None => {
            let finding = Finding::error(list.place, "`revive` names no program");
            findings.add(finding.help("write [\"/usr/local/sbin/modem-relay\"], or take it out"));
        }
    }
    Some(list.value.items.iter().map(|word| word.value.clone()).collect())
}

fn check_pin(pin: &At<Secret>, disk: Disk<'_>, findings: &mut Findings) {
    if let Some(digits) = pin.value.known() {
        let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
        if !plain || !(4..=8).contains(&digits.len()) {
            let finding = Finding::error(pin.place, "a PIN has 4 to 8 digits and nothing else");
            findings.add(finding.help("write it as text, or { credential = \"name\" }"));
        }
    } else {
        let _ = check_kept(pin, "the modem", disk, findings);
    }
}

/// Reads `[snmp.*]`.
pub(super) fn snmp(files: &Files, disk: Disk, findings: &mut Findings) -> Vec<SnmpSettings> {
    let mut taken = Taken::default();
    files
        .snmp
        .iter()
        .map(|Named { name, table }| SnmpSettings {
            name: InputName::new(&format!("snmp.{}", name.value)),
            listen: listen(table, &mut taken, findings),
            communities: communities(table, findings),
            sources: table
                .sources
                .value()
                .map(|list| networks(&list.items, findings))
                .unwrap_or_default(),
            proxies: table
                .proxies
                .value()
                .map(|list| networks(&list.items, findings))
                .unwrap_or_default(),
            versions: versions(table, findings),
            users: table
                .users
                .value()
                .map(|list| users::users(&list.items, disk, findings))
                .unwrap_or_default(),
            engine: table.engine_id.value().cloned(),
            heartbeats: heartbeats(table, findings),
        })
        .collect()
}

fn heartbeats(table: &Snmp, findings: &mut Findings) -> Vec<HeartbeatSettings> {
    let mut taken: BTreeMap<IpAddr, Place> = BTreeMap::new();
    let mut heartbeats = Vec::new();
    for At { value: Heartbeat { source, every, place }, .. } in
        table.heartbeats.value().map_or(&[][..], |list| &list.items)
    {
        for (absent, key, help) in [
            (source.is_absent(), "source", "write source = \"10.0.0.7\""),
            (every.is_absent(), "every", "write every = \"10m\""),
        ] {
            if absent {
                let finding = Finding::error(*place, format!("this heartbeat has no `{key}`"));
                findings.add(finding.help(help));
            }
        }
        let (Some(written), Some(every)) = (source.read(), every.value()) else { continue };
        let Ok(address) = written.value.trim().parse::<IpAddr>() else {
            let sentence = format!("{} is no address", quoted(&written.value));
            let help = "write the address of one device, for example \"10.0.0.7\"";
            findings.add(Finding::error(written.place, sentence).help(help));
            continue;
        };
        let source = address.to_canonical();
        if let Some(first) = taken.insert(source, written.place) {
            let sentence = format!("{source} is expected twice");
            let finding = Finding::error(written.place, sentence).first(first);
            findings.add(finding.help("keep the shorter of the two"));
            continue;
        }
        heartbeats.push(HeartbeatSettings { source, every: *every });
    }
    heartbeats
}

fn versions(table: &Snmp, findings: &mut Findings) -> Vec<Version> {
    let users = table.users.value().map_or(&[][..], |users| &users.items);
    let proves = users.iter().find(|user| !user.value.auth.is_absent());
    if let (Some(user), true, true) =
        (proves, table.versions.is_absent(), table.communities.is_absent())
    {
        let sentence = "SNMPv1 and v2c of any community are taken beside this user's messages";
        let help = "write versions = [\"3\"], or the `communities` that are taken";
        findings.add(Finding::warning(user.place, sentence).help(help));
    }
    let Some(list) = table.versions.read() else {
        return Vec::new();
    };
    if list.value.is_empty {
        let finding = Finding::error(list.place, "this receiver accepts no version of SNMP");
        findings.add(finding.help("write [\"1\", \"2c\", \"3\"], or leave it out"));
    }
    let versions: Vec<Version> = list.value.items.iter().map(|written| written.value).collect();
    if !users.is_empty() && !versions.is_empty() && !versions.contains(&Version::V3) {
        let sentence = "the `users` send SNMPv3, and `versions` leaves it out";
        let finding = Finding::error(list.place, sentence);
        findings.add(finding.help("add \"3\", or take the users out"));
    }
    let takes_v3_alone =
        !versions.is_empty() && versions.iter().all(|version| *version == Version::V3);
    if takes_v3_alone && table.users.value().is_none_or(|users| users.is_empty) {
        let sentence = "only SNMPv3 is taken, and there are no `users`: nothing can be received";
        let help = "add a table [[snmp.NAME.users]] for each user of the devices, or more versions";
        findings.add(Finding::warning(list.place, sentence).help(help));
    }
    versions
}

fn communities(table: &Snmp, findings: &mut Findings) -> Vec<Vec<u8>> {
    let Some(list) = table.communities.read() else {
        return Vec::new();
    };
    for written in &list.value.items {
        if written.value.0.is_empty() {
            let finding = Finding::error(written.place, "a community cannot be empty");
            findings.add(finding.help("leave `communities` out to accept any"));
        }
    }
    list.value.items.iter().map(|written| written.value.0.clone().into_bytes()).collect()
}

fn networks(items: &[At<String>], findings: &mut Findings) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for written in items {
        let text = written.value.trim();
        match text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
            Ok(network) => networks.push(network.trunc()),
            Err(_) => {
                let finding =
                    Finding::error(written.place, format!("{} is no network", quoted(text)));
                findings
                    .add(finding.help(
                        "write for example \"10.0.0.0/8\", \"192.168.1.20\" or \"fd00::/8\"",
                    ));
            }
        }
    }
    networks
}
