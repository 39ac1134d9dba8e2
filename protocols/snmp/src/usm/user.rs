//! Users: who may send, with which passphrases, from which engine.

use super::engine_id::EngineId;
use super::keys::{AuthProtocol, Key, PrivProtocol};
use crate::secured::Level;

/// How a user proves himself.
#[derive(Clone, Copy)]
pub enum Credentials<'a> {
    /// Not at all.
    None,
    /// By a passphrase (RFC 3414 §2.6).
    Auth(AuthProtocol, &'a [u8]),
    /// By a passphrase, and with another one the message is encrypted.
    AuthPriv((AuthProtocol, &'a [u8]), (PrivProtocol, &'a [u8])),
}

/// A user (RFC 3414 §5 `usmUserTable`). Two are equal that have the same keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// msgUserName, octet for octet.
    pub(super) name: Box<[u8]>,
    /// The only engine of which his traps are taken; `None`: any.
    pub(super) engine: Option<EngineId>,
    /// How he signs, with the key that is not localised yet; `None`: not at all.
    pub(super) auth: Option<(AuthProtocol, Key)>,
    /// How he encrypts, likewise.
    pub(super) privacy: Option<(PrivProtocol, Key)>,
    /// Whether the age of his messages counts.
    pub(super) is_timed: bool,
}

impl User {
    /// A user, of one engine or of any. It hashes a mebibyte for each passphrase: a millisecond or two.
    pub fn new(name: &str, engine: Option<EngineId>, credentials: Credentials<'_>) -> Self {
        let (auth, privacy) = match credentials {
            Credentials::None => (None, None),
            Credentials::Auth(auth, passphrase) => (Some((auth, auth.master(passphrase))), None),
            Credentials::AuthPriv((auth, passphrase), (privacy, secret)) => {
                let master = auth.master(passphrase);
                (Some((auth, master)), Some((privacy, auth.master(secret))))
            }
        };
        Self { name: name.as_bytes().into(), engine, auth, privacy, is_timed: true }
    }

    /// The age of his messages is not looked at: for a device that does not keep its boots or its time. Whoever has recorded one
    /// of his messages can then send it again.
    #[must_use]
    pub fn untimed(self) -> Self {
        Self { is_timed: false, ..self }
    }

    /// How his messages are protected: neither less nor more.
    pub fn level(&self) -> Level {
        match (&self.auth, &self.privacy) {
            (None, _) => Level::NoAuthNoPriv,
            (Some(_), None) => Level::AuthNoPriv,
            (Some(_), Some(_)) => Level::AuthPriv,
        }
    }
}
