//! `[[snmp.*.users]]`: names that are there and belong to one, and passphrases that protect.

use std::collections::BTreeMap;

use vigie_snmp::Version;
use vigie_snmp::usm::{EngineId, SHORTEST_PASSPHRASE};

use super::Disk;
use super::from::means;
use super::secrets::check_kept;
use crate::config::file::Files;
use crate::config::file::users::{Auth, Priv, User};
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::secret::Secret;
use crate::config::settings::{UserSecrets, UserSettings};
use crate::config::written::Slot;
use crate::watch::definition::Selector;

/// The most octets of a user's name (RFC 3414 §5).
const LONGEST_NAME: usize = 32;

/// Whether one of the receivers of traps that are meant knows a user who proves himself; without a selector, whichever there is.
pub(super) fn prove(meant: Option<&Selector>, files: &Files) -> bool {
    let is_meant =
        |name: &str| meant.is_none_or(|selector| means(selector, &format!("snmp.{name}")));
    let meant = files.snmp.iter().filter(|receiver| is_meant(&receiver.name.value));
    let users = meant.filter_map(|receiver| receiver.table.users.value());
    users.flat_map(|users| &users.items).any(|user| !user.value.auth.is_absent())
}

/// Whether one of the receivers of traps that are meant takes what nobody has proved: SNMPv1 or v2c, or the word of a user without `auth`.
pub(super) fn admit_anybody(meant: &Selector, files: &Files) -> bool {
    let is_meant = |name: &str| means(meant, &format!("snmp.{name}"));
    let receivers = files.snmp.iter().filter(|receiver| is_meant(&receiver.name.value));
    receivers.map(|receiver| &receiver.table).any(|table| {
        let versions = table.versions.value().map_or(&[][..], |versions| &versions.items);
        let users = table.users.value().map_or(&[][..], |users| &users.items);
        // All versions, where none is named.
        versions.is_empty()
            || versions.iter().any(|version| version.value != Version::V3)
            || users.iter().any(|user| user.value.auth.is_absent())
    })
}

/// Reads the users of a receiver.
pub(super) fn users(list: &[At<User>], disk: Disk, findings: &mut Findings) -> Vec<UserSettings> {
    let mut taken: BTreeMap<(String, Option<EngineId>), Place> = BTreeMap::new();
    let mut users = Vec::new();
    for At { value: table, .. } in list {
        let name = name(table, findings);
        let secrets = secrets(table, disk, findings);
        let engine = table.engine_id.value().cloned();
        let is_timed = table.check_time.value().copied().unwrap_or(true);
        if let (false, Some(check_time), true) =
            (is_timed, table.check_time.read(), table.engine_id.is_absent())
        {
            let sentence = "only the messages of one device may be of any age";
            let help = "write that device's `engine-id` as well";
            findings.add(Finding::error(check_time.place, sentence).help(help));
        }
        let (Some(name), Some(secrets)) = (name, secrets) else { continue };
        if let Some(first) = taken.insert((name.value.clone(), engine.clone()), name.place) {
            let sentence = format!("the user {} is there twice", quoted(&name.value));
            let finding = Finding::error(name.place, sentence).first(first);
            findings
                .add(finding.help("take one of the two out, or give them different `engine-id`s"));
            continue;
        }
        users.push(UserSettings { name: name.value.clone(), engine, secrets, is_timed });
    }
    users
}

fn name<'u>(table: &'u User, findings: &mut Findings) -> Option<&'u At<String>> {
    if table.name.is_absent() {
        let finding = Finding::error(table.place, "this SNMPv3 user has no `name`");
        findings.add(finding.help("write name = \"…\", as the devices have it"));
    }
    let name = table.name.read()?;
    if name.value.is_empty() || name.value.len() > LONGEST_NAME {
        let sentence = format!("a user's name has 1 to {LONGEST_NAME} bytes");
        findings.add(Finding::error(name.place, sentence).help("write it as the devices have it"));
        return None;
    }
    Some(name)
}

/// How a user proves himself; `None` where a part of it is wrong.
fn secrets(table: &User, disk: Disk, findings: &mut Findings) -> Option<UserSecrets> {
    let auth = match &table.auth {
        Slot::Absent => None,
        Slot::Refused => return None,
        Slot::Is(At { value: Auth { protocol, passphrase, place }, .. }) => {
            Some(protected(protocol, passphrase, (table, *place, "auth"), disk, findings)?)
        }
    };
    let privacy = match &table.privacy {
        Slot::Absent => None,
        Slot::Refused => return None,
        Slot::Is(At { value: Priv { protocol, passphrase, place }, .. }) => {
            Some(protected(protocol, passphrase, (table, *place, "priv"), disk, findings)?)
        }
    };
    match (auth, privacy) {
        (None, None) => Some(UserSecrets::None),
        (Some(auth), None) => Some(UserSecrets::Auth(auth)),
        (Some(auth), Some(privacy)) => Some(UserSecrets::AuthPriv(auth, privacy)),
        (None, Some(_)) => {
            let finding =
                Finding::error(table.place, "SNMPv3 encrypts nothing that is not authenticated");
            findings.add(finding.help("write `auth` as well, as the device has it"));
            None
        }
    }
}

fn protected<P: Copy>(
    protocol: &Slot<P>,
    passphrase: &Slot<Secret>,
    (user, place, key): (&User, Place, &str),
    disk: Disk,
    findings: &mut Findings,
) -> Option<(P, Secret)> {
    for (absent, part) in
        [(protocol.is_absent(), "protocol"), (passphrase.is_absent(), "passphrase")]
    {
        if absent {
            let finding = Finding::error(place, format!("`{key}` has no `{part}`"));
            let help = "write { protocol = \"…\", passphrase = { credential = \"…\" } }";
            findings.add(finding.help(help));
        }
    }
    let (protocol, passphrase) = (protocol.value()?, passphrase.read()?);
    check_passphrase(passphrase, user, disk, findings);
    Some((*protocol, passphrase.value.clone()))
}

fn check_passphrase(passphrase: &At<Secret>, user: &User, disk: Disk, findings: &mut Findings) {
    let is_short = |text: &str| text.len() < SHORTEST_PASSPHRASE;
    let rule = format!("an SNMPv3 passphrase has {SHORTEST_PASSPHRASE} letters or more");
    let sentence = if let Some(text) = passphrase.value.known() {
        is_short(text).then_some(rule)
    } else {
        let kept = check_kept(passphrase, "the receiver", disk, findings);
        // What is said here must do without the file: it is also an alarm.
        kept.filter(|text| is_short(text)).map(|_| {
            let name = user.name.value().map(|name| format!("of the user {} ", quoted(name)));
            let (whose, place) = (name.unwrap_or_default(), passphrase.value.place());
            format!("{rule}, and the one {whose}in {place} has fewer")
        })
    };
    if let Some(sentence) = sentence {
        let help = "devices refuse shorter ones; use the one that the device has";
        findings.add(Finding::error(passphrase.place, sentence).help(help));
    }
}
