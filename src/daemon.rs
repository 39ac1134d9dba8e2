//! The daemon: opens the house from the back (the journal) to the front (the adapters), and closes
//! it the other way round.
//!
//! It alone knows everybody. When something cannot be opened it says what and why, and nothing was
//! changed; when it closes, what was accepted is committed, and open ladders go on at the next
//! start.

mod inputs;

use std::error::Error;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tracing::{error, info, warn};
use vigie_snmp::names::{Catalogue, Names};

use crate::config::{self, SecretError, Settings, UserSettings};
use crate::control::{Control, ControlError, Door, Room};
use crate::errand::errands;
use crate::host::activation;
use crate::host::clock::Clock;
use crate::host::service::{self, Fate, Wish};
use crate::inbox::{Inbox, inbox};
use crate::journal::{Journal, JournalError};
use crate::outbox::Outbox;
use crate::sequencer::{RecoveryError, Sequencer, recover};
use crate::supervision::{EssentialEnded, Tasks};
use crate::watch::Watch;
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::state::State;

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
            | OpenError::Secret { .. } => None,
        };
        let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
        let sentence = format!("{error}{cause}");
        match error {
            OpenError::Secret { .. } => Self::Configuration(sentence),
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
    names: Vec<(InputName, watch::Sender<Arc<Names>>)>,
}

/// What of the files cannot be changed while the house is open.
#[derive(Clone, PartialEq, Debug)]
struct Wires {
    store: PathBuf,
    control: PathBuf,
    gsm: Vec<config::GsmSettings>,
    snmp: Vec<config::SnmpSettings>,
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
    /// A secret that is named and absent.
    #[error("`{input}` needs a secret: {source}")]
    Secret {
        /// Whose.
        input: String,
        /// Why.
        source: SecretError,
    },
}

impl Daemon {
    /// Opens the house.
    ///
    /// # Errors
    /// [`OpenError`] names what cannot be opened, and why.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        have_secrets(&settings)?;
        let clock = Clock::new();
        let started = clock.now().utc;
        let wires = Wires::of(&settings);
        for at in activation::datagram_addresses() {
            if !settings.snmp.iter().any(|receiver| receiver.listen.contains(&at)) {
                warn!(%at, "the service manager has opened a socket that no `listen` names");
            }
        }
        let Settings { site, store, control, storm: _, gsm, snmp, contacts, names, catalogues } =
            settings;
        let (journal, mut recovered) = Journal::open(&store)?;
        // Before anything can happen: a daemon that cannot be asked must not begin to call people.
        let door = Door::open(&control)?;
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
        let (inbox, letters) = inbox();
        let (errands, requests) = errands();
        let remembered: Vec<_> = gsm.iter().map(|modem| state.modem(&modem.name)).collect();
        let over = orphans(&state, &snmp);
        let watch = Watch::resume(Arc::new(site), state);
        let mut sequencer =
            Sequencer::new(watch, journal, head, replayed, letters, errands.clone(), clock);
        let mut tasks = Tasks::new(inbox.clone(), clock);
        tasks.essential("outbox", Outbox::new(requests).run());
        sequencer.begin().await;
        tasks.essential("sequencer", sequencer.run());

        for over in over {
            // Who floods still is found out anew.
            let _ = inbox.tell(Happening::Own(over), clock.now()).await;
        }
        let mut readings = Vec::new();
        for (modem, remembered) in gsm.into_iter().zip(remembered) {
            readings.push(inputs::modem(&mut tasks, modem, remembered, &inbox, &errands, clock));
        }
        let mut called = Vec::new();
        for receiver in snmp {
            let (sender, in_force) =
                watch::channel(names.get(&receiver.name).cloned().unwrap_or_default());
            called.push((receiver.name.clone(), sender));
            readings.push(inputs::receiver(&mut tasks, receiver, in_force, &inbox, clock));
        }
        for device in contacts {
            readings.push(inputs::contacts(&mut tasks, device, &inbox, clock));
        }
        let room = Room {
            inbox: inbox.clone(),
            errands,
            inputs: Arc::from(readings),
            clock,
            store: Arc::from(store),
            started,
        };
        let control = Control::new(door, room);
        let closing = tasks.closing();
        tasks.essential("control", control.run(closing));
        Ok(Self { tasks, inbox, clock, wires, names: called })
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
        service::ready("watching");
        info!("watching");
        let end = loop {
            tokio::select! {
                ended = self.tasks.essential_end() => break Err(ended),
                wish = wishes.recv() => match wish {
                    Some(Wish::Reload) => self.reload(files).await,
                    Some(Wish::Close) | None => break Ok(()),
                },
            }
        };
        if let Err(ended) = &end {
            error!(error = %ended, "closing");
        }
        service::stopping();
        self.close().await;
        end
    }

    /// The new files are checked whole; if they are wrong, the old ones stay in force and an alarm
    /// says so.
    async fn reload(&mut self, files: &Path) {
        let reading = config::read_compiling(files, Path::new(config::THIS_PROGRAM));
        let wrong = reading.complaints.iter().filter(|complaint| complaint.is_error()).count();
        for complaint in &reading.complaints {
            warn!(%complaint, "configuration");
        }
        let refused = match reading.settings {
            None => Err(format!(
                "{wrong} error{}; `vigie check` shows them",
                if wrong == 1 { "" } else { "s" }
            )),
            Some(settings) if Wires::of(&settings) != self.wires => {
                Err("a change of inputs, store or control socket needs a restart".to_owned())
            }
            Some(settings) => Ok(settings),
        };
        let now = self.clock.now();
        let subject = files.display().to_string();
        let own = match refused {
            Ok(settings) => {
                self.rename(&settings);
                info!("the new configuration is in force");
                let _ = self.inbox.adopt(Arc::new(settings.site), now).await;
                SelfSignal::cleared(SelfAlarm::ConfigurationRefused, &subject)
            }
            Err(reason) => {
                error!(%reason, "the new configuration is refused; the old one stays in force");
                SelfSignal::raised(SelfAlarm::ConfigurationRefused, &subject, &reason)
            }
        };
        let _ = self.inbox.tell(Happening::Own(own), now).await;
    }

    /// Hands the receivers what traps are called now: their sockets stay open.
    fn rename(&self, settings: &Settings) {
        settings.catalogues.iter().for_each(keep);
        for (input, sender) in &self.names {
            let Some(names) = settings.names.get(input) else { continue };
            let is_new = **sender.borrow() != **names;
            if is_new {
                let of_files = names.catalogue().map_or(0, Catalogue::len);
                info!(%input, of_files, "names of MIB files are replaced");
                sender.send_replace(Arc::clone(names));
            }
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

/// Every secret that is named is there: what was meant to protect is never left out in silence.
fn have_secrets(settings: &Settings) -> Result<(), OpenError> {
    let pins = settings.gsm.iter().filter_map(|modem| Some((&modem.name, modem.pin.as_ref()?)));
    let passphrases = settings.snmp.iter().flat_map(|receiver| {
        let of_users = receiver.users.iter().flat_map(UserSettings::passphrases);
        of_users.map(|passphrase| (&receiver.name, passphrase))
    });
    for (input, secret) in pins.chain(passphrases) {
        secret.reveal().map_err(|source| OpenError::Secret { input: input.to_string(), source })?;
    }
    Ok(())
}

impl Wires {
    fn of(settings: &Settings) -> Self {
        Self {
            store: settings.store.clone(),
            control: settings.control.clone(),
            gsm: settings.gsm.clone(),
            snmp: settings.snmp.clone(),
            contacts: settings.contacts.clone(),
        }
    }
}

/// The end of what was told of senders and nobody would end any more: of every flood, since no receiver knows of it; of the rest, where the
/// files no longer have the receiver.
fn orphans(state: &State, receivers: &[config::SnmpSettings]) -> Vec<SelfSignal> {
    let has_receiver = |subject: &str| {
        receivers.iter().any(|receiver| subject.ends_with(&format!(" to {}", receiver.name)))
    };
    let told = |alarm| state.subjects(alarm).map(move |subject| (alarm, subject));
    let floods = told(SelfAlarm::TrapFlood);
    let rest = [SelfAlarm::CredentialsWrong, SelfAlarm::SourceSilent].into_iter().flat_map(told);
    let orphaned = rest.filter(|(_, subject)| !has_receiver(subject));
    floods.chain(orphaned).map(|(alarm, subject)| SelfSignal::cleared(alarm, subject)).collect()
}

/// A catalogue that cannot be kept is compiled again at the next start: no reason not to start now.
fn keep(catalogue: &config::mibs::Kept) {
    if let Err(error) = catalogue.write() {
        warn!(path = %catalogue.path().display(), %error, "compiled names of MIB files cannot be kept");
    }
}
