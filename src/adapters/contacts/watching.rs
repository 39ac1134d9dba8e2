//! One life of a device: it is looked at, and what its contacts tell goes into the inbox.
//!
//! Looking never waits for the inbox: what finds no room waits here, and not without bound. Where a latch is set, the receipts of
//! what its contact told are waited for, for a second and once: then the latch is cleared.

use std::pin::pin;
use std::time::Duration;

use tracing::{info, warn};

use super::clearing::Clearing;
use super::device::{Device, Gone, Sight};
use super::points::{Points, Told};
use super::signal::Signals;
use super::waiting::Waiting;
use crate::config::ContactsSettings;
use crate::health::{Pulse, Wire};
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox, Withheld};
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::Moment;

/// How long what is in hand may take to find room when the house closes or the device is lost.
const LAST_LETTERS: Duration = Duration::from_secs(2);

/// Edges that were lost, as far as it is known how many; at least one each time.
pub(super) const EDGES_LOST: &str = "edges_lost";
/// Answers that did not come.
pub(super) const ANSWERS_MISSED: &str = "answers_missed";
/// Changes for which there was no room.
pub(super) const NOT_RECORDED: &str = "changes_not_recorded";
/// Pulses that only a counter or a latch of the board saw.
pub(super) const PULSES: &str = "pulses_counted";
/// Signals that went into the inbox.
pub(super) const SIGNALS: &str = "signals";

/// What a life is given.
pub(super) struct House<'h> {
    pub(super) settings: &'h ContactsSettings,
    pub(super) inbox: Inbox,
    pub(super) pulse: &'h Pulse,
    pub(super) clock: Clock,
    pub(super) closing: Closing,
}

/// Looks at a device until it is gone or the house closes.
pub(super) async fn watch(device: impl Device, points: &mut Points, house: House<'_>) -> Gone {
    let signals = Signals::of(house.settings);
    let (waiting, clearing) = (Waiting::default(), Clearing::of(house.settings));
    let mut life = Life { device, points, signals, waiting, clearing, house, is_up: false };
    let gone = match life.live().await {
        Ok(()) => Gone::now("Vigie is stopping"),
        Err(gone) => gone,
    };
    let now = life.house.clock.now();
    let lost = life.points.lost(gone.since.unwrap_or(now.mono), now.mono);
    life.tell(lost, now);
    // What finds no room by then is told by the level that is read at the next start; or by the latch.
    let _ = tokio::time::timeout(LAST_LETTERS, life.receipts()).await;
    for place in life.clearing.unknown() {
        life.points.forget_latch(place);
    }
    gone
}

struct Life<'h, 'p, D> {
    device: D,
    points: &'p mut Points,
    signals: Signals,
    waiting: Waiting,
    clearing: Clearing,
    house: House<'h>,
    is_up: bool,
}

impl<D: Device> Life<'_, '_, D> {
    async fn live(&mut self) -> Result<(), Gone> {
        loop {
            let Some(sights) = self.look().await? else { return Ok(()) };
            self.take(&sights).await?;
            if self.points.wants_reading() {
                let sights = self.device.read().await?;
                self.take(&sights).await?;
            }
            let now = self.house.clock.now();
            let told = self.points.pass(now.mono);
            self.tell(told, now);
            self.clear().await?;
            // A line that never rests always has something to show: others have their turn all the same.
            tokio::task::yield_now().await;
        }
    }

    /// Looks, and meanwhile puts into the inbox what waits; `None` when the house closes.
    async fn look(&mut self) -> Result<Option<Vec<Sight>>, Gone> {
        let Self { device, points, waiting, clearing, house, .. } = self;
        let mut looking = pin!(device.look(points.due()));
        loop {
            tokio::select! {
                biased;
                () = house.closing.closing() => return Ok(None),
                // Before looking: a line that never rests would keep its own news here for ever.
                sent = send_first(waiting, clearing, &house.inbox, house.pulse), if !waiting.is_empty() => {
                    sent.map_err(|withheld| Gone::now(withheld.to_string()))?;
                }
                sights = &mut looking => return sights.map(Some),
            }
        }
    }

    async fn take(&mut self, sights: &[Sight]) -> Result<(), Gone> {
        for sight in sights {
            let now = self.house.clock.now();
            match sight {
                Sight::Read(_) => {
                    self.found(now).await?;
                    self.house.pulse.heard(now.utc);
                }
                Sight::Edge { .. } => self.house.pulse.heard(now.utc),
                Sight::Missed(reason) => {
                    self.house.pulse.count(ANSWERS_MISSED);
                    info!(input = %self.house.settings.name, %reason, "an answer did not come");
                }
                Sight::Cleared(_) => self.house.pulse.heard(now.utc),
            }
            let told = self.points.take(sight, now.mono);
            self.tell(told, now);
        }
        Ok(())
    }

    /// Every line was read: the device is there.
    async fn found(&mut self, now: Moment) -> Result<(), Gone> {
        if std::mem::replace(&mut self.is_up, true) {
            return Ok(());
        }
        let House { settings, inbox, pulse, .. } = &self.house;
        info!(input = %settings.name, contacts = self.points.len(), "contacts are seen");
        pulse.wire(Wire::Up, now.utc);
        let found = SelfSignal::cleared(SelfAlarm::InputLost, settings.name.as_str());
        let told = inbox.tell(Happening::Own(found), now).await;
        told.map_err(|withheld| Gone::now(withheld.to_string()))
    }

    fn tell(&mut self, told: Vec<Told>, now: Moment) {
        for (place, report) in told {
            self.count(report.outcome);
            let shown = self.points.shown(place);
            let Some(mut signal) = self.signals.signal(place, &report, &shown, now) else {
                continue;
            };
            signal.identity = self.clearing.identity(place, &signal, now);
            self.clearing.told(place);
            let Some(gone) = self.waiting.put(place, signal, now) else { continue };
            if self.clearing.dropped(place) {
                self.points.forget_latch(place);
            }
            self.house.pulse.count(NOT_RECORDED);
            warn!(
                input = %self.house.settings.name, source = %gone.source,
                "a change of a contact finds no room and is not recorded",
            );
        }
    }

    fn count(&self, outcome: vigie_contacts::Outcome) {
        use vigie_contacts::Outcome;
        let pulse = self.house.pulse;
        match outcome {
            Outcome::EdgesLost { edges, .. } => {
                pulse.add(EDGES_LOST, edges.map_or(1, u64::from));
            }
            Outcome::Pulsed { pulses, .. } => pulse.add(PULSES, u64::from(pulses)),
            Outcome::Initial(_)
            | Outcome::Changed(_)
            | Outcome::ChatterBegan(_)
            | Outcome::ChatterEnded(_)
            | Outcome::Lost
            | Outcome::Recovered { .. } => {}
        }
    }

    /// Clears the latches that are set, once all that their contacts told is on disk.
    async fn clear(&mut self) -> Result<(), Gone> {
        if self.clearing.is_empty() || !self.is_up {
            return Ok(());
        }
        let set = self.points.set_latches();
        if set.is_empty() && self.points.has_untold_latch() {
            // Whether one is stuck is not known yet.
            return Ok(());
        }
        if !set.is_empty() {
            // Beyond that they are looked for in the next round.
            let _ = tokio::time::timeout(self.clearing.patience(), self.receipts()).await;
        }
        let now = self.house.clock.now();
        let due = self.clearing.due(&set, now.mono);
        if !due.is_empty() {
            let sights = self.device.clear(&due).await?;
            let seen = sights.iter().find_map(|sight| match sight {
                Sight::Cleared(seen) => Some(seen.as_slice()),
                Sight::Read(_) | Sight::Edge { .. } | Sight::Missed(_) => None,
            });
            self.clearing.tried(&due, &set, seen.unwrap_or_default(), now.mono);
            self.take(&sights).await?;
        }
        let Some(own) = self.clearing.news(&self.points.set_latches()) else { return Ok(()) };
        if own.active {
            warn!(input = %self.house.settings.name, reason = %own.reason, "a latch cannot be cleared");
        }
        let told = self.house.inbox.tell(Happening::Own(own), now).await;
        told.map_err(|withheld| Gone::now(withheld.to_string()))
    }

    /// Puts everything that waits into the inbox, and waits for the receipts of contacts that have a latch.
    async fn receipts(&mut self) -> Result<(), Withheld> {
        self.empty().await?;
        let now = self.house.clock.now().mono;
        self.clearing.receipts(&self.house.inbox, now).await
    }

    /// Puts everything that waits into the inbox.
    async fn empty(&mut self) -> Result<(), Withheld> {
        while !self.waiting.is_empty() {
            let Self { waiting, clearing, house, .. } = self;
            send_first(waiting, clearing, &house.inbox, house.pulse).await?;
        }
        Ok(())
    }
}

/// Puts the first that waits into the inbox. Dropped before its end, it has not put it in.
async fn send_first(
    waiting: &mut Waiting,
    clearing: &mut Clearing,
    inbox: &Inbox,
    pulse: &Pulse,
) -> Result<(), Withheld> {
    if let Some((place, signal, moment)) = waiting.first() {
        let awaited = inbox.put(Happening::Signal(signal.clone()), moment).await?;
        waiting.sent();
        clearing.sent(place, signal, moment, awaited);
        pulse.count(SIGNALS);
    }
    Ok(())
}
