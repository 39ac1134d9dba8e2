//! What the daemon tells of itself: the documented JSON of `vigie alarms`, `status` and `unclaimed`.
//!
//! The keys are a contract (configuration, "The command line"): they are added to, never renamed.

use serde::Serialize;

use super::Room;
use super::protocol::{Answer, Refused};
use crate::health::Health;
use crate::inbox::Withheld;
use crate::watch::Watch;
use crate::watch::alarm::{Alarm, AlarmState, Ended, Occurrence};
use crate::watch::name::{DefinitionName, InputName, PersonId};
use crate::watch::own_alarms::{RECORD, RESERVE, SelfAlarm};
use crate::watch::paths::Passage;
use crate::watch::signal::{Fields, Kind, Signal};
use crate::watch::site::{Path, Priority};
use crate::watch::time::Utc;
use crate::watch::unclaimed::suggest;

/// One alarm, as `vigie alarms --json` tells of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AlarmView {
    /// The definition.
    pub definition: DefinitionName,
    /// The key; empty where the definition has none.
    pub key: String,
    /// What people see.
    pub state: AlarmState,
    /// `none`, until there is any.
    pub suppression: &'static str,
    /// How bad.
    pub priority: Priority,
    /// As people read it.
    pub text: String,
    /// The open occurrence, or the last.
    pub occurrence: u64,
    /// The latest activation, RFC 3339.
    pub active_since: String,
    /// Who has it in hand.
    pub acknowledged_by: Option<PersonId>,
    /// Who said that it is dealt with.
    pub confirmed_by: Option<PersonId>,
    /// How often it was said again.
    pub repeats: u64,
}

/// Everything else.
#[derive(Debug, Serialize)]
struct StatusView {
    version: &'static str,
    site: String,
    started: String,
    alarms: Count,
    inputs: Vec<Health>,
    paths: Vec<PathView>,
    notifications: Owed,
    unclaimed: u64,
    cut: u64,
    store: Store,
}

/// A path between modems that is tried.
#[derive(Debug, Serialize)]
struct PathView {
    from: InputName,
    to: InputName,
    /// When a message last arrived, and how long it took.
    arrived: Option<String>,
    took_ms: Option<u128>,
    /// Whether one did not.
    unknown: bool,
}

#[derive(Debug, Serialize)]
struct Count {
    standing: usize,
    unacknowledged: usize,
}

#[derive(Debug, Serialize)]
struct Owed {
    /// Ready for a modem.
    waiting: usize,
    /// Owed in all: waiting, being sent, to be tried again.
    owed: usize,
    /// Taken by a network whose word is awaited.
    unreported: usize,
    /// Of those owed: nobody knows whether they left; they go again when the network says nothing.
    unknown: usize,
}

#[derive(Debug, Serialize)]
struct Store {
    path: String,
    bytes: Option<u64>,
    refuses_writes: bool,
    short_of_room: bool,
}

#[derive(Debug, Serialize)]
struct UnclaimedView {
    count: u64,
    first: String,
    last: String,
    reason: Option<String>,
    definition: String,
    signal: SignalView,
}

/// A signal as `vigie explain` takes it; its bytes are in the journal.
#[derive(Debug, Serialize)]
struct SignalView {
    input: InputName,
    kind: Kind,
    source: String,
    text: String,
    received: String,
    fields: Fields,
}

pub(super) async fn alarms(room: &Room, all: bool) -> Result<Answer, Refused> {
    told(room.inbox.ask(move |watch| alarm_views(watch, all)).await)
}

pub(super) async fn unclaimed(room: &Room) -> Result<Answer, Refused> {
    told(
        room.inbox
            .ask(|watch| {
                watch
                    .state()
                    .unclaimed()
                    .map(|known| UnclaimedView {
                        count: known.count,
                        first: known.first.to_string(),
                        last: known.last.to_string(),
                        reason: known.reason.as_ref().map(ToString::to_string),
                        definition: suggest(&known.sample),
                        signal: signal_view(&known.sample),
                    })
                    .collect::<Vec<_>>()
            })
            .await,
    )
}

pub(super) async fn status(room: &Room) -> Result<Answer, Refused> {
    let inputs = room.inputs.iter().map(crate::health::Reading::now).collect();
    let waiting = room.errands.waiting().await;
    let (path, started) = (room.store.display().to_string(), room.started.to_string());
    let bytes = std::fs::metadata(&room.store).ok().map(|file| file.len());
    let view = room
        .inbox
        .ask(move |watch| status_view(watch, inputs, waiting, path, bytes, started))
        .await;
    told(view)
}

fn told<T: Serialize>(view: Result<T, Withheld>) -> Result<Answer, Refused> {
    let view = view.map_err(|withheld| Refused::unavailable(withheld.to_string()))?;
    serde_json::value::to_raw_value(&view)
        .map(Answer::Told)
        .map_err(|error| Refused::unavailable(error.to_string()))
}

fn status_view(
    watch: &Watch,
    inputs: Vec<Health>,
    waiting: usize,
    path: String,
    bytes: Option<u64>,
    started: String,
) -> StatusView {
    let state = watch.state();
    let owed = state.notifications().count();
    let unreported = state.notifications().filter(|owed| owed.is_with_the_network()).count();
    let unknown = state.notifications().filter(|owed| owed.is_doubtful()).count();
    StatusView {
        version: env!("CARGO_PKG_VERSION"),
        site: watch.site().name.clone(),
        started,
        alarms: Count {
            standing: state.standing_count(),
            unacknowledged: state.standing().filter(|(_, open)| open.unacknowledged()).count(),
        },
        inputs,
        paths: path_views(watch),
        notifications: Owed { waiting, owed: owed.saturating_sub(unreported), unreported, unknown },
        unclaimed: state.counters().unclaimed,
        cut: state.counters().cut,
        store: Store {
            path,
            bytes,
            refuses_writes: state.stands(SelfAlarm::Store, RECORD),
            short_of_room: state.stands(SelfAlarm::Store, RESERVE),
        },
    }
}

fn path_views(watch: &Watch) -> Vec<PathView> {
    let view = |(from, path): (&InputName, &Path)| {
        let good = watch.state().passage(from).and_then(Passage::good);
        PathView {
            from: from.clone(),
            to: path.to.clone(),
            arrived: good.map(|good| good.at.to_string()),
            took_ms: good.map(|good| good.took.as_millis()),
            unknown: watch.state().stands(SelfAlarm::PathUnknown, from.as_str()),
        }
    };
    watch.site().paths.iter().map(view).collect()
}

/// What stands; with `all`, also what is normal again.
pub fn alarm_views(watch: &Watch, all: bool) -> Vec<AlarmView> {
    let standing = watch
        .state()
        .standing()
        .filter(|(alarm, _)| all || alarm.state() != AlarmState::Normal)
        .map(|(alarm, open)| standing_view(alarm, open));
    let mut views: Vec<AlarmView> = standing.collect();
    views.sort_by_key(|view| (std::cmp::Reverse(view.priority), view.occurrence));
    if all {
        let normal = watch.state().alarms().filter(|alarm| alarm.open.is_none());
        let mut normal: Vec<AlarmView> =
            normal.filter_map(|alarm| Some(normal_view(alarm, alarm.last.as_deref()?))).collect();
        normal.sort_by_key(|view| std::cmp::Reverse(view.occurrence));
        views.extend(normal);
    }
    views
}

fn standing_view(alarm: &Alarm, open: &Occurrence) -> AlarmView {
    AlarmView {
        definition: alarm.definition.clone(),
        key: alarm.key.to_string(),
        state: open.state(),
        suppression: "none",
        priority: open.activation.priority,
        text: open.activation.text.to_string(),
        occurrence: open.number.0,
        active_since: time(open.active_since),
        acknowledged_by: open.stage.acknowledged_by().cloned(),
        confirmed_by: open.stage.confirmed_by().cloned(),
        repeats: open.repeats,
    }
}

fn normal_view(alarm: &Alarm, last: &Ended) -> AlarmView {
    AlarmView {
        definition: alarm.definition.clone(),
        key: alarm.key.to_string(),
        state: AlarmState::Normal,
        suppression: "none",
        priority: last.priority,
        text: last.text.to_string(),
        occurrence: last.number.0,
        active_since: time(last.active_since),
        acknowledged_by: last.acknowledged.as_ref().map(|holder| holder.person.clone()),
        confirmed_by: last.confirmed.as_ref().map(|holder| holder.person.clone()),
        repeats: last.repeats,
    }
}

fn signal_view(signal: &Signal) -> SignalView {
    SignalView {
        input: signal.input.clone(),
        kind: signal.kind,
        source: signal.source.to_string(),
        text: signal.text.to_string(),
        received: time(signal.received),
        fields: signal.fields.clone(),
    }
}

fn time(at: Utc) -> String {
    at.to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::watch::Watch;
    use crate::watch::event::{Entropy, Event, Happening};
    use crate::watch::name::InputName;
    use crate::watch::signal::{Fields, Kind, Signal, Tells, Value};
    use crate::watch::time::Moment;

    const FILE: &str = r#"
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

    #[test]
    fn keys_that_were_cut_are_counted_and_two_long_ones_are_two_alarms() {
        let site = crate::config::read_str(&[("vigie.toml", FILE)]).settings.unwrap().site;
        let mut watch = Watch::new(Arc::new(site));
        for end in ["a", "b"] {
            let mut fields = Fields::default();
            fields.set("trap", Value::text("SNMPv2-MIB::coldStart"));
            fields.set("sysDescr", Value::text(format!("{}{end}", "x".repeat(5_000))));
            let signal = Signal {
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
            };
            let event = Event { happening: Happening::Signal(signal), entropy: Entropy(1) };
            let decision = watch.decide(&event, Moment::default());
            watch.apply(&decision);
        }
        assert_eq!(watch.state().counters().cut, 2);
        let keys: Vec<_> = watch.state().alarms().map(|alarm| alarm.key.clone()).collect();
        assert!(keys.len() == 2 && keys.iter().all(|key| key.len() <= 4_096), "{keys:?}");
    }
}
