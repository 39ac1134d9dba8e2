//! What people read on their phones, in their language.
//!
//! A call says how bad, where, what, and what to answer; its code stands at the end on its own.
//! Everything is short: a message is one SMS segment wherever possible. Letters outside the GSM
//! alphabet are the modem adapter's concern.

pub(super) mod digests;
mod life_sign;
mod pace;
mod quiet;
mod replies;
mod roster;
mod swaps;
pub(super) mod tally;
mod unreached;

use super::alarm::{Occurrence, TEST};
use super::codes::Code;
use super::name::{InputName, PersonId};
use super::notification::{LONGEST, NotificationId};
use super::site::{Language, Priority, Site};
use super::time::Utc;

pub(super) use life_sign::Life;
pub(super) use pace::Standing;
pub(super) use roster::OnCall;

/// How one person is spoken to, at one instant.
#[derive(Clone, Copy, Debug)]
pub struct Wording<'a> {
    site: &'a Site,
    language: Language,
    now: Utc,
}

/// A call longer than this leaves out the site's name, to stay within one SMS segment.
const SHORT: usize = 155;
/// An alarm's text is cut to so many characters where it only reminds of which alarm is meant.
const HINT: usize = 60;

impl<'a> Wording<'a> {
    pub(super) fn new(site: &'a Site, language: Language, now: Utc) -> Self {
        Self { site, language, now }
    }

    fn say(&self, french: impl FnOnce() -> String, english: impl FnOnce() -> String) -> String {
        cut(
            &match self.language {
                Language::French => french(),
                Language::English => english(),
            },
            LONGEST,
        )
    }

    fn priority(&self, priority: Priority) -> &'static str {
        match (self.language, priority) {
            (Language::French, Priority::Critical) => "CRITIQUE",
            (Language::French, Priority::High) => "HAUTE",
            (Language::French, Priority::Medium) => "MOYENNE",
            (Language::French, Priority::Low) => "BASSE",
            (Language::English, Priority::Critical) => "CRITICAL",
            (Language::English, Priority::High) => "HIGH",
            (Language::English, Priority::Medium) => "MEDIUM",
            (Language::English, Priority::Low) => "LOW",
        }
    }

    /// `03:12`, or with the day where it is not today's.
    fn time(&self, at: Utc) -> String {
        let there = at.timestamp().to_zoned(self.site.zone.clone());
        let here = self.now.timestamp().to_zoned(self.site.zone.clone());
        let clock = format!("{:02}:{:02}", there.hour(), there.minute());
        if there.date() == here.date() {
            return clock;
        }
        format!("{:02}/{:02} {clock}", there.day(), there.month())
    }

    fn name(&self, person: &PersonId) -> &'a str {
        match self.site.people.get(person) {
            Some(known) => &known.name,
            None => "?",
        }
    }

    fn holders(&self, open: &Occurrence) -> String {
        let names: Vec<&str> =
            open.stage.holders().iter().map(|holder| self.name(&holder.person)).collect();
        names.join(", ")
    }

    fn held_since(&self, open: &Occurrence) -> String {
        open.stage.holders().last().map_or_else(|| "?".to_owned(), |holder| self.time(holder.since))
    }

    /// "HAUTE Station Nord: Lien 7 coupé. Répondez 4711"
    pub(super) fn call(&self, open: &Occurrence, code: Option<Code>) -> String {
        let priority = self.priority(open.activation.priority);
        let answer = match (self.language, code) {
            (_, None) => String::new(),
            (Language::French, Some(code)) => format!(" Répondez {code}"),
            (Language::English, Some(code)) => format!(" Reply {code}"),
        };
        let room = LONGEST.saturating_sub(answer.chars().count());
        // A test reads like the call in earnest, but for its first word.
        let (test, text) = match open.activation.text.strip_prefix(TEST) {
            Some(text) if open.is_test() => (TEST, sentence(text)),
            Some(_) | None => (self.unstable_mark(open), sentence(&open.activation.text)),
        };
        let whole = format!("{test}{priority} {}: {text}", self.site.name);
        let fits =
            |body: &str| body.chars().count().saturating_add(answer.chars().count()) <= SHORT;
        let short = format!("{test}{priority}: {text}");
        let body = match test {
            _ if fits(&whole) => whole,
            "" => short,
            // What fits into one message in earnest does so in a test.
            _ if fits(&short) => short,
            test => format!("{test}{text}"),
        };
        format!("{}{answer}", cut(&body, room))
    }

    /// Asks somebody else than the holder to confirm.
    pub(super) fn confirm_please(&self, open: &Occurrence, code: Code) -> String {
        let (who, what) = (self.holders(open), self.hint(open));
        self.say(
            || {
                format!(
                    "{what}: pris par {who}. Une autre personne doit confirmer: répondez FIN {code}"
                )
            },
            || format!("{what}: taken by {who}. Somebody else must confirm: reply DONE {code}"),
        )
    }

    fn hint(&self, open: &Occurrence) -> String {
        hinted(&open.activation.text)
    }

    fn finish(&self, code: Option<Code>) -> String {
        match (self.language, code) {
            (_, None) => String::new(),
            (Language::French, Some(code)) => format!(" Quand c'est réglé: {code} FIN"),
            (Language::English, Some(code)) => format!(" When it is dealt with: {code} DONE"),
        }
    }

    /// To the one who has just taken it.
    pub(super) fn taken(&self, open: &Occurrence, code: Option<Code>) -> String {
        let (what, who, since, finish) =
            (self.hint(open), self.holders(open), self.held_since(open), self.finish(code));
        let wait = open.stage.owes_confirmation() && code.is_none();
        self.say(
            || {
                let other = if wait { " Une autre personne doit confirmer." } else { "" };
                format!("Pris en charge par {who} à {since}: {what}.{other}{finish}")
            },
            || {
                let other = if wait { " Somebody else must confirm." } else { "" };
                format!("Taken by {who} at {since}: {what}.{other}{finish}")
            },
        )
    }

    /// To the others who were told.
    pub(super) fn taken_by(&self, open: &Occurrence) -> String {
        self.taken(open, None)
            .replace(" Une autre personne doit confirmer.", "")
            .replace(" Somebody else must confirm.", "")
    }

    /// To the one who has confirmed, and to the holder if that is another.
    pub(super) fn confirmed(&self, open: &Occurrence) -> String {
        let who = open.stage.confirmed_by().map_or("?", |person| self.name(person));
        let (what, active) = (self.hint(open), open.active);
        self.say(
            || {
                format!(
                    "Réglé, confirmé par {who}: {what}.{}",
                    if active { " La cause est encore présente." } else { "" }
                )
            },
            || {
                format!(
                    "Dealt with, confirmed by {who}: {what}.{}",
                    if active { " The cause is still present." } else { "" }
                )
            },
        )
    }

    /// Before the acknowledgement is void.
    pub(super) fn reminder(&self, open: &Occurrence, code: Option<Code>) -> String {
        let (since, what, finish) = (self.held_since(open), self.hint(open), self.finish(code));
        let until = open.stage.until().map_or_else(|| "?".to_owned(), |wait| self.time(wait.due));
        self.say(
            || format!("Rappel: pris depuis {since}, pas encore confirmé: {what}. Sans réponse, nouvel appel à {until}.{finish}"),
            || format!("Reminder: taken since {since}, not confirmed yet: {what}. Without an answer calls start again at {until}.{finish}"),
        )
    }

    /// The holder did not confirm in time.
    pub(super) fn confirmation_late(&self, open: &Occurrence) -> String {
        let (since, what) = (self.held_since(open), self.hint(open));
        self.say(
            || format!("Pas confirmé à temps (pris depuis {since}): {what}. On rappelle depuis le début."),
            || format!("Not confirmed in time (taken since {since}): {what}. Calls start again."),
        )
    }

    /// The acknowledgement has expired.
    pub(super) fn expired(&self, open: &Occurrence) -> String {
        let (since, what) = (self.held_since(open), self.hint(open));
        self.say(
            || format!("Toujours présent, acquitté depuis {since}: {what}. On rappelle depuis le début."),
            || format!("Still active, acknowledged since {since}: {what}. Calls start again."),
        )
    }

    /// The cause came back.
    pub(super) fn came_back(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("De retour: {what}. Votre acquittement ne vaut plus."),
            || format!("Back again: {what}. Your acknowledgement no longer holds."),
        )
    }

    /// It got worse.
    pub(super) fn got_worse(&self, open: &Occurrence) -> String {
        let (what, priority) = (self.hint(open), self.priority(open.activation.priority));
        self.say(
            || format!("Aggravé ({priority}): {what}. Votre acquittement ne vaut plus."),
            || format!("Worse ({priority}): {what}. Your acknowledgement no longer holds."),
        )
    }

    /// It ended before anybody took it.
    pub(super) fn back_to_normal(&self, open: &Occurrence) -> String {
        let (what, at) = (self.hint(open), self.time(self.now));
        self.say(
            || format!("Retour à la normale à {at}: {what}."),
            || format!("Back to normal at {at}: {what}."),
        )
    }

    /// A test ended by itself.
    pub(super) fn test_over(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("{what}. Essai terminé, plus rien à faire."),
            || format!("{what}. The test is over, nothing is left to do."),
        )
    }

    /// What goes round between two modems: nothing that is transliterated on its way, and a lot of its own.
    pub(super) fn test(&self, id: NotificationId, lot: u32) -> String {
        let number = id.0;
        self.say(
            || format!("Vigie: essai {number} {lot:06}"),
            || format!("Vigie: test {number} {lot:06}"),
        )
    }

    /// A message that went round, or was to, has not come.
    pub(super) fn path_unknown(&self, to: &InputName, left: Option<Utc>, since: Utc) -> String {
        let since = self.time(since);
        match left.map(|left| self.time(left)) {
            Some(left) => self.say(
                || {
                    format!(
                        "l'essai de {left} n'est pas arrivé à {to}; rien n'est sûr depuis {since}"
                    )
                },
                || {
                    format!(
                        "the test of {left} has not come to {to}; nothing is certain since {since}"
                    )
                },
            ),
            None => self.say(
                || format!("on ne sait si l'essai est parti; rien n'est sûr depuis {since}"),
                || format!("nobody knows whether the test left; nothing is certain since {since}"),
            ),
        }
    }

    /// The network refused a message that was to go round.
    pub(super) fn path_refused(&self, why: &str, since: Utc) -> String {
        let since = self.time(since);
        self.say(
            || format!("le réseau refuse l'essai ({why}); rien n'est sûr depuis {since}"),
            || format!("the network refuses the test ({why}); nothing is certain since {since}"),
        )
    }
}

/// The text, as short as reminds of which alarm is meant.
fn hinted(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    if text.chars().count() <= HINT {
        return text.to_owned();
    }
    let kept: String = text.chars().take(HINT).collect();
    kept.rsplit_once(' ')
        .map_or(kept.as_str(), |(words, _)| words)
        .trim_end_matches([' ', ':', ',', ';'])
        .to_owned()
}

/// The text with one full stop at its end.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// The text, or its beginning and three dots.
fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let kept: String = text.chars().take(longest.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}
