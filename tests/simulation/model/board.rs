//! What the board must show (behaviour §2, the table), and that nothing that is due was forgotten.

use std::time::Duration;

use vigie::board::AlarmView;
use vigie::watch::time::Moment;

use super::Model;
use super::alarms::{Open, Pending, Stage};

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
            (false, false, false) if owes => "acknowledged",
            (false, false, false) => "normal",
        }
    }

    fn shown(&self, normal: bool) -> Row {
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
        }
    }
}

impl Model {
    /// The board shows what it must, and nothing else.
    pub(crate) fn hold_against(&self, board: &[AlarmView]) {
        let mut rows = 0;
        for ((definition, key), alarm) in &self.alarms {
            let must = match (&alarm.open, &alarm.last) {
                (Some(open), _) => open.shown(false),
                (None, Some(last)) => last.shown(true),
                (None, None) => continue,
            };
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
            for due in [pending, until, ladder].into_iter().flatten() {
                let late = due.mono.until(now.mono);
                assert!(
                    late <= LATE,
                    "[no deadline is forgotten] {tag:?} is late by {late:?}: {alarm:#?}"
                );
            }
        }
    }
}
