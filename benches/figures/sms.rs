//! Vigie's modem beside those of the field's SMS daemons: smsd of smstools and gammu-smsd, each on a simulated modem of
//! its own, at the same time. A message is stored when its slot on the SIM is free again; Vigie's is then on disk.
//!
//! The peers poll as fast as their files allow (`delaytime = 1`, `ReceiveFrequency=1`); as Debian ships them they take
//! ten to thirty seconds for a message.

use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::broadcast::Receiver;
use vigie::host::simulated_modem::{Control, SimulatedModem};
use vigie_gsm::simulator::{Fault, Profile, Sent};

use crate::daemon::{Daemon, House};
use crate::table::{Table, Wanted, median};
use crate::{engine, field, informs};

/// What takes longer is not waited for.
const LIMIT: Duration = Duration::from_secs(60);
/// How often is looked.
const LOOK: Duration = Duration::from_millis(5);
/// How long the network takes for each message that is sent.
const NETWORK: Duration = Duration::from_millis(500);
/// So long a modem is mute, or its port gone.
const AWAY: Duration = Duration::from_secs(20);
/// After a restart the program comes to rest, and a little longer each time.
const BETWEEN_RESTARTS: Duration = Duration::from_secs(3);
const PHASE: Duration = Duration::from_millis(230);
/// A person.
const MARIE: &str = "+33612345678";
/// So many are sent in a row.
const IN_A_ROW: u32 = 10;

/// One message for each trap, and nothing after it.
const TABLES: &str = "[escalations.once]\nacknowledge = \"none\"\nsteps = [{ notify = [\"person:marie\"] }]\n\
     [alarms.link]\nfrom = [\"snmp.network\"]\nmatch = { trap = \"IF-MIB::linkDown\" }\nmomentary = true\n\
     key = \"{ifIndex}\"\ntext = \"Link {ifIndex} down\"\npriority = \"high\"\nescalation = \"once\"\n";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Vigie,
    Smsd,
    Gammu,
}

impl Who {
    const ALL: [Self; 3] = [Self::Vigie, Self::Smsd, Self::Gammu];

    fn name(self) -> &'static str {
        match self {
            Self::Vigie => "Vigie",
            Self::Smsd => "smsd",
            Self::Gammu => "gammu-smsd",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::Vigie => env!("CARGO_BIN_EXE_vigie"),
            Self::Smsd => "/usr/sbin/smsd",
            Self::Gammu => field::GAMMU,
        }
    }
}

/// What is measured, in seconds; `None`: not within the limit.
const FIGURES: [&str; 7] = [
    "one message, until it is stored (median of ten)",
    "25 messages on a SIM of ten slots, until all are stored",
    "a message of eight parts on a SIM of five slots",
    "sending: time beyond the network's for each message",
    "stored after a restart that the modem did not tell (median of nine)",
    "stored after the modem was mute, from its first word",
    "stored after the port was gone, from its return",
];

pub(crate) fn measure(table: &mut Table) {
    let all: Vec<_> = Who::ALL.map(|who| (who, std::thread::spawn(move || figures(who)))).into();
    let mut seen = Vec::new();
    for (who, thread) in all {
        match thread.join().expect("a thread that ends") {
            Some(figures) => seen.push((who, figures)),
            None => table.skipped(who.name(), &format!("there is no {}", who.program())),
        }
    }
    for (turn, what) in FIGURES.into_iter().enumerate() {
        table.heading(&format!("Modem, seconds: {what}"));
        let of = |figures: &[Option<f64>; 7]| figures[turn].unwrap_or(LIMIT.as_secs_f64());
        let peers = seen.iter().filter(|(who, _)| *who != Who::Vigie).map(|(_, all)| of(all));
        let best = peers.fold(f64::INFINITY, f64::min);
        for (who, figures) in &seen {
            let wanted = match who {
                Who::Vigie if best.is_finite() => Wanted::AtMost(best),
                Who::Vigie | Who::Smsd | Who::Gammu => Wanted::Nothing,
            };
            let late = if figures[turn].is_none() { ", given up" } else { "" };
            table.row(&format!("{}{late}", who.name()), of(figures), wanted);
        }
    }
}

/// All figures of one program, if it is there.
fn figures(who: Who) -> Option<[Option<f64>; 7]> {
    Path::new(who.program()).exists().then(|| {
        [
            receives(who),
            Stand::with(who, 10).floods(25, "4711 OK"),
            Stand::with(who, 5).floods(1, &"un long message ".repeat(75)),
            Stand::with(who, 10).sends(),
            forgets(who),
            Stand::with(who, 10).after(&Fault::Mute(AWAY)),
            Stand::with(who, 10).after_its_port_was_gone(),
        ]
    })
}

fn receives(who: Who) -> Option<f64> {
    let stand = Stand::with(who, 10);
    let all: Vec<f64> = (0..10).map_while(|_| stand.floods(1, "4711 OK")).collect();
    (all.len() == 10).then(|| median(all))
}

/// The modem restarts and says nothing, each time at another moment between two looks of the program.
fn forgets(who: Who) -> Option<f64> {
    let stand = Stand::with(who, 10);
    let silent = Fault::Reset { silent: true };
    let all: Vec<f64> = (0..9)
        .map_while(|turn| {
            std::thread::sleep(BETWEEN_RESTARTS + PHASE * turn);
            stand.after(&silent)
        })
        .collect();
    (all.len() == 9).then(|| median(all))
}

/// A modem, and the program that has it.
struct Stand {
    who: Who,
    runtime: Runtime,
    control: Control,
    folder: TempDir,
    /// Where Vigie listens for traps.
    address: String,
    _running: Running,
    sent: Receiver<Sent>,
}

enum Running {
    Peer(Child),
    Vigie(
        #[expect(dead_code, reason = "it is held")] Daemon,
        #[expect(dead_code, reason = "it is held")] House,
    ),
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Peer(child) = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Stand {
    /// One that has received a first message, and has come to rest.
    fn with(who: Who, slots: u16) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread");
        let profile = Profile { slots, per_message: NETWORK, ..Profile::default() };
        let modem = runtime.block_on(async { SimulatedModem::open(profile) });
        let modem = modem.expect("a pseudo-terminal");
        let (control, device) = (modem.control(), modem.device().to_owned());
        let sent = control.sent();
        runtime.spawn(modem.run());
        let folder = engine::folder();
        let mut address = String::new();
        let running = match who {
            Who::Vigie => {
                let tables = format!("[gsm.modem]\ndevice = \"{}\"\n{TABLES}", device.display());
                let house = House::built(&tables);
                address.clone_from(&house.address);
                Running::Vigie(house.open(), house)
            }
            Who::Smsd => Running::Peer(smsd(folder.path(), &device)),
            Who::Gammu => Running::Peer(field::gammu(folder.path(), &device)),
        };
        let stand = Self { who, runtime, control, folder, address, _running: running, sent };
        stand.floods(1, "the first").expect("it receives at all");
        // What follows the first message of its life is over.
        std::thread::sleep(Duration::from_secs(3));
        stand
    }

    /// Messages come in at once: seconds until all are stored.
    fn floods(&self, many: u32, text: &str) -> Option<f64> {
        self.deliver(many, text);
        self.stored(Instant::now())
    }

    fn deliver(&self, many: u32, text: &str) {
        for number in 0..many {
            let text = if many == 1 { text.to_owned() } else { format!("{text} {number}") };
            let delivered = self.runtime.block_on(self.control.deliver("+33698765432", &text));
            delivered.expect("it runs").expect("it fits");
        }
    }

    /// Seconds from then until nothing stands on the SIM, or waits for room on it.
    fn stored(&self, began: Instant) -> Option<f64> {
        let waiting = || {
            let count = self.control.with(|modem, _| modem.slots_used() + modem.held());
            self.runtime.block_on(count).expect("it runs")
        };
        while waiting() > 0 {
            if began.elapsed() > LIMIT {
                return None;
            }
            std::thread::sleep(LOOK);
        }
        Some(began.elapsed().as_secs_f64())
    }

    /// Something goes wrong, and a message comes.
    fn after(&self, fault: &Fault) -> Option<f64> {
        let away = if let Fault::Mute(away) = *fault { away } else { Duration::ZERO };
        self.runtime.block_on(self.control.fail(fault.clone())).expect("it runs");
        std::thread::sleep(away);
        let began = Instant::now();
        self.deliver(1, "4711 OK");
        self.stored(began)
    }

    fn after_its_port_was_gone(self) -> Option<f64> {
        self.runtime.block_on(self.control.unplug()).expect("it runs");
        std::thread::sleep(AWAY);
        self.runtime.block_on(self.control.replug()).expect("a pseudo-terminal");
        let began = Instant::now();
        self.deliver(1, "4711 OK");
        self.stored(began)
    }

    /// Messages in a row: the seconds beyond the network's for each.
    fn sends(mut self) -> Option<f64> {
        match self.who {
            Who::Vigie => {
                let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
                for port in 1..=IN_A_ROW {
                    socket.send_to(&informs::trap(port), &self.address).expect("a loopback");
                }
            }
            Who::Smsd => {
                for number in 0..IN_A_ROW {
                    let text = format!("To: 33612345678\n\nLink {number} down\n");
                    // Written whole, and then put where it is looked for.
                    let (made, place) = (
                        self.folder.path().join("made"),
                        self.folder.path().join(format!("outgoing/{number}")),
                    );
                    std::fs::write(&made, text).expect("room for a file");
                    std::fs::rename(&made, place).expect("room for a file");
                }
            }
            Who::Gammu => {
                for number in 0..IN_A_ROW {
                    field::inject(self.folder.path(), MARIE, &format!("Link {number} down"));
                }
            }
        }
        let (runtime, sent) = (&self.runtime, &mut self.sent);
        let mut next = || {
            let next = async { tokio::time::timeout(LIMIT, sent.recv()).await };
            runtime.block_on(next).ok()?.ok().map(|_| Instant::now())
        };
        let first = next()?;
        let last = (1..IN_A_ROW).map(|_| next()).last()??;
        let each = (last - first).as_secs_f64() / f64::from(IN_A_ROW - 1);
        Some(each - NETWORK.as_secs_f64())
    }
}

fn smsd(folder: &Path, device: &Path) -> Child {
    let path = |name: &str| folder.join(name).display().to_string();
    let mut folders = String::new();
    for name in ["incoming", "outgoing", "checked", "failed", "sent", "report"] {
        std::fs::create_dir(folder.join(name)).expect("a folder");
        folders.push_str(&format!("{name} = {}\n", path(name)));
    }
    let text = format!(
        "devices = vigie\nlogfile = {}\npidfile = {}\ninfofile = {}\nstats = {}\n{folders}delaytime = 1\n\
         errorsleeptime = 1\nblocktime = 5\nautosplit = 3\n[vigie]\ndevice = {}\nincoming = yes\ninit = AT\n",
        path("log"),
        path("pid"),
        path("info"),
        path("report"),
        device.display(),
    );
    std::fs::write(folder.join("smsd.conf"), text).expect("room for a file");
    let mut command = Command::new(Who::Smsd.program());
    command.arg("-t").arg(format!("-c{}", path("smsd.conf")));
    field::begun(command, folder)
}
