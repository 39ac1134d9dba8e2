//! What no site meets in a year, and every message of it accounted for: received is stored, or refused for a reason that is
//! counted, exactly.
//!
//! `cargo bench --bench load` plays everything; `cargo bench --bench load -- mqtt` that part alone. Beside
//! Vigie stand what Debian has for the same work, with the same load in the same run: snmptrapd, Alertmanager, mosquitto_sub,
//! gammu-smsd; what is not installed is left out, and said.
//!
//! An account has three sources that know nothing of each other: who sent, the daemon's own counters, the store. Where
//! they differ by one the run fails. A figure that misses what is wanted does not fail it, as in `benches/figures`, whose
//! counterparts these parts play with.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a bench prints, measures with its own clock, births its own tasks and stops at the first surprise"
)]

/// The allocator of the binary, for what is measured in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod board;
mod broker_restarts;
mod contact_changes;
mod full_rate;
mod inform_storm;
mod ledger;
mod modems;
mod publishers;
mod record;
mod sources;
mod waiting;
mod webhook;

#[path = "../figures/alertmanager.rs"]
#[expect(dead_code, reason = "the figures post otherwise")]
mod alertmanager;
#[path = "../figures/daemon.rs"]
#[expect(dead_code, reason = "the figures ask more of it")]
mod daemon;
#[path = "../figures/engine.rs"]
#[expect(dead_code, reason = "its folder alone is needed here")]
mod engine;
#[path = "../figures/field.rs"]
mod field;
#[path = "../figures/informs.rs"]
#[expect(dead_code, reason = "the figures send traps as well")]
mod informs;
#[path = "../figures/machine.rs"]
#[expect(dead_code, reason = "the figures count more")]
mod machine;
#[path = "../figures/mosquitto.rs"]
#[expect(dead_code, reason = "the figures publish otherwise")]
mod mosquitto;
#[path = "../figures/site.rs"]
#[expect(dead_code, reason = "the figures have other definitions")]
mod site;
#[path = "../figures/snmptrapd.rs"]
#[expect(dead_code, reason = "the figures look at its log meanwhile")]
mod snmptrapd;
#[path = "../figures/table.rs"]
mod table;

use std::process::ExitCode;

use ledger::Ledger;
use table::Table;

/// What can be played by itself.
type Part = (&'static str, fn(&mut Table, &mut Ledger));

/// The parts, in the order in which they are played.
const PARTS: &[Part] = &[
    ("informs", inform_storm::play),
    ("mqtt", broker_restarts::play),
    ("contacts", contact_changes::play),
    ("modems", full_rate::play),
];

fn main() -> ExitCode {
    // cargo's own words to a bench begin with a dash.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for word in &wanted {
        let known: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        assert!(known.contains(&word.as_str()), "no part `{word}`; there are {}", known.join(", "));
    }
    let (mut table, mut ledger) = (Table::begin(), Ledger::default());
    for (name, play) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            table.part(|table| play(table, &mut ledger));
        }
    }
    table.end();
    if ledger.end() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
