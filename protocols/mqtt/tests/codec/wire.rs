//! Sparkplug payloads written by hand, for what no well-behaved node sends.

/// A field of Protocol Buffers whose value is a number.
pub(crate) fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// A field whose value is octets.
pub(crate) fn octets(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(u64::try_from(value.len()).unwrap()), value.to_vec()].concat()
}

pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut found = Vec::new();
    while value > 0x7f {
        found.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    found.push(value.to_le_bytes()[0]);
    found
}

/// A metric of type Int32 with a name and an alias, where there are some.
pub(crate) fn metric(name: Option<&str>, alias: Option<u64>, value: u64) -> Vec<u8> {
    let name = name.map(|name| octets(1, name.as_bytes())).unwrap_or_default();
    let alias = alias.map(|alias| number(2, alias)).unwrap_or_default();
    octets(2, &[name, alias, number(4, 3), number(10, value)].concat())
}

/// `bdSeq`.
pub(crate) fn session(number_of: u64) -> Vec<u8> {
    octets(2, &[octets(1, b"bdSeq"), number(4, 4), number(11, number_of)].concat())
}

/// A payload of these metrics.
pub(crate) fn payload(seq: Option<u64>, metrics: &[Vec<u8>]) -> Vec<u8> {
    [metrics.concat(), seq.map(|seq| number(3, seq)).unwrap_or_default()].concat()
}
