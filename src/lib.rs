//! Vigie.
pub mod host;
pub mod inbox;
pub mod journal;
pub mod outbox;
pub mod sequencer;
pub mod watch;
