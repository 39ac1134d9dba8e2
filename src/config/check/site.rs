//! `[site]`, `[store]`, `[control]`: the zone that there is, the last resort, paths, and times within bounds.

use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::{flapping, refer};
use crate::config::file::Files;
use crate::config::file::escalation::Stages;
use crate::config::finding::{At, Finding, Findings, Place, nearest, quoted};
use crate::config::written::Slot;
use crate::watch::flapping::FlappingRule;
use crate::watch::name::PolicyName;
use crate::watch::site::Language;

/// The longest path of a Unix socket (`sun_path`, without its final NUL).
const SOCKET_PATH_LIMIT: usize = 107;

/// No order swaps a group for longer, where nothing is said.
const LONGEST_SWAP: Duration = Duration::from_secs(24 * 3_600);

/// Nobody may lose the record of last week by a slip of the pen.
const SHORTEST_KEPT: Duration = Duration::from_secs(28 * 86_400);

/// Twice as long as a card may take by its standard when it tidies up.
const SLOW: Duration = Duration::from_secs(1);
/// What a good disk needs is not slow.
const QUICKEST: Duration = Duration::from_millis(50);
/// The kernel's patience with a disk ends after 30 s, the watchdog's after 60.
const SLOWEST: Duration = Duration::from_secs(10);

/// What the whole site has in common.
pub(super) struct Head {
    /// As people read it.
    pub(super) name: String,
    /// In which its clocks are.
    pub(super) zone: TimeZone,
    /// That of people who have none of their own.
    pub(super) language: Language,
    /// Whom to call when nobody else answers.
    pub(super) last_resort: Option<PolicyName>,
    /// 4 to 8.
    pub(super) code_digits: u8,
    /// No order to swap lasts longer.
    pub(super) longest_swap: Duration,
    /// No alarm is shelved for longer.
    pub(super) longest_shelving: Duration,
    /// When people are told what is out of service.
    pub(super) daily_list: Time,
    /// `None`: no alarm flaps.
    pub(super) flapping: Option<FlappingRule>,
}

/// Unless the files say otherwise what is out of service is listed when the day's shift has begun.
const DAILY_LIST: Time = jiff::civil::time(8, 0, 0, 0);

/// Unless the files say otherwise nobody shelves an alarm for longer: a shift and its handover.
const LONGEST_SHELVING: Duration = Duration::from_secs(12 * 3_600);
/// What is to be quiet for longer than a week is out of service, and is listed every day.
const A_WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Reads `[site]`.
pub(super) fn head(files: &Files, findings: &mut Findings) -> Head {
    let Some(site) = &files.site else {
        if findings.all_readable() {
            let help = "add [site] with name = \"…\" and time-zone = \"Europe/Paris\"";
            findings.add(Finding::error(Place::file(0), "no file has a [site] table").help(help));
        }
        let (name, zone, language) = (String::new(), TimeZone::UTC, Language::default());
        let (last_resort, flapping) = (None, Some(FlappingRule::default()));
        return Head {
            name,
            zone,
            language,
            last_resort,
            code_digits: 4,
            longest_shelving: LONGEST_SHELVING,
            daily_list: DAILY_LIST,
            longest_swap: LONGEST_SWAP,
            flapping,
        };
    };
    if site.name.is_absent() {
        findings.add(
            Finding::error(site.place, "the site has no `name`")
                .help("add name = \"…\", as people call it"),
        );
    } else if site.name.value().is_some_and(|name| name.trim().is_empty()) {
        findings.add(Finding::error(site.place, "the `name` of the site is empty"));
    }
    if site.time_zone.is_absent() {
        let help = "add time-zone = \"Europe/Paris\", or the one in which the people live";
        findings.add(Finding::error(site.place, "the site has no `time-zone`").help(help));
    }
    let zone =
        site.time_zone.read().and_then(|written| zone(written, findings)).unwrap_or(TimeZone::UTC);
    Head {
        name: site.name.value().cloned().unwrap_or_default(),
        zone,
        language: site.language.value().copied().unwrap_or_default(),
        last_resort: last_resort(files, findings),
        flapping: flapping::rule(&site.flapping, Some(FlappingRule::default()), findings),
        code_digits: site.code_digits.read().map_or(4, |written| code_digits(written, findings)),
        longest_swap: longest_swap(&site.longest_swap, findings),
        longest_shelving: site
            .longest_shelving
            .read()
            .map_or(LONGEST_SHELVING, |written| longest_shelving(written, findings)),
        daily_list: site
            .daily_list
            .read()
            .and_then(|written| time_of_day(written, findings))
            .unwrap_or(DAILY_LIST),
    }
}

/// The zone of that name; a complaint where there is none.
pub(super) fn zone(written: &At<String>, findings: &mut Findings) -> Option<TimeZone> {
    let found = TimeZone::get(&written.value).ok();
    if found.is_none() {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let city = |name: &&String| {
            name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&written.value))
        };
        let is_place = |name: &&str| !is_offset(name);
        let near = || nearest(&written.value, names.iter().map(String::as_str).filter(is_place));
        let help = if is_offset(&written.value) {
            "write the zone of a place, which also knows its summer time: \"Europe/Paris\""
                .to_owned()
        } else {
            names.iter().find(city).map(String::as_str).or_else(near).map_or_else(
                || "write the name of an IANA time zone, for example \"Europe/Paris\"".to_owned(),
                |name| format!("did you mean {}?", quoted(name)),
            )
        };
        let sentence = format!("no time zone is called {}", quoted(&written.value));
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    found
}

/// Whether it is so many hours from Greenwich, and no place. `Etc/GMT+1` is one hour to the west, which nobody means by
/// `GMT+1`: none of those is proposed.
fn is_offset(zone: &str) -> bool {
    let capitals = zone.trim().to_ascii_uppercase();
    let plain = capitals.strip_prefix("ETC/").unwrap_or(&capitals);
    let hours = plain.rsplit(['+', '-', ' ']).next().unwrap_or_default();
    let is_number = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
    };
    plain.starts_with("GMT") || plain.starts_with("UTC") || is_number(hours)
}

fn longest_swap(slot: &Slot<Duration>, findings: &mut Findings) -> Duration {
    let Some(written) = slot.read() else { return LONGEST_SWAP };
    if written.value.is_zero() {
        let finding =
            Finding::error(written.place, "`longest-swap` is zero: nothing could be swapped");
        findings.add(
            finding.help("leave it out for \"24h\"; who may swap stands in `may` of [people.NAME]"),
        );
    }
    written.value
}

fn code_digits(written: &At<u32>, findings: &mut Findings) -> u8 {
    match u8::try_from(written.value) {
        Ok(digits @ 4..=8) => digits,
        _ => {
            let sentence = format!("a code has 4 to 8 digits, not {}", written.value);
            findings.add(Finding::error(written.place, sentence).help("leave it out for 4"));
            4
        }
    }
}

fn longest_shelving(written: &At<Duration>, findings: &mut Findings) -> Duration {
    if !written.value.is_zero() && written.value <= A_WEEK {
        return written.value;
    }
    let sentence = if written.value.is_zero() {
        "nobody could shelve an alarm for so short a time"
    } else {
        "an alarm is shelved for a week at most"
    };
    let help = "leave it out for \"12h\"; what is to be quiet for longer is taken out of service";
    findings.add(Finding::error(written.place, sentence).help(help));
    LONGEST_SHELVING
}

/// A time as `07:30`; a complaint where it is none.
pub(super) fn time_of_day(written: &At<String>, findings: &mut Findings) -> Option<Time> {
    let parts = written.value.split_once(':').filter(|(_, minute)| minute.len() == 2);
    let time = parts
        .and_then(|(hour, minute)| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok());
    if time.is_none() {
        let sentence = format!("{} is no time of day", quoted(&written.value));
        findings.add(Finding::error(written.place, sentence).help("write for example \"08:00\""));
    }
    time
}

fn last_resort(files: &Files, findings: &mut Findings) -> Option<PolicyName> {
    let site = files.site.as_ref()?;
    let Some(written) = site.last_resort.read() else {
        if site.last_resort.is_absent() {
            let sentence = "no last resort: when a ladder was climbed in vain it is only climbed again, and Vigie's own alarms call nobody";
            let help = "add last-resort = \"…\", an escalation that calls everybody";
            findings.add(Finding::warning(site.place, sentence).help(help));
        }
        return None;
    };
    if !refer(written, "the last resort is", "escalations", &files.escalations, findings) {
        return None;
    }
    let policy = files.escalations.find(&written.value)?;
    if policy.table.acknowledge.value() == Some(&Stages::None) {
        let sentence =
            format!("the last resort {} asks nobody for an answer", quoted(&written.value));
        let finding = Finding::error(written.place, sentence).first(policy.table.place);
        findings.add(finding.help("write acknowledge = \"single\" there"));
    }
    Some(PolicyName::new(&written.value))
}

/// Reads `[store]`.
pub(super) fn store(files: &Files) -> PathBuf {
    let path = files.store.as_ref().and_then(|store| store.path.value().cloned());
    path.unwrap_or_else(|| PathBuf::from(crate::config::DEFAULT_STORE))
}

/// For how long the record is kept, if not for ever.
pub(super) fn keep(files: &Files, findings: &mut Findings) -> Option<Duration> {
    let written = files.store.as_ref()?.keep.read()?;
    if written.value < SHORTEST_KEPT {
        let finding = Finding::error(
            written.place,
            "the record is kept for four weeks at least: it tells why nobody came",
        );
        findings.add(
            finding
                .help("write for example keep = \"2 years\", or leave it out to keep everything"),
        );
        return None;
    }
    Some(written.value)
}

/// How long a write takes that is too slow.
pub(super) fn slow(files: &Files, findings: &mut Findings) -> Duration {
    let written = files.store.as_ref().and_then(|store| store.slow.read());
    let Some(written) = written else { return SLOW };
    if !(QUICKEST..=SLOWEST).contains(&written.value) {
        let finding = Finding::error(
            written.place,
            "a good disk needs up to \"50ms\" for a write, and of more than \"10s\" it would be told too late",
        );
        findings.add(finding.help("leave it out for \"1s\""));
    }
    written.value
}

/// Reads `[control]`.
pub(super) fn control(files: &Files, findings: &mut Findings) -> PathBuf {
    let written = files.control.as_ref().and_then(|control| control.socket.read());
    if let Some(written) =
        written.filter(|written| written.value.as_os_str().len() > SOCKET_PATH_LIMIT)
    {
        let sentence = format!("the path of a socket has at most {SOCKET_PATH_LIMIT} bytes");
        findings.add(
            Finding::error(written.place, sentence)
                .help("choose a shorter one, for example /run/vigie/vigie.sock"),
        );
    }
    written.map_or_else(
        || PathBuf::from(crate::config::DEFAULT_SOCKET),
        |written| written.value.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::is_offset;

    #[test]
    fn hours_from_greenwich_are_no_place() {
        for offset in
            ["GMT+1", "gmt1", "UTC+01:00", "Etc/GMT-1", "CET+1", "+02:00", "UTC +2", "GMT"]
        {
            assert!(is_offset(offset), "{offset}");
        }
        for place in ["Europe/Pariss", "Paris", "America/Port-au-Prince", "CET", "EST5EDT", ""] {
            assert!(!is_offset(place), "{place}");
        }
    }
}
