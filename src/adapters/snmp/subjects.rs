//! How a sender is called in an alarm about it: `10.0.0.7 to snmp.network`.

use std::net::IpAddr;

/// What stands for all senders that have no alarm of their own.
const OTHERS: &str = "other sources";

/// Whom an alarm about senders is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Whom {
    /// All together that have no alarm of their own: senders of datagrams can be forged, and there are more than anybody reads.
    Others,
    /// One that has an alarm of its own.
    One(IpAddr),
}

/// The subject of an alarm of this input about them.
pub(super) fn of(input: &str, whom: Whom) -> String {
    match whom {
        Whom::One(source) => format!("{source} to {input}"),
        Whom::Others => format!("{OTHERS} to {input}"),
    }
}

/// Whom a subject of this input names; `None` where it is no subject of this input.
pub(super) fn whom(input: &str, subject: &str) -> Option<Whom> {
    let source = subject.strip_suffix(input)?.strip_suffix(" to ")?;
    if source == OTHERS { Some(Whom::Others) } else { source.parse().ok().map(Whom::One) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_found_again_in_the_subject_of_its_input_and_of_no_other() {
        let input = "snmp.network";
        let one = |source: &str| Whom::One(source.parse().unwrap());
        for sender in [Whom::Others, one("10.0.0.7"), one("2001:db8::7")] {
            assert_eq!(whom(input, &of(input, sender)), Some(sender));
            assert_eq!(whom("snmp.net", &of(input, sender)), None);
            assert_eq!(whom("network", &of(input, sender)), None);
        }
        assert_eq!(whom(input, "snmp.network"), None);
    }
}
