//! `[escalations.*]`: who is called, in which steps, and what counts as an answer.

use std::time::Duration;

use toml::de::DeValue;

use crate::config::finding::Findings;
use crate::config::table::tables;
use crate::config::written::{List, Spot, Written, choice};
use crate::watch::site::{Channel, ConfirmBy, MissedCall, OnReturn, WhileBusy};

tables! {
    /// A ladder of steps, and what counts as an answer to it.
    Escalation = "an escalation" {
        /// What people must answer: `"none"`, `"single"` (default) or `"double"`: acknowledge, then confirm.
        "acknowledge" => acknowledge: Stages,
        /// With `"double"`: how long the one who acknowledged has to confirm; default `"45m"`.
        "confirm-within" => confirm_within: Duration,
        /// With `"double"`: who may confirm: `"same"` (default), `"other"` or `"anyone"`.
        "confirm-by" => confirm_by: ConfirmBy,
        /// How many different people must acknowledge before the ladder stops; default 1.
        "responders" => responders: u32,
        /// With `"single"`: after which time an acknowledgement of what is still active is void; default never.
        "acknowledge-expires" => acknowledge_expires: Duration,
        /// What a return to normal does before anybody answered: `"hold"` keeps asking (default with
        /// `"double"`, and for alarms with `latch`), `"close"` ends it.
        "on-return" => on_return: OnReturn,
        /// What a missed call of somebody who is asked about one alarm alone says: `"record"` (default),
        /// nothing; `"acknowledge"`, "I take it". A network lets a caller show any number:
        /// whoever shows a person's takes the alarm in that person's place.
        "missed-call" => missed_call: MissedCall,
        /// When those are called who hold an alarm that is as bad and not confirmed yet: `"last"` (default), one step
        /// later, while others of their step are free; `"normal"`, like everybody.
        "while-busy" => while_busy: WhileBusy,
        /// How many times the ladder is climbed again after its last step; default 0.
        "repeat" => repeat: u32,
        /// The steps, in order. Required.
        "steps" => steps: List<Step>,
    }

    /// One rung.
    Step = "a step" {
        /// Whom to call: `"person:NAME"`, `"group:NAME"`, `"schedule:NAME"`. Required.
        "notify" => notify: List<String>,
        /// By which channels; default `["sms"]`.
        "by" => by: List<Channel>,
        /// How long to wait for an answer before the next step; default `"5m"`.
        "wait" => wait: Duration,
    }
}

/// What `acknowledge` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stages {
    /// Nobody must answer.
    None,
    /// One acknowledgement.
    Single,
    /// Acknowledge, then confirm.
    Double,
}

impl Written for Stages {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [("none", Self::None), ("single", Self::Single), ("double", Self::Double)];
        choice(&choices, value, spot, findings)
    }
}

impl Written for ConfirmBy {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(
            &[("same", Self::Same), ("other", Self::Other), ("anyone", Self::Anyone)],
            value,
            spot,
            findings,
        )
    }
}

impl Written for MissedCall {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [("record", Self::Record), ("acknowledge", Self::Acknowledge)];
        choice(&choices, value, spot, findings)
    }
}

impl Written for WhileBusy {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&[("last", Self::Last), ("normal", Self::Normal)], value, spot, findings)
    }
}

impl Written for OnReturn {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&[("hold", Self::Hold), ("close", Self::Close)], value, spot, findings)
    }
}

impl Written for Channel {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&[("sms", Self::Sms)], value, spot, findings)
    }
}
