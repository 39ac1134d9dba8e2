//! What looks outward without being an input: the port of the metrics, and the life signs. They follow files that are read anew.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::inputs::Parts;
use crate::adapters;
use crate::config::PingSettings;
use crate::control::{Room, scrape};
use crate::health::{PingReading, ping};
use crate::supervision::Tasks;
use crate::watch::name::InputName;

/// How long one that goes has to finish what it is at; nothing is lost by cutting it off.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the files say of it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Outlook {
    /// The loopback port at which the metrics are read.
    pub(super) metrics: Option<SocketAddr>,
    /// The dead man's switches.
    pub(super) pings: Vec<PingSettings>,
}

/// What of it is open.
#[derive(Debug)]
pub(super) struct Outward {
    metrics: Option<SocketAddr>,
    pings: Vec<(PingSettings, PingReading)>,
    shown: watch::Sender<Arc<[PingReading]>>,
}

impl Outlook {
    /// Each by its name, as `output-lost` names it.
    pub(super) fn names(&self) -> impl Iterator<Item = Arc<str>> {
        let metrics = self.metrics.map(|_| Arc::from(scrape::TASK));
        metrics.into_iter().chain(self.pings.iter().map(|ping| Arc::clone(&ping.name)))
    }
}

impl Default for Outward {
    fn default() -> Self {
        let (shown, _) = watch::channel(Arc::from([]));
        Self { metrics: None, pings: Vec::new(), shown }
    }
}

impl Outward {
    /// The life signs that are sent, whoever reads it.
    pub(super) fn shown(&self) -> watch::Receiver<Arc<[PingReading]>> {
        self.shown.subscribe()
    }

    /// The sentences that say what follows from these files, for the record.
    pub(super) fn changes(&self, next: &Outlook) -> Vec<Arc<str>> {
        let mut changes = Vec::new();
        let now = || self.pings.iter().map(|(ping, _)| ping);
        for ping in now().filter(|ping| !next.pings.iter().any(|next| next.name == ping.name)) {
            changes.push(format!("`{}` is gone and is sent no more", ping.name));
        }
        for ping in &next.pings {
            match now().find(|now| now.name == ping.name) {
                Some(now) if now == ping => {}
                Some(_) => changes.push(format!("`{}` is another", ping.name)),
                None => changes.push(format!("`{}` is new and is sent", ping.name)),
            }
        }
        match next.metrics {
            _ if next.metrics == self.metrics => {}
            Some(listen) => changes.push(format!("the metrics can be read at {listen}")),
            None => changes.push("the metrics can no longer be read at a port".to_owned()),
        }
        changes.into_iter().map(Arc::from).collect()
    }

    /// Closes what is not to stay as it is, and opens what is new.
    pub(super) async fn follow(
        &mut self,
        next: Outlook,
        tasks: &mut Tasks,
        parts: &Parts,
        room: &Arc<Room>,
    ) {
        let Outlook { metrics, pings } = next;
        let gone = self.pings.extract_if(.., |(ping, _)| !pings.contains(ping));
        let mut going: Vec<InputName> = gone.map(|(ping, _)| InputName::new(&ping.name)).collect();
        if self.metrics.is_some() && self.metrics != metrics {
            going.push(InputName::new(scrape::TASK));
        }
        tasks.end(&going, PATIENCE).await;
        if let Some(listen) = metrics.filter(|_| self.metrics != metrics) {
            let room = Arc::clone(room);
            tasks.adapter(InputName::new(scrape::TASK), move |closing| {
                scrape::run(listen, Arc::clone(&room), closing)
            });
        }
        self.metrics = metrics;
        let mut former = std::mem::take(&mut self.pings);
        for ping in pings {
            let place = former.iter().position(|(open, _)| *open == ping);
            let open = place.map(|place| former.swap_remove(place));
            self.pings.push(open.unwrap_or_else(|| {
                let reading = one(tasks, ping.clone(), parts);
                (ping, reading)
            }));
        }
        self.shown.send_replace(self.pings.iter().map(|(_, reading)| reading.clone()).collect());
    }
}

fn one(tasks: &mut Tasks, settings: PingSettings, parts: &Parts) -> PingReading {
    let Parts { inbox, clock, .. } = parts.clone();
    let (pulse, reading) = ping(Arc::clone(&settings.name), settings.at.clone(), clock.now().utc);
    let name = InputName::new(&settings.name);
    let (settings, pulse) = (Arc::new(settings), Arc::new(pulse));
    tasks.adapter(name, move |closing| {
        adapters::ping::run(
            Arc::clone(&settings),
            inbox.clone(),
            Arc::clone(&pulse),
            clock,
            closing,
        )
    });
    reading
}
