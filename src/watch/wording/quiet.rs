//! What people read of alarms that are kept quiet on purpose: who did it, and until when.

use super::{Wording, hinted};
use crate::watch::name::{DefinitionName, PersonId};
use crate::watch::site::Right;
use crate::watch::suppression::Shelf;

/// So many letters of names; the rest of the message needs the others.
const ROOM: usize = 75;

impl Wording<'_> {
    /// To the one who shelved it, and to those who were told of it.
    pub(in crate::watch) fn shelved(&self, what: &str, shelf: &Shelf) -> String {
        let (what, who) = (hinted(what), self.name(&shelf.mark.by));
        let until = self.time(shelf.until.due);
        if shelf.once {
            return self.say(
                || format!("Masqué par {who} jusqu'au retour, {until} au plus tard: {what}."),
                || format!("Shelved by {who} until it returns, {until} at the latest: {what}."),
            );
        }
        self.say(
            || format!("Masqué par {who} jusqu'à {until}: {what}."),
            || format!("Shelved by {who} until {until}: {what}."),
        )
    }

    /// It is shelved no more.
    pub(in crate::watch) fn unshelved(&self, what: &str) -> String {
        let what = hinted(what);
        self.say(|| format!("Plus masqué: {what}."), || format!("No longer shelved: {what}."))
    }

    /// It is out of service.
    pub(in crate::watch) fn out_of_service(&self, what: &str, by: &PersonId) -> String {
        let (what, who) = (hinted(what), self.name(by));
        self.say(
            || format!("Mis hors service par {who}: {what}."),
            || format!("Taken out of service by {who}: {what}."),
        )
    }

    /// It is in service again.
    pub(in crate::watch) fn in_service(&self, what: &str) -> String {
        let what = hinted(what);
        self.say(|| format!("Remis en service: {what}."), || format!("Back in service: {what}."))
    }

    /// Every day, to those who can return something to service.
    pub(in crate::watch) fn daily_list(&self, out: &[String], shelved: usize) -> String {
        let (count, names) = (out.len(), some_of(out));
        self.say(
            || {
                format!(
                    "Hors service: {count} ({names}). Masquées: {shelved}. Détail: vigie quiet."
                )
            },
            || format!("Out of service: {count} ({names}). Shelved: {shelved}. More: vigie quiet."),
        )
    }

    /// To those who were told of what another alarm explains.
    pub(in crate::watch) fn is_an_effect(&self, what: &str) -> String {
        let what = hinted(what);
        self.say(
            || format!("Plus rien à répondre, c'est l'effet d'une autre alarme: {what}."),
            || format!("Nothing left to answer, another alarm is its cause: {what}."),
        )
    }

    /// To one who may not.
    pub(in crate::watch) fn has_no_right(&self, right: Right) -> String {
        match right {
            Right::OutOfService => self.say(
                || "Refusé: vous n'avez pas le droit de mettre hors service.".to_owned(),
                || "Refused: you may not take alarms out of service.".to_owned(),
            ),
            Right::Shelve | Right::Swap | Right::Take => self.say(
                || "Refusé: vous n'avez pas le droit de masquer. L'alarme continue.".to_owned(),
                || "Refused: you may not shelve. The alarm goes on.".to_owned(),
            ),
        }
    }

    /// A test cannot be kept quiet.
    pub(in crate::watch) fn is_a_test(&self) -> String {
        self.say(
            || "Un essai ne se masque pas: acquittez-le.".to_owned(),
            || "A test is not shelved: acknowledge it.".to_owned(),
        )
    }

    /// It was not shelved.
    pub(in crate::watch) fn is_not_shelved(&self) -> String {
        self.say(
            || "Cette alarme n'est pas masquée.".to_owned(),
            || "That alarm is not shelved.".to_owned(),
        )
    }

    /// It is in service.
    pub(in crate::watch) fn is_in_service(&self) -> String {
        self.say(
            || "Cette alarme est déjà en service.".to_owned(),
            || "That alarm is in service already.".to_owned(),
        )
    }

    /// An alarm of Vigie's own stays in service.
    pub(in crate::watch) fn shelve_it_instead(&self) -> String {
        self.say(
            || "Vigie surveille toujours Vigie: masquez cette alarme pour un temps.".to_owned(),
            || "Vigie always watches itself: shelve that alarm for a while.".to_owned(),
        )
    }

    /// No definition bears that name.
    pub(in crate::watch) fn no_such_definition(&self, name: &DefinitionName) -> String {
        self.say(
            || format!("Aucune alarme ne s'appelle `{name}` dans les fichiers."),
            || format!("No alarm is called `{name}` in the files."),
        )
    }

    /// One of several must be named.
    pub(in crate::watch) fn which_key(&self, name: &DefinitionName) -> String {
        self.say(
            || format!("Il y a plusieurs alarmes `{name}`: écrivez laquelle, `{name}[CLÉ]`."),
            || format!("There are several alarms `{name}`: write which, `{name}[KEY]`."),
        )
    }

    /// There is but one.
    pub(in crate::watch) fn has_no_key(&self, name: &DefinitionName) -> String {
        self.say(
            || format!("Il ne peut y avoir d'alarme `{name}` avec cette clé."),
            || format!("There can be no alarm `{name}` with that key."),
        )
    }

    /// More alarms stand than can be held.
    pub(in crate::watch) fn no_more_room(&self) -> String {
        self.say(
            || "Trop d'alarmes sont déjà ouvertes.".to_owned(),
            || "Too many alarms stand already.".to_owned(),
        )
    }
}

/// As many names as there is room for in one message.
fn some_of(names: &[String]) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        let more = text.chars().count().saturating_add(name.chars().count());
        if !text.is_empty() && more > ROOM {
            return format!("{text} +{}", names.len().saturating_sub(index));
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.extend(name.chars().take(ROOM));
    }
    text
}
