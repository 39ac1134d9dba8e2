//! How many signals a second become durable: through definitions, state machine and journal, with
//! `synchronous=FULL`, on this machine's disk.
//!
//! Rates are of elapsed time; costs are compared by processor time, this bench's own share
//! included, since other programs disturb it less.

use std::time::Instant;

use crate::engine::{self, Engine};
use crate::machine::Program;
use crate::site;
use crate::table::{Table, Wanted, median};

/// So often each load is measured, the loads in turn; the median counts.
const ROUNDS: usize = 3;

/// How the sequencer is loaded.
#[derive(Clone, Copy)]
struct Load {
    name: &'static str,
    definitions: usize,
    standing: u64,
    signals: u64,
    /// So many are put in together, and then their receipts are awaited; `None`: they come as fast
    /// as they are taken.
    batch: Option<u64>,
    /// Each is a new alarm, not a repetition of one that stands.
    distinct: bool,
    calling: bool,
    wanted: Wanted,
}

/// The load that figures are wanted of.
const PLAIN: Load = Load {
    name: "1,000 definitions, 10,000 alarms standing (aim: 100,000)",
    definitions: 1_000,
    standing: 10_000,
    signals: 100_000,
    batch: None,
    distinct: true,
    calling: false,
    wanted: Wanted::AtLeast(50_000.0),
};

/// Costs are compared with the first; the sequencer takes a snapshot within each but the batches of
/// one and of ten.
const LOADS: &[Load] = &[
    PLAIN,
    Load { name: "10 definitions", definitions: 10, wanted: Wanted::Nothing, ..PLAIN },
    Load { name: "5,000 definitions", definitions: 5_000, wanted: Wanted::Nothing, ..PLAIN },
    Load { name: "1,000 alarms standing", standing: 1_000, wanted: Wanted::Nothing, ..PLAIN },
    Load {
        name: "100,000 alarms standing",
        standing: 100_000,
        signals: 150_000,
        wanted: Wanted::Nothing,
        ..PLAIN
    },
    Load {
        name: "each calling a person",
        signals: 50_000,
        calling: true,
        wanted: Wanted::Nothing,
        ..PLAIN
    },
    Load {
        name: "repetitions of 10,000 standing alarms",
        signals: 200_000,
        distinct: false,
        wanted: Wanted::Nothing,
        ..PLAIN
    },
    batches("one at a time, each awaited", 1, 4_000),
    batches("batches of 10, each awaited", 10, 20_000),
    batches("batches of 100, each awaited", 100, 100_000),
    batches("batches of 1,000, each awaited", 1_000, 100_000),
    batches("batches of 4,096, each awaited", 4_096, 100_000),
];

const fn batches(name: &'static str, batch: u64, signals: u64) -> Load {
    Load { name, signals, batch: Some(batch), wanted: Wanted::Nothing, ..PLAIN }
}

/// What one round of a load gave.
struct Seen {
    rate: f64,
    /// Processor time for each signal, in microseconds.
    cost: f64,
}

pub(crate) fn measure(table: &mut Table) {
    let mut seen: Vec<Vec<Seen>> = LOADS.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (load, seen) in LOADS.iter().zip(&mut seen) {
            seen.push(round(*load));
        }
    }
    table.heading("Durable signals a second, through the sequencer, each a new alarm");
    let mut costs = Vec::new();
    for (load, seen) in LOADS.iter().zip(seen) {
        table.row(load.name, median(seen.iter().map(|seen| seen.rate).collect()), load.wanted);
        costs.push(median(seen.iter().map(|seen| seen.cost).collect()));
    }
    table.heading("Processor time for one of these signals, in microseconds");
    table.row("1,000 definitions, 10,000 alarms standing", costs[0], Wanted::Nothing);
    table.row("1,000 definitions: times that of 10", costs[0] / costs[1], Wanted::AtMost(1.1));
    table.row("5,000 definitions: times that of 10", costs[2] / costs[1], Wanted::Nothing);
    table.row("100,000 standing: times that of 1,000", costs[4] / costs[3], Wanted::Nothing);
}

fn round(load: Load) -> Seen {
    let folder = engine::folder();
    let path = folder.path().join("vigie.db");
    let tables = site::definitions(load.definitions, load.calling);
    let site = site::read(&format!("{}{tables}", site::NO_MODEM));
    let (took, used) = engine::runtime().block_on(async {
        let engine = Engine::open(&path, site).await;
        for number in 0..load.standing {
            engine.tell(number).await;
        }
        engine.standing().await;
        let (began, used) = (Instant::now(), Program::own().processor());
        fill(&engine, load).await;
        let took = began.elapsed();
        let used = Program::own().processor().saturating_sub(used);
        engine.close().await;
        (took, used)
    });
    let reader = vigie::journal::Reader::open(&path).expect("the journal");
    let verification = reader.verify().expect("the journal");
    let intact = matches!(verification, vigie::journal::Verification::Intact { .. });
    assert!(intact, "the record does not hold");
    let signals = load.signals as f64;
    Seen { rate: signals / took.as_secs_f64(), cost: used.as_secs_f64() * 1e6 / signals }
}

/// The last receipt of a batch comes when it is on disk, and those before it are, too.
async fn fill(engine: &Engine, load: Load) {
    let batch = load.batch.unwrap_or(load.signals);
    let mut last = None;
    for number in 0..load.signals {
        let port = if load.distinct { load.standing + number } else { number % load.standing };
        last = Some(engine.put(port).await);
        if (number + 1) % batch == 0 {
            last.take().expect("just put").receipt().await.expect("a disk that takes it");
        }
    }
    if let Some(last) = last {
        last.receipt().await.expect("a disk that takes it");
    }
}
