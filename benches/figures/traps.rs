//! The trap receiver beside net-snmp's snmptrapd, with the same traps and the same receive buffer: how many a second none of
//! which is lost, and what each costs.
//!
//! A device that says little while another floods is heard by the one, and hardly by the other.
//!
//! What counts for Vigie is in its journal when it has ended; for snmptrapd a record in its log file, which nobody syncs.
//! Each rate is offered for a few seconds to a program that has just started. A rate counts as free of loss if nothing was
//! lost at it once in two tries; the first at which both lose ends the ladder.

use std::io::Write;
use std::net::UdpSocket;
use std::time::Duration;

use vigie::journal::Reader;

use crate::daemon::{Daemon, House};
use crate::informs::{self, Sender};
use crate::sealed;
use crate::site;
use crate::snmptrapd::Snmptrapd;
use crate::storm::Storm;
use crate::table::{Table, Wanted};

/// How long a rate is offered.
const OFFERED: f64 = 3.0;
/// The rate at which costs are compared: neither loses anything.
const CALM: f64 = 8_000.0;
/// The lowest rate that is tried, and by how much it rises.
const LOWEST: f64 = 8_000.0;
const STEP: f64 = 1.25;
const STEPS: i32 = 14;
/// The interfaces that go down: as many alarms, and what comes after is their repetition.
const INTERFACES: u32 = 10_000;
/// Who is looked at by 1,000 definitions.
pub(crate) const DEFINITIONS: usize = 1_000;
/// Nothing more has come for so long: nothing will.
const QUIET: Duration = Duration::from_millis(400);
/// What stands in the entry of each trap, and in each record of a log.
pub(crate) const LINK_DOWN: &str = "\"1.3.6.1.6.3.1.1.5.3\"";
pub(crate) const LINK_DOWN_LOGGED: &str = ".1.3.6.1.6.3.1.1.5.3";
/// So many traps a second, and so many in all, are a flood.
const FLOOD: f64 = 50_000.0;
const FLOODED: u32 = 150_000;
/// A device that has little to say meanwhile, how often it says it, and how far apart.
const QUIET_DEVICE: &str = "127.0.0.9";
const SAID: u32 = 100;
const APART: Duration = Duration::from_millis(20);

/// What one rate gave.
#[derive(Clone, Copy)]
struct Seen {
    /// Offered a second, in truth.
    rate: f64,
    lost: u64,
    /// What the kernel granted.
    buffer: u64,
    /// Processor seconds for 100,000.
    cost: f64,
}

#[derive(Clone, Copy)]
enum Who {
    Vigie,
    /// By SNMPv3, SHA-256 and AES-128.
    VigieSealed,
    Snmptrapd,
}

/// What one of the two gave.
struct Figures {
    calm: Seen,
    most: Seen,
    /// How many of the quiet device's traps were lost.
    lost: u64,
}

pub(crate) fn measure(table: &mut Table) {
    table.heading(
        "Traps beside snmptrapd, which writes a log file and syncs nothing; the same receive buffer",
    );
    let ours = figures(Who::Vigie).expect("our own");
    let peers = figures(Who::Snmptrapd);
    told(table, "Vigie", &ours, Wanted::AtMost(0.0));
    let sealed = ladder(Who::VigieSealed);
    let row = "Vigie: encrypted traps (SHA-256, AES-128) a second, none lost";
    table.row(row, sealed.rate, Wanted::AtLeast(ours.most.rate / 2.0));
    table.row("Vigie: processor seconds for 100,000 of these", sealed.cost, Wanted::Nothing);
    let peers = match peers {
        Ok(peers) => peers,
        Err(why) => return table.skipped("snmptrapd", &why),
    };
    told(table, "snmptrapd", &peers, Wanted::Nothing);
    assert_eq!(peers.calm.buffer, ours.calm.buffer, "the same receive buffer");
    for (what, ours, peers, wanted) in [
        ("traps a second, none lost", ours.most.rate, peers.most.rate, Wanted::AtLeast(2.5)),
        ("processor time, each at its rate", ours.most.cost, peers.most.cost, Wanted::AtMost(1.0)),
        ("processor time at 8,000 a second", ours.calm.cost, peers.calm.cost, Wanted::AtMost(1.0)),
    ] {
        table.row(&format!("Vigie to snmptrapd: {what}"), ours / peers, wanted);
    }
}

fn figures(who: Who) -> Result<Figures, String> {
    let calm = offer(who, CALM)?;
    let most = ladder(who);
    let lost = match who {
        Who::Vigie | Who::VigieSealed => lost_by_vigie(),
        Who::Snmptrapd => lost_by_peer(),
    };
    Ok(Figures { calm, most, lost })
}

fn told(table: &mut Table, who: &str, figures: &Figures, none: Wanted) {
    let Figures { calm, most, lost } = figures;
    let mut row = |what: &str, seen, wanted| table.row(&format!("{who}: {what}"), seen, wanted);
    row("traps a second, none lost", most.rate, Wanted::Nothing);
    row("processor seconds for 100,000 of these", most.cost, Wanted::Nothing);
    row("the same at 8,000 a second", calm.cost, Wanted::Nothing);
    row("of 100 traps of a quiet device, lost to another's flood", *lost as f64, none);
}

/// The highest rate at which nothing is lost.
fn ladder(who: Who) -> Seen {
    let mut best = Seen { rate: 0.0, lost: 0, buffer: 0, cost: f64::NAN };
    for step in 0..STEPS {
        let rate = LOWEST * STEP.powi(step);
        let free = |seen: &Seen| seen.lost == 0;
        let once = offer(who, rate).ok().filter(free);
        let Some(seen) = once.or_else(|| offer(who, rate).ok().filter(free)) else { break };
        // Beyond what this machine can offer, nothing is learnt.
        if seen.rate < best.rate * 1.05 {
            break;
        }
        best = seen;
    }
    best
}

fn offer(who: Who, rate: f64) -> Result<Seen, String> {
    let many = (rate * OFFERED) as u32;
    match who {
        Who::Vigie => Ok(to_vigie(&Storm::brewed(many, INTERFACES), "", many, rate)),
        Who::VigieSealed => {
            Ok(to_vigie(&Storm::sealed(many, INTERFACES), sealed::USER, many, rate))
        }
        Who::Snmptrapd => to_peer(&Storm::brewed(many, INTERFACES), many, rate),
    }
}

fn to_vigie(storm: &Storm, users: &str, many: u32, rate: f64) -> Seen {
    let house = House::built(&format!("{users}{}", site::definitions(DEFINITIONS, false)));
    let daemon = house.open();
    Sender::to(&house.address);
    let buffer = house.counters()["receive_buffer"];
    let before = daemon.program.processor();
    let rate = storm.send(&house.address, rate);
    // Asking costs processor time too: it is little, and Vigie's.
    let settled = settled(|| {
        let counters = house.counters();
        counters.get("traps").copied().unwrap_or(0) + counters.get("limited").copied().unwrap_or(0)
    });
    let used = daemon.program.processor().saturating_sub(before);
    assert!(settled <= u64::from(many), "more traps than were sent");
    Seen {
        rate,
        buffer,
        lost: u64::from(many + 1).saturating_sub(on_disk(&house, daemon, LINK_DOWN)),
        cost: cost(used, many),
    }
}

fn to_peer(storm: &Storm, many: u32, rate: f64) -> Result<Seen, String> {
    let peer = Snmptrapd::open()?;
    let before = peer.program.processor();
    let rate = storm.send(&peer.address, rate);
    settled(|| peer.logged());
    let used = peer.program.processor().saturating_sub(before);
    let (buffer, cost) = (peer.buffer as u64, cost(used, many));
    let lost = u64::from(many + 1).saturating_sub(peer.close(LINK_DOWN_LOGGED));
    Ok(Seen { rate, buffer, lost, cost })
}

fn cost(used: Duration, many: u32) -> f64 {
    used.as_secs_f64() / (f64::from(many) / 100_000.0)
}

/// Waits until a count does not grow any more.
fn settled(count: impl Fn() -> u64) -> u64 {
    let mut last = count();
    loop {
        std::thread::sleep(QUIET);
        let now = count();
        if now == last {
            return now;
        }
        last = now;
    }
}

/// Ends the daemon, and counts the entries of its journal in which this stands.
pub(crate) fn on_disk(house: &House, daemon: Daemon, wanted: &str) -> u64 {
    daemon.close();
    let mut found = Found { wanted: wanted.to_owned(), many: 0 };
    let reader = Reader::open(&house.store()).expect("the journal");
    reader.export(1, &mut found).expect("the journal");
    found.many
}

/// Counts entries; each comes whole.
struct Found {
    wanted: String,
    many: u64,
}

impl Write for Found {
    fn write(&mut self, entry: &[u8]) -> std::io::Result<usize> {
        let found = str::from_utf8(entry).is_ok_and(|entry| entry.contains(&self.wanted));
        self.many += u64::from(found);
        Ok(entry.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A flood, and a device that says something now and then.
fn flood(to: &str) {
    let storm = Storm::brewed(FLOODED, INTERFACES);
    std::thread::scope(|threads| {
        threads.spawn(|| storm.send(to, FLOOD));
        let socket = UdpSocket::bind((QUIET_DEVICE, 0)).expect("a socket");
        for said in 0..SAID {
            socket.send_to(&informs::trap(2 * INTERFACES + said), to).expect("a loopback");
            std::thread::sleep(APART);
        }
    });
}

/// How many of the quiet device's traps were lost to a flood.
fn lost_by_vigie() -> u64 {
    let house = House::built(&site::definitions(DEFINITIONS, false));
    let daemon = house.open();
    Sender::to(&house.address);
    flood(&house.address);
    settled(|| house.counters().get("traps").copied().unwrap_or(0));
    let source = format!("\"source\":\"{QUIET_DEVICE}\"");
    u64::from(SAID).saturating_sub(on_disk(&house, daemon, &source))
}

fn lost_by_peer() -> u64 {
    let peer = Snmptrapd::open().expect("it was there before");
    flood(&peer.address);
    settled(|| peer.logged());
    u64::from(SAID).saturating_sub(peer.close(&format!("[{QUIET_DEVICE}]")))
}
