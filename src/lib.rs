//! Vigie.
pub mod journal;
pub mod watch;
