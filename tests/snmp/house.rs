//! A receiver with the rest of the house played by the test: letters are taken from the inbox, and
//! receipts given or withheld by hand.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use vigie::adapters::snmp::{self, InForce};
use vigie::config::SnmpSettings;
use vigie::health::{Ended, Reading, pulse};
use vigie::host::clock::Clock;
use vigie::inbox::{Closing, Letter, Receipt, inbox};
use vigie::watch::Watch;
use vigie::watch::event::Happening;
use vigie::watch::name::InputName;
use vigie::watch::own_alarms::SelfSignal;
use vigie::watch::signal::{Kind, Signal};
use vigie::watch::state::State;
use vigie_snmp::names::Names;
use vigie_snmp::usm::User;

pub(crate) use crate::waiting::{soon, until};

/// Nothing that is waited for takes so long, on however slow a machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A site of which nothing is said but where it is.
pub(crate) const SITE: &str = "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n";

pub(crate) struct House {
    pub(crate) letters: mpsc::Receiver<Letter>,
    pub(crate) reading: Reading,
    pub(crate) closing: watch::Sender<bool>,
    /// What traps are called.
    pub(crate) names: watch::Sender<Arc<Names>>,
    /// Whom it believes.
    pub(crate) users: watch::Sender<Arc<[User]>>,
    life: JoinSet<Ended>,
}

/// A receiver that listens on these addresses, and takes what comes from these sources with these
/// communities.
pub(crate) fn settings(listen: &[&str], sources: &[&str], communities: &[&str]) -> SnmpSettings {
    SnmpSettings {
        name: InputName::new("snmp.network"),
        listen: listen.iter().map(|at| at.parse().unwrap()).collect(),
        communities: communities.iter().map(|community| community.as_bytes().to_vec()).collect(),
        sources: sources.iter().map(|network| network.parse().unwrap()).collect(),
        versions: Vec::new(),
        users: Vec::new(),
        engine: None,
        heartbeats: Vec::new(),
        proxies: Vec::new(),
    }
}

/// A watch that remembers nothing.
pub(crate) fn nothing_stands() -> Watch {
    watch_of(State::default())
}

/// A watch that remembers this.
pub(crate) fn watch_of(state: State) -> Watch {
    let reading = vigie::config::read_str(&[("vigie.toml", SITE)]);
    Watch::resume(Arc::new(reading.settings.expect("it is a site").site), state)
}

impl House {
    /// Brings the receiver to life, without waiting for anything.
    pub(crate) fn birth(settings: SnmpSettings) -> Self {
        let clock = Clock::new();
        let (door, letters) = inbox();
        let (pulse, reading) =
            pulse(settings.name.clone(), Kind::Snmp, Vec::new(), clock.now().utc);
        let (closing, closes) = watch::channel(false);
        let (names, called) = watch::channel(Arc::new(Names::built_in()));
        let believed = snmp::users(&settings.users).expect("every passphrase is to be had");
        let (users, believed) = watch::channel(Arc::from(believed));
        let mut life = JoinSet::new();
        life.spawn(snmp::run(
            Arc::new(settings),
            InForce { names: called, users: believed },
            door,
            Arc::new(pulse),
            clock,
            Closing::new(closes),
        ));
        Self { letters, reading, closing, names, users, life }
    }

    /// A receiver that works.
    pub(crate) async fn open(settings: SnmpSettings) -> Self {
        let mut house = Self::birth(settings);
        // It asks for what stands before.
        let own = house.own().await;
        assert!(!own.active, "the receiver says that it works: {own:?}");
        house
    }

    /// A receiver on IPv4 loop-back that takes everything.
    pub(crate) async fn plain() -> Self {
        Self::open(settings(&["127.0.0.1:0"], &[], &[])).await
    }

    /// Where it listens, in the order of its settings.
    pub(crate) fn at(&self, place: usize) -> SocketAddr {
        self.reading.now().at[place].parse().unwrap()
    }

    /// What it has counted, but for the size of its buffer and for what waits right now.
    pub(crate) fn counters(&self) -> BTreeMap<&'static str, u64> {
        let mut counters = self.reading.now().counters;
        counters.remove("receive_buffer");
        counters.remove("waiting");
        counters
    }

    pub(crate) fn counter(&self, name: &str) -> u64 {
        self.counters().get(name).copied().unwrap_or(0)
    }

    pub(crate) async fn happening(&mut self) -> (Happening, Receipt) {
        loop {
            let letter = soon("a letter", self.letters.recv()).await;
            match letter.expect("the receiver lives") {
                Letter::Event { happening, receipt, .. } => return (happening, receipt),
                // What stood before: nothing.
                Letter::Question(question) => question(&nothing_stands()),
                Letter::Proof(_) | Letter::Site(..) => panic!("a receiver changes no files"),
            }
        }
    }

    /// The next letter, which is a signal.
    pub(crate) async fn signal(&mut self) -> (Signal, Receipt) {
        match self.happening().await {
            (Happening::Signal(signal), receipt) => (signal, receipt),
            (other, _) => panic!("a signal was expected: {other:?}"),
        }
    }

    /// The next letter, which is about the receiver itself.
    pub(crate) async fn own(&mut self) -> SelfSignal {
        match self.happening().await {
            (Happening::Own(own), _) => own,
            (other, _) => panic!("a word of the receiver on itself was expected: {other:?}"),
        }
    }

    /// Why it ended.
    pub(crate) async fn end(&mut self) -> Ended {
        soon("the end of the receiver", self.life.join_next())
            .await
            .unwrap()
            .expect("it does not panic")
    }
}

/// Where net-snmp keeps the boots of its engine: a folder for each test, since its programs write it without regard for each other.
fn persistent() -> std::path::PathBuf {
    let thread = std::thread::current();
    let test: String = thread.name().unwrap_or("a test").replace(':', "-");
    std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(test)
}

/// net-snmp's `program`, sending to an address.
pub(crate) fn net_snmp(program: &str, options: &[&str], to: SocketAddr, what: &[&str]) -> Child {
    let transport = if to.is_ipv4() { "udp" } else { "udp6" };
    Command::new(program)
        .args(options)
        .arg(format!("{transport}:{to}"))
        .args(what)
        .env("MIBS", "")
        .env("SNMPCONFPATH", env!("CARGO_TARGET_TMPDIR"))
        .env("SNMP_PERSISTENT_DIR", persistent())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("this test needs the program {program} (Debian package `snmp`): {error}")
        })
}

/// The exit code of a program, once it has ended.
pub(crate) async fn exit_code(mut child: Child) -> Option<i32> {
    let mut status = None;
    soon("the end of a program of net-snmp", async {
        while status.is_none() {
            status = child.try_wait().expect("our own child can be waited for");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    status.and_then(|status| status.code())
}

/// The octets of a file in fixtures/snmp.
pub(crate) fn captured(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/snmp/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// A sender of raw octets, which hears only whom it sends to.
pub(crate) fn sender(from: &str, to: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind(from).unwrap();
    socket.connect(to).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

/// What a sender hears, once it hears something.
pub(crate) async fn heard(socket: &UdpSocket) -> Vec<u8> {
    let mut octets = vec![0; 65_536];
    let mut length = None;
    soon("an answer", async {
        while length.is_none() {
            length = socket.recv(&mut octets).ok();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
    octets.truncate(length.unwrap());
    octets
}

/// An element of BER.
pub(crate) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
    [&[tag, 0x84], &length[..], contents].concat()
}

/// An inform (0xa6) or a trap (0xa7) of v2c with `coldStart` and an octet string of that length.
pub(crate) fn message(pdu: u8, length: usize) -> Vec<u8> {
    let varbind = |oid: &[u8], value: Vec<u8>| element(0x30, &[element(6, oid), value].concat());
    let varbinds = [
        varbind(&[0x2b, 6, 1, 2, 1, 1, 3, 0], element(0x43, &[1])),
        varbind(&[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0], element(6, &[0x2b, 6, 1, 6, 3, 1, 1, 5, 1])),
        varbind(&[0x2b, 6, 1, 4, 1, 1], element(4, &vec![b'A'; length])),
    ];
    let parts =
        [element(2, &[7]), element(2, &[0]), element(2, &[0]), element(0x30, &varbinds.concat())];
    element(
        0x30,
        &[element(2, &[1]), element(4, b"public"), element(pdu, &parts.concat())].concat(),
    )
}
