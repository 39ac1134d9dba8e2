//! The verdicts: each can fail, and says by what it was found.
//!
//! Memory: the median of the last quarter is at most a tenth above that of the second quarter (an allocator keeps some of what a fault has
//! needed, and gives it back or not; a leak does not stop at a tenth), and the quarters do not rise one after the other by more than a
//! twentieth in all. Descriptors, tasks and threads: as many as before the first fault, once all faults are over: whatever was opened on
//! account of one is closed. The store: as many bytes for an entry in the last quarter as in the second, within a quarter of that, and no
//! larger file as long as what was let go is used again.

use crate::samples::Sample;

/// A leak does not stop at this: in an hour it would be twenty-five octets for each of 170,000 signals. MiB.
const MORE: f64 = 4.0;
/// What rises from quarter to quarter, and by more than this in all, rises without end. MiB.
const RISING: f64 = 6.0;
/// An entry may take so much more or less, by what just happens.
const ENTRY: f64 = 0.25;
/// Fewer entries say nothing about their size.
const ENOUGH: f64 = 2_000.0;
/// The log is begun anew when it is so long; a reader holds that up for a moment.
const LOG: f64 = 64.0 * 1_048_576.0;
/// What the store may grow while it uses again what was let go: new tables, a longer snapshot.
const ROOM: f64 = 4.0 * 1_048_576.0;

/// The verdicts so far.
#[derive(Default)]
pub(crate) struct Verdicts {
    lines: Vec<(bool, String)>,
}

impl Verdicts {
    /// Whether something is as it must be, and what was found.
    pub(crate) fn hold(&mut self, holds: bool, what: &str, found: &str) {
        self.lines.push((holds, format!("{what}: {found}")));
    }

    /// The same of a list that must be empty.
    pub(crate) fn none(&mut self, what: &str, found: &[String]) {
        let first: Vec<&str> = found.iter().take(5).map(String::as_str).collect();
        let found = match found.len() {
            0 => "none".to_owned(),
            many => format!("{many}, such as\n           {}", first.join("\n           ")),
        };
        self.hold(found == "none", what, &found);
    }

    /// Prints them; whether all hold.
    pub(crate) fn tell(&self) -> bool {
        println!("\nVerdicts");
        for (holds, line) in &self.lines {
            println!("  {}  {line}", if *holds { "  ok  " } else { "FAILED" });
        }
        self.lines.iter().all(|(holds, _)| *holds)
    }
}

/// The samples of a run, after warming up, in four parts.
pub(crate) struct Quarters<'a>([&'a [Sample]; 4]);

type Field = fn(&Sample) -> f64;

impl<'a> Quarters<'a> {
    /// A tenth, and three minutes at most, are for warming up. `None`: too few are left.
    pub(crate) fn of(samples: &'a [Sample]) -> Option<Self> {
        let (first, last) = (samples.first()?.at, samples.last()?.at);
        let warm = first + ((last - first) / 10.0).min(180.0);
        let begin = samples.iter().position(|sample| sample.at >= warm)?;
        let (mut parts, length) = (samples[begin..].chunks((samples.len() - begin).div_ceil(4)), 4);
        let quarters: Vec<&[Sample]> = parts.by_ref().take(length).collect();
        quarters.try_into().ok().map(Self)
    }

    fn medians(&self, field: Field) -> [f64; 4] {
        self.0.map(|quarter| median(quarter.iter().map(field).collect()))
    }

    /// Bytes in use for each entry of that quarter; `None`: too few entries.
    fn per_entry(&self, quarter: usize) -> Option<f64> {
        let (first, last) = (self.0[quarter].first()?, self.0[quarter].last()?);
        let entries = last.entries - first.entries;
        (entries >= ENOUGH).then(|| (last.used - first.used) / entries)
    }

    /// The table: first quarter against last, and by how much it grows in an hour.
    pub(crate) fn table(&self) {
        const MIB: f64 = 1_048_576.0;
        let all = self.0.concat();
        let rows: [(&str, Field); 11] = [
            ("resident memory, MiB", |sample| sample.rss / 1_024.0),
            ("its own of it, MiB", |sample| sample.own / 1_024.0),
            ("its peak, MiB", |sample| sample.peak / 1_024.0),
            ("descriptors", |sample| sample.descriptors),
            ("threads", |sample| sample.threads),
            ("tasks", |sample| sample.tasks),
            ("store, file, MiB", |sample| sample.store / MIB),
            ("store, in use, MiB", |sample| sample.used / MIB),
            ("its log, MiB", |sample| sample.wal / MIB),
            ("entries", |sample| sample.entries),
            ("alarms that stand", |sample| sample.standing),
        ];
        println!(
            "\n{:24}{:>12}{:>12}{:>12}{:>12}{:>14}",
            "median of", "1st quarter", "2nd", "3rd", "last", "slope/h"
        );
        for (name, field) in rows {
            let [first, second, third, last] = self.medians(field);
            let slope = slope(&all, field);
            println!("{name:24}{first:>12.2}{second:>12.2}{third:>12.2}{last:>12.2}{slope:>14.2}");
        }
        let bytes =
            |quarter| self.per_entry(quarter).map_or("-".to_owned(), |of| format!("{of:.0}"));
        let [first, second, third, last] = [0, 1, 2, 3].map(bytes);
        println!("{:24}{first:>12}{second:>12}{third:>12}{last:>12}", "bytes of an entry");
    }

    /// To what the daemon's own memory falls back between floods. Of the pages of its files so many are resident as the machine has room for,
    /// and a flood takes what it needs for a while: neither is a leak.
    pub(crate) fn memory(&self, verdicts: &mut Verdicts) {
        let fallen = |quarter: &[Sample]| {
            quartile(1, quarter.iter().map(|sample| sample.own / 1_024.0).collect())
        };
        let [first, second, third, last] = self.0.map(fallen);
        let found = format!("{last:.1} MiB in the last quarter, {second:.1} MiB in the second");
        verdicts.hold(last <= second + MORE, "memory is flat", &found);
        let rises = first < second && second < third && third < last && last > first + RISING;
        let found = format!("{first:.1}, {second:.1}, {third:.1}, {last:.1} MiB");
        verdicts.hold(!rises, "memory does not rise from quarter to quarter", &found);
    }

    pub(crate) fn store(&self, past: u64, verdicts: &mut Verdicts) {
        if let (Some(second), Some(last)) = (self.per_entry(1), self.per_entry(3)) {
            let found = format!("{last:.0} in the last quarter, {second:.0} in the second");
            let holds = (last / second - 1.0).abs() <= ENTRY;
            verdicts.hold(holds, "an entry takes as many bytes", &found);
        }
        let all = self.0.concat();
        let largest = all.iter().map(|sample| sample.wal).fold(0.0, f64::max);
        let found = format!("{:.1} MiB at most", largest / 1_048_576.0);
        verdicts.hold(largest <= LOG, "the log of the store is bounded", &found);
        let (Some(begin), Some(end)) = (all.first(), all.last()) else { return };
        let found = format!("up to entry {} of {past}", end.let_go);
        let holds = end.let_go >= past as f64;
        verdicts.hold(holds, "what is older than it is kept is let go", &found);
        let has_room = |sample: &&Sample| sample.used + ROOM < sample.store;
        let largest = all.iter().filter(has_room).map(|sample| sample.store).fold(0.0, f64::max);
        let found = format!(
            "{:.1} MiB, {:.1} MiB at most while there was; at the end {:.1} MiB, of which {:.1} in use",
            begin.store / 1_048_576.0,
            largest / 1_048_576.0,
            end.store / 1_048_576.0,
            end.used / 1_048_576.0
        );
        let holds = largest <= begin.store + ROOM;
        verdicts.hold(holds, "the file does not grow while there is room in it", &found);
    }
}

/// As many as before the first fault, now that all are over.
pub(crate) fn as_before(before: &Sample, after: &Sample, verdicts: &mut Verdicts) {
    let fields: [(&str, Field); 3] = [
        ("descriptors", |sample| sample.descriptors),
        ("tasks", |sample| sample.tasks),
        ("threads", |sample| sample.threads),
    ];
    for (name, field) in fields {
        let found = format!("{} before, {} after", field(before), field(after));
        let what = format!("{name}: no more than before the first fault");
        verdicts.hold(field(after) <= field(before), &what, &found);
    }
}

/// So many quarters of them are no more than this.
fn quartile(which: usize, mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() * which / 4).copied().unwrap_or(f64::NAN)
}

fn median(numbers: Vec<f64>) -> f64 {
    quartile(2, numbers)
}

/// By how much it grows in an hour: the median of the slopes between any two samples (Theil and Sen), which no spike moves.
fn slope(samples: &[Sample], field: Field) -> f64 {
    let pairs = samples
        .iter()
        .enumerate()
        .flat_map(|(place, one)| samples[place + 1..].iter().map(move |other| (one, other)));
    let rise = |(one, other): (&Sample, &Sample)| {
        (field(other) - field(one)) / (other.at - one.at).max(0.001) * 3_600.0
    };
    median(pairs.map(rise).collect())
}
