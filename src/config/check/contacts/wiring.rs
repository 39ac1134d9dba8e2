//! How a contact is wired: one line, a pair of which one is closed, or a loop whose bands say what a value means.

use vigie_contacts::{Band, Level, LoopRule, Meaning, PairRule, RuleError};

use super::device::{Device, foreign, place};
use super::{counter, latch, line, waits};
use crate::config::file::Named;
use crate::config::file::contacts::Line;
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::settings::{Beside, ContactSettings, LineSettings, Wiring};
use crate::config::written::{List, Slot};

/// No register holds more.
const HIGHEST: u32 = 65_535;

/// Reads one contact.
pub(super) fn contact(
    named: &Named<Line>,
    lines: &[Named<Line>],
    device: &Device,
    findings: &mut Findings,
) -> Option<ContactSettings> {
    let Named { name, table } = named;
    let rules = waits::rules(table, device, findings);
    let is_button = !table.button.is_absent();
    let at = line::line(table, device, findings);
    // A finger closes a button; a contact at rest is closed, so that a cut wire is an alarm.
    let at_rest = if is_button { Level::Open } else { Level::default() };
    let normally = table.normally.value().copied().unwrap_or(at_rest);
    let bands = bands(table, normally, findings);
    let beside = beside(table, device, findings);
    let pair = pair(table, normally, lines, device, findings);
    let (at, rules) = (at?, rules?);
    let wiring = match (pair, bands) {
        (Paired::No, None) if table.normal.is_absent() => {
            let beside = match beside {
                None => None,
                Some(read) => Some(read?),
            };
            Wiring::Single { at, beside }
        }
        (Paired::No, Some(rule)) => {
            let keys = [("counter", place(&table.counter)), ("latch", place(&table.latch))];
            foreign(&keys, "a contact of one bit", "a supervised loop", findings);
            Wiring::Loop { at, rule }
        }
        (Paired::With(other, rule), None) => {
            let keys = [("counter", place(&table.counter)), ("latch", place(&table.latch))];
            foreign(&keys, "a contact of one line", "a pair", findings);
            Wiring::Pair { at, other, rule }
        }
        (Paired::With(..), Some(_)) => {
            let keys = [("pair-with", place(&table.pair_with))];
            foreign(&keys, "contacts of one bit", "a supervised loop", findings);
            return None;
        }
        (Paired::No | Paired::Wrong, _) => return None,
    };
    let name = name.value.clone();
    Some(ContactSettings { name, normally, wiring, rules, button: None, is_told: true })
}

/// What the board has for this input beside its level; `Some(None)` where a complaint says what is wrong with it.
fn beside(table: &Line, device: &Device, findings: &mut Findings) -> Option<Option<Beside>> {
    if let (Some(counter), Some(latch)) = (place(&table.counter), place(&table.latch)) {
        let sentence = "an input has either a `counter` or a `latch`";
        let help = "take the latch out: a counter sees each pulse, and is not cleared";
        findings.add(Finding::error(latch, sentence).first(counter).help(help));
        return Some(None);
    }
    if let Some(latch) = table.latch.value() {
        return Some(latch::latch(latch, device, findings).map(Beside::Latch));
    }
    let counter = table.counter.read()?;
    Some(counter::counter(counter, table, device, findings).map(Beside::Counter))
}

/// A rule that the codec keeps, or its complaint.
pub(super) fn kept<T>(
    rule: Result<T, RuleError>,
    place: Place,
    help: &str,
    findings: &mut Findings,
) -> Option<T> {
    rule.map_err(|error| findings.add(Finding::error(place, error.to_string()).help(help))).ok()
}

/// Whether a line is paired.
enum Paired {
    No,
    With(LineSettings, PairRule),
    /// A complaint says why not.
    Wrong,
}

fn pair(
    table: &Line,
    normally: Level,
    lines: &[Named<Line>],
    device: &Device,
    findings: &mut Findings,
) -> Paired {
    let written = match &table.pair_with {
        Slot::Is(written) => written,
        Slot::Refused => return Paired::Wrong,
        Slot::Absent => {
            let keys = [("discrepancy", place(&table.discrepancy))];
            foreign(&keys, "a pair", "a line without `pair-with`", findings);
            return Paired::No;
        }
    };
    let Some(other) = lines.iter().find(|line| line.name.value == written.value) else {
        return Paired::Wrong;
    };
    let discrepancy = waits::discrepancy(table, device, findings);
    let place = place(&table.discrepancy).unwrap_or(written.place);
    let rule = PairRule::new(normally, discrepancy);
    let rule = kept(rule, place, "write \"500ms\", or leave it out", findings);
    match (line::line(&other.table, device, findings), rule) {
        (Some(other), Some(rule)) => Paired::With(other, rule),
        (None, _) | (_, None) => Paired::Wrong,
    }
}

fn bands(table: &Line, normally: Level, findings: &mut Findings) -> Option<LoopRule> {
    let written = [
        ("short", Meaning::Short, &table.short),
        ("normal", Meaning::Normal, &table.normal),
        ("alarm", Meaning::Alarm, &table.alarm),
        ("open", Meaning::Cut, &table.open),
    ];
    let there =
        written.iter().filter_map(|(key, meaning, slot)| Some((*key, *meaning, slot.read()?)));
    let there: Vec<_> = there.collect();
    let Some((first_key, _, first)) = there.first() else {
        let keys = [("hysteresis", place(&table.hysteresis))];
        foreign(&keys, "a supervised loop", "a line without bands", findings);
        return None;
    };
    if table.normal.is_absent() {
        let sentence =
            format!("`{first_key}` is a band of a supervised loop, which has no `normal`");
        let help = "add normal = [LOWEST, HIGHEST], the values while all is well";
        findings.add(Finding::error(first.place, sentence).help(help));
        return None;
    }
    let bands: Option<Vec<Band>> =
        there.iter().map(|(key, meaning, list)| band(key, *meaning, list, findings)).collect();
    let hysteresis = f64::from(table.hysteresis.value().copied().unwrap_or(0));
    let place = table.normal.read().map_or(first.place, |normal| normal.place);
    let help = "write each band as [LOWEST, HIGHEST], apart from each other, and a hysteresis that is smaller than half of `normal`";
    match LoopRule::new(normally, bands?, hysteresis) {
        Ok(rule) => Some(rule),
        Err(error) => {
            // The key of the band is `open`, as the contact would be; the codec says what it means.
            let sentence = error.to_string().replace("`cut`", "`open`");
            findings.add(Finding::error(place, sentence).help(help));
            None
        }
    }
}

fn band(
    key: &str,
    meaning: Meaning,
    list: &At<List<u32>>,
    findings: &mut Findings,
) -> Option<Band> {
    let values: Vec<u32> = list.value.items.iter().map(|value| value.value).collect();
    let [from, to] = values.as_slice() else {
        let sentence = format!("{} is a band, from its lowest value to its highest", quoted(key));
        findings.add(Finding::error(list.place, sentence).help("write [800, 1200]"));
        return None;
    };
    if *from > HIGHEST {
        let sentence =
            format!("{} begins above 65535, the highest value of a register", quoted(key));
        let help = "write the values as the board has them, before any scaling";
        findings.add(Finding::error(list.place, sentence).help(help));
        return None;
    }
    // A band that ends at a whole number holds that number, and the next one begins at the next.
    Some(Band { meaning, from: f64::from(*from), to: f64::from(*to) })
}
