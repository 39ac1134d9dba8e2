//! What the board must show (behaviour §2, the table), and that nothing that is due was forgotten.

use std::time::Duration;

use vigie::board::AlarmView;
use vigie::watch::time::Moment;

use super::alarms::{Alarm, Pending};
use super::open::{Open, Stage};
use super::quiet::Hidden;
use super::{Model, Tag};

/// A deadline may be late by this much: the disk had to be waited for.
const LATE: Duration = Duration::from_secs(45);

impl Open {
    fn state(&self) -> &'static str {
        let owes = matches!(self.stage, Stage::Held { confirm: Some(_), .. });
        match (self.active, self.is_asked(), self.latched) {
            (true, true, _) => "unacknowledged",
            (true, false, _) => "acknowledged",
            (false, true, false) => "returned_unacknowledged",
            (false, true, true) => "latched_unacknowledged",
            (false, false, true) => "latched_acknowledged",
            (false, false, false) if owes || self.flapping => "acknowledged",
            (false, false, false) => "normal",
        }
    }

    fn shown(&self, normal: bool, suppression: &'static str) -> Row {
        let (acknowledged_by, confirmed_by) = match &self.stage {
            Stage::NotRequired | Stage::Asked(_) => (None, None),
            Stage::Held { holders, .. } => (holders.last().cloned(), None),
            Stage::Done { holders, by } => (holders.last().cloned(), Some(by.clone())),
        };
        Row {
            state: if normal { "normal" } else { self.state() }.to_owned(),
            priority: self.priority.as_str(),
            occurrence: Some(self.number.0),
            acknowledged_by,
            confirmed_by,
            repeats: self.repeats,
            suppression,
            flapping: self.flapping && !normal,
        }
    }
}

impl Hidden {
    /// It is active, and nobody need answer.
    fn shown(&self, last: Option<&Open>, suppression: &'static str) -> Row {
        Row {
            state: "acknowledged".to_owned(),
            priority: self.priority.as_str(),
            occurrence: last.map(|last| last.number.0),
            acknowledged_by: None,
            confirmed_by: None,
            repeats: self.repeats,
            suppression,
            flapping: false,
        }
    }
}

#[derive(PartialEq, Eq, Debug)]
struct Row {
    state: String,
    priority: &'static str,
    occurrence: Option<u64>,
    acknowledged_by: Option<String>,
    confirmed_by: Option<String>,
    repeats: u64,
    suppression: &'static str,
    flapping: bool,
}

impl Row {
    fn of(view: &AlarmView) -> Self {
        Self {
            state: view.state.as_str().to_owned(),
            priority: view.priority.as_str(),
            occurrence: view.occurrence,
            acknowledged_by: view.acknowledged_by.as_ref().map(ToString::to_string),
            confirmed_by: view.confirmed_by.as_ref().map(ToString::to_string),
            repeats: view.repeats,
            suppression: view.suppression.as_str(),
            flapping: view.flapping,
        }
    }
}

impl Model {
    /// The board shows what it must, and nothing else.
    pub(crate) fn hold_against(&self, board: &[AlarmView]) {
        let mut rows = 0;
        for (tag, alarm) in &self.alarms {
            let (definition, key) = tag;
            let Some(must) = self.row(tag, alarm) else { continue };
            rows += 1;
            let shown = board
                .iter()
                .find(|view| view.definition.as_str() == definition && view.key == *key);
            let shown = shown.map(Row::of);
            assert_eq!(
                shown.as_ref(),
                Some(&must),
                "[the board] {definition}[{key}] shows the first and must be the second: {alarm:#?}"
            );
        }
        assert_eq!(board.len(), rows, "[the board] shows alarms that never were");
        for ((alarm, subject), why) in &self.own {
            let of = |view: &&AlarmView| view.definition.as_str() == alarm && view.key == *subject;
            let says = board.iter().find(of).map(|view| view.text.as_str());
            assert!(
                says.is_some_and(|says| says.ends_with(&why.words)),
                "[the board] {alarm}[{subject}] says {says:?} and must say {why:?}"
            );
        }
    }

    /// How an alarm is shown; not at all where there is nothing to show.
    fn row(&self, tag: &Tag, alarm: &Alarm) -> Option<Row> {
        let quiet = &alarm.quiet;
        let suppression = if quiet.out || self.out.contains(&tag.0) {
            "out_of_service"
        } else if quiet.shelf.is_some() {
            "shelved"
        } else if quiet.hidden.is_some() {
            "by_design"
        } else {
            "none"
        };
        match (&alarm.open, &quiet.hidden, &alarm.last) {
            (Some(open), ..) => Some(open.shown(false, suppression)),
            (None, Some(hidden), last) => Some(hidden.shown(last.as_ref(), suppression)),
            (None, None, Some(last)) => Some(last.shown(true, suppression)),
            (None, None, None) => None,
        }
    }

    /// Nothing that is due was forgotten.
    pub(crate) fn rests(&mut self, now: Moment) {
        self.the_worst_waits_for_nothing(now);
        for (tag, alarm) in &self.alarms {
            let pending = alarm.pending.as_ref().map(|pending| match pending {
                Pending::Comes(span, _) | Pending::Goes(span) => *span,
            });
            let open = alarm.open.as_ref();
            let until = open.and_then(|open| match &open.stage {
                Stage::Held { until, .. } => *until,
                Stage::NotRequired | Stage::Asked(_) | Stage::Done { .. } => None,
            });
            let ladder = open.and_then(|open| open.ladder.as_ref()).map(|ladder| ladder.due);
            let shelf = alarm.quiet.shelf.as_ref().map(|shelf| shelf.until);
            let flaps = alarm.passages.as_ref().filter(|_| alarm.is_flapping());
            let rest = flaps.map(|passages| passages.rest);
            let leaves = flaps.and_then(|passages| passages.leaves);
            let all = [pending, until, ladder, shelf, alarm.quiet.review, rest, leaves];
            for due in all.into_iter().flatten() {
                let late = due.mono.until(now.mono);
                assert!(
                    late <= LATE,
                    "[no deadline is forgotten] {tag:?} is late by {late:?}: {alarm:#?}"
                );
            }
            let lags = open.and_then(|open| self.lags(open, now)).unwrap_or_default();
            assert!(lags <= LATE, "[what nobody holds moves with its group] {tag:?}: {open:?}");
        }
        for (name, group) in &self.groups {
            let late = group.until.map(|until| until.mono.until(now.mono)).unwrap_or_default();
            assert!(late <= LATE, "[a swap has its end] {name}: {group:?}");
        }
    }
}
