//! Admission: whose datagrams are taken, by source and by community.
//!
//! The loop-back address is a source like any other. An address that is written as IPv6 and means
//! IPv4 (`::ffff:10.0.0.1`) counts as IPv4, in the files and on the wire. It keeps no community in
//! clear and says none to anybody.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use sha2::{Digest, Sha256};

/// Whose datagrams are taken.
pub(super) struct Admission {
    sources: Vec<IpNet>,
    communities: Vec<[u8; 32]>,
}

impl Admission {
    /// Those that the files name; an empty list admits all.
    pub(super) fn new(sources: &[IpNet], communities: &[Vec<u8>]) -> Self {
        Self {
            sources: sources.iter().copied().map(canonical).collect(),
            communities: communities
                .iter()
                .map(|community| Sha256::digest(community).into())
                .collect(),
        }
    }

    /// Whether this source is admitted.
    pub(super) fn takes_source(&self, source: IpAddr) -> bool {
        let source = source.to_canonical();
        self.sources.is_empty() || self.sources.iter().any(|network| network.contains(&source))
    }

    /// Whether this community is admitted. How long it takes says nothing of how near it was:
    /// digests are compared to their ends, with every community that there is.
    pub(super) fn takes_community(&self, community: &[u8]) -> bool {
        let offered: [u8; 32] = Sha256::digest(community).into();
        let known = self.communities.iter().fold(false, |known, admitted| {
            let difference = admitted
                .iter()
                .zip(offered)
                .fold(0, |difference, (ours, theirs)| difference | (ours ^ theirs));
            known | (std::hint::black_box(difference) == 0)
        });
        self.communities.is_empty() || known
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

    fn admission(sources: &[&str], communities: &[&str]) -> Admission {
        let sources: Vec<IpNet> = sources.iter().map(|network| network.parse().unwrap()).collect();
        let communities: Vec<Vec<u8>> =
            communities.iter().map(|text| text.as_bytes().to_vec()).collect();
        Admission::new(&sources, &communities)
    }

    #[test]
    fn empty_lists_admit_everybody() {
        let anybody = admission(&[], &[]);
        assert!(anybody.takes_source("192.0.2.1".parse().unwrap()));
        assert!(anybody.takes_source("2001:db8::1".parse().unwrap()));
        assert!(anybody.takes_community(b"\xff whatever"));
        assert!(anybody.takes_community(b""));
    }

    #[test]
    fn a_source_is_admitted_by_its_network_and_loop_back_is_no_exception() {
        let some = admission(&["10.0.0.0/8", "2001:db8::/32"], &[]);
        for (source, admitted) in [
            ("10.1.2.3", true),
            ("11.0.0.1", false),
            ("127.0.0.1", false),
            ("::1", false),
            ("2001:db8::7", true),
            ("2001:db9::7", false),
        ] {
            assert_eq!(some.takes_source(source.parse().unwrap()), admitted, "{source}");
        }
    }

    #[test]
    fn an_ipv4_address_written_as_ipv6_is_the_ipv4_address() {
        assert!(admission(&["10.0.0.0/8"], &[]).takes_source("::ffff:10.1.2.3".parse().unwrap()));
        assert!(admission(&["::ffff:10.0.0.0/104"], &[]).takes_source("10.1.2.3".parse().unwrap()));
        assert!(
            !admission(&["::ffff:10.0.0.0/104"], &[]).takes_source("11.1.2.3".parse().unwrap())
        );
        assert!(!admission(&["::/0"], &[]).takes_source("10.1.2.3".parse().unwrap()));
    }

    #[test]
    fn a_community_is_admitted_only_whole_and_to_the_letter() {
        let two = admission(&[], &["public", "caf\u{e9}"]);
        assert!(two.takes_community(b"public"));
        assert!(two.takes_community("caf\u{e9}".as_bytes()));
        for wrong in [&b"publi"[..], b"public ", b"Public", b"", b"caf\xe9", b"public\0"] {
            assert!(!two.takes_community(wrong), "{wrong:?}");
        }
    }
}
