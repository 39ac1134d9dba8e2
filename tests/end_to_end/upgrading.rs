//! A store that an older Vigie has written, one for each schema that there ever was (fixtures/stores): it opens, it holds, and what
//! was under way goes on.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use vigie::board::alarm_views;
use vigie::journal::Journal;
use vigie::sequencer::recover;
use vigie::watch::Watch;

use crate::house::House;
use crate::people::MARIE;
use crate::programs::Link;
use crate::site::Plan;

/// Each fixture, by the number of its schema.
fn stores() -> Vec<(usize, PathBuf)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/stores");
    let named = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let numbered = named.filter_map(|path| {
        let number = path.file_name()?.to_str()?.parse().ok()?;
        Some((number, path))
    });
    let mut stores: Vec<(usize, PathBuf)> = numbered.collect();
    stores.sort();
    stores
}

/// A house that is not open, in which this store lies.
fn house(fixture: &std::path::Path) -> House {
    let house = House::built(&Plan { marie: "1h", karim: "1h", ..Plan::default() });
    for name in ["vigie.db", "vigie.db-wal"] {
        let to = house.site.store().with_file_name(name);
        std::fs::copy(fixture.join(name), to).unwrap();
    }
    house
}

/// The code by which Marie was asked about an occurrence.
fn code_of(house: &House, occurrence: u64) -> String {
    let of = |entry: Value| {
        let facts = entry["body"]["facts"].as_array()?.clone();
        let drawn = facts.into_iter().find_map(|fact| fact.get("code_drawn").cloned())?;
        let is_it = drawn["occurrence"] == occurrence && drawn["person"] == "marie";
        is_it.then(|| drawn["code"].as_str().unwrap().to_owned())
    };
    house.journal().into_iter().find_map(of).expect("she was asked")
}

#[test]
fn there_is_a_store_of_every_schema_that_there_ever_was() {
    let steps = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/journal/schema");
    let steps = std::fs::read_dir(steps).unwrap().count();
    let of: Vec<usize> = stores().into_iter().map(|(number, _)| number).collect();
    assert_eq!(
        of,
        (1..=steps).collect::<Vec<_>>(),
        "fixtures/stores/make writes the one that is missing"
    );
    for (number, path) in stores() {
        // The file's header (SQLite file format, §1.3): the number of its schema as we count, at 60.
        let header = std::fs::read(path.join("vigie.db")).unwrap();
        assert_eq!(header[60..64], u32::try_from(number).unwrap().to_be_bytes());
    }
}

#[test]
fn a_store_of_any_older_schema_says_of_every_alarm_what_the_program_said_that_wrote_it() {
    for (number, path) in stores() {
        let house = house(&path);
        let settings = vigie::config::read(&house.site.file()).settings.unwrap();
        let (journal, mut recovered) = Journal::open(&house.site.store()).unwrap();
        let (state, _) = recover(&mut recovered).unwrap();
        let watch = Watch::resume(Arc::new(settings.site), state);
        let views = serde_json::to_value(alarm_views(&watch, true)).unwrap();
        let told = std::fs::read(path.join("alarms.json")).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        let (views, told) = (views.as_array().unwrap(), told.as_array().unwrap());
        assert_eq!(views.len(), told.len(), "schema {number}");
        // Fields that came later are not among what was told then.
        for (view, told) in views.iter().zip(told) {
            for (field, value) in told.as_object().unwrap() {
                assert_eq!(&view[field], value, "schema {number}, {field} of {told}");
            }
        }
        drop((journal, recovered));
        house.verify();
    }
}

#[test]
fn a_daemon_that_finds_an_older_store_goes_on_with_the_ladder_that_was_being_climbed() {
    for (_, path) in stores() {
        let mut house = house(&path);
        house.verify();
        house.start();
        // Marie answers the message that she was sent before: however long ago that was, it is the same run.
        let code = code_of(&house, 1);
        house.text(MARIE, &code);
        let alarm = house.until_alarm("link", "1", "acknowledged");
        assert_eq!(alarm["acknowledged_by"], "marie");
        let number = |key: &str| house.alarm("link", key).unwrap()["occurrence"].as_u64().unwrap();
        assert_eq!((number("1"), number("5")), (1, 5));
        assert_eq!(house.alarm("link", "3").unwrap()["state"], "normal");
        house.trap(Link::Down, 6);
        house.until_alarm("link", "6", "unacknowledged");
        assert!(number("6") > number("5"), "no number is given twice");
        house.verify();
        house.restart_after_kill();
        house.until_alarm("link", "6", "unacknowledged");
        house.verify();
    }
}
