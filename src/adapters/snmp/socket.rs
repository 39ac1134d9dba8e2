//! A socket on which traps arrive: opened, read, and answered from.
//!
//! IPv4 and IPv6 have sockets of their own. Each gives with a datagram the address to which it was
//! sent, so that an answer leaves from there (a sender listens for no other), and the kernel's count
//! of what it dropped. It knows nothing of SNMP.
//!
//! One datagram is received at a time; receiving several by one call (`recvmmsg`) would change
//! [`Socket::receive`] and nothing else.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::task::{Context, Poll};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt,
    sockopt,
};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::drops;

/// A datagram has fewer octets than this, over IPv4 and over IPv6.
const LONGEST: usize = 65_536;
/// The receive buffer that is asked for: some 20,000 traps of the usual size.
const BUFFER: usize = 8 * 1_024 * 1_024;

/// A socket on which traps arrive.
#[derive(Debug)]
pub(super) struct Socket {
    io: UdpSocket,
    at: SocketAddr,
    buffer: ReceiveBuffer,
}

/// The kernel's buffer of a socket.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReceiveBuffer {
    /// Its size as the kernel counts it: twice what can be asked for.
    pub(super) granted: usize,
}

impl ReceiveBuffer {
    /// Whether less was granted than was asked for.
    pub(super) const fn is_short(self) -> bool {
        self.granted < BUFFER
    }
}

/// An address on which we cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {at}: {}", remedy(source))]
pub(super) struct Unbound {
    at: SocketAddr,
    source: io::Error,
}

fn remedy(error: &io::Error) -> String {
    match (error.kind(), error.raw_os_error().map(Errno::from_raw)) {
        (ErrorKind::PermissionDenied, _) => {
            "permission denied; give the service CAP_NET_BIND_SERVICE or choose a port above 1023"
                .to_owned()
        }
        (ErrorKind::AddrInUse, _) => {
            "another program listens there already; `ss -lunp` says which".to_owned()
        }
        (ErrorKind::AddrNotAvailable, _) => "this machine has no such address".to_owned(),
        (_, Some(Errno::EAFNOSUPPORT)) => {
            "this machine has no such protocol; take the address out of `listen`".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Where a datagram is put, and what the kernel says of it.
pub(super) struct Desk {
    octets: Vec<u8>,
    control: Vec<u8>,
}

impl Desk {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self { octets: vec![0; LONGEST], control: cmsg_space!(in_pktinfo, in6_pktinfo, u32) }
    }
}

/// A datagram.
#[derive(Debug)]
pub(super) struct Datagram<'d> {
    /// What was sent.
    pub(super) octets: &'d [u8],
    /// By whom.
    pub(super) envelope: Envelope,
}

/// What the kernel says of a datagram.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    /// Who sent it.
    pub(super) from: SocketAddr,
    /// To which of our addresses, if the kernel says so.
    pub(super) to: Option<IpAddr>,
    /// How many the socket has dropped in its life, if it has dropped any.
    pub(super) dropped: Option<u32>,
}

impl Socket {
    /// Listens on an address.
    pub(super) fn open(at: SocketAddr) -> Result<Self, Unbound> {
        bind(at).map_err(|source| Unbound { at, source })
    }

    /// Where it listens.
    pub(super) const fn at(&self) -> SocketAddr {
        self.at
    }

    /// The kernel's buffer.
    pub(super) const fn buffer(&self) -> ReceiveBuffer {
        self.buffer
    }

    /// Whether something waits to be received; if not, the task is woken when it does.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_recv_ready(context)
    }

    /// The next datagram that waits, if one does.
    pub(super) fn receive<'d>(&self, desk: &'d mut Desk) -> io::Result<Option<Datagram<'d>>> {
        let received = loop {
            match self.io.try_io(Interest::READABLE, || read(self.io.as_raw_fd(), desk)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                received => break received?,
            }
        };
        let (length, envelope) = received;
        // Nothing is longer than the desk, so nothing is cut.
        let octets = desk.octets.get(..length).unwrap_or_default();
        Ok(Some(Datagram { octets, envelope }))
    }

    /// Answers whoever sent a datagram, from the address to which it was sent.
    pub(super) async fn answer(&self, octets: &[u8], envelope: &Envelope) -> io::Result<()> {
        let write = |from| {
            self.io.async_io(Interest::WRITABLE, move || {
                write(self.io.as_raw_fd(), octets, envelope.from, from)
            })
        };
        match write(envelope.to).await {
            // What was sent to a group of receivers cannot be answered from the group's address.
            Err(_) if envelope.to.is_some() => write(None).await,
            written => written,
        }
    }

    /// How many the socket has dropped in its life, by the kernel's table; `None` where the table
    /// cannot be read.
    pub(super) fn dropped(&self) -> Option<u32> {
        let table = if self.at.is_ipv4() { "/proc/net/udp" } else { "/proc/net/udp6" };
        let inode = nix::sys::stat::fstat(self.io.as_fd()).ok()?.st_ino;
        drops::in_table(&std::fs::read_to_string(table).ok()?, inode)
    }
}

fn bind(at: SocketAddr) -> io::Result<Socket> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(at),
        socket2::Type::DGRAM.nonblocking(),
        Some(socket2::Protocol::UDP),
    )?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
        setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
    } else {
        setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
    }
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    // With CAP_NET_ADMIN in full; without, as much as net.core.rmem_max allows.
    if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER).is_err() {
        socket.set_recv_buffer_size(BUFFER)?;
    }
    socket.bind(&at.into())?;
    let buffer = ReceiveBuffer { granted: socket.recv_buffer_size()? };
    let io = UdpSocket::from_std(socket.into())?;
    let at = io.local_addr()?;
    Ok(Socket { io, at, buffer })
}

/// Receives one datagram onto the desk: its length, and what the kernel says of it.
fn read(socket: std::os::fd::RawFd, desk: &mut Desk) -> io::Result<(usize, Envelope)> {
    let mut parts = [IoSliceMut::new(&mut desk.octets)];
    let received =
        recvmsg::<SockaddrStorage>(socket, &mut parts, Some(&mut desk.control), MsgFlags::empty())?;
    let from = received.address.as_ref().and_then(address).ok_or(ErrorKind::InvalidData)?;
    let mut envelope = Envelope { from, to: None, dropped: None };
    // Control messages that do not fit are not ours.
    for message in received.cmsgs().into_iter().flatten() {
        match message {
            ControlMessageOwned::Ipv4PacketInfo(info) => {
                envelope.to = Some(Ipv4Addr::from(u32::from_be(info.ipi_spec_dst.s_addr)).into());
            }
            ControlMessageOwned::Ipv6PacketInfo(info) => {
                envelope.to = Some(Ipv6Addr::from(info.ipi6_addr.s6_addr).into());
            }
            ControlMessageOwned::RxqOvfl(count) => envelope.dropped = Some(count),
            _ => {}
        }
    }
    Ok((received.bytes, envelope))
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| SocketAddr::from(*address));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| SocketAddr::from(*address)))
}

fn write(
    socket: std::os::fd::RawFd,
    octets: &[u8],
    to: SocketAddr,
    from: Option<IpAddr>,
) -> io::Result<()> {
    let to = SockaddrStorage::from(to);
    let parts = [IoSlice::new(octets)];
    let send = |control: &[ControlMessage<'_>]| {
        sendmsg(socket, &parts, control, MsgFlags::empty(), Some(&to))
    };
    // No interface is named: the route to the sender decides, as it would for anybody.
    match from {
        None => send(&[])?,
        Some(IpAddr::V4(from)) => send(&[ControlMessage::Ipv4PacketInfo(&in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: in_addr { s_addr: u32::from(from).to_be() },
            ipi_addr: in_addr { s_addr: 0 },
        })])?,
        Some(IpAddr::V6(from)) => send(&[ControlMessage::Ipv6PacketInfo(&in6_pktinfo {
            ipi6_addr: in6_addr { s6_addr: from.octets() },
            ipi6_ifindex: 0,
        })])?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_had_is_told_with_what_to_do() {
        let told = |at: &str, source| Unbound { at: at.parse().unwrap(), source }.to_string();
        assert_eq!(
            told("0.0.0.0:162", ErrorKind::PermissionDenied.into()),
            "cannot listen on 0.0.0.0:162: permission denied; give the service CAP_NET_BIND_SERVICE or choose a port above 1023"
        );
        assert_eq!(
            told("[::]:162", io::Error::from(Errno::EAFNOSUPPORT)),
            "cannot listen on [::]:162: this machine has no such protocol; take the address out of `listen`"
        );
        assert_eq!(
            told("10.0.0.1:162", ErrorKind::AddrNotAvailable.into()),
            "cannot listen on 10.0.0.1:162: this machine has no such address"
        );
    }

    #[tokio::test]
    async fn the_next_datagram_after_a_drop_says_how_many_were_dropped() {
        let socket = Socket::open("127.0.0.1:0".parse().unwrap()).unwrap();
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..2_000 {
            sender.send_to(&[0; 60_000], socket.at()).unwrap();
        }
        let mut desk = Desk::new();
        let mut kept = 0;
        socket.io.readable().await.unwrap();
        while let Some(datagram) = socket.receive(&mut desk).unwrap() {
            assert_eq!(datagram.envelope.dropped, None, "it came before the first drop");
            kept += 1;
        }
        sender.send_to(b"next", socket.at()).unwrap();
        socket.io.readable().await.unwrap();
        let next = socket.receive(&mut desk).unwrap().unwrap();
        assert_eq!(next.envelope.dropped, Some(2_000 - kept));
        assert_eq!(socket.dropped(), Some(2_000 - kept), "/proc says the same");
    }

    #[tokio::test]
    async fn the_kernels_count_of_drops_is_found_for_a_socket_of_ours() {
        for at in ["127.0.0.1:0", "[::1]:0"] {
            let socket = Socket::open(at.parse().unwrap()).unwrap();
            assert_eq!(socket.dropped(), Some(0), "{at}");
            assert!(socket.buffer().granted > 0, "{at}");
        }
    }
}
