//! `vigie report`: what stood, and who answered after how long, in a stretch of time; as text, JSON, or a page with plots.
//!
//! It reads the tables for questions in the store, with or without a daemon.

mod figures;
mod page;
mod tally;
mod words;

use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use self::tally::Tally;
use super::arguments::Report as Asked;
use super::client::Places;
use super::journal::unread;
use super::rehearse::instant;
use super::sysexit::Sysexit;
use super::terminal::{Terminal, plain};
use crate::config::folder_of;
use crate::host::clock::Clock;
use crate::journal::{JournalError, Reader};
use crate::watch::time::Utc;

/// What is told where nothing is said: the last four weeks.
const USUAL: SignedDuration = SignedDuration::from_hours(28 * 24);

/// Tells what a stretch of time was like.
pub(super) fn report(path: &Path, asked: &Asked, terminal: &mut Terminal) -> Sysexit {
    let Places { store, time, site, .. } = match Places::of_store(path, terminal) {
        Ok(places) => places,
        Err(exit) => return exit,
    };
    let zone = time.zone();
    let now = Clock::new().now().utc.timestamp().to_zoned(zone.clone());
    let (from, to) = match stretch(asked, &now) {
        Ok(stretch) => stretch,
        Err(complaint) => {
            terminal.complain(format_args!("vigie: {complaint}"));
            return Sysexit::Usage;
        }
    };
    let report = match Reader::open(&store).and_then(|reader| counted(&reader, (from, to), zone)) {
        Ok(tally) => tally.report(),
        Err(error) => return unread(&store, &error, terminal),
    };
    if let Some(file) = &asked.html {
        return write(file, &page::page(&report, &site, &time), terminal);
    }
    if asked.json {
        return match serde_json::to_string(&report) {
            Ok(json) => {
                terminal.json(&json);
                Sysexit::Ok
            }
            Err(_) => Sysexit::Software,
        };
    }
    words::tell(&report, &time, terminal);
    Sysexit::Ok
}

fn counted(
    reader: &Reader,
    (from, to): (Timestamp, Timestamp),
    zone: TimeZone,
) -> Result<Tally, JournalError> {
    let mut tally = Tally::new(from, to, zone);
    let (from, to) = (Utc::from(from), Utc::from(to));
    reader.notifications(from, to, |row, has_left| tally.message(&row, has_left))?;
    reader.occurrences(from, to, |row| tally.occurrence(&row))?;
    Ok(tally)
}

/// From when until when. A day alone is that whole day.
fn stretch(asked: &Asked, now: &Zoned) -> Result<(Timestamp, Timestamp), String> {
    let read = |written: &str| {
        instant::read(written, now).ok_or_else(|| {
            format!("`{}` is no time: write 2026-12-01 or \"2026-12-24 18:00\"", plain(written))
        })
    };
    let to = match asked.to.as_deref() {
        None => now.timestamp(),
        Some(written) => {
            let to = read(written)?;
            let is_day = written.trim().len() == 10 && written.trim().parse::<Date>().is_ok();
            let end = if is_day { to.tomorrow().unwrap_or(to) } else { to };
            end.timestamp()
        }
    };
    let from = match asked.from.as_deref() {
        None => to.saturating_sub(USUAL).unwrap_or(Timestamp::MIN),
        Some(written) => read(written)?.timestamp(),
    };
    if from < to {
        Ok((from, to))
    } else {
        Err("that stretch of time ends before it begins".to_owned())
    }
}

/// How the page is wanted on the output: among pipes, or in a file of whatever mode the shell makes.
const OUTPUT: [&str; 2] = ["-", "/dev/stdout"];

/// It names people and what they did: its owner's alone, from its first octet on, whatever was there before. It has its name when it is
/// whole. What is no file (a pipe) is written to as it is; a link to a file is not followed.
fn put(file: &Path, page: &str) -> io::Result<()> {
    if std::fs::metadata(file).is_ok_and(|about| !about.is_file()) {
        return OpenOptions::new().write(true).open(file)?.write_all(page.as_bytes());
    }
    if std::fs::symlink_metadata(file).is_ok_and(|about| about.is_symlink()) {
        return Err(io::Error::other("it is a link; name the file itself"));
    }
    let mut new = tempfile::Builder::new()
        .prefix(".vigie-report-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder_of(file))?;
    new.write_all(page.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

fn write(file: &Path, page: &str, terminal: &mut Terminal) -> Sysexit {
    if OUTPUT.iter().any(|output| file == Path::new(output)) {
        // What cannot be written ends the command badly when the terminal is closed.
        let _ = terminal.output().write_all(page.as_bytes());
        return Sysexit::Ok;
    }
    match put(file, page) {
        Ok(()) => {
            terminal.line(format_args!("{} is written", file.display()));
            Sysexit::Ok
        }
        Err(error) => {
            terminal.complain(format_args!("vigie: cannot write {}: {error}", file.display()));
            Sysexit::Output
        }
    }
}

#[cfg(test)]
mod tests;
