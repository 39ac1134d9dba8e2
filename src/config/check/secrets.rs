//! Secrets that are kept elsewhere: whether they are to be had on this machine.

use super::Disk;
use crate::config::finding::{At, Finding, Findings};
use crate::config::secret::Secret;

/// Warns of a secret that is kept elsewhere and is not to be had here: what needs it could not start.
pub(super) fn check_kept(
    secret: &At<Secret>,
    needs_it: &str,
    disk: Disk<'_>,
    findings: &mut Findings,
) {
    if matches!(disk, Disk::Look(_))
        && let Err(error) = secret.value.reveal()
    {
        let cause = std::error::Error::source(&error).map(|cause| format!(" ({cause})"));
        let cause = cause.unwrap_or_default();
        let sentence = format!("{error}{cause}; without it {needs_it} cannot start");
        let finding = Finding::warning(secret.place, sentence);
        findings.add(finding.help("check it on the machine and in the service that run Vigie"));
    }
}
