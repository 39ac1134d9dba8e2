//! How fast the journal takes, proves and hands back entries; on the disk that holds `target`.
//!
//! `cargo bench --bench journal`

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use vigie::journal::{Batch, Entry, Journal, JournalError, NewEntry, OccurrenceRow, Reader, Row};
use vigie::watch::time::{ClockQuality, Moment, Mono, Utc};

const ENTRY: usize = 600;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let path = directory.path().join("bench.db");
    let (journal, _) = Journal::open(&path)?;

    for (length, count, rows) in
        [(1_000, 1_000, false), (1_000, 200, true), (100, 1_000, false), (1, 2_000, false)]
    {
        let batch = batch(length, rows);
        let mut longest = Duration::ZERO;
        let start = now();
        for _ in 0..count {
            let batch = batch.clone();
            let asked = now();
            journal.commit_blocking(batch)?;
            longest = longest.max(asked.elapsed());
        }
        let took = start.elapsed();
        let rate = f64::from(length) * f64::from(count) / took.as_secs_f64();
        let with = if rows { ", a row each" } else { "" };
        say(&format!(
            "commit, batches of {length}{with}: {rate:.0} entries/s; mean {:.2?}, longest {longest:.2?} a commit",
            took / count
        ))?;
    }
    drop(journal);

    let start = now();
    let (journal, recovered) = Journal::open(&path)?;
    say(&format!("open: {:.2?}", start.elapsed()))?;
    let start = now();
    let mut bytes = 0;
    let mut entries: u32 = 0;
    recovered.entries(|entry: Entry<'_>| -> Result<(), JournalError> {
        bytes += entry.body.len();
        entries += 1;
        Ok(())
    })?;
    rate("replay", entries, start)?;
    drop(journal);
    read(&path, entries)
}

fn read(path: &Path, entries: u32) -> Result<(), Box<dyn std::error::Error>> {
    let reader = Reader::open(path)?;
    let start = now();
    reader.verify()?;
    rate("verify", entries, start)?;
    let start = now();
    reader.export(1, &mut io::sink())?;
    rate("export", entries, start)?;
    Ok(())
}

fn rate(what: &str, entries: u32, start: Instant) -> io::Result<()> {
    let took = start.elapsed();
    say(&format!(
        "{what}: {entries} entries in {took:.2?}, {:.0} a second",
        f64::from(entries) / took.as_secs_f64()
    ))
}

fn batch(length: u32, rows: bool) -> Batch {
    let entries = (0..length).map(|n| NewEntry {
        moment: Moment {
            utc: Utc::from_micros(1_795_000_000_000_000 + i64::from(n)),
            mono: Mono::from_nanos(u64::from(n)),
            quality: ClockQuality::Synchronised,
        },
        kind: "signal",
        body: format!(
            r#"{{"input":"snmp.network","n":{n},"text":"{}"}}"#,
            "é".repeat((ENTRY - 50) / 2)
        )
        .into_bytes(),
        distress: false,
    });
    let rows = if rows { (0..length).map(row).collect() } else { Vec::new() };
    Batch { entries: entries.collect(), rows }
}

fn row(n: u32) -> Row {
    let at = Utc::from_micros(1_795_000_000_000_000);
    Row::Occurrence(OccurrenceRow {
        number: u64::from(n) + 1,
        definition: "cold-room".to_owned(),
        key: format!("room-{n}"),
        state: "unacknowledged".to_owned(),
        priority: "high".to_owned(),
        text: "Cold room 3: door open for more than ten minutes".to_owned(),
        opened: at,
        active_since: at,
        returned: None,
        acknowledged: None,
        acknowledged_by: None,
        confirmed: None,
        confirmed_by: None,
        closed: None,
        repeats: 0,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures real time; nothing of it reaches the watch"
)]
fn now() -> Instant {
    Instant::now()
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}
