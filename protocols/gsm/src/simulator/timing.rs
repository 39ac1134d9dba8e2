//! Timing: what a modem says of its own accord and when, how long it takes, and when it does not listen.

use std::collections::VecDeque;
use std::time::Duration;

use super::profile::Profile;
use super::{Instant, Modem};

/// Nobody talks more often.
const LEAST_CHATTER: Duration = Duration::from_millis(1);

/// What is due, and since when.
#[derive(Debug, Default)]
pub(super) struct Timing {
    /// Lines that are said later, the next one first.
    later: VecDeque<(Instant, String)>,
    /// When each line of the chatter is said next.
    chatter: Vec<Instant>,
    /// Since when it runs.
    awake_since: Instant,
    /// When it last said a result.
    result_at: Option<Instant>,
    /// The command that it works on, and until when.
    slow: Option<(Instant, String)>,
}

impl Timing {
    /// Of a modem that runs.
    pub(super) fn awake(profile: &Profile, now: Instant) -> Self {
        let first = |(every, _): &(Duration, String)| now.saturating_add(*every);
        let chatter = profile.chatter.iter().map(first).collect();
        Self { chatter, awake_since: now, ..Self::default() }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        let later = self.later.front().map(|(at, _)| *at);
        let slow = self.slow.as_ref().map(|(until, _)| *until);
        self.chatter.iter().copied().chain(later).chain(slow).min()
    }

    pub(super) fn say_later(&mut self, at: Instant, line: String) {
        let place = self.later.partition_point(|(other, _)| *other <= at);
        self.later.insert(place, (at, line));
    }

    pub(super) fn result_said(&mut self, now: Instant) {
        self.result_at = Some(now);
    }

    /// Works on a command; what comes meanwhile is not heard.
    pub(super) fn begin_slow(&mut self, until: Instant, command: String) {
        self.slow = Some((until, command));
    }
}

impl Modem {
    /// It has started.
    pub(super) fn awake(&mut self, silent: bool) {
        self.timing = Timing::awake(&self.profile, self.now);
        if !silent {
            for (after, line) in &self.profile.boot {
                self.timing.say_later(self.now.saturating_add(*after), line.clone());
            }
        }
    }

    /// Says what is due.
    pub(super) fn say_due(&mut self) {
        while let Some((_, line)) = self.timing.later.pop_front_if(|(at, _)| *at <= self.now) {
            self.say(&line);
        }
        let mut said = Vec::new();
        for ((every, line), next) in self.profile.chatter.iter().zip(&mut self.timing.chatter) {
            if *next <= self.now {
                *next = self.now.saturating_add((*every).max(LEAST_CHATTER));
                said.push(line.clone());
            }
        }
        // What falls into the typing of a message is not said at all.
        if !self.is_at_prompt() {
            said.iter().for_each(|line| self.say(line));
        }
    }

    /// Whether what comes now comes too soon after a result, or while it works.
    pub(super) fn pauses(&self) -> bool {
        let said = self.timing.result_at.map(|at| at.saturating_add(self.profile.pause));
        self.timing.slow.is_some() || said.is_some_and(|until| self.now < until)
    }

    /// The `+CME ERROR` of a SIM that has not got ready yet.
    pub(super) fn sim_is_busy(&self) -> Option<u16> {
        let (length, code) = self.profile.busy?;
        (self.now < self.timing.awake_since.saturating_add(length)).then_some(code)
    }

    /// How long it works on this command line.
    pub(super) fn slowness(&self, command: &str) -> Option<Duration> {
        let command = command.to_ascii_uppercase();
        let is_meant = |(name, _): &&(String, Duration)| command.starts_with(name.as_str());
        self.profile.slow.iter().find(is_meant).map(|(_, length)| *length)
    }

    /// Carries out what it has worked on for long enough.
    pub(super) fn finish_slow(&mut self) {
        if let Some((_, command)) = self.timing.slow.take_if(|(until, _)| *until <= self.now) {
            let answer = self.command_line(&command);
            self.answer(answer);
        }
    }
}
