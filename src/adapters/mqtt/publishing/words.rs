//! What is published and where: topics, the state of an alarm, the sensor that Home Assistant makes of it, orders of people and the
//! answers to them. Pure.
//!
//! | topic, beneath `prefix` | payload | kept |
//! |---|---|---|
//! | `status` | `online`, `offline` (the last will) | yes |
//! | `alarms/DEFINITION/KEY`; `alarms/DEFINITION` where there is no key | the alarm as `vigie alarms --json` has it | yes |
//! | `command/ACCOUNT/VERB`, from people | `4711`, `#12`; to shelve, `4711 2h`, `link[10.0.0.1/7] 2h` | never |
//! | `answer/ACCOUNT` | `{"verb", "target", "done", "sentence"}` | no |
//!
//! In a key, `/`, `+`, `#`, `%`, control characters and what is no character stand as `%2F` and so on: a key is one level.

use std::fmt::Write;
use std::sync::Arc;

use serde::Serialize;
use vigie_mqtt::discovery::{self, BinarySensor, Device, Discovery};
use vigie_mqtt::{Topic, TopicError};

use crate::adapters::mqtt::wire::Word;
use crate::board::AlarmView;
use crate::config::PublishSettings;
use crate::watch::event::{Action, Target};
use crate::watch::suppression::{Which, Wish};

/// What Home Assistant makes of the state of an alarm.
const IS_ON: &str = "{{ 'OFF' if value_json.state == 'normal' else 'ON' }}";

/// The topics beneath a prefix.
#[derive(Clone, Copy)]
pub(super) struct Topics<'t>(pub(super) &'t PublishSettings);

/// What a person asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Order {
    /// As whom the broker knows the person.
    pub(super) account: String,
    /// As it was written.
    pub(super) verb: String,
}

/// What a person is told of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Reply {
    /// What was asked, as the topic has it.
    pub(super) verb: String,
    /// Of which alarm, as it was written.
    pub(super) target: String,
    /// Whether it was done, and is on disk.
    pub(super) done: bool,
    /// The sentence that a phone would have got.
    pub(super) sentence: String,
}

impl Topics<'_> {
    fn beneath(self, rest: &str) -> String {
        format!("{}/{rest}", self.0.prefix.as_str())
    }

    /// Whether a topic is one of ours.
    pub(super) fn have(self, topic: &[u8]) -> bool {
        let beneath = topic.strip_prefix(self.0.prefix.as_str().as_bytes());
        let first = beneath.and_then(|rest| rest.strip_prefix(b"/"));
        let first = first.and_then(|rest| rest.split(|octet| *octet == b'/').next());
        first.is_some_and(|first| {
            [&b"status"[..], b"alarms", b"command", b"answer"].contains(&first)
        }) || self.has_sensor(topic)
    }

    /// Whether a topic is that of a sensor of ours. It is asked of every message that comes in: the topics are written out only for
    /// one beneath `discovery`.
    fn has_sensor(self, topic: &[u8]) -> bool {
        let discovery = self.0.discovery.as_ref();
        discovery.is_some_and(|discovery| topic.starts_with(discovery.as_str().as_bytes()))
            && self.sensors().is_some_and(|sensors| topic.starts_with(sensors.as_bytes()))
    }

    /// What the topics of our sensors begin with.
    fn sensors(self) -> Option<String> {
        let prefix = self.0.discovery.as_ref()?.as_str();
        let node = discovery::identifier(self.0.prefix.as_str());
        Some(format!("{prefix}/binary_sensor/{node}/"))
    }

    /// Whether we are there.
    pub(super) fn status(self, is_online: bool) -> Word {
        let payload = if is_online { "online" } else { "offline" };
        Word { topic: self.beneath("status"), payload: payload.into(), retained: true }
    }

    fn alarm(self, definition: &str, key: &str) -> String {
        let (definition, key) = (level(definition), level(key));
        let slash = if key.is_empty() { "" } else { "/" };
        self.beneath(&format!("alarms/{definition}{slash}{key}"))
    }

    /// How an alarm is.
    pub(super) fn state(self, view: &AlarmView) -> Result<Word, serde_json::Error> {
        let topic = self.alarm(view.definition.as_str(), &view.key);
        Ok(Word { topic, payload: serde_json::to_vec(view)?, retained: true })
    }

    /// The sensor of an alarm; `None` where nobody looks for sensors.
    pub(super) fn sensor(self, view: &AlarmView, site: &str) -> Result<Option<Word>, TopicError> {
        let Some(prefix) = &self.0.discovery else { return Ok(None) };
        let (definition, key) = (view.definition.as_str(), view.key.as_str());
        let name =
            if key.is_empty() { definition.to_owned() } else { format!("{definition} {key}") };
        let state_topic = Topic::parse(&self.alarm(definition, key))?;
        let status = Topic::parse(&self.beneath("status"))?;
        let node = self.0.prefix.as_str();
        let Discovery { topic, payload } = discovery::discovery(&BinarySensor {
            prefix: prefix.as_str(),
            node,
            object: &name,
            name: &name,
            state_topic: &state_topic,
            value_template: Some(IS_ON),
            attributes_topic: Some(&state_topic),
            availability_topic: Some(&status),
            device_class: Some("problem"),
            device: Device {
                identifier: &discovery::identifier(node),
                name: site,
                manufacturer: Some("Vigie"),
                model: None,
                sw_version: Some(env!("CARGO_PKG_VERSION")),
            },
        })?;
        Ok(Some(Word { topic: topic.as_str().to_owned(), payload: payload.into(), retained: true }))
    }

    /// Where is found what was kept of us before.
    pub(super) fn kept(self) -> Vec<String> {
        let sensors = self.sensors().map(|sensors| format!("{sensors}+/config"));
        std::iter::once(self.beneath("alarms/#")).chain(sensors).collect()
    }

    /// Of which alarm a kept message is, by definition and key; `None` where it is of none that there could be.
    pub(super) fn alarm_of(self, topic: &str, payload: &[u8]) -> Option<(String, String)> {
        let of_sensor;
        let state = if topic.starts_with(&self.beneath("")) {
            topic
        } else {
            let sensor: serde_json::Value = serde_json::from_slice(payload).ok()?;
            of_sensor = sensor.get("state_topic")?.as_str()?.to_owned();
            &of_sensor
        };
        let mut levels = state.strip_prefix(&self.beneath("alarms/"))?.split('/');
        let definition = unescaped(levels.next()?)?;
        let key = unescaped(levels.next().unwrap_or_default())?;
        // As we would write it: whatever else stands there is none of ours.
        (self.alarm(&definition, &key) == state).then_some((definition, key))
    }

    /// Where people write.
    pub(super) fn orders(self) -> String {
        self.beneath("command/+/+")
    }

    /// What stands in the topic of an order.
    pub(super) fn order(self, topic: &str) -> Option<Order> {
        let (account, verb) = topic.strip_prefix(&self.beneath("command/"))?.split_once('/')?;
        Some(Order { account: account.to_owned(), verb: verb.to_owned() })
    }

    /// What is answered to a person.
    pub(super) fn reply(self, account: &str, reply: &Reply) -> Result<Word, serde_json::Error> {
        let topic = self.beneath(&format!("answer/{account}"));
        Ok(Word { topic, payload: serde_json::to_vec(reply)?, retained: false })
    }
}

/// What an order comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Asked {
    /// A person acts on an occurrence.
    Act(Action, Target),
    /// A person wants an alarm to be quiet, or no longer.
    Quieten(Which, Wish),
}

/// The words by which an order can end.
pub(super) const VERBS: &str = "the last level of the topic is acknowledge, confirm, decline, reset, shelve, unshelve, out-of-service or return";
/// A target is short, and no JSON.
pub(super) const TARGET: &str = "write a code (4711) or an occurrence (#12) and nothing else";
const SHELVE: &str =
    "write what and for how long: 4711 2h, #12 90m, link[10.0.0.1/7] 1h30m; why may follow";
const ALARM: &str = "write a code (4711), an occurrence (#12), or the alarm: link[10.0.0.1/7]";

impl Order {
    /// Whether there is such an order.
    pub(super) fn is_known(&self) -> bool {
        const ALL: [&str; 8] = [
            "acknowledge",
            "confirm",
            "decline",
            "reset",
            "shelve",
            "unshelve",
            "out-of-service",
            "return",
        ];
        ALL.contains(&self.verb.as_str())
    }

    /// How what is written is to be for it.
    pub(super) fn usage(&self) -> &'static str {
        match self.verb.as_str() {
            "acknowledge" | "confirm" | "decline" | "reset" => TARGET,
            "shelve" => SHELVE,
            "unshelve" | "out-of-service" | "return" => ALARM,
            _ => VERBS,
        }
    }

    /// What is to be done with what is written; `None`: it is written wrongly.
    pub(super) fn asks(&self, written: &str) -> Option<Asked> {
        let act = |action| written.parse().ok().map(|target| Asked::Act(action, target));
        match self.verb.as_str() {
            "acknowledge" => act(Action::Acknowledge),
            "confirm" => act(Action::Confirm),
            "decline" => act(Action::Decline),
            "reset" => act(Action::Reset),
            "shelve" => {
                let (which, rest) = which(written)?;
                let (lasting, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                let lasting = crate::config::interval(lasting).ok()?;
                Some(Asked::Quieten(
                    which,
                    Wish::Shelve { lasting, once: false, reason: why(reason) },
                ))
            }
            "out-of-service" => {
                let (which, reason) = which(written)?;
                Some(Asked::Quieten(which, Wish::TakeOut { reason: why(reason) }))
            }
            "unshelve" => Some(Asked::Quieten(written.parse().ok()?, Wish::Unshelve)),
            "return" => Some(Asked::Quieten(written.parse().ok()?, Wish::Return)),
            _ => None,
        }
    }
}

fn why(reason: &str) -> Option<Arc<str>> {
    let reason = reason.trim();
    (!reason.is_empty()).then(|| Arc::from(reason))
}

/// The alarm that is named first, and what follows. A key may have spaces in it, and brackets.
fn which(written: &str) -> Option<(Which, &str)> {
    let first = written.split(char::is_whitespace).next().unwrap_or_default();
    let named = first.contains('[').then(|| written.rsplit_once(']')).flatten();
    let end = named.map_or(first.len(), |(named, _)| named.len().saturating_add(1));
    let (which, rest) = written.split_at_checked(end)?;
    Some((which.parse().ok()?, rest.trim_start()))
}

/// A text as one level of a topic.
fn level(text: &str) -> String {
    let mut level = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '/' | '+' | '#' | '%') || letter.is_control() || is_no_character(letter)
        {
            for octet in letter.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a text does not fail.
                let _ = write!(level, "%{octet:02X}");
            }
        } else {
            level.push(letter);
        }
    }
    level
}

/// What a broker may refuse a whole connection for (MQTT 3.1.1 §1.5.3: disallowed Unicode).
fn is_no_character(letter: char) -> bool {
    let code = u32::from(letter);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// The text that a level stands for; `None` where it stands for none.
fn unescaped(level: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(level.len());
    let mut rest = level.bytes();
    while let Some(octet) = rest.next() {
        if octet == b'%' {
            let digit = |octet: u8| char::from(octet).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            octets.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            octets.push(octet);
        }
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> PublishSettings {
        PublishSettings {
            prefix: Topic::parse("vigie/north").unwrap(),
            discovery: Some(Topic::parse("homeassistant").unwrap()),
            commands: true,
        }
    }

    #[test]
    fn every_key_is_one_level_and_is_found_again_in_its_topic() {
        let settings = settings();
        let topics = Topics(&settings);
        for key in [
            "",
            "10.0.0.7/3",
            "a+b#c%2F",
            "Pompe 3 à l'arrêt",
            "\u{1}\u{85}",
            "%",
            "//",
            "bad\u{ffff}\u{fdd0}\u{1fffe}",
        ] {
            let topic = topics.alarm("link", key);
            assert_eq!(topic.split('/').count(), if key.is_empty() { 4 } else { 5 }, "{topic}");
            assert!(Topic::parse(&topic).is_ok(), "{topic}");
            assert_eq!(topics.alarm_of(&topic, b""), Some(("link".to_owned(), key.to_owned())));
        }
        for foreign in [
            "vigie/north/alarms",
            "vigie/north/alarms/a/b/c",
            "vigie/north/alarms/a/%zz",
            "vigie/north/status",
            "vigie/north/alarms/a/%",
        ] {
            assert_eq!(topics.alarm_of(foreign, b""), None, "{foreign}");
        }
    }

    #[test]
    fn a_sensor_is_known_by_the_topic_of_its_state() {
        let settings = settings();
        let topics = Topics(&settings);
        let config = "homeassistant/binary_sensor/vigie_north_1/link_a/config";
        let payload = br#"{"state_topic": "vigie/north/alarms/link/a%2Fb"}"#;
        assert_eq!(topics.alarm_of(config, payload), Some(("link".to_owned(), "a/b".to_owned())));
        assert_eq!(topics.alarm_of(config, b"no JSON"), None);
        assert_eq!(topics.alarm_of(config, br#"{"state_topic": "elsewhere"}"#), None);
    }

    fn order(verb: &str) -> Order {
        let settings = settings();
        Topics(&settings).order(&format!("vigie/north/command/mdurand/{verb}")).unwrap()
    }

    #[test]
    fn an_order_names_the_account_and_what_is_to_be_done() {
        let order = order("acknowledge");
        assert_eq!(order.account, "mdurand");
        let target = "#12".parse().unwrap();
        assert_eq!(order.asks("#12"), Some(Asked::Act(Action::Acknowledge, target)));
        assert_eq!(order.asks("#12 2h"), None);
        assert!(!self::order("Acknowledge").is_known());
        let settings = settings();
        assert_eq!(Topics(&settings).order("vigie/northern/command/mdurand/acknowledge"), None);
    }

    #[test]
    fn an_order_to_shelve_says_what_for_how_long_and_perhaps_why() {
        let shelve = order("shelve");
        let asked = |written: &str| match shelve.asks(written)? {
            Asked::Quieten(which, Wish::Shelve { lasting, once: false, reason }) => {
                Some((which, lasting.as_secs() / 60, reason.map(|reason| reason.to_string())))
            }
            other => panic!("{other:?}"),
        };
        let which = |written: &str| written.parse::<Which>().unwrap();
        assert_eq!(asked("4711 2h"), Some((which("4711"), 120, None)));
        assert_eq!(asked("#12 1H30M new pump"), Some((which("#12"), 90, Some("new pump".into()))));
        assert_eq!(asked("link[10.0.0.1/7] 5m"), Some((which("link[10.0.0.1/7]"), 5, None)));
        assert_eq!(asked("room[cold room [2]] 5m"), Some((which("room[cold room [2]]"), 5, None)));
        for wrong in ["", "4711", "4711 0h", "4711 2", "link[7 2h", "2h 4711", "{}", "link 2h x]"] {
            let read = asked(wrong);
            assert!(read.is_none() || wrong == "link 2h x]", "{wrong}: {read:?}");
        }
        let out = order("out-of-service").asks("door new lock");
        let wish = Wish::TakeOut { reason: Some("new lock".into()) };
        assert_eq!(out, Some(Asked::Quieten(which("door"), wish)));
        assert_eq!(order("return").asks("door"), Some(Asked::Quieten(which("door"), Wish::Return)));
    }
}
