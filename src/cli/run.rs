//! `vigie run`: the daemon, until it is told to close.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use tokio::sync::mpsc;

use super::check::complain;
use super::sysexit::Sysexit;
use super::terminal::Terminal;
use crate::config::{self, Settings};
use crate::host::clock::Clock;
use crate::host::log;
use crate::host::service::{Fate, Wish, signals};

/// The life of a daemon: what the files say, where they are, and what is wished of it. It ends with
/// a sentence where it could not begin, or could not go on.
///
/// The command line does not know the daemon, which stands on the same floor: `main` hands this in.
pub type House = fn(Settings, PathBuf, mpsc::Receiver<Wish>) -> Life;

/// See [`House`].
pub type Life = Pin<Box<dyn Future<Output = Result<(), Fate>> + Send>>;

/// Runs the daemon in the foreground.
pub(super) fn run(path: &Path, house: House, terminal: &mut Terminal) -> Sysexit {
    let log = match log::open() {
        Ok(log) => log,
        Err(error) => {
            let fate = Fate::Unavailable(format!("the log cannot be opened: {error}"));
            return conclude(Err(fate), terminal);
        }
    };
    let reading =
        config::read_compiling(path, Path::new(config::THIS_PROGRAM), Clock::new().now().utc);
    match &reading.settings {
        // From here on nobody waits for whoever reads what is said.
        Some(_) => terminal.complain_by(log.output()),
        // Who starts it in vain is told all of it.
        None => log.finish(),
    }
    complain(&reading, terminal);
    let Some(settings) = reading.settings else { return Sysexit::Configuration };
    let life = async {
        let (sender, wishes) = mpsc::channel(4);
        tokio::select! {
            fate = house(settings, path.to_owned(), wishes) => fate,
            Err(error) = signals(sender) => Err(Fate::Unavailable(format!("signals cannot be caught: {error}"))),
        }
    };
    let fate = match runtime() {
        Ok(runtime) => {
            let fate = runtime.block_on(life);
            // A thread that hangs at a device would be waited for without end: everything else has ended.
            runtime.shutdown_background();
            fate
        }
        Err(error) => Err(Fate::Unavailable(format!("the runtime cannot start: {error}"))),
    };
    conclude(fate, terminal)
}

/// How the end of a daemon is told.
pub(super) fn conclude(fate: Result<(), Fate>, terminal: &mut Terminal) -> Sysexit {
    let (sentence, exit) = match fate {
        Ok(()) => return Sysexit::Ok,
        Err(Fate::Configuration(sentence)) => (sentence, Sysexit::Configuration),
        Err(Fate::Unavailable(sentence)) => (sentence, Sysexit::Unavailable),
        Err(Fate::Died(sentence)) => (sentence, Sysexit::Software),
    };
    terminal.complain(format_args!("vigie: {sentence}"));
    exit
}

/// As many threads for tasks as there are processors beside the one of the journal's thread, and two at most.
///
/// # Decision (2026-11-27): not more threads than can run
///
/// What may keep a thread waiting is done aside ([`crate::host::aside`]), so tasks need no second thread for that. On two
/// processors a second one gave 74,000 traps a second instead of 60,000, at a third more processor time for each, and cost
/// every inform a wait: 64 senders got 24,000 answers a second, and 29,000 from one thread, since sequencer and receiver
/// woke each other up for each handful of letters (`cargo bench -- traps informs`).
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = processors.saturating_sub(1).clamp(1, 2);
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}
