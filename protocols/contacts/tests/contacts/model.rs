//! A second writing of one line, slow and obvious: it looks at every millisecond of a recorded night, and back through all of it.
//!
//! What it tells, the crate tells too: fed with edges as they come, with all edges at the end, and with a reading every millisecond.

use crate::dice::Dice;
use crate::{chattering, ms, told};
use vigie_contacts::Level::{Closed, Open};
use vigie_contacts::{Contact, Edge, Level, Rules, Single};

const NIGHTS: usize = 2000;
const LENGTH: usize = 300;

/// All times in milliseconds.
#[derive(Debug, Clone)]
struct Rule {
    debounce: usize,
    minimum_pulse: Option<usize>,
    /// Changes, window, quiet time.
    chatter: Option<(u16, usize, usize)>,
    agreeing: u8,
}

impl Rule {
    fn thrown(dice: &mut Dice, agreeing: u8) -> Self {
        let debounce = size(dice.below(12));
        let minimum_pulse = (!dice.one_in(2)).then(|| size(dice.below(20)));
        let chatter = (!dice.one_in(4)).then(|| {
            let changes = u16::try_from(1 + dice.below(4)).expect("small");
            (changes, size(1 + dice.below(80)), size(1 + dice.below(40)))
        });
        Self { debounce, minimum_pulse, chatter, agreeing }
    }

    fn contact(&self) -> Contact<Single> {
        let mut rules =
            Rules::new(ms(time(self.debounce))).with_agreeing(self.agreeing).expect("one or more");
        if let Some(pulse) = self.minimum_pulse {
            rules = rules.with_minimum_pulse(ms(time(pulse)));
        }
        if let Some((changes, window, quiet)) = self.chatter {
            rules = rules.with_chatter(chattering(changes, time(window), time(quiet)));
        }
        Contact::single(Closed, rules)
    }

    fn wait(&self, level: Level) -> usize {
        match level {
            Closed => self.debounce,
            Open => self.minimum_pulse.unwrap_or(self.debounce),
        }
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).expect("small")
}

fn time(number: usize) -> u64 {
    u64::try_from(number).expect("small")
}

/// The level in each millisecond, with as many short runs as long ones.
fn thrown_night(dice: &mut Dice) -> Vec<Level> {
    let mut night = Vec::new();
    let mut level = *dice.choose(&[Closed, Open]);
    while night.len() < LENGTH {
        let most = *dice.choose(&[2, 3, 12, 24, 80]);
        night.extend((0..=dice.below(most)).map(|_| level));
        level = level.opposite();
    }
    night.truncate(LENGTH);
    night
}

/// A stretch of the night at one level.
#[derive(Clone, Copy)]
struct Run {
    level: Level,
    begins: usize,
    ends: usize,
}

/// What is known and remembered: all of it.
struct Model<'a> {
    rule: &'a Rule,
    counting: Option<Level>,
    /// The runs that have ended since the first state was told.
    runs: Vec<Run>,
    /// The changes since chattering ended last.
    changes: Vec<usize>,
    /// When the last change was, while it chatters.
    chatters: Option<usize>,
    told: Vec<String>,
}

impl Model<'_> {
    fn tell(&mut self, since: usize, what: &str) {
        let state = match self.counting.expect("a state was found") {
            Closed => "normal",
            Open => "alarm",
        };
        self.told.push(format!("{since} {what}: {state}"));
    }

    /// The level has held since then, and was read so many times.
    fn look(&mut self, level: Level, begins: usize, now: usize, readings: usize) {
        if readings < usize::from(self.rule.agreeing) {
            return;
        }
        if self.counting.is_none() {
            self.counting = Some(level);
            self.tell(begins, "initial");
        }
        if now - begins < self.rule.wait(level) {
            return;
        }
        if self.counting != Some(level) {
            self.counting = Some(level);
            self.change(begins, now);
        }
        let Some((_, _, quiet)) = self.rule.chatter else { return };
        if self.chatters.is_some_and(|last| now - last >= quiet) {
            self.chatters = None;
            self.tell(now, "chatter ended");
        }
    }

    fn change(&mut self, begins: usize, now: usize) {
        let Some((most, window, _)) = self.rule.chatter else {
            return self.tell(begins, "changed");
        };
        if self.chatters.is_some() {
            self.chatters = Some(now);
            return;
        }
        self.changes.push(now);
        let recent = self.changes.iter().filter(|at| now - **at <= window).count();
        if recent > usize::from(most) {
            self.begin(begins, now);
        } else {
            self.tell(begins, "changed");
        }
    }

    fn begin(&mut self, since: usize, now: usize) {
        self.chatters = Some(now);
        self.changes.clear();
        self.tell(since, "chatter began");
    }

    /// A run has ended: goes back through the night for as long as no run was long enough to rest in.
    fn movement(&mut self, run: Run) {
        let now = run.ends;
        self.runs.push(run);
        let Some((_, window, _)) = self.rule.chatter else { return };
        if self.counting.is_none() || self.chatters.is_some() {
            return;
        }
        let mut first = now;
        // The run of the first state was not waited for, and begins no movement.
        for run in self.runs.iter().skip(1).rev() {
            let length = run.ends - run.begins;
            let rested =
                length >= self.rule.wait(run.level) && length >= usize::from(self.rule.agreeing);
            if rested {
                break;
            }
            first = run.begins;
        }
        if now - first >= window {
            self.begin(now, now);
        }
    }
}

/// What is to be told of a night.
fn expected(night: &[Level], rule: &Rule) -> Vec<String> {
    let mut model = Model {
        rule,
        counting: None,
        runs: Vec::new(),
        changes: Vec::new(),
        chatters: None,
        told: Vec::new(),
    };
    let mut level = *night.first().expect("a night is long");
    let mut begins = 0;
    for (now, next) in night.iter().enumerate() {
        // First what has held until now, then what is new.
        if now > 0 {
            model.look(level, begins, now, now - begins);
        }
        if *next != level {
            if model.counting.is_some() {
                model.movement(Run { level, begins, ends: now });
            }
            (level, begins) = (*next, now);
        }
        model.look(level, begins, now, now - begins + 1);
    }
    model.told
}

fn edges(night: &[Level]) -> Vec<Edge> {
    let pairs = night.iter().zip(night.iter().skip(1));
    let changes = (1..).zip(pairs).filter(|(_, (before, after))| before != after);
    let counted = (1..).zip(changes);
    counted
        .map(|(number, (at, (_, level)))| Edge {
            level: *level,
            at: ms(at),
            sequence: Some(number),
        })
        .collect()
}

/// Edges as they come; time passes when it is due, and now and then in between.
fn told_in_time(night: &[Level], rule: &Rule, dice: &mut Dice) -> Vec<String> {
    let mut contact = rule.contact();
    let mut all = told(&contact.read(*night.first().expect("a night is long"), ms(0)));
    let mut edges = edges(night).into_iter().peekable();
    for now in (0..time(LENGTH)).map(ms) {
        while let Some(edge) = edges.next_if(|edge| edge.at <= now) {
            all.extend(told(&contact.edge(edge, now)));
        }
        if contact.due().is_some_and(|due| due <= now) || dice.one_in(7) {
            all.extend(told(&contact.pass(now)));
        }
    }
    all
}

/// All edges after the night.
fn told_in_bulk(night: &[Level], rule: &Rule) -> Vec<String> {
    let mut contact = rule.contact();
    let mut all = told(&contact.read(*night.first().expect("a night is long"), ms(0)));
    let end = ms(time(LENGTH) - 1);
    for edge in edges(night) {
        all.extend(told(&contact.edge(edge, end)));
    }
    all.extend(told(&contact.pass(end)));
    all
}

/// A reading every millisecond.
fn told_by_readings(night: &[Level], rule: &Rule) -> Vec<String> {
    let mut contact = rule.contact();
    (0..).zip(night).flat_map(|(now, level)| told(&contact.read(*level, ms(now)))).collect()
}

#[test]
fn edges_in_time_edges_in_bulk_and_readings_tell_what_a_slow_look_at_the_whole_night_tells() {
    let mut dice = Dice::new();
    let mut chattered = 0;
    for _ in 0..NIGHTS {
        let rule = Rule::thrown(&mut dice, 1);
        let night = thrown_night(&mut dice);
        let expected = expected(&night, &rule);
        chattered += expected.iter().filter(|told| told.contains("chatter ended")).count();
        assert_eq!(told_in_time(&night, &rule, &mut dice), expected, "{rule:?} {night:?}");
        assert_eq!(told_in_bulk(&night, &rule), expected, "{rule:?} {night:?}");
        assert_eq!(told_by_readings(&night, &rule), expected, "{rule:?} {night:?}");
    }
    assert!(chattered > NIGHTS / 10, "the nights are too quiet to prove anything: {chattered}");
}

#[test]
fn readings_that_must_agree_tell_what_a_slow_look_at_the_whole_night_tells() {
    let mut dice = Dice::new();
    for _ in 0..NIGHTS {
        let agreeing = *dice.choose(&[2, 3, 5]);
        let rule = Rule::thrown(&mut dice, agreeing);
        let night = thrown_night(&mut dice);
        assert_eq!(told_by_readings(&night, &rule), expected(&night, &rule), "{rule:?} {night:?}");
    }
}
