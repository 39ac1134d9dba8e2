//! Answering a digest: each that it lists and that is still in that run is answered as by its own code, and one short
//! sentence sums up what came of it (behaviour §5, §6).

use super::Member;
use crate::watch::alarm::Occurrence;
use crate::watch::codes::Code;
use crate::watch::draft::Draft;
use crate::watch::event::Action;
use crate::watch::name::PersonId;
use crate::watch::notification::LONGEST;
use crate::watch::site::{Acknowledge, ConfirmBy};
use crate::watch::stage::{Holder, Owed, Stage};
use crate::watch::wording::tally::Tally;

/// What an answer makes of one of those that a digest lists.
enum Became {
    /// The person's own now, or before.
    Yours,
    /// Noted; more people are needed.
    Noted,
    /// Another's.
    Held(Option<Holder>),
    /// Dealt with, now or before.
    DealtWith,
    /// Nobody must answer it.
    NeedsNobody,
    /// The person is out for it.
    Without,
    /// Somebody else must confirm it.
    WantsAnother,
}

impl Draft<'_> {
    /// A person answers for all that a digest lists. The sentence says what came of it.
    pub(in crate::watch) fn act_on_all(
        &mut self,
        listed: &[Member],
        person: &PersonId,
        action: Action,
        code: Option<Code>,
    ) -> String {
        let state = self.state;
        let mut tally = Tally::default();
        self.listing(true);
        for member in listed {
            let open = state.occurrence(member.occurrence).filter(|open| open.run == member.run);
            let Some(open) = open else {
                tally.over = tally.over.saturating_add(1);
                continue;
            };
            self.count(&mut tally, open, person, action, code);
            self.act(open, person, action);
        }
        self.listing(false);
        self.wording(person).tally(&tally)
    }

    fn count(
        &self,
        tally: &mut Tally,
        open: &Occurrence,
        person: &PersonId,
        action: Action,
        code: Option<Code>,
    ) {
        let one = match self.becomes(open, person, action) {
            Became::Yours => {
                if let Acknowledge::Double { .. } = self.required(open) {
                    tally.finish = code;
                }
                &mut tally.yours
            }
            Became::Noted => &mut tally.noted,
            Became::Held(holder) => {
                let same = tally.held == 0 || tally.holder == holder;
                tally.holder = holder.filter(|_| same);
                &mut tally.held
            }
            Became::DealtWith => &mut tally.dealt_with,
            Became::NeedsNobody => &mut tally.needs_nobody,
            Became::Without => &mut tally.without,
            Became::WantsAnother => &mut tally.wants_another,
        };
        *one = one.saturating_add(1);
    }

    fn becomes(&self, open: &Occurrence, person: &PersonId, action: Action) -> Became {
        let mine = open.stage.is_held_by(person);
        match (&open.stage, action) {
            (Stage::NotRequired, _) => Became::NeedsNobody,
            (Stage::Confirmed { .. }, _) => Became::DealtWith,
            (Stage::Unacknowledged { .. }, Action::Decline) => Became::Without,
            (Stage::Acknowledged { .. }, Action::Decline) if mine => Became::Without,
            (
                Stage::Acknowledged { holders, owed: Owed::Confirmation { by, .. } },
                Action::Confirm,
            ) => match by {
                _ if open.stage.may_be_confirmed_by(person) => Became::DealtWith,
                ConfirmBy::Other => Became::WantsAnother,
                ConfirmBy::Same | ConfirmBy::Anyone => Became::Held(holders.last().cloned()),
            },
            (Stage::Acknowledged { holders, .. }, _) if !mine => {
                Became::Held(holders.last().cloned())
            }
            (Stage::Acknowledged { .. }, _) => Became::Yours,
            (Stage::Unacknowledged { so_far }, Action::Acknowledge | Action::Reset) => {
                self.taken_with(open, so_far, mine)
            }
            (Stage::Unacknowledged { so_far }, Action::Confirm) => {
                match (self.taken_with(open, so_far, mine), self.required(open)) {
                    (Became::Yours, Acknowledge::Double { confirm_by: ConfirmBy::Other, .. }) => {
                        Became::WantsAnother
                    }
                    (Became::Yours, Acknowledge::Double { .. }) => Became::DealtWith,
                    (became, _) => became,
                }
            }
        }
    }

    /// One more takes it: enough, or not yet.
    fn taken_with(&self, open: &Occurrence, so_far: &[Holder], mine: bool) -> Became {
        let enough = so_far.len().saturating_add(1) >= self.required(open).responders();
        if enough && !mine { Became::Yours } else { Became::Noted }
    }

    /// The procedures of those that a digest lists, each once, as far as three short messages permit.
    pub(in crate::watch) fn procedures(&self, listed: &[Member], person: &PersonId) -> String {
        let mut told: Vec<&str> = Vec::new();
        let mut letters = 0_usize;
        let mut first = None;
        for member in listed {
            let open = self.state.occurrence(member.occurrence);
            let Some(open) = open.filter(|open| open.run == member.run) else { continue };
            first = first.or(Some(open));
            let Some(procedure) = open.activation.procedure.as_deref() else { continue };
            if told.contains(&procedure) {
                continue;
            }
            letters = letters.saturating_add(procedure.chars().count()).saturating_add(1);
            told.push(procedure);
            if letters > LONGEST {
                break;
            }
        }
        match (told.is_empty(), first) {
            (true, Some(open)) => self.wording(person).procedure(open),
            (true, None) => self.wording(person).tally(&Tally::default()),
            (false, _) => self.wording(person).shortened(&told.join("\n")),
        }
    }
}
