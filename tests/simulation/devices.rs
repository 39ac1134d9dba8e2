//! The devices: points that say that their cause is there, or gone, by traps and by informs that
//! they repeat until they are answered, or give up.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vigie::watch::signal::{Fields, Identity, Kind, Signal, Tells, Value};

use crate::chance::Chance;
use crate::site::{Plan, TRANSMITTER, trap};
use crate::world::{Happens, World};

/// So many times a device sends an inform in the night; at dawn, until it is answered.
const PATIENCE: u32 = 6;

#[derive(Debug)]
pub(crate) struct Point {
    definition: usize,
    name: &'static str,
    momentary: bool,
    /// Whether it comes and goes without end once it has begun.
    chatters: bool,
    /// What explains it.
    hangs_on: Vec<&'static str>,
    key: u32,
    active: bool,
}

/// What is on the LAN: a trap, or an inform.
#[derive(Clone, Debug)]
pub(crate) struct Datagram {
    pub(crate) number: u64,
    pub(crate) signal: Signal,
    pub(crate) inform: bool,
    tries: u32,
}

#[derive(Debug)]
pub(crate) struct Devices {
    points: Vec<Point>,
    pending: BTreeMap<u64, Datagram>,
    count: u64,
    dawn: bool,
}

impl Devices {
    pub(crate) fn new(plan: &Plan, chance: &mut Chance) -> Self {
        let mut points = Vec::new();
        let flaps = |name| plan.definition(name).is_some_and(|known| known.flapping.is_some());
        for definition in &plan.definitions {
            // What hangs on what comes and goes does as well.
            let chatters = definition.flapping.is_some()
                || definition.causes.iter().any(|cause| flaps(cause.name));
            if definition.name == "remote" || chance.per_mille(550) {
                continue;
            }
            for key in 0..=u32::try_from(chance.below(2)).expect("two") {
                let (name, momentary) = (definition.name, definition.momentary);
                points.push(Point {
                    definition: definition.number,
                    name,
                    momentary,
                    chatters,
                    hangs_on: definition.causes.iter().map(|cause| cause.name).collect(),
                    key,
                    active: false,
                });
            }
        }
        Self { points, pending: BTreeMap::new(), count: 0, dawn: false }
    }

    /// When each point first says something.
    pub(crate) fn begin(&self, world: &mut World) {
        for point in 0..self.points.len() {
            let wait = world.chance.seconds(5, 4 * 3_600) * world.weather.calm;
            world.after(wait, Happens::Point(point));
        }
    }

    /// A point says something of its own accord; and something else later.
    pub(crate) fn says(&mut self, world: &mut World, number: usize) -> Option<Datagram> {
        self.effects_follow(world, number);
        let point = &mut self.points[number];
        let (turns, bursts) = if point.chatters { (900, 900) } else { (750, 300) };
        if self.dawn {
            point.active = false;
        } else if world.chance.per_mille(turns) {
            point.active = !point.active;
        }
        if !self.dawn {
            let burst = world.chance.per_mille(bursts);
            let wait = if burst {
                world.chance.seconds(1, 120)
            } else {
                world.chance.seconds(300, 6 * 3_600)
            };
            let calm = if burst || point.active { 1 } else { world.weather.calm };
            world.after(wait * calm, Happens::Point(number));
        }
        if point.momentary && (self.dawn || !point.active) {
            return None;
        }
        let level = if world.chance.per_mille(250) { 3 } else { 1 };
        let (signal, inform) =
            (point.signal(level, self.count + 1, world), self.dawn || world.chance.per_mille(800));
        self.count += 1;
        let datagram = Datagram { number: self.count, signal, inform, tries: 1 };
        world.counts.signals += 1;
        let Point { name, key, active, .. } = &self.points[number];
        world.tell(|| {
            let (kind, what) =
                (if inform { "inform" } else { "trap" }, if *active { "active" } else { "normal" });
            format!("{kind} {}: {name}[{key}] is {what}, level {level}", datagram.number)
        });
        if inform {
            self.pending.insert(datagram.number, datagram.clone());
            world.after(Duration::from_secs(5), Happens::Again(datagram.number));
        }
        Some(datagram)
    }

    /// What hangs on a point that comes and goes says something soon after it, now and then.
    fn effects_follow(&self, world: &mut World, number: usize) {
        if self.dawn {
            return;
        }
        let name = self.points[number].name;
        let effects = self.points.iter().enumerate();
        for (effect, _) in effects.filter(|(_, point)| point.hangs_on.contains(&name)) {
            if world.chance.per_mille(400) {
                let wait = world.chance.seconds(1, 60);
                world.forget(|happens| matches!(happens, Happens::Point(next) if *next == effect));
                world.after(wait, Happens::Point(effect));
            }
        }
    }

    /// An inform that was not answered is sent again, if its sender has not given up.
    pub(crate) fn again(&mut self, world: &mut World, number: u64) -> Option<Datagram> {
        let datagram = self.pending.get_mut(&number)?;
        datagram.tries += 1;
        if datagram.tries > PATIENCE && !self.dawn {
            self.pending.remove(&number);
            world.tell(|| format!("the sender of inform {number} gives up"));
            return None;
        }
        world.after(Duration::from_secs(5), Happens::Again(number));
        Some(datagram.clone())
    }

    pub(crate) fn answered(&mut self, number: u64) {
        self.pending.remove(&number);
    }

    /// From here on every cause is gone, and every device says so until it is answered.
    pub(crate) fn dawn(&mut self, world: &mut World) {
        self.dawn = true;
        self.pending.clear();
        world.forget(|happens| matches!(happens, Happens::Point(_) | Happens::Again(_)));
        for point in 0..self.points.len() {
            let wait = world.chance.seconds(1, 600);
            world.after(wait, Happens::Point(point));
        }
    }
}

impl Point {
    fn signal(&self, level: i64, number: u64, world: &World) -> Signal {
        let mut fields = Fields::with_capacity(3);
        fields.set("trap", Value::text(trap(self.definition, self.active)));
        fields.set("ifIndex", Value::Int(i64::from(self.key)));
        fields.set("ifAdminStatus", Value::Int(level));
        Signal {
            input: "snmp.network".into(),
            kind: Kind::Snmp,
            source: Arc::from("10.0.0.1"),
            fields,
            text: Arc::from(format!("signal {number}")),
            source_time: None,
            tells: Tells::News,
            received: world.clocks.moment().utc,
            identity: Some(Identity(number)),
            raw: Arc::from(number.to_be_bytes()),
        }
    }
}

/// The remote site sends its alarm by SMS now and then.
pub(crate) fn transmit(world: &mut World) {
    let number = world.chance.below(1_000);
    world.text(TRANSMITTER, &format!("*DEFAUT* pompe {number}"));
}
