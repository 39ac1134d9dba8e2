//! A notification: what happened, whichever version said so.
//!
//! The form is that of v2; a trap of v1 is mapped to it exactly as RFC 3584 §3.1 says. That section also has a *proxy* append
//! snmpTrapAddress.0, snmpTrapCommunity.0 and snmpTrapEnterprise.0; we forward nothing, so what was not sent is not added: the
//! same values are in [`V1Header`] and in the message.

use std::net::Ipv4Addr;

use crate::ber::Element;
use crate::envelope::{self, V1Pdu, V2Pdu};
use crate::names::well_known::{SNMP_TRAP_ADDRESS, SNMP_TRAP_OID, SNMP_TRAPS, SYS_UP_TIME};
use crate::oddity::{Notes, Quirk};
use crate::oid::Oid;
use crate::refused::Refused;
use crate::value::{self, Value};
use crate::varbinds::{self, Varbind};

/// What happened, in the form of SNMPv2 (RFC 3416 §4.2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// sysUpTime.0, or the time-stamp of v1: how long the sender has been up, in hundredths of a second; wraps after 497 days.
    pub uptime: Option<u32>,
    /// snmpTrapOID.0, or what RFC 3584 §3.1 makes of a trap of v1: which notification it is.
    pub trap_oid: Oid,
    /// The varbinds in their order, without the sysUpTime.0 and the snmpTrapOID.0 that stand above.
    pub varbinds: Vec<Varbind>,
    /// What only a Trap-PDU of v1 has.
    pub v1: Option<V1Header>,
    /// snmpTrapAddress.0 (RFC 3584 §3.1): where a proxy says that the trap came from. It is among the varbinds too.
    pub trap_address: Option<Ipv4Addr>,
}

/// What only a Trap-PDU of v1 has (RFC 1157 §4.1.6), as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct V1Header {
    /// The kind of device that sent it; 0.0 where it could not be read.
    pub enterprise: Oid,
    /// The device that it is about; 0.0.0.0 is common and means that the device does not say; none where it was no IPv4 address.
    pub agent_addr: Option<Ipv4Addr>,
    /// 0 to 5: a trap that every device may have; 6: one of the enterprise's own. Others are noted, and given as they are.
    pub generic: i64,
    /// Which of the enterprise's own traps it is.
    pub specific: i64,
}

/// enterpriseSpecific (RFC 1157 §4.1.6).
const ENTERPRISE_SPECIFIC: i64 = 6;

/// Reads a Trap-PDU of v1 into the form of v2 (RFC 3584 §3.1); refused where generic or specific is no number.
pub(crate) fn from_v1(parts: &V1Pdu<'_>, notes: &mut Notes) -> Result<Notification, Refused> {
    let generic = envelope::number(&parts.generic, "generic-trap")?;
    let specific = envelope::number(&parts.specific, "specific-trap")?;
    let enterprise = value::oid(&parts.enterprise, notes).unwrap_or_else(|error| {
        notes.note(parts.enterprise.at, Quirk::Enterprise(error));
        Oid::zero_dot_zero()
    });
    let agent_addr = agent_addr(&parts.agent_addr, notes);
    let header = V1Header { enterprise, agent_addr, generic, specific };
    let trap_oid = match header.generic {
        ENTERPRISE_SPECIFIC => enterprise_specific(&header, parts.specific.at, notes),
        generic => generic_trap(generic, parts.generic.at, notes),
    };
    let uptime = time_stamp(&parts.time_stamp, notes);
    let varbinds = varbinds::read(&parts.varbinds, notes);
    let trap_address = trap_address(&varbinds);
    Ok(Notification { uptime, trap_oid, varbinds, v1: Some(header), trap_address })
}

/// RFC 3584 §3.1 (2): the enterprise, a zero and the specific-trap.
fn enterprise_specific(header: &V1Header, at: usize, notes: &mut Notes) -> Oid {
    if header.specific < 0 {
        notes.note(at, Quirk::NegativeSpecific(header.specific));
    }
    // INTEGER has 32 bits here, so the sub-identifier of a negative one is no other trap's.
    let sub_id = match i32::try_from(header.specific) {
        Ok(signed) => Some(signed.cast_unsigned()),
        Err(_) => u32::try_from(header.specific).ok(),
    };
    match sub_id.and_then(|sub_id| header.enterprise.child(&[0, sub_id]).ok()) {
        Some(oid) => oid,
        None => {
            notes.note(at, Quirk::Unmappable(header.specific));
            header.enterprise.clone()
        }
    }
}

/// RFC 3584 §3.1 (3): snmpTraps and the generic-trap plus one. Those that no standard has go the same way, so that they cannot be taken
/// for a trap that exists; one that does not fit is snmpTraps itself.
fn generic_trap(generic: i64, at: usize, notes: &mut Notes) -> Oid {
    if !(0..ENTERPRISE_SPECIFIC).contains(&generic) {
        notes.note(at, Quirk::UnknownGeneric(generic));
    }
    let below = u32::try_from(generic).ok().and_then(|generic| generic.checked_add(1));
    let sub_ids = [SNMP_TRAPS, below.as_slice()].concat();
    Oid::new(&sub_ids).expect("snmpTraps, with or without one number more, is an OID")
}

fn agent_addr(element: &Element<'_>, notes: &mut Notes) -> Option<Ipv4Addr> {
    let address = value::address(element.contents);
    if address.is_none() || element.tag != value::IP_ADDRESS {
        notes.note(element.at, Quirk::AgentAddress);
    }
    address
}

fn time_stamp(element: &Element<'_>, notes: &mut Notes) -> Option<u32> {
    let read = if element.tag == value::TIME_TICKS {
        value::unsigned32(element, notes).ok()
    } else {
        None
    };
    if read.is_none() {
        notes.note(element.at, Quirk::TimeStamp);
    }
    read
}

/// Reads an SNMPv2-Trap-PDU or an InformRequest-PDU; refused where no snmpTrapOID.0 says what happened (RFC 3416 §4.2.6).
pub(crate) fn from_v2(parts: &V2Pdu<'_>, notes: &mut Notes) -> Result<Notification, Refused> {
    let mut varbinds = varbinds::read(&parts.varbinds, notes);
    let at = parts.varbinds.at;
    let trap = take(&mut varbinds, SNMP_TRAP_OID, |value| {
        if let Value::ObjectIdentifier(oid) = value { Some(oid.clone()) } else { None }
    });
    let (trap_place, trap_oid) = trap.ok_or(Refused::NoTrapOid)?;
    let uptime = take(&mut varbinds, SYS_UP_TIME, |value| {
        if let Value::TimeTicks(ticks) = value { Some(*ticks) } else { None }
    });
    match (&uptime, trap_place) {
        (None, _) => notes.note(at, Quirk::NoUptime),
        (Some((Place::Due(0), _)), Place::Due(1)) => {}
        (Some(_), _) => notes.note(at, Quirk::HeaderMisplaced),
    }
    let trap_address = trap_address(&varbinds);
    Ok(Notification {
        uptime: uptime.map(|(_, ticks)| ticks),
        trap_oid,
        varbinds,
        v1: None,
        trap_address,
    })
}

/// Where a varbind stood, and whether it bore its full name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// With its `.0`, at this place of the list.
    Due(usize),
    /// Without its `.0`: some devices send the object and not the instance.
    Bare,
}

/// Takes the first varbind of this scalar out of the list, if its value is of the right type.
fn take<T>(
    varbinds: &mut Vec<Varbind>,
    scalar: &[u32],
    read: impl Fn(&Value) -> Option<T>,
) -> Option<(Place, T)> {
    let (index, place, value) = varbinds.iter().enumerate().find_map(|(index, varbind)| {
        let place = match varbind.oid.sub_ids().strip_prefix(scalar)? {
            [0] => Place::Due(index),
            [] => Place::Bare,
            [..] => return None,
        };
        Some((index, place, read(&varbind.value)?))
    })?;
    varbinds.remove(index);
    Some((place, value))
}

fn trap_address(varbinds: &[Varbind]) -> Option<Ipv4Addr> {
    varbinds.iter().find_map(|varbind| {
        let [0] = varbind.oid.sub_ids().strip_prefix(SNMP_TRAP_ADDRESS)? else {
            return None;
        };
        if let Value::IpAddress(address) = varbind.value { Some(address) } else { None }
    })
}
