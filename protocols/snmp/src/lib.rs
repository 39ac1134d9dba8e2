//! SNMP.
