//! Adapters: one task for each wire, in both directions, between a protocol's words and the house's.
//!
//! An adapter owns its device or its sockets, turns what it receives into signals for the inbox, and
//! takes errands from the outbox where its wire can carry them. It decides nothing about alarms and
//! knows no other adapter. When its wire is lost its life ends with the reason, and supervision
//! starts another one.

pub mod clock;
pub mod contacts;
pub mod gsm;
pub mod mqtt;
pub mod ping;
pub mod snmp;
