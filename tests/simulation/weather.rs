//! The weather of a night: how often what goes wrong, in thousandths.
//!
//! Most nights are fair; some are foul in one respect, a few in all of them.

use crate::chance::Chance;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    /// A modem falls silent after it had the message.
    pub(crate) hangs: usize,
    /// The network does not take a message now.
    pub(crate) fails: usize,
    /// The network refuses a message for good.
    pub(crate) refuses: usize,
    /// A message is taken and never arrives.
    pub(crate) loses: usize,
    /// A message arrives much later.
    pub(crate) delays: usize,
    /// A message arrives twice.
    pub(crate) repeats: usize,
    /// No report comes.
    pub(crate) silent: usize,
    /// How many minutes pass between two deaths of the daemon; 0: it does not die.
    pub(crate) dies_every: u64,
    /// How many minutes pass between two orderly stops; 0: it is never stopped.
    pub(crate) stops_every: u64,
    /// The daemon dies in the middle of a commit.
    pub(crate) dies_writing: usize,
    /// How many minutes pass between two failures of the disk; 0: it does not fail.
    pub(crate) disk_every: u64,
    /// A commit takes long.
    pub(crate) slow_disk: usize,
    /// How many minutes pass between two jumps of the wall clock; 0: it does not jump.
    pub(crate) clock_every: u64,
    /// How many minutes a modem stays plugged in; 0: always.
    pub(crate) unplugged_every: u64,
    /// How many minutes pass between two changes of the files; 0: they are not changed.
    pub(crate) reload_every: u64,
    /// An inform is lost on the way.
    pub(crate) lan_loses: usize,
    /// By how much longer than in a bad night one waits for the next thing to happen: most sites
    /// are quiet for weeks.
    pub(crate) calm: u32,
}

impl Weather {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        let storm = chance.per_mille(80);
        let mut foul = || storm || chance.per_mille(250);
        let fouls: Vec<bool> = (0..14).map(|_| foul()).collect();
        let pick = |number: usize, fair: usize, bad: usize| if fouls[number] { bad } else { fair };
        let every = |number: usize, minutes: u64| if fouls[number] { minutes } else { 0 };
        Self {
            hangs: pick(0, 5, 200),
            fails: pick(1, 10, 300),
            refuses: pick(2, 3, 200),
            loses: pick(3, 10, 300),
            delays: pick(4, 10, 300),
            repeats: pick(5, 10, 200),
            silent: pick(6, 100, 900),
            dies_every: every(7, 120),
            stops_every: every(13, 60),
            dies_writing: pick(7, 0, 15),
            disk_every: every(8, 150),
            slow_disk: pick(8, 5, 100),
            clock_every: every(9, 180),
            unplugged_every: every(10, 90),
            reload_every: every(11, 200),
            lan_loses: pick(12, 5, 200),
            calm: *chance.pick(&[1, 1, 1, 30, 30, 30, 1_200, 1_200, 1_200, 1_200]),
        }
    }

    /// At dawn everything works.
    pub(crate) fn fair() -> Self {
        Self { silent: 100, calm: 1, ..Self::default() }
    }
}
