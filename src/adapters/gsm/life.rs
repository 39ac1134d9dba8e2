//! One life of a modem: bytes and time in, letters and reports out, in one loop.
//!
//! It has one owner, this task; everything that waits, waits here, bounded. What the wire has already brought is
//! read before a deadline is judged, so that a late look never mistakes an answer for silence.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};
use vigie_gsm::dialogue::{self, Dialogue, Event, Identity, Instant};

use crate::health::Wire;
use crate::host::serial::{SerialError, SerialLine};
use crate::inbox::{Closing, Withheld};
use crate::watch::event::{Call, Happening};
use crate::watch::modems::Learned;
use crate::watch::notification::Notification;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::site::PhoneNumber;
use crate::watch::time::Moment;

use super::credit::Credit;
use super::network::{self, Network};
use super::receiving::{Receiving, instant};
use super::revival::Step;
use super::sending::Errand;
use super::sim::Sim;
use super::wear::Reception;
use super::{House, Recording};

/// For so long a message that is under way is awaited when the house closes.
const FAREWELL: Duration = Duration::from_secs(10);
/// No pause of the loop is shorter, whatever is due.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
/// No pause of the loop is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The house closes.
const STOPPING: &str = "Vigie is stopping";

/// Why a life ends, in the operator's words.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// Its device cannot be opened, read or written.
    #[error(transparent)]
    Line(#[from] SerialError),
    /// It is there, and silent.
    #[error("the modem does not answer")]
    Mute,
    /// The house closes.
    #[error("Vigie is stopping")]
    Closed(#[from] Withheld),
}

type Asking = Pin<Box<dyn Future<Output = Option<Arc<Notification>>> + Send>>;

/// A modem whose device is open.
pub(super) struct Life {
    /// What it is given.
    pub(super) house: House,
    line: SerialLine,
    /// What is said at the line.
    pub(super) dialogue: Dialogue,
    /// Once it was set up.
    pub(super) network: Option<Network>,
    /// What came, until it is on disk.
    pub(super) receiving: Receiving,
    /// The outbox was asked for the next message.
    pub(super) asking: Option<Asking>,
    /// The message that is under way.
    pub(super) errand: Option<Errand>,
    /// The outbox heard that an errand is done, and not yet whether the next is asked for.
    pub(super) owes_word: bool,
    /// Until the record says that the errand is leaving, which keeps it here; and whether it does leave then.
    pub(super) recording: Option<Recording<bool>>,
    /// To whom messages went, by the reference of their reports.
    pub(super) recipients: BTreeMap<u8, PhoneNumber>,
    tickets: u64,
    /// What is known of its SIM.
    pub(super) sim: Sim,
    /// In this life the modem has spoken, and the alarm that it was lost is over.
    answered: bool,
    /// Since when reading keeps sending back.
    pub(super) reading_since: Option<Instant>,
    /// The house closes: until when it may finish.
    pub(super) leaving: Option<Instant>,
    /// It was restarted just now: until then its silence is no news.
    restarting: Option<Instant>,
    /// How well it hears its network.
    pub(super) reception: Reception,
    /// How much its SIM has.
    pub(super) credit: Credit,
}

impl Life {
    /// `step`: what was done to revive the modem.
    pub(super) fn begin(house: House, line: SerialLine, step: Option<Step>) -> Self {
        let pace = house.memory.pace;
        let settings = dialogue::Settings {
            sweep_every: pace.sweep_every,
            poll_every: pace.poll_every,
            recovery: pace.recovery,
        };
        let now = instant(house.clock.now());
        let restarts = step.is_some_and(Step::restarts);
        Self {
            restarting: restarts.then(|| now.saturating_add(pace.restarting)),
            dialogue: Dialogue::new(settings, now),
            receiving: Receiving::new(house.settings.name.clone(), pace.again),
            line,
            network: None,
            asking: None,
            errand: None,
            owes_word: false,
            recording: None,
            recipients: BTreeMap::new(),
            tickets: 0,
            sim: Sim::default(),
            answered: false,
            reading_since: None,
            leaving: None,
            reception: Reception::new(pace.lasting),
            credit: house.memory.swap_credit(Credit::default()),
            house,
        }
    }

    /// Lives until the modem is lost or the house closes, and says why it ended.
    pub(super) async fn lead(mut self, closing: Closing) -> String {
        let reason = match self.live(closing).await {
            Ok(()) => STOPPING.to_owned(),
            Err(lost) => {
                if matches!(lost, Lost::Mute) {
                    self.house.memory.note_mute();
                }
                lost.to_string()
            }
        };
        self.house.memory.swap_credit(std::mem::take(&mut self.credit));
        if let Some(errand) = self.errand.take() {
            let attempt = errand.abandoned(&reason);
            // The house that is closed takes no report; what was under way is sent again at the next start.
            let _ = self.finish(&errand.notification, attempt).await;
        }
        reason
    }

    async fn live(&mut self, mut closing: Closing) -> Result<(), Lost> {
        loop {
            let now = self.settle().await?;
            if self.may_leave(instant(now)) {
                return Ok(());
            }
            let pause = self.pause(instant(now));
            tokio::select! {
                heard = self.line.hear() => self.dialogue.receive(&heard?, instant(self.house.clock.now())),
                (letter, answer) = self.receiving.receipt() => {
                    let slots = self.receiving.judged(letter, answer, self.house.clock.now());
                    self.delete(slots);
                }
                notification = ask(self.asking.as_mut()) => self.take(notification).await?,
                stands = recorded(self.recording.as_mut()) => self.recorded(stands).await?,
                () = recorded(self.sim.recording.as_mut()) => self.pin_noted(),
                () = tokio::time::sleep(pause) => {}
                () = closing.closing(), if self.leaving.is_none() => self.leave(),
            }
        }
    }

    /// Does everything that can be done now.
    async fn settle(&mut self) -> Result<Moment, Lost> {
        let waiting = self.line.hear_now()?;
        let now = self.house.clock.now();
        self.dialogue.receive(&waiting, instant(now));
        self.dialogue.elapse(instant(now));
        while let Some(event) = self.dialogue.event() {
            self.happened(event, now).await?;
        }
        if self.restarting.take_if(|until| instant(now) >= *until).is_some()
            && self.dialogue.is_mute()
        {
            return Err(Lost::Mute);
        }
        let news = self.network.as_mut().and_then(|network| network.elapsed(instant(now)));
        self.network_news(news).await?;
        let letters = self.receiving.elapsed(now);
        self.post(letters, now).await?;
        self.end_stranded().await?;
        if self.recording.is_none()
            && let Some(errand) = &mut self.errand
            && errand.submit(&mut self.dialogue, self.tickets)
        {
            self.tickets = self.tickets.wrapping_add(1);
        }
        self.look_for_credit(instant(now));
        // What was just submitted, or deleted, is said now.
        self.dialogue.elapse(instant(now));
        while let Some(bytes) = self.dialogue.transmit() {
            self.line.say(&bytes);
        }
        self.look_for_errands(instant(now)).await;
        Ok(now)
    }

    fn pause(&self, now: Instant) -> Duration {
        let others = [
            self.network.as_ref().and_then(Network::due),
            self.receiving.due(),
            self.credit.due,
            self.reading_since.map(|since| since.saturating_add(self.house.memory.pace.reading)),
            self.leaving,
            self.restarting,
        ];
        // What was due by now has had its turn; what could not be done waits for something else to change.
        let others = others.into_iter().flatten().filter(|due| *due > now);
        let pauses = others.chain(self.dialogue.deadline()).map(|due| due.saturating_sub(now));
        // What is late by a millisecond is not late.
        pauses.min().unwrap_or(LONGEST_PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
    }

    /// Nothing new is begun; what is under way may be finished within [`FAREWELL`].
    pub(super) fn leave(&mut self) {
        self.asking = None;
        self.leaving = Some(instant(self.house.clock.now()).saturating_add(FAREWELL));
    }

    fn may_leave(&self, now: Instant) -> bool {
        let is_idle = self.errand.is_none() && !self.receiving.awaits();
        self.leaving.is_some_and(|until| is_idle || now >= until)
    }

    async fn happened(&mut self, event: Event, now: Moment) -> Result<(), Lost> {
        let House { pulse, settings, .. } = &self.house;
        match event {
            Event::Ready(identity) => self.ready(&identity, now).await?,
            Event::Registration(registration) => {
                self.reception.technology = registration.technology;
                pulse.modem(|modem| {
                    modem.registration = Some(network::word(registration.status).to_owned());
                    modem.technology =
                        registration.technology.map(|known| network::generation(known).to_owned());
                });
                let news = self
                    .network
                    .as_mut()
                    .and_then(|network| network.told(registration, instant(now)));
                self.network_news(news).await?;
            }
            Event::NetworkTold(text) => self.network_told(text).await?,
            Event::Signal(dbm) => self.signal(dbm, now).await?,
            Event::Operator { name, technology } => {
                let technology = technology.or(self.reception.technology);
                self.reception.technology = technology;
                let generation = technology.map(|known| network::generation(known).to_owned());
                pulse.modem(|modem| {
                    modem.operator = Some(name);
                    modem.technology = generation;
                });
            }
            Event::Received { slot, pdu } => self.received(Some(slot), &pdu, now).await?,
            Event::Unreadable { slot, instead } => self.unyielding(slot, &instead, now).await?,
            Event::DirectReport { pdu } | Event::DirectMessage { pdu } => {
                self.received(None, &pdu, now).await?
            }
            Event::Called { caller } => {
                info!(modem = %settings.name, shows_number = caller.is_some(), "somebody rang up");
                pulse.count("calls");
                let call = Call { by: settings.name.clone(), caller: caller.map(Arc::from) };
                self.house.inbox.tell(Happening::Call(call), now).await?;
            }
            Event::Submitting { .. }
            | Event::Sent { .. }
            | Event::Refused { .. }
            | Event::Unknown { .. }
            | Event::NotSubmitted { .. } => self.sending(&event).await?,
            Event::Mute if self.restarting.is_some() => {}
            Event::Mute => return Err(Lost::Mute),
            Event::Restarted => {
                warn!(modem = %settings.name, "the modem restarted by itself and is set up anew");
                pulse.count("restarts");
                self.receiving.restarted();
            }
            Event::SimPin(trouble) => self.sim_trouble(trouble).await?,
            Event::PinWanted { left } => self.pin_wanted(left).await?,
            Event::SimOpen => {
                self.learned(Learned::SimOpen).await?;
            }
            Event::StorageFull { memory } => {
                warn!(modem = %settings.name, memory = ?memory.map(|memory| memory.to_string()), "no room for messages");
                pulse.count("store_full");
                let (letters, given_up) = self.receiving.full(now);
                self.delete(given_up);
                self.post(letters, now).await?;
            }
            Event::Noise { bytes, lines } => {
                pulse.add("noise_bytes", bytes);
                pulse.add("unknown_lines", lines);
            }
        }
        Ok(())
    }

    async fn ready(&mut self, identity: &Identity, now: Moment) -> Result<(), Lost> {
        match &mut self.network {
            Some(network) => network.forget(instant(now)),
            None => self.network = Some(Network::new(instant(now))),
        }
        let House { pulse, settings, memory, .. } = &self.house;
        memory.note_answer(&identity.manufacturer);
        self.restarting = None;
        pulse.wire(Wire::Up, now.utc);
        pulse.modem(|modem| {
            modem.manufacturer =
                Some(identity.manufacturer.clone()).filter(|name| !name.is_empty());
            modem.model = Some(identity.model.clone()).filter(|name| !name.is_empty());
            modem.sim.clone_from(&identity.subscriber);
            modem.number.clone_from(&identity.number);
            modem.service_centre.clone_from(&identity.service_centre);
        });
        info!(modem = %settings.name, model = %identity.model, "the modem is ready");
        if let Some(subscriber) = &identity.subscriber {
            self.reception.subscriber = Some(subscriber.clone());
            if self.learned(Learned::Subscriber(Arc::from(subscriber.as_str()))).await? {
                // Another SIM has another credit.
                self.credit = Credit::default();
            }
        }
        let House { settings, .. } = &self.house;
        if !identity.lacking.is_empty() {
            warn!(modem = %settings.name, lacking = ?identity.lacking, "the modem refuses settings and does without");
        }
        self.answers().await?;
        if self.house.settings.credit.is_none() {
            // The files may have watched it before.
            self.own_cleared(SelfAlarm::CreditLow).await?;
        }
        self.sim_says(None).await
    }

    /// The modem speaks: that it was lost is over.
    pub(super) async fn answers(&mut self) -> Result<(), Lost> {
        if !std::mem::replace(&mut self.answered, true) {
            self.own_cleared(SelfAlarm::ModemLost).await?;
            self.own_cleared(SelfAlarm::InputLost).await?;
        }
        Ok(())
    }
}

async fn ask(asking: Option<&mut Asking>) -> Option<Arc<Notification>> {
    match asking {
        Some(asking) => asking.await,
        None => std::future::pending().await,
    }
}

async fn recorded<T>(recording: Option<&mut Recording<T>>) -> T {
    match recording {
        Some(recording) => recording.await,
        None => std::future::pending().await,
    }
}
