//! What is subscribed to, and how the broker serves it.
//!
//! All filters are asked for at every connection: a broker may have forgotten them, and what it kept under them is sent anew,
//! which tells how everything stands. They are asked for a few at a time, the next when the last were answered. What the broker
//! refuses is an alarm that names it, and is asked for again every few minutes: an account may be allowed more by then. What it
//! serves with QoS 0 where QoS 1 was asked is in the same alarm: nobody sends that again. It is not asked for again before the next
//! connection, since each time brings what is retained once more, and such a broker has its reasons.

use std::collections::HashSet;
use std::time::Duration;

use tracing::{info, warn};
use vigie_mqtt::{Filter, Topic};

use super::lost::Lost;
use super::wire::{Cut, Line, Served};
use crate::config::{MqttSettings, Qos};
use crate::health::{Pulse, Subscription, Supply};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::Mono;

/// So many are asked for in one packet: brokers have bounds for those as well.
const TOGETHER: usize = 16;
/// A broker answers within this time.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often what was refused is asked for again.
const AGAIN: Duration = Duration::from_secs(300);
/// So many old topics are taken leave of; more are only counted.
const MOST_OLD: usize = 256;

/// The subscriptions of one connection.
pub(super) struct Subscriptions<'c> {
    settings: &'c MqttSettings,
    /// How each filter is served, in the order of the settings; `None` until the broker has said so.
    served: Vec<Option<Result<Served, &'static str>>>,
    /// Which have been asked for and are not answered.
    asked: Vec<usize>,
    /// When those were asked for, or what was refused is to be asked for again.
    due: Option<Mono>,
}

impl<'c> Subscriptions<'c> {
    pub(super) fn new(settings: &'c MqttSettings) -> Self {
        let served = vec![None; settings.topics.len()];
        Self { settings, served, asked: Vec::new(), due: None }
    }

    /// Asks for what was not answered yet; says whether there was any.
    pub(super) fn ask(&mut self, line: &Line, now: Mono) -> Result<bool, Lost> {
        let open = self.served.iter().enumerate().filter(|(_, served)| served.is_none());
        self.asked = open.map(|(place, _)| place).take(TOGETHER).collect();
        if self.asked.is_empty() {
            return Ok(false);
        }
        let filters: Vec<&str> = self
            .asked
            .iter()
            .filter_map(|place| self.settings.topics.get(*place))
            .map(Filter::as_str)
            .collect();
        line.subscribe(&filters, self.settings.qos == Qos::AtMostOnce).map_err(cut)?;
        self.due = Some(now.after(PATIENCE));
        Ok(true)
    }

    /// The broker has answered what was asked; says whether all is answered now.
    pub(super) fn answered(
        &mut self,
        answers: &[Result<Served, &'static str>],
        line: &Line,
        now: Mono,
    ) -> Result<bool, Lost> {
        if answers.len() != self.asked.len() {
            let words = "it answers a subscription with another number of topics".to_owned();
            return Err(Lost::Protocol(words));
        }
        for (place, answer) in std::mem::take(&mut self.asked).into_iter().zip(answers) {
            if let Some(served) = self.served.get_mut(place) {
                *served = Some(*answer);
            }
        }
        let more = self.ask(line, now)?;
        if !more {
            let any = self.refused().next().is_some();
            self.due = any.then(|| now.after(AGAIN));
        }
        Ok(!more)
    }

    /// Time passes: the broker must have answered by now, or is asked again for what it refused.
    pub(super) fn tick(&mut self, line: &Line, now: Mono) -> Result<(), Lost> {
        if self.due.is_none_or(|due| now < due) {
            return Ok(());
        }
        if !self.asked.is_empty() {
            return Err(Lost::NotSubscribed);
        }
        for served in &mut self.served {
            if matches!(served, Some(Err(_))) {
                *served = None;
            }
        }
        self.ask(line, now).map(|_| ())
    }

    /// What is told of them: an alarm with those that are not served as asked, or its end.
    pub(super) fn told(&self) -> SelfSignal {
        let name = &self.settings.name;
        let is_asked_once = self.settings.qos == Qos::AtMostOnce;
        let refused =
            self.settings.topics.iter().zip(&self.served).filter_map(|(filter, served)| {
                let why = match served {
                    Some(Err(why)) => why,
                    Some(Ok(Served::AtMostOnce)) if !is_asked_once => {
                        "served with QoS 0: what is lost is lost"
                    }
                    Some(Ok(Served::AtMostOnce | Served::AsAsked)) | None => return None,
                };
                Some(format!("`{filter}` ({why})"))
            });
        let refused: Vec<String> = refused.collect();
        if refused.is_empty() {
            return SelfSignal::cleared(SelfAlarm::SubscriptionRefused, name.as_str());
        }
        let refused = refused.join(", ");
        warn!(input = %name, topics = %refused, "the broker does not serve a subscription as asked");
        SelfSignal::raised(SelfAlarm::SubscriptionRefused, name.as_str(), &refused)
    }

    /// Shows them to who asks for the status.
    pub(super) fn show(&self, pulse: &Pulse) {
        let shown = self.settings.topics.iter().zip(&self.served).map(|(filter, served)| {
            let supply = match served {
                None => Supply::Asked,
                Some(Ok(Served::AsAsked)) => Supply::Granted,
                Some(Ok(Served::AtMostOnce)) => Supply::AtMostOnce,
                Some(Err(why)) => Supply::Refused(why),
            };
            Subscription { topic: filter.to_string(), supply }
        });
        let shown = shown.collect();
        pulse.broker(|broker| broker.subscriptions = shown);
    }

    fn refused(&self) -> impl Iterator<Item = (&Filter, &'static str)> {
        self.settings.topics.iter().zip(&self.served).filter_map(|(filter, served)| match served {
            Some(Err(why)) => Some((filter, *why)),
            Some(Ok(_)) | None => None,
        })
    }
}

/// Its queue is full or gone.
fn cut(_: Cut) -> Lost {
    Lost::Protocol("it does not take what we send".to_owned())
}

/// The topics of older subscriptions that the broker's session still has.
pub(super) struct Leftovers<'c> {
    settings: &'c MqttSettings,
    left: HashSet<Topic>,
}

impl<'c> Leftovers<'c> {
    pub(super) fn new(settings: &'c MqttSettings) -> Self {
        Self { settings, left: HashSet::new() }
    }

    /// Whether no filter has that topic. It is taken leave of then, which helps where the old subscription was just that topic.
    pub(super) fn has(&mut self, topic: &Topic, line: &Line) -> bool {
        let Self { settings, left } = self;
        if settings.topics.iter().any(|filter| filter.matches(topic)) {
            return false;
        }
        if left.len() < MOST_OLD && left.insert(topic.clone()) {
            info!(
                input = %settings.name, topic = topic.as_str(),
                "the broker's session has a topic that the files no longer list; it is unsubscribed",
            );
            let _ = line.unsubscribe(topic.as_str());
        }
        true
    }
}
