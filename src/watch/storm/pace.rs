//! Pace: how long the queue takes, by what the modems were measured to need.

use std::time::Duration;

use super::Storms;
use crate::watch::draft::Draft;
use crate::watch::name::InputName;
use crate::watch::own_alarms::SelfAlarm;
use crate::watch::time::Utc;

/// What a modem needs for one short message before any was measured.
const ASSUMED: Duration = Duration::from_secs(4);
/// No measure is outside these: a wall clock that jumps is not a slow modem.
const QUICKEST: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(60);
/// A short message holds so many letters, and each part of a longer one so many.
const ALONE: usize = 160;
const PART: usize = 153;

/// In how many short messages a text leaves, as near as letters tell.
pub(super) fn parts(text: &str) -> u64 {
    let letters = text.chars().count();
    let parts = if letters <= ALONE { 1 } else { letters.div_ceil(PART) };
    u64::try_from(parts).unwrap_or(u64::MAX)
}

impl Storms {
    /// A modem has sent so many parts since then. Measures are smoothed: one slow message is no slow modem.
    pub(in crate::watch) fn measured(&mut self, by: &InputName, since: Utc, now: Utc, parts: u8) {
        let whole = since.until(now);
        let each = (whole / u32::from(parts.max(1))).clamp(QUICKEST, SLOWEST);
        let known = self.pace.entry(by.clone()).or_insert(each);
        *known = known.saturating_mul(3).saturating_add(each) / 4;
    }
}

impl Draft<'_> {
    /// Whether what waits takes longer than everybody should be reached within.
    pub(super) fn is_congested(&self) -> bool {
        let storms = &self.state.storms;
        if storms.parts == 0 {
            return false;
        }
        let works = |(modem, _): &(&InputName, &Duration)| {
            !self.state.stands(SelfAlarm::ModemLost, modem.as_str())
        };
        let limit = self.site.storm.reach_within;
        if storms.pace.is_empty() {
            return time(storms.parts, std::iter::once(ASSUMED)) > limit;
        }
        let working = storms.pace.iter().filter(works).map(|(_, each)| *each);
        time(storms.parts, working) > limit
    }
}

/// How long so many parts take modems that need these times for one; for ever where there is none.
fn time(parts: u64, modems: impl Iterator<Item = Duration>) -> Duration {
    let rate: f64 = modems.map(|each| 1.0 / each.as_secs_f64().max(f64::MIN_POSITIVE)).sum();
    let parts = f64::from(u32::try_from(parts).unwrap_or(u32::MAX));
    Duration::try_from_secs_f64(parts / rate).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn two_modems_empty_the_queue_together() {
        assert_eq!(time(10, [seconds(3)].into_iter()), seconds(30));
        assert_eq!(time(12, [seconds(3), seconds(6)].into_iter()), seconds(24));
        assert_eq!(time(1, std::iter::empty()), Duration::MAX);
    }

    #[test]
    fn a_modem_is_as_quick_as_it_was_of_late() {
        let (mut storms, modem, then) =
            (Storms::default(), InputName::new("gsm.orange"), Utc::from_micros(0));
        storms.measured(&modem, then, then.after(seconds(6)), 2);
        assert_eq!(storms.pace[&modem], seconds(3));
        storms.measured(&modem, then, then.after(seconds(7)), 1);
        assert_eq!(storms.pace[&modem], seconds(4));
        storms.measured(&modem, then.after(seconds(9)), then, 0);
        assert_eq!(storms.pace[&modem], Duration::from_millis(3_025), "a clock that was set back");
    }

    #[test]
    fn a_text_leaves_in_as_many_parts_as_its_letters_need() {
        let text = |letters: usize| "é".repeat(letters);
        assert_eq!([0, 160, 161, 306, 307].map(|letters| parts(&text(letters))), [1, 1, 2, 2, 3]);
    }
}
