//! One connection, from its making to its end.
//!
//! Three futures of one task: one polls the wire and does nothing else, so that pings go out; one makes signals of messages and puts
//! them into the inbox, in order; one acknowledges, in the same order, what is on disk. None can die and leave the others
//! behind. When the connection is over, what was read from it is still handed on; what is not acknowledged comes again.
//!
//! # Decision (2026-11-27): while the inbox is full the wire is left alone
//!
//! Then nothing more is read, no ping goes out either, and after one and a half keep-alives the broker closes the connection. That
//! loses nothing, since what is not acknowledged comes again; it bounds what we hold; and people are told only if it lasts. Rejected:
//! to poll on, since the library cannot be told to read no more: what it reads would have to be held without bound, or thrown away.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tracing::{info, warn};

use super::counts;
use super::desk::{Desk, Item, Learned};
use super::lost::Lost;
use super::receipts;
use super::subscriptions::{Leftovers, Subscriptions};
use super::troubles::Way;
use super::wire::{Came, Line, Message, Wire};
use crate::config::MqttSettings;
use crate::health::{Pulse, Session, Wire as State};
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Moment, Mono};

/// So many messages lie between wire and inbox at most; the inbox itself has room for many.
const WAITING: usize = 64;
/// So many KiB of them at most.
const ROOM: usize = 24 * 1_024;
/// So many messages wait for their receipts at most.
const OUTSTANDING: usize = 4_096;
/// How long what is in hand when the house closes waits for its receipts.
const LAST_RECEIPTS: Duration = Duration::from_secs(2);
/// How long a farewell may take.
pub(super) const FAREWELL: Duration = Duration::from_secs(1);
/// So long may what was read of a connection that is over take to be handed on.
const LAST_LETTERS: Duration = Duration::from_secs(10);
/// A connection that has lasted so long is no brief one.
pub(super) const SETTLED: Duration = Duration::from_secs(30);

/// What all connections of an input share.
pub(super) struct Input<'c> {
    /// The table of the files.
    pub(super) settings: &'c MqttSettings,
    /// Where signals go.
    pub(super) inbox: &'c Inbox,
    /// Where is told how it is.
    pub(super) pulse: &'c Pulse,
    /// The house's clocks.
    pub(super) clock: Clock,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// Whether the broker accepted us in an earlier connection.
    pub(super) known: bool,
    /// Whether it must last before it is believed: those before it were brief.
    pub(super) doubted: bool,
    /// When the broker accepted us in this one.
    pub(super) accepted: Option<Mono>,
    /// Whether it was said that it works.
    pub(super) works: bool,
}

/// Makes a connection and lives in it until it is over.
pub(super) async fn live(
    input: &Input<'_>,
    (wire, line): (&mut Wire, &Line),
    learned: &mut Learned,
    progress: &mut Progress,
    closing: &Closing,
) -> Lost {
    let (queue, waiting) = mpsc::channel(WAITING);
    let (owe, owed) = mpsc::channel(OUTSTANDING);
    let Input { settings, inbox, pulse, clock } = *input;
    let desk =
        Desk { settings, learned, leftovers: Leftovers::new(settings), line, inbox, pulse, clock };
    let mut desk = pin!(desk.hand_on(waiting, owe, closing.clone()));
    let mut receipts = pin!(receipts::give(owed, line, &settings.name, pulse));
    let listener = Listener {
        input,
        line,
        subscriptions: Subscriptions::new(settings),
        queue,
        room: Arc::new(Semaphore::new(ROOM)),
        progress,
        neglected: None,
    };
    let mut listening = pin!(listener.listen(wire));
    let lost = tokio::select! {
        biased;
        lost = &mut desk => lost,
        lost = &mut listening => {
            let rest = async { tokio::join!(&mut desk, &mut receipts) };
            let _ = timeout(LAST_LETTERS, rest).await;
            return lost;
        }
        // It ends by itself only after the desk.
        withheld = &mut receipts => return withheld.err().unwrap_or(Lost::Stopping),
    };
    if lost == Lost::Stopping {
        // What was accepted is acknowledged; what is not by then is sent again.
        let last = async {
            tokio::select! { _ = &mut receipts => true, _ = &mut listening => false }
        };
        if timeout(LAST_RECEIPTS, last).await == Ok(true) && line.farewell().is_ok() {
            let _ = timeout(FAREWELL, listening).await;
        }
    }
    lost
}

/// What polls the wire.
struct Listener<'l> {
    input: &'l Input<'l>,
    line: &'l Line,
    subscriptions: Subscriptions<'l>,
    queue: mpsc::Sender<Item>,
    room: Arc<Semaphore>,
    progress: &'l mut Progress,
    /// When the wire was last looked at again after so long that the broker may have given us up.
    neglected: Option<Mono>,
}

impl Listener<'_> {
    async fn listen(mut self, wire: &mut Wire) -> Lost {
        loop {
            let came = match wire.next().await {
                Ok(came) => came,
                Err(lost) => return self.blamed(lost),
            };
            let now = self.input.clock.now();
            let taken = match came {
                Came::Accepted { resumed } => self.accepted(resumed, now).await,
                Came::Message(message) => {
                    self.message(message).await;
                    let again = self.input.clock.now().mono;
                    if now.mono.until(again) >= self.input.settings.keep_alive {
                        self.neglected = Some(again);
                    }
                    Ok(())
                }
                Came::Subscribed(answers) => self.subscribed(&answers, now).await,
                Came::Acknowledged(many) => {
                    self.input.pulse.add(counts::ACKNOWLEDGED, many);
                    Ok(())
                }
                // It publishes nothing of which the broker would say so.
                Came::Published(_) | Came::Sign => Ok(()),
                Came::Farewell => return Lost::Stopping,
            };
            let lasted = self.progress.accepted.is_some_and(|at| at.until(now.mono) >= SETTLED);
            if self.progress.doubted && lasted {
                self.progress.doubted = false;
                self.works(now).await;
            }
            if let Err(lost) = taken.and_then(|()| self.subscriptions.tick(self.line, now.mono)) {
                return lost;
            }
        }
    }

    /// Whose doing the end of a connection is.
    fn blamed(&self, lost: Lost) -> Lost {
        let patience = self.input.settings.keep_alive.saturating_mul(2);
        let now = self.input.clock.now().mono;
        let is_ours = self.neglected.is_some_and(|at| at.until(now) < patience);
        if is_ours { lost.behind() } else { lost }
    }

    async fn accepted(&mut self, resumed: bool, now: Moment) -> Result<(), Lost> {
        let Input { settings, pulse, .. } = *self.input;
        let session = match (resumed, self.progress.known) {
            (true, _) => Session::Resumed,
            (false, false) => Session::New,
            (false, true) => Session::Lost,
        };
        if session == Session::Lost {
            pulse.count(counts::SESSIONS_LOST);
            warn!(input = %settings.name, "the broker has lost our session: what came while we were away is lost with it");
        }
        if self.progress.known {
            pulse.count(counts::RECONNECTIONS);
        }
        info!(input = %settings.name, broker = %settings.broker, session = ?session, "the broker has accepted us");
        pulse.broker(|broker| broker.session = Some(session));
        self.progress.accepted = Some(now.mono);
        if session == Session::Lost {
            let reason = "the broker has lost our session, and what came while we were away is lost with it: let it keep sessions (`persistence`)";
            let own = SelfSignal::raised(SelfAlarm::SessionLost, settings.name.as_str(), reason);
            self.send(Item::Own(own)).await;
        }
        self.send(Item::Accepted).await;
        self.subscriptions.ask(self.line, now.mono)?;
        self.subscriptions.show(pulse);
        Ok(())
    }

    /// What is read only after this goes no further than the socket: so nobody can fill our memory.
    async fn message(&self, message: Message) {
        let weight = (message.payload.len() / 1_024).saturating_add(1).min(ROOM);
        let weight = u32::try_from(weight).unwrap_or(u32::MAX);
        if let Ok(room) = Arc::clone(&self.room).acquire_many_owned(weight).await {
            self.send(Item::Message(message, room)).await;
        }
    }

    async fn subscribed(
        &mut self,
        answers: &[Result<super::wire::Served, &'static str>],
        now: Moment,
    ) -> Result<(), Lost> {
        let complete = self.subscriptions.answered(answers, self.line, now.mono)?;
        self.subscriptions.show(self.input.pulse);
        if complete {
            self.send(Item::Subscribed).await;
            self.send(Item::Own(self.subscriptions.told())).await;
            self.works(now).await;
        }
        Ok(())
    }

    /// It works, unless those before it were brief: then it must last.
    async fn works(&mut self, now: Moment) {
        if self.progress.works || self.progress.doubted {
            return;
        }
        self.progress.works = true;
        let Input { settings, pulse, .. } = *self.input;
        Way::Listening.show(pulse, State::Up, now.utc);
        let over = SelfSignal::cleared(Way::Listening.alarm(), settings.name.as_str());
        self.send(Item::Own(over)).await;
    }

    /// The desk is gone only when the house closes: then nothing more is taken, and nothing acknowledged.
    async fn send(&self, item: Item) {
        let _ = self.queue.send(item).await;
    }
}
