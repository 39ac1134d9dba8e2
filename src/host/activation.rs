//! Sockets that the service manager has opened for us (`sd_listen_fds(3)`, systemd's socket units).
//!
//! A port below 1024 then needs no capability, and what arrives while the daemon is away waits in the
//! socket. Without a service manager there are none, and nothing is different. It opens nothing
//! itself, and a socket that it hands out twice is the same socket both times.

use std::net::{SocketAddr, UdpSocket};
use std::sync::OnceLock;

use listenfd::ListenFd;
use socket2::Socket;
use tracing::warn;

/// Taken once: each of them can have one owner.
static GIVEN: OnceLock<Vec<Given>> = OnceLock::new();

#[derive(Debug)]
struct Given {
    socket: UdpSocket,
    at: SocketAddr,
}

/// The datagram socket that was handed over for this address, if one was.
pub fn datagram_socket(at: SocketAddr) -> Option<Socket> {
    let given = given().iter().find(|given| given.at == at)?;
    given.socket.try_clone().ok().map(Socket::from)
}

/// Where the datagram sockets listen that were handed over.
pub fn datagram_addresses() -> impl Iterator<Item = SocketAddr> {
    given().iter().map(|given| given.at)
}

fn given() -> &'static [Given] {
    GIVEN.get_or_init(take)
}

fn take() -> Vec<Given> {
    let mut handed = ListenFd::from_env();
    (0..handed.len())
        .filter_map(|number| match handed.take_udp_socket(number) {
            Ok(socket) => {
                let socket = socket?;
                let at = socket.local_addr().ok()?;
                Some(Given { socket, at })
            }
            Err(error) => {
                warn!(number, %error, "a socket of the service manager is not of a kind that is used here");
                None
            }
        })
        .collect()
}
