//! The manual leaves nothing out: every key that the code knows stands in `vigie.toml.5`, every command and option in
//! `vigie.1`. What it says of a key is the key's doc comment, and whether it says `Required` is tried.
#![cfg(test)]

mod commands;
mod files;
mod page;
mod readme;

use clap::CommandFactory;
use vigie::cli::Cli;
use vigie::config;

/// The part of a page beneath a heading.
fn beneath<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("{heading}\n")).unwrap_or_else(|| panic!("{heading}"));
    rest.split("\n.S").next().unwrap_or(rest)
}

/// A word as it stands in a page.
fn written(word: &str) -> String {
    word.replace('-', "\\-")
}

/// The same where it is to be typed.
fn bold(word: &str) -> String {
    format!("\\fB{}\\fR", written(word))
}

#[test]
fn every_key_that_the_code_knows_stands_in_the_manual_with_its_meaning() {
    let page = files::page();
    for (section, keys) in config::keys() {
        let heading = format!(".SS \"{}\"", written(&files::heading(section)));
        let table = beneath(&page, &heading);
        assert!(keys.about.trim().ends_with('.'), "{section}: {}", keys.about);
        for key in keys {
            let item = format!(".TP\n{} = ", bold(key.name));
            let (_, told) = table.split_once(&item).unwrap_or_else(|| panic!("{heading}: {item}"));
            let (holds, told) = told.split_once('\n').unwrap();
            assert!(!holds.is_empty() && told.len() > 20, "{section}.{}: {told}", key.name);
            // A key that holds a table has a place where that table is told.
            if let Some(place) = files::see(section, key) {
                assert!(page.contains(&format!(".SS \"{}\"", written(&place))), "{place}");
            }
        }
    }
}

#[test]
fn every_command_and_every_option_stands_in_the_manual() {
    let page = commands::page();
    let mut cli = Cli::command();
    cli.build();
    let mut open: Vec<&clap::Command> = cli.get_subcommands().collect();
    let mut seen = 0;
    while let Some(command) = open.pop() {
        if command.is_hide_set() {
            continue;
        }
        if command.has_subcommands() {
            open.extend(command.get_subcommands());
            continue;
        }
        seen += 1;
        let name = command.get_bin_name().unwrap();
        let item = format!(".TP\n{}", bold(name));
        let (_, told) = page.split_once(&item).unwrap_or_else(|| panic!("{name}"));
        let told = told.split(".TP\n\\fBvigie ").next().unwrap();
        for option in command.get_arguments().filter_map(clap::Arg::get_long) {
            let is_told = told.contains(&bold(&format!("--{option}")));
            assert!(
                is_told || ["help", "version", "config"].contains(&option),
                "{name} --{option}"
            );
        }
    }
    assert!(seen > 25, "{seen} commands");
}

#[test]
fn what_the_manual_calls_required_is_what_the_check_asks_for() {
    let example: toml::Table = toml::from_str(include_str!("../../etc/vigie.toml")).unwrap();
    let mut wrong = Vec::new();
    for (section, keys) in config::keys() {
        for key in keys {
            let mut without = example.clone();
            let path: Vec<&str> = section.split('.').collect();
            take_out(&mut without, &path, key.name);
            let reading = config::read_str(&[("vigie.toml", &without.to_string())]);
            let errors = reading.complaints.iter().filter(|complaint| complaint.is_error());
            let sentences: Vec<&str> =
                errors.map(|complaint| complaint.sentence.as_str()).collect();
            let lacks = format!("no `{}`", key.name);
            let is_asked_for = |sentence: &&str| {
                // Of an alarm without one a cause cannot name another than the only one.
                let is_of_another = sentence.ends_with("there is only one");
                !is_of_another && (sentence.contains(&lacks) || sentence.contains(" does not say "))
            };
            let is_asked_for = sentences.iter().any(is_asked_for);
            let is_said = key.about.contains("Required");
            let is_wrong = if is_said { sentences.is_empty() } else { is_asked_for };
            if is_wrong {
                wrong.push(format!(
                    "{section}.{}: {}said: {sentences:?}",
                    key.name,
                    if is_said { "" } else { "not " }
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Takes a key out of every table at that path, through names and lists.
fn take_out(table: &mut toml::Table, path: &[&str], key: &str) {
    let [first, rest @ ..] = path else {
        table.remove(key);
        return;
    };
    match table.get_mut(*first) {
        Some(value) => take_out_of(value, rest, key),
        None => {
            for (_, value) in table.iter_mut() {
                if let toml::Value::Table(table) = value {
                    take_out(table, path, key);
                }
            }
        }
    }
}

fn take_out_of(value: &mut toml::Value, path: &[&str], key: &str) {
    match value {
        toml::Value::Array(array) => {
            for item in array {
                take_out_of(item, path, key);
            }
        }
        toml::Value::Table(table) => {
            let has_names = path.is_empty() && table.values().all(toml::Value::is_table);
            if has_names && !table.contains_key(key) {
                for (_, value) in table.iter_mut() {
                    take_out_of(value, path, key);
                }
            } else {
                take_out(table, path, key);
            }
        }
        toml::Value::String(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {}
    }
}
