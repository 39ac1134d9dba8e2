//! By what a message that is delivered again is known.
//!
//! A broker delivers again what was not acknowledged: the same packet id, topic and payload, to the same client id. Its identity
//! is a hash of just that, and of the input, so that it is the same after a restart. A message of QoS 0 has none.
//!
//! # Decision (2026-11-27): only where the broker says so, and only the last under its number
//!
//! Packet ids begin again after 65,535, some brokers take the lowest that is free (so that each message may be number 1), and sensors say
//! the same all day: that a message has the identity of an earlier one proves nothing. The watch takes it for the same only where
//! the broker has set DUP ([`Tells::Again`]), and where nothing else came under that number since: "off", "on" and "off" may all be
//! number 1, and the last of them be lost on the way the first time. What is left is a message that equals the last one under its
//! number, and was acknowledged, lost on its way and sent again: "off", and "off" once more with nothing between them under that
//! number, which tells the same state; and so the first messages of a session that numbers from 1 again. Rejected: a time in the
//! hash, since a redelivery after a long stop must be known as well; and a field of its own for the number in each fact, since
//! the identity has room for it and journals stay as they are.
//!
//! A convention may have a number for each event (ChirpStack's deduplicationId): then that is the identity, and whoever sends it
//! twice has sent it once.
//!
//! [`Tells::Again`]: crate::watch::signal::Tells::Again

use crate::watch::name::InputName;
use crate::watch::signal::Identity;

/// The identity of a delivery; `place` tells the several things apart that one message may say.
pub(super) fn of_delivery(
    input: &InputName,
    client_id: &str,
    packet: u16,
    topic: &[u8],
    payload: &[u8],
    place: usize,
) -> Identity {
    let number =
        Identity::of(&[input.as_str().as_bytes(), client_id.as_bytes(), &packet.to_be_bytes()]);
    let content = Identity::of(&[topic, payload]);
    Identity::under(number, content, u16::try_from(place).unwrap_or(u16::MAX))
}

/// The identity of an event that its sender has numbered.
pub(super) fn of_event(input: &InputName, device: &str, event: &str) -> Identity {
    Identity::of(&[input.as_str().as_bytes(), device.as_bytes(), event.as_bytes()]).unnumbered()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_delivery_is_the_same_and_nothing_else_is() {
        let plant = InputName::new("mqtt.plant");
        let one = of_delivery(&plant, "vigie", 7, b"a/b", b"on", 0);
        assert_eq!(of_delivery(&plant, "vigie", 7, b"a/b", b"on", 0), one);
        for other in [
            of_delivery(&InputName::new("mqtt.other"), "vigie", 7, b"a/b", b"on", 0),
            of_delivery(&plant, "vigie2", 7, b"a/b", b"on", 0),
            of_delivery(&plant, "vigie", 8, b"a/b", b"on", 0),
            of_delivery(&plant, "vigie", 7, b"a/bo", b"n", 0),
            of_delivery(&plant, "vigie", 7, b"a/b", b"off", 0),
            of_delivery(&plant, "vigie", 7, b"a/b", b"on", 1),
        ] {
            assert_ne!(other, one);
        }
    }

    #[test]
    fn an_identity_outlives_the_program() {
        // Written down once: if this changes, a message that is delivered again across an update rings twice.
        let identity = of_delivery(
            &InputName::new("mqtt.plant"),
            "vigie-north",
            7,
            b"plant/1/alarm",
            b"on",
            0,
        );
        assert_eq!(identity, Identity(15_983_906_112_922_779_648));
    }
}
