//! What befalls modems and clocks, whatever the house makes of it.

use std::time::Duration;

use super::{Happens, World};
use crate::weather::Weather;

impl World {
    /// When each trouble that the weather has comes for the first time.
    pub(crate) fn begin(&mut self) {
        let Weather {
            dies_every,
            stops_every,
            disk_every,
            clock_every,
            unplugged_every,
            reload_every,
            ..
        } = self.weather;
        let mut every = |minutes: u64, happens: Happens| {
            if minutes > 0 {
                let wait = self.chance.seconds(1, minutes * 120) * self.weather.calm;
                self.after(wait, happens);
            }
        };
        every(dies_every, Happens::Dies);
        every(stops_every, Happens::Stops);
        every(disk_every, Happens::DiskFails);
        every(clock_every, Happens::SetClock);
        every(unplugged_every, Happens::Plug { modem: 0, up: false });
        every(unplugged_every, Happens::Plug { modem: 1, up: false });
        every(reload_every, Happens::Reloads);
    }

    /// A modem is pulled out or plugged in, and will be the other again.
    pub(crate) fn plug(&mut self, modem: usize, up: bool) {
        self.tell(|| format!("modem {modem} is {}", if up { "plugged in" } else { "unplugged" }));
        self.modems[modem].up = up;
        self.modems[modem].changed.notify_one();
        self.modems[modem].tried = 0;
        if !up {
            self.after(Duration::from_secs(7), Happens::Tried(modem));
        }
        self.sweep_again(Duration::from_secs(3), modem);
        let (minutes, calm) =
            if up { (self.weather.unplugged_every, self.weather.calm) } else { (20, 1) };
        if minutes > 0 {
            let wait = self.chance.seconds(5, minutes * 120) * calm;
            self.after(wait, Happens::Plug { modem, up: !up });
        }
    }

    /// What is said of a modem that is lost changes, now fast, now slowly.
    pub(crate) fn tried(&mut self, modem: usize) {
        if self.modems[modem].up {
            return;
        }
        self.modems[modem].tried += 1;
        self.modems[modem].changed.notify_one();
        if !self.is_going_to(|happens| matches!(happens, Happens::Tried(known) if *known == modem))
        {
            let wait = self.chance.seconds(5, 600);
            self.after(wait, Happens::Tried(modem));
        }
    }

    /// Somebody, or a time service, sets the wall clock.
    pub(crate) fn set_clock(&mut self) {
        let far = self.chance.per_mille(300);
        let most = if far { 3 * 86_400 } else { 7_200 };
        let by = i64::try_from(self.chance.below(2 * most)).expect("some days")
            - i64::try_from(most).expect("some days");
        self.tell(|| format!("the wall clock is set by {by} seconds"));
        self.counts.clock_jumps += 1;
        self.clocks.set_wall(by * 1_000_000);
        let wait = self.weather.clock_every * 120;
        let wait = self.chance.seconds(60, wait.max(61)) * self.weather.calm;
        self.after(wait, Happens::SetClock);
    }
}
