//! Reports of delivery: the network of a modem that used to send them does so no more (behaviour §9).
//!
//! Reports are no proof: some networks send all of them, some none, and a phone that is off has none to give. So only a modem whose network
//! reported on most of its messages is missed, once nothing came for long, over many messages and to more than one number. That
//! messages do not arrive is not said by it, only that nobody knows any more; the first report ends it. Where one phone alone is
//! written to, this says nothing: `loop-back` does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::name::{InputName, PersonId};
use super::notification::{Ending, Notification, Progress};
use super::own_alarms::{SelfAlarm, SelfSignal};
use super::state::State;
use super::time::Utc;

/// So many messages in a row without a report are too many,
const MESSAGES: u32 = 10;
/// to so many numbers,
const NUMBERS: usize = 2;
/// over so long.
const FOR_LONG: std::time::Duration = std::time::Duration::from_secs(6 * 3_600);
/// A habit is so many reports, on at least half of the messages.
const HABIT: u32 = 10;
/// What is longer ago than so many messages counts half.
const REMEMBERED: u32 = 64;

/// What is known of the reports of one modem's network.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Reporting {
    /// Messages that it took, up to the latest report.
    taken: u32,
    /// Reports.
    reported: u32,
    /// Messages since the latest report.
    silent: u32,
    /// To whom, as far as it matters.
    to: BTreeSet<PersonId>,
    /// When the first of these left.
    since: Option<Utc>,
}

impl Reporting {
    fn has_left(&mut self, to: &PersonId, now: Utc) {
        self.silent = self.silent.saturating_add(1);
        self.since = Some(self.since.map_or(now, |since| since.min(now)));
        if self.to.len() < NUMBERS {
            self.to.insert(to.clone());
        }
    }

    fn was_reported(&mut self) {
        self.taken = self.taken.saturating_add(self.silent);
        self.reported = self.reported.saturating_add(1);
        if self.taken > REMEMBERED {
            self.taken /= 2;
            self.reported /= 2;
        }
        self.silent = 0;
        self.since = None;
        self.to.clear();
    }

    /// Since when nothing was reported, where that is too long.
    fn is_missed(&self, now: Utc) -> Option<Utc> {
        let is_habit = self.reported >= HABIT && self.reported.saturating_mul(2) >= self.taken;
        let is_silent = self.silent >= MESSAGES && self.to.len() >= NUMBERS;
        self.since.filter(|since| is_habit && is_silent && since.until(now) >= FOR_LONG)
    }
}

impl State {
    /// A network took a message.
    pub(super) fn taken_by(&mut self, by: &InputName, owed: &Notification, now: Utc) {
        self.reports.entry(by.clone()).or_default().has_left(&owed.person, now);
    }

    /// A message is at its end, or a part of it: whether by its network's word.
    pub(super) fn is_reported(&mut self, owed: &Notification, ending: Ending) {
        let by = match (&owed.state, ending) {
            (Progress::Sent(sent), Ending::Delivered | Ending::Refused | Ending::Expired) => {
                &sent.by
            }
            (Progress::Doubtful(doubt), Ending::Delivered) => &doubt.by,
            (Progress::Queued | Progress::Postponed(_) | Progress::Sending { .. }, _)
            | (Progress::Sent(_) | Progress::Doubtful(_), _) => return,
        };
        if let Some(reporting) = self.reports.get_mut(by) {
            reporting.was_reported();
        }
    }
}

impl Draft<'_> {
    /// A network has taken a message to that person: whether it has been silent for too long.
    pub(super) fn mind_reports(&mut self, by: &InputName, to: &PersonId) {
        let (state, now) = (self.state, self.now.utc);
        let Some(mut reporting) = state.reports.get(by).cloned() else { return };
        if state.stands(SelfAlarm::ReportsMissing, by.as_str()) {
            return;
        }
        reporting.has_left(to, now);
        if let Some(since) = reporting.is_missed(now) {
            let reason = self.site_wording().reports_missing(reporting.silent, since);
            self.own(SelfSignal::raised(SelfAlarm::ReportsMissing, by.as_str(), &reason));
        }
    }

    /// A network has reported.
    pub(super) fn reports_come(&mut self, by: &InputName) {
        if self.state.stands(SelfAlarm::ReportsMissing, by.as_str()) {
            self.own(SelfSignal::cleared(SelfAlarm::ReportsMissing, by.as_str()));
        }
    }
}
