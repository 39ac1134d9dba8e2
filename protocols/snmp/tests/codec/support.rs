//! What the tests read: captured datagrams, and datagrams made by hand.

use std::path::Path;

use vigie_snmp::{Message, Oddity, Quirk, Value, read};

/// sysUpTime.0, snmpTrapOID.0, a trap, an object of nobody's and an enterprise.
pub(crate) const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
pub(crate) const SNMP_TRAP_OID: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
pub(crate) const LINK_DOWN: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 5, 3];
pub(crate) const OBJECT: &[u32] = &[1, 3, 6, 1, 4, 1, 99_999, 1, 7];
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
    element(0x30, &[&[2, 1, version][..], &element(0x04, b"public"), pdu].concat())
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
    element(0xa4, &[enterprise, agent_addr, generic, specific, &time_stamp, &[0x30, 0]].concat())
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

/// Reads what must be readable.
pub(crate) fn must_read(datagram: &[u8]) -> Message {
    read(datagram).unwrap_or_else(|refused| panic!("{refused}: {datagram:02x?}"))
}

/// What was noted about a message.
pub(crate) fn quirks(message: &Message) -> Vec<&Quirk> {
    message.oddities.iter().map(|oddity| &oddity.quirk).collect()
}

/// The value of the one varbind in a trap, and what was noted about it.
pub(crate) fn one_value(value: &[u8]) -> (Value, Vec<Oddity>) {
    let message = must_read(&v2_trap(&[varbind(OBJECT, value)]));
    assert_eq!(message.notification.trap_oid.sub_ids(), LINK_DOWN);
    let [varbind] = &*message.notification.varbinds else { panic!("{message:?}") };
    assert_eq!(varbind.oid.sub_ids(), OBJECT);
    (varbind.value.clone(), message.oddities)
}
