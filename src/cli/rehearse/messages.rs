//! What a transcript says of messages: those that leave, as the phone shows them, and those that do not.

use super::super::terminal::plain;
use super::transcript::View;
use crate::watch::decision::Fact;
use crate::watch::notification::{Ending, NotificationId};
use crate::watch::time::Wait;

impl View<'_> {
    /// It leaves.
    pub(super) fn sent(&self, notification: NotificationId) -> Option<String> {
        let owed = self.before.notification(notification)?;
        let text = vigie_gsm::alphabet::transliterate(&owed.text);
        let parts = super::network::parts(&text);
        let long = if parts > 1 { format!(" [{parts} SMS]") } else { String::new() };
        Some(format!("SMS to {}{long}: \"{}\"", owed.person, plain(&text)))
    }

    /// It is over with it, and it has not arrived.
    pub(super) fn settled(&self, notification: NotificationId, ending: Ending) -> Option<String> {
        if ending == Ending::Cancelled && self.is_worded_anew(notification) {
            return None;
        }
        let told = match ending {
            Ending::Cancelled => "is not sent any more",
            Ending::Refused => "was refused",
            Ending::Expired => "has expired",
            Ending::Delivered | Ending::Unreported => return None,
        };
        Some(format!("SMS to {} {told}", self.addressee(notification)?))
    }

    /// It did not leave, and is tried again.
    pub(super) fn postponed(
        &self,
        notification: NotificationId,
        why: &str,
        wait: Wait,
    ) -> Option<String> {
        let (person, due) = (self.addressee(notification)?, self.time(wait.due));
        Some(format!("SMS to {person} did not leave ({}), again at {due}", plain(why)))
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
