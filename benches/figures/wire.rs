//! A wire beside a wire: alerts a second into Debian's Alertmanager over its own API, which keeps
//! them in memory, and informs a second into Vigie, which are on disk when they are answered.

use std::time::Duration;

use crate::alertmanager::Alertmanager;
use crate::daemon::House;
use crate::informs::Sender;
use crate::machine::Program;
use crate::site;
use crate::table::{Table, Wanted};

const MANY: u32 = 100_000;
/// So many are under way at once, where each is a request of its own.
const FEW: u32 = 8;
/// And in storms.
const STORM: u32 = 1_024;

/// What one way of sending gave.
struct Seen {
    rate: f64,
    /// Processor seconds of the receiving program for 100,000.
    cost: f64,
    /// How many informs went more than once.
    repeated: u64,
}

pub(crate) fn measure(table: &mut Table) {
    table.heading(
        "Over the wire: 100,000 new alarms (Vigie durably, Alertmanager in memory), a second",
    );
    let single = vigie(FEW);
    let storm = vigie(STORM);
    table.row(&format!("Vigie, {FEW} informs under way"), single.rate, Wanted::Nothing);
    table.row(&format!("Vigie, {STORM} informs under way"), storm.rate, Wanted::Nothing);
    let repeated = single.repeated + storm.repeated;
    table.row("Vigie, informs that went more than once", repeated as f64, Wanted::AtMost(0.0));
    let singly = alertmanager(1);
    let in_batches = alertmanager(STORM / FEW);
    let (singly, in_batches) = match (singly, in_batches) {
        (Ok(singly), Ok(in_batches)) => (singly, in_batches),
        (Err(why), _) | (_, Err(why)) => {
            cost(table, "Vigie", &single, &storm);
            table.skipped("Alertmanager", &why);
            return;
        }
    };
    table.row(
        &format!("Alertmanager, {FEW} connections, one alert a POST"),
        singly.rate,
        Wanted::Nothing,
    );
    let each = STORM / FEW;
    table.row(
        &format!("Alertmanager, {FEW} connections, {each} alerts a POST"),
        in_batches.rate,
        Wanted::Nothing,
    );
    table.row(
        "Vigie to Alertmanager, the former of each",
        single.rate / singly.rate,
        Wanted::Nothing,
    );
    table.row(
        "Vigie to Alertmanager, the latter of each",
        storm.rate / in_batches.rate,
        Wanted::Nothing,
    );
    table.row(
        "Vigie's storm to Alertmanager's single alerts",
        storm.rate / singly.rate,
        Wanted::AtLeast(1.0),
    );
    cost(table, "Vigie", &single, &storm);
    cost(table, "Alertmanager", &singly, &in_batches);
}

fn cost(table: &mut Table, who: &str, single: &Seen, storm: &Seen) {
    table.row(
        &format!("{who}: processor seconds for these, the former"),
        single.cost,
        Wanted::Nothing,
    );
    table.row(
        &format!("{who}: processor seconds for these, the latter"),
        storm.cost,
        Wanted::Nothing,
    );
}

fn vigie(outstanding: u32) -> Seen {
    let house = House::built(&site::definitions(1_000, false));
    let daemon = house.open();
    let mut sender = Sender::to(&house.address);
    let seen = seen(&daemon.program, || sender.send(1, MANY, outstanding as usize));
    // On a busy machine answers may take longer than a sender is patient.
    Seen { repeated: sender.repeated, ..seen }
}

fn alertmanager(batch: u32) -> Result<Seen, String> {
    let peer = Alertmanager::open()?;
    Ok(seen(&peer.program, || peer.post(0..MANY, batch, FEW)))
}

fn seen(program: &Program, send: impl FnOnce() -> Duration) -> Seen {
    let before = program.processor();
    let took = send();
    let used = program.processor().saturating_sub(before);
    let hundred_thousands = f64::from(MANY) / 100_000.0;
    Seen {
        rate: f64::from(MANY) / took.as_secs_f64(),
        cost: used.as_secs_f64() / hundred_thousands,
        repeated: 0,
    }
}
