//! Reception: from a socket that has something to the letter in the inbox.
//!
//! Sockets take turns, a bounded number of datagrams each, so that none starves another. Whatever is
//! in hand when the house closes still goes into the inbox.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};
use tracing::debug;
use vigie_snmp::names::Names;
use vigie_snmp::{MAX_DATAGRAM, Message, PduKind, Refused};

use super::admission::Admission;
use super::answers::Owed;
use super::counts::{self, Leavings, Left};
use super::drops::Drops;
use super::socket::{Datagram, Desk, Envelope, Socket};
use super::{identity, signal};
use crate::config::SnmpSettings;
use crate::health::Pulse;
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox, Withheld};
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::signal::Signal;
use crate::watch::time::Moment;

/// How often what was not said at once is said.
pub(super) const MINUTE: Duration = Duration::from_secs(60);
/// So many datagrams of one socket are received before the others have their turn.
const TURN: u32 = 64;

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

/// The receiving half of a receiver.
pub(super) struct Reception<'s> {
    input: &'s InputName,
    sockets: &'s [Socket],
    admission: Admission,
    /// The names that are in force; replaced while datagrams come in.
    names: watch::Receiver<Arc<Names>>,
    inbox: Inbox,
    owe: mpsc::Sender<Owed<'s>>,
    pulse: &'s Pulse,
    clock: Clock,
    leavings: Leavings,
    drops: Drops,
    /// Which socket is asked first.
    first: usize,
}

impl<'s> Reception<'s> {
    /// Receives from these sockets; for each inform an answer is owed.
    pub(super) fn new(
        settings: &'s SnmpSettings,
        sockets: &'s [Socket],
        names: watch::Receiver<Arc<Names>>,
        inbox: Inbox,
        owe: mpsc::Sender<Owed<'s>>,
        pulse: &'s Pulse,
        clock: Clock,
    ) -> Self {
        Self {
            input: &settings.name,
            sockets,
            admission: Admission::new(&settings.sources, &settings.communities),
            names,
            inbox,
            owe,
            pulse,
            clock,
            leavings: Leavings::default(),
            drops: Drops::new(sockets.len(), clock.now()),
            first: 0,
        }
    }

    /// Receives until a socket fails or the house closes.
    pub(super) async fn receive(&mut self, closing: &mut Closing) -> Lost {
        let mut desk = Desk::new();
        let mut minute = interval(MINUTE);
        minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !closing.is_closing() {
            let turn = tokio::select! {
                biased;
                () = closing.closing() => break,
                _ = minute.tick() => None,
                place = ready(self.sockets, self.first) => Some(place),
            };
            let done = match turn {
                None => self.minute().await,
                Some(place) => self.turn(place, &mut desk, closing).await,
            };
            if let Err(lost) = done {
                return lost;
            }
        }
        Lost::Stopping
    }

    /// One socket's turn: takes what waits, up to a bound.
    async fn turn(&mut self, place: usize, desk: &mut Desk, closing: &Closing) -> Result<(), Lost> {
        self.first = place.saturating_add(1);
        let sockets = self.sockets;
        let Some(socket) = sockets.get(place) else {
            return Ok(());
        };
        for _ in 0..TURN {
            let received = socket.receive(desk);
            match received.map_err(|source| Lost::Socket { at: socket.at(), source })? {
                None => return Ok(()),
                Some(datagram) => self.take(place, socket, &datagram).await?,
            }
            if closing.is_closing() {
                return Ok(());
            }
        }
        // The answers have their turn as well.
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn take(
        &mut self,
        place: usize,
        socket: &'s Socket,
        datagram: &Datagram<'_>,
    ) -> Result<(), Lost> {
        let moment = self.clock.now();
        let Datagram { octets, envelope } = datagram;
        self.pulse.count(counts::DATAGRAMS);
        if envelope.dropped.is_some() {
            self.dropped(place, envelope.dropped, moment).await?;
        }
        let message = match self.read(octets, envelope) {
            Ok(message) => message,
            Err((left, why)) => {
                let source = envelope.from.ip().to_canonical();
                self.leavings.count(left, source, why.as_ref(), self.input, self.pulse);
                return Ok(());
            }
        };
        self.pulse.heard(moment.utc);
        if let Some(oddity) = message.oddities.first() {
            self.pulse.count(counts::ODD);
            debug!(input = %self.input, source = %envelope.from.ip(), %oddity, "a notification is not as the standard has it");
        }
        let raw = Arc::from(*octets);
        let names = Arc::clone(&self.names.borrow());
        let signal = signal::of(self.input, &message, envelope.from.ip(), moment.utc, raw, &names);
        match message.pdu {
            PduKind::Trap => {
                self.pulse.count(counts::TRAPS);
                Ok(self.inbox.tell(Happening::Signal(signal), moment).await?)
            }
            PduKind::Inform => self.inform(signal, &message, datagram, socket, moment).await,
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

    /// The kernel's count of what a socket has dropped, if it gives one; what is not told yet is told
    /// when it may be.
    async fn dropped(&mut self, place: usize, count: Option<u32>, now: Moment) -> Result<(), Lost> {
        let fresh = count.map_or(0, |count| self.drops.counted(place, count));
        if fresh > 0 {
            self.pulse.add(counts::DROPPED_BY_KERNEL, fresh);
        }
        if let Some(told) = self.drops.due(self.input.as_str(), now) {
            self.inbox.tell(Happening::Own(told), now).await?;
        }
        Ok(())
    }

    /// Says what was not said at once.
    async fn minute(&mut self) -> Result<(), Lost> {
        self.leavings.minute(self.input);
        let sockets = self.sockets;
        for (place, socket) in sockets.iter().enumerate() {
            self.dropped(place, socket.dropped(), self.clock.now()).await?;
        }
        Ok(())
    }
}

/// Waits until a socket has something, and gives its place; `first` is asked first. A socket that
/// has failed has something: receiving from it says what.
async fn ready(sockets: &[Socket], first: usize) -> usize {
    poll_fn(|context| {
        let (before, after) = sockets.split_at(first.min(sockets.len()));
        let places = (first..).zip(after).chain((0..).zip(before));
        for (place, socket) in places {
            if socket.poll_ready(context).is_ready() {
                return Poll::Ready(place);
            }
        }
        Poll::Pending
    })
    .await
}
