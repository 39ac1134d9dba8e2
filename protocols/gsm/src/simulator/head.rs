//! The head of a script: a key and its value on each line, from which a [`Profile`] is made.
//!
//! What is not said is as in [`Profile::default`], except that nothing is said at the start. `boot`, `chatter`, `slow`,
//! `unknown`, `without-result` and `refused-mode` may stand on several lines; any other key stands once.

use std::time::Duration;

use super::messages::offered;
use super::profile::{EmptySlot, Profile, ReportStore};
use super::script::{Misread, ScriptError, duration, part, said, value};

/// What may be said several times.
const REPEATED: [&str; 6] =
    ["boot", "chatter", "slow", "unknown", "without-result", "refused-mode"];

/// Reads the lines, each with its number.
pub(super) fn read(lines: &[(usize, &str)]) -> Result<Profile, ScriptError> {
    let mut profile = Profile { boot: Vec::new(), ..Profile::default() };
    let mut seen = Vec::new();
    for (line, words) in lines {
        let (key, rest) = part(words);
        let twice = seen.contains(&key) && !REPEATED.contains(&key);
        let read =
            if twice { Err(Misread::Twice(key.to_owned())) } else { set(&mut profile, key, rest) };
        read.map_err(|misread| ScriptError { line: *line, misread })?;
        seen.push(key);
    }
    Ok(profile)
}

/// The modem.
fn set(profile: &mut Profile, key: &str, rest: &str) -> Result<(), Misread> {
    match key {
        "maker" => profile.manufacturer = said(rest, "the maker")?,
        "model" => profile.model = said(rest, "the model")?,
        "revision" => profile.revision = said(rest, "the revision")?,
        "echo" => profile.echo = switch(rest)?,
        "errors" => profile.error_codes = value(rest, "`+CMEE`")?,
        "refusal" => profile.refusal = said(rest, "the refusal")?,
        "unknown" => {
            let names = said(rest, "the command")?;
            profile.unknown.extend(names.split(' ').map(str::to_owned));
        }
        "without-result" => profile.without_result.push(said(rest, "the question")?),
        "pause" => profile.pause = duration(rest)?,
        "slow" => {
            let (length, command) = part(rest);
            profile.slow.push((said(command, "the command")?, duration(length)?));
        }
        "boot-time" => profile.boot_time = duration(rest)?,
        "boot" => profile.boot.push(timed(rest)?),
        "chatter" => profile.chatter.push(timed(rest)?),
        "busy" => {
            let (length, code) = part(rest);
            profile.busy = Some((duration(length)?, value(code, "`+CME ERROR`")?));
        }
        _ => return set_store(profile, key, rest),
    }
    Ok(())
}

/// Its memories, and how it announces what comes.
fn set_store(profile: &mut Profile, key: &str, rest: &str) -> Result<(), Misread> {
    let slots = || value(rest, "number of slots");
    match key {
        "slots" => profile.slots = slots()?,
        "equipment-slots" => profile.equipment_slots = slots()?,
        "report-slots" => profile.report_slots = slots()?,
        "first-index" => profile.first_index = value(rest, "index")?,
        "memories" => profile.memories = Some(said(rest, "what `+CPMS=?` says")?),
        "memories-at-once" => {
            let (least, most) = rest.split_once('-').unwrap_or((rest, rest));
            let what = "number of memories";
            profile.memories_at_once = value(least, what)?..=value(most, what)?;
        }
        "indications" => {
            if offered(rest).len() != 5 {
                let what = "`+CNMI=?` with five groups";
                return Err(Misread::Value { value: rest.to_owned(), what });
            }
            rest.clone_into(&mut profile.indications);
        }
        "refused-mode" => profile.refused_modes.push(value(rest, "mode of `+CNMI`")?),
        "reports" => {
            profile.report_store = match rest {
                "messages" => ReportStore::Messages,
                "own" => ReportStore::Own,
                "nowhere" => ReportStore::Nowhere,
                _ => return Err(wrong(rest, "store of reports: `messages`, `own` or `nowhere`")),
            }
        }
        "empty-slot" => {
            profile.empty_slot = match rest {
                "ok" => EmptySlot::Ok,
                "zero-head" => EmptySlot::ZeroHead,
                "refused" => EmptySlot::Refused,
                "both" => EmptySlot::Both,
                _ => return Err(wrong(rest, "form: `ok`, `zero-head`, `refused` or `both`")),
            }
        }
        "full" => profile.full = Some(said(rest, "the line")?),
        _ => return set_network(profile, key, rest),
    }
    Ok(())
}

/// Its SIM and its network.
fn set_network(profile: &mut Profile, key: &str, rest: &str) -> Result<(), Misread> {
    match key {
        "operator" => profile.operator = said(rest, "the operator")?,
        "service-centre" => {
            let centre = said(rest, "the service centre")?;
            profile.service_centre = Some(centre).filter(|centre| centre != "none");
        }
        "pin" => profile.pin = Some(said(rest, "the PIN")?),
        "subscriber" => profile.subscriber = said(rest, "the SIM's identity")?,
        "registration" => profile.registration = value(rest, "registration")?,
        "circuit" => profile.circuit = Some(value(rest, "registration")?),
        "registration-form" => profile.registration_form = Some(said(rest, "the form")?),
        "lte" => profile.lte = switch(rest)?,
        "signal" => profile.signal = value(rest, "reception")?,
        "per-message" => profile.per_message = duration(rest)?,
        "report-after" => profile.report_after = duration(rest)?,
        "report-status" => profile.report_status = value(rest, "TP-ST")?,
        _ => return Err(Misread::Word(key.to_owned())),
    }
    Ok(())
}

fn timed(rest: &str) -> Result<(Duration, String), Misread> {
    let (length, line) = part(rest);
    Ok((duration(length)?, said(line, "the line")?))
}

fn switch(rest: &str) -> Result<bool, Misread> {
    match rest {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(wrong(rest, "switch: `on` or `off`")),
    }
}

fn wrong(value: &str, what: &'static str) -> Misread {
    Misread::Value { value: value.to_owned(), what }
}
