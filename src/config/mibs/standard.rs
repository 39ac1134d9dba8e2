//! Of the modules of the standard what makers' modules import most: types, and the objects by which their rows are counted.
//!
//! Debian ships none of the IETF's files, and without `DisplayString`, `ifIndex` or `InetAddress` half of a maker's objects have no
//! words. These are our own, cut down to what is imported; a file in a folder goes before them. No name in a catalogue comes from them: what a trap
//! needs of the standard is built in ([`vigie_snmp::names`]).

use mib_rs::source::{Source, memory_modules};

const MODULES: [(&str, &str); 9] = [
    ("ENTITY-MIB", include_str!("standard/ENTITY-MIB.mib")),
    ("HCNUM-TC", include_str!("standard/HCNUM-TC.mib")),
    ("IANAifType-MIB", include_str!("standard/IANAifType-MIB.mib")),
    ("IF-MIB", include_str!("standard/IF-MIB.mib")),
    ("INET-ADDRESS-MIB", include_str!("standard/INET-ADDRESS-MIB.mib")),
    ("RFC1213-MIB", include_str!("standard/RFC1213-MIB.mib")),
    ("RMON-MIB", include_str!("standard/RMON-MIB.mib")),
    ("SNMP-FRAMEWORK-MIB", include_str!("standard/SNMP-FRAMEWORK-MIB.mib")),
    ("SNMPv2-MIB", include_str!("standard/SNMPv2-MIB.mib")),
];

/// The modules, as files that come last.
pub(super) fn source() -> Box<dyn Source> {
    memory_modules(MODULES)
}
