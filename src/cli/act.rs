//! `vigie ack`, `confirm`, `decline`, `reset`, `take`: a person acts, as if by SMS.

use std::path::Path;

use super::arguments::{Act, Take};
use super::client::{self, ask};
use super::sysexit::Sysexit;
use super::terminal::{Terminal, plain};
use crate::control::protocol::{Answer, Asked, Request, Taking};
use crate::watch::event::Action;

/// A person answers to an alarm, as if by SMS.
pub(super) fn act(path: &Path, action: Action, asked: &Act, terminal: &mut Terminal) -> Sysexit {
    let Some(target) = asked.which.target() else {
        terminal.complain("vigie: say which: a code (4711), or an occurrence ('#4711')");
        return Sysexit::Usage;
    };
    let request = Request::Act(Asked { action, target, person: asked.acting_as.clone() });
    done(path, &request, terminal)
}

/// `vigie take`: a person takes a schedule, as if by SMS.
pub(super) fn take(path: &Path, asked: &Take, terminal: &mut Terminal) -> Sysexit {
    let lasting: Option<jiff::SignedDuration> = asked.lasting.to_lowercase().parse().ok();
    let lasting = lasting.or_else(|| days(&asked.lasting));
    let Some(seconds) = lasting.and_then(|lasting| u64::try_from(lasting.as_secs()).ok()) else {
        let written = plain(&asked.lasting);
        terminal.complain(format_args!(
            "vigie: `{written}` is no length of time: write 18h, 2d or 1h30m"
        ));
        return Sysexit::Usage;
    };
    let (schedule, person) = (asked.schedule.clone(), asked.acting_as.clone());
    done(path, &Request::Take(Taking { schedule, seconds, person }), terminal)
}

/// `2d`: of an order by SMS a day is 24 hours, and so it is here.
fn days(written: &str) -> Option<jiff::SignedDuration> {
    let days: i64 = written.trim().strip_suffix(['d', 'D', 'j', 'J'])?.trim().parse().ok()?;
    (0..=400).contains(&days).then(|| jiff::SignedDuration::from_hours(days.saturating_mul(24)))
}

/// Asks the daemon to do it, and prints what it says: the sentence that a phone would have got.
pub(super) fn done(path: &Path, request: &Request, terminal: &mut Terminal) -> Sysexit {
    if let Err(exit) = client::exists(path, terminal) {
        return exit;
    }
    match ask(path, request, terminal) {
        Ok(Answer::Done(sentence)) => {
            terminal.line(plain(&sentence));
            Sysexit::Ok
        }
        Ok(Answer::Told(_) | Answer::Refused(_)) => Sysexit::Software,
        Err(exit) => exit,
    }
}
