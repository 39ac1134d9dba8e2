//! MQTT as Vigie needs it besides the wire: topics, filters and payloads.
//!
//! [`Filter`] and [`Topic`] are those of MQTT 3.1.1 and 5.0, §4.7; [`Payload`] reads what a message says. It never opens a socket, reads no clock, and knows nothing of
//! Vigie nor of an MQTT client. A text that is no filter or topic is refused, with the place and the remedy; a payload
//! never is.

mod filter;
mod payload;
mod topic;
mod words;

pub use filter::{Filter, FilterError, Flaw};
pub use payload::{Limits, Number, Oddity, Payload};
pub use topic::{MAX_OCTETS, Topic, TopicError};
