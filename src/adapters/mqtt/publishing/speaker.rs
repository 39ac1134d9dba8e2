//! What speaks on the publishing connection: what is to be said next, and when the broker has taken it.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{info, warn};

use super::listener::{Heard, Ordered};
use super::orders;
use super::words::Topics;
use crate::adapters::mqtt::connection::{FAREWELL, Input, Progress, SETTLED};
use crate::adapters::mqtt::counts;
use crate::adapters::mqtt::lost::Lost;
use crate::adapters::mqtt::troubles::Way;
use crate::adapters::mqtt::wire::{Cut, Line, Served, Word};
use crate::board::{AlarmView, alarm_view};
use crate::changes::{Changed, Follower};
use crate::health::Wire as State;
use crate::inbox::Closing;
use crate::watch::Watch;
use crate::watch::alarm::AlarmNumber;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::Mono;

/// So many words are in flight at most: fewer than the library and the usual broker admit, so that no packet id comes round twice.
const IN_FLIGHT: usize = 16;
/// So many alarms are asked for at once.
const TOGETHER: usize = 64;
/// So many words wait at most, besides those of the alarms that are said next: kept messages of a stranger must not fill our memory.
const MOST_WORDS: usize = 1_024;
/// What was refused is said again after so long: an account may be allowed more by then.
const AGAIN: Duration = Duration::from_secs(300);

/// What speaks.
pub(super) struct Speaker<'s> {
    input: &'s Input<'s>,
    topics: Topics<'s>,
    line: &'s Line,
    follower: Follower,
    progress: &'s mut Progress,
    /// The alarms whose state is still to be said.
    unsaid: BTreeSet<AlarmNumber>,
    /// The alarms whose sensor was announced by this connection.
    announced: HashSet<AlarmNumber>,
    words: VecDeque<Word>,
    in_flight: usize,
    /// Why the broker does not take what we say, and when it is said again.
    refused: Option<(&'static str, Mono)>,
    /// Whether more was kept than could be taken away at once: it is asked for again.
    has_more: bool,
    /// Whether everything was said once, and nothing old is left.
    is_complete: bool,
}

impl<'s> Speaker<'s> {
    pub(super) fn new(
        input: &'s Input<'s>,
        topics: Topics<'s>,
        line: &'s Line,
        follower: Follower,
        progress: &'s mut Progress,
    ) -> Self {
        Self {
            input,
            topics,
            line,
            follower,
            progress,
            unsaid: BTreeSet::new(),
            announced: HashSet::new(),
            words: VecDeque::new(),
            in_flight: 0,
            refused: None,
            has_more: false,
            is_complete: false,
        }
    }

    /// Speaks until the connection cannot go on, or the house closes.
    pub(super) async fn speak(
        &mut self,
        mut heard: mpsc::Receiver<Heard>,
        closing: &mut Closing,
    ) -> Lost {
        let mut came = Vec::with_capacity(TOGETHER);
        loop {
            let step = tokio::select! {
                biased;
                () = closing.closing() => {
                    self.take_leave(heard).await;
                    return Lost::Stopping;
                }
                count = heard.recv_many(&mut came, TOGETHER) => {
                    if count == 0 {
                        return Lost::Closed;
                    }
                    self.take(&mut came, closing).await
                }
                changed = self.follower.next(), if self.progress.accepted.is_some() => {
                    match changed {
                        Some(changed) => self.note(changed).await,
                        None => return Lost::Stopping,
                    }
                }
                () = std::future::ready(()), if self.has_something_to_say() => self.say().await,
            };
            if let Err(lost) = step.and(self.look_back().await) {
                return lost;
            }
        }
    }

    fn has_something_to_say(&self) -> bool {
        let has_some = !self.words.is_empty() || !self.unsaid.is_empty();
        self.progress.accepted.is_some() && has_some && self.in_flight < IN_FLIGHT
    }

    /// Says one word; where none is ready, finds out what the next alarms are like.
    async fn say(&mut self) -> Result<(), Lost> {
        if self.words.is_empty() {
            self.find_words().await?;
        }
        if let Some(word) = self.words.pop_front() {
            self.line.publish(word).map_err(cut)?;
            self.in_flight = self.in_flight.saturating_add(1);
        }
        Ok(())
    }

    async fn find_words(&mut self) -> Result<(), Lost> {
        let mut some = Vec::with_capacity(TOGETHER);
        while some.len() < TOGETHER
            && let Some(number) = self.unsaid.pop_first()
        {
            some.push(number);
        }
        let asked = move |watch: &Watch| {
            let view = |number: &AlarmNumber| Some((*number, alarm_view(watch, *number)?));
            let views: Vec<(AlarmNumber, AlarmView)> = some.iter().filter_map(view).collect();
            (watch.site().name.clone(), views)
        };
        let (site, views) = self.input.inbox.ask(asked).await?;
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
        Ok(())
    }

    async fn note(&mut self, changed: Changed) -> Result<(), Lost> {
        match changed {
            Changed::Alarms(alarms) => self.unsaid.extend(alarms),
            Changed::Everything => self.everything().await?,
        }
        Ok(())
    }

    async fn everything(&mut self) -> Result<(), Lost> {
        let all = |watch: &Watch| -> Vec<AlarmNumber> {
            watch.state().alarms().map(|alarm| alarm.number).collect()
        };
        self.unsaid.extend(self.input.inbox.ask(all).await?);
        Ok(())
    }

    async fn take(&mut self, came: &mut Vec<Heard>, closing: &mut Closing) -> Result<(), Lost> {
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
                Heard::Ordered(ordered) => tokio::select! {
                    replied = self.reply(ordered) => replied?,
                    () = closing.closing() => return Err(Lost::Stopping),
                },
                Heard::Sign => {}
            }
        }
        if kept.is_empty() { Ok(()) } else { self.take_away(kept).await }
    }

    /// Obeys, and answers; the broker hears that it was received when that is on disk.
    async fn reply(&mut self, ordered: Ordered) -> Result<(), Lost> {
        let Ordered { order, written, retained, delivery } = ordered;
        self.input.pulse.count(counts::ORDERS);
        let reply = if retained {
            orders::refused(&order, written, orders::RETAINED)
        } else {
            orders::obey(&order, written, self.input).await
        };
        match self.topics.reply(&order.account, &reply) {
            // Who orders faster than the broker takes the answers misses some of them.
            Ok(word) if self.words.len() < MOST_WORDS => self.words.push_back(word),
            Ok(_) => {}
            Err(error) => {
                warn!(%error, "an answer could not be written as JSON: please report this")
            }
        }
        match delivery {
            Some(delivery) => self.line.acknowledge(delivery).map_err(cut),
            None => Ok(()),
        }
    }

    /// The broker has accepted us: it is told that we are there, and asked for what it kept, and for what people order.
    fn begin(&mut self) -> Result<(), Lost> {
        let Input { settings, clock, .. } = *self.input;
        self.progress.accepted = Some(clock.now().mono);
        info!(input = %settings.name, broker = %settings.broker, prefix = self.topics.0.prefix.as_str(), "the broker takes what we publish");
        self.ask_for_kept()?;
        if self.topics.0.commands {
            self.line.subscribe(&[&self.topics.orders()], false).map_err(cut)?;
        }
        self.words.push_front(self.topics.status(true));
        Ok(())
    }

    fn ask_for_kept(&self) -> Result<(), Lost> {
        let kept = self.topics.kept();
        let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
        self.line.subscribe(&kept, true).map_err(cut)
    }

    async fn subscribed(&mut self, answers: &[Result<Served, &'static str>]) -> Result<(), Lost> {
        let refused = answers.iter().find_map(|answer| answer.err());
        match refused {
            Some(why) => self.refuse("read beneath", why).await,
            None => Ok(()),
        }
    }

    async fn taken(&mut self, taken: Result<(), &'static str>) -> Result<(), Lost> {
        self.in_flight = self.in_flight.saturating_sub(1);
        match taken {
            Ok(()) => {
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
        if self.refused.replace((why, again)).is_some_and(|(known, _)| known == why) {
            return Ok(());
        }
        let Input { settings, inbox, pulse, .. } = *self.input;
        let prefix = self.topics.0.prefix.as_str();
        let reason = format!("the broker does not let us {what} `{prefix}`: {why}");
        warn!(input = %settings.name, %reason, "the state of alarms is not told to the broker");
        Way::Publishing.show(pulse, State::Down(reason.clone()), now.utc);
        let own = SelfSignal::raised(SelfAlarm::OutputLost, settings.name.as_str(), &reason);
        Ok(inbox.tell(Happening::Own(own), now).await?)
    }

    /// What the broker has kept of alarms that are no more, it shall keep no longer.
    async fn take_away(
        &mut self,
        kept: Vec<(String, Option<(String, String)>)>,
    ) -> Result<(), Lost> {
        let gone = move |watch: &Watch| -> Vec<String> {
            let is_there = |alarm: &Option<(String, String)>| {
                alarm.as_ref().is_some_and(|(definition, key)| {
                    let alarm = watch.state().alarm(definition, key);
                    alarm.is_some_and(|alarm| alarm_view(watch, alarm.number).is_some())
                })
            };
            let gone = kept.into_iter().filter(|(_, alarm)| !is_there(alarm));
            gone.map(|(topic, _)| topic).collect()
        };
        for topic in self.input.inbox.ask(gone).await? {
            if self.words.len() >= MOST_WORDS {
                self.has_more = true;
                break;
            }
            self.input.pulse.count(counts::TAKEN_AWAY);
            self.words.push_back(Word { topic, payload: Vec::new(), retained: true });
        }
        Ok(())
    }

    /// After each step: whether all was said, or something must be said again.
    async fn look_back(&mut self) -> Result<(), Lost> {
        let now = self.input.clock.now();
        let Some(accepted) = self.progress.accepted else { return Ok(()) };
        let is_said = self.words.is_empty() && self.unsaid.is_empty() && self.in_flight == 0;
        if is_said && !self.is_complete {
            if std::mem::take(&mut self.has_more) {
                return self.ask_for_kept();
            }
            self.is_complete = true;
            for filter in self.topics.kept() {
                self.line.unsubscribe(&filter).map_err(cut)?;
            }
        }
        if let Some((_, again)) = self.refused
            && again <= now.mono
            && is_said
        {
            self.refused = None;
            self.announced.clear();
            return self.everything().await;
        }
        self.progress.doubted &= accepted.until(now.mono) < SETTLED;
        let works = is_said && self.refused.is_none() && !self.progress.doubted;
        if works && !std::mem::replace(&mut self.progress.works, true) {
            let Input { settings, inbox, pulse, .. } = *self.input;
            Way::Publishing.show(pulse, State::Up, now.utc);
            let over = SelfSignal::cleared(SelfAlarm::OutputLost, settings.name.as_str());
            inbox.tell(Happening::Own(over), now).await?;
        }
        Ok(())
    }

    /// Says that we are gone, and waits a moment until the broker has taken it.
    async fn take_leave(&mut self, mut heard: mpsc::Receiver<Heard>) {
        if self.progress.accepted.is_none() || self.line.publish(self.topics.status(false)).is_err()
        {
            return;
        }
        self.in_flight = self.in_flight.saturating_add(1);
        let all = async {
            while self.in_flight > 0 {
                match heard.recv().await {
                    Some(Heard::Taken(_)) => self.in_flight = self.in_flight.saturating_sub(1),
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
