//! What the machine offers: clocks, randomness, the log, the service manager.

pub mod activation;
pub mod aside;
pub mod clock;
pub mod control_lines;
pub mod entropy;
pub mod log;
pub mod machine;
pub mod serial;
pub mod service;
pub mod simulated_modem;
pub mod timedate;
pub mod tls;
pub mod window;
