//! What came of an answer to many alarms at once, in one sentence.

use super::digests::plural;
use super::{Wording, cut};
use crate::watch::codes::Code;
use crate::watch::notification::LONGEST;
use crate::watch::site::Language;
use crate::watch::stage::Holder;

/// How many of those that were answered became what.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::watch) struct Tally {
    /// The person's own.
    pub(in crate::watch) yours: usize,
    /// With which code these are confirmed, where any must be.
    pub(in crate::watch) finish: Option<Code>,
    /// More people are needed.
    pub(in crate::watch) noted: usize,
    /// Another's.
    pub(in crate::watch) held: usize,
    /// Whose, where all are one person's since one time.
    pub(in crate::watch) holder: Option<Holder>,
    /// Dealt with.
    pub(in crate::watch) dealt_with: usize,
    /// Somebody else must confirm.
    pub(in crate::watch) wants_another: usize,
    /// The person is out.
    pub(in crate::watch) without: usize,
    /// Nobody must answer.
    pub(in crate::watch) needs_nobody: usize,
    /// They are over, or were called about again since.
    pub(in crate::watch) over: usize,
}

impl Wording<'_> {
    /// "12 à vous; 1 tenue par Karim depuis 03:12."
    pub(in crate::watch) fn tally(&self, tally: &Tally) -> String {
        let french = self.language == Language::French;
        let say = |count: usize, one: &str, several: &str, english: &str| {
            let said =
                if french { plural(count, one, several) } else { format!("{count} {english}") };
            (count > 0).then_some(said)
        };
        let finish = match (tally.finish, french) {
            (None, _) => String::new(),
            (Some(code), true) => format!(" Quand tout est réglé: {code} FIN"),
            (Some(code), false) => format!(" When all is dealt with: {code} DONE"),
        };
        let yours = say(tally.yours, "à vous", "à vous", "yours");
        let parts = [
            yours,
            say(
                tally.noted,
                "notée, il faut encore quelqu'un",
                "notées, il faut encore quelqu'un",
                "noted, more people are needed",
            ),
            say(tally.dealt_with, "réglée", "réglées", "dealt with"),
            say(
                tally.wants_another,
                "à confirmer par un autre",
                "à confirmer par un autre",
                "for somebody else to confirm",
            ),
            self.held(tally),
            say(tally.without, "sans vous", "sans vous", "without you"),
            say(tally.needs_nobody, "pour information", "pour information", "for information"),
            say(
                tally.over,
                "terminée ou rappelée depuis",
                "terminées ou rappelées depuis",
                "over or called again since",
            ),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            return self.say(|| "Rien d'ouvert.".to_owned(), || "Nothing is open.".to_owned());
        }
        cut(&format!("{}.{finish}", parts.join("; ")), LONGEST)
    }

    fn held(&self, tally: &Tally) -> Option<String> {
        let count = (tally.held > 0).then_some(tally.held)?;
        Some(match (&tally.holder, self.language) {
            (Some(holder), language) => {
                let (who, since) = (self.name(&holder.person), self.time(holder.since));
                match language {
                    Language::French => {
                        format!("{} par {who} depuis {since}", plural(count, "tenue", "tenues"))
                    }
                    Language::English => format!("{count} held by {who} since {since}"),
                }
            }
            (None, Language::French) => {
                format!("{} par d'autres", plural(count, "tenue", "tenues"))
            }
            (None, Language::English) => format!("{count} held by others"),
        })
    }

    /// To one who asks by the code of many for what is done to one alone.
    pub(in crate::watch) fn code_of_many(&self, code: Code) -> String {
        self.say(
            || format!("{code} vaut pour plusieurs alarmes: LISTE donne le code de chacune."),
            || format!("{code} stands for several alarms: LIST gives the code of each."),
        )
    }

    /// The text as far as it may go.
    pub(in crate::watch) fn shortened(&self, text: &str) -> String {
        cut(text, LONGEST)
    }
}
