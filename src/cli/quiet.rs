//! `vigie shelve`, `unshelve`, `out-of-service`, `return`: a person keeps an alarm quiet, or no longer.

use std::path::Path;
use std::sync::Arc;

use super::arguments::{Named, Shelve, TakeOut};
use super::client::ask;
use super::sysexit::Sysexit;
use super::terminal::Terminal;
use crate::control::protocol::{Answer, Request, Wished};
use crate::watch::suppression::Wish;

pub(super) fn shelve(path: &Path, asked: &Shelve, terminal: &mut Terminal) -> Sysexit {
    let reason = asked.reason.as_deref().map(Arc::from);
    let wish = Wish::Shelve { lasting: asked.lasting, once: asked.once, reason };
    quieten(path, &asked.named, wish, terminal)
}

pub(super) fn take_out(path: &Path, asked: &TakeOut, terminal: &mut Terminal) -> Sysexit {
    let reason = asked.reason.as_deref().map(Arc::from);
    quieten(path, &asked.named, Wish::TakeOut { reason }, terminal)
}

/// Asks the daemon to do it, and prints what it says: the sentence that a phone would have got.
pub(super) fn quieten(path: &Path, named: &Named, wish: Wish, terminal: &mut Terminal) -> Sysexit {
    if !path.exists() {
        // A slip in a path must not act on the daemon at the default socket.
        terminal.complain(format_args!(
            "vigie: {} does not exist; name the configuration of the daemon that you mean: --config PATH",
            path.display()
        ));
        return Sysexit::NoInput;
    }
    let (which, person) = (named.which.clone(), named.acting_as.clone());
    match ask(path, &Request::Quieten(Wished { which, wish, person }), terminal) {
        Ok(Answer::Done(sentence)) => {
            terminal.line(sentence);
            Sysexit::Ok
        }
        Ok(Answer::Told(_) | Answer::Refused(_)) => Sysexit::Software,
        Err(exit) => exit,
    }
}
