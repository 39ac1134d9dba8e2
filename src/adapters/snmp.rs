//! The receiver of SNMP traps and informs: from datagrams on its sockets to signals in the inbox.
//!
//! It takes what is sent to it by a source and with a community that the files admit, and counts
//! everything else by the reason for which it was left. It decides nothing about alarms, asks no
//! device anything, and never logs a community. An inform is answered when its signal is on disk,
//! never before, and not at all when it is not accepted: its sender then tries again.
//!
//! When things go wrong: while the inbox is full, datagrams gather in a queue for each source; a
//! source for which there is no room any more loses its surplus, which is counted and is an alarm, and
//! takes nobody else's place. What the kernel drops before that is counted and is an alarm as well. No
//! octets that anybody sends can end it. A socket that cannot be opened or fails ends its life with the reason, and supervision
//! gives it another. When the house closes, what is in hand still goes into the inbox, and informs
//! whose receipts come within `LAST_ANSWERS` are answered.
//!
//! # Decision (2026-11-23): one task, two halves
//!
//! Receiving and answering are two futures of one task, not two tasks: neither can die and leave
//! the other behind, and the sockets have one owner. Receipts come in the order in which letters
//! were put in, so what is owed waits in a plain queue of `OUTSTANDING` places; when it is full,
//! receiving waits. Rejected: a future for each inform, which would answer in no other order and
//! would need a bound of its own.

mod admission;
mod answers;
mod copies;
mod counts;
mod desk;
mod doorkeeper;
mod drops;
mod floods;
mod heartbeats;
mod identity;
mod intake;
mod lost;
mod peek;
mod proxies;
mod queues;
mod reception;
mod security;
mod signal;
mod socket;
mod subjects;
mod summary;
mod telling;
mod troubles;
mod values;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tracing::info;
use vigie_snmp::names::Names;
use vigie_snmp::usm::User;

use crate::config::SnmpSettings;
use crate::health::{Ended, Pulse, Wire};
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox, Withheld};
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use doorkeeper::Doorkeeper;
use intake::Intake;
use lost::Lost;
use reception::Reception;
pub use security::{Unready, users};
pub use signal::of as signal_of;
use socket::{Socket, Unbound};
pub use values::{float, label};

/// So many informs wait for their receipts at most.
const OUTSTANDING: usize = 1_024;
/// How long the informs that are in hand when the house closes wait for their receipts.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What can be replaced while a receiver lives: it holds from the next datagram on, and the socket does not notice.
#[derive(Clone, Debug)]
pub struct InForce {
    /// What traps are called.
    pub names: watch::Receiver<Arc<Names>>,
    /// The users of SNMPv3, with the keys of their passphrases: those of the settings.
    pub users: watch::Receiver<Arc<[User]>>,
}

/// One life of a receiver: until a socket fails or the house closes.
pub async fn run(
    settings: Arc<SnmpSettings>,
    in_force: InForce,
    inbox: Inbox,
    pulse: Arc<Pulse>,
    clock: Clock,
    mut closing: Closing,
) -> Ended {
    let sockets = match open(&settings, &pulse, clock) {
        Ok(sockets) => sockets,
        Err(unbound) => return ended(unbound.to_string(), &pulse, clock),
    };
    let doorkeeper = match Doorkeeper::begin(&settings, in_force, &inbox, &pulse, clock).await {
        Ok(doorkeeper) => doorkeeper,
        Err(Withheld) => return ended(Lost::Stopping.to_string(), &pulse, clock),
    };
    let found = SelfSignal::cleared(SelfAlarm::InputLost, settings.name.as_str());
    if inbox.tell(Happening::Own(found), clock.now()).await.is_err() {
        return ended(Lost::Stopping.to_string(), &pulse, clock);
    }
    let (owe, owed) = mpsc::channel(OUTSTANDING);
    let mut answering = Box::pin(answers::give(owed, &settings.name, &pulse));
    let mut intake = Intake::new(&settings, &sockets, &pulse, clock);
    let mut reception = Reception::new(&settings, doorkeeper, &sockets, inbox, owe, &pulse, clock);
    let lost = tokio::select! {
        biased;
        // It ends only with the queue, which `reception` holds open.
        () = &mut answering => return ended(Lost::Stopping.to_string(), &pulse, clock),
        lost = reception.receive(&mut intake, &mut closing) => lost,
    };
    drop(reception);
    // What was accepted is answered; what is not by then is sent again.
    let _ = tokio::time::timeout(LAST_ANSWERS, answering).await;
    ended(lost.to_string(), &pulse, clock)
}

/// Opens every address, or none.
fn open(settings: &SnmpSettings, pulse: &Pulse, clock: Clock) -> Result<Vec<Socket>, Unbound> {
    let sockets: Vec<Socket> =
        settings.listen.iter().map(|at| Socket::open(*at)).collect::<Result<_, _>>()?;
    for socket in &sockets {
        let buffer = socket.buffer();
        let given = socket.is_given();
        info!(input = %settings.name, at = %socket.at(), receive_buffer = buffer.granted, given, "listening for traps");
        if buffer.is_short() {
            info!(
                input = %settings.name, at = %socket.at(), receive_buffer = buffer.granted,
                "the receive buffer is smaller than asked for: net.core.rmem_max limits it",
            );
        }
    }
    pulse.at(sockets.iter().map(|socket| socket.at().to_string()).collect());
    let smallest = sockets.iter().map(|socket| socket.buffer().granted).min().unwrap_or(0);
    pulse.stands_at(counts::RECEIVE_BUFFER, u64::try_from(smallest).unwrap_or(u64::MAX));
    pulse.wire(Wire::Up, clock.now().utc);
    Ok(sockets)
}

fn ended(reason: String, pulse: &Pulse, clock: Clock) -> Ended {
    pulse.wire(Wire::Down(reason.clone()), clock.now().utc);
    Ended { alarm: SelfAlarm::InputLost, reason }
}
