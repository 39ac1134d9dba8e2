//! What looks outward without being an input: the port of the metrics, and the life signs.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::adapters;
use crate::config::PingSettings;
use crate::control::{Room, scrape};
use crate::health::{PingReading, ping};
use crate::host::clock::Clock;
use crate::inbox::Inbox;
use crate::supervision::Tasks;
use crate::watch::name::InputName;

/// The loopback port at which the metrics are read, where the files want one.
pub(super) fn metrics(tasks: &mut Tasks, listen: Option<SocketAddr>, room: &Arc<Room>) {
    let Some(listen) = listen else { return };
    let (room, closing) = (Arc::clone(room), tasks.closing());
    tasks.adapter(InputName::new(scrape::TASK), move || {
        scrape::run(listen, Arc::clone(&room), closing.clone())
    });
}

/// The life signs to dead man's switches.
pub(super) fn pings(
    tasks: &mut Tasks,
    pings: &[PingSettings],
    inbox: &Inbox,
    clock: Clock,
) -> Vec<PingReading> {
    pings.iter().map(|settings| one(tasks, settings.clone(), inbox, clock)).collect()
}

fn one(tasks: &mut Tasks, settings: PingSettings, inbox: &Inbox, clock: Clock) -> PingReading {
    let (pulse, reading) = ping(Arc::clone(&settings.name), settings.at.clone(), clock.now().utc);
    let name = InputName::new(&settings.name);
    let (settings, pulse) = (Arc::new(settings), Arc::new(pulse));
    let (inbox, closing) = (inbox.clone(), tasks.closing());
    tasks.adapter(name, move || {
        adapters::ping::run(
            Arc::clone(&settings),
            inbox.clone(),
            Arc::clone(&pulse),
            clock,
            closing.clone(),
        )
    });
    reading
}
