//! The tables: whether they, their indices and the triggers that guard them are as the steps of the schema have made them.
//!
//! Whoever opens the store with a shell can take away a trigger that keeps the record append-only, or add one that keeps our commits from
//! it; a bit that flips in their text does the same. SQLite opens such a file without a word, and the first commit fails. So what the file
//! says of its tables is compared with what the same steps make in an empty database in memory. Nothing is changed, and nothing mended.
//!
//! # Decision (2026-11-27): what is ours is as we made it, and nothing else hangs on it
//!
//! Refused is what is missing or another, and of somebody else's on a table of ours what can make a commit fail after midnight: a trigger,
//! and an index that is unique or computes something. Tables and views that somebody has put beside ours concern no statement of ours, and
//! an index of columns makes a commit a little slower: a watch that does not start is worse than either. What SQLite keeps for itself
//! (`sqlite_stat1`) is its own. Spaces and line ends do not count: what a step of an older Vigie has written is compared with what the same
//! step says today.

use std::collections::BTreeMap;
use std::fmt;

use rusqlite::{Connection, Row};

/// What comes of a name that is not ours, at most.
const SHOWN: usize = 60;

/// What somebody, or a disk, has done to the tables: the first thing that is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alteration {
    /// A table, an index, a trigger.
    kind: String,
    name: String,
    how: How,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum How {
    /// Ours is not there.
    Missing,
    /// Ours is another.
    Altered,
    /// Somebody else's is on a table of ours.
    Added { on: String },
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, how } = self;
        match how {
            How::Missing => write!(f, "its {kind} `{name}` is missing"),
            How::Altered => write!(f, "its {kind} `{name}` is not as Vigie made it"),
            How::Added { on } => {
                write!(f, "the {kind} `{name}` on its table `{on}` is not Vigie's")
            }
        }
    }
}

/// What a database says of a thing in it.
#[derive(PartialEq, Eq)]
struct Thing {
    /// A table, an index, a trigger, a view.
    kind: String,
    /// The table to which it belongs.
    table: String,
    /// How it is made, with single spaces; SQLite's own indices have none.
    sql: Option<String>,
}

impl Thing {
    /// Whether SQLite makes such a thing by itself.
    fn is_of_sqlite(&self, name: &str) -> bool {
        name.starts_with("sqlite_") && (self.kind == "table" || self.sql.is_none())
    }

    /// Whether it is an index of columns that lets every row in: SQLite writes its beginning so, and a second bracket computes.
    fn refuses_no_row(&self) -> bool {
        let sql = self.sql.as_deref().unwrap_or_default();
        sql.starts_with("CREATE INDEX ") && sql.matches('(').count() == 1
    }
}

/// The first thing in the store that is not as these steps have made it.
pub(super) fn alteration(
    store: &Connection,
    steps: &[&str],
) -> rusqlite::Result<Option<Alteration>> {
    let made = Connection::open_in_memory()?;
    steps.iter().try_for_each(|step| made.execute_batch(step))?;
    let mut ours = BTreeMap::new();
    things(&made, |name, thing| {
        ours.insert(name, thing);
    })?;
    let tables: Vec<String> = ours.values().map(|thing| thing.table.clone()).collect();
    let mut found = None;
    things(store, |name, thing| {
        let (kind, how) = match ours.remove(&name) {
            Some(made) if made == thing => return,
            Some(made) => (made.kind, How::Altered),
            None if thing.refuses_no_row() => return,
            None => match tables.iter().find(|table| table.eq_ignore_ascii_case(&thing.table)) {
                Some(on) => (shown(&thing.kind), How::Added { on: on.clone() }),
                None => return,
            },
        };
        found.get_or_insert_with(|| Alteration { kind, name: shown(&name), how });
    })?;
    // The triggers of a table went with it: it is named first.
    let missing = ours.into_iter().min_by_key(|(_, thing)| thing.kind != "table");
    let missing = missing.map(|(name, thing)| {
        let kind = thing.kind;
        Alteration { kind, name, how: How::Missing }
    });
    Ok(missing.or(found))
}

/// Hands out what the database says of everything in it, but for what SQLite makes by itself.
fn things(store: &Connection, mut each: impl FnMut(String, Thing)) -> rusqlite::Result<()> {
    let mut statement = store.prepare("SELECT name, type, tbl_name, sql FROM sqlite_schema")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let [name, kind, table] = [text(row, 0)?, text(row, 1)?, text(row, 2)?];
        let [name, kind, table] = [name, kind, table].map(Option::unwrap_or_default);
        let sql =
            text(row, 3)?.map(|sql| sql.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
        let thing = Thing { kind, table, sql };
        if !thing.is_of_sqlite(&name) {
            each(name, thing);
        }
    }
    Ok(())
}

/// A column of which nothing is believed: no text is none of ours.
fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<String>> {
    let value = row.get_ref(column)?;
    Ok(value
        .as_bytes_or_null()
        .ok()
        .flatten()
        .map(|text| String::from_utf8_lossy(text).into_owned()))
}

/// What somebody else has written, fit for a line of a terminal or a log.
fn shown(written: &str) -> String {
    written.escape_debug().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &[&str] = &[
        "CREATE TABLE one (a INTEGER PRIMARY KEY, b TEXT, UNIQUE (b)) STRICT",
        "CREATE TRIGGER guard BEFORE DELETE ON one BEGIN SELECT RAISE(ABORT, 'no'); END",
    ];

    fn told(done: &str) -> String {
        let store = Connection::open_in_memory().unwrap();
        STEPS.iter().for_each(|step| store.execute_batch(step).unwrap());
        store.execute_batch(done).unwrap();
        let found = alteration(&store, STEPS).unwrap();
        found.map_or_else(String::new, |found| found.to_string())
    }

    #[test]
    fn what_is_ours_is_as_it_was_made_and_nothing_of_somebody_else_s_hangs_on_it() {
        let guard = "CREATE TRIGGER guard BEFORE DELETE ON one";
        for (done, said) in [
            ("DROP TRIGGER guard".to_owned(), "its trigger `guard` is missing"),
            ("DROP TABLE one".to_owned(), "its table `one` is missing"),
            (
                format!("DROP TRIGGER guard; {guard} BEGIN SELECT 1; END"),
                "its trigger `guard` is not as Vigie made it",
            ),
            (
                "ALTER TABLE one ADD COLUMN c ANY".to_owned(),
                "its table `one` is not as Vigie made it",
            ),
            ("ALTER TABLE one RENAME TO two".to_owned(), "its table `one` is missing"),
            (
                "CREATE UNIQUE INDEX \"by\u{1b}[31m\" ON ONE (a)".to_owned(),
                "the index `by\\u{1b}[31m` on its table `one` is not Vigie's",
            ),
            (
                "CREATE INDEX computed ON one (json_extract(b, '$.c'))".to_owned(),
                "the index `computed` on its table `one` is not Vigie's",
            ),
        ] {
            assert_eq!(told(&done), said, "{done}");
        }
    }

    #[test]
    fn spaces_and_what_stands_beside_ours_do_not_count() {
        let guard =
            "CREATE TRIGGER guard BEFORE DELETE ON one\n  BEGIN SELECT RAISE(ABORT, 'no');\n  END";
        for done in [
            "",
            "ANALYZE; VACUUM",
            "CREATE TABLE notes (id INTEGER PRIMARY KEY AUTOINCREMENT, text); INSERT INTO notes VALUES (1, '')",
            "CREATE VIEW seen AS SELECT * FROM one",
            "CREATE INDEX quicker ON one (b DESC)",
            &format!("DROP TRIGGER guard; {guard}"),
        ] {
            assert_eq!(told(done), "", "{done}");
        }
    }
}
