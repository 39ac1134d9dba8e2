//! The site: all that the files say, checked, in the watch's own types. It cannot be wrong:
//! `config/check/` builds it and refuses what does not hold together.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::definitions::Definitions;
use super::drills::Drill;
use super::life_sign::LifeSign;
use super::name::{DrillName, GroupId, InputName, PersonId, PolicyName, ScheduleId};
use super::schedule::Schedule;
use super::storm::Storm;
use super::suppression::Maintenances;
use super::swap::Swaps;

/// Everything that the watch must know of the site.
#[derive(Debug)]
pub struct Site {
    /// `site.name`.
    pub name: String,
    /// `site.time-zone`: in which people read times.
    pub zone: jiff::tz::TimeZone,
    /// `site.language`.
    pub language: Language,
    /// `site.last-resort`: runs when a ladder has been climbed in vain.
    pub last_resort: Option<PolicyName>,
    /// `site.code-digits`: 4 to 8.
    pub code_digits: u8,
    /// `store.keep`: what is on the record for longer is let go; absent: never.
    pub keep: Option<Duration>,
    /// `store.slow`: a write that takes so long is too slow.
    pub slow_store: Duration,
    /// `site.longest-shelving`: nobody shelves an alarm for longer.
    pub longest_shelving: Duration,
    /// `[maintenance.*]`: when the files keep alarms quiet.
    pub maintenance: Maintenances,
    /// `site.daily-list`: when what is out of service is listed, every day.
    pub daily_list: jiff::civil::Time,
    /// `[people.*]`.
    pub people: BTreeMap<PersonId, Person>,
    /// `[groups.*]`: their members, in the order of the file.
    pub groups: BTreeMap<GroupId, Vec<PersonId>>,
    /// `[schedules.*]`.
    pub schedules: BTreeMap<ScheduleId, Schedule>,
    /// `[escalations.*]`.
    pub policies: BTreeMap<PolicyName, Arc<Policy>>,
    /// `[alarms.*]`, indexed, with Vigie's own alarms.
    pub definitions: Definitions,
    /// `[storm]`.
    pub storm: Storm,
    /// `gsm.*.loop-back`: by the modem that sends.
    pub paths: BTreeMap<InputName, Path>,
    /// The groups of alarms that can be swapped, and `[swaps.*]`.
    pub swaps: Swaps,
    /// The inputs that must be heard every so often.
    pub heartbeats: BTreeMap<InputName, Duration>,
    /// `[drills.*]`.
    pub drills: BTreeMap<DrillName, Drill>,
    /// `[life-sign]`: who is told every day that Vigie watches, if anybody is.
    pub life_sign: Option<LifeSign>,
}

/// A path that is tried: a message that one modem sends, and another receives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Path {
    /// The modem that is to receive it.
    pub to: InputName,
    /// Its number.
    pub number: PhoneNumber,
    /// How often.
    pub every: Duration,
}

/// The language in which a person is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// `fr`
    French,
    /// `en`
    #[default]
    English,
}

/// Somebody who can be called, or act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// As people call them.
    pub name: String,
    /// Where short messages reach them; what they send is known by it.
    pub phone: Option<PhoneNumber>,
    /// The modem that calls them while it works.
    pub modem: Option<InputName>,
    /// The account that acts as this person on the command line.
    pub user: Option<String>,
    /// Their language, else the site's.
    pub language: Language,
    /// What they may do beyond acknowledging.
    pub may: Vec<Right>,
}

/// What a person may do beyond acknowledging.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Right {
    /// Shelve an alarm.
    Shelve,
    /// Swap a group of alarms to their alternative policy.
    Swap,
    /// Take an alarm out of service.
    OutOfService,
    /// Take over a schedule in which they have no turn.
    Take,
}

/// A phone number in international form: `+` and 3 to 15 digits (ITU-T E.164), nothing else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneNumber(Arc<str>);

/// An escalation policy: a ladder of steps, and what counts as an answer to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Policy {
    /// What people must answer before the ladder stops.
    pub acknowledge: Acknowledge,
    /// What a return to normal does to an unacknowledged occurrence. A definition that latches
    /// overrides `Close`.
    pub on_return: OnReturn,
    /// What a missed call of somebody who is asked about this alone says.
    #[serde(default)]
    pub missed_call: MissedCall,
    /// When those are called who hold what still owes its confirmation.
    #[serde(default)]
    pub while_busy: WhileBusy,
    /// How many times the ladder is climbed again after its last step: 2 means three passes.
    pub repeat: u32,
    /// The steps; never empty.
    pub steps: Vec<Step>,
}

/// What a missed call says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedCall {
    /// Nothing; it is on the record.
    #[default]
    Record,
    /// "I take it."
    Acknowledge,
}

/// When those are called who hold what still owes its confirmation, and is as bad.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhileBusy {
    /// One rung later, while others of their step are free.
    #[default]
    Last,
    /// Like everybody.
    Normal,
}

/// What people must answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledge {
    /// Nothing: information.
    None,
    /// One acknowledgement ends the escalation.
    Single {
        /// How many different people must acknowledge before the ladder stops; at least 1.
        responders: u16,
        /// After which time an acknowledgement of what is still active is void.
        expires: Option<Duration>,
    },
    /// Acknowledge, then confirm.
    Double {
        /// How many different people must acknowledge before the ladder stops; at least 1.
        responders: u16,
        /// How long the holder has to confirm.
        confirm_within: Duration,
        /// Who may confirm.
        confirm_by: ConfirmBy,
    },
}

/// Who may confirm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmBy {
    /// Who acknowledged.
    Same,
    /// Anybody but who acknowledged: four eyes.
    Other,
    /// Anybody who was told.
    Anyone,
}

/// What a return to normal does before anybody has acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnReturn {
    /// Keep asking.
    Hold,
    /// End it, and tell those who were told.
    Close,
}

/// One rung of a ladder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Whom to call, resolved when the step fires.
    pub notify: Vec<Recipient>,
    /// By which channels.
    pub by: Vec<Channel>,
    /// How long to wait for an answer before the next step.
    pub wait: Duration,
}

/// Whom a step names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// `person:ID`
    Person(PersonId),
    /// `group:ID`
    Group(GroupId),
    /// `schedule:ID`: whoever is on call.
    Schedule(ScheduleId),
}

/// A way to reach a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A short message.
    Sms,
}

/// How bad an active alarm is (ISA-18.2); the worse, the greater.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// `low`
    Low,
    /// `medium`
    #[default]
    Medium,
    /// `high`
    High,
    /// `critical`
    Critical,
}

impl Site {
    /// Everybody whom these name, each once; of a schedule whoever is ever on call by the files.
    pub(super) fn everybody(&self, named: &[Recipient]) -> Vec<PersonId> {
        let mut people: Vec<PersonId> = Vec::new();
        for recipient in named {
            let named = match recipient {
                Recipient::Person(person) => vec![person.clone()],
                Recipient::Group(group) => self.groups.get(group).cloned().unwrap_or_default(),
                Recipient::Schedule(schedule) => {
                    self.schedules.get(schedule).map_or_else(Vec::new, |known| known.people())
                }
            };
            let new: Vec<PersonId> =
                named.into_iter().filter(|person| !people.contains(person)).collect();
            people.extend(new);
        }
        people
    }

    /// The person who is reached at that number.
    pub fn person_at(&self, number: &PhoneNumber) -> Option<&PersonId> {
        self.people
            .iter()
            .find(|(_, person)| person.phone.as_ref() == Some(number))
            .map(|(id, _)| id)
    }

    /// The person who acts by that account.
    pub fn person_of(&self, account: &str) -> Option<&PersonId> {
        let mut people = self.people.iter();
        people.find(|(_, person)| person.user.as_deref() == Some(account)).map(|(id, _)| id)
    }

    /// The person whom a network shows so, as a caller or as the sender of a message: by the whole
    /// number, or without the code of its country. Then theirs is the only number that ends so.
    pub fn person_shown_as(&self, caller: &str) -> Option<(&PersonId, &PhoneNumber)> {
        let shown = PhoneNumber::parse(caller);
        let national = caller.strip_prefix('0').unwrap_or(caller);
        let is_ending =
            national.len() >= SUBSCRIBER && national.bytes().all(|digit| digit.is_ascii_digit());
        let fits = |phone: &PhoneNumber| {
            shown.as_ref() == Some(phone) || (is_ending && phone.as_str().ends_with(national))
        };
        let numbers =
            self.people.iter().filter_map(|(id, person)| Some((id, person.phone.as_ref()?)));
        let mut fitting = numbers.filter(|(_, phone)| fits(phone));
        let found = fitting.next()?;
        fitting.next().is_none().then_some(found)
    }
}

/// No country's numbers are shorter than this without their code where mobile phones have them; a
/// shorter ending could be anybody's.
const SUBSCRIBER: usize = 8;

/// What stands before and after a zero that is in brackets by itself.
fn zero(written: &str) -> Option<(&str, &str)> {
    let (before, rest) = written.split_once('(')?;
    let (within, after) = rest.split_once(')')?;
    (within.trim() == "0").then_some((before, after))
}

impl PhoneNumber {
    /// Reads a number as people write it: spaces, dots, dashes and brackets are taken off, a
    /// leading `00` stands for `+`. Anything that is then not E.164 is `None`, and so is a number
    /// with a `(0)` in it.
    pub fn parse(written: &str) -> Option<Self> {
        if zero(written).is_some() { None } else { Self::plain(written) }
    }

    /// The number that is meant where a `(0)` stands in it, as on many a letterhead: it is dialled
    /// within the country alone, and with it the number is another's. `None` where there is none.
    pub fn without_zero(written: &str) -> Option<Self> {
        let (before, after) = zero(written)?;
        Self::parse(&format!("{before}{after}"))
    }

    fn plain(written: &str) -> Option<Self> {
        let mut digits: String = written
            .trim()
            .chars()
            .filter(|letter| !matches!(letter, ' ' | '.' | '-' | '(' | ')' | '\u{a0}'))
            .collect();
        if let Some(rest) = digits.strip_prefix("00") {
            digits = format!("+{rest}");
        }
        let rest = digits.strip_prefix('+')?;
        let plain = rest.bytes().all(|byte| byte.is_ascii_digit());
        ((3..=15).contains(&rest.len()) && plain).then(|| Self(Arc::from(digits)))
    }

    /// `+33612345678`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Priority {
    /// As it stands in the files, in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}
