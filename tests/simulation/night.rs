//! One night: a seed decides everything that happens, and after each thing that does, the checker
//! looks. In the morning everything works and everybody does what they should: then all that stood
//! must come to its end.

mod troubles;
mod wishes;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use vigie::board::alarm_views;
use vigie::watch::event::{Action, Command, Happening, Target};

use crate::around::Around;
use crate::chance::Chance;
use crate::checker::{Checker, Seen};
use crate::clocks::{At, Clocks};
use crate::devices::{self, Devices};
use crate::life::Life;
use crate::nights::Versions;
use crate::people::{MORNING, People};
use crate::platter::Platter;
use crate::site::PEOPLE;
use crate::weather::Weather;
use crate::world::{Counts, Happens, Shared, World};

pub(crate) struct Night {
    pub(super) clocks: Clocks,
    pub(super) shared: Shared,
    pub(super) chance: Chance,
    pub(super) plans: Versions,
    pub(super) changed: usize,
    pub(super) people: People,
    pub(super) devices: Devices,
    pub(super) platter: Platter,
    pub(super) life: Option<Life>,
    pub(super) checker: Checker,
    pub(super) morning: bool,
    over: At,
}

/// So many events are enough for one night.
const EVENTFUL: u64 = 12_000;
/// A disk that has not answered for so long is taken for one that refuses.
const HANGS: Duration = Duration::from_secs(15);

/// How long a night lasts before dawn.
fn length(chance: &mut Chance) -> Duration {
    if chance.per_mille(100) {
        chance.seconds(24 * 3_600, 90 * 3_600)
    } else {
        chance.seconds(3_600, 20 * 3_600)
    }
}

impl Night {
    /// The night of this seed; the world outlives it, with its story.
    pub(crate) fn new(seed: u64, shared: &Shared, sites: &[Versions; 2], folder: TempDir) -> Self {
        let mut chance = Chance::new(seed ^ 0x5eed);
        let clocks = shared.world().clocks.clone();
        let plans = chance.pick(sites).clone();
        let devices = Devices::new(&plans[0].0, &mut chance);
        let calm = shared.world().weather.calm;
        let people = People::new(&mut chance, calm > 1);
        let night = length(&mut chance) * calm;
        let mut new = Self {
            clocks,
            shared: shared.clone(),
            people,
            devices,
            platter: Platter::new(folder),
            life: None,
            checker: Checker::new(plans[0].0.clone()),
            plans,
            changed: 0,
            chance,
            morning: false,
            over: Duration::MAX,
        };
        new.prepare(night);
        new
    }

    fn prepare(&mut self, night: Duration) {
        let mut world = self.shared.world();
        world.after(Duration::ZERO, Happens::Starts);
        world.after(night, Happens::Dawn);
        self.devices.begin(&mut world);
        world.begin();
        let every = |world: &mut World, minutes: u64, happens: Happens| {
            let wait = world.chance.seconds(1, minutes * 120) * world.weather.calm;
            world.after(wait, happens);
        };
        every(&mut world, 120, Happens::Keyboard);
        every(&mut world, 60, Happens::Wishes);
    }

    /// Plays it to its end. What is found panics.
    pub(crate) fn play(mut self) -> Counts {
        loop {
            self.has_seen_enough();
            if let Some(life) = &mut self.life {
                life.tasks.settle(&mut self.chance);
            }
            self.came_out();
            self.arrange_writing();
            let now = self.clocks.at();
            let next = [self.clocks.next(), self.shared.world().next()].into_iter().flatten().min();
            let at = next.unwrap_or(self.over).min(self.over);
            if at > now && self.life.as_ref().is_none_or(|life| !life.is_writing()) {
                self.rests();
            }
            if at >= self.over {
                break;
            }
            self.clocks.advance(at);
            let happens = self.shared.world().pop(at);
            if let Some(happens) = happens {
                self.happens(happens);
            }
        }
        self.ends()
    }

    /// A night in which too much happens ends early: others want to be played.
    fn has_seen_enough(&mut self) {
        if !self.morning && self.shared.world().counts.events > EVENTFUL {
            self.dawn();
        }
    }

    /// What has come out of the house since the last look.
    fn came_out(&mut self) {
        let (said, answered, deleted) = {
            let mut world = self.shared.world();
            let answered = std::mem::take(&mut world.answered);
            (std::mem::take(&mut world.said), answered, std::mem::take(&mut world.deleted))
        };
        for number in &answered {
            self.devices.answered(*number);
        }
        if !said.is_empty() || !answered.is_empty() || !deleted.is_empty() {
            self.checker.came_out(said, &answered, &deleted);
        }
    }

    /// The scribe takes its time.
    fn arrange_writing(&mut self) {
        let asked = self.life.as_ref().is_some_and(Life::is_writing);
        let mut world = self.shared.world();
        if asked && !world.is_going_to(|happens| matches!(happens, Happens::Writes)) {
            let slow = world.weather.slow_disk;
            let wait = if world.chance.per_mille(slow) {
                world.chance.seconds(1, 40)
            } else {
                Duration::from_micros(200)
            };
            world.after(wait, Happens::Writes);
            // Two of them in a row, and the house goes on without it.
            if wait >= HANGS / 2 {
                drop(world);
                self.checker.the_disk_may_refuse();
            }
        }
    }

    /// Nobody has anything to do until time goes on: the checker looks at everything.
    fn rests(&mut self) {
        let at = self.clocks.at();
        let Some(life) = &mut self.life else {
            self.checker.nobody_is_home();
            return;
        };
        let spare = self.shared.world().spare();
        if !self.checker.has_news() {
            self.checker.waits(at, spare);
            return;
        }
        let whole = self.chance.per_mille(20);
        let slot: Arc<Mutex<Option<Seen>>> = Arc::default();
        let (inbox, answer, moment) = (life.inbox.clone(), Arc::clone(&slot), self.clocks.moment());
        life.tasks.add("control room", async move {
            let seen = inbox.ask(move |watch| Seen {
                board: alarm_views(watch, true),
                state: whole.then(|| watch.state().clone()),
            });
            *answer.lock().expect("nobody panics here") = seen.await.ok();
        });
        life.tasks.settle(&mut self.chance);
        let seen = slot.lock().expect("nobody panics here").take();
        if let Some(seen) = seen {
            self.shared.world().counts.checks += 1;
            self.checker.look(&seen, at, moment, spare);
        }
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
            Happens::DiskFails => self.disk_fails(),
            Happens::DiskHeals => self.disk_heals(),
            Happens::Writes => self.writes(),
            Happens::Dies => self.dies_by_chance(),
            Happens::Starts => self.starts(),
            Happens::Stops => self.stops(),
            Happens::Reloads => self.reloads(),
            Happens::Keyboard => self.keyboard(),
            Happens::Wishes => self.wishes(),
            Happens::Dawn => self.dawn(),
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

    fn reloads(&mut self) {
        self.changed = 1 - self.changed;
        let site = Arc::clone(&self.plans[self.changed].1);
        let moment = self.clocks.moment();
        let mut world = self.shared.world();
        world.tell(|| "the files are changed, and read again".to_owned());
        let minutes = world.weather.reload_every;
        if minutes > 0 && !self.morning {
            let wait = world.chance.seconds(60, minutes * 120) * world.weather.calm;
            world.after(wait, Happens::Reloads);
        }
        drop(world);
        if let Some(life) = &mut self.life {
            life.adopts(site, moment);
            self.checker.adopts(&self.plans[self.changed].0);
        }
    }

    /// Somebody acts on some occurrence, whatever it is; in the morning, lets go of what is latched.
    fn keyboard(&mut self) {
        let moment = self.clocks.moment();
        let actions = [Action::Acknowledge, Action::Confirm, Action::Decline, Action::Reset];
        let (person, _) = *self.chance.pick(&PEOPLE);
        let any = *self.chance.pick(&actions);
        let standing = self.checker.standing();
        let targets = if self.morning { self.checker.latched() } else { standing };
        let action = if self.morning { Action::Reset } else { any };
        {
            let mut world = self.shared.world();
            let wait = if self.morning {
                Duration::from_secs(600)
            } else {
                world.chance.seconds(60, 7_200) * world.weather.calm
            };
            world.after(wait, Happens::Keyboard);
            if !self.morning && world.chance.per_mille(300) {
                devices::transmit(&mut world);
            }
        }
        let Some(life) = self.life.as_mut().filter(|_| !targets.is_empty()) else { return };
        let target = Target::Occurrence(*self.chance.pick(&targets));
        let account = Arc::from("root");
        let command = Command { person: person.into(), account, action, target };
        self.shared.world().tell(|| format!("at the keyboard: {command:?}"));
        let inbox = life.inbox.clone();
        life.tasks.add("keyboard", async move {
            let _ = inbox.post(Happening::Command(command), moment).await;
        });
    }

    fn dawn(&mut self) {
        if self.morning {
            return;
        }
        self.morning = true;
        self.over = self.clocks.at() + MORNING;
        let started = self.life.is_some();
        let mut world = self.shared.world();
        world.tell(|| "dawn: everything works".to_owned());
        world.weather = Weather::fair();
        world.forget(|happens| {
            matches!(
                happens,
                Happens::Dies
                    | Happens::Stops
                    | Happens::SetClock
                    | Happens::DiskFails
                    | Happens::Reloads
                    | Happens::Plug { .. }
                    | Happens::Sends { .. }
            )
        });
        for modem in 0..2 {
            world.after(Duration::from_secs(1), Happens::Plug { modem, up: true });
        }
        if !started {
            world.after(Duration::from_secs(1), Happens::Starts);
        }
        world.after(Duration::from_secs(1_200), Happens::Keyboard);
        world.after(Duration::from_secs(60), Happens::Wishes);
        self.people.wake_up(&mut world);
        self.devices.dawn(&mut world);
        drop(world);
        self.platter.heal();
        self.checker.the_disk_is_well();
    }

    /// Morning: nothing stands, and the record is whole.
    fn ends(mut self) -> Counts {
        self.checker.it_is_morning();
        drop(self.life.take());
        self.checker.prove(&self.platter.path());
        let mut counts = self.shared.world().counts;
        counts.entries = self.checker.entries();
        counts.tally = self.checker.tally();
        counts
    }
}
