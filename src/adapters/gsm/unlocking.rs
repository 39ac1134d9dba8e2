//! What a life does with its SIM: tries the PIN, and tells what the SIM lacks.
//!
//! The PIN is tried when the record says so. Decision (2026-11-26): a store that refuses writes, or that takes too
//! long, does not keep the SIM shut, since a call comes before its record. A disk that stays full over three starts, with
//! a wrong PIN in the files, on a modem that does not tell the tries, then costs the PUK.

use tracing::error;
use vigie_gsm::dialogue::SimTrouble;

use crate::health::Wire;
use crate::watch::event::Happening;
use crate::watch::modems::{Learned, Lesson, Trial};
use crate::watch::own_alarms::SelfAlarm;

use super::life::{Life, Lost};
use super::sim;

const NO_PIN: &str = "the SIM wants its PIN, and none is configured";
const REFUSED: &str =
    "the SIM refused its PIN; it is not tried again, another one in the files is, after a restart";
const ONE_LEFT: &str = "the SIM may have one try left: enter its PIN by hand";

impl Life {
    /// The SIM wants its PIN, and its modem may know how many tries are left.
    pub(super) async fn pin_wanted(&mut self, left: Option<u8>) -> Result<(), Lost> {
        let (pin, mark) = match sim::pin(&self.house.settings) {
            Ok(Some(pin)) => pin,
            Ok(None) => return self.sim_shut(NO_PIN.to_owned()).await,
            Err(why) => return self.sim_shut(why).await,
        };
        let trial = self.house.memory.trial_of(mark);
        if !trial.allows(left) {
            let last = trial == Trial::Exhausted || left == Some(1);
            return self.sim_shut(if last { ONE_LEFT } else { REFUSED }.to_owned()).await;
        }
        self.sim.trying = Some(pin);
        self.sim.given = Some(mark);
        let tried = Learned::PinTried(mark);
        self.house.memory.learn(&tried);
        let noted = self.house.inbox.put(self.lesson(tried), self.house.clock.now()).await?;
        let patience = self.house.memory.pace.recording;
        self.sim.recording = Some(Box::pin(async move {
            let _ = tokio::time::timeout(patience, noted.receipt()).await;
        }));
        Ok(())
    }

    /// The SIM cannot be used.
    pub(super) async fn sim_trouble(&mut self, trouble: SimTrouble) -> Result<(), Lost> {
        if let Some(mark) = self.sim.given.take_if(|_| trouble == SimTrouble::PinRefused) {
            self.learned(Learned::PinRefused(mark)).await?;
        }
        // It is asked again, and then given its PIN again or not at all: that is told.
        if trouble == SimTrouble::PinDoubtful {
            return Ok(());
        }
        self.sim_shut(trouble.to_string()).await
    }

    async fn sim_shut(&mut self, reason: String) -> Result<(), Lost> {
        error!(modem = %self.house.settings.name, reason, "the SIM cannot be used");
        self.house.pulse.wire(Wire::Down(reason.clone()), self.house.clock.now().utc);
        self.answers().await?;
        self.sim_says(Some(reason)).await
    }

    /// The record says that the PIN is being tried, or cannot.
    pub(super) fn pin_noted(&mut self) {
        self.sim.recording = None;
        if let Some(pin) = self.sim.trying.take() {
            self.dialogue.try_pin(pin);
        }
    }

    /// Tells the watch why the SIM is refused, or that it is not, if that is news.
    pub(super) async fn sim_says(&mut self, refused: Option<String>) -> Result<(), Lost> {
        if self.sim.told.as_ref() == Some(&refused) {
            return Ok(());
        }
        match &refused {
            Some(reason) => self.own_raised(SelfAlarm::SimRefused, reason).await?,
            None => self.own_cleared(SelfAlarm::SimRefused).await?,
        }
        self.sim.told = Some(refused);
        Ok(())
    }

    /// Something that must outlive this life, and the daemon; true if it is news.
    pub(super) async fn learned(&mut self, learned: Learned) -> Result<bool, Lost> {
        let is_news = self.house.memory.learn(&learned);
        if is_news {
            self.house.inbox.tell(self.lesson(learned), self.house.clock.now()).await?;
        }
        Ok(is_news)
    }

    fn lesson(&self, learned: Learned) -> Happening {
        Happening::Learned(Lesson { modem: self.house.settings.name.clone(), learned })
    }
}
