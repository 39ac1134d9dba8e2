//! Whole nights, each with the transcript of what Vigie did (style, rule 9).
//! `VIGIE_BLESS=1 cargo test --test scenarios` writes what it does now; read that diff.

#![cfg(test)]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use vigie::cli::rehearse::play;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios")
}

/// The scenario's name, its file, and what it says.
fn scenarios(folder: &Path) -> Vec<(String, PathBuf, String)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "scenario"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&file).unwrap();
            (name, file, text)
        })
        .collect()
}

/// The transcript, and what was not as expected.
fn played(name: &str, text: &str, folder: &Path) -> (String, Vec<String>) {
    match play(name, text, folder) {
        Ok(played) => (played.transcript.join("\n") + "\n", played.unmet),
        Err(error) => panic!("{}", told(&error)),
    }
}

fn told(error: &vigie::cli::rehearse::ScenarioError) -> String {
    let mut told = error.to_string();
    if let vigie::cli::rehearse::ScenarioError::Configuration { complaints, .. } = error {
        complaints.iter().for_each(|complaint| write!(told, "\n{complaint}").unwrap());
    }
    told
}

#[test]
fn every_night_goes_as_it_is_written() {
    let bless = std::env::var_os("VIGIE_BLESS").is_some();
    let scenarios = scenarios(&folder());
    assert!(scenarios.len() >= 20, "only {} scenarios", scenarios.len());
    let mut wrong = String::new();
    for (name, file, text) in scenarios {
        let (transcript, unmet) = played(&name, &text, &folder());
        unmet.iter().for_each(|unmet| writeln!(wrong, "{unmet}").unwrap());
        let golden = file.with_extension("transcript");
        if bless {
            std::fs::write(&golden, &transcript).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        if transcript != expected {
            writeln!(wrong, "{name}: expected\n{expected}\nbut it goes\n{transcript}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_same_night_goes_the_same_way_twice() {
    for (name, _, text) in scenarios(&folder()) {
        assert_eq!(played(&name, &text, &folder()), played(&name, &text, &folder()), "{name}");
    }
}

#[test]
fn a_scenario_that_cannot_be_played_says_where_and_why() {
    let error = |text: &str| told(&play("x.scenario", text, &folder()).unwrap_err());
    assert!(error("[site]\n").contains("---- night"));
    let night = "config = \"site.toml\"\n---- night\n";
    assert!(error(&format!("{night}03:12 frobnicate")).starts_with("x.scenario:3: "));
    assert!(error(&format!("{night}03:12 end\n03:10 end")).contains("it is 03:12:00 already"));
    assert!(error(&format!("{night}03:12 marie: <marie>")).contains("there is no code <marie>"));
    assert!(error(&format!("{night}03:12 nobody: 4711")).contains("no person is called `nobody`"));
    assert!(
        error("config = \"nowhere.toml\"\n---- night\n03:12 end")
            .contains("nowhere.toml cannot be read")
    );
    assert!(
        error("config = \"site.toml\"\n[sight]\n---- night\n03:12 end").contains("x.scenario:2:")
    );
}
