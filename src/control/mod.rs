//! The control socket: what the command line asks of the daemon, and what people do through it. Beside it the port of the
//! metrics ([`scrape`]), which answers one question and takes no command.
//!
//! Peer credentials say who is at the other end; nothing else is believed. A question is answered
//! by the watch between two batches; a command is one more event and comes in by the same door.
//! A peer that stays silent, or sends what cannot be read, is told so and sent away; it can hold up
//! nothing but its own connection.

pub mod contacts;
mod door;
mod drills;
mod hall;
mod metrics;
pub mod on_call;
mod peer;
mod quiet;
pub mod scrape;
mod swaps;
mod testing;
mod view;

pub mod protocol;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tracing::{debug, info};

use crate::config::ContactsSettings;
use crate::errand::Errands;
use crate::health::road::Road;
use crate::health::{PingReading, Reading};
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox};
use crate::journal::Latencies;
use crate::watch::decision::{Outcome, Refusal};
use crate::watch::event::{Command, Happening};
use crate::watch::name::PersonId;

pub use self::door::{ControlError, Door};
use self::hall::Spoken;
use self::peer::{Caller, Directory, Peer, Standing};
use self::protocol::{Answer, Asked, Refused, Request};

/// A request is no longer than this.
const REQUEST_LIMIT: u64 = 64 * 1_024;
/// A peer that asks nothing for so long is sent away.
const PATIENCE: Duration = Duration::from_secs(10);

/// All that the control socket needs to answer.
#[derive(Debug)]
pub struct Control {
    door: Door,
    room: Arc<Room>,
}

/// The inputs that are open.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// How each of them is.
    pub readings: Arc<[Reading]>,
    /// Those that are devices of contacts.
    pub contacts: Arc<[Arc<ContactsSettings>]>,
}

impl Default for Inputs {
    fn default() -> Self {
        Self { readings: Arc::from([]), contacts: Arc::from([]) }
    }
}

/// What an answer is made of.
#[derive(Debug)]
pub struct Room {
    /// The door for commands and questions.
    pub inbox: Inbox,
    /// For how many messages wait.
    pub errands: Errands,
    /// What has passed on the road.
    pub road: Road,
    /// The inputs that are open now.
    pub inputs: watch::Receiver<Inputs>,
    /// The life signs that are sent now to dead man's switches.
    pub pings: watch::Receiver<Arc<[PingReading]>>,
    /// So many answers may still be held back for who watches contacts.
    pub held: Semaphore,
    /// The clocks.
    pub clock: Clock,
    /// Where the record is.
    pub store: Arc<Path>,
    /// How long its disk takes.
    pub latencies: watch::Receiver<Latencies>,
    /// When the daemon started.
    pub started: crate::watch::time::Utc,
}

impl Control {
    /// Everything is ready to be asked for.
    pub fn new(door: Door, room: Arc<Room>) -> Self {
        Self { door, room }
    }

    /// Serves until the house closes.
    pub async fn run(self, mut closing: Closing) {
        tokio::select! {
            () = self.serve() => {}
            () = closing.closing() => {}
        }
        self.door.close();
    }

    async fn serve(&self) {
        hall::receive(&self.door, "the control socket", |stream, spoken| {
            self.receive(stream, spoken)
        })
        .await;
    }

    async fn receive(&self, stream: UnixStream, spoken: Spoken) {
        if let Err(error) = self.converse(stream, &spoken).await {
            debug!(%error, "a peer at the control socket went away");
        }
    }

    /// One question, one answer.
    async fn converse(&self, mut stream: UnixStream, spoken: &Spoken) -> std::io::Result<()> {
        let caller = Caller::of(&stream)?;
        let mut line = Vec::new();
        let (reading, mut writing) = stream.split();
        let mut limited = BufReader::new(reading.take(REQUEST_LIMIT));
        let heard = timeout(PATIENCE, limited.read_until(b'\n', &mut line)).await;
        spoken.note();
        let answer = match heard {
            Ok(Ok(_)) => match serde_json::from_slice::<Request>(&line) {
                Ok(request) => {
                    self.answer(&caller.looked_up(Directory::SYSTEM).await, request).await
                }
                Err(error) => {
                    Answer::Refused(Refused::usage(format!("the request cannot be read: {error}")))
                }
            },
            Ok(Err(error)) => return Err(error),
            Err(_) => Answer::Refused(Refused::usage("no request came".to_owned())),
        };
        let mut bytes = serde_json::to_vec(&answer)?;
        bytes.push(b'\n');
        timeout(PATIENCE, writing.write_all(&bytes)).await??;
        writing.shutdown().await
    }

    async fn answer(&self, peer: &Peer, request: Request) -> Answer {
        let account = peer.account();
        let person = self.room.inbox.ask(move |watch| watch.site().person_of(&account).cloned());
        let standing = match person.await {
            Ok(person) => peer.standing(person, self.door.group()).await,
            Err(withheld) => return Answer::Refused(Refused::unavailable(withheld.to_string())),
        };
        let answered = match (request, standing) {
            (_, Standing::Unknown) => Err(unknown(peer)),
            (_, Standing::Stranger) => Err(Refused::no_permission(format!(
                "the account `{}` may not talk to Vigie; add it to the group of {}, or name it as a person's `user`",
                peer.account(),
                self.door.path().display()
            ))),
            (Request::Act(asked), standing) => self.act(peer, asked, &standing).await,
            (Request::Take(asked), standing) => {
                on_call::take(&self.room, peer, asked, &standing).await
            }
            (Request::OnCall(asked), _) => on_call::on_call(&self.room, asked).await,
            (Request::Status, _) => view::status(&self.room).await,
            (Request::Alarms { all }, _) => view::alarms(&self.room, all).await,
            (Request::Drills, _) => drills::drills(&self.room).await,
            (Request::Unclaimed, _) => view::unclaimed(&self.room).await,
            (Request::Plan(from), _) => view::plan(&self.room, from).await,
            (Request::Contacts(asked), _) => contacts::contacts(&self.room, asked).await,
            (Request::Test(asked), standing) => {
                testing::test(&self.room, peer, asked, &standing).await
            }
            (Request::Tests(occurrences), _) => testing::tests(&self.room, occurrences).await,
            (Request::TestSms(asked), standing) => {
                testing::sms(&self.room, peer, asked, &standing).await
            }
            (Request::SmsTest(number), _) => testing::sms_test(&self.room, number).await,
            (Request::Swap(asked), standing) => {
                swaps::swap(&self.room, peer, asked, &standing).await
            }
            (Request::Swaps, _) => swaps::swaps(&self.room).await,
            (Request::Quieten(wished), standing) => {
                quiet::quieten(&self.room, peer, wished, &standing).await
            }
            (Request::Quiet, _) => quiet::kept(&self.room).await,
            (Request::Metrics, _) => view::told(metrics::page(&self.room).await),
        };
        answered.unwrap_or_else(Answer::Refused)
    }

    async fn act(&self, peer: &Peer, asked: Asked, standing: &Standing) -> Result<Answer, Refused> {
        let person = who_acts(peer, asked.person.as_deref(), standing)?;
        let command = Command {
            person,
            account: Arc::from(peer.account()),
            action: asked.action,
            target: asked.target,
        };
        info!(person = %command.person, account = %command.account, action = ?command.action, "a person acts on the command line");
        self.room.order(Happening::Command(command)).await
    }
}

impl Room {
    /// How each input is, of those that are open now.
    fn readings(&self) -> Arc<[Reading]> {
        Arc::clone(&self.inputs.borrow().readings)
    }

    /// What a person wants goes in by the same door as an SMS: what came of it, once it is on disk.
    async fn order(&self, happening: Happening) -> Result<Answer, Refused> {
        match self.inbox.post(happening, self.clock.now()).await {
            Ok(
                Outcome::Done(sentence)
                | Outcome::Testing(_, sentence)
                | Outcome::Owing(_, sentence),
            ) => Ok(Answer::Done(sentence)),
            Ok(Outcome::Taken | Outcome::Repeated) => Ok(Answer::Done(String::new())),
            Ok(Outcome::Refused(Refusal(sentence))) => Err(Refused::not_done(sentence)),
            Err(withheld) => Err(Refused::unavailable(withheld.to_string())),
        }
    }
}

/// An account that is a person's acts as that person, and as no other; root and the daemon's own
/// account name whom they act for; others act for nobody.
fn who_acts(peer: &Peer, named: Option<&str>, standing: &Standing) -> Result<PersonId, Refused> {
    match (standing, named) {
        (Standing::Operator(_), Some(named)) => Ok(PersonId::new(named)),
        (Standing::Operator(Some(person)), None) => Ok(person.clone()),
        (Standing::Operator(None), None) => Err(Refused::usage(
            "say for whom you act: `--as PERSON`, an identifier of [people]".to_owned(),
        )),
        (Standing::Person(person), named) if named.is_none_or(|named| named == person.as_str()) => {
            Ok(person.clone())
        }
        (Standing::Person(person), _) => Err(Refused::no_permission(format!(
            "the account `{}` acts as `{person}` and as nobody else",
            peer.account()
        ))),
        (Standing::Unknown, _) => Err(unknown(peer)),
        (Standing::Reader | Standing::Stranger, _) => Err(Refused::no_permission(format!(
            "the account `{}` may look and not act; a person acts by the account that `user` names in [people]",
            peer.account()
        ))),
    }
}

/// The machine does not say who somebody is: they are nobody, and not for what they have or have not.
fn unknown(peer: &Peer) -> Refused {
    Refused::unavailable(format!(
        "this machine does not say within {} seconds who the account `{}` is and to which groups it belongs: its directory of accounts \
         (LDAP?) does not answer, or with an error; root may act, and so may people whose account is in /etc/passwd",
        peer::PATIENCE.as_secs(),
        peer.account()
    ))
}
