//! The end of a receiver's life, and why: supervision gives it another, and people read the reason.

use std::io;
use std::net::SocketAddr;

use crate::inbox::Withheld;

/// Why no more is received.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// The house is closing.
    #[error("Vigie is stopping")]
    Stopping,
    /// A socket failed.
    #[error("the socket on {at} failed: {source}")]
    Socket {
        /// Where it listened.
        at: SocketAddr,
        /// Why it failed.
        source: io::Error,
    },
}

impl From<Withheld> for Lost {
    /// The inbox is shut only when the house closes.
    fn from(_: Withheld) -> Self {
        Self::Stopping
    }
}
