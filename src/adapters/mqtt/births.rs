//! The Sparkplug nodes that are asked for their birth: which, when, and how often.
//!
//! Who is to be asked says the [reader](vigie_mqtt::Reader); here it is only paced. It sends nothing by itself and reads no clock.
//! It never asks before the broker has answered the subscription, for the answer would be missed; nor more than twenty nodes a
//! second, for each answers with all that it knows; nor one node again within a minute while it owes its birth, then after two, four
//! and so on, at last once an hour. When there is no room for one more, the one that has been asked most often makes it: who is in
//! want of its birth shows again with its next messages.
//!
//! # Decision (2026-11-27): asked again by the clock as well
//!
//! A command goes with QoS 0 and may be lost. The reader, which has no clock, asks once more after 256 messages of the node: of one
//! that speaks once an hour that is ten days with unreadable values. Rejected: QoS 1 for the commands (see the wire).

use std::collections::BTreeMap;
use std::time::Duration;

use vigie_mqtt::sparkplug::Ask;

use crate::watch::time::Mono;

/// Between two commands, whoever they are for.
const PACE: Duration = Duration::from_millis(50);
/// The pause before a node is asked a second time; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// So many nodes are asked at a time: as many as are followed.
const MOST: usize = 1_000;
/// One that has been asked so often, a quarter of an hour long, does not answer.
const UNANSWERED: u32 = 5;

/// The nodes that are asked at one connection.
#[derive(Default)]
pub(super) struct Births {
    /// Whether the broker has answered the subscription.
    is_open: bool,
    asked: BTreeMap<String, Asked>,
    /// Before this nobody is asked.
    paced: Option<Mono>,
}

struct Asked {
    ask: Ask,
    times: u32,
    due: Mono,
}

/// One that is asked now.
#[derive(Debug)]
pub(super) struct Now {
    /// Whom, and how.
    pub(super) ask: Ask,
    /// Whether it was asked so often that it is to be told.
    pub(super) is_unanswered: bool,
}

impl Births {
    /// A new connection: none of what was asked in the one before counts, and these are to be asked.
    pub(super) fn begin(&mut self, asks: Vec<Ask>, now: Mono) {
        (self.is_open, self.paced) = (false, None);
        self.asked.clear();
        for ask in asks {
            self.want(ask, now);
        }
    }

    /// The broker has answered the subscription: what is answered from now on will be heard.
    pub(super) fn open(&mut self) {
        self.is_open = true;
    }

    /// This one is to be asked; one that is being asked already is not asked the sooner for it. Says whether there was room.
    pub(super) fn want(&mut self, ask: Ask, now: Mono) -> bool {
        if self.asked.contains_key(&ask.node) {
            return true;
        }
        if self.asked.len() >= MOST {
            let longest = self.asked.iter().max_by_key(|(_, asked)| asked.times);
            match longest.filter(|(_, asked)| asked.times > 0).map(|(node, _)| node.clone()) {
                Some(node) => drop(self.asked.remove(&node)),
                None => return false,
            }
        }
        self.asked.insert(ask.node.clone(), Asked { ask, times: 0, due: now });
        true
    }

    /// Those who owe nothing any more are not asked again.
    pub(super) fn settle(&mut self, owes: impl Fn(&str) -> bool) {
        self.asked.retain(|node, asked| asked.ask.is_gone && asked.times == 0 || owes(node));
    }

    /// When somebody is to be asked next.
    pub(super) fn due(&self) -> Option<Mono> {
        let due = self.asked.values().map(|asked| asked.due).min().filter(|_| self.is_open)?;
        Some(self.paced.map_or(due, |paced| paced.max(due)))
    }

    /// Who is to be asked now: at most one, for the next has its time.
    pub(super) fn next(&mut self, now: Mono) -> Option<Now> {
        if self.due().is_none_or(|due| due > now) {
            return None;
        }
        self.paced = Some(now.after(PACE));
        let asked = self.asked.values_mut().min_by_key(|asked| asked.due)?;
        asked.times = asked.times.saturating_add(1);
        let doubled = 1_u32.checked_shl(asked.times.saturating_sub(1)).unwrap_or(u32::MAX);
        asked.due = now.after(FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE));
        Some(Now { ask: asked.ask.clone(), is_unanswered: asked.times == UNANSWERED })
    }
}

#[cfg(test)]
mod tests {
    use vigie_mqtt::Topic;

    use super::*;

    fn ask(node: &str) -> Ask {
        let topic = Topic::parse(&format!("spBv1.0/works/NCMD/{node}")).unwrap();
        Ask { node: format!("works/{node}"), topic, is_gone: false }
    }

    fn at(milliseconds: u64) -> Mono {
        Mono::from_nanos(milliseconds * 1_000_000)
    }

    /// When which node is asked until then, in milliseconds, while nobody answers.
    fn asked_until(births: &mut Births, end: u64) -> Vec<(u64, String)> {
        let mut all = Vec::new();
        while let Some(due) = births.due().filter(|due| *due <= at(end)) {
            let now = births.next(due).expect("it is due");
            all.push((due.nanos() / 1_000_000, now.ask.node));
        }
        all
    }

    #[test]
    fn nobody_is_asked_before_the_answer_can_be_heard() {
        let mut births = Births::default();
        births.begin(vec![ask("n")], at(0));
        assert!(births.due().is_none() && births.next(at(5_000)).is_none());
        births.open();
        assert_eq!(births.next(at(5_000)).unwrap().ask, ask("n"));
    }

    #[test]
    fn a_node_that_never_answers_is_asked_ever_more_seldom_and_told_of_once() {
        let mut births = Births::default();
        births.begin(vec![ask("n")], at(0));
        births.open();
        let (mut minutes, mut told) = (Vec::new(), 0);
        while minutes.len() < 10 {
            let due = births.due().unwrap();
            told += u32::from(births.next(due).unwrap().is_unanswered);
            minutes.push(due.nanos() / 60_000_000_000);
            // Each of its messages says once more that it is not understood.
            assert!(births.want(ask("n"), due));
        }
        assert_eq!(minutes, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
        assert_eq!(told, 1);
    }

    #[test]
    fn who_has_answered_is_not_asked_again_and_who_is_gone_but_once() {
        let mut births = Births::default();
        let gone = Ask { is_gone: true, ..ask("gone") };
        births.begin(vec![ask("n"), gone, ask("late")], at(0));
        births.open();
        births.settle(|node| node == "works/late");
        let asked = asked_until(&mut births, 59_000);
        assert_eq!(asked, [(0, "works/gone".to_owned()), (50, "works/late".to_owned())]);
        births.settle(|node| node == "works/late");
        assert_eq!(asked_until(&mut births, 61_000), [(60_050, "works/late".to_owned())]);
    }

    #[test]
    fn a_broker_full_of_nodes_neither_fills_the_memory_nor_is_pressed() {
        let mut births = Births::default();
        births.begin(Vec::new(), at(0));
        let taken = (0..5_000).filter(|node| births.want(ask(&node.to_string()), at(0))).count();
        assert_eq!((taken, births.asked.len()), (MOST, MOST));
        births.open();
        let asked = asked_until(&mut births, 10_000);
        assert_eq!(asked.len(), 201, "twenty a second");
        assert!(births.want(ask("new"), at(10_000)), "one that does not answer makes room");
        assert_eq!(births.asked.len(), MOST);
    }

    #[test]
    fn a_new_connection_asks_anew() {
        let mut births = Births::default();
        births.begin(vec![ask("n"), ask("m")], at(0));
        births.open();
        asked_until(&mut births, 1_000);
        births.begin(vec![ask("n")], at(1_000));
        assert!(births.next(at(2_000)).is_none());
        births.open();
        assert_eq!(asked_until(&mut births, 3_000), [(1_000, "works/n".to_owned())]);
    }
}
