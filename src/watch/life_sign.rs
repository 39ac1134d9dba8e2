//! The daily sign of life: whom the files name is told once a day that Vigie watches, what stands open, and what is wrong with Vigie itself.
//!
//! Who waits for it in vain knows that nothing of what would call them can be relied upon: it takes the way of every alarm, through the
//! record, the modem and the network. It asks for nothing, has no code, and keeps no alarm back: it leaves after all that is about one,
//! and storms do not count it. It is told for the second time on no day, whatever becomes of the clock, the files or the daemon.
//!
//! # Decision (2026-11-27): a sign that was missed is given late, within four hours, and then no more
//!
//! Somebody waits for it, and a late one says what they want to know: so it is made up for, unlike a drill, and shows its time. After
//! [`LATE`] it could come in the middle of the night, and its absence has said enough: the record says that it was skipped. A message that no
//! modem takes is of use for as long. Rejected: to give it at every start, which tells of restarts and not of life.
//!
//! # Decision (2026-11-27): of a schedule whoever is on call then is told
//!
//! As in a step of an escalation, and unlike in a drill: the sign is for those who would be called.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use super::decision::Fact;
use super::draft::Draft;
use super::drills::ADRIFT;
use super::escalation::resolve_all;
use super::fold::requeue;
use super::name::PersonId;
use super::notification::{Ending, Purpose};
use super::schedule::Wall;
use super::signal::Identity;
use super::site::{Priority, Recipient};
use super::state::{Owner, State};
use super::time::{Moment, Mono, Utc, Wait};
use super::wording::Life;

/// A sign that is later than this is skipped; and for so long it waits for a modem.
const LATE: Duration = Duration::from_secs(4 * 3_600);
/// On one of so many days at the latest is it given again: once a week, and not on the day on which it was.
const DAYS: i64 = 15;
const A_DAY: Duration = Duration::from_secs(86_400);

/// `[life-sign]`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LifeSign {
    /// Who is told.
    pub notify: Vec<Recipient>,
    /// When, by the clocks of the site.
    pub at: Time,
    /// On which days of the week, Monday first.
    pub weekdays: [bool; 7],
}

/// What becomes of the daily sign of life.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// It is given from now on, or at other times.
    Planned {
        /// What the files say of its times.
        times: Identity,
        /// When next.
        next: Wait,
    },
    /// The wall clock does not show its time yet, or has passed it by.
    Waits {
        /// When next.
        next: Wait,
    },
    /// It is given.
    Given {
        /// When it was to be.
        due: Utc,
        /// To whom.
        to: Vec<PersonId>,
        /// When next.
        next: Wait,
    },
    /// It was missed.
    Skipped {
        /// When it was to be.
        due: Utc,
        /// When the next one is.
        next: Wait,
    },
    /// The files do not have it any more.
    Forgotten,
}

/// When people are told next that Vigie watches, and when they were last.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LifeSigns {
    #[serde(default)]
    planned: Option<Planned>,
    /// When the latest that was given was to be: it stays when the files have none any more.
    #[serde(default)]
    given: Option<Utc>,
    #[serde(skip)]
    queued: Option<Mono>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Planned {
    times: Identity,
    next: Wait,
}

impl LifeSigns {
    /// When the next one is, if there is one.
    pub fn next(&self) -> Option<Utc> {
        self.planned.map(|planned| planned.next.due)
    }

    /// When the latest that was given was to be.
    pub fn given(&self) -> Option<Utc> {
        self.given
    }

    /// All of it, for a snapshot; `None`: there is nothing to keep.
    pub(super) fn kept(&self) -> Option<Self> {
        let is_empty = self.planned.is_none() && self.given.is_none();
        (!is_empty).then(|| self.clone())
    }
}

impl LifeSign {
    /// The first time after that instant, on another day than the one on which it was given.
    fn next(&self, at: Utc, given: Option<Utc>, wall: &Wall) -> Utc {
        let given = given.map(|given| wall.shows(given).date());
        let today = wall.shows(at).date();
        let days = (0..DAYS).filter_map(|later| today.checked_add(later.days()).ok());
        let days = days.filter(|day| self.is_on(*day) && Some(*day) != given);
        let mut times = days.map(|day| wall.reached(day.to_datetime(self.at)));
        times.find(|time| *time > at).unwrap_or_else(|| at.after(A_DAY))
    }

    fn is_on(&self, day: Date) -> bool {
        let day = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.weekdays.get(day).copied().unwrap_or(false)
    }

    /// Where this is another, it is given at other times.
    fn identity(&self, wall: &Wall) -> Identity {
        Identity::of(&[format!("{:?} {:?} {wall:?}", self.at, self.weekdays).as_bytes()])
    }
}

impl State {
    /// Takes in what became of the sign of life.
    pub(super) fn life_signed(&mut self, sign: &Sign) {
        let signs = &mut self.life_signs;
        match sign {
            Sign::Planned { times, next } => {
                signs.planned = Some(Planned { times: *times, next: *next });
            }
            Sign::Waits { next } => signs.wait(*next),
            Sign::Given { due, next, .. } => {
                signs.given = Some(*due);
                signs.wait(*next);
            }
            Sign::Skipped { next, .. } => signs.wait(*next),
            Sign::Forgotten => signs.planned = None,
        }
        self.requeue_life_sign();
    }

    fn requeue_life_sign(&mut self) {
        let due = self.life_signs.planned.map(|planned| planned.next.mono);
        requeue(&mut self.deadlines, &mut self.life_signs.queued, due, || Owner::LifeSign);
    }

    /// It waits on, on the clock of this boot.
    pub(super) fn resume_life_sign(&mut self, now: Moment) {
        if let Some(planned) = &mut self.life_signs.planned {
            planned.next = planned.next.resumed(now);
        }
        self.requeue_life_sign();
    }

    /// Takes the piece of a snapshot in.
    pub(super) fn absorb_life_sign(&mut self, kept: LifeSigns) {
        let queued = self.life_signs.queued;
        self.life_signs = LifeSigns { queued, ..kept };
        self.requeue_life_sign();
    }
}

impl LifeSigns {
    fn wait(&mut self, next: Wait) {
        if let Some(planned) = &mut self.planned {
            planned.next = next;
        }
    }
}

impl Draft<'_> {
    fn sign(&mut self, sign: Sign) {
        self.fact(Fact::LifeSign(sign));
    }

    fn wall(&self) -> Wall {
        Wall::of(self.site.zone.clone())
    }

    /// The wait for the first sign after that instant.
    fn next_sign(&self, life: &LifeSign, after: Utc, given: Option<Utc>) -> Wait {
        let due = life.next(after, given, &self.wall());
        self.now.wait(self.now.utc.until(due))
    }

    /// The files are in force: what they no longer ask for is not given.
    pub(super) fn plan_life_sign(&mut self) {
        let state = self.state;
        match (&self.site.life_sign, state.life_signs.planned) {
            (None, None) => {}
            (None, Some(_)) => self.sign(Sign::Forgotten),
            (Some(life), planned) => {
                let times = life.identity(&self.wall());
                if planned.is_none_or(|planned| planned.times != times) {
                    let next = self.next_sign(life, self.now.utc, state.life_signs.given);
                    self.sign(Sign::Planned { times, next });
                }
            }
        }
        let unsent = state.notifications().filter(|owed| owed.has_yet_to_leave());
        for owed in unsent.filter(|owed| owed.purpose == Purpose::LifeSign) {
            if !self.wants_life_sign(&owed.person) {
                self.settle(owed.id, Ending::Cancelled);
            }
        }
    }

    /// Whether the files have this person told.
    pub(super) fn wants_life_sign(&self, person: &PersonId) -> bool {
        let life = self.site.life_sign.as_ref();
        life.is_some_and(|life| self.site.everybody(&life.notify).contains(person))
    }

    /// The wall clock was set: what waits for a time of day waits for it anew. One that it has passed by is due.
    pub(super) fn wait_for_life_sign_anew(&mut self) {
        let (Some(planned), Some(life)) = (self.state.life_signs.planned, &self.site.life_sign)
        else {
            return;
        };
        let (now, due) = (self.now, planned.next.due);
        let next = if due <= now.utc {
            Wait { due, ..now.at_once() }
        } else {
            self.next_sign(life, now.utc, self.state.life_signs.given)
        };
        if (next.due, next.mono) != (due, planned.next.mono) {
            self.sign(Sign::Waits { next });
        }
    }

    /// It is time for it, unless the wall clock says otherwise.
    pub(super) fn life_sign_due(&mut self) {
        let state = self.state;
        let (Some(planned), Some(life)) = (state.life_signs.planned, &self.site.life_sign) else {
            return self.sign(Sign::Forgotten);
        };
        let (due, given) = (planned.next.due, state.life_signs.given);
        if self.now.utc.until(due) > ADRIFT {
            // The clock was set back: its time has not come.
            let next = self.next_sign(life, self.now.utc, given);
            return self.sign(Sign::Waits { next });
        }
        // Of several that were missed the latest is given, if it is not too late.
        let latest = life.next(self.now.utc.before(LATE), given, &self.wall());
        let is_late = due.until(self.now.utc) > LATE;
        if is_late && latest > self.now.utc {
            let next = self.next_sign(life, self.now.utc, given);
            return self.sign(Sign::Skipped { due, next });
        }
        let due = if is_late { latest } else { due };
        let next = self.next_sign(life, self.now.utc.max(due), Some(due));
        let to = resolve_all(self.site, state.roster(), &life.notify, self.now.utc);
        self.sign(Sign::Given { due, to: to.clone(), next });
        let (life, until) = (self.life(), self.now.wait(LATE));
        for person in to {
            let text = self.wording(&person).life_sign(&life);
            self.owe_until(&person, Purpose::LifeSign, text, until);
        }
    }

    /// What stands open, and what is wrong with Vigie itself, the worst first.
    fn life(&self) -> Life {
        let state = self.state;
        let mut life = Life::default();
        let mut faults: Vec<(std::cmp::Reverse<Priority>, &str)> = Vec::new();
        for (alarm, open) in state.standing().filter(|(alarm, _)| !alarm.is_test) {
            if self.is_own(alarm) {
                faults.push((std::cmp::Reverse(open.activation.priority), &open.activation.text));
            } else {
                life.open = life.open.saturating_add(1);
                let unanswered = usize::from(open.stage.is_unacknowledged());
                life.unanswered = life.unanswered.saturating_add(unanswered);
            }
        }
        let quiet = state.quiet.alarms().filter_map(|number| state.alarm_numbered(number));
        life.hidden = quiet.filter(|alarm| alarm.hidden().is_some()).count();
        faults.sort_by_key(|(priority, _)| *priority);
        life.faults = faults.into_iter().map(|(_, text)| text.to_owned()).collect();
        life
    }
}
