//! Who may send, who must, who is in trouble, and what their traps are called: what a receiver knows before it receives anything.
//!
//! What was told of senders before this life stands on the record, and is asked for once.

use std::sync::Arc;

use tokio::sync::watch;
use vigie_snmp::names::Names;
use vigie_snmp::usm::User;

use super::InForce;
use super::heartbeats::Heartbeats;
use super::security::Security;
use super::troubles::Troubles;
use crate::config::SnmpSettings;
use crate::health::Pulse;
use crate::host::clock::Clock;
use crate::inbox::{Inbox, Withheld};
use crate::watch::Watch;
use crate::watch::event::Happening;
use crate::watch::own_alarms::SelfAlarm;

/// What is known of senders and of their words.
pub(super) struct Doorkeeper {
    /// Who may send.
    pub(super) security: Security,
    /// Whose messages are not taken.
    pub(super) troubles: Troubles,
    /// Who must be heard.
    pub(super) heartbeats: Heartbeats,
    /// The names that are in force; replaced while datagrams come in.
    pub(super) names: watch::Receiver<Arc<Names>>,
    /// The users that are in force; as well.
    pub(super) users: watch::Receiver<Arc<[User]>>,
}

impl Doorkeeper {
    /// By what the files say and the record tells.
    pub(super) async fn begin(
        settings: &SnmpSettings,
        InForce { names, mut users }: InForce,
        inbox: &Inbox,
        pulse: &Pulse,
        clock: Clock,
    ) -> Result<Self, Withheld> {
        let input = settings.name.clone();
        let ask = move |watch: &Watch| {
            let subjects = |alarm| -> Vec<String> {
                watch.state().subjects(alarm).map(str::to_owned).collect()
            };
            let known = watch.state().engines(&input);
            (subjects(SelfAlarm::CredentialsWrong), subjects(SelfAlarm::SourceSilent), known)
        };
        let (troubled, silent, known) = inbox.ask(ask).await?;
        let believed = Arc::clone(&users.borrow_and_update());
        let security = Security::begin(settings, &believed, inbox, pulse, clock).await?;
        let (name, now) = (settings.name.as_str(), clock.now());
        let troubles = Troubles::new(name, troubled.iter().map(String::as_str), now.mono);
        let heartbeats =
            Heartbeats::new(&settings.name, &settings.heartbeats, &silent, &known, now.mono);
        for over in heartbeats.forgotten(&silent) {
            inbox.tell(Happening::Own(over), now).await?;
        }
        Ok(Self { security, troubles, heartbeats, names, users })
    }
}
