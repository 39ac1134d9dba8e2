//! The tables for questions: what the entries amount to, one row for each occurrence,
//! notification and attempt.
//!
//! They are derived: written in the transaction of the entries that they follow from, no part of
//! the proof, and rebuilt from the entries if they are ever lost. So they carry no constraint
//! beyond their types: a row that does not fit must never keep an entry from the disk.

use std::collections::HashSet;

use rusqlite::{Connection, Row as SqlRow, params};

use crate::watch::time::Utc;

/// A row to write; the row of the same number or identifier is replaced.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Row {
    /// An occurrence, whole.
    Occurrence(OccurrenceRow),
    /// A notification, whole.
    Notification(NotificationRow),
    /// An attempt, whole.
    Attempt(AttemptRow),
}

/// An occurrence as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OccurrenceRow {
    /// Its number.
    pub number: u64,
    /// The alarm's definition.
    pub definition: String,
    /// The alarm's key.
    pub key: String,
    /// The alarm's state, as `vigie alarms` says it.
    pub state: String,
    /// How bad, as the files write it.
    pub priority: String,
    /// What people read.
    pub text: String,
    /// When it opened.
    pub opened: Utc,
    /// When it was last activated.
    pub active_since: Utc,
    /// When the cause went away.
    pub returned: Option<Utc>,
    /// When somebody took it.
    pub acknowledged: Option<Utc>,
    /// Who took it.
    pub acknowledged_by: Option<String>,
    /// When somebody said that it is dealt with.
    pub confirmed: Option<Utc>,
    /// Who said so.
    pub confirmed_by: Option<String>,
    /// When it closed.
    pub closed: Option<Utc>,
    /// How often it was active again.
    pub repeats: u64,
}

/// A notification as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotificationRow {
    /// Its identifier.
    pub id: u64,
    /// The occurrence that it speaks of; none for a digest or a notice.
    pub occurrence: Option<u64>,
    /// To whom.
    pub person: String,
    /// By which channel.
    pub channel: String,
    /// Call, reminder, digest, notice, answer.
    pub kind: String,
    /// Queued, sending, sent, delivered, refused, expired, unknown.
    pub state: String,
    /// What the person reads.
    pub text: String,
    /// When it was decided.
    pub created: Utc,
    /// When it was delivered, refused or given up.
    pub ended: Option<Utc>,
}

/// One attempt to send a notification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttemptRow {
    /// The notification.
    pub notification: u64,
    /// Which attempt of this notification it was, from 1.
    pub number: u64,
    /// The modem or server.
    pub input: String,
    /// When it began.
    pub started: Utc,
    /// When it ended.
    pub ended: Option<Utc>,
    /// How it ended.
    pub outcome: Option<String>,
    /// By what the network knows it.
    pub reference: Option<String>,
}

#[derive(PartialEq, Eq, Hash)]
enum RowId {
    Occurrence(u64),
    Notification(u64),
    Attempt(u64, u64),
}

impl Row {
    fn id(&self) -> RowId {
        match self {
            Self::Occurrence(row) => RowId::Occurrence(row.number),
            Self::Notification(row) => RowId::Notification(row.id),
            Self::Attempt(row) => RowId::Attempt(row.notification, row.number),
        }
    }

    fn write(&self, store: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::Occurrence(row) => row.write(store),
            Self::Notification(row) => row.write(store),
            Self::Attempt(row) => row.write(store),
        }
    }
}

/// Writes each row once: of several with the same identity the last.
pub(super) fn write(store: &Connection, rows: &[Row]) -> rusqlite::Result<()> {
    let mut seen = HashSet::with_capacity(rows.len());
    rows.iter().rev().filter(|row| seen.insert(row.id())).try_for_each(|row| row.write(store))
}

impl OccurrenceRow {
    fn write(&self, store: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO occurrence (number, definition, key, state, priority, text, opened,
                active_since, returned, acknowledged, acknowledged_by, confirmed, confirmed_by, closed, repeats)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
        store.prepare_cached(sql)?.execute(params![
            self.number,
            self.definition,
            self.key,
            self.state,
            self.priority,
            self.text,
            self.opened.micros(),
            self.active_since.micros(),
            self.returned.map(Utc::micros),
            self.acknowledged.map(Utc::micros),
            self.acknowledged_by,
            self.confirmed.map(Utc::micros),
            self.confirmed_by,
            self.closed.map(Utc::micros),
            self.repeats,
        ])?;
        Ok(())
    }

    fn read(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        let utc = |column: &str| row.get(column).map(Utc::from_micros);
        let maybe_utc =
            |column: &str| row.get(column).map(|micros: Option<i64>| micros.map(Utc::from_micros));
        Ok(Self {
            number: row.get("number")?,
            definition: row.get("definition")?,
            key: row.get("key")?,
            state: row.get("state")?,
            priority: row.get("priority")?,
            text: row.get("text")?,
            opened: utc("opened")?,
            active_since: utc("active_since")?,
            returned: maybe_utc("returned")?,
            acknowledged: maybe_utc("acknowledged")?,
            acknowledged_by: row.get("acknowledged_by")?,
            confirmed: maybe_utc("confirmed")?,
            confirmed_by: row.get("confirmed_by")?,
            closed: maybe_utc("closed")?,
            repeats: row.get("repeats")?,
        })
    }
}

impl NotificationRow {
    fn read(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            occurrence: row.get("occurrence")?,
            person: row.get("person")?,
            channel: row.get("channel")?,
            kind: row.get("kind")?,
            state: row.get("state")?,
            text: row.get("text")?,
            created: row.get("created").map(Utc::from_micros)?,
            ended: row.get::<_, Option<i64>>("ended")?.map(Utc::from_micros),
        })
    }

    fn write(&self, store: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO notification
                (id, occurrence, person, channel, kind, state, text, created, ended)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        store.prepare_cached(sql)?.execute(params![
            self.id,
            self.occurrence,
            self.person,
            self.channel,
            self.kind,
            self.state,
            self.text,
            self.created.micros(),
            self.ended.map(Utc::micros),
        ])?;
        Ok(())
    }
}

/// Hands out the occurrences that opened within the span, its end left out, in the order of their numbers.
pub(super) fn occurrences(
    store: &Connection,
    span: (Utc, Utc),
    each: impl FnMut(OccurrenceRow),
) -> rusqlite::Result<()> {
    let sql = "SELECT * FROM occurrence WHERE opened >= ?1 AND opened < ?2 ORDER BY number";
    between(store, sql, span, OccurrenceRow::read, each)
}

/// Hands out the notifications that were made within the span, its end left out, and whether each ever left: the network had it, or may have.
pub(super) fn notifications(
    store: &Connection,
    span: (Utc, Utc),
    mut each: impl FnMut(NotificationRow, bool),
) -> rusqlite::Result<()> {
    let sql = "SELECT *, state IN ('sent', 'delivered', 'unknown') OR EXISTS (
            SELECT 1 FROM attempt WHERE notification = notification.id
                AND outcome IN ('sent', 'delivered', 'unknown')
        ) AS has_left
        FROM notification WHERE created >= ?1 AND created < ?2 ORDER BY id";
    let read = |row: &SqlRow<'_>| Ok((NotificationRow::read(row)?, row.get("has_left")?));
    between(store, sql, span, read, |(row, has_left)| each(row, has_left))
}

fn between<T>(
    store: &Connection,
    sql: &str,
    (from, to): (Utc, Utc),
    read: impl Fn(&SqlRow<'_>) -> rusqlite::Result<T>,
    mut each: impl FnMut(T),
) -> rusqlite::Result<()> {
    let mut statement = store.prepare_cached(sql)?;
    let mut rows = statement.query(params![from.micros(), to.micros()])?;
    while let Some(row) = rows.next()? {
        each(read(row)?);
    }
    Ok(())
}

impl AttemptRow {
    fn write(&self, store: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO attempt (notification, number, input, started, ended, outcome, reference)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        store.prepare_cached(sql)?.execute(params![
            self.notification,
            self.number,
            self.input,
            self.started.micros(),
            self.ended.map(Utc::micros),
            self.outcome,
            self.reference,
        ])?;
        Ok(())
    }
}

/// Of which alarms the latest occurrence is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alarms {
    /// All that were ever active.
    EverActive,
    /// Those whose latest occurrence is closed: what was active once, and is normal now.
    NowNormal,
}

/// The latest occurrence of each alarm, the most recent first.
///
/// A scan on purpose: an index would cost every commit, and this question is asked by a person.
pub(super) fn latest_occurrences(
    store: &Connection,
    alarms: Alarms,
    limit: u32,
) -> rusqlite::Result<Vec<OccurrenceRow>> {
    let closed_only = match alarms {
        Alarms::EverActive => false,
        Alarms::NowNormal => true,
    };
    let sql = "SELECT occurrence.* FROM occurrence
        JOIN (SELECT max(number) AS latest FROM occurrence GROUP BY definition, key) ON number = latest
        WHERE closed IS NOT NULL OR NOT ?1 ORDER BY number DESC LIMIT ?2";
    let mut statement = store.prepare_cached(sql)?;
    let rows = statement.query_map(params![closed_only, limit], OccurrenceRow::read)?;
    rows.collect()
}
