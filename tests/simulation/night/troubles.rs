//! What befalls the house in a night: modems that are unplugged, clocks that are set, disks that
//! refuse, and the ends and beginnings of its lives.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::ffi::{SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_READONLY};

use super::Night;
use crate::life::Life;
use crate::world::{Death, Happens};

/// What a disk says that refuses.
const REFUSALS: [i32; 4] = [SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_READONLY];

impl Night {
    pub(super) fn disk_fails(&mut self) {
        let mut world = self.shared.world();
        let code = *world.chance.pick(&REFUSALS);
        let after = u32::try_from(world.chance.below(12)).expect("a few");
        world.tell(|| format!("from {after} writes on the disk refuses with {code}"));
        world.counts.disk_faults += 1;
        let wait = world.chance.seconds(1, 2_400);
        world.after(wait, Happens::DiskHeals);
        drop(world);
        self.platter.fail(after, code);
        self.checker.the_disk_may_refuse();
    }

    pub(super) fn disk_heals(&mut self) {
        self.platter.heal();
        self.checker.the_disk_is_well();
        let mut world = self.shared.world();
        world.tell(|| "the disk is well again".to_owned());
        let minutes = world.weather.disk_every;
        if minutes > 0 {
            let wait = world.chance.seconds(60, minutes * 120) * world.weather.calm;
            world.after(wait, Happens::DiskFails);
        }
    }

    pub(super) fn writes(&mut self) {
        let dies = {
            let mut world = self.shared.world();
            world.counts.commits += 1;
            let often = world.weather.dies_writing;
            world.chance.per_mille(often)
        };
        let Some(life) = &mut self.life else { return };
        if !dies {
            life.write();
            if !self.shared.world().is_going_to(|happens| matches!(happens, Happens::DiskHeals)) {
                self.checker.the_disk_is_well();
            }
            return;
        }
        // Before the first write, in the middle, or after the last and before anybody hears of it.
        let after = u32::try_from(self.chance.below(14)).expect("a few");
        self.platter.cut_after(after);
        life.write();
        self.dies_by_chance();
    }

    pub(super) fn dies_by_chance(&mut self) {
        let death = *self.chance.pick(&[Death::Killed, Death::PowerCut, Death::PowerCutTorn]);
        self.dies(death);
        let mut world = self.shared.world();
        let minutes = world.weather.dies_every;
        if minutes > 0 && !world.is_going_to(|happens| matches!(happens, Happens::Dies)) {
            let wait = world.chance.seconds(1, minutes * 120) * world.weather.calm;
            world.after(wait, Happens::Dies);
        }
    }

    fn dies(&mut self, death: Death) {
        let Some(life) = self.life.take() else { return };
        self.came_out();
        self.checker.dies();
        {
            let mut world = self.shared.world();
            world.counts.deaths += 1;
            world.tell(|| format!("the daemon dies: {death:?}"));
            world.cut_off();
            let long = world.chance.per_mille(150);
            let wait = if long {
                world.chance.seconds(60, 4 * 3_600)
            } else {
                world.chance.seconds(1, 30)
            };
            world.after(wait, Happens::Starts);
            world.forget(|happens| matches!(happens, Happens::Writes));
        }
        self.platter.dies(death, &mut self.chance, || drop(life));
        self.clocks.forget_sleepers();
        if death != Death::Killed {
            self.clocks.boot();
        }
    }

    pub(super) fn starts(&mut self) {
        if self.life.is_some() {
            return;
        }
        let path: PathBuf = self.platter.turn();
        let site = Arc::clone(&self.plans[self.changed].1);
        let (life, found) = Life::begin(&path, site, &self.shared, &self.clocks, &mut self.chance);
        self.shared.world().tell(|| format!("the daemon starts with {} entries", found.entries));
        self.life = Some(life);
        self.checker.starts(&path, &found, &self.plans[self.changed].0);
        let mut world = self.shared.world();
        for modem in 0..2 {
            world.sweep_again(Duration::from_secs(3), modem);
        }
    }

    pub(super) fn stops(&mut self) {
        let cut_short = self.chance.per_mille(100);
        if let Some(life) = self.life.take() {
            self.came_out();
            let mut world = self.shared.world();
            world.counts.stops += 1;
            world.tell(|| "the daemon is asked to stop".to_owned());
            world.cut_off();
            world.forget(|happens| matches!(happens, Happens::Writes));
            let wait = world.chance.seconds(1, 120);
            world.after(wait, Happens::Starts);
            drop(world);
            self.checker.dies();
            let at_most = if cut_short { self.chance.below(6) } else { usize::MAX };
            let closing = life.close();
            if cut_short {
                self.platter
                    .dies_closing(&mut self.chance, |chance| closing.finish(chance, at_most));
            } else {
                closing.finish(&mut self.chance, at_most);
                self.platter.is_closed();
            }
            self.clocks.forget_sleepers();
        }
        let mut world = self.shared.world();
        let minutes = world.weather.stops_every;
        if minutes > 0 {
            let wait = world.chance.seconds(60, minutes * 120) * world.weather.calm;
            world.after(wait, Happens::Stops);
        }
    }
}
