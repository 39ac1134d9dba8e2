//! `swap` of `[alarms.*]`, and `[swaps.*]`: which groups there are, and when the calendar swaps them.

use std::collections::{BTreeMap, BTreeSet};

use super::refer;
use super::schedule::span;
use super::site::Head;
use crate::config::file::alarm::{Alarm, Swap as WrittenSwap};
use crate::config::file::swaps::Calendar;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, listed, quoted};
use crate::config::written::{List, Slot};
use crate::watch::answer::orders::plain;
use crate::watch::name::{PersonId, PolicyName, SwapGroup};
use crate::watch::schedule::{Hours, Rotation, Schedule, Wall, Window};
use crate::watch::swap::{Swap, Swaps};
use crate::watch::time::Utc;

/// The name of a group is no longer than this: it stands in short messages.
const NAME_LIMIT: usize = 20;

/// What an alarm says of its group.
pub(super) fn swap(
    Named { name, table }: &Named<Alarm>,
    files: &Files,
    findings: &mut Findings,
) -> Option<Swap> {
    let written = table.swap.read()?;
    let group = group(&written.value, findings)?;
    let Some(escalation) = written.value.escalation.read() else {
        if written.value.escalation.is_absent() {
            let finding = Finding::error(written.place, "this swap has no `escalation`");
            findings.add(finding.help("add escalation = \"…\", the one that is called meanwhile"));
        }
        return None;
    };
    let says = format!("while swapped, alarm {} escalates to", quoted(&name.value));
    if !refer(escalation, &says, "escalations", &files.escalations, findings) {
        return None;
    }
    if table.escalation.value() == Some(&escalation.value) {
        let sentence =
            format!("a swap changes nothing for {}: it is its own escalation", quoted(&name.value));
        let help = "name another one, or take `swap` out";
        findings.add(Finding::warning(escalation.place, sentence).help(help));
    }
    Some(Swap {
        group: SwapGroup::new(&group.value),
        escalation: PolicyName::new(&escalation.value),
    })
}

fn group<'w>(swap: &'w WrittenSwap, findings: &mut Findings) -> Option<&'w At<String>> {
    let Some(written) = swap.group.read() else {
        if swap.group.is_absent() {
            let finding = Finding::error(swap.place, "this swap has no `group`");
            findings
                .add(finding.help("add group = \"…\"; alarms of one group are swapped together"));
        }
        return None;
    };
    let name = &written.value;
    let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    if name.is_empty() || name.chars().count() > NAME_LIMIT || !name.chars().all(allowed) {
        let sentence = format!("{} cannot be the name of a swap group", quoted(name));
        let help = format!(
            "a name has up to {NAME_LIMIT} letters, digits, - and _, for people write it in an SMS"
        );
        findings.add(Finding::error(written.place, sentence).help(help));
        return None;
    }
    Some(written)
}

/// The groups that alarms name, and when the calendar swaps them.
pub(super) fn swaps(
    files: &Files,
    head: &Head,
    now: Option<Utc>,
    findings: &mut Findings,
) -> Swaps {
    let wall = Wall::of(head.zone.clone());
    let mut groups: BTreeMap<SwapGroup, BTreeSet<PolicyName>> = BTreeMap::new();
    let mut spelt: BTreeMap<String, &At<String>> = BTreeMap::new();
    for swap in files.alarms.iter().filter_map(|named| named.table.swap.value()) {
        let Some(group) = swap.group.read() else { continue };
        let first = *spelt.entry(plain(&group.value)).or_insert(group);
        if first.value != group.value {
            let sentence = format!(
                "{} and {} are one group in an SMS, where case and accents do not matter",
                quoted(&first.value),
                quoted(&group.value)
            );
            let finding = Finding::error(group.place, sentence).first(first.place);
            findings.add(finding.help("write both alike, or give one another name"));
        }
        let policies = groups.entry(SwapGroup::new(&group.value)).or_default();
        policies.extend(swap.escalation.value().map(|name| PolicyName::new(name)));
    }
    let mut calendar: BTreeMap<SwapGroup, Schedule> = BTreeMap::new();
    for named in &files.swaps {
        let Some(group) = calendar_group(named, &groups, findings) else { continue };
        let Some(window) = window(named, (&wall, now), findings) else { continue };
        let empty = || Schedule {
            wall: wall.clone(),
            rotations: Vec::new(),
            ..Schedule::always(Vec::new())
        };
        calendar.entry(group).or_insert_with(empty).rotations.push(window);
    }
    Swaps { groups, calendar, longest: head.longest_swap }
}

fn calendar_group(
    Named { name, table }: &Named<Calendar>,
    groups: &BTreeMap<SwapGroup, BTreeSet<PolicyName>>,
    findings: &mut Findings,
) -> Option<SwapGroup> {
    let Some(written) = table.group.read() else {
        if table.group.is_absent() {
            let sentence = format!("the swap {} has no `group`", quoted(&name.value));
            let help = "add group = \"…\", as `swap` in [alarms.NAME] names it";
            findings.add(Finding::error(table.place, sentence).help(help));
        }
        return None;
    };
    let group = SwapGroup::new(&written.value);
    if groups.contains_key(&group) {
        return Some(group);
    }
    // An alarm that a broken file would have defined is not missed.
    if findings.all_readable() {
        let known = || groups.keys().map(SwapGroup::as_str);
        let sentence = format!(
            "the swap {} is of {}, a group that no alarm names",
            quoted(&name.value),
            quoted(&written.value)
        );
        let help = findings.meant(&written.value, known()).unwrap_or_else(|| {
            if groups.is_empty() {
                format!(
                    "add swap = {{ group = \"{}\", escalation = \"…\" }} to an alarm",
                    written.value
                )
            } else {
                format!("the groups are {}", listed(known(), "and"))
            }
        });
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    None
}

/// When one of them swaps its group: once, or at hours of every week.
fn window(
    Named { name, table }: &Named<Calendar>,
    (wall, now): (&Wall, Option<Utc>),
    findings: &mut Findings,
) -> Option<Rotation> {
    let what = format!("the swap {}", quoted(&name.value));
    let (from, until) = (&table.from, &table.until);
    let missing =
        [("from", from), ("until", until)].into_iter().filter(|(_, slot)| slot.is_absent());
    for (key, _) in missing.filter(|_| table.hours.is_absent()) {
        let help = format!(
            "add {key} = 2026-12-07T08:00:00, or hours = [\"mon..fri 08:00-16:00\"]; a swap always has an end"
        );
        findings.add(Finding::error(table.place, format!("{what} has no `{key}`")).help(help));
    }
    let (begins, ends) = span((from, until), &what, wall, findings)?;
    let (begins, ends) = (begins.map(|(_, at)| at), ends.map(|(_, at)| at));
    if let (Some(written), Some(ends), Some(now)) = (until.read(), ends, now)
        && ends <= now
    {
        let finding = Finding::warning(written.place, format!("{what} is over"));
        findings.add(finding.help("take the table out, or give it another time"));
    }
    let hours = hours(&table.hours, &what, findings);
    if let (Some(hours), Some(written), true) = (&hours, table.hours.read(), until.is_absent())
        && hours.are_endless()
    {
        let sentence = format!("{what} never ends: its hours are the whole week");
        let help =
            "add until = 2026-12-07T08:00:00, or write hours that end; a swap always has an end";
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    if hours.is_none() && (begins.is_none() || ends.is_none()) {
        return None;
    }
    // It stands for nobody: only whether somebody is on call is asked.
    let people = vec![PersonId::new(&name.value)];
    Some(Rotation { people, turns: None, hours, layer: 1, from: begins, until: ends })
}

fn hours(slot: &Slot<List<Window>>, what: &str, findings: &mut Findings) -> Option<Hours> {
    let list = slot.read()?;
    if list.value.is_empty {
        let finding = Finding::error(list.place, format!("{what} has no hours"));
        findings.add(finding.help("name some, or take `hours` out and write `from` and `until`"));
    }
    if let Some(window) = list.value.items.iter().find(|window| window.value.days.holidays) {
        let sentence = "a swap knows no holidays: `holidays` stands for no day";
        findings.add(Finding::error(window.place, sentence).help("name days of the week"));
    }
    Some(Hours(list.value.items.iter().map(|window| window.value).collect()))
}
