//! What people want quiet, swapped or taken, at the control socket: whether they may or not. In the morning whatever is out of
//! service is returned.

use std::sync::Arc;
use std::time::Duration;

use vigie::watch::event::{Happening, SwapRequest, Target};
use vigie::watch::roster;
use vigie::watch::suppression::{Request, Which, Wish};

use super::Night;
use crate::chance::Chance;
use crate::site::{Definition, PEOPLE};
use crate::world::Happens;

impl Night {
    pub(super) fn wishes(&mut self) {
        {
            let mut world = self.shared.world();
            let wait = if self.morning {
                Duration::from_secs(60)
            } else {
                world.chance.seconds(60, 4_800) * world.weather.calm
            };
            world.after(wait, Happens::Wishes);
        }
        let happening = if self.morning { self.returns() } else { Some(self.wish()) };
        let (Some(happening), Some(life)) = (happening, &mut self.life) else { return };
        self.shared.world().tell(|| format!("at the keyboard: {happening:?}"));
        let (inbox, moment) = (life.inbox.clone(), self.clocks.moment());
        life.tasks.add("wish", async move {
            let _ = inbox.post(happening, moment).await;
        });
    }

    /// The next of what is out of service.
    fn returns(&mut self) -> Option<Happening> {
        let out = self.checker.out_of_service();
        let (definition, key) = out.first()?;
        let key = key.as_deref().map(Arc::from);
        let which = Which::Alarm { definition: definition.as_str().into(), key };
        let (person, account) = ("marie".into(), Arc::from("root"));
        Some(Happening::Quieten(Request { person, account, which, wish: Wish::Return }))
    }

    fn wish(&mut self) -> Happening {
        let account = Arc::from("root");
        let (person, _) = *self.chance.pick(&PEOPLE);
        let person = person.into();
        match self.chance.below(10) {
            0 | 1 => {
                let group = Arc::from(*self.chance.pick(&["hvac", "hvac", "lights", "pumps"]));
                let ends = self.chance.per_mille(300);
                let lasting = (!ends).then(|| self.chance.seconds(60, 7 * 3_600));
                Happening::Swap(SwapRequest { person, account, group, lasting })
            }
            2 => {
                let lasting = self.chance.seconds(600, 10 * 3_600);
                let schedule = Arc::from("duty");
                Happening::Rostering(roster::Wish { person, account, schedule, lasting })
            }
            _ => {
                let (which, wish) = (self.which(), wish(&mut self.chance));
                Happening::Quieten(Request { person, account, which, wish })
            }
        }
    }

    /// What is out of service, what stands, any alarm, or all of a definition.
    fn which(&mut self) -> Which {
        let standing = self.checker.standing();
        let out = self.checker.out_of_service();
        if !out.is_empty() && self.chance.per_mille(400) {
            let (definition, key) = self.chance.pick(&out);
            let key = key.as_deref().map(Arc::from);
            return Which::Alarm { definition: definition.as_str().into(), key };
        }
        if !standing.is_empty() && self.chance.per_mille(300) {
            return Which::Open(Target::Occurrence(*self.chance.pick(&standing)));
        }
        let Definition { name, .. } = self.chance.pick(&self.plans[0].0.definitions);
        let is_whole = *name == "remote" || self.chance.per_mille(200);
        let key = (!is_whole).then(|| Arc::from(self.chance.below(2).to_string()));
        Which::Alarm { definition: (*name).into(), key }
    }
}

fn wish(chance: &mut Chance) -> Wish {
    let reason = chance.per_mille(500).then(|| Arc::from("known"));
    match chance.below(8) {
        0..=2 => {
            let (lasting, once) = (chance.seconds(60, 6 * 3_600), chance.per_mille(300));
            Wish::Shelve { lasting, once, reason }
        }
        3 => Wish::Unshelve,
        4 | 5 => Wish::TakeOut { reason },
        _ => Wish::Return,
    }
}
