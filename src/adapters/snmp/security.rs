//! Who may send, by the message itself: its version, its community, or its user.
//!
//! In SNMPv3 we are an engine of our own, with an identifier that is drawn once and kept on the record, and with a count of our
//! starts that is on the record before a message bears it. What other engines said of their time is on the record too, so that a
//! message that somebody has recorded is refused after a restart as well: in steps of five minutes while we live, and to the second when
//! we end in good order. It keeps no passphrase, only keys, and logs none.
//!
//! When things go wrong: a record that cannot be written keeps nobody from being heard. Our engine then starts with a count that a
//! later start may use again; informs, which alone depend on it, are not answered then anyway.

use std::time::Duration;

use tracing::{info, warn};
use vigie_snmp::usm::{
    Credentials, EngineId, EngineTime, Level, Opened, Rejected, Rejection, SHORTEST_PASSPHRASE,
    User, Usm, is_v3,
};
use vigie_snmp::{MAX_DATAGRAM, Message, Refused, Unanswerable, Version};

use super::admission::Communities;
use super::counts::Left;
use crate::config::{Secret, SecretError, SnmpSettings, UserSecrets, UserSettings};
use crate::health::Pulse;
use crate::host::clock::Clock;
use crate::host::entropy::entropy;
use crate::inbox::{Inbox, Withheld};
use crate::watch::engines::{EngineNote, Engines, Noted};
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::time::Mono;

/// So long the record is waited for before our engine starts.
const RECORDING: Duration = Duration::from_secs(10);
/// The most starts that an engine can count (RFC 3414 §2.2.2); then it needs another identifier.
const MOST_BOOTS: u32 = 2_147_483_646;

/// Why no message of a user can be read.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// A passphrase is not to be had.
    #[error("the user `{user}` has no passphrase: {source}")]
    Secret {
        /// Whose.
        user: String,
        /// Why.
        source: SecretError,
    },
    /// A passphrase is too short to be one (RFC 3414 §11.2).
    #[error(
        "the user `{user}` has a passphrase of less than {SHORTEST_PASSPHRASE} letters in {place}, which no device has"
    )]
    Short {
        /// Whose.
        user: String,
        /// Where it is kept.
        place: String,
    },
}

/// Who may send.
pub(super) struct Security {
    communities: Communities,
    /// Those that the files name; empty: all.
    versions: Vec<Version>,
    usm: Option<Usm>,
}

/// A message that may be taken.
#[expect(clippy::large_enum_variant, reason = "it lives on the stack, for one datagram")]
pub(super) enum Lawful {
    /// By its community.
    Community(Message),
    /// By its user.
    User(Box<Opened>),
}

impl Lawful {
    /// What it says, however it was let in.
    pub(super) fn message(&self) -> &Message {
        match self {
            Self::Community(message) => message,
            Self::User(opened) => &opened.message,
        }
    }

    /// Whether its sender has proved that he is one of the users.
    pub(super) fn is_signed(&self) -> bool {
        match self {
            Self::Community(_) => false,
            Self::User(opened) => {
                let secured = opened.message.secured.as_ref();
                secured.is_some_and(|secured| secured.level > Level::NoAuthNoPriv)
            }
        }
    }

    /// Whether a second one like it would be a copy: it is signed, and bears its engine's time.
    pub(super) fn is_signed_once(&self) -> bool {
        match self {
            Self::Community(_) => false,
            Self::User(opened) => opened.is_timed && self.is_signed(),
        }
    }

    /// What must be on the record before it.
    pub(super) fn learned(&self) -> Option<&EngineTime> {
        match self {
            Self::Community(_) => None,
            Self::User(opened) => opened.learned.as_ref(),
        }
    }
}

/// Why a datagram is not taken.
pub(super) enum NotTaken {
    /// It is left without a word.
    Left(Left, Option<Refused>),
    /// It is SNMPv3, and its sender may be told.
    Rejected(Box<Rejected>),
}

impl Security {
    /// By what the files say. Our engine starts, if there are users.
    pub(super) async fn begin(
        settings: &SnmpSettings,
        users: &[User],
        inbox: &Inbox,
        pulse: &Pulse,
        clock: Clock,
    ) -> Result<Self, Withheld> {
        let usm = if users.is_empty() {
            None
        } else {
            Some(start(settings, users, inbox, pulse, clock).await?)
        };
        Ok(Self {
            communities: Communities::new(&settings.communities),
            versions: settings.versions.clone(),
            usm,
        })
    }

    /// The users have other passphrases from now on.
    pub(super) fn believe(&mut self, users: &[User]) {
        if let Some(usm) = &mut self.usm {
            usm.replace(users.to_vec());
        }
    }

    /// What other engines have said of their time and is not on the record yet.
    pub(super) fn untold(&mut self) -> Vec<EngineTime> {
        self.usm.as_mut().map(Usm::untold).unwrap_or_default()
    }

    /// What a datagram says, if it is for us.
    pub(super) fn read(&mut self, octets: &[u8], now: Mono) -> Result<Lawful, NotTaken> {
        let lawful = match &mut self.usm {
            Some(usm) if is_v3(octets) => {
                let opened = usm.open(octets, since_start(now));
                Lawful::User(Box::new(opened.map_err(not_taken)?))
            }
            Some(_) | None => Lawful::Community(vigie_snmp::read(octets).map_err(left)?),
        };
        let message = lawful.message();
        if !self.versions.is_empty() && !self.versions.contains(&message.version) {
            return Err(NotTaken::Left(Left::Version, None));
        }
        if let Lawful::Community(message) = &lawful
            && !self.communities.takes(&message.community)
        {
            return Err(NotTaken::Left(Left::WrongCommunity, None));
        }
        Ok(lawful)
    }

    /// The answer to an inform that was read from these octets.
    pub(super) fn response(
        &mut self,
        lawful: &Lawful,
        octets: &[u8],
        now: Mono,
    ) -> Result<Vec<u8>, Unanswerable> {
        match (lawful, &mut self.usm) {
            (Lawful::User(opened), Some(usm)) => {
                usm.response(opened, since_start(now), MAX_DATAGRAM)
            }
            (Lawful::Community(_), _) | (Lawful::User(_), None) => {
                vigie_snmp::response(lawful.message(), octets, MAX_DATAGRAM)
            }
        }
    }
}

fn left(refused: Refused) -> NotTaken {
    NotTaken::Left(Left::by(&refused), Some(refused))
}

fn not_taken(rejected: Box<Rejected>) -> NotTaken {
    match rejected.why {
        Rejection::Unreadable(refused) => left(refused),
        Rejection::Discovery
        | Rejection::InformForAnother
        | Rejection::UnknownUser
        | Rejection::UnknownEngine
        | Rejection::Level { .. }
        | Rejection::WrongDigest
        | Rejection::Late(_)
        | Rejection::Undecryptable => NotTaken::Rejected(rejected),
    }
}

/// Our engine, with its users and what is remembered of others.
async fn start(
    settings: &SnmpSettings,
    users: &[User],
    inbox: &Inbox,
    pulse: &Pulse,
    clock: Clock,
) -> Result<Usm, Withheld> {
    let name = settings.name.clone();
    let known = inbox.ask(move |watch| watch.state().engines(&name)).await?;
    let (engine, boots) = identity(settings.engine.clone(), &known);
    let noted = Noted::Started { engine: engine.to_string().into(), boots };
    let note = Happening::EngineNoted(EngineNote { input: settings.name.clone(), noted });
    let recorded = inbox.put(note, clock.now()).await?.receipt();
    if !matches!(tokio::time::timeout(RECORDING, recorded).await, Ok(Ok(_))) {
        warn!(input = %settings.name, boots, "this start of the SNMP engine is not on the record");
    }
    info!(input = %settings.name, %engine, boots, users = users.len(), "receiving SNMPv3");
    pulse.engine(engine.to_string());
    let now = since_start(clock.now().mono);
    let mut usm = Usm::new(engine, boots, users.to_vec(), entropy().0, now);
    for (engine, clocked) in known.heard() {
        if let Ok(engine) = engine.parse() {
            let time = EngineTime { engine, boots: clocked.boots, time: clocked.time };
            usm.remember(time, now);
        }
    }
    Ok(usm)
}

/// Our engine ID, and the number of this start.
fn identity(wanted: Option<EngineId>, known: &Engines) -> (EngineId, u32) {
    let kept =
        known.own().and_then(|(engine, boots)| Some((engine.parse::<EngineId>().ok()?, boots)));
    let drawn = || EngineId::drawn(entropy().0.to_be_bytes());
    match (wanted, kept) {
        (Some(wanted), Some((kept, boots))) if wanted == kept => {
            (kept, boots.saturating_add(1).min(MOST_BOOTS))
        }
        // Its count goes on from the other's: a device that knows this one from before must not see it go back.
        (Some(wanted), Some((_, boots))) => (wanted, boots.saturating_add(1).min(MOST_BOOTS)),
        (Some(wanted), None) => (wanted, 1),
        (None, Some((kept, boots))) if boots < MOST_BOOTS => (kept, boots.saturating_add(1)),
        (None, _) => (drawn(), 1),
    }
}

/// The users of the files, with their keys.
///
/// # Errors
/// [`Unready`] says whose passphrase is not to be had.
pub fn users(settings: &[UserSettings]) -> Result<Vec<User>, Unready> {
    settings.iter().map(user).collect()
}

fn user(settings: &UserSettings) -> Result<User, Unready> {
    let UserSettings { name, engine, secrets, is_timed } = settings;
    let reveal = |kept: &Secret| {
        let secret =
            kept.reveal().map_err(|source| Unready::Secret { user: name.clone(), source })?;
        if secret.len() < SHORTEST_PASSPHRASE {
            return Err(Unready::Short { user: name.clone(), place: kept.place() });
        }
        Ok(secret)
    };
    let of = |credentials: Credentials<'_>| User::new(name, engine.clone(), credentials);
    let user = match secrets {
        UserSecrets::None => of(Credentials::None),
        UserSecrets::Auth((auth, secret)) => {
            of(Credentials::Auth(*auth, reveal(secret)?.as_bytes()))
        }
        UserSecrets::AuthPriv((auth, secret), (privacy, other)) => of(Credentials::AuthPriv(
            (*auth, reveal(secret)?.as_bytes()),
            (*privacy, reveal(other)?.as_bytes()),
        )),
    };
    Ok(if *is_timed { user } else { user.untimed() })
}

/// What is noted of an engine that was heard.
pub(super) fn heard(input: &InputName, time: &EngineTime) -> Happening {
    let noted =
        Noted::Heard { engine: time.engine.to_string().into(), boots: time.boots, time: time.time };
    Happening::EngineNoted(EngineNote { input: input.clone(), noted })
}

fn since_start(now: Mono) -> Duration {
    Mono::default().until(now)
}
