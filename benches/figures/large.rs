//! A large site: 200 people, 50 schedules of three layers, 50 ladders, 5,000 definitions.

use std::fmt::Write as _;

pub(crate) const PEOPLE: usize = 200;
pub(crate) const SCHEDULES: usize = 50;
pub(crate) const DEFINITIONS: usize = 5_000;

/// Its files.
pub(crate) fn files() -> String {
    let mut text = String::from(
        "[site]\nname = \"Large\"\ntime-zone = \"Europe/Paris\"\nlast-resort = \"ladder-0\"\ncode-digits = 6\n\
         [gsm.modem]\ndevice = \"/dev/null\"\n[snmp.network]\nlisten = [\"127.0.0.1:16200\"]\n",
    );
    for person in 0..PEOPLE {
        let _ = write!(text, "[people.p{person}]\nphone = \"{}\"\n", phone(person));
    }
    for number in 0..SCHEDULES {
        schedule(&mut text, number);
    }
    for definition in 0..DEFINITIONS {
        let (ladder, switch) = (definition % SCHEDULES, address(definition));
        let _ = write!(
            text,
            "[alarms.link-{definition}]\nfrom = [\"snmp.network\"]\n\
             match = {{ trap = [\"IF-MIB::linkDown\", \"IF-MIB::linkUp\"], source = \"{switch}\" }}\n\
             key = \"{{ifIndex}}\"\nactive = 'trap == \"IF-MIB::linkDown\"'\nnormal = 'trap == \"IF-MIB::linkUp\"'\n\
             text = \"Link {{ifIndex}} of switch {definition} down\"\nescalation = \"ladder-{ladder}\"\n"
        );
    }
    text
}

/// Four people take turns of a week, others the nights, others Sundays and holidays; somebody stands in at Christmas.
fn schedule(text: &mut String, number: usize) {
    let person = |place: usize| (number * 4 + place) % PEOPLE;
    let names = |first: usize, many: usize| {
        let names = (first..first + many).map(|place| format!("\"p{}\"", person(place)));
        names.collect::<Vec<_>>().join(", ")
    };
    let _ = write!(
        text,
        "[schedules.s{number}]\nholidays = \"fr\"\nrotations = [\n\
         {{ people = [{}], every = \"1 week\", from = 2026-01-05T08:00:00 }},\n\
         {{ people = [{}], every = \"1 day\", from = 2026-01-05T18:00:00, hours = [\"mon..fri 18:00-08:00\"], layer = 2 }},\n\
         {{ people = [{}], every = \"2 weeks\", from = 2026-01-05T00:00:00, hours = [\"sun\", \"holidays\"], layer = 3 }},\n\
         ]\noverrides = [{{ person = \"p{}\", from = 2026-12-24T08:00:00, until = 2026-12-26T08:00:00 }}]\n\
         [groups.g{number}]\nmembers = [{}]\n\
         [escalations.ladder-{number}]\nacknowledge = \"double\"\nrepeat = 2\nsteps = [\n\
         {{ notify = [\"schedule:s{number}\"], wait = \"5m\" }},\n\
         {{ notify = [\"schedule:s{number}\", \"schedule:s{}\", \"group:g{number}\"], wait = \"10m\" }},\n]\n",
        names(0, 4),
        names(4, 3),
        names(7, 2),
        person(9),
        names(0, 8),
        (number + 1) % SCHEDULES,
    );
}

/// A person's number.
pub(crate) fn phone(person: usize) -> String {
    format!("+336{person:08}")
}

/// The switch of a definition.
pub(crate) fn address(definition: usize) -> String {
    format!("10.1.{}.{}", definition / 250, definition % 250)
}
