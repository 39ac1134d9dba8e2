//! What the tests write: captured datagrams, datagrams made by hand, and dice that fall the same way every time.

use std::path::Path;

/// sysUpTime.0, snmpTrapOID.0, and an object of nobody's.
pub(crate) const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
pub(crate) const SNMP_TRAP_OID: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
pub(crate) const LINK_DOWN: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 5, 3];
pub(crate) const ENTERPRISE: &[u32] = &[1, 3, 6, 1, 4, 1, 8072, 2, 3];

/// The octets of a file in fixtures/snmp.
pub(crate) fn captured(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/snmp")
        .join(format!("{name}.hex"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let digits: Vec<char> = text.split_whitespace().flat_map(str::chars).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

/// The names of all captured datagrams, sorted.
pub(crate) fn all_captured() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/snmp");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry
                .unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .strip_suffix(".hex")
                .map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

/// An element with the shortest length.
pub(crate) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = contents.len();
    let mut octets = vec![tag];
    match length {
        0..=127 => octets.push(u8::try_from(length).unwrap()),
        128..=65_535 => {
            octets.push(0x82);
            octets.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            octets.push(0x84);
            octets.extend(u32::try_from(length).unwrap().to_be_bytes());
        }
    }
    octets.extend_from_slice(contents);
    octets
}

/// The contents octets of an OID.
pub(crate) fn oid_contents(sub_ids: &[u32]) -> Vec<u8> {
    let (&[first, second], rest) = sub_ids.split_first_chunk::<2>().unwrap();
    let mut octets = Vec::new();
    for &sub_id in [first * 40 + second].iter().chain(rest) {
        let groups = (1..5).rev().filter(|&group| sub_id >> (7 * group) != 0);
        octets
            .extend(groups.map(|group| 0x80 | u8::try_from(sub_id >> (7 * group) & 0x7f).unwrap()));
        octets.push(u8::try_from(sub_id & 0x7f).unwrap());
    }
    octets
}

pub(crate) fn oid(sub_ids: &[u32]) -> Vec<u8> {
    element(0x06, &oid_contents(sub_ids))
}

/// A varbind: `value` is a whole element.
pub(crate) fn varbind(name: &[u32], value: &[u8]) -> Vec<u8> {
    element(0x30, &[oid(name), value.to_vec()].concat())
}

pub(crate) fn uptime() -> Vec<u8> {
    varbind(SYS_UP_TIME, &[0x43, 2, 0x30, 0x39])
}

pub(crate) fn trap_oid(sub_ids: &[u32]) -> Vec<u8> {
    varbind(SNMP_TRAP_OID, &oid(sub_ids))
}

/// A message around a PDU.
pub(crate) fn message(version: u8, pdu: &[u8]) -> Vec<u8> {
    element(
        0x30,
        &[&[2, 1, version][..], &element(0x04, b"public"), pdu].concat(),
    )
}

/// A PDU of v2 with the given request-id element.
pub(crate) fn v2_pdu(tag: u8, request_id: &[u8], varbinds: &[Vec<u8>]) -> Vec<u8> {
    let list = element(0x30, &varbinds.concat());
    element(tag, &[request_id, &[2, 1, 0, 2, 1, 0], &list].concat())
}

/// A v2c linkDown trap with further varbinds.
pub(crate) fn v2_trap(varbinds: &[Vec<u8>]) -> Vec<u8> {
    let all = [&[uptime(), trap_oid(LINK_DOWN)], varbinds].concat();
    message(1, &v2_pdu(0xa7, &[2, 1, 42], &all))
}

/// A v1 Trap-PDU from whole elements.
pub(crate) fn v1_pdu(
    enterprise: &[u8],
    agent_addr: &[u8],
    generic: &[u8],
    specific: &[u8],
) -> Vec<u8> {
    let time_stamp = [0x43, 2, 0x30, 0x39];
    element(
        0xa4,
        &[
            enterprise,
            agent_addr,
            generic,
            specific,
            &time_stamp,
            &[0x30, 0],
        ]
        .concat(),
    )
}

/// A v1 trap with these contents of generic-trap and specific-trap.
pub(crate) fn v1_trap(generic: &[u8], specific: &[u8]) -> Vec<u8> {
    let pdu = v1_pdu(
        &oid(ENTERPRISE),
        &[0x40, 4, 192, 0, 2, 7],
        &element(2, generic),
        &element(2, specific),
    );
    message(0, &pdu)
}

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
                let pdu = [
                    enterprise,
                    agent,
                    vec![2, 1, generic],
                    specific,
                    ticks,
                    list,
                ];
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
                element(
                    [0x41, 0x42, 0x43][self.below(3)],
                    &[vec![0], self.octets(count)].concat(),
                )
            }
        };
        element(0x30, &[self.oid(), value].concat())
    }
}
