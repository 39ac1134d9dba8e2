//! What was acknowledged survives the death of the process at any instant.
//!
//! The child is this same test program, started again with a task in its environment.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use vigie::journal::{Hash, Verification};

use super::{Site, batch, replayed};

const TASK: &str = "VIGIE_JOURNAL_CHILD";
const PATH: &str = "VIGIE_JOURNAL_PATH";

#[test]
fn nothing_that_was_acknowledged_is_missing_after_kill_9() {
    let site = Site::new();
    let mut acknowledged = Vec::new();
    for round in 0..12_usize {
        let mut child = start("commit", &site.path);
        let wanted = acknowledged.len() + 5 + round * 13;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while acknowledged.len() < wanted {
            acknowledged.extend(acknowledgement(&lines.next().unwrap().unwrap()));
        }
        child.kill().unwrap();
        // What it said between our last look and its end counts too.
        acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| acknowledgement(&line)));
        child.wait().unwrap();

        let there = site.lines();
        for (seq, hash) in &acknowledged {
            let line = there
                .get(usize::try_from(*seq).unwrap() - 1)
                .expect("an acknowledged entry is missing");
            assert_eq!(Hash::of(line).to_string(), *hash, "entry {seq}");
        }
        assert!(matches!(site.verify(), Verification::Intact { .. }));
        let recovered = site.recover();
        assert_eq!(replayed(&recovered).len(), there.len());
    }
    assert!(acknowledged.len() > 500, "{}", acknowledged.len());
}

#[test]
fn the_child_of_the_other_tests_does_its_task() {
    let Ok(path) = std::env::var(PATH) else {
        return;
    };
    let site = Path::new(&path);
    let mut out = std::io::stdout();
    match std::env::var(TASK).as_deref() {
        Ok("commit") => commit_for_ever(site, &mut out),
        Ok("read-only") => {
            if nix::unistd::geteuid().is_root() {
                nix::unistd::setuid(nix::unistd::Uid::from_raw(65_534)).unwrap();
            }
            writeln!(out, "said {}", super::opening::say_what_can_be_done(site)).unwrap();
        }
        other => panic!("{other:?}"),
    }
}

fn commit_for_ever(path: &Path, out: &mut impl Write) {
    let (journal, recovered) = vigie::journal::Journal::open(path).unwrap();
    let mut next = recovered.head().seq + 1;
    loop {
        let length = next % 4 + 1;
        let numbers: Vec<u64> = (next..next + length).collect();
        let head = journal.commit_blocking(batch(&numbers)).unwrap();
        writeln!(out, "acknowledged {} {}", head.seq, head.hash).unwrap();
        out.flush().unwrap();
        next += length;
    }
}

fn acknowledgement(line: &str) -> Option<(u64, String)> {
    let (seq, hash) = line.strip_prefix("acknowledged ")?.split_once(' ')?;
    (hash.len() == 64).then(|| (seq.parse().unwrap(), hash.to_owned()))
}

/// What a child without our rights says.
pub(crate) fn as_somebody_else(task: &str, path: &Path) -> String {
    let output = start(task, path).wait_with_output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    output
        .lines()
        .filter_map(|line| line.split_once("said "))
        .map(|(_, said)| format!("{said}\n"))
        .collect()
}

fn start(task: &str, path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::the_child_of_the_other_tests_does_its_task", "--nocapture"])
        .env(TASK, task)
        .env(PATH, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}
