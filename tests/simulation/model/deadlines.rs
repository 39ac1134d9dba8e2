//! What falls due: of what, the record says; whether it was, and what follows, is judged here.

use std::collections::BTreeSet;

use vigie::watch::alarm::{AlarmNumber, OccurrenceNumber};
use vigie::watch::decision::{Fact, Why};
use vigie::watch::flapping::Flap;
use vigie::watch::suppression::Quieting;
use vigie::watch::swap::Swapping;
use vigie::watch::time::Moment;

use super::{Model, Tag};

impl Model {
    /// Something fell due.
    pub(super) fn deadline(&mut self, facts: &[Fact], now: Moment) {
        let is_of_a_group =
            facts.iter().any(|fact| matches!(fact, Fact::Swapping(Swapping::Group { .. })));
        if is_of_a_group {
            return self.swap_due(facts, now);
        }
        // The first fact of an alarm says what of it fell due; all others follow from that.
        let mut judged: BTreeSet<Tag> = BTreeSet::new();
        for fact in facts {
            if let Fact::Climbed { occurrence, .. } = fact {
                self.climb(*occurrence, now);
                continue;
            }
            if let Fact::DeclinesEnded { occurrence } = fact {
                self.declines_end(*occurrence);
                continue;
            }
            if let Fact::Unlocked { number } = fact {
                self.unlocks(&number.to_string(), now);
                continue;
            }
            let Some(tag) = self.concerned(fact) else { continue };
            if judged.insert(tag.clone()) {
                self.fell_due(fact, &tag, now);
            }
        }
    }

    /// The alarm of which the fact says that something fell due.
    fn concerned(&self, fact: &Fact) -> Option<Tag> {
        let by_number = |alarm: AlarmNumber| {
            Some(self.numbers.get(&alarm).expect("an alarm that is known").clone())
        };
        let by_occurrence = |occurrence: OccurrenceNumber| self.open.get(&occurrence).cloned();
        match fact {
            Fact::Staged { occurrence, why: Why::ConfirmationLate | Why::Expired, .. }
            | Fact::Reactivated { occurrence, .. }
            | Fact::Flap(Flap::Over { occurrence })
            | Fact::Swapping(Swapping::Moved { occurrence, .. }) => by_occurrence(*occurrence),
            Fact::Opened { alarm, .. }
            | Fact::PendingOver { alarm }
            | Fact::Flap(Flap::Away { alarm }) => by_number(*alarm),
            Fact::Quieted(quieting) => quieting.alarm().and_then(by_number),
            _ => None,
        }
    }

    fn fell_due(&mut self, fact: &Fact, tag: &Tag, now: Moment) {
        match fact {
            // That an acknowledgement is void moves it where its group stands by now.
            Fact::Staged { occurrence, .. }
            | Fact::Swapping(Swapping::Moved { occurrence, .. }) => {
                self.run_out(*occurrence, now);
            }
            Fact::Flap(Flap::Away { .. }) => self.goes_away(tag, now),
            Fact::Flap(Flap::Passed { .. } | Flap::Begun { .. } | Flap::Over { .. }) => {
                self.settles(tag, now);
            }
            Fact::Quieted(Quieting::Unshelved { .. }) => self.shelf_over(tag, now),
            Fact::Quieted(
                Quieting::Hushed { .. } | Quieting::Surfaced { .. } | Quieting::Reviewed { .. },
            ) => self.review(tag, now),
            _ => self.delay_over(tag, now),
        }
    }
}
