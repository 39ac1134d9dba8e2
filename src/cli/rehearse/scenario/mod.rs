//! Scenarios: a night written down, to be played and read.
//!
//! ```text
//! # The fibre to the north hall goes, and Marie takes it.
//! config = "site.toml"                 # optional, first: tables of another file beside this one
//! [alarms.link]                        # then any tables of a configuration
//! …
//! ---- edited                          # optional: another configuration, for `reload with edited`
//! ---- night                           # from here on, what happens
//! on 2026-11-23                        # the date; without it, a Monday
//! 03:12:00  snmp.network trap IF-MIB::linkDown from 10.0.0.1 ifIndex=7
//! 03:13:30  marie: <marie>             # her latest code
//! +45m      end
//! ```
//!
//! A line is a time and what happens then. A time is of the day (`03:12`, `03:12:00`; one that is
//! past is the next day's) or after the line before (`+90s`). What can happen has one list, `fixtures/scenarios/README.md`: a line
//! that [`act`] learns is written there.
//!
//! Text may stand in quotation marks, and must where it holds a ` # `, which begins a comment. Nothing
//! here opens a device; a scenario that cannot be read names its line.

mod act;
mod letters;
mod own;
mod play;
mod traps;

use std::io;
use std::path::{Path, PathBuf};

use super::night::NightError;
use super::words::{self, When};
use crate::config::{self, Complaint, Settings};
use act::Act;
pub use play::{Played, play};

/// Why a scenario cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A line that cannot be read, or that asks for what there is not.
    #[error("{name}:{line}: {problem}")]
    Line {
        /// The scenario.
        name: String,
        /// From 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// There is nothing to play.
    #[error(
        "{name} has no line `---- night`: what stands above it is configuration, what follows is what happens"
    )]
    NoNight {
        /// The scenario.
        name: String,
    },
    /// Its configuration is refused.
    #[error("the configuration of {name} is refused")]
    Configuration {
        /// The scenario, or a section of it.
        name: String,
        /// Why.
        complaints: Vec<Complaint>,
    },
    /// A file that it names cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The watch is at fault.
    #[error(transparent)]
    Night(#[from] NightError),
}

/// A night as it is written.
#[derive(Debug)]
pub struct Scenario {
    name: String,
    /// The configuration, then those of other sections, by name.
    sections: Vec<Section>,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Section {
    name: String,
    /// The file whose tables come first.
    base: Option<String>,
    /// So many lines stand above it in the scenario.
    above: usize,
    text: String,
}

#[derive(Clone, Debug)]
struct Line {
    number: usize,
    when: When,
    act: Act,
}

/// The name of the section that tells what happens.
const NIGHT: &str = "night";
/// A scenario is no longer than so many MiB, and no file whose tables come first.
const FILE_LIMIT: u64 = 4;

/// What stands in a file of the site; a device has no end, and whoever writes into a pipe may never come.
pub(super) fn text_of(file: &Path) -> io::Result<String> {
    config::text(file, FILE_LIMIT)
}

impl Scenario {
    /// Reads a night, and plays none of it.
    ///
    /// # Errors
    /// Where a line cannot be read, or none of it is a night.
    pub fn read(name: &str, text: &str) -> Result<Self, ScenarioError> {
        let mut sections = vec![Section::new("", 0)];
        let mut lines = Vec::new();
        let mut night = false;
        let mut seen = false;
        for (above, line) in text.lines().enumerate() {
            if let Some(title) = line.strip_prefix("----") {
                let title = title.trim_matches(['-', ' ']);
                night = title == NIGHT;
                seen |= night;
                if !night {
                    sections.push(Section::new(title, above.saturating_add(1)));
                }
            } else if night {
                let number = above.saturating_add(1);
                let wrong =
                    |problem| ScenarioError::Line { name: name.to_owned(), line: number, problem };
                if let Some((when, act)) = act::read(line).map_err(wrong)? {
                    lines.push(Line { number, when, act });
                }
            } else if let Some(section) = sections.last_mut() {
                section.add(line);
            }
        }
        if !seen {
            return Err(ScenarioError::NoNight { name: name.to_owned() });
        }
        Ok(Self { name: name.to_owned(), sections, lines })
    }

    /// The configuration of the section of that name.
    fn settings(&self, section: &str, folder: &Path) -> Result<Option<Settings>, ScenarioError> {
        let Some(section) = self.sections.iter().find(|known| known.name == section) else {
            return Ok(None);
        };
        let base = match &section.base {
            None => None,
            Some(base) => {
                let path = folder.join(base);
                let text =
                    text_of(&path).map_err(|source| ScenarioError::Unreadable { path, source })?;
                Some((base.as_str(), text))
            }
        };
        // A complaint names the line of the scenario.
        let text = "\n".repeat(section.above) + &section.text;
        let mut files = Vec::new();
        if let Some((base, text)) = &base {
            files.push((*base, text.as_str()));
        }
        files.push((self.name.as_str(), text.as_str()));
        let reading = config::read_str(&files);
        match reading.settings {
            Some(settings) => Ok(Some(settings)),
            None => Err(ScenarioError::Configuration {
                name: self.name.clone(),
                complaints: reading.complaints,
            }),
        }
    }

    fn wrong(&self, line: usize, problem: impl Into<String>) -> ScenarioError {
        ScenarioError::Line { name: self.name.clone(), line, problem: problem.into() }
    }
}

impl Section {
    fn new(name: &str, above: usize) -> Self {
        Self { name: name.to_owned(), base: None, above, text: String::new() }
    }

    /// `config = "…"` is the scenario's own; everything else is the configuration's.
    fn add(&mut self, line: &str) {
        match words::base(line).filter(|_| self.base.is_none()) {
            Some(base) => self.base = Some(base),
            None => self.text.push_str(line),
        }
        self.text.push('\n');
    }
}
