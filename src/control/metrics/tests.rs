//! The page has every number that there is, under the names that the README has.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::families::{ALL, COUNTED, WHOLES};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_readme_lists_every_metric_with_its_type_and_no_other() {
    let readme = read("README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `vigie_"));
    let mut listed = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for name in cells[1].split(", ") {
            listed.push((name.trim_matches('`').to_owned(), cells[2].to_owned()));
        }
    }
    let there = ALL.iter().map(|family| (family.name.to_owned(), family.sort.as_str().to_owned()));
    let (there, known): (BTreeSet<_>, BTreeSet<_>) =
        (there.collect(), listed.iter().cloned().collect());
    assert_eq!(
        there.difference(&known).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "not in the README"
    );
    assert_eq!(
        known.difference(&there).collect::<Vec<_>>(),
        Vec::<&(String, String)>::new(),
        "in the README only"
    );
    assert_eq!(listed.len(), ALL.len(), "listed twice");
}

#[test]
fn a_name_follows_the_conventions_of_prometheus() {
    for family in ALL {
        let super::text::Family { name, sort, help } = *family;
        let letters = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        assert!(name.starts_with("vigie_") && name.chars().all(letters), "{name}");
        assert_eq!(name.ends_with("_total"), sort == super::text::Sort::Counter, "{name}");
        assert!(!help.ends_with('.') && !help.contains(['\n', '\\']), "{name}: {help}");
    }
    let names: BTreeSet<&str> = ALL.iter().map(|family| family.name).collect();
    assert_eq!(names.len(), ALL.len(), "one name, one family");
}

/// All sources of the adapters.
fn adapters() -> Vec<(PathBuf, String)> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapters")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// What stands in quotes, where it is one word.
fn quoted(text: &str) -> Option<String> {
    text.split('"').nth(1).filter(|word| !word.contains(' ')).map(str::to_owned)
}

/// What a pulse is told to count on this line: a name, or the constant that holds it.
fn told(line: &str) -> Option<&str> {
    let (_, call) = line.split_once("pulse.").or_else(|| line.split_once("self.count("))?;
    let call =
        ["count(", "add(", "stands_at("].iter().find_map(|call_of| call.strip_prefix(call_of));
    call?.split([',', ')']).next()
}

#[test]
fn whatever_an_input_counts_has_a_metric() {
    let sources = adapters();
    let lines =
        || sources.iter().flat_map(|(path, text)| text.lines().map(move |line| (path, line)));
    let mut counted: BTreeSet<String> = BTreeSet::new();
    for (_, line) in lines() {
        let Some(name) = told(line) else { continue };
        counted.extend(quoted(name));
        let constant = format!("const {}: &str = ", name.rsplit("::").next().unwrap_or(name));
        counted.extend(
            lines()
                .filter(|(_, line)| line.contains(&constant))
                .filter_map(|(_, line)| quoted(line)),
        );
    }
    // Lists of counters, and the reasons for which a datagram is left.
    let listed = |line: &str| line.contains(": &str = \"") || line.contains("=> \"");
    let lists = lines().filter(|(path, line)| path.ends_with("counts.rs") && listed(line));
    counted.extend(lists.filter_map(|(_, line)| quoted(line)));
    let told = COUNTED.iter().map(|counted| counted.counter);
    let known: BTreeSet<&str> = told.chain(WHOLES.iter().map(|(_, name)| *name)).collect();
    let lacking: Vec<&String> =
        counted.iter().filter(|name| !known.contains(name.as_str())).collect();
    assert!(
        lacking.is_empty(),
        "no metric for {lacking:?}: add them to src/control/metrics/families.rs and the README"
    );
    let unused: Vec<&&str> = known.iter().filter(|name| !counted.contains(**name)).collect();
    assert!(unused.is_empty(), "nobody counts {unused:?}, or this test looks in the wrong place");
}
