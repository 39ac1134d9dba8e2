//! What speaks on the publishing connection: what is to be said next, and when the broker has taken it.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{info, warn};

use super::flight::Flight;
use super::listener::{Heard, Ordered};
use super::orders;
use super::questions::{self, Kept};
use super::unsaid::Unsaid;
use super::words::{Reply, Topics};
use crate::adapters::mqtt::connection::{FAREWELL, Input, Progress, SETTLED};
use crate::adapters::mqtt::counts;
use crate::adapters::mqtt::lost::Lost;
use crate::adapters::mqtt::troubles::Way;
use crate::adapters::mqtt::wire::{Cut, Line, Served, Word};
use crate::changes::{Changed, Follower};
use crate::health::Wire as State;
use crate::inbox::Closing;
use crate::watch::alarm::AlarmNumber;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Moment, Mono};

/// So many alarms are asked for at once.
const TOGETHER: usize = 64;
/// So many words wait at most, besides those of the alarms that are said next: kept messages of a stranger must not fill our memory.
const MOST_WORDS: usize = 1_024;
/// So many orders wait at most. One is obeyed at a time, and the state of alarms is said in between.
const MOST_ORDERS: usize = 64;
/// What was refused is asked for and said again after so long: an account may be allowed more by then.
const AGAIN: Duration = Duration::from_secs(300);

/// What speaks.
pub(super) struct Speaker<'s> {
    input: &'s Input<'s>,
    pub(super) topics: Topics<'s>,
    pub(super) line: &'s Line,
    follower: Follower,
    progress: &'s mut Progress,
    unsaid: Unsaid,
    /// The alarms whose sensor was announced by this connection.
    announced: HashSet<AlarmNumber>,
    words: VecDeque<Word>,
    flight: &'s mut Flight,
    orders: VecDeque<Ordered>,
    /// Since when it is found out whether the broker takes what we say.
    trial: Mono,
    /// Whether it has taken something since, and all that there was to say.
    has_taken: bool,
    has_said_all: bool,
    /// Why the broker does not let us, and when it is tried again.
    refused: Option<(String, Mono)>,
    /// When it was asked for what it has kept of us; `None` when nothing old is left.
    asked_for_kept: Option<Mono>,
    /// Whether something was taken away since.
    has_taken_away: bool,
}

impl<'s> Speaker<'s> {
    pub(super) fn new(
        input: &'s Input<'s>,
        topics: Topics<'s>,
        line: &'s Line,
        follower: Follower,
        progress: &'s mut Progress,
        flight: &'s mut Flight,
    ) -> Self {
        Self {
            input,
            topics,
            line,
            follower,
            progress,
            unsaid: Unsaid::default(),
            announced: HashSet::new(),
            words: VecDeque::new(),
            flight,
            orders: VecDeque::new(),
            trial: input.clock.now().mono,
            has_taken: false,
            has_said_all: false,
            refused: None,
            asked_for_kept: None,
            has_taken_away: false,
        }
    }

    /// Speaks until the connection cannot go on, or the house closes; then it takes leave.
    pub(super) async fn speak(
        &mut self,
        mut heard: mpsc::Receiver<Heard>,
        closing: &mut Closing,
    ) -> Lost {
        let mut came = Vec::with_capacity(TOGETHER);
        let lost = loop {
            let step = tokio::select! {
                biased;
                () = closing.closing() => Err(Lost::Stopping),
                count = heard.recv_many(&mut came, TOGETHER) => match count {
                    0 => Err(Lost::Closed),
                    _ => self.take(&mut came).await,
                },
                changed = self.follower.next(), if self.progress.accepted.is_some() => {
                    match changed {
                        Some(changed) => self.note(changed).await,
                        None => Err(Lost::Stopping),
                    }
                }
                () = std::future::ready(()), if !self.orders.is_empty() => {
                    self.next_order(closing).await
                }
            };
            if let Err(lost) = step.and(self.say_what_there_is_room_for().await) {
                break lost;
            }
            if let Err(lost) = self.look_back().await {
                break lost;
            }
        };
        if lost == Lost::Stopping {
            self.take_leave(heard).await;
        }
        lost
    }

    /// What the broker does not let us, if it said so.
    pub(super) fn refused(&self) -> Option<&str> {
        self.refused.as_ref().map(|(reason, _)| reason.as_str())
    }

    /// After each step, so that neither orders nor what the broker has kept keep an alarm waiting.
    async fn say_what_there_is_room_for(&mut self) -> Result<(), Lost> {
        while self.progress.accepted.is_some() && self.flight.has_room() {
            // Of some alarms there is nothing to be said: then the next ones are looked at.
            while self.words.is_empty() && self.find_words().await? {}
            let Some(word) = self.words.pop_front() else {
                self.has_said_all |= self.flight.is_empty() && self.has_taken;
                return Ok(());
            };
            if self.flight.is_set_aside(&word.topic) {
                continue;
            }
            self.flight.begin(&word.topic, self.input.clock.now().mono);
            self.line.publish(word).map_err(cut)?;
        }
        Ok(())
    }

    /// Finds out what the next alarms are like; says whether there were any.
    async fn find_words(&mut self) -> Result<bool, Lost> {
        let some: Vec<AlarmNumber> =
            std::iter::from_fn(|| self.unsaid.next()).take(TOGETHER).collect();
        if some.is_empty() {
            return Ok(false);
        }
        let (site, views) = questions::views(self.input.inbox, some).await?;
        for (number, view) in views {
            if self.announced.insert(number) {
                match self.topics.sensor(&view, &site) {
                    Ok(sensor) => self.words.extend(sensor),
                    Err(error) => {
                        warn!(alarm = %view.definition, %error, "a sensor cannot be announced");
                    }
                }
            }
            match self.topics.state(&view) {
                Ok(word) => self.words.push_back(word),
                Err(error) => {
                    warn!(alarm = %view.definition, %error, "an alarm could not be written as JSON: please report this");
                }
            }
        }
        Ok(true)
    }

    async fn note(&mut self, changed: Changed) -> Result<(), Lost> {
        match changed {
            Changed::Alarms(alarms) => self.unsaid.changed(alarms),
            Changed::Everything => self.everything().await?,
        }
        Ok(())
    }

    async fn everything(&mut self) -> Result<(), Lost> {
        self.unsaid.again(questions::all(self.input.inbox).await?);
        Ok(())
    }

    async fn take(&mut self, came: &mut Vec<Heard>) -> Result<(), Lost> {
        let mut kept = Vec::new();
        for heard in came.drain(..) {
            match heard {
                Heard::Accepted => self.begin()?,
                Heard::Subscribed(answers) => self.subscribed(&answers).await?,
                Heard::Taken(taken) => self.taken(taken).await?,
                Heard::Kept { topic, payload } => {
                    let alarm = self.topics.alarm_of(&topic, &payload);
                    // An empty payload is how something kept is taken away.
                    if !payload.is_empty() || alarm.is_some() {
                        kept.push((topic, alarm));
                    }
                }
                Heard::Ordered(ordered) => self.ordered(ordered)?,
                Heard::Sign => {}
            }
        }
        if kept.is_empty() { Ok(()) } else { self.take_away(kept).await }
    }

    /// The broker has accepted us: it is told that we are there, and asked for what it kept, and for what people order.
    fn begin(&mut self) -> Result<(), Lost> {
        let Input { settings, clock, .. } = *self.input;
        let now = clock.now().mono;
        (self.progress.accepted, self.trial) = (Some(now), now);
        info!(input = %settings.name, broker = %settings.broker, prefix = self.topics.0.prefix.as_str(), "the broker takes what we publish");
        self.words.push_front(self.topics.status(true));
        self.subscribe()
    }

    fn subscribe(&mut self) -> Result<(), Lost> {
        self.ask_for_kept()?;
        if self.topics.0.commands {
            self.line.subscribe(&[&self.topics.orders()], false).map_err(cut)?;
        }
        Ok(())
    }

    fn ask_for_kept(&mut self) -> Result<(), Lost> {
        let kept = self.topics.kept();
        let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
        self.asked_for_kept = Some(self.input.clock.now().mono);
        self.line.subscribe(&kept, true).map_err(cut)
    }

    async fn subscribed(&mut self, answers: &[Result<Served, &'static str>]) -> Result<(), Lost> {
        match answers.iter().find_map(|answer| answer.err()) {
            Some(why) => self.refuse("read beneath", why).await,
            None => Ok(()),
        }
    }

    async fn taken(&mut self, taken: Result<(), &'static str>) -> Result<(), Lost> {
        self.flight.end();
        match taken {
            Ok(()) => {
                self.has_taken = true;
                self.input.pulse.count(counts::PUBLISHED);
                Ok(())
            }
            Err(why) => self.refuse("publish beneath", why).await,
        }
    }

    /// The broker does not let us: that is told once for each reason, and tried again.
    async fn refuse(&mut self, what: &str, why: &'static str) -> Result<(), Lost> {
        let now = self.input.clock.now();
        let again = now.mono.after(AGAIN);
        self.progress.works = false;
        let Input { settings, inbox, pulse, .. } = *self.input;
        let prefix = self.topics.0.prefix.as_str();
        let reason = format!("the broker does not let us {what} `{prefix}`: {why}");
        let before = self.refused.replace((reason.clone(), again));
        if before.is_some_and(|(known, _)| known == reason) {
            return Ok(());
        }
        warn!(input = %settings.name, %reason, "the state of alarms is not told to the broker");
        Way::Publishing.show(pulse, State::Down(reason.clone()), now.utc);
        let own = SelfSignal::raised(SelfAlarm::OutputLost, settings.name.as_str(), &reason);
        Ok(inbox.tell(Happening::Own(own), now).await?)
    }

    /// What the broker has kept of alarms that are no more, it shall keep no longer.
    async fn take_away(&mut self, kept: Vec<Kept>) -> Result<(), Lost> {
        for topic in questions::gone(self.input.inbox, kept).await? {
            // What finds no room is found again when the broker is asked the next time.
            self.has_taken_away = true;
            if self.words.len() < MOST_WORDS {
                self.input.pulse.count(counts::TAKEN_AWAY);
                self.words.push_back(Word { topic, payload: Vec::new(), retained: true });
            }
        }
        Ok(())
    }

    fn ordered(&mut self, ordered: Ordered) -> Result<(), Lost> {
        self.input.pulse.count(counts::ORDERS);
        let sentence = match ordered.retained {
            true => orders::RETAINED,
            false if self.orders.len() >= MOST_ORDERS => orders::TOO_MANY,
            false => {
                self.orders.push_back(ordered);
                return Ok(());
            }
        };
        let reply = orders::refused(&ordered.order, ordered.written.clone(), sentence);
        self.reply(&ordered, &reply)
    }

    /// Obeys the order that has waited longest, and answers; the broker hears that it was received when that is on disk.
    async fn next_order(&mut self, closing: &mut Closing) -> Result<(), Lost> {
        let Some(ordered) = self.orders.pop_front() else { return Ok(()) };
        let obeyed = orders::obey(&ordered.order, ordered.written.clone(), self.input);
        let reply = tokio::select! {
            reply = obeyed => reply,
            () = closing.closing() => return Err(Lost::Stopping),
        };
        self.reply(&ordered, &reply)
    }

    fn reply(&mut self, ordered: &Ordered, reply: &Reply) -> Result<(), Lost> {
        match self.topics.reply(&ordered.order.account, reply) {
            // Who orders faster than the broker takes the answers misses some of them.
            Ok(word) if self.words.len() < MOST_WORDS => self.words.push_back(word),
            Ok(_) => {}
            Err(error) => warn!(%error, "an answer could not be written: please report this"),
        }
        ordered.delivery.map_or(Ok(()), |delivery| self.line.acknowledge(delivery).map_err(cut))
    }

    /// After each step: whether it works, and whether something must be tried again.
    async fn look_back(&mut self) -> Result<(), Lost> {
        let now = self.input.clock.now();
        let Some(accepted) = self.progress.accepted else { return Ok(()) };
        if self.flight.is_late(now.mono) {
            return Err(Lost::Unanswered);
        }
        self.look_for_old(now)?;
        if self.refused.as_ref().is_some_and(|(_, again)| *again <= now.mono) {
            self.refused = None;
            (self.trial, self.has_taken, self.has_said_all) = (now.mono, false, false);
            self.announced.clear();
            self.subscribe()?;
            return self.everything().await;
        }
        self.progress.doubted &= accepted.until(now.mono) < SETTLED;
        let has_proved =
            self.has_taken && (self.has_said_all || self.trial.until(now.mono) >= SETTLED);
        if self.refused.is_none() && has_proved && !self.progress.doubted {
            self.works(now).await?;
        }
        Ok(())
    }

    /// Whether the broker is to be asked again for what it has kept, or needs no longer tell us.
    fn look_for_old(&mut self, now: Moment) -> Result<(), Lost> {
        let is_over = self.asked_for_kept.is_some_and(|asked| asked.until(now.mono) >= SETTLED);
        if !is_over || !self.words.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.has_taken_away) {
            return self.ask_for_kept();
        }
        self.asked_for_kept = None;
        for filter in self.topics.kept() {
            self.line.unsubscribe(&filter).map_err(cut)?;
        }
        Ok(())
    }

    async fn works(&mut self, now: Moment) -> Result<(), Lost> {
        if std::mem::replace(&mut self.progress.works, true) {
            return Ok(());
        }
        let Input { settings, inbox, pulse, .. } = *self.input;
        Way::Publishing.show(pulse, State::Up, now.utc);
        let over = SelfSignal::cleared(SelfAlarm::OutputLost, settings.name.as_str());
        Ok(inbox.tell(Happening::Own(over), now).await?)
    }

    /// Says that we are gone, and waits a moment until the broker has taken it.
    async fn take_leave(&mut self, mut heard: mpsc::Receiver<Heard>) {
        let status = self.topics.status(false);
        self.flight.begin(&status.topic, self.input.clock.now().mono);
        if self.progress.accepted.is_none() || self.line.publish(status).is_err() {
            return;
        }
        let all = async {
            while !self.flight.is_empty() {
                match heard.recv().await {
                    Some(Heard::Taken(_)) => self.flight.end(),
                    Some(_) => {}
                    None => return,
                }
            }
        };
        let _ = timeout(FAREWELL, all).await;
    }
}

fn cut(_: Cut) -> Lost {
    Lost::Closed
}
