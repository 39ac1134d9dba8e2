//! Sockets that the service manager has opened for us (`sd_listen_fds(3)`, systemd's socket units).
//!
//! A port below 1024 then needs no capability, and what arrives while the daemon is away waits in the
//! socket. Without a service manager there are none, and nothing is different. It opens nothing
//! itself, and a socket that it hands out twice is the same socket both times.
//!
//! # Decision (2026-11-26): the one `unsafe` of the daemon
//!
//! A descriptor comes as a bare number, and only `OwnedFd::from_raw_fd` makes something of it that is
//! closed once. What it asks for is what the service manager promises: from 3 on, so many are open
//! and nobody else's; and they are taken once. Rejected: having the kernel duplicate them
//! (`pidfd_getfd`), which is safe to call, needs one more dependency and Linux 5.6, and is forbidden in
//! many containers.

use std::net::SocketAddr;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::OnceLock;

use socket2::{Socket, Type};
use tracing::warn;

/// Taken once: each number can have one owner.
static GIVEN: OnceLock<Vec<Given>> = OnceLock::new();

#[derive(Debug)]
struct Given {
    socket: Socket,
    at: SocketAddr,
}

/// The datagram socket that was handed over for this address, if one was.
pub fn datagram_socket(at: SocketAddr) -> Option<Socket> {
    let given = given().iter().find(|given| given.at == at)?;
    given.socket.try_clone().ok()
}

/// Where the datagram sockets listen that were handed over.
pub fn datagram_addresses() -> impl Iterator<Item = SocketAddr> {
    given().iter().map(|given| given.at)
}

fn given() -> &'static [Given] {
    GIVEN.get_or_init(take)
}

fn take() -> Vec<Given> {
    let numbers = match sd_notify::listen_fds() {
        Ok(numbers) => numbers,
        Err(error) => {
            warn!(%error, "the sockets of the service manager cannot be taken");
            return Vec::new();
        }
    };
    numbers
        .filter_map(|number| {
            #[expect(unsafe_code, reason = "see the decision above: it is open, and ours alone")]
            // SAFETY: the service manager has opened it for this very process, whose number it
            // gave (LISTEN_PID), and this is the one place, run once, where it gets an owner.
            let socket = Socket::from(unsafe { OwnedFd::from_raw_fd(number) });
            let at = socket.local_addr().ok().and_then(|at| at.as_socket());
            let is_datagram = socket.r#type().is_ok_and(|kind| kind == Type::DGRAM);
            if at.is_none() || !is_datagram {
                warn!(number, "a socket of the service manager is not of a kind that is used here");
            }
            at.filter(|_| is_datagram).map(|at| Given { socket, at })
        })
        .collect()
}
