//! What kind of modem, SIM and network is simulated.

use std::time::Duration;

/// What `+CMGR` says of an empty slot: modems disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptySlot {
    /// `OK` alone.
    #[default]
    Ok,
    /// `+CMGR: 0,,0` and `OK`.
    ZeroHead,
    /// `+CMS ERROR: 321`.
    Refused,
    /// `ERROR`, and then `OK` (phonesim).
    Both,
}

/// The modem, the SIM and the network.
#[derive(Debug, Clone)]
pub struct Profile {
    /// `+CGMI`.
    pub manufacturer: &'static str,
    /// `+CGMM`.
    pub model: &'static str,
    /// `+CGMR`.
    pub revision: &'static str,
    /// `+COPS?`.
    pub operator: &'static str,
    /// `+CSCA?`; without it, nothing can be sent.
    pub service_centre: Option<&'static str>,
    /// The PIN that the SIM wants.
    pub pin: Option<&'static str>,
    /// Slots on the SIM.
    pub slots: u16,
    /// Slots in the modem; with 0, it offers no `ME`.
    pub equipment_slots: u16,
    /// The index of the first slot; Huawei counts from 0.
    pub first_index: u16,
    /// How long the network takes for each message that is sent.
    pub per_message: Duration,
    /// How long until a status report comes.
    pub report_after: Duration,
    /// TP-ST of the reports (23.040 9.2.3.15).
    pub report_status: u8,
    /// Whether it echoes when it starts.
    pub echo: bool,
    /// `<stat>` of `+CREG` when it starts.
    pub registration: u8,
    /// `<stat>` of `+CREG` alone, where it is another: modems whose SIM is for packets or LTE alone are denied there.
    pub circuit: Option<u8>,
    /// Whether it knows `+CEREG`.
    pub lte: bool,
    /// `+CSQ`.
    pub signal: u8,
    /// What `+CNMI` offers for mode, mt, bm, ds and bfr.
    pub indications: [&'static [u8]; 5],
    /// What it says of empty slots.
    pub empty_slot: EmptySlot,
    /// How long it hears nothing after being switched on or reset.
    pub boot_time: Duration,
    /// What it says then.
    pub boot: Vec<&'static str>,
    /// The SIM's own identity (27.007 5.6).
    pub subscriber: &'static str,
    /// Commands that it does not know.
    pub unknown: &'static [&'static str],
    /// What it says once when a message found no slot.
    pub full: Option<&'static str>,
    /// The moment zero, in seconds since 1970, for the time stamps of messages.
    pub epoch: i64,
}

impl Default for Profile {
    /// A serial LTE modem with ten slots on its SIM, registered at home.
    fn default() -> Self {
        Self {
            manufacturer: "Vigie",
            model: "SIMULATOR",
            revision: "1.0",
            operator: "Vigie Telecom",
            service_centre: Some("+33689004000"),
            pin: None,
            slots: 10,
            equipment_slots: 0,
            first_index: 1,
            per_message: Duration::from_millis(2500),
            report_after: Duration::from_secs(1),
            report_status: 0,
            echo: true,
            registration: 1,
            circuit: None,
            lte: true,
            signal: 17,
            indications: [&[0, 1, 2], &[0, 1, 2, 3], &[0, 2], &[0, 1, 2], &[0, 1]],
            empty_slot: EmptySlot::Ok,
            boot_time: Duration::ZERO,
            boot: vec!["RDY", "+CFUN: 1", "+CPIN: READY", "SMS Ready"],
            subscriber: "208011234567890",
            unknown: &[],
            full: None,
            epoch: 1_767_225_600,
        }
    }
}

impl Profile {
    /// One whose network takes no time, for tests that count and do not wait.
    #[must_use]
    pub fn instant() -> Self {
        Self { per_message: Duration::ZERO, report_after: Duration::ZERO, ..Self::default() }
    }
}
