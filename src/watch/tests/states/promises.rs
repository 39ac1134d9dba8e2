//! What must hold in every state, and for every step.

use std::collections::{BTreeMap, BTreeSet};

use super::events::{Happens, message};
use super::{PEOPLE, Place};
use crate::watch::Watch;
use crate::watch::alarm::{AlarmState, Occurrence};
use crate::watch::codes::Code;
use crate::watch::decision::{Decision, Fact};
use crate::watch::event::{Event, Happening};
use crate::watch::name::PersonId;
use crate::watch::notification::{Notification, Progress, Purpose};
use crate::watch::stage::Stage;
use crate::watch::tests::site::person;

pub(super) fn hold_in(place: &Place) {
    let open = place.open();
    codes_are_bound(place, open);
    only_its_own_person_is_heard(place);
    deadlines_make_progress(place);
    the_next_deadline_is_the_earliest(place);
    if let Some(open) = open {
        the_state_is_the_table_s(open);
        nobody_is_counted_twice(open);
        only_who_is_wanted_is_called(place, open);
        somebody_is_waited_for(place, open);
    }
}

/// Behaviour §2, the table.
fn the_state_is_the_table_s(open: &Occurrence) {
    let table = match (open.active, open.unacknowledged(), open.latched) {
        (true, true, _) => AlarmState::Unacknowledged,
        (true, false, _) => AlarmState::Acknowledged,
        (false, true, false) => AlarmState::ReturnedUnacknowledged,
        (false, true, true) => AlarmState::LatchedUnacknowledged,
        (false, false, true) => AlarmState::LatchedAcknowledged,
        (false, false, false) if open.stage.owes_confirmation() => AlarmState::Acknowledged,
        // Only information that could be told to nobody yet stands as long as that.
        (false, false, false) => {
            assert!(open.ladder.is_climbing() && open.stage == Stage::NotRequired, "{open:#?}");
            AlarmState::Normal
        }
    };
    assert_eq!(open.state(), table);
}

fn nobody_is_counted_twice(open: &Occurrence) {
    let holders = open.stage.holders();
    let people: BTreeSet<&PersonId> = holders.iter().map(|holder| &holder.person).collect();
    assert_eq!(people.len(), holders.len(), "{open:#?}");
    assert!(people.iter().all(|person| !open.has_declined(person)), "{open:#?}");
    if let Stage::Acknowledged { .. } | Stage::Confirmed { .. } = open.stage {
        assert!(!holders.is_empty(), "somebody holds what is acknowledged");
    }
}

fn calls(place: &Place) -> impl Iterator<Item = &Notification> {
    place.state().notifications().filter(|owed| owed.purpose == Purpose::Call)
}

/// After an acknowledgement that counted nothing that is queued asks for another.
fn only_who_is_wanted_is_called(place: &Place, open: &Occurrence) {
    for owed in calls(place).filter(|owed| owed.has_yet_to_leave()) {
        assert!(!open.stage.is_held_by(&owed.person), "the holder is called: {owed:#?}");
        assert!(!open.has_declined(&owed.person), "who declined is called: {owed:#?}");
        assert!(open.unacknowledged() || open.stage.wants_another(), "{owed:#?} {open:#?}");
        assert_eq!(owed.run, open.run, "with a dead code: {owed:#?}");
        let code = open.code_of(&owed.person).expect("who is called has a code").to_string();
        assert!(owed.text.ends_with(&code), "{owed:#?}");
    }
}

/// An alarm that needs a person never waits for nobody: a ladder is climbed, and somebody who can
/// answer is called, or will be.
fn somebody_is_waited_for(place: &Place, open: &Occurrence) {
    let wanted = open.unacknowledged();
    assert!(!wanted || open.ladder.is_climbing(), "nobody will be called: {open:#?}");
    if open.stage.owes_confirmation() {
        assert!(open.stage.until().is_some());
    }
    let left = place
        .people
        .iter()
        .map(|name| person(name))
        .filter(|person| !open.has_declined(person) && !open.stage.is_held_by(person))
        .count();
    let waiting = calls(place).any(|owed| !matches!(owed.state, Progress::Sent { .. }));
    if !wanted || left == 0 || waiting {
        return;
    }
    let mut later = place.clone();
    for _ in 0..30 {
        // A return that waited for its off-delay may end it.
        if later.open().is_none() {
            return;
        }
        assert!(later.until_due(), "nothing is due");
        let decisions = later.decide(Happening::Deadline);
        let called = |fact: &Fact| match fact {
            Fact::Owed { notification } => notification.purpose == Purpose::Call,
            _ => false,
        };
        if decisions.iter().flat_map(|decision| &decision.facts).any(called) {
            return;
        }
    }
    panic!("nobody is ever called: {open:#?}");
}

/// Living codes are those of the present run, each its person's.
fn codes_are_bound(place: &Place, open: Option<&Occurrence>) {
    let mut living: BTreeMap<Code, &PersonId> = BTreeMap::new();
    for (code, binding) in
        place.state().codes().iter().filter(|(_, binding)| binding.died.is_none())
    {
        let open = open.expect("a code lives while its occurrence is open");
        assert_eq!((binding.occurrence, binding.run), (open.number, open.run));
        living.insert(code, &binding.person);
    }
    let mut told: BTreeMap<Code, &PersonId> = BTreeMap::new();
    for entry in open.into_iter().flat_map(|open| &open.told) {
        if let Some((code, run)) = entry.code {
            assert_eq!(Some(run), open.map(|open| open.run));
            assert!(told.insert(code, &entry.person).is_none(), "two have one code");
        }
    }
    assert_eq!(living, told);
}

/// Living codes in other hands, and dead codes in any, change nothing of any occurrence.
fn only_its_own_person_is_heard(place: &Place) {
    let codes: Vec<_> = place.state().codes().iter().collect();
    for (code, binding) in codes.into_iter().take(3) {
        for sender in PEOPLE {
            if binding.died.is_none() && binding.person == person(sender) {
                continue;
            }
            let happening = message(sender, &format!("{code} FIN"));
            let event = Event { happening, entropy: place.entropy() };
            let decision = place.watch.decide(&event, place.now);
            for fact in &decision.facts {
                let harmless = matches!(
                    fact,
                    Fact::Owed { .. }
                        | Fact::WrongCode { .. }
                        | Fact::Explained { .. }
                        | Fact::LockedOut { .. }
                );
                assert!(harmless, "{sender} sends {code} of {binding:?}: {fact:#?}");
            }
        }
    }
}

/// What is due is decided upon, and is then no longer due.
fn deadlines_make_progress(place: &Place) {
    let mut later = place.clone();
    if !later.until_due() {
        return;
    }
    let most = 20 + later.state().notifications().count();
    for _ in 0..most {
        if later.watch.next_deadline().is_none_or(|due| due > later.now.mono) {
            return;
        }
        let before = later.state().clone();
        let decisions = later.decide(Happening::Deadline);
        assert!(!decisions[0].facts.is_empty() && before != *later.state(), "nothing follows");
    }
    panic!("a deadline stays due for ever");
}

fn the_next_deadline_is_the_earliest(place: &Place) {
    let state = place.state();
    let alarms = state.alarms().flat_map(|alarm| {
        let open = alarm.open.as_ref().and_then(|open| open.next_wait());
        [alarm.pending.as_ref().map(|pending| pending.wait()), open]
    });
    let notifications = state.notifications().map(Notification::next_wait);
    let locked = state.conversations.values().map(|talk| talk.locked);
    let all = alarms.chain(notifications).chain(locked).flatten();
    assert_eq!(place.watch.next_deadline(), all.map(|wait| wait.mono).min());
}

/// What must hold for every step.
pub(super) fn hold_for(before: &Place, event: &Happens, decisions: &[Decision]) {
    for decision in decisions {
        nobody_is_told_twice(event, decision);
    }
    if let (Happens::Acts(..), [decision, ..]) = (event, decisions) {
        the_same_again(before, event, decision);
    }
    if let (Happens::Restarts(_), [started, ..]) = (event, decisions) {
        let ends = |fact: &Fact| matches!(fact, Fact::Closed { .. });
        assert!(!started.facts.iter().any(ends), "a restart ends nothing");
    }
}

/// At most one announcement to a person for each thing that happens, and none to who did it.
fn nobody_is_told_twice(event: &Happens, decision: &Decision) {
    let mut told = Vec::new();
    for fact in &decision.facts {
        if let Fact::Owed { notification } = fact {
            let person = &notification.person;
            let news = (person, notification.purpose);
            assert!(!told.contains(&news), "{event:?}: {person} is told twice: {decision:#?}");
            told.push(news);
            if let Happens::Acts(name, _) | Happens::Sends(name, _) = event {
                let news = notification.purpose == Purpose::Announcement;
                assert!(!news || person.as_str() != *name, "{event:?}: {decision:#?}");
            }
        }
    }
}

/// The same event at the same moment with the same randomness leads to the same decision, also in
/// a watch that was started anew from a snapshot.
fn the_same_again(before: &Place, event: &Happens, decision: &Decision) {
    let watch = Watch::resume(before.watch.site().clone(), before.state().clone());
    let mut again = Place { watch, ..before.clone() };
    let decisions = event.happens_to(&mut again);
    assert_eq!(decisions.first(), Some(decision), "{event:?}");
}
