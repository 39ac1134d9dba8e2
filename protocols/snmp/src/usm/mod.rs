//! SNMPv3 with the User-based Security Model (RFC 3412, RFC 3414, RFC 3826, RFC 7860), as a receiver of notifications speaks it.
//!
//! A trap is timed by its sender's engine, an inform by ours (RFC 3414 §1.5.1): [`Usm`] is our engine, the users of the files, and what is
//! known of the engines that have proven themselves. It opens messages, and writes what must be said to those who could not know better
//! (Reports) and to those whose inform was stored (Responses). It reads no clock: the time is handed in, from any beginning that never jumps.
//!
//! When things go wrong: what is not lawful is [`Rejected`], with the reason, with who claims to have sent it, and with the Report
//! that is due, if one is. Nothing is believed of a message before it is authenticated, and no work that costs more than a few hashes is
//! done for it. Nobody without a key makes anything grow.
//!
//! # Decision (2026-11-26): a user sends at his level, and at no other
//!
//! RFC 3414 refuses a message that is better protected than its user can be; whether it may be worse protected it leaves to access
//! control, which a receiver of traps does not have. A user with two passphrases who is believed without them is no protection, so the level
//! must be the user's, to both sides. Rejected: a lowest level of its own for each user, one key more to get wrong.
//!
//! # Decision (2026-11-26): an inform is tried with every user of its name
//!
//! An inform bears our engine and not its sender's, so that users of one name for several engines cannot be told apart before the tag is verified.
//! It is the one whose key made the tag. The users of one name are few, and each costs a hash.

mod engine_id;
mod header;
mod keys;
mod peers;
mod privacy;
mod rejected;
mod reply;
mod replying;
mod user;

pub use crate::secured::{Level, Secured, Sender};
pub use engine_id::{EngineId, EngineIdError};
pub use keys::{AuthProtocol, PrivProtocol, SHORTEST_PASSPHRASE};
pub use peers::{EngineTime, Late};
pub use rejected::{Rejected, Rejection};
pub use user::{Credentials, User};

use std::time::Duration;

use crate::ber::{self, Reader};
use crate::envelope::{self, Pdu};
use crate::message::{self, Message, PduKind};
use crate::oddity::Notes;
use crate::refused::Refused;
use header::Header;
use keys::Key;
use peers::{LATCHED, LocalKeys, Peers, WINDOW, seconds};
use privacy::Nonce;
use reply::Statistics;

/// A message of v3 that is lawful.
#[derive(Debug)]
pub struct Opened {
    /// The notification, with who sent it and how it was protected.
    pub message: Message,
    /// What must be remembered of its engine, before it is taken.
    pub learned: Option<EngineTime>,
    /// Whether its age was looked at: of a user whose messages may be of any age, two that are alike may be two.
    pub is_timed: bool,
    user: usize,
    msg_id: i64,
    max_size: usize,
    scoped: Vec<u8>,
}

impl Opened {
    /// What was signed and perhaps encrypted: the same in an inform that is sent again, whose envelope bears another time.
    pub fn scoped(&self) -> &[u8] {
        &self.scoped
    }
}

/// Our engine, and what it knows of users and of other engines.
#[derive(Debug)]
pub struct Usm {
    engine: EngineId,
    boots: u32,
    since: Duration,
    users: Vec<User>,
    /// The users' keys at our engine, in the same order; none for users without.
    own_keys: Vec<Option<LocalKeys>>,
    peers: Peers,
    statistics: Statistics,
    /// Counted on for each message that we encrypt (RFC 3414 §8.1.1.1, RFC 3826 §3.1.2.1).
    salt: u64,
}

/// Which engine a message names.
enum Authority {
    Ours,
    Theirs(EngineId),
}

impl Usm {
    /// Our engine, which has started `boots` times and did so `now`; `salt` is random.
    pub fn new(engine: EngineId, boots: u32, users: Vec<User>, salt: u64, now: Duration) -> Self {
        let own_keys = own_keys(&users, &engine);
        let (peers, statistics) = (Peers::default(), Statistics::default());
        Self { engine, boots, since: now, users, own_keys, peers, statistics, salt }
    }

    /// These users from now on, or other passphrases of theirs. What is known of the engines' clocks stays, so that nothing becomes new
    /// that was recorded before. Whatever was opened before must have been answered.
    pub fn replace(&mut self, users: Vec<User>) {
        self.own_keys = own_keys(&users, &self.engine);
        self.users = users;
        self.peers.forget_keys();
    }

    /// What the record tells of an engine.
    pub fn remember(&mut self, known: EngineTime, now: Duration) {
        self.peers.restore(known, now);
    }

    /// What other engines have said of their time since it was last learned from them; it counts as learned. Whoever ends
    /// remembers it, so that no message of before is believed again.
    pub fn untold(&mut self) -> Vec<EngineTime> {
        self.peers.untold()
    }

    /// Our engine: an inform is addressed to it.
    pub fn engine(&self) -> &EngineId {
        &self.engine
    }

    /// Opens a datagram that holds a message of v3 (RFC 3412 §7.2, RFC 3414 §3.2).
    /// `now` is the time since any beginning that never jumps.
    ///
    /// # Errors
    /// [`Rejected`], with who claims to have sent it and the Report that is due, if one is.
    pub fn open(&mut self, datagram: &[u8], now: Duration) -> Result<Opened, Box<Rejected>> {
        let mut notes = Notes::default();
        let header = header::open(datagram, &mut notes)
            .map_err(|refused| Box::new(Rejected::unreadable(refused)))?;
        let authority = match self.proven(&header, now) {
            Ok(proven) => proven,
            Err(unproven) => return Err(Box::new(self.rejected(&header, unproven, now))),
        };
        match self.opened(&header, authority, notes) {
            Ok(opened) => {
                if let Some(learned) = &opened.learned {
                    self.peers.told(learned);
                }
                Ok(opened)
            }
            Err(why) => Err(Box::new(self.rejected(&header, why.into(), now))),
        }
    }

    /// Steps 3 to 7 of RFC 3414 §3.2: the user that proved himself, in time.
    fn proven(&mut self, header: &Header<'_>, now: Duration) -> Result<Proven, Unproven> {
        let authority = self.authority(header)?;
        let user = self.user(header, &authority)?;
        let learned = match &authority {
            _ if header.level == Level::NoAuthNoPriv => None,
            Authority::Ours => {
                let in_time = self.check_own_time(header, now);
                in_time.map_err(|why| Unproven { why, signer: Some(user) })?;
                None
            }
            Authority::Theirs(engine) => self.check_their_time(header, engine, user, now)?,
        };
        Ok(Proven { authority, user, learned })
    }

    fn authority(&self, header: &Header<'_>) -> Result<Authority, Rejection> {
        let named = &header.sender.engine;
        if named == self.engine.octets() {
            return Ok(Authority::Ours);
        }
        if named.is_empty() {
            return Err(Rejection::Discovery);
        }
        EngineId::new(named).map(Authority::Theirs).map_err(|_| Rejection::UnknownEngine)
    }

    /// The user of the message: of its name, of its engine, of its level, and whose key made its tag.
    fn user(&mut self, header: &Header<'_>, authority: &Authority) -> Result<usize, Rejection> {
        let named =
            || (0_usize..).zip(&self.users).filter(|(_, user)| *user.name == *header.sender.user);
        if named().next().is_none() {
            return Err(Rejection::UnknownUser);
        }
        let of_engine: Vec<usize> = match authority {
            Authority::Ours => named().map(|(place, _)| place).collect(),
            Authority::Theirs(engine) => {
                let own = named().find(|(_, user)| user.engine.as_ref() == Some(engine));
                let any = || named().find(|(_, user)| user.engine.is_none());
                own.or_else(any).map(|(place, _)| place).into_iter().collect()
            }
        };
        let level_of = |place: usize| self.users.get(place).map(User::level);
        let Some(wanted) = of_engine.iter().find_map(|place| level_of(*place)) else {
            return Err(Rejection::UnknownEngine);
        };
        let of_level: Vec<usize> =
            of_engine.into_iter().filter(|place| level_of(*place) == Some(header.level)).collect();
        if of_level.is_empty() {
            return Err(Rejection::Level { sent: header.level, wanted });
        }
        let signer = of_level.into_iter().find(|place| self.has_signed(*place, header, authority));
        signer.ok_or(Rejection::WrongDigest)
    }

    fn has_signed(&mut self, place: usize, header: &Header<'_>, authority: &Authority) -> bool {
        let Some(user) = self.users.get(place) else { return false };
        let Some((protocol, master)) = &user.auth else {
            return true;
        };
        let zeros = vec![0; header.tag.contents.len().min(protocol.tag_length())];
        let [before, after] = header.around;
        let verifies =
            |key: &Key| protocol.verifies(key, [before, &zeros, after], header.tag.contents);
        match authority {
            Authority::Ours => {
                let keys = self.own_keys.get(place).and_then(Option::as_ref);
                keys.is_some_and(|keys| verifies(&keys.auth))
            }
            Authority::Theirs(engine) => {
                let peer = self.peers.known(engine);
                let known = peer.and_then(|peer| peer.keys.iter().find(|keys| keys.user == place));
                match known {
                    Some(keys) => verifies(&keys.auth),
                    None => verifies(&protocol.localised(master, engine.octets())),
                }
            }
        }
    }

    /// RFC 3414 §3.2 step 7 a.
    fn check_own_time(&self, header: &Header<'_>, now: Duration) -> Result<(), Rejection> {
        let ours = self.time(now);
        let in_time = header.boots == self.boots
            && self.boots < LATCHED
            && header.time.abs_diff(ours) <= WINDOW;
        if in_time { Ok(()) } else { Err(Rejection::Late(Late::NotOurTime)) }
    }

    /// RFC 3414 §3.2 step 7 b; then the engine is known, and so are its keys.
    fn check_their_time(
        &mut self,
        header: &Header<'_>,
        engine: &EngineId,
        place: usize,
        now: Duration,
    ) -> Result<Option<EngineTime>, Rejection> {
        let Some(user) = self.users.get(place) else { return Ok(None) };
        let heard = self.peers.hear(engine, (header.boots, header.time), now);
        let learned = match heard {
            Ok(learned) => learned,
            Err(_) if !user.is_timed => None,
            Err(late) => return Err(Rejection::Late(late)),
        };
        if let Some(peer) = self.peers.known(engine) {
            let keys = peer.keys.iter_mut().find(|keys| keys.user == place);
            let needs_privacy = header.level == Level::AuthPriv;
            if keys.is_none_or(|keys| keys.privacy.is_none() && needs_privacy) {
                peer.keys.retain(|keys| keys.user != place);
                peer.keys.extend(local_keys(place, user, engine, needs_privacy));
            }
        }
        Ok(learned)
    }

    fn time(&self, now: Duration) -> u32 {
        seconds(now.saturating_sub(self.since))
    }

    /// Step 8 of RFC 3414 §3.2, and what RFC 3412 §7.2 does with the PDU.
    fn opened(
        &mut self,
        header: &Header<'_>,
        proven: Proven,
        mut notes: Notes,
    ) -> Result<Opened, Rejection> {
        let Proven { authority, user, learned } = proven;
        let name =
            self.users.get(user).map(|user| String::from_utf8_lossy(&user.name).into_owned());
        let plain = match header.level {
            Level::NoAuthNoPriv | Level::AuthNoPriv => None,
            Level::AuthPriv => {
                let plain = self.decrypted(header, &authority, user);
                Some(plain.ok_or(Rejection::Undecryptable)?)
            }
        };
        let reader = plain.as_deref().map_or_else(|| header.body.again(), Reader::new);
        let scope = header::scope(reader).map_err(|refused| {
            // Another key than the sender's makes noise of a message that was proven to be whole.
            if plain.is_some() { Rejection::Undecryptable } else { Rejection::Unreadable(refused) }
        })?;
        let context_engine = scope.engine.contents.to_vec();
        let scoped = scope.whole.to_vec();
        let pdu = match envelope::pdu(&scope.pdu, &mut notes).map_err(Rejection::Unreadable)? {
            Pdu::V1(_) => return Err(Rejection::Unreadable(Refused::UnknownPdu(scope.pdu.tag))),
            pdu @ Pdu::V2(..) => pdu,
        };
        if let (Pdu::V2(PduKind::Inform, _), Authority::Theirs(_)) = (&pdu, &authority) {
            return Err(Rejection::InformForAnother);
        }
        let secured = Secured {
            user: name.unwrap_or_default(),
            level: header.level,
            engine: header.sender.engine.clone(),
            context_engine,
        };
        let message = message::of_v3(&pdu, secured, notes).map_err(Rejection::Unreadable)?;
        Ok(Opened {
            message,
            learned,
            is_timed: self.users.get(user).is_some_and(|user| user.is_timed),
            user,
            msg_id: header.msg_id,
            max_size: header.max_size,
            scoped,
        })
    }

    fn decrypted(
        &mut self,
        header: &Header<'_>,
        authority: &Authority,
        place: usize,
    ) -> Option<Vec<u8>> {
        let user = self.users.get(place)?;
        let (protocol, master) = user.privacy.as_ref()?;
        let (auth, _) = user.auth.as_ref()?;
        let nonce = Nonce { boots: header.boots, time: header.time, salt: header.salt()? };
        let hidden = header.body.contents;
        let known = match authority {
            Authority::Ours => self.own_keys.get(place)?.as_ref(),
            Authority::Theirs(engine) => {
                let peer = self.peers.known(engine);
                peer.and_then(|peer| peer.keys.iter().find(|keys| keys.user == place))
            }
        };
        match (known.and_then(|keys| keys.privacy.as_ref()), authority) {
            (Some(key), _) => protocol.decrypted(key, nonce, hidden),
            // The engine of an untimed user, whose time keeps it out of the table.
            (None, Authority::Theirs(engine)) => {
                let key = protocol.localised(*auth, master, engine.octets());
                protocol.decrypted(&key, nonce, hidden)
            }
            (None, Authority::Ours) => None,
        }
    }
}

/// Who proved himself, and what was learned by it.
struct Proven {
    authority: Authority,
    user: usize,
    learned: Option<EngineTime>,
}

/// The keys of the users at our engine, in the same order.
fn own_keys(users: &[User], engine: &EngineId) -> Vec<Option<LocalKeys>> {
    (0..).zip(users).map(|(place, user)| local_keys(place, user, engine, true)).collect()
}

/// Why a message is not taken, and whose it is, where he has proven that and has only yet to learn our time: he is told it signed.
struct Unproven {
    why: Rejection,
    signer: Option<usize>,
}

impl From<Rejection> for Unproven {
    fn from(why: Rejection) -> Self {
        Self { why, signer: None }
    }
}

/// The keys of a user at an engine; none of a user without.
fn local_keys(place: usize, user: &User, engine: &EngineId, privacy: bool) -> Option<LocalKeys> {
    let (auth, master) = user.auth.as_ref()?;
    let privacy = user.privacy.as_ref().filter(|_| privacy);
    Some(LocalKeys {
        user: place,
        auth: auth.localised(master, engine.octets()),
        privacy: privacy
            .map(|(protocol, master)| protocol.localised(*auth, master, engine.octets())),
    })
}

/// Whether a datagram says that it is SNMPv3 (RFC 3412 §6: msgVersion).
pub fn is_v3(datagram: &[u8]) -> bool {
    let version = Reader::new(datagram).next().and_then(|message| message.inside().next());
    version.is_ok_and(|version| {
        version.tag == ber::INTEGER && ber::integer(version.contents) == Some(3)
    })
}
