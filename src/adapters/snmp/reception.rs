//! Reception: from what was received to the letter in the inbox.
//!
//! The sockets are emptied into queues even while the inbox is full, and the queues are served in
//! turn: see [`super::queues`]. Whatever is in hand when the house closes still goes into the inbox,
//! for as long as [`LAST_LETTERS`] allows; what does not, to the last datagram, is counted and said.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tracing::{debug, warn};
use vigie_snmp::PduKind;
use vigie_snmp::names::Names;
use vigie_snmp::usm::User;

use super::answers::{Answer, Owed};
use super::copies::Copies;
use super::counts::{self, Leavings, MINUTE};
use super::doorkeeper::Doorkeeper;
use super::floods::Surplus;
use super::heartbeats::Heartbeats;
use super::intake::{Intake, Portion};
use super::lost::Lost;
use super::proxies::Proxies;
use super::queues::Waiting;
use super::security::{Lawful, NotTaken, Security};
use super::socket::Socket;
use super::troubles::Troubles;
use super::{identity, signal};
use crate::config::SnmpSettings;
use crate::health::Pulse;
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox};
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::signal::{Signal, Value as Field};
use crate::watch::time::{Moment, Mono, Utc};

/// So long may all that was received when the house closes take to find room in the inbox; the informs among it have yet
/// to be answered before the house leaves its front behind.
const LAST_LETTERS: Duration = Duration::from_secs(10);

/// What a datagram says, and the signal that it is; or why it is not taken.
type Understood = Result<(Lawful, Signal), NotTaken>;

/// What reads and hands on what was received.
pub(super) struct Reception<'s> {
    /// The receiver, by its name in the files.
    pub(super) input: &'s InputName,
    sockets: &'s [Socket],
    /// Who may send.
    pub(super) security: Security,
    /// Whose messages are not taken.
    pub(super) troubles: Troubles,
    /// Who must be heard.
    pub(super) heartbeats: Heartbeats,
    proxies: Proxies,
    copies: Copies,
    /// The names that are in force; replaced while datagrams come in.
    names: watch::Receiver<Arc<Names>>,
    /// The users that are in force; as well.
    users: watch::Receiver<Arc<[User]>>,
    /// Where signals go.
    pub(super) inbox: Inbox,
    owe: mpsc::Sender<Owed<'s>>,
    /// Where is told how it is.
    pub(super) pulse: &'s Pulse,
    /// The house's clocks.
    pub(super) clock: Clock,
    pub(super) leavings: Leavings,
    /// Who was heard since it was last said, when last and how often.
    heard: Vec<(Arc<str>, Utc, u64)>,
    /// How many traps were taken since it was last said.
    traps: u64,
    /// What of the portion in hand is not in the inbox yet, in its order.
    in_hand: VecDeque<Surplus>,
    /// What was in hand and never got into the inbox.
    stranded: Vec<Surplus>,
    /// When the last letter must be in, once the end has begun.
    ends: Option<Mono>,
    /// How many minutes had passed when it was last said what was left.
    minutes: u64,
}

impl<'s> Reception<'s> {
    /// Reads what these sockets receive; for each inform an answer is owed.
    pub(super) fn new(
        settings: &'s SnmpSettings,
        Doorkeeper { security, troubles, heartbeats, names, users }: Doorkeeper,
        sockets: &'s [Socket],
        inbox: Inbox,
        owe: mpsc::Sender<Owed<'s>>,
        pulse: &'s Pulse,
        clock: Clock,
    ) -> Self {
        Self {
            input: &settings.name,
            sockets,
            security,
            troubles,
            heartbeats,
            proxies: Proxies::new(&settings.proxies),
            copies: Copies::default(),
            names,
            users,
            inbox,
            owe,
            pulse,
            clock,
            leavings: Leavings::default(),
            heard: Vec::new(),
            traps: 0,
            in_hand: VecDeque::new(),
            stranded: Vec::new(),
            ends: None,
            minutes: 0,
        }
    }

    /// Receives until a socket fails or the house closes.
    pub(super) async fn receive(&mut self, intake: &mut Intake<'s>, closing: &mut Closing) -> Lost {
        self.renamed();
        let mut minute = interval(MINUTE);
        minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let lost = loop {
            if closing.is_closing() {
                break Lost::Stopping;
            }
            if self.names.has_changed().unwrap_or(false) {
                self.renamed();
            }
            // While there is much to hand on, nobody waits for a socket: all are looked at here.
            if let Err(lost) = intake.take_all() {
                break lost;
            }
            intake.say_waiting();
            if self.minutes != intake.minutes() {
                self.minutes = intake.minutes();
                intake.tell(self.minute());
            }
            intake.tell(self.silences());
            if intake.is_empty() {
                let silence = self.heartbeats.wait(self.clock.now().mono).unwrap_or(MINUTE);
                tokio::select! {
                    biased;
                    () = closing.closing() => {}
                    _ = minute.tick() => intake.minute(),
                    _ = intake.ready() => {}
                    Ok(()) = self.names.changed() => self.renamed(),
                    () = tokio::time::sleep(silence) => {}
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

    /// Traps are called otherwise from now on.
    fn renamed(&mut self) {
        self.pulse.called(Arc::clone(&self.names.borrow_and_update()));
    }

    /// Hands on one portion, and empties the sockets for as long as the inbox makes that wait.
    async fn serve(
        &mut self,
        intake: &mut Intake<'s>,
        minute: &mut Interval,
        closing: &mut Closing,
    ) -> Result<(), Lost> {
        let clock = self.clock;
        let (lost, ends) = {
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
            let ends = clock.now().mono.after(LAST_LETTERS);
            // What is in hand goes in first.
            let _ = tokio::time::timeout(LAST_LETTERS, handing_on).await;
            (lost, ends)
        };
        self.ends = Some(ends);
        Err(lost)
    }

    /// Nothing more is received; what was goes into the inbox.
    async fn finish(&mut self, intake: &mut Intake<'s>) {
        intake.end();
        let ends = self.ends.unwrap_or_else(|| self.clock.now().mono.after(LAST_LETTERS));
        let patience = self.clock.until(ends);
        let all = async {
            while !intake.is_empty() {
                self.hand_on(intake.portion()).await?;
                intake.handed_on();
            }
            self.part().await
        };
        let in_time = tokio::time::timeout(patience, all).await;
        if !matches!(in_time, Ok(Ok(()))) {
            self.stranded.extend(self.in_hand.drain(..));
            let left = intake.abandon(&self.stranded);
            warn!(input = %self.input, left, "not all that was received and known could be recorded before the end");
        }
        self.say();
        intake.say_waiting();
    }

    /// Puts letters in, waiting for room.
    async fn hand_on(&mut self, portion: Portion) -> Result<(), Lost> {
        for own in portion.own {
            self.inbox.tell(Happening::Own(own), self.clock.now()).await?;
        }
        // Only here, where no inform is in hand that was opened with the keys of before.
        if self.users.has_changed().unwrap_or(false) {
            self.security.believe(&self.users.borrow_and_update());
        }
        // All are read before the first is put in: what comes together goes to disk together, and one
        // commit serves all. Put in one by one, the first would have a commit of its own.
        let read: Vec<(Waiting, Understood)> = portion
            .datagrams
            .into_iter()
            .map(|waiting| {
                let understood = self.understand(&waiting);
                (waiting, understood)
            })
            .collect();
        // Whoever was interrupted before has left these behind.
        self.stranded.extend(self.in_hand.drain(..));
        self.in_hand.extend(read.iter().map(|(_, understood)| surplus(understood)));
        let sockets = self.sockets;
        for (waiting, understood) in read {
            let Some(socket) = sockets.get(waiting.place) else { continue };
            match understood {
                Ok((lawful, signal)) => self.put(&waiting, socket, &lawful, signal).await?,
                Err(not_taken) => {
                    self.in_hand.pop_front();
                    self.left(not_taken, socket, &waiting).await?;
                }
            }
        }
        self.say();
        Ok(())
    }

    /// What a datagram says, as a signal.
    fn understand(&mut self, waiting: &Waiting) -> Understood {
        let Waiting { octets, envelope, received, .. } = waiting;
        let lawful = self.security.read(octets, received.mono)?;
        let message = lawful.message();
        if let Some(oddity) = message.oddities.first() {
            self.pulse.count(counts::ODD);
            debug!(input = %self.input, source = %envelope.from.ip(), %oddity, "a notification is not as the standard has it");
        }
        let sender = envelope.from.ip();
        let device = self.proxies.device(sender, &message.notification);
        let (source, raw) = (device.unwrap_or(sender), Arc::clone(octets));
        let names = self.names.borrow();
        let mut signal = signal::of(self.input, message, source, received.utc, raw, &names);
        if device.is_some() {
            let proxy = sender.to_canonical().to_string();
            signal.fields.set("proxy", Field::text(proxy));
        }
        if lawful.is_signed_once() {
            signal.identity = Some(identity::of_signed(self.input, octets));
        }
        Ok((lawful, signal))
    }

    async fn put(
        &mut self,
        waiting: &Waiting,
        socket: &'s Socket,
        lawful: &Lawful,
        signal: Signal,
    ) -> Result<(), Lost> {
        self.hear(&signal);
        // What was received while the inbox was full happens now to whoever decides: letters come in
        // the order of their moments.
        let moment = self.clock.now();
        self.proven(lawful, waiting.source(), moment).await?;
        self.beat(&signal.source, moment).await?;
        match lawful.message().pdu {
            PduKind::Trap => {
                self.inbox.tell(Happening::Signal(signal), moment).await?;
                self.in_hand.pop_front();
                self.traps = self.traps.saturating_add(1);
                Ok(())
            }
            PduKind::Inform => self.inform(signal, lawful, waiting, socket, moment).await,
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

    async fn inform(
        &mut self,
        mut signal: Signal,
        lawful: &Lawful,
        waiting: &Waiting,
        socket: &'s Socket,
        moment: Moment,
    ) -> Result<(), Lost> {
        let Waiting { octets, envelope, .. } = waiting;
        // One of v3 that is sent again bears another time, and the same inside.
        let same = match lawful {
            Lawful::Community(_) => &**octets,
            Lawful::User(opened) => opened.scoped(),
        };
        let identity = identity::of(self.input, envelope.from, same);
        signal.identity = Some(if lawful.is_signed() {
            let copy = identity::of_copy(self.input, envelope.from.ip(), octets);
            self.copies.original(copy, identity)
        } else {
            identity
        });
        let receipt = self.inbox.put(Happening::Signal(signal), moment).await?;
        self.in_hand.pop_front();
        self.pulse.count(counts::INFORMS);
        // An inform that fitted a datagram is answered in one: the answer is no longer, and where
        // odd lengths make it so, it says tooBig.
        let Ok(octets) = self.security.response(lawful, octets, moment.mono) else {
            self.pulse.count(counts::UNANSWERED);
            return Ok(());
        };
        let answer = Answer { octets, socket, envelope: *envelope };
        let owed = Owed { receipt, answer };
        self.owe.send(owed).await.map_err(|_| Lost::Stopping)
    }
}

/// What it would be if it did not get into the inbox.
fn surplus(understood: &Understood) -> Surplus {
    match understood.as_ref().map(|(lawful, _)| lawful.message().pdu) {
        Ok(PduKind::Inform) => Surplus::Inform,
        Ok(PduKind::Trap) | Err(_) => Surplus::Trap,
    }
}
