//! `vigie shelve`, `unshelve`, `out-of-service`, `return`: a person keeps an alarm quiet, or no longer.

use std::path::Path;
use std::sync::Arc;

use super::act;
use super::arguments::{Named, Shelve, TakeOut};
use super::sysexit::Sysexit;
use super::terminal::Terminal;
use crate::control::protocol::{Request, Wished};
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

/// Asks the daemon to do it.
pub(super) fn quieten(path: &Path, named: &Named, wish: Wish, terminal: &mut Terminal) -> Sysexit {
    let (which, person) = (named.which.clone(), named.acting_as.clone());
    act::done(path, &Request::Quieten(Wished { which, wish, person }), terminal)
}
