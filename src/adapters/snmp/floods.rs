//! Sources that send more than can wait for the disk: what of theirs is not taken, and since when.
//!
//! Each such source is an alarm (`trap-flood`): told at once, told again once a minute with how many
//! it has cost by then, and over when it has kept below the limit for a minute. [`KNOWN`] sources
//! have an alarm of their own, and all further ones have one together, so that who forges addresses
//! cannot make an alarm of each.

use std::collections::BTreeMap;
use std::net::IpAddr;

use tracing::{info, warn};

use super::peek;
use super::subjects::{self, Whom};
use crate::watch::name::InputName;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::Utc;

/// So many sources have an alarm of their own.
const KNOWN: usize = 16;

/// What has found no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Surplus {
    /// A trap: it is lost.
    Trap,
    /// An inform: it is not answered, so that its sender repeats it.
    Inform,
}

impl Surplus {
    /// What an unread datagram would be.
    pub(super) fn of(datagram: &[u8]) -> Self {
        if peek::is_inform(datagram) { Self::Inform } else { Self::Trap }
    }
}

/// The sources that send too much.
pub(super) struct Floods {
    input: InputName,
    of: BTreeMap<Whom, Flood>,
}

#[derive(Clone, Copy)]
struct Flood {
    since: Utc,
    traps: u64,
    informs: u64,
    /// Whether there was more within this minute.
    goes_on: bool,
}

impl Floods {
    /// Nobody sends too much.
    pub(super) fn new(input: &InputName) -> Self {
        Self { input: input.clone(), of: BTreeMap::new() }
    }

    /// Something of this source found no room; what is told if it is the first.
    pub(super) fn happened(
        &mut self,
        source: IpAddr,
        surplus: Surplus,
        now: Utc,
    ) -> Option<SelfSignal> {
        let own = self.of.keys().filter(|who| **who != Whom::Others).count();
        let known = self.of.contains_key(&Whom::One(source)) || own < KNOWN;
        let who = if known { Whom::One(source) } else { Whom::Others };
        let begins = !self.of.contains_key(&who);
        let flood =
            self.of.entry(who).or_insert(Flood { since: now, traps: 0, informs: 0, goes_on: true });
        flood.goes_on = true;
        match surplus {
            Surplus::Trap => flood.traps = flood.traps.saturating_add(1),
            Surplus::Inform => flood.informs = flood.informs.saturating_add(1),
        }
        if !begins {
            return None;
        }
        let subject = subjects::of(self.input.as_str(), who);
        warn!(input = %self.input, flood = %subject, "more comes than can be recorded; the surplus is dropped");
        let reason = format!("more than can be recorded since {}", minute_of(now));
        Some(SelfSignal::raised(SelfAlarm::TrapFlood, &subject, &reason))
    }

    /// A minute has passed: which go on, and which are over.
    pub(super) fn minute(&mut self) -> Vec<SelfSignal> {
        let mut told = Vec::new();
        let input = &self.input;
        self.of.retain(|who, flood| {
            let subject = subjects::of(input.as_str(), *who);
            let goes_on = std::mem::take(&mut flood.goes_on);
            if goes_on {
                warn!(input = %input, flood = %subject, traps = flood.traps, informs = flood.informs, "the flood goes on");
                told.push(SelfSignal::raised(SelfAlarm::TrapFlood, &subject, &flood.words()));
            } else {
                info!(input = %input, flood = %subject, traps = flood.traps, informs = flood.informs, "the flood is over");
                told.push(SelfSignal::cleared(SelfAlarm::TrapFlood, &subject));
            }
            goes_on
        });
        told
    }

    /// The receiver ends: whoever receives next finds out anew.
    pub(super) fn end(&mut self) -> Vec<SelfSignal> {
        let input = &self.input;
        let over = std::mem::take(&mut self.of);
        over.into_keys()
            .map(|who| {
                SelfSignal::cleared(SelfAlarm::TrapFlood, &subjects::of(input.as_str(), who))
            })
            .collect()
    }
}

impl Flood {
    fn words(&self) -> String {
        let many =
            |count: u64, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        let mut parts = Vec::new();
        if self.traps > 0 {
            parts.push(format!("{} dropped", many(self.traps, "trap")));
        }
        if self.informs > 0 {
            parts.push(format!("{} left unanswered", many(self.informs, "inform")));
        }
        format!("{} since {}", parts.join(", "), minute_of(self.since))
    }
}

fn minute_of(at: Utc) -> String {
    at.timestamp().strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> Utc {
        Utc::from_micros(1_795_413_120_000_000).after(Duration::from_secs(seconds))
    }

    fn floods() -> Floods {
        Floods::new(&InputName::new("snmp.network"))
    }

    #[test]
    fn a_flood_is_told_at_once_then_once_a_minute_and_is_over_after_a_quiet_minute() {
        let mut floods = floods();
        let source = "10.0.0.7".parse().unwrap();
        let told = floods.happened(source, Surplus::Trap, at(1)).unwrap();
        assert_eq!(
            (told.alarm, &*told.subject, &*told.reason, told.active),
            (
                SelfAlarm::TrapFlood,
                "10.0.0.7 to snmp.network",
                "more than can be recorded since 2026-11-23 05:52 UTC",
                true
            )
        );
        for surplus in [Surplus::Trap, Surplus::Trap, Surplus::Inform] {
            assert_eq!(floods.happened(source, surplus, at(2)), None, "it is said once");
        }
        let told = floods.minute();
        assert_eq!(
            &*told[0].reason,
            "3 traps dropped, 1 inform left unanswered since 2026-11-23 05:52 UTC"
        );
        assert!(told[0].active && told.len() == 1);
        let over = floods.minute();
        assert_eq!(over, [SelfSignal::cleared(SelfAlarm::TrapFlood, "10.0.0.7 to snmp.network")]);
        assert_eq!(floods.minute(), []);
        assert!(floods.happened(source, Surplus::Trap, at(200)).is_some(), "another one");
    }

    #[test]
    fn a_thousand_sources_are_few_alarms() {
        let mut floods = floods();
        let mut told = Vec::new();
        for number in 0..1_000_u32 {
            let source = IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 | number));
            told.extend(floods.happened(source, Surplus::Trap, at(1)));
        }
        assert_eq!(told.len(), KNOWN + 1);
        assert_eq!(&*told[KNOWN].subject, "other sources to snmp.network", "all others together");
        let going_on = floods.minute();
        assert_eq!(&*going_on[0].subject, "other sources to snmp.network");
        assert!(going_on[0].reason.starts_with("984 traps dropped"), "{}", going_on[0].reason);
        assert_eq!(floods.end().len(), KNOWN + 1, "whoever receives next finds out anew");
        assert_eq!(floods.end(), []);
    }
}
