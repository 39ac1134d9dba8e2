//! The log, for people on a terminal and for the service manager.
//!
//! Secrets and the texts of messages never come here; the journal of alarms is another thing. A value that the world chose (a topic, a
//! name) is one line with the rest, whoever wrote it into the line: what would end the line, or command who reads it, is shown
//! by its number at the log's own door.
//!
//! Nobody waits for the log: a thread of its own writes it ([writer]), whatever hangs behind it.

mod flood;
mod journald;
mod output;
#[cfg(test)]
mod testing;
mod writer;

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::marker::PhantomData;
use std::sync::OnceLock;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt, registry};

use self::flood::Bounded;
use self::journald::{Journal, Journald};
use self::output::{Output, Queued};
use self::writer::{PATIENCE, Writer};
use crate::watch::letters::is_unseen;

/// Lines that wait for each other are said when they are as long as this together.
const LONGEST: usize = 64 * 1_024;

/// Where what is said goes, since the log was opened.
static ROAD: OnceLock<Road> = OnceLock::new();

enum Road {
    /// To journald.
    Journal(Writer<Journal>),
    /// On the standard error output.
    Output(Writer<Output>),
}

impl Road {
    fn output() -> Option<&'static Writer<Output>> {
        match ROAD.get()? {
            Self::Journal(_) => None,
            Self::Output(writer) => Some(writer),
        }
    }
}

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
            let held = HELD.with_borrow_mut(Option::take).unwrap_or_default();
            if let Some(writer) = Road::output().filter(|_| !held.is_empty()) {
                output::say(writer, held);
            }
        }
    }
}

/// Text on one line: letters that nobody sees, a line end among them, by their numbers, but for what begins a colour where colours are
/// shown (no value holds one: the library takes it out of them).
fn on_one_line(text: &str, coloured: bool) -> Cow<'_, str> {
    let breaks = |letter: char| is_unseen(letter) && !(coloured && letter == '\x1b');
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if breaks(letter) { shown.extend(letter.escape_unicode()) } else { shown.push(letter) }
    }
    Cow::Owned(shown)
}

/// Where lines go, each by one call.
struct Lines<W> {
    to: W,
    coloured: bool,
}

impl<W: Write> Write for Lines<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        // The one line end that is the line's own: those before it are of a value.
        let own = text.strip_suffix('\n').unwrap_or(&text);
        let shown = match on_one_line(own, self.coloured) {
            Cow::Borrowed(_) => Cow::Borrowed(line),
            Cow::Owned(shown) => Cow::Owned(format!("{shown}\n").into_bytes()),
        };
        HELD.with_borrow_mut(|held| {
            let Some(held) = held else { return self.to.write_all(&shown) };
            held.extend_from_slice(&shown);
            if held.len() < LONGEST { Ok(()) } else { self.to.write_all(&std::mem::take(held)) }
        })?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// The log, as long as it is open: let go, it is written to its end, and no longer waited for than a second where it hangs.
#[derive(Debug)]
pub struct Opened(());

impl Opened {
    /// Waits until what was said is written, and no longer than a second.
    pub fn finish(&self) {
        let _ = match ROAD.get() {
            Some(Road::Journal(writer)) => writer.finish(PATIENCE),
            Some(Road::Output(writer)) => writer.finish(PATIENCE),
            None => true,
        };
    }

    /// Where what is no line of the log is written between its lines, without waiting: where the log is on the standard error
    /// output.
    pub fn output(&self) -> Option<Box<dyn Write>> {
        Road::output().map(|_| -> Box<dyn Write> { Box::new(Queued) })
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Opens the log: to journald where the standard error output is the journal, with fields that `journalctl` finds, and else on
/// that output, for people. `VIGIE_LOG` says how much: `info` (the default), `debug`, or as tracing's filters have it. Under a
/// service manager no time is written: it has its own. Called once; a second call changes nothing.
///
/// # Errors
/// The system gives no thread, or no file, to write it.
pub fn open() -> io::Result<Opened> {
    if ROAD.get().is_some() {
        return Ok(Opened(()));
    }
    let filter = EnvFilter::try_from_env("VIGIE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = registry().with(filter).with(Bounded::default());
    // Only the first of two logs in one process (a test, say) is opened: what fails below is that another was.
    if let Some(journal) = journald::connected() {
        let _ = ROAD.set(Road::Journal(Writer::begin(journal)?));
        let _ = log.with(Journald(journald::say)).try_init();
        return Ok(Opened(()));
    }
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let timed = std::env::var_os("JOURNAL_STREAM").is_none();
    let _ = ROAD.set(Road::Output(Writer::begin(Output::standard(timed)?)?));
    let lines = fmt::layer()
        .with_writer(move || Lines { to: Queued, coloured: colours })
        .with_ansi(colours)
        .with_target(false)
        // Told to complain on the standard error of what it cannot write, it would wait there, and panic.
        .log_internal_errors(false);
    let _ =
        if timed { log.with(lines).try_init() } else { log.with(lines.without_time()).try_init() };
    Ok(Opened(()))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn lines_that_wait_for_each_other_go_out_whole_and_in_order() {
        let mut said = Vec::new();
        let mut lines = Lines { to: &mut said, coloured: false };
        lines.write_all(b"before\n").unwrap();
        {
            let _together = together();
            let inner = together();
            lines.write_all(b"one\n").unwrap();
            drop(inner);
            assert_eq!(*lines.to, b"before\n", "the inner one waits for the outer");
            let long = vec![b'x'; LONGEST];
            lines.write_all(&long).unwrap();
            assert_eq!(
                lines.to.len(),
                b"before\none\n".len() + LONGEST,
                "nothing waits without a bound"
            );
        }
        lines.write_all(b"after\n").unwrap();
        assert!(said.ends_with(b"after\n"));
    }

    /// What a terminal or a file gets of a line with that value, by the layer that the daemon has.
    fn written(value: &str) -> String {
        #[derive(Clone, Default)]
        struct Kept(Arc<Mutex<Vec<u8>>>);
        impl Write for Kept {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let kept = Kept::default();
        let to = kept.clone();
        let layer = fmt::layer()
            .with_writer(move || Lines { to: to.clone(), coloured: false })
            .with_ansi(false)
            .without_time()
            .with_target(false);
        tracing::subscriber::with_default(registry().with(layer), || {
            tracing::warn!(node = ?value, topic = %value, "{value}");
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_value_breaks_a_line_of_the_log_or_commands_who_reads_it() {
        let hostile = "a\nERROR the store is gone\r\x1b[2J\u{9b}2J\u{202e}\u{2028}é";
        let line = written(hostile);
        let (text, end) = line.split_at(line.len() - 1);
        assert_eq!(end, "\n");
        assert!(!text.contains(is_unseen), "{text:?}");
        assert!(text.contains("a\\u{a}ERROR the store is gone\\u{d}"), "{text}");
        assert!(text.contains('é') && written("é").ends_with("é node=\"é\" topic=é\n"), "{text}");
        let last = written("a\n\n");
        assert!(last.ends_with("topic=a\\u{a}\\u{a}\n"), "no line is left blank: {last:?}");
        let coloured = on_one_line("\x1b[31mERROR\x1b[0m a\nb", true);
        assert_eq!(coloured, "\x1b[31mERROR\x1b[0m a\\u{a}b", "our own colours stay");
    }
}
