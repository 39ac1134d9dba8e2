//! The sequencer in this process, with its journal on a real disk and without any wire.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use vigie::errand::errands;
use vigie::host::clock::Clock;
use vigie::inbox::{Awaited, Inbox, inbox};
use vigie::journal::{Journal, Recovered};
use vigie::outbox::Outbox;
use vigie::sequencer::Sequencer;
use vigie::watch::Watch;
use vigie::watch::event::Happening;
use vigie::watch::site::Site;

use crate::site;

/// A running sequencer.
pub(crate) struct Engine {
    door: Inbox,
    clock: Clock,
    sequencer: JoinHandle<()>,
    outbox: JoinHandle<()>,
}

impl Engine {
    /// Begins with an empty record.
    pub(crate) async fn open(path: &Path, site: Site) -> Self {
        let (journal, recovered) = journal(path);
        let head = recovered.head();
        drop(recovered);
        let (door, letters) = inbox();
        let (errands, requests) = errands();
        let clock = Clock::new();
        let outbox = tokio::task::spawn(Outbox::new(requests).run());
        let watch = Watch::new(Arc::new(site));
        let mut sequencer = Sequencer::new(watch, journal, head, 0, letters, errands, clock);
        sequencer.begin().await;
        Self { door, clock, sequencer: tokio::task::spawn(sequencer.run()), outbox }
    }

    /// The trap of this port is in the inbox.
    pub(crate) async fn put(&self, number: u64) -> Awaited {
        let now = self.clock.now();
        let happening = Happening::Signal(site::link_down(number, now.utc));
        self.door.put(happening, now).await.expect("an open inbox")
    }

    /// Like [`Self::put`], for which nobody needs a receipt.
    pub(crate) async fn tell(&self, number: u64) {
        let now = self.clock.now();
        let happening = Happening::Signal(site::link_down(number, now.utc));
        self.door.tell(happening, now).await.expect("an open inbox");
    }

    /// All that was put in is on disk: how many alarms stand.
    pub(crate) async fn standing(&self) -> usize {
        self.door.ask(|watch| watch.state().standing_count()).await.expect("an open inbox")
    }

    /// Ends as the daemon does.
    pub(crate) async fn close(self) {
        drop(self.door);
        self.sequencer.await.expect("the sequencer ends well");
        self.outbox.await.expect("the outbox ends well");
    }
}

/// A journal, and what it holds.
pub(crate) fn journal(path: &Path) -> (Journal, Recovered) {
    Journal::open(path).expect("a journal")
}

/// A runtime like the daemon's.
pub(crate) fn runtime() -> Runtime {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime")
}

/// A folder on the disk that holds `target`: /tmp may be memory, which syncs for nothing.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a real disk")
}
