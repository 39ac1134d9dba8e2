//! Vigie.
pub mod watch;
