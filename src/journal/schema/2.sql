-- How much of the beginning of the record was let go (`[store] keep`): its last entry and that entry's hash, behind which the
-- record goes on. An entry of the record itself says the same two, or the proof does not hold.
CREATE TABLE checkpoint (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  INTEGER NOT NULL,
    head BLOB NOT NULL
) STRICT;

INSERT INTO checkpoint (id, seq, head) VALUES (1, 0, zeroblob(32));

CREATE TRIGGER checkpoint_only_advances BEFORE UPDATE ON checkpoint
WHEN NEW.seq <= OLD.seq OR NEW.seq >= (SELECT last FROM block ORDER BY first DESC LIMIT 1)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TRIGGER checkpoint_is_never_deleted BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

DROP TRIGGER block_is_never_deleted;

CREATE TRIGGER block_is_never_deleted BEFORE DELETE ON block
WHEN OLD.last > (SELECT seq FROM checkpoint)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
