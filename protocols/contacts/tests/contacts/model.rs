//! A second writing of one line, slow and obvious: it looks at every millisecond of a recorded night, and back through all of it.
//!
//! What it tells, the crate tells too: fed with edges as they come, with all edges at the end, and with readings now and then.

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

    fn contact(&self, polled: bool) -> Contact<Single> {
        let mut rules =
            Rules::new(ms(time(self.debounce))).with_agreeing(self.agreeing).expect("one or more");
        if polled {
            rules = rules.polled();
        }
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
    /// When it was seen last, and so far how often.
    latest: usize,
    readings: usize,
    /// It has held for long enough to count.
    rested: bool,
}

impl Run {
    fn of(level: Level, now: usize) -> Self {
        Self { level, begins: now, latest: now, readings: 0, rested: false }
    }
}

/// What is known and remembered: all of it.
struct Model<'a> {
    rule: &'a Rule,
    counting: Option<Level>,
    /// The runs that have ended, each with whether it held for the debounce.
    runs: Vec<(Run, bool)>,
    /// The changes since chattering ended last.
    changes: Vec<usize>,
    /// When the last movement was, while it chatters.
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

    /// The level has held until now, by edges that did not come or by a reading.
    fn look(&mut self, run: &mut Run, now: usize, needed: usize) {
        if run.readings >= needed && now - run.begins >= self.rule.wait(run.level) {
            run.rested = true;
        }
        if run.rested && self.counting != Some(run.level) {
            let is_first = self.counting.is_none();
            self.counting = Some(run.level);
            if is_first {
                self.tell(run.begins, "initial");
            } else {
                self.change(run.begins, now);
            }
        }
        self.listen(run, now);
    }

    /// Whether it has been quiet for long enough.
    fn listen(&mut self, run: &Run, now: usize) {
        let Some((_, _, quiet)) = self.rule.chatter else { return };
        let stands = run.rested && self.counting == Some(run.level);
        if stands && self.chatters.is_some_and(|last| now - last >= quiet) {
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

    /// The first of the movements without a rest, and how many there were: goes back for as long as no run was one.
    fn unrest(&self, now: usize, is_rest: impl Fn(&(Run, bool)) -> bool) -> (usize, usize) {
        // No movement began the first run.
        let restless = self.runs.iter().skip(1).rev().take_while(|run| !is_rest(run));
        restless.fold((now, 1), |(_, movements), (run, _)| (run.begins, movements + 1))
    }

    fn movement(&mut self, run: Run, steady: bool, now: usize) {
        self.runs.push((run, steady));
        let Some((most, window, _)) = self.rule.chatter else { return };
        self.chatters = self.chatters.map(|_| now);
        let (restless, _) = self.unrest(now, |(run, _)| run.rested);
        let (buzzing, movements) = self.unrest(now, |(_, steady)| *steady);
        let patience = (20 * self.rule.debounce).min(5000);
        let buzzes = movements > usize::from(most) && now - buzzing >= patience;
        if !buzzes && now - restless < window {
            return;
        }
        if self.counting.is_none() {
            self.counting = Some(Open);
            self.tell(now, "initial");
        }
        if self.chatters.is_none() {
            self.begin(now, now);
        }
    }
}

/// What is to be told of a night of which this is read; `None` where every edge is told.
fn expected(night: &[Level], rule: &Rule, read: Option<&[bool]>) -> Vec<String> {
    let mut model = Model {
        rule,
        counting: None,
        runs: Vec::new(),
        changes: Vec::new(),
        chatters: None,
        told: Vec::new(),
    };
    let agreeing = usize::from(rule.agreeing);
    let mut run = Run::of(*night.first().expect("a night is long"), 0);
    for (now, level) in night.iter().enumerate() {
        // First what has held until now, then what is new.
        match read {
            None if now > 0 => model.look(&mut run, now, agreeing),
            None => {}
            Some(_) => model.listen(&run, now),
        }
        if read.is_some_and(|read| !read[now]) {
            continue;
        }
        if *level != run.level {
            let until = if read.is_some() { run.latest } else { now };
            let needed = rule.wait(run.level).min(rule.debounce);
            let steady = run.readings >= agreeing && until - run.begins >= needed;
            model.movement(run, steady, now);
            run = Run::of(*level, now);
        }
        (run.latest, run.readings) = (now, run.readings + 1);
        let is_first = read.is_some() && model.counting.is_none();
        let needed = if is_first { agreeing.max(2) } else { agreeing };
        model.look(&mut run, now, needed);
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
    let mut contact = rule.contact(false);
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
    let mut contact = rule.contact(false);
    let mut all = told(&contact.read(*night.first().expect("a night is long"), ms(0)));
    let end = ms(time(LENGTH) - 1);
    for edge in edges(night) {
        all.extend(told(&contact.edge(edge, end)));
    }
    all.extend(told(&contact.pass(end)));
    all
}

/// Readings now and then of a device that tells no edges; time passes in between.
fn told_by_readings(night: &[Level], rule: &Rule, read: &[bool], dice: &mut Dice) -> Vec<String> {
    let mut contact = rule.contact(true);
    let mut all = Vec::new();
    for (now, (level, is_read)) in (0..).map(ms).zip(night.iter().zip(read)) {
        if *is_read {
            all.extend(told(&contact.read(*level, now)));
        }
        if contact.due().is_some_and(|due| due <= now) || dice.one_in(7) {
            all.extend(told(&contact.pass(now)));
        }
    }
    all.extend(told(&contact.pass(ms(time(LENGTH) - 1))));
    all
}

#[test]
fn edges_in_time_and_edges_in_bulk_tell_what_a_slow_look_at_the_whole_night_tells() {
    let mut dice = Dice::new();
    let (mut chattered, mut buzzed) = (0, 0);
    for _ in 0..NIGHTS {
        let rule = Rule::thrown(&mut dice, 1);
        let night = thrown_night(&mut dice);
        let expected = expected(&night, &rule, None);
        chattered += expected.iter().filter(|told| told.contains("chatter ended")).count();
        let first = expected.get(1).is_some_and(|told| told.contains("chatter began"));
        buzzed += usize::from(first);
        assert_eq!(told_in_time(&night, &rule, &mut dice), expected, "{rule:?} {night:?}");
        assert_eq!(told_in_bulk(&night, &rule), expected, "{rule:?} {night:?}");
    }
    assert!(chattered > NIGHTS / 10, "the nights are too quiet to prove anything: {chattered}");
    assert!(buzzed > NIGHTS / 100, "no night begins with buzzing: {buzzed}");
}

#[test]
fn readings_tell_what_a_slow_look_at_all_of_them_tells() {
    let mut dice = Dice::new();
    let mut changed = 0;
    for _ in 0..NIGHTS {
        let agreeing = *dice.choose(&[1, 1, 2, 3]);
        let rule = Rule::thrown(&mut dice, agreeing);
        let night = thrown_night(&mut dice);
        let seldom = *dice.choose(&[1, 2, 5]);
        let mut read: Vec<bool> = night.iter().map(|_| dice.one_in(seldom)).collect();
        read[0] = true;
        let expected = expected(&night, &rule, Some(&read));
        changed += expected.iter().filter(|told| told.contains("changed")).count();
        let by_readings = told_by_readings(&night, &rule, &read, &mut dice);
        assert_eq!(by_readings, expected, "{rule:?} {night:?} {read:?}");
    }
    assert!(changed > NIGHTS, "the nights are too quiet to prove anything: {changed}");
}
