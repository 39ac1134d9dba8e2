//! Causes hide their effects: what one active alarm explains calls nobody (behaviour §8, "by design").

use std::collections::BTreeSet;
use std::time::Duration;

use vigie::watch::time::Moment;

use super::alarms::Alarm;
use super::{Model, Span, Tag};

/// An effect may be heard so long before its cause.
const GRACE: Duration = Duration::from_secs(120);

impl Model {
    /// Whether any of the alarms that explain this one is present, and in service.
    pub(super) fn is_explained(&self, tag: &Tag) -> bool {
        let causes = self.plan.definition(&tag.0).map(|known| known.causes.clone());
        causes.unwrap_or_default().into_iter().any(|cause| {
            let mut present = self.present.iter().filter(|(name, _)| *name == cause.name);
            !self.out.contains(cause.name) && present.any(|(_, key)| !cause.by_key || *key == tag.1)
        })
    }

    /// Whether it opened so lately that a cause may explain it, is still there, and nobody has it.
    pub(super) fn may_be_an_effect(&self, tag: &Tag, now: Moment) -> bool {
        let alarm = self.alarms.get(tag).filter(|alarm| alarm.is_present());
        alarm.and_then(|alarm| alarm.open.as_ref()).is_some_and(|open| {
            open.opened.until(now.utc) <= GRACE && open.stage.holders().is_empty()
        })
    }

    /// What has become present, or is no more: those that it explains are looked at.
    pub(super) fn causes_turn(&mut self, now: Moment) {
        let is_cause = |(name, _): &Tag| {
            let mut causes = self.plan.definitions.iter().flat_map(|known| &known.causes);
            causes.any(|cause| cause.name == name)
        };
        let there = |(tag, alarm): (&Tag, &Alarm)| {
            let is_active =
                alarm.quiet.hidden.is_some() || alarm.open.as_ref().is_some_and(|open| open.active);
            (is_active && !alarm.is_away() && !alarm.quiet.out).then(|| tag.clone())
        };
        let present: BTreeSet<Tag> =
            self.alarms.iter().filter(|(tag, _)| is_cause(tag)).filter_map(there).collect();
        let before = std::mem::replace(&mut self.present, present);
        let are_away = self.alarms.iter().filter(|(_, alarm)| alarm.is_away());
        let are_away = are_away.map(|(tag, _)| tag.clone()).collect();
        let away = std::mem::replace(&mut self.away, are_away);
        let names = |tags: &BTreeSet<Tag>| -> BTreeSet<String> {
            tags.iter().map(|(name, _)| name.clone()).collect()
        };
        let (were, are) = (names(&before), names(&self.present));
        for (name, key) in self.present.symmetric_difference(&before).cloned().collect::<Vec<_>>() {
            let tag = (name.clone(), key.clone());
            let began = self.present.contains(&tag);
            let turns = were.contains(&name) != are.contains(&name);
            // What was called while it was away stays when it is back.
            let hides = began && !away.contains(&tag);
            self.look_at_effects(&name, hides, !began, now, |by_key, effect| {
                if by_key { *effect == key } else { turns }
            });
        }
    }

    /// A cause is out of service, or returned: all its effects are looked at.
    pub(super) fn look_at_all_effects(&mut self, name: &str, now: Moment) {
        self.look_at_effects(name, true, true, now, |_, _| true);
    }

    fn look_at_effects(
        &mut self,
        name: &str,
        opened: bool,
        hidden: bool,
        now: Moment,
        concerns: impl Fn(bool, &str) -> bool,
    ) {
        let plan = &self.plan;
        let is_concerned = |(effect, key): &Tag| {
            let causes = plan.definition(effect).into_iter().flat_map(|known| &known.causes);
            causes.into_iter().any(|cause| cause.name == name && concerns(cause.by_key, key))
        };
        for (_, alarm) in self.alarms.iter_mut().filter(|(tag, _)| is_concerned(tag)) {
            let recent = |open: &super::open::Open| open.opened.until(now.utc) <= GRACE;
            let looks = hidden && alarm.quiet.hidden.is_some()
                || opened && alarm.open.as_ref().is_some_and(recent);
            if looks {
                alarm.quiet.review = Some(Span::new(now, Duration::ZERO));
            }
        }
    }
}
