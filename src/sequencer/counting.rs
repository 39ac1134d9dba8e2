//! What is counted of the road, for who asks: what became of each signal, and how long each commit took.
//!
//! Nothing is decided by it.

use super::Sequencer;
use crate::health::road::{Became, Road};
use crate::host::machine::Machine;
use crate::watch::decision::{Decision, Fact, Outcome};
use crate::watch::event::Happening;

impl<M: Machine> Sequencer<M> {
    /// What passes is counted here.
    #[must_use]
    pub fn counting(self, road: Road) -> Self {
        let road = road.counting();
        road.ends_at(self.head.seq, self.since_snapshot);
        Self { road, ..self }
    }

    /// Counts what became of a signal.
    pub(super) fn count(&mut self, happening: &Happening, decision: &Decision) {
        let input = if let Happening::Signal(signal) = happening {
            &signal.input
        } else if let Happening::Message(message) = happening {
            &message.signal.input
        } else {
            return;
        };
        self.road.signal(input, became(decision));
    }
}

fn became(decision: &Decision) -> Became {
    if decision.outcome == Outcome::Repeated {
        return Became::Repeated;
    }
    let unclaimed = decision.facts.iter().find_map(|fact| {
        let Fact::Unclaimed { reason, .. } = fact else { return None };
        Some(if reason.is_some() { Became::Unreadable } else { Became::Unclaimed })
    });
    unclaimed.unwrap_or(Became::Taken)
}
