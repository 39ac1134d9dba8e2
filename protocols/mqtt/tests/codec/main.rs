//! The codec against what brokers deliver: recorded messages, mutations of them, noise, and second writings of our own.

#![cfg(test)]

mod dice;
mod filters;
mod payloads;
mod topics;
