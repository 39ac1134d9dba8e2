//! Whole nights, each with the transcript of what Vigie did (style, rule 9).
//! `VIGIE_BLESS=1 cargo test --test scenarios` writes what it does now; read that diff.

#![cfg(test)]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use vigie::cli::rehearse::play;
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::site::Language;

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
fn each_alarm_of_vigies_own_begins_calls_somebody_and_ends_in_a_night_in_either_language() {
    let nights = scenarios(&folder()).into_iter();
    let nights = nights.map(|(name, _, text)| played(&name, &text, &folder()).0);
    let nights = nights.collect::<String>().replace('ê', "e").replace('û', "u").replace('`', "'");
    let mut missing = String::new();
    for alarm in SelfAlarm::ALL {
        let name = alarm.name();
        for language in [Language::French, Language::English] {
            let text = alarm.text(language).replace('ê', "e").replace('û', "u");
            let words = text.split(['{', '}', '\'']).max_by_key(|part| part.len()).unwrap().trim();
            let has =
                |part: &str| nights.lines().any(|line| line.contains(part) && line.contains(words));
            if !has(&format!(" opens: {name}")) || !has("    SMS to ") {
                writeln!(missing, "no night begins with {name}, and tells of it: {words}").unwrap();
            }
        }
        let is_over = |line: &str| {
            line.contains(&format!(" Vigie finds: {name} ")) && line.ends_with(" is over")
        };
        if !alarm.is_momentary() && !nights.lines().any(is_over) {
            writeln!(missing, "no night ends {name}").unwrap();
        }
    }
    assert!(missing.is_empty(), "{missing}");
}

#[test]
fn what_a_night_can_bring_about_is_not_said_but_brought_about() {
    let night = |line: &str| format!("config = \"site.toml\"\n---- night\n03:12 {line}");
    let error = |line: &str| told(&play("x.scenario", &night(line), &folder()).unwrap_err());
    assert!(error("vigie finds modem-lost gsm.orange gone").contains("write `modem INPUT down`"));
    assert!(error("vigie finds nobody technique why").contains("let happen what brings it about"));
    assert!(error("vigie finds weak-sigal gsm.orange why").contains("no alarm of Vigie's own"));
    assert!(error("vigie finds sim-changed gsm.orange is over").contains("is never over"));
    assert!(error("vigie finds store journal").contains("say why"));
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
