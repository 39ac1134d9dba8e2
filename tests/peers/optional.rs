//! Peers that not every machine has: who is absent is left out, and that is said.

use std::io::Write;
use std::path::{Path, PathBuf};

/// The paths of these programs. Where one is absent it says so, and how to have it; with `VIGIE_PEERS=all` that is
/// an error.
pub(crate) fn installed<const N: usize>(
    programs: [&str; N],
    packages: &str,
) -> Option<[PathBuf; N]> {
    let found = programs.map(path);
    if let Some((absent, _)) = programs.iter().zip(&found).find(|(_, path)| path.is_none()) {
        let advice =
            format!("{absent} is absent: apt-get install --no-install-recommends {packages}");
        assert!(std::env::var_os("VIGIE_PEERS").is_none_or(|peers| peers != "all"), "{advice}");
        // Past the capture of a test that passes: a test that is left out must not look like one that was made.
        let _ = writeln!(std::io::stderr(), "NOT TRIED, {advice}");
        return None;
    }
    Some(found.map(|path| path.expect("none is absent")))
}

/// Daemons stand where the PATH of an ordinary user does not lead.
fn path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin"].map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|path| Path::is_file(path))
}
