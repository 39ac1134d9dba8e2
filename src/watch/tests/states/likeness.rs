//! When two states are alike: they differ in times, numbers and codes alone.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Place;
use crate::watch::alarm::{Alarm, Occurrence, Pending};
use crate::watch::escalation::Ladder;
use crate::watch::name::PersonId;
use crate::watch::notification::Progress;
use crate::watch::stage::{Owed, Stage};

/// What is the same in all states that are alike. Karim and Paul stand on the same step: a state
/// in which they have changed places is alike too.
pub(super) fn of(place: &Place) -> String {
    let one = written(place, &|person| person.as_str());
    let other = written(place, &|person| match person.as_str() {
        "karim" => "paul",
        "paul" => "karim",
        other => other,
    });
    one.min(other)
}

type Called<'a> = &'a dyn for<'p> Fn(&'p PersonId) -> &'p str;

fn written(place: &Place, name: Called<'_>) -> String {
    let mut text = format!("{};", place.in_force);
    for (group, standing) in place.state().swaps.iter() {
        let order = standing.order.as_ref().map(|order| order.on);
        let due = standing.look.is_some_and(|look| look.mono <= place.now.mono);
        write!(text, "{group} {} {order:?} {due};", standing.swapped.is_some()).unwrap();
    }
    let is_out = place.state().quiet.is_out(&"pump".into()).is_some();
    write!(text, "{is_out} {};", place.window_is_open()).unwrap();
    let mut alarms: Vec<&Alarm> = place.state().alarms().collect();
    alarms.sort_unstable_by_key(|alarm| (&alarm.definition, &alarm.key));
    for alarm in alarms {
        of_alarm(alarm, place, name, &mut text);
    }
    let mut owed = BTreeSet::new();
    for notification in place.state().notifications().filter(|owed| owed.purpose.tells()) {
        let progress = match &notification.state {
            Progress::Queued => "queued",
            Progress::Postponed(_) => "postponed",
            Progress::Sending { .. } => "sending",
            Progress::Doubtful(_) => "doubtful",
            Progress::Sent(_) => "sent",
        };
        let about = notification.occurrence.and_then(|number| place.state().alarm_of(number));
        let open = about.and_then(|alarm| alarm.open.as_deref());
        let now = open.is_some_and(|open| open.run == notification.run);
        if now || progress != "sent" {
            let key = about.map(|alarm| alarm.tag());
            owed.insert((name(&notification.person).to_owned(), progress, now, key));
        }
    }
    write!(text, "{owed:?}").unwrap();
    text
}

fn of_alarm(alarm: &Alarm, place: &Place, name: Called<'_>, text: &mut String) {
    write!(text, "{}{}", alarm.definition, alarm.key).unwrap();
    match alarm.pending.as_deref() {
        None => {}
        Some(Pending::Activation { as_, .. }) => write!(text, " comes {:?}", as_.priority).unwrap(),
        Some(Pending::Return { .. }) => text.push_str(" goes"),
    }
    if let Some(quiet) = alarm.quiet.as_deref() {
        let once = quiet.shelf.as_ref().map(|shelf| shelf.once);
        let hidden = quiet.hidden.as_ref().map(|hidden| hidden.activation.priority);
        let (out, review) = (quiet.service.is_some(), quiet.review.is_some());
        write!(text, " quiet {once:?} {out} {hidden:?} {review}").unwrap();
    }
    text.push(';');
    if let Some(open) = &alarm.open {
        of_occurrence(open, place, name, text);
        let pending = alarm.pending.as_deref().map(|pending| pending.wait().mono);
        let waits = [
            pending,
            open.ladder.due().map(|wait| wait.mono),
            open.stage.reminder().map(|wait| wait.mono),
            open.stage.until().map(|wait| wait.mono),
        ];
        let first = waits.iter().flatten().min();
        let order =
            waits.map(|wait| wait.map(|wait| (Some(&wait) == first, wait <= place.now.mono)));
        write!(text, "{order:?};").unwrap();
    }
}

fn of_occurrence(open: &Occurrence, place: &Place, name: Called<'_>, text: &mut String) {
    let how = &open.activation;
    if let Some(swap) = &how.swap {
        write!(text, "away {} ", swap.away).unwrap();
    }
    write!(text, "{:?} {} {} {:?}", how.priority, open.active, open.latched, how.on_return)
        .unwrap();
    if place.walk.files.len() > 1 {
        let policy = how.policy.and_then(|number| place.state().policy(number));
        let acknowledge = policy.map(|policy| policy.policy.acknowledge);
        write!(text, " {acknowledge:?} {} {}", how.momentary, how.latch).unwrap();
    }
    let names = |people: &mut dyn Iterator<Item = &PersonId>| -> BTreeSet<String> {
        people.map(|person| name(person).to_owned()).collect()
    };
    let holders = names(&mut open.stage.holders().iter().map(|holder| &holder.person));
    let stage = match &open.stage {
        Stage::NotRequired => "none".to_owned(),
        Stage::Unacknowledged { .. } => "asks".to_owned(),
        Stage::Acknowledged { owed, .. } => match owed {
            Owed::Nothing => "held".to_owned(),
            Owed::Expires(_) => "expires".to_owned(),
            Owed::Confirmation { reminder, .. } => format!("owes {}", reminder.is_some()),
        },
        Stage::Confirmed { by, .. } => format!("confirmed {}", name(by)),
    };
    write!(text, "{stage} {holders:?} -{:?};", names(&mut open.declined.iter())).unwrap();
    if let Ladder::Climbing { next, fired, called, spared, seeks, .. } = &open.ladder {
        let (called, spared) = (names(&mut called.iter()), names(&mut spared.iter()));
        // Once climbed in vain is like ever after.
        let most = 1 + place.files().most_repeats();
        let (phase, pass) = (next.phase, next.pass.min(most));
        write!(text, "{phase:?} {pass} {} {fired} {called:?} {spared:?} {seeks:?};", next.step)
            .unwrap();
        write!(text, "{:?};", open.ladder.asks_again().map(|wait| wait.mono <= place.now.mono))
            .unwrap();
    }
    let told: BTreeSet<_> = open
        .told
        .iter()
        .map(|told| {
            let lives = open.code_of(&told.person).is_some();
            // Of who has a code of this run only whether they have read it makes a difference.
            let read = if lives { told.reached > 0 } else { told.was_reached() };
            (name(&told.person).to_owned(), lives, read)
        })
        .collect();
    write!(text, "{told:?};").unwrap();
}
