//! The tables behind [`super::Names`]: each group is a place in the tree, and the names that stand directly below it.
//!
//! Copied from RFC 3418, RFC 2863, RFC 1213, RFC 3584 and RFC 1628; a test walks every name to its OID and back.

mod ups;

use super::Kind;
use super::row::Shape;

/// The names that stand directly below one OID.
pub(super) struct Group {
    /// The module that names them: `IF-MIB`.
    pub(super) module: &'static str,
    /// The OID above them.
    pub(super) base: &'static [u32],
    /// What all of them are.
    pub(super) kind: Kind,
    /// Each last number, and its name.
    pub(super) names: &'static [(u32, &'static str)],
    /// Of a table's row: its INDEX clause.
    pub(super) row: &'static [(&'static str, Shape)],
}

/// The names of one place in the tree.
const fn group(
    module: &'static str,
    kind: Kind,
    base: &'static [u32],
    names: &'static [(u32, &'static str)],
) -> Group {
    Group { module, base, kind, names, row: &[] }
}

/// The columns of one table.
const fn columns(
    module: &'static str,
    row: &'static [(&'static str, Shape)],
    base: &'static [u32],
    names: &'static [(u32, &'static str)],
) -> Group {
    Group { module, base, kind: Column, names, row }
}

use Kind::{Column, Node, Notification, Scalar};

/// All groups, those of UPS-MIB last.
pub(super) fn groups() -> impl Iterator<Item = &'static Group> {
    GROUPS.iter().chain(ups::GROUPS)
}

/// The numbers of an enumerated object, and the words for them; none where it is not enumerated.
pub(super) fn enumeration(object: &str) -> &'static [(i64, &'static str)] {
    let found = ENUMERATIONS.iter().chain(ups::ENUMERATIONS).find(|(name, _)| *name == object);
    found.map_or(&[], |(_, labels)| labels)
}

/// The DISPLAY-HINT of an object; empty where it has none, or one that only says that it is text.
pub(super) fn hint(object: &str) -> &'static str {
    HINTS.iter().find(|(name, _)| *name == object).map_or("", |(_, hint)| hint)
}

/// The hints that make a difference: PhysAddress (RFC 2579 §2).
const HINTS: &[(&str, &str)] = &[("ifPhysAddress", "1x:"), ("ifRcvAddressAddress", "1x:")];

static GROUPS: &[Group] = &[
    group("SNMPv2-MIB", Node, &[1, 3, 6, 1, 2, 1], &[(1, "system"), (11, "snmp")]),
    group(
        "SNMPv2-MIB",
        Scalar,
        &[1, 3, 6, 1, 2, 1, 1],
        &[
            (1, "sysDescr"),
            (2, "sysObjectID"),
            (3, "sysUpTime"),
            (4, "sysContact"),
            (5, "sysName"),
            (6, "sysLocation"),
            (7, "sysServices"),
            (8, "sysORLastChange"),
        ],
    ),
    group("SNMPv2-MIB", Node, &[1, 3, 6, 1, 2, 1, 1], &[(9, "sysORTable")]),
    group("SNMPv2-MIB", Node, &[1, 3, 6, 1, 2, 1, 1, 9], &[(1, "sysOREntry")]),
    columns(
        "SNMPv2-MIB",
        &[("sysORIndex", Shape::Integer)],
        &[1, 3, 6, 1, 2, 1, 1, 9, 1],
        &[(1, "sysORIndex"), (2, "sysORID"), (3, "sysORDescr"), (4, "sysORUpTime")],
    ),
    group(
        "SNMPv2-MIB",
        Scalar,
        &[1, 3, 6, 1, 2, 1, 11],
        &[
            (1, "snmpInPkts"),
            (2, "snmpOutPkts"),
            (3, "snmpInBadVersions"),
            (4, "snmpInBadCommunityNames"),
            (5, "snmpInBadCommunityUses"),
            (6, "snmpInASNParseErrs"),
            (8, "snmpInTooBigs"),
            (9, "snmpInNoSuchNames"),
            (10, "snmpInBadValues"),
            (11, "snmpInReadOnlys"),
            (12, "snmpInGenErrs"),
            (13, "snmpInTotalReqVars"),
            (14, "snmpInTotalSetVars"),
            (15, "snmpInGetRequests"),
            (16, "snmpInGetNexts"),
            (17, "snmpInSetRequests"),
            (18, "snmpInGetResponses"),
            (19, "snmpInTraps"),
            (20, "snmpOutTooBigs"),
            (21, "snmpOutNoSuchNames"),
            (22, "snmpOutBadValues"),
            (24, "snmpOutGenErrs"),
            (25, "snmpOutGetRequests"),
            (26, "snmpOutGetNexts"),
            (27, "snmpOutSetRequests"),
            (28, "snmpOutGetResponses"),
            (29, "snmpOutTraps"),
            (30, "snmpEnableAuthenTraps"),
            (31, "snmpSilentDrops"),
            (32, "snmpProxyDrops"),
        ],
    ),
    group(
        "SNMPv2-MIB",
        Node,
        &[1, 3, 6, 1, 6, 3, 1, 1],
        &[(4, "snmpTrap"), (5, "snmpTraps"), (6, "snmpSet")],
    ),
    group(
        "SNMPv2-MIB",
        Scalar,
        &[1, 3, 6, 1, 6, 3, 1, 1, 4],
        &[(1, "snmpTrapOID"), (3, "snmpTrapEnterprise")],
    ),
    group(
        "SNMPv2-MIB",
        Notification,
        &[1, 3, 6, 1, 6, 3, 1, 1, 5],
        &[(1, "coldStart"), (2, "warmStart"), (5, "authenticationFailure")],
    ),
    group("IF-MIB", Notification, &[1, 3, 6, 1, 6, 3, 1, 1, 5], &[(3, "linkDown"), (4, "linkUp")]),
    group("RFC1213-MIB", Notification, &[1, 3, 6, 1, 6, 3, 1, 1, 5], &[(6, "egpNeighborLoss")]),
    group("SNMPv2-MIB", Scalar, &[1, 3, 6, 1, 6, 3, 1, 1, 6], &[(1, "snmpSetSerialNo")]),
    columns(
        "RFC1213-MIB",
        &[("egpNeighAddr", Shape::Address)],
        &[1, 3, 6, 1, 2, 1, 8, 5, 1],
        &[(2, "egpNeighAddr")],
    ),
    group(
        "SNMP-COMMUNITY-MIB",
        Scalar,
        &[1, 3, 6, 1, 6, 3, 18, 1],
        &[(3, "snmpTrapAddress"), (4, "snmpTrapCommunity")],
    ),
    group("IF-MIB", Node, &[1, 3, 6, 1, 2, 1], &[(2, "interfaces"), (31, "ifMIB")]),
    group("IF-MIB", Scalar, &[1, 3, 6, 1, 2, 1, 2], &[(1, "ifNumber")]),
    group("IF-MIB", Node, &[1, 3, 6, 1, 2, 1, 2], &[(2, "ifTable")]),
    group("IF-MIB", Node, &[1, 3, 6, 1, 2, 1, 2, 2], &[(1, "ifEntry")]),
    columns(
        "IF-MIB",
        &[("ifIndex", Shape::Integer)],
        &[1, 3, 6, 1, 2, 1, 2, 2, 1],
        &[
            (1, "ifIndex"),
            (2, "ifDescr"),
            (3, "ifType"),
            (4, "ifMtu"),
            (5, "ifSpeed"),
            (6, "ifPhysAddress"),
            (7, "ifAdminStatus"),
            (8, "ifOperStatus"),
            (9, "ifLastChange"),
            (10, "ifInOctets"),
            (11, "ifInUcastPkts"),
            (12, "ifInNUcastPkts"),
            (13, "ifInDiscards"),
            (14, "ifInErrors"),
            (15, "ifInUnknownProtos"),
            (16, "ifOutOctets"),
            (17, "ifOutUcastPkts"),
            (18, "ifOutNUcastPkts"),
            (19, "ifOutDiscards"),
            (20, "ifOutErrors"),
            (21, "ifOutQLen"),
            (22, "ifSpecific"),
        ],
    ),
    group("IF-MIB", Node, &[1, 3, 6, 1, 2, 1, 31], &[(1, "ifMIBObjects")]),
    group(
        "IF-MIB",
        Node,
        &[1, 3, 6, 1, 2, 1, 31, 1],
        &[(1, "ifXTable"), (2, "ifStackTable"), (3, "ifTestTable"), (4, "ifRcvAddressTable")],
    ),
    group(
        "IF-MIB",
        Scalar,
        &[1, 3, 6, 1, 2, 1, 31, 1],
        &[(5, "ifTableLastChange"), (6, "ifStackLastChange")],
    ),
    group("IF-MIB", Node, &[1, 3, 6, 1, 2, 1, 31, 1, 1], &[(1, "ifXEntry")]),
    columns(
        "IF-MIB",
        &[("ifIndex", Shape::Integer)],
        &[1, 3, 6, 1, 2, 1, 31, 1, 1, 1],
        &[
            (1, "ifName"),
            (2, "ifInMulticastPkts"),
            (3, "ifInBroadcastPkts"),
            (4, "ifOutMulticastPkts"),
            (5, "ifOutBroadcastPkts"),
            (6, "ifHCInOctets"),
            (7, "ifHCInUcastPkts"),
            (8, "ifHCInMulticastPkts"),
            (9, "ifHCInBroadcastPkts"),
            (10, "ifHCOutOctets"),
            (11, "ifHCOutUcastPkts"),
            (12, "ifHCOutMulticastPkts"),
            (13, "ifHCOutBroadcastPkts"),
            (14, "ifLinkUpDownTrapEnable"),
            (15, "ifHighSpeed"),
            (16, "ifPromiscuousMode"),
            (17, "ifConnectorPresent"),
            (18, "ifAlias"),
            (19, "ifCounterDiscontinuityTime"),
        ],
    ),
    group("IF-MIB", Node, &[1, 3, 6, 1, 2, 1, 31, 1, 2], &[(1, "ifStackEntry")]),
    columns(
        "IF-MIB",
        &[("ifStackHigherLayer", Shape::Integer), ("ifStackLowerLayer", Shape::Integer)],
        &[1, 3, 6, 1, 2, 1, 31, 1, 2, 1],
        &[(1, "ifStackHigherLayer"), (2, "ifStackLowerLayer"), (3, "ifStackStatus")],
    ),
    group("IF-MIB", Node, &[1, 3, 6, 1, 2, 1, 31, 1, 3], &[(1, "ifTestEntry")]),
    columns(
        "IF-MIB",
        &[("ifIndex", Shape::Integer)],
        &[1, 3, 6, 1, 2, 1, 31, 1, 3, 1],
        &[
            (1, "ifTestId"),
            (2, "ifTestStatus"),
            (3, "ifTestType"),
            (4, "ifTestResult"),
            (5, "ifTestCode"),
            (6, "ifTestOwner"),
        ],
    ),
    group("IF-MIB", Node, &[1, 3, 6, 1, 2, 1, 31, 1, 4], &[(1, "ifRcvAddressEntry")]),
    columns(
        "IF-MIB",
        &[("ifIndex", Shape::Integer), ("ifRcvAddressAddress", Shape::Counted)],
        &[1, 3, 6, 1, 2, 1, 31, 1, 4, 1],
        &[(1, "ifRcvAddressAddress"), (2, "ifRcvAddressStatus"), (3, "ifRcvAddressType")],
    ),
];

/// The numbers of enumerated objects, and the words for them.
static ENUMERATIONS: &[(&str, &[(i64, &str)])] = &[
    ("ifAdminStatus", &[(1, "up"), (2, "down"), (3, "testing")]),
    (
        "ifOperStatus",
        &[
            (1, "up"),
            (2, "down"),
            (3, "testing"),
            (4, "unknown"),
            (5, "dormant"),
            (6, "notPresent"),
            (7, "lowerLayerDown"),
        ],
    ),
    ("ifLinkUpDownTrapEnable", &[(1, "enabled"), (2, "disabled")]),
    ("ifPromiscuousMode", &[(1, "true"), (2, "false")]),
    ("ifConnectorPresent", &[(1, "true"), (2, "false")]),
    ("snmpEnableAuthenTraps", &[(1, "enabled"), (2, "disabled")]),
];
