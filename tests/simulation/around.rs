//! Those around the house: what happens in the world reaches devices, people and modems, and what they do reaches the daemon, if it lives.
//! Nights and days have them in common; how the daemon lives and dies each plays in its own way.

use std::sync::Arc;

use vigie::watch::event::Reloaded;
use vigie::watch::site::Site;
use vigie::watch::time::Moment;

use crate::devices::{Datagram, Devices};
use crate::life::Life;
use crate::people::People;
use crate::site::NUMBERS;
use crate::world::{Happens, Shared};

/// They, and the daemon of now.
pub(crate) struct Around<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) people: &'a mut People,
    pub(crate) devices: &'a mut Devices,
    pub(crate) life: Option<&'a mut Life>,
}

impl Around<'_> {
    /// Something happens outside; what happens to the daemon itself is none of theirs.
    pub(crate) fn happens(self, happens: Happens) {
        match happens {
            Happens::Point(point) => {
                let datagram = self.devices.says(&mut self.shared.world(), point);
                self.on_the_lan(datagram);
            }
            Happens::Again(number) => {
                let datagram = self.devices.again(&mut self.shared.world(), number);
                self.on_the_lan(datagram);
            }
            Happens::Rings { phone, text } if NUMBERS.contains(&phone.as_str()) => {
                self.shared.world().comes_round(&phone, &text);
            }
            Happens::Rings { phone, text } => {
                let mut world = self.shared.world();
                world.tell(|| format!("{phone} rings"));
                self.people.rings(&mut world, &phone, &text);
            }
            Happens::Sends { phone, text } => self.shared.world().text(&phone, &text),
            Happens::Arrives(modem, stored) => self.shared.world().store(modem, stored),
            Happens::Sweeps(modem) => {
                let up = self.shared.world().modems[modem].up;
                if let Some(life) = self.life.filter(|_| up) {
                    life.sweep(modem);
                }
            }
            Happens::Plug { modem, up } => self.shared.world().plug(modem, up),
            Happens::Tried(modem) => self.shared.world().tried(modem),
            Happens::SetClock => self.shared.world().set_clock(),
            Happens::DiskFails
            | Happens::DiskHeals
            | Happens::Writes
            | Happens::Dies
            | Happens::Starts
            | Happens::Stops
            | Happens::Reloads
            | Happens::Keyboard
            | Happens::Wishes
            | Happens::Dawn => {}
        }
    }

    fn on_the_lan(self, datagram: Option<Datagram>) {
        let lost = {
            let mut world = self.shared.world();
            let loses = world.weather.lan_loses;
            world.chance.per_mille(loses)
        };
        if let (Some(datagram), Some(life), false) = (datagram, self.life, lost) {
            life.receive(datagram);
        }
    }
}

impl Life {
    /// Other files are read.
    pub(crate) fn adopts(&mut self, site: Arc<Site>, moment: Moment) {
        let inbox = self.inbox.clone();
        self.tasks.add("files", async move {
            let _ = inbox.adopt(site, Reloaded::default(), moment).await;
        });
    }
}
