//! One life of a device: its outputs are set, it is looked at, and what its contacts tell goes into the inbox.
//!
//! Looking never waits for the inbox: what finds no room waits here, and not without bound. Where a latch is set, the receipts of
//! what its contact told are waited for, for a second and once: then the latch is cleared. While the
//! house closes, the outputs are let rest.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};
use vigie_contacts::Became;

use super::buttons::{Finger, finger};
use super::clearing::Clearing;
use super::device::{Device, Gone, Sight, Wanted};
use super::driving::Driving;
use super::outputs::{Ends, Press};
use super::panel::{self, Panel};
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
/// How long outputs may take to come to rest when the house closes, and before that a look that is under way.
const LAST_LOOK: Duration = Duration::from_secs(2);

/// Edges that were lost, as far as it is known how many; at least one each time.
pub(super) const EDGES_LOST: &str = "edges_lost";
/// Edges that came to count, and were told by themselves or as the beginning of chattering.
const EDGES_TOLD: &str = "edges_told";
/// Edges that did not hold for long enough to count.
const EDGES_TOO_SHORT: &str = "edges_too_short";
/// Edges that came to count while their contact chattered.
const EDGES_IN_CHATTER: &str = "edges_in_chatter";
/// Answers that did not come.
pub(super) const ANSWERS_MISSED: &str = "answers_missed";
/// Changes for which there was no room.
pub(super) const NOT_RECORDED: &str = "changes_not_recorded";
/// Pulses that only a counter or a latch of the board saw.
pub(super) const PULSES: &str = "pulses_counted";
/// Presses of buttons that counted.
pub(super) const PRESSES: &str = "presses";
/// Presses for which there was no room, and buttons that were found pressed.
pub(super) const PRESSES_NOT_TAKEN: &str = "presses_not_taken";
/// Signals that went into the inbox.
pub(super) const SIGNALS: &str = "signals";

/// What a life is given.
pub(super) struct House<'h> {
    /// The device, its contacts and its outputs.
    pub(super) settings: &'h ContactsSettings,
    /// Where signals go.
    pub(super) inbox: Inbox,
    pub(super) ends: Ends,
    pub(super) pulse: &'h Pulse,
    pub(super) clock: Clock,
    pub(super) closing: Closing,
}

/// Looks at a device until it is gone or the house closes.
pub(super) async fn watch(device: impl Device, points: &mut Points, house: House<'_>) -> Gone {
    let (signals, panel) = (Signals::of(house.settings), Panel::of(house.settings));
    let wanted = Wanted { signs: house.ends.signs.clone(), closing: house.closing.clone() };
    let driving = Driving::of(house.settings, wanted, house.clock.now().mono);
    let (waiting, clearing) = (Waiting::default(), Clearing::of(house.settings));
    let (is_up, became) = (false, Became::default());
    let mut life =
        Life { device, points, signals, panel, waiting, clearing, driving, house, is_up, became };
    let gone = match life.live().await {
        Ok(()) => {
            let Life { device, driving, house, .. } = &mut life;
            let rest = driving.rest(device, house.pulse, house.clock);
            let _ = tokio::time::timeout(LAST_LOOK, rest).await;
            Gone::now("Vigie is stopping")
        }
        Err(gone) => {
            life.driving.lost(&gone.reason, life.house.pulse, life.house.clock.now());
            gone
        }
    };
    let now = life.house.clock.now();
    let lost = life.points.lost(gone.since.unwrap_or(now.mono), now.mono);
    life.tell(lost, now);
    life.count_edges();
    // What finds no room by then is told by the level that is read at the next start; or by the latch.
    let _ = tokio::time::timeout(LAST_LETTERS, life.receipts()).await;
    life.drop_what_waits();
    for place in life.clearing.unknown() {
        life.points.forget_latch(place);
    }
    gone
}

struct Life<'h, 'p, D> {
    device: D,
    points: &'p mut Points,
    signals: Signals,
    panel: Panel,
    waiting: Waiting,
    driving: Driving,
    clearing: Clearing,
    house: House<'h>,
    is_up: bool,
    /// What became of the edges, as it was counted last.
    became: Became,
}

impl<D: Device> Life<'_, '_, D> {
    async fn live(&mut self) -> Result<(), Gone> {
        loop {
            if self.house.closing.is_closing() {
                return Ok(());
            }
            // What is not there is not asked twice: on a serial line others wait for it.
            if self.is_up {
                self.driving.drive(&mut self.device, self.house.pulse, self.house.clock).await;
            }
            let Some(sights) = self.look().await? else { return Ok(()) };
            self.take(&sights);
            if self.points.wants_reading() {
                let sights = self.device.read().await?;
                self.take(&sights);
            }
            let now = self.house.clock.now();
            // What a device has not handed in yet may have ended what seems to hold.
            let told = self.points.pass(self.device.shown_until(now.mono));
            self.tell(told, now);
            self.count_edges();
            self.clear().await?;
            // A line that never rests always has something to show: others have their turn all the same.
            tokio::task::yield_now().await;
        }
    }

    /// Looks, and meanwhile puts into the inbox what waits; `None` when the house closes.
    async fn look(&mut self) -> Result<Option<Vec<Sight>>, Gone> {
        let mut own = self.driving.take_own();
        let sights = self.look_telling(&mut own).await;
        self.driving.give_back(own);
        sights
    }

    /// The same; of what is to be told of outputs, it takes out what was told.
    async fn look_telling(
        &mut self,
        own: &mut Vec<SelfSignal>,
    ) -> Result<Option<Vec<Sight>>, Gone> {
        let Self { device, points, waiting, clearing, driving, house, .. } = self;
        let due = [points.due(), driving.due()].into_iter().flatten().min();
        let has_outputs = !driving.is_empty();
        let mut looking = pin!(device.look(due, &mut driving.wanted));
        let withheld = |withheld: Withheld| Gone::now(withheld.to_string());
        loop {
            tokio::select! {
                biased;
                () = house.closing.closing() => break,
                // Before looking: a line that never rests would keep its own news here for ever.
                sent = send_first(waiting, clearing, &house.inbox, house.pulse), if !waiting.is_empty() => {
                    sent.map_err(withheld)?;
                }
                told = tell_last(own, &house.inbox, house.clock), if !own.is_empty() => {
                    told.map_err(withheld)?;
                }
                sights = &mut looking => return sights.map(Some),
            }
        }
        if !has_outputs {
            return Ok(None);
        }
        // What is under way on a link comes to its end before outputs are set by it.
        let last = tokio::time::timeout(LAST_LOOK, looking).await;
        last.map_or(Ok(None), |sights| sights.map(Some))
    }

    fn take(&mut self, sights: &[Sight]) {
        for sight in sights {
            let now = self.house.clock.now();
            match sight {
                Sight::Read(_) => {
                    self.found(now);
                    self.driving.answered(now.mono);
                    self.house.pulse.heard(now.utc);
                }
                Sight::Part(_) | Sight::Edge { .. } => self.house.pulse.heard(now.utc),
                Sight::Missed(reason) => {
                    self.house.pulse.count(ANSWERS_MISSED);
                    self.driving.missed();
                    info!(input = %self.house.settings.name, %reason, "an answer did not come");
                }
                Sight::Cleared(_) => self.house.pulse.heard(now.utc),
            }
            let seen = match sight {
                Sight::Read(_) | Sight::Part(_) => self.device.shown_until(now.mono),
                Sight::Edge { .. } | Sight::Missed(_) | Sight::Cleared(_) => now.mono,
            };
            let told = self.points.take(sight, seen);
            self.panel.looks(self.points, self.house.pulse, now);
            self.tell(told, now);
        }
    }

    /// Every line was read: the device is there.
    fn found(&mut self, now: Moment) {
        if std::mem::replace(&mut self.is_up, true) {
            return;
        }
        let House { settings, pulse, .. } = &self.house;
        info!(input = %settings.name, contacts = self.points.len(), "contacts are seen");
        pulse.wire(Wire::Up, now.utc);
        let found = SelfSignal::cleared(SelfAlarm::InputLost, settings.name.as_str());
        self.waiting.put_own(found, now);
    }

    fn tell(&mut self, told: Vec<Told>, now: Moment) {
        for (place, report) in told {
            self.count(report.outcome);
            self.press(place, report.outcome, now);
            let is_told = self.house.settings.contacts.get(place).is_none_or(|of| of.is_told);
            panel::tells(place, &report, self.house.pulse, now);
            let shown: Vec<_> = self.points.shows(place).collect();
            let signal = self.signals.signal(place, &report, &shown, now);
            let Some(mut signal) = signal.filter(|_| is_told) else { continue };
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

    /// What waits still when a life ends is not recorded: the level that is read next tells how it ended.
    fn drop_what_waits(&self) {
        let House { settings, pulse, .. } = &self.house;
        let changes = self.waiting.len();
        if changes > 0 {
            pulse.add(NOT_RECORDED, u64::try_from(changes).unwrap_or(u64::MAX));
            warn!(input = %settings.name, changes, "changes of contacts find no room and are not recorded");
        }
    }

    /// What a finger did, where the contact is a button.
    fn press(&self, place: usize, outcome: vigie_contacts::Outcome, now: Moment) {
        let House { settings, ends, pulse, .. } = &self.house;
        let Some(contact) = settings.contacts.get(place) else { return };
        let Some(does) = &contact.button else { return };
        let by: Arc<str> = Arc::from(format!("{}.{}", settings.name, contact.name));
        match finger(outcome) {
            Finger::Nothing => {}
            Finger::Pressed => {
                pulse.count(PRESSES);
                let press = Press { by: Arc::clone(&by), does: does.clone(), moment: now };
                if !ends.press(press) {
                    pulse.count(PRESSES_NOT_TAKEN);
                    warn!(button = %by, "a press finds no room and does nothing");
                }
            }
            Finger::Found => {
                pulse.count(PRESSES_NOT_TAKEN);
                warn!(button = %by, "a button is found pressed: that is no press; is it stuck?");
            }
            Finger::Restless => warn!(button = %by, "a button chatters: its presses do not count"),
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

    /// Says what became of the edges so far.
    fn count_edges(&mut self) {
        let became = self.points.became();
        if std::mem::replace(&mut self.became, became) == became {
            return;
        }
        let pulse = self.house.pulse;
        pulse.stands_at(EDGES_TOLD, became.told);
        pulse.stands_at(EDGES_TOO_SHORT, became.too_short);
        pulse.stands_at(EDGES_IN_CHATTER, became.in_chatter);
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
                Sight::Read(_) | Sight::Part(_) | Sight::Edge { .. } | Sight::Missed(_) => None,
            });
            self.clearing.tried(&due, &set, seen.unwrap_or_default(), now.mono);
            self.take(&sights);
        }
        let Some(own) = self.clearing.news(&self.points.set_latches()) else { return Ok(()) };
        if own.active {
            warn!(input = %self.house.settings.name, reason = %own.reason, "a latch cannot be cleared");
        }
        self.waiting.put_own(own, now);
        Ok(())
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
    if let Some((own, moment)) = waiting.first_own() {
        inbox.tell(Happening::Own(own), moment).await?;
        waiting.sent_own();
    } else if let Some((place, signal, moment)) = waiting.first() {
        let awaited = inbox.put(Happening::Signal(signal.clone()), moment).await?;
        waiting.sent();
        clearing.sent(place, signal, moment, awaited);
        pulse.count(SIGNALS);
    }
    Ok(())
}

/// Tells the last of these, and takes it out. Dropped before its end, it has not told it.
async fn tell_last(own: &mut Vec<SelfSignal>, inbox: &Inbox, clock: Clock) -> Result<(), Withheld> {
    if let Some(signal) = own.last() {
        inbox.tell(Happening::Own(signal.clone()), clock.now()).await?;
        own.pop();
    }
    Ok(())
}
