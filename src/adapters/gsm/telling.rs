//! What a life tells the watch of its modem: the network, the signal; each change once. Of the SIM, see `unlocking`.

use tracing::error;

use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::Moment;

use super::life::{Life, Lost};
use super::network::{self, News};
use super::receiving::instant;
use super::wear::Reading;

impl Life {
    /// How well it hears its network, as often as it is asked.
    pub(super) async fn signal(&mut self, dbm: Option<i16>, now: Moment) -> Result<(), Lost> {
        let Reading { trend, weak, old } = self.reception.read(dbm, instant(now), now.utc);
        self.house.pulse.modem(|modem| {
            modem.signal_dbm = dbm;
            modem.signal_trend_db = trend;
        });
        let power = dbm.map_or_else(String::new, |dbm| format!("{dbm} dBm for long"));
        self.wears(SelfAlarm::WeakSignal, weak, &power).await?;
        let name = self.reception.technology.map_or("?", network::generation);
        self.wears(SelfAlarm::OldNetwork, old, &format!("{name}, which is being switched off"))
            .await
    }

    async fn wears(&mut self, alarm: SelfAlarm, news: Option<bool>, why: &str) -> Result<(), Lost> {
        match news {
            None => Ok(()),
            Some(true) => self.own_raised(alarm, why).await,
            Some(false) => self.own_cleared(alarm).await,
        }
    }

    /// Its standing in the network has changed; `None`: not so that anybody must hear.
    pub(super) async fn network_news(&mut self, news: Option<News>) -> Result<(), Lost> {
        match news {
            None => Ok(()),
            Some(News::Found) => self.own_cleared(SelfAlarm::NotRegistered).await,
            Some(News::Lost(reason)) => {
                error!(modem = %self.house.settings.name, reason, "the modem is on no network");
                self.own_raised(SelfAlarm::NotRegistered, reason).await
            }
        }
    }

    /// That is wrong with this modem.
    pub(super) async fn own_raised(&mut self, alarm: SelfAlarm, reason: &str) -> Result<(), Lost> {
        self.own(SelfSignal::raised(alarm, self.house.settings.name.as_str(), reason)).await
    }

    /// That is wrong no more.
    pub(super) async fn own_cleared(&mut self, alarm: SelfAlarm) -> Result<(), Lost> {
        self.own(SelfSignal::cleared(alarm, self.house.settings.name.as_str())).await
    }

    /// Tells the watch; an error is the house that closes.
    pub(super) async fn own(&mut self, signal: SelfSignal) -> Result<(), Lost> {
        Ok(self.house.inbox.tell(Happening::Own(signal), self.house.clock.now()).await?)
    }
}
