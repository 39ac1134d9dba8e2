//! The files as they are written, table by table; the doc comments are the manual's text.
//!
//! Nothing is checked here but what one value alone shows. What a name refers to, and whether
//! the whole holds together, is the business of [`super::check`].

pub(super) mod alarm;
pub(super) mod contacts;
pub(super) mod drills;
pub(super) mod escalation;
pub(super) mod flapping;
pub(super) mod life_sign;
pub(super) mod maintenance;
pub(super) mod mqtt;
pub(super) mod outputs;
pub(super) mod outward;
pub(super) mod people;
pub(super) mod schedules;
pub(super) mod site;
pub(super) mod swaps;
pub(super) mod users;
pub(super) mod wires;

use std::collections::HashMap;

use toml::de::{DeTable, DeValue};

use super::finding::{At, Finding, Findings, Place, quoted};
use super::table::{self, Keys, Table};
use super::written::{called, hide_all};

/// All tables of all files.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) site: Option<site::Site>,
    pub(super) store: Option<site::Store>,
    pub(super) control: Option<site::Control>,
    pub(super) storm: Option<site::Storm>,
    pub(super) metrics: Option<outward::Metrics>,
    pub(super) life_sign: Option<life_sign::LifeSign>,
    pub(super) people: Tables<people::Person>,
    pub(super) groups: Tables<people::Group>,
    pub(super) schedules: Tables<schedules::Schedule>,
    pub(super) escalations: Tables<escalation::Escalation>,
    pub(super) gsm: Tables<wires::Gsm>,
    pub(super) snmp: Tables<wires::Snmp>,
    pub(super) mqtt: Tables<mqtt::Mqtt>,
    pub(super) contacts: Tables<contacts::Contacts>,
    pub(super) alarms: Tables<alarm::Alarm>,
    pub(super) drills: Tables<drills::Drill>,
    pub(super) swaps: Tables<swaps::Calendar>,
    pub(super) maintenance: Tables<maintenance::Maintenance>,
    pub(super) ping: Tables<outward::Ping>,
}

/// The named tables of a section, in the order of the files.
#[derive(Debug)]
pub(super) struct Tables<T> {
    list: Vec<Named<T>>,
    places: HashMap<String, usize>,
}

/// A table that bears a name: `[people.marie]`.
#[derive(Debug)]
pub(super) struct Named<T> {
    /// The name, with its place.
    pub(super) name: At<String>,
    /// What stands in it.
    pub(super) table: T,
}

/// The sections of which there is one.
const SINGLE: [&str; 6] = ["site", "store", "control", "storm", "metrics", "life-sign"];
/// The sections that hold named tables.
const MANY: [&str; 13] = [
    "people",
    "groups",
    "schedules",
    "escalations",
    "gsm",
    "snmp",
    "mqtt",
    "contacts",
    "alarms",
    "drills",
    "swaps",
    "maintenance",
    "ping",
];
/// A name is no longer than this.
const NAME_LIMIT: usize = 64;

/// Every key that this version knows and does, by the section in which it stands.
pub fn keys() -> Vec<(&'static str, Keys)> {
    vec![
        ("site", site::Site::KEYS),
        ("site.flapping", flapping::Flapping::KEYS),
        ("store", site::Store::KEYS),
        ("control", site::Control::KEYS),
        ("storm", site::Storm::KEYS),
        ("metrics", outward::Metrics::KEYS),
        ("life-sign", life_sign::LifeSign::KEYS),
        ("people", people::Person::KEYS),
        ("groups", people::Group::KEYS),
        ("schedules", schedules::Schedule::KEYS),
        ("schedules.rotations", schedules::Rotation::KEYS),
        ("schedules.overrides", schedules::Override::KEYS),
        ("escalations", escalation::Escalation::KEYS),
        ("escalations.steps", escalation::Step::KEYS),
        ("drills", drills::Drill::KEYS),
        ("gsm", wires::Gsm::KEYS),
        ("gsm.loop-back", wires::LoopBack::KEYS),
        ("gsm.credit", wires::Credit::KEYS),
        ("snmp", wires::Snmp::KEYS),
        ("snmp.heartbeats", wires::Heartbeat::KEYS),
        ("snmp.users", users::User::KEYS),
        ("snmp.users.auth", users::Auth::KEYS),
        ("snmp.users.priv", users::Priv::KEYS),
        ("mqtt", mqtt::Mqtt::KEYS),
        ("mqtt.publish", mqtt::Publish::KEYS),
        ("contacts", contacts::Contacts::KEYS),
        ("contacts.lines", contacts::Line::KEYS),
        ("contacts.lines.counter", contacts::Counter::KEYS),
        ("contacts.lines.latch", contacts::Latch::KEYS),
        ("contacts.lines.latch.clear", contacts::Clear::KEYS),
        ("contacts.lines.chatter", contacts::Chatter::KEYS),
        ("contacts.lines.button", outputs::Button::KEYS),
        ("contacts.outputs", outputs::Output::KEYS),
        ("alarms", alarm::Alarm::KEYS),
        ("alarms.priority", alarm::Grade::KEYS),
        ("alarms.swap", alarm::Swap::KEYS),
        ("swaps", swaps::Calendar::KEYS),
        ("maintenance", maintenance::Maintenance::KEYS),
        ("ping", outward::Ping::KEYS),
    ]
}

impl Files {
    /// Adds the tables of one file.
    pub(super) fn add(&mut self, root: &DeTable<'_>, source: usize, findings: &mut Findings) {
        let file = Place::file(source);
        for (key, value) in root {
            let name: &str = key.get_ref();
            let at = file.span(&key.span());
            let section =
                Section { name, at, value: value.get_ref(), place: file.span(&value.span()) };
            match name {
                "site" => section.one(&mut self.site, |site| site.place, findings),
                "store" => section.one(&mut self.store, |store| store.place, findings),
                "control" => section.one(&mut self.control, |control| control.place, findings),
                "storm" => section.one(&mut self.storm, |storm| storm.place, findings),
                "metrics" => section.one(&mut self.metrics, |metrics| metrics.place, findings),
                "life-sign" => section.one(&mut self.life_sign, |life| life.place, findings),
                "people" => section.many(&mut self.people, findings),
                "groups" => section.many(&mut self.groups, findings),
                "schedules" => section.many(&mut self.schedules, findings),
                "escalations" => section.many(&mut self.escalations, findings),
                "gsm" => section.many(&mut self.gsm, findings),
                "snmp" => section.many(&mut self.snmp, findings),
                "mqtt" => section.many(&mut self.mqtt, findings),
                "contacts" => section.many(&mut self.contacts, findings),
                "alarms" => section.many(&mut self.alarms, findings),
                "drills" => section.many(&mut self.drills, findings),
                "swaps" => section.many(&mut self.swaps, findings),
                "maintenance" => section.many(&mut self.maintenance, findings),
                "ping" => section.many(&mut self.ping, findings),
                _ => section.refuse(findings),
            }
        }
    }

    /// Puts the tables in the order of the files: the tree has them in that of the alphabet.
    pub(super) fn sort(&mut self) {
        self.people.sort();
        self.groups.sort();
        self.schedules.sort();
        self.escalations.sort();
        self.gsm.sort();
        self.snmp.sort();
        self.mqtt.sort();
        self.contacts.sort();
        self.alarms.sort();
        self.drills.sort();
        self.swaps.sort();
        self.maintenance.sort();
        self.ping.sort();
    }
}

impl<T> Default for Tables<T> {
    fn default() -> Self {
        Self { list: Vec::new(), places: HashMap::new() }
    }
}

impl<T> Tables<T> {
    /// The table of that name.
    pub(super) fn find(&self, name: &str) -> Option<&Named<T>> {
        self.list.get(*self.places.get(name)?)
    }

    /// All their names, in the order of the files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|named| named.name.value.as_str())
    }

    /// All, in the order of the files.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Named<T>> {
        self.list.iter()
    }

    fn add(&mut self, named: Named<T>) {
        self.places.insert(named.name.value.clone(), self.list.len());
        self.list.push(named);
    }

    fn sort(&mut self) {
        self.list.sort_by_key(|named| named.name.place);
        self.places = self
            .list
            .iter()
            .enumerate()
            .map(|(place, named)| (named.name.value.clone(), place))
            .collect();
    }
}

impl<'t, T> IntoIterator for &'t Tables<T> {
    type Item = &'t Named<T>;
    type IntoIter = std::slice::Iter<'t, Named<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One key of the top of a file.
struct Section<'t> {
    name: &'t str,
    at: Place,
    value: &'t DeValue<'t>,
    place: Place,
}

impl Section<'_> {
    fn one<T: Table>(
        &self,
        slot: &mut Option<T>,
        place: impl Fn(&T) -> Place,
        findings: &mut Findings,
    ) {
        let DeValue::Table(table) = self.value else {
            return self.no_table(findings);
        };
        let read: T = table::read(table, self.place, findings);
        match slot {
            Some(first) => {
                let sentence = format!("the table [{}] stands in two files", self.name);
                let finding = Finding::error(self.place, sentence).first(place(first));
                findings.add(finding.help("keep one of the two"));
            }
            None => *slot = Some(read),
        }
    }

    fn many<T: Table>(&self, tables: &mut Tables<T>, findings: &mut Findings) {
        let DeValue::Table(table) = self.value else {
            return self.no_table(findings);
        };
        for (key, value) in table {
            let name: &str = key.get_ref();
            let at = self.place.span(&key.span());
            let DeValue::Table(inner) = value.get_ref() else {
                if T::SECRETS {
                    hide_all(value.get_ref(), self.place.span(&value.span()), findings);
                }
                let sentence = format!(
                    "{} stands directly in [{}], where each name has a table of its own",
                    quoted(name),
                    self.name
                );
                findings.add(
                    Finding::error(at, sentence)
                        .help(format!("write [{}.NAME] above it", self.name)),
                );
                continue;
            };
            let table = table::read(inner, self.place.span(&value.span()), findings);
            check_name(self.name, name, at, findings);
            match tables.find(name) {
                Some(first) => {
                    let sentence = format!("[{}.{name}] stands in two files", self.name);
                    let finding = Finding::error(at, sentence).first(first.name.place);
                    findings.add(finding.help("give one of the two another name, or take it out"));
                }
                None => tables.add(Named { name: At::new(name.to_owned(), at), table }),
            }
        }
    }

    fn no_table(&self, findings: &mut Findings) {
        hide_all(self.value, self.place, findings);
        let named = MANY.contains(&self.name);
        let help = if named {
            format!("write [{}.NAME]", self.name)
        } else {
            format!("write [{}]", self.name)
        };
        let sentence = format!("{} must be a table, not {}", quoted(self.name), called(self.value));
        findings.add(Finding::error(self.at, sentence).help(help));
    }

    fn refuse(&self, findings: &mut Findings) {
        hide_all(self.value, self.place, findings);
        let known = SINGLE.iter().chain(&MANY).copied();
        let help = findings.meant(self.name, known).unwrap_or_else(|| {
            format!(
                "the tables are {}",
                SINGLE.iter().chain(&MANY).copied().collect::<Vec<_>>().join(", ")
            )
        });
        let what = if matches!(self.value, DeValue::Table(_)) { "table" } else { "key" };
        findings.add(
            Finding::error(self.at, format!("no {what} is called {}", quoted(self.name)))
                .help(help),
        );
    }
}

fn check_name(section: &str, name: &str, at: Place, findings: &mut Findings) {
    let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    if name.is_empty() || name.chars().count() > NAME_LIMIT || !name.chars().all(allowed) {
        let sentence = format!("{} cannot be a name in [{section}.NAME]", quoted(name));
        let help = format!("a name has up to {NAME_LIMIT} letters, digits, - and _");
        findings.add(Finding::error(at, sentence).help(help));
    }
}
