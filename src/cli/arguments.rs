//! The command line as it is written: its words, their order and their help. It decides nothing.

mod record;
mod testing;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(super) use self::record::{Backup, Record, Report};
pub(super) use self::testing::{TestContact, TestSms, TestTool};
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::event::Target;

/// Alarm supervision that makes sure that a person answers.
#[derive(Parser, Clone, PartialEq, Debug)]
#[command(name = "vigie", version)]
pub struct Cli {
    /// The configuration; the files of `conf.d` beside it are read as well
    #[arg(long, global = true, value_name = "PATH", default_value = "/etc/vigie/vigie.toml")]
    pub config: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum Command {
    /// The daemon
    Run,
    /// Reads the files and prints every complaint
    Check(Check),
    /// A whole night on one screen; needs no hardware and no root
    Demo,
    /// What stands
    Alarms(Alarms),
    /// Take an alarm: "I take it"
    Ack(Act),
    /// Confirm an alarm: "it is dealt with"
    Confirm(Act),
    /// Decline an alarm: "I cannot"
    Decline(Act),
    /// Let go of a latched alarm whose cause is gone
    Reset(Act),
    /// Who is on call, until when, and who comes next
    Oncall(Oncall),
    /// Take a schedule from now on: "I am on call"
    Take(Take),
    /// Sends the alarms of a swap group to their other escalation for a while, or back
    Swap(Swap),
    /// The swap groups, and how each stands
    Swaps(Format),
    /// Shelve an alarm: nobody is called about it for a while
    Shelve(Shelve),
    /// Shelve it no more
    Unshelve(Named),
    /// Take an alarm, or all of a definition, out of service until a person returns it
    OutOfService(TakeOut),
    /// Return it to service
    Return(Named),
    /// What is kept quiet, by whom, why and until when
    Quiet(Format),
    /// Which definitions a signal selects, what they say of it, and why the others do not
    Explain(Explain),
    /// Who would be called, when, with which text; nothing is sent
    Rehearse(Rehearse),
    /// Signals that no definition selected, with a definition to paste
    Unclaimed(Format),
    /// Who answered the drills, and when the next ones are
    Drills(Format),
    /// Inputs, modems, queues, counters, store
    Status(Format),
    /// The numbers of the daemon, as a page for Prometheus
    Metrics,
    /// What MIB files name
    #[command(subcommand)]
    Mib(Mib),
    /// The record
    #[command(subcommand)]
    Journal(Record),
    /// What stood in a stretch of time, and who answered after how long
    Report(Report),
    /// A copy of the store, proved; the daemon goes on
    Backup(Backup),
    /// What SNMP devices send
    #[command(subcommand)]
    Snmp(SnmpTool),
    /// What dry contacts show
    #[command(subcommand)]
    Contacts(ContactsTool),
    /// Tests, from the wire to the telephone
    #[command(subcommand)]
    Test(TestTool),
}

/// `vigie contacts`
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum ContactsTool {
    /// Shows every contact live: of the daemon, or, while none runs, of the devices themselves
    Watch(ContactsWatch),
}

/// `vigie contacts watch`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct ContactsWatch {
    /// One device: cabinet; all of them if left out
    #[arg(value_name = "INPUT")]
    pub input: Option<String>,
    /// One JSON object a line for each change
    #[arg(long)]
    pub json: bool,
}

/// `vigie snmp`
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum SnmpTool {
    /// Prints the traps and informs that arrive at an address; the store and the daemon are not touched
    Listen(Listen),
}

/// `vigie snmp listen`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Listen {
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Where to listen: 0.0.0.0:1162, [::]:1162
    #[arg(value_name = "ADDRESS", required = true, value_parser = super::listen::place)]
    pub addresses: Vec<std::net::SocketAddr>,
}

/// `vigie check`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Check {
    /// Warnings are errors
    #[arg(long)]
    pub strict: bool,
    /// Also what a reload would change: whom alarms call, from when, and which hours become uncovered; asks the daemon that runs
    #[arg(long)]
    pub against_running: bool,
}

/// `vigie alarms`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Alarms {
    /// One JSON array
    #[arg(long)]
    pub json: bool,
    /// Every alarm that was ever active, also those that are normal again
    #[arg(long)]
    pub all: bool,
}

/// `vigie ack`, `confirm`, `decline`, `reset`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Act {
    /// Which occurrence.
    #[command(flatten)]
    pub which: Which,
    /// The person who acts; for root and the daemon's own account
    #[arg(long = "as", value_name = "PERSON")]
    pub acting_as: Option<String>,
}

/// `vigie shelve`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Shelve {
    /// Which alarm.
    #[command(flatten)]
    pub named: Named,
    /// For how long, never longer than the site allows: 2h, 1h30m
    #[arg(value_name = "DURATION", value_parser = crate::config::interval)]
    pub lasting: std::time::Duration,
    /// Its next return to normal ends it as well
    #[arg(long)]
    pub once: bool,
    /// Why, for those who look
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `vigie out-of-service`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct TakeOut {
    /// Which alarm.
    #[command(flatten)]
    pub named: Named,
    /// Why, for those who look
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `vigie unshelve`, `return`: an alarm, and who acts
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Named {
    /// A code of the acting person's (4711), an occurrence ('#4711'), or the alarm itself ('link[10.0.0.1/7]')
    #[arg(value_name = "ALARM", value_parser = str::parse::<crate::watch::suppression::Which>)]
    pub which: crate::watch::suppression::Which,
    /// The person who acts; for root and the daemon's own account
    #[arg(long = "as", value_name = "PERSON")]
    pub acting_as: Option<String>,
}

/// An occurrence, one way or the other.
#[derive(Args, Clone, PartialEq, Debug)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// A code of the acting person's (4711), or an occurrence ('#4711')
    #[arg(value_name = "TARGET", value_parser = str::parse::<Target>)]
    target: Option<Target>,
    /// The number of the occurrence
    #[arg(long, value_name = "N")]
    occurrence: Option<u64>,
}

/// `vigie oncall`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Oncall {
    /// When: "sunday 03:00", "2026-12-24 18:00", "03:00", RFC 3339; now if left out
    #[arg(long, value_name = "TIME", conflicts_with = "month")]
    pub at: Option<String>,
    /// A whole month as a table to print: 2026-12; this month if left out
    #[arg(long, value_name = "YYYY-MM", num_args = 0..=1, default_missing_value = "")]
    pub month: Option<String>,
    /// One JSON array
    #[arg(long)]
    pub json: bool,
}

/// `vigie take`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Take {
    /// A schedule of the configuration
    #[arg(value_name = "SCHEDULE")]
    pub schedule: String,
    /// For how long: 18h, 2d, 1h30m
    #[arg(value_name = "DURATION")]
    pub lasting: String,
    /// The person who acts; for root and the daemon's own account
    #[arg(long = "as", value_name = "PERSON")]
    pub acting_as: Option<String>,
}

/// `vigie swap`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Swap {
    /// The group, as `swap` in [alarms.NAME] names it
    #[arg(value_name = "GROUP")]
    pub group: String,
    /// For how long (90min, 4h, 1h30, 2d), or `off`
    #[arg(value_name = "DURATION|off", value_parser = super::swap::lasting)]
    pub lasting: super::swap::Lasting,
    /// The person who acts; for root and the daemon's own account
    #[arg(long = "as", value_name = "PERSON")]
    pub acting_as: Option<String>,
}

/// `vigie explain`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Explain {
    /// A signal as JSON: a file, `-` for the standard input, or the JSON itself
    #[arg(value_name = "FILE-OR-JSON")]
    pub signal: String,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `vigie rehearse`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Rehearse {
    /// An alarm of the configuration, or a scenario file
    #[arg(value_name = "ALARM-OR-FILE")]
    pub what: String,
    /// When it happens: "sunday 03:00", "2026-12-24 18:00", "03:00", RFC 3339; now if left out
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// The key of the alarm, where its definition covers many
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// A field of the signal; what is not given is shown as {name}
    #[arg(long, value_name = "FIELD=VALUE")]
    pub set: Vec<String>,
    /// How long to look ahead, instead of until the last resort repeats itself
    #[arg(long = "for", value_name = "TIME")]
    pub length: Option<String>,
}

/// How to print.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Format {
    /// JSON
    #[arg(long)]
    pub json: bool,
}

/// `vigie mib`
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum Mib {
    /// Alarm definitions for the traps of a module, to paste
    Traps(MibTraps),
    /// The catalogue of some folders; Vigie calls this itself
    #[command(hide = true)]
    Compile(MibCompile),
}

/// `vigie mib traps`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct MibTraps {
    /// A MIB file; what it imports is sought beside it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `vigie mib compile`
#[derive(Args, Clone, PartialEq, Debug)]
pub struct MibCompile {
    /// A folder with MIB files
    #[arg(long, value_name = "FOLDER")]
    pub folder: Vec<PathBuf>,
}

impl Which {
    /// The occurrence that is meant; `None` cannot come from the command line.
    pub fn target(&self) -> Option<Target> {
        self.target.or(self.occurrence.map(|number| Target::Occurrence(OccurrenceNumber(number))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::codes::Code;

    fn read(words: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once(&"vigie").chain(words))
    }

    #[test]
    fn the_command_line_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn the_configuration_can_be_named_before_and_after_the_command() {
        for words in [["--config", "a.toml", "check"], ["check", "--config", "a.toml"]] {
            assert_eq!(read(&words).unwrap().config, PathBuf::from("a.toml"));
        }
        assert_eq!(read(&["run"]).unwrap().config, PathBuf::from("/etc/vigie/vigie.toml"));
    }

    #[test]
    fn a_bare_number_is_a_code_and_an_occurrence_has_its_sign() {
        let target = |words: &[&str]| match read(words).unwrap().command {
            Command::Ack(act) => act.which.target().unwrap(),
            other => panic!("{other:?}"),
        };
        assert_eq!(target(&["ack", "0047"]), Target::Code(Code::parse("0047").unwrap()));
        assert_eq!(target(&["ack", "#47"]), Target::Occurrence(OccurrenceNumber(47)));
        assert_eq!(
            target(&["ack", "--occurrence", "47"]),
            Target::Occurrence(OccurrenceNumber(47))
        );
        for wrong in
            [&["ack"][..], &["ack", "47"], &["ack", "#x"], &["ack", "4711", "--occurrence", "1"]]
        {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
