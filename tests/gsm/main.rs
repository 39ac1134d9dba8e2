//! The modem's adapter, on a simulated modem behind a real pseudo-terminal.
//!
//! Tests wait for what can be observed from outside: letters, slots of the SIM, what the network took.

#![cfg(test)]

mod bench;
mod letters;
mod living;
mod receiving;
mod reviving;
mod sending;
mod sim;
