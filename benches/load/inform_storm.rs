//! A storm of 100,000 informs from 200 devices, each of which calls a person, and in the middle of it five that are critical.
//!
//! None may be lost, each is on the record once, what is critical leaves before all that waits, and nobody gets more than a few
//! SMS. Beside it snmptrapd, which gets the same storm and calls nobody, and Alertmanager, which gets as many alerts and tells of
//! them by webhook: at once (`group_wait: 0s`), and not after its usual half minute.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::alertmanager::Alertmanager;
use crate::daemon::House;
use crate::ledger::Ledger;
use crate::modems::{Left, Modems, NETWORK};
use crate::record::{self, Metrics};
use crate::snmptrapd::Snmptrapd;
use crate::sources::{self, ALL, CRITICAL, DEVICES, EACH, Told, ZONES, half_way, storm};
use crate::table::{Table, Wanted, median};
use crate::waiting::{LIMIT, until};
use crate::webhook::Webhook;

/// What people may get within a window, and what one that is critical may add.
const SPARED: f64 = 7.0;
/// The last message of a window is held for a tenth of it: after so much more there is none.
const HELD: Duration = Duration::from_secs(15);
const INPUT: &str = "snmp.network";
/// What stands in each record of snmptrapd's log.
const LOGGED: &str = ".1.3.6.1.6.3.1.1.5.3";

/// What one of the three gave.
struct Seen {
    took: Duration,
    /// Processor seconds.
    cost: f64,
    /// How long each critical one took to who is told; for snmptrapd, to its answer.
    critical: Vec<f64>,
}

pub(crate) fn play(table: &mut Table, ledger: &mut Ledger) {
    table.heading(
        "Storm: 100,000 informs of 200 devices, each calling one of five people, 5 of them critical",
    );
    let ours = to_vigie(table, ledger);
    match to_snmptrapd(table) {
        Ok(peer) => {
            let row = "snmptrapd: informs answered a second, in a log that nobody syncs";
            table.row(row, rate(&peer), Wanted::Nothing);
            table.row("snmptrapd: processor seconds", peer.cost, Wanted::Nothing);
            let ratio = rate(&ours) / rate(&peer);
            table.row("Vigie to snmptrapd: informs answered a second", ratio, Wanted::Nothing);
            let ratio = ours.cost / peer.cost;
            table.row("Vigie to snmptrapd: processor time", ratio, Wanted::Nothing);
        }
        Err(why) => table.skipped("snmptrapd", &why),
    }
    match to_alertmanager(table) {
        Ok(peer) => {
            let row = "Alertmanager: alerts taken a second, one a POST, in memory";
            table.row(row, rate(&peer), Wanted::Nothing);
            table.row("Alertmanager: processor seconds", peer.cost, Wanted::Nothing);
            let row = "Alertmanager: a critical one until its webhook, median, milliseconds";
            let theirs = median(peer.critical) * 1_000.0;
            table.row(row, theirs, Wanted::Nothing);
            let own = median(ours.critical) * 1_000.0;
            table.row(
                "Vigie to Alertmanager: a critical one, median",
                own / theirs,
                Wanted::Nothing,
            );
        }
        Err(why) => table.skipped("Alertmanager", &why),
    }
}

fn rate(seen: &Seen) -> f64 {
    ALL as f64 / seen.took.as_secs_f64()
}

/// The site: a person, a ladder and two definitions for each zone.
fn tables(device: &std::path::Path) -> String {
    let mut text =
        format!("[storm]\nwindow = \"2m\"\n[gsm.modem]\ndevice = \"{}\"\n", device.display());
    for zone in 0..ZONES {
        let of = format!("from = [\"{INPUT}\"]\nescalation = \"zone-{zone}\"\n");
        let which = format!(
            "trap = [\"IF-MIB::linkDown\", \"IF-MIB::linkUp\"], source = [\"127.1.{zone}.0/24\"]"
        );
        let says =
            "active = 'trap == \"IF-MIB::linkDown\"'\nnormal = 'trap == \"IF-MIB::linkUp\"'\n";
        text.push_str(&format!(
            "[people.of-zone-{zone}]\nphone = \"{}\"\n\
             [escalations.zone-{zone}]\nsteps = [{{ notify = [\"person:of-zone-{zone}\"], wait = \"8h\" }}]\n\
             [alarms.link-{zone}]\n{of}match = {{ {which} }}\nkey = \"{{source}}/{{ifIndex}}\"\n\
             active = 'trap == \"IF-MIB::linkDown\" && ifIndex != {CRITICAL}'\nnormal = 'trap == \"IF-MIB::linkUp\"'\n\
             text = \"Link {{ifIndex}} down on {{source}}\"\npriority = \"medium\"\n\
             [alarms.pump-{zone}]\n{of}match = {{ {which}, ifIndex = {CRITICAL} }}\n{says}\
             text = \"Pump of zone {zone} without power\"\npriority = \"critical\"\n",
            phone(zone)
        ));
    }
    text
}

fn phone(zone: u32) -> String {
    format!("+3360000000{zone}")
}

fn to_vigie(table: &mut Table, ledger: &mut Ledger) -> Seen {
    let modems = Modems::plugged_in(1);
    let house = House::built(&tables(modems.device(0)));
    let daemon = house.open();
    until("the inputs are up", || house.is_up(INPUT) && house.is_up("gsm.modem"));
    let (before, began) = (daemon.program.processor(), Instant::now());
    let told = storm(&house.address);
    let took = began.elapsed();
    let cost = daemon.program.processor().saturating_sub(before).as_secs_f64();
    let mut left = Vec::new();
    while left.iter().filter(|left| is_critical(left)).count() < ZONES as usize {
        left.push(modems.next(LIMIT).expect("a critical message that leaves"));
    }
    until("nothing waits for the modem", || house.status()["notifications"]["waiting"] == 0);
    while let Some(more) = modems.next(HELD) {
        left.push(more);
    }
    let (counters, metrics) = (house.counters(), Metrics::of(&house));
    daemon.close();
    let latencies = latencies(&told, &left);
    let seen = Seen { took, cost, critical: latencies };
    told_of(table, &seen, &told, &left);
    accounts(ledger, &house, &told, &counters, &metrics);
    ledger.none(
        "messages that began before a critical one that was on disk",
        overtaken(&told, &left),
    );
    seen
}

fn is_critical((_, sent): &Left) -> bool {
    sent.text.contains("CRITICAL") && sent.text.contains("Pump")
}

/// From the first time that a critical inform left until `AT+CMGS` of its message: the network's time is not Vigie's.
fn latencies(told: &Told, left: &[Left]) -> Vec<f64> {
    let called = |zone: u32| {
        let critical = left.iter().filter(|left| is_critical(left));
        let mut to = critical.filter(|(_, sent)| sent.to.to_string() == phone(zone));
        to.next().expect("everyone is called").0
    };
    let of = |(zone, (began, _)): (&u32, &(Instant, Instant))| {
        called(*zone).duration_since(*began).saturating_sub(NETWORK).as_secs_f64()
    };
    told.critical.iter().map(of).collect()
}

/// How many messages of less weight began to leave after a critical one was on disk, and before it.
fn overtaken(told: &Told, left: &[Left]) -> u64 {
    let before = |zone: &u32, answered: &Instant| {
        let called =
            left.iter().position(|it| is_critical(it) && it.1.to.to_string() == phone(*zone));
        let earlier = &left[..called.expect("everyone is called")];
        let later = earlier.iter().filter(|(at, _)| *at - NETWORK > *answered);
        later.filter(|left| !is_critical(left)).count() as u64
    };
    told.critical.iter().map(|(zone, (_, answered))| before(zone, answered)).sum()
}

fn told_of(table: &mut Table, seen: &Seen, told: &Told, left: &[Left]) {
    table.row("Vigie: informs answered a second, each on disk", rate(seen), Wanted::Nothing);
    table.row("Vigie: processor seconds", seen.cost, Wanted::Nothing);
    let again = told.sent.saturating_sub(ALL);
    table.row("Vigie: informs that went more than once", again as f64, Wanted::Nothing);
    let middle = median(seen.critical.clone()) * 1_000.0;
    let most = seen.critical.iter().copied().fold(0.0, f64::max) * 1_000.0;
    table.row("Vigie: a critical one until AT+CMGS, median, milliseconds", middle, Wanted::Nothing);
    // One message may be on its way already: it is not broken off.
    let wanted = Wanted::AtMost(1_000.0 + NETWORK.as_secs_f64() * 1_000.0);
    table.row("Vigie: the slowest of five critical ones, milliseconds", most, wanted);
    let mut each = BTreeMap::<String, u32>::new();
    left.iter().for_each(|(_, sent)| *each.entry(sent.to.to_string()).or_default() += 1);
    let most = each.values().copied().max().unwrap_or_default();
    let row = "Vigie: most SMS to one person, of 20,001 alarms that call them";
    table.row(row, f64::from(most), Wanted::AtMost(SPARED));
}

fn accounts(
    ledger: &mut Ledger,
    house: &House,
    told: &Told,
    counters: &BTreeMap<String, u64>,
    metrics: &Metrics,
) {
    let count = |name: &str| counters.get(name).copied().unwrap_or(0);
    let counted = |names: &'static [&'static str]| {
        names.iter().map(|name| (*name, count(name))).collect::<Vec<_>>()
    };
    let came = counted(&["datagrams", "dropped_by_kernel"]);
    ledger.balances("datagrams that the devices sent", told.sent, &came);
    let became = counted(&[
        "informs",
        "deferred",
        "copies",
        "limited",
        "waiting",
        "traps",
        "strangers",
        "wrong_community",
        "malformed",
        "version_3",
        "wrong_version",
        "wrong_credentials",
        "discovery",
        "not_a_notification",
    ]);
    ledger.balances("datagrams that came", count("datagrams"), &became);
    let answers = counted(&["answered", "unanswered"]);
    ledger.balances("informs", count("informs"), &answers);
    let became = ["taken", "repeated", "unclaimed", "unreadable"]
        .map(|outcome| (outcome, metrics.became(INPUT, outcome)));
    ledger.balances("informs", count("informs"), &became);
    let mut stored = BTreeMap::<(String, i64), u64>::new();
    let (mut first, mut repeated) = (0, 0);
    record::each(house, |entry| {
        let Some(signal) = entry.signal(INPUT) else { return };
        let source = signal["source"].as_str().unwrap_or_default().to_owned();
        let interface = signal["fields"]["ifIndex"].as_i64().unwrap_or_default();
        first += u64::from(entry.is_new);
        repeated += u64::from(!entry.is_new);
        *stored.entry((source, interface)).or_default() += u64::from(entry.is_new);
    });
    ledger.balances("informs that were answered", told.answered, &[("stored", first)]);
    ledger.balances(
        "informs known already",
        metrics.became(INPUT, "repeated"),
        &[("stored as such", repeated)],
    );
    let wrong = stored.values().filter(|times| **times != 1).count() as u64;
    ledger.balances("interfaces that are down", ALL, &[("stored", stored.len() as u64)]);
    ledger.none("informs that are stored twice", wrong);
}

fn to_snmptrapd(table: &mut Table) -> Result<Seen, String> {
    let peer = Snmptrapd::open()?;
    let (before, began) = (peer.program.processor(), Instant::now());
    let told = storm(&peer.address);
    let took = began.elapsed();
    let cost = peer.program.processor().saturating_sub(before).as_secs_f64();
    let again = told.sent.saturating_sub(ALL);
    table.row("snmptrapd: informs that went more than once", again as f64, Wanted::Nothing);
    // The first showed that it listens. It does not know what it has heard already.
    let logged = peer.close(LOGGED).saturating_sub(1 + ALL);
    table.row("snmptrapd: informs that it logged more than once", logged as f64, Wanted::Nothing);
    let answered = |(began, answered): &(Instant, Instant)| (*answered - *began).as_secs_f64();
    Ok(Seen { took, cost, critical: told.critical.values().map(answered).collect() })
}

fn to_alertmanager(table: &mut Table) -> Result<Seen, String> {
    let webhook = Webhook::open();
    let peer = Alertmanager::with(&format!(
        "route: {{ receiver: hook, group_by: [zone, priority], group_wait: 0s }}\n\
         receivers: [ {{ name: hook, webhook_configs: [ {{ url: 'http://{}/' }} ] }} ]\n",
        webhook.address
    ))?;
    let (before, began) = (peer.program.processor(), Instant::now());
    let left: BTreeMap<u64, Instant> = std::thread::scope(|threads| {
        let zones: Vec<_> = (0..ZONES)
            .map(|zone| {
                threads.spawn({
                    let peer = &peer;
                    move || (u64::from(zone), posted(peer, zone))
                })
            })
            .collect();
        zones.into_iter().map(|zone| zone.join().expect("it ends")).collect()
    });
    let took = began.elapsed();
    let mut critical = BTreeMap::new();
    while critical.len() < ZONES as usize {
        let told = webhook.critical.recv_timeout(LIMIT);
        let (zone, at) = told.map_err(|_| "it does not tell of what is critical")?;
        critical.entry(zone).or_insert((at - left[&zone]).as_secs_f64());
    }
    let cost = peer.program.processor().saturating_sub(before).as_secs_f64();
    let called = webhook.called.load(Ordering::SeqCst);
    table.row("Alertmanager: calls of its webhook so far", called as f64, Wanted::Nothing);
    Ok(Seen { took, cost, critical: critical.into_values().collect() })
}

/// Posts the alerts of a zone, one after the other; when the critical one left.
fn posted(peer: &Alertmanager, zone: u32) -> Instant {
    let mut client = peer.client();
    let mut left = None;
    for number in 0..EACH {
        if number == half_way(zone) {
            left = Some(Instant::now());
            client.post(&[alert(zone, 0, CRITICAL, "critical")]);
        }
        for device in 0..DEVICES {
            client.post(&[alert(zone, device, number + 1, "medium")]);
        }
    }
    left.expect("half way is on the way")
}

fn alert(zone: u32, device: u32, interface: u32, priority: &str) -> String {
    let source = sources::address(zone, device);
    format!(
        r#"{{"labels":{{"alertname":"link","zone":"{zone}","source":"{source}","ifIndex":"{interface}","priority":"{priority}"}},"annotations":{{"summary":"Link {interface} down on {source}"}}}}"#
    )
}
