//! Supervision: where tasks are born, and who awaits their end.
//!
//! Two kinds of tasks live here. The end of an *essential* one ends the daemon: the service manager
//! starts it again, and the journal has everything. An *adapter* that ends or panics is started
//! again after a pause that grows, and its death is an alarm; the others go on. It can be ended alone, when its table in the files
//! is another one or is gone: that is no death, and nobody is told.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
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
/// So long a task that is cut off may still be at work.
const CUT_OFF: Duration = Duration::from_secs(1);
/// What has worked for so long begins with the first pause again.
const SETTLED: Duration = Duration::from_secs(300);

/// The backoff of whoever is born again: pauses that double, up to ten seconds: a modem that was plugged in again is
/// not kept waiting. (A connection to a broker has one of its own, within one life.)
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
    born: Vec<Born>,
    closing: watch::Sender<bool>,
    /// An essential task that ended while something else was waited for.
    missed: Option<String>,
    /// To which deaths are told; let go of when the front of the house is closed.
    inbox: Option<Inbox>,
    clock: Clock,
}

/// A task that has not ended.
#[derive(Debug)]
struct Born {
    name: String,
    handle: AbortHandle,
    /// What tells it alone to close; `None` for an essential one, which closes with the house.
    closing: Option<watch::Sender<bool>>,
}

/// An essential task has ended: the daemon cannot go on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` has ended, and Vigie cannot go on without it")]
pub struct EssentialEnded(pub String);

impl Tasks {
    /// No tasks yet; deaths are told to this inbox.
    pub fn new(inbox: Inbox, clock: Clock) -> Self {
        let (closing, _) = watch::channel(false);
        Self {
            set: JoinSet::new(),
            born: Vec::new(),
            closing,
            missed: None,
            inbox: Some(inbox),
            clock,
        }
    }

    /// What tells that the house is closing.
    pub fn closing(&self) -> Closing {
        Closing::new(self.closing.subscribe())
    }

    /// A task without which the daemon cannot go on.
    pub fn essential(&mut self, name: &str, task: impl Future<Output = ()> + Send + 'static) {
        let handle = self.set.spawn(task);
        self.born.push(Born { name: name.to_owned(), handle, closing: None });
    }

    /// A task that is started again whenever it ends before it is told to close; its death is an alarm. Each life is given what
    /// tells it that.
    pub fn adapter<F>(
        &mut self,
        name: InputName,
        birth: impl Fn(Closing) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = Ended> + Send + 'static,
    {
        let Some(inbox) = self.inbox.clone() else {
            return;
        };
        let (close, closing) = watch::channel(false);
        let (told, closing, clock) = (name.to_string(), Closing::new(closing), self.clock);
        let handle = self.set.spawn(keep_alive(name, birth, inbox, clock, closing));
        self.born.push(Born { name: told, handle, closing: Some(close) });
    }

    /// Tells these adapters to close, and waits for their end, for so long at most; who is not done by then is cut off at what it
    /// waits for.
    pub async fn end(&mut self, names: &[InputName], patience: Duration) {
        let is_one = |task: &Born| {
            task.closing.is_some() && names.iter().any(|name| name.as_str() == task.name)
        };
        let ending: Vec<AbortHandle> = self
            .born
            .iter()
            .filter(|task| is_one(task))
            .inspect(|task| task.close())
            .map(|task| task.handle.clone())
            .collect();
        if tokio::time::timeout(patience, self.until_ended(&ending)).await.is_ok() {
            return;
        }
        for task in ending.iter().filter(|task| !task.is_finished()) {
            let name = self.born.iter().find(|born| born.handle.id() == task.id());
            let name = name.map_or("", |born| born.name.as_str());
            warn!(input = %name, "an input does not close in time and is cut off");
            task.abort();
        }
        // What waits for nothing and is at work for long ends at its next wait, and holds up nobody here.
        let _ = tokio::time::timeout(CUT_OFF, self.until_ended(&ending)).await;
    }

    /// Waits until all of these have ended. May be dropped and asked again.
    async fn until_ended(&mut self, tasks: &[AbortHandle]) {
        while tasks.iter().any(|task| self.born.iter().any(|born| born.handle.id() == task.id())) {
            let Some(ended) = self.set.join_next_with_id().await else { return };
            let missed = self.ended(ended);
            self.missed = self.missed.take().or(missed);
        }
    }

    /// Waits until an essential task ends. What else ends is only noted.
    pub async fn essential_end(&mut self) -> EssentialEnded {
        loop {
            if let Some(name) = self.missed.take() {
                return EssentialEnded(name);
            }
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
        self.born.iter().for_each(Born::close);
        self.inbox = None;
        let all = async {
            while self.born.iter().any(|task| !but.contains(&task.name.as_str())) {
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
        let place = self.born.iter().position(|task| task.handle.id() == id)?;
        let Born { name, closing, .. } = self.born.swap_remove(place);
        // One that was cut off was wanted to end.
        if let Err(error) = ended
            && error.is_panic()
        {
            error!(task = %name, %error, "a task panicked: please report this");
        }
        closing.is_none().then_some(name)
    }
}

impl Born {
    /// Tells it to close, if it is one that can be told alone.
    fn close(&self) {
        if let Some(closing) = &self.closing {
            closing.send_replace(true);
        }
    }
}

async fn keep_alive<F>(
    name: InputName,
    birth: impl Fn(Closing) -> F,
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
        life.spawn(birth(closing.clone()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::inbox;

    const SOON: Duration = Duration::from_millis(50);
    const LIMIT: Duration = Duration::from_secs(30);

    fn lost() -> Ended {
        Ended { alarm: SelfAlarm::InputLost, reason: "gone".to_owned() }
    }

    #[tokio::test]
    async fn an_adapter_that_is_told_to_close_does_and_the_others_live_on() {
        let (inbox, mut letters) = inbox();
        let mut tasks = Tasks::new(inbox, Clock::new());
        let (alive, mut living) = tokio::sync::mpsc::channel(8);
        for name in ["gsm.a", "gsm.b"] {
            let alive = alive.clone();
            tasks.adapter(InputName::new(name), move |mut closing| {
                let alive = alive.clone();
                async move {
                    let _ = alive.send(name).await;
                    closing.closing().await;
                    lost()
                }
            });
        }
        let both = [living.recv().await, living.recv().await];
        assert_eq!(both, [Some("gsm.a"), Some("gsm.b")]);
        tasks.end(&[InputName::new("gsm.a")], LIMIT).await;
        let left: Vec<&str> = tasks.born.iter().map(|task| task.name.as_str()).collect();
        assert_eq!(left, ["gsm.b"]);
        assert!(letters.try_recv().is_err(), "that it ended is no alarm");
        tasks.close(&[], LIMIT).await;
        assert!(tasks.born.is_empty(), "it hears the house as well");
    }

    #[tokio::test]
    async fn an_adapter_that_does_not_close_in_time_is_cut_off() {
        let (inbox, _letters) = inbox();
        let mut tasks = Tasks::new(inbox, Clock::new());
        tasks.adapter(InputName::new("gsm.a"), |_| std::future::pending());
        tasks.end(&[InputName::new("gsm.a")], SOON).await;
        assert!(tasks.born.is_empty());
    }

    #[tokio::test]
    async fn an_essential_task_that_ends_meanwhile_is_not_missed() {
        let (inbox, _letters) = inbox();
        let mut tasks = Tasks::new(inbox, Clock::new());
        tasks.essential("sequencer", std::future::ready(()));
        tasks.adapter(InputName::new("gsm.a"), |_| std::future::pending());
        tasks.end(&[InputName::new("gsm.a")], SOON).await;
        assert_eq!(tasks.essential_end().await, EssentialEnded("sequencer".to_owned()));
    }
}
