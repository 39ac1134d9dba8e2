//! What is meant to cost more than it weighs: bombs for each reader, and files without an end for the program.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot do its work has to say so"
)]

mod bombs;
mod growth;
mod outsized;
mod targets;
