//! The answers to informs, each given once its signal is on disk.
//!
//! Receipts come in the order in which letters were put in, so what is owed stands in a queue. A
//! receipt that is withheld means that the signal was not accepted: its sender hears nothing, and
//! sends it again.

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tracing::warn;

use super::counts::{self, Discreet, MINUTE};
use super::desk::Envelope;
use super::socket::Socket;
use crate::health::Pulse;
use crate::inbox::Awaited;
use crate::watch::decision::Outcome;
use crate::watch::name::InputName;

/// An answer that is owed.
pub(super) struct Owed<'s> {
    /// Where the receipt will come.
    pub(super) receipt: Awaited,
    /// The answer.
    pub(super) octets: Vec<u8>,
    /// The socket by which the inform came.
    pub(super) socket: &'s Socket,
    /// Who sent it, and to which of our addresses.
    pub(super) envelope: Envelope,
}

/// Gives what is owed, until the queue is closed and empty.
pub(super) async fn give(mut owed: mpsc::Receiver<Owed<'_>>, input: &InputName, pulse: &Pulse) {
    let mut complaint = Discreet::default();
    let mut minute = interval(MINUTE);
    minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = minute.tick() => {
                if let Some(count) = complaint.minute() {
                    warn!(input = %input, count, "more informs were not answered within the last minute");
                }
            }
            next = owed.recv() => {
                let Some(next) = next else { return };
                let source = next.envelope.from.ip();
                match settle(next).await {
                    Ok(()) => pulse.count(counts::ANSWERED),
                    Err(why) => {
                        pulse.count(counts::UNANSWERED);
                        if complaint.happened() {
                            warn!(input = %input, %source, %why, "an inform was not answered: its sender will repeat it");
                        }
                    }
                }
            }
        }
    }
}

async fn settle(owed: Owed<'_>) -> Result<(), String> {
    match owed.receipt.receipt().await {
        Ok(Outcome::Taken | Outcome::Repeated) => {}
        // The watch says these to people who ask for something, not to signals.
        Ok(Outcome::Done(why)) => return Err(why),
        Ok(Outcome::Refused(refusal)) => return Err(refusal.0),
        Err(withheld) => return Err(withheld.to_string()),
    }
    owed.socket
        .answer(&owed.octets, &owed.envelope)
        .await
        .map_err(|error| format!("the answer could not be sent: {error}"))
}
