//! What a life does with what came in: letters to the inbox, slots back to the SIM.

use tracing::{debug, warn};
use vigie_gsm::dialogue::Slot;
use vigie_gsm::pdu::{Incoming, StatusReport};

use crate::watch::event::Happening;
use crate::watch::time::Moment;

use super::life::{Life, Lost};
use super::receiving::{Letter, Receiving};
use super::translation;

impl Life {
    /// A message, a report, or what is neither.
    pub(super) async fn received(
        &mut self,
        slot: Option<Slot>,
        pdu: &[u8],
        now: Moment,
    ) -> Result<(), Lost> {
        self.house.pulse.heard(now.utc);
        match Incoming::decode(pdu) {
            Ok(Incoming::Deliver(deliver)) => {
                self.house.pulse.count("received");
                let (letters, repeated) = self.receiving.message(deliver, slot, pdu, now);
                self.delete(repeated);
                self.post(letters, now).await
            }
            Ok(Incoming::StatusReport(report)) => self.reported(&report, slot, now).await,
            Ok(Incoming::Submit(_)) => self.unreadable(slot, pdu, "a draft", now).await,
            Err(error) => self.unreadable(slot, pdu, &error.to_string(), now).await,
        }
    }

    async fn unreadable(
        &mut self,
        slot: Option<Slot>,
        pdu: &[u8],
        why: &str,
        now: Moment,
    ) -> Result<(), Lost> {
        warn!(modem = %self.house.settings.name, octets = pdu.len(), why, "the modem handed out what is no message; it is on the record");
        self.house.pulse.count("unreadable");
        let letter = self.receiving.unreadable(slot, pdu, now);
        self.post(vec![letter], now).await
    }

    /// A slot yields no message, however often it is read: on the record, and kept while there is room.
    pub(super) async fn unyielding(
        &mut self,
        slot: Slot,
        instead: &[u8],
        now: Moment,
    ) -> Result<(), Lost> {
        warn!(modem = %self.house.settings.name, %slot, octets = instead.len(), "a slot yields no message; it is on the record, and kept while there is room");
        self.house.pulse.count("unreadable");
        let letter = self.receiving.unyielding(slot, instead, now);
        self.post(vec![letter], now).await
    }

    /// The network says what became of a message.
    async fn reported(
        &mut self,
        report: &StatusReport,
        slot: Option<Slot>,
        now: Moment,
    ) -> Result<(), Lost> {
        self.house.pulse.count("reports");
        let input = &self.house.settings.name;
        let known = self.recipients.get(&report.reference);
        debug!(modem = %input, reference = report.reference, status = %report.status, "the network reports");
        match translation::delivery(input, report, known) {
            Some(delivery) => {
                let letter = Receiving::letter(Happening::Delivery(delivery), slot);
                self.post(vec![letter], now).await
            }
            None => {
                self.house.pulse.count("foreign_reports");
                self.delete(slot.into_iter().collect());
                Ok(())
            }
        }
    }

    /// Puts letters into the inbox; an error is the house that closes.
    pub(super) async fn post(&mut self, letters: Vec<Letter>, now: Moment) -> Result<(), Lost> {
        for letter in letters {
            self.receiving.post(letter, &self.house.inbox, now).await?;
        }
        Ok(())
    }

    /// These slots may be emptied.
    pub(super) fn delete(&mut self, slots: Vec<Slot>) {
        for slot in slots {
            self.dialogue.delete(slot);
        }
    }
}
