//! A small site from Rust values: three people with phones and one without, one alarm, one ladder.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::watch::definition::{ClearedBy, Definition, Grade, Says, Selector, Suppressor};
use crate::watch::definitions::Definitions;
use crate::watch::drills::{Drill, with_drills};
use crate::watch::expression::Condition;
use crate::watch::flapping::FlappingRule;
use crate::watch::life_sign::LifeSign;
use crate::watch::matching::{Match, Pattern, Scalar};
use crate::watch::name::{
    DefinitionName, DrillName, GroupId, PersonId, PolicyName, ScheduleId, SwapGroup,
};
use crate::watch::own_alarms::own_definitions;
use crate::watch::schedule::{Every, Override, Rotation, Schedule, Turns};
use crate::watch::signal::Kind;
use crate::watch::site::{
    Acknowledge, Channel, ConfirmBy, Language, MissedCall, OnReturn, Path, Person, PhoneNumber,
    Policy, Priority, Recipient, Right, Site, Step, WhileBusy,
};
use crate::watch::storm::Storm;
use crate::watch::suppression::Maintenances;
use crate::watch::swap::{Swap, Swaps};
use crate::watch::template::Template;
use crate::watch::time::Utc;

/// 2026-01-01T00:00:00Z: when nights begin.
pub(super) const BEGINNING: Utc = Utc::from_micros(1_767_225_600_000_000);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const WAIT: Duration = Duration::from_secs(300);
pub(super) const CONFIRM_WITHIN: Duration = Duration::from_secs(45 * 60);

/// What a test's files say.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) policies: BTreeMap<PolicyName, Arc<Policy>>,
    pub(super) alarms: Vec<Alarm>,
    pub(super) last_resort: Option<PolicyName>,
    pub(super) on_call: Vec<PersonId>,
    pub(super) unreachable: Vec<PersonId>,
    /// The modem `gsm.orange` is tried by messages to this one.
    pub(super) path_to: Option<&'static str>,
    /// In place of the people who are always on call.
    pub(super) schedule: Option<Schedule>,
    /// Who may take what they have no turn in.
    pub(super) may_take: Vec<PersonId>,
    pub(super) storm: Storm,
    /// When the calendar has the group `cold` swapped: from and until, after the night's beginning.
    pub(super) windows: Vec<(Duration, Duration)>,
    pub(super) maintenance: Maintenances,
    /// How often `mqtt.plant` must be heard.
    pub(super) input_heartbeat: Option<Duration>,
    pub(super) drills: BTreeMap<DrillName, Drill>,
    pub(super) life_sign: Option<LifeSign>,
    /// How people call the site.
    pub(super) name: String,
    /// In whose clocks the site lives.
    pub(super) zone: jiff::tz::TimeZone,
}

/// One definition of them.
#[derive(Clone)]
pub(super) struct Alarm {
    pub(super) name: &'static str,
    /// `{key}`; or none, and then it is one alarm.
    pub(super) key: &'static str,
    pub(super) escalation: Option<&'static str>,
    pub(super) momentary: bool,
    pub(super) latch: bool,
    pub(super) on_delay: Duration,
    pub(super) off_delay: Duration,
    /// Where it goes while the group `cold` is swapped.
    pub(super) swap: Option<&'static str>,
    pub(super) cleared_by: ClearedBy,
    /// `switch`, or `switch[{key}]`.
    pub(super) suppressed_by: Vec<(&'static str, Option<&'static str>)>,
    pub(super) heartbeat: Option<Duration>,
    pub(super) flapping: Option<FlappingRule>,
}

pub(super) fn person(name: &str) -> PersonId {
    PersonId::new(name)
}

pub(super) fn phone(name: &str) -> PhoneNumber {
    let digit = match name {
        "marie" => 1,
        "karim" => 2,
        "paul" => 3,
        _ => 9,
    };
    PhoneNumber::parse(&format!("+3360000000{digit}")).unwrap()
}

/// A path to this modem, tried every six hours.
fn path(to: &str) -> Path {
    let (to, number) = (to.into(), phone("nobody"));
    Path { to, number, every: Duration::from_secs(6 * 3_600) }
}

/// Steps that name these people, five minutes apart.
pub(super) fn steps(steps: &[&[&str]]) -> Vec<Step> {
    let step = |people: &&[&str]| Step {
        notify: people.iter().map(|name| Recipient::Person(person(name))).collect(),
        by: vec![Channel::Sms],
        wait: WAIT,
    };
    steps.iter().map(step).collect()
}

pub(super) const NONE: Acknowledge = Acknowledge::None;
pub(super) const SINGLE: Acknowledge = Acknowledge::Single { responders: 1, expires: None };

pub(super) fn double(confirm_by: ConfirmBy) -> Acknowledge {
    Acknowledge::Double { responders: 1, confirm_within: CONFIRM_WITHIN, confirm_by }
}

/// Each message leaves alone.
const CALM: Storm =
    Storm { messages: 1_000, window: WAIT, reach_within: Duration::from_secs(1_000_000) };

/// These people, each in turn for so many days, the first one from then on.
pub(super) fn turns(people: &[&str], days: u32, first: jiff::civil::DateTime) -> Schedule {
    let every = Every::Days(NonZeroU32::new(days).unwrap());
    let people = people.iter().map(|name| person(name)).collect();
    let always = Schedule::always(people);
    let rotations = always.rotations.into_iter();
    let turning = |rotation| Rotation { turns: Some(Turns { first, every }), ..rotation };
    Schedule { rotations: rotations.map(turning).collect(), ..always }
}

/// A ladder: first Marie, then Karim and Paul.
pub(super) fn policy(acknowledge: Acknowledge) -> Policy {
    let on_return = match acknowledge {
        Acknowledge::None | Acknowledge::Single { .. } => OnReturn::Close,
        Acknowledge::Double { .. } => OnReturn::Hold,
    };
    Policy {
        acknowledge,
        on_return,
        missed_call: MissedCall::Record,
        while_busy: WhileBusy::Last,
        repeat: 0,
        steps: steps(&[&["marie"], &["karim", "paul"]]),
    }
}

impl Files {
    /// One alarm, `pump`, with the ladder `technique`.
    pub(super) fn with(policy: Policy) -> Self {
        Self {
            policies: BTreeMap::from([("technique".into(), Arc::new(policy))]),
            alarms: vec![Alarm::named("pump")],
            last_resort: None,
            on_call: vec![person("marie")],
            unreachable: Vec::new(),
            path_to: None,
            schedule: None,
            may_take: Vec::new(),
            storm: CALM,
            windows: Vec::new(),
            maintenance: Maintenances::default(),
            input_heartbeat: None,
            drills: BTreeMap::new(),
            life_sign: None,
            name: "Nord".into(),
            zone: jiff::tz::TimeZone::UTC,
        }
    }

    pub(super) fn last_resort(mut self, policy: Policy) -> Self {
        self.policies.insert("everybody".into(), Arc::new(policy));
        self.last_resort = Some("everybody".into());
        self
    }

    pub(super) fn alarm(mut self, change: impl FnOnce(&mut Alarm)) -> Self {
        change(&mut self.alarms[0]);
        self
    }

    /// How often any of its ladders is climbed again.
    pub(super) fn most_repeats(&self) -> u32 {
        self.policies.values().map(|policy| policy.repeat).max().unwrap_or(0)
    }

    pub(super) fn site(&self) -> Arc<Site> {
        let language = Language::French;
        let configured = self.alarms.iter().map(Alarm::definition).collect();
        let last_resort = self.last_resort.as_ref();
        let own = own_definitions(language, last_resort);
        let own = with_drills(own, language, last_resort, &self.drills);
        Arc::new(Site {
            name: self.name.clone(),
            zone: self.zone.clone(),
            language,
            last_resort: self.last_resort.clone(),
            code_digits: 4,
            keep: None,
            slow_store: Duration::from_secs(1),
            longest_shelving: Duration::from_secs(12 * 3_600),
            daily_list: jiff::civil::time(8, 0, 0, 0),
            maintenance: self.maintenance.clone(),
            people: ["marie", "karim", "paul", "nadia"]
                .map(|name| (person(name), self.person(name)))
                .into(),
            groups: BTreeMap::from([(
                GroupId::new("all"),
                ["marie", "karim", "paul", "nadia"].map(person).into(),
            )]),
            schedules: BTreeMap::from([(
                ScheduleId::new("technique"),
                self.schedule.clone().unwrap_or_else(|| Schedule::always(self.on_call.clone())),
            )]),
            policies: self.policies.clone(),
            definitions: Definitions::new(configured).with_own(own),
            storm: self.storm,
            paths: self.path_to.map(|to| ("gsm.orange".into(), path(to))).into_iter().collect(),
            drills: self.drills.clone(),
            life_sign: self.life_sign.clone(),
            swaps: self.swaps(),
            heartbeats: self
                .input_heartbeat
                .map(|every| ("mqtt.plant".into(), every))
                .into_iter()
                .collect(),
        })
    }

    /// Its alarms go to that ladder while the group `cold` is swapped.
    pub(super) fn swaps_to(mut self, name: &'static str, policy: Policy) -> Self {
        self.policies.insert(name.into(), Arc::new(policy));
        self.alarm(|alarm| alarm.swap = Some(name))
    }

    fn swaps(&self) -> Swaps {
        let others = self.alarms.iter().filter_map(|alarm| alarm.swap).map(PolicyName::new);
        let others: BTreeSet<PolicyName> = others.collect();
        if others.is_empty() {
            return Swaps::default();
        }
        let mut calendar = Schedule::always(Vec::new());
        calendar.overrides = self
            .windows
            .iter()
            .map(|(from, until)| Override {
                person: person("calendar"),
                from: BEGINNING.after(*from),
                until: BEGINNING.after(*until),
            })
            .collect();
        let group = SwapGroup::new("cold");
        Swaps {
            groups: BTreeMap::from([(group.clone(), others)]),
            calendar: BTreeMap::from([(group, calendar)]),
            ..Swaps::default()
        }
    }

    fn person(&self, name: &str) -> Person {
        let reachable = name != "nadia" && !self.unreachable.contains(&person(name));
        Person {
            modem: None,
            name: name.to_uppercase(),
            phone: reachable.then(|| phone(name)),
            user: None,
            language: Language::French,
            // Paul may not do what Marie and Karim may, nor they what he may.
            may: if name == "paul" {
                let takes = self.may_take.contains(&person(name)).then_some(Right::Take);
                takes.into_iter().chain([Right::Swap]).collect()
            } else {
                vec![Right::Shelve, Right::OutOfService]
            },
        }
    }
}

impl Alarm {
    pub(super) fn named(name: &'static str) -> Self {
        Self {
            name,
            key: "{key}",
            escalation: Some("technique"),
            swap: None,
            momentary: false,
            latch: false,
            on_delay: Duration::ZERO,
            off_delay: Duration::ZERO,
            cleared_by: ClearedBy::Anyone,
            suppressed_by: Vec::new(),
            heartbeat: None,
            flapping: None,
        }
    }

    fn suppressed_by(&self) -> Vec<Suppressor> {
        let suppressor = |(name, key): &(&str, Option<&str>)| Suppressor {
            definition: DefinitionName::new(name),
            key: key.map(|key| Template::parse(key).unwrap()),
        };
        self.suppressed_by.iter().map(suppressor).collect()
    }

    fn definition(&self) -> Definition {
        let condition = |source| Condition::compile(source).unwrap();
        let name = Pattern::new("alarm", Scalar::Text(self.name.to_owned())).unwrap();
        Definition {
            name: DefinitionName::new(self.name),
            from: vec![Selector::Kind(Kind::Mqtt), Selector::Kind(Kind::Snmp)],
            matches: Match::everything().and("alarm", vec![name]),
            key: Template::parse(self.key).unwrap(),
            says: if self.momentary {
                Says::Momentary(None)
            } else {
                Says::State { active: condition("active"), normal: None }
            },
            on_delay: self.on_delay,
            off_delay: self.off_delay,
            latch: self.latch,
            priority: vec![
                Grade { when: Some(condition("level > 1")), is: Priority::Critical },
                Grade { when: None, is: Priority::High },
            ],
            text: Template::parse("Pompe {key} {level}").unwrap(),
            procedure: Some("Fermer la vanne".into()),
            flapping: self.flapping,
            heartbeat: self.heartbeat,
            escalation: self.escalation.map(PolicyName::new),
            swap: self.swap.map(|escalation| Swap {
                group: SwapGroup::new("cold"),
                escalation: PolicyName::new(escalation),
            }),
            cleared_by: self.cleared_by,
            suppressed_by: self.suppressed_by(),
        }
    }
}
