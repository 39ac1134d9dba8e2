//! Talking to the daemon: one question on the control socket, one answer.
//!
//! It works while the files are wrong, too: a person who has just broken one must still be able to
//! see what stands, and to take it.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::site_time::SiteTime;
use super::sysexit::Sysexit;
use super::terminal::{Terminal, plain};
use crate::config;
use crate::control::protocol::{Answer, Refused, Request, Sort};

/// The daemon answers a question in milliseconds; a disk that hangs is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// No answer is longer: a quarter of a million alarms with long texts.
const LONGEST: u64 = 512 * 1_024 * 1_024;

/// What the files say of where the daemon can be found.
pub(super) struct Places {
    pub(super) socket: PathBuf,
    pub(super) store: PathBuf,
    pub(super) time: SiteTime,
    /// The name of the site; empty where it cannot be read.
    pub(super) site: String,
    /// The keys of the two that the files do not say, because something is wrong with them: the usual places are taken.
    guessed: Vec<&'static str>,
}

impl Places {
    /// From the files; where they are wrong, from what of them can be read.
    pub(super) fn of(path: &Path) -> Self {
        if let Some(settings) = config::read(path).settings {
            return Self {
                socket: settings.control,
                store: settings.store,
                time: SiteTime::of(settings.site.zone),
                site: settings.site.name,
                guessed: Vec::new(),
            };
        }
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let table: toml::Table = text.parse().unwrap_or_default();
        let written = |section: &str, key: &str| table.get(section)?.get(key)?.as_str();
        let mut guessed = Vec::new();
        let mut named = |section: &str, key: &str, called: &'static str, usual: &str| {
            let named = written(section, key);
            guessed.extend(named.is_none().then_some(called));
            PathBuf::from(named.unwrap_or(usual))
        };
        Self {
            socket: named("control", "socket", "`control.socket`", config::DEFAULT_SOCKET),
            store: named("store", "path", "`store.path`", config::DEFAULT_STORE),
            time: SiteTime::named(written("site", "time-zone")),
            site: written("site", "name").unwrap_or_default().to_owned(),
            guessed,
        }
    }

    /// The same for a command that reads the store. What the files say of it, if they cannot be read, nobody knows, and the record of
    /// another daemon is worse than none; where they can be read and are wrong, the usual place is taken, and that is said.
    ///
    /// # Errors
    /// [`Sysexit::NoInput`], or [`Sysexit::NoPermission`], after it was told.
    pub(super) fn of_store(path: &Path, terminal: &mut Terminal) -> Result<Self, Sysexit> {
        if let Err(error) = std::fs::File::open(path) {
            terminal.complain(format_args!(
                "vigie: {}, which says where the store is, cannot be read: {error}; name it with --config PATH",
                path.display()
            ));
            return Err(exit_of(&error, Sysexit::NoInput));
        }
        let places = Self::of(path);
        places.tell_guessed("`store.path`", &places.store, path, terminal);
        Ok(places)
    }

    fn tell_guessed(&self, key: &str, usual: &Path, path: &Path, terminal: &mut Terminal) {
        if self.guessed.contains(&key) {
            terminal.complain(format_args!(
                "note: {} has errors (see `vigie check`) and no {key} that can be read: {} is taken",
                path.display(),
                usual.display()
            ));
        }
    }
}

/// Whether anybody answers at the daemon's socket; where that cannot be told, the question itself will say why.
pub(super) fn is_there(socket: &Path) -> bool {
    use std::io::ErrorKind;
    match UnixStream::connect(socket) {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused),
    }
}

/// Before anybody acts or is called: a slip in a path must not do that to the daemon at the default socket.
pub(super) fn exists(path: &Path, terminal: &mut Terminal) -> Result<(), Sysexit> {
    if path.exists() {
        return Ok(());
    }
    terminal.complain(format_args!(
        "vigie: {} does not exist; name the configuration of the daemon that you mean: --config PATH",
        path.display()
    ));
    Err(Sysexit::NoInput)
}

/// Asks, and gives what the daemon answered; a refusal is told and is how the command ends.
pub(super) fn ask(
    path: &Path,
    request: &Request,
    terminal: &mut Terminal,
) -> Result<Answer, Sysexit> {
    let places = Places::of(path);
    let socket = &places.socket;
    match converse(socket, request) {
        Ok(Answer::Refused(refused)) => Err(tell(&refused, terminal)),
        Ok(answer) => Ok(answer),
        Err(error) => {
            terminal.complain(format_args!("vigie: {}", sentence(socket, &error)));
            if let Err(error) = std::fs::metadata(path) {
                let path = path.display();
                terminal.complain(format_args!(
                    "note: {path}, which says where the daemon is, cannot be read: {error}; name it with --config PATH"
                ));
            } else {
                places.tell_guessed("`control.socket`", socket, path, terminal);
            }
            Err(exit_of(&error, Sysexit::Unavailable))
        }
    }
}

/// How a command ends that could not reach something.
fn exit_of(error: &std::io::Error, otherwise: Sysexit) -> Sysexit {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => Sysexit::NoPermission,
        _ => otherwise,
    }
}

fn sentence(socket: &Path, error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let socket = socket.display();
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
            format!("no daemon answers at {socket}; is `vigie run` running?")
        }
        ErrorKind::PermissionDenied => format!("this account may not reach {socket}"),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("the daemon at {socket} did not answer within {} s", PATIENCE.as_secs())
        }
        _ => format!("the daemon at {socket} cannot be asked: {error}"),
    }
}

fn converse(socket: &Path, request: &Request) -> std::io::Result<Answer> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = Vec::new();
    BufReader::new(stream.take(LONGEST)).read_until(b'\n', &mut answer)?;
    if answer.is_empty() {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&answer)?)
}

/// [`ask`] without a word to the terminal, and without keeping a thread.
pub(super) async fn converse_async(socket: &Path, request: &Request) -> std::io::Result<Answer> {
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::UnixStream::connect(socket).await?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    let mut answer = Vec::new();
    tokio::io::BufReader::new(stream.take(LONGEST)).read_until(b'\n', &mut answer).await?;
    Ok(serde_json::from_slice(&answer)?)
}

fn tell(refused: &Refused, terminal: &mut Terminal) -> Sysexit {
    terminal.complain(format_args!("vigie: {}", plain(&refused.sentence)));
    match refused.sort {
        Sort::Usage => Sysexit::Usage,
        Sort::NoPermission => Sysexit::NoPermission,
        Sort::NotDone => Sysexit::BadInput,
        Sort::Unavailable => Sysexit::TryLater,
    }
}
