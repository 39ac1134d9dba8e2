//! What the README says already, so that the manual does not say it a second time in other words: a table, the
//! smallest file.

const README: &str = include_str!("../../README.md");

/// The rows of the first table beneath that line: what stands in its first two columns.
pub(crate) fn table(above: &str) -> Vec<(&'static str, &'static str)> {
    let (_, below) = README.split_once(above).expect("the README has this line");
    let rows = below
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'));
    // The head and the line beneath it are no rows.
    rows.skip(2)
        .map(|row| {
            let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
            (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
        })
        .collect()
}

/// The smallest configuration that works.
pub(crate) fn smallest_file() -> &'static str {
    let (_, below) = README.split_once("```toml\n").expect("the README shows a file");
    below.split_once("```").expect("it has an end").0
}
