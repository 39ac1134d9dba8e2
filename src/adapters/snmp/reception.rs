//! Reception: from what was received to the letter in the inbox.
//!
//! The sockets are emptied into queues even while the inbox is full, and the queues are served in
//! turn: see [`super::queues`]. Whatever is in hand when the house closes still goes into the inbox,
//! for as long as [`LAST_LETTERS`] allows; what does not is counted and said.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tracing::{debug, warn};
use vigie_snmp::{MAX_DATAGRAM, Message, PduKind, Refused};

use super::admission::Admission;
use super::answers::Owed;
use super::counts::{self, Leavings, Left};
use super::desk::{Datagram, Envelope};
use super::intake::{Intake, Portion};
use super::proxies::Proxies;
use super::queues::Waiting;
use super::socket::Socket;
use super::{identity, signal};
use crate::config::SnmpSettings;
use crate::health::Pulse;
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox, Withheld};
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::signal::{Signal, Value as Field};
use crate::watch::time::{Moment, Utc};

/// How often what was not said at once is said.
pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// So long may what is in hand when the house closes take to find room in the inbox.
const LAST_LETTERS: Duration = Duration::from_secs(10);

/// Why no more is received.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    /// The house is closing.
    #[error("Vigie is stopping")]
    Stopping,
    /// A socket failed.
    #[error("the socket on {at} failed: {source}")]
    Socket {
        /// Where it listened.
        at: SocketAddr,
        /// Why it failed.
        source: io::Error,
    },
}

impl From<Withheld> for Lost {
    /// The inbox is shut only when the house closes.
    fn from(_: Withheld) -> Self {
        Self::Stopping
    }
}

/// What reads and hands on what was received.
pub(super) struct Reception<'s> {
    input: &'s InputName,
    sockets: &'s [Socket],
    admission: Admission,
    proxies: Proxies,
    inbox: Inbox,
    owe: mpsc::Sender<Owed<'s>>,
    pulse: &'s Pulse,
    clock: Clock,
    leavings: Leavings,
    /// Who was heard since it was last said, when last and how often.
    heard: Vec<(Arc<str>, Utc, u64)>,
    /// How many traps were taken since it was last said.
    traps: u64,
    /// How many minutes had passed when it was last said what was left.
    minutes: u64,
}

impl<'s> Reception<'s> {
    /// Reads what these sockets receive; for each inform an answer is owed.
    pub(super) fn new(
        settings: &'s SnmpSettings,
        sockets: &'s [Socket],
        inbox: Inbox,
        owe: mpsc::Sender<Owed<'s>>,
        pulse: &'s Pulse,
        clock: Clock,
    ) -> Self {
        Self {
            input: &settings.name,
            sockets,
            admission: Admission::new(&settings.sources, &settings.communities),
            proxies: Proxies::new(&settings.proxies),
            inbox,
            owe,
            pulse,
            clock,
            leavings: Leavings::default(),
            heard: Vec::new(),
            traps: 0,
            minutes: 0,
        }
    }

    /// Receives until a socket fails or the house closes.
    pub(super) async fn receive(&mut self, intake: &mut Intake<'s>, closing: &mut Closing) -> Lost {
        let mut minute = interval(MINUTE);
        minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let lost = loop {
            if closing.is_closing() {
                break Lost::Stopping;
            }
            // While there is much to hand on, nobody waits for a socket: all are looked at here.
            if let Err(lost) = intake.take_all() {
                break lost;
            }
            intake.say_waiting();
            if self.minutes != intake.minutes() {
                self.minutes = intake.minutes();
                self.leavings.minute(self.input);
            }
            if intake.is_empty() {
                tokio::select! {
                    biased;
                    () = closing.closing() => {}
                    _ = minute.tick() => intake.minute(),
                    _ = intake.ready() => {}
                }
            } else {
                if let Err(lost) = self.serve(intake, &mut minute, closing).await {
                    break lost;
                }
                // The answers have their turn as well.
                tokio::task::yield_now().await;
            }
        };
        self.finish(intake).await;
        lost
    }

    /// Hands on one portion, and empties the sockets for as long as the inbox makes that wait.
    async fn serve(
        &mut self,
        intake: &mut Intake<'s>,
        minute: &mut Interval,
        closing: &mut Closing,
    ) -> Result<(), Lost> {
        let mut handing_on = pin!(self.hand_on(intake.portion()));
        let lost = loop {
            tokio::select! {
                biased;
                () = closing.closing() => break Lost::Stopping,
                _ = minute.tick() => intake.minute(),
                done = &mut handing_on => {
                    intake.handed_on();
                    return done;
                }
                place = intake.ready() => match intake.take(place) {
                    Ok(()) => intake.say_waiting(),
                    Err(lost) => break lost,
                },
            }
        };
        // What is in hand goes in first.
        let _ = tokio::time::timeout(LAST_LETTERS, handing_on).await;
        Err(lost)
    }

    /// Nothing more is received; what was goes into the inbox.
    async fn finish(&mut self, intake: &mut Intake<'s>) {
        intake.end();
        let all = async {
            while !intake.is_empty() {
                self.hand_on(intake.portion()).await?;
                intake.handed_on();
            }
            Ok::<(), Lost>(())
        };
        let in_time = tokio::time::timeout(LAST_LETTERS, all).await;
        if !matches!(in_time, Ok(Ok(()))) {
            let left = intake.waiting();
            warn!(input = %self.input, left, "not all that was received could be recorded before the end");
        }
        intake.say_waiting();
    }

    /// Puts letters in, waiting for room.
    async fn hand_on(&mut self, portion: Portion) -> Result<(), Lost> {
        for own in portion.own {
            self.inbox.tell(Happening::Own(own), self.clock.now()).await?;
        }
        // All are read before the first is put in: what comes together goes to disk together, and one
        // commit serves all. Put in one by one, the first would have a commit of its own.
        let read: Vec<(Waiting, Message, Signal)> = portion
            .datagrams
            .into_iter()
            .filter_map(|waiting| {
                let (message, signal) = self.understand(&waiting)?;
                Some((waiting, message, signal))
            })
            .collect();
        for (waiting, message, signal) in read {
            self.put(&waiting, &message, signal).await?;
        }
        self.say();
        Ok(())
    }

    /// What a datagram says, as a signal; nothing, if it is left.
    fn understand(&mut self, waiting: &Waiting) -> Option<(Message, Signal)> {
        let Waiting { octets, envelope, received, .. } = waiting;
        let message = match self.read(octets, envelope) {
            Ok(message) => message,
            Err((left, why)) => {
                self.leavings.count(left, waiting.source(), why.as_ref(), self.input, self.pulse);
                return None;
            }
        };
        if let Some(oddity) = message.oddities.first() {
            self.pulse.count(counts::ODD);
            debug!(input = %self.input, source = %envelope.from.ip(), %oddity, "a notification is not as the standard has it");
        }
        let sender = envelope.from.ip();
        let device = self.proxies.device(sender, &message.notification);
        let (source, raw) = (device.unwrap_or(sender), Arc::clone(octets));
        let mut signal = signal::of(self.input, &message, source, received.utc, raw);
        if device.is_some() {
            let proxy = sender.to_canonical().to_string();
            signal.fields.set("proxy", Field::text(proxy));
        }
        Some((message, signal))
    }

    async fn put(
        &mut self,
        waiting: &Waiting,
        message: &Message,
        signal: Signal,
    ) -> Result<(), Lost> {
        let sockets = self.sockets;
        let Some(socket) = sockets.get(waiting.place) else { return Ok(()) };
        self.hear(&signal);
        // What was received while the inbox was full happens now to whoever decides: letters come in
        // the order of their moments.
        let moment = self.clock.now();
        match message.pdu {
            PduKind::Trap => {
                self.traps = self.traps.saturating_add(1);
                Ok(self.inbox.tell(Happening::Signal(signal), moment).await?)
            }
            PduKind::Inform => {
                let datagram = Datagram { octets: &waiting.octets, envelope: waiting.envelope };
                self.inform(signal, message, &datagram, socket, moment).await
            }
        }
    }

    /// Notes who was heard.
    fn hear(&mut self, signal: &Signal) {
        match self.heard.iter_mut().find(|(source, ..)| *source == signal.source) {
            Some((_, at, times)) => {
                *at = signal.received;
                *times = times.saturating_add(1);
            }
            None => self.heard.push((Arc::clone(&signal.source), signal.received, 1)),
        }
    }

    /// Says what was noted: many together, for each word to the reader of `status` costs a lock.
    fn say(&mut self) {
        if !self.heard.is_empty() {
            self.pulse.heard_from(self.heard.drain(..));
        }
        let traps = std::mem::take(&mut self.traps);
        if traps > 0 {
            self.pulse.add(counts::TRAPS, traps);
        }
    }

    /// What a datagram says, if it is for us.
    fn read(&self, octets: &[u8], envelope: &Envelope) -> Result<Message, (Left, Option<Refused>)> {
        if !self.admission.takes_source(envelope.from.ip()) {
            return Err((Left::Stranger, None));
        }
        let message =
            vigie_snmp::read(octets).map_err(|refused| (Left::by(&refused), Some(refused)))?;
        if !self.admission.takes_community(&message.community) {
            return Err((Left::WrongCommunity, None));
        }
        Ok(message)
    }

    async fn inform(
        &self,
        mut signal: Signal,
        message: &Message,
        datagram: &Datagram<'_>,
        socket: &'s Socket,
        moment: Moment,
    ) -> Result<(), Lost> {
        let Datagram { octets, envelope } = *datagram;
        self.pulse.count(counts::INFORMS);
        signal.identity = Some(identity::of(self.input, envelope.from, octets));
        let receipt = self.inbox.put(Happening::Signal(signal), moment).await?;
        // An inform that fitted a datagram is answered in one: the answer is no longer, and where
        // odd lengths make it so, it says tooBig.
        let Ok(octets) = vigie_snmp::response(message, octets, MAX_DATAGRAM) else {
            self.pulse.count(counts::UNANSWERED);
            return Ok(());
        };
        let owed = Owed { receipt, octets, socket, envelope };
        self.owe.send(owed).await.map_err(|_| Lost::Stopping)
    }
}
