//! Why somebody counts as out of reach.

use super::Wording;

impl Wording<'_> {
    /// So many messages in a row did not arrive.
    pub(in crate::watch) fn in_a_row(&self, count: u32) -> String {
        self.say(
            || format!("{count} messages de suite ne sont pas arrivés"),
            || format!("{count} messages in a row did not arrive"),
        )
    }
}
