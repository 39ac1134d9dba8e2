//! A cable between the daemon and something that listens: it carries bytes, and goes wrong on command.
//!
//! What stands at its far end knows nothing of that, and need not be restarted.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// How often an end looks whether the cable is as it was.
const GLANCE: Duration = Duration::from_millis(50);

/// How it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Mode {
    Whole,
    /// It takes what is said and carries nothing.
    Hung,
    /// What comes back from the far end is not what was said there.
    Garbled,
    /// Whoever is there is hung up on, and whoever comes as well.
    Cut,
}

/// Everything that can go wrong.
pub(crate) const FAULTS: [Mode; 3] = [Mode::Hung, Mode::Garbled, Mode::Cut];

/// A cable; a copy is the same one.
#[derive(Clone)]
pub(crate) struct Cable {
    /// Where the daemon connects to.
    pub(crate) here: SocketAddr,
    mode: Arc<AtomicU8>,
}

impl Cable {
    /// To whatever listens there. It lives as long as the program.
    pub(crate) fn to(far: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
        let here = listener.local_addr().expect("a port");
        let cable = Self { here, mode: Arc::default() };
        let carried = cable.clone();
        std::thread::spawn(move || carried.admit(&listener, far));
        cable
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::Relaxed);
    }

    fn is(&self, mode: Mode) -> bool {
        self.mode.load(Ordering::Relaxed) == mode as u8
    }

    fn admit(&self, listener: &TcpListener, far: SocketAddr) {
        for near in listener.incoming().flatten() {
            if self.is(Mode::Cut) {
                continue;
            }
            let Ok(far) = TcpStream::connect_timeout(&far, Duration::from_secs(5)) else {
                continue;
            };
            let ends = near.try_clone().and_then(|near| Ok((near, far.try_clone()?)));
            let Ok((near_too, far_too)) = ends else { continue };
            let (there, back) = (self.clone(), self.clone());
            std::thread::spawn(move || there.carry(near, far, false));
            std::thread::spawn(move || back.carry(far_too, near_too, true));
        }
    }

    /// Until one end hangs up, or the cable is cut.
    fn carry(&self, mut from: TcpStream, mut to: TcpStream, comes_back: bool) {
        let _ = from.set_read_timeout(Some(GLANCE));
        let _ = to.set_write_timeout(Some(Duration::from_secs(5)));
        let _ = to.set_nodelay(true);
        let mut buffer = [0; 4_096];
        while !self.is(Mode::Cut) {
            let count = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    continue;
                }
                Err(_) => break,
            };
            let said = &mut buffer[..count];
            if self.is(Mode::Hung) {
                continue;
            }
            if comes_back && self.is(Mode::Garbled) {
                said.iter_mut().enumerate().for_each(|(place, byte)| *byte ^= 0x5a ^ place as u8);
            }
            if to.write_all(said).is_err() {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}
