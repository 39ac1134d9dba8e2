//! Traps of which it is known what they say: which one raises, which one clears, and in which words
//! people are told.
//!
//! By name and by OID: a maker's trap comes under its number where no MIB file names it.

use super::quoting::cel;

/// A trap by both its names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Called {
    /// As its MIB has it.
    pub name: &'static str,
    /// Its OID.
    pub oid: &'static str,
}

impl Called {
    /// Its name or its OID, as the other trap is called.
    pub(super) fn as_in(self, trap: &str) -> &'static str {
        if trap.contains("::") { self.name } else { self.oid }
    }
}

/// Two traps that belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pair {
    /// What raises the alarm.
    pub raises: Called,
    /// What clears it.
    pub clears: Called,
    /// Whether one device can have several.
    pub is_of_many: bool,
    /// The field by which they are told apart, where it is none that every table has.
    pub key: Option<&'static str>,
    /// What must hold of the clearing trap too.
    only: Option<&'static str>,
    /// What people are told.
    pub text: &'static str,
}

impl Pair {
    /// The condition under which it is over, where the clearing trap is called so.
    pub(super) fn normal(&self, clears: &str) -> String {
        let only = self.only.map(|only| format!(" && {only}")).unwrap_or_default();
        format!("trap == {}{only}", cel(clears))
    }
}

const fn called(name: &'static str, oid: &'static str) -> Called {
    Called { name, oid }
}

/// A pair of which a device has one for each interface, peer, ...
const fn of_many(raises: Called, clears: Called, text: &'static str) -> Pair {
    Pair { raises, clears, is_of_many: true, key: None, only: None, text }
}

/// A pair of which a device has one.
const fn of_one(raises: Called, clears: Called, text: &'static str) -> Pair {
    Pair { is_of_many: false, ..of_many(raises, clears, text) }
}

const ALARM_REMOVED: Called = called("UPS-MIB::upsTrapAlarmEntryRemoved", "1.3.6.1.2.1.33.2.4");

const PAIRS: [Pair; 8] = [
    of_many(
        called("IF-MIB::linkDown", "1.3.6.1.6.3.1.1.5.3"),
        called("IF-MIB::linkUp", "1.3.6.1.6.3.1.1.5.4"),
        "Link {ifIndex} of {source} is down",
    ),
    // It comes every minute, and RFC 1628 has no trap that ends it; but its entry in the table of
    // alarms is removed.
    Pair {
        only: Some("upsAlarmDescr == \"1.3.6.1.2.1.33.1.6.3.2\""),
        ..of_one(
            called("UPS-MIB::upsTrapOnBattery", "1.3.6.1.2.1.33.2.1"),
            ALARM_REMOVED,
            "UPS {source} is on battery, {upsEstimatedMinutesRemaining} minutes left",
        )
    },
    Pair {
        key: Some("upsAlarmId"),
        ..of_many(
            called("UPS-MIB::upsTrapAlarmEntryAdded", "1.3.6.1.2.1.33.2.3"),
            ALARM_REMOVED,
            "UPS {source}: {labels.upsAlarmDescr}",
        )
    },
    of_many(
        called("BGP4-MIB::bgpBackwardTransNotification", "1.3.6.1.2.1.15.0.2"),
        called("BGP4-MIB::bgpEstablishedNotification", "1.3.6.1.2.1.15.0.1"),
        "A BGP session of {source} is down",
    ),
    of_many(
        called("BGP4-MIB::bgpBackwardTransition", "1.3.6.1.2.1.15.7.2"),
        called("BGP4-MIB::bgpEstablished", "1.3.6.1.2.1.15.7.1"),
        "A BGP session of {source} is down",
    ),
    of_one(
        called("PowerNet-MIB::upsOnBattery", "1.3.6.1.4.1.318.0.5"),
        called("PowerNet-MIB::powerRestored", "1.3.6.1.4.1.318.0.9"),
        "UPS {source} is on battery",
    ),
    of_one(
        called("PowerNet-MIB::lowBattery", "1.3.6.1.4.1.318.0.7"),
        called("PowerNet-MIB::returnFromLowBattery", "1.3.6.1.4.1.318.0.11"),
        "UPS {source}: the battery is low",
    ),
    of_one(
        called("PowerNet-MIB::communicationLost", "1.3.6.1.4.1.318.0.1"),
        called("PowerNet-MIB::communicationEstablished", "1.3.6.1.4.1.318.0.8"),
        "UPS {source} does not answer its agent",
    ),
];

/// What people are told of traps that nothing clears.
const EVENTS: [(&str, &str); 5] = [
    ("SNMPv2-MIB::coldStart", "{source} has restarted"),
    ("SNMPv2-MIB::warmStart", "{source} has restarted its agent"),
    ("SNMPv2-MIB::authenticationFailure", "Somebody asked {source} with a wrong community"),
    ("RFC1213-MIB::egpNeighborLoss", "{source} has lost its neighbour {egpNeighAddr}"),
    ("UPS-MIB::upsTrapTestCompleted", "UPS {source}: test ended, {labels.upsTestResultsSummary}"),
];

/// The pair to which a trap belongs, by its name or by its OID: the one that it raises, or else the
/// last one that it clears.
pub(super) fn pair(trap: &str) -> Option<&'static Pair> {
    let is = |called: Called| called.name == trap || called.oid == trap;
    let raised = PAIRS.iter().find(|pair| is(pair.raises));
    raised.or_else(|| PAIRS.iter().rfind(|pair| is(pair.clears)))
}

/// What people are told of a trap that has no partner.
pub(super) fn text_of(trap: &str) -> &'static str {
    EVENTS.iter().find(|(name, _)| *name == trap).map_or("{trap}: {source}", |(_, text)| text)
}

/// Whether something is known of a trap without its file.
pub(super) fn is_known(trap: &str) -> bool {
    pair(trap).is_some() || EVENTS.iter().any(|(name, _)| *name == trap)
}
