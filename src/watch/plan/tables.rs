//! What of the files decides whether, how and when an alarm calls, without being whom: each table by a sum.
//!
//! That a table is another is told, and in which keys where it is an alarm's; what it says is not kept here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::definition::{Definition, Says, Selector};
use super::super::name::DefinitionName;
use super::super::site::Site;
use super::words::be;

/// What a key or a table says; it is compared, and not shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::watch) struct Sum(u64);

/// What the tables of the files say.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tables {
    /// Each alarm's keys, but for its ladders.
    alarms: BTreeMap<DefinitionName, BTreeMap<String, Sum>>,
    /// Other tables, as they are written in the files.
    others: BTreeMap<String, Sum>,
}

impl Sum {
    /// The sum of what this looks like.
    fn of(what: &impl Debug) -> Self {
        let digest: [u8; 32] = Sha256::digest(format!("{what:?}")).into();
        Self(digest.iter().take(8).fold(0, |sum, octet| sum << 8 | u64::from(*octet)))
    }
}

impl Tables {
    /// Those of this site.
    pub(super) fn of(site: &Site) -> Self {
        let alarms = site.definitions.configured();
        Self {
            alarms: alarms.map(|alarm| (alarm.name.clone(), keys(alarm))).collect(),
            others: others(site),
        }
    }

    /// What these say otherwise than those before, a sentence each.
    pub(super) fn changes(&self, before: &Self, said: &mut Vec<String>) {
        let mut otherwise: BTreeMap<Vec<&str>, Vec<&DefinitionName>> = BTreeMap::new();
        for (alarm, keys) in &self.alarms {
            let Some(old) = before.alarms.get(alarm) else { continue };
            let all: BTreeSet<&String> = keys.keys().chain(old.keys()).collect();
            let other = all.into_iter().filter(|key| keys.get(*key) != old.get(*key));
            let other: Vec<&str> = other.map(String::as_str).collect();
            if !other.is_empty() {
                otherwise.entry(other).or_default().push(alarm);
            }
        }
        for (keys, alarms) in otherwise {
            said.push(format!("{} defined otherwise: {}", be(&alarms), keys.join(", ")));
        }
        let all: BTreeSet<&String> = self.others.keys().chain(before.others.keys()).collect();
        for table in all {
            let is_whom = table.starts_with("[people.");
            match (before.others.get(table), self.others.get(table)) {
                (Some(old), Some(new)) if old == new => {}
                (Some(_), Some(_)) => said.push(format!("{table} is another")),
                // Who comes or goes without being called concerns no alarm.
                (None, Some(_)) if !is_whom => said.push(format!("{table} is new")),
                (Some(_), None) if !is_whom => said.push(format!("{table} is gone")),
                (None | Some(_), None | Some(_)) => {}
            }
        }
    }
}

/// What an alarm's keys say, where they say anything.
fn keys(alarm: &Definition) -> BTreeMap<String, Sum> {
    let from = |selector: &Selector| selector.to_string();
    let matches = alarm.matches.fields().iter();
    let matches = matches.map(|field| {
        let any_of: Vec<&str> = field.any_of.iter().map(|pattern| pattern.written()).collect();
        (&field.field, any_of)
    });
    let grade = alarm.priority.iter();
    let grade = grade.map(|grade| (grade.when.as_ref().map(|when| when.source()), grade.is));
    let quiet = alarm.suppressed_by.iter();
    let quiet = quiet.map(|by| (&by.definition, by.key.as_ref().map(|key| key.source())));
    let mut keys = vec![
        ("from", Sum::of(&alarm.from.iter().map(from).collect::<Vec<_>>())),
        ("match", Sum::of(&matches.collect::<Vec<_>>())),
        ("key", Sum::of(&alarm.key.source())),
        ("on-delay", Sum::of(&alarm.on_delay)),
        ("off-delay", Sum::of(&alarm.off_delay)),
        ("latch", Sum::of(&alarm.latch)),
        ("priority", Sum::of(&grade.collect::<Vec<_>>())),
        ("text", Sum::of(&alarm.text.source())),
        ("procedure", Sum::of(&alarm.procedure)),
        ("flapping", Sum::of(&alarm.flapping)),
        ("heartbeat", Sum::of(&alarm.heartbeat)),
        ("cleared-by", Sum::of(&alarm.cleared_by)),
        ("suppressed-by", Sum::of(&quiet.collect::<Vec<_>>())),
        ("momentary", Sum::of(&matches!(alarm.says, Says::Momentary(_)))),
    ];
    keys.extend(alarm.says.conditions().map(|(key, says)| (key, Sum::of(&says.source()))));
    keys.into_iter().map(|(key, sum)| (key.to_owned(), sum)).collect()
}

/// The tables besides alarms, escalations, groups and schedules.
fn others(site: &Site) -> BTreeMap<String, Sum> {
    let times = (site.longest_shelving, site.daily_list, site.swaps.longest);
    let about = (&site.name, site.zone.iana_name(), site.language, site.code_digits, times);
    let mut all =
        vec![("[site]".to_owned(), Sum::of(&about)), ("[storm]".to_owned(), Sum::of(&site.storm))];
    all.extend(site.life_sign.iter().map(|sign| ("[life-sign]".to_owned(), Sum::of(sign))));
    all.extend(site.people.iter().map(|(id, who)| {
        let rest = (&who.name, &who.modem, &who.user, who.language, &who.may);
        (format!("[people.{id}]"), Sum::of(&rest))
    }));
    let windows = site.maintenance.windows().into_iter();
    all.extend(windows.map(|(name, window)| (format!("[maintenance.{name}]"), Sum::of(&window))));
    let calendar = site.swaps.calendar.iter();
    all.extend(calendar.map(|(group, times)| (format!("[swaps.{group}]"), Sum::of(times))));
    let drills = site.drills.iter();
    all.extend(drills.map(|(name, drill)| (format!("[drills.{name}]"), Sum::of(drill))));
    let paths = site.paths.iter();
    all.extend(paths.map(|(modem, path)| (format!("`loop-back` of [{modem}]"), Sum::of(path))));
    let heard = site.heartbeats.iter();
    all.extend(heard.map(|(input, every)| (format!("`heartbeat` of [{input}]"), Sum::of(every))));
    all.into_iter().collect()
}
