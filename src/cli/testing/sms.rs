//! `vigie test sms`: one real message to a person, told step by step, from the modem to the telephone.
//!
//! The daemon does it all; this command asks twice a second how it is, and ends when the message is at its end, or when it was
//! looked at for long enough. Interrupted, it leaves the message on its way.

use std::path::Path;

use super::{EVERY, told};
use crate::cli::arguments::TestSms;
use crate::cli::client::{self, Places};
use crate::cli::site_time::{SiteTime, length};
use crate::cli::sysexit::Sysexit;
use crate::cli::terminal::{Style, Terminal, plain};
use crate::control::protocol::{Request, SmsBegun, SmsTestView, SmsTested};
use crate::watch::notification::Ending;
use crate::watch::testing::sms::{Course, LONGEST_SMS_TEST, Step};

/// Has the message sent and tells what becomes of it, until it is over or nobody reads any more.
pub(in crate::cli) fn sms(path: &Path, asked: &TestSms, terminal: &mut Terminal) -> Sysexit {
    if let Err(exit) = client::exists(path, terminal) {
        return exit;
    }
    let tested = SmsTested { to: asked.to.clone(), person: asked.acting_as.clone() };
    let begun: SmsBegun = match told(path, &Request::TestSms(tested), terminal) {
        Ok(begun) => begun,
        Err(exit) => return exit,
    };
    let sentence = terminal.styled(Style::Strong, plain(&begun.sentence));
    terminal.line(sentence);
    terminal.complain("Ctrl-C ends this display, not the message");
    let (request, time) = (Request::SmsTest(begun.notification), Places::of(path).time);
    let mut shown = 0;
    while !terminal.is_closed() {
        let test: SmsTestView = match told(path, &request, terminal) {
            Ok(test) => test,
            Err(exit) => return exit,
        };
        for step in test.steps.iter().skip(shown) {
            terminal.line(line(step, &test.steps, &time));
        }
        shown = test.steps.len();
        // Whoever waits for it waits at the other end of a pipe.
        let _ = terminal.output().flush();
        if test.over {
            return conclude(&test.steps, terminal);
        }
        std::thread::sleep(EVERY);
    }
    Sysexit::Ok
}

/// `2026-11-23 03:12:40  gsm.orange: the network has it, reference 17`
fn line(step: &Step, all: &[Step], time: &SiteTime) -> String {
    let what = match &step.what {
        Course::Attempted { by } => format!("{by}: it is being sent"),
        Course::Taken { by, references } => {
            let references: Vec<String> = references.iter().map(ToString::to_string).collect();
            format!("{by}: the network has it, reference {}", references.join(", "))
        }
        Course::Postponed { why, may_have_left: false } => {
            format!("not taken, it goes again: {}", plain(why))
        }
        Course::Postponed { why, may_have_left: true } => {
            format!("nobody knows whether it left, it goes again: {}", plain(why))
        }
        Course::Ended { ending, why } => ended(*ending, why.as_deref(), all),
    };
    format!("{}  {what}", time.show(step.at.timestamp()))
}

fn ended(ending: Ending, why: Option<&str>, all: &[Step]) -> String {
    match (ending, why) {
        (Ending::Delivered, _) => "delivered: the telephone has it".to_owned(),
        (Ending::Refused, Some(why)) => format!("refused: {}", plain(why)),
        (Ending::Refused, None) => "refused: the network cannot deliver it".to_owned(),
        (Ending::Expired, _) if was_taken(all) => {
            "expired: the network did not reach the telephone in time".to_owned()
        }
        (Ending::Expired, _) => {
            format!("expired: no modem could send it within {}", length(LONGEST_SMS_TEST))
        }
        (Ending::Unreported, _) => "over: nobody knows whether it arrived".to_owned(),
        (Ending::Cancelled, _) => "over: it is not sent any more".to_owned(),
    }
}

fn was_taken(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(step.what, Course::Taken { .. }))
}

/// Only a message that the telephone has shows that the person can be reached.
fn conclude(steps: &[Step], terminal: &mut Terminal) -> Sysexit {
    let limit = length(LONGEST_SMS_TEST);
    match steps.last().map(|step| &step.what) {
        Some(Course::Ended { ending: Ending::Delivered, .. }) => return Sysexit::Ok,
        Some(Course::Ended { .. }) => terminal.complain("note: the message did not arrive"),
        Some(Course::Attempted { .. } | Course::Taken { .. } | Course::Postponed { .. }) | None
            if was_taken(steps) =>
        {
            terminal.complain(format_args!(
                "note: the network has the message and did not say within {limit} that it arrived; the telephone may be off, or this network sends no reports"
            ));
        }
        Some(Course::Attempted { .. } | Course::Taken { .. } | Course::Postponed { .. }) | None => {
            terminal.complain(format_args!(
                "note: after {limit} nobody knows whether the message left"
            ));
        }
    }
    Sysexit::TryLater
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tell::tests::shown;
    use crate::watch::time::Utc;

    fn steps(what: impl IntoIterator<Item = Course>) -> Vec<Step> {
        let at = Utc::from_micros(1_795_000_000_000_000);
        what.into_iter().map(|what| Step { at, what }).collect()
    }

    fn taken() -> Course {
        Course::Taken { by: "gsm.orange".into(), references: vec![17] }
    }

    fn last(steps: &[Step]) -> String {
        let time = SiteTime::named(Some("Europe/Paris"));
        let line = line(steps.last().unwrap(), steps, &time);
        line.split_once("  ").unwrap().1.to_owned()
    }

    #[test]
    fn each_step_says_by_which_modem_and_why() {
        let ended = |ending, why: Option<&str>| Course::Ended { ending, why: why.map(Into::into) };
        for (course, says) in [
            (vec![Course::Attempted { by: "gsm.orange".into() }], "gsm.orange: it is being sent"),
            (vec![taken()], "gsm.orange: the network has it, reference 17"),
            (
                vec![Course::Postponed { why: "no network".into(), may_have_left: false }],
                "not taken, it goes again: no network",
            ),
            (vec![taken(), ended(Ending::Delivered, None)], "delivered: the telephone has it"),
            (vec![ended(Ending::Refused, Some("+CMS ERROR: 28"))], "refused: +CMS ERROR: 28"),
            (vec![taken(), ended(Ending::Refused, None)], "refused: the network cannot deliver it"),
            (
                vec![taken(), ended(Ending::Expired, None)],
                "expired: the network did not reach the telephone in time",
            ),
            (vec![ended(Ending::Expired, None)], "expired: no modem could send it within 10m"),
        ] {
            assert_eq!(last(&steps(course)), says);
        }
    }

    #[test]
    fn only_what_the_telephone_has_ends_well() {
        let ended = |ending| Course::Ended { ending, why: None };
        for (course, exit) in [
            (vec![taken(), ended(Ending::Delivered)], Sysexit::Ok),
            (vec![taken(), ended(Ending::Expired)], Sysexit::TryLater),
            (vec![ended(Ending::Refused)], Sysexit::TryLater),
            (vec![taken()], Sysexit::TryLater),
            (vec![], Sysexit::TryLater),
        ] {
            let mut ends = None;
            shown(|_, terminal| ends = Some(conclude(&steps(course.clone()), terminal)));
            assert_eq!(ends, Some(exit), "{course:?}");
        }
    }
}
