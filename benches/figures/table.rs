//! The table: a line for each figure, as soon as it is known.

use std::time::Instant;

use crate::machine;

/// Beyond this share of the machine's time, what other programs took is said.
const NOTICED: f64 = 0.03;

/// What a figure has to be.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    /// Whatever it is: it is there to be compared with.
    Nothing,
    AtLeast(f64),
    AtMost(f64),
}

/// What has been printed so far.
pub(crate) struct Table {
    began: Instant,
    met: u32,
    missed: Vec<String>,
    heading: String,
}

impl Table {
    pub(crate) fn begin() -> Self {
        println!("{}", machine::described());
        println!("\n{:<66} {:>12} {:>12}", "", "wanted", "seen");
        Self { began: Instant::now(), met: 0, missed: Vec::new(), heading: String::new() }
    }

    /// Measures one part, and says who disturbed.
    pub(crate) fn part(&mut self, measure: impl FnOnce(&mut Self)) {
        let before = machine::Use::now();
        measure(self);
        let others = machine::Use::now().others_since(&before);
        if others > NOTICED {
            println!("  (other programs took {:.0} % of the machine meanwhile)", others * 100.0);
        }
    }

    /// What the next lines are about.
    pub(crate) fn heading(&mut self, text: &str) {
        text.clone_into(&mut self.heading);
        println!("{text}");
    }

    /// A figure.
    pub(crate) fn row(&mut self, what: &str, seen: f64, wanted: Wanted) {
        let (wanted, met) = match wanted {
            Wanted::Nothing => (String::new(), None),
            Wanted::AtLeast(least) => (format!("≥ {}", number(least)), Some(seen >= least)),
            Wanted::AtMost(most) => (format!("≤ {}", number(most)), Some(seen <= most)),
        };
        let verdict = match met {
            None => "",
            Some(true) => "met",
            Some(false) => "MISSED",
        };
        match met {
            None => {}
            Some(true) => self.met += 1,
            Some(false) => self.missed.push(format!("{}: {what}", self.heading)),
        }
        let line = format!("  {what:<64} {wanted:>12} {:>12}  {verdict}", number(seen));
        println!("{}", line.trim_end());
    }

    /// Something that was not measured, and why.
    pub(crate) fn skipped(&mut self, what: &str, why: &str) {
        println!("  {what}: not measured: {why}");
    }

    pub(crate) fn end(self) {
        let Self { began, met, missed, .. } = self;
        let wanted = u32::try_from(missed.len()).unwrap_or(u32::MAX).saturating_add(met);
        println!(
            "\n{met} of {wanted} wanted figures met, in {:.0} s",
            began.elapsed().as_secs_f64()
        );
        for figure in missed {
            println!("missed: {figure}");
        }
    }
}

/// With as many digits as mean something.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 1_000.0 => {
            let digits = format!("{value:.0}");
            let groups: Vec<&str> = digits
                .as_bytes()
                .rchunks(3)
                .rev()
                .filter_map(|group| str::from_utf8(group).ok())
                .collect();
            groups.join(",")
        }
        middling if middling >= 100.0 => format!("{value:.0}"),
        small if small >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The one in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
