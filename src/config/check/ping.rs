//! `[ping.*]`: life signs to dead man's switches outside.

use std::sync::Arc;
use std::time::Duration;

use super::Disk;
use super::secrets::{check_file, check_kept};
use crate::config::file::outward::Ping;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings};
use crate::config::secret::Secret;
use crate::config::settings::{PingSettings, WebAddress};

/// What such services have as their shortest period, mostly.
const EVERY: Duration = Duration::from_secs(60);
/// More often is noise, and there is no time for another try; more seldom is no life sign.
const EVERIES: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(86_400));

/// Reads `[ping.*]`.
pub(super) fn pings(files: &Files, disk: Disk<'_>, findings: &mut Findings) -> Vec<PingSettings> {
    files.ping.iter().filter_map(|named| ping(named, disk, findings)).collect()
}

fn ping(
    Named { name, table }: &Named<Ping>,
    disk: Disk<'_>,
    findings: &mut Findings,
) -> Option<PingSettings> {
    if table.url.is_absent() {
        let finding = Finding::error(table.place, "this ping has no `url`");
        findings.add(finding.help(
            "add url = { credential = \"…\" }, or \"https://…\": the address that the service gave",
        ));
    }
    let address = table.url.read().and_then(|url| address(url, disk, findings));
    if let Some(ca) = table.ca.read() {
        check_file(&ca.value, ca.place, "the ping", disk, findings);
        if address.as_ref().is_some_and(|address| !address.is_tls) {
            let finding = Finding::error(ca.place, "`ca` has no meaning without TLS");
            findings.add(finding.help("write https:// in `url`, or take it out"));
        }
    }
    let every = table.every.read().map_or(EVERY, |every| often(every, findings));
    let url = table.url.value()?.clone();
    let at = match (url.known(), address) {
        (Some(_), Some(address)) => address.origin(),
        // What is kept elsewhere is kept from everybody.
        (None, _) => url.place(),
        (Some(_), None) => return None,
    };
    let name = Arc::from(format!("ping.{}", name.value));
    Some(PingSettings { name, url, at, every, ca: table.ca.value().cloned() })
}

/// Where it leads, if that is known here.
fn address(url: &At<Secret>, disk: Disk<'_>, findings: &mut Findings) -> Option<WebAddress> {
    let kept = match url.value.known() {
        Some(known) => known.to_owned(),
        None => check_kept(url, "the ping", disk, findings)?,
    };
    let address = match WebAddress::parse(&kept) {
        Ok(address) => address,
        Err(error) => {
            let finding = Finding::error(url.place, format!("`url` leads nowhere: {error}"));
            findings
                .add(finding.help("write it as the service gave it: \"https://hc-ping.com/…\""));
            return None;
        }
    };
    if !address.is_tls && !address.is_here() {
        let sentence = "the `url` goes over the network readable for everybody on the way, who could then give life signs in our place";
        findings.add(
            Finding::warning(url.place, sentence).help("write https://, if the service has it"),
        );
    }
    Some(address)
}

fn often(every: &At<Duration>, findings: &mut Findings) -> Duration {
    let (shortest, longest) = EVERIES;
    if !(shortest..=longest).contains(&every.value) {
        let finding = Finding::error(every.place, "`every` is 10 seconds to a day");
        findings
            .add(finding.help("write what the service has as its period; the default is \"1m\""));
        return EVERY;
    }
    every.value
}
