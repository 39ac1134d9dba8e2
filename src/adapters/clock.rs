//! The machine's clock, as a thing that can go wrong like a wire: it jumps, or follows no time service any more.
//!
//! Waits never depend on it, but what people read does, and who is on call. A jump is one alarm; a clock that follows nothing is one
//! while that lasts, since it drifts by seconds a day.

use std::time::Duration;

use tracing::{debug, info};

use crate::host::clock::{Clock, believe};
use crate::host::timedate;
use crate::inbox::{Closing, Inbox};
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Moment, Mono};

/// The clocks are compared so often.
const LOOK: Duration = Duration::from_secs(10);
/// systemd is asked so often.
const ASK: Duration = Duration::from_secs(600);
/// Between two looks a time service moves the clock by milliseconds; what moves it by so much has set it.
const JUMP: Duration = Duration::from_secs(2);
/// A machine that starts needs a while to find its time, and a time service may be restarted.
const GRACE: Duration = Duration::from_secs(3_600);
/// The subject of both alarms.
const CLOCK: &str = "clock";

/// Looks at the clock until the house closes. `latest` is the last moment on the record, `stands` whether the alarm about a clock that
/// follows nothing does.
pub async fn keep_time(
    latest: Option<Moment>,
    stands: bool,
    clock: Clock,
    inbox: Inbox,
    mut closing: Closing,
) {
    let mut keeper = Timekeeper::new(clock.now(), stands);
    let mut found = latest.and_then(|latest| went_back(latest, clock.now()));
    let mut ask = Mono::default();
    loop {
        if clock.now().mono >= ask {
            let told = tokio::select! {
                () = closing.closing() => return,
                told = timedate::is_synchronised() => told,
            };
            debug!(synchronised = ?told, "the clock");
            believe(told == Some(true));
            let now = clock.now();
            ask = now.mono.after(ASK);
            tell(&inbox, keeper.told(told, now), now).await;
        }
        let now = clock.now();
        let jump = found.take().or_else(|| keeper.looks(now));
        if jump.is_some() {
            // Nothing is deleted by it before somebody vouches for it.
            believe(false);
            ask = now.mono;
        }
        tell(&inbox, jump, now).await;
        tokio::select! {
            () = closing.closing() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn tell(inbox: &Inbox, found: Option<SelfSignal>, now: Moment) {
    if let Some(found) = found {
        info!(alarm = found.alarm.name(), reason = %found.reason, active = found.active, "the clock");
        // A house that is closing finds it out again.
        let _ = inbox.tell(Happening::Own(found), now).await;
    }
}

/// Before what is on the record already: it was set while nobody looked.
fn went_back(latest: Moment, now: Moment) -> Option<SelfSignal> {
    let back = now.utc.until(latest.utc);
    (back >= JUMP).then(|| jumped("back", back, " while Vigie was away"))
}

/// As it is told: whither it jumped, how far, and when.
pub fn jumped(whither: &str, by: Duration, when: &str) -> SelfSignal {
    let by = jiff::SignedDuration::from_secs(i64::try_from(by.as_secs()).unwrap_or(i64::MAX));
    SelfSignal::raised(SelfAlarm::ClockStepped, CLOCK, &format!("{whither} by {by:#}{when}"))
}

/// What is known of the clock.
#[derive(Debug)]
struct Timekeeper {
    /// At the last look.
    seen: Moment,
    /// Since when it follows nothing.
    adrift: Option<Mono>,
    stands: bool,
}

impl Timekeeper {
    fn new(now: Moment, stands: bool) -> Self {
        Self { seen: now, adrift: None, stands }
    }

    /// Whether it jumped since the last look.
    fn looks(&mut self, now: Moment) -> Option<SelfSignal> {
        let before = std::mem::replace(&mut self.seen, now);
        let due = before.utc.after(before.mono.until(now.mono));
        let (forward, back) = (due.until(now.utc), now.utc.until(due));
        if forward >= JUMP {
            Some(jumped("forward", forward, ""))
        } else if back >= JUMP {
            Some(jumped("back", back, ""))
        } else {
            None
        }
    }

    /// What systemd says: whether that begins or ends the alarm. Where nobody can say nothing does.
    fn told(&mut self, synchronised: Option<bool>, now: Moment) -> Option<SelfSignal> {
        match synchronised {
            None => None,
            Some(true) => {
                self.adrift = None;
                std::mem::take(&mut self.stands)
                    .then(|| SelfSignal::cleared(SelfAlarm::ClockUnsynchronised, CLOCK))
            }
            Some(false) => {
                let since = *self.adrift.get_or_insert(now.mono);
                if self.stands || since.until(now.mono) < GRACE {
                    return None;
                }
                self.stands = true;
                let reason = "no time service has set it for an hour; see `timedatectl`";
                Some(SelfSignal::raised(SelfAlarm::ClockUnsynchronised, CLOCK, reason))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::time::{ClockQuality, Utc};

    fn at(wall: i64, waited: u64) -> Moment {
        Moment {
            utc: Utc::from_micros(1_795_000_000_000_000 + wall * 1_000),
            mono: Mono::from_nanos(waited * 1_000_000),
            quality: ClockQuality::Unsynchronised,
        }
    }

    #[test]
    fn a_clock_that_is_set_has_jumped_and_one_that_is_slewed_has_not() {
        let mut keeper = Timekeeper::new(at(0, 0), false);
        let mut looks = |wall, waited| {
            keeper.looks(at(wall, waited)).map(|found| (found.alarm, found.reason.to_string()))
        };
        let stepped = |reason: &str| Some((SelfAlarm::ClockStepped, reason.to_owned()));
        assert_eq!(looks(10_000, 10_000), None);
        assert_eq!(looks(21_999, 20_000), None, "1.999 s more");
        assert_eq!(looks(33_999, 30_000), stepped("forward by 2s"));
        assert_eq!(looks(43_999, 40_000), None, "it is told once");
        assert_eq!(looks(53_999 - 3_600_000, 50_000), stepped("back by 1h"));
        assert_eq!(looks(153_999 - 3_600_000, 150_000), None, "a machine that slept");
    }

    #[test]
    fn a_clock_before_the_record_s_last_moment_went_back_while_nobody_looked() {
        assert_eq!(went_back(at(0, 0), at(90_000, 5)), None);
        assert_eq!(went_back(at(1_999, 0), at(0, 5)), None);
        let found = went_back(at(90_061_000, 0), at(0, 5)).unwrap();
        assert_eq!(&*found.reason, "back by 25h 1m 1s while Vigie was away");
    }

    #[test]
    fn a_clock_that_follows_nothing_for_an_hour_is_an_alarm_until_it_does() {
        let hour = 3_600_000;
        let mut keeper = Timekeeper::new(at(0, 0), false);
        let mut told = |synchronised, waited| {
            keeper.told(synchronised, at(0, waited)).map(|found| found.active)
        };
        assert_eq!(told(Some(false), 1), None);
        assert_eq!(told(None, 2 * hour), None, "nobody can say");
        assert_eq!(told(Some(false), hour), None);
        assert_eq!(told(Some(true), hour), None, "it follows again, and the hour begins anew");
        assert_eq!(told(Some(false), hour), None);
        assert_eq!(told(Some(false), 2 * hour), Some(true));
        assert_eq!(told(Some(false), 3 * hour), None, "it is told once");
        assert_eq!(told(None, 4 * hour), None);
        assert_eq!(told(Some(true), 5 * hour), Some(false));
        let mut keeper = Timekeeper::new(at(0, 0), true);
        let over = keeper.told(Some(true), at(0, 0));
        assert_eq!(over.map(|found| found.active), Some(false), "of an earlier life");
    }
}
