//! What a life asks its network: the credit of its SIM, when nothing else is to be done.

use tracing::{info, warn};
use vigie_gsm::dialogue::Instant;

use crate::watch::own_alarms::SelfAlarm;

use super::credit::{self, Credit};
use super::life::{Life, Lost};

impl Life {
    /// Asks for the credit when that is due and nothing else is to be done.
    pub(super) fn look_for_credit(&mut self, now: Instant) {
        let Some(settings) = &self.house.settings.credit else { return };
        let registered = self.network.as_ref().is_some_and(|network| network.may_send(now));
        if !registered || self.errand.is_some() {
            return;
        }
        let due = *self.credit.due.get_or_insert(now);
        if due > now {
            return;
        }
        if self.dialogue.ask_network(settings.code.clone()).is_ok() {
            self.credit.due = Some(now.saturating_add(settings.every));
        }
    }

    /// What the network said to the question, if anything.
    pub(super) async fn network_told(&mut self, text: Option<String>) -> Result<(), Lost> {
        let modem = self.house.settings.name.clone();
        let Some(settings) = self.house.settings.credit.clone() else { return Ok(()) };
        let told = text.as_deref().and_then(credit::amount);
        let Some(hundredths) = told else {
            self.credit.in_vain = self.credit.in_vain.saturating_add(1);
            warn!(%modem, answered = text.is_some(), "the network does not tell the credit");
            if self.credit.in_vain < credit::MOST_IN_VAIN {
                return Ok(());
            }
            let why =
                format!("the network has not told it, {} times in a row", credit::MOST_IN_VAIN);
            return self.credit_is(Some(true), &why).await;
        };
        self.credit.in_vain = 0;
        let written = credit::written(hundredths);
        info!(%modem, credit = %written, "the network told the credit");
        self.house.pulse.modem(|modem| modem.credit = Some(written.clone()));
        self.credit_is(Credit::judge(hundredths, &settings), &format!("only {written} left")).await
    }

    async fn credit_is(&mut self, low: Option<bool>, why: &str) -> Result<(), Lost> {
        let Some(low) = low.filter(|low| self.credit.told != Some(*low)) else { return Ok(()) };
        self.credit.told = Some(low);
        if low {
            self.own_raised(SelfAlarm::CreditLow, why).await
        } else {
            self.own_cleared(SelfAlarm::CreditLow).await
        }
    }
}
