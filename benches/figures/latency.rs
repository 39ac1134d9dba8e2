//! From a trap's datagram to the first byte of `AT+CMGS` on the modem's wire, on an idle system: the
//! whole road in the real daemon, beside the time of one commit on the same disk in the same run.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use vigie::journal::{Batch, NewEntry};
use vigie::watch::time::Moment;

use crate::daemon::House;
use crate::modem::{Heard, Line};
use crate::table::{Table, Wanted};
use crate::{engine, informs};

/// So many traps, one after the other.
const TRAPS: u32 = 400;
/// The wire is idle when it was silent for so long.
const QUIET: Duration = Duration::from_millis(80);
/// Nothing takes so long.
const LIMIT: Duration = Duration::from_secs(30);

/// One message for each trap, and nothing after it.
const TABLES: &str = "[escalations.once]\nacknowledge = \"none\"\nsteps = [{ notify = [\"person:marie\"] }]\n\
     [alarms.link]\nfrom = [\"snmp.network\"]\nmatch = { trap = \"IF-MIB::linkDown\" }\nmomentary = true\n\
     key = \"{ifIndex}\"\ntext = \"Link {ifIndex} down\"\npriority = \"high\"\nescalation = \"once\"\n";

pub(crate) fn measure(table: &mut Table) {
    let commits = sorted(commits());
    let line = Line::plugged_in();
    let house = House::built(&format!("{}{TABLES}", line.table()));
    let daemon = house.open();
    let road = sorted(traps(&line, &house.address));
    drop(daemon);
    table.heading("On an idle system, milliseconds");
    let commit = at(&commits, 0.5);
    table.row("one commit of one entry, median", commit, Wanted::Nothing);
    table.row("one commit of one entry, p99", at(&commits, 0.99), Wanted::Nothing);
    table.row("datagram to first byte of AT+CMGS, median", at(&road, 0.5), Wanted::Nothing);
    table.row("datagram to first byte of AT+CMGS, p99", at(&road, 0.99), Wanted::Nothing);
    table.row("the latter beyond the median commit", at(&road, 0.99) - commit, Wanted::AtMost(5.0));
}

/// The milliseconds within which that share of them lies; in order.
pub(crate) fn at(times: &[f64], share: f64) -> f64 {
    times[((times.len() - 1) as f64 * share) as usize] * 1_000.0
}

pub(crate) fn sorted(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times
}

/// How many seconds one commit takes on this disk, each time.
pub(crate) fn commits() -> Vec<f64> {
    let folder = engine::folder();
    let (journal, recovered) = engine::journal(&folder.path().join("commits.db"));
    drop(recovered);
    let body = format!("{{\"filler\":\"{}\"}}", "x".repeat(1_200)).into_bytes();
    let one = || {
        let moment = Moment::default();
        let entry = NewEntry { moment, kind: "bench", body: body.clone(), distress: false };
        let batch = Batch { entries: vec![entry], rows: Vec::new() };
        let began = Instant::now();
        journal.commit_blocking(batch).expect("a disk that takes it");
        let took = began.elapsed().as_secs_f64();
        std::thread::sleep(Duration::from_millis(5));
        took
    };
    (0..TRAPS).map(|_| one()).collect()
}

/// Sends one trap after the other, each when all is quiet.
fn traps(line: &Line, address: &str) -> Vec<f64> {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    quiet(line, Duration::from_secs(3));
    let mut times = Vec::new();
    for port in 0..TRAPS {
        let began = Instant::now();
        // The alarm is momentary: the same port may come again.
        socket.send_to(&informs::trap(1 + port % 100), address).expect("a loopback");
        let called = until(line, |heard| heard.bytes.windows(7).any(|word| word == b"AT+CMGS"));
        times.push((called.at - began).as_secs_f64());
        if called.sent < times.len() {
            until(line, |heard| heard.sent == times.len());
        }
        quiet(line, QUIET);
    }
    times
}

pub(crate) fn until(line: &Line, so: impl Fn(&Heard) -> bool) -> Heard {
    loop {
        let heard = line.heard.recv_timeout(LIMIT).expect("a daemon that calls");
        if so(&heard) {
            return heard;
        }
    }
}

/// Nothing is heard for so long.
pub(crate) fn quiet(line: &Line, long: Duration) {
    while line.heard.recv_timeout(long).is_ok() {}
}
