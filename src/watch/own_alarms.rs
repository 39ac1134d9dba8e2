//! Vigie's alarms about itself (behaviour §9): what can go wrong in the house, and what it then
//! says.
//!
//! They go through the same definitions, ladders and journal as all others, from input `vigie`. A
//! definition of the files that selects one of these signals takes the place of the one here.

mod words;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::definition::{ClearedBy, Definition, Grade, Says, Selector};
use super::expression::Condition;
use super::matching::{Match, Pattern, Scalar};
use super::name::{DefinitionName, InputName, PolicyName};
use super::signal::{Fields, Kind, Signal, Tells, Value};
use super::site::{Language, Priority};
use super::template::Template;
use super::time::Utc;

/// What can go wrong in the house.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelfAlarm {
    /// The record cannot be written; or it still can, and there is too little room for long.
    Store,
    /// The disk takes too long for what it is asked to write.
    StoreSlow,
    /// A step or a ladder reaches nobody.
    Nobody,
    /// An input's wire is lost, or its adapter died.
    InputLost,
    /// A modem does not answer.
    ModemLost,
    /// A SIM is absent, locked or refused.
    SimRefused,
    /// A modem finds no network that takes it.
    NotRegistered,
    /// A modem hears its network badly, and has for long.
    WeakSignal,
    /// A modem has found only a network that its country switches off.
    OldNetwork,
    /// Another SIM is in a modem.
    SimChanged,
    /// A message from a modem to another one has not come: nobody knows whether it still reaches anybody.
    PathUnknown,
    /// The credit of a SIM is low, or its network does not tell it any more.
    CreditLow,
    /// The kernel dropped traps before they were read.
    TrapsDropped,
    /// A source that must be heard every so often was not.
    SourceSilent,
    /// A definition or an input that must be heard every so often was not.
    HeartbeatMissed,
    /// Somebody sends SNMPv3 that is not taken: a wrong passphrase, an unknown user, a lost clock.
    CredentialsWrong,
    /// A device sends more traps than can be recorded, and what is too much is dropped.
    TrapFlood,
    /// A broker does not give us topics that we ask for.
    SubscriptionRefused,
    /// A broker has lost our session, and with it what came while we were away.
    SessionLost,
    /// A board does not clear a latch, so that the next pulse will not be seen.
    LatchStuck,
    /// A message of a broker was not read: it is too long, or under no topic.
    MessageRefused,
    /// Something that shows the state of alarms outside is lost: a publication, a relay, a lamp.
    OutputLost,
    /// The files that were to be loaded are wrong, and the old ones in force; or files are in force that a reload would refuse.
    ConfigurationRefused,
    /// A phone number sent too many wrong codes; without a subject, all numbers together did.
    NumberLockedOut,
    /// As many alarms of a definition stand as there is room for.
    TooManyAlarms,
    /// A network refused a message to a person.
    SmsRejected,
    /// The network of a modem reports on no message any more.
    ReportsMissing,
    /// Messages to a person do not arrive.
    PersonUnreachable,
    /// Somebody did not answer a drill.
    DrillUnanswered,
    /// The wall clock jumped.
    ClockStepped,
    /// The wall clock follows no time service, and has not for long.
    ClockUnsynchronised,
    /// Nobody is on call for a schedule that a step names.
    ScheduleUncovered,
}

/// One thing that happened in the house.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SelfSignal {
    /// What.
    pub alarm: SelfAlarm,
    /// To what: an input, a policy, a number. Each subject is an alarm of its own.
    pub subject: Arc<str>,
    /// Why, in words.
    pub reason: Arc<str>,
    /// Whether it began, or is over.
    pub active: bool,
}

/// The input of everything that Vigie says of itself.
pub const OWN_INPUT: &str = "vigie";

/// The subject of `store` when the record cannot be written.
pub const RECORD: &str = "journal";
/// The subject of `store` when it still can, in the room that was kept back for a full disk, or
/// when there is no such room.
pub const RESERVE: &str = "reserve";

/// The subject of `configuration-refused` when every account of the machine may write to what Vigie believes: a start takes it all the
/// same, and nothing is refused yet.
pub const ACCESS: &str = "access";

impl SelfAlarm {
    /// Every one.
    pub const ALL: [Self; 32] = [
        Self::Store,
        Self::StoreSlow,
        Self::Nobody,
        Self::InputLost,
        Self::ModemLost,
        Self::SimRefused,
        Self::NotRegistered,
        Self::WeakSignal,
        Self::OldNetwork,
        Self::SimChanged,
        Self::PathUnknown,
        Self::CreditLow,
        Self::TrapsDropped,
        Self::SourceSilent,
        Self::HeartbeatMissed,
        Self::CredentialsWrong,
        Self::TrapFlood,
        Self::SubscriptionRefused,
        Self::SessionLost,
        Self::LatchStuck,
        Self::MessageRefused,
        Self::OutputLost,
        Self::ConfigurationRefused,
        Self::NumberLockedOut,
        Self::TooManyAlarms,
        Self::SmsRejected,
        Self::ReportsMissing,
        Self::PersonUnreachable,
        Self::DrillUnanswered,
        Self::ClockStepped,
        Self::ClockUnsynchronised,
        Self::ScheduleUncovered,
    ];

    /// Its name: the field `alarm`, and the name of its definition.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::StoreSlow => "store-slow",
            Self::Nobody => "nobody",
            Self::InputLost => "input-lost",
            Self::ModemLost => "modem-lost",
            Self::SimRefused => "sim-refused",
            Self::NotRegistered => "not-registered",
            Self::WeakSignal => "weak-signal",
            Self::OldNetwork => "old-network",
            Self::SimChanged => "sim-changed",
            Self::PathUnknown => "path-unknown",
            Self::CreditLow => "credit-low",
            Self::TrapsDropped => "traps-dropped",
            Self::SourceSilent => "source-silent",
            Self::HeartbeatMissed => "heartbeat-missed",
            Self::CredentialsWrong => "credentials-wrong",
            Self::TrapFlood => "trap-flood",
            Self::SubscriptionRefused => "subscription-refused",
            Self::SessionLost => "session-lost",
            Self::LatchStuck => "latch-stuck",
            Self::MessageRefused => "message-refused",
            Self::OutputLost => "output-lost",
            Self::ConfigurationRefused => "configuration-refused",
            Self::NumberLockedOut => "number-locked-out",
            Self::TooManyAlarms => "too-many-alarms",
            Self::SmsRejected => "sms-rejected",
            Self::ReportsMissing => "reports-missing",
            Self::PersonUnreachable => "person-unreachable",
            Self::DrillUnanswered => "drill-unanswered",
            Self::ClockStepped => "clock-stepped",
            Self::ClockUnsynchronised => "clock-unsynchronised",
            Self::ScheduleUncovered => "schedule-uncovered",
        }
    }

    /// How bad it is, unless the files say otherwise: critical is what may keep an alarm from
    /// being recorded or from reaching anybody.
    pub const fn priority(self) -> Priority {
        match self {
            Self::Store | Self::Nobody | Self::TooManyAlarms => Priority::Critical,
            Self::StoreSlow
            | Self::InputLost
            | Self::ModemLost
            | Self::SimRefused
            | Self::NotRegistered
            | Self::PathUnknown
            | Self::PersonUnreachable
            | Self::SourceSilent
            | Self::HeartbeatMissed
            | Self::TrapsDropped
            | Self::TrapFlood
            | Self::SubscriptionRefused
            | Self::SessionLost
            | Self::LatchStuck
            | Self::MessageRefused
            | Self::OutputLost
            | Self::ScheduleUncovered => Priority::High,
            Self::WeakSignal
            | Self::OldNetwork
            | Self::SimChanged
            | Self::CreditLow
            | Self::ReportsMissing
            | Self::CredentialsWrong
            | Self::ConfigurationRefused
            | Self::NumberLockedOut
            | Self::SmsRejected
            | Self::DrillUnanswered
            | Self::ClockStepped
            | Self::ClockUnsynchronised => Priority::Medium,
        }
    }

    /// Whether it has no return: it happened, and that is all.
    pub const fn is_momentary(self) -> bool {
        match self {
            Self::SimChanged
            | Self::TrapsDropped
            | Self::SessionLost
            | Self::MessageRefused
            | Self::NumberLockedOut
            | Self::SmsRejected
            | Self::ClockStepped => true,
            Self::Store
            | Self::StoreSlow
            | Self::Nobody
            | Self::InputLost
            | Self::ModemLost
            | Self::SimRefused
            | Self::NotRegistered
            | Self::WeakSignal
            | Self::OldNetwork
            | Self::PathUnknown
            | Self::CreditLow
            | Self::ReportsMissing
            | Self::SourceSilent
            | Self::HeartbeatMissed
            | Self::CredentialsWrong
            | Self::TrapFlood
            | Self::SubscriptionRefused
            | Self::LatchStuck
            | Self::OutputLost
            | Self::ConfigurationRefused
            | Self::DrillUnanswered
            | Self::PersonUnreachable
            | Self::TooManyAlarms
            | Self::ClockUnsynchronised
            | Self::ScheduleUncovered => false,
        }
    }

    /// Its definition where the files have none: one alarm for each subject, by this ladder.
    pub(super) fn definition(
        self,
        language: Language,
        escalation: Option<PolicyName>,
    ) -> Definition {
        const SOUND: &str = "the text is ours, and a test reads it";
        let name = Pattern::new("alarm", Scalar::Text(self.name().to_owned())).expect(SOUND);
        let says = if self.is_momentary() {
            Says::Momentary(None)
        } else {
            Says::State { active: Condition::compile("active").expect(SOUND), normal: None }
        };
        Definition {
            name: DefinitionName::new(self.name()),
            from: vec![Selector::Input(InputName::new(OWN_INPUT))],
            matches: Match::everything().and("alarm", vec![name]),
            key: Template::parse("{subject}").expect(SOUND),
            says,
            on_delay: std::time::Duration::ZERO,
            off_delay: std::time::Duration::ZERO,
            latch: false,
            priority: vec![Grade { when: None, is: self.priority() }],
            text: Template::parse(self.text(language)).expect(SOUND),
            procedure: None,
            flapping: None,
            heartbeat: None,
            escalation,
            swap: None,
            cleared_by: ClearedBy::Anyone,
            suppressed_by: Vec::new(),
        }
    }
}

/// The definitions of all of them, in the site's language, on the site's ladder if it has one.
pub fn own_definitions(language: Language, escalation: Option<&PolicyName>) -> Vec<Definition> {
    SelfAlarm::ALL.map(|alarm| alarm.definition(language, escalation.cloned())).into()
}

impl SelfSignal {
    /// It began, for this reason.
    pub fn raised(alarm: SelfAlarm, subject: &str, reason: &str) -> Self {
        Self { alarm, subject: Arc::from(subject), reason: Arc::from(reason), active: true }
    }

    /// It is over.
    pub fn cleared(alarm: SelfAlarm, subject: &str) -> Self {
        Self::over(alarm, subject, "")
    }

    /// It is over, and not because it was mended.
    pub fn over(alarm: SelfAlarm, subject: &str, reason: &str) -> Self {
        Self { alarm, subject: Arc::from(subject), reason: Arc::from(reason), active: false }
    }

    /// As a signal of input `vigie`.
    pub fn into_signal(self, now: Utc) -> Signal {
        let mut fields = Fields::with_capacity(4);
        fields.set("alarm", Value::text(self.alarm.name()));
        fields.set("subject", Value::text(Arc::clone(&self.subject)));
        fields.set("reason", Value::text(Arc::clone(&self.reason)));
        fields.set("active", Value::Bool(self.active));
        let end = if self.active { "" } else { " (over)" };
        Signal {
            input: InputName::new(OWN_INPUT),
            kind: Kind::Vigie,
            source: Arc::from(OWN_INPUT),
            fields,
            text: format!("{} {}: {}{end}", self.alarm.name(), self.subject, self.reason).into(),
            source_time: None,
            tells: Tells::News,
            received: now,
            identity: None,
            raw: Arc::from([]),
        }
    }
}

#[cfg(test)]
mod tests;
