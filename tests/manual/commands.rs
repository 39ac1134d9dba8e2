//! `vigie.1`, from the command line as clap knows it: what is added there stands here by itself.

use clap::{Arg, Command, CommandFactory};
use vigie::cli::Cli;

use super::page::{Page, sentence};
use super::readme;

const ABOUT: &str = "\
Vigie supervises the alarms of a site and makes sure that a person answers each one. SNMP traps, the messages of MQTT brokers, \
SMS and dry contacts come in; the configuration says which of them are alarms; the people on call are told by SMS and \
acknowledge by SMS; silence escalates. All state is in one SQLite file.

`vigie run` is the daemon; as a service it is `vigie.service`. All other commands read the files and the record, or ask the daemon by its \
control socket. The account named as a person's `user` acts as that person; root and the daemon's own account act for `--as PERSON`; other \
members of the group `vigie` may look.

What would happen can be seen before it happens, with the daemon's own code: `vigie check`, `vigie explain`, `vigie rehearse`.";

const INSTALLED: &str = "\
The package neither enables nor starts the service, since the people and devices of its configuration are invented. Write those \
of the site into `/etc/vigie/vigie.toml`, see what `vigie check` says, then `systemctl enable --now vigie`.

An upgrade restarts a daemon that runs, once the new program has read the files of the site and accepts them. Where it refuses them \
the old daemon goes on and the upgrade says that it is not done; mend the files, then `dpkg --configure vigie`.";

const FILES: &[(&str, &str)] = &[
    ("`/etc/vigie/vigie.toml`, `/etc/vigie/conf.d/*.toml`", "The configuration: `vigie.toml`(5)."),
    (
        "`/etc/vigie/secrets`",
        "Secrets that systemd hands over (`LoadCredential=`); for root alone.",
    ),
    (
        "`/var/lib/vigie/vigie.db`",
        "The store: state and record. What lies beside it belongs to it.",
    ),
    ("`/run/vigie/vigie.sock`", "The control socket."),
    (
        "`/usr/share/doc/vigie/examples/vigie.toml`",
        "A complete configuration, with every key and a comment to each.",
    ),
    ("`/usr/share/doc/vigie/README.md`", "How it is operated, in full; what `--json` prints."),
];

const SIGNALS: &[(&str, &str)] = &[
    (
        "`SIGHUP`",
        "`vigie run` reads its files again (`systemctl reload vigie`). Files that are refused are an alarm, and those of before stay in force.",
    ),
    (
        "`SIGTERM`, `SIGINT`",
        "`vigie run` stops: what was decided is on disk, and open ladders go on at the next start.",
    ),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "`VIGIE_LOG`",
        "How much `vigie run` logs: `info` (default), `debug`, or by part: `info,vigie::adapters::gsm=debug`.",
    ),
    ("`NO_COLOR`", "No colours, also on a terminal."),
    (
        "`CREDENTIALS_DIRECTORY`",
        "Where systemd hands over what the files call `{ credential = \"name\" }`.",
    ),
    (
        "`NOTIFY_SOCKET`, `LISTEN_FDS`, `WATCHDOG_USEC`, `JOURNAL_STREAM`",
        "How systemd is told, hands over sockets, watches and is logged to, as its own pages have it.",
    ),
];

/// The page.
pub(crate) fn page() -> String {
    let mut cli = Cli::command();
    cli.build();
    let mut page =
        Page::new("vigie", "1", "alarm supervision that makes sure that a person answers");
    page.heading("SYNOPSIS");
    page.text("`vigie` [`--config` PATH] COMMAND [OPTIONS]");
    page.heading("DESCRIPTION");
    page.text(ABOUT);
    page.heading("OPTIONS");
    for argument in cli.get_arguments().filter(|argument| !argument.is_hide_set()) {
        page.item(&written(argument), &told(argument));
    }
    page.heading("COMMANDS");
    for command in cli.get_subcommands() {
        describe(&mut page, command);
    }
    page.heading("EXIT STATUS");
    for (status, meaning) in readme::table("`.then`, `.calls`") {
        page.item(&format!("`{status}`"), &sentence(meaning));
    }
    page.heading("FROM THE PACKAGE TO A WATCH");
    page.text(INSTALLED);
    for (heading, list) in [("FILES", FILES), ("SIGNALS", SIGNALS), ("ENVIRONMENT", ENVIRONMENT)] {
        page.heading(heading);
        for (term, meaning) in list {
            page.item(term, meaning);
        }
    }
    page.heading("EXAMPLES");
    page.text("Who would be called on a Sunday night, and with which words; nothing is sent:");
    page.example("vigie rehearse link --set source=10.0.0.1 --set ifIndex=7 --at \"sunday 03:00\"");
    page.text("What stands, and taking one of it:");
    page.example("vigie alarms\nvigie ack '#12' --as marie");
    page.text("What a change of the files would change for people, before it is made:");
    page.example("vigie check --against-running && systemctl reload vigie");
    page.heading("SEE ALSO");
    page.text("`vigie.toml`(5), `systemctl`(1), `journalctl`(1), `systemd.exec`(5), `sysexits.h`");
    page.finish()
}

/// A command with what it takes; or, of one that only leads to others, each of these.
fn describe(page: &mut Page, command: &Command) {
    if command.is_hide_set() {
        return;
    }
    if command.has_subcommands() {
        for inner in command.get_subcommands() {
            describe(page, inner);
        }
        return;
    }
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    page.item(&usage(command), &sentence(&about.unwrap_or_default()));
    let own = |argument: &&Arg| {
        let of_all =
            argument.is_global_set() || matches!(argument.get_id().as_str(), "help" | "version");
        !argument.is_hide_set() && !of_all
    };
    let mut own = command.get_arguments().filter(own).peekable();
    if own.peek().is_some() {
        page.beneath();
        for argument in own {
            page.item(&written(argument), &told(argument));
        }
        page.back();
    }
}

/// `vigie ack [OPTIONS] <TARGET>`, the words to type in bold.
pub(crate) fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let words = command.get_bin_name().unwrap_or_default();
    format!("`{words}`{}", usage.strip_prefix(words).unwrap_or(usage))
}

/// `-n, --lines N`, or the name of what stands without one.
fn written(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default();
    let takes = argument.get_action().takes_values();
    let value = values.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ");
    if argument.is_positional() {
        return value;
    }
    let short = argument.get_short().map(|short| format!("`-{short}`"));
    let long = argument.get_long().map(|long| format!("`--{long}`"));
    let names = short.into_iter().chain(long).collect::<Vec<_>>().join(", ");
    let optional = argument.get_num_args().is_some_and(|count| count.min_values() == 0);
    match (takes, optional) {
        (false, _) => names,
        (true, true) => format!("{names} [{value}]"),
        (true, false) => format!("{names} {value}"),
    }
}

fn told(argument: &Arg) -> String {
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string);
    let usual: Vec<String> = argument
        .get_default_values()
        .iter()
        .filter(|_| argument.get_action().takes_values())
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    let mut told = sentence(&help.unwrap_or_default());
    if !usual.is_empty() {
        told.push_str(&format!(" Default {}.", usual.join(" ")));
    }
    told
}
