//! The readers of `tests/hostile/targets.rs`, compiled once for all the programs of this package.

#[path = "../../tests/hostile/targets.rs"]
mod targets;

/// The reader of that name.
///
/// # Panics
/// Where there is none: a program of this package bears another name than its reader.
pub fn reader(name: &str) -> fn(&[u8]) -> bool {
    targets::reader(name)
}
