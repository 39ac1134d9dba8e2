//! The frame of an SNMPv3 message (RFC 3412 §6) and its security parameters (RFC 3414 §2.4): read strictly, proven by nothing.
//!
//! A message whose frame is not as the standard has it is [`Refused`], for whoever builds frames wrongly may have signed anything.

use crate::MAX_DATAGRAM;
use crate::ber::{self, Element, Reader};
use crate::envelope::{number, part, part_of_type};
use crate::oddity::Notes;
use crate::refused::Refused;

use super::privacy::SALT;
use crate::secured::{Level, Sender};

/// The fewest octets that a sender must be able to take (RFC 3412 §6: msgMaxSize).
const LEAST_MAX_SIZE: i64 = 484;
/// The largest number of the header's fields (RFC 3412 §6, RFC 3414 §2.4).
const LARGEST: i64 = 2_147_483_647;
/// The User-based Security Model (RFC 3411 §5 `SnmpSecurityModel`).
const USM: i64 = 3;
/// The most octets of a user's name (RFC 3414 §5) and of an engine's identifier (RFC 3411 §5).
const LONGEST_NAME: usize = 32;

const AUTH_FLAG: u8 = 1;
const PRIV_FLAG: u8 = 2;
const REPORTABLE_FLAG: u8 = 4;

/// A message of SNMPv3, framed.
#[derive(Debug)]
pub(crate) struct Header<'a> {
    /// msgID (RFC 3412 §6.2): a Report or a Response bears the same.
    pub(crate) msg_id: i64,
    /// msgMaxSize (§6.3): the most octets that its sender takes.
    pub(crate) max_size: usize,
    /// msgFlags (§6.4): how it is protected.
    pub(crate) level: Level,
    /// msgFlags: whether its sender wants to hear a Report.
    pub(crate) is_reportable: bool,
    /// msgAuthoritativeEngineID and msgUserName.
    pub(crate) sender: Sender,
    /// msgAuthoritativeEngineBoots: how often that engine has started.
    pub(crate) boots: u32,
    /// msgAuthoritativeEngineTime: in seconds since it started.
    pub(crate) time: u32,
    /// msgAuthenticationParameters.
    pub(crate) tag: Element<'a>,
    /// The message, before and after the tag's octets.
    pub(crate) around: [&'a [u8]; 2],
    /// msgPrivacyParameters.
    pub(crate) salt: &'a [u8],
    /// The scoped PDU, or what it was encrypted to.
    pub(crate) body: Element<'a>,
}

impl Header<'_> {
    /// The salt, if it has the length of one.
    pub(crate) fn salt(&self) -> Option<[u8; SALT]> {
        self.salt.try_into().ok()
    }
}

/// A scoped PDU (RFC 3412 §6), framed.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    /// All of it, without what fills a block up (RFC 3414 §8.1.1.2).
    pub(crate) whole: &'a [u8],
    /// contextEngineID.
    pub(crate) engine: Element<'a>,
    /// contextName.
    pub(crate) name: Element<'a>,
    /// The PDU, framed and no more.
    pub(crate) pdu: Element<'a>,
}

/// Opens a message of SNMPv3, or says why it is refused; nothing of it is proven.
pub(crate) fn open<'a>(datagram: &'a [u8], notes: &mut Notes) -> Result<Header<'a>, Refused> {
    if datagram.len() > MAX_DATAGRAM {
        return Err(Refused::TooLong(datagram.len()));
    }
    let mut outside = Reader::new(datagram);
    let message = part_of_type(&mut outside, "message", ber::SEQUENCE)?;
    let mut inside = message.inside();
    let version = part_of_type(&mut inside, "version", ber::INTEGER)?;
    let version = number(&version, "version")?;
    if version != 3 {
        return Err(Refused::UnknownVersion(version));
    }
    let global = part_of_type(&mut inside, "header", ber::SEQUENCE)?;
    let (msg_id, max_size, flags) = globals(&global)?;
    let (level, is_reportable) = (level(flags)?, flags & REPORTABLE_FLAG != 0);
    let security = part_of_type(&mut inside, "security parameters", ber::OCTET_STRING)?;
    let parameters = parameters(&security)?;
    let body_tag = if level == Level::AuthPriv { ber::OCTET_STRING } else { ber::SEQUENCE };
    let body = part_of_type(&mut inside, "scoped PDU", body_tag)?;
    notes.trailing(inside.at(), inside.rest(), "scoped PDU");
    // Behind the message nothing is signed: a copy with an octet more would be another message.
    if let Some(extra) = outside.rest().first() {
        return Err(Refused::WrongType {
            part: "end of the message",
            at: outside.at(),
            tag: *extra,
        });
    }
    let Parameters { sender, boots, time, tag, salt } = parameters;
    let around = around(message.whole, &tag)?;
    Ok(Header {
        msg_id,
        max_size,
        level,
        is_reportable,
        sender,
        boots,
        time,
        tag,
        around,
        salt,
        body,
    })
}

/// msgID, msgMaxSize and msgFlags; the security model is ours, or the message is refused (RFC 3412 §7.2).
fn globals(global: &Element<'_>) -> Result<(i64, usize, u8), Refused> {
    let mut inside = global.inside();
    let msg_id = within(&mut inside, "msgID", 0)?;
    let max_size = within(&mut inside, "msgMaxSize", LEAST_MAX_SIZE)?;
    let flags = part_of_type(&mut inside, "msgFlags", ber::OCTET_STRING)?;
    let [bits] = flags.contents else {
        return Err(Refused::OutOfRange { part: "msgFlags", at: flags.at });
    };
    let model = within(&mut inside, "msgSecurityModel", 1)?;
    if model != USM {
        return Err(Refused::SecurityModel(model));
    }
    Ok((msg_id, usize::try_from(max_size).unwrap_or(usize::MAX), *bits))
}

/// Encryption without authentication is no level (RFC 3412 §7.2: snmpInvalidMsgs).
fn level(flags: u8) -> Result<Level, Refused> {
    match (flags & AUTH_FLAG != 0, flags & PRIV_FLAG != 0) {
        (false, false) => Ok(Level::NoAuthNoPriv),
        (true, false) => Ok(Level::AuthNoPriv),
        (true, true) => Ok(Level::AuthPriv),
        (false, true) => Err(Refused::PrivWithoutAuth),
    }
}

struct Parameters<'a> {
    sender: Sender,
    boots: u32,
    time: u32,
    tag: Element<'a>,
    salt: &'a [u8],
}

fn parameters<'a>(security: &Element<'a>) -> Result<Parameters<'a>, Refused> {
    let mut around = security.inside();
    let sequence = part_of_type(&mut around, "security parameters", ber::SEQUENCE)?;
    let mut inside = sequence.inside();
    let engine = part_of_type(&mut inside, "msgAuthoritativeEngineID", ber::OCTET_STRING)?;
    // Empty: its sender does not know ours yet, and asks (RFC 3414 §4).
    if engine.contents.len() > LONGEST_NAME || (1..5).contains(&engine.contents.len()) {
        return Err(Refused::OutOfRange { part: "msgAuthoritativeEngineID", at: engine.at });
    }
    let boots = within(&mut inside, "msgAuthoritativeEngineBoots", 0)?;
    let time = within(&mut inside, "msgAuthoritativeEngineTime", 0)?;
    let user = part_of_type(&mut inside, "msgUserName", ber::OCTET_STRING)?;
    if user.contents.len() > LONGEST_NAME {
        return Err(Refused::OutOfRange { part: "msgUserName", at: user.at });
    }
    let tag = part_of_type(&mut inside, "msgAuthenticationParameters", ber::OCTET_STRING)?;
    let salt = part_of_type(&mut inside, "msgPrivacyParameters", ber::OCTET_STRING)?;
    if let Some(extra) = inside.rest().first().or(around.rest().first()) {
        return Err(Refused::WrongType {
            part: "security parameters",
            at: inside.at(),
            tag: *extra,
        });
    }
    Ok(Parameters {
        sender: Sender { engine: engine.contents.to_vec(), user: user.contents.to_vec() },
        boots: u32::try_from(boots).unwrap_or(u32::MAX),
        time: u32::try_from(time).unwrap_or(u32::MAX),
        tag,
        salt: salt.contents,
    })
}

/// The scoped PDU in these octets, which begin at that octet of the datagram. What follows it fills a block up (RFC 3414 §8.1.1.2).
pub(crate) fn scope(mut reader: Reader<'_>) -> Result<Scope<'_>, Refused> {
    let scoped = part_of_type(&mut reader, "scoped PDU", ber::SEQUENCE)?;
    let mut inside = scoped.inside();
    Ok(Scope {
        whole: scoped.whole,
        engine: part_of_type(&mut inside, "contextEngineID", ber::OCTET_STRING)?,
        name: part_of_type(&mut inside, "contextName", ber::OCTET_STRING)?,
        pdu: part(&mut inside, "PDU")?,
    })
}

/// A number from `least` to 2^31-1.
fn within(reader: &mut Reader<'_>, name: &'static str, least: i64) -> Result<i64, Refused> {
    let element = part_of_type(reader, name, ber::INTEGER)?;
    let value = number(&element, name)?;
    if (least..=LARGEST).contains(&value) {
        Ok(value)
    } else {
        Err(Refused::OutOfRange { part: name, at: element.at })
    }
}

/// The message before and after the tag: it was signed with zeros in its place (RFC 3414 §6.3.1).
fn around<'a>(message: &'a [u8], tag: &Element<'_>) -> Result<[&'a [u8]; 2], Refused> {
    let head = tag.whole.len().saturating_sub(tag.contents.len());
    let begin = tag.at.saturating_add(head);
    let end = begin.saturating_add(tag.contents.len());
    message
        .get(..begin)
        .zip(message.get(end..))
        .map(|(before, after)| [before, after])
        .ok_or(Refused::OutOfRange { part: "msgAuthenticationParameters", at: tag.at })
}
