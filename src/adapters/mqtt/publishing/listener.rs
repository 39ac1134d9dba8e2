//! What polls the wire of the publishing connection, and does nothing else: so pings go out, and what the broker has taken is known.

use tokio::sync::mpsc;

use super::words::{Order, Topics};
use crate::adapters::mqtt::lost::Lost;
use crate::adapters::mqtt::wire::{Came, Delivery, Message, Served, Wire};

/// The longest order, in octets; what we are told is kept is no longer than a few KiB.
const LONGEST_ORDER: usize = 256;
const LONGEST_KEPT: usize = 8_192;

/// What the speaker hears.
pub(super) enum Heard {
    /// The broker has accepted us.
    Accepted,
    /// How the broker serves what was subscribed to.
    Subscribed(Vec<Result<Served, &'static str>>),
    /// The broker has taken a word of ours; or why not.
    Taken(Result<(), &'static str>),
    /// The broker had kept this.
    Kept {
        /// Under which topic.
        topic: String,
        /// What it says; nothing where it is longer than ours ever are.
        payload: Vec<u8>,
    },
    /// A person orders something.
    Ordered(Ordered),
    /// The broker is there: time has passed.
    Sign,
}

/// What a person has written.
pub(super) struct Ordered {
    /// Who, and what for.
    pub(super) order: Order,
    /// The target; `None` where it is too long for one.
    pub(super) written: Option<String>,
    /// Whether the broker had kept it: whoever did that did not mean now.
    pub(super) retained: bool,
    /// By what it is acknowledged.
    pub(super) delivery: Option<Delivery>,
}

/// Listens until the connection is over.
pub(super) async fn listen(wire: &mut Wire, tell: mpsc::Sender<Heard>, topics: Topics<'_>) -> Lost {
    loop {
        let heard = match wire.next().await {
            Ok(Came::Accepted { resumed: _ }) => Some(Heard::Accepted),
            Ok(Came::Subscribed(answers)) => Some(Heard::Subscribed(answers)),
            Ok(Came::Published(taken)) => Some(Heard::Taken(taken)),
            Ok(Came::Message(message)) => of(message, topics),
            Ok(Came::Acknowledged(_) | Came::Sign) => Some(Heard::Sign),
            Ok(Came::Farewell) => return Lost::Stopping,
            Err(lost) => return lost,
        };
        // The speaker is gone only with the connection.
        if let Some(heard) = heard {
            let _ = tell.send(heard).await;
        }
    }
}

fn of(message: Message, topics: Topics<'_>) -> Option<Heard> {
    let topic = String::from_utf8(message.topic).ok()?;
    let payload = message.payload;
    if let Some(order) = topics.order(&topic) {
        let written = (payload.len() <= LONGEST_ORDER)
            .then(|| String::from_utf8_lossy(&payload).trim().to_owned());
        let (retained, delivery) = (message.retained, message.delivery);
        return Some(Heard::Ordered(Ordered { order, written, retained, delivery }));
    }
    // What is not kept is the echo of our own words.
    message.retained.then(|| {
        let payload = if payload.len() <= LONGEST_KEPT { payload.to_vec() } else { Vec::new() };
        Heard::Kept { topic, payload }
    })
}
