//! `vigie mib`: what is in MIB files. `traps` writes definitions to paste; `compile` is the child of a daemon or of a check.
//!
//! It asks no daemon and changes nothing. `compile` writes a catalogue to the standard output. Both bound themselves, and offer themselves
//! first where memory runs short: the daemon beside them must not be the one that the kernel ends.

use nix::sys::resource::{Resource, setrlimit};

use super::arguments::{Mib, MibCompile, MibTraps};
use super::sysexit::Sysexit;
use super::terminal::Terminal;
use crate::config::mibs;
use crate::watch::unclaimed::definitions;

/// So much memory may the compiler ask for; all makers' files together take 3.6 GB.
const MEMORY: u64 = 8 * 1_024 * 1_024 * 1_024;
/// And so much for each octet of the files, beyond what every program asks for: makers' files take less than half of it.
const MEMORY_FOR_AN_OCTET: u64 = 40;
/// What the allocator sets aside at once is in it.
const MEMORY_FOR_NOTHING: u64 = 2 * 1_024 * 1_024 * 1_024;
/// So many seconds of a processor may it take; all makers' files together take 18.
const SECONDS: u64 = 60;

/// Obeys `vigie mib …`.
pub(super) fn mib(asked: &Mib, terminal: &mut Terminal) -> Sysexit {
    match asked {
        Mib::Traps(asked) => traps(asked, terminal),
        Mib::Compile(asked) => compile(asked, terminal),
    }
}

fn traps(asked: &MibTraps, terminal: &mut Terminal) -> Sysexit {
    bound(MEMORY);
    let (traps, notes) = match mibs::traps(&asked.file) {
        Ok(found) => found,
        Err(error) => {
            terminal.complain(format_args!("vigie: {error}"));
            return Sysexit::NoInput;
        }
    };
    for note in notes {
        terminal.complain(format_args!("vigie: {note}"));
    }
    if traps.is_empty() {
        terminal.complain(format_args!("vigie: {} names no trap", asked.file.display()));
        return Sysexit::BadInput;
    }
    for definition in definitions(&traps) {
        terminal.line(definition);
    }
    Sysexit::Ok
}

fn compile(asked: &MibCompile, terminal: &mut Terminal) -> Sysexit {
    let listing = mibs::Listing::of(&asked.folder);
    let wanted = listing.octets().saturating_mul(MEMORY_FOR_AN_OCTET);
    bound(wanted.saturating_add(MEMORY_FOR_NOTHING).min(MEMORY));
    let octets = match mibs::catalogue(&listing) {
        Ok(compiled) => compiled.octets,
        Err(error) => {
            terminal.complain(error);
            return Sysexit::BadInput;
        }
    };
    // What cannot be written ends the command badly when the terminal is closed.
    let _ = terminal.output().write_all(&octets);
    Sysexit::Ok
}

/// Bounds this process. Where a bound cannot be set the parent's patience is one.
fn bound(memory: u64) {
    let _ = setrlimit(Resource::RLIMIT_AS, memory, memory);
    let _ = setrlimit(Resource::RLIMIT_CPU, SECONDS, SECONDS);
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
}
