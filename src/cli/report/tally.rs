//! The figures of a stretch of time: how many alarms came, how they were spread, who answered after how long.
//!
//! The figures are those by which alarm systems are judged (ISA-18.2 and IEC 62682, clause on monitoring and assessment; EEMUA 191):
//! alarms a day and in ten minutes, floods (from more than ten in ten minutes until fewer than five), alarms that chatter (three times in
//! a minute) or stand for more than a day, the mix of priorities. An alarm counts when its occurrence opens; what comes again meanwhile
//! is a repeat.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use super::figures::{Answers, Day, Flood, Often, Person, Report, Share, Stale};
use crate::journal::{NotificationRow, OccurrenceRow};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// In so many seconds a rate is judged.
const TEN_MINUTES: i64 = 600;
/// A flood begins with more than so many alarms in them, and ends with fewer than those.
const FLOOD: usize = 10;
const EBB: usize = 5;
/// An alarm chatters that comes so often within a minute.
const CHATTER: usize = 3;
/// What has stood for so long is stale.
const STALE: i64 = 86_400;
/// So many alarms are named in a list.
const NAMED: usize = 10;
/// At night people sleep, from 22:00 to 06:00 of the site.
const NIGHT: (i8, i8) = (22, 6);

/// What is counted until all rows have been seen: notifications first, then occurrences.
pub(super) struct Tally {
    from: Timestamp,
    to: Timestamp,
    zone: TimeZone,
    asked: HashSet<u64>,
    opened: Vec<i64>,
    repeats: u64,
    open: u64,
    alarms: BTreeMap<(String, String), Alarm>,
    priorities: BTreeMap<&'static str, Priority>,
    stale: Vec<Stale>,
    people: BTreeMap<String, Messages>,
}

#[derive(Default)]
struct Alarm {
    count: u64,
    latest: VecDeque<i64>,
    chatters: u64,
}

#[derive(Default)]
struct Priority {
    alarms: u64,
    asked: u64,
    answered: Vec<i64>,
}

#[derive(Default)]
struct Messages {
    calls: u64,
    messages: u64,
    unsent: u64,
    at_night: u64,
    nights: BTreeSet<Date>,
    answered: Vec<i64>,
    confirmed: u64,
}

/// From the worst on, as the files name them.
const PRIORITIES: [&str; 4] = ["critical", "high", "medium", "low"];

impl Tally {
    /// Of the time from then on until then, on the clock of the site.
    pub(super) fn new(from: Timestamp, to: Timestamp, zone: TimeZone) -> Self {
        Self {
            from,
            to,
            zone,
            asked: HashSet::new(),
            opened: Vec::new(),
            repeats: 0,
            open: 0,
            alarms: BTreeMap::new(),
            priorities: PRIORITIES.map(|name| (name, Priority::default())).into(),
            stale: Vec::new(),
            people: BTreeMap::new(),
        }
    }

    /// A message that was made in this time, and whether it ever left. What never did told nobody anything, and woke nobody.
    pub(super) fn message(&mut self, row: &NotificationRow, has_left: bool) {
        if row.kind == "loop-back" {
            return;
        }
        let at = row.created.timestamp().to_zoned(self.zone.clone());
        let person = self.people.entry(row.person.clone()).or_default();
        if row.kind == "call" {
            self.asked.extend(row.occurrence);
        }
        if !has_left {
            person.unsent += 1;
            return;
        }
        person.messages += 1;
        if row.kind != "call" {
            return;
        }
        person.calls += 1;
        let (begins, ends) = NIGHT;
        if at.hour() >= begins || at.hour() < ends {
            person.at_night += 1;
            // A night has the date of its evening.
            let evening = at.saturating_sub(SignedDuration::from_hours(12)).date();
            person.nights.insert(evening);
        }
    }

    /// An occurrence that opened in this time.
    pub(super) fn occurrence(&mut self, row: &OccurrenceRow) {
        let opened = row.opened.timestamp();
        self.opened.push(opened.as_second());
        self.repeats = self.repeats.saturating_add(row.repeats);
        self.open += u64::from(row.closed.is_none());
        let tag = (row.definition.clone(), row.key.clone());
        self.alarms.entry(tag).or_default().came(opened.as_second());
        let waited = row.acknowledged.map(|at| at.timestamp().duration_since(opened).as_secs());
        let waited = waited.map(|seconds| seconds.max(0));
        let known = PRIORITIES.into_iter().find(|name| *name == row.priority);
        let priority = self.priorities.entry(known.unwrap_or("low")).or_default();
        priority.alarms += 1;
        let unanswered = row.state.ends_with("unacknowledged");
        if self.asked.contains(&row.number) || waited.is_some() || unanswered {
            priority.asked += 1;
        }
        priority.answered.extend(waited);
        if let (Some(person), Some(waited)) = (&row.acknowledged_by, waited) {
            self.people.entry(person.clone()).or_default().answered.push(waited);
        }
        if let Some(person) = &row.confirmed_by {
            self.people.entry(person.clone()).or_default().confirmed += 1;
        }
        let since = row.active_since.timestamp();
        let until = row.returned.or(row.closed).map(|at| at.timestamp());
        if until.unwrap_or(self.to).duration_since(since).as_secs() > STALE {
            let (definition, key) = (row.definition.clone(), row.key.clone());
            self.stale.push(Stale { occurrence: row.number, definition, key, since, until });
        }
    }

    /// All rows have been seen.
    pub(super) fn report(mut self) -> Report {
        self.opened.sort_unstable();
        let alarms = count(self.opened.len());
        let seconds = whole(self.to.duration_since(self.from).as_secs().max(1));
        let days = seconds / 86_400.0;
        let (most_in_ten_minutes, most_at) = self.most();
        let floods = self.floods();
        let flooded: i64 =
            floods.iter().map(|flood| flood.to.duration_since(flood.from).as_secs()).sum();
        let (each_day, each_hour) = self.spread();
        let end = self.to;
        self.stale.sort_by_key(|stale| {
            std::cmp::Reverse(stale.until.unwrap_or(end).duration_since(stale.since))
        });
        self.stale.truncate(NAMED);
        let most_often = self.most_often(alarms, |alarm| alarm.count);
        let chattering = self.most_often(alarms, |alarm| alarm.chatters);
        let Self { from, to, repeats, open, priorities, stale, people, .. } = self;
        Report {
            from,
            to,
            days,
            alarms,
            repeats,
            open,
            a_day: float(alarms) / days,
            in_ten_minutes: float(alarms) / (seconds / 600.0),
            most_in_ten_minutes,
            most_at,
            each_day,
            each_hour,
            floods,
            flooded_percent: 100.0 * whole(flooded) / seconds,
            priorities: PRIORITIES
                .into_iter()
                .map(|priority| {
                    let came = priorities.get(priority).map_or(0, |counted| counted.alarms);
                    Share { priority, alarms: came, percent: percent(came, alarms) }
                })
                .collect(),
            most_often,
            chattering,
            stale,
            answers: answers(priorities),
            people: people.into_iter().map(|(person, messages)| messages.of(person)).collect(),
        }
    }

    /// The most in ten minutes, and when these began.
    fn most(&self) -> (u64, Option<Timestamp>) {
        let mut most = (0, None);
        let mut window = VecDeque::new();
        for at in &self.opened {
            window.push_back(*at);
            while window.front().is_some_and(|first| at - first >= TEN_MINUTES) {
                window.pop_front();
            }
            if count(window.len()) > most.0 {
                most = (count(window.len()), window.front().copied());
            }
        }
        (most.0, most.1.and_then(|at| Timestamp::from_second(at).ok()))
    }

    fn floods(&self) -> Vec<Flood> {
        let mut floods: Vec<Flood> = Vec::new();
        let mut window: VecDeque<i64> = VecDeque::new();
        let mut flood: Option<(i64, i64, u64)> = None;
        let ended = |floods: &mut Vec<Flood>, flood: Option<(i64, i64, u64)>| {
            let Some((from, to, alarms)) = flood else { return };
            let at = |second| Timestamp::from_second(second).ok();
            if let (Some(from), Some(to)) = (at(from), at(to)) {
                floods.push(Flood { from, to, alarms });
            }
        };
        for at in &self.opened {
            window.push_back(*at);
            // Step by step, so that the water is seen to fall before the next drop.
            while window.front().is_some_and(|first| at - first >= TEN_MINUTES) {
                window.pop_front();
                if window.len() < EBB {
                    ended(&mut floods, flood.take());
                }
            }
            match &mut flood {
                Some((_, to, alarms)) => {
                    *to = *at;
                    *alarms += 1;
                }
                None if window.len() > FLOOD => {
                    let from = window.front().copied().unwrap_or(*at);
                    flood = Some((from, *at, count(window.len())));
                }
                None => {}
            }
        }
        ended(&mut floods, flood);
        floods
    }

    /// How many on each day, also those without any, and in each hour of the day.
    fn spread(&self) -> (Vec<Day>, [u64; 24]) {
        let mut hours = [0_u64; 24];
        let mut days: BTreeMap<Date, u64> = BTreeMap::new();
        let date = |at: Timestamp| at.to_zoned(self.zone.clone()).date();
        let last = date(self.to.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(self.to));
        let mut day = date(self.from);
        while day <= last {
            days.insert(day, 0);
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        for at in self.opened.iter().filter_map(|at| Timestamp::from_second(*at).ok()) {
            let at = at.to_zoned(self.zone.clone());
            *days.entry(at.date()).or_default() += 1;
            if let Some(hour) = usize::try_from(at.hour()).ok().and_then(|hour| hours.get_mut(hour))
            {
                *hour += 1;
            }
        }
        (days.into_iter().map(|(date, alarms)| Day { date, alarms }).collect(), hours)
    }

    fn most_often(&self, of: u64, counted: impl Fn(&Alarm) -> u64) -> Vec<Often> {
        let mut often: Vec<Often> = self
            .alarms
            .iter()
            .map(|((definition, key), alarm)| Often {
                definition: definition.clone(),
                key: key.clone(),
                alarms: counted(alarm),
                percent: percent(counted(alarm), of),
            })
            .filter(|often| often.alarms > 0)
            .collect();
        often.sort_by_key(|often| std::cmp::Reverse(often.alarms));
        often.truncate(NAMED);
        often
    }
}

impl Alarm {
    fn came(&mut self, at: i64) {
        self.count += 1;
        self.latest.push_back(at);
        while self.latest.len() > CHATTER {
            self.latest.pop_front();
        }
        let first = self.latest.front().copied().unwrap_or(at);
        self.chatters += u64::from(self.latest.len() == CHATTER && (0..60).contains(&(at - first)));
    }
}

impl Messages {
    fn of(self, person: String) -> Person {
        let taken = count(self.answered.len());
        let nights = count(self.nights.len());
        Person {
            person,
            calls: self.calls,
            messages: self.messages,
            unsent: self.unsent,
            calls_at_night: self.at_night,
            nights,
            taken,
            median: part(self.answered, 1, 2),
            confirmed: self.confirmed,
        }
    }
}

fn answers(mut priorities: BTreeMap<&'static str, Priority>) -> Vec<Answers> {
    let of = |priority| {
        let counted = priorities.remove(priority).unwrap_or_default();
        let waited = counted.answered;
        Answers {
            priority,
            asked: counted.asked,
            answered: count(waited.len()),
            longest: waited.iter().max().copied(),
            nine_in_ten: part(waited.clone(), 9, 10),
            median: part(waited, 1, 2),
        }
    };
    PRIORITIES.map(of).into_iter().filter(|answers| answers.asked > 0).collect()
}

/// The value that this part of them does not exceed.
fn part(mut values: Vec<i64>, parts: usize, of: usize) -> Option<i64> {
    values.sort_unstable();
    let place = values.len().saturating_mul(parts).div_ceil(of).saturating_sub(1);
    values.get(place).copied()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn percent(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { 100.0 * float(part) / float(of) }
}

fn float(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn whole(seconds: i64) -> f64 {
    SignedDuration::from_secs(seconds).as_secs_f64()
}
