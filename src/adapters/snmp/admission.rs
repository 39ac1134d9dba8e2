//! Admission: whose datagrams are taken, by source and by community.
//!
//! The loop-back address is a source like any other. An address that is written as IPv6 and means
//! IPv4 (`::ffff:10.0.0.1`) counts as IPv4, in the files and on the wire. It keeps no community in
//! clear and says none to anybody.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use sha2::{Digest, Sha256};

/// The networks whose datagrams are taken.
pub(super) struct Sources(Vec<IpNet>);

impl Sources {
    /// Those that the files name; an empty list admits all.
    pub(super) fn new(sources: &[IpNet]) -> Self {
        Self(sources.iter().copied().map(canonical).collect())
    }

    /// Whether this source is admitted.
    pub(super) fn takes(&self, source: IpAddr) -> bool {
        let source = source.to_canonical();
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&source))
    }
}

/// The communities whose messages are taken.
pub(super) struct Communities(Vec<[u8; 32]>);

impl Communities {
    /// Those that the files name; an empty list admits all.
    pub(super) fn new(communities: &[Vec<u8>]) -> Self {
        Self(communities.iter().map(|community| Sha256::digest(community).into()).collect())
    }

    /// Whether this community is admitted. How long it takes says nothing of how near it was:
    /// digests are compared to their ends, with every community that there is.
    pub(super) fn takes(&self, community: &[u8]) -> bool {
        let offered: [u8; 32] = Sha256::digest(community).into();
        let known = self.0.iter().fold(false, |known, admitted| {
            let difference = admitted
                .iter()
                .zip(offered)
                .fold(0, |difference, (ours, theirs)| difference | (ours ^ theirs));
            known | (std::hint::black_box(difference) == 0)
        });
        self.0.is_empty() || known
    }
}

/// The IPv4 network that an IPv6 one stands for, if it does.
pub(super) fn canonical(network: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    let IpNet::V6(mapped) = network else {
        return network;
    };
    let inside = mapped.addr().to_ipv4_mapped().zip(mapped.prefix_len().checked_sub(MAPPED));
    inside
        .and_then(|(address, length)| Ipv4Net::new(address, length).ok())
        .map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(networks: &[&str]) -> Sources {
        let networks: Vec<IpNet> =
            networks.iter().map(|network| network.parse().unwrap()).collect();
        Sources::new(&networks)
    }

    fn communities(texts: &[&str]) -> Communities {
        let texts: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
        Communities::new(&texts)
    }

    #[test]
    fn empty_lists_admit_everybody() {
        assert!(sources(&[]).takes("192.0.2.1".parse().unwrap()));
        assert!(sources(&[]).takes("2001:db8::1".parse().unwrap()));
        assert!(communities(&[]).takes(b"\xff whatever"));
        assert!(communities(&[]).takes(b""));
    }

    #[test]
    fn a_source_is_admitted_by_its_network_and_loop_back_is_no_exception() {
        let some = sources(&["10.0.0.0/8", "2001:db8::/32"]);
        for (source, admitted) in [
            ("10.1.2.3", true),
            ("11.0.0.1", false),
            ("127.0.0.1", false),
            ("::1", false),
            ("2001:db8::7", true),
            ("2001:db9::7", false),
        ] {
            assert_eq!(some.takes(source.parse().unwrap()), admitted, "{source}");
        }
    }

    #[test]
    fn an_ipv4_address_written_as_ipv6_is_the_ipv4_address() {
        assert!(sources(&["10.0.0.0/8"]).takes("::ffff:10.1.2.3".parse().unwrap()));
        assert!(sources(&["::ffff:10.0.0.0/104"]).takes("10.1.2.3".parse().unwrap()));
        assert!(!sources(&["::ffff:10.0.0.0/104"]).takes("11.1.2.3".parse().unwrap()));
        assert!(!sources(&["::/0"]).takes("10.1.2.3".parse().unwrap()));
    }

    #[test]
    fn a_community_is_admitted_only_whole_and_to_the_letter() {
        let two = communities(&["public", "caf\u{e9}"]);
        assert!(two.takes(b"public"));
        assert!(two.takes("caf\u{e9}".as_bytes()));
        for wrong in [&b"publi"[..], b"public ", b"Public", b"", b"caf\xe9", b"public\0"] {
            assert!(!two.takes(wrong), "{wrong:?}");
        }
    }
}
