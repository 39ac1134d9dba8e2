//! Whether what lies at a path can be written to at all, whatever its mode says.

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
        let (major, minor) = (major(about.dev()), minor(about.dev()));
        if is_read_only(&mounts, &format!("{major}:{minor}")) {
            Self::ReadOnly
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
    use super::is_read_only;

    #[test]
    fn a_file_system_that_only_one_mount_shows_read_only_is_written_to_through_another() {
        let mounts = "36 35 98:0 /etc /etc/vigie ro,noatime master:1 - ext4 /dev/sda1 rw,errors=remount-ro\n\
            37 35 98:1 / /cdrom rw,relatime - iso9660 /dev/sr0 ro,nojoliet\n";
        assert!(!is_read_only(mounts, "98:0"));
        assert!(is_read_only(mounts, "98:1"));
        assert!(!is_read_only(mounts, "98:2"), "what is not known is not taken for safe");
        assert!(!is_read_only("", "98:1"));
    }
}
