//! The files as they lie on the disk: found, bounded, and known to be text.
//!
//! It reads and never interprets. A file that is too large, no text or unreadable becomes a
//! complaint and an empty source, so that the other files are still checked.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::finding::{Finding, Findings, Place};
use super::regular::{self, Regular};

/// A file is no longer than this: a larger one is not a configuration.
const FILE_LIMIT: u64 = 4 * 1_024 * 1_024;
/// All files together are no longer than this: what is read of them takes up to a hundred times as much memory.
const TOGETHER_LIMIT: usize = 8 * 1_024 * 1_024;
/// `conf.d` holds no more files than this.
const FILES_LIMIT: usize = 1_000;

/// One file and its text.
#[derive(Debug)]
pub(super) struct Source {
    /// As it is shown in complaints.
    pub(super) name: Arc<str>,
    /// What it says.
    pub(super) text: String,
    /// What the system says of it, where it is a file that was read.
    pub(super) about: Option<Metadata>,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
}

impl Source {
    /// A source with this text. A byte order mark, which some editors put before the first
    /// letter, is taken off.
    pub(super) fn new(name: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let ends = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at.saturating_add(1));
        let lines = std::iter::once(0).chain(ends).collect();
        Self { name: Arc::from(name), text, about: None, lines }
    }

    /// The line (from 1) in which this byte stands, where that line begins, and its text.
    pub(super) fn line_at(&self, offset: usize) -> (usize, usize, &str) {
        let number = self.lines.partition_point(|begin| *begin <= offset).max(1);
        let begin = self.lines.get(number.saturating_sub(1)).copied().unwrap_or(0);
        let end = self.lines.get(number).copied().unwrap_or(self.text.len());
        let line = self.text.get(begin..end).unwrap_or("");
        (number, begin, line.trim_end_matches(['\n', '\r']))
    }
}

/// The main file and those of the `conf.d` beside it, in name order.
pub(super) fn from_disk(main: &Path, findings: &mut Findings) -> Vec<Source> {
    let mut sources = Vec::new();
    load(main, &mut sources, findings);
    for path in beside(main, sources.len(), findings) {
        load(&path, &mut sources, findings);
        let together = sources.iter().map(|source| source.text.len());
        if together.fold(0, usize::saturating_add) > TOGETHER_LIMIT {
            let number = sources.len().saturating_sub(1);
            let sentence = "this file and those before it are larger than 8 MiB together";
            findings.unreadable(number);
            findings.add(
                Finding::error(Place::file(number), sentence)
                    .help("let one definition with a `key` stand for many alarms that are alike"),
            );
            break;
        }
    }
    sources
}

/// The same from memory: the rehearsal, the demonstration and the tests have no files.
pub(super) fn from_memory(files: &[(&str, &str)], findings: &mut Findings) -> Vec<Source> {
    let mut sources = Vec::new();
    for (name, text) in files {
        accept(name, text.as_bytes(), &mut sources, findings);
    }
    sources
}

fn beside(main: &Path, source: usize, findings: &mut Findings) -> Vec<PathBuf> {
    let folder = main.parent().unwrap_or(Path::new("")).join("conf.d");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let sentence = format!("the folder {} cannot be read: {error}", folder.display());
            findings.add(Finding::error(Place::file(source.saturating_sub(1)), sentence));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| !regular::is_hidden(path))
        .take(FILES_LIMIT.saturating_add(1))
        .collect();
    paths.sort();
    if paths.len() > FILES_LIMIT {
        let sentence =
            format!("the folder {} holds more than {FILES_LIMIT} files", folder.display());
        findings.add(
            Finding::error(Place::file(source.saturating_sub(1)), sentence)
                .help("put several tables in one file"),
        );
        paths.truncate(FILES_LIMIT);
    }
    paths
}

fn load(path: &Path, sources: &mut Vec<Source>, findings: &mut Findings) {
    let name = path.display().to_string();
    match regular::read(path, FILE_LIMIT) {
        Ok(Regular { bytes, about }) => {
            accept(&name, &bytes, sources, findings);
            if let Some(source) = sources.last_mut() {
                source.about = Some(about);
            }
        }
        Err(error) => {
            let help = match error.kind() {
                std::io::ErrorKind::NotFound if sources.is_empty() => {
                    "name the file with --config PATH"
                }
                std::io::ErrorKind::NotFound => {
                    "it links to a file that is not there: put that back, or take it out"
                }
                std::io::ErrorKind::PermissionDenied => "let the account that runs Vigie read it",
                _ => "check the path",
            };
            refuse(&name, format!("the file cannot be read: {error}"), help, sources, findings);
        }
    }
}

fn accept(name: &str, bytes: &[u8], sources: &mut Vec<Source>, findings: &mut Findings) {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_LIMIT {
        refuse(
            name,
            "the file is larger than 4 MiB".to_owned(),
            "split it into files of conf.d",
            sources,
            findings,
        );
    } else if utf16 {
        refuse(
            name,
            "the file is written in UTF-16".to_owned(),
            "save it as UTF-8",
            sources,
            findings,
        );
    } else {
        let place = |at: usize, wide: usize| Place::new(sources.len(), at, at.saturating_add(wide));
        let (text, finding) = match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), text.find('\0').map(|at| nul(place(at, 1)))),
            Err(error) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                let finding = match text.find('\0') {
                    Some(at) => nul(place(at, 1)),
                    None => no_utf8(place(error.valid_up_to(), '\u{fffd}'.len_utf8())),
                };
                (text, Some(finding))
            }
        };
        sources.push(Source::new(name, &text));
        if let Some(finding) = finding {
            findings.unreadable(sources.len().saturating_sub(1));
            findings.add(finding);
        }
    }
}

fn nul(place: Place) -> Finding {
    Finding::error(
        place,
        "a NUL character stands here: this is not a text file, or it was cut by a crash".to_owned(),
    )
    .help("restore the file from a copy")
}

fn no_utf8(place: Place) -> Finding {
    Finding::error(place, "this letter is not UTF-8".to_owned())
        .help("save the file as UTF-8; for example: iconv -f latin1 -t utf-8")
}

fn refuse(
    name: &str,
    sentence: String,
    help: &str,
    sources: &mut Vec<Source>,
    findings: &mut Findings,
) {
    let source = sources.len();
    sources.push(Source::new(name, ""));
    findings.unreadable(source);
    findings.add(Finding::error(Place::file(source), sentence).help(help));
}
