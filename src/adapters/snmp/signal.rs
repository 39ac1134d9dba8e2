//! A notification as a signal: which fields it has.
//!
//! | field | what it holds |
//! |---|---|
//! | `source` | the address from which the datagram came, without its port; an IPv4 address is written as one however it came; of a proxy that is believed (see [`super::proxies`]), the device that it names |
//! | `proxy` | the address from which the datagram came, where that is a proxy that named another device; absent otherwise |
//! | `trap` | `IF-MIB::linkDown`, or the dotted OID where no name is known |
//! | `trap_oid` | the dotted OID; of a v1 trap the one that RFC 3584 §3.1 gives it |
//! | `version` | `1`, `2c` or `3`, as text |
//! | `community` | as text, or in hexadecimal where it is not; absent in v3 |
//! | `user`, `level`, `engine_id` | of v3: who sent it, how it was protected (`authPriv`), and which engine timed it: the sender's for a trap, ours for an inform |
//! | `uptime` | for how many whole seconds the sender has been up; absent where it does not say |
//! | `index` | the instance of the first varbind that is a column of a table: `7`, `192.0.2.1`; absent without one |
//! | `agent_addr` | of a v1 trap: the device that it is about, where it says so (0.0.0.0 says nothing) |
//! | `snmpTrapEnterprise` | of a v1 trap: its enterprise, under the name that it has in v2 |
//! | `ifIndex`, ... | each varbind by its name without instance; where a name comes twice, the first |
//! | `vars` | each varbind by its dotted OID with instance; where one comes twice, the first |
//!
//! sysUpTime.0 (in hundredths of a second) and snmpTrapOID.0 are varbinds like others, of a v1 trap
//! as well, so that no definition need ask for the version. How values are written: see
//! [`super::values`].
//!
//! # Decision (2026-11-23): the source is who sent the datagram
//!
//! A v1 trap may name another device (`agent_addr`), and a proxy adds `snmpTrapAddress`; both are what
//! somebody has written, nothing checks them, and behind a translated network they name addresses
//! that mean nothing here. The sender's address is what `sources` admits, so it is the `source`; the
//! others are fields, and a site that trusts its proxies writes `key = "{snmpTrapAddress}"`. Rejected:
//! taking agent-addr whenever it is there, by which a device forges another's alarms.
//!
//! Since 2026-11-26 `proxies` names those whose word is taken (see [`super::proxies`]): behind one, every
//! device is the same `source` otherwise, and a definition would need two keys. The sender's address
//! is then the field `proxy`; `agent_addr` and `snmpTrapAddress` are fields as before.

use std::net::IpAddr;
use std::sync::Arc;

use vigie_snmp::{Message, Notification, Oid, Value, Version, names};

use super::{summary, values};
use crate::watch::name::InputName;
use crate::watch::signal::{Fields, Kind, Signal, Value as Field};
use crate::watch::time::Utc;

/// sysUpTime.0
const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
/// snmpTrapOID.0
const SNMP_TRAP_OID: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
/// snmpTrapEnterprise.0
const SNMP_TRAP_ENTERPRISE: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0];

/// The signal of a notification.
pub(super) fn of(
    input: &InputName,
    message: &Message,
    source: IpAddr,
    received: Utc,
    raw: Arc<[u8]>,
) -> Signal {
    let notification = &message.notification;
    let source = source.to_canonical();
    let trap_oid = notification.trap_oid.to_string();
    let trap = names::lookup(&notification.trap_oid)
        .map_or_else(|| trap_oid.clone(), |name| name.to_string());
    let text = summary::of(notification, &trap, source);
    let mut fields = Fields::with_capacity(notification.varbinds.len().min(32).saturating_add(10));
    fields.set("trap", Field::text(trap));
    fields.set("trap_oid", Field::text(trap_oid));
    fields.set("version", Field::text(version(message.version)));
    match &message.secured {
        None => fields.set("community", Field::text(values::text(&message.community))),
        Some(secured) => {
            fields.set("user", Field::text(secured.user.clone()));
            fields.set("level", Field::text(secured.level.name()));
            fields.set("engine_id", Field::text(values::hexadecimal(&secured.engine)));
        }
    }
    if let Some(ticks) = notification.uptime {
        fields.set("uptime", Field::Int(i64::from(ticks / 100)));
    }
    if let Some(index) = index(notification) {
        fields.set("index", Field::text(index));
    }
    let about = notification.v1.as_ref().and_then(|header| header.agent_addr);
    if let Some(agent) = about.filter(|agent| !agent.is_unspecified()) {
        fields.set("agent_addr", Field::text(agent.to_string()));
    }
    set_varbinds(&mut fields, notification);
    Signal {
        input: input.clone(),
        kind: Kind::Snmp,
        source: source.to_string().into(),
        fields,
        text: text.into(),
        source_time: None,
        received,
        identity: None,
        raw,
    }
}

const fn version(version: Version) -> &'static str {
    match version {
        Version::V1 => "1",
        Version::V2c => "2c",
        Version::V3 => "3",
    }
}

/// The instance of the first varbind that is a column: a scalar's is 0, and below an OID that has no
/// name nobody knows where the column ends.
fn index(notification: &Notification) -> Option<String> {
    notification.varbinds.iter().find_map(|varbind| match names::lookup(&varbind.oid)?.instance {
        [] | [0] => None,
        instance => Some(instance.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")),
    })
}

fn set_varbinds(fields: &mut Fields, notification: &Notification) {
    let own = own_varbinds(notification);
    let sent =
        notification.varbinds.iter().map(|varbind| (&varbind.oid, values::field(&varbind.value)));
    let all: Vec<(&Oid, Field)> =
        own.iter().map(|(oid, value)| (oid, values::field(value))).chain(sent).collect();
    for (oid, value) in &all {
        if let Some(name) = names::lookup(oid) {
            let known =
                Kind::Snmp.fields().contains(&name.object) || fields.get(name.object).is_some();
            if !known {
                fields.set(name.object, value.clone());
            }
        }
    }
    let vars: Fields =
        all.into_iter().map(|(oid, value)| (Arc::from(oid.to_string()), value)).collect();
    fields.set("vars", Field::Map(vars));
}

/// What the header says, as the varbinds that say the same.
fn own_varbinds(notification: &Notification) -> Vec<(Oid, Value)> {
    let enterprise = notification.v1.as_ref().map(|header| &header.enterprise);
    [
        (SYS_UP_TIME, notification.uptime.map(Value::TimeTicks)),
        (SNMP_TRAP_OID, Some(Value::ObjectIdentifier(notification.trap_oid.clone()))),
        (
            SNMP_TRAP_ENTERPRISE,
            enterprise
                .filter(|oid| **oid != Oid::zero_dot_zero())
                .cloned()
                .map(Value::ObjectIdentifier),
        ),
    ]
    .into_iter()
    .filter_map(|(oid, value)| {
        let oid = Oid::new(oid).expect("three OIDs of the standard");
        Some((oid, value?))
    })
    .collect()
}

#[cfg(test)]
mod tests;
