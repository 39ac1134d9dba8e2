//! The child that compiles MIB files: this very program, called `vigie mib compile`.
//!
//! What it takes of memory goes with it. It is watched: it has so long, and may say so much; beyond that it is ended. Its death is
//! an error with what it said last.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use vigie_snmp::names::{Catalogue, CatalogueError};

/// So many seconds it may say nothing: every maker's files together take 23, and whoever starts the
/// daemon is not more patient.
const PATIENCE: u32 = 60;
/// So many milliseconds pass between two looks at whether it has said something.
const BREATH: u16 = 1_000;
/// So many octets may its catalogue have; all makers' together are some 40 MiB.
const MOST_CATALOGUE: usize = 256 * 1_024 * 1_024;
/// So many octets of complaints are kept.
const MOST_COMPLAINTS: usize = 64 * 1_024;

/// Why MIB files could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum MibError {
    /// The child cannot be started.
    #[error("the compiler cannot be started: {0}")]
    Start(io::Error),
    /// What it says cannot be read.
    #[error("the compiler cannot be heard: {0}")]
    Hear(io::Error),
    /// It came to no end in its time.
    #[error("the compiler did not come to an end within {PATIENCE} s")]
    Endless,
    /// It says too much.
    #[error("the catalogue is larger than {} MiB", MOST_CATALOGUE / 1_048_576)]
    TooMuch,
    /// A signal ended it: for want of memory most likely.
    #[error("the compiler was ended by signal {0}; it may need more memory than there is")]
    Killed(i32),
    /// It gave up, and said why.
    #[error("the compiler gave up: {0}")]
    GaveUp(String),
    /// What it gave is no catalogue.
    #[error("what the compiler gave cannot be used: {0}")]
    Catalogue(#[from] CatalogueError),
}

/// Lets that program compile these folders.
pub(super) fn compile(folders: &[PathBuf], program: &Path) -> Result<Catalogue, MibError> {
    let mut command = Command::new(program);
    command.arg0("vigie").args(["mib", "compile"]);
    for folder in folders {
        // As an option: a program that is not Vigie refuses it.
        command.arg("--folder").arg(folder);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(MibError::Start)?;
    let heard = hear(&mut child);
    if heard.is_err() {
        // It may have ended by itself meanwhile.
        let _ = child.kill();
    }
    let status = child.wait().map_err(MibError::Hear)?;
    let (catalogue, complaints) = heard?;
    judge(status, &complaints)?;
    Ok(Catalogue::open(Arc::from(catalogue))?)
}

fn judge(status: ExitStatus, complaints: &[u8]) -> Result<(), MibError> {
    if let Some(signal) = status.signal() {
        return Err(MibError::Killed(signal));
    }
    if status.success() {
        return Ok(());
    }
    let complaints = String::from_utf8_lossy(complaints);
    let last = complaints.lines().map(str::trim).rfind(|line| !line.is_empty());
    Err(MibError::GaveUp(last.unwrap_or("it did not say why").to_owned()))
}

/// What the child says, on both its outputs, until it closes them.
fn hear(child: &mut Child) -> Result<(Vec<u8>, Vec<u8>), MibError> {
    let mut output = child.stdout.take();
    let mut errors = child.stderr.take();
    let (mut catalogue, mut complaints) = (Vec::new(), Vec::new());
    let mut silent = 0;
    while output.is_some() || errors.is_some() {
        let descriptors: Vec<BorrowedFd<'_>> =
            output.iter().map(AsFd::as_fd).chain(errors.iter().map(AsFd::as_fd)).collect();
        match wait(&descriptors)? {
            Said::Nothing if silent >= PATIENCE => return Err(MibError::Endless),
            Said::Nothing => silent = silent.saturating_add(1),
            Said::Something(ready) => {
                let first = ready.first().copied().unwrap_or(false);
                let last = ready.last().copied().unwrap_or(false);
                if first && output.is_some() {
                    take(&mut output, &mut catalogue, MOST_CATALOGUE)?;
                }
                if last && (errors.is_some() && (ready.len() > 1 || output.is_none())) {
                    take(&mut errors, &mut complaints, usize::MAX)?;
                    complaints.truncate(MOST_COMPLAINTS);
                }
            }
        }
    }
    Ok((catalogue, complaints))
}

/// What came of waiting.
enum Said {
    Nothing,
    /// Which of them have something to be read, or their end.
    Something(Vec<bool>),
}

fn wait(descriptors: &[BorrowedFd<'_>]) -> Result<Said, MibError> {
    let mut polled: Vec<PollFd<'_>> =
        descriptors.iter().map(|descriptor| PollFd::new(*descriptor, PollFlags::POLLIN)).collect();
    match poll(&mut polled, PollTimeout::from(BREATH)) {
        Ok(0) | Err(Errno::EINTR) => Ok(Said::Nothing),
        Ok(_) => {
            Ok(Said::Something(polled.iter().map(|polled| polled.any().unwrap_or(true)).collect()))
        }
        Err(error) => Err(MibError::Hear(error.into())),
    }
}

/// Reads what is there; at its end the pipe is closed.
fn take(pipe: &mut Option<impl Read>, into: &mut Vec<u8>, most: usize) -> Result<(), MibError> {
    let mut piece = [0; 65_536];
    let Some(open) = pipe.as_mut() else {
        return Ok(());
    };
    let length = open.read(&mut piece).map_err(MibError::Hear)?;
    if length == 0 {
        *pipe = None;
    }
    into.extend(piece.iter().take(length));
    if into.len() > most { Err(MibError::TooMuch) } else { Ok(()) }
}
