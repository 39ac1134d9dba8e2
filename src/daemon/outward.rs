//! What looks outward without being an input: the port of the metrics.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::control::{Room, scrape};
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
