//! The OIDs that give a notification its form (RFC 3416 §4.2.6, RFC 3584 §3.1).

/// sysUpTime (RFC 3418).
pub(crate) const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3];
/// snmpTrapOID (RFC 3418).
pub(crate) const SNMP_TRAP_OID: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1];
/// snmpTraps (RFC 3418).
pub(crate) const SNMP_TRAPS: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 5];
/// snmpTrapAddress (RFC 3584 §5).
pub(crate) const SNMP_TRAP_ADDRESS: &[u32] = &[1, 3, 6, 1, 6, 3, 18, 1, 3];
