//! What people read of what is silent, of what does not come to rest, and of drills.

use std::time::Duration;

use super::{Wording, cut};
use crate::watch::alarm::Occurrence;
use crate::watch::codes::Code;
use crate::watch::name::PersonId;
use crate::watch::site::Language;
use crate::watch::time::Utc;

/// In a test message the site's name is cut to so many letters, and that of who asked for it to so many: whatever they are called, it is
/// one SMS segment.
const TEST_SITE: usize = 30;
const TEST_NAME: usize = 16;

/// An interval as people say it: `10 min`, `1 h 30 min`, `2 j`.
fn said(length: Duration, day: &str) -> String {
    let seconds = length.as_secs();
    let part = |unit: u64, name: &str| {
        let count = seconds.checked_div(unit).unwrap_or(0);
        (count > 0, format!("{count} {name}"))
    };
    let (days, hours, minutes) = (part(86_400, day), part(3_600, "h"), part(60, "min"));
    match (seconds % 86_400, seconds % 3_600, seconds % 60) {
        (0, ..) if days.0 => days.1,
        (_, 0, _) if hours.0 => hours.1,
        (.., 0) if hours.0 => format!("{} {} min", hours.1, (seconds % 3_600) / 60),
        (.., 0) if minutes.0 => minutes.1,
        _ => format!("{seconds} s"),
    }
}

/// What a person who is told of a restart has open.
#[derive(Clone, Copy, Default, Debug)]
pub(in crate::watch) struct Standing {
    pub(in crate::watch) open: usize,
    pub(in crate::watch) unanswered: usize,
}

impl Wording<'_> {
    /// After a restart, to each whom open alarms concern. The last word on the record is so old: after a crash nobody knows when it came.
    pub(in crate::watch) fn restarted(&self, away: Duration, standing: Standing) -> String {
        let Standing { open, unanswered } = standing;
        let minutes = Duration::from_secs(away.as_secs().div_ceil(60).saturating_mul(60));
        self.say(
            || {
                let away = said(minutes, "j");
                format!("Vigie est de retour après {away} au plus. Alarmes ouvertes pour vous: {open}, sans réponse: {unanswered}. LISTE pour voir.")
            },
            || {
                let away = said(minutes, "d");
                format!("Vigie is back after {away} at most. Open alarms for you: {open}, unanswered: {unanswered}. Send LIST to see.")
            },
        )
    }

    /// Why a heartbeat is missed.
    pub(in crate::watch) fn silent(&self, heard: Option<Utc>, every: Duration) -> String {
        let heard = heard.map(|heard| self.time(heard));
        self.say(
            || {
                let every = said(every, "j");
                match &heard {
                    Some(heard) => format!("rien depuis {heard}, attendu sous {every}"),
                    None => format!("jamais entendu, attendu sous {every}"),
                }
            },
            || {
                let every = said(every, "d");
                match &heard {
                    Some(heard) => format!("nothing since {heard}, awaited within {every}"),
                    None => format!("never heard, awaited within {every}"),
                }
            },
        )
    }

    /// To the one who lets go of what is silent.
    pub(in crate::watch) fn let_go(&self, subject: &str) -> String {
        self.say(
            || format!("{subject} n'est plus attendu, sauf s'il se manifeste."),
            || format!("{subject} is awaited no more, unless it is heard again."),
        )
    }

    /// With this a call begins that is about what comes and goes without end.
    pub(super) fn unstable_mark(&self, open: &Occurrence) -> &'static str {
        match (open.flapping, self.language) {
            (false, _) => "",
            (true, Language::French) => "INSTABLE ",
            (true, Language::English) => "UNSTABLE ",
        }
    }

    /// To whoever was called already: it comes and goes without end.
    pub(in crate::watch) fn unstable(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || {
                format!(
                    "Instable: {what}. Plus de message à chaque changement, tant que cela dure."
                )
            },
            || format!("Unstable: {what}. No message at each change, while that lasts."),
        )
    }

    /// It has come to rest, and is active.
    pub(in crate::watch) fn settled_active(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("Plus instable, toujours présent: {what}."),
            || format!("No longer unstable, still active: {what}."),
        )
    }

    /// The same, to who had it in hand.
    pub(in crate::watch) fn settled_active_and_void(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("Plus instable, toujours présent: {what}. Votre acquittement ne vaut plus."),
            || format!("No longer unstable, still active: {what}. Your acknowledgement no longer holds."),
        )
    }

    /// It has come to rest, and is normal.
    pub(in crate::watch) fn settled_normal(&self, open: &Occurrence) -> String {
        let (what, at) = (self.hint(open), self.time(self.now));
        self.say(
            || format!("Plus instable, normal à {at}: {what}."),
            || format!("No longer unstable, normal at {at}: {what}."),
        )
    }

    /// Events that came without end come no more.
    pub(in crate::watch) fn happens_no_more(&self, open: &Occurrence) -> String {
        let (what, times) = (self.hint(open), open.repeats.saturating_add(1));
        self.say(
            || format!("Ne se répète plus ({times} fois): {what}."),
            || format!("Happens no more ({times} times): {what}."),
        )
    }
}

impl Wording<'_> {
    /// To each who takes part in a drill.
    pub(in crate::watch) fn drill(&self, until: Utc, code: Code) -> String {
        let (until, site) = (self.time(until), &self.site.name);
        self.say(
            || format!("EXERCICE {site}: pas d'alarme, on vérifie que vous êtes joignable. Avant {until}, répondez {code}"),
            || format!("DRILL {site}: no alarm, only to see that you can be reached. Before {until}, reply {code}"),
        )
    }

    /// To whom a person at the keyboard has a message sent, to see whether it arrives.
    pub(in crate::watch) fn test_sms(&self, by: &PersonId) -> String {
        let (site, by) = (cut(&self.site.name, TEST_SITE), cut(self.name(by), TEST_NAME));
        let time = self.time(self.now);
        self.say(
            || {
                format!(
                    "TEST Vigie {site}, {time}: message d'essai demandé par {by}, rien à faire."
                )
            },
            || format!("TEST Vigie {site}, {time}: test message asked for by {by}, nothing to do."),
        )
    }

    /// To who has answered a drill.
    pub(in crate::watch) fn drill_answered(&self, at: Utc) -> String {
        let at = self.time(at);
        self.say(
            || format!("Exercice: réponse bien arrivée à {at}. Merci."),
            || format!("Drill: your answer has come, at {at}. Thank you."),
        )
    }

    /// To who answers a drill that another has followed.
    pub(in crate::watch) fn drill_is_over(&self, due: Utc) -> String {
        let due = self.time(due);
        self.say(
            || format!("L'exercice de {due} est terminé, cette réponse ne compte plus."),
            || format!("The drill of {due} is over, this answer no longer counts."),
        )
    }

    /// The code of an alarm, sent as one of a drill.
    pub(in crate::watch) fn no_drill(&self, code: Code) -> String {
        self.say(
            || format!("{code} est le code d'une alarme, pas d'un exercice: répondez {code} seul."),
            || format!("{code} is the code of an alarm, not of a drill: reply {code} alone."),
        )
    }

    /// Who has not answered which drill.
    pub(in crate::watch) fn drill_unanswered(
        &self,
        person: &PersonId,
        drill: &str,
        due: Utc,
    ) -> String {
        let (who, due) = (self.name(person), self.time(due));
        self.say(|| format!("{who}, {drill} de {due}"), || format!("{who}, {drill} of {due}"))
    }
}
