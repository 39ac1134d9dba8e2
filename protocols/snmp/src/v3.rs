//! The place of SNMPv3 (RFC 3412, RFC 3414).
//!
//! Its messages are not read yet. Until they are, this module says who sent one, so that the operator learns which device still
//! speaks v3 to a receiver that does not. Nothing in it is verified: anybody can write any name into an envelope.

use std::fmt;

use snmp_parser::{SecurityParameters, parse_snmp_v3};

use crate::refused::Refused;

/// Who claims to have sent an SNMPv3 message (RFC 3414 §2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// msgAuthoritativeEngineID.
    pub engine: Vec<u8>,
    /// msgUserName.
    pub user: String,
}

impl fmt::Display for Sender {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "user `{}` of engine ", self.user.escape_debug())?;
        for (place, octet) in self.engine.iter().enumerate() {
            let colon = if place == 0 { "" } else { ":" };
            write!(out, "{colon}{octet:02x}")?;
        }
        Ok(())
    }
}

/// The most octets of a user name and of an engine's identifier (RFC 3414 §5, RFC 3411 §5).
const MAX_NAME: usize = 32;

/// The refusal of a message that says it is SNMPv3.
pub(crate) fn refusal(datagram: &[u8]) -> Refused {
    Refused::Version3(sender(datagram))
}

fn sender(datagram: &[u8]) -> Option<Sender> {
    let (_, message) = parse_snmp_v3(datagram).ok()?;
    match message.security_params {
        SecurityParameters::USM(usm) => {
            let engine = usm.msg_authoritative_engine_id;
            let lawful = engine.len() <= MAX_NAME && usm.msg_user_name.len() <= MAX_NAME;
            lawful.then(|| Sender { engine: engine.to_vec(), user: usm.msg_user_name })
        }
        SecurityParameters::Raw(_) => None,
    }
}
