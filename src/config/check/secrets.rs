//! Secrets that are kept elsewhere: whether they are to be had on this machine.

use std::path::Path;

use super::{Disk, access};
use crate::config::finding::{At, Finding, Findings, Place};
use crate::config::regular;
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
        Disk::Look(..) => match secret.value.reveal() {
            Ok(revealed) => {
                access::kept_there(secret, findings);
                Some(revealed)
            }
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

/// Warns of a file that cannot be read here: what needs it could not start.
pub(super) fn check_file(
    path: &Path,
    place: Place,
    needs_it: &str,
    disk: Disk<'_>,
    findings: &mut Findings,
) {
    if matches!(disk, Disk::Look(..))
        && let Err(error) = regular::open(path)
    {
        let sentence = format!(
            "{} cannot be read: {error}; without it {needs_it} cannot start",
            path.display()
        );
        let finding = Finding::warning(place, sentence);
        findings.add(finding.help("check it on the machine and in the service that run Vigie"));
    }
}
