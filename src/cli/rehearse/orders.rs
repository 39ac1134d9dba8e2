//! The words for what people order at the keyboard, and for alarms that are swapped.

use super::super::site_time::length;
use super::transcript::View;
use crate::watch::event::SwapRequest;
use crate::watch::swap::{Standing, Swapping};

pub(super) fn swap(asked: &SwapRequest) -> String {
    let lasting = asked.lasting.map_or_else(|| "off".to_owned(), length);
    format!("{} types swap {} {lasting}", asked.person, asked.group)
}

/// What changes of swaps; that a group is only looked at again is no news.
pub(super) fn swapping(view: &View<'_>, swapping: &Swapping) -> Option<String> {
    match swapping {
        Swapping::Group { group, standing } => {
            let until = |standing: &Standing| standing.swapped.map(|swapped| swapped.until);
            let before = view.before.swap_of(group).and_then(until);
            let now = standing.as_ref().and_then(until);
            match (before, now) {
                (before, Some(until)) if before != now => {
                    Some(format!("{group} is swapped until {}", view.time(until)))
                }
                (Some(_), None) => Some(format!("{group} is no longer swapped")),
                (Some(_) | None, Some(_)) | (None, None) => None,
            }
        }
        Swapping::Moved { occurrence, away, .. } => {
            let open = view.before.occurrence(*occurrence)?;
            let swap = open.activation.swap.as_deref()?;
            let way = if *away { swap.other } else { swap.own };
            let policy = way.policy.and_then(|number| view.before.policy(number));
            let to = policy.map_or_else(
                || "nobody: it has no escalation of its own".to_owned(),
                |policy| format!("escalation {}", policy.name),
            );
            Some(format!("#{} goes to {to}, with {}", occurrence.0, swap.group))
        }
    }
}
