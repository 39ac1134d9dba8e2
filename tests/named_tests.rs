//! Documents that name tests name tests that there are: the checklists of the wires, and SECURITY.md.

#![cfg(test)]

#[expect(dead_code, reason = "the house rules ask where a source lies as well")]
mod sources;

use std::fs;

use sources::{Source, root, sources};

/// Every source that may hold a test.
fn all_sources() -> Vec<Source> {
    ["src", "tests", "protocols"].into_iter().flat_map(sources).collect()
}

/// Whether there is a test of that name.
fn is_there(sources: &[Source], test: &str) -> bool {
    let head = format!("fn {test}(");
    sources.iter().any(|source| {
        let before = source.text.find(&head).and_then(|at| source.text.get(..at));
        before.is_some_and(|before| {
            let before = before.trim_end_matches("async ").trim_end();
            before.ends_with("#[test]") || before.ends_with("#[tokio::test]")
        })
    })
}

/// The tests that a line names in backticks: by the length of their names.
fn named(line: &str) -> Vec<&str> {
    let in_code = line.split('`').skip(1).step_by(2);
    in_code.filter(|name| name.matches('_').count() > 2 && !name.contains([' ', '/'])).collect()
}

fn is_job(line: &str) -> bool {
    line.split('`').any(|job| job.starts_with(".ci/") && root().join(job).is_file())
}

#[test]
fn every_behaviour_of_a_checklist_has_the_tests_that_it_names() {
    let all = all_sources();
    let mut complaints = Vec::new();
    for (wire, behaviours) in [("contacts", 51), ("gsm", 33), ("mqtt", 37), ("snmp", 34)] {
        let path = format!("tests/{wire}/checklist.md");
        let list = fs::read_to_string(root().join(&path)).unwrap();
        let lines: Vec<&str> = list.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert_eq!(lines.len(), behaviours, "{path}");
        for line in lines {
            let tests = named(line);
            if tests.is_empty() && !is_job(line) && !line.contains(": not ") {
                complaints.push(format!("{path}: no test: {line}"));
            }
            let gone = tests.into_iter().filter(|test| !is_there(&all, test));
            complaints.extend(gone.map(|test| format!("{path}: there is no test `{test}`")));
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn what_the_security_review_says_is_shown_by_tests_that_there_are() {
    let all = all_sources();
    let review = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let is_row = |line: &&str| line.starts_with("| ") && !line.ends_with("| shown by |");
    let rows: Vec<&str> = review.lines().filter(is_row).collect();
    assert!(rows.len() > 25, "{} rows", rows.len());
    let shown = |row: &&&str| named(row).is_empty() && !row.contains("fuzz target");
    let mut complaints: Vec<String> =
        rows.iter().filter(shown).map(|row| format!("no test: {row}")).collect();
    let tests = review.lines().flat_map(named);
    let gone = tests.filter(|test| !is_there(&all, test));
    complaints.extend(gone.map(|test| format!("there is no test `{test}`")));
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
