//! Vigie.
pub mod config;
pub mod watch;
