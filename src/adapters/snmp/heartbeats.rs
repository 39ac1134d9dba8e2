//! Sources that must be heard every so often: a device that cannot send any more sends no trap about it.
//!
//! Each is armed from the start, so that one that was dead before us is told as well. Any notification that is taken from it
//! will do. It is over as soon as the device is heard again.
//!
//! # Decision (2026-11-27): a restart gives a source one more period, and no number of restarts gives it more than one
//!
//! What a device sent while nobody listened was heard by nobody, so that after a restart it has a whole period to be heard in: a word
//! that fell into the time of the restart would otherwise be missed on the next day, and a healthy device be told as silent. But then a
//! house that is stopped each night, for a backup, would never tell of a device that must be heard once a day. So what counts
//! is the time for which it was listened for in vain, all lives together: after two periods of that it is told, however
//! short each life was. The time in which we did not listen never counts. It goes on the record when a life ends in good order, and the end
//! of it when the source is heard; after a crash what stood there before counts on. Rejected: from the time it was heard last on
//! the wall, which counts the time of our own absence; and as it was, a whole period at each start.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use super::subjects::{self, Whom};
use crate::config::HeartbeatSettings;
use crate::watch::engines::{Awaited, EngineNote, Engines, Noted};
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Moment, Mono, Utc};

/// What is expected of one source.
struct Expected {
    every: Duration,
    /// Since when it is listened for in this life: from its beginning, or since it was heard.
    since: Mono,
    /// For how long it was in earlier lives, in vain.
    before: Duration,
    heard: Option<Utc>,
    /// Its silence is told.
    silent: bool,
}

impl Expected {
    /// When it has been silent for too long.
    fn due(&self) -> Mono {
        let left = self.every.saturating_mul(2).saturating_sub(self.before);
        self.since.after(left.min(self.every))
    }

    /// For how long it has been listened for in vain.
    fn unheard(&self, now: Mono) -> Duration {
        self.before.saturating_add(self.since.until(now))
    }

    fn reason(&self) -> String {
        match self.heard {
            Some(heard) => {
                format!("last heard {}", heard.timestamp().strftime("%Y-%m-%d %H:%M UTC"))
            }
            None if self.before > Duration::ZERO => "never heard since it is awaited".to_owned(),
            None => "not heard since Vigie started".to_owned(),
        }
    }
}

/// The sources that must be heard.
pub(super) struct Heartbeats {
    input: InputName,
    expected: BTreeMap<IpAddr, Expected>,
}

impl Heartbeats {
    /// All are expected from now on; the silence of some was told before we started, and some were listened for in vain.
    pub(super) fn new(
        input: &InputName,
        settings: &[HeartbeatSettings],
        told: &[String],
        known: &Engines,
        now: Mono,
    ) -> Self {
        let expected = settings.iter().map(|settings| {
            let HeartbeatSettings { source, every } = *settings;
            let silent = told.contains(&subject(input, source));
            let Awaited { unheard, heard } = known.awaited(&source.to_string());
            let before = Duration::from_secs(unheard);
            (source, Expected { every, since: now, before, heard, silent })
        });
        Self { input: input.clone(), expected: expected.collect() }
    }

    /// Silences of this input that were told, of sources that the files no longer name.
    pub(super) fn forgotten(&self, told: &[String]) -> Vec<SelfSignal> {
        let ours = |subject: &&String| match subjects::whom(self.input.as_str(), subject) {
            Some(Whom::One(source)) => !self.expected.contains_key(&source),
            Some(Whom::Others) | None => false,
        };
        told.iter()
            .filter(ours)
            .map(|subject| SelfSignal::cleared(SelfAlarm::SourceSilent, subject))
            .collect()
    }

    /// A source was heard; what is told of it.
    pub(super) fn heard(&mut self, source: &str, now: Moment) -> Vec<Happening> {
        if self.expected.is_empty() {
            return Vec::new();
        }
        let Some((source, expected)) =
            source.parse().ok().and_then(|source| Some((source, self.expected.get_mut(&source)?)))
        else {
            return Vec::new();
        };
        expected.since = now.mono;
        expected.heard = Some(now.utc);
        let mut told = Vec::new();
        // A crash must not find it among those that were listened for in vain.
        if std::mem::take(&mut expected.before) > Duration::ZERO {
            told.push(noted(&self.input, source, expected, now.mono));
        }
        if std::mem::take(&mut expected.silent) {
            let over = SelfSignal::cleared(SelfAlarm::SourceSilent, &subject(&self.input, source));
            told.push(Happening::Own(over));
        }
        told
    }

    /// The life ends: for how long each was listened for.
    pub(super) fn end(&self, now: Mono) -> Vec<Happening> {
        let awaited = self.expected.iter().filter(|(_, one)| !one.silent);
        awaited.map(|(source, one)| noted(&self.input, *source, one, now)).collect()
    }

    /// Those of which nothing was heard for too long.
    pub(super) fn due(&mut self, now: Mono) -> Vec<SelfSignal> {
        let Self { input, expected } = self;
        let silent = expected.iter_mut().filter(|(_, one)| !one.silent && one.due() <= now);
        silent
            .map(|(source, one)| {
                one.silent = true;
                let subject = subject(input, *source);
                SelfSignal::raised(SelfAlarm::SourceSilent, &subject, &one.reason())
            })
            .collect()
    }

    /// How long nothing need be done, if nothing is heard.
    pub(super) fn wait(&self, now: Mono) -> Option<Duration> {
        let waiting = self.expected.values().filter(|one| !one.silent);
        waiting.map(|one| now.until(one.due())).min()
    }
}

fn subject(input: &InputName, source: IpAddr) -> String {
    subjects::of(input.as_str(), Whom::One(source))
}

fn noted(input: &InputName, source: IpAddr, one: &Expected, now: Mono) -> Happening {
    let noted = Noted::Awaited {
        source: source.to_string().into(),
        unheard: one.unheard(now).as_secs(),
        heard: one.heard,
    };
    Happening::EngineNoted(EngineNote { input: input.clone(), noted })
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

    fn heartbeats(told: &[String], known: &Engines) -> Heartbeats {
        let settings = [HeartbeatSettings { source: UPS.parse().unwrap(), every: EVERY }];
        Heartbeats::new(&InputName::new("snmp.network"), &settings, told, known, at(0).mono)
    }

    fn fresh() -> Heartbeats {
        heartbeats(&[], &Engines::default())
    }

    /// What is on the record after that.
    fn remembered(told: Vec<Happening>) -> Engines {
        let mut known = Engines::default();
        for happening in told {
            match happening {
                Happening::EngineNoted(note) => known.note(&note.noted),
                other => panic!("{other:?}"),
            }
        }
        known
    }

    #[test]
    fn a_source_that_is_silent_for_too_long_is_told_once_and_its_return_as_well() {
        let mut heartbeats = fresh();
        assert_eq!(heartbeats.heard(UPS, at(100)), []);
        assert_eq!(heartbeats.wait(at(100).mono), Some(EVERY));
        assert_eq!(heartbeats.due(at(699).mono), []);
        let told = heartbeats.due(at(700).mono);
        assert_eq!(told.len(), 1);
        assert_eq!(&*told[0].subject, "10.0.0.7 to snmp.network");
        assert_eq!(&*told[0].reason, "last heard 2026-11-23 05:53 UTC");
        assert_eq!(heartbeats.due(at(9_000).mono), [], "once");
        assert_eq!(heartbeats.wait(at(9_000).mono), None);
        assert_eq!(heartbeats.heard("10.0.0.8", at(9_000)), []);
        let over = SelfSignal::cleared(SelfAlarm::SourceSilent, "10.0.0.7 to snmp.network");
        assert_eq!(heartbeats.heard(UPS, at(9_001)), [Happening::Own(over)]);
        assert_eq!(heartbeats.due(at(9_601).mono).len(), 1, "armed anew");
    }

    #[test]
    fn a_source_that_was_never_heard_is_told_and_one_that_was_told_before_is_not_told_again() {
        let told = fresh().due(at(600).mono);
        assert_eq!(&*told[0].reason, "not heard since Vigie started");
        let before = ["10.0.0.7 to snmp.network".to_owned()];
        let mut restarted = heartbeats(&before, &Engines::default());
        assert_eq!(restarted.due(at(600).mono), []);
        assert_eq!(restarted.end(at(600).mono), [], "its silence stands on the record as it is");
        assert_eq!(restarted.heard(UPS, at(601)).len(), 1);
    }

    #[test]
    fn a_restart_gives_a_source_one_period_and_a_restart_each_night_no_more_than_that() {
        let mut life = fresh();
        assert_eq!(life.heard(UPS, at(100)), []);
        let known = remembered(life.end(at(650).mono));
        // However long nobody listened, it has a whole period to be heard in.
        let mut life = heartbeats(&[], &known);
        assert_eq!(life.wait(at(0).mono), Some(EVERY));
        assert_eq!(life.due(at(599).mono), []);
        let known = remembered(life.end(at(599).mono));
        let mut life = heartbeats(&[], &known);
        let left = Duration::from_secs(1_200 - 550 - 599);
        assert_eq!(life.wait(at(0).mono), Some(left), "after two periods of listening");
        let told = life.due(at(left.as_secs()).mono);
        assert_eq!(&*told[0].reason, "last heard 2026-11-23 05:53 UTC", "in whichever life");
    }

    #[test]
    fn a_source_that_was_heard_again_has_no_past_also_when_a_crash_follows() {
        let known = remembered(fresh().end(at(590).mono));
        let mut life = heartbeats(&[], &known);
        let told = life.heard(UPS, at(10));
        assert_eq!(told.len(), 1, "it goes on the record at once");
        assert_eq!(life.heard(UPS, at(20)), [], "and once");
        let crashed = heartbeats(&[], &remembered(told));
        assert_eq!(crashed.wait(at(0).mono), Some(EVERY));
        let never = remembered(heartbeats(&[], &known).end(at(590).mono));
        let told = heartbeats(&[], &never).due(at(20).mono);
        assert_eq!(&*told[0].reason, "never heard since it is awaited");
    }

    #[test]
    fn a_silence_of_a_source_that_the_files_dropped_is_over() {
        let told =
            ["10.0.0.7 to snmp.network", "10.0.0.9 to snmp.network", "10.0.0.9 to snmp.network2"];
        let told = told.map(str::to_owned);
        let over: Vec<_> = heartbeats(&told, &Engines::default()).forgotten(&told);
        assert_eq!(over.len(), 1);
        assert_eq!(&*over[0].subject, "10.0.0.9 to snmp.network");
    }
}
