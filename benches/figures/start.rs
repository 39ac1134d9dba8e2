//! How long the daemon takes from its birth until it is ready, with a million entries in the journal:
//! after a clean stop, and as after a crash at the worst moment, with as many entries after the last
//! snapshot as there can be.

use std::path::Path;

use crate::daemon::House;
use crate::engine::{self, Engine};
use crate::site;
use crate::table::{Table, Wanted, median};

const ENTRIES: u64 = 1_000_000;
const ALARMS: u64 = 10_000;
/// So often each start is measured.
const ROUNDS: usize = 5;

pub(crate) fn measure(table: &mut Table) {
    let tables = site::definitions(1_000, false);
    let (stopped, crashed) = (House::built(&tables), House::built(&tables));
    engine::runtime().block_on(fill(&stopped.store(), &crashed.store(), &tables));
    table.heading("From birth to ready with 1,000,000 entries, 10,000 alarms standing, seconds");
    table.row("after a stop", starts(&stopped), Wanted::AtMost(2.0));
    table.row("after a crash just before the next snapshot", starts(&crashed), Wanted::AtMost(2.0));
}

/// Each time from the same files: a daemon that dies at once takes no snapshot.
fn starts(house: &House) -> f64 {
    let one = || house.open().started_in.as_secs_f64();
    median((0..ROUNDS).map(|_| one()).collect())
}

/// A million signals about ten thousand alarms; the file as it is just before the last snapshot is
/// copied aside.
async fn fill(path: &Path, crashed: &Path, tables: &str) {
    let engine = Engine::open(path, site::read(&format!("{}{tables}", site::NO_MODEM))).await;
    for number in 0..ENTRIES {
        engine.tell(number % ALARMS).await;
        // The snapshots come every 100,000 entries: this is as far from one as a crash can be.
        if number == ENTRIES - 2_000 {
            assert_eq!(engine.standing().await as u64, ALARMS);
            for suffix in ["", "-wal"] {
                let from = format!("{}{suffix}", path.display());
                if Path::new(&from).exists() {
                    let to = format!("{}{suffix}", crashed.display());
                    std::fs::copy(&from, to).expect("room for a copy");
                }
            }
        }
    }
    engine.close().await;
}
