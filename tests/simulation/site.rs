//! The site over which the nights are played: what its author meant, and the file that says so.
//!
//! The checker reads the meaning, Vigie reads the file.

mod hours;
mod plans;
mod written;

use std::sync::Arc;
use std::time::Duration;

use vigie::watch::site::{Right, Site};

pub(crate) use self::hours::Window;
use self::plans::{definitions, policies, windows};
pub(crate) use self::written::trap;

const MINUTE: Duration = Duration::from_secs(60);

/// Everybody who can be called, with their number.
pub(crate) const PEOPLE: [(&str, &str); 4] = [
    ("marie", "+33612345601"),
    ("karim", "+33612345602"),
    ("lea", "+33612345603"),
    ("paul", "+33612345604"),
];
/// What each may do beyond answering.
pub(crate) const RIGHTS: [(&str, &[Right]); 3] = [
    ("marie", &[Right::Shelve, Right::OutOfService]),
    ("karim", &[Right::Shelve, Right::Swap]),
    ("lea", &[Right::OutOfService, Right::Swap, Right::Take]),
];
/// The one whose number the changed files do not know: frozen ladders call them in vain.
const UNREACHABLE: &str = "paul";
/// A transmitter that sends its alarms by SMS.
pub(crate) const TRANSMITTER: &str = "+33700000001";
/// Somebody whom nobody knows.
pub(crate) const STRANGER: &str = "+33799999999";
pub(crate) const MODEMS: [&str; 2] = ["gsm.orange", "gsm.free"];
/// The modem that is tried, and the one to which its messages go.
pub(crate) const TRIED: (usize, usize) = (0, 1);
/// The numbers of their SIMs.
pub(crate) const NUMBERS: [&str; 2] = ["+33700000011", "+33700000012"];
/// The policy of last resort.
pub(crate) const EVERYBODY: &str = "everybody";
/// Whoever is on call by the schedule, as a step names them.
pub(crate) const ON_DUTY: &str = "@duty";
/// Who is on call while nobody has taken the schedule.
pub(crate) const DUTY: &str = "lea";
/// Nothing is shelved, or swapped by an order, for longer.
pub(crate) const LONGEST_SHELVING: Duration = Duration::from_secs(4 * 3_600);
pub(crate) const LONGEST_SWAP: Duration = Duration::from_secs(6 * 3_600);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answers {
    None,
    Single { responders: usize, expires: Option<Duration> },
    Double { responders: usize, within: Duration, by: By },
}

/// Who may confirm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    Same,
    Other,
    Anyone,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Policy {
    pub(crate) name: &'static str,
    pub(crate) answers: Answers,
    /// Whether a return before any answer ends it.
    pub(crate) closes: bool,
    pub(crate) repeat: u32,
    pub(crate) steps: Vec<(Vec<&'static str>, Duration)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Definition {
    /// By which its traps are known.
    pub(crate) number: usize,
    pub(crate) name: &'static str,
    pub(crate) policy: Option<&'static str>,
    pub(crate) momentary: bool,
    pub(crate) latch: bool,
    pub(crate) on_delay: Duration,
    pub(crate) off_delay: Duration,
    /// With which group it is swapped, and where it goes then.
    pub(crate) swap: Option<(&'static str, &'static str)>,
    /// When it flaps.
    pub(crate) flapping: Option<Flapping>,
    /// What explains it.
    pub(crate) causes: Vec<Cause>,
}

/// Any alarm of that definition, or the one with the same key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cause {
    pub(crate) name: &'static str,
    pub(crate) by_key: bool,
}

/// Above so many per cent of the slots of this window it flaps, until it is below.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Flapping {
    pub(crate) window: Duration,
    pub(crate) on: u32,
    pub(crate) off: u32,
}

/// What a site means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    pub(crate) definitions: Vec<Definition>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) people: Vec<(&'static str, Option<&'static str>)>,
    /// Whether the path between the modems is tried.
    pub(crate) tries: bool,
    /// Of maintenance.
    pub(crate) windows: Vec<Window>,
}

impl Plan {
    /// The site; a changed one has other waits, lacks a definition and a number, and spares that
    /// person in its ladders.
    pub(crate) fn new(changed: bool, maintained: bool) -> Self {
        let (mut definitions, mut policies) = (definitions(), policies(changed));
        let mut people = PEOPLE.map(|(person, phone)| (person, Some(phone))).to_vec();
        if changed {
            definitions.retain(|definition| definition.name != "lamp");
            for (person, phone) in &mut people {
                *phone = phone.filter(|_| *person != UNREACHABLE);
            }
            for policy in &mut policies {
                policy
                    .steps
                    .iter_mut()
                    .for_each(|(people, _)| people.retain(|person| *person != UNREACHABLE));
                policy.steps.retain(|(people, _)| !people.is_empty());
            }
        }
        let windows = if maintained { windows(changed) } else { Vec::new() };
        Self { definitions, policies, people, tries: !changed, windows }
    }

    /// What a person may do beyond answering.
    pub(crate) fn may(&self, person: &str, right: Right) -> bool {
        let is_known = self.people.iter().any(|(known, _)| *known == person);
        is_known && RIGHTS.iter().any(|(known, rights)| *known == person && rights.contains(&right))
    }

    /// Whether any alarm of these files is swapped with that group.
    pub(crate) fn has_group(&self, group: &str) -> bool {
        let groups = self.definitions.iter().filter_map(|definition| definition.swap);
        groups.into_iter().any(|(known, _)| known == group)
    }

    pub(crate) fn person_at(&self, number: &str) -> Option<&'static str> {
        self.people.iter().find(|(_, phone)| *phone == Some(number)).map(|(person, _)| *person)
    }

    pub(crate) fn policy(&self, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    pub(crate) fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.name == name)
    }

    /// The longest silence that a ladder of this site allows.
    pub(crate) fn longest_wait(&self) -> Duration {
        let waits = self.policies.iter().flat_map(|policy| &policy.steps).map(|(_, wait)| *wait);
        waits.max().unwrap_or_default()
    }

    /// As Vigie reads it.
    pub(crate) fn read(&self) -> Arc<Site> {
        let text = self.file();
        let reading = vigie::config::read_str(&[("vigie.toml", &text)]);
        let wrong: Vec<String> = reading
            .complaints
            .iter()
            .filter(|complaint| complaint.is_error())
            .map(ToString::to_string)
            .collect();
        let settings = reading.settings.unwrap_or_else(|| panic!("{}\n{text}", wrong.join("\n")));
        Arc::new(settings.site)
    }
}
