//! Nights of the real daemon: `vigie run` as a child process on a store of its own, with real
//! counterparts.
//!
//! Traps and informs come from net-snmp's programs, short messages pass a simulated modem on a
//! pseudo-terminal, people use the real command line, and the daemon is killed without warning.
//! Nothing is slept for in hope: each step waits for what somebody outside could see, and fails
//! with the daemon's log when it does not come.

#![cfg(test)]

#[path = "../counterparts/modbus_board.rs"]
mod board;
#[path = "../dice/mod.rs"]
mod dice;
mod house;
#[path = "../mqtt/mosquitto.rs"]
#[expect(dead_code, reason = "these nights want less of it than tests/mqtt")]
mod mosquitto;
mod paths;
mod people;
mod programs;
mod site;
mod sms_test;
#[path = "../counterparts/sparkplug_node.rs"]
#[expect(dead_code, reason = "these nights want less of it than tests/mqtt")]
mod station;

mod bad_disk;
mod contacts;
mod contacts_watch;
mod control;
mod crashes;
mod full_disk;
mod idle;
mod journald;
mod kill_loop;
mod listen;
mod metrics;
mod mibs;
mod mqtt;
mod night;
mod on_call;
mod outputs;
mod pings;
mod publishing;
mod reloading;
mod rewiring;
mod service;
mod sparkplug;
mod starting;
mod store;
mod unclaimed;
mod unplugged;
mod upgrading;
mod users;
