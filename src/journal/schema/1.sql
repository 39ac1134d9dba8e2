-- The record. One row for each commit: the entries `first` to `last`, one JSON line each, every
-- line with the SHA-256 of the line before it; `head` is the SHA-256 of the last line.
CREATE TABLE block (
    first INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL,
    head  BLOB NOT NULL,
    body  TEXT NOT NULL
) STRICT;

CREATE TRIGGER block_is_never_updated BEFORE UPDATE ON block
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER block_is_never_deleted BEFORE DELETE ON block
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Also keeps INSERT OR REPLACE, which fires no DELETE trigger, from a block that is there.
CREATE TRIGGER block_follows_the_last BEFORE INSERT ON block
WHEN NEW.first <> coalesce((SELECT last FROM block ORDER BY first DESC LIMIT 1), 0) + 1
    OR NEW.last < NEW.first
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- The state of the watch at an entry, so that a start need not read the whole record. A snapshot
-- is there once its row is; pieces without a row are remains.
CREATE TABLE snapshot (
    id     INTEGER PRIMARY KEY,
    seq    INTEGER NOT NULL,
    head   BLOB NOT NULL,
    chunks INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;

CREATE TABLE snapshot_chunk (
    snapshot INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (snapshot, n)
) STRICT;

-- What follows is derived from the record and is no part of its proof. Times are microseconds
-- since 1970-01-01 UTC: datetime(opened / 1000000, 'unixepoch').
CREATE TABLE occurrence (
    number          INTEGER PRIMARY KEY,
    definition      TEXT NOT NULL,
    key             TEXT NOT NULL,
    state           TEXT NOT NULL,
    priority        TEXT NOT NULL,
    text            TEXT NOT NULL,
    opened          INTEGER NOT NULL,
    active_since    INTEGER NOT NULL,
    returned        INTEGER,
    acknowledged    INTEGER,
    acknowledged_by TEXT,
    confirmed       INTEGER,
    confirmed_by    TEXT,
    closed          INTEGER,
    repeats         INTEGER NOT NULL
) STRICT;

CREATE TABLE notification (
    id         INTEGER PRIMARY KEY,
    occurrence INTEGER,
    person     TEXT NOT NULL,
    channel    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    state      TEXT NOT NULL,
    text       TEXT NOT NULL,
    created    INTEGER NOT NULL,
    ended      INTEGER
) STRICT;

CREATE TABLE attempt (
    notification INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    input        TEXT NOT NULL,
    started      INTEGER NOT NULL,
    ended        INTEGER,
    outcome      TEXT,
    reference    TEXT,
    PRIMARY KEY (notification, number)
) STRICT, WITHOUT ROWID;
