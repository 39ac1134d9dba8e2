//! A person tests a contact, or the way to a telephone, at the control socket, and sees what becomes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tracing::info;

use super::peer::{Peer, Standing};
use super::protocol::{Answer, Begun, Refused, SmsBegun, SmsTestView, SmsTested, TestView, Tested};
use super::view::told;
use super::{Room, who_acts};
use crate::adapters::contacts;
use crate::watch::Watch;
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::decision::{Outcome, Refusal};
use crate::watch::event::{Happening, Test, TestSms};
use crate::watch::name::PersonId;
use crate::watch::notification::{NotificationId, Progress, Purpose};

/// So many are asked about at once; one contact has as many tests as definitions select it.
const MOST: usize = 256;

/// The contact's alarm goes in by the same door as a true one, marked as a test.
pub(super) async fn test(
    room: &Room,
    peer: &Peer,
    asked: Tested,
    standing: &Standing,
) -> Result<Answer, Refused> {
    let person = who_acts(peer, asked.person.as_deref(), standing)?;
    let contacts = Arc::clone(&room.inputs.borrow().contacts);
    let devices = contacts.iter().map(Arc::as_ref);
    let (device, contact) = contacts::find(devices, &asked.contact)
        .map_err(|unknown| Refused::not_done(unknown.to_string()))?;
    let now = room.clock.now();
    let test = Test {
        person,
        account: Arc::from(peer.account()),
        signal: contacts::in_alarm(device, contact, now),
    };
    info!(person = %test.person, account = %test.account, input = %device.name, line = %contact.name, "a person tests a contact");
    match room.inbox.post(Happening::Test(test), now).await {
        Ok(Outcome::Testing(tests, sentence)) => {
            let occurrences = tests.into_iter().map(|number| number.0).collect();
            told(Ok(Begun { occurrences, sentence }))
        }
        Ok(
            Outcome::Refused(Refusal(sentence))
            | Outcome::Done(sentence)
            | Outcome::Owing(_, sentence),
        ) => Err(Refused::not_done(sentence)),
        Ok(Outcome::Taken | Outcome::Repeated) => Err(Refused::not_done(String::new())),
        Err(withheld) => Err(Refused::unavailable(withheld.to_string())),
    }
}

/// How tests are that have begun.
pub(super) async fn tests(room: &Room, occurrences: Vec<u64>) -> Result<Answer, Refused> {
    if occurrences.len() > MOST {
        return Err(Refused::usage(format!("at most {MOST} tests are asked about at once")));
    }
    let view = move |watch: &Watch| {
        occurrences.into_iter().map(|number| view(watch, number)).collect::<Vec<_>>()
    };
    told(room.inbox.ask(view).await)
}

/// A message is owed to that person, by the same door as everything, marked as a test.
pub(super) async fn sms(
    room: &Room,
    peer: &Peer,
    asked: SmsTested,
    standing: &Standing,
) -> Result<Answer, Refused> {
    let person = who_acts(peer, asked.person.as_deref(), standing)?;
    let (account, to) = (Arc::from(peer.account()), PersonId::new(&asked.to));
    let test = TestSms { person, account, to };
    info!(person = %test.person, account = %test.account, to = %test.to, "a person has a test message sent");
    match room.inbox.post(Happening::TestSms(test), room.clock.now()).await {
        Ok(Outcome::Owing(notification, sentence)) => told(Ok(SmsBegun { notification, sentence })),
        Ok(
            Outcome::Refused(Refusal(sentence))
            | Outcome::Done(sentence)
            | Outcome::Testing(_, sentence),
        ) => Err(Refused::not_done(sentence)),
        Ok(Outcome::Taken | Outcome::Repeated) => Err(Refused::not_done(String::new())),
        Err(withheld) => Err(Refused::unavailable(withheld.to_string())),
    }
}

/// What became of a test message.
pub(super) async fn sms_test(room: &Room, number: NotificationId) -> Result<Answer, Refused> {
    let now = room.clock.now().utc;
    let view = move |watch: &Watch| {
        let test = watch.state().sms_tests().of(number)?;
        Some(SmsTestView { steps: test.steps().to_vec(), over: test.is_over(now) })
    };
    match room.inbox.ask(view).await {
        Ok(Some(view)) => told(Ok(view)),
        Ok(None) => Err(Refused::not_done("that test message is not remembered".to_owned())),
        Err(withheld) => Err(Refused::unavailable(withheld.to_string())),
    }
}

fn view(watch: &Watch, number: u64) -> TestView {
    let occurrence = OccurrenceNumber(number);
    let state = watch.state();
    let tested = state.tested(occurrence);
    let open = tested.and_then(|alarm| alarm.open.as_deref());
    let open = open.filter(|open| open.number == occurrence);
    let last = tested.and_then(|alarm| alarm.last.as_deref());
    let last = last.filter(|last| last.number == occurrence);
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for person in open.iter().flat_map(|open| &open.told).filter(|told| told.was_reached()) {
        told.insert(person.person.to_string(), "sent".to_owned());
    }
    let about =
        state.notifications().filter(|owed| owed.about().any(|one| one.occurrence == occurrence));
    for owed in about.filter(|owed| matches!(owed.purpose, Purpose::Call | Purpose::Information)) {
        let is = match &owed.state {
            Progress::Queued | Progress::Postponed(_) => "waiting",
            Progress::Sending { .. } => "sending",
            Progress::Doubtful(_) => "unknown",
            Progress::Sent(_) => "sent",
        };
        told.insert(owed.person.to_string(), is.to_owned());
    }
    let name = |person: &PersonId| person.to_string();
    let acknowledged = open.and_then(|open| open.stage.acknowledged());
    let acknowledged = acknowledged.or(last.and_then(|last| last.acknowledged.as_ref()));
    let confirmed = open.and_then(|open| open.stage.confirmed_by());
    let confirmed =
        confirmed.or(last.and_then(|last| last.confirmed.as_ref()).map(|holder| &holder.person));
    TestView {
        occurrence: number,
        over: open.is_none(),
        told,
        declined: open.iter().flat_map(|open| &open.declined).map(name).collect(),
        acknowledged_by: acknowledged.map(|holder| name(&holder.person)),
        confirmed_by: confirmed.map(name),
    }
}
