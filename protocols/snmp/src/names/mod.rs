//! The names that no device needs a MIB file for: SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863) and the few objects beside them that
//! every trap may carry (RFC 3584 §3.1).
//!
//! Debian ships none of the IETF's MIB files, so these are our own. It reads no files and knows no vendor; an OID that it does
//! not know stays a number. A notification, or a node of the tree, is named only by its exact OID: whatever stands below
//! `snmpTraps` without being in the standard is not given a name that belongs to something else.

mod table;
pub(crate) mod well_known;

use std::fmt;

use crate::oid::Oid;
use table::{GROUPS, Group, Reach};

/// What an OID is called, and the instance that follows the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name<'a> {
    /// The MIB module that defines the object: `IF-MIB`.
    pub module: &'static str,
    /// The object, or the notification: `ifDescr`, `linkDown`.
    pub object: &'static str,
    /// Which one (RFC 2578 §7.7): `[0]` for a scalar, the index for a column, nothing for a notification.
    pub instance: &'a [u32],
}

impl fmt::Display for Name<'_> {
    /// As net-snmp writes it: `IF-MIB::ifDescr.7`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}::{}", self.module, self.object)?;
        self.instance.iter().try_for_each(|sub_id| write!(out, ".{sub_id}"))
    }
}

/// The name of an OID.
pub fn lookup(oid: &Oid) -> Option<Name<'_>> {
    GROUPS.iter().find_map(|group| {
        let (below, instance) = oid.sub_ids().strip_prefix(group.base)?.split_first()?;
        match group.reach {
            Reach::Instances => {}
            Reach::Exact if instance.is_empty() => {}
            Reach::Exact => return None,
        }
        let (_, object) = group.names.iter().find(|(sub_id, _)| sub_id == below)?;
        Some(Name { module: group.module, object, instance })
    })
}

/// The OID of a name, written `IF-MIB::linkDown`, `linkDown`, or with an instance: `ifDescr.7`.
pub fn oid(name: &str) -> Option<Oid> {
    let (module, name) = match name.split_once("::") {
        Some((module, name)) => (Some(module), name),
        None => (None, name),
    };
    let (object, instance) = match name.split_once('.') {
        Some((object, instance)) => (object, numbers(instance)?),
        None => (name, Vec::new()),
    };
    let (group, below) = GROUPS
        .iter()
        .filter(|group| module.is_none_or(|module| module == group.module))
        .find_map(|group| Some((group, sub_id(group, object)?)))?;
    match group.reach {
        Reach::Instances => {}
        Reach::Exact if instance.is_empty() => {}
        Reach::Exact => return None,
    }
    Oid::new(&[group.base, &[below], &instance].concat()).ok()
}

/// Every name that is known, without instances: what a name that is not known may have been meant to be.
pub fn all() -> impl Iterator<Item = Name<'static>> {
    GROUPS.iter().flat_map(|group| {
        group.names.iter().map(|&(_, object)| Name { module: group.module, object, instance: &[] })
    })
}

/// The word that the MIB has for a number of an enumerated object: `down` for 2 in `ifOperStatus`.
pub fn label(object: &str, value: i64) -> Option<&'static str> {
    let (_, labels) = table::ENUMERATIONS.iter().find(|(name, _)| *name == object)?;
    labels.iter().find_map(|&(number, label)| (number == value).then_some(label))
}

fn sub_id(group: &Group, object: &str) -> Option<u32> {
    group.names.iter().find_map(|&(sub_id, name)| (name == object).then_some(sub_id))
}

/// An instance need not begin like an OID: `48.7` is one.
fn numbers(text: &str) -> Option<Vec<u32>> {
    text.split('.')
        .map(|part| {
            if part.bytes().all(|octet| octet.is_ascii_digit()) { part.parse().ok() } else { None }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generic_traps_bear_the_names_that_net_snmp_gives_them() {
        let names = [
            "SNMPv2-MIB::coldStart",
            "SNMPv2-MIB::warmStart",
            "IF-MIB::linkDown",
            "IF-MIB::linkUp",
            "SNMPv2-MIB::authenticationFailure",
            "RFC1213-MIB::egpNeighborLoss",
        ];
        for (below, name) in (1u32..).zip(names) {
            let oid = Oid::new(&[1, 3, 6, 1, 6, 3, 1, 1, 5, below]).unwrap();
            assert_eq!(lookup(&oid).unwrap().to_string(), name);
            assert_eq!(super::oid(name), Some(oid));
        }
    }

    #[test]
    fn what_only_stands_near_a_name_is_not_called_by_it() {
        for text in [
            "1.3.6.1.6.3.1.1.5.8",
            "1.3.6.1.6.3.1.1.5.3.1",
            "1.3.6.1.2.1.2.9",
            "1.3.6.1.4.1.8072.2.3.0.1",
            "1.3",
        ] {
            assert_eq!(lookup(&text.parse().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn a_column_is_named_and_its_instance_kept() {
        let oid = "1.3.6.1.2.1.2.2.1.8.7".parse().unwrap();
        let name = lookup(&oid).unwrap();
        assert_eq!((name.module, name.object, name.instance), ("IF-MIB", "ifOperStatus", &[7][..]));
        assert_eq!(name.to_string(), "IF-MIB::ifOperStatus.7");
        assert_eq!(label(name.object, 2), Some("down"));
        assert_eq!(label(name.object, 7), Some("lowerLayerDown"));
        assert_eq!(label(name.object, 8), None);
        assert_eq!(label("ifDescr", 1), None);
    }

    #[test]
    fn every_name_leads_to_its_oid_and_back() {
        for group in GROUPS {
            for (sub_id, object) in group.names {
                let oid = Oid::new(&[group.base, &[*sub_id]].concat()).unwrap();
                let name = lookup(&oid).unwrap();
                assert_eq!(
                    (name.module, name.object, name.instance),
                    (group.module, *object, &[][..])
                );
                assert_eq!(
                    super::oid(object),
                    Some(oid.clone()),
                    "{object} is not the only one of its name"
                );
                assert_eq!(super::oid(&format!("{}::{object}", group.module)), Some(oid));
            }
        }
    }

    #[test]
    fn a_name_that_nobody_knows_has_no_oid() {
        for name in [
            "linkdown",
            "IF-MIB::coldStart",
            "linkDown.3",
            "ifDescr.x",
            "ifDescr.",
            "",
            "::",
            "ifDescr.+1",
        ] {
            assert_eq!(oid(name), None, "{name}");
        }
        assert_eq!(
            oid("ifRcvAddressStatus.48.7").unwrap().to_string(),
            "1.3.6.1.2.1.31.1.4.1.2.48.7"
        );
        assert_eq!(oid("SNMPv2-MIB::sysUpTime.0").unwrap().to_string(), "1.3.6.1.2.1.1.3.0");
    }
}
