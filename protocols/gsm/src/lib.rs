//! What a GSM or LTE modem says and is told, as pure codecs: bytes in, words out, and back.
//!
//! [`alphabet`] holds the characters (3GPP TS 23.038), [`pdu`] the messages (23.040), [`concatenation`] the
//! messages of several parts, [`dialogue`] what is said at the serial line (27.005, 27.007, V.250). [`simulator`] is the modem at
//! its other end, for tests and demonstrations. It never opens a port, never reads a clock and knows nothing of Vigie, so that each
//! rule of the standards can be tried a million times without a modem. Whatever bytes arrive, nothing here panics:
//! what cannot be read is an error with a cause, and what can be read in part is read in part.

pub mod alphabet;
pub mod concatenation;
pub mod dialogue;
pub mod pdu;
pub mod simulator;
