//! The house's walls: who may know whom, how long a file may be, and which names say nothing.
//!
//! A complaint names the file, the line and the wall. The floors are those of `src/lib.rs`; a
//! protocol crate's wall is the compiler's.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "what surprises this test is a broken wall, and the sources are its own"
)]

mod sources;

use std::collections::BTreeSet;

use sources::{Source, root, sources};

/// Floor and room of every part of `src`; a part may use what is on a lower floor, and itself.
const FLOORS: &[(u8, &str)] = &[
    (6, "main"),
    (5, "daemon"),
    (5, "cli"),
    (4, "sequencer"),
    (4, "control"),
    (3, "adapters"),
    (3, "outbox"),
    (3, "supervision"),
    (2, "inbox"),
    (2, "errand"),
    (2, "changes"),
    (2, "board"),
    (2, "health"),
    (2, "config"),
    (2, "host"),
    (2, "journal"),
    (1, "watch"),
    (1, "vigie_contacts"),
    (1, "vigie_gsm"),
    (1, "vigie_mqtt"),
    (1, "vigie_snmp"),
];

/// What the pure parts may not touch: I/O, clocks, tasks, randomness.
const IMPURE: &[&str] = &[
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "std::io",
    "std::thread",
    "std::env",
    "std::process",
    "tokio",
    "tracing",
    "nix",
    "rusqlite",
    "getrandom",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
];

/// Words that say nothing about a thing; as a whole word of a name they are refused.
const EMPTY_WORDS: &[&str] = &[
    "manager",
    "handler",
    "helper",
    "helpers",
    "utils",
    "util",
    "common",
    "info",
    "process",
    "processor",
    "misc",
];

/// Names that a trait of another crate gives.
const GIVEN_NAMES: &[&str] = &["get_type"];

/// No file is longer: past it, look for the second subject.
const LONGEST_FILE: usize = 400;

impl Source {
    /// The lines of code, numbered from 1: no comments, and nothing from the tests' module on.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
            .map(|(number, line)| (number + 1, line))
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The part of `src` to which the file belongs: `watch` for `src/watch/alarm.rs`.
    fn room(&self) -> String {
        let inside =
            self.path.strip_prefix(root().join("src")).expect("only files of src have a room");
        let first = inside.components().next().expect("a file has a name");
        first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
    }

    fn place(&self, line: usize) -> String {
        let path = self.path.strip_prefix(root()).unwrap_or(&self.path);
        format!("{}:{line}", path.display())
    }

    /// A folder of tests, or a module that its parent declares for tests alone.
    fn is_test(&self) -> bool {
        if self.text.contains("#[test]") && !self.text.contains("#[cfg(test)]") {
            return true;
        }
        self.path.components().any(|part| {
            matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "examples" | "benches"))
        })
    }
}

fn refuse(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(_, known)| *known == room).map(|(floor, _)| *floor)
}

/// The rooms that a line of code names.
fn named_rooms(line: &str) -> Vec<String> {
    let word = |text: &str| {
        text.chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect::<String>()
    };
    let mut rooms: Vec<String> = Vec::new();
    for prefix in ["crate::", "vigie::"] {
        for (at, _) in line.match_indices(prefix) {
            let rest = &line[at + prefix.len()..];
            match rest.strip_prefix('{') {
                Some(group) => rooms.extend(group.split(',').map(|part| word(part.trim()))),
                None => rooms.push(word(rest)),
            }
        }
    }
    rooms.extend(
        ["vigie_contacts", "vigie_gsm", "vigie_mqtt", "vigie_snmp"]
            .iter()
            .filter(|name| line.contains(**name))
            .map(|name| (*name).to_owned()),
    );
    rooms
}

#[test]
fn nobody_knows_a_part_on_the_same_floor_or_above() {
    let mut complaints = Vec::new();
    for source in sources("src") {
        let room = source.room();
        if room == "lib" {
            continue;
        }
        let Some(own) = floor(&room) else {
            complaints.push(format!(
                "{}: the room `{room}` has no floor: give it one in this test and in src/lib.rs",
                source.place(1)
            ));
            continue;
        };
        for (number, line) in source.code() {
            for named in named_rooms(line) {
                match floor(&named) {
                    Some(_) if named == room => {}
                    Some(other) if other < own => {}
                    Some(other) => complaints.push(format!(
                        "{}: `{room}` (floor {own}) must not know `{named}` (floor {other})",
                        source.place(number)
                    )),
                    None => {}
                }
            }
        }
    }
    refuse(&complaints);
}

/// Where a room lies: `src/watch` for `watch`, `protocols/gsm` for `vigie_gsm`.
fn lies_in(room: &str) -> String {
    room.strip_prefix("vigie_")
        .map_or_else(|| format!("src/{room}"), |codec| format!("protocols/{codec}"))
}

/// The floors of the table that has them, with the rooms that stand beside: in backticks, as `src/watch/` or `watch`.
fn table_of_floors(text: &str) -> Vec<(u8, String)> {
    let table = text.lines().skip_while(|line| !line.contains("| floor |"));
    let rows = table.take_while(|line| line.contains('|')).filter_map(|line| {
        let mut cells = line.trim_start_matches("//!").split('|').map(str::trim);
        let floor = cells.nth(1)?.parse().ok()?;
        Some((floor, cells.next()?))
    });
    let named = |(floor, cell): (u8, &str)| {
        // The words behind a room's name are about it, and may name what is in it.
        let rooms = cell.split(" · ").flat_map(|part| {
            let names = part.split_once(": ").map_or(part, |(names, _)| names);
            names.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
        });
        rooms.map(move |room| (floor, room)).collect::<Vec<_>>()
    };
    let place = |name: String| match name.trim_end_matches('/').trim_end_matches(".rs") {
        name if name.contains('/') => name.to_owned(),
        name => lies_in(name),
    };
    rows.flat_map(named).map(|(floor, name)| (floor, place(name))).collect()
}

#[test]
fn the_maps_of_the_house_name_every_room_on_its_floor_and_none_too_many() {
    let mut complaints = Vec::new();
    let floors = FLOORS.iter().map(|(floor, room)| (*floor, lies_in(room)));
    let floors: BTreeSet<(u8, String)> = floors.collect();
    for path in ["src/lib.rs", "README.md"] {
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let named = table_of_floors(&text);
        for room in &named {
            if named.iter().filter(|other| other.1 == room.1).count() > 1 {
                complaints.push(format!("{path}: `{}` stands there twice", room.1));
            }
        }
        let named: BTreeSet<(u8, String)> = named.into_iter().collect();
        for (floor, room) in floors.difference(&named) {
            complaints.push(format!("{path}: `{room}` does not stand on floor {floor}"));
        }
        for (floor, room) in named.difference(&floors) {
            complaints
                .push(format!("{path}: FLOORS of this test has no `{room}` on floor {floor}"));
        }
    }
    refuse(&complaints);
}

#[test]
fn the_heart_and_the_codecs_touch_neither_clock_nor_wire_nor_disk() {
    let mut complaints = Vec::new();
    let codecs = ["contacts", "gsm", "mqtt", "snmp"].map(|name| format!("protocols/{name}/src"));
    for folder in codecs.iter().map(String::as_str).chain(["src/watch"]) {
        for source in sources(folder).iter().filter(|source| !source.is_test()) {
            for (number, line) in source.code() {
                for word in IMPURE.iter().filter(|word| names_path(line, word)) {
                    complaints.push(format!("{}: `{word}` in a pure part", source.place(number)));
                }
            }
        }
    }
    refuse(&complaints);
}

/// Whether the line names this path: `tokio` in `tokio::spawn`, not in `stokio`.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        let inside = |letter: Option<char>| {
            letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
        };
        let is_path = path.contains("::") || line[at + path.len()..].starts_with("::");
        !inside(before)
            && !inside(after)
            && (is_path || path.chars().next().is_some_and(char::is_uppercase))
    })
}

#[test]
fn a_file_has_one_subject() {
    let mut complaints = Vec::new();
    for folder in ["src", "protocols", "tests", "benches"] {
        for source in sources(folder) {
            let lines = source.text.lines().count();
            if lines > LONGEST_FILE {
                complaints.push(format!(
                    "{}: {lines} lines; past {LONGEST_FILE}, look for the second subject",
                    source.place(lines)
                ));
            }
            if !source.text.starts_with("//!") {
                complaints.push(format!("{}: say in `//!` what the file is for, what it never does, and what it promises", source.place(1)));
            }
        }
    }
    refuse(&complaints);
}

#[test]
fn every_name_says_something() {
    let mut complaints = Vec::new();
    for folder in ["src", "protocols"] {
        for source in sources(folder) {
            let file = source.path.file_stem().unwrap().to_string_lossy().into_owned();
            complaints.extend(
                says_nothing(&file)
                    .map(|word| format!("{}: a file named after `{word}`", source.place(1))),
            );
            for (number, line) in source.code() {
                for name in declared(line) {
                    if (name.starts_with("get_") || name.starts_with("do_"))
                        && !GIVEN_NAMES.contains(&name.as_str())
                    {
                        complaints.push(format!(
                            "{}: `{name}`: say what, not that",
                            source.place(number)
                        ));
                    }
                    complaints.extend(says_nothing(&name).map(|word| {
                        format!("{}: `{name}`: `{word}` says nothing", source.place(number))
                    }));
                }
            }
        }
    }
    refuse(&complaints);
}

/// The names that a line declares.
fn declared(line: &str) -> Vec<String> {
    let words: Vec<&str> = line
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    words
        .windows(2)
        .filter(|pair| {
            matches!(
                pair[0],
                "fn" | "struct" | "enum" | "trait" | "mod" | "type" | "const" | "static" | "let"
            )
        })
        .map(|pair| pair[1].to_owned())
        .collect()
}

/// The empty word in a name, if there is one: `AlarmManager`, `alarm_utils`.
fn says_nothing(name: &str) -> Option<&'static str> {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
    }
    words.split('_').find_map(|word| EMPTY_WORDS.iter().find(|empty| **empty == word).copied())
}

#[test]
fn no_unfinished_thought_reaches_the_main_branch() {
    let mut complaints = Vec::new();
    let marks = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["XX", "X"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
    ];
    for folder in ["src", "protocols", "tests", "benches"] {
        for source in sources(folder) {
            for (number, line) in source.text.lines().enumerate() {
                complaints.extend(marks.iter().filter(|mark| line.contains(mark.as_str())).map(
                    |mark| {
                        format!(
                            "{}: {mark}: an unfinished thought is an issue",
                            source.place(number + 1)
                        )
                    },
                ));
            }
        }
    }
    refuse(&complaints);
}

#[test]
fn the_walls_of_this_test_stand() {
    assert_eq!(named_rooms("use crate::watch::{Watch};"), ["watch"]);
    assert_eq!(named_rooms("use crate::{inbox, journal::Head};"), ["inbox", "journal"]);
    assert!(names_path("let now = std::time::Instant::now();", "Instant::now"));
    assert!(names_path("tokio::spawn(x)", "tokio") && !names_path("let stokio = 1;", "tokio"));
    assert_eq!(says_nothing("AlarmManager"), Some("manager"));
    assert_eq!(says_nothing("information"), None);
    assert_eq!(declared("pub fn get_alarm(&self)"), ["get_alarm"]);
}
