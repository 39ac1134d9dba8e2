//! How a sender is called in an alarm about it: `10.0.0.7 to snmp.network`.

use std::net::IpAddr;

/// What stands for all senders that have no alarm of their own.
const OTHERS: &str = "other sources";

/// The subject of an alarm about this sender; `None`: about all the others.
pub(super) fn of(input: &str, source: Option<IpAddr>) -> String {
    match source {
        Some(source) => format!("{source} to {input}"),
        None => format!("{OTHERS} to {input}"),
    }
}

/// The sender that a subject of this input names; `None` where it is no subject of this input.
pub(super) fn source(input: &str, subject: &str) -> Option<Option<IpAddr>> {
    let source = subject.strip_suffix(input)?.strip_suffix(" to ")?;
    if source == OTHERS { Some(None) } else { source.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_found_again_in_the_subject_of_its_input_and_of_no_other() {
        let input = "snmp.network";
        for sender in [None, Some(IpAddr::from([10, 0, 0, 7])), "2001:db8::7".parse().ok()] {
            assert_eq!(source(input, &of(input, sender)), Some(sender));
            assert_eq!(source("snmp.net", &of(input, sender)), None);
            assert_eq!(source("network", &of(input, sender)), None);
        }
        assert_eq!(source(input, "snmp.network"), None);
    }
}
