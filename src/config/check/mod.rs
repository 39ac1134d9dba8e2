//! The cross-checks: from the tables as written to types that cannot be wrong.
//!
//! Every check goes on after an error, so that all are told at once; what could not be built is
//! left out, and because an error was found the whole is then refused.

mod access;
mod alarm;
mod broker;
mod causes;
mod comparing;
mod condition;
mod contacts;
mod coverage;
mod drills;
mod escalation;
mod fields;
mod flapping;
mod from;
mod heartbeats;
mod length;
mod life_sign;
mod listening;
mod maintenance;
mod matching;
mod mibs;
mod mqtt;
mod outward;
mod paths;
mod people;
mod ping;
mod publishing;
mod reach;
mod reception;
mod says;
mod schedule;
mod secrets;
mod site;
mod storm;
mod swaps;
mod users;
mod wires;

use self::fields::Pages;
use self::schedule::Shelf;
use super::file::{Files, Tables};
use super::finding::{At, Finding, Findings, listed, quoted};
use super::mibs::Means;
use super::settings::Settings;
use super::source::Source;
use crate::watch::site::Site;
use crate::watch::time::Utc;

/// Whether files that the configuration names are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Disk<'d> {
    /// They are: this machine is the one that will run it. What may be done to know the names of MIB files, and what becomes of what
    /// anybody may write to.
    Look(Means<'d>, Open),
    /// They are not: a rehearsal or a test.
    Ignore,
}

/// What becomes of files, and of a place for the store, that every account of the machine may write to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Open {
    /// They are refused: somebody is there, or a daemon goes on.
    Refused,
    /// They are told of: nothing watches yet.
    Told,
}

/// Checks everything; what it gives is good only if no error was found.
pub(super) fn settings(
    files: &Files,
    sources: &[Source],
    disk: Disk<'_>,
    now: Option<Utc>,
    findings: &mut Findings,
) -> Settings {
    let head = site::head(files, findings);
    let people = people::people(files, &head, findings);
    let groups = people::groups(files, findings);
    let main = sources.first().map_or("", |source| &source.name);
    let schedules = schedule::schedules(files, &head, Shelf::beside(main, disk), findings);
    let policies = escalation::policies(files, findings);
    reach::check(files, findings);
    let gsm = wires::gsm(files, disk, findings);
    let snmp = wires::snmp(files, disk, findings);
    let (mqtt, topics) = mqtt::mqtt(files, disk, findings);
    let contacts = contacts::contacts(files, findings);
    let store = site::store(files);
    let mut mibs = mibs::mibs(files, &store, disk, findings);
    let known = drills::Known { people: &people, groups: &groups, schedules: &schedules };
    let drills = drills::drills(files, &head, known, findings);
    let life_sign = life_sign::life_sign(files, known, findings);
    mibs.keep_what_is_needed(files, findings, |mibs| {
        let mut tried = Findings::default();
        let wires = from::Wires { files, mibs, topics: &topics };
        let _ = alarm::definitions(wires, Pages(sources), &head, &drills, &mut tried);
        tried.errors()
    });
    let wires = from::Wires { files, mibs: &mibs, topics: &topics };
    let definitions = alarm::definitions(wires, Pages(sources), &head, &drills, findings);
    let maintenance = maintenance::maintenances(files, &head, findings);
    let control = site::control(files, findings);
    let storm = storm::storm(files, findings);
    let paths = paths::paths(files, &head, findings);
    let swaps = swaps::swaps(files, &head, now, findings);
    let site = Site {
        name: head.name,
        zone: head.zone,
        language: head.language,
        last_resort: head.last_resort,
        code_digits: head.code_digits,
        keep: site::keep(files, findings),
        slow_store: site::slow(files, findings),
        longest_shelving: head.longest_shelving,
        daily_list: head.daily_list,
        maintenance,
        people,
        groups,
        schedules,
        policies,
        definitions,
        storm,
        paths,
        swaps,
        heartbeats: heartbeats::of_inputs(files, findings),
        drills,
        life_sign,
    };
    if let Some(now) = now {
        coverage::prove(files, &site, now, findings);
    }
    access::check(files, sources, &store, disk, findings);
    let (names, catalogues) = mibs.into_settings();
    let metrics = outward::metrics(files, findings);
    let pings = ping::pings(files, disk, findings);
    let open = std::mem::take(&mut findings.open);
    Settings {
        site,
        store,
        control,
        gsm,
        snmp,
        mqtt,
        contacts,
        metrics,
        pings,
        names,
        catalogues,
        open,
    }
}

/// A name that something refers to: complains where no table of that section defines it.
fn refer<T>(
    written: &At<String>,
    says: &str,
    section: &str,
    known: &Tables<T>,
    findings: &mut Findings,
) -> bool {
    let defined = known.find(&written.value).is_some();
    // A table that a broken file would have defined is not missed.
    if !defined && findings.all_readable() {
        let sentence =
            format!("{says} {}, which no [{section}] table defines", quoted(&written.value));
        let help = findings.meant(&written.value, known.names());
        let help = help.unwrap_or_else(|| match known.names().count() {
            0 => format!("add a table [{section}.{}]", written.value),
            1 => format!("there is {}", listed(known.names(), "and")),
            2..=8 => format!("there are {}", listed(known.names(), "and")),
            _ => format!("there are {} and others", listed(known.names().take(8), ",")),
        });
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    defined
}
