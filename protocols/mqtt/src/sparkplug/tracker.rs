//! The lives of all edge nodes at one broker, and the reading of their messages. The rules are told in [`super`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::known::{Known, Named};
use super::node::{Life, Node};
use super::payload::{Payload, RawMetric, RawValue};
use super::{Ask, Broken, NodeError, payload};
use crate::profile::{Bounds, Message};
use crate::reading::{Availability, Heard, Reading, Remark, Unread, What};
use crate::time::{SourceTime, instant};
use crate::topic::{Topic, TopicError};
use crate::words::shown;

/// What a kind of message does: of which node, and of which device if of one.
type Act = fn(&mut Tracker, &str, &str, &Payload) -> Result<Heard, Unread>;

/// The edge nodes of one broker.
#[derive(Debug)]
pub(crate) struct Tracker {
    base: Box<str>,
    bounds: Bounds,
    /// By `GROUP/NODE`; neither of the two holds a slash.
    nodes: BTreeMap<Box<str>, Node>,
    /// Those that are known to be there, heard of or not.
    expected: BTreeSet<Box<str>>,
}

/// The longest name of a group, node or device.
const LONGEST_NAME: usize = 512;

impl Tracker {
    /// Nothing known yet, beneath this base topic.
    pub(crate) fn new(base: &str, bounds: Bounds) -> Self {
        Self { base: base.into(), bounds, nodes: BTreeMap::new(), expected: BTreeSet::new() }
    }

    /// Reads a message beneath the base: what it tells; `None` where its topic is none of a node's; or why it is left.
    pub(crate) fn read(&mut self, message: &Message<'_>) -> Result<Option<Heard>, Unread> {
        let (group, kind, node, device) = match *message.levels {
            ["STATE", host] => return Ok(Some(host_state(host, message).into())),
            [group, kind, node] => (group, kind, node, None),
            [group, kind, node, device] => (group, kind, node, Some(device)),
            _ => return Ok(None),
        };
        if matches!((kind, device), ("NCMD", None) | ("DCMD", Some(_))) {
            return Err(Unread::Command);
        }
        let read: Act = match (kind, device) {
            ("NBIRTH", None) => |all, node, _, payload| all.node_birth(node, payload),
            ("NDEATH", None) => |all, node, _, payload| all.node_death(node, payload),
            ("NDATA", None) => |all, node, _, payload| all.report(node, None, payload),
            ("DBIRTH", Some(_)) => Self::device_birth,
            ("DDEATH", Some(_)) => Self::device_death,
            ("DDATA", Some(_)) => {
                |all, node, device, payload| all.report(node, Some(device), payload)
            }
            _ => return Ok(None),
        };
        if message.retained {
            return Err(Unread::Kept);
        }
        let device = device.unwrap_or_default();
        if [group, node, device].iter().any(|name| name.len() > LONGEST_NAME) {
            return Err(Broken::LongName.into());
        }
        let payload = payload::read(message.octets)?;
        read(self, &format!("{group}/{node}"), device, &payload).map(Some)
    }

    /// A node of that name is there.
    pub(crate) fn expect(&mut self, name: &str) -> Result<(), NodeError> {
        let (group, node) = match name.split_once('/') {
            Some((group, node)) if !group.is_empty() && !node.is_empty() && !node.contains('/') => {
                (group, node)
            }
            Some(_) | None => return Err(NodeError::Shape(shown(name))),
        };
        if group.len().max(node.len()) > LONGEST_NAME {
            return Err(NodeError::LongName);
        }
        command(&self.base, group, node)?;
        if self.expected.len() >= self.bounds.nodes && !self.expected.contains(name) {
            return Err(NodeError::TooMany(self.bounds.nodes));
        }
        self.expected.insert(name.into());
        Ok(())
    }

    /// The connection is new: births may have been missed. Says whom to ask.
    pub(crate) fn connected(&mut self) -> Vec<Ask> {
        for name in &self.expected {
            if self.nodes.len() < self.bounds.nodes && !self.nodes.contains_key(name) {
                self.nodes.insert(name.clone(), Node::default());
            }
        }
        let mut asks = Vec::new();
        for (name, node) in &mut self.nodes {
            match node.life() {
                Life::Born { .. } | Life::Awaited => {
                    node.doubted();
                    asks.push(ask(&self.base, name));
                }
                Life::Dead => asks.push(Ask { is_gone: true, ..ask(&self.base, name) }),
                Life::NoRoom => {}
            }
        }
        let unheard = self.expected.iter().filter(|name| !self.nodes.contains_key(*name));
        asks.extend(unheard.map(|name| ask(&self.base, name)));
        asks
    }

    /// Whether asking a node for its birth may help.
    pub(crate) fn owes_birth(&self, name: &str) -> bool {
        self.nodes.get(name).map_or_else(|| self.expected.contains(name), Node::owes_birth)
    }

    fn node_birth(&mut self, name: &str, payload: &Payload) -> Result<Heard, Unread> {
        let (own, named) = Known::born(&payload.metrics, payload.timestamp.and_then(instant));
        let room = self.room(name, None);
        let limit = self.bounds.metrics;
        let node = self.node(name)?;
        if own.len() > room.metrics {
            node.ended(Life::NoRoom);
            return Err(Unread::Full { what: "Sparkplug metrics", limit });
        }
        let number = payload.seq.unwrap_or(0);
        node.born(session(&payload.metrics), u8::try_from(number).unwrap_or(0), own);
        let remark = (number != 0).then_some(Remark::BirthNumber(number));
        let is_answer = node.is_answering();
        let reading = told(name, What::Birth, named, payload).remarked(remark);
        Ok(Reading { is_answer, ..reading }.into())
    }

    fn node_death(&mut self, name: &str, payload: &Payload) -> Result<Heard, Unread> {
        let told = session(&payload.metrics);
        let life = self.nodes.get(name).map_or(Life::Awaited, Node::life);
        let remark = match (life, told) {
            (Life::Born { session: Some(lives) }, Some(told)) if told != lives => {
                return Err(Unread::OldDeath { told, lives });
            }
            (Life::Born { session: Some(_) }, Some(_)) | (Life::Dead, _) => None,
            (Life::Born { .. } | Life::Awaited | Life::NoRoom, _) => {
                Some(Remark::DeathWithoutBirth)
            }
        };
        // Without a time: that in a will is the connection's, hours or months ago. And where there is no room to remember that
        // the node is gone, it is told all the same.
        let (own, devices) = self.node(name).map(|node| node.ended(Life::Dead)).unwrap_or_default();
        let mut readings = vec![death(name.to_owned(), &own).remarked(remark)];
        readings.extend(devices.iter().map(|(device, known)| {
            death(format!("{name}/{device}"), known).remarked(Remark::WithItsNode)
        }));
        Ok(Heard { readings, ask: None })
    }

    fn device_birth(
        &mut self,
        name: &str,
        device: &str,
        payload: &Payload,
    ) -> Result<Heard, Unread> {
        let (known, named) = Known::born(&payload.metrics, payload.timestamp.and_then(instant));
        let (room, bounds) = (self.room(name, Some(device)), self.bounds);
        let node = self.node(name)?;
        let remark = match node.life() {
            Life::Born { .. } => node.follow(payload.seq),
            Life::Awaited | Life::Dead | Life::NoRoom => Some(Remark::BeforeBirth),
        };
        if remark.is_some() {
            node.needs_birth();
        }
        if node.is_born() {
            let lacks = match room {
                Room { devices: 0, .. } => Some(("Sparkplug devices", bounds.devices)),
                Room { metrics, .. } if known.len() > metrics => {
                    Some(("Sparkplug metrics", bounds.metrics))
                }
                Room { .. } => None,
            };
            if let Some((what, limit)) = lacks {
                node.device_gone(device);
                return Err(Unread::Full { what, limit });
            }
            node.device_born(device, known);
        }
        let is_answer = node.is_answering();
        let reading = told(&format!("{name}/{device}"), What::Birth, named, payload);
        Ok(self.heard(name, vec![Reading { is_answer, ..reading.remarked(remark) }]))
    }

    fn device_death(
        &mut self,
        name: &str,
        device: &str,
        payload: &Payload,
    ) -> Result<Heard, Unread> {
        let node = self.node(name)?;
        let gone = node.device_gone(device);
        let remark = match node.life() {
            Life::Born { .. } => node.follow(payload.seq),
            Life::Awaited | Life::Dead | Life::NoRoom => Some(Remark::BeforeBirth),
        };
        if remark.is_some() {
            node.needs_birth();
        }
        let time = payload.timestamp.and_then(SourceTime::from_milliseconds);
        let reading = death(format!("{name}/{device}"), &gone).at(time).remarked(remark);
        Ok(self.heard(name, vec![reading]))
    }

    fn report(
        &mut self,
        name: &str,
        device: Option<&str>,
        payload: &Payload,
    ) -> Result<Heard, Unread> {
        let node = self.node(name)?;
        node.has_answered();
        let gap = node.follow(payload.seq);
        let gone = node.not_named_again(device);
        let sent = payload.timestamp.and_then(instant);
        let (named, unheard) = match node.known(device) {
            Some(known) => {
                let named = known.name(&payload.metrics, sent);
                let unknown = named.unknown;
                (named, (unknown > 0).then_some(Remark::UnknownMetrics(unknown)))
            }
            None => (Known::default().name(&payload.metrics, sent), Some(Remark::BeforeBirth)),
        };
        if gap.is_some() || unheard.is_some() {
            node.needs_birth();
        }
        let who = device.map_or_else(|| name.to_owned(), |device| format!("{name}/{device}"));
        let reading = told(&who, What::Data, named, payload);
        let mut readings = vec![reading.remarked(gap).remarked(unheard)];
        readings.extend(gone.iter().map(|(device, known)| {
            death(format!("{name}/{device}"), known).remarked(Remark::NotNamedAgain)
        }));
        Ok(self.heard(name, readings))
    }

    /// Readings of a node's message, and what to ask it.
    fn heard(&mut self, name: &str, readings: Vec<Reading>) -> Heard {
        let again = self.bounds.ask_again;
        let is_due = self.nodes.get_mut(name).is_some_and(|node| node.is_to_be_asked(again));
        Heard { readings, ask: is_due.then(|| ask(&self.base, name)) }
    }

    /// The node of that name; where there is no room, one that is gone, or whose birth was never heard, makes some.
    fn node(&mut self, name: &str) -> Result<&mut Node, Unread> {
        let full = Unread::Full { what: "Sparkplug nodes", limit: self.bounds.nodes };
        if !self.nodes.contains_key(name) {
            if self.nodes.len() >= self.bounds.nodes {
                let idle = self.idle(Life::Dead).or_else(|| self.idle(Life::Awaited));
                self.nodes.remove(&idle.ok_or_else(|| full.clone())?);
            }
            self.nodes.insert(name.into(), Node::default());
        }
        self.nodes.get_mut(name).ok_or(full)
    }

    fn idle(&self, life: Life) -> Option<Box<str>> {
        self.nodes.iter().find(|(_, node)| node.life() == life).map(|(name, _)| name.clone())
    }

    /// The room for a birth of the node itself or of one of its devices, where what it replaces is gone.
    fn room(&self, name: &str, device: Option<&str>) -> Room {
        let replaced = self.nodes.get(name).map(|node| node.replaced(device));
        let (mut devices, mut metrics) =
            replaced.map_or((0, 0), |replaced| (replaced.devices, replaced.metrics));
        devices += self.bounds.devices;
        metrics += self.bounds.metrics;
        for size in self.nodes.values().map(Node::size) {
            devices = devices.saturating_sub(size.devices);
            metrics = metrics.saturating_sub(size.metrics);
        }
        Room { devices, metrics }
    }
}

struct Room {
    devices: usize,
    metrics: usize,
}

fn ask(base: &str, name: &str) -> Ask {
    let (group, node) = name.split_once('/').unwrap_or((name, ""));
    let topic = command(base, group, node);
    let topic = topic.expect("a longer topic gave the names, or `expect` has tried them");
    Ask { node: name.to_owned(), topic, is_gone: false }
}

/// Where a node hears commands.
fn command(base: &str, group: &str, node: &str) -> Result<Topic, TopicError> {
    Topic::parse(&format!("{base}/{group}/NCMD/{node}"))
}

fn told(who: &str, what: What, named: Named, payload: &Payload) -> Reading {
    let mut reading = Reading::new(who, what);
    reading.metrics = named.metrics;
    reading.at(payload.timestamp.and_then(SourceTime::from_milliseconds))
}

fn death(who: String, gone: &Known) -> Reading {
    let mut reading = Reading::new(who, What::Death);
    reading.metrics = gone.stale();
    reading
}

/// The session of a birth or death.
fn session(metrics: &[RawMetric]) -> Option<u64> {
    let number = metrics.iter().find(|metric| metric.name.as_deref() == Some("bdSeq"))?;
    match number.value {
        RawValue::Int(session) => Some(session),
        RawValue::Absent | RawValue::Float(_) | RawValue::Double(_) | RawValue::Boolean(_) => None,
        RawValue::Text(_) | RawValue::Octets(_) | RawValue::DataSet | RawValue::Template(_) => None,
    }
}

/// Version 3.0 has JSON here, 2.2 one word.
fn host_state(host: &str, message: &Message<'_>) -> Reading {
    let payload = message.payload();
    let Some(Json::Object(fields)) = payload.json else {
        let known = Availability::from_words(&payload.text, "ONLINE", "OFFLINE");
        let remark = known.is_none().then(|| Remark::NoAvailability(shown(&payload.text)));
        return Reading::new(host, What::Host(known.unwrap_or_default())).remarked(remark);
    };
    let online = Availability::from_truth(fields.get("online").and_then(Json::as_bool));
    let time =
        fields.get("timestamp").and_then(Json::as_u64).and_then(SourceTime::from_milliseconds);
    Reading::new(host, What::Host(online)).with(fields).at(time)
}
