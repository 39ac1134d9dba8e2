//! Vigie.
pub mod config;
pub mod host;
pub mod inbox;
pub mod outbox;
pub mod watch;
