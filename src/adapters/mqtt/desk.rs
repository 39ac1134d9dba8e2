//! Where messages become signals and go into the inbox, in the order in which they came.
//!
//! Whatever a message is, it is taken: one that cannot be read, or that nobody asked for, is recorded and acknowledged as well,
//! for one that is not would stand before all others for ever. What the library cannot read (more than 16 MiB, or with MQTT 3.1.1 a
//! topic that is not UTF-8) never comes here: the end of the connection tells of it.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tracing::{debug, warn};
use vigie_mqtt::Reader;

use super::births::{Births, Now};
use super::counts;
use super::lost::Lost;
use super::publishing;
use super::receipts::Owed;
use super::signal::{self, Understood};
use super::subscriptions::Leftovers;
use super::wire::{Line, Message};
use crate::config::MqttSettings;
use crate::health::Pulse;
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox};
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Mono, Utc};

/// What comes together goes to disk together.
const TOGETHER: usize = 64;
/// Of so many topics it is told that a message was not read; more are only counted.
const MOST_TOLD: usize = 256;
/// A topic is shown with so many letters.
const SHOWN: usize = 200;

/// What lies before the desk.
pub(super) enum Item {
    /// A message, with the room that it takes up.
    Message(Message, OwnedSemaphorePermit),
    /// A word about the connection.
    Own(SelfSignal),
    /// The broker has accepted us.
    Accepted,
    /// It has answered all that we subscribe to.
    Subscribed,
}

/// What outlives a connection: what the convention has learned, and what was told.
pub(super) struct Learned {
    /// The devices' convention, if they follow one.
    pub(super) reader: Option<Reader>,
    /// The nodes that are asked for their birth.
    births: Births,
    /// The topics of which it was told that a message was not read, or a command not answered.
    told: HashSet<Vec<u8>>,
}

impl Learned {
    pub(super) fn new(settings: &MqttSettings) -> Self {
        let profile = settings.profile.as_ref();
        // The base and the nodes were tried when the files were checked.
        let mut reader =
            profile.and_then(|(profile, base)| Reader::new(*profile, base.as_deref()).ok());
        if let Some(reader) = &mut reader {
            settings.nodes.iter().for_each(|node| drop(reader.expect(node)));
        }
        Self { reader, births: Births::default(), told: HashSet::new() }
    }
}

/// The desk of one connection.
pub(super) struct Desk<'c> {
    /// The table of the files.
    pub(super) settings: &'c MqttSettings,
    /// What outlives the connection: births, and what was told already.
    pub(super) learned: &'c mut Learned,
    /// The topics of older subscriptions under which something may still come.
    pub(super) leftovers: Leftovers<'c>,
    /// By which nodes are asked.
    pub(super) line: &'c Line,
    /// Where signals go.
    pub(super) inbox: &'c Inbox,
    /// Where is told what came.
    pub(super) pulse: &'c Pulse,
    /// The house's clocks.
    pub(super) clock: Clock,
}

impl Desk<'_> {
    /// Hands on what lies there, until the house closes or the connection is over and all is handed on.
    pub(super) async fn hand_on(
        mut self,
        mut queue: mpsc::Receiver<Item>,
        owe: mpsc::Sender<Owed>,
        mut closing: Closing,
    ) -> Lost {
        let mut items = Vec::with_capacity(TOGETHER);
        loop {
            let due = self.learned.births.due();
            let came = tokio::select! {
                biased;
                () = closing.closing() => return Lost::Stopping,
                came = queue.recv_many(&mut items, TOGETHER) => Some(came),
                () = wait(self.clock, due) => None,
            };
            let handed_on = match came {
                Some(0) => return Lost::Closed,
                Some(_) => self.portion(&mut items, &owe).await,
                None => Ok(()),
            };
            let asked = match handed_on {
                Ok(()) => self.ask().await,
                Err(lost) => Err(lost),
            };
            if let Err(lost) = asked {
                return lost;
            }
        }
    }

    async fn portion(
        &mut self,
        items: &mut Vec<Item>,
        owe: &mpsc::Sender<Owed>,
    ) -> Result<(), Lost> {
        let received = self.clock.now().utc;
        let mut heard = Vec::new();
        // All are read before the first is put in: what came together is one commit.
        let mut read = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            match item {
                Item::Own(own) => self.inbox.tell(Happening::Own(own), self.clock.now()).await?,
                Item::Accepted => {
                    let asks = self.learned.reader.as_mut().map(Reader::connected);
                    self.learned.births.begin(asks.unwrap_or_default(), self.clock.now().mono);
                }
                Item::Subscribed => self.learned.births.open(),
                Item::Message(message, room) if self.is_our_own(&message) => {
                    self.pulse.count(counts::OUR_OWN);
                    read.push((Understood::default(), message, room));
                }
                Item::Message(message, room) => {
                    let understood = self.understand(&message, received);
                    let source = understood.signals.first().map(|signal| shown(&signal.source));
                    heard.extend(source.map(|source| (source, received, 1)));
                    read.push((understood, message, room));
                }
            }
        }
        for (understood, message, room) in read {
            if let Some(own) = self.refusal(&understood, &message) {
                self.inbox.tell(Happening::Own(own), self.clock.now()).await?;
            }
            let mut receipts = Vec::with_capacity(understood.signals.len());
            for signal in understood.signals {
                let moment = self.clock.now();
                receipts.push(self.inbox.put(Happening::Signal(signal), moment).await?);
            }
            // In the inbox it has a room of its own.
            drop(room);
            let owed = Owed { receipts, delivery: message.delivery };
            owe.send(owed).await.map_err(|_| Lost::Withheld)?;
        }
        if !heard.is_empty() {
            self.pulse.heard_from(heard);
        }
        Ok(())
    }

    /// Whether it says what we say ourselves: an alarm must not be made of the state of an alarm, over and over.
    fn is_our_own(&self, message: &Message) -> bool {
        publishing::is_our_own(&self.settings.published_here, &message.topic)
    }

    fn understand(&mut self, message: &Message, received: Utc) -> Understood {
        let reader = self.learned.reader.as_mut();
        let mut understood = signal::of(message, self.settings, reader, received);
        let pulse = self.pulse;
        if let Some(ask) = understood.ask.take()
            && !self.learned.births.want(ask, self.clock.now().mono)
        {
            pulse.count(counts::BIRTHS_NOT_ASKED);
        }
        pulse.count(counts::MESSAGES);
        pulse.add(counts::BYTES, u64::try_from(message.payload.len()).unwrap_or(u64::MAX));
        let unasked =
            understood.topic.as_ref().is_some_and(|topic| self.leftovers.has(topic, self.line));
        for (counter, counts) in [
            (counts::DUPLICATES, message.again),
            (counts::RETAINED, message.retained),
            (counts::REFUSED, understood.refused.is_some()),
            (counts::UNASKED, unasked),
            (counts::ODD, understood.oddity.is_some()),
        ] {
            if counts {
                pulse.count(counter);
            }
        }
        if let Some(signal) = understood.signals.first()
            && understood.oddity.is_some()
        {
            debug!(input = %self.settings.name, topic = %shown(&signal.source), "a payload did not read as its beginning promised");
        }
        understood
    }

    /// Asks the node that is to be asked now.
    async fn ask(&mut self) -> Result<(), Lost> {
        let Learned { reader: Some(reader), births, told } = &mut *self.learned else {
            return Ok(());
        };
        births.settle(|node| reader.owes_birth(node));
        let now = self.clock.now();
        let Some(Now { ask, is_unanswered }) = births.next(now.mono) else { return Ok(()) };
        let node = shown(&ask.node);
        debug!(input = %self.settings.name, %node, "a node is asked for its birth");
        // Where the line is cut the next connection asks anew.
        if self.line.say_once(ask.topic.as_str(), ask.payload(now.utc.timestamp())).is_ok() {
            self.pulse.count(counts::BIRTHS_ASKED);
        }
        if is_unanswered && is_news(told, ask.topic.as_str().as_bytes()) {
            warn!(input = %self.settings.name, %node, "a node does not answer when it is asked for its birth");
            let reason = format!(
                "the node `{node}` does not answer when it is asked for its birth: what it sends may not be readable"
            );
            let name = self.settings.name.as_str();
            let own = SelfSignal::raised(SelfAlarm::MessageRefused, name, &reason);
            self.inbox.tell(Happening::Own(own), now).await?;
        }
        Ok(())
    }

    /// What people are told of a message that was not read: once for each topic.
    fn refusal(&mut self, understood: &Understood, message: &Message) -> Option<SelfSignal> {
        let refused = understood.refused.as_ref()?;
        if !is_news(&mut self.learned.told, &message.topic) {
            return None;
        }
        let topic = shown(&String::from_utf8_lossy(&message.topic));
        warn!(input = %self.settings.name, %topic, why = %refused, "a message was not read; it is recorded and acknowledged");
        let reason = format!("`{topic}`: {refused}");
        Some(SelfSignal::raised(SelfAlarm::MessageRefused, self.settings.name.as_str(), &reason))
    }
}

/// Whether nothing was told of that topic yet, and there is room to remember it.
fn is_news(told: &mut HashSet<Vec<u8>>, topic: &[u8]) -> bool {
    told.len() < MOST_TOLD && told.insert(topic.to_vec())
}

async fn wait(clock: Clock, due: Option<Mono>) {
    match due {
        Some(due) => tokio::time::sleep(clock.until(due)).await,
        None => std::future::pending().await,
    }
}

fn shown(topic: &str) -> Arc<str> {
    match topic.char_indices().nth(SHOWN) {
        Some((end, _)) => {
            format!("{}…", topic.split_at_checked(end).map_or("", |(begin, _)| begin)).into()
        }
        None => topic.into(),
    }
}
