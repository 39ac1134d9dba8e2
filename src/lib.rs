//! Vigie: alarms of a site come in, and a person answers each one. This is the map.
//!
//! # The road
//!
//! Everything travels it in one direction; an acknowledgement is one more event and comes in at the
//! same door.
//!
//! ```text
//! wire > protocols/x > adapters/x > inbox > sequencer (the watch decides) > journal > outbox > adapters/x > wire
//! ```
//!
//! An adapter turns bytes into a [signal](watch::signal) and puts it into the [`inbox`] as a letter
//! with a receipt. The [`sequencer`] takes what waits, asks the [`watch`] to decide, takes each
//! decision in, commits all of them to the [`journal`] in one transaction, and only then gives the
//! receipts (the SMS is deleted from the SIM, the inform is answered, the broker's message acknowledged) and hands what is owed to the
//! [`outbox`]. The state in memory is the fold of the journal's decisions and nothing else.
//!
//! # The floors
//!
//! A part uses only what is on lower floors; on one floor nobody knows the other.
//! `tests/house_rules.rs` holds the same list and fails with file, line and the name of the wall.
//!
//! | floor | rooms |
//! |---|---|
//! | 6 | `main`: the command line in, the exit code out |
//! | 5 | [`daemon`]: opens and closes the house, knows everybody · [`cli`]: the commands of the terminal |
//! | 4 | [`sequencer`]: decide, apply, commit once, give the receipts · [`control`]: the Unix socket, and the loopback port of the metrics |
//! | 3 | [`adapters`]: one task for each wire · [`outbox`]: what is owed · [`supervision`]: where tasks are born |
//! | 2 | [`inbox`]: the one door · [`errand`]: the adapters' end of the outbox · [`changes`]: which alarms are no longer as they were · [`board`]: what stands, as people outside are told · [`health`]: how each input is, and what has passed on the road · [`config`]: the files, and what is wrong with them; the names of MIB files ([`config::mibs`]) · [`journal`]: the one file of state · [`host`]: what the machine offers |
//! | 1 | [`watch`]: the pure heart · `protocols/contacts`, `protocols/gsm`, `protocols/mqtt`, `protocols/snmp`: pure codecs; none knows another |
//!
//! # What is deliberately absent, and where its place is
//!
//! | absent | its place |
//! |---|---|
//! | channels besides SMS | a variant of [`watch::site::Channel`] and an adapter each |
//! | a console in the browser | beside [`control`], over the same commands |
//! | several nodes | behind the journal's one writing operation ([`journal`]) |
//!
//! A new wire is a crate in `protocols`, an adapter, its table in [`config`], fixtures and one
//! scenario; and a variant of [`watch::signal::Kind`], upon which the compiler names the few lines that are left: by what the
//! watch knows a repetition, which fields the files may name, who opens it (`daemon/inputs.rs`, `daemon/wires.rs`), what it
//! counts (`control/metrics`).
//!
//! # The first hour
//!
//! 1. `cargo run --release -- demo`: a night on one screen, on the real daemon.
//! 2. `cargo run -- rehearse fixtures/scenarios/cold-room.scenario`: another, on paper. Change a line of
//!    the scenario and play it again; `fixtures/scenarios/README.md` says how one is written.
//! 3. Read [`watch`], with its glossary; then [`sequencer`]; then one adapter.
//! 4. `cargo test --workspace`. Break something and see which test goes red.

pub mod adapters;
pub mod board;
pub mod changes;
pub mod cli;
pub mod config;
pub mod control;
pub mod daemon;
pub mod errand;
pub mod health;
pub mod host;
pub mod inbox;
pub mod journal;
pub mod outbox;
pub mod sequencer;
pub mod supervision;
pub mod watch;
