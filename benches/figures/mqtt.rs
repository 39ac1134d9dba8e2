//! MQTT messages of QoS 1 beside a bare rumqttc subscriber, from the same Mosquitto: how many a second.
//!
//! What Vigie acknowledges is on its disk, and read by definitions; the bare subscriber stores nothing, looks at nothing and
//! acknowledges as it reads, by itself. The two take turns, and the best round of each counts: the one that others disturbed
//! least. A backlog is what the broker kept while its subscriber was away; of Vigie's it is counted that each message is on
//! the record.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use vigie::journal::Reader;

use crate::daemon::House;
use crate::machine::Program;
use crate::mosquitto::Mosquitto;
use crate::table::{Table, Wanted};

const MESSAGES: u32 = 100_000;
/// As many alarms; what comes after is their repetition.
const TOPICS: u32 = 10_000;
const ROUNDS: usize = 3;
const CLIENT: &str = "subscriber";
/// Nothing that is waited for takes so long.
const LIMIT: Duration = Duration::from_secs(300);
/// How often it is asked how far Vigie is.
const ASKED: Duration = Duration::from_millis(50);

/// When the messages come.
#[derive(Clone, Copy)]
enum Load {
    /// All are there when the subscriber comes.
    Backlog,
    /// As fast as the broker takes them, while it listens.
    Live,
}

/// What the rounds of one of the two gave.
#[derive(Clone, Copy)]
struct Seen {
    /// Acknowledged a second.
    rate: f64,
    /// Processor seconds, where they can be told from those of the bench.
    cost: Option<f64>,
    /// How many are not on the record.
    lost: u64,
}

impl Seen {
    fn and(self, other: Self) -> Self {
        let best = if self.rate > other.rate { self } else { other };
        Self { lost: self.lost + other.lost, ..best }
    }
}

pub(crate) fn measure(table: &mut Table) {
    table.heading(
        "MQTT, 100,000 messages of QoS 1, each on disk; beside it a bare rumqttc that stores nothing",
    );
    for (what, load, wanted) in [
        ("a backlog", Load::Backlog, Wanted::AtLeast(0.2)),
        ("as fast as they are published", Load::Live, Wanted::AtLeast(0.8)),
    ] {
        let (mut ours, mut bare) = (None::<Seen>, None::<Seen>);
        for _ in 0..ROUNDS {
            let (vigie, other) = match (to_vigie(load), to_bare(load)) {
                (Ok(vigie), Ok(other)) => (vigie, other),
                (Err(why), _) | (_, Err(why)) => return table.skipped("MQTT", &why),
            };
            ours = Some(ours.map_or(vigie, |seen| seen.and(vigie)));
            bare = Some(bare.map_or(other, |seen| seen.and(other)));
        }
        let (ours, bare) = (ours.expect("a round"), bare.expect("a round"));
        let mut row = |who: &str, seen, wanted| table.row(&format!("{who}, {what}"), seen, wanted);
        row("Vigie: acknowledged a second", ours.rate, Wanted::Nothing);
        row("bare: acknowledged a second", bare.rate, Wanted::Nothing);
        row("Vigie to bare", ours.rate / bare.rate, wanted);
        if let Some(cost) = ours.cost {
            row("Vigie: processor seconds", cost, Wanted::Nothing);
        }
        if let Some(cost) = bare.cost {
            row("bare: processor seconds", cost, Wanted::Nothing);
        }
        row("Vigie: messages that are not on the record", ours.lost as f64, Wanted::AtMost(0.0));
    }
}

fn to_vigie(load: Load) -> Result<Seen, String> {
    let broker = Mosquitto::open("")?;
    let house = House::built(&format!(
        "[mqtt.plant]\nbroker = \"mqtt://{}:{}\"\nclient-id = \"{CLIENT}\"\ntopics = [\"plant/#\"]\n\
         [alarms.level]\nfrom = [\"mqtt.plant\"]\nmatch = {{ topic = \"plant/+/level\" }}\nkey = \"{{topic[1]}}\"\n\
         active = 'value >= 0.0'\ntext = \"Level {{value}} in {{topic[1]}}\"\n",
        broker.host(),
        broker.port()
    ));
    broker.session(CLIENT);
    let counted = |name: &str| house.counters_of("mqtt.plant").get(name).copied().unwrap_or(0);
    let (daemon, began) = match load {
        Load::Backlog => {
            broker.publish(MESSAGES, TOPICS);
            (house.open(), Instant::now())
        }
        Load::Live => {
            let daemon = house.open();
            until(|| house.is_up("mqtt.plant"));
            let began = Instant::now();
            broker.publish(MESSAGES, TOPICS);
            (daemon, began)
        }
    };
    let took = until(|| counted("acknowledged") >= u64::from(MESSAGES)).duration_since(began);
    let cost = Some(daemon.program.processor().as_secs_f64());
    daemon.close();
    let mut found = Found(BTreeSet::new());
    let reader = Reader::open(&house.store()).expect("the journal");
    reader.export(1, &mut found).expect("the journal");
    let lost = u64::from(MESSAGES).saturating_sub(found.0.len() as u64);
    Ok(Seen { rate: f64::from(MESSAGES) / took.as_secs_f64(), cost, lost })
}

fn to_bare(load: Load) -> Result<Seen, String> {
    let broker = Mosquitto::open("")?;
    broker.session(CLIENT);
    let options = || {
        let mut options = MqttOptions::new(CLIENT, broker.host(), broker.port());
        options.set_clean_session(false).set_keep_alive(Duration::from_secs(30));
        options
    };
    let (began, ended, cost) = match load {
        Load::Backlog => {
            broker.publish(MESSAGES, TOPICS);
            let (before, began) = (Program::own().processor(), Instant::now());
            let ended = subscribe(options(), || {});
            let used = Program::own().processor().saturating_sub(before);
            (began, ended, Some(used.as_secs_f64()))
        }
        Load::Live => std::thread::scope(|threads| {
            let (listens, heard) = std::sync::mpsc::channel();
            let subscriber =
                threads.spawn(|| subscribe(options(), move || listens.send(()).expect("it waits")));
            heard.recv().expect("it listens");
            let began = Instant::now();
            broker.publish(MESSAGES, TOPICS);
            // The bench's own publisher is in this very program.
            (began, subscriber.join().expect("it ends"), None)
        }),
    };
    let took = ended.duration_since(began);
    Ok(Seen { rate: f64::from(MESSAGES) / took.as_secs_f64(), cost, lost: 0 })
}

/// A subscriber that does nothing but count; until it has all. Says when it listens.
fn subscribe(options: MqttOptions, listens: impl FnOnce()) -> Instant {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (client, mut wire) = AsyncClient::new(options, 10);
        let (mut listens, mut heard) = (Some(listens), 0);
        client.subscribe("plant/#", QoS::AtLeastOnce).await.expect("a queue");
        while heard < MESSAGES {
            match wire.poll().await.expect("the broker") {
                Event::Incoming(Packet::Publish(_)) => heard += 1,
                Event::Incoming(Packet::SubAck(_)) => {
                    listens.take().into_iter().for_each(|say| say())
                }
                _ => {}
            }
        }
        Instant::now()
    })
}

/// Waits until something is so; gives when.
fn until(so: impl Fn() -> bool) -> Instant {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < LIMIT, "waited in vain");
        std::thread::sleep(ASKED);
    }
    Instant::now()
}

/// The payloads of the messages on the record; each entry comes whole.
struct Found(BTreeSet<String>);

impl Write for Found {
    fn write(&mut self, entry: &[u8]) -> std::io::Result<usize> {
        let text = str::from_utf8(entry).unwrap_or_default();
        let payload = text.split("\"payload\":\"").nth(1).and_then(|rest| rest.split('"').next());
        self.0.extend(payload.map(str::to_owned));
        Ok(entry.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
