//! Whether the wall clock follows a time service: the kernel's own word, by way of systemd.
//!
//! **Decision (2026-11-27): `timedatectl` is asked, not the kernel.** The kernel says it by adjtimex(2), which no library wraps without
//! unsafe code of ours, and which `ProtectClock=` of our own unit forbids, as it should: by that call the clock is set, too. systemd's
//! `NTPSynchronized` is the same bit, whichever of chrony, ntpd or timesyncd keeps it. Where there is no systemd nobody can say.

use std::process::Stdio;
use std::time::Duration;

/// The bus starts a service to answer; on a machine that is busy that takes a while.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether the clock follows a time service; `None`: nobody can say.
pub async fn is_synchronised() -> Option<bool> {
    let asked = tokio::process::Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        // It would report its own failure to systemd in our name.
        .env_remove("NOTIFY_SOCKET")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let told = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?;
    if told.status.success() { read(&told.stdout) } else { None }
}

fn read(told: &[u8]) -> Option<bool> {
    match told.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_neither_yes_nor_no_says_nothing() {
        assert_eq!(
            ["yes\n", "no\n", "", "NTPSynchronized=yes"].map(|told| read(told.as_bytes())),
            [Some(true), Some(false), None, None]
        );
    }
}
