//! Two hundred devices, each with an address and a socket of its own, that all have much to tell at once; each repeats an inform
//! that is not answered after a second, as net-snmp does, and never gives up.
//!
//! In each of five zones one device has something critical to say in the middle of it. They come apart by what a modem needs for a message:
//! how soon the last of five leaves that came together says how long five messages take, and nothing of who waits behind whom.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::informs;
use crate::waiting::LIMIT;

/// The zones, and the devices of each.
pub(crate) const ZONES: u32 = 5;
pub(crate) const DEVICES: u32 = 40;
/// How many informs each device has, besides what is critical.
pub(crate) const EACH: u32 = 500;
/// All of them.
pub(crate) const ALL: u64 = (ZONES * DEVICES * EACH + ZONES) as u64;
/// The interface that is critical.
pub(crate) const CRITICAL: u32 = 900_000;
/// So many of each device wait for an answer.
const UNDER_WAY: usize = 8;
/// What is not answered for so long goes again.
const PATIENCE: Duration = Duration::from_secs(1);
/// What is critical comes no sooner after what was so before: a modem's half a second for each message, and some room.
const APART: Duration = Duration::from_millis(600);
/// The devices are played by so many threads.
const THREADS: u32 = 4;

/// What the devices know when all that they had to say was answered.
#[derive(Default)]
pub(crate) struct Told {
    /// Datagrams that left.
    pub(crate) sent: u64,
    /// Informs that were answered, each counted once.
    pub(crate) answered: u64,
    /// How often the one was sent that was sent most often.
    pub(crate) most_tries: u32,
    /// Of each zone: when its critical inform left first, and when it was answered.
    pub(crate) critical: BTreeMap<u32, (Instant, Instant)>,
}

/// When something critical was said last, by any of them.
#[derive(Default)]
struct Pace(Mutex<Option<Instant>>);

impl Pace {
    /// Whether there is room for one more; it is taken then.
    fn is_free(&self, now: Instant) -> bool {
        let mut last = self.0.lock().expect("nobody panics in it");
        let is_free = last.is_none_or(|last| now.saturating_duration_since(last) >= APART);
        if is_free {
            *last = Some(now);
        }
        is_free
    }
}

/// When a device of this zone has been answered so many times it has something critical to say.
pub(crate) fn half_way(zone: u32) -> u32 {
    EACH * (30 + 10 * zone) / 100
}

/// The address of a device.
pub(crate) fn address(zone: u32, device: u32) -> String {
    format!("127.1.{zone}.{}", device + 1)
}

/// All tell what they have, as fast as they are answered.
pub(crate) fn storm(to: &str) -> Told {
    let pace = &Pace::default();
    std::thread::scope(|threads| {
        let all: Vec<(u32, u32)> =
            (0..ZONES).flat_map(|zone| (0..DEVICES).map(move |device| (zone, device))).collect();
        let playing: Vec<_> = (0..THREADS)
            .map(|thread| {
                let own = all.iter().skip(thread as usize).step_by(THREADS as usize);
                let mut devices: Vec<Device> =
                    own.map(|(zone, device)| Device::at(*zone, *device, to)).collect();
                threads.spawn(move || played(&mut devices, pace))
            })
            .collect();
        let mut told = Told::default();
        for thread in playing {
            let Told { sent, answered, most_tries, critical } = thread.join().expect("it ends");
            told.sent += sent;
            told.answered += answered;
            told.most_tries = told.most_tries.max(most_tries);
            told.critical.extend(critical);
        }
        told
    })
}

fn played(devices: &mut [Device], pace: &Pace) -> Told {
    let (began, mut told) = (Instant::now(), Told::default());
    while !devices.iter().all(Device::is_content) {
        assert!(began.elapsed() < LIMIT, "informs are not answered");
        for device in &mut *devices {
            device.speak(pace, &mut told);
        }
        let mut ears: Vec<PollFd<'_>> = devices
            .iter()
            .map(|device| PollFd::new(device.socket.as_fd(), PollFlags::POLLIN))
            .collect();
        let _ = poll(&mut ears, PollTimeout::from(20_u8));
        for device in &mut *devices {
            device.listen(&mut told);
        }
    }
    told
}

struct Device {
    zone: u32,
    socket: UdpSocket,
    /// What is not answered: when it was sent last, and how often.
    waiting: BTreeMap<u32, (Instant, u32)>,
    next: u32,
    answered: u32,
    /// After so many answers it has something critical to say.
    critical_after: Option<u32>,
    critical_left: Option<Instant>,
}

impl Device {
    fn at(zone: u32, device: u32, to: &str) -> Self {
        let socket = UdpSocket::bind((address(zone, device), 0)).expect("a socket");
        socket.connect(to).expect("a loopback");
        socket.set_nonblocking(true).expect("a socket");
        let critical_after = (device == 0).then(|| half_way(zone));
        let waiting = BTreeMap::new();
        Self { zone, socket, waiting, next: 1, answered: 0, critical_after, critical_left: None }
    }

    fn is_content(&self) -> bool {
        self.next > EACH && self.waiting.is_empty() && self.critical_after.is_none()
    }

    /// Says what is new, and again what was not answered.
    fn speak(&mut self, pace: &Pace, told: &mut Told) {
        let now = Instant::now();
        let late = |sent: &Instant| now.duration_since(*sent) >= PATIENCE;
        let again: Vec<u32> = self
            .waiting
            .iter()
            .filter(|(_, (sent, _))| late(sent))
            .map(|(interface, _)| *interface)
            .collect();
        again.into_iter().for_each(|interface| self.put(interface, told));
        let is_time = self.critical_after.is_some_and(|answers| self.answered >= answers);
        if is_time && pace.is_free(now) {
            self.critical_after = None;
            self.critical_left = Some(now);
            self.put(CRITICAL, told);
        }
        while self.waiting.len() < UNDER_WAY && self.next <= EACH {
            self.put(self.next, told);
            self.next += 1;
        }
    }

    fn put(&mut self, interface: u32, told: &mut Told) {
        let (sent, tries) = self.waiting.entry(interface).or_insert((Instant::now(), 0));
        *sent = Instant::now();
        // What finds no room now, or nobody who listens, goes again like what was lost on the way.
        if self.socket.send(&informs::inform(interface)).is_ok() {
            *tries += 1;
            told.sent += 1;
            told.most_tries = told.most_tries.max(*tries);
        }
    }

    fn listen(&mut self, told: &mut Told) {
        let mut buffer = [0; 2_048];
        loop {
            let count = match self.socket.recv(&mut buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                Err(_) => return,
            };
            let interface = informs::answered(&buffer[..count]).expect("a response");
            if self.waiting.remove(&interface).is_none() {
                continue;
            }
            told.answered += 1;
            self.answered += 1;
            if interface == CRITICAL {
                let left = self.critical_left.expect("it was sent");
                told.critical.insert(self.zone, (left, Instant::now()));
            }
        }
    }
}
