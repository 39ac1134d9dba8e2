//! A file that the configuration is, or names: opened without waiting, and read up to a bound.
//!
//! A pipe would make us wait for ever, a device has no end, and opening some does something. So what is no regular file is refused before
//! it is opened, and once more when it is open, since it could have been exchanged in between.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;

/// Certificates, or a key, with all that people write beside them.
const PEM_LIMIT: u64 = 1_024 * 1_024;

/// What is in a file, and what the system says of it.
#[derive(Debug)]
pub(super) struct Regular {
    pub(super) bytes: Vec<u8>,
    pub(super) about: Metadata,
}

/// Whether a file of a folder is one that editors and package managers leave behind: `.#site.toml` is who edits `site.toml`.
pub(super) fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.as_encoded_bytes()).unwrap_or_default();
    name.starts_with(b".") || name.ends_with(b"~")
}

/// As much of it as this, and one byte more where there is more.
pub(super) fn read(path: &Path, limit: u64) -> io::Result<Regular> {
    let (file, about) = open(path)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Regular { bytes, about })
}

/// All of it, where it is no longer than so many MiB.
pub(super) fn whole(path: &Path, mib: u64) -> io::Result<Vec<u8>> {
    let limit = mib << 20;
    let (file, about) = open(path)?;
    let mut bytes = Vec::new();
    if about.len() <= limit {
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).max(about.len());
    if length <= limit {
        Ok(bytes)
    } else {
        Err(io::Error::other(format!("it is larger than {mib} MiB")))
    }
}

/// The text in a file that is no longer than so many MiB.
///
/// # Errors
/// What the system says; or that it is no file, longer, or no text.
pub fn text(path: &Path, mib: u64) -> io::Result<String> {
    let not_utf8 =
        |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(whole(path, mib)?).map_err(not_utf8)
}

/// The folder in which a file of this name is, or is to be made, as it was named.
pub fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Opens it, and reads nothing.
pub(super) fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let regular = |about: &Metadata| {
        about.is_file().then_some(()).ok_or_else(|| io::Error::other("it is not a regular file"))
    };
    regular(&std::fs::metadata(path)?)?;
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    regular(&about)?;
    Ok((file, about))
}

/// What a file of certificates holds.
///
/// # Errors
/// What the system says; or that it is none, or longer than 1 MiB.
pub fn pem(path: &Path) -> io::Result<Vec<u8>> {
    let Regular { bytes, .. } = read(path, PEM_LIMIT)?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= PEM_LIMIT);
    if fits { Ok(bytes) } else { Err(io::Error::other("it is longer than 1 MiB")) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::OpenOptionsExt;

    use nix::sys::stat::Mode;

    use super::*;

    #[test]
    fn a_pipe_a_device_and_a_file_without_end_are_no_certificates() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        for path in [&pipe, Path::new("/dev/zero")] {
            assert_eq!(pem(path).unwrap_err().to_string(), "it is not a regular file");
        }
        let long = folder.path().join("long");
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&long).unwrap();
        file.set_len(1 << 40).unwrap();
        assert_eq!(pem(&long).unwrap_err().to_string(), "it is longer than 1 MiB");
        file.set_len(PEM_LIMIT).unwrap();
        assert_eq!(pem(&long).unwrap().len(), 1 << 20);
    }
}
