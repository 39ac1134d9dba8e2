//! How long a decision takes on a large site, the watch alone: no disk, no wire.
//!
//! Every decision is timed by itself while ten thousand alarms stand; an interruption of the machine counts for one of them only,
//! so that the median and the 99th of a hundred say what a decision takes, and what its neighbours on the machine do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie::config;
use vigie::watch::Watch;
use vigie::watch::codes::Code;
use vigie::watch::decision::{Decision, Fact};
use vigie::watch::event::{Entropy, Event, Happening, ShortMessage};
use vigie::watch::name::{InputName, PersonId};
use vigie::watch::signal::{Fields, Kind, Signal, Tells, Value};
use vigie::watch::site::PhoneNumber;
use vigie::watch::time::{Moment, Mono, Utc};

use crate::large;
use crate::site;
use crate::table::{Table, Wanted};

/// So many alarms stand before anything is timed.
const STANDING: usize = 10_000;
/// So many of each kind are timed; fewer where a storm leaves fewer, such as answers: people are called by digests.
const TIMED: usize = 5_000;
/// With fewer than so many a figure says nothing.
const LEAST: usize = 40;
/// No decision should take longer, in microseconds.
const MOST: f64 = 50.0;

pub(crate) fn measure(table: &mut Table) {
    table.heading(
        "One decision, in microseconds: 200 people, 50 schedules, 5,000 definitions, 10,000 alarms standing",
    );
    let mut place = Place::new();
    for number in 0..STANDING {
        place.raise(number);
    }
    place.fall_due(usize::MAX);
    let opened = (0..TIMED).map(|number| place.raise(STANDING + number)).collect();
    tell(table, "a signal that opens an alarm", opened);
    tell(table, "a ladder that calls people on call", place.fall_due(TIMED));
    let again = (0..TIMED).map(|number| place.raise(number)).collect();
    tell(table, "a signal that repeats", again);
    tell(table, "an answer by SMS", place.answers());
}

fn tell(table: &mut Table, what: &str, mut took: Vec<Duration>) {
    assert!(took.len() >= LEAST, "{what}: only {} were timed", took.len());
    took.sort_unstable();
    let micros = |place: usize| took[place].as_secs_f64() * 1e6;
    table.row(&format!("{what}: median"), micros(took.len() / 2), Wanted::AtMost(MOST));
    table.row(&format!("{what}: 99 of 100"), micros(took.len() * 99 / 100), Wanted::AtMost(MOST));
}

/// The large site's watch, and the codes that people were sent.
struct Place {
    watch: Watch,
    now: Moment,
    dice: u64,
    codes: Vec<(PersonId, Code)>,
}

impl Place {
    fn new() -> Self {
        let reading = config::read_str(&[("large.toml", &large::files())]);
        let settings = reading.settings.expect("files that hold");
        let utc = Utc::from("2026-12-22T17:59:00Z".parse::<jiff::Timestamp>().expect("a time"));
        let now = Moment { utc, mono: Mono::from_nanos(1), ..Moment::default() };
        let watch = Watch::new(Arc::new(settings.site));
        let mut place = Self { watch, now, dice: 0x9e37_79b9_7f4a_7c15, codes: Vec::new() };
        place.happens(Happening::Configured);
        place
    }

    /// Decides, and takes it in: how long the decision took.
    fn happens(&mut self, happening: Happening) -> Duration {
        // Splitmix: codes must differ, and the run be the same each time.
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.dice ^ (self.dice >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let event = Event { happening, entropy: Entropy(mixed ^ (mixed >> 27)) };
        let began = Instant::now();
        let decision = self.watch.decide(&event, self.now);
        let took = began.elapsed();
        self.take(&decision);
        took
    }

    fn take(&mut self, decision: &Decision) {
        self.watch.apply(decision);
        for fact in &decision.facts {
            if let Fact::CodeDrawn { person, code, .. } = fact {
                self.codes.push((person.clone(), *code));
            }
        }
        for own in decision.own.clone() {
            self.happens(Happening::Own(own));
        }
    }

    /// A link of one of the switches is down, each number another one.
    fn raise(&mut self, number: usize) -> Duration {
        let port = u64::try_from(number / large::DEFINITIONS).expect("a small number");
        let signal = site::link_down(port, self.now.utc);
        let source = large::address(number % large::DEFINITIONS);
        self.now.mono = self.now.mono.after(Duration::from_micros(10));
        self.happens(Happening::Signal(Signal { source: Arc::from(source), ..signal }))
    }

    /// What is due by now, at most so much.
    fn fall_due(&mut self, most: usize) -> Vec<Duration> {
        let mut took = Vec::new();
        while took.len() < most
            && self.watch.next_deadline().is_some_and(|due| due <= self.now.mono)
        {
            took.push(self.happens(Happening::Deadline));
        }
        took
    }

    /// People answer the codes that they were sent last.
    fn answers(&mut self) -> Vec<Duration> {
        let codes: Vec<_> = self.codes.iter().rev().take(TIMED).cloned().collect();
        codes.into_iter().map(|(person, code)| self.answer(&person, code)).collect()
    }

    fn answer(&mut self, person: &PersonId, code: Code) -> Duration {
        let phone = self.watch.site().people[person].phone.clone();
        let phone: PhoneNumber = phone.expect("everybody has one");
        let text: Arc<str> = Arc::from(code.to_string());
        let mut fields = Fields::with_capacity(3);
        fields.set("sender", Value::text(phone.as_str()));
        let signal = Signal {
            input: InputName::from("gsm.modem"),
            kind: Kind::Gsm,
            source: Arc::from(phone.as_str()),
            fields,
            text,
            source_time: None,
            tells: Tells::News,
            received: self.now.utc,
            identity: None,
            raw: Arc::from([]),
        };
        self.happens(Happening::Message(ShortMessage {
            signal,
            sender: Some(phone),
            national: None,
        }))
    }
}
