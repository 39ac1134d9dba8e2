//! MIB files in folders: what the real program makes of them in its child, what it keeps, and what it
//! says of them; and that net-snmp calls everything as we do.

#![cfg(test)]

mod checking;
mod keeping;
mod place;
mod second_opinion;
mod traps;
