//! Swaps: what nobody holds is with the team of now (behaviour §8).

use std::time::Duration;

use vigie::watch::decision::Fact;
use vigie::watch::event::SwapRequest;
use vigie::watch::site::Right;
use vigie::watch::swap::Swapping;
use vigie::watch::time::{Moment, Utc};

use super::alarms::Cause;
use super::open::{Frozen, Open, Stage};
use super::{Model, Span};
use crate::site::LONGEST_SWAP;

/// How a group stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// It is swapped, and no longer than until then.
    pub(super) until: Option<Span>,
    /// Since when it stands so.
    pub(super) stands: Option<Span>,
    /// When it was ordered by a message.
    by_message: Vec<Utc>,
}

/// The two ladders of an occurrence, frozen when it opened.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    group: &'static str,
    /// Whether it goes by the other one.
    away: bool,
    /// Whether its group is swapped.
    swapped: bool,
    own: Frozen,
    other: Frozen,
    latch: bool,
}

impl Open {
    /// Whether it does not go where its group stands.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.ways.as_ref().is_some_and(|ways| ways.away != ways.swapped)
    }

    /// Whether nobody holds it, and it asks, tells or is there.
    pub(super) fn is_free(&self) -> bool {
        match &self.stage {
            Stage::Asked(so_far) => so_far.is_empty(),
            Stage::NotRequired => self.active || self.ladder.is_some(),
            Stage::Held { .. } | Stage::Done { .. } => false,
        }
    }

    /// It goes where its group stands, in the same run.
    pub(super) fn moves(&mut self, now: Moment) {
        let Some(ways) = &mut self.ways else { return };
        ways.away = ways.swapped;
        let policy = if ways.away { ways.other.clone() } else { ways.own.clone() };
        let latch = ways.latch;
        self.taken_back = true;
        self.goes_by(policy, latch, now);
    }
}

impl Model {
    /// By which ladder an alarm opens now, and between which two it is swapped.
    pub(super) fn ways_of_now(
        &self,
        definition: &str,
        cause: &Cause,
    ) -> (Frozen, Option<Box<Ways>>) {
        let own = cause.policy.and_then(|name| self.frozen(name));
        let swap = self.plan.definition(definition).and_then(|known| known.swap);
        let Some((group, to)) = swap else { return (own, None) };
        let other = self.frozen(to);
        let swapped = self.groups.get(group).is_some_and(|group| group.until.is_some());
        let policy = if swapped { other.clone() } else { own.clone() };
        let ways = Ways { group, away: swapped, swapped, own, other, latch: cause.latch };
        (policy, Some(Box::new(ways)))
    }

    /// A person orders at the control socket.
    pub(super) fn swap_command(&mut self, asked: &SwapRequest, now: Moment) {
        self.orders(asked.person.as_str(), &asked.group, asked.lasting, now);
    }

    /// A person orders by a short message, which a group obeys five times an hour.
    pub(super) fn orders_by_message(
        &mut self,
        person: &str,
        named: &str,
        lasting: Option<Duration>,
        now: Moment,
    ) {
        let named = named.to_ascii_lowercase();
        let by_message = self.groups.get(named.as_str()).map_or(&[][..], |group| &group.by_message);
        let hour = Duration::from_secs(3_600);
        let counts = |at: &&Utc| **at <= now.utc && at.until(now.utc) <= hour;
        if by_message.iter().filter(counts).count() >= 5 {
            return;
        }
        if self.orders(person, &named, lasting, now)
            && let Some(group) = self.groups.get_mut(named.as_str())
        {
            group.by_message.push(now.utc);
        }
    }

    /// A person orders that a group be swapped for so long, or no longer: if they may, and always with an end.
    fn orders(
        &mut self,
        person: &str,
        named: &str,
        lasting: Option<Duration>,
        now: Moment,
    ) -> bool {
        let groups = self.plan.definitions.iter().filter_map(|definition| definition.swap);
        let mut groups = groups.map(|(group, _)| group);
        let Some(group) = groups.find(|group| group.eq_ignore_ascii_case(named)) else {
            return false;
        };
        let is_swapped = self.groups.get(group).is_some_and(|group| group.until.is_some());
        if !self.plan.may(person, Right::Swap)
            || lasting.is_some_and(|lasting| lasting > LONGEST_SWAP)
            || (lasting.is_none() && !is_swapped)
        {
            return false;
        }
        self.stands(group, lasting.map(|lasting| Span::new(now, lasting)), now);
        true
    }

    fn stands(&mut self, group: &'static str, until: Option<Span>, now: Moment) {
        let swapped = until.is_some();
        let known = self.groups.entry(group).or_default();
        if known.until.is_some() != swapped {
            known.stands = Some(Span::new(now, Duration::ZERO));
        }
        known.until = until;
        let open = self.alarms.values_mut().filter_map(|alarm| alarm.open.as_mut());
        for ways in open.filter_map(|open| open.ways.as_mut()).filter(|ways| ways.group == group) {
            ways.swapped = swapped;
        }
    }

    /// The files are in force: what they know no more stands as ever, and so does that of which the order is over.
    pub(super) fn look_at_groups(&mut self, now: Moment) {
        let is_over = |(name, group): &(&&'static str, &Group)| {
            !self.plan.has_group(name) || group.until.is_some_and(|until| until.mono <= now.mono)
        };
        let over: Vec<&'static str> =
            self.groups.iter().filter(is_over).map(|(name, _)| *name).collect();
        for group in over {
            self.stands(group, None, now);
        }
    }

    /// How a group stands is what was ordered of it, and nothing else.
    pub(super) fn groups_stand(&self, facts: &[Fact]) {
        for fact in facts {
            let Fact::Swapping(Swapping::Group { group, standing }) = fact else { continue };
            let says = standing.as_ref().is_some_and(|standing| standing.swapped.is_some());
            let known = self.groups.get(group.as_str()).and_then(|group| group.until);
            assert_eq!(says, known.is_some(), "[only who may swaps] {group}: {known:?}");
        }
    }

    /// A group is looked at: an order may be over, and what stands elsewhere moves, but for what somebody holds.
    pub(super) fn swap_due(&mut self, facts: &[Fact], now: Moment) {
        for fact in facts {
            match fact {
                Fact::Swapping(Swapping::Group { group, .. }) => {
                    let known = self.groups.iter().find(|(name, _)| **name == group.as_str());
                    let Some((name, Group { until: Some(until), .. })) = known else { continue };
                    if until.mono <= now.mono {
                        self.stands(name, None, now);
                    }
                }
                Fact::Swapping(Swapping::Moved { occurrence, .. }) => {
                    let tag = self.open.get(occurrence).expect("what moves is open").clone();
                    let open = self.open_mut(*occurrence).expect("what moves is open");
                    assert!(open.is_elsewhere(), "[what moves stands elsewhere] {open:?}");
                    assert!(open.is_free(), "[the holder keeps his] {open:?}");
                    open.moves(now);
                    self.counts.moved += 1;
                    self.close_if_over(&tag, now);
                }
                _ => {}
            }
        }
    }

    pub(super) fn resume_groups(&mut self, now: Moment) {
        for group in self.groups.values_mut() {
            for span in [&mut group.until, &mut group.stands].into_iter().flatten() {
                span.resume(now);
            }
        }
    }

    /// Whether what nobody holds stands elsewhere than its group, and for how long already.
    pub(super) fn lags(&self, open: &Open, now: Moment) -> Option<Duration> {
        let ways = open.ways.as_ref().filter(|_| open.is_elsewhere() && open.is_free())?;
        let stands = self.groups.get(ways.group)?.stands?;
        Some(stands.mono.until(now.mono))
    }
}
