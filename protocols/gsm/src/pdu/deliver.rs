//! SMS-DELIVER: a message that somebody sent to us (23.040 §9.2.2.1).
//!
//! It is read from what the modem hands out, and written by our modem simulator.

use super::octets::Octets;
use super::{Address, DataCoding, Pdu, PduError, TimeStamp, UserData};

/// A message that somebody sent to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliver {
    /// The service centre that brought it.
    pub service_centre: Option<Address>,
    /// Who sent it: a number, a short code or a name.
    pub sender: Address,
    /// TP-PID, 0 for a message from person to person.
    pub protocol: u8,
    /// When the service centre had it.
    pub time: TimeStamp,
    /// Whether the service centre has more for us.
    pub more_to_come: bool,
    /// Whether the sender gets a report that we have it.
    pub status_report: bool,
    /// Whether an answer may travel by the sender's service centre.
    pub reply_path: bool,
    /// The text, or one part of it.
    pub user_data: UserData,
}

impl Deliver {
    /// A message from person to person: no service centre, no report, nothing more to come.
    #[must_use]
    pub fn new(sender: Address, time: TimeStamp, user_data: UserData) -> Self {
        Self {
            service_centre: None,
            sender,
            protocol: 0,
            time,
            more_to_come: false,
            status_report: false,
            reply_path: false,
            user_data,
        }
    }

    /// Writes the message as a modem hands it out.
    ///
    /// # Errors
    /// [`PduError::TooLong`] if the user data do not fit 140 octets, and what an [`Address`] may complain of.
    pub fn encode(&self) -> Result<Pdu, PduError> {
        // TP-MMS is 0 when there is more (§9.2.3.2).
        let first = u8::from(!self.more_to_come) << 2
            | u8::from(self.status_report) << 5
            | u8::from(self.user_data.has_header()) << 6
            | u8::from(self.reply_path) << 7;
        let mut tpdu = vec![first];
        self.sender.put(&mut tpdu)?;
        tpdu.extend([self.protocol, self.user_data.coding().octet()]);
        tpdu.extend(self.time.octets());
        self.user_data.put(&mut tpdu)?;
        Pdu::assemble(self.service_centre.as_ref(), &tpdu)
    }

    /// Reads what follows the first octet; an error where a part is missing that must be there.
    pub(super) fn take(
        first: u8,
        octets: &mut Octets<'_>,
        service_centre: Option<Address>,
    ) -> Result<Self, PduError> {
        let sender = Address::take(octets, "sender")?;
        let protocol = octets.one("protocol identifier")?;
        let coding = DataCoding::from_octet(octets.one("data coding scheme")?);
        let time = TimeStamp::from_octets(octets.array("time stamp")?);
        let user_data = UserData::take(octets, coding, first & 0x40 != 0)?;
        Ok(Self {
            service_centre,
            sender,
            protocol,
            time,
            more_to_come: first & 0x04 == 0,
            status_report: first & 0x20 != 0,
            reply_path: first & 0x80 != 0,
            user_data,
        })
    }
}
