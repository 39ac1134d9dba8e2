//! Vigie.
pub mod adapters;
pub mod cli;
pub mod config;
pub mod control;
pub mod daemon;
pub mod errand;
pub mod health;
pub mod host;
pub mod inbox;
pub mod journal;
pub mod outbox;
pub mod sequencer;
pub mod supervision;
pub mod watch;
