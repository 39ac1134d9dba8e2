//! What a life does with its SIM: tries the PIN, and tells what the SIM lacks.
//!
//! The PIN is tried when the record says so. A store that refuses writes, or that takes too long, does not keep the SIM
//! shut: a call comes before its record.

use tracing::error;
use vigie_gsm::dialogue::{Caution, Pin, SimTrouble};

use crate::health::Wire;
use crate::watch::event::Happening;
use crate::watch::modems::{Learned, Lesson, PinMark, Trial};
use crate::watch::own_alarms::SelfAlarm;

use super::life::{Life, Lost};
use super::sim;

impl Life {
    /// The SIM cannot be used, or wants its PIN.
    pub(super) async fn sim_trouble(&mut self, trouble: SimTrouble) -> Result<(), Lost> {
        let reason = match (trouble, sim::pin(&self.house.settings)) {
            (SimTrouble::PinMissing, Ok(Some(pin))) => return self.try_pin(pin).await,
            (SimTrouble::PinMissing, Err(why)) => why,
            _ => trouble.to_string(),
        };
        if let Some(mark) = self.sim.given.take_if(|_| trouble == SimTrouble::PinRefused) {
            self.learned(Learned::PinRefused(mark)).await?;
        }
        error!(modem = %self.house.settings.name, reason, "the SIM cannot be used");
        self.house.pulse.wire(Wire::Down(reason.clone()), self.house.clock.now().utc);
        self.answers().await?;
        self.sim_says(Some(reason)).await
    }

    async fn try_pin(&mut self, (pin, mark): (Pin, PinMark)) -> Result<(), Lost> {
        let caution = match self.house.memory.trial_of(mark) {
            Trial::Free => Caution::WholeOrUntold,
            Trial::AfterAnother => Caution::TwoOrUntold,
            Trial::OnlyWhole => Caution::Whole,
        };
        self.sim.trying = Some((pin, caution));
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

    /// The record says that the PIN is being tried, or cannot.
    pub(super) fn pin_noted(&mut self) {
        self.sim.recording = None;
        if let Some((pin, caution)) = self.sim.trying.take() {
            self.dialogue.try_pin(pin, caution);
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

    /// Something that must outlive this life, and the daemon.
    pub(super) async fn learned(&mut self, learned: Learned) -> Result<(), Lost> {
        if !self.house.memory.learn(&learned) {
            return Ok(());
        }
        Ok(self.house.inbox.tell(self.lesson(learned), self.house.clock.now()).await?)
    }

    fn lesson(&self, learned: Learned) -> Happening {
        Happening::Learned(Lesson { modem: self.house.settings.name.clone(), learned })
    }
}
