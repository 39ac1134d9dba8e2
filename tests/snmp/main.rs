//! The receiver of traps against real senders (net-snmp) and hostile ones, over loop-back.

#![cfg(test)]

mod admission;
#[path = "../dice/mod.rs"]
mod dice;
mod differential;
mod drops;
mod house;
mod informs;
mod names;
mod noise;
mod traps;
mod users;
#[path = "../waiting/mod.rs"]
mod waiting;
mod watched;
