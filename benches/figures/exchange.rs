//! Informs beside net-snmp's snmptrapd: how many a second are answered while so many are under way.
//!
//! What Vigie answers is on its disk; what snmptrapd answers is in a log file, which nobody syncs. The two take turns, and
//! the best round of each counts: the one that others disturbed least.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::daemon::House;
use crate::engine;
use crate::informs::Sender;
use crate::site;
use crate::snmptrapd::Snmptrapd;
use crate::table::{Table, Wanted};
use crate::traps::{DEFINITIONS, LINK_DOWN, LINK_DOWN_LOGGED, on_disk};

const INFORMS: u32 = 15_000;
const ROUNDS: usize = 3;
const UNDER_WAY: usize = 64;

/// What the rounds of one of the two gave.
#[derive(Clone, Copy)]
struct Seen {
    /// Answered a second.
    answered: f64,
    /// How many went more than once.
    repeated: u64,
}

impl Seen {
    fn of(took: Duration, repeated: u64) -> Self {
        Self { answered: f64::from(INFORMS) / took.as_secs_f64(), repeated }
    }

    /// With another round: the better rate, and all that went more than once.
    fn and(self, other: Self) -> Self {
        Self {
            answered: self.answered.max(other.answered),
            repeated: self.repeated + other.repeated,
        }
    }
}

pub(crate) fn measure(table: &mut Table) {
    table.heading(
        "Informs beside snmptrapd, 64 under way: on our disk, in its log file that nobody syncs",
    );
    let before = syncs_a_second();
    let (mut ours, mut peers) = (to_vigie(), to_peer());
    for _ in 1..ROUNDS {
        ours = ours.and(to_vigie());
        peers = peers.and_then(|seen| to_peer().map(|round| seen.and(round)));
    }
    // Where they are few, 64 informs under way are answered no oftener than 64 times for each.
    let slower = before.min(syncs_a_second());
    table.row("this disk: syncs a second, the lower of before and after", slower, Wanted::Nothing);
    table.row("Vigie: informs answered a second", ours.answered, Wanted::Nothing);
    table.row("Vigie: informs that went more than once", ours.repeated as f64, Wanted::AtMost(0.0));
    let peers = match peers {
        Ok(peers) => peers,
        Err(why) => return table.skipped("snmptrapd", &why),
    };
    table.row("snmptrapd: informs answered a second", peers.answered, Wanted::Nothing);
    let repeated = peers.repeated as f64;
    table.row("snmptrapd: informs that went more than once", repeated, Wanted::Nothing);
    let ratio = ours.answered / peers.answered;
    table.row("Vigie to snmptrapd: informs answered a second", ratio, Wanted::AtLeast(2.0));
}

fn to_vigie() -> Seen {
    let house = House::built(&site::definitions(DEFINITIONS, false));
    let daemon = house.open();
    let mut sender = Sender::to(&house.address);
    let took = sender.send(1, INFORMS, UNDER_WAY);
    let on_disk = on_disk(&house, daemon, LINK_DOWN);
    assert_eq!(on_disk, u64::from(INFORMS) + 1, "what was answered is on disk");
    Seen::of(took, sender.repeated)
}

fn to_peer() -> Result<Seen, String> {
    let peer = Snmptrapd::open()?;
    let mut sender = Sender::to(&peer.address);
    let took = sender.send(1, INFORMS, UNDER_WAY);
    assert!(peer.close(LINK_DOWN_LOGGED) > u64::from(INFORMS), "what was answered is in the log");
    Ok(Seen::of(took, sender.repeated))
}

/// How often a second this disk syncs a page that was written, while others use it as they do.
fn syncs_a_second() -> f64 {
    const LOOKED: Duration = Duration::from_secs(1);
    let folder = engine::folder();
    let mut file = std::fs::File::create(folder.path().join("page")).expect("room for a file");
    let (began, mut syncs) = (Instant::now(), 0_u32);
    while began.elapsed() < LOOKED {
        file.write_all(&[0; 4_096]).expect("room for a page");
        file.sync_data().expect("a disk that takes it");
        syncs += 1;
    }
    f64::from(syncs) / began.elapsed().as_secs_f64()
}
