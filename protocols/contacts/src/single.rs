//! One line: a GPIO, the control line of a serial port, an input of a Modbus board with or without a latch or a counter beside it.

use crate::counter::Ahead;
use crate::point::Point;
use crate::seen::{Look, Waits};
use crate::sequence::Sequence;
use crate::state::Position;
use crate::{Contact, Counted, Edge, Instant, Latched, Level, Report, Rules};

/// The wiring of a contact on one line.
#[derive(Debug, Clone)]
pub struct Single {
    normally: Level,
    /// The level seen last.
    level: Option<Level>,
    ahead: Ahead,
    /// The shortest movement is a pulse.
    spares_none: bool,
    sequence: Sequence,
}

impl Contact<Single> {
    /// A contact of which nothing is known yet.
    #[must_use]
    pub fn single(normally: Level, rules: Rules) -> Self {
        let spares_none = rules.minimum_pulse.is_some_and(|pulse| pulse.is_zero());
        let (ahead, sequence) = (Ahead::default(), Sequence::default());
        let wiring = Single { normally, level: None, ahead, spares_none, sequence };
        Self::wired(wiring, Point::new(normally, Waits::of(&rules), rules))
    }

    /// Takes a level that was read: at the start, from time to time, or because edges were lost.
    pub fn read(&mut self, level: Level, now: Instant) -> Vec<Report> {
        self.stale = false;
        self.see(level, now, Look::Reading)
    }

    /// Takes an edge, however late: all that wait, in their order, and before [`Self::pass`] is called with a later time.
    pub fn edge(&mut self, edge: Edge, now: Instant) -> Vec<Report> {
        let at = edge.at.min(now);
        let gap = self.wiring.sequence.follow(edge.sequence);
        let mut reports = self.missed(gap, at);
        reports.extend(self.see(edge.level, at, Look::Edge));
        reports
    }

    /// Takes what the board's latch says, and a level that was read after it.
    ///
    /// In the other order an alarm that begins in between is told twice.
    pub fn read_latched(&mut self, latched: Latched, level: Level, now: Instant) -> Vec<Report> {
        let (unseen, seen) = match latched {
            Latched::Clear | Latched::Still => (false, false),
            Latched::Set => (level == self.wiring.normally, level != self.wiring.normally),
        };
        let mut reports = self.point.pulse(u32::from(unseen), now);
        reports.extend(self.read(level, now));
        if seen {
            reports.extend(self.point.vouched(now));
        }
        reports
    }

    /// Takes what a counter has counted since it was last read, and a level that was read after it.
    ///
    /// An edge between the two readings is shown by the level first, and counted at the next: it is remembered for so long, and not told
    /// twice. In the other order an alarm that begins in between would be.
    pub fn read_counted(&mut self, counted: Counted, level: Level, now: Instant) -> Vec<Report> {
        let Single { ahead, spares_none, level: before, .. } = &mut self.wiring;
        let mut reports = match (counted, *before) {
            (Counted::First, _) | (Counted::Rose { .. } | Counted::Moved { .. }, None) => {
                ahead.take();
                Vec::new()
            }
            (Counted::Rose { by, counts }, Some(before)) => {
                self.point.pulse(ahead.pulses(by, counts, before, level), now)
            }
            (Counted::Moved { by }, Some(before)) => {
                let movements = ahead.movements(by, before, level);
                if *spares_none {
                    self.point.pulse(movements.div_ceil(2), now)
                } else {
                    self.point.moved(movements, now)
                }
            }
            (Counted::Unknown, _) => {
                ahead.take();
                self.point.edges_lost(None, now)
            }
        };
        reports.extend(self.read(level, now));
        reports
    }

    /// The device does not answer since then, or is gone: the state is unknown until a level is read.
    ///
    /// The lines are requested anew after that, so that edges count from 1 again.
    pub fn lost(&mut self, since: Instant, now: Instant) -> Vec<Report> {
        self.wiring.sequence = Sequence::default();
        self.point.lost(since, now)
    }

    fn see(&mut self, level: Level, at: Instant, look: Look) -> Vec<Report> {
        self.wiring.level = Some(level);
        self.point.see(Position::of(level, self.wiring.normally), at, look)
    }
}
