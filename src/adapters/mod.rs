//! Adapters: one task for each wire, both directions. Each turns its protocol's words into the watch's and back,
//! and decides nothing.

pub mod gsm;
