//! Secrets that are kept elsewhere: whether they are to be had on this machine.

use super::Disk;
use crate::config::finding::{At, Finding, Findings};
use crate::config::secret::Secret;

/// The secret, where it is kept elsewhere and is to be had here. Warns where it is not: what needs it could not start.
pub(super) fn check_kept(
    secret: &At<Secret>,
    needs_it: &str,
    disk: Disk<'_>,
    findings: &mut Findings,
) -> Option<String> {
    match disk {
        Disk::Ignore => None,
        Disk::Look(_) => match secret.value.reveal() {
            Ok(revealed) => Some(revealed),
            Err(error) => {
                let sentence = format!("{error}; without it {needs_it} cannot start");
                let finding = Finding::warning(secret.place, sentence);
                findings
                    .add(finding.help("check it on the machine and in the service that run Vigie"));
                None
            }
        },
    }
}
