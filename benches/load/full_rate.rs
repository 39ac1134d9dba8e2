//! Three modems at their full rate, both ways at once: what comes in is on the record before it leaves the SIM, and of one alarm
//! that calls 180 people each of them is told once.
//!
//! Beside Vigie three gammu-smsd, each on a modem of the same kind, with as many messages: they poll as fast as their
//! file allows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::daemon::House;
use crate::ledger::Ledger;
use crate::modems::Modems;
use crate::record::{self, Metrics};
use crate::table::{Table, Wanted};
use crate::waiting::{LIMIT, until};
use crate::{engine, field, informs};

const MODEMS: usize = 3;
/// So many messages each modem receives, and is to send.
const EACH: u32 = 60;
const ALL: u64 = MODEMS as u64 * EACH as u64;
/// How often is looked.
const LOOK: Duration = Duration::from_millis(50);
const SENDER: &str = "+33698765432";
/// What a modem must tell of itself first is over.
const AT_REST: Duration = Duration::from_secs(3);
const TABLES: &str = "[escalations.once]\nacknowledge = \"none\"\nsteps = [{ notify = [\"group:everyone\"] }]\n\
     [alarms.link]\nfrom = [\"snmp.network\"]\nmatch = { trap = \"IF-MIB::linkDown\" }\nmomentary = true\n\
     text = \"Link down\"\npriority = \"high\"\nescalation = \"once\"\n\
     [alarms.site]\nfrom = [\"gsm\"]\nmatch = { text = \"level *\" }\nmomentary = true\nkey = \"{text}\"\ntext = \"Site: {text}\"\n";

/// What came of both ways.
struct Seen {
    /// Seconds until all that came was stored, and all that was owed had left.
    stored: f64,
    left: f64,
    /// Of each person, how many messages left for them.
    people: BTreeMap<String, u64>,
}

pub(crate) fn play(table: &mut Table, ledger: &mut Ledger) {
    table.heading("Modems: three at once, 60 SMS in and 60 out each; the network takes 0.5 s for each that is sent");
    let ours = by_vigie(ledger);
    told(table, "Vigie", &ours);
    let peers = match by_gammu() {
        Ok(peers) => peers,
        Err(why) => return table.skipped("gammu-smsd", &why),
    };
    told(table, "gammu-smsd", &peers);
    let ratio = peers.stored / ours.stored;
    table.row("Vigie to gammu-smsd: SMS in a minute", ratio, Wanted::AtLeast(1.0));
    let ratio = peers.left / ours.left;
    table.row("Vigie to gammu-smsd: SMS out a minute", ratio, Wanted::AtLeast(1.0));
}

fn told(table: &mut Table, who: &str, seen: &Seen) {
    let a_minute = |seconds: f64| ALL as f64 / seconds * 60.0;
    table.row(&format!("{who}: SMS in, stored a minute"), a_minute(seen.stored), Wanted::Nothing);
    table.row(&format!("{who}: SMS out, left a minute"), a_minute(seen.left), Wanted::Nothing);
    let missing = ALL.saturating_sub(seen.people.len() as u64);
    table.row(&format!("{who}: SMS out that did not leave"), missing as f64, Wanted::Nothing);
}

fn phone(person: u64) -> String {
    format!("+33612000{person:03}")
}

/// What each modem receives.
fn incoming(modem: usize) -> Vec<String> {
    (0..EACH).map(|number| format!("level {modem}-{number}")).collect()
}

/// Waits until all SIMs are empty and all that is owed has left; `look` is told how many have left the SIMs.
fn follow(modems: &Modems, began: Instant, mut look: impl FnMut(u64)) -> Seen {
    let (mut stored, mut left, mut people) = (None, None, BTreeMap::<String, u64>::new());
    while (stored.is_none() || left.is_none()) && began.elapsed() < LIMIT {
        for (_, sent) in modems.left() {
            *people.entry(sent.to.to_string()).or_default() += 1;
        }
        let now = began.elapsed().as_secs_f64();
        left = left.or_else(|| (people.len() as u64 >= ALL).then_some(now));
        if stored.is_none() {
            let on_sims = modems.on_sims();
            // What reports that something was sent takes a slot as well.
            look(ALL.saturating_sub(on_sims));
            stored = (on_sims == 0).then_some(now);
        }
        std::thread::sleep(LOOK);
    }
    let limit = LIMIT.as_secs_f64();
    Seen { stored: stored.unwrap_or(limit), left: left.unwrap_or(limit), people }
}

fn by_vigie(ledger: &mut Ledger) -> Seen {
    let modems = Modems::plugged_in(MODEMS);
    let mut tables = TABLES.to_owned();
    let names: Vec<String> = (0..ALL).map(|person| format!("\"person-{person}\"")).collect();
    tables.push_str(&format!("[groups.everyone]\nmembers = [{}]\n", names.join(", ")));
    for person in 0..ALL {
        let phone = phone(person);
        tables.push_str(&format!("[people.person-{person}]\nphone = \"{phone}\"\n"));
    }
    for modem in 0..MODEMS {
        let device = modems.device(modem).display();
        tables.push_str(&format!("[gsm.modem-{modem}]\ndevice = \"{device}\"\n"));
    }
    let house = House::built(&tables);
    let daemon = house.open();
    let inputs: Vec<String> = (0..MODEMS).map(|modem| format!("gsm.modem-{modem}")).collect();
    until("the inputs are up", || {
        house.is_up("snmp.network") && inputs.iter().all(|input| house.is_up(input))
    });
    std::thread::sleep(AT_REST);
    let began = Instant::now();
    for modem in 0..MODEMS {
        modems.deliver(modem, SENDER, incoming(modem));
    }
    // One alarm that calls everyone.
    informs::Sender::to(&house.address);
    let mut early = 0;
    let seen = follow(&modems, began, |gone| {
        // Counted after the SIMs: whatever has left them is on the record by then.
        early += gone.saturating_sub(stored(&house).values().sum());
    });
    until("nothing waits for a report", || house.status()["notifications"]["owed"] == 0);
    let metrics = Metrics::of(&house);
    daemon.close();
    ledger.none("SMS that left a SIM before they were on the record", early);
    accounts(ledger, &house, &inputs, &metrics, &seen);
    seen
}

/// The texts of the messages on the record, and how often each is there as new.
fn stored(house: &House) -> BTreeMap<String, u64> {
    let mut texts = BTreeMap::new();
    record::each(house, |entry| {
        let signal =
            entry.event.get("signal").or_else(|| entry.event.get("message")?.get("signal"));
        let Some(signal) = signal.filter(|signal| signal["kind"] == "gsm") else { return };
        let text = signal["text"].as_str().unwrap_or_default().to_owned();
        *texts.entry(text).or_default() += u64::from(entry.is_new);
    });
    texts
}

fn accounts(ledger: &mut Ledger, house: &House, inputs: &[String], metrics: &Metrics, seen: &Seen) {
    let counted = |name: &str, labels: &[(&str, &str)]| metrics.sum(name, labels);
    let stored = stored(house);
    ledger.balances("SMS that came", ALL, &[("stored", stored.len() as u64)]);
    let twice = stored.values().filter(|times| **times != 1).count() as u64;
    ledger.none("SMS that are not stored once", twice);
    let received = counted("vigie_gsm_received_total", &[]);
    let became = ["taken", "repeated", "unclaimed", "unreadable"]
        .map(|outcome| (outcome, inputs.iter().map(|input| metrics.became(input, outcome)).sum()));
    ledger.balances("SMS that Vigie read", received, &became);
    let attempts = counted("vigie_gsm_attempts_total", &[]);
    let became = ["sent", "failed", "refused", "unknown"]
        .map(|outcome| (outcome, counted("vigie_gsm_attempts_total", &[("outcome", outcome)])));
    ledger.balances("attempts to send", attempts, &became);
    let sent = counted("vigie_gsm_attempts_total", &[("outcome", "sent")]);
    let distinct = seen.people.len() as u64;
    ledger.balances("SMS owed", ALL, &[("left", distinct)]);
    let again = seen.people.values().sum::<u64>() - distinct;
    ledger.balances("SMS that Vigie sent", sent, &[("left", distinct), ("left again", again)]);
    let owed = counted("vigie_notifications_total", &[]);
    ledger.balances("notifications", owed, &[("left", distinct)]);
}

fn by_gammu() -> Result<Seen, String> {
    if !std::path::Path::new(field::GAMMU).exists() {
        return Err("apt-get install gammu-smsd".to_owned());
    }
    let modems = Modems::plugged_in(MODEMS);
    let places: Vec<_> = (0..MODEMS).map(|_| engine::folder()).collect();
    let mut programs: Vec<_> = places
        .iter()
        .enumerate()
        .map(|(modem, place)| field::gammu(place.path(), modems.device(modem)))
        .collect();
    // Each has read a first message: it works.
    (0..MODEMS).for_each(|modem| modems.deliver(modem, SENDER, vec!["the first".to_owned()]));
    until("gammu-smsd reads", || modems.on_sims() == 0);
    std::thread::sleep(AT_REST);
    let began = Instant::now();
    for (modem, place) in places.iter().enumerate() {
        modems.deliver(modem, SENDER, incoming(modem));
        for number in 0..EACH {
            let person = modem as u64 * u64::from(EACH) + u64::from(number);
            field::inject(place.path(), &phone(person), "HIGH Bench: Link down");
        }
    }
    let seen = follow(&modems, began, |_| {});
    for program in &mut programs {
        let _ = program.kill();
        let _ = program.wait();
    }
    Ok(seen)
}
