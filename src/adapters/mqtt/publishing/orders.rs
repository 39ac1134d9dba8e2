//! What a person orders on a topic of the broker: it becomes a command like any other, and comes in by the same door.

use std::sync::Arc;

use tracing::info;

use super::words::{Asked, Order, Reply};
use crate::adapters::mqtt::connection::Input;
use crate::watch::Watch;
use crate::watch::decision::{Outcome, Refusal};
use crate::watch::event::{Command, Happening};
use crate::watch::suppression::Request;

/// A broker gives a kept order to us at every connection anew.
pub(super) const RETAINED: &str = "an order that the broker keeps (retained) is not obeyed: publish it without retain, and remove the kept one";
/// More than one person sends by hand.
pub(super) const TOO_MANY: &str = "too many orders at once: send it again in a moment";

/// Obeys, and says what came of it once it is on disk.
pub(super) async fn obey(order: &Order, written: Option<String>, input: &Input<'_>) -> Reply {
    if !order.is_known() {
        return refused(order, written, order.usage());
    }
    let Some(written) = written else { return refused(order, None, order.usage()) };
    let Some(asked) = order.asks(&written) else {
        return refused(order, Some(written), order.usage());
    };
    let account = order.account.clone();
    let person = move |watch: &Watch| watch.site().person_of(&account).cloned();
    let person = match input.inbox.ask(person).await {
        Ok(Some(person)) => person,
        Ok(None) => {
            let sentence =
                format!("no person has user = \"{}\" in the files", order.account.escape_debug());
            return refused(order, Some(written), &sentence);
        }
        Err(withheld) => return refused(order, Some(written), &withheld.to_string()),
    };
    let account: Arc<str> = format!("{} at {}", order.account, input.settings.name).into();
    info!(%person, %account, verb = order.verb, "a person acts on a topic of the broker");
    let happening = match asked {
        Asked::Act(action, target) => {
            Happening::Command(Command { person, account, action, target })
        }
        Asked::Quieten(which, wish) => Happening::Quieten(Request { person, account, which, wish }),
    };
    let outcome = input.inbox.post(happening, input.clock.now()).await;
    let (done, sentence) = match outcome {
        Ok(
            Outcome::Done(sentence) | Outcome::Testing(_, sentence) | Outcome::Owing(_, sentence),
        ) => (true, sentence),
        Ok(Outcome::Taken | Outcome::Repeated) => (true, String::new()),
        Ok(Outcome::Refused(Refusal(sentence))) => (false, sentence),
        Err(withheld) => (false, withheld.to_string()),
    };
    Reply { verb: order.verb.clone(), target: written, done, sentence }
}

/// Why an order was not obeyed.
pub(super) fn refused(order: &Order, written: Option<String>, sentence: &str) -> Reply {
    let (verb, target) = (order.verb.clone(), written.unwrap_or_default());
    Reply { verb, target, done: false, sentence: sentence.to_owned() }
}
