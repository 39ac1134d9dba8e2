//! What the machine offers: clocks, randomness, the log, the service manager and the sockets that it hands over, serial
//! lines, TLS, a thread for what may hang.
//!
//! It knows nothing of alarms and decides nothing. What the machine refuses is an error in the operator's words; what may keep a
//! thread waiting is done [aside]. The simulated modem is here because it lends the codec's simulator a device of this machine.

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
