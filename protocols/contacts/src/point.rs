//! From the positions that are seen to the state that counts: the one machine behind every wiring.
//!
//! It holds the state that counts, the position that was seen last, and how long and how often that has been seen. A position that is
//! not the one that counts waits; what it waits for is time ([`Waits`]), readings that agree, or both. Nothing else is kept, so that
//! nothing can grow. Each round of [`Point::pass`] ends a wait for good, so that no time can make it loop.

use crate::chatter::{Chatter, Telling};
use crate::state::Position;
use crate::{Instant, Level, Outcome, Report, Rules, State};
use std::time::Duration;

/// How long a position must hold before it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    normal: Duration,
    alarm: Duration,
    fault: Duration,
    /// The first state waits for nothing but a pair that moves.
    first_fault: Duration,
}

impl Waits {
    pub(crate) fn of(rules: &Rules) -> Self {
        Self {
            normal: rules.debounce,
            alarm: rules.minimum_pulse.unwrap_or(rules.debounce),
            fault: rules.debounce,
            first_fault: Duration::ZERO,
        }
    }

    /// A fault is one only after this time, even at the start.
    pub(crate) fn with_discrepancy(self, discrepancy: Duration) -> Self {
        Self { fault: discrepancy, first_fault: discrepancy, ..self }
    }

    fn after_another(&self, position: Position) -> Duration {
        match position {
            Position::Normal => self.normal,
            Position::Alarm => self.alarm,
            Position::Fault(_) => self.fault,
        }
    }

    fn as_the_first(&self, position: Position) -> Duration {
        match position {
            Position::Normal | Position::Alarm => Duration::ZERO,
            Position::Fault(_) => self.first_fault,
        }
    }
}

/// How a position came to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// It was read: the same as before means that it held.
    Reading,
    /// It was reached by an edge: the same as before means that it was left in between.
    Edge,
}

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

/// The position seen last.
#[derive(Debug, Clone, Copy)]
struct Seen {
    position: Position,
    /// Since when its wait runs.
    since: Instant,
    readings: u8,
    /// When enough readings had shown it; until then it waits for more.
    agreed: Option<Instant>,
}

impl Seen {
    /// The same position, read once more.
    fn read_again(self, agreeing: u8, at: Instant) -> Self {
        let readings = self.readings.saturating_add(1);
        let agreed = self.agreed.or_else(|| (readings >= agreeing).then_some(at));
        Self { readings, agreed, ..self }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Point {
    normally: Level,
    waits: Waits,
    agreeing: u8,
    knowledge: Knowledge,
    seen: Option<Seen>,
    chatter: Option<Chatter>,
}

impl Point {
    pub(crate) fn new(normally: Level, waits: Waits, rules: Rules) -> Self {
        Self {
            normally,
            waits,
            agreeing: rules.agreeing,
            knowledge: Knowledge::Nothing { pulses: 0 },
            seen: None,
            chatter: rules.chatter.map(Chatter::new),
        }
    }

    /// Takes a position; a time before that of the last movement counts as that.
    pub(crate) fn see(&mut self, position: Position, at: Instant, look: Look) -> Vec<Report> {
        let at = self.seen.map_or(at, |seen| at.max(seen.since));
        let mut reports = self.pass(at);
        reports.extend(self.note(position, at, look));
        reports.extend(self.pass(at));
        reports
    }

    /// Lets end what ends until then.
    pub(crate) fn pass(&mut self, now: Instant) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Some((due, end)) = self.next_end().filter(|(due, _)| *due <= now) {
            match end {
                End::Wait(seen) => reports.extend(self.settle(seen, due)),
                End::Chatter(position) => {
                    if let Some(chatter) = &mut self.chatter {
                        chatter.end();
                    }
                    reports.push(report(due, Outcome::ChatterEnded(self.state_in(position))));
                }
            }
        }
        reports
    }

    pub(crate) fn due(&self) -> Option<Instant> {
        self.next_end().map(|(due, _)| due)
    }

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
            Knowledge::Known(_) => self.settle(seen, at.max(seen.since)),
            Knowledge::Nothing { pulses: owed } | Knowledge::Blind { pulses: owed, .. } => {
                *owed = owed.saturating_add(1);
                Vec::new()
            }
        }
    }

    /// Edges are missing before this time. An alarm that was waiting is taken to have held, a return begins again: in doubt, it
    /// is an alarm.
    pub(crate) fn edges_lost(&mut self, edges: Option<u32>, at: Instant) -> Vec<Report> {
        if let Some(seen) = &mut self.seen {
            match seen.position {
                Position::Normal => seen.since = at.max(seen.since),
                Position::Alarm | Position::Fault(_) => {}
            }
        }
        let mut reports = self.pass(at);
        reports.push(report(at, Outcome::EdgesLost { edges, state: self.state() }));
        reports
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
        self.seen = None;
        self.knowledge = Knowledge::Blind { before, pulses };
        reports.push(report(since, Outcome::Lost));
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

    /// How long this position must hold now.
    fn wait(&self, position: Position) -> Duration {
        match self.knowledge {
            Knowledge::Known(_) => self.waits.after_another(position),
            Knowledge::Nothing { .. } | Knowledge::Blind { .. } => {
                self.waits.as_the_first(position)
            }
        }
    }

    /// When the position that was seen has held long enough; not before enough readings agree.
    fn rested(&self, seen: Seen) -> Option<Instant> {
        let held = seen.since.saturating_add(self.wait(seen.position));
        seen.agreed.map(|agreed| agreed.max(held))
    }

    /// What ends next, and when. A contact that is on its way to another state is not quiet.
    fn next_end(&self) -> Option<(Instant, End)> {
        let seen = self.seen?;
        let rested = self.rested(seen)?;
        if self.counting() != Some(seen.position) {
            return Some((rested, End::Wait(seen)));
        }
        let ends = self.chatter.as_ref()?.ends(rested)?;
        Some((ends, End::Chatter(seen.position)))
    }

    /// Notes a position, and that it chatters if this was one movement too many without a rest.
    fn note(&mut self, position: Position, at: Instant, look: Look) -> Option<Report> {
        let agreed = (self.agreeing <= 1).then_some(at);
        let anew = Seen { position, since: at, readings: 1, agreed };
        let Some(seen) = self.seen else {
            self.seen = Some(anew);
            return None;
        };
        let again = seen.read_again(self.agreeing, at);
        if seen.position == position {
            let since = match look {
                Look::Reading => seen.since,
                Look::Edge => at,
            };
            self.seen = Some(Seen { since, ..again });
            return None;
        }
        let counting = self.counting();
        let both_wait = counting != Some(seen.position) && counting != Some(position);
        if both_wait && seen.position.is_fault() && position.is_fault() {
            // One fault that shows itself in two ways has lasted since the first.
            self.seen = Some(Seen { position, ..again });
            return None;
        }
        let rested = self.rested(seen).is_some_and(|rested| rested <= at);
        self.seen = Some(anew);
        let state = self.state()?;
        let begins = self.chatter.as_mut()?.movement(rested, at);
        begins.then(|| report(at, Outcome::ChatterBegan(state)))
    }

    /// The position that was seen has held: it counts.
    fn settle(&mut self, seen: Seen, at: Instant) -> Vec<Report> {
        let state = self.state_in(seen.position);
        let before = std::mem::replace(&mut self.knowledge, Knowledge::Known(seen.position));
        let (outcome, owed) = match before {
            Knowledge::Nothing { pulses } => (Outcome::Initial(state), pulses),
            Knowledge::Known(_) => match self.change(1, at) {
                Telling::Singly => (Outcome::Changed(state), 0),
                Telling::AsBeginning => (Outcome::ChatterBegan(state), 0),
                Telling::Untold => return Vec::new(),
            },
            Knowledge::Blind { before, pulses } => {
                if let Some(chatter) = &mut self.chatter {
                    chatter.resume(at);
                }
                let before = before.map(|position| self.state_in(position));
                (Outcome::Recovered { state, before }, pulses)
            }
        };
        let mut reports = vec![report(seen.since, outcome)];
        if owed > 0 {
            reports.extend(self.rise(owed, at));
        }
        reports
    }

    /// An alarm that came and went, so many times. What is seen now has yet to hold.
    fn rise(&mut self, pulses: u32, at: Instant) -> Option<Report> {
        let stood = self.counting() == Some(Position::Alarm);
        self.knowledge = Knowledge::Known(Position::Alarm);
        if let Some(seen) = &mut self.seen {
            seen.since = at;
        }
        // The last return is a change of its own, and counts when it has held.
        let changes = pulses.saturating_mul(2).saturating_sub(u32::from(!stood));
        let state = self.state_in(Position::Alarm);
        let outcome = match self.change(changes, at) {
            Telling::Singly if stood => return None,
            Telling::Singly => Outcome::Pulsed { state, pulses },
            Telling::AsBeginning => Outcome::ChatterBegan(state),
            Telling::Untold => return None,
        };
        Some(report(at, outcome))
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

fn report(since: Instant, outcome: Outcome) -> Report {
    Report { since, outcome }
}
