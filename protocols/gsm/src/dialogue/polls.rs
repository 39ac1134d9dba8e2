//! Polls: what is asked from time to time, so that silence means something.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::answers::{operator, registration, strength};
use super::commands::{Command, Domain};
use super::{Dialogue, Event, Instant, Registration, Status, Technology};

/// After so long without a byte we ask whether anybody is there, and whether it still announces messages. A modem that
/// restarted and does not say so announces nothing: what it receives waits for this question.
const SILENCE: Duration = Duration::from_secs(1);

/// What is due, and what was last told.
#[derive(Debug, Default)]
pub(super) struct Polls {
    at: Instant,
    due: VecDeque<Command>,
    registered: BTreeMap<Domain, Status>,
    /// What the modem does not know.
    unknown: Vec<Domain>,
    technology: Option<Technology>,
    told: Option<Registration>,
    operator: Option<(String, Option<Technology>)>,
}

impl Polls {
    /// Begins a round when it is time; true if it did.
    pub(super) fn note(&mut self, now: Instant, every: Duration) -> bool {
        if now < self.at || !self.due.is_empty() {
            return false;
        }
        self.at = now.saturating_add(every.max(Duration::from_secs(1)));
        let known = Domain::ALL.into_iter().filter(|domain| !self.unknown.contains(domain));
        self.due.extend(known.map(Command::Registration));
        self.due.extend([Command::Signal, Command::Operator]);
        true
    }

    /// Asks this when the wire was silent for long.
    pub(super) fn note_silence(&mut self, now: Instant, heard: Instant, question: Command) {
        if self.due.is_empty() && now >= heard.saturating_add(SILENCE) {
            self.due.push_back(question);
        }
    }

    /// What is to be asked next, if anything is due.
    pub(super) fn command(&self) -> Option<Command> {
        self.due.front().cloned()
    }

    /// When the next round or probe is due.
    pub(super) fn due(&self, heard: Instant) -> Instant {
        self.at.min(heard.saturating_add(SILENCE))
    }

    /// The poll was answered, refused or given up: it is not repeated in this round.
    pub(super) fn done(&mut self, command: &Command) {
        self.due.retain(|due| due != command);
    }

    /// The next answers are news, whatever was told before.
    pub(super) fn tell_anew(&mut self) {
        self.told = None;
        self.operator = None;
    }

    fn best(&self) -> Option<Status> {
        let registered = self.registered.values().find(|status| status.is_registered());
        registered.or_else(|| self.registered.values().next()).copied()
    }
}

impl Dialogue {
    /// The answer to a poll.
    pub(super) fn polled(&mut self, command: &Command, answers: &[String], refused: bool) {
        self.polls.done(command);
        if let Command::Registration(domain @ (Domain::Packet | Domain::Lte)) = command
            && refused
            && !self.polls.unknown.contains(domain)
        {
            self.polls.unknown.push(*domain);
        }
        for answer in answers {
            if *command == Command::Signal {
                self.signal_told(answer);
            } else if *command == Command::Operator {
                self.operator_told(answer);
            } else if let Command::Registration(domain) = command
                && let Some((status, technology)) = registration(answer)
            {
                self.registration_told(*domain, status, technology);
            }
        }
    }

    fn signal_told(&mut self, answer: &str) {
        if let Some(strength) = strength(answer) {
            self.tell(Event::Signal(strength));
        }
    }

    /// The registration in one domain: the owner is told when the best of all is another.
    pub(super) fn registration_told(
        &mut self,
        domain: Domain,
        status: Status,
        technology: Option<Technology>,
    ) {
        self.polls.registered.insert(domain, status);
        if technology.is_some() {
            self.polls.technology = technology;
        }
        let Some(status) = self.polls.best() else {
            return;
        };
        let technology = if status.is_registered() { self.polls.technology } else { None };
        let registration = Registration { status, technology };
        if self.polls.told != Some(registration) {
            self.polls.told = Some(registration);
            self.tell(Event::Registration(registration));
        }
    }

    fn operator_told(&mut self, answer: &str) {
        let Some((name, technology)) = operator(answer) else {
            return;
        };
        if technology.is_some() {
            self.polls.technology = technology;
        }
        let operator = Some((name.clone(), technology));
        if self.polls.operator != operator {
            self.polls.operator = operator;
            self.tell(Event::Operator { name, technology });
        }
    }
}
