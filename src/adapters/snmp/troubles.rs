//! Senders of SNMPv3 that is not taken: told once each, and told again when it is over.
//!
//! While it lasts the present reason is told once a minute: what the sender was changed to last night may be wrong in another way.
//!
//! It is over when messages of the same sender are taken and nothing wrong came from there for some minutes, or when nothing wrong came for
//! an hour: a device with one wrong user beside a right one, or a forged datagram now and then, is one alarm and not one each time. Senders of datagrams can be
//! forged, so those beyond the first few are one alarm together.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use vigie_snmp::usm::Rejected;

use super::subjects::{self, Whom};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::Mono;

/// So many senders have an alarm of their own.
const MOST: usize = 16;
/// It is over after so long without anything wrong, if something was taken meanwhile.
const MENDED: Duration = Duration::from_secs(300);
/// It is over after so long without anything wrong.
const FORGOTTEN: Duration = Duration::from_secs(3_600);
/// Someone who asks for our time so often, and never gets on with it, does not hear us.
const MOST_COURTESIES: u32 = 10;

/// Senders that are in trouble.
pub(super) struct Troubles {
    input: String,
    standing: BTreeMap<Whom, Trouble>,
    /// How often in a row a sender was only told who and when we are, and when last.
    courtesies: BTreeMap<IpAddr, (u32, Mono)>,
}

/// A sender's trouble.
struct Trouble {
    /// When something wrong came last.
    last: Mono,
    /// Whether a message was taken since.
    taken: bool,
    /// Why the last one was not taken, if that was not said yet.
    why: Option<String>,
}

impl Trouble {
    fn is_over(&self, now: Mono) -> bool {
        let quiet = self.last.until(now);
        quiet >= FORGOTTEN || self.taken && quiet >= MENDED
    }
}

impl Troubles {
    /// Those of before stand until they end.
    pub(super) fn new<'s>(input: &str, standing: impl Iterator<Item = &'s str>, now: Mono) -> Self {
        let standing = standing
            .filter_map(|subject| subjects::whom(input, subject))
            .map(|sender| (sender, Trouble { last: now, taken: false, why: None }))
            .collect();
        Self { input: input.to_owned(), standing, courtesies: BTreeMap::new() }
    }

    /// A message of this sender was rejected; what is told of it.
    pub(super) fn rejected(
        &mut self,
        source: IpAddr,
        rejected: &Rejected,
        now: Mono,
    ) -> Option<SelfSignal> {
        if rejected.why.is_courtesy() && !self.is_too_courteous(source, now) {
            return None;
        }
        let own = Whom::One(source);
        let has_own = self.standing.contains_key(&own) || self.standing.len() < MOST;
        let sender = if has_own { own } else { Whom::Others };
        let who = rejected.sender.as_ref().map_or_else(String::new, |sender| format!("{sender}: "));
        let from = if has_own { String::new() } else { format!("{source}, ") };
        let reason = format!("{from}{who}{}", rejected.why);
        let told = SelfSignal::raised(
            SelfAlarm::CredentialsWrong,
            &subjects::of(&self.input, sender),
            &reason,
        );
        let stands = self.standing.contains_key(&sender);
        let why = stands.then_some(reason);
        self.standing.insert(sender, Trouble { last: now, taken: false, why });
        (!stands).then_some(told)
    }

    /// A message of this sender was taken.
    pub(super) fn taken(&mut self, source: IpAddr) {
        self.courtesies.remove(&source);
        if let Some(trouble) = self.standing.get_mut(&Whom::One(source)) {
            trouble.taken = true;
        }
    }

    /// A minute has passed: what goes on and why, and what is over.
    pub(super) fn minute(&mut self, now: Mono) -> Vec<SelfSignal> {
        let mut told = Vec::new();
        let input = &self.input;
        self.standing.retain(|sender, trouble| {
            let subject = subjects::of(input, *sender);
            let over = trouble.is_over(now);
            if over {
                told.push(SelfSignal::cleared(SelfAlarm::CredentialsWrong, &subject));
            } else if let Some(why) = trouble.why.take() {
                told.push(SelfSignal::raised(SelfAlarm::CredentialsWrong, &subject, &why));
            }
            !over
        });
        told
    }

    /// Counts a courtesy to a sender; after an hour it counts anew.
    fn is_too_courteous(&mut self, source: IpAddr, now: Mono) -> bool {
        if self.courtesies.len() >= MOST && !self.courtesies.contains_key(&source) {
            let oldest = self.courtesies.iter().min_by_key(|(_, (_, last))| *last);
            if let Some(oldest) = oldest.map(|(source, _)| *source) {
                self.courtesies.remove(&oldest);
            }
        }
        let (count, last) = self.courtesies.entry(source).or_insert((0, now));
        let before = if last.until(now) >= FORGOTTEN { 0 } else { *count };
        (*count, *last) = (before.saturating_add(1), now);
        *count > MOST_COURTESIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vigie_snmp::usm::{Rejection, Sender};

    fn rejected(why: Rejection) -> Rejected {
        let sender = Sender { engine: vec![0x80, 0, 0x1f, 0x88, 4], user: b"marie".to_vec() };
        Rejected { why, sender: Some(sender), report: None }
    }

    fn at(seconds: u64) -> Mono {
        Mono::default().after(Duration::from_secs(seconds))
    }

    fn source(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn a_sender_is_told_once_and_its_end_when_only_what_is_taken_has_come_for_minutes() {
        let mut troubles = Troubles::new("snmp.network", std::iter::empty(), at(0));
        let wrong = rejected(Rejection::WrongDigest);
        let told = troubles.rejected(source(1), &wrong, at(0)).unwrap();
        assert_eq!(&*told.subject, "10.0.0.1 to snmp.network");
        assert_eq!(
            &*told.reason,
            "user `marie` of engine 80:00:1f:88:04: the passphrase or the protocol of its authentication is another"
        );
        assert_eq!(troubles.rejected(source(1), &wrong, at(1)), None, "not once a packet");
        troubles.taken(source(2));
        troubles.taken(source(1));
        assert_eq!(troubles.minute(at(61)), std::slice::from_ref(&told), "it goes on");
        assert_eq!(troubles.minute(at(299)), [], "it may come again");
        assert_eq!(troubles.rejected(source(1), &wrong, at(299)), None, "and did");
        assert_eq!(troubles.minute(at(300)), std::slice::from_ref(&told));
        assert_eq!(troubles.minute(at(600)), [], "and nothing was taken since");
        troubles.taken(source(1));
        let over = troubles.minute(at(600));
        assert!(over.len() == 1 && !over[0].active && over[0].subject == told.subject);
        assert_eq!(troubles.minute(at(700)), []);
    }

    #[test]
    fn while_it_lasts_the_present_reason_is_told_once_a_minute() {
        let mut troubles = Troubles::new("snmp.network", std::iter::empty(), at(0));
        assert!(troubles.rejected(source(1), &rejected(Rejection::UnknownUser), at(0)).is_some());
        assert_eq!(troubles.minute(at(60)), [], "that was said");
        for second in 61..120 {
            let wrong = rejected(Rejection::WrongDigest);
            assert_eq!(troubles.rejected(source(1), &wrong, at(second)), None);
        }
        let told = troubles.minute(at(120));
        assert!(told.len() == 1 && told[0].active, "{told:?}");
        assert!(told[0].reason.contains("the passphrase or the protocol"), "{}", told[0].reason);
        assert_eq!(troubles.minute(at(180)), [], "nothing came");
    }

    #[test]
    fn a_trouble_ends_after_an_hour_of_silence_also_when_we_restarted_meanwhile() {
        let standing = [
            "10.0.0.1 to snmp.network",
            "other sources to snmp.network",
            "10.0.0.9 to snmp.network2",
            "10.0.0.1 to snmp.networks",
        ];
        let mut troubles = Troubles::new("snmp.network", standing.into_iter(), at(0));
        let wrong = rejected(Rejection::UnknownUser);
        assert_eq!(troubles.rejected(source(1), &wrong, at(10)), None, "it stands");
        assert!(
            troubles.minute(at(60)).iter().all(|told| told.active),
            "and nobody knows why it did"
        );
        let subjects = |told: Vec<SelfSignal>| -> Vec<String> {
            told.iter().map(|told| told.subject.to_string()).collect()
        };
        assert_eq!(subjects(troubles.minute(at(3_600))), ["other sources to snmp.network"]);
        assert_eq!(subjects(troubles.minute(at(3_610))), ["10.0.0.1 to snmp.network"]);
    }

    #[test]
    fn many_senders_are_one_alarm() {
        let mut troubles = Troubles::new("snmp.network", std::iter::empty(), at(0));
        let wrong = rejected(Rejection::UnknownUser);
        let told = (0..=255).filter_map(|last| troubles.rejected(source(last), &wrong, at(0)));
        let subjects: Vec<_> = told.map(|told| told.subject).collect();
        assert_eq!(subjects.len(), MOST + 1);
        assert_eq!(
            subjects.last().map(|subject| &**subject),
            Some("other sources to snmp.network")
        );
    }

    #[test]
    fn who_only_asks_is_no_trouble_unless_it_asks_for_ever() {
        let mut troubles = Troubles::new("snmp.network", std::iter::empty(), at(0));
        let asking = rejected(Rejection::Discovery);
        for _ in 0..MOST_COURTESIES {
            assert_eq!(troubles.rejected(source(1), &asking, at(0)), None);
        }
        assert_eq!(
            troubles.rejected(source(1), &asking, at(3_600)),
            None,
            "once a week is not for ever"
        );
        let mut told =
            (0..MOST_COURTESIES).filter_map(|_| troubles.rejected(source(1), &asking, at(3_601)));
        assert!(told.next().is_some());
    }
}
