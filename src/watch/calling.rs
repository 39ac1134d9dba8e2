//! Calls: somebody rings a modem up, nobody picks up, and who it was may say something all the same.
//!
//! A missed call of a person who was asked about one occurrence alone acknowledges it, where its policy
//! says so (`missed-call = "acknowledge"`): one touch in the dark. It never confirms, and never counts
//! where it could mean one of two alarms. Whoever was asked and calls in vain is told so. Networks let
//! a caller show any number, hence the default is to record.

use super::alarm::Occurrence;
use super::draft::Draft;
use super::event::{Action, Call};
use super::name::PersonId;
use super::site::MissedCall;

impl Draft<'_> {
    /// A modem was rung up.
    pub(super) fn rung_up(&mut self, call: &Call) {
        let site = self.site;
        let known = call.caller.as_deref().and_then(|caller| site.person_shown_as(caller));
        let Some((person, number)) = known else { return };
        if self.is_locked(number) {
            return;
        }
        match self.asked(person).as_slice() {
            [] => {}
            [open] if self.counts_calls(open) => {
                self.act_and_reply(open, person, Action::Acknowledge);
            }
            _ => {
                let text = self.wording(person).call_is_no_answer();
                self.explain(person, number, text);
            }
        }
    }

    /// The occurrences about which this person may have read, in this run, and that still ask them.
    fn asked(&self, person: &PersonId) -> Vec<Occurrence> {
        let state = self.state;
        let open = state.standing().map(|(_, open)| open);
        let asks = |open: &&Occurrence| {
            let read = open.told(person).is_some_and(|told| told.reached > 0);
            let answered = open.stage.is_held_by(person) || open.has_declined(person);
            open.unacknowledged() && read && !answered
        };
        open.filter(asks).cloned().collect()
    }

    fn counts_calls(&self, open: &Occurrence) -> bool {
        let policy = open.activation.policy.and_then(|number| self.state.policy(number));
        policy.is_some_and(|frozen| frozen.policy.missed_call == MissedCall::Acknowledge)
    }
}
