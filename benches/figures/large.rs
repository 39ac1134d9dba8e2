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

/// Eight people take turns of a week at night and on weekends, of a day by day, and of half a day on holidays; somebody stands in at
/// Christmas. Two hours of Sunday are open, which is told.
fn schedule(text: &mut String, number: usize) {
    let person = |place: usize| format!("\"p{}\"", (number * 4 + place) % PEOPLE);
    let people = (0..8).map(person).collect::<Vec<_>>().join(", ");
    let _ = write!(
        text,
        "[schedules.s{number}]\nholidays = \"fr\"\nrotations = [\n\
         {{ people = [{people}], every = \"1 week\", from = 2026-01-05T08:00:00, hours = [\"mon..fri 18:00-08:00\", \"sat\", \"sun 00:00-10:00\", \"sun 12:00-24:00\", \"mon 00:00-08:00\"] }},\n\
         {{ people = [{people}], every = \"1 day\", from = 2026-01-05T08:00:00, hours = [\"mon..fri 08:00-18:00\"] }},\n\
         {{ people = [{people}], every = \"12 hours\", from = 2026-01-05T08:00:00, hours = [\"holidays\"], layer = 2 }},\n\
         ]\noverrides = [{{ person = {}, from = 2026-12-24T08:00:00, until = 2026-12-26T08:00:00 }}]\n\
         [groups.g{number}]\nmembers = [{people}]\n\
         [escalations.ladder-{number}]\nacknowledge = \"double\"\nrepeat = 2\nsteps = [\n\
         {{ notify = [\"schedule:s{number}\"], wait = \"5m\" }},\n\
         {{ notify = [\"schedule:s{number}\", \"schedule:s{}\", \"group:g{number}\"], wait = \"10m\" }},\n]\n",
        person(9),
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
