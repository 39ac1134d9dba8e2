//! What contacts show and mean, for `vigie contacts watch`. Who watches is answered when something has changed, or after a while.
//!
//! The same answer is made for the contacts of the daemon and for those of a command that has opened the devices itself.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::Room;
use super::protocol::{Answer, Refused};
use super::view::told;
use crate::health::{ContactNow, Contacts, Health, News, Reading, Wire};
use crate::watch::name::InputName;
use crate::watch::signal::Kind;

/// For so long an answer is held back at most.
pub const HOLD: Duration = Duration::from_secs(5);
/// So many answers are held back at the same time; others come at once, so that watchers never fill the hall.
pub const HELD: usize = 8;

/// What a watcher knows of each device: the version, and the number of the latest change.
pub type Seen = BTreeMap<String, (u64, u64)>;

/// What a watcher asks.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Watched {
    /// What is known already.
    pub seen: Seen,
    /// For how long the answer may be held back while nothing changes.
    pub hold: Duration,
}

/// A device of contacts.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct DeviceView {
    input: InputName,
    at: Vec<String>,
    state: Wire,
    version: u64,
    last: u64,
    contacts: Vec<ContactNow>,
    /// What changed since the watcher was last told; nothing for one who has just come.
    news: Vec<News>,
}

impl DeviceView {
    fn of(health: Health, contacts: &Contacts, seen: Option<&(u64, u64)>) -> Self {
        let news = seen.map(|(_, last)| contacts.since(*last).cloned().collect());
        Self {
            input: health.name,
            at: health.at,
            state: health.state,
            version: contacts.version(),
            last: contacts.last(),
            contacts: contacts.now().to_vec(),
            news: news.unwrap_or_default(),
        }
    }
}

/// `vigie contacts watch`: the answer is held back until something is another, if there is a place to hold it.
pub(super) async fn contacts(room: &Room, asked: Watched) -> Result<Answer, Refused> {
    let held = room.held.try_acquire();
    let hold = if held.is_ok() { asked.hold.min(HOLD) } else { Duration::ZERO };
    told(Ok(watched(&room.readings(), &asked.seen, hold).await))
}

/// The devices of contacts among these inputs, as soon as any is not as the watcher knows it.
pub async fn watched(inputs: &[Reading], seen: &Seen, hold: Duration) -> Vec<DeviceView> {
    let devices = inputs.iter().filter(|input| input.now().kind == Kind::Contacts);
    let mut devices: Vec<Reading> = devices.cloned().collect();
    let views = look(&mut devices, seen);
    let known = |view: &DeviceView| {
        seen.get(view.input.as_str()).is_some_and(|(version, _)| *version == view.version)
    };
    if !views.iter().all(known) || views.is_empty() {
        return views;
    }
    // Whatever it was: what is true then is looked at anew.
    let _ = timeout(hold, any_changed(&mut devices)).await;
    look(&mut devices, seen)
}

fn look(devices: &mut [Reading], seen: &Seen) -> Vec<DeviceView> {
    let view = |device: &mut Reading| {
        let contacts = device.contacts();
        let health = device.now();
        let known = seen.get(health.name.as_str());
        DeviceView::of(health, &contacts, known)
    };
    devices.iter_mut().map(view).collect()
}

async fn any_changed(devices: &mut [Reading]) {
    let mut waits: Vec<Pin<Box<dyn Future<Output = ()> + Send + '_>>> = Vec::new();
    for device in devices {
        waits.push(Box::pin(device.contacts_changed()));
    }
    poll_fn(|context| {
        let changed = waits.iter_mut().any(|wait| wait.as_mut().poll(context).is_ready());
        if changed { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{What, door, pulse};
    use crate::watch::time::Utc;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn who_has_seen_all_is_answered_when_something_changes_and_who_has_not_at_once() {
        let name = InputName::from("contacts.cabinet");
        let (pulse, reading) = pulse(name, Kind::Contacts, Vec::new(), Utc::default());
        pulse.contacts(|contacts| contacts.wire([door()]));
        let inputs = [reading];
        let first = watched(&inputs, &Seen::new(), LONG).await;
        assert_eq!((first[0].contacts.len(), first[0].news.len()), (1, 0));
        let seen = Seen::from([("contacts.cabinet".to_owned(), (first[0].version, first[0].last))]);
        let same = watched(&inputs, &seen, Duration::from_millis(1)).await;
        assert_eq!(same, first, "nothing has changed, and the time is over");
        let change = async {
            pulse.contacts(|contacts| {
                contacts.note(0, Utc::default(), Some(What::Edge), |door| door.edges = 1);
            });
        };
        let (news, ()) = tokio::join!(watched(&inputs, &seen, LONG), change);
        assert_eq!((news[0].contacts[0].edges, news[0].news.len()), (1, 1));
    }
}
