//! How fast the journal alone takes, proves and hands back entries.

use std::path::Path;
use std::time::Instant;

use vigie::journal::{Batch, Entry, Journal, JournalError, NewEntry, OccurrenceRow, Reader, Row};
use vigie::watch::time::{ClockQuality, Moment, Mono, Utc};

use crate::engine;
use crate::table::{Table, Wanted, median};

/// The body of an entry has so many bytes.
const ENTRY: usize = 600;

pub(crate) fn measure(table: &mut Table) {
    let folder = engine::folder();
    let path = folder.path().join("bench.db");
    let (journal, recovered) = engine::journal(&path);
    drop(recovered);
    table.heading("The journal alone, entries a second");
    for (length, count, rows) in
        [(1_000, 500, false), (1_000, 200, true), (100, 1_000, false), (1, 2_000, false)]
    {
        let times = commits(&journal, &batch(length, rows), count);
        let rate = f64::from(length * count) / times.iter().sum::<f64>();
        let with = if rows { ", each with a row for questions" } else { "" };
        table.row(&format!("committed in batches of {length}{with}"), rate, Wanted::Nothing);
    }
    let single = commits(&journal, &batch(1, false), 500);
    journal.close();
    read_back(table, &path);
    table.row("one commit of one entry, milliseconds", median(single) * 1_000.0, Wanted::Nothing);
}

/// How many seconds each commit took.
fn commits(journal: &Journal, batch: &Batch, count: u32) -> Vec<f64> {
    let one = |batch: Batch| {
        let began = Instant::now();
        journal.commit_blocking(batch).expect("a disk that takes it");
        began.elapsed().as_secs_f64()
    };
    (0..count).map(|_| one(batch.clone())).collect()
}

fn read_back(table: &mut Table, path: &Path) {
    let (journal, recovered) = engine::journal(path);
    let began = Instant::now();
    let mut entries = 0_u32;
    recovered
        .entries(|_: Entry<'_>| -> Result<(), JournalError> {
            entries += 1;
            Ok(())
        })
        .expect("the entries");
    let mut rate = |what, began: Instant| {
        table.row(what, f64::from(entries) / began.elapsed().as_secs_f64(), Wanted::Nothing);
    };
    rate("read back at a start", began);
    journal.close();
    let reader = Reader::open(path).expect("the journal");
    let began = Instant::now();
    reader.verify().expect("the journal");
    rate("proved", began);
    let began = Instant::now();
    reader.export(1, &mut std::io::sink()).expect("the journal");
    rate("exported", began);
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
