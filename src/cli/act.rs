//! `vigie ack`, `confirm`, `decline`, `reset`: a person acts, as if by SMS.

use std::path::Path;

use super::arguments::Act;
use super::client::ask;
use super::sysexit::Sysexit;
use super::terminal::Terminal;
use crate::control::protocol::{Answer, Asked, Request};
use crate::watch::event::Action;

/// Asks the daemon to do it, and prints what it says: the sentence that a phone would have got.
pub(super) fn act(path: &Path, action: Action, asked: &Act, terminal: &mut Terminal) -> Sysexit {
    let Some(target) = asked.which.target() else {
        terminal.complain("vigie: say which: a code (4711), or an occurrence ('#4711')");
        return Sysexit::Usage;
    };
    if !path.exists() {
        // A slip in a path must not act on the daemon at the default socket.
        terminal.complain(format_args!(
            "vigie: {} does not exist; name the configuration of the daemon that you mean: --config PATH",
            path.display()
        ));
        return Sysexit::NoInput;
    }
    let request = Request::Act(Asked { action, target, person: asked.acting_as.clone() });
    match ask(path, &request, terminal) {
        Ok(Answer::Done(sentence)) => {
            terminal.line(sentence);
            Sysexit::Ok
        }
        Ok(Answer::Told(_) | Answer::Refused(_)) => Sysexit::Software,
        Err(exit) => exit,
    }
}
