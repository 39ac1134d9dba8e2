//! By what an inform that is sent again is known.
//!
//! A sender repeats an inform whose answer it did not hear: the same octets from the same port. Its
//! identity is a hash of just that, and of the input, so that it is the same after a restart. A trap
//! has none: nobody repeats one, and two alike are two.
//!
//! # Decision (2026-11-23): no time in the identity
//!
//! A repetition comes within seconds or minutes, so a coarse time in the hash looks safe; but
//! wherever its boundary lies, some repetition crosses it, and a wall clock that is set crosses it
//! for all of them. The window is the watch's instead: it remembers the last 8,192 identities, on
//! disk. Two informs that are not repetitions would have to agree in source, port, community,
//! request-id and sysUpTime to the hundredth of a second to be taken for one, which takes a device
//! that starts anew and does the very same in the very same hundredth. Rejected: the request-id
//! alone, which small devices begin at 1 after each start; and picking the parts out of the message,
//! which would call two datagrams the same that are not.
//!
//! # Decision (2026-11-27): a copy of a signed inform is what it is a copy of
//!
//! A signed inform bears our time, so somebody who has recorded it can send it again for 150 seconds, from a port of his own: that was a
//! second event. Its identity stays that of the port and of what is inside, by which its sender's own repetitions are known; but
//! the same octets to the last, from the same address, have the identity of those that came first (`copies.rs`). Rejected: leaving
//! the port out of the identity, which would make one event of two devices behind one address, or of a device that starts twice within ten
//! minutes, when they count their informs from 1 and say the same; and leaving the address out, since two devices of one make that share a
//! passphrase and come back with the power may write the same octets in the same second. A needless call costs somebody's sleep, a missed
//! one costs the plant.

use std::net::{IpAddr, SocketAddr};

use sha2::{Digest, Sha256};

use crate::watch::name::InputName;
use crate::watch::signal::Identity;

/// The identity of an inform.
pub(super) fn of(input: &InputName, from: SocketAddr, datagram: &[u8]) -> Identity {
    let address = from.ip().to_canonical().to_string();
    let mut hash = Sha256::new();
    // Neither a name nor an address holds a zero octet, and a port has two: no two origins run
    // into the same octets.
    for part in [input.as_str(), &address] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(from.port().to_be_bytes());
    hash.update(datagram);
    let digest: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    Identity(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// The identity of a trap that is signed: a copy of it, from wherever, is no second one. It bears its engine's time and a number of its own,
/// so that two traps are never alike.
pub(super) fn of_signed(input: &InputName, datagram: &[u8]) -> Identity {
    // No sender has this address.
    of(input, SocketAddr::from(([0, 0, 0, 0], 0)), datagram)
}

/// By what a copy of a signed inform is known, whatever port of that address it comes from.
pub(super) fn of_copy(input: &InputName, from: IpAddr, datagram: &[u8]) -> Identity {
    // No sender has this port.
    of(input, SocketAddr::new(from, 0), datagram)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_octets_from_the_same_port_are_the_same_inform_and_nothing_else_is() {
        let network = InputName::new("snmp.network");
        let port = "10.0.0.1:5000".parse().unwrap();
        let inform = of(&network, port, b"octets");
        assert_eq!(of(&network, port, b"octets"), inform);
        assert_eq!(of(&network, "[::ffff:10.0.0.1]:5000".parse().unwrap(), b"octets"), inform);
        for (name, from, octets) in [
            ("snmp.other", "10.0.0.1:5000", &b"octets"[..]),
            ("snmp.network", "10.0.0.2:5000", b"octets"),
            ("snmp.network", "10.0.0.1:5001", b"octets"),
            ("snmp.network", "10.0.0.1:5000", b"octett"),
            ("snmp.network", "10.0.0.1:5000", b"octets\0"),
        ] {
            assert_ne!(
                of(&InputName::new(name), from.parse().unwrap(), octets),
                inform,
                "{name} {from}"
            );
        }
    }

    #[test]
    fn an_identity_outlives_the_program() {
        // Written down once: if this changes, an inform that is repeated across an update rings twice.
        let identity =
            of(&InputName::new("snmp.network"), "10.0.0.1:5000".parse().unwrap(), b"octets");
        assert_eq!(identity, Identity(8_678_855_130_007_296_190));
    }
}
