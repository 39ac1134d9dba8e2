//! The past of the house: a record that is older than the files want it kept, written by the real sequencer under clocks that show five
//! weeks ago. What it takes up is let go of a minute after the daemon's start, and used again.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use vigie::errand::errands;
use vigie::host::clock::Clock;
use vigie::host::machine::Machine;
use vigie::inbox::inbox;
use vigie::journal::Journal;
use vigie::outbox::Outbox;
use vigie::sequencer::Sequencer;
use vigie::watch::Watch;
use vigie::watch::event::{Entropy, Happening};
use vigie::watch::time::{ClockQuality, Moment, Mono, Utc};

use crate::bench_site::link_down;

/// So long ago it begins.
const AGO: Duration = Duration::from_secs(35 * 86_400);
/// From one signal to the next.
const PACE: Duration = Duration::from_millis(50);
/// So many signals are on their way to the disk together.
const TOGETHER: u64 = 64;

/// Clocks that are put forward by hand.
#[derive(Clone)]
struct Past {
    began: Utc,
    steps: Arc<AtomicU64>,
}

impl Machine for Past {
    fn now(&self) -> Moment {
        let steps = u32::try_from(self.steps.load(Ordering::Relaxed)).expect("not so many");
        let passed = PACE * steps;
        let mono = Mono::default().after(passed);
        Moment { utc: self.began.after(passed), mono, quality: ClockQuality::Synchronised }
    }

    async fn sleep_until(&self, _due: Mono) {
        // What falls due is decided with the next signal.
        std::future::pending().await
    }

    fn entropy(&self) -> Entropy {
        Entropy(self.steps.load(Ordering::Relaxed))
    }
}

/// Writes so many entries, by the files that say this.
pub(crate) fn write(store: &Path, files: &str, entries: u64) {
    let reading = vigie::config::read_str(&[("vigie.toml", files)]);
    let wrong: Vec<String> = reading.complaints.iter().map(ToString::to_string).collect();
    let site = Arc::new(reading.settings.unwrap_or_else(|| panic!("{}", wrong.join("\n"))).site);
    let past = Past { began: Clock::new().now().utc.before(AGO), steps: Arc::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (journal, recovered) = Journal::open(store).expect("a new journal");
        let (door, letters) = inbox();
        let (errands, requests) = errands();
        let head = recovered.head();
        drop(recovered);
        let watch = Watch::new(site);
        let mut sequencer = Sequencer::new(watch, journal, head, 0, letters, errands, past.clone());
        let telling = async {
            for number in 0..entries {
                past.steps.store(number, Ordering::Relaxed);
                let now = past.now();
                let trap = Happening::Signal(link_down(number % 200, now.utc));
                if number % TOGETHER == 0 {
                    drop(door.post(trap, now).await);
                } else {
                    drop(door.put(trap, now).await);
                }
            }
            drop(door);
        };
        let deciding = async {
            sequencer.begin().await;
            sequencer.run().await;
        };
        tokio::join!(telling, deciding, Outbox::new(requests).run());
    });
}
