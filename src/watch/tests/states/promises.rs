//! What must hold in every state, and for every step.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::events::{Happens, message};
use super::rungs::{QUARTER, all_named};
use super::{Modem, PEOPLE, Place, quiets};
use crate::watch::Watch;
use crate::watch::alarm::{AlarmState, Occurrence};
use crate::watch::codes::Code;
use crate::watch::decision::{Decision, Fact};
use crate::watch::escalation::Rung;
use crate::watch::event::{Event, Happening};
use crate::watch::name::PersonId;
use crate::watch::notification::{Notification, Purpose};
use crate::watch::stage::Stage;
use crate::watch::tests::site::{MINUTE, person};
use crate::watch::time::{Moment, Wait};

/// A restart that took as long is told of.
const NOTICEABLE: Duration = Duration::from_secs(30);

pub(super) fn hold_in(place: &Place) {
    codes_are_bound(place);
    only_its_own_person_is_heard(place);
    deadlines_make_progress(place);
    the_next_deadline_is_the_earliest(place);
    for open in place.standing() {
        the_state_is_the_table_s(open);
        nobody_is_counted_twice(open);
        only_who_is_wanted_is_called(place, open);
        nobody_is_called_for_what_somebody_has(open);
        it_is_known_who_was_told(place, open);
        the_next_step_does_not_wait_for_who_is_out(place, open);
        somebody_is_waited_for(place, open);
        somebody_can_confirm(place, open);
        what_nobody_holds_goes_where_its_group_stands(place, open);
    }
    quiets::hold_in(place);
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

fn calls<'a>(place: &'a Place, open: &Occurrence) -> impl Iterator<Item = &'a Notification> {
    let calls = |owed: &&Notification| owed.purpose == Purpose::Call;
    place.state().notifications_about(open.number).filter(calls)
}

/// After an acknowledgement that counted nothing that is queued asks for another.
fn only_who_is_wanted_is_called(place: &Place, open: &Occurrence) {
    for owed in calls(place, open).filter(|owed| owed.has_yet_to_leave()) {
        assert!(!open.stage.is_held_by(&owed.person), "the holder is called: {owed:#?}");
        assert!(!open.has_declined(&owed.person), "who declined is called: {owed:#?}");
        assert!(open.unacknowledged() || open.stage.wants_another(), "{owed:#?} {open:#?}");
        assert_eq!(owed.run, open.run, "with a dead code: {owed:#?}");
        let code = open.code_of(&owed.person).expect("who is called has a code").to_string();
        assert!(owed.text.ends_with(&code), "{owed:#?}");
    }
}

/// Behaviour §8: what nobody holds is with the team of now, by the frozen ladder of one of its two policies.
fn what_nobody_holds_goes_where_its_group_stands(place: &Place, open: &Occurrence) {
    let Some(swap) = open.activation.swap.as_deref() else { return };
    let way = if swap.away { swap.other } else { swap.own };
    let (policy, on_return) = (open.activation.policy, open.activation.on_return);
    assert_eq!((policy, on_return), (way.policy, way.on_return), "{open:#?}");
    if open.unacknowledged() && open.stage.holders().is_empty() {
        let swapped = place.state().swapped(&swap.group).is_some();
        assert_eq!(swap.away, swapped, "{open:#?}");
    }
}

/// Nor will any other rung of the ladder fire, but to find somebody else who can confirm.
fn nobody_is_called_for_what_somebody_has(open: &Occurrence) {
    let has = open.stage.acknowledged().is_some() && !open.stage.wants_another();
    assert!(!(has && open.ladder.is_climbing()), "{open:#?}");
}

/// The watch knows whose phone may show a message that tells of it, and of nobody else's.
fn it_is_known_who_was_told(place: &Place, open: &Occurrence) {
    let told = open.told.iter().filter(|told| told.was_reached());
    let told: BTreeSet<&PersonId> = told.map(|told| &told.person).collect();
    let readers = place.seen.readers(open.number);
    assert!(readers.is_subset(&told), "{readers:?} may have read of {open:#?}");
    let addressed = place.seen.addressed(open.number);
    assert!(told.is_subset(&addressed), "only {addressed:?} can have read of {open:#?}");
}

/// Those who can still answer: the ladder names them, they have a number, and are not out.
fn left(place: &Place, open: &Occurrence) -> BTreeSet<PersonId> {
    let all = all_who_can_be_asked(place, open).into_iter();
    all.filter(|person| !open.has_declined(person)).collect()
}

/// The same, whether or not they have declined.
fn all_who_can_be_asked(place: &Place, open: &Occurrence) -> BTreeSet<PersonId> {
    let policy = open.activation.policy.and_then(|number| place.state().policy(number));
    let named = policy.map(|policy| all_named(&policy)).unwrap_or_default();
    let people = &place.watch.site().people;
    named
        .into_iter()
        .filter(|person| people.get(person).is_some_and(|known| known.phone.is_some()))
        .filter(|person| !open.stage.is_held_by(person))
        .collect()
}

/// When all whom the latest step has called are out, or have it, the next is called at once; after
/// a refused message there may be a pause.
fn the_next_step_does_not_wait_for_who_is_out(place: &Place, open: &Occurrence) {
    let Some(fired) = place.seen.fired(open.number) else { return };
    let left = left(place, open);
    let waits = fired.people.iter().any(|person| left.contains(person));
    let latest = match place.walk.modem {
        Modem::Calm => place.now.mono,
        Modem::Rough => place.now.mono.after(MINUTE),
    };
    let due = open.ladder.due().is_some_and(|due| due.mono <= latest);
    let wanted = open.unacknowledged();
    let none_left = left.is_empty();
    assert!(!wanted || waits || due || none_left, "they are waited for: {open:#?}");
}

/// An alarm that needs a person never waits for nobody: a ladder is climbed, and somebody who can
/// answer is called, or will be; who has declined, where nobody else is left, after a quarter of an hour and a minute or two.
fn somebody_is_waited_for(place: &Place, open: &Occurrence) {
    let wanted = open.unacknowledged();
    assert!(!wanted || open.ladder.is_climbing(), "nobody will be called: {open:#?}");
    if open.stage.owes_confirmation() {
        assert!(open.stage.until().is_some());
    }
    let waiting = calls(place, open).any(|owed| !owed.is_with_the_network());
    if !wanted || waiting || all_who_can_be_asked(place, open).is_empty() {
        return;
    }
    let mut later = place.clone();
    let all_are_out = left(place, open).is_empty();
    for _ in 0..200 {
        // A return that waited for its off-delay may end it.
        if later.state().occurrence(open.number).is_none() {
            return;
        }
        assert!(later.until_due(), "nothing is due");
        let waited = place.now.mono.until(later.now.mono);
        assert!(!all_are_out || waited <= QUARTER + 2 * MINUTE, "not for {waited:?}: {open:#?}");
        let decisions = later.decide(Happening::Deadline);
        let called = |fact: &Fact| match fact {
            Fact::Owed { notification } => {
                notification.purpose == Purpose::Call
                    && notification.occurrence == Some(open.number)
            }
            _ => false,
        };
        if decisions.iter().flat_map(|decision| &decision.facts).any(called) {
            return;
        }
    }
    panic!("nobody is ever called: {open:#?}");
}

/// Where somebody else than the holder must confirm, somebody else has the alarm and a code for it,
/// or is being looked for.
fn somebody_can_confirm(place: &Place, open: &Occurrence) {
    if !open.stage.wants_another() || open.ladder.is_climbing() {
        return;
    }
    let mut left = left(place, open);
    // Who was called before it moved with its group is on the other ladder, and may answer.
    let told = open.told.iter().map(|told| &told.person);
    let out = |person: &PersonId| open.has_declined(person) || open.stage.is_held_by(person);
    left.extend(told.filter(|person| !out(person)).cloned());
    let readers = place.seen.readers(open.number);
    let told = |person: &&PersonId| {
        readers.contains(*person) || calls(place, open).any(|owed| owed.person == **person)
    };
    let can = left.iter().filter(told).any(|person| open.code_of(person).is_some());
    assert!(can, "nobody can confirm, and nobody is looked for: {open:#?}");
}

/// Living codes are those of the present run, each its person's.
fn codes_are_bound(place: &Place) {
    let mut living: BTreeMap<Code, &PersonId> = BTreeMap::new();
    let bindings = place.state().codes().iter();
    for (code, binding) in bindings.filter(|(_, binding)| binding.died.is_none()) {
        let open = place.state().occurrence(binding.occurrence);
        let open = open.expect("a code lives while its occurrence is open");
        assert_eq!(binding.run, open.run);
        living.insert(code, &binding.person);
    }
    let mut told: BTreeMap<Code, &PersonId> = BTreeMap::new();
    for open in place.standing() {
        for entry in &open.told {
            if let Some((code, run)) = entry.code {
                assert_eq!(run, open.run);
                assert!(told.insert(code, &entry.person).is_none(), "two have one code");
            }
        }
    }
    assert_eq!(living, told);
}

/// Living codes in other hands, and dead codes in any, change nothing of any occurrence.
fn only_its_own_person_is_heard(place: &Place) {
    let mut codes: Vec<_> = place.state().codes().iter().collect();
    // The living first, then those that died last.
    codes.sort_unstable_by_key(|(code, binding)| {
        (binding.died.is_some(), binding.died.map(Reverse), *code)
    });
    for (code, binding) in codes.into_iter().take(4) {
        for sender in PEOPLE {
            if binding.died.is_none() && binding.person == person(sender) {
                continue;
            }
            let happening = message(sender, &format!("{code} FIN"));
            let event = Event { happening, entropy: place.entropy() };
            let decision = place.watch.decide(&event, place.now);
            for fact in &decision.facts {
                let harmless = match fact {
                    Fact::Owed { notification } => {
                        let replies = notification.purpose == Purpose::Reply;
                        replies && notification.person == person(sender)
                    }
                    Fact::WrongCode { .. }
                    | Fact::Explained { .. }
                    | Fact::Answered { .. }
                    | Fact::LockedOut { .. } => true,
                    _ => false,
                };
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
        let quiet = alarm.quiet.as_ref().and_then(|quiet| quiet.next_wait());
        [alarm.pending.as_deref().map(|pending| pending.wait()), open, quiet]
    });
    let notifications = state.notifications().map(Notification::next_wait);
    let locked = state.conversations.values().map(|talk| talk.locked);
    let groups = state.swaps.iter().map(|(_, standing)| standing.look);
    let list = [state.quiet.next_list()];
    let all = alarms.chain(notifications).chain(locked).chain(groups).chain(list).flatten();
    assert_eq!(place.watch.next_deadline(), all.map(|wait| wait.mono).min());
}

/// What must hold for every step, with all that follows from it at that instant.
pub(super) fn hold_for(before: &Place, event: &Happens, decisions: &[Decision], after: &Place) {
    for decision in decisions {
        nobody_is_told_twice(event, decision);
    }
    match event {
        Happens::Acts(..) => {
            the_same_again(before, event, decisions.first().expect("it was decided"));
        }
        Happens::Restarts(_) | Happens::RestartsInThePast => {
            a_restart_loses_nothing(before, event, decisions, after);
        }
        Happens::Reloads(_) => {
            let stood = |occurrence| before.state().occurrence(occurrence).is_some();
            let starts = |fact: &Fact| match fact {
                Fact::Staged { occurrence, .. } | Fact::Climbed { occurrence, .. } => {
                    stood(*occurrence)
                }
                _ => false,
            };
            let facts = decisions.iter().flat_map(|decision| &decision.facts);
            assert!(!facts.into_iter().any(starts), "a ladder that is climbed is not disturbed");
        }
        _ => {}
    }
}

/// A restart ends nothing, and for the lost time a ladder advances by one step at most. Of a
/// restart that was noticed everybody whom open alarms concern is told, once.
fn a_restart_loses_nothing(before: &Place, event: &Happens, decisions: &[Decision], after: &Place) {
    let started = decisions.first().expect("it was decided");
    let ends = |fact: &Fact| matches!(fact, Fact::Closed { .. } | Fact::Staged { .. });
    assert!(!started.facts.iter().any(ends), "a restart ends nothing: {started:#?}");
    let facts = || decisions.iter().flat_map(|decision| &decision.facts);
    for open in before.standing() {
        let rungs = facts().filter(|fact| match fact {
            Fact::Climbed { occurrence, rung: Rung::Fired { .. }, .. } => {
                *occurrence == open.number
            }
            _ => false,
        });
        assert!(rungs.count() <= 1, "more than one step for the lost time: {decisions:#?}");
        if let Some(after_it) = after.state().occurrence(open.number) {
            for (wait, resumed) in waits(open).into_iter().zip(waits(after_it)) {
                goes_on(wait, resumed, after.now);
            }
        }
    }
    let noticed = matches!(event, Happens::Restarts(down) if *down >= NOTICEABLE);
    let mut told = BTreeSet::new();
    for fact in &started.facts {
        if let Fact::Owed { notification } = fact {
            assert!(told.insert(&notification.person), "told twice: {started:#?}");
        }
    }
    let concerned = before.standing().flat_map(|open| before.seen.readers(open.number));
    let concerned: BTreeSet<&PersonId> = concerned.filter(|_| noticed).collect();
    assert!(concerned.is_subset(&told), "{concerned:?} are told: {started:#?}");
    assert!(noticed || told.is_empty(), "{started:#?}");
}

fn waits(open: &Occurrence) -> [Option<Wait>; 4] {
    [open.ladder.due(), open.ladder.asks_again(), open.stage.reminder(), open.stage.until()]
}

/// A wait that goes on ends when the wall clock says so; one that began in the future has ended.
fn goes_on(wait: Option<Wait>, resumed: Option<Wait>, now: Moment) {
    let (Some(wait), Some(resumed)) = (wait, resumed) else { return };
    if (wait.since, wait.due) == (resumed.since, resumed.due) {
        assert!(wait.since <= now.utc, "it has lied: {wait:?}");
        assert_eq!(now.mono.until(resumed.mono), now.utc.until(wait.due));
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
            // That the alarm `nobody` is over is news to who has answered, too.
            let own = decision.facts.iter().any(|fact| matches!(fact, Fact::OwnCleared { .. }));
            if let (false, Happens::Acts(name, ..) | Happens::Sends(name, _)) = (own, event) {
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
