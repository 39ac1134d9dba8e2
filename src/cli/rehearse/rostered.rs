//! What people change of the schedules, in words.

use super::super::site_time::length;
use super::super::terminal::plain;
use super::transcript::View;
use crate::watch::roster::{Change, TradeEnding, Wish};

/// A change of the roster; a look at it is nothing to be told.
pub(super) fn told(view: &View<'_>, change: &Change) -> Option<String> {
    match change {
        Change::Taken { schedule, by, by_message: _ } => {
            let from = if by.from > view.decision.utc() {
                format!(" from {}", view.time(by.from))
            } else {
                String::new()
            };
            let until = view.time(by.until);
            Some(format!("{} is on call for {schedule}{from} until {until}", by.person))
        }
        Change::Asked { trade, .. } => Some(format!(
            "{} asks {} to trade shifts of {}, until {}",
            trade.asker,
            trade.asked,
            trade.schedule,
            view.time(trade.until.due)
        )),
        Change::Answered { ending, .. } => Some(
            match ending {
                TradeEnding::Agreed => "the shifts are traded",
                TradeEnding::Declined => "the shifts are not traded",
                TradeEnding::Void => "the shifts are no longer what they were, and are not traded",
                TradeEnding::Late => "no answer came: the shifts are not traded",
            }
            .to_owned(),
        ),
        Change::Looked { .. } => None,
    }
}

/// A person takes a schedule on the command line.
pub(super) fn typed(wish: &Wish) -> String {
    format!("{} types take {} {}", wish.person, plain(&wish.schedule), length(wish.lasting))
}
