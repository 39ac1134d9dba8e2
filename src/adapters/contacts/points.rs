//! The contacts of a device, each with its wiring: from what the lines showed to what the contacts tell.
//!
//! Nothing is waited for here, and no clock is read.

use std::time::Duration;

use vigie_contacts::{
    Became, Contact, Counted, Counter, CounterRule, Edge, Half, Instant, Latch, Latched, Level,
    Loop, Pair, Report, Single, Width,
};

use super::device::{Cleared, LineNumber, Shown, Sight};
use crate::config::{self, ContactDevice, ContactSettings, ContactsSettings, Wiring};
use crate::watch::time::Mono;

/// By so many edges a serial port may have counted on between two readings: what is more is a port that was
/// plugged in again.
const MOST_EDGES: u32 = 1_000;

/// The contacts of a device.
#[derive(Debug)]
pub(super) struct Points {
    points: Vec<Point>,
    /// Whether the device shows 0 while a contact is closed, and what was seen last, line by line.
    lines: Vec<(bool, Shown)>,
}

#[derive(Debug)]
struct Point {
    name: String,
    wired: Kind,
}

#[derive(Debug)]
enum Kind {
    Single { contact: Contact<Single>, line: LineNumber, beside: Option<Beside> },
    Pair { contact: Contact<Pair>, line: LineNumber, other: LineNumber },
    Loop { contact: Contact<Loop>, line: LineNumber },
}

/// What the device has for a contact beside its level.
#[derive(Debug)]
enum Beside {
    Counter(Counter),
    Latch { latch: Latch, normally: Level },
}

/// A latch that is set, and whose contact has told what that means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SetLatch {
    /// The place of its contact among those of the device.
    pub(super) place: usize,
    /// Its line.
    pub(super) line: LineNumber,
    /// Whether the level is back to normal: until then a latch may be set again at once.
    pub(super) is_normal: bool,
}

/// What a contact told: its place among those of the device, and what.
pub(super) type Told = (usize, Report);

/// The time of the codec: that of the machine.
pub(super) fn instant(at: Mono) -> Instant {
    Duration::from_nanos(at.nanos())
}

/// The time of the machine: that of the codec.
pub(super) fn mono(at: Instant) -> Mono {
    Mono::from_nanos(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX))
}

impl Points {
    /// Contacts of which nothing is known yet.
    pub(super) fn of(settings: &ContactsSettings) -> Self {
        let mut this = Self { points: Vec::new(), lines: Vec::new() };
        for contact in &settings.contacts {
            this.add(contact, &settings.device);
        }
        this
    }

    fn add(&mut self, contact: &ContactSettings, of: &ContactDevice) {
        let ContactSettings { name, normally, wiring, rules, .. } = contact;
        let first = self.lines.len();
        let wired = match wiring {
            Wiring::Single { at, beside } => {
                self.lines.push((at.active_low, Shown::Nothing));
                let contact = Contact::single(*normally, *rules);
                let beside = match (of, beside) {
                    (ContactDevice::Gpio(_), _) | (ContactDevice::Modbus(_), None) => None,
                    (ContactDevice::Serial { .. }, _) => {
                        let rule = CounterRule::movements(Width::Bits32, MOST_EDGES);
                        rule.ok().map(Counter::new).map(Beside::Counter)
                    }
                    (ContactDevice::Modbus(_), Some(config::Beside::Counter(counter))) => {
                        Some(Beside::Counter(Counter::new(counter.rule)))
                    }
                    (ContactDevice::Modbus(_), Some(config::Beside::Latch(_))) => {
                        Some(Beside::Latch { latch: Latch::default(), normally: *normally })
                    }
                };
                Kind::Single { contact, line: first, beside }
            }
            Wiring::Pair { at, other, rule } => {
                self.lines.push((at.active_low, Shown::Nothing));
                self.lines.push((other.active_low, Shown::Nothing));
                let contact = Contact::pair(*rule, *rules);
                Kind::Pair { contact, line: first, other: first.saturating_add(1) }
            }
            Wiring::Loop { at, rule } => {
                self.lines.push((at.active_low, Shown::Nothing));
                Kind::Loop { contact: Contact::supervised(rule.clone(), *rules), line: first }
            }
        };
        self.points.push(Point { name: name.clone(), wired });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// Their names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.points.iter().map(|point| point.name.as_str())
    }

    /// Takes what the device showed.
    pub(super) fn take(&mut self, sight: &Sight, now: Mono) -> Vec<Told> {
        match sight {
            Sight::Read(shown) => self.read(shown, true, instant(now)),
            Sight::Part(shown) => self.read(shown, false, instant(now)),
            Sight::Edge { line, bit, at, sequence } => {
                let Some((active_low, seen)) = self.lines.get_mut(*line) else { return Vec::new() };
                *seen = Shown::Bit(*bit);
                let level = Level::closed_if(*bit != *active_low);
                let edge = Edge { level, at: instant(*at), sequence: *sequence };
                self.edge(*line, edge, instant(now))
            }
            Sight::Missed(_) => Vec::new(),
            Sight::Cleared(latches) => {
                for (line, cleared) in latches {
                    self.cleared(*line, cleared);
                }
                Vec::new()
            }
        }
    }

    fn cleared(&mut self, of: LineNumber, cleared: &Cleared) {
        let is_set = match cleared {
            Cleared::Clear => false,
            Cleared::Set | Cleared::Refused(_) => return,
        };
        let of = self.points.iter_mut().filter_map(|point| match &mut point.wired {
            Kind::Single { line, beside: Some(Beside::Latch { latch, .. }), .. } if *line == of => {
                Some(latch)
            }
            Kind::Single { .. } | Kind::Pair { .. } | Kind::Loop { .. } => None,
        });
        of.for_each(|latch| _ = latch.read(is_set));
    }

    /// The latches that are set, of the contacts that have told what that means.
    pub(super) fn set_latches(&self) -> Vec<SetLatch> {
        let set = |(place, point): (usize, &Point)| match &point.wired {
            Kind::Single { contact, line, beside: Some(Beside::Latch { latch, normally }) } => {
                let is_normal = self.lines.get(*line).and_then(level) == Some(*normally);
                let is_told = latch.is_set() && contact.state().is_some();
                is_told.then_some(SetLatch { place, line: *line, is_normal })
            }
            Kind::Single { .. } | Kind::Pair { .. } | Kind::Loop { .. } => None,
        };
        self.points.iter().enumerate().filter_map(set).collect()
    }

    /// Whether a latch is set whose contact has no state yet, so that it has told nothing.
    pub(super) fn has_untold_latch(&self) -> bool {
        self.points.iter().any(|point| match &point.wired {
            Kind::Single { contact, beside: Some(Beside::Latch { latch, .. }), .. } => {
                latch.is_set() && contact.state().is_none()
            }
            Kind::Single { .. } | Kind::Pair { .. } | Kind::Loop { .. } => false,
        })
    }

    /// What the latch of this contact told is not known to be on disk: if it is set still, it is told again.
    pub(super) fn forget_latch(&mut self, place: usize) {
        match self.points.get_mut(place).map(|point| &mut point.wired) {
            Some(Kind::Single { beside: Some(Beside::Latch { latch, .. }), .. }) => latch.forget(),
            Some(Kind::Single { .. } | Kind::Pair { .. } | Kind::Loop { .. }) | None => {}
        }
    }

    /// Takes what was read; where the lines are not all there, nothing is said of those that are not.
    fn read(&mut self, shown: &[Shown], all: bool, now: Instant) -> Vec<Told> {
        for ((_, seen), shown) in self.lines.iter_mut().zip(shown) {
            *seen = *shown;
        }
        let lines = &self.lines;
        let level = |line: LineNumber| lines.get(line).and_then(level);
        let mut told = Vec::new();
        for (place, point) in self.points.iter_mut().enumerate() {
            let reports = match &mut point.wired {
                Kind::Single { contact, line, beside } => {
                    let seen = seen_beside(beside.as_mut(), lines.get(*line));
                    match (level(*line), seen) {
                        (None, _) => Vec::new(),
                        (Some(level), None) => contact.read(level, now),
                        (Some(level), Some(Seen::Counted(counted))) => {
                            contact.read_counted(counted, level, now)
                        }
                        (Some(level), Some(Seen::Latched(latched))) => {
                            contact.read_latched(latched, level, now)
                        }
                    }
                }
                Kind::Pair { contact, line, other } => match (level(*line), level(*other)) {
                    (Some(one), Some(other)) => contact.read(one, other, now),
                    (None, _) | (_, None) => Vec::new(),
                },
                Kind::Loop { line, .. } if !all && lines.get(*line).and_then(value).is_none() => {
                    Vec::new()
                }
                Kind::Loop { contact, line } => contact.read(lines.get(*line).and_then(value), now),
            };
            told.extend(reports.into_iter().map(|report| (place, report)));
        }
        told
    }

    fn edge(&mut self, of: LineNumber, edge: Edge, now: Instant) -> Vec<Told> {
        for (place, point) in self.points.iter_mut().enumerate() {
            let reports = match &mut point.wired {
                Kind::Single { contact, line, .. } if *line == of => contact.edge(edge, now),
                Kind::Pair { contact, line, .. } if *line == of => {
                    contact.edge(Half::Make, edge, now)
                }
                Kind::Pair { contact, other, .. } if *other == of => {
                    contact.edge(Half::Break, edge, now)
                }
                Kind::Single { .. } | Kind::Pair { .. } | Kind::Loop { .. } => continue,
            };
            return reports.into_iter().map(|report| (place, report)).collect();
        }
        Vec::new()
    }

    /// Lets end what ends until then. Edges that wait are taken before.
    pub(super) fn pass(&mut self, now: Mono) -> Vec<Told> {
        let now = instant(now);
        self.each(|wired| match wired {
            Kind::Single { contact, .. } => contact.pass(now),
            Kind::Pair { contact, .. } => contact.pass(now),
            Kind::Loop { contact, .. } => contact.pass(now),
        })
    }

    /// Nobody sees them any more, since then.
    pub(super) fn lost(&mut self, since: Mono, now: Mono) -> Vec<Told> {
        let (since, now) = (instant(since), instant(now));
        self.each(|wired| match wired {
            Kind::Single { contact, .. } => contact.lost(since, now),
            Kind::Pair { contact, .. } => contact.lost(since, now),
            Kind::Loop { contact, .. } => contact.lost(since, now),
        })
    }

    fn each(&mut self, mut of: impl FnMut(&mut Kind) -> Vec<Report>) -> Vec<Told> {
        let mut told = Vec::new();
        for (place, point) in self.points.iter_mut().enumerate() {
            told.extend(of(&mut point.wired).into_iter().map(|report| (place, report)));
        }
        told
    }

    /// What became of the edges of all of them.
    pub(super) fn became(&self) -> Became {
        let became = |point: &Point| match &point.wired {
            Kind::Single { contact, .. } => contact.became(),
            Kind::Pair { contact, .. } => contact.became(),
            Kind::Loop { contact, .. } => contact.became(),
        };
        self.points.iter().map(became).fold(Became::default(), Became::and)
    }

    /// When [`Self::pass`] must be called next.
    pub(super) fn due(&self) -> Option<Mono> {
        let due = |point: &Point| match &point.wired {
            Kind::Single { contact, .. } => contact.due(),
            Kind::Pair { contact, .. } => contact.due(),
            Kind::Loop { contact, .. } => contact.due(),
        };
        self.points.iter().filter_map(due).min().map(mono)
    }

    /// Edges were lost: every line is to be read now.
    pub(super) fn wants_reading(&self) -> bool {
        self.points.iter().any(|point| match &point.wired {
            Kind::Single { contact, .. } => contact.wants_reading(),
            Kind::Pair { contact, .. } => contact.wants_reading(),
            Kind::Loop { contact, .. } => contact.wants_reading(),
        })
    }

    /// What was seen last of the lines of a contact.
    pub(super) fn shows(&self, place: usize) -> impl Iterator<Item = Shown> {
        let (first, second) = match self.points.get(place).map(|point| &point.wired) {
            Some(Kind::Single { line, .. } | Kind::Loop { line, .. }) => (Some(*line), None),
            Some(Kind::Pair { line, other, .. }) => (Some(*line), Some(*other)),
            None => (None, None),
        };
        let shown = |line: LineNumber| self.lines.get(line).map(|(_, shown)| *shown);
        first.into_iter().chain(second).filter_map(shown)
    }
}

fn level((active_low, shown): &(bool, Shown)) -> Option<Level> {
    match shown {
        Shown::Bit(bit) | Shown::Counted { bit, .. } | Shown::Latched { bit, .. } => {
            Some(Level::closed_if(bit != active_low))
        }
        Shown::Value(_) | Shown::Nothing => None,
    }
}

fn value((_, shown): &(bool, Shown)) -> Option<f64> {
    match shown {
        Shown::Value(value) => Some(f64::from(*value)),
        Shown::Bit(_) | Shown::Counted { .. } | Shown::Latched { .. } | Shown::Nothing => None,
    }
}

/// What was seen beside a level.
enum Seen {
    Counted(Counted),
    Latched(Latched),
}

fn seen_beside(beside: Option<&mut Beside>, line: Option<&(bool, Shown)>) -> Option<Seen> {
    let (_, shown) = line?;
    match (beside?, shown) {
        (Beside::Counter(counter), Shown::Counted { count, .. }) => {
            Some(Seen::Counted(counter.read(*count)))
        }
        (Beside::Latch { latch, .. }, Shown::Latched { is_set, .. }) => {
            Some(Seen::Latched(latch.read(*is_set)))
        }
        (
            Beside::Counter(_) | Beside::Latch { .. },
            Shown::Bit(_)
            | Shown::Counted { .. }
            | Shown::Latched { .. }
            | Shown::Value(_)
            | Shown::Nothing,
        ) => None,
    }
}
