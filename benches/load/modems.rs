//! Simulated modems, each with its SIM, its network, and all that left it.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use vigie::host::simulated_modem::{Control, SimulatedModem};
use vigie_gsm::simulator::{Profile, Sent};

/// How long the network takes for each message that is sent.
pub(crate) const NETWORK: Duration = Duration::from_millis(500);

/// So many messages that left are kept for who is slow to look.
const KEPT: usize = 65_536;

/// Modems that are plugged in, and what drives them.
pub(crate) struct Modems {
    runtime: Runtime,
    modems: Vec<(PathBuf, Control)>,
    left: Receiver<Left>,
}

/// A message that left, and when its sending ended.
pub(crate) type Left = (Instant, Sent);

impl Modems {
    pub(crate) fn plugged_in(many: usize) -> Self {
        let runtime = Runtime::new().expect("threads");
        let (told, left) = sync_channel(KEPT);
        let one = |_| {
            let profile = Profile { per_message: NETWORK, ..Profile::default() };
            let modem = runtime.block_on(async { SimulatedModem::open(profile) });
            let modem = modem.expect("a pseudo-terminal");
            let (device, control, told) =
                (modem.device().to_owned(), modem.control(), told.clone());
            let mut sent = control.sent();
            runtime.spawn(modem.run());
            runtime.spawn(async move {
                while let Ok(sent) = sent.recv().await {
                    told.try_send((Instant::now(), sent)).expect("room for all of them");
                }
            });
            (device, control)
        };
        let modems = (0..many).map(one).collect();
        Self { runtime, modems, left }
    }

    pub(crate) fn device(&self, modem: usize) -> &Path {
        &self.modems[modem].0
    }

    /// Somebody sends these texts to its SIM: what finds no room there waits in the network.
    pub(crate) fn deliver(&self, modem: usize, from: &'static str, texts: Vec<String>) {
        let act = self.modems[modem].1.with(move |modem, now| {
            for text in texts {
                modem.deliver(from, &text, now).expect("it fits");
            }
        });
        self.runtime.block_on(act).expect("it runs");
    }

    /// How many messages stand on all SIMs, or wait for room there.
    pub(crate) fn on_sims(&self) -> u64 {
        let on_one = |(_, control): &(PathBuf, Control)| {
            let count = control.with(|modem, _| modem.slots_used() + modem.held());
            self.runtime.block_on(count).expect("it runs") as u64
        };
        self.modems.iter().map(on_one).sum()
    }

    /// What has left all of them since this was asked last.
    pub(crate) fn left(&self) -> Vec<Left> {
        self.left.try_iter().collect()
    }

    /// The next message that leaves one of them.
    pub(crate) fn next(&self, patience: Duration) -> Option<Left> {
        self.left.recv_timeout(patience).ok()
    }
}
