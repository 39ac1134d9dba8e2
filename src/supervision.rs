//! Supervision: where tasks are born, and who awaits their end.
//!
//! Two kinds of tasks live here. The end of an *essential* one ends the daemon: the service manager
//! starts it again, and the journal has everything. An *adapter* that ends or panics is started
//! again after a pause that grows, and its death is an alarm; the others go on.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tracing::{error, warn};

use crate::health::Ended;
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox};
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};

/// The pause before a first new try; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// What has worked for so long begins with the first pause again.
const SETTLED: Duration = Duration::from_secs(300);

/// The one backoff: pauses that double, up to ten seconds: a modem that was plugged in again is
/// not kept waiting.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST_PAUSE }
    }
}

impl Backoff {
    /// The next pause; the one after it is twice as long.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = self.next.saturating_mul(2).min(LONGEST_PAUSE);
        pause
    }

    /// It works again.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// All tasks of the house.
#[derive(Debug)]
pub struct Tasks {
    set: JoinSet<()>,
    names: Vec<(Id, String, bool)>,
    closing: watch::Sender<bool>,
    /// To which deaths are told; let go of when the front of the house is closed.
    inbox: Option<Inbox>,
    clock: Clock,
}

/// An essential task has ended: the daemon cannot go on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` has ended, and Vigie cannot go on without it")]
pub struct EssentialEnded(pub String);

impl Tasks {
    /// No tasks yet; deaths are told to this inbox.
    pub fn new(inbox: Inbox, clock: Clock) -> Self {
        let (closing, _) = watch::channel(false);
        Self { set: JoinSet::new(), names: Vec::new(), closing, inbox: Some(inbox), clock }
    }

    /// What tells that the house is closing.
    pub fn closing(&self) -> Closing {
        Closing::new(self.closing.subscribe())
    }

    /// A task without which the daemon cannot go on.
    pub fn essential(&mut self, name: &str, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.set.spawn(task).id();
        self.names.push((id, name.to_owned(), true));
    }

    /// A task that is started again whenever it ends before the house closes; its death is an alarm.
    pub fn adapter<F>(&mut self, name: InputName, birth: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Ended> + Send + 'static,
    {
        let Some(inbox) = self.inbox.clone() else {
            return;
        };
        let (clock, closing) = (self.clock, self.closing());
        let id = self.set.spawn(keep_alive(name.clone(), birth, inbox, clock, closing)).id();
        self.names.push((id, name.to_string(), false));
    }

    /// Waits until an essential task ends. What else ends is only noted.
    pub async fn essential_end(&mut self) -> EssentialEnded {
        loop {
            let Some(ended) = self.set.join_next_with_id().await else {
                std::future::pending().await
            };
            if let Some(name) = self.ended(ended) {
                return EssentialEnded(name);
            }
        }
    }

    /// Tells every task that the house is closing, and waits for all but these to end, for so long
    /// at most.
    pub async fn close(&mut self, but: &[&str], patience: Duration) {
        self.closing.send_replace(true);
        self.inbox = None;
        let all = async {
            while self.names.iter().any(|(_, name, _)| !but.contains(&name.as_str())) {
                match self.set.join_next_with_id().await {
                    Some(ended) => drop(self.ended(ended)),
                    None => break,
                }
            }
        };
        if tokio::time::timeout(patience, all).await.is_err() {
            warn!("a task did not end in time and is left behind");
        }
    }

    /// Waits for everything that is left to end, for so long at most.
    pub async fn finish(mut self, patience: Duration) {
        self.close(&[], patience).await;
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) -> Option<String> {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let place = self.names.iter().position(|(known, ..)| *known == id)?;
        let (_, name, essential) = self.names.swap_remove(place);
        if let Err(error) = ended {
            error!(task = %name, %error, "a task panicked: please report this");
        }
        essential.then_some(name)
    }
}

async fn keep_alive<F>(
    name: InputName,
    birth: impl Fn() -> F,
    inbox: Inbox,
    clock: Clock,
    mut closing: Closing,
) where
    F: Future<Output = Ended> + Send + 'static,
{
    let mut backoff = Backoff::default();
    // Said once, not every ten seconds of a night without a modem.
    let mut last: Option<String> = None;
    while !closing.is_closing() {
        let born = clock.now().mono;
        // A set of one: when this task is dropped, the adapter does not live on unseen.
        let mut life = JoinSet::new();
        life.spawn(birth());
        let death = life.join_next().await;
        if closing.is_closing() {
            return;
        }
        if born.until(clock.now().mono) > SETTLED {
            backoff.reset();
            last = None;
        }
        let ended = match death {
            Some(Ok(ended)) => ended,
            Some(Err(_)) => Ended {
                alarm: SelfAlarm::InputLost,
                reason: "its adapter panicked: please report this".to_owned(),
            },
            None => Ended { alarm: SelfAlarm::InputLost, reason: "its adapter ended".to_owned() },
        };
        if last.as_deref() != Some(ended.reason.as_str()) {
            error!(input = %name, reason = %ended.reason, "an input is lost; it is tried again");
            last = Some(ended.reason.clone());
        }
        let own = SelfSignal::raised(ended.alarm, name.as_str(), &ended.reason);
        if inbox.tell(Happening::Own(own), clock.now()).await.is_err() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.pause()) => {}
            () = closing.closing() => return,
        }
    }
}
