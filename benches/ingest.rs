//! How many signals a second become durable: through definitions, state machine and journal, with
//! `synchronous=FULL`, on this machine's disk.
//!
//! `cargo bench --bench ingest` prints one line for each way of loading the sequencer; figures of
//! one run are to be compared with each other, not with those of another machine.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::as_conversions,
    clippy::disallowed_methods,
    reason = "a bench prints, measures with its own clock, births its own tasks and stops at the first surprise"
)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vigie::config;
use vigie::errand::{Errands, errands};
use vigie::host::clock::Clock;
use vigie::inbox::{Inbox, inbox};
use vigie::journal::Journal;
use vigie::outbox::Outbox;
use vigie::sequencer::Sequencer;
use vigie::watch::Watch;
use vigie::watch::event::Happening;
use vigie::watch::name::InputName;
use vigie::watch::signal::{Fields, Kind, Signal, Value};
use vigie::watch::site::Site;
use vigie::watch::state::State;

/// How the sequencer is loaded.
#[derive(Clone, Copy)]
struct Load {
    name: &'static str,
    definitions: usize,
    standing: u64,
    signals: u64,
    distinct: bool,
    escalation: bool,
}

const LOADS: &[Load] = &[
    Load {
        name: "distinct alarms, 10 definitions",
        definitions: 10,
        standing: 10_000,
        signals: 100_000,
        distinct: true,
        escalation: false,
    },
    Load {
        name: "distinct alarms, 1,000 definitions",
        definitions: 1_000,
        standing: 10_000,
        signals: 100_000,
        distinct: true,
        escalation: false,
    },
    Load {
        name: "distinct alarms, each calling a person",
        definitions: 1_000,
        standing: 10_000,
        signals: 50_000,
        distinct: true,
        escalation: true,
    },
    Load {
        name: "repeats of 10,000 standing alarms",
        definitions: 1_000,
        standing: 10_000,
        signals: 200_000,
        distinct: false,
        escalation: false,
    },
];

fn main() {
    println!("{:<42} {:>12} {:>14} {:>12}", "load", "signals/s", "entries/s", "RSS MiB");
    for load in LOADS {
        measure(*load);
    }
}

fn measure(load: Load) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let folder =
        tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a real disk");
    let path = folder.path().join("vigie.db");
    let (journal, recovered) = Journal::open(&path).expect("a new journal");
    let head = recovered.head();
    drop(recovered);
    let took = runtime.block_on(async {
        let (door, letters) = inbox();
        let (errands, requests): (Errands, _) = errands();
        let outbox = tokio::task::spawn(Outbox::new(requests).run());
        let watch = Watch::resume(Arc::new(site(load)), State::default());
        let mut sequencer = Sequencer::new(watch, journal, head, 0, letters, errands, Clock::new());
        sequencer.begin().await;
        let running = tokio::task::spawn(sequencer.run());
        fill(&door, 0, load.standing).await;
        let began = Instant::now();
        let first = if load.distinct { load.standing } else { 0 };
        fill_until_committed(&door, first, load).await;
        let took = began.elapsed();
        drop(door);
        running.await.expect("the sequencer ends well");
        outbox.await.expect("the outbox ends well");
        took
    });
    report(load, took, &path);
}

async fn fill(door: &Inbox, first: u64, many: u64) {
    let clock = Clock::new();
    for number in first..first + many {
        door.tell(Happening::Signal(signal(number, clock)), clock.now())
            .await
            .expect("an open inbox");
    }
    door.ask(|watch| watch.state().standing_count()).await.expect("an open inbox");
}

/// The last receipt comes when the last batch is on disk, and those before it are, too.
async fn fill_until_committed(door: &Inbox, first: u64, load: Load) {
    let clock = Clock::new();
    let mut last = None;
    for number in 0..load.signals {
        let number = if load.distinct { first + number } else { number % load.standing };
        last = Some(
            door.put(Happening::Signal(signal(number, clock)), clock.now())
                .await
                .expect("an open inbox"),
        );
    }
    last.expect("at least one signal").receipt().await.expect("a disk that takes it");
}

fn report(load: Load, took: Duration, path: &std::path::Path) {
    let reader = vigie::journal::Reader::open(path).expect("the journal");
    let vigie::journal::Verification::Intact { entries, .. } =
        reader.verify().expect("the journal")
    else {
        panic!("the record does not hold");
    };
    let seconds = took.as_secs_f64();
    let share = entries as f64 * load.signals as f64 / (load.signals + load.standing) as f64;
    println!(
        "{:<42} {:>12.0} {:>14.0} {:>12}",
        load.name,
        load.signals as f64 / seconds,
        share / seconds,
        resident()
    );
}

/// MiB, of the whole process: the bench's own signals included.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| {
        line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
    });
    kib.map_or_else(|| "?".to_owned(), |kib| (kib / 1_024).to_string())
}

/// A trap of the kind that a switch sends, each from another port.
fn signal(number: u64, clock: Clock) -> Signal {
    let now = clock.now();
    let mut fields = Fields::with_capacity(8);
    let mut vars = Fields::with_capacity(3);
    vars.set("1.3.6.1.2.1.2.2.1.1", Value::Int(i64::try_from(number).unwrap_or(0)));
    vars.set("1.3.6.1.2.1.2.2.1.7", Value::Int(1));
    vars.set("1.3.6.1.2.1.2.2.1.8", Value::Int(2));
    fields.set("trap", Value::text("IF-MIB::linkDown"));
    fields.set("trap_oid", Value::text("1.3.6.1.6.3.1.1.5.3"));
    fields.set("version", Value::text("2c"));
    fields.set("community", Value::text("public"));
    fields.set("uptime", Value::Int(123_456));
    fields.set("ifIndex", Value::Int(i64::try_from(number).unwrap_or(0)));
    fields.set("ifAdminStatus", Value::Int(1));
    fields.set("ifOperStatus", Value::Int(2));
    fields.set("vars", Value::Map(vars));
    Signal {
        input: InputName::from("snmp.network"),
        kind: Kind::Snmp,
        source: Arc::from("10.0.0.1"),
        fields,
        text: Arc::from("IF-MIB::linkDown from 10.0.0.1"),
        source_time: None,
        received: now.utc,
        identity: None,
        raw: Arc::from([0x30_u8; 120]),
    }
}

fn site(load: Load) -> Site {
    let mut text = String::from(
        "[site]\nname = \"Bench\"\ntime-zone = \"Europe/Paris\"\nlast-resort = \"all\"\ncode-digits = 6\n\
         [people.marie]\nphone = \"+33612345678\"\n\
         [escalations.all]\nsteps = [{ notify = [\"person:marie\"], wait = \"8h\" }]\n\
         [gsm.modem]\ndevice = \"/dev/null\"\n[snmp.network]\nlisten = [\"127.0.0.1:16200\"]\n",
    );
    for number in 1..load.definitions {
        let _ = write!(
            text,
            "[alarms.other-{number}]\nfrom = [\"snmp.network\"]\nmatch = {{ trap = [\"IF-MIB::linkDown\", \"IF-MIB::linkUp\"], source = \"192.168.{}.{}\" }}\n\
             active = 'trap == \"IF-MIB::linkDown\"'\nnormal = 'trap == \"IF-MIB::linkUp\"'\ntext = \"Link\"\n",
            number / 250,
            number % 250
        );
    }
    let escalation = if load.escalation { "escalation = \"all\"\n" } else { "" };
    let _ = write!(
        text,
        "[alarms.link]\nfrom = [\"snmp.network\"]\nmatch = {{ trap = [\"IF-MIB::linkDown\", \"IF-MIB::linkUp\"], source = \"10.0.0.0/8\" }}\n\
         key = \"{{source}}/{{ifIndex}}\"\nactive = 'trap == \"IF-MIB::linkDown\"'\nnormal = 'trap == \"IF-MIB::linkUp\"'\n\
         text = \"Link {{ifIndex}} down on {{source}}\"\npriority = \"high\"\n{escalation}"
    );
    let reading = config::read_str(&[("bench.toml", &text)]);
    let errors: Vec<String> = reading
        .complaints
        .iter()
        .filter(|complaint| complaint.is_error())
        .map(ToString::to_string)
        .collect();
    reading.settings.unwrap_or_else(|| panic!("{}", errors.join("\n"))).site
}
