//! `vigie test contact`: a contact's alarm as a test, to the telephones and back, told line by line.
//!
//! The daemon does it all; this command asks twice a second how it is, and ends with the test. Interrupted, it leaves
//! the test to end by itself.

pub(super) mod sms;

use std::path::Path;
use std::time::Duration;

use super::arguments::TestContact;
use super::client::{self, ask};
use super::sysexit::Sysexit;
use super::terminal::{Style, Terminal, plain};
use crate::control::protocol::{Answer, Begun, Request, TestView, Tested};

/// So often the daemon is asked.
const EVERY: Duration = Duration::from_millis(500);

/// Begins the test and tells what follows, until it is over or nobody reads any more.
pub(super) fn contact(path: &Path, asked: &TestContact, terminal: &mut Terminal) -> Sysexit {
    if let Err(exit) = client::exists(path, terminal) {
        return exit;
    }
    let tested = Tested { contact: asked.name.clone(), person: asked.acting_as.clone() };
    let begun: Begun = match told(path, &Request::Test(tested), terminal) {
        Ok(begun) => begun,
        Err(exit) => return exit,
    };
    for line in begun.sentence.lines() {
        let line = terminal.styled(Style::Strong, plain(line));
        terminal.line(line);
    }
    terminal.complain(
        "people are called as in earnest, in texts that begin with TEST; Ctrl-C ends this display, not the test",
    );
    let request = Request::Tests(begun.occurrences);
    let mut before: Vec<TestView> = Vec::new();
    while !terminal.is_closed() {
        let tests: Vec<TestView> = match told(path, &request, terminal) {
            Ok(tests) => tests,
            Err(exit) => return exit,
        };
        for test in &tests {
            let was = before.iter().find(|was| was.occurrence == test.occurrence);
            news(was, test).iter().for_each(|line| terminal.line(plain(line)));
        }
        // Whoever waits for it waits at the other end of a pipe.
        let _ = terminal.output().flush();
        if tests.iter().all(is_done) {
            return conclude(&tests, terminal);
        }
        before = tests;
        std::thread::sleep(EVERY);
    }
    Sysexit::Ok
}

fn told<T: serde::de::DeserializeOwned>(
    path: &Path,
    request: &Request,
    terminal: &mut Terminal,
) -> Result<T, Sysexit> {
    match ask(path, request, terminal)? {
        Answer::Told(told) => serde_json::from_str(told.get()).map_err(|_| Sysexit::Software),
        Answer::Done(_) | Answer::Refused(_) => Err(Sysexit::Software),
    }
}

/// Over, and nothing of it has yet to leave.
fn is_done(test: &TestView) -> bool {
    test.over && !test.told.values().any(|is| is == "waiting" || is == "sending")
}

/// What is new of a test since it was last looked at.
fn news(was: Option<&TestView>, test: &TestView) -> Vec<String> {
    let number = test.occurrence;
    let mut lines = Vec::new();
    for (person, is) in &test.told {
        if was.and_then(|was| was.told.get(person)) != Some(is) {
            let words = match is.as_str() {
                "waiting" => "is told: the message waits for a modem",
                "sending" => "the message is being sent",
                "sent" => "the network has the message",
                _ => "nobody knows whether the message left; it goes again",
            };
            lines.push(format!("#{number} {person}: {words}"));
        }
    }
    for person in &test.declined {
        if was.is_none_or(|was| !was.declined.contains(person)) {
            lines.push(format!("#{number} declined by {person}"));
        }
    }
    let new = |of: fn(&TestView) -> &Option<String>| {
        let now = of(test).as_deref();
        now.filter(|now| was.and_then(|was| of(was).as_deref()) != Some(now))
    };
    if let Some(person) = new(|test| &test.acknowledged_by) {
        lines.push(format!("#{number} acknowledged by {person}"));
    }
    if let Some(person) = new(|test| &test.confirmed_by) {
        lines.push(format!("#{number} confirmed by {person}"));
    }
    if test.over && was.is_none_or(|was| !was.over) {
        lines.push(format!("#{number} the test is over"));
    }
    lines
}

/// A test that asked for an answer and got none has shown that nobody answers.
fn conclude(tests: &[TestView], terminal: &mut Terminal) -> Sysexit {
    let unanswered = tests.iter().filter(|test| test.acknowledged_by.is_none());
    let mut exit = Sysexit::Ok;
    for test in unanswered {
        exit = Sysexit::TryLater;
        terminal.complain(format_args!("note: #{} was acknowledged by nobody", test.occurrence));
    }
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test() -> TestView {
        TestView {
            occurrence: 7,
            over: false,
            told: [("marie".to_owned(), "waiting".to_owned())].into(),
            declined: Vec::new(),
            acknowledged_by: None,
            confirmed_by: None,
        }
    }

    #[test]
    fn each_thing_that_follows_is_told_once_and_in_order() {
        let begun = test();
        assert_eq!(news(None, &begun), ["#7 marie: is told: the message waits for a modem"]);
        assert!(news(Some(&begun), &begun).is_empty());
        let answered = TestView {
            over: true,
            told: [("marie".to_owned(), "sent".to_owned())].into(),
            acknowledged_by: Some("marie".to_owned()),
            ..begun.clone()
        };
        assert_eq!(
            news(Some(&begun), &answered),
            [
                "#7 marie: the network has the message",
                "#7 acknowledged by marie",
                "#7 the test is over"
            ]
        );
        assert!(!is_done(&begun) && is_done(&answered));
    }
}
