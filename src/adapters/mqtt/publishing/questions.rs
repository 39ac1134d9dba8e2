//! What the speaker asks of the watch, between two batches.

use crate::board::{AlarmView, alarm_view};
use crate::inbox::{Inbox, Withheld};
use crate::watch::Watch;
use crate::watch::alarm::AlarmNumber;

/// A kept topic, and of which alarm it is, by definition and key.
pub(super) type Kept = (String, Option<(String, String)>);

/// The site's name, and what these alarms are like now.
pub(super) async fn views(
    inbox: &Inbox,
    alarms: Vec<AlarmNumber>,
) -> Result<(String, Vec<(AlarmNumber, AlarmView)>), Withheld> {
    let asked = move |watch: &Watch| {
        let view = |number: &AlarmNumber| Some((*number, alarm_view(watch, *number)?));
        (watch.site().name.clone(), alarms.iter().filter_map(view).collect())
    };
    inbox.ask(asked).await
}

/// Every alarm: what stands first, the worst before the others.
pub(super) async fn all(inbox: &Inbox) -> Result<Vec<AlarmNumber>, Withheld> {
    let asked = |watch: &Watch| {
        let state = watch.state();
        let standing = state.standing();
        let standing = standing.map(|(alarm, open)| (open.activation.priority, alarm.number));
        let mut standing: Vec<_> = standing.collect();
        standing.sort_by_key(|(priority, number)| (std::cmp::Reverse(*priority), *number));
        let normal = state.alarms().filter(|alarm| alarm.open.is_none());
        let standing = standing.into_iter().map(|(_, number)| number);
        standing.chain(normal.map(|alarm| alarm.number)).collect()
    };
    inbox.ask(asked).await
}

/// Of these, the topics of alarms that are no more.
pub(super) async fn gone(inbox: &Inbox, kept: Vec<Kept>) -> Result<Vec<String>, Withheld> {
    let asked = move |watch: &Watch| {
        let is_there = |alarm: &Option<(String, String)>| {
            alarm.as_ref().is_some_and(|(definition, key)| {
                let alarm = watch.state().alarm(definition, key);
                alarm.is_some_and(|alarm| alarm_view(watch, alarm.number).is_some())
            })
        };
        let gone = kept.into_iter().filter(|(_, alarm)| !is_there(alarm));
        gone.map(|(topic, _)| topic).collect()
    };
    inbox.ask(asked).await
}
