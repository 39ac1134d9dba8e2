//! What the daemon tells of itself: the documented JSON of `vigie status` and `unclaimed`; that of `alarms` is the [board](crate::board)'s.
//!
//! The keys are a contract (configuration, "The command line"): they are added to, never renamed.

use std::sync::Arc;

use serde::Serialize;

use super::Room;
use super::protocol::{Answer, Refused, Running};
use crate::board::{Count, alarm_views};
use crate::config::mibs::Proposals;
use crate::health::{Health, Ping, PingReading, as_written, as_written_or_null};
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
pub(super) struct StatusView {
    /// Of this program.
    pub(super) version: &'static str,
    /// `site.name`.
    pub(super) site: String,
    /// When the daemon was started.
    #[serde(serialize_with = "as_written")]
    pub(super) started: Utc,
    /// How many stand, and how many of them somebody must answer.
    pub(super) alarms: Count,
    /// How each of them is.
    pub(super) inputs: Vec<Health>,
    /// Of each `loop-back`.
    pub(super) paths: Vec<PathView>,
    /// Of each `[ping.*]`.
    pub(super) pings: Vec<Ping>,
    /// What is owed to people.
    pub(super) notifications: Owed,
    /// Signals that no definition claimed, ever.
    pub(super) unclaimed: u64,
    /// Keys and texts that were cut, ever.
    pub(super) cut: u64,
    /// How the record is.
    pub(super) store: Store,
}

/// A path between modems that is tried.
#[derive(Debug, Serialize)]
pub(super) struct PathView {
    /// The modem that sends.
    pub(super) from: InputName,
    /// The modem that receives.
    pub(super) to: InputName,
    /// When a message last arrived, and how long it took.
    #[serde(serialize_with = "as_written_or_null")]
    pub(super) arrived: Option<Utc>,
    /// In milliseconds.
    pub(super) took_ms: Option<u128>,
    /// Whether one did not.
    pub(super) unknown: bool,
}

/// How many messages are owed to people.
#[derive(Debug, Serialize)]
pub(super) struct Owed {
    /// Ready for a modem.
    pub(super) waiting: usize,
    /// Owed in all: waiting, being sent, to be tried again.
    pub(super) owed: usize,
    /// Taken by a network whose word is awaited.
    pub(super) unreported: usize,
    /// Of those owed: nobody knows whether they left; they go again when the network says nothing.
    pub(super) unknown: usize,
}

/// How the one file of state is.
#[derive(Debug, Serialize)]
pub(super) struct Store {
    /// Where it is.
    pub(super) path: String,
    /// Its length without the write-ahead log; `None`: it cannot be asked.
    pub(super) bytes: Option<u64>,
    /// People are called from memory.
    pub(super) refuses_writes: bool,
    /// It goes on in the room that was kept back, or there is none.
    pub(super) short_of_room: bool,
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

/// `vigie alarms`: what stands; with `all`, what is normal again as well.
pub(super) async fn alarms(room: &Room, all: bool) -> Result<Answer, Refused> {
    told(room.inbox.ask(move |watch| alarm_views(watch, all)).await)
}

/// `vigie unclaimed`: signals that no definition selects, each with one to paste.
pub(super) async fn unclaimed(room: &Room) -> Result<Answer, Refused> {
    let known: Result<Vec<Unclaimed>, Withheld> =
        room.inbox.ask(|watch| watch.state().unclaimed().cloned().collect()).await;
    // The watch is not kept waiting: a maker's whole tree may have to be looked through.
    let readings = room.readings();
    let inputs = readings.iter().map(crate::health::Reading::now);
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
    let plan = plan.map_err(|error| Refused::unavailable(error.to_string()))?;
    let inputs = room.readings().iter().map(|input| input.now().name).collect();
    told(Ok(Running { plan, store: room.store.to_path_buf(), inputs }))
}

/// `vigie status`.
pub(super) async fn status(room: &Room) -> Result<Answer, Refused> {
    told(asked(room, |_| ()).await.map(|(view, ())| view))
}

/// All that `status` tells, and what else the watch says at the same moment.
pub(super) async fn asked<T: Send + 'static>(
    room: &Room,
    also: impl FnOnce(&Watch) -> T + Send + 'static,
) -> Result<(StatusView, T), Withheld> {
    let inputs = room.readings().iter().map(crate::health::Reading::now).collect();
    let writes = room.latencies.borrow().figures().map(Writes::from);
    let pings = room.pings.borrow().iter().map(PingReading::now).collect();
    let outside = Outside {
        inputs,
        pings,
        waiting: room.errands.waiting().await,
        path: room.store.display().to_string(),
        bytes: std::fs::metadata(&room.store).ok().map(|file| file.len()),
        writes,
        started: room.started,
    };
    room.inbox.ask(move |watch| (status_view(watch, outside), also(watch))).await
}

/// What the watch does not know.
struct Outside {
    inputs: Vec<Health>,
    pings: Vec<Ping>,
    waiting: usize,
    path: String,
    bytes: Option<u64>,
    writes: Option<Writes>,
    started: Utc,
}

/// What the watch said, as the answer; or that it could not be asked.
pub(super) fn told<T: Serialize>(view: Result<T, Withheld>) -> Result<Answer, Refused> {
    let view = view.map_err(|withheld| Refused::unavailable(withheld.to_string()))?;
    serde_json::value::to_raw_value(&view)
        .map(Answer::Told)
        .map_err(|error| Refused::unavailable(error.to_string()))
}

fn status_view(watch: &Watch, outside: Outside) -> StatusView {
    let Outside { inputs, pings, waiting, path, bytes, writes, started } = outside;
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
        pings,
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
            arrived: good.map(|good| good.at),
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
