//! What the daemon tells of itself: the documented JSON of `vigie status` and `unclaimed`; that of `alarms` is the [board](crate::board)'s.
//!
//! The keys are a contract (configuration, "The command line"): they are added to, never renamed.

use std::sync::Arc;

use serde::Serialize;

use super::Room;
use super::protocol::{Answer, Refused};
use crate::board::{Count, alarm_views};
use crate::config::mibs::Proposals;
use crate::health::Health;
use crate::host::aside::aside;
use crate::inbox::Withheld;
use crate::journal::Figures;
use crate::watch::Watch;
use crate::watch::name::InputName;
use crate::watch::own_alarms::{RECORD, RESERVE, SelfAlarm};
use crate::watch::paths::Passage;
use crate::watch::plan::Plan;
use crate::watch::signal::{Fields, Kind, Signal};
use crate::watch::site::Path;
use crate::watch::state::Unclaimed;
use crate::watch::time::Utc;

/// Everything but the alarms.
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
    slow: bool,
    /// How long it took to put the last few things on the disk; `None`: nothing yet.
    writes: Option<Writes>,
}

#[derive(Debug, Serialize)]
struct Writes {
    count: u64,
    last_ms: f64,
    median_ms: f64,
    p99_ms: f64,
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
    let known: Result<Vec<Unclaimed>, Withheld> =
        room.inbox.ask(|watch| watch.state().unclaimed().cloned().collect()).await;
    // The watch is not kept waiting: a maker's whole tree may have to be looked through.
    let inputs = room.inputs.iter().map(crate::health::Reading::now);
    let mut proposals = Proposals::new(inputs.filter_map(|input| Some((input.name, input.names?))));
    let view = |known: &Unclaimed| UnclaimedView {
        count: known.count,
        first: known.first.to_string(),
        last: known.last.to_string(),
        reason: known.reason.as_ref().map(ToString::to_string),
        definition: proposals.of(&known.sample),
        signal: signal_view(&known.sample),
    };
    told(known.map(|known| known.iter().map(view).collect::<Vec<_>>()))
}

/// What the files that are in force mean for people. It is computed aside: the watch is not kept waiting.
pub(super) async fn plan(room: &Room, from: Utc) -> Result<Answer, Refused> {
    let site = room.inbox.ask(|watch| Arc::clone(watch.site())).await;
    let site = site.map_err(|withheld| Refused::unavailable(withheld.to_string()))?;
    let plan = aside(move || Plan::of(&site, from)).await;
    told(Ok(plan.map_err(|error| Refused::unavailable(error.to_string()))?))
}

pub(super) async fn status(room: &Room) -> Result<Answer, Refused> {
    let inputs = room.inputs.iter().map(crate::health::Reading::now).collect();
    let waiting = room.errands.waiting().await;
    let (path, started) = (room.store.display().to_string(), room.started.to_string());
    let bytes = std::fs::metadata(&room.store).ok().map(|file| file.len());
    let writes = room.latencies.borrow().figures().map(Writes::from);
    let store = (bytes, writes);
    let view = room
        .inbox
        .ask(move |watch| status_view(watch, inputs, waiting, path, store, started))
        .await;
    told(view)
}

pub(super) fn told<T: Serialize>(view: Result<T, Withheld>) -> Result<Answer, Refused> {
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
    (bytes, writes): (Option<u64>, Option<Writes>),
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
        alarms: Count::of(watch),
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
            slow: state.stands(SelfAlarm::StoreSlow, RECORD),
            writes,
        },
    }
}

impl From<Figures> for Writes {
    fn from(figures: Figures) -> Self {
        let ms = |time: std::time::Duration| (time.as_secs_f64() * 10_000.0).round() / 10.0;
        let Figures { count, last, median, p99 } = figures;
        Self { count, last_ms: ms(last), median_ms: ms(median), p99_ms: ms(p99) }
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
    use crate::board::tests::{FILE, happens, trap, watch};

    #[test]
    fn keys_that_were_cut_are_counted_and_two_long_ones_are_two_alarms() {
        let mut watch = watch(FILE);
        for end in ["a", "b"] {
            let long = format!("{}{end}", "x".repeat(5_000));
            happens(&mut watch, trap("SNMPv2-MIB::coldStart", &long));
        }
        assert_eq!(watch.state().counters().cut, 2);
        let keys: Vec<_> = watch.state().alarms().map(|alarm| alarm.key.clone()).collect();
        assert!(keys.len() == 2 && keys.iter().all(|key| key.len() <= 4_096), "{keys:?}");
    }
}
