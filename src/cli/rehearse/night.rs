//! A night on paper: the real watch, a clock that is only moved by hand, and a pretended network.
//!
//! It does what the sequencer does, in the same order: decide, take in, then what Vigie found out
//! about itself, then what has fallen due. The record is kept as JSON, so that a restart reads it
//! back as the daemon would. Nothing is sent and nothing is written. A watch that never comes to
//! rest ends the night with an error instead of a loop.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::network::Network;
use super::transcript::Transcript;
use crate::sequencer::is_always_recorded;
use crate::watch::Watch;
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::codes::Code;
use crate::watch::decision::{Decision, Fact, Outcome};
use crate::watch::drills::Course;
use crate::watch::event::{Entropy, Event, Happening, Start};
use crate::watch::name::{InputName, PersonId};
use crate::watch::own_alarms::SelfSignal;
use crate::watch::plan;
use crate::watch::roster::Change;
use crate::watch::site::Site;
use crate::watch::state::State;
use crate::watch::time::{ClockQuality, Moment, Mono, Utc};

/// So many things in one instant are more than any night has.
const RESTLESS: usize = 100_000;
/// The machine has been up for this long when the night begins, and after a restart.
const UPTIME: Duration = Duration::from_secs(1_000);

/// One night.
#[derive(Debug)]
pub struct Night {
    watch: Watch,
    now: Moment,
    /// The pretended modems and phones.
    pub network: Network,
    record: Vec<(Moment, String)>,
    codes: Vec<Drawn>,
    transcript: Transcript,
}

/// A code that somebody was given.
#[derive(Clone, Debug)]
struct Drawn {
    person: PersonId,
    /// For which; `None`: for many, or for none: a digest, a drill, a trade of shifts.
    occurrence: Option<OccurrenceNumber>,
    code: Code,
}

/// What no night should meet: a fault of Vigie's own.
#[derive(Debug, thiserror::Error)]
pub enum NightError {
    /// Deadline after deadline in one instant.
    #[error("the watch does not come to rest at {at}: please report this")]
    Restless {
        /// When.
        at: Utc,
    },
    /// What was decided cannot be written, or read back.
    #[error("a decision cannot be written down and read back: please report this")]
    Record(#[from] serde_json::Error),
    /// The record gives another state than the one that was.
    #[error(
        "the record of {at} gives another state than the one before the restart: please report this"
    )]
    Forgetful {
        /// When.
        at: Utc,
    },
}

impl Night {
    /// A night over this site that begins now.
    ///
    /// # Errors
    /// Where the watch is at fault.
    pub fn new(site: Arc<Site>, modems: Vec<InputName>, at: Utc) -> Result<Self, NightError> {
        let transcript = Transcript::new(Arc::clone(&site));
        let now = Moment {
            utc: at,
            mono: Mono::default().after(UPTIME),
            quality: ClockQuality::Synchronised,
        };
        let mut night = Self {
            watch: Watch::new(site),
            now,
            network: Network::new(modems),
            record: Vec::new(),
            codes: Vec::new(),
            transcript,
        };
        night.start()?;
        Ok(night)
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The watch as it stands.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// What happened so far.
    pub fn transcript(&mut self) -> &mut Transcript {
        &mut self.transcript
    }

    /// The codes of a person, the latest first; of one occurrence, where that is named.
    pub fn codes_of(
        &self,
        person: &PersonId,
        occurrence: Option<OccurrenceNumber>,
    ) -> impl Iterator<Item = Code> {
        let mine = move |drawn: &&Drawn| {
            drawn.person == *person
                && occurrence.is_none_or(|occurrence| drawn.occurrence == Some(occurrence))
        };
        self.codes.iter().rev().filter(mine).map(|drawn| drawn.code)
    }

    /// Something happens.
    ///
    /// # Errors
    /// Where the watch is at fault.
    pub fn happen(&mut self, happening: Happening) -> Result<Outcome, NightError> {
        let outcome = self.decide(happening)?;
        self.settle()?;
        Ok(outcome)
    }

    /// Until that instant, everything that falls due.
    ///
    /// # Errors
    /// Where the watch is at fault.
    pub fn until(&mut self, end: Mono) -> Result<(), NightError> {
        while self.next().is_some_and(|next| next <= end) {
            self.step()?;
        }
        self.advance(end);
        Ok(())
    }

    /// When the next thing falls due.
    pub fn next(&self) -> Option<Mono> {
        [self.watch.next_deadline(), self.network.next()].into_iter().flatten().min()
    }

    /// The next thing that falls due, and all that follows from it at that instant.
    ///
    /// # Errors
    /// Where the watch is at fault.
    pub fn step(&mut self) -> Result<(), NightError> {
        if let Some(next) = self.next() {
            self.advance(next);
            self.settle()?;
        }
        Ok(())
    }

    /// All that is due or can be sent at this instant.
    ///
    /// # Errors
    /// Where the watch is at fault.
    pub fn settle(&mut self) -> Result<(), NightError> {
        for _ in 0..RESTLESS {
            if self.watch.next_deadline().is_some_and(|due| due <= self.now.mono) {
                let before = self.record.len();
                self.decide(Happening::Deadline)?;
                if self.record.len() == before {
                    return Err(NightError::Restless { at: self.now.utc });
                }
            } else if let Some(heard) = self.network.heard(self.now.mono) {
                self.decide(heard)?;
            } else if let Some(report) = self.network.take_up(self.watch.state(), self.now.mono) {
                self.decide(Happening::Report(report))?;
            } else {
                return Ok(());
            }
        }
        Err(NightError::Restless { at: self.now.utc })
    }

    /// The files say something else from now on.
    ///
    /// # Errors
    /// Where the watch is at fault.
    pub fn reload(&mut self, site: Arc<Site>) -> Result<(), NightError> {
        let reloaded = plan::reloaded(self.watch.site(), &site, self.now.utc);
        self.transcript.adopt(Arc::clone(&site));
        for change in &reloaded.changes {
            self.transcript.say(self.now.utc, format!("  {change}"));
        }
        self.watch.adopt(site);
        self.happen(Happening::Reloaded(reloaded))?;
        Ok(())
    }

    /// The machine is off for that long, and starts anew from its record.
    ///
    /// # Errors
    /// Where the record does not give the same state.
    pub fn restart(&mut self, down: Duration, in_order: bool) -> Result<(), NightError> {
        if in_order {
            self.decide(Happening::Stopped)?;
        }
        let mut state = State::default();
        for (moment, facts) in &self.record {
            let facts = serde_json::from_str(facts)?;
            state.take(&Decision { facts, ..Decision::nothing(*moment) });
        }
        if state != *self.watch.state() {
            return Err(NightError::Forgetful { at: self.now.utc });
        }
        self.watch = Watch::resume(Arc::clone(self.watch.site()), state);
        self.network.forget();
        self.now = Moment {
            utc: self.now.utc.after(down),
            mono: Mono::default().after(UPTIME),
            ..self.now
        };
        self.transcript.say(self.now.utc, "Vigie starts");
        self.start()
    }

    /// The wall clock is set; what waits does not notice.
    pub fn set_clock(&mut self, utc: Utc) {
        self.now.utc = utc;
    }

    fn start(&mut self) -> Result<(), NightError> {
        let version = Arc::from(env!("CARGO_PKG_VERSION"));
        self.decide(Happening::Started(Start { version }))?;
        self.decide(Happening::Configured)?;
        self.settle()
    }

    fn advance(&mut self, to: Mono) {
        let passed = self.now.mono.until(to);
        self.now.utc = self.now.utc.after(passed);
        self.now.mono = self.now.mono.after(passed);
    }

    /// One event, and what Vigie finds out about itself by it.
    fn decide(&mut self, happening: Happening) -> Result<Outcome, NightError> {
        let mut waiting = VecDeque::from([happening]);
        let mut first = None;
        for _ in 0..RESTLESS {
            let Some(happening) = waiting.pop_front() else { return Ok(first.unwrap_or_default()) };
            let event = Event { happening, entropy: self.entropy() };
            let decision = self.watch.decide(&event, self.now);
            waiting.extend(decision.own.iter().map(own));
            self.take_in(&event.happening, &decision)?;
            first.get_or_insert(decision.outcome);
        }
        Err(NightError::Restless { at: self.now.utc })
    }

    fn take_in(&mut self, happening: &Happening, decision: &Decision) -> Result<(), NightError> {
        if decision.facts.is_empty() && !is_always_recorded(happening) {
            return Ok(());
        }
        self.record.push((decision.moment, serde_json::to_string(&decision.facts)?));
        self.codes.extend(decision.facts.iter().flat_map(drawn));
        let before = self.watch.state().clone();
        self.watch.apply(decision);
        self.transcript.tell(happening, decision, &before, self.watch.state());
        Ok(())
    }

    /// It depends on nothing but the codes that were drawn before: the same night has the same
    /// codes, and a night that differs a little differs in few of them.
    fn entropy(&self) -> Entropy {
        let drawn = u64::try_from(self.codes.len()).unwrap_or(u64::MAX);
        Entropy(drawn.wrapping_add(1).wrapping_mul(0xd134_2543_de82_ef95))
    }
}

fn own(signal: &SelfSignal) -> Happening {
    Happening::Own(signal.clone())
}

/// The codes that people are given by this.
fn drawn(fact: &Fact) -> Vec<Drawn> {
    let of = |person: &PersonId, occurrence, code| {
        let person = person.clone();
        Drawn { person, occurrence, code }
    };
    match fact {
        Fact::CodeDrawn { code, person, occurrence, .. } => {
            vec![of(person, Some(*occurrence), *code)]
        }
        // A question about a trade is about no occurrence, nor is a drill.
        Fact::Rostered(change) => match change {
            Change::Asked { code, trade } => vec![of(&trade.asked, None, *code)],
            Change::Taken { .. } | Change::Answered { .. } | Change::Looked { .. } => Vec::new(),
        },
        Fact::Drill(course) => match course {
            Course::Begun { asked, .. } => asked
                .iter()
                .filter_map(|asked| Some(of(&asked.person, None, asked.code?)))
                .collect(),
            Course::Planned { .. }
            | Course::Waits { .. }
            | Course::Skipped { .. }
            | Course::Answered { .. }
            | Course::Over { .. }
            | Course::Forgotten { .. } => Vec::new(),
        },
        Fact::Owed { notification } => {
            let code = notification.digest.as_ref().and_then(|digest| digest.code);
            code.map(|code| of(&notification.person, None, code)).into_iter().collect()
        }
        Fact::Heard { .. }
        | Fact::Unclaimed { .. }
        | Fact::Cut { .. }
        | Fact::AlarmKnown { .. }
        | Fact::Pending { .. }
        | Fact::PendingOver { .. }
        | Fact::Opened { .. }
        | Fact::Reactivated { .. }
        | Fact::Repeated { .. }
        | Fact::Graded { .. }
        | Fact::Returned { .. }
        | Fact::Reset { .. }
        | Fact::Closed { .. }
        | Fact::Staged { .. }
        | Fact::Climbed { .. }
        | Fact::Declined { .. }
        | Fact::DeclinesEnded { .. }
        | Fact::Settled { .. }
        | Fact::Attempted { .. }
        | Fact::Sent { .. }
        | Fact::PartDelivered { .. }
        | Fact::Postponed { .. }
        | Fact::Released { .. }
        | Fact::WrongCode { .. }
        | Fact::LockedOut { .. }
        | Fact::Unlocked { .. }
        | Fact::Explained { .. }
        | Fact::Answered { .. }
        | Fact::PolicyFrozen { .. }
        | Fact::PolicyForgotten { .. }
        | Fact::OwnRaised { .. }
        | Fact::OwnRenewed { .. }
        | Fact::OwnCleared { .. }
        | Fact::Learned(_)
        | Fact::EngineNoted(_)
        | Fact::Quieted(_)
        | Fact::Passing { .. }
        | Fact::Storm(_)
        | Fact::Swapping(_)
        | Fact::Beat(_)
        | Fact::LifeSign(_)
        | Fact::Flap(_)
        | Fact::Resumed
        | Fact::Withdrawn { .. } => Vec::new(),
    }
}
