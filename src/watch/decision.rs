//! All that can be decided: facts that [`super::state::State`] takes in, at run time and at replay.
//!
//! A decision is complete: its facts hold every number, text, code and deadline, so that taking
//! them in needs neither the files nor a clock nor randomness.

mod why;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::alarm::{Activation, AlarmNumber, OccurrenceNumber, Pending, PolicyNumber};
use super::codes::Code;
use super::drills::Course;
use super::engines::EngineNote;
use super::escalation::{FrozenPolicy, Ladder, Rung};
use super::flapping::Flap;
use super::heartbeats::Beat;
use super::life_sign::Sign;
use super::modems::Lesson;
use super::name::{DefinitionName, InputName, PersonId};
use super::notification::{Ending, Notification, NotificationId};
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::paths::Passing;
use super::roster::Change;
use super::signal::{Identity, Signal};
use super::site::PhoneNumber;
use super::stage::Stage;
use super::storm::Storming;
use super::suppression::Quieting;
use super::swap::Swapping;
use super::time::{Moment, Utc, Wait};

pub use why::Why;

/// What the watch has decided about one event.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Decision {
    /// When.
    pub moment: Moment,
    /// What changes, in order.
    pub facts: Vec<Fact>,
    /// What the watch has found out about itself: events that follow at once, in the same batch.
    #[serde(skip)]
    pub own: Vec<SelfSignal>,
    /// What the one who asked is told.
    #[serde(skip)]
    pub outcome: Outcome,
}

/// What the one who brought the event is told, once it is on disk.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Outcome {
    /// Taken in.
    #[default]
    Taken,
    /// Known already: a repetition of what is on disk.
    Repeated,
    /// Done, with a sentence for the person who asked.
    Done(String),
    /// Tests have begun, with a sentence for the person who asked.
    Testing(Vec<OccurrenceNumber>, String),
    /// A test message is owed, with a sentence for the person who asked.
    Owing(NotificationId, String),
    /// Not done, and why.
    Refused(Refusal),
}

/// Why the watch does not do what was asked. A sentence for the person who asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal(pub String);

/// One change.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// This identity was heard: a repetition will be known.
    Heard {
        /// The identity.
        identity: Identity,
    },
    /// No definition selects the signal, or the one that does cannot read it.
    Unclaimed {
        /// What such signals have in common.
        group: Arc<str>,
        /// The signal as it will be shown, where it is the first of its group.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sample: Option<Box<Signal>>,
        /// Why nobody claims it, where a definition selected it.
        reason: Option<Arc<str>>,
    },
    /// A key or a text was longer than allowed, and cut.
    Cut {
        /// By which definition.
        definition: DefinitionName,
    },
    /// An alarm that was never heard of before.
    AlarmKnown {
        /// Its number.
        alarm: AlarmNumber,
        /// Its definition.
        definition: DefinitionName,
        /// Its key.
        key: Arc<str>,
        /// Whether it stands for tests, which no signal finds.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_test: bool,
    },
    /// A delay begins.
    Pending {
        /// Which alarm.
        alarm: AlarmNumber,
        /// What is waited for.
        pending: Pending,
    },
    /// The condition did not hold as long as the delay.
    PendingOver {
        /// Which alarm.
        alarm: AlarmNumber,
    },
    /// An occurrence opens.
    Opened {
        /// Which alarm.
        alarm: AlarmNumber,
        /// The number of the occurrence.
        occurrence: OccurrenceNumber,
        /// How it was activated.
        activation: Activation,
        /// What people must answer.
        stage: Stage,
        /// Who will be called.
        ladder: Ladder,
    },
    /// The cause of an open occurrence is back.
    Reactivated {
        /// Which.
        occurrence: OccurrenceNumber,
        /// How it was activated this time.
        activation: Activation,
    },
    /// A signal said the same again.
    Repeated {
        /// Which.
        occurrence: OccurrenceNumber,
    },
    /// It is worse, or less bad, than before; or one of Vigie's own stands for another reason now.
    Graded {
        /// Which.
        occurrence: OccurrenceNumber,
        /// The priority and the text of now.
        activation: Activation,
    },
    /// The cause is gone.
    Returned {
        /// Which.
        occurrence: OccurrenceNumber,
    },
    /// A latched alarm was let go.
    Reset {
        /// Which.
        occurrence: OccurrenceNumber,
        /// By whom.
        by: PersonId,
    },
    /// All that it asked for is done.
    Closed {
        /// Which.
        occurrence: OccurrenceNumber,
    },
    /// What people have answered, from now on.
    Staged {
        /// Which.
        occurrence: OccurrenceNumber,
        /// Why.
        why: Why,
        /// What is true of its acknowledgement now.
        stage: Stage,
        /// Who is called next, from now on.
        ladder: Ladder,
        /// Whether a new run begins: its codes are new, those of the last are dead.
        new_run: bool,
    },
    /// The ladder stands elsewhere, or will be climbed sooner.
    Climbed {
        /// Which.
        occurrence: OccurrenceNumber,
        /// What was done at which rung.
        rung: Rung,
        /// Who is called next.
        ladder: Ladder,
    },
    /// Somebody is out for this occurrence.
    Declined {
        /// Which.
        occurrence: OccurrenceNumber,
        /// Who.
        by: PersonId,
    },
    /// Nobody else is left: those who are out for this occurrence are asked again.
    DeclinesEnded {
        /// Which.
        occurrence: OccurrenceNumber,
    },
    /// A code was drawn.
    CodeDrawn {
        /// The code.
        code: Code,
        /// From whom it is honoured.
        person: PersonId,
        /// For what.
        occurrence: OccurrenceNumber,
        /// For which run of its ladder.
        run: u32,
    },
    /// Somebody is owed a message.
    Owed {
        /// The message.
        notification: Arc<Notification>,
    },
    /// The message is no longer owed, or was delivered, or never will be.
    Settled {
        /// Which.
        notification: NotificationId,
        /// How it ended.
        ending: Ending,
        /// Why, in the modem's words, where it was refused; older entries do not say it here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<Arc<str>>,
    },
    /// An attempt begins.
    Attempted {
        /// Which.
        notification: NotificationId,
        /// By which modem or server.
        by: InputName,
        /// In how many short messages.
        #[serde(default = "one")]
        parts: u8,
    },
    /// The network took the message; its word on it is awaited.
    Sent {
        /// Which.
        notification: NotificationId,
        /// The references under which the network will report, one a part.
        references: Vec<u8>,
        /// For how long the word is awaited.
        report: Wait,
    },
    /// One part of a message was delivered.
    PartDelivered {
        /// Which.
        notification: NotificationId,
        /// The part's reference.
        reference: u8,
    },
    /// The attempt failed; the message is owed again, not before that wait is over.
    Postponed {
        /// Which.
        notification: NotificationId,
        /// Why.
        why: Arc<str>,
        /// When to try again.
        wait: Wait,
        /// Whether it may have left all the same.
        #[serde(default)]
        may_have_left: bool,
    },
    /// The wait before another attempt is over.
    Released {
        /// Which.
        notification: NotificationId,
    },
    /// A number sent a code that is none of its.
    WrongCode {
        /// Which number.
        number: PhoneNumber,
    },
    /// A number is not listened to for a while.
    LockedOut {
        /// Which number.
        number: PhoneNumber,
        /// For how long.
        wait: Wait,
    },
    /// A number is listened to again.
    Unlocked {
        /// Which number.
        number: PhoneNumber,
    },
    /// A number was told that it was not understood.
    Explained {
        /// Which number.
        number: PhoneNumber,
    },
    /// A question of a number was answered.
    Answered {
        /// Which number.
        number: PhoneNumber,
    },
    /// A policy as it stands now; what opens from now on freezes it.
    PolicyFrozen {
        /// Its number.
        number: PolicyNumber,
        /// What it says.
        policy: Arc<FrozenPolicy>,
    },
    /// A policy that no file names and no occurrence needs.
    PolicyForgotten {
        /// Its number.
        number: PolicyNumber,
    },
    /// Vigie has found a fault in itself or its wires.
    OwnRaised {
        /// Which.
        alarm: SelfAlarm,
        /// In what.
        subject: Arc<str>,
        /// Why; entries of before November 27, 2026 do not say it here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Arc<str>>,
    },
    /// The fault stands, and for another reason now.
    OwnRenewed {
        /// Which.
        alarm: SelfAlarm,
        /// In what.
        subject: Arc<str>,
        /// Why, as it is now.
        reason: Arc<str>,
    },
    /// The fault is gone.
    OwnCleared {
        /// Which.
        alarm: SelfAlarm,
        /// In what.
        subject: Arc<str>,
    },
    /// What a modem's adapter must know after a restart.
    Learned(Lesson),
    /// What must be remembered of an SNMP engine.
    EngineNoted(EngineNote),
    /// What people have changed of the schedules.
    Rostered(Change),
    /// What is kept quiet, or no longer.
    Quieted(Quieting),
    /// What became of the message by which a modem's path is tried.
    Passing {
        /// Which modem sends it.
        from: InputName,
        /// What became of it.
        passing: Passing,
    },
    /// What is gathered of many messages, and what left of them.
    Storm(Storming),
    /// A group of alarms is swapped, or an occurrence moves with its group.
    Swapping(Swapping),
    /// What became of something that must be heard every so often.
    Beat(Beat),
    /// What became of a drill.
    Drill(Course),
    /// What became of the daily sign of life.
    LifeSign(Sign),
    /// What became of an alarm that comes and goes.
    Flap(Flap),
    /// All waits go on, on the clock of this boot.
    Resumed,
    /// The files have no such definition any more: its cause can no longer be seen.
    Withdrawn {
        /// Which occurrence lost its definition.
        occurrence: OccurrenceNumber,
    },
}

impl Decision {
    /// A decision that changes nothing.
    pub fn nothing(moment: Moment) -> Self {
        Self { moment, facts: Vec::new(), own: Vec::new(), outcome: Outcome::Taken }
    }

    /// When it was taken, for people.
    pub fn utc(&self) -> Utc {
        self.moment.utc
    }
}

/// Entries of before November 2026 do not say in how many messages.
pub(super) fn one() -> u8 {
    1
}
