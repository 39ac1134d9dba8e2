//! A serial line: a device that is opened for us alone, read and written without waiting on either.
//!
//! It never interprets a byte. A device that was pulled out reads as empty for ever, and would be read two hundred
//! thousand times a second: here that is an error, the last thing that a line says. Who opens a line in vain is
//! told why in the operator's words.

use std::future::poll_fn;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use nix::errno::Errno;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_serial::{
    ClearBuffer, DataBits, ErrorKind, FlowControl, Parity, SerialPort, SerialStream, StopBits,
};

use super::aside::aside_at;

/// So many bytes are read at once.
const AT_ONCE: usize = 4_096;
/// So many bytes wait to be written; what is said beyond is said to nobody.
const MOST_UNSAID: usize = 1 << 20;

/// An open serial line.
#[derive(Debug)]
pub struct SerialLine {
    stream: SerialStream,
    unsaid: Vec<u8>,
}

/// Why a line cannot be opened, or why it ended.
#[derive(Debug, thiserror::Error)]
pub enum SerialError {
    /// Not plugged in, or under another name.
    #[error("{} is not there", .0.display())]
    Absent(PathBuf),
    /// Somebody else has it open for himself.
    #[error("{} is held by another program (ModemManager or a getty?)", .0.display())]
    Held(PathBuf),
    /// The account may not open it.
    #[error("permission denied on {}: the account needs the group dialout", .0.display())]
    Denied(PathBuf),
    /// Anything else.
    #[error("{} cannot be opened as a serial port: {reason}", device.display())]
    Unusable {
        /// The device.
        device: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// It was pulled out or switched off.
    #[error("the device was unplugged or switched off")]
    HungUp,
    /// It cannot be read or written any more.
    #[error("the device cannot be read or written any more")]
    Broken(#[source] io::Error),
}

impl SerialLine {
    /// Opens a device for us alone: eight bits, no parity, one stop bit, no flow control. A device that hangs keeps
    /// nobody else waiting.
    ///
    /// # Errors
    /// [`SerialError`] says why it cannot be opened.
    pub async fn open(device: &Path, baud: u32) -> Result<Self, SerialError> {
        opened(device, move |device| Self::open_stream(device, baud, Parity::None).map(Self::of))
            .await
    }

    fn open_stream(device: &Path, baud: u32, parity: Parity) -> Result<SerialStream, SerialError> {
        let name = device.to_string_lossy();
        let builder = tokio_serial::new(name, baud)
            .data_bits(DataBits::Eight)
            .parity(parity)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::None);
        SerialStream::open(&builder).map_err(|error| refusal(device, &error))
    }

    /// Both ends of a pseudo-terminal, and the path of the second.
    pub(super) fn pair() -> io::Result<(Self, SerialStream, PathBuf)> {
        let (ours, theirs) = SerialStream::pair()?;
        let path =
            theirs.name().ok_or_else(|| io::Error::other("the pseudo-terminal has no name"))?;
        Ok((Self::of(ours), theirs, PathBuf::from(path)))
    }

    fn of(stream: SerialStream) -> Self {
        Self { stream, unsaid: Vec::new() }
    }

    /// Tells the other side by the line DTR (V.24 108/2) that we are ready, or not. A line without it, as a
    /// pseudo-terminal, tells nothing.
    pub fn ready(&mut self, ready: bool) {
        let _ = self.stream.write_data_terminal_ready(ready);
    }

    /// Says these bytes after all that was said before, as soon as [`Self::hear`] is awaited.
    pub fn say(&mut self, bytes: &[u8]) {
        if self.unsaid.len().saturating_add(bytes.len()) <= MOST_UNSAID {
            self.unsaid.extend_from_slice(bytes);
        }
    }

    /// Waits until something is heard, and meanwhile says what is to be said. Never empty. May be dropped and asked
    /// again: nothing is lost.
    ///
    /// # Errors
    /// [`SerialError`] when the line has ended.
    pub async fn hear(&mut self) -> Result<Vec<u8>, SerialError> {
        poll_fn(|context| self.poll(context)).await
    }

    /// What is there to be heard now, without waiting; often nothing.
    ///
    /// # Errors
    /// [`SerialError`] when the line has ended.
    pub fn hear_now(&mut self) -> Result<Vec<u8>, SerialError> {
        let mut bytes = vec![0; AT_ONCE];
        match self.stream.try_read(&mut bytes) {
            Ok(0) => Err(SerialError::HungUp),
            Ok(count) => {
                bytes.truncate(count);
                Ok(bytes)
            }
            Err(error) if is_idle(&error) => Ok(Vec::new()),
            Err(error) => Err(end(error)),
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Vec<u8>, SerialError>> {
        while !self.unsaid.is_empty() {
            match Pin::new(&mut self.stream).poll_write(context, &self.unsaid) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(SerialError::HungUp)),
                Poll::Ready(Ok(count)) => drop(self.unsaid.drain(..count.min(self.unsaid.len()))),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(end(error))),
                Poll::Pending => break,
            }
        }
        let mut bytes = vec![0; AT_ONCE];
        let mut room = ReadBuf::new(&mut bytes);
        match Pin::new(&mut self.stream).poll_read(context, &mut room) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(end(error))),
            Poll::Ready(Ok(())) if room.filled().is_empty() => {
                Poll::Ready(Err(SerialError::HungUp))
            }
            Poll::Ready(Ok(())) => Poll::Ready(Ok(room.filled().to_vec())),
        }
    }
}

/// What was said and has not left would be waited for by whoever lets go of the line, half a minute long where a converter
/// hangs (`closing_wait`): it is thrown away.
impl Drop for SerialLine {
    fn drop(&mut self) {
        let _ = self.stream.clear(ClearBuffer::Output);
    }
}

/// A line on which frames go to and fro: read and written by whoever knows their form.
#[derive(Debug)]
pub struct Frames(SerialStream);

/// As with [`SerialLine`].
impl Drop for Frames {
    fn drop(&mut self) {
        let _ = self.0.clear(ClearBuffer::Output);
    }
}

impl AsRawFd for Frames {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl AsyncRead for Frames {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, room)
    }
}

impl AsyncWrite for Frames {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// The parity of a line of frames.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameParity {
    /// Even.
    Even,
    /// Odd.
    Odd,
    /// None.
    None,
}

/// Opens a device for us alone, for frames: eight bits, one stop bit, no flow control. What waits on it is thrown
/// away. A device that hangs keeps nobody else waiting.
///
/// # Errors
/// [`SerialError`] says why it cannot be opened.
pub async fn open_for_frames(
    device: &Path,
    baud: u32,
    parity: FrameParity,
) -> Result<Frames, SerialError> {
    let parity = match parity {
        FrameParity::Even => Parity::Even,
        FrameParity::Odd => Parity::Odd,
        FrameParity::None => Parity::None,
    };
    opened(device, move |device| {
        let stream = SerialLine::open_stream(device, baud, parity)?;
        // A line that cannot be flushed is read empty by whoever needs it to be.
        let _ = stream.clear(ClearBuffer::All);
        Ok(Frames(stream))
    })
    .await
}

/// Opens a device aside: one that hangs keeps nobody else waiting.
async fn opened<T: Send + 'static>(
    device: &Path,
    open: impl FnOnce(&Path) -> Result<T, SerialError> + Send + 'static,
) -> Result<T, SerialError> {
    let owned = device.to_owned();
    aside_at(device, move || open(&owned)).await.unwrap_or_else(|late| {
        let reason = late.to_string();
        Err(SerialError::Unusable { device: device.to_owned(), reason })
    })
}

fn is_idle(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// A terminal whose other end is gone fails with EIO, a USB device with ENODEV or ENXIO.
fn end(error: io::Error) -> SerialError {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EIO | Errno::ENODEV | Errno::ENXIO) => SerialError::HungUp,
        Some(_) | None => SerialError::Broken(error),
    }
}

/// `serialport` says "no device" of one that is held: by TIOCEXCL, or by a lock on it.
fn refusal(device: &Path, error: &tokio_serial::Error) -> SerialError {
    let device = device.to_owned();
    match error.kind() {
        ErrorKind::NoDevice => SerialError::Held(device),
        ErrorKind::Io(io::ErrorKind::NotFound) => SerialError::Absent(device),
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => SerialError::Denied(device),
        ErrorKind::Io(_) | ErrorKind::InvalidInput | ErrorKind::Unknown => {
            SerialError::Unusable { device, reason: error.to_string() }
        }
    }
}
