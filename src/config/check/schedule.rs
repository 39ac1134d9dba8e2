//! `[schedules.*]`: rotations, overrides, holidays; whether the hours are covered is the business of `coverage`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};
use toml::value::Datetime;

use super::site::Head;
use super::{Disk, refer};
use crate::config::calendar;
use crate::config::file::schedules::{self as written, Calendars};
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Place, nearest, quoted};
use crate::config::written::{List, Slot};
use crate::watch::name::{PersonId, ScheduleId};
use crate::watch::schedule::{
    Calendar, Holidays, Hours, Override, Rotation, Schedule, Turns, Wall, Window,
};

/// The calendars that are built in.
const BUILT_IN: [(&str, Calendar); 2] =
    [("fr", Calendar::France), ("fr-alsace-moselle", Calendar::AlsaceMoselle)];

/// Where calendars lie, and what those that were read say: each is read and told of once.
pub(super) struct Shelf<'d> {
    beside: PathBuf,
    disk: Disk<'d>,
    read: BTreeMap<PathBuf, Arc<BTreeSet<Date>>>,
}

impl<'d> Shelf<'d> {
    /// A calendar without a folder lies beside the main file.
    pub(super) fn beside(main: &str, disk: Disk<'d>) -> Self {
        let beside = Path::new(main).parent().unwrap_or(Path::new("")).to_owned();
        Self { beside, disk, read: BTreeMap::new() }
    }

    fn days(&mut self, file: &At<String>, findings: &mut Findings) -> Arc<BTreeSet<Date>> {
        let path = self.beside.join(&file.value);
        if let Some(days) = self.read.get(&path) {
            return Arc::clone(days);
        }
        let almanac = match self.disk {
            Disk::Look(..) => calendar::read(&path),
            Disk::Ignore => calendar::Almanac::default(),
        };
        for note in almanac.notes {
            let help = "its other days are holidays all the same; where it lies is told from the folder of the main file";
            findings.add(Finding::warning(file.place, note).help(help));
        }
        let days = Arc::new(almanac.days);
        self.read.insert(path, Arc::clone(&days));
        days
    }
}

/// Reads `[schedules.*]`.
pub(super) fn schedules(
    files: &Files,
    head: &Head,
    mut shelf: Shelf<'_>,
    findings: &mut Findings,
) -> BTreeMap<ScheduleId, Schedule> {
    let schedules = files.schedules.iter();
    let read = |named: &Named<written::Schedule>| {
        let id = ScheduleId::new(&named.name.value);
        (id, schedule(named, (files, head), &mut shelf, findings))
    };
    schedules.map(read).collect()
}

fn schedule(
    Named { name, table }: &Named<written::Schedule>,
    (files, head): (&Files, &Head),
    shelf: &mut Shelf<'_>,
    findings: &mut Findings,
) -> Schedule {
    let zone = table.time_zone.read().and_then(|written| super::site::zone(written, findings));
    let wall = Wall::of(zone.unwrap_or_else(|| head.zone.clone()));
    let holidays = table.holidays.value().map(|written| calendars(written, shelf, findings));
    let what = format!("the schedule {}", quoted(&name.value));
    let says = format!("{what} has");
    let overrides = overrides(
        table,
        &wall,
        |person, findings| refer(person, &says, "people", &files.people, findings),
        findings,
    );
    let list = table.rotations.read();
    if list.is_some_and(|list| list.value.is_empty)
        || (table.rotations.is_absent() && table.overrides.is_absent())
    {
        let place = list.map_or(table.place, |list| list.place);
        let sentence = format!("{what} has no rotation: nobody would ever be on call");
        findings
            .add(Finding::error(place, sentence).help("add rotations = [{ people = [\"…\"] }]"));
    }
    let mut rotations = Vec::new();
    for At { value, .. } in list.iter().flat_map(|list| &list.value.items) {
        let reader = Reader { wall: &wall, what: &what, place: value.place };
        let people = reader.people(value, files, findings);
        check_holidays(value, (&table.holidays, &what), findings);
        rotations.extend(reader.rotation(value, people, findings));
    }
    Schedule { wall, holidays: holidays.unwrap_or_default(), rotations, overrides }
}

fn calendars(written: &Calendars, shelf: &mut Shelf<'_>, findings: &mut Findings) -> Holidays {
    let calendar = |written: &At<String>| {
        let name = written.value.as_str();
        if let Some((_, calendar)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Some(calendar.clone());
        }
        let extension = Path::new(name).extension();
        if extension.is_some_and(|extension| extension.eq_ignore_ascii_case("ics")) {
            return Some(Calendar::Days(shelf.days(written, findings)));
        }
        let help = match nearest(name, BUILT_IN.iter().map(|(known, _)| *known)) {
            Some(known) => format!("did you mean {}?", quoted(known)),
            None => "write \"fr\", \"fr-alsace-moselle\", or the name of a file that ends in .ics"
                .to_owned(),
        };
        let sentence = format!("no calendar of holidays is called {}", quoted(name));
        findings.add(Finding::error(written.place, sentence).help(help));
        None
    };
    Holidays(written.0.iter().filter_map(calendar).collect())
}

fn overrides(
    table: &written::Schedule,
    wall: &Wall,
    is_known: impl Fn(&At<String>, &mut Findings) -> bool,
    findings: &mut Findings,
) -> Vec<Override> {
    let mut overrides = Vec::new();
    for At { value, .. } in table.overrides.value().into_iter().flat_map(|list| &list.items) {
        for (key, is_absent) in [
            ("person", value.person.is_absent()),
            ("from", value.from.is_absent()),
            ("until", value.until.is_absent()),
        ] {
            if is_absent {
                let help = "write { person = \"…\", from = 2026-12-24T08:00:00, until = 2026-12-26T08:00:00 }";
                findings.add(
                    Finding::error(value.place, format!("the override has no `{key}`")).help(help),
                );
            }
        }
        let person = value.person.read().filter(|person| is_known(person, findings));
        let span = span((&value.from, &value.until), "the override", wall, findings);
        if let (Some(person), Some((Some((_, from)), Some((_, until))))) = (person, span) {
            overrides.push(Override { person: PersonId::new(&person.value), from, until });
        }
    }
    // The last of the file comes first: it wins.
    overrides.reverse();
    overrides
}

/// What a wall shows, and when.
pub(super) type Read = Option<(DateTime, crate::watch::time::Utc)>;

/// From and until, as far as they stand; `None`: it ends before it begins.
pub(super) fn span(
    (from, until): (&Slot<Datetime>, &Slot<Datetime>),
    what: &str,
    wall: &Wall,
    findings: &mut Findings,
) -> Option<(Read, Read)> {
    let mut read = |slot: &Slot<Datetime>| {
        let shown = slot.read().and_then(|written| date_time(written, findings))?;
        Some((shown, wall.reached(shown)))
    };
    let (begins, ends) = (read(from), read(until));
    if let (Some((_, begins)), Some((_, ends)), Some(written)) = (begins, ends, until.read())
        && ends <= begins
    {
        let mut finding = Finding::error(written.place, format!("{what} ends before it begins"));
        if let Some(from) = from.read() {
            finding = finding.first(from.place);
        }
        findings.add(finding.help("write an `until` after `from`"));
        return None;
    }
    Some((begins, ends))
}

fn date_time(written: &At<Datetime>, findings: &mut Findings) -> Option<DateTime> {
    let (date, time) = (written.value.date?, written.value.time?);
    let read = || {
        let date = Date::new(
            i16::try_from(date.year).ok()?,
            i8::try_from(date.month).ok()?,
            i8::try_from(date.day).ok()?,
        );
        let second = i8::try_from(time.second.unwrap_or(0)).ok()?;
        let time = Time::new(
            i8::try_from(time.hour).ok()?,
            i8::try_from(time.minute).ok()?,
            second.min(59),
            0,
        );
        Some(DateTime::from_parts(date.ok()?, time.ok()?))
    };
    let read = read();
    if read.is_none() {
        let sentence = format!("no calendar has {}", written.value);
        findings
            .add(Finding::error(written.place, sentence).help("write a day and a time that exist"));
    }
    read
}

/// Holidays that nobody names are at no hour.
fn check_holidays(
    rotation: &written::Rotation,
    (calendars, what): (&Slot<Calendars>, &str),
    findings: &mut Findings,
) {
    let Some(hours) = rotation.hours.value().filter(|_| calendars.is_absent()) else { return };
    let on_holidays = |window: &&At<Window>| window.value.days.holidays;
    let Some(first) = hours.items.iter().find(on_holidays) else { return };
    let has_weekday = |window: &At<Window>| window.value.days.weekdays.contains(&true);
    let sentence = if hours.items.iter().any(has_weekday) {
        format!("`holidays` stands for no day: {what} has no key `holidays`")
    } else {
        format!(
            "this rotation is never on call: its hours are those of holidays, and {what} has no key `holidays`"
        )
    };
    let help = "add holidays = \"fr\", or the name of an iCalendar file";
    findings.add(Finding::error(first.place, sentence).help(help));
}

/// Reads a rotation.
struct Reader<'r> {
    wall: &'r Wall,
    what: &'r str,
    place: Place,
}

impl Reader<'_> {
    /// Who takes turns; somebody may have more of them than others.
    fn people(
        &self,
        rotation: &written::Rotation,
        files: &Files,
        findings: &mut Findings,
    ) -> Vec<PersonId> {
        let says = format!("{} has", self.what);
        if rotation.every.is_absent() {
            let spot = (&rotation.people, self.place, "people");
            return super::people::several(spot, self.what, &says, files, findings);
        }
        let Some(list) = rotation.people.read().filter(|list| !list.value.is_empty) else {
            let spot = (&rotation.people, self.place, "people");
            return super::people::several(spot, self.what, &says, files, findings);
        };
        let known = |person: &&At<String>| refer(person, &says, "people", &files.people, findings);
        let people: Vec<&At<String>> = list.value.items.iter().filter(known).collect();
        people.into_iter().map(|person| PersonId::new(&person.value)).collect()
    }

    fn rotation(
        &self,
        written: &written::Rotation,
        people: Vec<PersonId>,
        findings: &mut Findings,
    ) -> Option<Rotation> {
        let (from, until) =
            span((&written.from, &written.until), "the rotation", self.wall, findings)?;
        if let Some(every) =
            written.every.read().filter(|_| written.from.is_absent() && people.len() > 1)
        {
            let sentence = "whose turn it is cannot be known: `every` stands without `from`";
            let help = "add from = 2026-01-05T08:00:00, when the first one's first turn begins";
            findings.add(Finding::error(every.place, sentence).help(help));
            return None;
        }
        let turns = written.every.value().zip(from);
        Some(Rotation {
            people,
            turns: turns.map(|(every, (first, _))| Turns { first, every: *every }),
            hours: self.hours(&written.hours, findings),
            layer: written.layer.value().copied().unwrap_or(1),
            from: from.map(|(_, at)| at),
            until: until.map(|(_, at)| at),
        })
    }

    fn hours(&self, written: &Slot<List<Window>>, findings: &mut Findings) -> Option<Hours> {
        let list = written.read()?;
        if list.value.is_empty {
            let sentence = "this rotation is never on call: it has no hours";
            findings
                .add(Finding::error(list.place, sentence).help("take `hours` out, or name some"));
        }
        Some(Hours(list.value.items.iter().map(|window| window.value).collect()))
    }
}
