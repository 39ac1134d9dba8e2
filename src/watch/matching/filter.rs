//! MQTT topic filters (MQTT 3.1.1 §4.7): `+` is one level, `#` any number of levels at the end.

use crate::watch::signal::Value;

/// A filter over the levels of a topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicFilter {
    levels: Vec<Level>,
    /// Ends in `#`: any number of further levels, also none.
    open: bool,
}

/// One level of a filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Level {
    /// `+`
    Any,
    /// This one.
    Named(Box<str>),
}

impl TopicFilter {
    /// Reads a filter; the error says what is wrong with it.
    pub fn parse(written: &str) -> Result<Self, &'static str> {
        let (closed, open) = match written.strip_suffix('#') {
            Some("") => {
                return Ok(Self { levels: Vec::new(), open: true });
            }
            Some(before) => {
                (before.strip_suffix('/').ok_or("`#` must stand alone in the last level")?, true)
            }
            None => (written, false),
        };
        let level = |level: &str| match level {
            "+" => Ok(Level::Any),
            _ if level.contains('#') => Err("`#` must stand alone in the last level"),
            _ if level.contains('+') => Err("`+` must stand alone in its level"),
            _ => Ok(Level::Named(level.into())),
        };
        Ok(Self { levels: closed.split('/').map(level).collect::<Result<_, _>>()?, open })
    }

    /// The levels, without `#` at the end.
    pub(crate) fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Whether `#` stands at the end.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether a topic, as the list of its levels, passes. `+` and `#` in the first level do not
    /// stand for a level that begins with `$`: that is the broker's own.
    pub fn passes(&self, topic: &[Value]) -> bool {
        let first_is_wild = !matches!(self.levels.first(), Some(Level::Named(_)));
        if first_is_wild && topic.first().is_some_and(is_brokers_own) {
            return false;
        }
        let enough =
            topic.len() == self.levels.len() || (self.open && topic.len() > self.levels.len());
        enough
            && self.levels.iter().zip(topic).all(|(level, value)| match (level, value) {
                (Level::Any, _) => true,
                (Level::Named(name), Value::Text(text)) => **name == **text,
                (Level::Named(_), _) => false,
            })
    }
}

/// Whether a first level is the broker's own: `$SYS`.
pub(crate) fn is_brokers_own(level: &Value) -> bool {
    matches!(level, Value::Text(text) if text.starts_with('$'))
}
