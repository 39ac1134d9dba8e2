//! The control socket itself: opened before anything can happen, and taken away at the end.
//!
//! It never takes a socket at which somebody answers. One that an earlier daemon left behind is replaced; at the end only the
//! very file that was opened is removed.

use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

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
        source: std::io::Error,
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
        // Anybody may knock; who may read or act is decided by who they are, and told in words.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).map_err(failed)?;
        let about = std::fs::metadata(path).map_err(failed)?;
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

    async fn next(&self) -> std::io::Result<UnixStream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }
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
