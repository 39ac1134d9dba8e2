//! One of the readers of `tests/hostile/targets.rs`: the one that this program is named after.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static READ: LazyLock<fn(&[u8]) -> bool> =
    LazyLock::new(|| vigie_fuzz::reader(env!("CARGO_BIN_NAME")));

fuzz_target!(|octets: &[u8]| {
    READ(octets);
});
