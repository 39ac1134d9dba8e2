//! The numbers of the daemon as a page for Prometheus: for `vigie metrics`, and for who asks at the loopback port.
//!
//! One page is one question at the inbox, the same as `status` asks: what `status` tells is told from there. Nothing here keeps a
//! number. No label grows with the world: inputs, outputs and alarms of Vigie's own are named, since the files and this program
//! name them; alarms of the site, their keys, senders, people and texts never are.

mod families;
mod inputs;
mod text;

use tokio::runtime::Handle;

use families as of;
pub(super) use text::CONTENT_TYPE;
use text::Page;

use super::Room;
use super::view::{self, StatusView};
use crate::health::road::{BOUNDS, Became, Passed};
use crate::inbox::Withheld;
use crate::watch::Watch;
use crate::watch::alarm::AlarmState;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::site::Priority;
use crate::watch::suppression::Suppression;

const STATES: [AlarmState; 6] = [
    AlarmState::Unacknowledged,
    AlarmState::Acknowledged,
    AlarmState::ReturnedUnacknowledged,
    AlarmState::LatchedUnacknowledged,
    AlarmState::LatchedAcknowledged,
    AlarmState::Normal,
];
const PRIORITIES: [Priority; 4] =
    [Priority::Critical, Priority::High, Priority::Medium, Priority::Low];
const SUPPRESSIONS: [Suppression; 3] =
    [Suppression::Shelved, Suppression::ByDesign, Suppression::OutOfService];

/// What the watch says that `status` does not.
struct Counts {
    /// By state, then by priority.
    alarms: [[u64; PRIORITIES.len()]; STATES.len()],
    quiet: [usize; SUPPRESSIONS.len()],
    own: Vec<(SelfAlarm, usize)>,
    occurrences: u64,
    notifications: u64,
}

/// The page as it is now.
pub(super) async fn page(room: &Room) -> Result<String, Withheld> {
    let (view, counts) = view::asked(room, Counts::of).await?;
    let contacts: Vec<_> =
        room.readings().iter().map(|input| (input.now().name, input.clone().contacts())).collect();
    let mut page = Page::default();
    page.family(of::BUILD).add(&[("version", view.version)], 1_u64);
    page.one(of::STARTED, view.started);
    page.one(of::TASKS, Handle::current().metrics().num_alive_tasks());
    alarms(&mut page, &counts);
    messages(&mut page, &view, &counts);
    road(&mut page, &view, &room.road.now());
    inputs::tell(&mut page, &view, &contacts);
    Ok(page.into_text())
}

impl Counts {
    fn of(watch: &Watch) -> Self {
        let state = watch.state();
        let mut alarms = [[0_u64; PRIORITIES.len()]; STATES.len()];
        for (_, open) in state.standing().filter(|(alarm, _)| !alarm.is_test) {
            let by_state = STATES.iter().position(|state| *state == open.state());
            let priority = open.activation.priority;
            let by_priority = PRIORITIES.iter().position(|known| *known == priority);
            let row = by_state.and_then(|place| alarms.get_mut(place));
            if let Some(count) = row.zip(by_priority).and_then(|(row, place)| row.get_mut(place)) {
                *count = count.saturating_add(1);
            }
        }
        let kept = watch.kept_quiet();
        let many = |by: Suppression| kept.iter().filter(|kept| kept.suppression == by).count();
        let lasting = SelfAlarm::ALL.into_iter().filter(|alarm| !alarm.is_momentary());
        Self {
            alarms,
            quiet: SUPPRESSIONS.map(many),
            own: lasting.map(|alarm| (alarm, state.subjects(alarm).count())).collect(),
            occurrences: state.counters().occurrence,
            notifications: state.counters().notification,
        }
    }
}

fn alarms(page: &mut Page, counts: &Counts) {
    let mut samples = page.family(of::ALARMS);
    for (state, row) in STATES.iter().zip(&counts.alarms) {
        for (priority, many) in PRIORITIES.iter().zip(row) {
            let labels = [("state", state.as_str()), ("priority", priority.as_str())];
            samples.add(&labels, *many);
        }
    }
    let mut samples = page.family(of::QUIET);
    for (suppression, many) in SUPPRESSIONS.iter().zip(counts.quiet) {
        samples.add(&[("suppression", suppression.as_str())], many);
    }
    page.one(of::OCCURRENCES, counts.occurrences);
    let mut samples = page.family(of::SELF_ALARM);
    for (alarm, subjects) in &counts.own {
        samples.add(&[("alarm", alarm.name())], *subjects);
    }
}

fn messages(page: &mut Page, view: &StatusView, counts: &Counts) {
    let owed = &view.notifications;
    page.one(of::WAITING, owed.waiting);
    page.one(of::OWED, owed.owed);
    page.one(of::UNREPORTED, owed.unreported);
    page.one(of::UNKNOWN, owed.unknown);
    page.one(of::NOTIFICATIONS, counts.notifications);
}

fn road(page: &mut Page, view: &StatusView, passed: &Passed) {
    let mut samples = page.family(of::SIGNALS);
    for (input, signals) in &passed.signals {
        for (became, many) in Became::ALL.iter().zip(signals) {
            samples.add(&[("input", input.as_str()), ("outcome", became.as_str())], *many);
        }
    }
    page.one(of::UNCLAIMED, view.unclaimed);
    page.one(of::CUT, view.cut);
    page.one(of::ENTRIES, passed.entries);
    let mut samples = page.family(of::COMMITS);
    let bounds = BOUNDS.iter().map(|bound| std::time::Duration::from_micros(*bound));
    let bounds = bounds.map(|bound| text::Number::from(bound).to_string());
    for (bound, many) in bounds.chain(["+Inf".to_owned()]).zip(passed.commits) {
        samples.part("_bucket", &[("le", &bound)], many);
    }
    samples.part("_sum", &[], passed.took);
    samples.part("_count", &[], passed.commits.last().copied().unwrap_or_default());
    page.one(of::COMMITS_REFUSED, passed.refused);
    let mut samples = page.family(of::SNAPSHOT);
    if let Some(at) = passed.snapshot {
        samples.add(&[], at);
    }
    page.one(of::SINCE_SNAPSHOT, passed.since_snapshot);
    let mut samples = page.family(of::STORE_BYTES);
    if let Some(bytes) = view.store.bytes {
        samples.add(&[], bytes);
    }
    page.one(of::STORE_REFUSES, view.store.refuses_writes);
    page.one(of::STORE_SHORT, view.store.short_of_room);
}

#[cfg(test)]
mod tests;
