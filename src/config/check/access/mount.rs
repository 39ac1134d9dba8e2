//! Whether what lies at a path can be written to at all, whatever its mode says.
//!
//! # Decision (2026-11-27): what is read-only for a service alone is writable
//!
//! systemd mounts all but the store read-only for `vigie.service` (`ProtectSystem=strict`): by that no file of the site would be open to anybody
//! at a reload, and every one at `vigie check`. So a service takes no read-only mount for a wall, only a read-only file system.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::sys::stat::{major, minor};
use nix::sys::statvfs::{FsFlags, statvfs};

/// How it is mounted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mount {
    /// So that its mode counts.
    Writable,
    /// Read-only as we see it; whoever sees it through another mount may write.
    ReadOnlyHere,
    /// Nobody writes to it.
    ReadOnly,
}

impl Mount {
    /// Of what lies there. What cannot be found out is taken as the worse of the two.
    pub(super) fn of(path: &Path, about: &Metadata) -> Self {
        if !statvfs(path).is_ok_and(|mounted| mounted.flags().contains(FsFlags::ST_RDONLY)) {
            return Self::Writable;
        }
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let device = format!("{}:{}", major(about.dev()), minor(about.dev()));
        // systemd.exec(5): every service has it, and no container has it by itself.
        Self::shown(&mounts, &device, std::env::var_os("INVOCATION_ID").is_some())
    }

    /// What a mount that is read-only means, to a service or to others.
    fn shown(mounts: &str, device: &str, is_service: bool) -> Self {
        if is_read_only(mounts, device) {
            Self::ReadOnly
        } else if is_service {
            Self::Writable
        } else {
            Self::ReadOnlyHere
        }
    }
}

/// Whether the whole file system is read-only, whichever mount shows it: what proc(5) calls its super options, the last of each line.
fn is_read_only(mounts: &str, device: &str) -> bool {
    let of_device = |line: &&str| line.split(' ').nth(2) == Some(device);
    let options = mounts.lines().find(of_device).and_then(|line| line.rsplit(' ').next());
    options.is_some_and(|options| options.split(',').any(|option| option == "ro"))
}

#[cfg(test)]
mod tests {
    use super::Mount;

    #[test]
    fn a_file_system_that_only_one_mount_shows_read_only_is_written_to_through_another() {
        let mounts = "36 35 98:0 /etc /etc/vigie ro,noatime master:1 - ext4 /dev/sda1 rw,errors=remount-ro\n\
            37 35 98:1 / /cdrom rw,relatime - iso9660 /dev/sr0 ro,nojoliet\n";
        let shown = |device| Mount::shown(mounts, device, false);
        assert_eq!(shown("98:0"), Mount::ReadOnlyHere);
        assert_eq!(shown("98:1"), Mount::ReadOnly);
        assert_eq!(shown("98:2"), Mount::ReadOnlyHere, "what is not known is not taken for safe");
        assert_eq!(Mount::shown("", "98:1", false), Mount::ReadOnlyHere);
        let service = |device| Mount::shown(mounts, device, true);
        assert_eq!(
            service("98:0"),
            Mount::Writable,
            "systemd has made it so for this service alone"
        );
        assert_eq!(service("98:1"), Mount::ReadOnly);
    }
}
