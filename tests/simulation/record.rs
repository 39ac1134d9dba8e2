//! The record, as somebody reads it who only has the file: every entry, once it is there. What was
//! there once must be there for ever, or as long as the files want it kept.

use std::path::Path;

use vigie::journal::{Entry, Reader, Verification};
use vigie::watch::decision::{Decision, Fact};
use vigie::watch::event::Happening;
use vigie::watch::state::State;
use vigie::watch::time::Moment;

/// One entry.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) moment: Moment,
    pub(crate) event: Happening,
    pub(crate) facts: Vec<Fact>,
}

#[derive(serde::Deserialize)]
struct Body {
    event: Happening,
    facts: Vec<Fact>,
}

#[derive(Default)]
pub(crate) struct Record {
    reader: Option<Reader>,
    pub(crate) lines: Vec<Line>,
    last: Vec<u8>,
    /// The state that follows from every entry.
    pub(crate) fold: State,
}

impl Record {
    /// The daemon has started on this file: all that was read before must be in it.
    pub(crate) fn open(&mut self, path: &Path) {
        let reader = Reader::open(path).expect("the file that the daemon has just opened");
        if let Some(last) = u64::try_from(self.lines.len()).ok().filter(|last| *last > 0) {
            let mut found = Vec::new();
            reader.export(last, &mut found).expect("a record that can be read");
            let kept = found.split(|byte| *byte == b'\n').next() == Some(&self.last);
            assert!(
                kept,
                "[nothing is lost] entry {last}, which was on the record, is not any more"
            );
        }
        self.reader = Some(reader);
        self.read();
    }

    /// The daemon is gone, and the file with it.
    pub(crate) fn close(&mut self) {
        self.reader = None;
    }

    /// Reads what is new.
    pub(crate) fn read(&mut self) {
        let Some(reader) = &self.reader else { return };
        let next = u64::try_from(self.lines.len()).expect("not so many") + 1;
        let mut new = Vec::new();
        reader
            .export(next, &mut new)
            .unwrap_or_else(|error| panic!("[the record can be read] {error}"));
        for line in new.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let entry =
                Entry::read(line).expect("[the record can be read] an entry of the fixed form");
            let body: Body =
                serde_json::from_str(entry.body).expect("[the record can be read] a body");
            assert_eq!(
                entry.seq,
                u64::try_from(self.lines.len()).expect("not so many") + 1,
                "[no number is left out]"
            );
            let Body { event, facts } = body;
            let line = Line { moment: entry.moment, event, facts };
            self.fold
                .take(&Decision { facts: line.facts.clone(), ..Decision::nothing(line.moment) });
            self.lines.push(line);
        }
        if let Some(last) = new.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()) {
            self.last = last.to_vec();
        }
    }

    /// Every entry is what was written, in its place.
    pub(crate) fn prove(&self, path: &Path) {
        let verified = Reader::open(path)
            .and_then(|reader| reader.verify())
            .expect("a record that can be read");
        let Verification::Intact { head, .. } = verified else {
            panic!("[the chain holds] {verified:?}");
        };
        let (last, read) = (head.seq, u64::try_from(self.lines.len()).expect("not so many"));
        assert!(last >= read, "[nothing is lost] it ends with entry {last}, and {read} were read");
    }
}

/// Holds a state against the one that follows from the record, and says in what they differ.
pub(crate) fn same(found: &State, folded: &State, rule: &str) {
    if found == folded {
        return;
    }
    let pieces = |state: &State| -> Vec<String> {
        state.pieces().map(|piece| serde_json::to_string(&piece).expect("a piece")).collect()
    };
    let (found, folded) = (pieces(found), pieces(folded));
    let differ: Vec<String> = found
        .iter()
        .filter(|piece| !folded.contains(piece))
        .map(|piece| format!("is      {piece}"))
        .collect();
    let other: Vec<String> = folded
        .iter()
        .filter(|piece| !found.contains(piece))
        .map(|piece| format!("must be {piece}"))
        .collect();
    panic!("[{rule}]\n{}\n{}", differ.join("\n"), other.join("\n"));
}
