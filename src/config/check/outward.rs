//! `[metrics]`: where other programs read the numbers of Vigie.

use std::net::SocketAddr;

use crate::config::file::Files;
use crate::config::finding::{At, Finding, Findings, quoted};

/// A port of the range that exporters of metrics have by custom.
const EXAMPLE: &str = "write \"127.0.0.1:9464\"";

/// Reads `[metrics]`.
pub(super) fn metrics(files: &Files, findings: &mut Findings) -> Option<SocketAddr> {
    let table = files.metrics.as_ref()?;
    if table.listen.is_absent() {
        let finding = Finding::warning(table.place, "[metrics] has no `listen`, and does nothing");
        findings.add(
            finding.help("add listen = \"127.0.0.1:9464\"; `vigie metrics` prints them without it"),
        );
    }
    match address(table.listen.read()?) {
        Ok(address) => Some(address),
        Err(finding) => {
            findings.add(finding);
            None
        }
    }
}

fn address(written: &At<String>) -> Result<SocketAddr, Finding> {
    let no = |sentence: String| Finding::error(written.place, sentence);
    let text = written.value.trim();
    let Ok(address) = text.parse::<SocketAddr>() else {
        return Err(no(format!("{} is no address with a port", quoted(text))).help(EXAMPLE));
    };
    if address.port() == 0 {
        return Err(no("port 0 is no port that a program could read from".to_owned()).help(EXAMPLE));
    }
    if !address.ip().is_loopback() {
        let sentence = format!(
            "the metrics would be told to whoever reaches {}: nobody is asked who they are there",
            address.ip()
        );
        let help = format!(
            "write \"127.0.0.1:{}\"; for another machine put a server that asks (TLS, password) before it, or an agent on this one",
            address.port()
        );
        return Err(no(sentence).help(help));
    }
    Ok(address)
}
