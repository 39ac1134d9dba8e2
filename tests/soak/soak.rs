//! The soak: the real daemon on a site with every wire, an hour with faults on all of them at once, and what must be flat is looked at from
//! outside every ten seconds.
//!
//! `cargo run --release --example soak -- --minutes 60` builds the daemon of the same profile, plays, prints a table and verdicts, and fails
//! if one of them does. `--minutes 2` is of use already; `--seed N` has the same things go wrong in the same order; `--keep FOLDER` leaves
//! the daemon's log, the store and every sample there; `--daemon PATH` takes another binary.
//!
//! What it needs of Debian: mosquitto, mosquitto-clients, python3-pymodbus, socat, util-linux. Control lines of a serial port are left out:
//! a pseudo-terminal has none.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "it speaks to whoever runs it, has threads and clocks beside the daemon's, and stops at the first surprise"
)]

#[path = "../../benches/figures/site.rs"]
#[expect(dead_code, reason = "cargo bench has more use for it")]
mod bench_site;
#[path = "../counterparts/modbus_board.rs"]
#[expect(dead_code, reason = "the tests of contacts ask more of it")]
mod board;
mod cable;
#[path = "../simulation/chance.rs"]
mod chance;
mod devices;
mod house;
#[path = "../../benches/figures/informs.rs"]
#[expect(dead_code, reason = "cargo bench has more use for it")]
mod informs;
mod line;
mod log;
#[path = "../mqtt/mosquitto.rs"]
#[expect(dead_code, reason = "the tests of MQTT ask more of it")]
mod mosquitto;
mod over;
mod past;
mod people;
mod record;
mod run;
mod samples;
#[path = "../../benches/figures/sealed.rs"]
#[expect(dead_code, reason = "cargo bench has more use for it")]
mod sealed;
mod site;
mod switch;
mod trouble;
mod verdicts;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let said = |name: &str| {
        let place = words.iter().position(|word| word == name)?;
        words.get(place + 1).cloned()
    };
    let Some(minutes) = said("--minutes").and_then(|minutes| minutes.parse().ok()) else {
        println!("usage: soak --minutes N [--seed N] [--keep FOLDER] [--daemon PATH]");
        return ExitCode::from(64);
    };
    let seed = said("--seed").and_then(|seed| seed.parse().ok());
    let wanted = run::Wanted {
        minutes,
        seed: seed.unwrap_or_else(|| vigie::host::entropy::entropy().0 % 1_000_000),
        keep: said("--keep").map(PathBuf::from),
        program: said("--daemon").map_or_else(built, PathBuf::from),
    };
    if run::soak(&wanted) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The daemon of the same profile as this program, made now if it is not there; together with this program, so that both have the same
/// libraries, which are there.
fn built() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--bin", "vigie", "--example", "soak", "--manifest-path"]);
    cargo.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let ended = cargo.status().expect("cargo");
    assert!(ended.success(), "the daemon cannot be built");
    let own = std::env::current_exe().expect("the path of this program");
    let folder = own.parent().and_then(std::path::Path::parent).expect("target/PROFILE/examples");
    folder.join("vigie")
}
