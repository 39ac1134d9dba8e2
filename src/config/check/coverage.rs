//! Coverage: every hour of the next twelve months at which a step would call nobody is found here, and not at night.
//!
//! Only what the files say is looked at: overrides that people take by SMS come and go. It is asked of files without an error, since
//! of others nobody knows what they would say.

mod gaps;

use std::collections::BTreeMap;

use jiff::ToSpan;

use self::gaps::{Gap, told};
use crate::config::file::Files;
use crate::config::finding::{Finding, Findings, Place, quoted};
use crate::watch::name::ScheduleId;
use crate::watch::schedule::Schedule;
use crate::watch::site::{Recipient, Site, Step};
use crate::watch::time::Utc;

/// So long before now a gap is looked for in which we stand: where it recurs, it shall be told from its beginning.
const BEFORE: std::time::Duration = std::time::Duration::from_secs(8 * 86_400);

/// Finds every hour of the next twelve months at which a step, or a schedule that a step names, calls nobody.
pub(super) fn prove(files: &Files, site: &Site, now: Utc, findings: &mut Findings) {
    if findings.errors() > 0 || !findings.all_readable() {
        return;
    }
    let horizon = horizon(now);
    let mut known: BTreeMap<&ScheduleId, Vec<Gap>> = BTreeMap::new();
    for step in site.policies.values().flat_map(|policy| &policy.steps) {
        for recipient in &step.notify {
            if let Recipient::Schedule(id) = recipient
                && let Some(schedule) = site.schedules.get(id)
            {
                known.entry(id).or_insert_with(|| uncovered(schedule, (now, horizon)));
            }
        }
    }
    for named in &files.schedules {
        let id = ScheduleId::new(&named.name.value);
        let found = known.get(&id).zip(site.schedules.get(&id));
        if let Some((gaps, schedule)) = found.filter(|(gaps, _)| !gaps.is_empty()) {
            let hours = told(gaps, &schedule.wall, (now, horizon));
            let sentence =
                format!("nobody is on call for the schedule {} {hours}", quoted(&named.name.value));
            let help = "add a rotation with these hours, in a lower layer for example; a step that calls nobody is skipped at once";
            findings.add(Finding::warning(named.table.place, sentence).help(help));
        }
    }
    for named in &files.escalations {
        let Some(policy) = site.policies.get(named.name.value.as_str()) else { continue };
        let written = named.table.steps.value().into_iter().flat_map(|steps| &steps.items);
        for (number, (step, written)) in policy.steps.iter().zip(written).enumerate() {
            let Some((schedule, gaps)) = step_gaps(step, site, &known) else { continue };
            let hours = told(&gaps, &schedule.wall, (now, horizon));
            let (number, name) = (number.saturating_add(1), quoted(&named.name.value));
            let sentence = format!("step {number} of {name} reaches nobody {hours}");
            let place: Place =
                written.value.notify.read().map_or(written.value.place, |notify| notify.place);
            let help =
                "call somebody else there too; a step that reaches nobody is skipped at once";
            findings.add(Finding::warning(place, sentence).help(help));
        }
    }
}

/// A year from now, at the same hour.
fn horizon(now: Utc) -> Utc {
    let year = now.timestamp().to_zoned(jiff::tz::TimeZone::UTC).checked_add(1.year());
    year.map_or(now, |then| then.timestamp().into())
}

/// When nobody is on call; a gap in which we stand is known from its beginning, or from some days ago.
fn uncovered(schedule: &Schedule, (now, horizon): (Utc, Utc)) -> Vec<Gap> {
    let stretches = schedule.stretches(now.before(BEFORE), horizon).into_iter();
    let gaps = stretches.filter(|stretch| stretch.people.is_empty() && stretch.until > now);
    gaps.map(|gap| Gap { from: gap.from, until: gap.until }).collect()
}

/// When a step of several schedules calls nobody: of a single one that is told where it stands. Everybody whom a step names has a phone,
/// or the files are wrong.
fn step_gaps<'s>(
    step: &Step,
    site: &'s Site,
    known: &BTreeMap<&ScheduleId, Vec<Gap>>,
) -> Option<(&'s Schedule, Vec<Gap>)> {
    let mut shared: Option<(&Schedule, Vec<Gap>)> = None;
    for recipient in &step.notify {
        let Recipient::Schedule(id) = recipient else { return None };
        let (schedule, gaps) = (site.schedules.get(id)?, known.get(id)?);
        shared = Some(match shared {
            None => (schedule, gaps.clone()),
            Some((first, before)) => (first, gaps::shared(&before, gaps)),
        });
    }
    shared.filter(|(_, gaps)| step.notify.len() > 1 && !gaps.is_empty())
}
