//! The log, for people on a terminal and for the service manager.
//!
//! Secrets and the texts of messages never come here; the journal of alarms is another thing.

mod flood;
mod journald;
#[cfg(test)]
mod testing;

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::marker::PhantomData;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt, registry};

use self::flood::Bounded;

/// Lines that wait for each other are said when they are as long as this together.
const LONGEST: usize = 64 * 1_024;

thread_local! {
    /// What this thread has said while [`Together`] was held.
    static HELD: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// While this is held, lines of this thread wait, and go out by one call when it is let go: in a storm a call for each costs
/// more than the line.
#[derive(Debug)]
pub struct Together {
    is_first: bool,
    /// It is let go on the thread on which it was taken.
    _thread: PhantomData<*const ()>,
}

/// Lets the lines of this thread wait for each other.
pub fn together() -> Together {
    let is_first = HELD.with_borrow_mut(|held| {
        let is_first = held.is_none();
        held.get_or_insert_default();
        is_first
    });
    Together { is_first, _thread: PhantomData }
}

impl Drop for Together {
    fn drop(&mut self) {
        if self.is_first {
            let held = HELD.with_borrow_mut(Option::take);
            // A log that cannot be written must not end who had something to say.
            let _ = io::stderr().write_all(&held.unwrap_or_default());
        }
    }
}

/// Where lines go.
struct Lines<W>(W);

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        HELD.with_borrow_mut(|held| {
            let Some(held) = held else { return self.0.write_all(line) };
            held.extend_from_slice(line);
            if held.len() < LONGEST { Ok(()) } else { self.0.write_all(&std::mem::take(held)) }
        })?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Opens the log: to journald where the standard error output is the journal, with fields that `journalctl` finds, and else on
/// that output, for people. `VIGIE_LOG` says how much: `info` (the default), `debug`, or as tracing's filters have it. Under a
/// service manager no time is written: it has its own. Called once; a second call changes nothing.
pub fn open() {
    let filter = EnvFilter::try_from_env("VIGIE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = registry().with(filter).with(Bounded::default());
    if let Some(journal) = journald::connected() {
        let _ = log.with(journal).try_init();
        return;
    }
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = fmt::layer()
        .with_writer(|| Lines(io::stderr()))
        .with_ansi(colours)
        .with_target(false)
        // A log that cannot be written (its disk is full, its reader has gone) must not end the
        // task that had something to say: told to complain on the standard error, it would panic.
        .log_internal_errors(false);
    // Only the first of two logs in one process (a test, say) is opened.
    let _ = if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.with(lines.without_time()).try_init()
    } else {
        log.with(lines).try_init()
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_wait_for_each_other_go_out_whole_and_in_order() {
        let mut said = Vec::new();
        let mut lines = Lines(&mut said);
        lines.write_all(b"before\n").unwrap();
        {
            let _together = together();
            let inner = together();
            lines.write_all(b"one\n").unwrap();
            drop(inner);
            assert_eq!(*lines.0, b"before\n", "the inner one waits for the outer");
            let long = vec![b'x'; LONGEST];
            lines.write_all(&long).unwrap();
            assert_eq!(
                lines.0.len(),
                b"before\none\n".len() + LONGEST,
                "nothing waits without a bound"
            );
        }
        lines.write_all(b"after\n").unwrap();
        assert!(said.ends_with(b"after\n"));
    }
}
