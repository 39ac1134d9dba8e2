//! A long day: the house in virtual time without the checker, whose own memory would hide the house's, with everything going wrong that
//! can. Once an hour it is looked at how much the heart knows, how much the store holds and how large this process is: after the first
//! hours none of it may grow but the record, and that no longer than it is kept.
//!
//! Some things the heart knows for days by what they are for: what it has heard, to know a repetition (so many at most); codes that must
//! not be drawn again; messages on which a network has not reported. They are told apart, and are flat after four days or so: more
//! days show that, and a month and a half shows the record let go.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;
use vigie::watch::snapshot::Piece;
use vigie::watch::state::State;

use crate::around::Around;
use crate::chance::Chance;
use crate::clocks::{At, Clocks};
use crate::devices::Devices;
use crate::life::{Life, store_in};
use crate::nights::Versions;
use crate::people::People;
use crate::weather::Weather;
use crate::world::{Happens, Shared, World};

const HOUR: Duration = Duration::from_secs(3_600);
/// What the disk takes for a commit.
const WRITING: Duration = Duration::from_micros(200);
/// What is flat is, in its last quarter, at most so many hundredths of what it was before.
const MORE: u64 = 115;
/// In so many hours what is known for days is flat.
const FOR_DAYS: usize = 8 * 24;
const MEMORY: &str = "/proc/self/status";

/// One look, at the end of an hour.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    pub(crate) hour: u64,
    /// Bytes of the heart's snapshot; of what is for days, and of all else.
    pub(crate) for_days: usize,
    pub(crate) heart: usize,
    /// Alarms that stand.
    pub(crate) standing: usize,
    pub(crate) entries: u64,
    /// Entries that were let go.
    pub(crate) let_go: u64,
    /// Rows of the tables for questions.
    pub(crate) rows: u64,
    /// Bytes of the store that are in use.
    pub(crate) store: u64,
    /// KiB of this process.
    pub(crate) memory: u64,
}

/// The house and the world, as in a night.
struct Day {
    clocks: Clocks,
    shared: Shared,
    chance: Chance,
    plans: Versions,
    changed: usize,
    people: People,
    devices: Devices,
    folder: TempDir,
    life: Option<Life>,
}

/// Everything goes wrong that can; but for the disk, which nights have.
fn foul() -> Weather {
    Weather {
        hangs: 100,
        fails: 150,
        refuses: 100,
        loses: 150,
        delays: 150,
        repeats: 150,
        silent: 300,
        dies_every: 180,
        stops_every: 120,
        clock_every: 240,
        unplugged_every: 60,
        reload_every: 90,
        lan_loses: 150,
        calm: 1,
        ..Weather::default()
    }
}

/// Plays so many hours, and looks at the end of each.
pub(crate) fn play(seed: u64, hours: u64, plans: Versions, mut told: impl FnMut(&Look)) {
    let clocks = Clocks::default();
    let mut world = World::new(clocks.clone(), Chance::new(seed), false);
    world.weather = foul();
    let mut chance = Chance::new(seed ^ 0x5eed);
    let devices = Devices::new(&plans[0].0, &mut chance);
    // Some are diligent: alarms come to their ends.
    let people = People::new(&mut chance, true);
    world.after(Duration::ZERO, Happens::Starts);
    world.begin();
    devices.begin(&mut world);
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let mut day = Day {
        clocks,
        shared: Shared::new(world),
        chance,
        plans,
        changed: 0,
        people,
        devices,
        folder: folder.expect("room for a day"),
        life: None,
    };
    for hour in 1..=hours {
        day.until(HOUR * u32::try_from(hour).expect("not so many"));
        if let Some(look) = day.look(hour) {
            told(&look);
        }
    }
}

impl Day {
    fn path(&self) -> PathBuf {
        store_in(self.folder.path())
    }

    /// Everything happens that does until then.
    fn until(&mut self, end: At) {
        loop {
            self.rests();
            let next = [self.clocks.next(), self.shared.world().next()].into_iter().flatten().min();
            let at = next.unwrap_or(end).min(end);
            self.clocks.advance(at);
            if at >= end {
                return;
            }
            let happens = self.shared.world().pop(at);
            if let Some(happens) = happens {
                self.happens(happens);
            }
        }
    }

    /// Whoever can go on does, and what is to be written is.
    fn rests(&mut self) {
        let Some(life) = &mut self.life else { return };
        life.tasks.settle(&mut self.chance);
        while life.is_writing() {
            self.clocks.advance(self.clocks.at() + WRITING);
            life.write();
            life.tasks.settle(&mut self.chance);
        }
        let mut world = self.shared.world();
        world.said.clear();
        world.deleted.clear();
        let answered = std::mem::take(&mut world.answered);
        drop(world);
        answered.into_iter().for_each(|number| self.devices.answered(number));
    }

    fn happens(&mut self, happens: Happens) {
        match happens {
            Happens::Point(_)
            | Happens::Again(_)
            | Happens::Rings { .. }
            | Happens::Sends { .. }
            | Happens::Arrives(..)
            | Happens::Sweeps(_)
            | Happens::Plug { .. }
            | Happens::Tried(_)
            | Happens::SetClock => self.around().happens(happens),
            Happens::Dies => self.ends(Happens::Dies, |life, _| drop(life)),
            Happens::Stops => {
                self.ends(Happens::Stops, |life, chance| life.close().finish(chance, usize::MAX));
            }
            Happens::Starts => self.starts(),
            Happens::Reloads => self.reloads(),
            Happens::DiskFails
            | Happens::DiskHeals
            | Happens::Writes
            | Happens::Keyboard
            | Happens::Wishes
            | Happens::Dawn => {}
        }
    }

    fn around(&mut self) -> Around<'_> {
        Around {
            shared: &self.shared,
            people: &mut self.people,
            devices: &mut self.devices,
            life: self.life.as_mut(),
        }
    }

    fn starts(&mut self) {
        if self.life.is_none() {
            let site = Arc::clone(&self.plans[self.changed].1);
            let path = self.path();
            let (life, _) = Life::begin(&path, site, &self.shared, &self.clocks, &mut self.chance);
            self.life = Some(life);
        }
        let mut world = self.shared.world();
        (0..2).for_each(|modem| world.sweep_again(Duration::from_secs(3), modem));
    }

    /// The daemon ends in this way; it starts again, and it will happen again.
    fn ends(&mut self, again: Happens, end: impl FnOnce(Life, &mut Chance)) {
        if let Some(life) = self.life.take() {
            self.shared.world().cut_off();
            end(life, &mut self.chance);
            self.clocks.forget_sleepers();
        }
        let mut world = self.shared.world();
        let wait = world.chance.seconds(1, 120);
        world.after(wait, Happens::Starts);
        let minutes = if matches!(again, Happens::Dies) {
            world.weather.dies_every
        } else {
            world.weather.stops_every
        };
        let wait = world.chance.seconds(60, minutes * 120);
        world.after(wait, again);
    }

    fn reloads(&mut self) {
        self.changed = 1 - self.changed;
        let (site, moment) = (Arc::clone(&self.plans[self.changed].1), self.clocks.moment());
        let mut world = self.shared.world();
        let wait = world.weather.reload_every;
        let wait = world.chance.seconds(60, wait * 120);
        world.after(wait, Happens::Reloads);
        drop(world);
        if let Some(life) = &mut self.life {
            life.adopts(site, moment);
        }
    }

    /// How it is now; `None`, where the daemon is dead just then.
    fn look(&mut self, hour: u64) -> Option<Look> {
        let life = self.life.as_mut()?;
        let slot: Arc<Mutex<Option<State>>> = Arc::default();
        let (inbox, answer) = (life.inbox.clone(), Arc::clone(&slot));
        life.tasks.add("look", async move {
            let seen = inbox.ask(move |watch| watch.state().clone()).await;
            *answer.lock().expect("nobody panics here") = seen.ok();
        });
        self.rests();
        let state = slot.lock().expect("nobody panics here").take()?;
        let (mut heart, mut for_days) = (0, 0);
        for piece in state.pieces() {
            let bytes = serde_json::to_vec(&piece).expect("a piece").len();
            *if is_for_days(&piece) { &mut for_days } else { &mut heart } += bytes;
        }
        let standing = state.standing_count();
        drop(state);
        let store = Connection::open_with_flags(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY);
        let store = store.expect("the store");
        let number = |sql: &str| {
            let number = store.query_row(sql, (), |row| row.get::<_, i64>(0));
            u64::try_from(number.unwrap_or(0)).expect("no less than none")
        };
        let pages = number("SELECT page_count FROM pragma_page_count")
            - number("SELECT freelist_count FROM pragma_freelist_count");
        Some(Look {
            hour,
            for_days,
            heart,
            standing,
            entries: number("SELECT max(last) FROM block"),
            let_go: number("SELECT seq FROM checkpoint"),
            rows: ["occurrence", "notification", "attempt"]
                .map(|table| number(&format!("SELECT count(*) FROM {table}")))
                .iter()
                .sum(),
            store: pages * number("SELECT page_size FROM pragma_page_size"),
            memory: memory(),
        })
    }
}

/// KiB of this process.
fn memory() -> u64 {
    let status = std::fs::read_to_string(MEMORY).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// Whether the heart knows it for days.
fn is_for_days(piece: &Piece) -> bool {
    match piece {
        Piece::Heard(_) | Piece::Code(..) => true,
        Piece::Notification(owed) => owed.is_with_the_network(),
        Piece::Counters(..)
        | Piece::Policy(..)
        | Piece::Alarm(_)
        | Piece::Conversation(..)
        | Piece::Unclaimed(..)
        | Piece::Own(..)
        | Piece::Modem(..)
        | Piece::Engines(..)
        | Piece::Path(..)
        | Piece::Roster(_)
        | Piece::Storm(_)
        | Piece::Swap(..)
        | Piece::Unreached(..)
        | Piece::Drill(_)
        | Piece::Reporting(..)
        | Piece::LifeSign(_)
        | Piece::OutOfService(..)
        | Piece::List(_)
        | Piece::Heartbeat(_)
        | Piece::SmsTests(_) => false,
    }
}

type Field = fn(&Look) -> u64;

/// What is not flat: the last quarter against the second and the third, whichever is more.
pub(crate) fn judged(looks: &[Look]) -> Vec<String> {
    let quarter = looks.len() / 4;
    if quarter < 4 {
        return vec![format!("{} looks are too few", looks.len())];
    }
    let fields: [(&str, Field, usize); 4] = [
        ("bytes of the heart", |look| whole(look.heart), 0),
        ("bytes of what it knows for days", |look| whole(look.for_days), FOR_DAYS),
        ("KiB of this process", |look| look.memory, 0),
        ("bytes of the store for an entry", Look::per_entry, 0),
    ];
    let median = |part: &[Look], field: Field| {
        let mut numbers: Vec<u64> = part.iter().map(field).collect();
        numbers.sort_unstable();
        numbers[numbers.len() / 2]
    };
    let asked = fields.iter().filter(|(.., hours)| looks.len() >= *hours);
    let grown = asked.filter_map(|(name, field, _)| {
        let [second, third] = [1, 2].map(|part| &looks[part * quarter..(part + 1) * quarter]);
        let before = median(second, *field).max(median(third, *field));
        let last = median(&looks[looks.len() - quarter..], *field);
        (last * 100 > before * MORE).then(|| format!("{name}: {before}, and {last} at the end"))
    });
    grown.collect()
}

fn whole(number: usize) -> u64 {
    u64::try_from(number).expect("not so many")
}

impl Look {
    fn per_entry(&self) -> u64 {
        self.store / (self.entries - self.let_go).max(1)
    }
}
