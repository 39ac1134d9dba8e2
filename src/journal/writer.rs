//! The one writer: the one connection that writes, fed one request at a time.
//!
//! A request succeeds whole, with its bytes on the disk, or promises nothing and says why. A
//! failure of the disk leaves the writer ready: the next commit works as soon as the disk does.
//!
//! A commit whose sync failed may still come back from the write-ahead log, whole, after a crash
//! or when the file is opened again. That is why a batch is appended to an expected head, and why appending
//! the same batch to the same head twice is one append: the caller may always try again.

use std::io;
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::ballast::{Ballast, Reserve};
use super::blocks;
use super::chain::{self, Hash, Head, Sealed};
use super::error::{Cause, CommitError};
use super::latency::Latencies;
use super::place::Place;
use super::rows::{self, Row};
use super::snapshot::{CHUNK_LIMIT, Draft};
use super::{Batch, Need, retention, schema};
use crate::watch::time::{Mono, Utc};

/// After so many failures in a row the file is opened again: a device that was unplugged and came
/// back leaves descriptors that never work again. Not after the first: SQLite's own way back from
/// a failed sync writes the same pages anew, which opening again would not.
const PATIENCE: u32 = 3;

type Reply<T> = oneshot::Sender<Result<T, CommitError>>;

/// What the writer is asked for.
#[derive(Debug)]
pub(super) enum Request {
    /// Puts a batch behind this head, or behind whatever is there.
    Append { expected: Option<Head>, batch: Arc<Batch>, reply: Reply<Head> },
    /// A snapshot begins; the answer is the number of its draft.
    BeginSnapshot { at: Head, need: Need, reply: Reply<i64> },
    /// One more piece of a draft.
    Chunk { draft: i64, body: Vec<u8>, reply: Reply<()> },
    /// A draft becomes the newest snapshot.
    FinishSnapshot { draft: i64, reply: Reply<Hash> },
    /// Keeps room back for a full disk.
    LayReserve { reply: Reply<Reserve> },
    /// Which entries are old enough to go.
    Stale { before: Utc, reply: Reply<Option<Head>> },
    /// Lets go of these entries, and of some rows.
    Prune { through: Option<Head>, before: Utc, reply: Reply<bool> },
    /// Proves that the disk is reached.
    Prove { proof: oneshot::Sender<io::Result<()>> },
    /// Measures by this clock from now on.
    Measure { clock: fn() -> Mono },
}

/// Owns the file while the journal is open.
#[derive(Debug)]
pub(super) struct Writer {
    /// Closed before the place is left; `None` between a failure and the next attempt.
    store: Option<Connection>,
    place: Place,
    head: Head,
    ballast: Ballast,
    failures: u32,
    draft: Option<Draft>,
    drafts: i64,
    /// How far the rows for questions have been looked through.
    rows: retention::Rows,
    stopwatch: Stopwatch,
}

/// Measures how long the disk takes, once it has a clock.
#[derive(Debug)]
struct Stopwatch {
    clock: Option<fn() -> Mono>,
    told: watch::Sender<Latencies>,
}

/// Why a piece of work did not succeed.
enum Failure {
    /// SQLite or the disk refused.
    Sqlite(rusqlite::Error),
    /// The request does not fit; the disk is well.
    Refused(CommitError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Writer {
    pub(super) fn new(
        place: Place,
        store: Connection,
        head: Head,
        ballast: Ballast,
        told: watch::Sender<Latencies>,
    ) -> Self {
        let (rows, stopwatch) = (retention::Rows::default(), Stopwatch { clock: None, told });
        let store = Some(store);
        Self { store, place, head, ballast, failures: 0, draft: None, drafts: 0, rows, stopwatch }
    }

    /// An answer that nobody waits for any more is dropped: what was written stays written.
    pub(super) fn serve(&mut self, request: Request) {
        match request {
            Request::Append { expected, batch, reply } => {
                let began = self.stopwatch.begins();
                let appended = self.append(expected, &batch);
                self.stopwatch.ends(began, appended.is_ok());
                drop(reply.send(appended))
            }
            Request::BeginSnapshot { at, need, reply } => {
                drop(reply.send(self.begin_snapshot(at, need)));
            }
            Request::Chunk { draft, body, reply } => drop(reply.send(self.add_chunk(draft, body))),
            Request::FinishSnapshot { draft, reply } => {
                drop(reply.send(self.finish_snapshot(draft)))
            }
            Request::LayReserve { reply } => drop(reply.send(Ok(self.lay_reserve()))),
            Request::Stale { before, reply } => {
                drop(reply.send(self.write(|store| Ok(retention::stale(store, before)?))))
            }
            Request::Prune { through, before, reply } => {
                drop(reply.send(self.prune(through, before)))
            }
            Request::Prove { proof } => {
                let began = self.stopwatch.begins();
                let reached = self.place.reach();
                self.stopwatch.ends(began, reached.is_ok());
                drop(proof.send(reached))
            }
            Request::Measure { clock } => self.stopwatch.clock = Some(clock),
        }
    }

    fn append(&mut self, expected: Option<Head>, batch: &Batch) -> Result<Head, CommitError> {
        let expected = expected.unwrap_or(self.head);
        let sealed = chain::seal(expected, &batch.entries)?;
        let append = |store: &mut Connection| append(store, expected, &sealed, &batch.rows);
        let appended = match self.write(append) {
            Err(CommitError::Full { .. }) if self.give_up_reserve() => self.write(append),
            appended => appended,
        };
        self.head = appended?;
        Ok(self.head)
    }

    fn lay_reserve(&mut self) -> Reserve {
        let reserve = self.ballast.lay();
        self.pace_log();
        reserve
    }

    /// The room is for the record alone: a snapshot that is being written goes with it.
    fn give_up_reserve(&mut self) -> bool {
        let given_up = self.ballast.give_up();
        if given_up {
            self.draft = None;
            self.pace_log();
        }
        given_up
    }

    /// In the room of the reserve the log is kept short, where a setting that does not take costs
    /// room, and nothing else.
    fn pace_log(&self) {
        if let Some(store) = &self.store {
            let _ = schema::pace_log(store, self.ballast.is_in_use());
        }
    }

    fn begin_snapshot(&mut self, at: Head, need: Need) -> Result<i64, CommitError> {
        self.draft = None;
        if self.ballast.is_in_use() && need == Need::Convenient {
            return Err(CommitError::Full { path: self.place.path().to_owned() });
        }
        let last = self.drafts;
        let draft = self.write(|store| {
            let found = blocks::head(store)?;
            if found != at {
                return Err(Failure::Refused(CommitError::HeadMoved { expected: at, found }));
            }
            Ok(Draft::begin(store, last, at)?)
        })?;
        self.drafts = draft.id;
        Ok(self.draft.insert(draft).id)
    }

    fn add_chunk(&mut self, id: i64, body: Vec<u8>) -> Result<(), CommitError> {
        if body.len() > CHUNK_LIMIT {
            return Err(CommitError::ChunkTooLong { length: body.len(), limit: CHUNK_LIMIT });
        }
        let mut draft = self.take_draft(id)?;
        if draft.add(body) {
            self.write(|store| Ok(draft.flush(store)?))?;
        }
        self.draft = Some(draft);
        Ok(())
    }

    fn finish_snapshot(&mut self, id: i64) -> Result<Hash, CommitError> {
        let draft = self.take_draft(id)?;
        self.write(|store| Ok(draft.finish(store)?))
    }

    fn prune(&mut self, through: Option<Head>, before: Utc) -> Result<bool, CommitError> {
        let head = self.head;
        if let Some(through) = through {
            self.write(|store| {
                let moved = CommitError::HeadMoved { expected: through, found: head };
                if retention::prune(store, through)? {
                    Ok(())
                } else {
                    Err(Failure::Refused(moved))
                }
            })?;
        }
        let mut rows = self.rows;
        let more = self.write(|store| Ok(rows.prune(store, before)?))?;
        self.rows = rows;
        Ok(more)
    }

    /// The draft leaves its place and comes back with the next success: a failure gives it up.
    fn take_draft(&mut self, id: i64) -> Result<Draft, CommitError> {
        self.draft.take_if(|draft| draft.id == id).ok_or(CommitError::SnapshotGivenUp)
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, Failure>,
    ) -> Result<T, CommitError> {
        if !self.place.is_unmoved() {
            return Err(CommitError::Moved { path: self.place.path().to_owned() });
        }
        let mut store = match self.store.take() {
            Some(store) => store,
            None => self.reopen()?,
        };
        let outcome = work(&mut store);
        let lasting = match &outcome {
            Ok(_) | Err(Failure::Refused(_)) => false,
            Err(Failure::Sqlite(error)) => !matches!(Cause::of(error), Cause::Full | Cause::Busy),
        };
        self.failures = if lasting { self.failures + 1 } else { 0 };
        // A transaction that could not even be rolled back goes with its connection.
        if self.failures < PATIENCE && store.is_autocommit() {
            self.store = Some(store);
        } else {
            self.failures = 0;
        }
        outcome.map_err(|failure| match failure {
            Failure::Sqlite(source) => CommitError::from_sqlite(self.place.path(), source),
            Failure::Refused(refusal) => refusal,
        })
    }

    /// The log must come into the database whole: after a failed sync the log alone may be read
    /// back from memory that is on no disk.
    fn reopen(&self) -> Result<Connection, CommitError> {
        let path = self.place.path();
        let reopened = schema::renew_log(path).and_then(|()| schema::open_to_write(path));
        let store = reopened.map_err(|error| CommitError::Reopen(Box::new(error)))?;
        match schema::empty_log(&store) {
            Ok(true) => {
                let _ = schema::pace_log(&store, self.ballast.is_in_use());
                Ok(store)
            }
            Ok(false) => Err(CommitError::Busy { path: path.to_owned() }),
            Err(source) => Err(CommitError::from_sqlite(path, source)),
        }
    }
}

impl Stopwatch {
    fn begins(&self) -> Option<Mono> {
        self.clock.map(|clock| clock())
    }

    /// What did not succeed is not measured: that is told otherwise.
    fn ends(&self, began: Option<Mono>, succeeded: bool) {
        let Some((clock, began)) = self.clock.zip(began).filter(|_| succeeded) else { return };
        let ended = clock();
        self.told.send_modify(|latencies| latencies.record(began.until(ended), ended));
    }
}

/// The journal's one writing operation: these entries behind that head, or nothing.
fn append(
    store: &mut Connection,
    expected: Head,
    sealed: &Sealed,
    rows: &[Row],
) -> Result<Head, Failure> {
    let step = store.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = blocks::head(&step)?;
    if found == sealed.head && !sealed.blocks.is_empty() {
        return Ok(found); // appended before; the answer was lost
    }
    if found != expected {
        return Err(Failure::Refused(CommitError::HeadMoved { expected, found }));
    }
    for block in &sealed.blocks {
        blocks::insert(&step, block)?;
    }
    rows::write(&step, rows)?;
    step.commit()?;
    Ok(sealed.head)
}
