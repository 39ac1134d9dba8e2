//! `vigie rehearse`: what will happen, before it happens; nothing is sent.
//!
//! The watch is the daemon's own, on a [`night::Night`] with a clock and a network of paper. An
//! alarm of the configuration is played as if nobody answered; a [`scenario`] is played as written.

mod network;
pub mod night;
mod rungs;
pub mod scenario;
pub mod transcript;

pub use scenario::{Played, ScenarioError, play};
