//! The commands of the terminal: one file each, and how they end.
//!
//! `check`, `explain` and `rehearse` need no daemon: they read the files and run the watch on
//! paper. A command never panics on what it is given, ends with a status of sysexits.h, and writes
//! its output to the standard output and everything else to the standard error.

mod arguments;
mod check;
mod sysexit;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use arguments::Cli;
pub use sysexit::Sysexit;
pub use terminal::{Style, Terminal, plain};

use arguments::Command;

/// The whole program: the words of the command line in, the exit code out.
pub fn main(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut terminal = Terminal::standard();
    let exit = match Cli::try_parse_from(words) {
        Ok(cli) => obey(&cli, &mut terminal),
        Err(error) => misread(&error),
    };
    terminal.close(exit).into()
}

/// Help and version are asked for this way too: they end well.
fn misread(error: &clap::Error) -> Sysexit {
    // When even this cannot be written, nobody is there to be told.
    let _ = error.print();
    if error.use_stderr() { Sysexit::Usage } else { Sysexit::Ok }
}

fn obey(cli: &Cli, terminal: &mut Terminal) -> Sysexit {
    match &cli.command {
        Command::Check(asked) => check::check(&cli.config, asked, terminal),
        Command::Run
        | Command::Demo
        | Command::Alarms(_)
        | Command::Ack(_)
        | Command::Confirm(_)
        | Command::Decline(_)
        | Command::Reset(_)
        | Command::Explain(_)
        | Command::Rehearse(_)
        | Command::Unclaimed(_)
        | Command::Status(_)
        | Command::Journal(_) => absent(terminal),
    }
}

fn absent(terminal: &mut Terminal) -> Sysexit {
    terminal.complain("vigie: this command is not in this build");
    Sysexit::Unavailable
}
