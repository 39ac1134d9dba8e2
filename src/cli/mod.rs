//! The commands of the terminal: one file each, and how they end.
//!
//! `check`, `explain`, `rehearse` and `mib` need no daemon: they read files and run the watch on
//! paper. `journal`, `report` and `backup` read the store, `snmp listen` opens a port of its own; all
//! others ask the daemon, and `oncall` and `contacts watch` can do without it and say so. A command never panics on what it is given, ends with a status of sysexits.h, and writes
//! its output to the standard output and everything else to the standard error.

mod act;
mod arguments;
mod backup;
mod check;
mod client;
mod contacts;
mod demo;
pub mod explain;
mod journal;
mod listen;
mod mib;
mod oncall;
mod quiet;
pub mod rehearse;
mod report;
mod run;
mod site_time;
mod swap;
mod sysexit;
mod tell;
mod terminal;
mod testing;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use arguments::Cli;
pub use run::{House, Life};
pub use sysexit::Sysexit;
pub use terminal::{Style, Terminal, plain};

use crate::watch::event::Action;
use crate::watch::suppression::Wish;
use arguments::{Command, ContactsTool, SnmpTool, TestTool};

/// The whole program: the words of the command line in, the exit code out.
pub fn main(words: impl IntoIterator<Item = OsString>, house: House) -> ExitCode {
    let mut terminal = Terminal::standard();
    let exit = match Cli::try_parse_from(words) {
        Ok(cli) => obey(&cli, house, &mut terminal),
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

fn obey(cli: &Cli, house: House, terminal: &mut Terminal) -> Sysexit {
    match &cli.command {
        Command::Check(asked) => check::check(&cli.config, asked, terminal),
        Command::Run => run::run(&cli.config, house, terminal),
        Command::Alarms(asked) => tell::alarms(&cli.config, asked.all, asked.json, terminal),
        Command::Unclaimed(asked) => tell::unclaimed(&cli.config, asked.json, terminal),
        Command::Drills(asked) => tell::drills(&cli.config, asked.json, terminal),
        Command::Status(asked) => tell::status(&cli.config, asked.json, terminal),
        Command::Metrics => tell::metrics(&cli.config, terminal),
        Command::Ack(asked) => act::act(&cli.config, Action::Acknowledge, asked, terminal),
        Command::Confirm(asked) => act::act(&cli.config, Action::Confirm, asked, terminal),
        Command::Decline(asked) => act::act(&cli.config, Action::Decline, asked, terminal),
        Command::Reset(asked) => act::act(&cli.config, Action::Reset, asked, terminal),
        Command::Oncall(asked) => oncall::oncall(&cli.config, asked, terminal),
        Command::Take(asked) => act::take(&cli.config, asked, terminal),
        Command::Swap(asked) => swap::swap(&cli.config, asked, terminal),
        Command::Swaps(asked) => swap::swaps(&cli.config, asked.json, terminal),
        Command::Shelve(asked) => quiet::shelve(&cli.config, asked, terminal),
        Command::Unshelve(asked) => quiet::quieten(&cli.config, asked, Wish::Unshelve, terminal),
        Command::OutOfService(asked) => quiet::take_out(&cli.config, asked, terminal),
        Command::Return(asked) => quiet::quieten(&cli.config, asked, Wish::Return, terminal),
        Command::Quiet(asked) => tell::quiet(&cli.config, asked.json, terminal),
        Command::Backup(asked) => backup::backup(&cli.config, asked, terminal),
        Command::Report(asked) => report::report(&cli.config, asked, terminal),
        Command::Journal(asked) => journal::journal(&cli.config, asked, terminal),
        Command::Snmp(SnmpTool::Listen(asked)) => listen::listen(&cli.config, asked, terminal),
        Command::Contacts(ContactsTool::Watch(asked)) => {
            contacts::watch(&cli.config, asked, terminal)
        }
        Command::Test(TestTool::Contact(asked)) => testing::contact(&cli.config, asked, terminal),
        Command::Test(TestTool::Sms(asked)) => testing::sms::sms(&cli.config, asked, terminal),
        Command::Demo => demo::demo(house, terminal),
        Command::Explain(asked) => explain::explain(&cli.config, asked, terminal),
        Command::Mib(asked) => mib::mib(asked, terminal),
        Command::Rehearse(asked) => rehearse::rehearse(&cli.config, asked, terminal),
    }
}
