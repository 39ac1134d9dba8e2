//! From a trap's datagram to the first byte of `AT+CMGS` on the modem's wire, on an idle system:
//! the whole road in the real daemon, beside the time of one commit on the same disk in the same run.
//!
//! `cargo bench --bench latency` prints both and their difference: Vigie's own time.

#![expect(
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a bench prints, measures with its own clock, births its own tasks and stops at the first surprise"
)]

use std::io::{Read, Write};
use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::pty::{OpenptyResult, openpty};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use vigie::config;
use vigie::host::service::Wish;
use vigie::journal::{Batch, Journal, NewEntry};
use vigie::watch::time::Moment;
use vigie_gsm::simulator::{Modem, Profile};

/// So many traps, one after the other.
const TRAPS: usize = 400;
const LINK_DOWN: &str = include_str!("../fixtures/snmp/v2c-link-down.hex");

fn main() {
    let folder =
        tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a real disk");
    let commits = commits(&folder.path().join("commits.db"));
    let OpenptyResult { master, slave } = openpty(None, None).expect("a pseudo-terminal");
    let mut raw = tcgetattr(slave.as_fd()).expect("a terminal");
    cfmakeraw(&mut raw);
    tcsetattr(slave.as_fd(), SetArg::TCSANOW, &raw).expect("a raw terminal");
    let device = nix::unistd::ttyname(slave.as_fd()).expect("a name");
    let port = UdpSocket::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port")
        .port();
    let file = folder.path().join("vigie.toml");
    std::fs::write(&file, configuration(folder.path(), &device, port)).expect("a configuration");
    let settings = config::read(&file).settings.expect("a sound configuration");
    let (wish, wishes) = tokio::sync::mpsc::channel(1);
    let daemon = std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.expect("a runtime").block_on(vigie::daemon::life(settings, file, wishes))
    });
    let road = traps(master.into(), port);
    wish.blocking_send(Wish::Close).expect("a daemon that lives");
    drop(slave);
    daemon.join().expect("a daemon that ends").expect("a daemon that ends well");
    report(commits, road);
}

fn report(mut commits: Vec<Duration>, mut road: Vec<Duration>) {
    commits.sort();
    road.sort();
    println!("{:<36} {:>9} {:>9} {:>9}", "milliseconds", "median", "p99", "most");
    let line = |name: &str, times: &[Duration]| {
        let at =
            |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
        println!("{name:<36} {:>9.3} {:>9.3} {:>9.3}", at(0.5), at(0.99), at(1.0));
    };
    line("one commit of one entry", &commits);
    line("datagram to first byte of AT+CMGS", &road);
    let median = |times: &[Duration]| times[times.len() / 2].as_secs_f64() * 1_000.0;
    println!("{:<36} {:>9.3}", "Vigie's own time (median)", median(&road) - median(&commits));
}

/// How long one commit takes on this disk.
fn commits(path: &Path) -> Vec<Duration> {
    let (journal, recovered) = Journal::open(path).expect("a new journal");
    drop(recovered);
    let body = format!("{{\"filler\":\"{}\"}}", "x".repeat(1_200)).into_bytes();
    let one = || {
        let entry = NewEntry {
            moment: Moment::default(),
            kind: "bench",
            body: body.clone(),
            distress: false,
        };
        let began = Instant::now();
        journal
            .commit_blocking(Batch { entries: vec![entry], rows: Vec::new() })
            .expect("a disk that takes it");
        let took = began.elapsed();
        std::thread::sleep(Duration::from_millis(5));
        took
    };
    (0..TRAPS).map(|_| one()).collect()
}

/// Plays the modem on the master's side, and sends one trap after the other.
fn traps(mut master: std::fs::File, port: u16) -> Vec<Duration> {
    nix::fcntl::fcntl(&master, nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK))
        .expect("a terminal");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let origin = Instant::now();
    let mut modem = Modem::new(Profile::instant(), Duration::ZERO);
    let (mut times, mut sent, mut number, mut quiet): (_, Option<Instant>, u32, _) =
        (Vec::new(), None, 0, origin);
    while times.len() < TRAPS {
        let mut buffer = [0; 1_024];
        let now = Instant::now();
        assert!(
            now - quiet < Duration::from_secs(30),
            "nothing happens: {} traps so far",
            times.len()
        );
        match master.read(&mut buffer) {
            Ok(count) if count > 0 => {
                quiet = now;
                if let Some(began) =
                    sent.filter(|_| buffer[..count].windows(7).any(|word| word == b"AT+CMGS"))
                {
                    times.push(now - began);
                    sent = None;
                }
                modem.receive(&buffer[..count], now - origin);
            }
            _ => std::thread::sleep(Duration::from_micros(50)),
        }
        modem.elapse(now - origin);
        if let Some(answer) = modem.transmit() {
            master.write_all(&answer).expect("a terminal that takes it");
        }
        // Idle again: the last message is out, and nothing has been said for a while.
        let idle = modem.sent().len() == times.len() && now - quiet > Duration::from_millis(120);
        if sent.is_none() && idle && now - origin > Duration::from_secs(3) {
            number += 1;
            quiet = Instant::now();
            sent = Some(quiet);
            socket.send_to(&trap(number), ("127.0.0.1", port)).expect("a loopback");
        }
    }
    times
}

/// The captured linkDown, of another interface each time: of 256 at most, so the alarm is momentary.
fn trap(number: u32) -> Vec<u8> {
    let digits: Vec<u32> = LINK_DOWN.chars().filter_map(|letter| letter.to_digit(16)).collect();
    let mut bytes: Vec<u8> = digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect();
    let at =
        bytes.windows(4).position(|four| four == [0x02, 0x01, 0x07, 0x30]).expect("ifIndex.7 = 7");
    bytes[at + 2] = (number % 120) as u8;
    bytes
}

fn configuration(folder: &Path, device: &Path, port: u16) -> String {
    let (folder, device) = (folder.display(), device.display());
    format!(
        "[site]\nname = \"Bench\"\ntime-zone = \"UTC\"\nlast-resort = \"all\"\ncode-digits = 6\n\
         [store]\npath = \"{folder}/vigie.db\"\n[control]\nsocket = \"{folder}/vigie.sock\"\n\
         [people.marie]\nphone = \"+33612345678\"\n\
         [escalations.all]\nacknowledge = \"none\"\nsteps = [{{ notify = [\"person:marie\"] }}]\n\
         [gsm.modem]\ndevice = \"{device}\"\n[snmp.network]\nlisten = [\"127.0.0.1:{port}\"]\n\
         [alarms.link]\nfrom = [\"snmp.network\"]\nmatch = {{ trap = \"IF-MIB::linkDown\" }}\nmomentary = true\n\
         key = \"{{ifIndex}}\"\ntext = \"Link {{ifIndex}} down\"\npriority = \"high\"\nescalation = \"all\"\n"
    )
    .replace("last-resort = \"all\"\n", "")
}
