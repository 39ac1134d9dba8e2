//! Moving: what nobody holds goes where its group stands.

use std::collections::BTreeMap;

use super::{AT_ONCE, Standing, Swapped, Swapping, Way};
use crate::watch::alarm::{Activation, Occurrence, OccurrenceNumber};
use crate::watch::decision::Fact;
use crate::watch::definition::Definition;
use crate::watch::draft::Draft;
use crate::watch::escalation::{Position, resolve};
use crate::watch::name::{PersonId, PolicyName, SwapGroup};
use crate::watch::notification::Purpose;
use crate::watch::site::{OnReturn, Step};
use crate::watch::stage::Stage;
use crate::watch::storm::{Afterwards, Kind};

/// What of the moved concerns a person who may have read of it.
struct News {
    open: Occurrence,
    count: usize,
    /// Whether their code is still worth something.
    code: bool,
    policy: Option<PolicyName>,
}

impl Draft<'_> {
    /// The activation, by the way of now, where its definition knows two.
    pub(in crate::watch) fn by_the_way_of_now(
        &self,
        definition: &Definition,
        activation: Activation,
    ) -> Activation {
        let Some(swap) = &definition.swap else { return activation };
        let policy = self.state.current_policy(&swap.escalation);
        let on_return = match policy.and_then(|number| self.state.policy(number)) {
            Some(_) if activation.latch => OnReturn::Hold,
            Some(frozen) => frozen.policy.on_return,
            None => OnReturn::Close,
        };
        let own = Way { policy: activation.policy, on_return: activation.on_return };
        let other = Way { policy, on_return };
        let group = swap.group.clone();
        let away = self.state.swapped(&group).is_some();
        let swap = super::Swappable { group, away, own, other };
        Activation { swap: Some(Box::new(swap)), ..activation }.going(away)
    }

    /// Whether an occurrence does not go where its group stands: then where that is.
    fn belongs_elsewhere(&self, open: &Occurrence) -> Option<bool> {
        let swap = open.activation.swap.as_deref()?;
        let away = self.state.swapped(&swap.group).is_some();
        (swap.away != away && swap.own != swap.other).then_some(away)
    }

    /// The occurrence as it would have opened that way.
    fn elsewhere(&self, open: &Occurrence, away: bool) -> Occurrence {
        let activation = open.activation.going(away);
        let policy = activation.policy.and_then(|number| self.state.policy(number));
        let acknowledge = policy.map(|policy| policy.acknowledge());
        Occurrence {
            activation,
            stage: Stage::at_opening(acknowledge),
            ladder: self.first_ladder(acknowledge),
            ..open.clone()
        }
    }

    /// What was on its way to those of before is not owed to them any more.
    fn moves(&mut self, after: &Occurrence, away: bool) {
        self.take_back(after.number, &Kind::ALL, Afterwards::Void);
        let (stage, ladder) = (after.stage.clone(), after.ladder.clone());
        let occurrence = after.number;
        self.fact(Fact::Swapping(Swapping::Moved { occurrence, away, stage, ladder }));
        self.close_if_over(after);
    }

    /// What nobody holds and stands elsewhere than its group moves.
    pub(super) fn move_over(&mut self, group: &SwapGroup, away: bool, standing: Option<&Standing>) {
        let all: Vec<OccurrenceNumber> =
            self.state.swaps.going(group, !away).take(AT_ONCE).collect();
        let mut news: BTreeMap<PersonId, News> = BTreeMap::new();
        for number in &all {
            let Some(open) = self.state.occurrence(*number) else { continue };
            let after = self.elsewhere(open, away);
            self.note_readers(open, &after, &mut news);
            self.moves(&after, away);
        }
        let swapped = standing.and_then(|standing| standing.swapped);
        self.tell_of_moves(group, swapped, news);
    }

    /// Those who may have read of it, but for those whom the other ladder calls at once.
    fn note_readers(
        &self,
        open: &Occurrence,
        after: &Occurrence,
        news: &mut BTreeMap<PersonId, News>,
    ) {
        let policy = after.activation.policy.and_then(|number| self.state.policy(number));
        let first = policy.as_deref().and_then(|policy| policy.step(Position::BOTTOM));
        let called =
            first.map(|step: &Step| resolve(self.site, self.state.roster(), step, self.now.utc));
        let called = called.unwrap_or_default();
        for person in self.state.readers(open) {
            if called.contains(&person) || open.has_declined(&person) {
                continue;
            }
            let code = after.unacknowledged() && open.code_of(&person).is_some();
            let name = policy.as_deref().map(|policy| policy.name.clone());
            let entry = news.entry(person).or_insert_with(|| News {
                open: after.clone(),
                count: 0,
                code: false,
                policy: name,
            });
            entry.count = entry.count.saturating_add(1);
            entry.code |= code;
        }
    }

    fn tell_of_moves(
        &mut self,
        group: &SwapGroup,
        swapped: Option<Swapped>,
        news: BTreeMap<PersonId, News>,
    ) {
        for (person, News { open, count, code, policy }) in news {
            let wording = self.wording(&person);
            let what = (count == 1).then_some(&open);
            let until = swapped.map(|swapped| swapped.until);
            let text = wording.moved(what, count, group, policy.as_ref(), until, code);
            self.owe(&person, Purpose::Announcement, what, text);
        }
    }

    /// An occurrence that nobody holds any more, by the policy of now. `None`: that one asks nobody, and all is said.
    pub(in crate::watch) fn by_the_policy_of_now(
        &mut self,
        open: &Occurrence,
    ) -> Option<Occurrence> {
        let Some(away) = self.belongs_elsewhere(open) else { return Some(open.clone()) };
        let after = self.elsewhere(open, away);
        if !after.unacknowledged() {
            self.moves(&after, away);
            return None;
        }
        let after = Occurrence { activation: after.activation, ..open.clone() };
        self.take_back(after.number, &Kind::ALL, Afterwards::Void);
        let (stage, ladder) = (after.stage.clone(), after.ladder.clone());
        let occurrence = after.number;
        self.fact(Fact::Swapping(Swapping::Moved { occurrence, away, stage, ladder }));
        Some(after)
    }

    /// An occurrence that stands elsewhere than its group moves at once, if nobody holds it.
    pub(in crate::watch) fn moves_if_elsewhere(&mut self, open: &Occurrence) -> bool {
        let Some(away) = self.belongs_elsewhere(open).filter(|_| open.is_free_to_move()) else {
            return false;
        };
        let after = self.elsewhere(open, away);
        self.moves(&after, away);
        true
    }
}
