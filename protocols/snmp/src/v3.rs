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

/// The refusal of a message that says it is SNMPv3.
pub(crate) fn refusal(datagram: &[u8]) -> Refused {
    let Ok((_, message)) = parse_snmp_v3(datagram) else {
        return Refused::Version3(None);
    };
    Refused::Version3(match message.security_params {
        SecurityParameters::USM(usm) => Some(Sender {
            engine: usm.msg_authoritative_engine_id.to_vec(),
            user: usm.msg_user_name,
        }),
        SecurityParameters::Raw(_) => None,
    })
}
