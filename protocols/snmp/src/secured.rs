//! Who sent a message of SNMPv3, or claims to have, and how well that is proven (RFC 3411 §3.4.3, RFC 3414).

use std::fmt;

/// How well a message is protected (RFC 3411 §3.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Anybody can have written it, and read it.
    NoAuthNoPriv,
    /// Its sender is proven; anybody can have read it.
    AuthNoPriv,
    /// Its sender is proven, and it was encrypted.
    AuthPriv,
}

impl Level {
    /// As RFC 3411 writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoAuthNoPriv => "noAuthNoPriv",
            Self::AuthNoPriv => "authNoPriv",
            Self::AuthPriv => "authPriv",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Who sent a message of v3 (RFC 3414), proven as far as its level says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secured {
    /// msgUserName: one of ours.
    pub user: String,
    /// How it was protected.
    pub level: Level,
    /// msgAuthoritativeEngineID: the sender's engine in a trap, ours in an inform.
    pub engine: Vec<u8>,
    /// contextEngineID (RFC 3412 §6): the engine that it is about; empty where it does not say.
    pub context_engine: Vec<u8>,
}

/// Who claims to have sent a message of v3 (RFC 3414 §2.4). Anybody can write any name into an envelope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sender {
    /// msgAuthoritativeEngineID, as it was written: of any length, and nobody's.
    pub engine: Vec<u8>,
    /// msgUserName, as it was written.
    pub user: Vec<u8>,
}

impl fmt::Display for Sender {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "user `{}` of engine ", String::from_utf8_lossy(&self.user).escape_debug())?;
        hexadecimal(&self.engine, out)
    }
}

/// An engine's identifier as people write it: `80:00:1f:88:04:61`.
pub(crate) fn hexadecimal(octets: &[u8], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, octet) in octets.iter().enumerate() {
        let colon = if place == 0 { "" } else { ":" };
        write!(out, "{colon}{octet:02x}")?;
    }
    Ok(())
}
