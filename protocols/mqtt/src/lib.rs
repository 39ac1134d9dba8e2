//! MQTT as Vigie needs it besides the wire: topics and filters.
//!
//! [`Filter`] and [`Topic`] are those of MQTT 3.1.1 and 5.0, §4.7. It never opens a socket, reads no clock, and knows nothing of
//! Vigie nor of an MQTT client. A text that is no filter or topic is refused, with the place and the remedy.

mod filter;
mod topic;
mod words;

pub use filter::{Filter, FilterError, Flaw};
pub use topic::{MAX_OCTETS, Topic, TopicError};
