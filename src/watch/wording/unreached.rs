//! Why somebody counts as out of reach.

use super::Wording;
use crate::watch::time::Utc;

impl Wording<'_> {
    /// Why nobody knows whether messages arrive.
    pub(in crate::watch) fn reports_missing(&self, messages: u32, since: Utc) -> String {
        let since = self.time(since);
        self.say(
            || format!("{messages} messages sans nouvelles depuis {since}"),
            || format!("nothing on {messages} messages since {since}"),
        )
    }

    /// So many messages in a row did not arrive.
    pub(in crate::watch) fn in_a_row(&self, count: u32) -> String {
        self.say(
            || format!("{count} messages de suite ne sont pas arrivés"),
            || format!("{count} messages in a row did not arrive"),
        )
    }
}
