//! One of the readers of `tests/hostile/targets.rs`: the one that this program is named after.
#![no_main]

#[path = "../../tests/hostile/targets.rs"]
mod targets;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static READ: LazyLock<targets::Read> = LazyLock::new(|| {
    let named = |(name, _): &&(&str, targets::Read)| *name == env!("CARGO_BIN_NAME");
    targets::TARGETS.iter().find(named).expect("a reader of that name").1
});

fuzz_target!(|octets: &[u8]| READ(octets));
