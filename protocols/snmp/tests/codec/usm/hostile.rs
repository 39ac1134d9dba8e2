//! Hostile octets in v3: spoiled traps and informs are refused, and make nothing grow.

use vigie_snmp::usm::{AuthProtocol, PrivProtocol};

use super::wire::{Written, at, authentic, captured, private, usm};
use crate::dice::Dice;

#[test]
fn spoiled_messages_neither_panic_nor_pass() {
    let mut ours = usm(vec![
        authentic(AuthProtocol::Sha1),
        private(AuthProtocol::Sha256, PrivProtocol::Aes128),
        private(AuthProtocol::Md5, PrivProtocol::Des),
    ]);
    let mut seeds: Vec<Vec<u8>> = captured().into_iter().map(|trap| trap.datagram).collect();
    seeds.push(Written::inform(30).signed());
    seeds.push(Written { engine: vec![], flags: vec![4], ..Written::trap() }.with_tag(&[]));
    let asked = std::env::var("VIGIE_BYTES").ok().and_then(|text| text.parse().ok());
    let mut dice = Dice(5);
    for _ in 0..asked.unwrap_or(100_000) {
        let mut datagram = seeds[dice.below(seeds.len())].clone();
        dice.spoil(&mut datagram);
        if seeds.contains(&datagram) {
            continue;
        }
        if let Ok(opened) = ours.open(&datagram, at(30)) {
            panic!("{datagram:02x?} passed as {opened:?}");
        }
    }
}
