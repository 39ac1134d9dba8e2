//! `[life-sign]`: who is told every day that Vigie watches, and when.

use jiff::civil::Time;

use super::drills::{Known, without_number};
use super::escalation::recipient;
use super::site::time_of_day;
use crate::config::file::Files;
use crate::config::file::life_sign::LifeSign as Table;
use crate::config::finding::{Finding, Findings, quoted};
use crate::config::written::Slot;
use crate::watch::life_sign::LifeSign;
use crate::watch::schedule::DAY;
use crate::watch::site::Recipient;

/// Where nothing is said: before the day's shift begins, so that whoever misses it can look before it.
const AT: Time = jiff::civil::time(7, 30, 0, 0);
/// How complaints call it.
const WHAT: &str = "the sign of life";

/// Reads `[life-sign]`.
pub(super) fn life_sign(
    files: &Files,
    known: Known<'_>,
    findings: &mut Findings,
) -> Option<LifeSign> {
    let table = files.life_sign.as_ref()?;
    let notify = notify(table, files, known, findings);
    let at = table.at.read().and_then(|written| time_of_day(written, findings)).unwrap_or(AT);
    let weekdays = weekdays(table, findings);
    if files.gsm.names().next().is_none() && findings.all_readable() {
        let sentence = "the sign of life goes by SMS, and there is no modem";
        let help = "add a table [gsm.NAME] with the `device` of a modem";
        findings.add(Finding::warning(table.place, sentence).help(help));
    }
    Some(LifeSign { notify, at, weekdays })
}

/// Who is told. Who has no number is not, which is said before the first morning.
fn notify(
    table: &Table,
    files: &Files,
    known: Known<'_>,
    findings: &mut Findings,
) -> Vec<Recipient> {
    let Slot::Is(list) = &table.notify else {
        if table.notify.is_absent() {
            let finding = Finding::error(table.place, "the sign of life has no `notify`");
            findings.add(finding.help("add notify = [\"person:…\"], or take the table out"));
        }
        return Vec::new();
    };
    if list.value.is_empty {
        let finding = Finding::error(list.place, "the sign of life is told to nobody");
        findings.add(finding.help("name somebody: [\"person:…\"], or take the table out"));
    }
    let mut read = Vec::new();
    for written in &list.value.items {
        let Some(recipient) = recipient(written, WHAT, files, findings) else { continue };
        if let Some(person) = without_number(&recipient, known) {
            let sentence =
                format!("{} has no `phone` and is told the sign of life", quoted(person.as_str()));
            let help = "give them one, or take them out";
            findings.add(Finding::error(written.place, sentence).help(help));
        }
        read.push(recipient);
    }
    read
}

/// On which days of the week, Monday first.
fn weekdays(table: &Table, findings: &mut Findings) -> [bool; 7] {
    let Some(list) = table.days.read() else { return [true; 7] };
    if list.value.is_empty {
        let finding = Finding::error(list.place, "the sign of life is given on no day");
        findings.add(finding.help("leave `days` out for every day"));
    }
    let mut on = [false; 7];
    for written in &list.value.items {
        let days = written.value.days;
        let wrong = if days.holidays {
            Some("the sign of life does not know holidays")
        } else if (written.value.from, written.value.until) != (0, DAY) {
            Some("the time of the sign of life is `at`, and `days` has days alone")
        } else {
            None
        };
        if let Some(sentence) = wrong {
            let help = "write for example days = [\"mon..fri\"]";
            findings.add(Finding::error(written.place, sentence).help(help));
        }
        on.iter_mut().zip(days.weekdays).for_each(|(on, day)| *on |= day);
    }
    on
}
