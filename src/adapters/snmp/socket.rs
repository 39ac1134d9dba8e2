//! A socket on which traps arrive: opened, read, and answered from.
//!
//! IPv4 and IPv6 have sockets of their own. Each gives with a datagram the address to which it was
//! sent, so that an answer leaves from there (a sender listens for no other), and the kernel's count
//! of what it dropped. It knows nothing of SNMP.
//!
//! Several datagrams are received by one call (`recvmmsg`), onto a [`Desk`].

use std::io::{self, ErrorKind, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::task::{Context, Poll};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::libc::{in_addr, in_pktinfo, in6_addr, in6_pktinfo};
use nix::sys::socket::{
    ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, sendmmsg, sendmsg, setsockopt, sockopt,
};
use tokio::io::Interest;
use tokio::net::UdpSocket;

use super::desk::{Desk, Envelope};
use super::drops;
use crate::host::activation;

/// The receive buffer that is asked for: some 20,000 traps of the usual size.
const BUFFER: usize = 8 * 1_024 * 1_024;

/// A socket on which traps arrive.
#[derive(Debug)]
pub(super) struct Socket {
    io: UdpSocket,
    at: SocketAddr,
    buffer: ReceiveBuffer,
    is_given: bool,
}

/// The kernel's buffer of a socket.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReceiveBuffer {
    /// Its size in octets, as the kernel counts it: twice what can be asked for.
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

impl Socket {
    /// Listens on an address: by the socket that the service manager has opened there, if it has.
    pub(super) fn open(at: SocketAddr) -> Result<Self, Unbound> {
        bind(at).map_err(|source| Unbound { at, source })
    }

    /// Where it listens.
    pub(super) const fn at(&self) -> SocketAddr {
        self.at
    }

    /// Whether the service manager has opened it.
    pub(super) const fn is_given(&self) -> bool {
        self.is_given
    }

    /// The kernel's buffer.
    pub(super) const fn buffer(&self) -> ReceiveBuffer {
        self.buffer
    }

    /// Whether something waits to be received; if not, the task is woken when it does.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_recv_ready(context)
    }

    /// Puts what waits on the desk, as far as there is room; nothing, if nothing waits.
    pub(super) fn receive(&self, desk: &mut Desk) -> io::Result<()> {
        loop {
            desk.clear();
            let received = self.io.try_io(Interest::READABLE, || {
                desk.fill(self.io.as_raw_fd())?;
                // Seats that stay empty say that nothing waits any more; asking again to hear just
                // that would cost a second call for each. What comes meanwhile wakes the task anew.
                if desk.is_full() { Ok(()) } else { Err(ErrorKind::WouldBlock.into()) }
            });
            match received {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                received => return received,
            }
        }
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

    /// Sends these answers from this address of ours, in order and by one call, as far as there is room: how many went.
    ///
    /// # Errors
    /// Why the first did not go, [`ErrorKind::WouldBlock`] among others.
    pub(super) fn answer_together<'a>(
        &self,
        answers: impl Iterator<Item = (&'a [u8], SocketAddr)>,
        from: Option<IpAddr>,
    ) -> io::Result<usize> {
        let (parts, to): (Vec<_>, Vec<_>) = answers
            .map(|(octets, to)| ([IoSlice::new(octets)], Some(SockaddrStorage::from(to))))
            .unzip();
        self.io.try_io(Interest::WRITABLE, || {
            let mut headers = MultiHeaders::preallocate(parts.len(), room_to_tell(from));
            let socket = self.io.as_raw_fd();
            let sent = leaving(from, |control| {
                sendmmsg(socket, &mut headers, &parts, &to, control, MsgFlags::empty())
                    .map(Iterator::count)
            })?;
            Ok(sent)
        })
    }

    /// The same, unless it would have to wait: for what need not be heard.
    pub(super) fn answer_now(&self, octets: &[u8], envelope: &Envelope) -> io::Result<()> {
        self.io.try_io(Interest::WRITABLE, || {
            write(self.io.as_raw_fd(), octets, envelope.from, envelope.to)
        })
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
    let given = activation::datagram_socket(at);
    let is_given = given.is_some();
    let socket = match given {
        Some(socket) => socket,
        None => unbound(at)?,
    };
    socket.set_nonblocking(true)?;
    if at.is_ipv6() {
        setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
    } else {
        setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
    }
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    // With CAP_NET_ADMIN in full; without, as much as net.core.rmem_max allows. What a service manager has given, which may do more
    // than we, is not taken away.
    if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER).is_err()
        && socket.recv_buffer_size()? < BUFFER
    {
        socket.set_recv_buffer_size(BUFFER)?;
    }
    if !is_given {
        // Last, so that nothing arrives before the kernel knows what we want to hear of it.
        socket.bind(&at.into())?;
    }
    let buffer = ReceiveBuffer { granted: socket.recv_buffer_size()? };
    let io = UdpSocket::from_std(socket.into())?;
    let at = io.local_addr()?;
    Ok(Socket { io, at, buffer, is_given })
}

fn unbound(at: SocketAddr) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(at),
        socket2::Type::DGRAM,
        Some(socket2::Protocol::UDP),
    )?;
    if at.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    Ok(socket)
}

fn write(
    socket: std::os::fd::RawFd,
    octets: &[u8],
    to: SocketAddr,
    from: Option<IpAddr>,
) -> io::Result<()> {
    let to = SockaddrStorage::from(to);
    let parts = [IoSlice::new(octets)];
    leaving(from, |control| sendmsg(socket, &parts, control, MsgFlags::empty(), Some(&to)))?;
    Ok(())
}

/// Sends with what tells the kernel from which of our addresses.
fn leaving<T>(
    from: Option<IpAddr>,
    send: impl FnOnce(&[ControlMessage<'_>]) -> nix::Result<T>,
) -> nix::Result<T> {
    // No interface is named: the route to the sender decides, as it would for anybody.
    match from {
        None => send(&[]),
        Some(IpAddr::V4(from)) => send(&[ControlMessage::Ipv4PacketInfo(&in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: in_addr { s_addr: u32::from(from).to_be() },
            ipi_addr: in_addr { s_addr: 0 },
        })]),
        Some(IpAddr::V6(from)) => send(&[ControlMessage::Ipv6PacketInfo(&in6_pktinfo {
            ipi6_addr: in6_addr { s6_addr: from.octets() },
            ipi6_ifindex: 0,
        })]),
    }
}

/// Room for what [`leaving`] tells the kernel, and for nothing else: it would read what is left.
fn room_to_tell(from: Option<IpAddr>) -> Option<Vec<u8>> {
    from.map(|from| if from.is_ipv4() { cmsg_space!(in_pktinfo) } else { cmsg_space!(in6_pktinfo) })
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
        loop {
            socket.receive(&mut desk).unwrap();
            if desk.datagrams().next().is_none() {
                break;
            }
            for datagram in desk.datagrams() {
                assert_eq!(datagram.envelope.dropped, None, "it came before the first drop");
                assert_eq!(datagram.octets.len(), 60_000);
                kept += 1;
            }
        }
        sender.send_to(b"next", socket.at()).unwrap();
        socket.io.readable().await.unwrap();
        socket.receive(&mut desk).unwrap();
        let next = desk.datagrams().next().unwrap();
        assert_eq!(next.octets, b"next");
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

    #[tokio::test]
    async fn answers_that_leave_together_reach_each_his_own_from_the_address_that_was_asked() {
        for (at, ours) in [("127.0.0.1:0", "127.0.0.1"), ("[::1]:0", "::1")] {
            let socket = Socket::open(at.parse().unwrap()).unwrap();
            socket.io.writable().await.unwrap();
            let ours: IpAddr = ours.parse().unwrap();
            let senders: Vec<_> =
                (0..3).map(|_| std::net::UdpSocket::bind((ours, 0)).unwrap()).collect();
            let to = |place: usize| senders[place % senders.len()].local_addr().unwrap();
            let words: Vec<String> = (0..64).map(|number| format!("answer {number}")).collect();
            let answers =
                words.iter().enumerate().map(|(place, word)| (word.as_bytes(), to(place)));
            for from in [Some(ours), None] {
                let sent = socket.answer_together(answers.clone(), from).unwrap();
                assert_eq!(sent, words.len(), "{at}");
                for (place, word) in words.iter().enumerate() {
                    let mut buffer = [0; 64];
                    let sender = &senders[place % senders.len()];
                    let (length, heard_from) = sender.recv_from(&mut buffer).unwrap();
                    assert_eq!(&buffer[..length], word.as_bytes(), "{at}");
                    assert_eq!(heard_from, socket.at());
                }
            }
        }
    }

    #[tokio::test]
    async fn what_cannot_leave_together_says_why_and_how_far_it_came() {
        let socket = Socket::open("127.0.0.1:0".parse().unwrap()).unwrap();
        socket.io.writable().await.unwrap();
        let there = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let too_long = vec![0; 65_536];
        let one = (&b"fits"[..], there);
        let answers = [one, one, (&too_long[..], there), one];
        assert_eq!(socket.answer_together(answers.into_iter(), None).unwrap(), 2);
        let rest = answers.into_iter().skip(2);
        assert!(socket.answer_together(rest, None).is_err());
    }
}
