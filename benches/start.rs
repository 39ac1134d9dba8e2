//! How long a start takes with a million entries in the journal: with the snapshot that the daemon
//! keeps, and as after a crash at the worst moment, with as many entries after it as there can be.
//!
//! `cargo bench --bench start`

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints, measures with its own clock and births its own tasks"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use vigie::config;
use vigie::errand::errands;
use vigie::host::clock::Clock;
use vigie::inbox::inbox;
use vigie::journal::Journal;
use vigie::outbox::Outbox;
use vigie::sequencer::{Sequencer, recover};
use vigie::watch::Watch;
use vigie::watch::event::Happening;
use vigie::watch::name::InputName;
use vigie::watch::signal::{Fields, Kind, Signal, Value};

const ENTRIES: u64 = 1_000_000;
const ALARMS: u64 = 10_000;

fn main() {
    let folder =
        tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a real disk");
    let path = folder.path().join("vigie.db");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let crashed = folder.path().join("crashed.db");
    runtime.block_on(fill(&path, &crashed));
    println!(
        "{:<58} {:>10} {:>10}",
        "start with a million entries, 10,000 alarms standing", "seconds", "replayed"
    );
    measure("after a clean stop", &path);
    measure("after a crash just before the next snapshot", &crashed);
}

fn measure(name: &str, path: &Path) {
    let began = Instant::now();
    let (journal, mut recovered) = Journal::open(path).expect("the journal");
    let (state, replayed) = recover(&mut recovered).expect("the state");
    let took = began.elapsed();
    drop(recovered);
    println!("{name:<58} {:>10.3} {replayed:>10}", took.as_secs_f64());
    assert_eq!(state.standing_count(), usize::try_from(ALARMS).expect("a small number"));
    journal.close();
}

/// A million signals about ten thousand alarms; the file as it is just before the last snapshot is
/// copied aside.
async fn fill(path: &Path, crashed: &Path) {
    let (journal, recovered) = Journal::open(path).expect("a new journal");
    let head = recovered.head();
    drop(recovered);
    let (door, letters) = inbox();
    let (errands, requests) = errands();
    let outbox = tokio::task::spawn(Outbox::new(requests).run());
    let watch = Watch::new(Arc::new(site()));
    let mut sequencer = Sequencer::new(watch, journal, head, 0, letters, errands, Clock::new());
    sequencer.begin().await;
    let running = tokio::task::spawn(sequencer.run());
    let clock = Clock::new();
    for number in 0..ENTRIES {
        let happening = Happening::Signal(signal(number % ALARMS, clock));
        door.tell(happening, clock.now()).await.expect("an open inbox");
        // The snapshots come every 100,000 entries: this is as far from one as a crash can be.
        if number == ENTRIES - 2_000 {
            door.ask(|_| ()).await.expect("an open inbox");
            for suffix in ["", "-wal"] {
                let from = format!("{}{suffix}", path.display());
                if Path::new(&from).exists() {
                    std::fs::copy(&from, format!("{}{suffix}", crashed.display()))
                        .expect("room for a copy");
                }
            }
        }
    }
    drop(door);
    running.await.expect("the sequencer ends well");
    outbox.await.expect("the outbox ends well");
}

fn signal(number: u64, clock: Clock) -> Signal {
    let mut fields = Fields::with_capacity(4);
    fields.set("trap", Value::text("IF-MIB::linkDown"));
    fields.set("trap_oid", Value::text("1.3.6.1.6.3.1.1.5.3"));
    fields.set("version", Value::text("2c"));
    fields.set("ifIndex", Value::Int(i64::try_from(number).unwrap_or(0)));
    Signal {
        input: InputName::from("snmp.network"),
        kind: Kind::Snmp,
        source: Arc::from("10.0.0.1"),
        fields,
        text: Arc::from("IF-MIB::linkDown from 10.0.0.1"),
        source_time: None,
        received: clock.now().utc,
        identity: None,
        raw: Arc::from([0x30_u8; 120]),
    }
}

fn site() -> vigie::watch::site::Site {
    let text = "[site]\nname = \"Bench\"\ntime-zone = \"UTC\"\n[snmp.network]\nlisten = [\"127.0.0.1:16200\"]\n\
        [alarms.link]\nfrom = [\"snmp.network\"]\nmatch = { trap = [\"IF-MIB::linkDown\", \"IF-MIB::linkUp\"] }\n\
        key = \"{ifIndex}\"\nactive = 'trap == \"IF-MIB::linkDown\"'\nnormal = 'trap == \"IF-MIB::linkUp\"'\ntext = \"Link {ifIndex}\"\n";
    config::read_str(&[("bench.toml", text)]).settings.expect("a sound configuration").site
}
