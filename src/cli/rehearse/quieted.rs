//! The lines of a transcript about what is kept quiet on purpose.

use super::super::site_time::length;
use super::super::terminal::plain;
use super::transcript::View;
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::event::Target;
use crate::watch::suppression::{Mark, Quieting, Request, Which, Wish};

/// What a person has typed.
pub(super) fn asked(request: &Request) -> String {
    let which = match &request.which {
        Which::Open(Target::Code(code)) => code.to_string(),
        Which::Open(Target::Occurrence(number)) => format!("#{}", number.0),
        Which::Alarm { definition, key: None } => definition.to_string(),
        Which::Alarm { definition, key: Some(key) } => format!("{definition}[{}]", plain(key)),
    };
    let rest = match &request.wish {
        Wish::Shelve { lasting, once, reason } => {
            let once = if *once { " --once" } else { "" };
            format!(" {}{once}{}", length(*lasting), why(reason))
        }
        Wish::TakeOut { reason } => why(reason),
        Wish::Unshelve | Wish::Return => String::new(),
    };
    format!("{} types {} {which}{rest}", request.person, request.wish.verb())
}

fn why(reason: &Option<std::sync::Arc<str>>) -> String {
    reason.as_ref().map_or_else(String::new, |reason| format!(" ({})", plain(reason)))
}

fn by(mark: &Mark) -> String {
    format!("by {}{}", mark.by, why(&mark.reason))
}

/// How an alarm is when its occurrence has closed.
pub(super) fn ended(view: &View<'_>, occurrence: OccurrenceNumber) -> &'static str {
    let Some(alarm) = view.before.alarm_of(occurrence) else { return "is normal" };
    let after = view.after.alarm_numbered(alarm.number);
    match after.and_then(|alarm| alarm.hidden()) {
        _ if alarm.is_test => "is over",
        Some(_) => "is kept quiet",
        None => "is normal",
    }
}

/// What Vigie does about it.
pub(super) fn told(view: &View<'_>, quieting: &Quieting) -> Option<String> {
    let tag = quieting.alarm().map_or_else(String::new, |alarm| view.tag(alarm));
    Some(match quieting {
        Quieting::Shelved { shelf, .. } => {
            let once = if shelf.once { ", or until it returns" } else { "" };
            let (by, until) = (by(&shelf.mark), view.time(shelf.until.due));
            format!("{tag} shelved {by} until {until}{once}")
        }
        Quieting::Unshelved { by: Some(by), .. } => format!("{tag} unshelved by {by}"),
        Quieting::Unshelved { by: None, .. } => format!("{tag} is shelved no more"),
        Quieting::OutOfService { mark, .. } => format!("{tag} out of service {}", by(mark)),
        Quieting::InService { by, .. } => format!("{tag} returned to service by {by}"),
        Quieting::DefinitionOut { definition, mark } => {
            format!("all of {definition} out of service {}", by(mark))
        }
        Quieting::DefinitionIn { definition, by } => {
            format!("all of {definition} returned to service by {by}")
        }
        Quieting::Hushed { .. } => format!("{tag} is active, and hidden"),
        Quieting::Came { activation, .. } => {
            format!("{tag} is active, and hidden: \"{}\"", plain(&activation.text))
        }
        Quieting::Happened { .. } => format!("{tag} has happened, in silence"),
        Quieting::Again { counts: true, .. } => format!("{tag} said again, in silence"),
        Quieting::Gone { .. } => format!("{tag} returned, in silence"),
        Quieting::Surfaced { .. } => format!("{tag} is hidden no more"),
        Quieting::Again { counts: false, .. }
        | Quieting::Reviewed { .. }
        | Quieting::Listed { .. } => return None,
    })
}
