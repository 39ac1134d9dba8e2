//! `vigie.toml.5`, from the tables and keys as the code knows them; the words are those of their doc comments.

use vigie::config::{self, Key, Keys};
use vigie::watch::field::FIELDS_OF_ALL;
use vigie::watch::signal::Kind;

use super::page::{Page, sentence};
use super::readme;

const ABOUT: &str = "\
`/etc/vigie/vigie.toml` and the files `conf.d/*.toml` beside it, in the order of their names, are one configuration, written in TOML. Tables \
of several files are put together by name: `[people.marie]` may stand in one file and `[people.karim]` in another. The same table \
twice is an error that shows both places.

`vigie check` reads these files, opens no device, and says everything that is wrong: file, line and what to do about it. A key that is not \
known is an error. A change takes effect with `systemctl reload vigie` (SIGHUP): files that are refused are an alarm, and those of before \
stay in force. A change of inputs, store or control socket needs a restart.

In the headings below `NAME` is a name that the site gives: up to 64 letters, digits, - and _. A table may stand \
under a heading of its own, or in braces behind its key: `swap = { group = \"cold\", escalation = \"fitters\" }`. A list of tables is \
`steps = [{ notify = [\"person:marie\"] }, { notify = [\"group:all\"] }]`, or one heading `[[escalations.NAME.steps]]` for each.";

const VALUES: &[(&str, &str)] = &[
    (
        "text",
        "In quotes: `\"Pump 3\"`; in single quotes nothing in it has a meaning of its own: `'trap == \"IF-MIB::linkDown\"'`.",
    ),
    ("word", "One of a few, in quotes; the key says which."),
    (
        "interval",
        "A number with its unit, or several added up: `\"30s\"`, `\"5m\"`, `\"1h30m\"`, `\"2 weeks\"`. The units are ms, s, m (or min), h, d (or days), weeks and years; a turn and a drill may be `\"1 month\"` long.",
    ),
    ("size", "`\"64 KiB\"`, `\"1 MiB\"`."),
    (
        "date and time",
        "By the clock on the wall, of the site or of the schedule, without quotes: `2026-12-24T08:00:00`.",
    ),
    ("path", "From the root: `\"/etc/vigie/mibs\"`."),
    (
        "secret",
        "A text; or `{ file = \"/path\" }`; or `{ credential = \"name\" }`, which systemd hands over: `LoadCredential=name:/etc/vigie/secrets/name` in the service (`systemctl edit vigie`). It never reaches a log, the record or what `vigie check` prints.",
    ),
    (
        "expression",
        "A text in the Common Expression Language (CEL) over the fields of a signal: `'value > 8.0'`. In the texts of alarms it stands in braces: `\"Cold room {topic[1]}: {value} degrees\"`. A field that is absent reads `?` there.",
    ),
];

const FILES: &[(&str, &str)] = &[
    ("`/etc/vigie/vigie.toml`", "The main file, unless `--config` names another."),
    ("`/etc/vigie/conf.d/*.toml`", "Read with it, in the order of their names."),
    ("`/etc/vigie/secrets`", "For root alone; systemd hands over what is in it."),
    (
        "`/usr/share/doc/vigie/examples/vigie.toml`",
        "A complete configuration, with every key of this page and a comment to each.",
    ),
];

/// The page.
pub(crate) fn page() -> String {
    let mut page = Page::new("vigie.toml", "5", "the configuration of Vigie");
    page.heading("SYNOPSIS");
    page.text("`/etc/vigie/vigie.toml`\n\n`/etc/vigie/conf.d/*.toml`");
    page.heading("DESCRIPTION");
    page.text(ABOUT);
    page.heading("VALUES");
    for (term, meaning) in VALUES {
        page.item(term, meaning);
    }
    page.heading("TABLES");
    for (section, keys) in config::keys() {
        table(&mut page, section, keys);
    }
    page.heading("FIELDS OF A SIGNAL");
    fields(&mut page);
    page.heading("FILES");
    for (term, meaning) in FILES {
        page.item(term, meaning);
    }
    page.heading("EXAMPLES");
    page.text("The smallest configuration that works:");
    page.example(readme::smallest_file());
    page.text("Every key of this page, with a comment to each: `/usr/share/doc/vigie/examples/vigie.toml`.");
    page.heading("SEE ALSO");
    page.text("`vigie`(1), `systemd.exec`(5), `systemd-creds`(1)");
    page.finish()
}

fn table(page: &mut Page, section: &str, keys: Keys) {
    page.subheading(&heading(section));
    page.text(&sentence(keys.about));
    for key in keys {
        let about = sentence(key.about);
        let see = see(section, key).map(|place| format!(" See {place}.")).unwrap_or_default();
        page.item(&term(key), &format!("{about}{see}"));
    }
}

/// How a key begins in the page: `name` = text.
pub(crate) fn term(key: &Key) -> String {
    format!("`{}` = {}", key.name, (key.holds)())
}

/// The keys of a table as a section of [`config::keys`] names it.
fn keys_of(section: &str) -> Option<Keys> {
    config::keys().into_iter().find(|(known, _)| *known == section).map(|(_, keys)| keys)
}

/// A section as it is headed in a file: `contacts.lines` is `[contacts.NAME.lines.NAME]`.
pub(crate) fn heading(section: &str) -> String {
    let mut parts = section.split('.');
    let top = parts.next().unwrap_or_default();
    let (mut known, mut shown) = (top.to_owned(), top.to_owned());
    if has_names(top) {
        shown.push_str(".NAME");
    }
    let mut is_list = false;
    for part in parts {
        let keys = keys_of(&known).expect("a table within a table that is described");
        let key = keys.into_iter().find(|key| key.name == part);
        let holds = (key.expect("a table stands under a key").holds)();
        known = format!("{known}.{part}");
        shown = format!("{shown}.{part}");
        is_list = holds.contains("list of tables");
        if holds.contains("each with its name") {
            shown.push_str(".NAME");
        }
    }
    if is_list { format!("[[{shown}]]") } else { format!("[{shown}]") }
}

/// Whether that table of the top holds tables by name, as the complete example writes it.
fn has_names(top: &str) -> bool {
    let example: toml::Table = toml::from_str(include_str!("../../etc/vigie.toml"))
        .expect("a test holds that it is sound");
    let keys = keys_of(top).expect("a table that is described");
    let table = example.get(top).and_then(toml::Value::as_table).expect("every table stands in it");
    !keys.into_iter().any(|key| table.contains_key(key.name))
}

/// Where the keys of a table under this key are described, if there is one.
pub(crate) fn see(section: &str, key: &Key) -> Option<String> {
    let holds = (key.holds)();
    if !holds.contains("table") || holds == "table of fields" {
        return None;
    }
    let beneath = format!("{section}.{}", key.name);
    let anywhere = format!(".{}", key.name);
    let sections = || config::keys().into_iter().map(|(section, _)| section);
    let place = sections()
        .find(|known| *known == beneath)
        .or_else(|| sections().find(|known| known.ends_with(&anywhere)));
    Some(heading(place.unwrap_or_else(|| panic!("no section describes {beneath}"))))
}

/// What `match`, `key`, `text` and the expressions can name.
fn fields(page: &mut Page) {
    page.text(&format!("Every signal has {}. A trap has besides:", listed(FIELDS_OF_ALL)));
    table_of_fields(page, "The fields of a trap:", Kind::Snmp);
    page.text("A message of a broker:");
    table_of_fields(page, "The fields of a message:", Kind::Mqtt);
    let others = [
        ("An SMS", Kind::Gsm),
        ("A dry contact", Kind::Contacts),
        ("An alarm of Vigie's own", Kind::Vigie),
    ];
    for (whose, kind) in others {
        page.text(&format!("{whose} has {}.", listed(kind.fields())));
    }
}

/// The fields that a table of the README explains, and the others of that kind by their names.
fn table_of_fields(page: &mut Page, above: &str, kind: Kind) {
    let rows = readme::table(above);
    for (field, meaning) in &rows {
        page.item(field, &sentence(meaning));
    }
    let is_told = |field: &&str| rows.iter().any(|(told, _)| told.contains(&format!("`{field}`")));
    let others: Vec<&str> = kind.fields().iter().copied().filter(|field| !is_told(field)).collect();
    page.text(&format!("Where the sender gives them also {}.", listed(&others)));
}

/// Names in a sentence.
fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
