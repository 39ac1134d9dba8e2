//! Translation: from the network's words to the watch's.
//!
//! It decides nothing and loses nothing: what cannot be read is a signal from `?` that holds its bytes.
//!
//! Numbers: the watch knows people by their number in international form. A network gives senders so; a sender that
//! it gives without the country's code stays as it came, since nothing here says which country that is, and the watch
//! compares it with the ends of the numbers that it knows. A name counts as unknown, whatever it reads like: anybody can
//! send under any name. The recipient of a report is compared by its end, with the number to which this modem sent.

use std::sync::Arc;

use vigie_gsm::concatenation::Message;
use vigie_gsm::pdu::{Address, Deliver, Discharge, NumberType, Status, StatusReport, TimeStamp};

use crate::watch::event::{Delivered, Delivery, ShortMessage};
use crate::watch::name::InputName;
use crate::watch::signal::{Fields, Identity, Kind, Signal, Tells, Value};
use crate::watch::site::PhoneNumber;
use crate::watch::time::Utc;

/// 23.040 §9.2.3.15: the validity period of the message ran out.
const VALIDITY_EXPIRED: u8 = 0x46;

/// What of a message is told: all of it, or one part.
pub(super) struct Text<'m> {
    sender: &'m Address,
    time: TimeStamp,
    text: String,
    complete: bool,
}

impl<'m> Text<'m> {
    /// A message whose parts are together, as far as they came.
    pub(super) fn of_message<T>(message: &'m Message<T>) -> Self {
        Self {
            sender: &message.sender,
            time: message.time,
            text: message.text.clone(),
            complete: message.is_complete(),
        }
    }

    /// One part of a message whose others are missing.
    pub(super) fn of_part(part: &'m Deliver) -> Self {
        let mut text = part.user_data.text();
        if !part.user_data.is_cut() {
            text.push(' ');
            text.push_str(vigie_gsm::pdu::GAP);
        }
        Self { sender: &part.sender, time: part.time, text, complete: false }
    }

    /// As the watch reads it; `raw` is what came over the wire.
    pub(super) fn short_message(
        self,
        input: &InputName,
        raw: Arc<[u8]>,
        received: Utc,
    ) -> ShortMessage {
        let sender = self.sender.to_string();
        let mut fields = modem_fields(input);
        fields.set("sender", Value::text(sender.as_str()));
        let source_time = self.time.unix_seconds().map(from_seconds);
        if source_time.is_some() {
            fields.set("sent_at", Value::text(self.time.to_string()));
        }
        if !self.complete {
            fields.set("incomplete", Value::Bool(true));
        }
        let octets = self.time.octets();
        let identity = Identity::of(&[sender.as_bytes(), &octets, self.text.as_bytes()]);
        let signal = Signal {
            input: input.clone(),
            kind: Kind::Gsm,
            source: Arc::from(sender),
            fields,
            text: Arc::from(self.text),
            source_time,
            tells: Tells::News,
            received,
            identity: Some(identity),
            raw,
        };
        ShortMessage { signal, sender: number(self.sender), national: national(self.sender) }
    }
}

/// What no message can be read from: on the record with its bytes, so that nothing disappears.
pub(super) fn unreadable(input: &InputName, raw: Arc<[u8]>, received: Utc) -> Signal {
    let identity = Identity::of(&[b"unreadable", input.as_str().as_bytes(), &raw]);
    Signal {
        input: input.clone(),
        kind: Kind::Gsm,
        source: Arc::from("?"),
        fields: modem_fields(input),
        text: Arc::from(""),
        source_time: None,
        tells: Tells::News,
        received,
        identity: Some(identity),
        raw,
    }
}

/// The network's word on what we sent to `to`, or to the number that it names itself. `None` if that is no number
/// in international form.
pub(super) fn delivery(
    by: &InputName,
    report: &StatusReport,
    to: Option<&PhoneNumber>,
) -> Option<Delivery> {
    let same_line = |number: &&PhoneNumber| {
        number
            .as_str()
            .parse::<Address>()
            .is_ok_and(|address| address.is_same_line(&report.recipient))
    };
    let recipient = to.filter(same_line).cloned().or_else(|| number(&report.recipient))?;
    let identity = Identity::of(&[
        b"report",
        by.as_str().as_bytes(),
        &[report.reference, report.status.octet()],
        recipient.as_str().as_bytes(),
        &report.submitted.octets(),
        &report.discharged.octets(),
    ]);
    Some(Delivery {
        by: by.clone(),
        reference: report.reference,
        recipient,
        outcome: outcome(report.status),
        submitted: report.submitted.unix_seconds().map(from_seconds),
        discharged: report.discharged.unix_seconds().map(from_seconds),
        identity: Some(identity),
    })
}

fn outcome(status: Status) -> Delivered {
    match status.discharge() {
        Discharge::Delivered => Delivered::Delivered,
        // A status that the standard does not know says nothing: silence is judged by the ladder.
        Discharge::Pending | Discharge::Unknown => Delivered::Pending,
        Discharge::Refused if status.octet() == VALIDITY_EXPIRED => Delivered::Expired,
        Discharge::Refused | Discharge::GivenUp => Delivered::Failed,
    }
}

/// The number of a sender or recipient, where it is one in international form.
fn number(address: &Address) -> Option<PhoneNumber> {
    match address.kind() {
        NumberType::International | NumberType::Unknown => PhoneNumber::parse(&address.to_string()),
        NumberType::National
        | NumberType::Network
        | NumberType::Subscriber
        | NumberType::Alphanumeric
        | NumberType::Abbreviated
        | NumberType::Reserved => None,
    }
}

/// The digits of a sender without the code of its country.
fn national(address: &Address) -> Option<Arc<str>> {
    match address.kind() {
        NumberType::National | NumberType::Unknown if number(address).is_none() => {
            Some(Arc::from(address.to_string()))
        }
        NumberType::National
        | NumberType::Unknown
        | NumberType::International
        | NumberType::Network
        | NumberType::Subscriber
        | NumberType::Alphanumeric
        | NumberType::Abbreviated
        | NumberType::Reserved => None,
    }
}

/// The fields of everything that a modem brings: `modem` is the identifier of `[gsm.ID]`.
fn modem_fields(input: &InputName) -> Fields {
    let mut fields = Fields::with_capacity(4);
    let modem = input.as_str().split_once('.').map_or(input.as_str(), |(_, modem)| modem);
    fields.set("modem", Value::text(modem));
    fields
}

fn from_seconds(seconds: i64) -> Utc {
    Utc::from_micros(seconds.saturating_mul(1_000_000))
}
