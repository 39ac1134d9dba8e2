//! SMS-SUBMIT: a message to be sent (23.040 §9.2.2.2).
//!
//! It is written for `AT+CMGS` and read by our modem simulator, and from memories where somebody left one.

use super::octets::Octets;
use super::{Address, DataCoding, PduError, SubmitPdu, UserData, validity};
use std::time::Duration;

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// The service centre to use; the one on the SIM if there is none here.
    pub service_centre: Option<Address>,
    /// TP-MR. Modems write their own over it and answer with that.
    pub reference: u8,
    /// Whom it is for.
    pub destination: Address,
    /// TP-PID, 0 for a message from person to person; 0x41 to 0x47 replace an earlier one of the same number.
    pub protocol: u8,
    /// How long the service centre is to try, in steps of the standard, rounded up; what the network does if
    /// there is none is its own affair. A stored message that is valid until a date has none here.
    pub validity: Option<Duration>,
    /// Whether a status report is wanted.
    pub status_report: bool,
    /// Whether the service centre is to refuse a second message with this reference and destination.
    pub reject_duplicates: bool,
    /// Whether the answer may travel by our service centre.
    pub reply_path: bool,
    /// The text, or one part of it.
    pub user_data: UserData,
}

impl Submit {
    /// A plain message: no validity, no report.
    #[must_use]
    pub fn new(destination: Address, user_data: UserData) -> Self {
        Self {
            service_centre: None,
            reference: 0,
            destination,
            protocol: 0,
            validity: None,
            status_report: false,
            reject_duplicates: false,
            reply_path: false,
            user_data,
        }
    }

    /// Writes the message for `AT+CMGS`.
    ///
    /// # Errors
    /// [`PduError::TooLong`] if the user data do not fit 140 octets, and what an [`Address`] may complain of.
    pub fn encode(&self) -> Result<SubmitPdu, PduError> {
        let first = 0b01
            | u8::from(self.reject_duplicates) << 2
            | u8::from(self.validity.is_some()) << 4
            | u8::from(self.status_report) << 5
            | u8::from(self.user_data.has_header()) << 6
            | u8::from(self.reply_path) << 7;
        let mut tpdu = vec![first, self.reference];
        self.destination.put(&mut tpdu)?;
        tpdu.extend([self.protocol, self.user_data.coding().octet()]);
        tpdu.extend(self.validity.map(validity::relative));
        self.user_data.put(&mut tpdu)?;
        SubmitPdu::assemble(self.service_centre.as_ref(), &tpdu)
    }

    /// Reads what follows the first octet; an error where a part is missing that must be there.
    pub(super) fn take(
        first: u8,
        octets: &mut Octets<'_>,
        service_centre: Option<Address>,
    ) -> Result<Self, PduError> {
        let reference = octets.one("message reference")?;
        let destination = Address::take(octets, "destination")?;
        let protocol = octets.one("protocol identifier")?;
        let coding = DataCoding::from_octet(octets.one("data coding scheme")?);
        let validity = validity::take(first, octets)?;
        let user_data = UserData::take(octets, coding, first & 0x40 != 0)?;
        Ok(Self {
            service_centre,
            reference,
            destination,
            protocol,
            validity,
            status_report: first & 0x20 != 0,
            reject_duplicates: first & 0x04 != 0,
            reply_path: first & 0x80 != 0,
            user_data,
        })
    }
}
