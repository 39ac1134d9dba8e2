//! Orphans: what Vigie has said of itself, and nobody would take back any more.
//!
//! A fault of an input is over when its adapter says so. The adapter of an input that was renamed or taken out of the files never
//! speaks again, and files that are in force are not refused: so who knows the files ends these, by the same signals and at the same
//! door. Of an input that is still there nothing is ended here, however long it stands.

use std::sync::Arc;

use crate::watch::name::InputName;
use crate::watch::own_alarms::{ACCESS, SelfAlarm, SelfSignal};
use crate::watch::state::State;

/// Why a fault is over that nobody has mended.
const NOT_CONFIGURED: &str = "no longer configured";

/// Of whom an alarm speaks, and so who ends it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// An input, which is its subject.
    Input,
    /// A device with latches, which is its subject.
    Latches,
    /// What shows the state of alarms outside, which is its subject: `contacts.cabinet.siren`.
    Output,
    /// Somebody who sends to an input: `10.0.0.7 to snmp.network`.
    Sender,
    /// The same, where no receiver knows after a start what was told before.
    Flood,
    /// The files.
    Files,
    /// Whatever the watch or the sequencer ends by itself, and what has no end.
    House,
}

const fn of(alarm: SelfAlarm) -> Of {
    match alarm {
        SelfAlarm::InputLost
        | SelfAlarm::ModemLost
        | SelfAlarm::SimRefused
        | SelfAlarm::NotRegistered
        | SelfAlarm::WeakSignal
        | SelfAlarm::OldNetwork
        | SelfAlarm::CreditLow
        | SelfAlarm::ReportsMissing
        | SelfAlarm::SubscriptionRefused => Of::Input,
        SelfAlarm::LatchStuck => Of::Latches,
        SelfAlarm::OutputLost => Of::Output,
        SelfAlarm::SourceSilent | SelfAlarm::CredentialsWrong => Of::Sender,
        SelfAlarm::TrapFlood => Of::Flood,
        SelfAlarm::ConfigurationRefused => Of::Files,
        SelfAlarm::Store
        | SelfAlarm::StoreSlow
        | SelfAlarm::Nobody
        | SelfAlarm::SimChanged
        | SelfAlarm::PathUnknown
        | SelfAlarm::HeartbeatMissed
        | SelfAlarm::DrillUnanswered
        | SelfAlarm::PersonUnreachable
        | SelfAlarm::TrapsDropped
        | SelfAlarm::NumberLockedOut
        | SelfAlarm::TooManyAlarms
        | SelfAlarm::SmsRejected
        | SelfAlarm::SessionLost
        | SelfAlarm::MessageRefused
        | SelfAlarm::ClockStepped
        | SelfAlarm::ClockUnsynchronised
        | SelfAlarm::ScheduleUncovered => Of::House,
    }
}

/// What the files have.
pub(super) struct Configured {
    /// Every input.
    pub(super) inputs: Vec<InputName>,
    /// Those that have latches.
    pub(super) latched: Vec<InputName>,
    /// What shows the state of alarms outside, as `output-lost` names it.
    pub(super) outputs: Vec<Arc<str>>,
}

/// What is over once the daemon has started with files that have these inputs, and that are open to all or not. Who floods still is found
/// out anew.
pub(super) fn at_start(state: &State, has: &Configured, is_open: bool) -> Vec<SelfSignal> {
    let floods = state.subjects(SelfAlarm::TrapFlood);
    let floods = floods.map(|subject| SelfSignal::cleared(SelfAlarm::TrapFlood, subject));
    let goes_on = |own: &SelfSignal| {
        is_open && own.alarm == SelfAlarm::ConfigurationRefused && &*own.subject == ACCESS
    };
    floods.chain(at_reload(state, has)).filter(|over| !goes_on(over)).collect()
}

/// What is over once files with these inputs are in force.
pub(super) fn at_reload(state: &State, has: &Configured) -> Vec<SelfSignal> {
    let over = |alarm: SelfAlarm| {
        let is_over = move |subject: &&str| match of(alarm) {
            Of::Input => !has.inputs.iter().any(|input| input.as_str() == *subject),
            Of::Latches => !has.latched.iter().any(|input| input.as_str() == *subject),
            Of::Output => !has.outputs.iter().any(|output| **output == **subject),
            Of::Sender => {
                !has.inputs.iter().any(|input| subject.ends_with(&format!(" to {input}")))
            }
            Of::Files => true,
            Of::Flood | Of::House => false,
        };
        let why = if of(alarm) == Of::Files { "" } else { NOT_CONFIGURED };
        let subjects = state.subjects(alarm).filter(is_over);
        subjects.map(move |subject| SelfSignal::over(alarm, subject, why))
    };
    SelfAlarm::ALL.into_iter().flat_map(over).collect()
}
