//! The modem: short messages in both directions, one task for each.
//!
//! One life is one open device. A modem that is unplugged, held by another program or mute ends the life;
//! supervision gives it the next one, after its backoff. The dialogue with the modem is `vigie_gsm`'s: this adapter
//! opens the line, carries bytes and time, and translates. Texts, codes and the PIN reach no log.
//!
//! What it promises when things go wrong: a message that came stays on the SIM until the journal has it, so that a
//! crash repeats an alarm and never loses one. Of each notification the watch hears that its first byte is about to
//! leave, and then exactly one end; where nobody can know, it hears that too. A PIN that did not open the SIM is not
//! tried again, also after a restart. Whatever the wire brings, memory stays bounded.
//!
//! Decision (2026-11-23): reading goes before sending, for ten seconds at most. What waits to be read may be the answer that
//! makes the next call needless; but a flood of messages must not keep a call from leaving.
//!
//! Decision (2026-11-26): that a PIN is about to be tried is on the record before the SIM hears it, with a mark of six
//! bits by which the same PIN is known again: a daemon that starts again and again, on a modem that does not tell how many
//! tries are left, would else spend all three. A whole digest was rejected, since who reads the record could find the PIN
//! by it; a file of the adapter's own as well, since two stores can disagree.

mod asking;
mod credit;
mod errands;
mod letters;
mod life;
mod network;
mod receiving;
mod revival;
mod sending;
mod sim;
mod telling;
mod translation;
mod unlocking;
mod wear;

use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tracing::warn;
use vigie_gsm::dialogue;

use crate::config::GsmSettings;
use crate::errand::Errands;
use crate::health::{Ended, Pulse, Wire};
use crate::host::clock::Clock;
use crate::host::serial::SerialLine;
use crate::inbox::{Closing, Inbox};
use crate::watch::event::Happening;
use crate::watch::modems::{Learned, PinMark, Remembered, Trial};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};

use credit::Credit;
use life::Life;
use revival::Step;

/// How often is looked whether a modem was plugged in again.
const LOOK: Duration = Duration::from_secs(1);

/// Something that waits for the record.
type Recording<T = ()> = Pin<Box<dyn Future<Output = T> + Send>>;

/// How patient the adapter is with a modem.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How often the slots are listed whether or not the modem announced anything.
    pub sweep_every: Duration,
    /// How often signal, registration and operator are asked for.
    pub poll_every: Duration,
    /// After an answer that never came, how long the next message waits.
    pub recovery: Duration,
    /// After so long a message that the record did not take is offered again.
    pub again: Duration,
    /// For so long reading may keep us from sending.
    pub reading: Duration,
    /// For so long a message waits for the record to say that it is leaving.
    pub recording: Duration,
    /// The silence around `+++`; modems want one second (V.250, register S12).
    pub silence: Duration,
    /// For so long a modem that was restarted is waited for.
    pub restarting: Duration,
    /// For so long a signal must be weak, or a network old, before that is told; and so long good again.
    pub lasting: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let dialogue = dialogue::Settings::default();
        Self {
            sweep_every: dialogue.sweep_every,
            poll_every: dialogue.poll_every,
            recovery: dialogue.recovery,
            again: Duration::from_secs(10),
            reading: Duration::from_secs(10),
            recording: Duration::from_secs(2),
            silence: Duration::from_millis(1_100),
            restarting: Duration::from_secs(30),
            lasting: Duration::from_secs(600),
        }
    }
}

/// What must outlive one life of a modem.
#[derive(Debug, Default)]
pub struct Memory {
    /// In so many lives, one after the other, it did not answer.
    mute_lives: AtomicU32,
    /// Who made it, once it has said so.
    maker: OnceLock<String>,
    /// It was told already that its device is not there.
    absent: AtomicBool,
    /// When its credit was last asked for.
    credit: Mutex<Credit>,
    /// What the watch remembers of it as well. A lock, since lives follow one another and the compiler cannot know.
    remembered: Mutex<Remembered>,
    pace: Pace,
}

impl Memory {
    /// Of a modem with which the adapter is so patient.
    pub fn with_pace(pace: Pace) -> Self {
        Self { pace, ..Self::default() }
    }

    /// Of a modem of which the record tells this.
    #[must_use]
    pub fn knowing(self, remembered: Remembered) -> Self {
        Self { remembered: Mutex::new(remembered), ..self }
    }

    /// Of a modem that did not answer in so many lives.
    #[must_use]
    pub fn after_silence(self, lives: u32) -> Self {
        Self { mute_lives: AtomicU32::new(lives), ..self }
    }

    /// Whether this PIN may be tried.
    fn trial_of(&self, mark: PinMark) -> Trial {
        self.remembered().trial_of(mark)
    }

    /// What its adapter has learned; true if that is news.
    fn learn(&self, learned: &Learned) -> bool {
        self.remembered().learn(learned)
    }

    /// What is known of the credit, for the length of a life; what that gave back last.
    fn swap_credit(&self, credit: Credit) -> Credit {
        let mut kept = self.credit.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut kept, credit)
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_mute(&self) {
        self.mute_lives.fetch_add(1, Ordering::SeqCst);
    }

    fn note_answer(&self, maker: &str) {
        self.mute_lives.store(0, Ordering::SeqCst);
        if !maker.is_empty() {
            let _ = self.maker.set(maker.to_owned());
        }
    }
}

/// The parts of the house that a modem knows.
#[derive(Debug)]
struct House {
    settings: Arc<GsmSettings>,
    inbox: Inbox,
    errands: Errands,
    pulse: Arc<Pulse>,
    memory: Arc<Memory>,
    clock: Clock,
}

impl House {
    /// What is tried this time with a modem that did not answer.
    fn next_step(&self) -> Option<Step> {
        let lives = self.memory.mute_lives.load(Ordering::SeqCst);
        Step::after(lives, self.settings.revive.is_some())
    }

    /// A device of which it was told that it is not there is waited for: looked for every second, it is in service
    /// sooner than by a backoff.
    async fn returned(&self, closing: &mut Closing) {
        if !self.memory.absent.swap(false, Ordering::SeqCst) {
            return;
        }
        while !self.settings.device.exists() && !closing.is_closing() {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = closing.closing() => {}
            }
        }
    }

    /// What is done before its device is opened.
    async fn revive(&self, step: Option<Step>) {
        let Some(step) = step else { return };
        let modem = &self.settings.name;
        warn!(%modem, ?step, "the modem does not answer; something more is tried");
        let news = SelfSignal::raised(SelfAlarm::ModemLost, modem.as_str(), step.told());
        let _ = self.inbox.tell(Happening::Own(news), self.clock.now()).await;
        let done = match step {
            Step::Escape | Step::Restart => Ok(()),
            Step::Replug => revival::replug(Path::new("/sys"), &self.settings.device).await,
            Step::Command => {
                revival::run(self.settings.revive.as_deref().unwrap_or_default()).await
            }
        };
        if let Err(reason) = done {
            warn!(%modem, ?step, reason, "the modem cannot be revived so");
        }
    }

    /// What is done through its device.
    async fn revive_by(&self, step: Option<Step>, mut line: SerialLine) -> SerialLine {
        let silence = self.memory.pace.silence;
        match step {
            Some(Step::Escape) => revival::escape(&mut line, silence).await,
            Some(Step::Restart) => {
                let command = revival::restart(self.memory.maker.get().map_or("", String::as_str));
                revival::say(&mut line, format!("\r{command}\r").as_bytes(), silence).await;
            }
            Some(Step::Replug | Step::Command) | None => {}
        }
        line
    }
}

/// One life of a modem: from the opening of its device until it is lost, or the house closes.
pub async fn run(
    settings: Arc<GsmSettings>,
    inbox: Inbox,
    errands: Errands,
    pulse: Arc<Pulse>,
    memory: Arc<Memory>,
    clock: Clock,
    closing: Closing,
) -> Ended {
    let (outbox, name) = (errands.clone(), settings.name.clone());
    let house = House { settings, inbox, errands, pulse: Arc::clone(&pulse), memory, clock };
    // A life that ended without a word may have left something.
    outbox.give_back(&name).await;
    let mut closing = closing;
    house.returned(&mut closing).await;
    let step = house.next_step();
    house.revive(step).await;
    let reason = match SerialLine::open(&house.settings.device, house.settings.baud).await {
        Ok(line) => {
            pulse.wire(Wire::Starting, clock.now().utc);
            let line = house.revive_by(step, line).await;
            Box::pin(Life::begin(house, line, step).lead(closing)).await
        }
        Err(error) => {
            house.memory.absent.store(!house.settings.device.exists(), Ordering::SeqCst);
            error.to_string()
        }
    };
    // What was under way has ended, and the watch has its report; the rest another modem may have.
    outbox.give_back(&name).await;
    pulse.wire(Wire::Down(reason.clone()), clock.now().utc);
    Ended { alarm: SelfAlarm::ModemLost, reason }
}
