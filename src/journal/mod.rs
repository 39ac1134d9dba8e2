//! The journal: the one file of state, in which everything is on the record.
//!
//! It decides nothing and knows nothing of alarms: it takes what the watch decided as ready bodies,
//! numbers them, chains each to the one before by SHA-256, and says "done" when they are on the
//! disk. What it said "done" to survives a crash or a power cut at any instant. When the disk
//! refuses, the cause is told, and the same batch is welcome until the disk takes it. A damaged
//! file is named and refused; it is never repaired, emptied or replaced.
//!
//! **Decision (2026-11-23): entries are chained one by one, and stored one row for each commit.**
//! Each entry is a JSON line that bears the hash of the line before; the hash of an entry is the
//! SHA-256 of exactly its line, so an export can be checked with `sha256sum` and nothing of ours.
//! A commit's lines are the body of one row of `block`, keyed by its first number: a storm must fit
//! through one fsync. SQLite took 170,000 rows of 300 bytes a second, and 40,000 with an index on
//! them; as blocks it takes more than 200,000 entries of 600 bytes, hashed (`cargo bench -- journal`).
//! What it costs: a single entry is found by reading its block.
//! Rejected: one hash for each block, which would name a block, not an entry, as altered; and a
//! file of lines beside SQLite, which would need its own recovery and could disagree with the rows.
//!
//! **Decision (2026-11-23): one operation writes, `append(expected head, batch)`.** It succeeds if
//! the journal stands at that head, and leads to a head that the caller can compute; so an append
//! whose answer was lost can be repeated, and a replicated log can take the place of SQLite.
//! A batch that failed is repeated unchanged before any other is tried.

mod backup;
mod ballast;
mod blocks;
mod chain;
mod entry;
mod error;
mod fault;
mod latency;
mod log;
mod place;
mod proof;
mod reader;
mod recovery;
mod retention;
mod rows;
mod schema;
mod snapshot;
mod tables;
mod writer;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use self::ballast::Ballast;
pub use self::ballast::Reserve;
pub use self::chain::{ENTRY_LIMIT, Hash, Head};
pub use self::entry::Entry;
pub use self::error::{CommitError, JournalError};
pub use self::fault::{Broken, EntryFault, Fault};
pub use self::latency::{Figures, Latencies, Pace};
use self::place::Place;
pub use self::reader::{Reader, Verification};
pub use self::recovery::{Doubt, DoubtReason, Recovered};
pub use self::retention::PRUNED;
pub use self::rows::{Alarms, AttemptRow, NotificationRow, OccurrenceRow, Row};
pub use self::tables::Alteration;
use self::writer::{Request, Writer};
use crate::watch::time::{Moment, Mono, Utc};

/// So many requests may wait for the writer: the sequencer's commit, a piece of a snapshot.
const WAITING: usize = 64;

/// Something to be put on the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewEntry {
    /// When it was decided.
    pub moment: Moment,
    /// What its body is: a plain word of `a-z`, `0-9`, `.`, `_` and `-`.
    pub kind: &'static str,
    /// One JSON object on one line.
    pub body: Vec<u8>,
    /// Whether it was decided while the store refused writes.
    pub distress: bool,
}

/// What goes to the disk together, or not at all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Batch {
    /// The entries, in order.
    pub entries: Vec<NewEntry>,
    /// What follows from them for the tables; of several for the same thing, the last counts.
    pub rows: Vec<Row>,
}

/// The open journal: the only one that writes the file.
#[derive(Debug)]
pub struct Journal {
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
    reserve: watch::Receiver<Reserve>,
    latencies: watch::Receiver<Latencies>,
}

/// The one who writes what the journal is asked for, in order; owns the file.
#[derive(Debug)]
pub struct Scribe {
    writer: Writer,
    waiting: mpsc::Receiver<Request>,
}

/// How much a snapshot is needed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// The record holds everything; a start is faster with it. It is not written in the room that is kept back for the record.
    Convenient,
    /// It alone holds something.
    Only,
}

/// A snapshot that is being written, piece by piece; dropped unfinished, it is as if it never was.
#[derive(Debug)]
pub struct SnapshotDraft<'a> {
    journal: &'a Journal,
    id: i64,
}

impl Journal {
    /// Opens the journal at `path`, or creates it if nothing is there; proves its last block.
    ///
    /// It blocks on the disk. What comes with it must be read before the watch decides anything.
    ///
    /// # Errors
    /// [`JournalError`], with the path, what is wrong and what to do. Nothing is created or changed where something else is there.
    pub fn open(path: &Path) -> Result<(Self, Recovered), JournalError> {
        let (mut journal, recovered, scribe) = Self::open_by_hand(path)?;
        // Not a task: it blocks on the disk for as long as the journal is open. It is joined when
        // the journal is dropped.
        let writer = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || scribe.run())
            .map_err(|source| JournalError::Thread { path: path.to_owned(), source })?;
        journal.writer = Some(writer);
        Ok((journal, recovered))
    }

    /// [`Journal::open`] without a thread: nothing is written but when the scribe is told to. For
    /// the simulation, in which the disk is as slow as the night wants it.
    pub fn open_by_hand(path: &Path) -> Result<(Self, Recovered, Scribe), JournalError> {
        let place = Place::take(path)?;
        let path = place.path().to_owned();
        let (ballast, reserve) = Ballast::of(&path);
        log::prove(&path)?;
        schema::renew_log(&path)?;
        let store = match schema::open_to_write(&path) {
            // Even to open takes a little room.
            Err(JournalError::Full { .. }) if ballast.give_up() => schema::open_to_write(&path)?,
            opened => opened?,
        };
        match schema::empty_log(&store) {
            Ok(true | false) => {}
            // No room: it is safe in the log, and moves later.
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) => {}
            Err(source) => return Err(JournalError::from_sqlite("sync", &path, source)),
        }
        let recovered = Recovered::new(schema::open_to_read(&path)?, path.clone())?;
        let (told, latencies) = watch::channel(Latencies::default());
        let writer = Writer::new(place, store, recovered.head(), ballast, told);
        let (requests, waiting) = mpsc::channel(WAITING);
        let journal = Self { requests: Some(requests), writer: None, reserve, latencies };
        Ok((journal, recovered, Scribe { writer, waiting }))
    }

    /// Puts a batch on the disk behind everything that is there; returns where the journal then
    /// stands.
    ///
    /// If it fails, nothing of it is promised, and the same batch, unchanged, is to be tried again
    /// before any other: a sync that failed may have succeeded in part, and the batch may turn out
    /// to be there, which counts as success. That holds too for a commit that was not awaited to
    /// its end. Another batch would then be refused with [`CommitError::HeadMoved`].
    pub async fn commit(&self, batch: impl Into<Arc<Batch>>) -> Result<Head, CommitError> {
        let batch = batch.into();
        self.ask(|reply| Request::Append { expected: None, batch, reply }).await
    }

    /// Puts a batch on the disk behind `expected`, or refuses. If the journal already stands where
    /// this very batch leads from there, it was appended before, and that is success.
    pub async fn append(
        &self,
        expected: Head,
        batch: impl Into<Arc<Batch>>,
    ) -> Result<Head, CommitError> {
        let (expected, batch) = (Some(expected), batch.into());
        self.ask(|reply| Request::Append { expected, batch, reply }).await
    }

    /// [`Journal::commit`] for where there is no runtime; inside one it panics.
    pub fn commit_blocking(&self, batch: impl Into<Arc<Batch>>) -> Result<Head, CommitError> {
        let (reply, answer) = oneshot::channel();
        let request = Request::Append { expected: None, batch: batch.into(), reply };
        let requests = self.requests.as_ref().ok_or(CommitError::Closed)?;
        requests.blocking_send(request).map_err(|_| CommitError::Closed)?;
        answer.blocking_recv().map_err(|_| CommitError::Closed)?
    }

    /// Begins a snapshot of the state after the entry `at`, which must be the last one. It ends a
    /// snapshot that was begun and not finished. Commits go on meanwhile.
    ///
    /// # Errors
    /// [`CommitError::HeadMoved`] where `at` is not the last entry any more; otherwise what the disk refuses.
    pub async fn begin_snapshot(
        &self,
        at: Head,
        need: Need,
    ) -> Result<SnapshotDraft<'_>, CommitError> {
        let id = self.ask(|reply| Request::BeginSnapshot { at, need, reply }).await?;
        Ok(SnapshotDraft { journal: self, id })
    }

    /// The last of the entries that are all older than `before` and that no start needs: so many as [`Journal::prune`] lets go of at
    /// once. `None`: there are none.
    pub async fn stale(&self, before: Utc) -> Result<Option<Head>, CommitError> {
        self.ask(|reply| Request::Stale { before, reply }).await
    }

    /// Lets go of the entries up to this one, which an entry of the kind [`PRUNED`] has named, and of some rows for questions about
    /// what was over before `before`; says whether there may be more rows.
    ///
    /// # Errors
    /// [`CommitError::HeadMoved`] where no block ends with that entry; otherwise what the disk refuses. It may be asked again.
    pub async fn prune(&self, through: Option<Head>, before: Utc) -> Result<bool, CommitError> {
        self.ask(|reply| Request::Prune { through, before, reply }).await
    }

    /// What became of the room that is kept back for the hour in which the disk is full.
    pub fn reserve(&self) -> Reserve {
        *self.reserve.borrow()
    }

    /// Keeps room back for the hour in which the disk is full, if the disk has enough. The writer
    /// gives it up for the first commit that a full disk refuses, and commits again in its room.
    pub async fn lay_reserve(&self) -> Result<Reserve, CommitError> {
        self.ask(|reply| Request::LayReserve { reply }).await
    }

    /// From now on the writer measures by this clock how long the disk takes.
    pub async fn measure_by(&self, clock: fn() -> Mono) {
        if let Some(requests) = &self.requests {
            // A writer that is gone measures nothing.
            let _ = requests.send(Request::Measure { clock }).await;
        }
    }

    /// What the writer has measured, now and later.
    pub fn latencies(&self) -> watch::Receiver<Latencies> {
        self.latencies.clone()
    }

    /// How the disk is, where a write may take that long.
    pub fn pace(&self, bound: Duration, now: Mono) -> Pace {
        self.latencies.borrow().pace(bound, now)
    }

    /// Has the writer prove that it reaches the disk, behind all that it was asked for before: a few octets beside the file are
    /// written anew and synced, which needs no room and puts nothing on the record. What the disk says goes to `proof`, which is
    /// dropped when there is no writer any more. Nobody waits for the writer here: one that has too much to do cannot prove it.
    pub fn prove(&self, proof: oneshot::Sender<io::Result<()>>) {
        let Some(requests) = &self.requests else { return };
        if let Err(mpsc::error::TrySendError::Full(Request::Prove { proof })) =
            requests.try_send(Request::Prove { proof })
        {
            let _ = proof.send(Err(io::Error::from(io::ErrorKind::WouldBlock)));
        }
    }

    /// The end of the writer: the journal was closed, or its thread panicked, and then nothing is written any more, whatever the disk
    /// can do.
    pub fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        // Its own end of what it tells is dropped with it.
        let mut told = self.reserve.clone();
        async move { while told.changed().await.is_ok() {} }
    }

    /// Waits until everything that was asked for is done, and lets go of the file.
    pub fn close(self) {
        drop(self);
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, CommitError>>) -> Request,
    ) -> Result<T, CommitError> {
        let (reply, answer) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or(CommitError::Closed)?;
        requests.send(request(reply)).await.map_err(|_| CommitError::Closed)?;
        answer.await.map_err(|_| CommitError::Closed)?
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(writer) = self.writer.take() {
            // A writer that panicked was told to the one whose request it dropped.
            let _ = writer.join();
        }
    }
}

impl Scribe {
    /// Does the next thing that is asked for, if anything is; it blocks on the disk.
    pub fn turn(&mut self) -> bool {
        let asked = self.waiting.try_recv();
        asked.map(|request| self.writer.serve(request)).is_ok()
    }

    /// Whether anything is asked for.
    pub fn is_asked(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Serves until nobody can ask any more.
    fn run(mut self) {
        while let Some(request) = self.waiting.blocking_recv() {
            self.writer.serve(request);
        }
    }
}

impl SnapshotDraft<'_> {
    /// Adds a piece; what follows it may be of any length, up to 16 MiB.
    ///
    /// # Errors
    /// [`CommitError::ChunkTooLong`]; [`CommitError::SnapshotGivenUp`] where another was begun or a piece failed; what the disk refuses.
    pub async fn chunk(&mut self, body: Vec<u8>) -> Result<(), CommitError> {
        let draft = self.id;
        self.journal.ask(|reply| Request::Chunk { draft, body, reply }).await
    }

    /// Makes it the newest snapshot, and returns the digest of its pieces. Two are kept.
    ///
    /// # Errors
    /// [`CommitError::SnapshotGivenUp`] and what the disk refuses; the snapshots of before stay.
    pub async fn finish(self) -> Result<Hash, CommitError> {
        let draft = self.id;
        self.journal.ask(|reply| Request::FinishSnapshot { draft, reply }).await
    }
}
