//! The LAN of the devices: garbage, floods, strangers' communities, and SNMPv3 that is forged, replayed, or of nobody.

use std::net::UdpSocket;
use std::time::Duration;

use super::{Tally, a_while};
use crate::chance::Chance;
use crate::devices::device;
use crate::informs::{self, long_trap};
use crate::over::Over;
use crate::sealed::Seal;
use crate::site::Site;

/// So many datagrams make a flood.
const FLOOD: u32 = 2_000;

/// What comes from devices that are none of the site's.
pub(crate) fn lan(site: &Site, mut chance: Chance, over: &Over, tally: &Tally) {
    let (seal, hostile) = (Seal::new(), device(site, 66));
    let mut number = 1 << 20;
    while over.pause(a_while(&mut chance) / 3) {
        number += FLOOD;
        match chance.below(6) {
            0 => {
                tally.one("snmp: garbage");
                garbage(&hostile, &mut chance);
            }
            1 => {
                tally.one("snmp: flood");
                for trap in number..number + FLOOD {
                    let _ = hostile.send(&long_trap(trap, trap % 100 + 1));
                    if trap % 64 == 0 {
                        std::thread::sleep(Duration::from_millis(2));
                    }
                }
            }
            2 => {
                tally.one("snmp: forged v3");
                for trap in number..number + 50 {
                    let mut forged = seal.trap_at(trap, 1, 1 << 20);
                    flip(&mut forged, &mut chance);
                    let _ = hostile.send(&forged);
                }
            }
            3 => {
                tally.one("snmp: replayed v3");
                let replayed = seal.trap(1, 1);
                (0..50).for_each(|_| drop(hostile.send(&replayed)));
            }
            4 => {
                tally.one("snmp: unknown user");
                let mut unknown = seal.trap_at(number, 1, 5_000);
                replace(&mut unknown, b"switch", b"nobody");
                (0..20).for_each(|_| drop(hostile.send(&unknown)));
            }
            _ => {
                tally.one("snmp: wrong community");
                let mut wrong = informs::trap(1);
                replace(&mut wrong, b"public", b"secret");
                (0..200).for_each(|_| drop(hostile.send(&wrong)));
            }
        }
    }
}

/// Traps in which some octets are others, halves of traps, and octets that were never any.
fn garbage(hostile: &UdpSocket, chance: &mut Chance) {
    for round in 0..300 {
        let mut datagram = long_trap(round, 1);
        (0..=chance.below(8)).for_each(|_| flip(&mut datagram, chance));
        let half = chance.below(datagram.len());
        let nonsense: Vec<u8> = (0..chance.below(3_000)).map(|_| chance.below(256) as u8).collect();
        for said in [&datagram[..], &datagram[..half], &nonsense] {
            let _ = hostile.send(said);
        }
    }
    let _ = hostile.send(&vec![0x30; 60_000]);
}

fn flip(datagram: &mut [u8], chance: &mut Chance) {
    let place = chance.below(datagram.len());
    datagram[place] ^= 1 << chance.below(8);
}

fn replace(datagram: &mut [u8], word: &[u8], by: &[u8]) {
    if let Some(at) = datagram.windows(word.len()).position(|found| found == word) {
        datagram[at..at + by.len()].copy_from_slice(by);
    }
}
