//! Vigie's figures, in one table: what is wanted, and what was seen on this machine in this run.
//!
//! `cargo bench` measures everything, in some nineteen minutes; `cargo bench -- idle start` these parts
//! alone. The daemon is the real binary, a process of its own; Alertmanager is Debian's, and is left
//! out, saying so, where it is not installed (`apt-get install prometheus-alertmanager`).
//!
//! Compare figures of one run with each other, not with those of another machine. What other
//! programs took of the processors meanwhile is said under each part: while they are at it, rates
//! and latencies say more about them than about Vigie. A figure that misses what is wanted does not
//! fail the run: whoever reads the last line decides.

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

mod alertmanager;
mod check;
mod codec;
mod contact_edge;
mod daemon;
mod decide;
mod engine;
mod exchange;
mod field;
mod idle;
mod informs;
mod ingest;
mod journal;
mod large;
mod latency;
mod machine;
mod memory;
mod modem;
#[expect(dead_code, reason = "the load starts it anew and signals it")]
mod mosquitto;
mod mqtt;
mod sealed;
mod site;
mod sms;
mod snmptrapd;
mod start;
mod storm;
mod table;
mod traps;
mod wire;

use table::Table;

/// What can be measured by itself.
type Part = (&'static str, fn(&mut Table));

/// The parts, in the order in which they are measured.
const PARTS: &[Part] = &[
    ("ingest", ingest::measure),
    ("decide", decide::measure),
    ("journal", journal::measure),
    ("codec", codec::measure),
    ("wire", wire::measure),
    ("traps", traps::measure),
    ("informs", exchange::measure),
    ("mqtt", mqtt::measure),
    ("latency", latency::measure),
    ("contact-edge", contact_edge::measure),
    ("sms", sms::measure),
    ("check", check::measure),
    ("start", start::measure),
    ("memory", memory::measure),
    ("idle", idle::measure),
];

fn main() {
    // cargo's own words to a bench begin with a dash.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    for word in &wanted {
        let known: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        assert!(known.contains(&word.as_str()), "no part `{word}`; there are {}", known.join(", "));
    }
    let mut table = Table::begin();
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            table.part(measure);
        }
    }
    table.end();
}
