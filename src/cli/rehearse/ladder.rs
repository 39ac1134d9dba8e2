//! `vigie rehearse ALARM`: the ladder of an alarm at some time, if nobody answers.
//!
//! It runs until the last resort would begin again, or as long as is asked for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Zoned;

use super::super::arguments::Rehearse;
use super::super::check;
use super::super::sysexit::Sysexit;
use super::super::terminal::{Style, Terminal};
use super::night::{Night, NightError};
use super::own;
use super::sample::{Rehearsed, Sample};
use super::transcript::tag;
use super::words::{length, value};
use super::{instant, write};
use crate::config::Settings;
use crate::host::clock::Clock;
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::escalation::{Ladder, Phase};
use crate::watch::event::Happening;
use crate::watch::name::{DefinitionName, InputName};
use crate::watch::signal::Value;
use crate::watch::site::Site;
use crate::watch::time::Utc;

/// Without `--for`, no rehearsal looks further ahead.
const HORIZON: Duration = Duration::from_secs(7 * 24 * 3_600);
/// No more steps are played than this: a ladder of seconds over a week helps nobody.
const STEPS: usize = 10_000;

/// What is asked, read.
struct Asked {
    at: Zoned,
    length: Option<Duration>,
    fields: Vec<(String, Value)>,
}

pub(super) fn rehearse(config: &Path, asked: &Rehearse, terminal: &mut Terminal) -> Sysexit {
    let settings = match check::settings(config, terminal) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let zone = settings.site.zone.clone();
    let now = Clock::new().now().utc.timestamp().to_zoned(zone);
    let read = match read(asked, &now) {
        Ok(read) => read,
        Err(problem) => {
            terminal.complain(format_args!("vigie: {problem}"));
            return Sysexit::Usage;
        }
    };
    let Some(definition) = settings.site.definitions.get(&asked.what) else {
        terminal.complain(unknown(&settings.site, &asked.what));
        return Sysexit::BadInput;
    };
    let at = Utc::from(read.at.timestamp());
    let key = asked.key.as_deref();
    let rehearsed = match own::told(&settings.site, &definition.name, &read.fields, key, at) {
        None => vec![Sample::new(definition, read.fields.clone(), at).activate(definition, key)],
        Some(told) => {
            for note in &told.notes {
                let note = terminal.styled(Style::Warning, format_args!("note: {note}"));
                terminal.line(note);
            }
            told.activate(definition, key, at)
        }
    };
    if rehearsed.is_empty() {
        terminal.line("nobody is called");
        return Sysexit::Ok;
    }
    for one in &rehearsed {
        headline(one, &settings, &read, terminal);
    }
    match climb(settings, rehearsed, &read, terminal) {
        Ok(()) => Sysexit::Ok,
        Err(error) => {
            terminal.complain(format_args!("vigie: {error}"));
            Sysexit::Software
        }
    }
}

fn read(asked: &Rehearse, now: &Zoned) -> Result<Asked, String> {
    let at = match &asked.at {
        None => now.clone(),
        Some(written) => instant::read(written, now).ok_or_else(|| {
            format!("`{written}` is no time: write \"sunday 03:00\", \"2026-12-24 18:00\", \"03:00\" or RFC 3339")
        })?,
    };
    let length = asked.length.as_deref().map(length).transpose()?;
    let field = |written: &String| match written.split_once('=') {
        Some((name, written)) if !name.is_empty() => Ok((name.to_owned(), value(written))),
        Some(_) | None => Err(format!("`{written}` is no field: write --set name=value")),
    };
    let fields = asked.set.iter().map(field).collect::<Result<_, _>>()?;
    Ok(Asked { at, length, fields })
}

fn unknown(site: &Site, name: &str) -> String {
    let known = site.definitions.iter().map(|definition| definition.name.as_str());
    let near = known.map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    match near {
        Some((distance, known)) if distance <= 3.max(name.chars().count() / 3) => {
            format!("vigie: no alarm is called `{name}`; did you mean `{known}`?")
        }
        Some(_) | None => {
            let all: Vec<&str> =
                site.definitions.configured().map(|known| known.name.as_str()).collect();
            format!("vigie: no alarm is called `{name}`; there are: {}", all.join(", "))
        }
    }
}

fn headline(rehearsed: &Rehearsed, settings: &Settings, read: &Asked, terminal: &mut Terminal) {
    let definition = &rehearsed.definition;
    let at = read.at.strftime("%A %Y-%m-%d %H:%M:%S %Z");
    let swaps = &settings.site.swaps;
    let swapped = swaps.by_calendar(definition.swap.as_ref(), read.at.timestamp().into());
    let policy = match (swapped, &definition.escalation) {
        (Some((swap, until)), _) => {
            let until = until.timestamp().to_zoned(settings.site.zone.clone());
            let until = until.strftime("%Y-%m-%d %H:%M");
            format!(
                "by escalation `{}`, for `{}` is swapped until {until}",
                swap.escalation, swap.group
            )
        }
        (None, Some(policy)) => format!("by escalation `{policy}`"),
        (None, None) => "without an escalation".to_owned(),
    };
    let headline =
        format!("{} on {at}, {policy}, if nobody answers; nothing is sent", definition.name);
    let headline = terminal.styled(Style::Strong, headline);
    terminal.line(headline);
    for assumed in &rehearsed.assumed {
        let assumed = terminal.styled(Style::Warning, format_args!("note: {assumed}"));
        terminal.line(assumed);
    }
    if settings.gsm.is_empty() {
        let none =
            terminal.styled(Style::Wrong, "note: no modem is configured: no SMS would ever leave");
        terminal.line(none);
    }
}

/// Plays it, line by line.
fn climb(
    settings: Settings,
    rehearsed: Vec<Rehearsed>,
    read: &Asked,
    terminal: &mut Terminal,
) -> Result<(), NightError> {
    let modems: Vec<InputName> = settings.gsm.iter().map(|modem| modem.name.clone()).collect();
    let mut site = settings.site;
    let mut lasts: BTreeMap<DefinitionName, Option<OccurrenceNumber>> = BTreeMap::new();
    let mut signal = None;
    for one in rehearsed {
        lasts.insert(one.definition.name.clone(), None);
        signal.get_or_insert(one.signal);
        site.definitions = site.definitions.with(one.definition);
    }
    // What is asked for is rehearsed, on modems that work: no message goes round to try them.
    site.paths.clear();
    let mut night = Night::new(Arc::new(site), modems, Utc::from(read.at.timestamp()))?;
    let end = night.now().mono.after(read.length.unwrap_or(HORIZON));
    if let Some(signal) = signal {
        night.happen(Happening::Signal(signal))?;
    }
    for _ in 0..STEPS {
        for (alarm, open) in night.watch().state().standing() {
            if let Some(last) = lasts.get_mut(&alarm.definition) {
                *last = Some(open.number);
            }
        }
        let again = || lasts.values().all(|last| last.is_some_and(|it| begins_again(&night, it)));
        let over = read.length.is_none() && again();
        let next = night.next().filter(|next| *next <= end);
        if (over && !night.network.is_sending()) || next.is_none() || terminal.is_closed() {
            break;
        }
        night.step()?;
    }
    let lines = night.transcript().take();
    write(&lines, terminal);
    for (name, last) in &lasts {
        let known = || night.watch().state().alarms().filter(|alarm| alarm.definition == *name);
        let sentence = if last.is_none() && known().any(|alarm| alarm.hidden().is_some()) {
            "it is kept quiet: nobody is called while that lasts".to_owned()
        } else {
            ending(&night, *last, known().any(|alarm| alarm.last.is_some()))
        };
        let of = if lasts.len() > 1 { format!("{name}: ") } else { String::new() };
        let sentence = terminal.styled(Style::Faint, format_args!("{of}{sentence}"));
        terminal.line(sentence);
    }
    Ok(())
}

/// Whether what follows is what was already seen: the last resort a second time, or the ladder
/// itself where there is no last resort.
fn begins_again(night: &Night, number: OccurrenceNumber) -> bool {
    let state = night.watch().state();
    let Some(open) = state.occurrence(number) else { return true };
    match &open.ladder {
        Ladder::Still => true,
        Ladder::Climbing { next, .. } => match next.phase {
            Phase::LastResort => next.pass > 0,
            Phase::Own => {
                let policy = open.activation.policy.and_then(|number| state.policy(number));
                policy.is_some_and(|policy| next.pass > policy.policy.repeat)
            }
        },
    }
}

/// The last line: what would come next.
fn ending(night: &Night, number: Option<OccurrenceNumber>, happened: bool) -> String {
    let state = night.watch().state();
    let open = number.and_then(|number| state.occurrence(number));
    match open.map(|open| (open, &open.ladder)) {
        None if happened || number.is_some() => "it is over: nobody must answer".to_owned(),
        None => "it has not become active in that time".to_owned(),
        Some((open, Ladder::Still)) => {
            let tag = state.alarm_of(open.number).map_or_else(String::new, tag);
            format!("{tag} stands, and nobody else is called")
        }
        Some((open, Ladder::Climbing { due, next, .. })) => {
            let policy = open.activation.policy.and_then(|number| state.policy(number));
            let again = policy.is_some_and(|policy| match (next.phase, &policy.last_resort) {
                (Phase::LastResort, Some(_)) => next.pass > 0,
                (Phase::LastResort, None) | (Phase::Own, _) => next.pass > policy.policy.repeat,
            });
            let zone = night.watch().site().zone.clone();
            let due = due.due.timestamp().to_zoned(zone).strftime("%H:%M:%S").to_string();
            if again {
                format!("at {due} it begins again, and so on until somebody answers")
            } else {
                format!("it goes on at {due}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::terminal::paper::Paper;
    use super::*;

    const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/etc/vigie.toml");

    fn rehearsed(what: &str, set: &[&str], length: Option<&str>) -> (Sysexit, String, String) {
        let (out, err) = (Paper::default(), Paper::default());
        let mut terminal = Terminal::new(Box::new(out.clone()), Box::new(err.clone()));
        let asked = Rehearse {
            what: what.to_owned(),
            at: Some("2026-11-29 03:00".to_owned()),
            key: None,
            set: set.iter().map(|field| (*field).to_owned()).collect(),
            length: length.map(str::to_owned),
        };
        let exit = rehearse(Path::new(EXAMPLE), &asked, &mut terminal);
        (terminal.close(exit), out.text(), err.text())
    }

    #[test]
    fn the_whole_ladder_is_shown_until_the_last_resort_begins_again() {
        let (exit, out, err) = rehearsed("lien", &["ifIndex=7"], None);
        assert_eq!(exit, Sysexit::Ok, "{err}");
        for shown in [
            "Sunday 2026-11-29 03:00:00 CET, by escalation `technique`",
            "lien[{source}/7] is active at 03:00:30 if it lasts",
            "step 2 of 2 (pass 3 of 3): calls marie, karim, lea",
            "last resort everybody, step 1 of 1: calls marie, karim, lea",
            "SMS to karim: \"HIGH Station de pompage Nord: Lien 7 coupé sur {source}. Reply ",
            "begins again, and so on until somebody answers",
        ] {
            assert!(out.contains(shown), "{shown}: {out}");
        }
        assert_eq!(out.matches("last resort").count(), 1, "{out}");
        assert!(!out.contains("SMS to gsm.orange"), "the modems are not tried: {out}");
    }

    #[test]
    fn a_rehearsal_can_be_cut_short() {
        let (_, out, _) = rehearsed("lien", &[], Some("10s"));
        assert!(
            out.contains("has not become active in that time") && !out.contains("SMS"),
            "{out}"
        );
        let (_, out, _) = rehearsed("lien", &[], Some("2m"));
        assert!(out.contains("it goes on at 03:05:30"), "{out}");
    }

    #[test]
    fn what_nobody_must_answer_is_told_once() {
        let (_, out, _) = rehearsed("redemarrage", &["source=10.0.0.9"], None);
        assert!(
            out.contains("SMS to lea") && out.contains("it is over: nobody must answer"),
            "{out}"
        );
    }

    #[test]
    fn a_grade_that_depends_on_what_is_not_known_is_said() {
        let (_, out, _) = rehearsed("onduleur", &[], Some("1m"));
        assert!(
            out.contains("note: it is not critical, because `source == \"10.0.0.7\"` is not known"),
            "{out}"
        );
        let (_, out, _) = rehearsed("onduleur", &["source=10.0.0.7"], Some("1m"));
        assert!(out.contains("CRITIQUE") && !out.contains("note: "), "{out}");
    }

    #[test]
    fn an_unknown_alarm_gets_the_nearest_name() {
        let (exit, _, err) = rehearsed("lein", &[], None);
        assert_eq!(exit, Sysexit::BadInput);
        assert!(err.contains("did you mean `lien`?"), "{err}");
        let (exit, _, err) = rehearsed("lien", &["ifIndex"], None);
        assert_eq!((exit, err.contains("--set name=value")), (Sysexit::Usage, true));
    }
}
