//! The dialogue with a modem (27.007, 27.005), as a state machine fed with bytes and time.
//!
//! The owner opens the port, writes what [`Dialogue::transmit`] hands out, feeds what it reads, sleeps until
//! [`Dialogue::deadline`] and takes the events. The dialogue sets the modem up, finds out that it restarted,
//! reads every message that arrives and sends one message at a time. It never opens, waits or logs anything.
//!
//! What it promises when things go wrong: one command is in flight, and nothing is said after Ctrl-Z before the
//! final result. A message is deleted only when the owner says so, since a crash between reading and storing
//! must repeat an alarm and never lose one. A message whose answer is missing is `Unknown`: never `Sent`, never
//! sent twice. The answer of a command that was given up is never taken for that of the next one. A PIN that did
//! not open the SIM is not tried again. Whatever the wire says, nothing grows without bound.
//!
//! It does not revive a modem that is mute: that (`+CFUN`, the power of its port) is the owner's, who opens the line anew.
//!
//! # Decision (2026-11-23): store and indicate (`+CNMI` mt=1), not direct delivery
//!
//! The network hears "received" from the
//! modem, but the message stays in its slot until the journal has it. Direct delivery was rejected, because a
//! missed `+CNMA` makes modems switch all announcements off by themselves (MC55, nRF91).

mod alignment;
mod answers;
mod calls;
mod commands;
mod conversation;
mod errors;
mod events;
mod flight;
mod lines;
mod pin;
mod polls;
mod reactions;
mod sending;
mod settings;
mod start;
mod storage;
mod unsolicited;
mod ussd;

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

pub use errors::{NetworkError, Sort};
pub use events::{
    Doubt, Event, Identity, Indication, Memory, NotNow, NotSubmitted, Registration, SimTrouble,
    Slot, Status, Technology,
};

pub use pin::Pin;
pub use settings::Settings;
pub use ussd::UssdCode;

use alignment::Alignment;
use calls::Calls;
use commands::Command;
use flight::{Flight, GUARD, Head};
use lines::{Lines, Piece};
use pin::PinTrial;
use polls::Polls;
use sending::{Sending, Shadow};
use start::Start;
use storage::Storage;
use ussd::Ussd;

/// Time since an arbitrary origin, handed in by the caller; never read here.
pub type Instant = Duration;

/// A modem that cannot store and announce is listed so often: its messages are found in no other way. Direct delivery,
/// which some offer instead, would lose what comes while we are away (see above).
const UNANNOUNCED: Duration = Duration::from_secs(5);

/// Events that nobody has taken yet. Beyond, messages stay in their slots and news is dropped.
const MOST_EVENTS: usize = 512;

/// How many messages may be read or deleted in a row while one waits to be sent.
const MOST_STORAGE_TURNS: u8 = 16;

/// Where the modem's setting up has come to.
enum Stage {
    /// Being set up.
    Start(Start),
    /// Something is wrong with the SIM; it is asked again then.
    Locked {
        /// When to ask again.
        again: Instant,
    },
    /// Set up.
    Serving,
}

/// The dialogue with one modem, from the opening of its port to the closing.
pub struct Dialogue {
    settings: Settings,
    now: Instant,
    heard: Instant,
    begun: Instant,
    quiet_until: Instant,
    /// How long it is left alone after a result.
    guard: Duration,
    /// When the last result came.
    result_at: Option<Instant>,
    resynchronised: Instant,
    lines: Lines,
    output: Vec<u8>,
    events: VecDeque<Event>,
    flight: Option<Flight>,
    heads: VecDeque<Head>,
    alignment: Alignment,
    stage: Stage,
    identity: Identity,
    pin: PinTrial,
    storage: Storage,
    sending: Sending,
    /// The reference of the last message that was sent.
    last_reference: Option<u8>,
    shadow: Option<Shadow>,
    polls: Polls,
    calls: Calls,
    ussd: Ussd,
    storage_turns: u8,
    unknown_lines: u64,
    echo_stays: bool,
    mute: bool,
    /// The modem does not know `+CMMS`.
    no_link: bool,
}

impl Dialogue {
    /// A dialogue on a port that was just opened.
    #[must_use]
    pub fn new(settings: Settings, now: Instant) -> Self {
        Self {
            settings,
            now,
            heard: now,
            begun: now,
            quiet_until: now,
            guard: GUARD,
            result_at: None,
            resynchronised: now,
            lines: Lines::default(),
            output: Vec::new(),
            events: VecDeque::new(),
            flight: None,
            heads: VecDeque::new(),
            alignment: Alignment::begin(),
            stage: Stage::Start(Start::begin()),
            identity: Identity::default(),
            pin: PinTrial::default(),
            storage: Storage::opened(now),
            sending: Sending::Idle,
            last_reference: None,
            shadow: None,
            polls: Polls::default(),
            calls: Calls::default(),
            ussd: Ussd::default(),
            storage_turns: 0,
            unknown_lines: 0,
            echo_stays: false,
            mute: false,
            no_link: false,
        }
    }

    /// Takes what came from the wire, cut anywhere.
    pub fn receive(&mut self, bytes: &[u8], now: Instant) {
        self.now = self.now.max(now);
        if !bytes.is_empty() {
            self.heard = self.now;
        }
        for byte in bytes {
            match self.lines.take(*byte, self.awaits_prompt()) {
                Some(Piece::Line(line)) => self.line(&line),
                Some(Piece::Prompt) => self.prompt(),
                None => {}
            }
        }
        self.advance();
    }

    /// Time has passed; to be called at the [`Self::deadline`], and harmless at any other moment.
    pub fn elapse(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.advance();
    }

    /// When [`Self::elapse`] must be called next.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if let Some(flight) = &self.flight {
            return Some(flight.limit);
        }
        let due = if self.next_command().is_some() { self.now } else { self.wake() };
        Some(due.max(self.quiet_until))
    }

    /// What is to be written now, all in one go.
    pub fn transmit(&mut self) -> Option<Vec<u8>> {
        (!self.output.is_empty()).then(|| std::mem::take(&mut self.output))
    }

    /// What happened, oldest first.
    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether three probes were in vain, and nothing has been answered since ([`Event::Mute`]).
    #[must_use]
    pub fn is_mute(&self) -> bool {
        self.mute
    }

    /// Whether the modem is set up. While it is not, which may be for good (its SIM was taken out), it takes no message.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self.stage, Stage::Serving)
    }

    /// Whether messages may stand in slots that were not read yet: announced, or due to be listed. Who has something
    /// to send may let them be read first, since one of them may make it needless.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        let reads =
            |flight: &Flight| matches!(flight.command, Command::List(_) | Command::Read(..));
        self.storage.has_unread(self.now) || self.flight.as_ref().is_some_and(reads)
    }

    /// Deletes a message that [`Event::Received`] of this dialogue handed out; the owner has stored it. A slot
    /// that was handed out anew since then, or that another message has taken, is left alone.
    pub fn delete(&mut self, slot: Slot) {
        self.storage.delete(slot);
    }

    /// Ends what ran out of time and begins what is next.
    fn advance(&mut self) {
        if self.flight.as_ref().is_some_and(|flight| flight.limit <= self.now) {
            self.expire();
        }
        if self.flight.is_some() || self.now < self.quiet_until {
            return;
        }
        self.note_held();
        self.note_dues();
        if let Some(command) = self.next_command() {
            self.say(command);
        }
    }

    /// Turns the dues that have come into work.
    fn note_dues(&mut self) {
        self.alignment.wake(self.now);
        if !self.is_ready() || !self.alignment.is_done() {
            return;
        }
        let sweep_every = match self.identity.indication {
            Some(_) => self.settings.sweep_every,
            None => self.settings.sweep_every.min(UNANNOUNCED),
        };
        self.storage.note_sweep(self.now, sweep_every);
        if self.polls.note(self.now, self.settings.poll_every) {
            self.tell_noise();
        }
        self.note_ussd();
        let announces = self.identity.indication.is_some();
        let question = if announces { Command::IndicationState } else { Command::Probe };
        self.polls.note_silence(self.now, self.heard, question);
    }

    /// What to say next. Reading goes before sending, but not for ever.
    fn next_command(&self) -> Option<Command> {
        if !self.alignment.is_done() {
            return self.alignment.command();
        }
        match &self.stage {
            Stage::Start(start) => self.start_command(start),
            Stage::Locked { again } => (*again <= self.now).then_some(Command::PinState),
            Stage::Serving => {
                // One short command, and somebody listens to the ringing meanwhile.
                if let Some(end) = self.calls.command(self.now) {
                    return Some(end);
                }
                let submit = self.sending.command();
                let storage = self.storage.command();
                if submit.is_some() && self.storage_turns >= MOST_STORAGE_TURNS {
                    return submit;
                }
                let urgent = storage.or(submit);
                urgent.or_else(|| self.ussd.command()).or_else(|| self.polls.command())
            }
        }
    }

    /// When there will be something to say, if there is nothing now.
    fn wake(&self) -> Instant {
        if let Some(again) = self.alignment.again() {
            return again;
        }
        match &self.stage {
            Stage::Start(_) => self.now,
            Stage::Locked { again } => *again,
            Stage::Serving => {
                let next = self.storage.due().min(self.polls.due(self.heard));
                let others = [self.sending.recovers(self.now), self.ussd.due()];
                others.into_iter().flatten().fold(next, Instant::min)
            }
        }
    }

    fn say(&mut self, command: Command) {
        let mut text = command.text();
        if command == Command::PinEntry {
            text.push_str(&self.pin_entry());
        } else if matches!(command, Command::Submit(_)) {
            self.storage_turns = 0;
            self.sending.ask();
        } else if command.is_of_storage() {
            self.storage_turns = self.storage_turns.saturating_add(1);
        }
        self.output.extend_from_slice(text.as_bytes());
        self.output.push(b'\r');
        self.flight = Some(Flight::new(command, text, self.now));
    }

    /// News that may be dropped when nobody listens.
    fn tell(&mut self, event: Event) {
        if self.events.len() < MOST_EVENTS {
            self.events.push_back(event);
        }
    }

    fn tell_noise(&mut self) {
        let bytes = self.lines.dropped();
        let lines = std::mem::take(&mut self.unknown_lines);
        if bytes > 0 || lines > 0 {
            self.tell(Event::Noise { bytes, lines });
        }
    }

    /// Sets the modem up from the beginning. Slots are forgotten: another SIM may be behind them.
    fn begin_anew(&mut self) {
        self.flight = None;
        self.heads.clear();
        self.renew_storage();
        self.polls = Polls::default();
        self.give_up_ussd();
        self.no_link = false;
        self.identity = Identity::default();
        self.alignment = Alignment::begin();
        self.stage = Stage::Start(Start::begin());
        self.begun = self.now;
        self.quiet_until = self.now.saturating_add(self.guard);
    }
}

impl fmt::Debug for Dialogue {
    /// Without the command in flight, which may hold the PIN, and without messages.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_struct("Dialogue")
            .field("now", &self.now)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}
