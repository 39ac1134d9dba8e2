//! The acknowledgements of messages, each given once everything that the message said is on disk.
//!
//! They are given in the order of receipt, as MQTT has it (§4.6). A receipt that is withheld ends the connection: a broker sends
//! again at the next one, and not before. That one is acknowledged is counted when it has gone out.

use tokio::sync::mpsc;
use tracing::warn;

use super::counts;
use super::lost::Lost;
use super::wire::{Delivery, Line};
use crate::health::Pulse;
use crate::inbox::{Awaited, not_received};
use crate::watch::name::InputName;

/// An acknowledgement that is owed.
pub(super) struct Owed {
    /// Where the receipts of what the message said will come.
    pub(super) receipts: Vec<Awaited>,
    /// What is acknowledged then; `None` where nobody waits for it.
    pub(super) delivery: Option<Delivery>,
}

/// Gives what is owed, until the queue is closed and empty, or a receipt is withheld.
pub(super) async fn give(
    mut owed: mpsc::Receiver<Owed>,
    line: &Line,
    input: &InputName,
    pulse: &Pulse,
) -> Result<(), Lost> {
    while let Some(Owed { receipts, delivery }) = owed.recv().await {
        for receipt in receipts {
            if let Some(why) = not_received(receipt.receipt().await) {
                pulse.count(counts::UNANSWERED);
                warn!(%input, %why, "a message was not acknowledged: the broker is to send it again");
                return Err(Lost::Withheld);
            }
        }
        let Some(delivery) = delivery else { continue };
        if line.acknowledge(delivery).is_err() {
            pulse.count(counts::UNANSWERED);
            warn!(%input, "the broker has more in flight than MQTT has numbers for: it is to send again what is not acknowledged");
            return Err(Lost::Protocol(
                "it has more in flight than there are packet ids".to_owned(),
            ));
        }
    }
    Ok(())
}
