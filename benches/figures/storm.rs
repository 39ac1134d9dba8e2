//! A sender of traps at a rate: linkDown of seven varbinds and some 180 octets, as a switch writes it, each with a
//! request-id, a sequence and, up to a bound, an interface of its own; many by one call (`sendmmsg`).

use std::io::IoSlice;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg};

use crate::informs;
use crate::sealed::Seal;

/// So many by one call.
const TOGETHER: usize = 32;
/// How often the sender looks at the clock.
const TICK: Duration = Duration::from_millis(1);

/// Traps that wait to be sent.
pub(crate) struct Storm(Vec<Vec<u8>>);

impl Storm {
    /// So many, of so many interfaces in turn.
    pub(crate) fn brewed(many: u32, interfaces: u32) -> Self {
        Self((0..many).map(|number| informs::long_trap(number, number % interfaces + 1)).collect())
    }

    /// The same by SNMPv3, encrypted.
    pub(crate) fn sealed(many: u32, interfaces: u32) -> Self {
        let seal = Seal::new();
        Self((0..many).map(|number| seal.trap(number, number % interfaces + 1)).collect())
    }

    /// Sends them all at that rate a second, or as near to it as this machine comes; the rate that it was.
    pub(crate) fn send(&self, to: &str, rate: f64) -> f64 {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.connect(to).expect("a loopback");
        let began = Instant::now();
        let mut sent = 0;
        while sent < self.0.len() {
            let due = ((rate * began.elapsed().as_secs_f64()) as usize).min(self.0.len());
            while sent < due {
                let next = &self.0[sent..due.min(sent + TOGETHER)];
                sent += together(&socket, next);
            }
            std::thread::sleep(TICK);
        }
        self.0.len() as f64 / began.elapsed().as_secs_f64()
    }
}

/// Sends as many as go at once: how many that were.
fn together(socket: &UdpSocket, datagrams: &[Vec<u8>]) -> usize {
    let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(datagrams.len(), None);
    let parts: Vec<[IoSlice<'_>; 1]> =
        datagrams.iter().map(|datagram| [IoSlice::new(datagram)]).collect();
    let nobody = vec![None; datagrams.len()];
    let sent = sendmmsg(socket.as_raw_fd(), &mut headers, &parts, nobody, [], MsgFlags::empty());
    sent.expect("a loopback").count()
}
