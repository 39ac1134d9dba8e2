//! The daemon: opens the house from the back (the journal) to the front (the adapters), and closes
//! it the other way round.
//!
//! It alone knows everybody. When something cannot be opened it says what and why, and nothing was
//! changed; when it closes, what was accepted is committed, and open ladders go on at the next
//! start.

mod inputs;
mod managed;
mod orphans;
mod receivers;
mod secrets;

use std::error::Error;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::{error, info, warn};

use crate::adapters::clock::keep_time;
use crate::adapters::contacts::SerialLines;
use crate::changes::Changes;
use crate::config::{self, Reading, Settings};
use crate::control::{Control, ControlError, Door, Room};
use crate::errand::errands;
use crate::host::activation;
use crate::host::aside::aside;
use crate::host::clock::Clock;
use crate::host::service::{self, Fate, Wish};
use crate::inbox::{Inbox, inbox};
use crate::journal::{Journal, JournalError};
use crate::outbox::Outbox;
use crate::sequencer::{RecoveryError, Sequencer, recover};
use crate::supervision::{EssentialEnded, Tasks};
use crate::watch::Watch;
use crate::watch::event::{Happening, Reloaded};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::plan;
use crate::watch::site::Site;
use crate::watch::time::Moment;

use self::orphans::Configured;
use self::receivers::Receivers;
pub use self::secrets::Lacking;
use self::secrets::Users;

/// How long adapters have to finish what they are at.
const FRONT: Duration = Duration::from_secs(20);
/// How long the record has to be finished.
const BACK: Duration = Duration::from_secs(30);

/// The life of a daemon, from the files to the end: what `vigie run` and `vigie demo` do.
pub fn life(
    settings: Settings,
    files: PathBuf,
    wishes: mpsc::Receiver<Wish>,
) -> Pin<Box<dyn Future<Output = Result<(), Fate>> + Send>> {
    Box::pin(async move {
        let daemon = Daemon::open(settings).await?;
        daemon.live(&files, wishes).await.map_err(|ended| Fate::Died(ended.to_string()))
    })
}

impl From<OpenError> for Fate {
    fn from(error: OpenError) -> Self {
        let cause = match &error {
            OpenError::Journal(error) | OpenError::Recovery(RecoveryError::Journal(error)) => {
                error.source()
            }
            // They say it themselves.
            OpenError::Recovery(RecoveryError::Entry { .. } | RecoveryError::Piece(_))
            | OpenError::Control(_)
            | OpenError::Secret(_) => None,
        };
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        let sentence = format!("{error}{cause}");
        match error {
            OpenError::Secret(_) => Self::Configuration(sentence),
            OpenError::Journal(_) | OpenError::Recovery(_) | OpenError::Control(_) => {
                Self::Unavailable(sentence)
            }
        }
    }
}

/// The open house.
#[derive(Debug)]
pub struct Daemon {
    tasks: Tasks,
    inbox: Inbox,
    clock: Clock,
    wires: Wires,
    receivers: Receivers,
}

/// What of the files cannot be changed while the house is open.
#[derive(Clone, PartialEq, Debug)]
struct Wires {
    store: PathBuf,
    control: PathBuf,
    gsm: Vec<config::GsmSettings>,
    snmp: Vec<config::SnmpSettings>,
    mqtt: Vec<config::MqttSettings>,
    contacts: Vec<config::ContactsSettings>,
}

/// Why the house cannot be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// What the store holds.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The control socket.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] Lacking),
}

impl Daemon {
    /// Opens the house.
    ///
    /// # Errors
    /// [`OpenError`] names what cannot be opened, and why.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        let users = secrets::had(&settings)?;
        let clock = Clock::new();
        let started = clock.now().utc;
        let wires = Wires::of(&settings);
        for at in activation::datagram_addresses() {
            if !settings.snmp.iter().any(|receiver| receiver.listen.contains(&at)) {
                warn!(%at, "the service manager has opened a socket that no `listen` names");
            }
        }
        let Settings { site, store, control, gsm, snmp, mqtt, contacts, names, catalogues } =
            settings;
        let (journal, mut recovered) = Journal::open(&store)?;
        // Before anything can happen: a daemon that cannot be asked must not begin to call people.
        let door = Door::open(&control).await?;
        for doubt in recovered.doubts() {
            warn!(%doubt, "the record itself is not concerned");
        }
        let (state, replayed) = recover(&mut recovered)?;
        let head = recovered.head();
        drop(recovered);
        catalogues.iter().for_each(keep);
        info!(
            entries = head.seq,
            replayed,
            standing = state.standing_count(),
            "the record is in force"
        );

        // Never a reason not to start: where there is no room for it, the sequencer says so.
        let _ = journal.lay_reserve().await;
        journal.measure_by(crate::host::clock::waiting).await;
        let latencies = journal.latencies();
        let (inbox, letters) = inbox();
        let (errands, requests) = errands();
        let changes = Changes::default();
        let remembered: Vec<_> = gsm.iter().map(|modem| state.modem(&modem.name)).collect();
        let adrift = state.subjects(SelfAlarm::ClockUnsynchronised).next().is_some();
        let latest = state.latest();
        let over = orphans::at_start(&state, &wires.configured());
        let watch = Watch::resume(Arc::new(site), state);
        let mut sequencer =
            Sequencer::new(watch, journal, head, replayed, letters, errands.clone(), clock)
                .telling(changes.clone());
        let mut tasks = Tasks::new(inbox.clone(), clock);
        tasks.essential("outbox", Outbox::new(requests).run());
        sequencer.begin().await;
        tasks.essential("sequencer", sequencer.run());

        for over in over {
            info!(alarm = over.alarm.name(), subject = %over.subject, "an alarm that nobody would end any more is over");
            let _ = inbox.tell(Happening::Own(over), clock.now()).await;
        }
        let closing = tasks.closing();
        let time = keep_time(latest, adrift, clock, inbox.clone(), closing);
        tasks.essential("clock", time);
        let mut readings = Vec::new();
        for (modem, remembered) in gsm.into_iter().zip(remembered) {
            readings.push(inputs::modem(&mut tasks, modem, remembered, &inbox, &errands, clock));
        }
        let mut receivers = Receivers::default();
        for receiver in snmp {
            let names = names.get(&receiver.name).cloned().unwrap_or_default();
            let users = users.get(&receiver.name).cloned().unwrap_or_default();
            let in_force = receivers.add(&receiver.name, names, users);
            readings.push(inputs::receiver(&mut tasks, receiver, in_force, &inbox, clock));
        }
        for connection in mqtt {
            readings.push(inputs::connection(&mut tasks, connection, &inbox, &changes, clock));
        }
        let lines = SerialLines::of(&contacts);
        let ends = inputs::outputs(&mut tasks, &contacts, &changes, &inbox, clock);
        for (device, ends) in contacts.into_iter().zip(ends) {
            readings.push(inputs::contacts(&mut tasks, device, ends, &lines, &inbox, clock));
        }
        let readings = Arc::from(readings);
        managed::begin(&mut tasks, &inbox, &changes, &readings);
        let room = Room {
            inbox: inbox.clone(),
            errands,
            inputs: readings,
            contacts: wires.contacts.iter().cloned().map(Arc::new).collect(),
            held: tokio::sync::Semaphore::new(crate::control::contacts::HELD),
            clock,
            store: Arc::from(store),
            latencies,
            started,
        };
        let control = Control::new(door, room);
        let closing = tasks.closing();
        tasks.essential("control", control.run(closing));
        Ok(Self { tasks, inbox, clock, wires, receivers })
    }

    /// Lives until it is asked to close, or cannot go on. `files` are read again on a wish.
    ///
    /// # Errors
    /// [`EssentialEnded`] when a part without which there is no watch has died.
    pub async fn live(
        mut self,
        files: &Path,
        mut wishes: mpsc::Receiver<Wish>,
    ) -> Result<(), EssentialEnded> {
        service::ready().await;
        info!("watching");
        let end = loop {
            tokio::select! {
                ended = self.tasks.essential_end() => break Err(ended),
                wish = wishes.recv() => match wish {
                    Some(Wish::Reload) => {
                        service::reloading().await;
                        self.reload(files).await;
                        // Also where the files are refused: what was in force is in force.
                        service::ready().await;
                    }
                    Some(Wish::Close) | None => break Ok(()),
                },
            }
        };
        if let Err(ended) = &end {
            error!(error = %ended, "closing");
        }
        service::stopping().await;
        self.close().await;
        end
    }

    /// The new files are checked whole, with the secrets that they name; if they are wrong, the old ones stay in force and an alarm
    /// says so.
    async fn reload(&mut self, files: &Path) {
        let reading =
            config::read_compiling(files, Path::new(config::THIS_PROGRAM), self.clock.now().utc);
        for complaint in &reading.complaints {
            warn!(%complaint, "configuration");
        }
        let now = self.clock.now();
        let own = match self.admitted(reading) {
            Ok((settings, users)) => {
                settings.catalogues.iter().for_each(keep);
                self.receivers.tell(&settings.names, &users);
                self.adopt(settings.site, now).await;
                let has = self.wires.configured();
                let over = move |watch: &Watch| orphans::at_reload(watch.state(), &has);
                self.inbox.ask(over).await.unwrap_or_default()
            }
            Err(reason) => {
                error!(%reason, "the new configuration is refused; the old one stays in force");
                let subject = files.display().to_string();
                vec![SelfSignal::raised(SelfAlarm::ConfigurationRefused, &subject, &reason)]
            }
        };
        for own in own {
            let _ = self.inbox.tell(Happening::Own(own), now).await;
        }
    }

    /// Other files are in force; what that changes for people is on the record, and in the log.
    async fn adopt(&self, site: Site, now: Moment) {
        let site = Arc::new(site);
        let before = self.inbox.ask(|watch| Arc::clone(watch.site())).await;
        let after = Arc::clone(&site);
        let compared = before.map(|before| aside(move || plan::reloaded(&before, &after, now.utc)));
        let reloaded = match compared {
            Ok(comparing) => comparing.await.unwrap_or_else(|error| {
                error!(%error, "what the new configuration changes cannot be told");
                Reloaded::default()
            }),
            // The house is closing.
            Err(_) => Reloaded::default(),
        };
        for change in &reloaded.changes {
            info!(%change, "the new configuration");
        }
        info!(changes = reloaded.changes.len(), "the new configuration is in force");
        let _ = self.inbox.adopt(site, reloaded, now).await;
    }

    /// What may come into force while the house is open; or why not.
    fn admitted(&self, reading: Reading) -> Result<(Settings, Users), String> {
        let Some(settings) = reading.settings else {
            let wrong = reading.complaints.iter().filter(|complaint| complaint.is_error());
            let wrong: Vec<&str> = wrong.map(|complaint| complaint.sentence.as_str()).collect();
            return Err(match wrong.as_slice() {
                [one] => format!("{one}; `vigie check` shows it"),
                many => format!("{} errors; `vigie check` shows them", many.len()),
            });
        };
        if Wires::of(&settings) != self.wires {
            return Err("a change of inputs, store or control socket needs a restart".to_owned());
        }
        match secrets::had(&settings) {
            Ok(users) => Ok((settings, users)),
            Err(lacking) => Err(lacking.to_string()),
        }
    }

    /// Front to back: the wires first, then the door, then the record.
    async fn close(self) {
        let Self { mut tasks, inbox, .. } = self;
        tasks.close(&["sequencer", "outbox"], FRONT).await;
        drop(inbox);
        tasks.finish(BACK).await;
        info!("closed; open ladders go on at the next start");
    }
}

impl Wires {
    fn of(settings: &Settings) -> Self {
        Self {
            store: settings.store.clone(),
            control: settings.control.clone(),
            gsm: settings.gsm.clone(),
            snmp: settings.snmp.clone(),
            mqtt: settings.mqtt.clone(),
            contacts: settings.contacts.clone(),
        }
    }

    /// Every input, and every output, by its name.
    fn configured(&self) -> Configured {
        let modems = self.gsm.iter().map(|modem| &modem.name);
        let receivers = self.snmp.iter().map(|receiver| &receiver.name);
        let connections = self.mqtt.iter().map(|connection| &connection.name);
        let devices = self.contacts.iter().map(|device| &device.name);
        let inputs = modems.chain(receivers).chain(connections).chain(devices).cloned();
        let publishing = self.mqtt.iter().filter(|connection| connection.publish.is_some());
        let outputs = publishing.map(|connection| Arc::from(connection.name.as_str()));
        let latched = self.contacts.iter().filter(|device| device.has_latches());
        let latched = latched.map(|device| device.name.clone()).collect();
        let called = |device: &config::ContactsSettings| {
            let outputs = device.outputs.iter().map(|output| device.output_called(output));
            outputs.map(Arc::from).collect::<Vec<_>>()
        };
        let outputs = outputs.chain(self.contacts.iter().flat_map(called));
        Configured { inputs: inputs.collect(), latched, outputs: outputs.collect() }
    }
}

/// A catalogue that cannot be kept is compiled again at the next start: no reason not to start now.
fn keep(catalogue: &config::mibs::Kept) {
    if let Err(error) = catalogue.write() {
        warn!(path = %catalogue.path().display(), %error, "compiled names of MIB files cannot be kept");
    }
}
