//! The store over the years: it is copied while it is written, and a site goes on from the copy; and each entry says whether its time
//! can be believed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::house::{House, until_so};
use crate::people::MARIE;
use crate::programs::{Link, VIGIE};
use crate::site::Plan;

#[test]
fn a_site_whose_disk_dies_goes_on_from_a_copy_that_was_made_meanwhile() {
    let mut house = House::open(&Plan::default());
    house.trap(Link::Down, 7);
    let code = house.until_call(MARIE, "Lien 7").code();
    let copy = house.site.path().join("copy.db");
    let name = copy.display().to_string();
    let said = house.vigie(&["backup", &name]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    assert!(said.out.contains("copy.db: intact: "), "{said:?}");
    let again = house.vigie(&["backup", &name]);
    assert!(again.exit == Some(65) && again.err.contains("is there already"), "{again:?}");
    house.trap(Link::Down, 8);
    house.until_call(MARIE, "Lien 8");
    house.kill();
    let store = house.site.store();
    for file in fs::read_dir(store.parent().unwrap()).unwrap().map(|file| file.unwrap().path()) {
        let is_of_store = file.file_name().unwrap().to_string_lossy().starts_with("vigie.db");
        if is_of_store {
            fs::remove_file(file).unwrap();
        }
    }
    fs::rename(&copy, &store).unwrap();
    house.start();
    assert_eq!(house.standing().len(), 1, "what came after the copy is not in it");
    house.text(MARIE, &code);
    house.until_alarm("link", "7", "acknowledged");
    house.verify();
    let report = house.vigie(&["report", "--json"]).json();
    assert_eq!((&report["alarms"], &report["open"]), (&1.into(), &1.into()), "{report}");
    assert_eq!(report["answers"][0]["answered"], 1, "{report}");
    assert_eq!(report["people"][0]["person"], "marie", "{report}");
    let page = house.site.path().join("report.html");
    let said = house.vigie(&["report", "--html", &page.display().to_string()]);
    assert_eq!(said.exit, Some(0), "{said:?}");
    assert!(fs::read_to_string(page).unwrap().contains("<svg"), "the page has its plots");
}

#[test]
fn each_entry_says_whether_its_time_follows_a_time_service() {
    let mut house = House::built(&Plan::default());
    let programs = house.site.path().join("programs");
    let answers = |word: &str| {
        fs::create_dir_all(&programs).unwrap();
        let program = programs.join("timedatectl");
        fs::write(&program, format!("#!/bin/sh\necho {word}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    };
    for (word, quality) in [("yes", "synchronised"), ("no", "unsynchronised")] {
        answers(word);
        let mut daemon = Command::new(VIGIE);
        let path = std::env::var("PATH").unwrap_or_default();
        daemon.env("PATH", format!("{}:{path}", programs.display()));
        house.launch(daemon);
        house.until_up();
        let mut port = 0;
        until_so("an entry bears what systemd says of the clock", || {
            port += 1;
            house.trap(Link::Down, port);
            house.journal().last().is_some_and(|entry| entry["clock"] == quality)
        });
        house.kill();
    }
}
