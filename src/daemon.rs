//! The daemon: opens the house from the back (the journal) to the front (the adapters), and closes
//! it the other way round.
//!
//! It alone knows everybody. When something cannot be opened it says what and why, and nothing was
//! changed; when it closes, what was accepted is committed, and open ladders go on at the next
//! start.

mod inputs;
mod managed;
mod open_files;
mod orphans;
mod outward;
mod receivers;
mod secrets;
mod wires;

use std::error::Error;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::{error, info, warn};

use crate::adapters::clock::keep_time;
use crate::changes::Changes;
use crate::config::{self, Reading, Settings};
use crate::control::{Control, ControlError, Door, Room};
use crate::errand::errands;
use crate::health::road::Road;
use crate::host::activation;
use crate::host::aside::aside;
use crate::host::clock::Clock;
use crate::host::service::{self, Fate, Wish};
use crate::inbox::inbox;
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

use self::inputs::{Opening, Parts};
use self::orphans::Configured;
use self::outward::{Outlook, Outward};
pub use self::secrets::Lacking;
use self::secrets::Users;
use self::wires::{Tables, Wires};

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
    parts: Parts,
    fixed: Fixed,
    wires: Wires,
    outward: Outward,
    room: Arc<Room>,
}

/// What of the files cannot be changed while the house is open.
#[derive(Debug)]
struct Fixed {
    store: PathBuf,
    control: PathBuf,
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
        let fixed = Fixed { store: settings.store.clone(), control: settings.control.clone() };
        for at in activation::datagram_addresses() {
            if !settings.snmp.iter().any(|receiver| receiver.listen.contains(&at)) {
                warn!(%at, "the service manager has opened a socket that no `listen` names");
            }
        }
        let Settings {
            site,
            store,
            control,
            gsm,
            snmp,
            mqtt,
            contacts,
            metrics,
            pings,
            names,
            catalogues,
            open,
        } = settings;
        let open = open_files::found(&open);
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
        let written = journal.ended();
        let (inbox, letters) = inbox();
        let (errands, requests) = errands();
        let (changes, road) = (Changes::default(), Road::default());
        let adrift = state.subjects(SelfAlarm::ClockUnsynchronised).next().is_some();
        let latest = state.latest();
        let tables = Tables::of(gsm, snmp, mqtt, contacts);
        let outlook = Outlook { metrics, pings };
        let over = orphans::at_start(&state, &configured(&tables, &outlook), open.is_some());
        let watch = Watch::resume(Arc::new(site), state);
        let mut sequencer =
            Sequencer::new(watch, journal, head, replayed, letters, errands.clone(), clock)
                .telling(changes.clone())
                .counting(road.clone());
        let mut tasks = Tasks::new(inbox.clone(), clock);
        tasks.essential("journal", written);
        tasks.essential("outbox", Outbox::new(requests).run());
        sequencer.begin().await;
        tasks.essential("sequencer", sequencer.run());

        for over in over {
            info!(alarm = over.alarm.name(), subject = %over.subject, "an alarm that nobody would end any more is over");
            let _ = inbox.tell(Happening::Own(over), clock.now()).await;
        }
        if let Some(open) = open {
            let _ = inbox.tell(Happening::Own(open), clock.now()).await;
        }
        let closing = tasks.closing();
        let time = keep_time(latest, adrift, clock, inbox.clone(), closing);
        tasks.essential("clock", time);
        let parts = Parts { inbox: inbox.clone(), errands: errands.clone(), changes, clock };
        let (mut wires, mut outward) = (Wires::default(), Outward::default());
        let opening = Opening { tasks: &mut tasks, parts: &parts };
        wires.open(&tables, opening, &names, &users).await;
        managed::begin(&mut tasks, &inbox, &parts.changes, wires.shown());
        let room = Room {
            inbox,
            errands,
            road,
            pings: outward.shown(),
            inputs: wires.shown(),
            held: tokio::sync::Semaphore::new(crate::control::contacts::HELD),
            clock,
            store: Arc::from(store),
            latencies,
            started,
        };
        let room = Arc::new(room);
        outward.follow(outlook, &mut tasks, &parts, &room).await;
        let control = Control::new(door, Arc::clone(&room));
        let closing = tasks.closing();
        tasks.essential("control", control.run(closing));
        Ok(Self { tasks, parts, fixed, wires, outward, room })
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
    /// says so. If they hold, the inputs follow them.
    async fn reload(&mut self, files: &Path) {
        let Parts { inbox, clock, .. } = self.parts.clone();
        let reading = config::read_guarded(files, Path::new(config::THIS_PROGRAM), clock.now().utc);
        for complaint in &reading.complaints {
            warn!(%complaint, "configuration");
        }
        let own = match self.admitted(reading) {
            Ok((settings, users)) => {
                settings.catalogues.iter().for_each(keep);
                self.follow(settings, &users).await
            }
            Err(reason) => {
                error!(%reason, "the new configuration is refused; the old one stays in force");
                let subject = files.display().to_string();
                vec![SelfSignal::raised(SelfAlarm::ConfigurationRefused, &subject, &reason)]
            }
        };
        for own in own {
            let _ = inbox.tell(Happening::Own(own), clock.now()).await;
        }
    }

    /// Files that hold come into force, and the inputs are those that they have: what is over by that.
    async fn follow(&mut self, settings: Settings, users: &Users) -> Vec<SelfSignal> {
        let Settings { site, gsm, snmp, mqtt, contacts, metrics, pings, names, .. } = settings;
        let tables = Tables::of(gsm, snmp, mqtt, contacts);
        let outlook = Outlook { metrics, pings };
        let Parts { inbox, clock, .. } = self.parts.clone();
        let now = clock.now();
        let site = Arc::new(site);
        let mut reloaded = self.compared(&site, now).await;
        reloaded.changes.extend(self.wires.changes(&tables));
        reloaded.changes.extend(self.outward.changes(&outlook));
        for change in &reloaded.changes {
            info!(%change, "the new configuration");
        }
        self.wires.tell(&names, users);
        for input in self.wires.close(&tables, &mut self.tasks).await {
            // What one that was cut off has left behind, another modem may have.
            self.parts.errands.give_back(&input).await;
        }
        let changes = reloaded.changes.len();
        if inbox.adopt(site, reloaded, now).await.is_err() {
            // The house is closing.
            return Vec::new();
        }
        let opening = Opening { tasks: &mut self.tasks, parts: &self.parts };
        self.wires.open(&tables, opening, &names, users).await;
        let has = configured(&tables, &outlook);
        self.outward.follow(outlook, &mut self.tasks, &self.parts, &self.room).await;
        info!(changes, "the new configuration is in force");
        let over = move |watch: &Watch| orphans::at_reload(watch.state(), &has);
        inbox.ask(over).await.unwrap_or_default()
    }

    /// What other files change for people; for the record, and the log.
    async fn compared(&self, site: &Arc<Site>, now: Moment) -> Reloaded {
        let after = Arc::clone(site);
        let before = self.parts.inbox.ask(|watch| Arc::clone(watch.site())).await;
        let compared = before.map(|before| aside(move || plan::reloaded(&before, &after, now.utc)));
        match compared {
            Ok(comparing) => comparing.await.unwrap_or_else(|error| {
                error!(%error, "what the new configuration changes cannot be told");
                Reloaded::default()
            }),
            // The house is closing.
            Err(_) => Reloaded::default(),
        }
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
        let fixed = [
            ("store.path", &self.fixed.store, &settings.store),
            ("control.socket", &self.fixed.control, &settings.control),
        ];
        if let Some((key, now, next)) = fixed.iter().find(|(_, now, next)| now != next) {
            let (now, next) = (now.display(), next.display());
            return Err(format!("`{key}` is now {now}; to make it {next} needs a restart"));
        }
        match secrets::had(&settings) {
            Ok(users) => Ok((settings, users)),
            Err(lacking) => Err(lacking.to_string()),
        }
    }

    /// Front to back: the wires first, then the door, then the record.
    async fn close(self) {
        let Self { mut tasks, parts, room, .. } = self;
        tasks.close(&["sequencer", "outbox", "journal"], FRONT).await;
        drop((parts, room));
        tasks.finish(BACK).await;
        info!("closed; open ladders go on at the next start");
    }
}

/// Every input, and whatever shows the state of alarms outside.
fn configured(tables: &Tables, outlook: &Outlook) -> Configured {
    let mut has = tables.configured();
    has.outputs.extend(outlook.names());
    has
}

/// A catalogue that cannot be kept is compiled again at the next start: no reason not to start now.
fn keep(catalogue: &config::mibs::Kept) {
    if let Err(error) = catalogue.write() {
        warn!(path = %catalogue.path().display(), %error, "compiled names of MIB files cannot be kept");
    }
}
