//! Where datagrams are put, several by one call, and what the kernel says of each.
//!
//! It asks a socket once and never waits. A datagram is never cut: each seat is as large as one can
//! be, and costs only as much memory as was ever put there.
//!
//! # Decision (2026-11-26): the headers are made anew for each call
//!
//! The kernel writes into them how long the control messages were that it gave, and nix does not put
//! that right again before the next call: a desk that kept its headers would lose the count of drops
//! as soon as there is one, since the datagrams before it had none and so left no room. Making them
//! costs a microsecond, for up to [`SEATS`] datagrams.

use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::RawFd;

use nix::cmsg_space;
use nix::libc::{in_pktinfo, in6_pktinfo};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, recvmmsg,
};

/// A datagram has fewer octets than this, over IPv4 and over IPv6.
const LONGEST: usize = 65_536;
/// So many datagrams are received by one call at most.
pub(super) const SEATS: usize = 32;

/// Where datagrams are put.
pub(super) struct Desk {
    octets: Vec<u8>,
    /// Of the datagrams that lie there, the length and what the kernel says.
    lying: Vec<(usize, Envelope)>,
}

/// A datagram.
#[derive(Clone, Copy, Debug)]
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

impl Desk {
    /// An empty one.
    pub(super) fn new() -> Self {
        Self { octets: vec![0; SEATS.saturating_mul(LONGEST)], lying: Vec::with_capacity(SEATS) }
    }

    /// Clears it.
    pub(super) fn clear(&mut self) {
        self.lying.clear();
    }

    /// Whether more may wait than has found a seat.
    pub(super) fn is_full(&self) -> bool {
        self.lying.len() >= SEATS
    }

    /// What lies there, in the order of its arrival.
    pub(super) fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        self.octets.chunks(LONGEST).zip(&self.lying).map(|(seat, (length, envelope))| {
            // Nothing is longer than a seat, so nothing is cut.
            let octets = seat.get(..*length).unwrap_or(seat);
            Datagram { octets, envelope: *envelope }
        })
    }

    /// Takes what waits at a socket, as far as there are seats.
    pub(super) fn fill(&mut self, socket: RawFd) -> io::Result<()> {
        self.clear();
        let space = cmsg_space!(in_pktinfo, in6_pktinfo, u32);
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(SEATS, Some(space));
        let mut seats: Vec<[IoSliceMut<'_>; 1]> =
            self.octets.chunks_mut(LONGEST).map(|seat| [IoSliceMut::new(seat)]).collect();
        for message in recvmmsg(socket, &mut headers, &mut seats, MsgFlags::empty(), None)? {
            self.lying.push((message.bytes, envelope(&message)?));
        }
        Ok(())
    }
}

fn envelope(message: &RecvMsg<'_, '_, SockaddrStorage>) -> io::Result<Envelope> {
    let from = message.address.as_ref().and_then(address).ok_or(ErrorKind::InvalidData)?;
    let mut envelope = Envelope { from, to: None, dropped: None };
    // Control messages that do not fit are not ours.
    for control in message.cmsgs().into_iter().flatten() {
        match control {
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
    Ok(envelope)
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| SocketAddr::from(*address));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| SocketAddr::from(*address)))
}
