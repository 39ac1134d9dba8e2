//! `vigie rehearse`: what will happen, before it happens; nothing is sent.
//!
//! The watch is the daemon's own, on a [`night::Night`] with a clock and a network of paper. An
//! alarm of the configuration is played as if nobody answered; a [`scenario`] is played as written.

pub(super) mod instant;
mod ladder;
mod messages;
mod network;
pub mod night;
mod orders;
mod own;
mod quieted;
mod rostered;
mod rungs;
mod sample;
pub mod scenario;
pub mod transcript;
mod words;

use std::error::Error;
use std::path::Path;

use super::arguments::Rehearse;
use super::check;
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal};

pub use scenario::{Played, Scenario, ScenarioError, play};

/// Plays an alarm of the configuration, or a scenario.
pub(super) fn rehearse(config: &Path, asked: &Rehearse, terminal: &mut Terminal) -> Sysexit {
    let file = Path::new(&asked.what);
    if is_file(file) {
        play_file(file, terminal)
    } else {
        ladder::rehearse(config, asked, terminal)
    }
}

/// No alarm's name has a slash or ends like this.
fn is_file(what: &Path) -> bool {
    what.components().count() > 1
        || what.extension().is_some_and(|extension| extension == "scenario")
        || what.is_file()
}

fn play_file(file: &Path, terminal: &mut Terminal) -> Sysexit {
    let text = match scenario::text_of(file) {
        Ok(text) => text,
        Err(error) => {
            terminal.complain(format_args!("vigie: {} cannot be read: {error}", file.display()));
            return Sysexit::NoInput;
        }
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    match play(&file.display().to_string(), &text, folder) {
        Ok(played) => {
            write(&played.transcript, terminal);
            for unmet in &played.unmet {
                let unmet = terminal.styled_complaint(Style::Wrong, unmet);
                terminal.complain(unmet);
            }
            if played.unmet.is_empty() { Sysexit::Ok } else { Sysexit::BadInput }
        }
        Err(error) => refuse(&error, terminal),
    }
}

/// The transcript as the terminal shows it: what comes from outside stands out.
fn write(transcript: &[String], terminal: &mut Terminal) {
    for line in transcript {
        let style = match line.split_once("  ") {
            None => Style::Strong,
            Some((_, what)) if what.starts_with("  SMS to ") => Style::Good,
            Some((_, what)) if what.starts_with(' ') => Style::Plain,
            Some(_) => Style::Strong,
        };
        let line = terminal.styled(style, line);
        terminal.line(line);
    }
}

fn refuse(error: &ScenarioError, terminal: &mut Terminal) -> Sysexit {
    let exit = match error {
        ScenarioError::Line { .. } | ScenarioError::NoNight { .. } => Sysexit::BadInput,
        ScenarioError::Configuration { complaints, .. } => {
            check::print(complaints, terminal);
            Sysexit::Configuration
        }
        ScenarioError::Unreadable { .. } => Sysexit::NoInput,
        ScenarioError::Night(_) => Sysexit::Software,
    };
    let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
    terminal.complain(format_args!("vigie: {error}{cause}"));
    exit
}
