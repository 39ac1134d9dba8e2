//! What a person reads who has sent something: whether it counts, and why not.

use std::collections::BTreeMap;

use super::{Wording, cut};
use crate::watch::alarm::{Occurrence, OccurrenceNumber};
use crate::watch::codes::Code;
use crate::watch::name::{PersonId, PolicyName};
use crate::watch::notification::LONGEST;
use crate::watch::site::Language;

impl Wording<'_> {
    /// One of several has taken it.
    pub(in crate::watch) fn more_wanted(&self, open: &Occurrence, missing: usize) -> String {
        let (what, who) = (self.hint(open), self.holders(open));
        self.say(
            || format!("Noté: {what}. Pris par {who}; il en faut encore {missing}."),
            || format!("Noted: {what}. Taken by {who}; {missing} more needed."),
        )
    }

    /// To the holder who acknowledges again.
    pub(in crate::watch) fn yours_since(
        &self,
        open: &Occurrence,
        person: &PersonId,
        code: Option<Code>,
    ) -> String {
        let since = open
            .stage
            .holders()
            .iter()
            .find(|holder| holder.person == *person)
            .map_or_else(|| "?".to_owned(), |holder| self.time(holder.since));
        let (what, finish) = (self.hint(open), self.finish(code));
        self.say(
            || format!("À vous depuis {since}: {what}.{finish}"),
            || format!("Yours since {since}: {what}.{finish}"),
        )
    }

    /// To one who acknowledges what another holds.
    pub(in crate::watch) fn held_by(&self, open: &Occurrence) -> String {
        let (who, since, what) = (self.holders(open), self.held_since(open), self.hint(open));
        self.say(
            || format!("Pris par {who} depuis {since}: {what}."),
            || format!("Held by {who} since {since}: {what}."),
        )
    }

    /// Only the holder may confirm.
    pub(in crate::watch) fn only_the_holder(&self, open: &Occurrence) -> String {
        let (who, since) = (self.holders(open), self.held_since(open));
        self.say(
            || format!("Pris par {who} depuis {since}: seul {who} peut confirmer."),
            || format!("Held by {who} since {since}: only {who} can confirm."),
        )
    }

    /// Only somebody else than the holder may confirm.
    pub(in crate::watch) fn only_another(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("Une autre personne doit confirmer: {what}."),
            || format!("Somebody else must confirm: {what}."),
        )
    }

    /// It was dealt with.
    pub(in crate::watch) fn dealt_with(&self, open: &Occurrence) -> String {
        let who = open.stage.confirmed_by().map_or("?", |person| self.name(person));
        let what = self.hint(open);
        self.say(
            || format!("Déjà réglé par {who}: {what}."),
            || format!("Already dealt with by {who}: {what}."),
        )
    }

    /// To one who cannot.
    pub(in crate::watch) fn declined(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(|| format!("Noté, sans vous: {what}."), || format!("Noted, without you: {what}."))
    }

    /// To a holder who gives it back.
    pub(in crate::watch) fn given_back(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("Rendu: {what}. On appelle les autres."),
            || format!("Given back: {what}. Others are called."),
        )
    }

    /// To one who declines what another holds.
    pub(in crate::watch) fn noted(&self, open: &Occurrence) -> String {
        self.held_by(open)
    }

    /// Nobody has to answer.
    pub(in crate::watch) fn needs_nobody(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("Pour information seulement: {what}."),
            || format!("For information only: {what}."),
        )
    }

    /// A latched alarm was let go.
    pub(in crate::watch) fn reset(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(|| format!("Réarmé: {what}."), || format!("Reset: {what}."))
    }

    /// There is nothing to reset.
    pub(in crate::watch) fn not_latched(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(|| format!("Rien à réarmer: {what}."), || format!("Nothing to reset: {what}."))
    }

    /// A reset while the cause is present does nothing.
    pub(in crate::watch) fn still_active(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("La cause est encore présente: {what}."),
            || format!("The cause is still present: {what}."),
        )
    }

    /// A reset before an acknowledgement does nothing.
    pub(in crate::watch) fn acknowledge_first(&self, open: &Occurrence) -> String {
        let what = self.hint(open);
        self.say(
            || format!("À acquitter d'abord: {what}."),
            || format!("Acknowledge first: {what}."),
        )
    }

    /// The procedure of the alarm.
    pub(in crate::watch) fn procedure(&self, open: &Occurrence) -> String {
        match &open.activation.procedure {
            Some(procedure) => cut(procedure, LONGEST),
            None => {
                let what = self.hint(open);
                self.say(
                    || format!("Pas de consigne pour: {what}."),
                    || format!("No procedure for: {what}."),
                )
            }
        }
    }

    /// A message that is no answer.
    pub(in crate::watch) fn not_understood(&self) -> String {
        self.say(
            || "Pas compris. Répondez le code seul pour prendre, CODE FIN quand c'est réglé, CODE NON si vous ne pouvez pas, CODE ? pour la consigne, LISTE.".to_owned(),
            || "Not understood. Reply the code alone to take it, CODE DONE when it is dealt with, CODE NO if you cannot, CODE ? for the procedure, LIST.".to_owned(),
        )
    }

    /// A missed call that does not say which alarm is meant, or may not.
    pub(in crate::watch) fn call_is_no_answer(&self) -> String {
        self.say(
            || "Votre appel ne prend rien en charge: répondez par SMS avec le code de l'alarme (LISTE pour les voir).".to_owned(),
            || "Your call acknowledges nothing: answer by SMS with the code of the alarm (LIST shows them).".to_owned(),
        )
    }

    /// A code that is none of this person's.
    pub(in crate::watch) fn wrong_code(&self, code: Code) -> String {
        self.say(
            || {
                format!(
                    "{code}: ce code n'est pas un des vôtres. Envoyez LISTE pour voir vos alarmes."
                )
            },
            || format!("{code} is none of your codes. Send LIST to see your alarms."),
        )
    }

    /// A code that once was this person's.
    pub(in crate::watch) fn dead_code(&self, code: Code, open: Option<&Occurrence>) -> String {
        match open {
            None => self.say(
                || format!("{code}: cette alarme est terminée."),
                || format!("{code}: that alarm is over."),
            ),
            Some(open) => {
                let what = self.hint(open);
                self.say(
                    || format!("{code} ne vaut plus: {what} a été rappelée avec un nouveau code."),
                    || format!("{code} no longer counts: {what} was called again with a new code."),
                )
            }
        }
    }

    /// No such occurrence is open.
    pub(in crate::watch) fn no_such_occurrence(&self, number: OccurrenceNumber) -> String {
        let number = number.0;
        self.say(
            || format!("Aucune occurrence ouverte #{number}."),
            || format!("No occurrence #{number} is open."),
        )
    }

    /// What stands open for a person.
    pub(in crate::watch) fn list(
        &self,
        mine: &[&Occurrence],
        person: &PersonId,
        codes: &BTreeMap<OccurrenceNumber, Code>,
    ) -> String {
        if mine.is_empty() {
            return self.say(
                || "Rien d'ouvert pour vous.".to_owned(),
                || "Nothing open for you.".to_owned(),
            );
        }
        let more_room = LONGEST.saturating_sub(12);
        let mut text = String::new();
        for (index, open) in mine.iter().enumerate() {
            let code = open.code_of(person).or_else(|| codes.get(&open.number).copied());
            let entry = self.entry(open, code);
            if text.chars().count().saturating_add(entry.chars().count()) > more_room {
                let left = mine.len().saturating_sub(index);
                return format!("{text} +{left}");
            }
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&entry);
        }
        text
    }

    fn entry(&self, open: &Occurrence, code: Option<Code>) -> String {
        let (priority, what) = (self.priority(open.activation.priority), self.hint(open));
        let code = code.map_or_else(String::new, |code| format!(" {code}"));
        let held = match (open.stage.acknowledged_by(), self.language) {
            (None, _) => String::new(),
            (Some(who), Language::French) => format!(" (pris: {})", self.name(who)),
            (Some(who), Language::English) => format!(" (held: {})", self.name(who)),
        };
        format!("{priority} {what}{held}{code}")
    }

    /// Why nobody can be reached: the ladder has no rung with anybody on it.
    pub(in crate::watch) fn reaches_nobody(&self, policy: &PolicyName) -> String {
        self.say(
            || format!("aucune étape de `{policy}` n'atteint quelqu'un"),
            || format!("no step of `{policy}` reaches anybody"),
        )
    }

    /// Why nobody can be reached: there is no ladder.
    pub(in crate::watch) fn no_ladder(&self) -> String {
        self.say(
            || "son escalade n'est pas enregistrée".to_owned(),
            || "its ladder is not on record".to_owned(),
        )
    }

    /// Why a number is locked out.
    pub(in crate::watch) fn five_wrong_codes(&self) -> String {
        self.say(
            || "cinq codes faux en dix minutes".to_owned(),
            || "five wrong codes in ten minutes".to_owned(),
        )
    }

    /// Why a number is locked out that guesses slowly.
    pub(in crate::watch) fn ten_wrong_codes(&self) -> String {
        self.say(
            || "dix codes faux en un jour".to_owned(),
            || "ten wrong codes in a day".to_owned(),
        )
    }

    /// Why an alarm does not stand.
    pub(in crate::watch) fn no_room(&self) -> String {
        self.say(
            || "il n'y a plus de place, les nouvelles sont seulement notées".to_owned(),
            || "as many stand as there is room for, new ones are unclaimed".to_owned(),
        )
    }

    /// Why a key is not awaited.
    pub(in crate::watch) fn no_room_to_await(&self) -> String {
        self.say(
            || "trop de clés à surveiller, le silence des nouvelles ne se verrait pas".to_owned(),
            || "too many keys to await, the silence of new ones would not be seen".to_owned(),
        )
    }

    /// Why it is taken that somebody guesses, under whatever number.
    pub(in crate::watch) fn guessed_everywhere(&self) -> String {
        self.say(
            || "dix codes faux en une heure, de tous les numéros ensemble".to_owned(),
            || "ten wrong codes in an hour, of all numbers together".to_owned(),
        )
    }
}
