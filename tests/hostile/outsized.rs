//! Files that are too large, have no end, or lead in circles: the program says so, at once and with little memory.
//!
//! A file of 100 MiB is a hole of that length: it takes no place on the disk. Whoever read such a file whole would be seen by the memory
//! that it takes.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;

/// No command takes more, in KiB; the debug build itself takes some 30 MiB.
const MOST: u64 = 96 * 1_024;

/// Runs a command for two minutes at most, and says last how much memory it has taken: the most of all children that have ended, and it is
/// the only one.
const MEASURED: &str = "import resource, subprocess, sys
exit = subprocess.run(sys.argv[1:], timeout=120).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(exit)";

/// What the program said, and how it ended.
fn vigie(words: &[&str]) -> (i32, String) {
    let output = Command::new("/usr/bin/python3")
        .args(["-c", MEASURED, env!("CARGO_BIN_EXE_vigie")])
        .args(words)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (said, taken) = said.trim_end().rsplit_once('\n').unwrap_or(("", said.trim_end()));
    let taken: u64 = taken.parse().unwrap_or_else(|_| panic!("{words:?}: {errors}"));
    assert!(taken < MOST, "{words:?} took {taken} KiB");
    (output.status.code().unwrap_or(-1), format!("{said}\n{errors}"))
}

/// Files of a site in a folder of its own.
struct Site(TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(TempDir::new().unwrap());
        fs::create_dir(site.path("conf.d")).unwrap();
        site.write("vigie.toml", include_str!("../../fixtures/stores/site.toml"));
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let text = text.replace("@@", &self.0.path().to_string_lossy());
        fs::write(self.path(name), text).unwrap();
    }

    /// A file of 100 MiB.
    fn hole(&self, name: &str) {
        File::create(self.path(name)).unwrap().set_len(100 * 1_024 * 1_024).unwrap();
    }

    fn check(&self) -> (i32, String) {
        vigie(&["check", "--config", &shown(&self.path("vigie.toml"))])
    }

    fn is_refused(&self, why: &str) {
        let (exit, said) = self.check();
        assert!(exit == 78 && said.contains(why), "{exit}: {said}");
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[test]
fn a_configuration_of_a_hundred_mebibytes_is_refused_at_once() {
    let site = Site::new();
    site.hole("conf.d/10-large.toml");
    site.is_refused("10-large.toml: the file is larger than 4 MiB\n  = help: split it");
    fs::remove_file(site.path("conf.d/10-large.toml")).unwrap();
    site.hole("vigie.toml");
    site.is_refused("vigie.toml: the file is larger than 4 MiB");
}

#[test]
fn files_that_are_too_large_together_are_refused() {
    let site = Site::new();
    for number in 10..20 {
        // Comments alone: whatever would be made of them is not in the way.
        site.write(&format!("conf.d/{number}.toml"), &"# nothing\n".repeat(100_000));
    }
    site.is_refused("18.toml: this file and those before it are larger than 8 MiB together");
}

#[test]
fn a_folder_of_many_thousand_files_is_refused() {
    let site = Site::new();
    for number in 0..3_000 {
        File::create(site.path(&format!("conf.d/{number}.toml"))).unwrap();
    }
    site.is_refused("holds more than 1000 files\n  = help: put several tables in one file");
}

#[test]
fn a_pipe_a_device_and_a_link_to_itself_are_no_files() {
    let site = Site::new();
    let file = site.path("conf.d/10.toml");
    mkfifo(&file, Mode::S_IRWXU).unwrap();
    site.is_refused("10.toml: the file cannot be read: it is not a regular file");
    fs::remove_file(&file).unwrap();
    symlink("/dev/zero", &file).unwrap();
    site.is_refused("10.toml: the file cannot be read: it is not a regular file");
    fs::remove_file(&file).unwrap();
    symlink("10.toml", &file).unwrap();
    site.is_refused("10.toml: the file cannot be read: Too many levels of symbolic links");
    fs::remove_file(&file).unwrap();
    fs::remove_dir(site.path("conf.d")).unwrap();
    symlink("conf.d", site.path("conf.d")).unwrap();
    site.is_refused("conf.d cannot be read: Too many levels of symbolic links");
}

#[test]
fn a_scenario_without_an_end_is_refused() {
    let site = Site::new();
    let rehearse = |what: &Path| vigie(&["rehearse", &shown(what)]);
    let large = site.path("large.scenario");
    site.hole("large.scenario");
    let (exit, said) = rehearse(&large);
    assert!(exit == 66 && said.contains("cannot be read: it is larger than 4 MiB"), "{said}");
    let (exit, said) = rehearse(Path::new("/dev/zero"));
    assert!(exit == 66 && said.contains("it is not a regular file"), "{said}");
    site.write("base.scenario", "config = \"large.scenario\"\n---- night\n03:12 end\n");
    let (exit, said) = rehearse(&site.path("base.scenario"));
    assert!(exit == 66 && said.contains("large.scenario cannot be read: it is larger"), "{said}");
}

#[test]
fn a_calendar_of_a_hundred_mebibytes_is_told_and_left() {
    let site = Site::new();
    site.hole("large.ics");
    let schedule = "[schedules.week]\nholidays = [\"fr\", \"large.ics\"]\nrotations = [{ people = [\"marie\"] }]\n";
    site.write("conf.d/10.toml", schedule);
    let (exit, said) = site.check();
    assert!(
        exit == 0 && said.contains("large.ics cannot be read: it is larger than 1 MiB"),
        "{exit}: {said}"
    );
}

#[test]
fn a_folder_of_mibs_with_giants_and_circles_gives_the_names_of_the_others() {
    let site = Site::new();
    let mibs = site.path("mibs");
    fs::create_dir(&mibs).unwrap();
    fs::copy("fixtures/mibs/ACME-CABINET-MIB.txt", mibs.join("ACME-CABINET-MIB")).unwrap();
    site.hole("mibs/GIANT-MIB");
    fs::write(mibs.join("DEEP-MIB"), deep()).unwrap();
    mkfifo(&mibs.join("PIPE-MIB"), Mode::S_IRWXU).unwrap();
    symlink("/dev/zero", mibs.join("ZERO-MIB")).unwrap();
    // Eight links in each of eight folders within one another: sixteen million ways.
    for number in 0..8 {
        symlink(".", mibs.join(format!("again-{number}"))).unwrap();
    }
    let text = include_str!("../../fixtures/stores/site.toml");
    site.write(
        "vigie.toml",
        &text.replace("[snmp.network]\n", "[snmp.network]\nmibs = [\"@@/mibs\"]\n"),
    );
    let alarm = "[alarms.cabinet]\nfrom = [\"snmp.network\"]\nmatch = { trap = \"ACME-CABINET-MIB::acmeDoorOpened\" }\n\
        momentary = true\ntext = \"Door\"\nescalation = \"technique\"\n";
    site.write("conf.d/10.toml", alarm);
    let (exit, said) = site.check();
    assert!(said.contains("GIANT-MIB is larger than 32 MiB and is left out"), "{exit}: {said}");
    assert!(said.contains("DEEP-MIB is left out: it is nested too deeply"), "{exit}: {said}");
    assert!(!said.contains("names no trap") && !said.contains("could not be compiled"), "{said}");
    assert_eq!(exit, 0, "{said}");
}

#[test]
fn a_mib_file_without_an_end_is_refused() {
    let site = Site::new();
    site.hole("GIANT-MIB");
    site.write("DEEP-MIB", &deep());
    mkfifo(&site.path("PIPE-MIB"), Mode::S_IRWXU).unwrap();
    let traps = |file: &Path, why: &str| {
        let (exit, said) = vigie(&["mib", "traps", &shown(file)]);
        assert!(exit == 66 && said.contains(why), "{exit}: {said}");
    };
    traps(&site.path("GIANT-MIB"), "cannot be used: it is larger than 32 MiB");
    traps(&site.path("DEEP-MIB"), "cannot be used: it is nested too deeply");
    traps(&site.path("PIPE-MIB"), "cannot be used: it is not a regular file");
    traps(Path::new("/dev/zero"), "cannot be used: it is not a regular file");
}

/// A module whose reader would be at the end of its stack.
fn deep() -> String {
    format!("DEEP-MIB DEFINITIONS ::= BEGIN\nT ::= {}END\n", "SEQUENCE { a ".repeat(20_000))
}
