//! The modem's side of the wire: the simulated modem of `vigie_gsm` on a pseudo-terminal, which says
//! at which instant it heard what.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use nix::pty::{OpenptyResult, openpty};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use vigie_gsm::simulator::{Modem, Profile};

/// Looks at the clock at least so often.
const GLANCE: Duration = Duration::from_millis(200);
/// So much is kept for who is slow to look.
const KEPT: usize = 65_536;

/// What was heard, and when.
pub(crate) struct Heard {
    pub(crate) at: Instant,
    pub(crate) bytes: Vec<u8>,
    /// So many messages have left the modem so far.
    pub(crate) sent: usize,
}

/// A modem that is plugged in; its threads end with the bench.
pub(crate) struct Line {
    pub(crate) device: PathBuf,
    pub(crate) heard: Receiver<Heard>,
    /// Held open, so that the modem is not hung up while no daemon has it.
    _theirs: OwnedFd,
}

impl Line {
    pub(crate) fn plugged_in() -> Self {
        let OpenptyResult { master, slave } = openpty(None, None).expect("a pseudo-terminal");
        let mut raw = tcgetattr(slave.as_fd()).expect("a terminal");
        cfmakeraw(&mut raw);
        tcsetattr(slave.as_fd(), SetArg::TCSANOW, &raw).expect("a raw terminal");
        let device = nix::unistd::ttyname(slave.as_fd()).expect("a name");
        let ours = File::from(master);
        let theirs = ours.try_clone().expect("a descriptor");
        let (bytes, wire) = sync_channel(KEPT);
        let (told, heard) = sync_channel(KEPT);
        std::thread::spawn(move || listen(ours, &bytes));
        std::thread::spawn(move || play(theirs, &wire, &told));
        Self { device, heard, _theirs: slave }
    }

    /// The table of it, for the daemon's files.
    pub(crate) fn table(&self) -> String {
        format!("[gsm.modem]\ndevice = \"{}\"\n", self.device.display())
    }
}

fn listen(mut ours: File, bytes: &SyncSender<(Instant, Vec<u8>)>) {
    let mut buffer = [0; 4_096];
    while let Ok(count) = ours.read(&mut buffer) {
        if bytes.send((Instant::now(), buffer[..count].to_vec())).is_err() {
            return;
        }
    }
}

fn play(mut ours: File, wire: &Receiver<(Instant, Vec<u8>)>, told: &SyncSender<Heard>) {
    let origin = Instant::now();
    let mut modem = Modem::new(Profile::instant(), Duration::ZERO);
    loop {
        let due = modem.deadline().map_or(GLANCE, |due| due.saturating_sub(origin.elapsed()));
        let heard = match wire.recv_timeout(due.min(GLANCE)) {
            Ok(heard) => Some(heard),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if let Some((at, bytes)) = heard {
            modem.receive(&bytes, origin.elapsed());
            // Who does not look any more misses nothing.
            let _ = told.try_send(Heard { at, bytes, sent: modem.sent().len() });
        }
        modem.elapse(origin.elapsed());
        if let Some(answer) = modem.transmit() {
            ours.write_all(&answer).expect("a terminal that takes it");
        }
    }
}
