//! What is kept quiet on purpose: nobody is called, all is remembered, and what is there at the end comes up (behaviour §2, §8).

use std::time::Duration;

use super::events::Happens;
use super::steps::Step;
use super::{Modem, Place};
use crate::watch::alarm::{Alarm, Occurrence, Pending};
use crate::watch::decision::Fact;
use crate::watch::event::Happening;
use crate::watch::name::PersonId;
use crate::watch::site::Priority;
use crate::watch::suppression::{Quieting, Wish};
use crate::watch::tests::site::person;

const HOUR: Duration = Duration::from_secs(3_600);
/// Nothing is shelved for longer.
const LONGEST: Duration = Duration::from_secs(12 * 3_600);

/// All that people may want of the alarms: Marie may, Paul may not.
pub(super) fn wishes(place: &Place, all: &mut Vec<Happens>) {
    let shelve = |lasting, once| Wish::Shelve { lasting, once, reason: None };
    for key in place.walk.keys {
        let key = Some(*key);
        for wish in [
            shelve(HOUR, false),
            shelve(2 * LONGEST, true),
            Wish::Unshelve,
            Wish::TakeOut { reason: None },
            Wish::Return,
        ] {
            all.push(Happens::Wishes("marie", key, wish));
        }
        all.push(Happens::Wishes("paul", key, shelve(HOUR, false)));
    }
    all.push(Happens::Wishes("marie", None, Wish::TakeOut { reason: None }));
    all.push(Happens::Wishes("marie", None, Wish::Return));
    for open in place.standing() {
        if let Some(code) = open.code_of(&person("karim"))
            && place.walk.modem == Modem::Calm
        {
            all.push(Happens::Sends("karim", format!("MASQUE {code} 2H")));
        }
    }
}

impl Place {
    /// Whether the files keep all alarms quiet now.
    pub(super) fn window_is_open(&self) -> bool {
        let until = self.walk.windows.get(self.in_force).copied().flatten();
        until.is_some_and(|until| self.now.utc < until)
    }

    /// Whether a person keeps it quiet.
    fn is_put_aside(&self, alarm: Option<&Alarm>) -> bool {
        let is_out = self.state().quiet.is_out(&"pump".into()).is_some();
        let itself = |alarm: &Alarm| alarm.shelf().is_some() || alarm.service().is_some();
        let is_ours = alarm.is_none_or(|alarm| alarm.definition.as_str() == "pump");
        is_ours && (is_out || alarm.is_some_and(itself))
    }
}

/// What must hold in every state.
pub(super) fn hold_in(place: &Place) {
    for alarm in place.state().alarms() {
        let tag = alarm.tag();
        let is_put_aside = place.is_put_aside(Some(alarm));
        assert!(!is_put_aside || alarm.open.is_none(), "{tag} is quiet and stands: {alarm:#?}");
        if let Some(shelf) = alarm.shelf() {
            assert!(shelf.until.length() <= LONGEST, "{alarm:#?}");
            assert!(shelf.until.mono > place.now.mono, "its time is up: {alarm:#?}");
        }
        if alarm.hidden().is_some() {
            let is_going = matches!(alarm.pending.as_deref(), Some(Pending::Return { .. }));
            let is_kept = is_put_aside || is_going || place.window_is_open();
            assert!(is_kept, "{tag} is present, nothing keeps it quiet, and nobody is called");
            let is_seen = alarm.open.as_ref().is_some_and(|open| open.active);
            assert!(!is_seen, "it is hidden and stands as active: {alarm:#?}");
        }
    }
    for owed in place.state().notifications().filter(|owed| owed.asks() && !owed.is_leaving()) {
        let stands = owed.occurrence.and_then(|number| place.state().occurrence(number));
        let has_left = owed.is_with_the_network();
        assert!(
            has_left || stands.is_some(),
            "of what is quiet or over nobody is called: {owed:#?}"
        );
    }
}

fn quietings<'a>(step: Step<'a>) -> impl Iterator<Item = &'a Quieting> {
    step.decision.facts.iter().filter_map(|fact| match fact {
        Fact::Quieted(quieting) => Some(quieting),
        _ => None,
    })
}

/// Who asks for quiet in this step.
pub(super) fn who_asks<'a>(step: Step<'a>) -> Option<&'a PersonId> {
    match step.happening {
        Happening::Quieten(request) => Some(&request.person),
        Happening::Message(message) => {
            message.sender.as_ref().and_then(|number| step.before.watch.site().person_at(number))
        }
        // Whoever took the definition out of service knows it.
        Happening::Deadline => {
            step.before.state().quiet.is_out(&"pump".into()).map(|mark| &mark.by)
        }
        _ => None,
    }
}

/// What must hold for every decision.
pub(super) fn hold_for(step: Step<'_>) {
    let wish = match step.happening {
        Happening::Quieten(request) => Some((&request.wish, request.person.as_str() == "marie")),
        _ => None,
    };
    if let Some((_, false)) = wish {
        assert!(
            step.decision.facts.is_empty(),
            "who may not changes nothing: {:#?}",
            step.decision
        );
    }
    for quieting in quietings(step) {
        let alarm = quieting.alarm().and_then(|number| step.before.state().alarm_numbered(number));
        match quieting {
            Quieting::Unshelved { by: None, .. } => {
                let shelf = alarm.and_then(Alarm::shelf).expect("it was shelved");
                let passes = |quieting: &Quieting| {
                    matches!(quieting, Quieting::Gone { .. } | Quieting::Happened { .. })
                };
                let has_returned = shelf.once && quietings(step).any(passes);
                assert!(has_returned || step.over(shelf.until), "{:#?}", step.decision);
            }
            Quieting::Unshelved { by: Some(_), .. } => {
                assert!(matches!(wish, Some((Wish::Unshelve, true))), "{:#?}", step.decision);
            }
            Quieting::InService { .. } | Quieting::DefinitionIn { .. } => {
                let asked = matches!(wish, Some((Wish::Return, true)));
                assert!(asked, "it stays until a person returns it: {:#?}", step.decision);
            }
            Quieting::Surfaced { .. } => {
                let alarm = alarm.expect("it was hidden");
                assert!(alarm.hidden().is_some() && comes_up(step), "{:#?}", step.decision);
            }
            Quieting::Shelved { .. }
            | Quieting::OutOfService { .. }
            | Quieting::DefinitionOut { .. }
            | Quieting::Hushed { .. }
            | Quieting::Came { .. }
            | Quieting::Happened { .. }
            | Quieting::Again { .. }
            | Quieting::Gone { .. }
            | Quieting::Listed { .. }
            | Quieting::Reviewed { .. } => {}
        }
    }
}

/// Whether what was hidden is to be seen by this decision: it opens, or the open one is active again.
pub(super) fn comes_up(step: Step<'_>) -> bool {
    let surfaced = |quieting: &Quieting| matches!(quieting, Quieting::Surfaced { .. });
    let seen = |fact: &Fact| matches!(fact, Fact::Opened { .. } | Fact::Reactivated { .. });
    quietings(step).any(surfaced) && step.decision.facts.iter().any(seen)
}

/// What a person keeps quiet closes, and is hidden if its cause is present.
pub(super) fn hushes(step: Step<'_>, open: &Occurrence) -> bool {
    let alarm = step.before.state().alarm_of(open.number).expect("it is open");
    let asks = |quieting: &Quieting| {
        matches!(quieting, Quieting::Shelved { .. } | Quieting::OutOfService { .. })
    };
    let is_asked = quietings(step).any(asks);
    let is_due = matches!(step.happening, Happening::Deadline);
    let is_hushed = is_asked || (is_due && step.before.is_put_aside(Some(alarm)));
    if !is_hushed {
        return false;
    }
    let hushed = |quieting: &Quieting| matches!(quieting, Quieting::Hushed { .. });
    assert_eq!(quietings(step).any(hushed), open.active, "{:#?}", step.decision);
    true
}

pub(super) fn is_hidden(step: Step<'_>, alarm: Option<&Alarm>) -> bool {
    let _ = step;
    alarm.is_some_and(|alarm| alarm.hidden().is_some())
}

/// Whether its coming is hidden: something keeps it quiet, and nobody is being called about it.
pub(super) fn hides(step: Step<'_>, alarm: Option<&Alarm>) -> bool {
    let open = alarm.and_then(|alarm| alarm.open.as_deref());
    let is_loud = open.is_some_and(Occurrence::unacknowledged);
    !is_loud && (step.before.is_put_aside(alarm) || step.before.window_is_open())
}

/// A delay that is over opens nothing that is kept quiet.
pub(super) fn is_not_to_be_hidden(step: Step<'_>, fact: &Fact) {
    let alarm = match fact {
        Fact::Opened { alarm, .. } => step.before.state().alarm_numbered(*alarm),
        Fact::Reactivated { occurrence, .. } => step.before.state().alarm_of(*occurrence),
        _ => return,
    };
    assert!(!hides(step, alarm), "it is kept quiet: {:#?}", step.decision);
}

/// It came, and nobody is called.
pub(super) fn came(step: Step<'_>, momentary: bool) {
    let is_noted = |quieting: &Quieting| match quieting {
        Quieting::Came { .. } => !momentary,
        Quieting::Happened { .. } => momentary,
        _ => false,
    };
    assert!(quietings(step).any(is_noted), "it is remembered: {:#?}", step.decision);
    nobody_hears(step);
}

/// What is hidden is counted and graded, and nobody is called.
pub(super) fn said_again(step: Step<'_>, priority: Priority) {
    let is_counted = |quieting: &Quieting| matches!(quieting, Quieting::Again { counts: true, .. });
    assert!(quietings(step).any(is_counted), "{:#?}", step.decision);
    for quieting in quietings(step) {
        if let Quieting::Again { activation: Some(activation), .. } = quieting {
            assert_eq!(activation.priority, priority, "{:#?}", step.decision);
        }
    }
    if !comes_up(step) {
        nobody_hears(step);
    }
}

/// What came and went inside is silence.
pub(super) fn gone(step: Step<'_>, off_delay: Duration) {
    let is_gone = quietings(step).any(|quieting| matches!(quieting, Quieting::Gone { .. }));
    assert_eq!(is_gone, off_delay.is_zero(), "{:#?}", step.decision);
    nobody_hears(step);
}

fn nobody_hears(step: Step<'_>) {
    let speaks = |fact: &Fact| matches!(fact, Fact::Owed { .. } | Fact::Opened { .. });
    assert!(!step.decision.facts.iter().any(speaks), "{:#?}", step.decision);
}
