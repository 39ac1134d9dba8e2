//! The transcript of a night: one line for each thing that happens, its time first.
//!
//! What comes from outside stands at the margin, what Vigie does about it is indented. A message
//! stands where it leaves, not where it is decided upon. What nobody would miss (codes drawn,
//! reports of delivery, policies frozen) is left out.

use std::fmt::Write;
use std::sync::Arc;

use super::super::terminal::plain;
use super::{orders, quieted, rostered, rungs};
use crate::watch::alarm::{Activation, Alarm, AlarmNumber, OccurrenceNumber, Pending};
use crate::watch::decision::{Decision, Fact, Outcome, Refusal};
use crate::watch::escalation::Ladder;
use crate::watch::event::Happening;
use crate::watch::signal::Kind;
use crate::watch::site::{PhoneNumber, Site};
use crate::watch::state::State;
use crate::watch::time::Utc;

/// What happened so far.
#[derive(Debug)]
pub struct Transcript {
    site: Arc<Site>,
    lines: Vec<(Utc, String)>,
}

/// What there is to know when a fact is put in words.
pub(super) struct View<'a> {
    pub(super) site: &'a Site,
    pub(super) decision: &'a Decision,
    pub(super) before: &'a State,
    pub(super) after: &'a State,
}

impl Transcript {
    pub(super) fn new(site: Arc<Site>) -> Self {
        Self { site, lines: Vec::new() }
    }

    /// The files say something else from now on.
    pub(super) fn adopt(&mut self, site: Arc<Site>) {
        self.site = site;
    }

    /// Something from outside, in these words.
    pub fn say(&mut self, at: Utc, words: impl Into<String>) {
        self.lines.push((at, words.into()));
    }

    /// Takes the lines out, each with its time of day, the date where it changes.
    pub fn take(&mut self) -> Vec<String> {
        let mut written = Vec::new();
        let mut day = None;
        for (at, words) in self.lines.drain(..) {
            let local = at.timestamp().to_zoned(self.site.zone.clone());
            if day != Some(local.date()) {
                written.push(local.strftime("%A %Y-%m-%d").to_string());
                day = Some(local.date());
            }
            written.push(format!("{}  {words}", local.strftime("%H:%M:%S")));
        }
        written
    }

    /// What was decided, and about what.
    pub(super) fn tell(
        &mut self,
        happening: &Happening,
        decision: &Decision,
        before: &State,
        after: &State,
    ) {
        let at = decision.utc();
        let site = Arc::clone(&self.site);
        let view = View { site: &site, decision, before, after };
        if let Some(line) = view.outside(happening) {
            self.say(at, line);
        }
        let mut told = 0_usize;
        for fact in &decision.facts {
            if let Some(line) = view.fact(fact) {
                self.say(at, format!("  {line}"));
                told = told.saturating_add(1);
            }
        }
        if let Some(line) = outcome(happening, decision, told) {
            self.say(at, format!("  {line}"));
        }
    }
}

/// What the one who brought the event is told, where that is worth a line.
fn outcome(happening: &Happening, decision: &Decision, told: usize) -> Option<String> {
    match &decision.outcome {
        Outcome::Repeated => Some("known already: it counts once".to_owned()),
        Outcome::Refused(Refusal(sentence)) => Some(format!("refused: {}", plain(sentence))),
        Outcome::Done(sentence) | Outcome::Testing(_, sentence) | Outcome::Owing(_, sentence) => {
            Some(format!("answered: {}", plain(sentence)))
        }
        Outcome::Taken => match happening {
            Happening::Signal(_) | Happening::Message(_) if told == 0 && !owes(decision) => {
                Some("nothing follows".to_owned())
            }
            Happening::Signal(_)
            | Happening::Message(_)
            | Happening::Call(_)
            | Happening::Silenced(_)
            | Happening::Swap(_)
            | Happening::Command(_)
            | Happening::Test(_)
            | Happening::TestSms(_)
            | Happening::Rostering(_)
            | Happening::Quieten(_)
            | Happening::Report(_)
            | Happening::Delivery(_)
            | Happening::Own(_)
            | Happening::Learned(_)
            | Happening::EngineNoted(_)
            | Happening::Started(_)
            | Happening::Stopped
            | Happening::Configured
            | Happening::Reloaded(_)
            | Happening::Pruned(_)
            | Happening::Missing(_)
            | Happening::Deadline => None,
        },
    }
}

fn owes(decision: &Decision) -> bool {
    decision.facts.iter().any(|fact| matches!(fact, Fact::Owed { .. }))
}

impl View<'_> {
    /// What came from outside; what Vigie brings about itself has no line of its own.
    fn outside(&self, happening: &Happening) -> Option<String> {
        match happening {
            // A payload says nothing without the topic that it is under.
            Happening::Signal(signal) if signal.kind == Kind::Mqtt => {
                let (topic, text) = (plain(&signal.source), plain(&signal.text));
                Some(format!("{} {topic}: {text}", signal.input))
            }
            Happening::Signal(signal) => Some(format!("{}: {}", signal.input, plain(&signal.text))),
            Happening::Message(message) => {
                let known = message.sender.as_ref().and_then(|number| self.site.person_at(number));
                let text = plain(&message.signal.text);
                Some(match known {
                    Some(person) => format!("{person}: \"{text}\""),
                    None => format!(
                        "{}: SMS from {}: \"{text}\"",
                        message.signal.input,
                        plain(&message.signal.source)
                    ),
                })
            }
            Happening::Call(call) => {
                let shown = call.caller.as_deref();
                let known = shown.and_then(|caller| self.site.person_shown_as(caller));
                Some(match (known, shown) {
                    (Some((person, _)), _) => format!("{person} calls"),
                    (None, Some(caller)) => format!("{}: call from {}", call.by, plain(caller)),
                    (None, None) => format!("{}: call without a number", call.by),
                })
            }
            Happening::Command(command) => Some(rungs::typed(command)),
            Happening::Rostering(wish) => Some(rostered::typed(wish)),
            Happening::Swap(asked) => Some(orders::swap(asked)),
            Happening::Silenced(silenced) => {
                Some(format!("{} silences the sirens", plain(&silenced.by)))
            }
            Happening::Test(test) => Some(format!(
                "{} tests {}: {}",
                test.person,
                test.signal.input,
                plain(&test.signal.text)
            )),
            Happening::TestSms(asked) => {
                Some(format!("{} has a test SMS sent to {}", asked.person, asked.to))
            }
            Happening::Quieten(request) => Some(quieted::asked(request)),
            Happening::Stopped => Some("Vigie stops".to_owned()),
            Happening::Report(_)
            | Happening::Delivery(_)
            | Happening::Own(_)
            | Happening::Learned(_)
            | Happening::EngineNoted(_)
            | Happening::Started(_)
            | Happening::Configured
            | Happening::Reloaded(_)
            | Happening::Pruned(_)
            | Happening::Missing(_)
            | Happening::Deadline => None,
        }
    }

    fn fact(&self, fact: &Fact) -> Option<String> {
        match fact {
            Fact::Unclaimed { reason, .. } => Some(match reason {
                Some(reason) => format!("unclaimed: {}", plain(reason)),
                None => "unclaimed: no definition selects it".to_owned(),
            }),
            Fact::Cut { definition } => {
                Some(format!("`{definition}`: key or text too long, and cut"))
            }
            Fact::Pending { alarm, pending } => Some(self.pending(*alarm, pending)),
            Fact::PendingOver { alarm } => self.pending_over(*alarm),
            Fact::Staged { occurrence, why, stage, new_run, .. } => {
                Some(rungs::staged(self, *occurrence, why, stage, *new_run))
            }
            Fact::Climbed { occurrence, rung, ladder } => {
                rungs::climbed(self, *occurrence, rung, ladder)
            }
            Fact::Swapping(swapping) => orders::swapping(self, swapping),
            Fact::Declined { occurrence, by } => {
                Some(format!("#{} declined by {by}", occurrence.0))
            }
            Fact::DeclinesEnded { occurrence } => Some(rungs::declines_ended(self, *occurrence)),
            Fact::Opened { alarm, occurrence, activation, ladder, .. } => {
                Some(self.opened(*alarm, *occurrence, activation, ladder))
            }
            Fact::Reactivated { occurrence, activation } => {
                Some(format!("#{} is active again: \"{}\"", occurrence.0, plain(&activation.text)))
            }
            Fact::Repeated { occurrence } => Some(format!("#{} said again", occurrence.0)),
            Fact::Graded { occurrence, activation } => Some(format!(
                "#{} is {} now: \"{}\"",
                occurrence.0,
                activation.priority.as_str(),
                plain(&activation.text)
            )),
            Fact::Returned { occurrence } => Some(format!("#{} returned", occurrence.0)),
            Fact::Reset { occurrence, by } => Some(format!("#{} reset by {by}", occurrence.0)),
            Fact::Withdrawn { occurrence } => {
                Some(format!("#{} has no definition any more", occurrence.0))
            }
            Fact::Closed { occurrence } => {
                let is = quieted::ended(self, *occurrence);
                Some(format!("#{} closed: {} {is}", occurrence.0, self.tag_of(*occurrence)))
            }
            Fact::Sent { notification, .. } => self.sent(*notification),
            Fact::Settled { notification, ending, why: _ } => self.settled(*notification, *ending),
            Fact::Postponed { notification, why, wait, may_have_left: _ } => {
                self.postponed(*notification, why, *wait)
            }
            Fact::WrongCode { number } => Some(format!("a wrong code from {}", self.whose(number))),
            Fact::LockedOut { number, wait } => Some(format!(
                "{} is not listened to until {}",
                self.whose(number),
                self.time(wait.due)
            )),
            Fact::Unlocked { number } => {
                Some(format!("{} is listened to again", self.whose(number)))
            }
            Fact::OwnRaised { alarm, subject, .. } => {
                Some(format!("Vigie finds: {} {}", alarm.name(), plain(subject)))
            }
            Fact::OwnRenewed { alarm, subject, reason } => Some(format!(
                "Vigie finds: {} {}, now: {}",
                alarm.name(),
                plain(subject),
                plain(reason)
            )),
            Fact::OwnCleared { alarm, subject } => {
                Some(format!("Vigie finds: {} {} is over", alarm.name(), plain(subject)))
            }
            Fact::Rostered(change) => rostered::told(self, change),
            Fact::Flap(flap) => rungs::flap(flap),
            Fact::Drill(course) => rungs::drill(self, course),
            Fact::LifeSign(sign) => rungs::life_sign(self, sign),
            Fact::Quieted(quieting) => quieted::told(self, quieting),
            Fact::Heard { .. }
            | Fact::AlarmKnown { .. }
            | Fact::CodeDrawn { .. }
            | Fact::Owed { .. }
            | Fact::Attempted { .. }
            | Fact::PartDelivered { .. }
            | Fact::Released { .. }
            | Fact::Explained { .. }
            | Fact::Answered { .. }
            | Fact::Learned(_)
            | Fact::EngineNoted(_)
            | Fact::Passing { .. }
            | Fact::Storm(_)
            | Fact::Beat(_)
            | Fact::PolicyFrozen { .. }
            | Fact::PolicyForgotten { .. }
            | Fact::Resumed => None,
        }
    }

    fn opened(
        &self,
        alarm: AlarmNumber,
        occurrence: OccurrenceNumber,
        activation: &Activation,
        ladder: &Ladder,
    ) -> String {
        let climbs = ladder.is_climbing();
        let nobody = if climbs { "" } else { "; it has no escalation, nobody is called" };
        let (tag, text) = (self.tag(alarm), plain(&activation.text));
        let is = match (&activation.testing, activation.momentary) {
            (Some(_), _) => "is tested",
            (None, true) => "has happened",
            (None, false) => "is active",
        };
        let priority = activation.priority.as_str();
        format!("#{} opens: {tag} {is}, {priority}: \"{text}\"{nobody}", occurrence.0)
    }

    fn pending(&self, alarm: AlarmNumber, pending: &Pending) -> String {
        let (tag, due) = (self.tag(alarm), self.time(pending.wait().due));
        match pending {
            Pending::Activation { .. } => format!("{tag} is active at {due} if it lasts"),
            Pending::Return { .. } => format!("{tag} has returned at {due} if it lasts"),
        }
    }

    fn pending_over(&self, alarm: AlarmNumber) -> Option<String> {
        let lasted = self.decision.facts.iter().any(|fact| {
            matches!(fact, Fact::Opened { .. } | Fact::Reactivated { .. } | Fact::Returned { .. })
        });
        (!lasted).then(|| format!("{} did not last", self.tag(alarm)))
    }

    pub(super) fn whose(&self, number: &PhoneNumber) -> String {
        self.site
            .person_at(number)
            .map_or_else(|| number.to_string(), |person| format!("{person}'s number"))
    }

    /// The time of day, with the date where it is another day's.
    pub(super) fn time(&self, at: Utc) -> String {
        let there = at.timestamp().to_zoned(self.site.zone.clone());
        let here = self.decision.utc().timestamp().to_zoned(self.site.zone.clone());
        let format = if there.date() == here.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
        there.strftime(format).to_string()
    }

    pub(super) fn tag(&self, alarm: AlarmNumber) -> String {
        let known = self.after.alarm_numbered(alarm).or_else(|| self.before.alarm_numbered(alarm));
        known.map_or_else(|| "?".to_owned(), tag)
    }

    fn tag_of(&self, occurrence: OccurrenceNumber) -> String {
        let opened = self.decision.facts.iter().find_map(|fact| {
            let Fact::Opened { alarm, occurrence: opened, .. } = fact else { return None };
            (*opened == occurrence).then(|| self.tag(*alarm))
        });
        let known = self.before.alarm_of(occurrence).map(tag);
        known.or(opened).unwrap_or_else(|| "?".to_owned())
    }
}

/// `link[10.0.0.1/7]`, or the name alone where the alarm has no key.
pub fn tag(alarm: &Alarm) -> String {
    let mut tag = String::from(if alarm.is_test { "TEST:" } else { "" });
    tag.push_str(alarm.definition.as_str());
    if !alarm.key.is_empty() {
        write!(tag, "[{}]", plain(&alarm.key)).expect("a String takes whatever is written to it");
    }
    tag
}
