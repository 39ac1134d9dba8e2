//! MQTT as Vigie needs it besides the wire: topics, filters, payloads, and what the devices mean by them.
//!
//! [`Filter`] and [`Topic`] are those of MQTT 3.1.1 and 5.0, §4.7; [`Payload`] reads what a message says as text, number,
//! boolean and JSON; a [`Profile`] knows how Zigbee2MQTT, Tasmota, Shelly, ChirpStack and Sparkplug B name their topics, and
//! its [`Reader`] says what a message means: which device, that it is online, its state, an event. [`discovery`] writes the
//! message that makes a sensor appear in Home Assistant.
//!
//! It never opens a socket, reads no clock, and knows nothing of Vigie nor of an MQTT client: connection, sessions and
//! acknowledgements are an adapter's. It decides nothing: it says "offline", and whether that is an alarm is said elsewhere.
//!
//! When things go wrong: a text that is no filter or topic is refused, with the place and the remedy. A payload is never refused;
//! what does not read as its beginning promised is said beside it. A message that does not follow the convention of its profile
//! is [`Unread`], with the reason, and is still the plain message that it was. No octets can make this crate panic, recurse
//! without a bound, take more than linear time, or keep more than its bounds; each bound is a constant or a field with its number.

pub mod discovery;
mod filter;
mod payload;
mod profile;
mod reading;
pub mod sparkplug;
mod time;
mod topic;
mod words;

pub use filter::{Filter, FilterError, Flaw};
pub use payload::{Limits, Number, Oddity, Payload};
pub use profile::{BaseError, Bounds, Profile, Reader};
pub use reading::{Availability, Bridge, Heard, Reading, Remark, Unread, What};
pub use time::SourceTime;
pub use topic::{MAX_OCTETS, Topic, TopicError};
