//! Sources that must be heard every so often: a device that cannot send any more sends no trap about it.
//!
//! Each is armed from the start, so that one that was dead before us is told as well. Any notification that is taken from it
//! will do. It is over as soon as the device is heard again.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::subjects;
use crate::config::HeartbeatSettings;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Moment, Mono, Utc};

/// What is expected of one source.
struct Expected {
    every: Duration,
    due: Mono,
    heard: Option<Utc>,
    /// Its silence is told.
    silent: bool,
}

/// The sources that must be heard.
pub(super) struct Heartbeats {
    input: String,
    expected: BTreeMap<IpAddr, Expected>,
}

impl Heartbeats {
    /// All are expected from now on; the silence of some was told before we started.
    pub(super) fn new(
        input: &str,
        settings: &[HeartbeatSettings],
        told: &[String],
        now: Mono,
    ) -> Self {
        let expected = settings.iter().map(|settings| {
            let HeartbeatSettings { source, every } = *settings;
            let silent = told.contains(&subject(input, source));
            (source, Expected { every, due: now.after(every), heard: None, silent })
        });
        Self { input: input.to_owned(), expected: expected.collect() }
    }

    /// Silences of this input that were told, of sources that the files no longer name.
    pub(super) fn forgotten(&self, told: &[String]) -> Vec<SelfSignal> {
        let ours = |subject: &&String| {
            let source = subjects::source(&self.input, subject).flatten();
            source.is_some_and(|source| !self.expected.contains_key(&source))
        };
        told.iter()
            .filter(ours)
            .map(|subject| SelfSignal::cleared(SelfAlarm::SourceSilent, subject))
            .collect()
    }

    /// A source was heard; what is told of it.
    pub(super) fn heard(&mut self, source: &str, now: Moment) -> Option<SelfSignal> {
        if self.expected.is_empty() {
            return None;
        }
        let source: IpAddr = source.parse().ok()?;
        let expected = self.expected.get_mut(&source)?;
        expected.due = now.mono.after(expected.every);
        expected.heard = Some(now.utc);
        std::mem::take(&mut expected.silent)
            .then(|| SelfSignal::cleared(SelfAlarm::SourceSilent, &subject(&self.input, source)))
    }

    /// Those of which nothing was heard for too long.
    pub(super) fn due(&mut self, now: Mono) -> Vec<SelfSignal> {
        let Self { input, expected } = self;
        let silent = expected.iter_mut().filter(|(_, one)| !one.silent && one.due <= now);
        silent
            .map(|(source, one)| {
                one.silent = true;
                let reason = match one.heard {
                    Some(heard) => {
                        format!("last heard {}", heard.timestamp().strftime("%Y-%m-%d %H:%M UTC"))
                    }
                    None => "not heard since Vigie started".to_owned(),
                };
                SelfSignal::raised(SelfAlarm::SourceSilent, &subject(input, *source), &reason)
            })
            .collect()
    }

    /// How long nothing need be done, if nothing is heard.
    pub(super) fn wait(&self, now: Mono) -> Option<Duration> {
        let waiting = self.expected.values().filter(|one| !one.silent);
        waiting.map(|one| now.until(one.due)).min()
    }
}

fn subject(input: &str, source: IpAddr) -> String {
    subjects::of(input, Some(source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::time::ClockQuality;

    const EVERY: Duration = Duration::from_secs(600);

    fn at(seconds: u64) -> Moment {
        let length = Duration::from_secs(seconds);
        let utc = Utc::from_micros(1_795_413_120_000_000).after(length);
        Moment { utc, mono: Mono::default().after(length), quality: ClockQuality::default() }
    }

    const UPS: &str = "10.0.0.7";

    fn heartbeats(told: &[String]) -> Heartbeats {
        let settings = [HeartbeatSettings { source: UPS.parse().unwrap(), every: EVERY }];
        Heartbeats::new("snmp.network", &settings, told, at(0).mono)
    }

    #[test]
    fn a_source_that_is_silent_for_too_long_is_told_once_and_its_return_as_well() {
        let mut heartbeats = heartbeats(&[]);
        assert_eq!(heartbeats.heard(UPS, at(100)), None);
        assert_eq!(heartbeats.wait(at(100).mono), Some(EVERY));
        assert_eq!(heartbeats.due(at(699).mono), []);
        let told = heartbeats.due(at(700).mono);
        assert_eq!(told.len(), 1);
        assert_eq!(&*told[0].subject, "10.0.0.7 to snmp.network");
        assert_eq!(&*told[0].reason, "last heard 2026-11-23 05:53 UTC");
        assert_eq!(heartbeats.due(at(9_000).mono), [], "once");
        assert_eq!(heartbeats.wait(at(9_000).mono), None);
        assert_eq!(heartbeats.heard("10.0.0.8", at(9_000)), None);
        let over = heartbeats.heard(UPS, at(9_001)).unwrap();
        assert!(!over.active && over.subject == told[0].subject);
        assert_eq!(heartbeats.due(at(9_601).mono).len(), 1, "armed anew");
    }

    #[test]
    fn a_source_that_was_never_heard_is_told_and_one_that_was_told_before_is_not_told_again() {
        let told = heartbeats(&[]).due(at(600).mono);
        assert_eq!(&*told[0].reason, "not heard since Vigie started");
        let before = ["10.0.0.7 to snmp.network".to_owned()];
        let mut restarted = heartbeats(&before);
        assert_eq!(restarted.due(at(600).mono), []);
        assert!(restarted.heard(UPS, at(601)).is_some());
    }

    #[test]
    fn a_silence_of_a_source_that_the_files_dropped_is_over() {
        let told =
            ["10.0.0.7 to snmp.network", "10.0.0.9 to snmp.network", "10.0.0.9 to snmp.network2"];
        let told = told.map(str::to_owned);
        let over: Vec<_> = heartbeats(&told).forgotten(&told);
        assert_eq!(over.len(), 1);
        assert_eq!(&*over[0].subject, "10.0.0.9 to snmp.network");
    }
}
