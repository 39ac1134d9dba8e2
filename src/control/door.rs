//! The control socket itself: opened before anything can happen, and taken away at the end.
//!
//! It never takes a socket at which somebody answers. One that an earlier daemon left behind is replaced; at the end only the
//! very file that was opened is removed.

use std::fs::{Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::unistd::Uid;
use tokio::net::{UnixListener, UnixStream};
use tracing::{debug, warn};

use super::hall::Way;

/// The socket, at which nobody is served yet: whoever knocks waits.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
    group: u32,
    /// The device and the number of the file that was opened.
    file: (u64, u64),
}

/// Why the control socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Somebody answers there.
    #[error(
        "another Vigie{} answers at the control socket {}; stop it first, or give this one another `control.socket`",
        .process.map(|id| format!(" (process {id})")).unwrap_or_default(), .path.display()
    )]
    Taken {
        /// The path.
        path: PathBuf,
        /// Who answers, if the kernel says so.
        process: Option<i32>,
    },
    /// The machine refuses it.
    #[error("cannot open the control socket {}: {source}; `control.socket` says where it is, and its directory must exist and belong to Vigie", .path.display())]
    Machine {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl Door {
    /// Opens the socket. That no other daemon has this store says nothing of one that has another store and the same socket: it
    /// is asked. (Of two that start in the same instant over a socket that was left behind, both may find nobody.)
    ///
    /// # Errors
    /// [`ControlError`] with who answers there, or with what the system says.
    pub async fn open(path: &Path) -> Result<Self, ControlError> {
        let failed = |source| ControlError::Machine { path: path.to_owned(), source };
        make_way(path).await?;
        let listener = UnixListener::bind(path).map_err(failed)?;
        let about = open_to_all(path).map_err(failed)?;
        let file = (about.dev(), about.ino());
        Ok(Self { listener, path: path.to_owned(), group: about.gid(), file })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The group whose members may look.
    pub(super) fn group(&self) -> u32 {
        self.group
    }

    /// Takes the socket away. A file that has come into its place is another's, and stays.
    pub(super) fn close(self) {
        match std::fs::symlink_metadata(&self.path) {
            Ok(about) if (about.dev(), about.ino()) == self.file => {
                if let Err(error) = std::fs::remove_file(&self.path) {
                    debug!(%error, "the control socket cannot be taken away");
                }
            }
            Ok(_) => {
                warn!(path = %self.path.display(), "another has taken the place of the control socket, and keeps it");
            }
            Err(error) => debug!(%error, "the control socket was gone already"),
        }
    }
}

impl Way for Door {
    type Peer = UnixStream;

    async fn next(&self) -> io::Result<UnixStream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }

    /// Root's seats and our own are not counted: who acts for others always finds one.
    fn account(peer: &UnixStream) -> Option<u32> {
        let uid = peer.peer_cred().ok()?.uid();
        (uid != 0 && uid != Uid::effective().as_raw()).then_some(uid)
    }
}

/// Anybody may knock; who may read or act is decided by who they are, and told in words. Whatever has come into the place of the
/// socket meanwhile is left as it is: it may be a link to the store.
fn open_to_all(path: &Path) -> io::Result<Metadata> {
    let flags = OFlag::O_PATH | OFlag::O_NOFOLLOW;
    let socket = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)?;
    let about = socket.metadata()?;
    if !about.file_type().is_socket() {
        return Err(io::Error::other("another file has taken its place"));
    }
    // The file that was looked at, by whatever name: a socket has no mode that can be set by its descriptor.
    let looked_at = format!("/proc/self/fd/{}", socket.as_raw_fd());
    std::fs::set_permissions(looked_at, Permissions::from_mode(0o666))?;
    Ok(about)
}

/// Removes a socket at which nobody answers.
async fn make_way(path: &Path) -> Result<(), ControlError> {
    let failed = |source| ControlError::Machine { path: path.to_owned(), source };
    let taken = |process| Err(ControlError::Taken { path: path.to_owned(), process });
    // What is no socket is not ours to remove: binding says that it is there.
    if !std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        return Ok(());
    }
    let refused = match UnixStream::connect(path).await {
        Ok(stream) => return taken(stream.peer_cred().ok().and_then(|peer| peer.pid())),
        Err(refused) => refused,
    };
    match refused.kind() {
        ErrorKind::ConnectionRefused => std::fs::remove_file(path).map_err(failed),
        ErrorKind::NotFound => Ok(()),
        // More knock than are let in: somebody is there, however busy.
        ErrorKind::WouldBlock => taken(None),
        _ => Err(failed(refused)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_link_in_the_place_of_the_socket_opens_no_other_file_to_anybody() {
        let folder = tempfile::tempdir().unwrap();
        let [store, link, path] =
            ["vigie.db", "link", "socket"].map(|name| folder.path().join(name));
        std::fs::write(&store, "a record").unwrap();
        std::fs::set_permissions(&store, Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::symlink(&store, &link).unwrap();
        for other in [&link, &store] {
            assert_eq!(
                open_to_all(other).unwrap_err().to_string(),
                "another file has taken its place"
            );
        }
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(&store), 0o600);
        let door = Door::open(&path).await.unwrap();
        assert_eq!(mode(&path), 0o666, "and the socket itself is open to whoever knocks");
        door.close();
    }
}
