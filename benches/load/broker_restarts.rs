//! 100,000 messages of QoS 1 while their broker is started anew twice: once as a service manager does it (SIGTERM), once killed.
//!
//! Publishers wait for each PUBACK and repeat what has none: what they were told is taken must be on Vigie's record, at least
//! once. Beside Vigie mosquitto_sub with a session of the same kind, which writes lines. Before the broker is killed it is told
//! to save (SIGUSR1) while nobody publishes: what Mosquitto had taken since its last saving would be lost by it, to both.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::daemon::House;
use crate::ledger::Ledger;
use crate::mosquitto::Mosquitto;
use crate::publishers::{Gate, Place, publish};
use crate::record::{self, Metrics};
use crate::table::{Table, Wanted};
use crate::waiting::{settled, until};

const MESSAGES: u32 = 100_000;
const PUBLISHERS: u32 = 4;
/// After so many messages the broker is started anew, and after so many it is killed.
const RESTARTED: u64 = 33_000;
const KILLED: u64 = 66_000;
/// Nothing more has come for so long: nothing will.
const QUIET: Duration = Duration::from_secs(3);
const CLIENT: &str = "vigie";
const WITNESS: &str = "witness";
const INPUT: &str = "mqtt.plant";
const BINARY: &str = "/usr/bin/mosquitto_sub";
/// Sessions and what waits in them are kept, as on a site.
const SETTINGS: &str = "persistence true\nautosave_on_changes true\nautosave_interval 1000\n";

pub(crate) fn play(table: &mut Table, ledger: &mut Ledger) {
    table.heading("MQTT: 100,000 messages of QoS 1, the broker started anew after 33,000 and killed after 66,000");
    if let Err(why) = played(table, ledger) {
        table.skipped("MQTT", &why);
    }
}

fn played(table: &mut Table, ledger: &mut Ledger) -> Result<(), String> {
    if !std::path::Path::new(BINARY).exists() {
        return Err("apt-get install mosquitto-clients".to_owned());
    }
    let mut broker = Mosquitto::open(SETTINGS)?;
    let house = House::built(&format!(
        "[mqtt.plant]\nbroker = \"mqtt://{}:{}\"\nclient-id = \"{CLIENT}\"\ntopics = [\"plant/#\"]\n\
         [alarms.level]\nfrom = [\"{INPUT}\"]\nmatch = {{ topic = \"plant/+/level\" }}\nkey = \"{{topic[1]}}\"\n\
         active = 'value >= 0.0'\ntext = \"Level {{value}} in {{topic[1]}}\"\n",
        broker.host(),
        broker.port()
    ));
    broker.session(CLIENT);
    broker.session(WITNESS);
    let (daemon, witness) = (house.open(), Witness::at(&broker));
    until("Vigie is at the broker", || house.is_up(INPUT));
    let (gate, began) = (Gate::default(), Instant::now());
    std::thread::scope(|threads| {
        let share = MESSAGES / PUBLISHERS;
        for publisher in 0..PUBLISHERS {
            let (place, gate) = (Place::of(&broker), &gate);
            threads.spawn(move || {
                publish(&place, publisher * share..(publisher + 1) * share, gate);
            });
        }
        disturb(&mut broker, &gate);
    });
    let published = began.elapsed();
    let messages = || house.counters_of(INPUT).get("messages").copied().unwrap_or(0);
    let (_, ours) = settled(QUIET, messages);
    let (_, theirs) = settled(QUIET, || witness.lines.load(Ordering::SeqCst));
    let cost = daemon.program.processor().as_secs_f64();
    let (counters, metrics) = (house.counters_of(INPUT), Metrics::of(&house));
    daemon.close();
    table.row(
        "the broker: seconds until all have their PUBACK",
        published.as_secs_f64(),
        Wanted::Nothing,
    );
    let [ours, theirs] = [ours, theirs].map(|last| (last - began).as_secs_f64());
    table.row("Vigie: seconds until the last is on disk", ours, Wanted::Nothing);
    table.row("mosquitto_sub: seconds until its last line", theirs, Wanted::Nothing);
    table.row("Vigie to mosquitto_sub: seconds", ours / theirs, Wanted::AtMost(2.0));
    table.row("Vigie: processor seconds", cost, Wanted::Nothing);
    let said_again = gate.said.load(Ordering::SeqCst).saturating_sub(u64::from(MESSAGES));
    table.row("messages that the publishers had to say again", said_again as f64, Wanted::Nothing);
    let seen = witness.end();
    let double = seen.values().sum::<u64>() - seen.len() as u64;
    table.row("mosquitto_sub: messages that came to it again", double as f64, Wanted::Nothing);
    let taken = gate.taken.load(Ordering::SeqCst);
    accounts(table, ledger, &house, taken, &counters, &metrics);
    ledger.balances("messages with a PUBACK", taken, &[("of mosquitto_sub", seen.len() as u64)]);
    Ok(())
}

/// Starts the broker anew while messages come, and then kills it in a moment in which it has saved all that it took.
fn disturb(broker: &mut Mosquitto, gate: &Gate) {
    let taken =
        |many: u64| until("messages are taken", || gate.taken.load(Ordering::SeqCst) >= many);
    taken(RESTARTED);
    broker.signal(Signal::SIGTERM);
    broker.start_again();
    taken(KILLED);
    gate.is_held.store(true, Ordering::SeqCst);
    until("all have their PUBACK", || gate.waiting.load(Ordering::SeqCst) == 0);
    let before = broker.saved();
    broker.signal(Signal::SIGUSR1);
    until("the broker has saved", || broker.saved() != before);
    broker.signal(Signal::SIGKILL);
    broker.start_again();
    gate.is_held.store(false, Ordering::SeqCst);
}

fn accounts(
    table: &mut Table,
    ledger: &mut Ledger,
    house: &House,
    taken: u64,
    counters: &BTreeMap<String, u64>,
    metrics: &Metrics,
) {
    let count = |name: &str| counters.get(name).copied().unwrap_or(0);
    let mut stored = BTreeMap::<String, u64>::new();
    let (mut first, mut repeated) = (0_u64, 0_u64);
    record::each(house, |entry| {
        let Some(signal) = entry.signal(INPUT) else { return };
        let payload = signal["fields"]["payload"].as_str().unwrap_or_default().to_owned();
        *stored.entry(payload).or_default() += 1;
        first += u64::from(entry.is_new);
        repeated += u64::from(!entry.is_new);
    });
    let distinct = stored.len() as u64;
    let doubles = first + repeated - distinct;
    table.row("Vigie: messages that came to it again", doubles as f64, Wanted::Nothing);
    table.row("of these, known as such and said no more", repeated as f64, Wanted::Nothing);
    table.row("Vigie: connections after the first", count("reconnections") as f64, Wanted::Nothing);
    table.row("Vigie: sessions lost", count("sessions_lost") as f64, Wanted::AtMost(0.0));
    ledger.balances("messages with a PUBACK", taken, &[("stored", distinct)]);
    let became = ["taken", "repeated", "unclaimed", "unreadable"]
        .map(|outcome| (outcome, metrics.became(INPUT, outcome)));
    ledger.balances("messages that came to Vigie", count("messages"), &became);
    let entries = [("stored", distinct), ("stored again", doubles)];
    ledger.balances("messages that came to Vigie", count("messages"), &entries);
    ledger.balances(
        "messages known already",
        metrics.became(INPUT, "repeated"),
        &[("stored as such", repeated)],
    );
}

/// A mosquitto_sub, and the lines that it writes.
struct Witness {
    child: Child,
    lines: Arc<AtomicU64>,
    seen: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Witness {
    fn at(broker: &Mosquitto) -> Self {
        // Its lines are to come one by one, not by the page.
        let mut command = Command::new("/usr/bin/stdbuf");
        command.args(["-oL", BINARY, "-h", broker.host(), "-p", &broker.port().to_string()]);
        command.args(["-c", "-i", WITNESS, "-q", "1", "-t", "plant/#"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (lines, seen) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(BTreeMap::new())));
        let (count, put) = (Arc::clone(&lines), Arc::clone(&seen));
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                *put.lock().expect("no panic").entry(line).or_default() += 1;
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { child, lines, seen }
    }

    /// How often each message came to it.
    fn end(mut self) -> BTreeMap<String, u64> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        std::mem::take(&mut *self.seen.lock().expect("no panic"))
    }
}
