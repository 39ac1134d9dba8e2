//! What Vigie finds wrong in its own house: because a line of the night says so, as an adapter would, or because of what the line does.

use std::time::Duration;

use super::super::words::text;
use super::play::{Player, taken_apart};
use super::{Line, ScenarioError};
use crate::adapters::clock::jumped;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{ACCESS, SelfAlarm, SelfSignal};

/// The files of a scenario, as the alarm about wrong ones calls them.
const FILES: &str = "vigie.toml";

/// What is found by the watch itself, or by another line, and how: a night must bring it about.
const fn cause(alarm: SelfAlarm) -> Option<&'static str> {
    match alarm {
        SelfAlarm::ModemLost => Some("write `modem INPUT down`"),
        SelfAlarm::ClockStepped => Some("write `clock jumps +1h`"),
        SelfAlarm::ConfigurationRefused => Some("write `reload with` a section that is wrong"),
        SelfAlarm::Nobody
        | SelfAlarm::PathUnknown
        | SelfAlarm::HeartbeatMissed
        | SelfAlarm::NumberLockedOut
        | SelfAlarm::SmsRejected
        | SelfAlarm::ReportsMissing
        | SelfAlarm::PersonUnreachable
        | SelfAlarm::DrillUnanswered
        | SelfAlarm::ScheduleUncovered => Some("let happen what brings it about"),
        // The last one takes tens of thousands of alarms.
        SelfAlarm::Store
        | SelfAlarm::StoreSlow
        | SelfAlarm::InputLost
        | SelfAlarm::SimRefused
        | SelfAlarm::NotRegistered
        | SelfAlarm::WeakSignal
        | SelfAlarm::OldNetwork
        | SelfAlarm::SimChanged
        | SelfAlarm::CreditLow
        | SelfAlarm::TrapsDropped
        | SelfAlarm::SourceSilent
        | SelfAlarm::CredentialsWrong
        | SelfAlarm::TrapFlood
        | SelfAlarm::SubscriptionRefused
        | SelfAlarm::SessionLost
        | SelfAlarm::LatchStuck
        | SelfAlarm::MessageRefused
        | SelfAlarm::OutputLost
        | SelfAlarm::ClockUnsynchronised
        | SelfAlarm::TooManyAlarms => None,
    }
}

/// `vigie finds weak-signal gsm.orange -107 dBm for long`, `... is over`.
pub(super) fn read(name: &str, subject: &str, rest: &[&str]) -> Result<SelfSignal, String> {
    let subject = text(subject);
    let known = SelfAlarm::ALL.into_iter().find(|alarm| alarm.name() == name);
    let alarm = known.ok_or_else(|| format!("`{name}` is no alarm of Vigie's own"))?;
    // Who may write to files no night on paper can bring about.
    let is_said = alarm == SelfAlarm::ConfigurationRefused && subject == ACCESS;
    if let Some(cause) = cause(alarm).filter(|_| !is_said) {
        return Err(format!("`{name}` is not said but found: {cause}"));
    }
    match rest {
        [] => Err(format!("say why: `vigie finds {name} {subject} REASON`")),
        ["is", "over"] if alarm.is_momentary() => {
            Err(format!("`{name}` has happened, and is never over"))
        }
        ["is", "over"] => Ok(SelfSignal::cleared(alarm, subject)),
        reason => Ok(SelfSignal::raised(alarm, subject, text(&reason.join(" ")))),
    }
}

impl Player<'_> {
    /// The wall clock is set, and Vigie notices.
    pub(super) fn set_clock(&mut self, later: bool, by: Duration) -> Result<(), ScenarioError> {
        let utc = self.night.now().utc;
        self.night.set_clock(if later { utc.after(by) } else { utc.before(by) });
        let here = self.night.watch().site().zone.clone();
        self.day = self.night.now().utc.timestamp().to_zoned(here).date();
        let whither = if later { "forward" } else { "back" };
        self.happen(Happening::Own(jumped(whither, by, "")))
    }

    /// Other files are in force, or refused.
    pub(super) fn reload(&mut self, line: &Line, section: &str) -> Result<(), ScenarioError> {
        self.say(format!("reload with {section}"));
        let refused = SelfAlarm::ConfigurationRefused;
        match self.scenario.settings(section, self.folder) {
            Ok(Some(settings)) => {
                let (site, inputs, _) = taken_apart(settings);
                self.inputs = inputs;
                self.night.reload(site)?;
                self.happen(Happening::Own(SelfSignal::cleared(refused, FILES)))?;
                self.happen(Happening::Own(SelfSignal::cleared(refused, ACCESS)))
            }
            Ok(None) => Err(self.wrong(line, format!("there is no section `---- {section}`"))),
            Err(ScenarioError::Configuration { complaints, .. }) => {
                let errors = complaints.iter().map(ToString::to_string);
                let mut errors = errors.filter(|told| !told.contains(": warning: "));
                let first = errors.next().unwrap_or_default();
                let reason = first.lines().next().unwrap_or_default().to_owned();
                self.happen(Happening::Own(SelfSignal::raised(refused, FILES, &reason)))
            }
            Err(error) => Err(error),
        }
    }
}
