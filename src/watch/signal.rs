//! A signal: what one input received, normalised, before any definition has said what it means.
//!
//! Adapters make signals; the watch reads them. The raw bytes stay with the signal for the record.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use super::name::InputName;
use super::time::Utc;

/// The protocol by which a signal came; it fixes which fields a signal can have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A trap or an inform.
    Snmp,
    /// A short message.
    Gsm,
    /// A message of an MQTT broker.
    Mqtt,
    /// A dry contact.
    Contacts,
    /// Vigie about itself.
    Vigie,
}

/// What a field holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing: the field is there and empty.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64`: only a Counter64 is as large.
    UInt(u64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(SmolStr),
    /// Several values: the levels of an MQTT topic.
    List(Vec<Value>),
    /// Named values: the varbinds of a trap by dotted OID.
    Map(Fields),
}

/// Named values in the order in which they were put in; a name stands once.
///
/// A list, not a map: a signal has some ten fields, and most are never looked at. Names and short texts stand in it as they
/// are, without memory of their own: a storm is made of them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Fields(Vec<(SmolStr, Value)>);

/// By what a signal that is sent again is known: the sender repeats an inform whose answer was
/// lost, a network repeats a short message. Equal identity, same signal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Identity(pub u64);

/// Set in the identity of what came under a number that is used anew.
const NUMBERED: u64 = 1 << 63;
/// Where the number and the content stand in such an identity, and how many bits each has; beneath them is the place.
const NUMBER: (u32, u64) = (42, (1 << 21) - 1);
const CONTENT: (u32, u64) = (16, (1 << 26) - 1);

impl Identity {
    /// That of one of the things which a delivery says that came under a number. Its sender uses the number anew, so that what
    /// comes again under it is a repetition only of what came last; see [`Identity::numbered`].
    pub fn under(number: Self, content: Self, place: u16) -> Self {
        let part = |of: Self, (shift, mask): (u32, u64)| (of.0 & mask) << shift;
        Self(NUMBERED | part(number, NUMBER) | part(content, CONTENT) | u64::from(place))
    }

    /// That of something that has no such number.
    #[must_use]
    pub const fn unnumbered(self) -> Self {
        Self(self.0 & !NUMBERED)
    }

    /// The number and the content, where there is a number. One of a short message or an inform may look as if it had one.
    pub(super) const fn numbered(self) -> Option<(u64, u64)> {
        if self.0 & NUMBERED == 0 {
            return None;
        }
        Some(((self.0 >> NUMBER.0) & NUMBER.1, (self.0 >> CONTENT.0) & CONTENT.1))
    }

    /// The first 64 bits of a digest of these pieces; each piece is preceded by its length, so that no two lists of
    /// pieces read the same. It is on the record: it must be the same in every version of Vigie.
    pub fn of(pieces: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for piece in pieces {
            digest.update(u64::try_from(piece.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(piece);
        }
        let digest: [u8; 32] = digest.finalize().into();
        let first = digest.first_chunk::<8>().expect("a digest has 32 octets");
        Self(u64::from_be_bytes(*first))
    }
}

/// What a signal tells: that something happens, or how something stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tells {
    /// Something happens now.
    #[default]
    News,
    /// The same, and its sender says that it may have sent it before (MQTT's DUP).
    Again,
    /// How something stands, said because somebody has begun to listen: a retained message, a level that is read at the
    /// start. Where that is known already it is no repetition, and it is never an event.
    Standing,
}

impl Tells {
    const fn is_news(&self) -> bool {
        matches!(self, Self::News)
    }
}

/// What one input received.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Signal {
    /// The input that received it.
    pub input: InputName,
    /// Its protocol.
    pub kind: Kind,
    /// Who sent it: an address, a phone number, a topic, a line.
    pub source: Arc<str>,
    /// The fields of this kind of signal, but for those that this struct has itself.
    pub fields: Fields,
    /// The signal in words: a short message's text, a payload, or one line that sums it up.
    pub text: Arc<str>,
    /// The time that the source gave, if it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_time: Option<Utc>,
    /// Whether it is news.
    #[serde(default, skip_serializing_if = "Tells::is_news")]
    pub tells: Tells,
    /// When it was received.
    pub received: Utc,
    /// By what a repetition of it is known, where the protocol repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// What came over the wire, to the byte.
    #[serde(with = "raw")]
    pub raw: Arc<[u8]>,
}

impl Fields {
    /// No fields, with room for some.
    pub fn with_capacity(fields: usize) -> Self {
        Self(Vec::with_capacity(fields))
    }

    /// Puts a value in, in the place of the one that had this name.
    pub fn set(&mut self, name: impl Into<SmolStr>, value: Value) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, place)) => *place = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes the value of that name out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| &**known != name);
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    /// All, in the order in which they were put in.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// In order; where a name comes twice, the first stands. Beyond a few it does not compare each name
/// with each other: a hostile trap has thousands.
impl FromIterator<(SmolStr, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (SmolStr, Value)>>(named: I) -> Self {
        const FEW: usize = 16;
        let named = named.into_iter();
        let mut fields = Self::with_capacity(named.size_hint().0);
        let mut known = HashSet::new();
        for (name, value) in named {
            let is_new = if fields.0.len() < FEW {
                fields.get(&name).is_none()
            } else {
                if known.is_empty() {
                    known.extend(fields.0.iter().map(|(name, _)| name.clone()));
                }
                known.insert(name.clone())
            };
            if is_new {
                fields.0.push((name, value));
            }
        }
        fields
    }
}

impl Value {
    /// Text, from anything that is text.
    pub fn text(text: impl Into<SmolStr>) -> Self {
        Self::Text(text.into())
    }
}

impl Serialize for Fields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("named values")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Fields, A::Error> {
                let mut named = Vec::new();
                while let Some(entry) = map.next_entry::<SmolStr, Value>()? {
                    named.push(entry);
                }
                Ok(named.into_iter().collect())
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// Raw bytes as hexadecimal text: the journal is JSON, and a person reads it.
mod raw {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    const DIGITS: &[u8; 16] = b"0123456789abcdef";

    pub(super) fn serialize<S: Serializer>(
        bytes: &Arc<[u8]>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
        let digits: Vec<u8> =
            bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        serializer.serialize_str(str::from_utf8(&digits).unwrap_or_default())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<[u8]>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit =
            |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        text.as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => Some(digit(high)? << 4 | digit(low)?),
                _ => None,
            })
            .collect::<Option<Arc<[u8]>>>()
            .ok_or_else(|| serde::de::Error::custom("raw bytes are not hexadecimal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::expression::sample;

    #[test]
    fn what_holds_no_named_values_is_refused_in_these_words() {
        let error = serde_json::from_str::<Fields>("3").expect_err("a number").to_string();
        assert!(error.contains("expected named values"), "{error}");
    }

    #[test]
    fn raw_bytes_come_back_from_the_record_as_they_were() {
        let all: Vec<u8> = (0..=255).collect();
        let signal = Signal { raw: Arc::from(all), ..sample::signal(Kind::Snmp) };
        let written = serde_json::to_string(&signal).unwrap();
        assert!(written.contains("000102") && written.contains("fdfeff"), "{written}");
        assert_eq!(serde_json::from_str::<Signal>(&written).unwrap(), signal);
        for wrong in ["0", "0g", "é0"] {
            let broken = written.replace("000102", wrong);
            assert!(serde_json::from_str::<Signal>(&broken).is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_fields_that_bear_one_name_the_first_stands_however_many_there_are() {
        let many = (0..40).map(|number| format!("field-{}", number % 20));
        let named = many
            .enumerate()
            .map(|(place, name)| (SmolStr::from(name), Value::text(place.to_string())));
        let fields: Fields = named.collect();
        assert_eq!(fields.iter().count(), 20);
        assert_eq!(fields.get("field-3"), Some(&Value::text("3")));
        assert_eq!(fields.get("field-19"), Some(&Value::text("19")));
        assert!(!fields.is_empty() && Fields::default().is_empty());
    }
}
