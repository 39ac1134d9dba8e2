//! What we say in SNMPv3: Reports (RFC 3412 §7.1, RFC 3414 §3.2) and Responses (RFC 3416 §4.2.7).

use crate::ber::{self, COUNTER32};

use super::header::{self, Header};
use super::keys::{AuthProtocol, Key, PrivProtocol};
use super::privacy::Nonce;
use crate::envelope::{self, Pdu};
use crate::oddity::Notes;
use crate::secured::Level;

/// Report-PDU (RFC 3416 §3).
const REPORT: u8 = 0xa8;
/// What a message of ours may be answered with has at most so many octets (RFC 3412 §6: msgMaxSize).
const MAX_SIZE: i64 = 65_507;
/// usmStats (RFC 3414 §5), without the number of the counter and the instance.
const USM_STATS: [u8; 8] = [0x2b, 6, 1, 6, 3, 15, 1, 1];

/// A counter of the User-based Security Model (RFC 3414 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statistic {
    /// usmStatsUnsupportedSecLevels: at another level than its user has.
    UnsupportedSecLevels,
    /// usmStatsNotInTimeWindows: too old, or of another start.
    NotInTimeWindows,
    /// usmStatsUnknownUserNames.
    UnknownUserNames,
    /// usmStatsUnknownEngineIDs: how a sender learns ours.
    UnknownEngineIds,
    /// usmStatsWrongDigests: another passphrase.
    WrongDigests,
    /// usmStatsDecryptionErrors.
    DecryptionErrors,
}

impl Statistic {
    const fn sub_id(self) -> u8 {
        match self {
            Self::UnsupportedSecLevels => 1,
            Self::NotInTimeWindows => 2,
            Self::UnknownUserNames => 3,
            Self::UnknownEngineIds => 4,
            Self::WrongDigests => 5,
            Self::DecryptionErrors => 6,
        }
    }
}

/// How often each was counted since the engine began.
#[derive(Debug, Default)]
pub(super) struct Statistics([u32; 6]);

impl Statistics {
    /// Counts one; the counter wraps, as counters do.
    pub(super) fn count(&mut self, statistic: Statistic) -> u32 {
        let place = usize::from(statistic.sub_id()).saturating_sub(1);
        let Some(counter) = self.0.get_mut(place) else { return 0 };
        *counter = counter.wrapping_add(1);
        *counter
    }
}

/// With what a message is signed, and perhaps encrypted.
pub(super) struct Seal<'a> {
    /// The hash, and its localised key.
    pub(super) auth: (AuthProtocol, &'a Key),
    /// The cipher and its localised key; `None`: it goes in clear.
    pub(super) privacy: Option<(PrivProtocol, &'a Key)>,
}

/// A message that we send as the authority of its time.
pub(super) struct Letter<'a> {
    /// msgID of what it answers.
    pub(super) msg_id: i64,
    /// msgAuthoritativeEngineID: ours.
    pub(super) engine: &'a [u8],
    /// msgUserName.
    pub(super) user: &'a [u8],
    /// Our boots and time, and the salt.
    pub(super) nonce: Nonce,
    /// `None`: neither signed nor encrypted.
    pub(super) seal: Option<Seal<'a>>,
    /// The scoped PDU (RFC 3412 §6.8), in clear.
    pub(super) scoped: Vec<u8>,
}

impl Letter<'_> {
    /// Its octets; `None` where a key does not fit its cipher, which no key of ours does.
    pub(super) fn octets(self) -> Option<Vec<u8>> {
        let (level, tag_length) = match &self.seal {
            None => (Level::NoAuthNoPriv, 0),
            Some(Seal { auth, privacy: None }) => (Level::AuthNoPriv, auth.0.tag_length()),
            Some(Seal { auth, privacy: Some(_) }) => (Level::AuthPriv, auth.0.tag_length()),
        };
        let (salt, body) = match self.seal.as_ref().and_then(|seal| seal.privacy) {
            None => (&[][..], self.scoped),
            Some((protocol, key)) => {
                let hidden = protocol.encrypted(key, self.nonce, &self.scoped)?;
                (&self.nonce.salt[..], ber::wrap(ber::OCTET_STRING, &[&hidden]))
            }
        };
        let salt = ber::wrap(ber::OCTET_STRING, &[salt]);
        let security = [
            ber::wrap(ber::OCTET_STRING, &[self.engine]),
            ber::number(ber::INTEGER, i64::from(self.nonce.boots)),
            ber::number(ber::INTEGER, i64::from(self.nonce.time)),
            ber::wrap(ber::OCTET_STRING, &[self.user]),
            ber::wrap(ber::OCTET_STRING, &[&vec![0; tag_length]]),
            salt.clone(),
        ];
        let security = ber::wrap(ber::SEQUENCE, &security.each_ref().map(Vec::as_slice));
        let security = ber::wrap(ber::OCTET_STRING, &[&security]);
        let global = globals(self.msg_id, level);
        let version = ber::number(ber::INTEGER, 3);
        let mut message = ber::wrap(ber::SEQUENCE, &[&version, &global, &security, &body]);
        if let Some(Seal { auth: (protocol, key), .. }) = self.seal {
            let tag = protocol.tag(key, &message);
            let behind = salt.len().saturating_add(body.len());
            let end = message.len().saturating_sub(behind);
            let begin = end.saturating_sub(tag_length);
            message.get_mut(begin..end)?.copy_from_slice(&tag);
        }
        Some(message)
    }
}

fn globals(msg_id: i64, level: Level) -> Vec<u8> {
    let flags = match level {
        Level::NoAuthNoPriv => 0,
        Level::AuthNoPriv => 1,
        Level::AuthPriv => 3,
    };
    let parts = [
        ber::number(ber::INTEGER, msg_id),
        ber::number(ber::INTEGER, MAX_SIZE),
        vec![ber::OCTET_STRING, 1, flags],
        ber::number(ber::INTEGER, 3),
    ];
    ber::wrap(ber::SEQUENCE, &parts.each_ref().map(Vec::as_slice))
}

/// The scoped PDU of a Report that tells a counter (RFC 3412 §7.1 step 3).
pub(super) fn report(own: &[u8], header: &Header<'_>, statistic: Statistic, count: u32) -> Vec<u8> {
    let name = [&USM_STATS[..], &[statistic.sub_id(), 0]].concat();
    let name = ber::wrap(ber::OBJECT_IDENTIFIER, &[&name]);
    let value = ber::number(COUNTER32, i64::from(count));
    let varbind = ber::wrap(ber::SEQUENCE, &[&name, &value]);
    let varbinds = ber::wrap(ber::SEQUENCE, &[&varbind]);
    let zero = ber::number(ber::INTEGER, 0);
    let request_id = request_id(header).unwrap_or_else(|| zero.clone());
    let pdu = ber::wrap(REPORT, &[&request_id, &zero, &zero, &varbinds]);
    let (engine, context) =
        (ber::wrap(ber::OCTET_STRING, &[own]), ber::wrap(ber::OCTET_STRING, &[]));
    ber::wrap(ber::SEQUENCE, &[&engine, &context, &pdu])
}

/// The request-id of a message that is not encrypted.
fn request_id(header: &Header<'_>) -> Option<Vec<u8>> {
    if header.level == Level::AuthPriv {
        return None;
    }
    let scope = header::scope(header.body.again()).ok()?;
    match envelope::pdu(&scope.pdu, &mut Notes::default()) {
        Ok(Pdu::V2(_, parts)) => Some(parts.request_id.whole.to_vec()),
        // What is asked for in discovery is a Get (RFC 3414 §4), whose request-id stands in the same place.
        Ok(Pdu::V1(_)) | Err(_) => {
            let first = scope.pdu.inside().next().ok()?;
            (first.tag == ber::INTEGER).then(|| first.whole.to_vec())
        }
    }
}
