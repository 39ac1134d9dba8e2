//! What a life does with errands: asks for one when it can send, and tells the watch how it went.
//!
//! Decision (2026-11-26): a message leaves when the record says that it is leaving, so that after a crash the watch
//! knows who may have read it, and tells them who takes it. That costs each message one commit. A store that refuses
//! writes, or that takes too long, keeps nothing from leaving: a call comes before its record.

use std::sync::Arc;

use tracing::{info, warn};
use vigie_gsm::dialogue::{Event, Instant};

use crate::watch::event::{Attempt, Happening, Report};
use crate::watch::notification::Notification;
use crate::watch::site::Channel;

use super::life::{Life, Lost};
use super::sending::{Errand, Step};

/// Why a message ends that nobody could submit, in the operator's words.
const NOT_READY: &str = "the modem restarted, or lost its SIM, before it had the message";

impl Life {
    /// Asks for an errand while one can be sent, and stops asking when none can. What was handed out meanwhile is
    /// given back, so that another modem can have it: an errand is never kept back here.
    pub(super) async fn look_for_errands(&mut self, now: Instant) {
        let network = self.network.as_ref().is_some_and(|network| network.may_send(now));
        if !network {
            self.reading_since = None;
        }
        let may = network
            && self.leaving.is_none()
            && self.errand.is_none()
            && self.dialogue.can_submit()
            && !self.is_reading(now);
        let speaks = self.asking.is_some() || self.owes_word;
        if !may && self.errand.is_none() && speaks {
            self.asking = None;
            self.owes_word = false;
            self.house.errands.give_back(&self.house.settings.name).await;
        } else if may && self.asking.is_none() {
            self.owes_word = false;
            let (errands, name) = (self.house.errands.clone(), self.house.settings.name.clone());
            self.asking = Some(Box::pin(async move { errands.next(Channel::Sms, &name).await }));
        }
    }

    /// Whether something is being read or recorded that may make the next errand needless; not for ever.
    fn is_reading(&mut self, now: Instant) -> bool {
        if !self.dialogue.has_unread() && !self.receiving.awaits() {
            self.reading_since = None;
            return false;
        }
        now < self.reading_since.get_or_insert(now).saturating_add(self.house.memory.pace.reading)
    }

    /// An errand was handed out; `None` when the house closes.
    pub(super) async fn take(
        &mut self,
        notification: Option<Arc<Notification>>,
    ) -> Result<(), Lost> {
        self.asking = None;
        let Some(notification) = notification else {
            self.leave();
            return Ok(());
        };
        let now = self.house.clock.now();
        let errand = Errand::new(Arc::clone(&notification), now.utc);
        let parts = errand.as_ref().map_or(1, Errand::parts);
        let parts = u8::try_from(parts).unwrap_or(u8::MAX);
        let started = self.told(&notification, Attempt::Started { parts });
        let started = self.house.inbox.put(started, now).await?;
        let patience = self.house.memory.pace.recording;
        let (errands, inbox) = (self.house.errands.clone(), self.house.inbox.clone());
        let (id, name) = (notification.id, self.house.settings.name.clone());
        self.recording = Some(Box::pin(async move {
            let needed = async {
                let _ = started.receipt().await;
                inbox.ask(move |watch| watch.needs(id, now)).await.unwrap_or(true)
            };
            let needed = tokio::time::timeout(patience, needed).await.unwrap_or(true);
            needed && errands.stands(id, &name).await
        }));
        match errand {
            Ok(errand) => {
                info!(
                    modem = %self.house.settings.name,
                    notification = notification.id.0,
                    person = %notification.person,
                    parts = errand.parts(),
                    "a message leaves"
                );
                self.errand = Some(errand);
                Ok(())
            }
            Err(error) => {
                self.finish(&notification, Attempt::Refused(Arc::from(error.to_string()))).await
            }
        }
    }

    /// The record says that the message is leaving, which took a moment: it stands aside where what is worse came meanwhile, or an answer
    /// after which nobody needs it.
    pub(super) async fn recorded(&mut self, stands: bool) -> Result<(), Lost> {
        self.recording = None;
        match self.errand.take_if(|errand| !stands && errand.has_empty_hand()) {
            Some(errand) => self.finish(&errand.notification, Attempt::Yielded).await,
            None => Ok(()),
        }
    }

    /// A message that no modem has in hand yet does not wait for a modem that is set up anew, or whose SIM is gone, which may be
    /// for good: another may have it, and also all that is kept for who holds something.
    pub(super) async fn end_stranded(&mut self) -> Result<(), Lost> {
        if self.dialogue.is_ready() {
            return Ok(());
        }
        let Some(errand) = self.errand.take_if(|errand| errand.has_empty_hand()) else {
            return Ok(());
        };
        self.recording = None;
        self.finish(&errand.notification, errand.abandoned(NOT_READY)).await
    }

    /// Something happened to the message that is under way.
    pub(super) async fn sending(&mut self, event: &Event) -> Result<(), Lost> {
        let Some(errand) = &mut self.errand else { return Ok(()) };
        let attempt = match errand.happened(event) {
            Step::On => return Ok(()),
            Step::Part(reference) => {
                self.recipients.insert(reference, errand.notification.phone.clone());
                return Ok(());
            }
            Step::Sent(reference, attempt) => {
                self.recipients.insert(reference, errand.notification.phone.clone());
                self.sim_says(None).await?;
                attempt
            }
            Step::Ended(attempt) => attempt,
            Step::SimRefused(attempt, reason) => {
                self.sim_says(Some(reason)).await?;
                attempt
            }
        };
        match self.errand.take() {
            Some(errand) => self.finish(&errand.notification, attempt).await,
            None => Ok(()),
        }
    }

    /// An attempt has ended. The outbox hears of it when the watch has.
    pub(super) async fn finish(
        &mut self,
        notification: &Notification,
        attempt: Attempt,
    ) -> Result<(), Lost> {
        let (modem, person, pulse) =
            (&self.house.settings.name, &notification.person, &self.house.pulse);
        let id = notification.id.0;
        match &attempt {
            Attempt::Started { .. } => {}
            Attempt::Sent(parts) => {
                pulse.count("sent");
                info!(%modem, notification = id, %person, parts = parts.len(), "the network took the message");
            }
            Attempt::Failed(reason) => {
                pulse.count("failed");
                warn!(%modem, notification = id, %person, %reason, "the message did not leave");
            }
            Attempt::Yielded => {
                info!(%modem, notification = id, %person, "the message does not leave: something worse does, or nobody needs it");
            }
            Attempt::Refused(reason) => {
                pulse.count("refused");
                warn!(%modem, notification = id, %person, %reason, "the network refused the message");
            }
            Attempt::Unknown => {
                pulse.count("unknown");
                warn!(%modem, notification = id, %person, "nobody knows whether the message left");
            }
        }
        self.report(notification, attempt).await?;
        self.house.errands.done(notification.id, &self.house.settings.name).await;
        self.owes_word = true;
        Ok(())
    }

    async fn report(&mut self, notification: &Notification, attempt: Attempt) -> Result<(), Lost> {
        let told = self.told(notification, attempt);
        Ok(self.house.inbox.tell(told, self.house.clock.now()).await?)
    }

    fn told(&self, notification: &Notification, attempt: Attempt) -> Happening {
        let by = self.house.settings.name.clone();
        Happening::Report(Report { notification: notification.id, by, attempt })
    }
}
