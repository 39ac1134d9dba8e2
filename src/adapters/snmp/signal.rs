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
//! | `ifIndex`, ... | each object of which an instance is made, by the INDEX clause of its table, where no varbind gives it |
//! | `labels` | by name, what the MIB has in place of a number or an OID: `down`, `40.5`, `upsAlarmOnBattery`; absent without any |
//! | `vars` | each varbind by its dotted OID with instance, as if there were no MIB; where one comes twice, the first |
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

use smol_str::{SmolStr, format_smolstr};
use vigie_snmp::names::{Kind as Named, Known, Names};
use vigie_snmp::{Message, Notification, Oid, Value};

use super::{summary, values};
use crate::watch::name::InputName;
use crate::watch::signal::{Fields, Kind, Signal, Tells, Value as Field};
use crate::watch::time::Utc;

/// sysUpTime.0
const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
/// snmpTrapOID.0
const SNMP_TRAP_OID: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
/// snmpTrapEnterprise.0
const SNMP_TRAP_ENTERPRISE: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0];

/// The signal of a notification that came from there, by these names.
pub fn of(
    input: &InputName,
    message: &Message,
    source: IpAddr,
    received: Utc,
    raw: Arc<[u8]>,
    names: &Names,
) -> Signal {
    let notification = &message.notification;
    let source: Arc<str> = source.to_canonical().to_string().into();
    let trap_oid = format_smolstr!("{}", notification.trap_oid);
    let trap = names
        .notification(&notification.trap_oid)
        .map_or_else(|| trap_oid.clone(), |name| format_smolstr!("{name}"));
    let known: Vec<Option<Known<'_>>> =
        notification.varbinds.iter().map(|varbind| names.lookup(&varbind.oid)).collect();
    let text = summary::of(notification, &trap, &source, &known, names);
    let mut fields = vec![
        ("trap", Field::text(trap)),
        ("trap_oid", Field::text(trap_oid)),
        ("version", Field::text(message.version.name())),
    ];
    match &message.secured {
        None => fields.push(("community", Field::text(values::text(&message.community)))),
        Some(secured) => fields.extend([
            ("user", Field::text(secured.user.clone())),
            ("level", Field::text(secured.level.name())),
            ("engine_id", Field::text(values::hexadecimal(&secured.engine))),
        ]),
    }
    let uptime = notification.uptime.map(|ticks| Field::Int(i64::from(ticks / 100)));
    fields.extend(uptime.map(|seconds| ("uptime", seconds)));
    fields.extend(index(&known).map(|index| ("index", Field::text(index))));
    let about = notification.v1.as_ref().and_then(|header| header.agent_addr);
    let about = about.filter(|agent| !agent.is_unspecified());
    fields.extend(about.map(|agent| ("agent_addr", Field::text(agent.to_string()))));
    let own = own_varbinds(notification);
    fields.extend(named(&own, notification, &known, names));
    let labels = labels(notification, &known, names);
    fields.extend((!labels.is_empty()).then_some(("labels", Field::Map(labels))));
    fields.push(("vars", Field::Map(vars(&own, notification))));
    let fields = fields.into_iter().map(|(name, value)| (SmolStr::from(name), value)).collect();
    Signal {
        input: input.clone(),
        kind: Kind::Snmp,
        source,
        fields,
        text: text.into(),
        source_time: None,
        tells: Tells::News,
        received,
        identity: None,
        raw,
    }
}

/// The instance of the first varbind that is a column: a scalar's is 0, and below an OID that has no
/// name nobody knows where the column ends.
fn index(known: &[Option<Known<'_>>]) -> Option<String> {
    known.iter().flatten().find_map(|known| match (known.kind, known.name.instance) {
        (Named::Column, [_, ..]) => {
            let instance = known.name.instance.iter().map(ToString::to_string);
            Some(instance.collect::<Vec<_>>().join("."))
        }
        (Named::Column | Named::Scalar | Named::Node | Named::Notification, _) => None,
    })
}

/// The varbinds by their names, then the objects of which their instances are made. A name that has a meaning of its own here is
/// left to that.
fn named<'n>(
    own: &'n [(Oid, Value)],
    notification: &'n Notification,
    known: &[Option<Known<'n>>],
    names: &'n Names,
) -> Vec<(&'n str, Field)> {
    let own = own.iter().filter_map(|(oid, value)| {
        let known = names.lookup(oid)?;
        Some((known.name.object, values::field_of(value, &known.syntax)))
    });
    let sent = notification.varbinds.iter().zip(known).filter_map(|(varbind, known)| {
        let known = known.as_ref()?;
        Some((known.name.object, values::field_of(&varbind.value, &known.syntax)))
    });
    let rows = known.iter().flatten().filter_map(|known| known.row.split(known.name.instance));
    let parts =
        rows.flatten().map(|(part, value)| (part.object, values::field_of(&value, &part.syntax)));
    own.chain(sent)
        .chain(parts)
        .filter(|(object, _)| !Kind::Snmp.fields().contains(object))
        .collect()
}

/// What the MIB has in place of numbers and OIDs.
fn labels(notification: &Notification, known: &[Option<Known<'_>>], names: &Names) -> Fields {
    let sent = notification.varbinds.iter().zip(known).filter_map(|(varbind, known)| {
        let known = known.as_ref()?;
        let label = values::label(&varbind.value, &known.syntax, names)?;
        Some((SmolStr::from(known.name.object), Field::text(label)))
    });
    sent.collect()
}

/// Every varbind by its number.
fn vars(own: &[(Oid, Value)], notification: &Notification) -> Fields {
    let own = own.iter().map(|(oid, value)| (oid, value));
    let sent = notification.varbinds.iter().map(|varbind| (&varbind.oid, &varbind.value));
    own.chain(sent).map(|(oid, value)| (format_smolstr!("{oid}"), values::field(value))).collect()
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
