//! What a cause that comes, goes, repeats or worsens must lead to (behaviour §2).

use std::time::Duration;

use super::quiets;
use super::steps::Step;
use crate::watch::alarm::{Alarm, Occurrence, Pending};
use crate::watch::decision::{Fact, Why};
use crate::watch::event::Happening;
use crate::watch::signal::Value;
use crate::watch::site::{OnReturn, Priority};
use crate::watch::stage::Stage;
use crate::watch::tests::site;

pub(super) fn hold_for(step: Step<'_>) {
    match step.happening {
        Happening::Signal(signal) => {
            let Some(Value::Text(key)) = signal.fields.get("key") else { return };
            let active = signal.fields.get("active") == Some(&Value::Bool(true));
            let critical = signal.fields.get("level") == Some(&Value::Int(2));
            let definition = step.before.definition();
            let Some(definition) = definition else {
                return assert!(matches!(*step.decision.facts, [Fact::Unclaimed { .. }]));
            };
            let alarm = step.before.state().alarm("pump", key);
            let priority = if critical { Priority::Critical } else { Priority::High };
            let reading = Reading { step, definition, alarm, priority };
            if active || definition.momentary { reading.present() } else { reading.gone() }
        }
        Happening::Deadline => only_a_delay_that_is_over_opens_or_returns(step),
        _ => {
            let changes = |fact: &Fact| {
                matches!(
                    fact,
                    Fact::Opened { .. }
                        | Fact::Reactivated { .. }
                        | Fact::Repeated { .. }
                        | Fact::Graded { .. }
                        | Fact::Returned { .. }
                )
            };
            let own = matches!(step.happening, Happening::Own(_));
            let touched = step.decision.facts.iter().any(changes);
            let comes_up = quiets::comes_up(step);
            assert!(own || comes_up || !touched, "only a cause is a cause: {:#?}", step.decision);
        }
    }
}

fn only_a_delay_that_is_over_opens_or_returns(step: Step<'_>) {
    if quiets::comes_up(step) {
        return;
    }
    for fact in &step.decision.facts {
        let pending = match fact {
            Fact::Reactivated { occurrence, .. } | Fact::Returned { occurrence } => {
                step.before.state().alarm_of(*occurrence)
            }
            Fact::Opened { alarm, .. } => step.before.state().alarm_numbered(*alarm),
            _ => continue,
        };
        let pending =
            pending.and_then(|alarm| alarm.pending.as_deref()).expect("a delay was running");
        let returns = matches!(fact, Fact::Returned { .. });
        assert_eq!(matches!(pending, Pending::Return { .. }), returns, "{:#?}", step.decision);
        assert!(step.over(pending.wait()), "{:#?}", step.decision);
        quiets::is_not_to_be_hidden(step, fact);
        if let Fact::Reactivated { occurrence, activation } = fact {
            comes_back(step, step.open(*occurrence), activation.priority);
        }
    }
}

/// The cause is back: the occurrence keeps its number and its ladder. Where somebody had answered,
/// that is over; where nobody had, the ladder goes on where it is, unless it is worse.
fn comes_back(step: Step<'_>, open: &Occurrence, priority: Priority) {
    assert!(!open.active, "{:#?}", step.decision);
    let worse = priority > open.worst();
    let asks = match &open.stage {
        Stage::NotRequired => open.activation.policy.is_some().then_some(Why::Reactivated),
        Stage::Unacknowledged { so_far } if so_far.is_empty() => worse.then_some(Why::Worse),
        _ => Some(Why::Reactivated),
    };
    assert_eq!(why(step, open), asks.as_ref(), "{:#?}", step.decision);
    let frozen = step.decision.facts.iter().any(|fact| match fact {
        Fact::Reactivated { occurrence, activation } => {
            *occurrence == open.number
                && activation.policy == open.activation.policy
                && activation.on_return == open.activation.on_return
        }
        _ => false,
    });
    assert!(frozen, "{:#?}", step.decision);
}

/// Why people are asked otherwise than before, if they are.
fn why<'a>(step: Step<'a>, open: &Occurrence) -> Option<&'a Why> {
    step.decision.facts.iter().find_map(|fact| match fact {
        Fact::Staged { occurrence, why, .. } if *occurrence == open.number => Some(why),
        _ => None,
    })
}

/// What a signal says of an alarm.
struct Reading<'a> {
    step: Step<'a>,
    definition: &'a site::Alarm,
    alarm: Option<&'a Alarm>,
    priority: Priority,
}

impl Reading<'_> {
    fn count(&self, wanted: fn(&Fact) -> bool) -> usize {
        self.step.decision.facts.iter().filter(|fact| wanted(fact)).count()
    }

    fn present(&self) {
        if quiets::is_hidden(self.step, self.alarm) {
            return quiets::said_again(self.step, self.priority);
        }
        let open = self.alarm.and_then(|alarm| alarm.open.as_deref());
        let pending = self.alarm.and_then(|alarm| alarm.pending.as_deref());
        let repeats = self.count(|fact| matches!(fact, Fact::Repeated { .. }));
        let begins =
            self.count(|fact| matches!(fact, Fact::Opened { .. } | Fact::Reactivated { .. }));
        let momentary = self.definition.momentary;
        match open {
            Some(open) if open.active || momentary && open.unacknowledged() => {
                assert_eq!((repeats, begins), (1, 0), "only a repeat: {:#?}", self.step.decision);
                let goes = matches!(pending, Some(Pending::Return { .. }));
                let stays = self.count(|fact| matches!(fact, Fact::PendingOver { .. }));
                assert_eq!(stays, usize::from(goes), "{:#?}", self.step.decision);
                self.repeated(open);
            }
            _ if self.definition.on_delay > Duration::ZERO && !momentary => {
                assert_eq!((repeats, begins), (0, 0), "{:#?}", self.step.decision);
                self.is_waited_for(pending);
            }
            _ if quiets::hides(self.step, self.alarm) => {
                assert_eq!((repeats, begins), (0, 0), "{:#?}", self.step.decision);
                quiets::came(self.step, momentary);
            }
            Some(open) => {
                assert_eq!((repeats, begins), (0, 1), "{:#?}", self.step.decision);
                comes_back(self.step, open, self.priority);
            }
            None => self.opens(),
        }
    }

    /// A repetition wipes nothing. What is worse is asked for again; what is less bad is not.
    fn repeated(&self, open: &Occurrence) {
        let graded = self.count(|fact| matches!(fact, Fact::Graded { .. }));
        assert_eq!(graded, usize::from(self.priority != open.activation.priority));
        let worse = self.priority > open.worst() && open.activation.policy.is_some();
        let asks = worse.then_some(Why::Worse);
        assert_eq!(why(self.step, open), asks.as_ref(), "{:#?}", self.step.decision);
        if !worse {
            assert_eq!(self.step.news(open.number).count(), 0, "{:#?}", self.step.decision);
        }
    }

    fn opens(&self) {
        let group = crate::watch::name::SwapGroup::new("cold");
        let is_swapped = self.step.before.state().swapped(&group).is_some();
        let other = self.definition.swap.filter(|_| is_swapped);
        let policy = other.or(self.definition.escalation).expect("the walks call people");
        let policy = &self.step.before.files().policies[policy];
        let opened = self.step.decision.facts.iter().find_map(|fact| match fact {
            Fact::Opened { activation, ladder, .. } => Some((activation, ladder)),
            _ => None,
        });
        let (activation, ladder) = opened.expect("an occurrence opens");
        assert_eq!((activation.priority, activation.latch), (self.priority, self.definition.latch));
        let frozen = activation.policy.and_then(|number| self.step.before.state().policy(number));
        assert_eq!(frozen.as_ref().map(|frozen| &frozen.policy), Some(&**policy));
        let on_return = if self.definition.latch { OnReturn::Hold } else { policy.on_return };
        assert_eq!(activation.on_return, on_return);
        assert!(
            ladder.due().is_some_and(|due| self.step.over(due)),
            "the first step fires at once"
        );
    }

    /// The cause must last as long as the on-delay.
    fn is_waited_for(&self, pending: Option<&Pending>) {
        let begun = self.step.decision.facts.iter().find_map(|fact| match fact {
            Fact::Pending { pending, .. } => Some(pending),
            _ => None,
        });
        let (wait, known) = match (begun, pending) {
            (Some(begun), Some(known)) => (begun.wait(), Some(known.wait())),
            (Some(begun), None) => (begun.wait(), None),
            (None, known) => (known.expect("the delay runs").wait(), None),
        };
        if begun.is_some() {
            let expected = self.step.decision.moment.wait(self.definition.on_delay);
            assert_eq!(wait, known.unwrap_or(expected), "a repetition does not lengthen it");
        }
    }

    fn gone(&self) {
        if quiets::is_hidden(self.step, self.alarm) {
            return quiets::gone(self.step, self.definition.off_delay);
        }
        let open = self.alarm.and_then(|alarm| alarm.open.as_deref());
        let pending = self.alarm.and_then(|alarm| alarm.pending.as_deref());
        let facts = &self.step.decision.facts;
        match (open, pending) {
            (_, Some(Pending::Activation { .. })) => {
                assert!(matches!(**facts, [Fact::PendingOver { .. }]), "{facts:#?}");
            }
            (Some(open), None) if open.active && self.definition.off_delay.is_zero() => {
                assert!(matches!(facts.first(), Some(Fact::Returned { .. })), "{facts:#?}");
            }
            (Some(open), None) if open.active => {
                let [Fact::Pending { pending: Pending::Return { wait }, .. }] = **facts else {
                    panic!("it returns after its delay: {facts:#?}")
                };
                assert_eq!(wait, self.step.decision.moment.wait(self.definition.off_delay));
            }
            (_, _) => assert!(facts.is_empty(), "{facts:#?}"),
        }
    }
}
