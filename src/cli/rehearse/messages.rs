//! What a transcript says of messages: those that leave, as the phone shows them, and those that do not.

use super::super::terminal::plain;
use super::transcript::View;
use crate::watch::decision::Fact;
use crate::watch::notification::{Ending, NotificationId};

impl View<'_> {
    pub(super) fn message_fact(&self, fact: &Fact) -> Option<String> {
        match fact {
            Fact::Sent { notification, .. } => {
                let owed = self.before.notification(*notification)?;
                let text = vigie_gsm::alphabet::transliterate(&owed.text);
                let parts = super::network::parts(&text);
                let long = if parts > 1 { format!(" [{parts} SMS]") } else { String::new() };
                Some(format!("SMS to {}{long}: \"{}\"", owed.person, plain(&text)))
            }
            Fact::Settled { notification, ending, why: _ } => {
                if *ending == Ending::Cancelled && self.is_worded_anew(*notification) {
                    return None;
                }
                let told = match ending {
                    Ending::Cancelled => "is not sent any more",
                    Ending::Refused => "was refused",
                    Ending::Expired => "has expired",
                    Ending::Delivered | Ending::Unreported => return None,
                };
                Some(format!("SMS to {} {told}", self.addressee(*notification)?))
            }
            Fact::Postponed { notification, why, wait, may_have_left: _ } => {
                let (person, due) = (self.addressee(*notification)?, self.time(wait.due));
                Some(format!("SMS to {person} did not leave ({}), again at {due}", plain(why)))
            }
            _ => None,
        }
    }

    /// Whether what it says goes on in another message.
    fn is_worded_anew(&self, notification: NotificationId) -> bool {
        let Some(former) = self.before.notification(notification) else { return false };
        self.decision.facts.iter().any(|fact| {
            matches!(fact, Fact::Owed { notification: owed }
                if owed.digest.is_some() && owed.person == former.person && owed.turn() <= former.turn())
        })
    }

    fn addressee(&self, notification: NotificationId) -> Option<String> {
        let owed = self.before.notification(notification)?;
        let about = match (&owed.digest, owed.occurrence) {
            (Some(digest), _) => format!(" about {} alarms", digest.members.len()),
            (None, Some(occurrence)) => format!(" about #{}", occurrence.0),
            (None, None) => String::new(),
        };
        Some(format!("{}{about}", owed.person))
    }
}
