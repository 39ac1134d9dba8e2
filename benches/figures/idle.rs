//! What a quiet minute costs: with a modem, which is polled, and without one.
//!
//! A wake-up is a thread that slept and was woken, as the kernel counts it
//! (`voluntary_ctxt_switches`).

use std::time::Duration;

use crate::daemon::House;
use crate::modem::Line;
use crate::site;
use crate::table::{Table, Wanted};

const MINUTE: Duration = Duration::from_secs(60);
/// What a start leaves to be done is done by then.
const SETTLED: Duration = Duration::from_secs(10);

pub(crate) fn measure(table: &mut Table) {
    let line = Line::plugged_in();
    let tables = site::definitions(1_000, true);
    let with = House::built(&format!("{}{tables}", line.table()));
    let without = House::built(&site::definitions(1_000, false));
    let (with_modem, alone) = (with.open(), without.open());
    std::thread::sleep(SETTLED);
    while line.heard.try_recv().is_ok() {}
    let before = [with_modem.program.threads(), alone.program.threads()];
    std::thread::sleep(MINUTE);
    let after = [with_modem.program.threads(), alone.program.threads()];
    let asked: usize = line.heard.try_iter().map(|heard| commands(&heard.bytes)).sum();
    let used = |at: usize| (after[at].0.saturating_sub(before[at].0)).as_secs_f64() * 1_000.0;
    let woken = |at: usize| (after[at].1 - before[at].1) as f64;
    table.heading("An idle minute");
    table.row("without a modem: processor time, milliseconds", used(1), Wanted::AtMost(5.0));
    table.row("without a modem: wake-ups", woken(1), Wanted::AtMost(12.0));
    table.row("with a modem: commands that it was polled with", asked as f64, Wanted::Nothing);
    table.row("with a modem: processor time, milliseconds", used(0), Wanted::AtMost(50.0));
    table.row(
        "with a modem: wake-ups for each command",
        woken(0) / asked as f64,
        Wanted::AtMost(6.0),
    );
}

fn commands(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\r').count()
}
