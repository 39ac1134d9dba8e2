//! What kind of modem, SIM and network is simulated.

use std::ops::RangeInclusive;
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

/// Where it keeps status reports when it is to store them (`+CNMI` ds=2): modems disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReportStore {
    /// Among the messages, announced by `+CDSI` with their slot.
    #[default]
    Messages,
    /// In `SR`, announced with their slot there.
    Own,
    /// Where nobody can read them, announced as `+CDSI: "SM",0` (EC25).
    Nowhere,
}

/// The modem, the SIM and the network.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What `+CGMI` says (27.007 5.1).
    pub manufacturer: String,
    /// What `+CGMM` says (27.007 5.2).
    pub model: String,
    /// What `+CGMR` says (27.007 5.3).
    pub revision: String,
    /// The name that `+COPS?` says (27.007 7.3).
    pub operator: String,
    /// `+CSCA?`; without it, nothing can be sent.
    pub service_centre: Option<String>,
    /// The PIN that the SIM wants.
    pub pin: Option<String>,
    /// How many wrong ones were entered before.
    pub wrong_pins: u8,
    /// Whether it tells how often the PIN may still be wrong (`+CPINR`, 27.007 8.65).
    pub tries_told: bool,
    /// Slots on the SIM.
    pub slots: u16,
    /// Slots in the modem; with 0, it offers no `ME`.
    pub equipment_slots: u16,
    /// Slots for status reports; with 0, it offers no `SR`.
    pub report_slots: u16,
    /// What `+CPMS=?` says, where it does not simply list the memories three times. A memory that is offered here
    /// and has no slots is refused.
    pub memories: Option<String>,
    /// How many memories `+CPMS=` takes in one line (27.005 3.2.2: one to three).
    pub memories_at_once: RangeInclusive<usize>,
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
    /// `+CMEE` when it starts: 0 to 2 (27.007 9.1).
    pub error_codes: u8,
    /// What it says to a command that it does not know or cannot carry out: mostly `ERROR`.
    pub refusal: String,
    /// For so long after it has started, the SIM is busy, which is this `+CME ERROR`.
    pub busy: Option<(Duration, u16)>,
    /// What comes so soon after a result is not heard.
    pub pause: Duration,
    /// Commands that take so long.
    pub slow: Vec<(String, Duration)>,
    /// Questions that it answers without a result behind the answer.
    pub without_result: Vec<String>,
    /// `<stat>` of `+CREG` when it starts.
    pub registration: u8,
    /// `<stat>` of `+CREG` alone, where it is another: modems whose SIM is for packets or LTE alone are denied there.
    pub circuit: Option<u8>,
    /// How it answers `+CREG?` and its like, with `{n}` and `{stat}` in their places.
    pub registration_form: Option<String>,
    /// Whether it knows `+CEREG`.
    pub lte: bool,
    /// `<rssi>` of `+CSQ` (27.007 8.5): 0 to 31, or 99.
    pub signal: u8,
    /// What `+CNMI=?` offers for mode, mt, bm, ds and bfr: lists and ranges in parentheses.
    pub indications: String,
    /// Values of `<mode>` that it offers, and refuses.
    pub refused_modes: Vec<u8>,
    /// Where status reports go.
    pub report_store: ReportStore,
    /// What it says of empty slots.
    pub empty_slot: EmptySlot,
    /// How long it hears nothing after being switched on or reset.
    pub boot_time: Duration,
    /// What it says then, and how long after.
    pub boot: Vec<(Duration, String)>,
    /// What it says unasked, and how often.
    pub chatter: Vec<(Duration, String)>,
    /// The SIM's own identity (27.007 5.6).
    pub subscriber: String,
    /// Commands that it does not know.
    pub unknown: Vec<String>,
    /// What it says once when a message found no slot.
    pub full: Option<String>,
    /// The moment zero, in seconds since 1970, for the time stamps of messages.
    pub epoch: i64,
}

impl Default for Profile {
    /// A serial LTE modem with ten slots on its SIM, registered at home.
    fn default() -> Self {
        let boot = ["RDY", "+CFUN: 1", "+CPIN: READY", "SMS Ready"];
        Self {
            manufacturer: "Vigie".to_owned(),
            model: "SIMULATOR".to_owned(),
            revision: "1.0".to_owned(),
            operator: "Vigie Telecom".to_owned(),
            service_centre: Some("+33689004000".to_owned()),
            pin: None,
            wrong_pins: 0,
            tries_told: false,
            slots: 10,
            equipment_slots: 0,
            report_slots: 0,
            memories: None,
            memories_at_once: 1..=3,
            first_index: 1,
            per_message: Duration::from_millis(2500),
            report_after: Duration::from_secs(1),
            report_status: 0,
            echo: true,
            error_codes: 0,
            refusal: "ERROR".to_owned(),
            busy: None,
            pause: Duration::ZERO,
            slow: Vec::new(),
            without_result: Vec::new(),
            registration: 1,
            circuit: None,
            registration_form: None,
            lte: true,
            signal: 17,
            indications: "(0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)".to_owned(),
            refused_modes: Vec::new(),
            report_store: ReportStore::Messages,
            empty_slot: EmptySlot::Ok,
            boot_time: Duration::ZERO,
            boot: boot.map(|line| (Duration::ZERO, line.to_owned())).to_vec(),
            chatter: Vec::new(),
            subscriber: "208011234567890".to_owned(),
            unknown: Vec::new(),
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
