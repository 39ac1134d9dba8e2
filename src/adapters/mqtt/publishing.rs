//! What is told to a broker: the state of every alarm, retained, by a connection of its own; and what people answer there.
//!
//! It says what is on disk (or, in distress, what is in memory: behaviour §5), and for an alarm that changes often the latest state alone. At every connection it says everything once
//! more, and takes away what the broker has kept of alarms that are no more. When we are gone the broker says so (the last will); when
//! the house closes we say it ourselves.
//!
//! When things go wrong: what the broker has not taken is said again, at the latest at the next connection. A connection that is
//! lost, or a broker that refuses what we say (which MQTT 3.1.1 cannot tell), is the alarm `output-lost`; alarms that come in by the
//! other connection are not concerned. Memory: a number for each alarm that is still to be said, and a bounded number of words.
//!
//! # Decision (2026-11-27): a connection of its own, without a session
//!
//! What is published and not acknowledged would hold up the acknowledgements of what came in: both go by one bounded queue, and the
//! library sends neither while too much is in flight. And there is nothing to keep: a state that was not said is old when the broker
//! is back. So nothing that people ordered while Vigie was away is obeyed later. Rejected: a record of what each broker has been told.
//!
//! # Decision (2026-11-27): the account stands in the topic
//!
//! MQTT does not tell a subscriber who published. But a broker can be told that each account writes beneath a topic with its own name
//! alone (Mosquitto: `pattern write PREFIX/command/%u/+`), and then the topic proves the account. It acts as the person whose `user` it
//! is, with that person's rights, as on the command line. Rejected: a name in the payload, which anybody can write.

mod flight;
mod listener;
mod orders;
mod questions;
mod speaker;
mod unsaid;
mod words;

use std::pin::pin;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::connection::{FAREWELL, Input, Progress};
use super::lost::Lost;
use super::troubles::Way;
use super::wire::{Guise, Wire};
use super::{Connection, call, counts};
use crate::changes::Changes;
use crate::config::PublishSettings;
use crate::health;
use crate::inbox::Closing;
use flight::Flight;
use speaker::Speaker;
use words::Topics;

/// So much that came lies between wire and speaker at most.
const WAITING: usize = 256;

/// Whether we publish under this topic ourselves, or people write their orders there.
pub(super) fn is_our_own(published: &[PublishSettings], topic: &[u8]) -> bool {
    published.iter().any(|settings| Topics(settings).have(topic))
}

/// The connection by which the state of alarms goes out.
pub(super) struct Publishing<'c> {
    input: &'c Input<'c>,
    settings: &'c PublishSettings,
    changes: &'c Changes,
    client_id: String,
    flight: Flight,
}

impl<'c> Publishing<'c> {
    pub(super) fn new(
        input: &'c Input<'c>,
        settings: &'c PublishSettings,
        changes: &'c Changes,
    ) -> Self {
        let prefix = settings.prefix.as_str().to_owned();
        input.pulse.broker(|broker| {
            let publishing = health::Publishing { prefix, state: health::Wire::Starting };
            broker.publishing = Some(publishing);
        });
        let client_id = input.settings.publishing_id();
        Self { input, settings, changes, client_id, flight: Flight::default() }
    }
}

impl Connection for Publishing<'_> {
    const WAY: Way = Way::Publishing;

    async fn connect(&mut self, progress: &mut Progress, closing: &mut Closing) -> Lost {
        let topics = Topics(self.settings);
        let will = Some(topics.status(false));
        let guise = Guise { client_id: &self.client_id, keeps_session: false, will };
        let (mut wire, line) = match call(self.input.settings, guise, closing).await {
            Ok(ends) => ends,
            Err(lost) => return lost,
        };
        let follower = self.changes.follow();
        let flight = &mut self.flight;
        let mut speaker = Speaker::new(self.input, topics, &line, follower, progress, flight);
        // Large, and seldom.
        let mut lost = Box::pin(converse(&mut speaker, &mut wire, closing)).await;
        if let Some(why) = speaker.refused().filter(|_| lost != Lost::Stopping) {
            lost = Lost::Barred(why.to_owned());
        }
        if self.flight.is_over(&topics.status(false).topic) {
            self.input.pulse.count(counts::SET_ASIDE);
        }
        lost
    }
}

/// Speaks and listens until the connection is over.
async fn converse(speaker: &mut Speaker<'_>, wire: &mut Wire, closing: &mut Closing) -> Lost {
    let (line, topics) = (speaker.line, speaker.topics);
    let (tell, heard) = mpsc::channel(WAITING);
    let mut speaking = pin!(speaker.speak(heard, closing));
    let mut listening = pin!(listener::listen(wire, tell, topics));
    tokio::select! {
        biased;
        lost = &mut listening => {
            // What was heard before the end may say why.
            let _ = timeout(FAREWELL, speaking).await;
            lost
        }
        lost = &mut speaking => {
            // The farewell goes out with the next poll.
            if lost == Lost::Stopping && line.farewell().is_ok() {
                let _ = timeout(FAREWELL, listening).await;
            }
            lost
        }
    }
}
