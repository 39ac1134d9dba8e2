//! SMS-STATUS-REPORT: what became of a message that we sent (23.040 §9.2.2.3).
//!
//! It says what the network claims, which is not that a person has read anything. A report is matched to its
//! message by reference and recipient, and that is the caller's business.

use super::octets::Octets;
use super::{Address, DataCoding, Pdu, PduError, TimeStamp, UserData};
use std::fmt;

/// TP-ST, what became of a message (23.040 §9.2.3.15). `Display` gives the reason in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(u8);

/// What a [`Status`] means for the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Discharge {
    /// 0x00 to 0x1F: the recipient's phone has it, or it was replaced by a later one.
    Delivered,
    /// 0x20 to 0x3F: not yet; the service centre goes on trying.
    Pending,
    /// 0x40 to 0x5F: refused for good.
    Refused,
    /// 0x60 to 0x7F: not delivered, and the service centre has given up.
    GivenUp,
    /// 0x80 and above: the standard does not know it.
    Unknown,
}

impl Status {
    /// The status of an octet; every octet is one.
    #[must_use]
    pub fn from_octet(octet: u8) -> Self {
        Self(octet)
    }

    /// The octet of TP-ST as it came (23.040 §9.2.3.15).
    #[must_use]
    pub fn octet(self) -> u8 {
        self.0
    }

    /// What it means for the message.
    #[must_use]
    pub fn discharge(self) -> Discharge {
        match self.0 {
            0x00..=0x1F => Discharge::Delivered,
            0x20..=0x3F => Discharge::Pending,
            0x40..=0x5F => Discharge::Refused,
            0x60..=0x7F => Discharge::GivenUp,
            0x80..=0xFF => Discharge::Unknown,
        }
    }

    fn reason(self) -> &'static str {
        // What a temporary error means is the same whether the centre still tries or has given up.
        let row = if self.0 & 0x60 == 0x60 { self.0 & !0x40 } else { self.0 };
        match row {
            0x00 => "received by the phone",
            0x01 => "forwarded, without knowing whether the phone has it",
            0x02 => "replaced by the service centre",
            0x03..=0x1F => "completed",
            0x20 => "congestion",
            0x21 => "phone busy",
            0x22 => "no response from the phone",
            0x23 => "service rejected",
            0x24 => "quality of service not available",
            0x25 => "error in the phone",
            0x26..=0x3F => "temporary error",
            0x40 => "remote procedure error",
            0x41 => "incompatible destination",
            0x42 => "connection rejected by the phone",
            0x43 => "number not obtainable",
            0x44 => "quality of service not available",
            0x45 => "no interworking with the network of the recipient",
            0x46 => "validity expired",
            0x47 => "deleted by its sender",
            0x48 => "deleted by the administration of the service centre",
            0x49 => "the service centre does not know the message",
            0x4A..=0x5F => "permanent error",
            0x60..=0xFF => "unknown to the standard",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = if self.0 < 0x80 { self.reason() } else { "unknown to the standard" };
        write!(f, "{reason} (0x{:02X})", self.0)
    }
}

/// What became of a message that we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// The service centre that says so.
    pub service_centre: Option<Address>,
    /// TP-MR: the reference that the modem gave when the message was sent. It wraps after 256 messages.
    pub reference: u8,
    /// Whom the message was for, as the network writes it.
    pub recipient: Address,
    /// When the service centre had the message.
    pub submitted: TimeStamp,
    /// When it was delivered, or tried last.
    pub discharged: TimeStamp,
    /// What became of it.
    pub status: Status,
    /// Whether the service centre has more for us.
    pub more_to_come: bool,
    /// A text that the service centre added; seldom used.
    pub user_data: Option<UserData>,
}

impl StatusReport {
    /// A report without service centre and text, with nothing more to come.
    #[must_use]
    pub fn new(
        reference: u8,
        recipient: Address,
        submitted: TimeStamp,
        discharged: TimeStamp,
        status: Status,
    ) -> Self {
        Self {
            service_centre: None,
            reference,
            recipient,
            submitted,
            discharged,
            status,
            more_to_come: false,
            user_data: None,
        }
    }

    /// Writes the report as a modem hands it out.
    ///
    /// # Errors
    /// [`PduError::TooLong`] if the user data do not fit 140 octets, and what an [`Address`] may complain of.
    pub fn encode(&self) -> Result<Pdu, PduError> {
        let has_header = self.user_data.as_ref().is_some_and(UserData::has_header);
        let first = 0b10 | u8::from(!self.more_to_come) << 2 | u8::from(has_header) << 6;
        let mut tpdu = vec![first, self.reference];
        self.recipient.put(&mut tpdu)?;
        tpdu.extend(self.submitted.octets());
        tpdu.extend(self.discharged.octets());
        tpdu.push(self.status.octet());
        if let Some(user_data) = &self.user_data {
            // TP-PI: a coding scheme and a text follow (§9.2.3.27).
            tpdu.extend([0b110, user_data.coding().octet()]);
            user_data.put(&mut tpdu)?;
        }
        Pdu::assemble(self.service_centre.as_ref(), &tpdu)
    }

    /// Reads what follows the first octet; an error where a part is missing that must be there.
    pub(super) fn take(
        first: u8,
        octets: &mut Octets<'_>,
        service_centre: Option<Address>,
    ) -> Result<Self, PduError> {
        Ok(Self {
            service_centre,
            reference: octets.one("message reference")?,
            recipient: Address::take(octets, "recipient")?,
            submitted: TimeStamp::from_octets(octets.array("time stamp")?),
            discharged: TimeStamp::from_octets(octets.array("discharge time")?),
            status: Status::from_octet(octets.one("status")?),
            more_to_come: first & 0x04 == 0,
            // What follows the status is an extra: some modems cut it off in the middle, and the status stands.
            user_data: take_extra(octets, first & 0x40 != 0).ok().flatten(),
        })
    }
}

/// The optional fields that TP-PI announces (§9.2.3.27).
fn take_extra(octets: &mut Octets<'_>, has_header: bool) -> Result<Option<UserData>, PduError> {
    if octets.is_empty() {
        return Ok(None);
    }
    let mut indicator = octets.one("parameter indicator")?;
    let present = indicator;
    while indicator & 0x80 != 0 {
        indicator = octets.one("parameter indicator")?;
    }
    if present & 0b001 != 0 {
        octets.one("protocol identifier")?;
    }
    let coding = if present & 0b010 != 0 { octets.one("data coding scheme")? } else { 0 };
    if present & 0b100 == 0 {
        return Ok(None);
    }
    UserData::take(octets, DataCoding::from_octet(coding), has_header).map(Some)
}
