//! From the positions that are seen to the state that counts: the one machine behind every wiring.
//!
//! It holds the state that counts, the position that was seen last, and how long and how often that has been seen. A position that is
//! not the one that counts waits; what it waits for is time, readings that agree, or both ([`Eye`]). Nothing else is kept, so that
//! nothing can grow. Each round of [`Point::pass`] ends a wait for good, so that no time can make it loop.

use crate::became::Fate;
use crate::chatter::{Chatter, Telling};
use crate::seen::{Eye, Look, Seen, Waits};
use crate::state::Position;
use crate::{Became, Instant, Level, Outcome, Report, Rules, State};

#[derive(Debug, Clone, Copy)]
enum Knowledge {
    /// No state has counted yet.
    Nothing {
        /// What the board counted meanwhile; told after the first state.
        pulses: u32,
    },
    /// This one counts.
    Known(Position),
    /// The device is lost.
    Blind {
        before: Option<Position>,
        /// What the board counted meanwhile; told once the device is found.
        pulses: u32,
    },
}

/// What is seen of one contact, and what of it counts: levels go in, reports come out.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    normally: Level,
    eye: Eye,
    knowledge: Knowledge,
    seen: Option<Seen>,
    chatter: Option<Chatter>,
    became: Became,
}

impl Point {
    /// A contact of which nothing is known yet.
    pub(crate) fn new(normally: Level, waits: Waits, rules: Rules) -> Self {
        Self {
            normally,
            eye: Eye::of(waits, &rules),
            knowledge: Knowledge::Nothing { pulses: 0 },
            seen: None,
            chatter: rules.chatter.map(|rule| Chatter::new(rule, rules.debounce)),
            became: Became::default(),
        }
    }

    /// Takes a position. A time before that of the last movement counts as that; the edge of what a reading has shown already
    /// counts from its own.
    pub(crate) fn see(&mut self, position: Position, at: Instant, look: Look) -> Vec<Report> {
        let at = self.seen.map_or(at, |seen| match look {
            Look::Reading => at.max(seen.since),
            Look::Edge => at.max(seen.earliest),
        });
        let mut reports =
            if self.is_interrupted(position, look) { Vec::new() } else { self.pass(at) };
        reports.extend(self.note(position, at, look));
        reports.extend(self.pass(at));
        reports
    }

    /// A reading shows that a return was interrupted, by an edge that is still to come: until when it held nobody knows.
    fn is_interrupted(&self, position: Position, look: Look) -> bool {
        let is_returning = self.seen.is_some_and(|seen| seen.position == Position::Normal)
            && self.counting() != Some(Position::Normal);
        let is_read = look == Look::Reading && !self.eye.is_polled();
        is_read && is_returning && position != Position::Normal
    }

    /// Lets end what ends until then.
    pub(crate) fn pass(&mut self, now: Instant) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Some((due, end)) = self.next_end().filter(|(due, _)| *due <= now) {
            match end {
                End::Wait(seen) => reports.extend(self.settle(seen.position, seen.since, due)),
                End::Chatter(position) => {
                    if let Some(chatter) = &mut self.chatter {
                        chatter.end();
                    }
                    reports.push(self.report(due, Outcome::ChatterEnded(self.state_in(position))));
                }
            }
        }
        reports
    }

    /// When the next wait ends by the passing of time alone; `None`: none does.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.next_end().map(|(due, _)| due)
    }

    pub(crate) fn became(&self) -> Became {
        self.became
    }

    /// The state that counts; `None` before the first, and while the device is lost.
    pub(crate) fn state(&self) -> Option<State> {
        self.counting().map(|position| self.state_in(position))
    }

    /// Takes pulses that a latch or a counter saw, and that were over when it was read. They are long enough.
    pub(crate) fn pulse(&mut self, pulses: u32, at: Instant) -> Vec<Report> {
        if pulses == 0 {
            return Vec::new();
        }
        let at = self.seen.map_or(at, |seen| at.max(seen.since));
        let mut reports = self.pass(at);
        match &mut self.knowledge {
            Knowledge::Known(_) => reports.extend(self.rise(pulses, at)),
            Knowledge::Nothing { pulses: owed } | Knowledge::Blind { pulses: owed, .. } => {
                *owed = owed.saturating_add(pulses);
            }
        }
        reports.extend(self.pass(at));
        reports
    }

    /// The alarm that is seen is vouched for by the board itself: it counts at once, and is told however soon it is over.
    pub(crate) fn vouched(&mut self, at: Instant) -> Vec<Report> {
        let Some(seen) = self.seen.filter(|seen| seen.position == Position::Alarm) else {
            return Vec::new();
        };
        match &mut self.knowledge {
            Knowledge::Known(Position::Alarm) => Vec::new(),
            Knowledge::Known(_) => self.settle(seen.position, seen.since, at.max(seen.since)),
            Knowledge::Nothing { pulses: owed } | Knowledge::Blind { pulses: owed, .. } => {
                *owed = owed.saturating_add(1);
                Vec::new()
            }
        }
    }

    /// Takes movements that only a counter saw which counts whatever moves: what is seen has yet to hold.
    pub(crate) fn moved(&mut self, movements: u32, at: Instant) -> Vec<Report> {
        let Some(seen) = self.seen.filter(|_| movements > 0) else {
            return Vec::new();
        };
        let at = at.max(seen.since);
        let mut reports = self.interrupt(at);
        self.seen = Some(self.eye.restart(seen, at));
        reports.extend(self.movement(seen, movements, at));
        reports
    }

    /// Edges are missing before this time.
    pub(crate) fn edges_lost(&mut self, edges: Option<u32>, at: Instant) -> Vec<Report> {
        let mut reports = self.interrupt(at);
        if let Some(chatter) = self.chatter.as_mut().filter(|_| edges.is_some()) {
            chatter.stir(at);
        }
        reports.push(self.report(at, Outcome::EdgesLost { edges, state: self.state() }));
        reports
    }

    /// Something happened before this time. An alarm that was waiting is taken to have held, a return begins again: in doubt, it
    /// is an alarm.
    fn interrupt(&mut self, at: Instant) -> Vec<Report> {
        if let Some(seen) = self.seen.filter(|seen| seen.position == Position::Normal) {
            self.seen = Some(self.eye.restart(seen, at.max(seen.since)));
        }
        self.pass(at)
    }

    /// Nobody sees the contact any more, since then. What was waiting will not be known.
    pub(crate) fn lost(&mut self, since: Instant, now: Instant) -> Vec<Report> {
        let since = since.min(now);
        let mut reports = self.pass(since);
        let (before, pulses) = match self.knowledge {
            Knowledge::Nothing { pulses } => (None, pulses),
            Knowledge::Known(position) => (Some(position), 0),
            Knowledge::Blind { .. } => return reports,
        };
        if self.seen.take().is_some_and(|seen| before.is_some_and(|is| is != seen.position)) {
            self.became.count(Fate::TooShort);
        }
        self.knowledge = Knowledge::Blind { before, pulses };
        if let Some(chatter) = &mut self.chatter {
            chatter.lose_sight();
        }
        reports.push(self.report(since, Outcome::Lost));
        reports
    }

    fn counting(&self) -> Option<Position> {
        match self.knowledge {
            Knowledge::Known(position) => Some(position),
            Knowledge::Nothing { .. } | Knowledge::Blind { .. } => None,
        }
    }

    fn state_in(&self, position: Position) -> State {
        State::new(position, self.normally)
    }

    /// What ends next, and when. A contact that is on its way to another state is not quiet.
    fn next_end(&self) -> Option<(Instant, End)> {
        let seen = self.seen?;
        let rested = self.eye.rested(seen)?;
        if self.counting() != Some(seen.position) {
            return Some((rested, End::Wait(seen)));
        }
        let ends = self.chatter.as_ref()?.ends(rested)?;
        Some((ends, End::Chatter(seen.position)))
    }

    /// Notes a position, and that it chatters if this was one movement too many without a rest.
    fn note(&mut self, position: Position, at: Instant, look: Look) -> Vec<Report> {
        let counting = self.counting();
        let is_first = counting.is_none();
        let Some(seen) = self.seen else {
            self.seen = Some(self.eye.anew(position, at, at, is_first));
            return Vec::new();
        };
        if seen.position == position {
            let seen = match look {
                Look::Reading => seen,
                Look::Edge => seen.beginning(at),
            };
            self.seen = Some(self.eye.again(seen, at, is_first));
            return Vec::new();
        }
        let both_wait = counting != Some(seen.position) && counting != Some(position);
        if both_wait && seen.position.is_fault() && position.is_fault() {
            // One fault that shows itself in two ways has lasted since the first.
            self.seen = Some(self.eye.again(seen.showing(position), at, is_first));
            return Vec::new();
        }
        let earliest = match look {
            Look::Reading => seen.since,
            Look::Edge => at,
        };
        let reports = self.movement(seen, 1, at);
        self.pass_over(counting, seen.position, position);
        let is_first = self.counting().is_none();
        self.seen = Some(self.eye.anew(position, at, earliest, is_first));
        reports
    }

    /// Counts the edges that were too short now that one position was left for another; what counted before that is handed in.
    fn pass_over(&mut self, before: Option<Position>, left: Position, position: Position) {
        let undone = match before {
            // The edge that showed what is left, and the one that undoes it.
            Some(before) => u8::from(left != before) + u8::from(position == before),
            // The first state is no edge: until it counts, each edge stands for the position before it. One that was settled for
            // want of rest leaves the edge after it open.
            None => u8::from(self.counting().is_none_or(|counts| counts == position)),
        };
        (0..undone).for_each(|_| self.became.count(Fate::TooShort));
    }

    /// What was seen was left. What finds no rest is told as such; if it never had a state, in doubt as an alarm.
    fn movement(&mut self, left: Seen, movements: u32, at: Instant) -> Vec<Report> {
        let rested = self.eye.rested(left).is_some_and(|rested| rested <= at);
        let steady = self.eye.is_steady(left, at);
        let Some(chatter) = &mut self.chatter else {
            return Vec::new();
        };
        if !chatter.movement(rested, steady, movements, at) {
            return Vec::new();
        }
        let mut reports = Vec::new();
        if self.counting().is_none() {
            reports = self.settle(Position::Alarm, at, at);
        }
        let begins = self.chatter.as_mut().is_some_and(|chatter| chatter.begin(at));
        if let Some(state) = self.state().filter(|_| begins) {
            reports.push(self.report(at, Outcome::ChatterBegan(state)));
        }
        reports
    }

    /// A position has held since then: it counts.
    fn settle(&mut self, position: Position, since: Instant, at: Instant) -> Vec<Report> {
        let state = self.state_in(position);
        let before = std::mem::replace(&mut self.knowledge, Knowledge::Known(position));
        let (outcome, owed) = match before {
            Knowledge::Nothing { pulses } => (Outcome::Initial(state), pulses),
            Knowledge::Known(_) => {
                let telling = self.change(1, at);
                self.became.count(telling.of_an_edge());
                match telling {
                    Telling::Singly => (Outcome::Changed(state), 0),
                    Telling::AsBeginning => (Outcome::ChatterBegan(state), 0),
                    Telling::Untold => return Vec::new(),
                }
            }
            Knowledge::Blind { before, pulses } => {
                if let Some(chatter) = &mut self.chatter {
                    chatter.stir(at);
                }
                let before = before.map(|position| self.state_in(position));
                (Outcome::Recovered { state, before }, pulses)
            }
        };
        let mut reports = vec![self.report(since, outcome)];
        if owed > 0 {
            reports.extend(self.rise(owed, at));
            // The level was read after the counter or the latch, and has been seen since.
            self.seen = self.seen.map(|seen| self.eye.again(seen, at, false));
        }
        reports
    }

    /// An alarm that came and went, so many times. What is seen now has yet to hold.
    fn rise(&mut self, pulses: u32, at: Instant) -> Option<Report> {
        let stood = self.counting() == Some(Position::Alarm);
        self.knowledge = Knowledge::Known(Position::Alarm);
        self.seen = self.seen.map(|seen| self.eye.restart(seen, at));
        // The last return is a change of its own, and counts when it has held.
        let changes = pulses.saturating_mul(2).saturating_sub(u32::from(!stood));
        let state = self.state_in(Position::Alarm);
        let outcome = match self.change(changes, at) {
            Telling::Singly if stood => return None,
            Telling::Singly => Outcome::Pulsed { state, pulses },
            Telling::AsBeginning => Outcome::ChatterBegan(state),
            Telling::Untold => return None,
        };
        Some(self.report(at, outcome))
    }

    /// Whether it chatters.
    pub(crate) fn is_chattering(&self) -> bool {
        self.chatter.as_ref().is_some_and(Chatter::is_chattering)
    }

    fn report(&self, since: Instant, outcome: Outcome) -> Report {
        Report { since, outcome, is_chattering: self.is_chattering() }
    }

    fn change(&mut self, changes: u32, at: Instant) -> Telling {
        self.chatter.as_mut().map_or(Telling::Singly, |chatter| chatter.change(changes, at))
    }
}

/// What can end by itself.
enum End {
    /// The wait of the position that was seen.
    Wait(Seen),
    /// Chattering, in this position.
    Chatter(Position),
}
