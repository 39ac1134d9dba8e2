//! The files are altered on the disk, in the middle and at the end, while no daemon runs and while
//! one does: what was acknowledged is there, or the start is refused in words. The one exception is
//! the last commit in the log, which looks like one that a power cut left unfinished.

use std::collections::BTreeMap;
use std::path::Path;

use vigie::journal::{CommitError, Journal, JournalError, Reader, Verification};
use vigie::sequencer::{RecoveryError, recover};

use super::calling::a_night_with_alarms;
use super::dice::Dice;
use super::power::Files;
use super::{Site, batch};

const PAGE: usize = 4_096;
const FRAME: usize = PAGE + 24;

/// What can become of a page on a disk.
#[derive(Clone, Copy, Debug)]
enum Harm {
    Zeroed,
    /// One bit is another.
    Bit,
    /// The second half did not arrive.
    Torn,
    /// What was meant for another place was written here.
    Misplaced,
}

impl Harm {
    const ALL: [Self; 4] = [Self::Zeroed, Self::Bit, Self::Torn, Self::Misplaced];

    fn befalls(self, file: &mut [u8], at: usize, length: usize, dice: &mut Dice) {
        let end = file.len().min(at + length);
        match self {
            Self::Zeroed => file[at..end].fill(0),
            Self::Bit => file[at + dice.below(end - at)] ^= 1 << dice.below(8),
            Self::Torn => file[at + (end - at) / 2..end].fill(0),
            Self::Misplaced => {
                let from = dice.below(file.len() / length) * length;
                let moved = file[from..from + (end - at).min(file.len() - from)].to_vec();
                file[at..at + moved.len()].copy_from_slice(&moved);
            }
        }
    }
}

/// What a start gets out of the file, in a form that can be compared.
fn state_of(path: &Path) -> Result<(u64, Vec<String>), RecoveryError> {
    let (journal, mut recovered) = Journal::open(path)?;
    let (state, _) = recover(&mut recovered)?;
    let pieces = state.pieces().map(|piece| serde_json::to_string(&piece).unwrap());
    let mut pieces: Vec<String> = pieces.collect();
    pieces.sort();
    let head = recovered.head().seq;
    drop(recovered);
    // A page that only the tables for questions need shows itself now, and not at the start.
    match journal.commit_blocking(batch(head + 1)) {
        Ok(_) | Err(CommitError::Damaged { .. }) => {}
        Err(error) => panic!("{error:?}"),
    }
    Ok((head, pieces))
}

#[test]
fn any_page_of_a_stopped_store_that_is_altered_is_harmless_or_the_start_is_refused_in_words() {
    let sound = std::fs::read(&a_night_with_alarms().path).unwrap();
    let other = Site::empty();
    std::fs::write(&other.path, &sound).unwrap();
    let whole = state_of(&other.path).unwrap();
    let mut dice = Dice::new();
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for at in (0..sound.len()).step_by(PAGE) {
        for harm in Harm::ALL {
            let mut altered = sound.clone();
            harm.befalls(&mut altered, at, PAGE, &mut dice);
            let other = Site::empty();
            std::fs::write(&other.path, &altered).unwrap();
            match state_of(&other.path) {
                Ok(state) => {
                    assert!(state == whole, "page {}, {harm:?}: less, and not a word", at / PAGE);
                    *found.entry("harmless".to_owned()).or_default() += 1;
                }
                Err(error) => {
                    let left = std::fs::read(&other.path).unwrap();
                    assert!(left == altered, "page {}, {harm:?}: the file was changed", at / PAGE);
                    *found.entry(in_words(&error).to_owned()).or_default() += 1;
                }
            }
        }
    }
    println!("{} pages: {found:?}", sound.len() / PAGE);
    // What the dice do not decide: a first page of zeros is nobody's journal, and pages in use show.
    for always in ["harmless", "is damaged", "is not a journal of Vigie"] {
        assert!(found.contains_key(always), "{found:?}");
    }
}

fn in_words(error: &RecoveryError) -> &'static str {
    let said = error.to_string();
    let words = ["is damaged", "the record in", "is not a journal of Vigie", "another application"];
    let words = words.into_iter().chain(["a newer Vigie", "cannot be kept safely"]);
    words.into_iter().find(|words| said.contains(words)).unwrap_or_else(|| panic!("{said}"))
}

/// A database and a log of eight commits, as the power left them; and where in the log each ends.
fn after_a_crash() -> (Files, Vec<usize>) {
    let site = Site::new();
    let (journal, _) = Journal::open(&site.path).unwrap();
    let log = site.path.with_file_name("vigie.db-wal");
    let ends = (1..=8).map(|number| {
        journal.commit_blocking(batch(number)).unwrap();
        usize::try_from(std::fs::metadata(&log).unwrap().len()).unwrap()
    });
    let ends = ends.collect();
    let files = [&site.path, &log].map(|file| (file.clone(), std::fs::read(file).unwrap()));
    (files.into(), ends)
}

#[test]
fn a_log_that_was_altered_is_refused_wherever_a_whole_commit_stands_behind_it() {
    let (files, ends) = after_a_crash();
    let (name, sound) = files.iter().find(|(name, _)| name.ends_with("vigie.db-wal")).unwrap();
    let mut dice = Dice::new();
    let (mut refused, mut passed_over) = (0, 0);
    for at in (32..sound.len()).step_by(FRAME).chain([0]) {
        for harm in Harm::ALL {
            let length = if at == 0 { 32 } else { FRAME };
            let mut altered = sound.clone();
            harm.befalls(&mut altered, at, length, &mut dice);
            let mut files = files.clone();
            files.insert(name.clone(), altered.clone());
            let other = Site::with(&files);
            let before = u64::try_from(ends.iter().filter(|end| **end <= at).count()).unwrap();
            let place = format!("frame {}, {harm:?}", at / FRAME);
            match Journal::open(&other.path) {
                Ok((journal, recovered)) => {
                    let left = recovered.head().seq;
                    // Of what stands whole behind the damage nothing shows, if that is only one.
                    assert!(left >= before && left + 2 >= 8 && at > 0, "{place}: {left} of 8");
                    passed_over += usize::from(left < 8);
                    drop(journal);
                }
                Err(JournalError::LogDamaged { .. }) => {
                    let proof = Reader::open(&other.path).and_then(|reader| reader.verify());
                    assert!(proof.is_err(), "{place}: {proof:?}");
                    let log = other.path.with_file_name("vigie.db-wal");
                    assert!(std::fs::read(log).unwrap() == altered, "{place}: it was changed");
                    refused += 1;
                }
                Err(error) => panic!("{place}: {error}"),
            }
        }
    }
    println!("{} frames: {refused} refused, {passed_over} at the end", sound.len() / FRAME);
    assert!(refused > passed_over && passed_over > 0, "{refused}, {passed_over}");
}

#[test]
fn a_log_that_ends_too_early_gives_what_is_whole_of_it() {
    let (files, ends) = after_a_crash();
    let (name, sound) = files.iter().find(|(name, _)| name.ends_with("vigie.db-wal")).unwrap();
    for length in (0..sound.len()).step_by(509) {
        let mut files = files.clone();
        files.insert(name.clone(), sound[..length].to_vec());
        let other = Site::with(&files);
        let (journal, recovered) = Journal::open(&other.path).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(recovered.head().seq, u64::try_from(whole).unwrap(), "cut to {length} bytes");
        drop(recovered);
        journal.close();
        assert!(matches!(other.verify(), Verification::Intact { .. }));
    }
}

#[test]
fn a_store_that_is_altered_under_the_running_daemon_is_told_by_a_commit_or_by_a_proof() {
    let site = Site::new();
    let (journal, _) = Journal::open(&site.path).unwrap();
    for number in 1..=200 {
        journal.commit_blocking(batch(number)).unwrap();
    }
    journal.close();
    let sound = std::fs::read(&site.path).unwrap();
    let mut dice = Dice::new();
    let (mut by_commit, mut by_proof, mut harmless) = (0, 0, 0);
    for at in (0..sound.len()).step_by(PAGE) {
        std::fs::write(&site.path, &sound).unwrap();
        let (journal, _) = Journal::open(&site.path).unwrap();
        let mut altered = sound.clone();
        Harm::ALL[dice.below(4)].befalls(&mut altered, at, PAGE, &mut dice);
        overwrite(&site.path, &altered[at..(at + PAGE).min(altered.len())], at);
        let committed = journal.commit_blocking(batch(201));
        match &committed {
            // Where the page that leads to the last entry leads to an earlier one, the head is another.
            Ok(_)
            | Err(
                CommitError::Damaged { .. }
                | CommitError::Sqlite { .. }
                | CommitError::HeadMoved { .. },
            ) => {}
            Err(error) => panic!("page {}: {error}", at / PAGE),
        }
        journal.close();
        let proof = Reader::open(&site.path).and_then(|reader| reader.verify());
        match (committed, proof) {
            (Err(_), _) => by_commit += 1,
            (Ok(_), Ok(Verification::Intact { entries: 201, .. })) => harmless += 1,
            (Ok(_), Ok(Verification::Intact { entries, .. })) => panic!("{entries} of 201"),
            (Ok(_), Ok(Verification::Broken(_)) | Err(_)) => by_proof += 1,
        }
        for left in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(site.path.with_file_name(format!("vigie.db{left}")));
        }
    }
    println!("{by_commit} told by a commit, {by_proof} by a proof, {harmless} harmless");
    assert!(by_proof > 10, "{by_commit}, {by_proof}, {harmless}");
}

/// Into the file that is there, which the daemon has open.
fn overwrite(path: &Path, bytes: &[u8], at: usize) {
    use std::os::unix::fs::FileExt;
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, u64::try_from(at).unwrap()).unwrap();
}
