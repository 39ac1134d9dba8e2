//! The log, for people on a terminal and for the service manager.
//!
//! Secrets and the texts of messages never come here; the journal of alarms is another thing.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// Opens the log on the standard error output. `VIGIE_LOG` says how much: `info` (the default),
/// `debug`, or as tracing's filters have it. Under the service manager no time is written: it has
/// its own. Called once; a second call changes nothing.
pub fn open() {
    let filter = EnvFilter::try_from_env("VIGIE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let stderr = std::io::stderr();
    let colours = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .with_target(false)
        // A log that cannot be written (its disk is full, its reader has gone) must not end the
        // task that had something to say: told to complain on the standard error, it would panic.
        .log_internal_errors(false);
    // Only the first of two logs in one process (a test, say) is opened.
    let _ = if std::env::var_os("JOURNAL_STREAM").is_some() {
        log.without_time().try_init()
    } else {
        log.try_init()
    };
}
