//! The board: what stands, and in whose hands it is, as `vigie alarms --json` and the topics of a broker tell of it.
//!
//! It only reads the watch. The keys are a contract (configuration, "The command line"): they are added to, never renamed.

use serde::Serialize;

use crate::watch::Watch;
use crate::watch::alarm::{Alarm, AlarmNumber, AlarmState, Ended, Occurrence};
use crate::watch::name::{DefinitionName, PersonId, PolicyName};
use crate::watch::site::Priority;
use crate::watch::suppression::{Hidden, Suppression};

/// One alarm, as `vigie alarms --json` tells of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AlarmView {
    /// The definition.
    pub definition: DefinitionName,
    /// The key; empty where the definition has none.
    pub key: String,
    /// What people see.
    pub state: AlarmState,
    /// What keeps it quiet on purpose.
    pub suppression: Suppression,
    /// How bad.
    pub priority: Priority,
    /// As people read it.
    pub text: String,
    /// The open occurrence, or the last; `None`: it was kept quiet from the start, and none has opened yet.
    pub occurrence: Option<u64>,
    /// The latest activation, RFC 3339.
    pub active_since: String,
    /// The ladder that calls people: of what stands, the one that it opened with; else the one of the files. `None`: nobody is called.
    pub escalation: Option<PolicyName>,
    /// Who has it in hand; `None` also where nobody need answer.
    pub acknowledged_by: Option<PersonId>,
    /// Who said that it is dealt with.
    pub confirmed_by: Option<PersonId>,
    /// How often it was said again.
    pub repeats: u64,
    /// Whether it comes and goes without end; it stands as active then, whatever it is just now.
    pub flapping: bool,
    /// Whether it is a test, and no alarm.
    pub test: bool,
}

/// How many alarms stand; tests are none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Count {
    /// That have an open occurrence.
    pub standing: usize,
    /// Of these, those that somebody must answer.
    pub unacknowledged: usize,
}

impl Count {
    /// How many stand now.
    pub fn of(watch: &Watch) -> Self {
        let standing = watch.state().standing().filter(|(alarm, _)| !alarm.is_test);
        standing.fold(Self::default(), |count, (_, open)| Self {
            standing: count.standing.saturating_add(1),
            unacknowledged: count.unacknowledged.saturating_add(usize::from(open.unacknowledged())),
        })
    }
}

/// What stands; with `all`, also what is normal again.
pub fn alarm_views(watch: &Watch, all: bool) -> Vec<AlarmView> {
    let standing = watch
        .state()
        .standing()
        .filter(|(alarm, _)| all || alarm.state() != AlarmState::Normal)
        .map(|(alarm, open)| standing_view(watch, alarm, open));
    let mut views: Vec<AlarmView> = standing.collect();
    views.sort_by_key(|view| (std::cmp::Reverse(view.priority), view.occurrence));
    if all {
        let normal = watch.state().alarms().filter(|alarm| alarm.open.is_none());
        let mut normal: Vec<AlarmView> =
            normal.filter_map(|alarm| closed_view(watch, alarm)).collect();
        normal.sort_by_key(|view| std::cmp::Reverse(view.occurrence));
        views.extend(normal);
    }
    views
}

/// One alarm, as it is now; `None` where it never had an occurrence, nothing is remembered of it, or it stands for tests:
/// those bear the name of the true alarm, and are none for anything outside.
pub fn alarm_view(watch: &Watch, number: AlarmNumber) -> Option<AlarmView> {
    let alarm = watch.state().alarm_numbered(number).filter(|alarm| !alarm.is_test)?;
    match alarm.open.as_deref() {
        Some(open) => Some(standing_view(watch, alarm, open)),
        None => closed_view(watch, alarm),
    }
}

fn closed_view(watch: &Watch, alarm: &Alarm) -> Option<AlarmView> {
    match alarm.hidden() {
        Some(hidden) => Some(hidden_view(watch, alarm, hidden)),
        None => Some(normal_view(watch, alarm, alarm.last.as_deref()?)),
    }
}

/// It is active, and nobody need answer: as the table of behaviour §2 has it, with nothing that is unacknowledged.
fn hidden_view(watch: &Watch, alarm: &Alarm, hidden: &Hidden) -> AlarmView {
    let definition = watch.site().definitions.get(alarm.definition.as_str());
    AlarmView {
        definition: alarm.definition.clone(),
        key: alarm.key.to_string(),
        state: AlarmState::Acknowledged,
        suppression: watch.state().suppression(alarm),
        priority: hidden.activation.priority,
        text: hidden.activation.text.to_string(),
        occurrence: alarm.last.as_ref().map(|last| last.number.0),
        active_since: hidden.since.to_string(),
        escalation: definition.and_then(|definition| definition.escalation.clone()),
        acknowledged_by: None,
        confirmed_by: None,
        repeats: hidden.repeats,
        flapping: false,
        test: alarm.is_test,
    }
}

fn standing_view(watch: &Watch, alarm: &Alarm, open: &Occurrence) -> AlarmView {
    let frozen = open.activation.policy.and_then(|number| watch.state().policy(number));
    AlarmView {
        definition: alarm.definition.clone(),
        key: alarm.key.to_string(),
        state: open.state(),
        suppression: watch.state().suppression(alarm),
        priority: open.activation.priority,
        text: open.activation.text.to_string(),
        occurrence: Some(open.number.0),
        active_since: open.active_since.to_string(),
        escalation: frozen.map(|frozen| frozen.name.clone()),
        acknowledged_by: open.stage.acknowledged_by().cloned(),
        confirmed_by: open.stage.confirmed_by().cloned(),
        repeats: open.repeats,
        flapping: open.flapping,
        test: alarm.is_test,
    }
}

fn normal_view(watch: &Watch, alarm: &Alarm, last: &Ended) -> AlarmView {
    let definition = watch.site().definitions.get(alarm.definition.as_str());
    AlarmView {
        definition: alarm.definition.clone(),
        key: alarm.key.to_string(),
        state: AlarmState::Normal,
        suppression: watch.state().suppression(alarm),
        priority: last.priority,
        text: last.text.to_string(),
        occurrence: Some(last.number.0),
        active_since: last.active_since.to_string(),
        escalation: definition.and_then(|definition| definition.escalation.clone()),
        acknowledged_by: last.acknowledged.as_ref().map(|holder| holder.person.clone()),
        confirmed_by: last.confirmed.as_ref().map(|holder| holder.person.clone()),
        repeats: last.repeats,
        flapping: false,
        test: alarm.is_test,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::watch::event::{Entropy, Event, Happening};
    use crate::watch::name::InputName;
    use crate::watch::signal::{Fields, Kind, Signal, Tells, Value};
    use crate::watch::time::Moment;

    pub(crate) const FILE: &str = r#"
[site]
name = "Nord"
time-zone = "UTC"
[snmp.network]
[alarms.boot]
from = ["snmp.network"]
match = { trap = "SNMPv2-MIB::coldStart" }
key = "{sysDescr}"
text = "Boot"
momentary = true
"#;

    pub(crate) fn watch(file: &str) -> Watch {
        let site = crate::config::read_str(&[("vigie.toml", file)]).settings.unwrap().site;
        let mut watch = Watch::new(Arc::new(site));
        happens(&mut watch, Happening::Configured);
        watch
    }

    pub(crate) fn happens(watch: &mut Watch, happening: Happening) {
        let event = Event { happening, entropy: Entropy(1) };
        let decision = watch.decide(&event, Moment::default());
        watch.apply(&decision);
    }

    pub(crate) fn trap(trap: &str, description: &str) -> Happening {
        let mut fields = Fields::default();
        fields.set("trap", Value::text(trap));
        fields.set("sysDescr", Value::text(description));
        Happening::Signal(Signal {
            input: InputName::from("snmp.network"),
            kind: Kind::Snmp,
            source: Arc::from("10.0.0.1"),
            fields,
            text: Arc::from(""),
            source_time: None,
            tells: Tells::News,
            received: Moment::default().utc,
            identity: None,
            raw: Arc::from([]),
        })
    }

    /// Two events and two causes: of each one is told to somebody who need not answer, and one calls nobody.
    const ASKS_NOBODY: &str = r#"
[people.lea]
phone = "+33600000003"
[gsm.orange]
device = "/dev/null"
[escalations.information]
acknowledge = "none"
steps = [{ notify = ["person:lea"] }]
[alarms.told-boot]
from = ["snmp.network"]
match = { trap = "SNMPv2-MIB::coldStart" }
text = "Boot"
momentary = true
escalation = "information"
[alarms.link]
from = ["snmp.network"]
match = { trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"] }
active = 'trap == "IF-MIB::linkDown"'
normal = 'trap == "IF-MIB::linkUp"'
text = "Link"
[alarms.told-link]
from = ["snmp.network"]
match = { trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"] }
active = 'trap == "IF-MIB::linkDown"'
normal = 'trap == "IF-MIB::linkUp"'
text = "Link"
escalation = "information"
"#;

    #[test]
    fn where_nobody_must_answer_a_cause_shows_as_acknowledged_by_nobody_and_an_event_among_all() {
        let mut watch = watch(&format!("{FILE}{ASKS_NOBODY}"));
        happens(&mut watch, trap("SNMPv2-MIB::coldStart", ""));
        happens(&mut watch, trap("IF-MIB::linkDown", ""));
        happens(&mut watch, Happening::Deadline);
        happens(&mut watch, Happening::Deadline);
        let board = |all| {
            let row = |view: AlarmView| {
                assert_eq!(view.acknowledged_by, None, "{view:?}");
                let escalation = view.escalation.map(|name| name.to_string());
                (view.definition.to_string(), view.state.as_str(), escalation)
            };
            let mut rows: Vec<_> = alarm_views(&watch, all).into_iter().map(row).collect();
            rows.sort();
            rows
        };
        let told = Some("information".to_owned());
        let causes = [
            ("link".to_owned(), "acknowledged", None),
            ("told-link".to_owned(), "acknowledged", told.clone()),
        ];
        assert_eq!(board(false), causes);
        let events =
            [("boot".to_owned(), "normal", None), ("told-boot".to_owned(), "normal", told)];
        let mut all: Vec<_> = causes.into_iter().chain(events).collect();
        all.sort();
        assert_eq!(board(true), all);
    }
}
