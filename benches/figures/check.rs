//! How long `vigie check` takes with a large site: 50 schedules by turns, hours and holidays, 200 people, 5,000 definitions. The real
//! binary reads the files, proves who is on call in the next twelve months, and ends.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Instant;

use crate::site;
use crate::table::{Table, Wanted, median};

const SCHEDULES: usize = 50;
const PEOPLE: usize = 200;
const DEFINITIONS: usize = 5_000;
/// So often it is measured.
const ROUNDS: usize = 5;

pub(crate) fn measure(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vigie.toml");
    std::fs::write(&path, files()).expect("room for a file");
    let check = || {
        let began = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_vigie"));
        let output = command.arg("--config").arg(&path).arg("check").output().expect("it starts");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        // Every schedule leaves two hours of the week open: the proof was made.
        assert_eq!(told.matches("nobody is on call for the schedule").count(), SCHEDULES, "{told}");
        began.elapsed().as_secs_f64()
    };
    table.heading("`vigie check` with 50 schedules, 200 people, 5,000 definitions, seconds");
    table.row(
        "files, references and who is on call for twelve months",
        median((0..ROUNDS).map(|_| check()).collect()),
        Wanted::AtMost(2.0),
    );
}

fn files() -> String {
    let mut text =
        format!("{}[snmp.network]\nlisten = [\"127.0.0.1:16200\"]\n{}", site::HEAD, site::NO_MODEM);
    for person in 0..PEOPLE {
        let _ = writeln!(text, "[people.p{person}]\nphone = \"+336{person:08}\"");
    }
    for schedule in 0..SCHEDULES {
        let people: Vec<String> =
            (0..8).map(|turn| format!("\"p{}\"", (schedule * 4 + turn) % PEOPLE)).collect();
        let people = people.join(", ");
        let _ = write!(
            text,
            "[schedules.s{schedule}]\nholidays = \"fr\"\nrotations = [\n\
             {{ people = [{people}], every = \"1 week\", from = 2026-01-05T08:00:00, hours = [\"mon..fri 18:00-08:00\", \"sat\", \"sun 00:00-10:00\", \"sun 12:00-24:00\", \"mon 00:00-08:00\"] }},\n\
             {{ people = [{people}], every = \"1 day\", from = 2026-01-05T08:00:00, hours = [\"mon..fri 08:00-18:00\"] }},\n\
             {{ people = [{people}], every = \"12 hours\", from = 2026-01-05T08:00:00, hours = [\"holidays\"], layer = 2 }},\n]\n\
             [escalations.e{schedule}]\nsteps = [{{ notify = [\"schedule:s{schedule}\"], wait = \"10m\" }}]\n"
        );
    }
    // An alarm that calls nobody is a warning, and 5,000 warnings would be all that is told.
    let calling = site::definitions(DEFINITIONS, true)
        .replace("text = \"Link\"\n", "text = \"Link\"\nescalation = \"all\"\n");
    text + &calling
}
