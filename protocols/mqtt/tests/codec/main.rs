//! The codec against what brokers deliver: recorded messages, mutations of them, noise, and second writings of our own.

#![cfg(test)]

mod dice;
mod discovery;
mod filters;
mod hostile;
mod payloads;
mod profiles;
mod recorded;
mod sparkplug;
mod sparkplug_asks;
mod topics;
mod wire;
