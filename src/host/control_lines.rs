//! The control lines of a serial port (V.24): how they stand, how often each has moved, and the two that a port drives.
//!
//! It drives what it is told to, and reads no bytes. Opening a port asserts both of those that it drives: the kernel does. Asking may keep a thread waiting, where the port is behind USB: whoever
//! asks does it aside. A port that is gone is an error, and so is one that has no such lines.

use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::errno::Errno;
use nix::libc::{self, c_int};

use super::serial::{self, FrameParity, Frames, SerialError};

/// The speed means nothing to who reads no bytes.
const ANY_BAUD: u32 = 9_600;

/// How many times the lines of a port have moved, as the kernel counts (`struct serial_icounter_struct`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Moves {
    cts: c_int,
    dsr: c_int,
    rng: c_int,
    dcd: c_int,
    bytes_and_errors: [c_int; 7],
    reserved: [c_int; 9],
}

/// What the kernel's header gives this request, on every machine that Linux runs on but MIPS, PowerPC and SPARC.
const TIOCGICOUNT: libc::Ioctl = 0x545D;

#[expect(
    unsafe_code,
    reason = "the kernel tells control lines by ioctl alone; all calls read or write a value that is ours"
)]
mod calls {
    use super::{Moves, TIOCGICOUNT, c_int, libc};

    nix::ioctl_read_bad!(tiocmget, libc::TIOCMGET, c_int);
    nix::ioctl_read_bad!(tiocgicount, TIOCGICOUNT, Moves);
    nix::ioctl_write_ptr_bad!(tiocmbis, libc::TIOCMBIS, c_int);
    nix::ioctl_write_ptr_bad!(tiocmbic, libc::TIOCMBIC, c_int);

    /// The lines that stand, a bit each.
    pub(super) fn lines(port: c_int) -> nix::Result<c_int> {
        let mut lines = 0;
        // SAFETY: `lines` is a valid `c_int` for the whole call, and the kernel writes nothing else.
        unsafe { tiocmget(port, &raw mut lines) }?;
        Ok(lines)
    }

    /// Drives these lines, a bit each.
    pub(super) fn drive(port: c_int, lines: c_int, on: bool) -> nix::Result<()> {
        // SAFETY: `lines` is a valid `c_int` for the whole call, and the kernel only reads it.
        let driven = unsafe {
            if on { tiocmbis(port, &raw const lines) } else { tiocmbic(port, &raw const lines) }
        };
        driven.map(drop)
    }

    /// How often they have moved.
    pub(super) fn moves(port: c_int) -> nix::Result<Moves> {
        let mut moves = Moves::default();
        // SAFETY: `Moves` has the layout of the kernel's struct, twenty `int`, and is valid for the whole call.
        unsafe { tiocgicount(port, &raw mut moves) }?;
        Ok(moves)
    }
}

/// One line as it is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Control {
    /// Whether it is asserted.
    pub is_on: bool,
    /// How often it has moved, where the port counts.
    pub moves: Option<u32>,
}

/// All lines that can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Controls {
    /// Clear to send.
    pub cts: Control,
    /// Data set ready.
    pub dsr: Control,
    /// Data carrier detect.
    pub dcd: Control,
    /// Ring indicator.
    pub ri: Control,
}

/// A line that a port drives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Driven {
    /// Data terminal ready.
    Dtr,
    /// Request to send.
    Rts,
}

/// An open port.
#[derive(Debug)]
pub struct ControlLines(Frames);

impl ControlLines {
    /// Opens a port for us alone.
    ///
    /// # Errors
    /// [`SerialError`] says why it cannot be opened.
    pub async fn open(port: &Path) -> Result<Self, SerialError> {
        serial::open_for_frames(port, ANY_BAUD, FrameParity::None).await.map(Self)
    }

    /// Reads all lines; may keep the thread waiting.
    ///
    /// # Errors
    /// In the operator's words.
    pub fn read(&self) -> Result<Controls, ControlError> {
        let port = self.0.as_raw_fd();
        // The count before the lines: a movement in between is then shown first and counted at the next reading.
        let moves = calls::moves(port).ok();
        let lines = calls::lines(port)?;
        let control = |bit: c_int, of: fn(&Moves) -> c_int| Control {
            is_on: lines & bit != 0,
            moves: moves.as_ref().map(|moves| of(moves).cast_unsigned()),
        };
        Ok(Controls {
            cts: control(libc::TIOCM_CTS, |moves| moves.cts),
            dsr: control(libc::TIOCM_DSR, |moves| moves.dsr),
            dcd: control(libc::TIOCM_CAR, |moves| moves.dcd),
            ri: control(libc::TIOCM_RNG, |moves| moves.rng),
        })
    }

    /// Drives a line, and says how the port drives it then; may keep the thread waiting.
    ///
    /// # Errors
    /// In the operator's words.
    pub fn drive(&self, line: Driven, on: bool) -> Result<bool, ControlError> {
        let port = self.0.as_raw_fd();
        let bit = match line {
            Driven::Dtr => libc::TIOCM_DTR,
            Driven::Rts => libc::TIOCM_RTS,
        };
        calls::drive(port, bit, on)?;
        Ok(calls::lines(port)? & bit != 0)
    }
}

/// Why the lines cannot be read or driven.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// It is no port with control lines.
    #[error("this port has no control lines: a pseudo-terminal has none, nor has a console")]
    None,
    /// It was pulled out.
    #[error("the port was unplugged or switched off")]
    HungUp,
    /// Anything else.
    #[error("the control lines cannot be read: {0}")]
    Broken(io::Error),
}

impl From<Errno> for ControlError {
    fn from(error: Errno) -> Self {
        match error {
            Errno::ENOTTY | Errno::EINVAL => Self::None,
            Errno::EIO | Errno::ENODEV | Errno::ENXIO => Self::HungUp,
            other => Self::Broken(other.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_writes_has_room() {
        assert_eq!(size_of::<Moves>(), 20 * size_of::<c_int>());
    }

    #[tokio::test]
    async fn a_pseudo_terminal_is_told_to_have_no_control_lines() {
        let (_ours, _theirs, path) = serial::SerialLine::pair().unwrap();
        drop(_theirs);
        let port = ControlLines::open(&path).await.unwrap();
        assert!(matches!(port.read(), Err(ControlError::None)), "{:?}", port.read());
        for line in [Driven::Dtr, Driven::Rts] {
            assert!(matches!(port.drive(line, true), Err(ControlError::None)), "{line:?}");
        }
    }
}
