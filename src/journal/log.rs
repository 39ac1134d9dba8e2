//! The write-ahead log, before SQLite reads it: whether what is on the disk would be passed over.
//!
//! SQLite reads its log up to the first frame whose checksum does not hold, and takes that for the
//! end: a commit that the power cut in the middle. A frame that was altered later ends it just so,
//! and the commits behind it, acknowledged and on the disk, would be gone without a word. The two
//! can be told apart: Vigie syncs each commit before it writes the next, so nothing whole follows
//! a commit that was never whole. It only reads; what it finds is refused, never repaired.
//!
//! It cannot see an alteration of the very last commit, which looks like one that a power cut left
//! unfinished. Against that helps only a head that was written down elsewhere.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::error::JournalError;
use super::place;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The first word of a log; the last bit says whether its checksums are of big-endian words.
const MAGIC: u32 = 0x377f_0682;

/// The running checksum of a log.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sum(u32, u32);

/// What the header says.
struct Header {
    big_endian: bool,
    page: usize,
    salts: (u32, u32),
    sum: Sum,
}

/// What a frame says of itself.
#[derive(Clone, Copy)]
struct Mark {
    /// It is of the log as it is written now, not what is left of an earlier round.
    current: bool,
    /// It is the last one of a commit.
    commit: bool,
    sum: Sum,
}

/// Refuses a log in which whole commits stand behind a damage.
pub(super) fn prove(database: &Path) -> Result<(), JournalError> {
    let path = place::write_ahead_log(database);
    let damaged = match File::open(&path) {
        Ok(file) => passes_over_commits(BufReader::new(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    };
    match damaged {
        Ok(false) => Ok(()),
        Ok(true) => Err(JournalError::LogDamaged { path }),
        Err(source) => Err(JournalError::Refused { doing: "read", path, source }),
    }
}

fn passes_over_commits(mut log: impl Read) -> io::Result<bool> {
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(false); // nothing was ever synced behind it
    }
    let Some(header) = Header::read(&header) else {
        // It is written and synced before the first frame, within one sector.
        return fill(&mut log, &mut [0; FRAME_HEADER]);
    };
    let mut before = Mark { current: true, commit: false, sum: header.sum };
    let mut whole = true;
    let mut frame = vec![0; FRAME_HEADER + header.page];
    while fill(&mut log, &mut frame)? {
        let (mark, sum) = header.mark(&frame, before.sum);
        let follows = mark.current && mark.sum == sum;
        if !whole && follows && before.current && before.commit {
            return Ok(true);
        }
        whole &= follows;
        before = mark;
    }
    Ok(false)
}

impl Header {
    /// `None` if it is not one.
    fn read(bytes: &[u8; HEADER]) -> Option<Self> {
        let [magic, _, page, _, salt, pepper, sum, sum_too] = words(bytes)[..] else {
            return None;
        };
        let page = usize::try_from(page).ok()?;
        let big_endian = magic & 1 == 1;
        let own = Sum(0, 0).over(bytes.get(..HEADER - 8)?, big_endian);
        let sound = magic & !1 == MAGIC
            && page.is_power_of_two()
            && (512..=65_536).contains(&page)
            && own == Sum(sum, sum_too);
        sound.then_some(Self { big_endian, page, salts: (salt, pepper), sum: own })
    }

    /// What the frame says of itself, and the sum that it must bear if it follows one with that.
    fn mark(&self, frame: &[u8], before: Sum) -> (Mark, Sum) {
        let (head, page) = frame.split_at_checked(FRAME_HEADER).unwrap_or_default();
        let [_, pages, salt, pepper, sum, sum_too] = words(head)[..] else {
            return (Mark { current: false, commit: false, sum: Sum(0, 0) }, before);
        };
        let current = (salt, pepper) == self.salts;
        let mark = Mark { current, commit: pages != 0, sum: Sum(sum, sum_too) };
        if !current {
            return (mark, before); // what it bears does not matter
        }
        let start = head.get(..8).unwrap_or_default();
        (mark, before.over(start, self.big_endian).over(page, self.big_endian))
    }
}

impl Sum {
    fn over(self, bytes: &[u8], big_endian: bool) -> Self {
        let word = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        let (words, _) = bytes.as_chunks::<4>();
        let (pairs, _) = words.as_chunks::<2>();
        pairs.iter().fold(self, |Self(one, two), [first, second]| {
            let one = one.wrapping_add(word(*first)).wrapping_add(two);
            let two = two.wrapping_add(word(*second)).wrapping_add(one);
            Self(one, two)
        })
    }
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect()
}

/// Reads so much; `false` if the file ends before.
fn fill(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
