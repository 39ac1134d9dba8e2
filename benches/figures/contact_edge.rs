//! From the edge of a dry contact to the first byte of `AT+CMGS` on the modem's wire: the whole road in the real daemon, beside
//! a bare program that polls the same board and writes `AT+CMGS` at once, which decides nothing and records nothing: the floor.
//!
//! The board is a Modbus TCP server in this process; the edge is the instant at which its coil changes. Both poll every
//! 20 ms, without debounce, at a phase that the edges do not know: half a period is the floor's own. What a site adds, its
//! `poll` (500 ms by default) and its `debounce`, adds to both alike and is not measured.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::daemon::House;
use crate::latency::{at, commits, quiet, sorted, until};
use crate::modem::Line;
use crate::table::{Table, Wanted};

/// So many edges, one after the other.
const EDGES: u32 = 300;
/// How often the board is asked.
const POLL: Duration = Duration::from_millis(20);
/// The wire is idle when it was silent for so long.
const QUIET: Duration = Duration::from_millis(80);

/// One message for each alarm of the door, and nothing after it.
const TABLES: &str = "[contacts.cabinet.lines.door]\nline = 0\nread = \"coil\"\nnormally = \"open\"\ndebounce = \"0s\"\n\
     chatter = { changes = 1000, window = \"1s\", quiet = \"1s\" }\n\
     [escalations.once]\nacknowledge = \"none\"\nsteps = [{ notify = [\"person:marie\"] }]\n\
     [alarms.door]\nfrom = [\"contacts.cabinet\"]\nactive = \"alarm\"\nmomentary = true\n\
     text = \"Door open\"\npriority = \"high\"\nescalation = \"once\"\n";

pub(crate) fn measure(table: &mut Table) {
    let commit = at(&sorted(commits()), 0.5);
    let vigie = sorted(by_vigie());
    let bare = sorted(by_a_bare_program());
    table.heading("From a contact's edge to the first byte of AT+CMGS, board polled every 20 ms, milliseconds");
    table.row("one commit of one entry, median", commit, Wanted::Nothing);
    for (who, seen) in [("Vigie", &vigie), ("a bare program", &bare)] {
        table.row(&format!("{who}, median"), at(seen, 0.5), Wanted::Nothing);
        table.row(&format!("{who}, p99"), at(seen, 0.99), Wanted::Nothing);
    }
    let ratio = |share: f64| at(&vigie, share) / at(&bare, share);
    table.row("Vigie to the bare program, medians", ratio(0.5), Wanted::Nothing);
    table.row("Vigie to the bare program, p99", ratio(0.99), Wanted::AtMost(2.0));
    let beyond = at(&vigie, 0.5) - at(&bare, 0.5) - commit;
    table.row("Vigie's median beyond the bare one's and a commit", beyond, Wanted::AtMost(5.0));
}

fn by_vigie() -> Vec<f64> {
    let (line, board) = (Line::plugged_in(), Board::wired());
    let milliseconds = POLL.as_millis();
    let table = format!(
        "[contacts.cabinet]\nmodbus = \"tcp://127.0.0.1:{}\"\npoll = \"{milliseconds}ms\"\n",
        board.port
    );
    let house = House::built(&format!("{}{table}{TABLES}", line.table()));
    let daemon = house.open();
    // What follows the modem's first words is over; later it is asked now and then how it is.
    std::thread::sleep(Duration::from_secs(3));
    let mut sent = 0;
    let times = edges(&line, &board, |line, called| {
        sent += 1;
        if called < sent {
            until(line, |heard| heard.sent == sent);
        }
    });
    drop(daemon);
    times
}

/// Polls, and writes the command as soon as the contact is closed.
fn by_a_bare_program() -> Vec<f64> {
    let (line, board) = (Line::plugged_in(), Board::wired());
    let mut modem =
        std::fs::File::options().write(true).open(&line.device).expect("the modem's port");
    let mut also = modem.try_clone().expect("a descriptor");
    let mut connection = TcpStream::connect(("127.0.0.1", board.port)).expect("the board");
    connection.set_nodelay(true).expect("a socket");
    std::thread::spawn(move || {
        let (mut was, mut answer) = (false, [0; 10]);
        loop {
            // Read one coil, the first (function 1).
            let asked = connection.write_all(&[0, 1, 0, 0, 0, 6, 1, 1, 0, 0, 0, 1]);
            if asked.is_err() || connection.read_exact(&mut answer).is_err() {
                return;
            }
            let is = answer[9] & 1 == 1;
            if is && !was && modem.write_all(b"AT+CMGS=23\r").is_err() {
                return;
            }
            was = is;
            std::thread::sleep(POLL);
        }
    });
    // Escape: the modem's prompt is left again.
    edges(&line, &board, |_, _| also.write_all(b"\x1b").expect("a port that takes it"))
}

/// Closes the contact, one time after the other, each when all is quiet; how many seconds it took each time.
fn edges(line: &Line, board: &Board, mut called: impl FnMut(&Line, usize)) -> Vec<f64> {
    quiet(line, QUIET);
    let once = |edge: u32| {
        // Never at the same phase of the polls twice.
        std::thread::sleep(Duration::from_micros(u64::from(edge.wrapping_mul(7_919) % 20_000)));
        let began = Instant::now();
        board.closed.store(true, Ordering::SeqCst);
        let heard = until(line, |heard| heard.bytes.windows(7).any(|word| word == b"AT+CMGS"));
        called(line, heard.sent);
        board.closed.store(false, Ordering::SeqCst);
        quiet(line, QUIET);
        (heard.at - began).as_secs_f64()
    };
    (0..EDGES).map(once).collect()
}

/// A board with one input; its threads end with the bench.
struct Board {
    port: u16,
    closed: Arc<AtomicBool>,
}

impl Board {
    fn wired() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let closed = Arc::new(AtomicBool::new(false));
        let contact = Arc::clone(&closed);
        std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let contact = Arc::clone(&contact);
                std::thread::spawn(move || answer(stream, &contact));
            }
        });
        Self { port, closed }
    }
}

fn answer(mut stream: TcpStream, contact: &AtomicBool) {
    stream.set_nodelay(true).expect("a socket");
    let mut asked = [0; 12];
    while stream.read_exact(&mut asked).is_ok() {
        let bit = u8::from(contact.load(Ordering::SeqCst));
        let answer = [asked[0], asked[1], 0, 0, 0, 4, asked[6], asked[7], 1, bit];
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}
