//! How long `vigie check` takes with a large site: 50 schedules by turns, hours and holidays, 200 people, 5,000 definitions. The real
//! binary reads the files, proves who is on call in the next twelve months, and ends.

use std::process::Command;
use std::time::Instant;

use crate::large;
use crate::table::{Table, Wanted, median};

/// So often it is measured.
const ROUNDS: usize = 5;

pub(crate) fn measure(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vigie.toml");
    std::fs::write(&path, large::files()).expect("room for a file");
    let check = || {
        let began = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
        let output = command.arg("--config").arg(&path).arg("check").output().expect("it starts");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        // Every schedule leaves two hours of the week open: the proof was made.
        assert_eq!(
            told.matches("nobody is on call for the schedule").count(),
            large::SCHEDULES,
            "{told}"
        );
        began.elapsed().as_secs_f64()
    };
    table.heading("`vigie check` with 50 schedules, 200 people, 5,000 definitions, seconds");
    table.row(
        "files, references and who is on call for twelve months",
        median((0..ROUNDS).map(|_| check()).collect()),
        Wanted::AtMost(2.0),
    );
}
