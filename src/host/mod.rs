//! What the machine offers: clocks, randomness, the log, the service manager.

pub mod clock;
pub mod entropy;
pub mod log;
pub mod service;
