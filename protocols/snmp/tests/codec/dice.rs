//! Datagrams by chance: lawful ones, and ones that were spoiled; the same in every run.

use crate::support::{LINK_DOWN, element, message, oid, trap_oid, uptime, v2_pdu};

/// Dice that fall the same way every time (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn octet(&mut self) -> u8 {
        self.number().to_le_bytes()[0]
    }

    pub(crate) fn octets(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.octet()).collect()
    }

    /// Spoils a datagram in one to four places.
    pub(crate) fn spoil(&mut self, datagram: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let place = self.below(datagram.len().max(1));
            match self.below(8) {
                _ if datagram.is_empty() => datagram.push(self.octet()),
                0 | 1 => datagram[place] = self.octet(),
                2 => datagram[place] ^= 1 << self.below(8),
                3 => {
                    datagram[place] =
                        [0x00, 0x1f, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff][self.below(8)]
                }
                4 => datagram.insert(place, self.octet()),
                5 => drop(datagram.remove(place)),
                6 => datagram.truncate(place),
                _ => {
                    let end = place + self.below(datagram.len() - place + 1).min(40);
                    let again = datagram[place..end].to_vec();
                    datagram.splice(place..place, again);
                }
            }
        }
    }

    /// A lawful notification of v1 or v2c, with up to seven varbinds of any type.
    pub(crate) fn notification(&mut self) -> Vec<u8> {
        let count = self.below(8);
        let varbinds: Vec<Vec<u8>> = (0..count).map(|_| self.varbind()).collect();
        let id_octets = 1 + self.below(4);
        let request_id = element(2, &self.octets(id_octets));
        match self.below(3) {
            0 => {
                let generic = u8::try_from(self.below(7)).unwrap();
                let specific = element(2, &[0, self.octet()]);
                let agent = element(0x40, &self.octets(4));
                let (enterprise, ticks) = (self.oid(), element(0x43, &[0, self.octet()]));
                let list = element(0x30, &varbinds.concat());
                let pdu = [enterprise, agent, vec![2, 1, generic], specific, ticks, list];
                message(0, &element(0xa4, &pdu.concat()))
            }
            kind => {
                let tag = if kind == 1 { 0xa6 } else { 0xa7 };
                let all = [vec![uptime(), trap_oid(LINK_DOWN)], varbinds].concat();
                message(1, &v2_pdu(tag, &request_id, &all))
            }
        }
    }

    fn oid(&mut self) -> Vec<u8> {
        let mut sub_ids = vec![1, 3];
        for _ in 0..self.below(12) {
            let shift = self.below(32);
            sub_ids.push(u32::try_from(self.number() >> 32).unwrap() >> shift);
        }
        oid(&sub_ids)
    }

    fn varbind(&mut self) -> Vec<u8> {
        let value = match self.below(8) {
            0 => element(0x04, &{
                let count = self.below(300);
                self.octets(count)
            }),
            1 => self.oid(),
            2 => element(0x40, &self.octets(4)),
            3 => element(0x05, &[]),
            4 => element([0x80, 0x81, 0x82][self.below(3)], &[]),
            5 => {
                let count = self.below(9);
                element(0x46, &[vec![0], self.octets(count)].concat())
            }
            6 => {
                let count = 1 + self.below(4);
                element(0x02, &self.octets(count))
            }
            _ => {
                let count = self.below(5);
                element([0x41, 0x42, 0x43][self.below(3)], &[vec![0], self.octets(count)].concat())
            }
        };
        element(0x30, &[self.oid(), value].concat())
    }
}
