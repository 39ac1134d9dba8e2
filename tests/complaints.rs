//! Configurations that are wrong as operators get them wrong, each with the complaints it must
//! get. `VIGIE_BLESS=1 cargo test --test complaints` writes what is said now; read that diff.
//!
//! `fixtures/complaints/NAME.toml` is a main file; files of a folder `NAME.d` are its `conf.d`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use vigie::config::{self, Reading};
use vigie::watch::time::Utc;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/complaints")
}

/// The fixture's files as the operator would name them.
fn read(main: &Path) -> Reading {
    let mut files = vec![(
        "vigie.toml".to_owned(),
        std::fs::read_to_string(main).expect("the fixture is there"),
    )];
    if let Ok(folder) = std::fs::read_dir(main.with_extension("d")) {
        let mut parts: Vec<PathBuf> =
            folder.map(|entry| entry.expect("the folder can be listed").path()).collect();
        parts.sort();
        for part in parts {
            let name = format!("conf.d/{}", part.file_name().unwrap_or_default().to_string_lossy());
            files.push((name, std::fs::read_to_string(&part).expect("the fixture is there")));
        }
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    config::read_str_at(&files, now())
}

/// All fixtures are read on one day: what they say of the next twelve months stays the same.
fn now() -> Utc {
    Utc::from("2026-11-27T07:00:00Z".parse::<jiff::Timestamp>().expect("it is a time"))
}

fn told(reading: &Reading) -> String {
    let mut told = String::new();
    for complaint in &reading.complaints {
        told.push_str(&format!("{complaint}\n\n"));
    }
    let end = if reading.settings.is_some() { "accepted" } else { "refused" };
    told + end + "\n"
}

#[test]
fn every_mistake_gets_its_complaint() {
    let bless = std::env::var_os("VIGIE_BLESS").is_some();
    let mut cases: Vec<PathBuf> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 40, "only {} fixtures", cases.len());
    let mut wrong = String::new();
    for case in cases {
        let told = told(&read(&case));
        let golden = case.with_extension("expected");
        if bless {
            std::fs::write(&golden, &told).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        if told != expected {
            writeln!(wrong, "{}: expected\n{expected}\nbut it says\n{told}", case.display())
                .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_complaint_never_shows_a_secret() {
    for golden in std::fs::read_dir(fixtures()).unwrap() {
        let path = golden.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "expected") {
            let told = std::fs::read_to_string(&path).unwrap();
            assert!(!told.contains("s3cr3t"), "{} shows a secret", path.display());
        }
    }
}

#[test]
fn the_files_of_conf_d_are_read_in_name_order_and_complaints_name_them() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("vigie.toml");
    std::fs::write(&main, "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n").unwrap();
    std::fs::create_dir(folder.path().join("conf.d")).unwrap();
    for (name, text) in
        [("20-b.toml", "[people.marie]\n"), ("10-a.toml", "[people.marie]\n"), ("notes.txt", "=")]
    {
        std::fs::write(folder.path().join("conf.d").join(name), text).unwrap();
    }
    let reading = config::read(&main);
    let error = reading.complaints.iter().find(|complaint| complaint.is_error()).unwrap();
    assert!(error.file.ends_with("conf.d/20-b.toml"), "{error}");
    assert!(error.first.as_ref().unwrap().0.ends_with("conf.d/10-a.toml"), "{error}");
}

#[test]
fn what_is_no_configuration_at_all_gets_one_clear_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("large", vec![b'#'; 10 * 1_024 * 1_024], "the file is larger than 4 MiB"),
        ("nul", b"[site]\nname = \"a\0b\"\n".to_vec(), "a NUL character stands here"),
        ("latin1", b"[site]\nname = \"\xc9cole\"\n".to_vec(), "this letter is not UTF-8"),
        ("utf16", b"\xff\xfe[\0s\0".to_vec(), "the file is written in UTF-16"),
        ("deep", [b"a = ".to_vec(), vec![b'['; 100_000]].concat(), "nested too deeply"),
        ("binary", (0..=255u8).cycle().take(100_000).collect(), "a NUL character stands here"),
        (
            "wide",
            [b"[site]\nnaem = \"".to_vec(), vec![b'x'; 1_000_000], b"\"\n".to_vec()].concat(),
            "no key `naem`",
        ),
    ];
    for (name, bytes, sentence) in cases {
        let path = folder.path().join(name).with_extension("toml");
        std::fs::write(&path, bytes).unwrap();
        let reading = config::read(&path);
        assert!(reading.settings.is_none());
        let said = told(&reading);
        assert!(said.contains(sentence), "{name}: {said}");
        assert!(said.len() < 4_000, "{name}: {} bytes", said.len());
        assert!(said.contains("= help: "), "{name}: {said}");
    }
    let absent = config::read(&folder.path().join("absent.toml"));
    assert!(told(&absent).contains("the file cannot be read"));
    let pipe = config::read(Path::new("/dev/null"));
    assert!(told(&pipe).contains("it is not a regular file"));
}

/// A receiver with a user whose passphrase is in that file.
fn with_a_passphrase_in(secret: &Path) -> String {
    let sound = std::fs::read_to_string(fixtures().join("sound.toml")).expect("it is there");
    let place = secret.display();
    format!(
        r#"{sound}
[snmp.plant]
listen = ["127.0.0.1:1162"]
versions = ["3"]
[[snmp.plant.users]]
name = "pump"
auth = {{ protocol = "sha-256", passphrase = {{ file = "{place}" }} }}
"#
    )
}

#[test]
fn a_passphrase_in_a_file_is_held_to_what_one_in_the_configuration_is() {
    let folder = tempfile::tempdir().unwrap();
    let (main, secret) = (folder.path().join("vigie.toml"), folder.path().join("secret"));
    std::fs::write(&main, with_a_passphrase_in(&secret)).unwrap();
    for (octets, is_short) in [("s3cr3t7", true), ("s3cr3t78", false), ("s3cr3t7\n", true)] {
        std::fs::write(&secret, octets).unwrap();
        let reading = config::read(&main);
        let said = told(&reading);
        assert!(!said.contains("s3cr3t"), "{said}");
        assert_eq!(reading.settings.is_none(), is_short, "{said}");
        let sentence = format!(
            "an SNMPv3 passphrase has 8 letters or more, and the one of the user `pump` in {} has fewer",
            secret.display()
        );
        assert_eq!(said.contains(&sentence), is_short, "{said}");
    }
}

#[test]
fn a_passphrase_file_that_is_not_there_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let (main, secret) = (folder.path().join("vigie.toml"), folder.path().join("secret"));
    std::fs::write(&main, with_a_passphrase_in(&secret)).unwrap();
    let reading = config::read(&main);
    let said = told(&reading);
    assert!(reading.settings.is_some(), "it may be there where Vigie runs: {said}");
    let sentence = format!(
        "warning: the secret in {} cannot be read: No such file or directory (os error 2); without it the receiver cannot start",
        secret.display()
    );
    assert!(said.contains(&sentence), "{said}");
    assert_eq!(said.matches("No such file").count(), 1, "{said}");
}

#[test]
fn nothing_is_wrong_with_the_smallest_file_of_the_readme() {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (smallest, _) = rest.split_once("```").unwrap();
    let reading = config::read_str(&[("vigie.toml", smallest)]);
    assert_eq!(told(&reading), "accepted\n");
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("etc/vigie.toml"))
            .unwrap();
    let reading = config::read_str(&[("vigie.toml", &format!("\u{feff}{text}"))]);
    assert!(reading.settings.is_some());
}

#[test]
fn a_million_mistakes_are_told_in_a_page_and_counted() {
    let text: String = (0..100_000).map(|number| format!("[people.p{number}]\nx = 1\n")).collect();
    let reading = config::read_str(&[("vigie.toml", &text)]);
    assert!(reading.complaints.len() < 500, "{}", reading.complaints.len());
    assert!(told(&reading).contains("more complaints are not shown"));
    assert!(reading.settings.is_none());
}

#[test]
fn no_cut_and_no_flipped_letter_makes_it_panic() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("etc/vigie.toml"))
            .unwrap();
    for start in (0..text.len()).step_by(7).filter_map(|end| text.get(..end)) {
        told(&config::read_str(&[("vigie.toml", start)]));
    }
    let letters: Vec<char> = text.chars().collect();
    for (number, letter) in ['"', '[', ']', '{', '}', '=', '\n', '.', '\'', '\\', '\u{1}', '0']
        .into_iter()
        .cycle()
        .take(600)
        .enumerate()
    {
        let mut changed = letters.clone();
        // A stride that has no divisor in common with the length walks over all of the file.
        changed[number * 7_919 % letters.len()] = letter;
        let changed: String = changed.into_iter().collect();
        told(&config::read_str(&[("vigie.toml", &changed)]));
    }
}
