//! What people read of swaps: which group went where, until when, and what may not be.

use std::time::Duration;

use super::Wording;
use crate::watch::alarm::Occurrence;
use crate::watch::name::{PersonId, PolicyName, SwapGroup};
use crate::watch::time::Utc;

/// A name that somebody sent is repeated to them in so many letters.
const SHOWN: usize = 20;

impl Wording<'_> {
    /// To who has swapped a group.
    pub(in crate::watch) fn swapped(&self, group: &SwapGroup, until: Utc) -> String {
        let (until, others) = (self.time(until), self.other_policies(group));
        self.say(
            || format!("{group} échangé jusqu'à {until}: ses alarmes vont à {others}."),
            || format!("{group} is swapped until {until}: its alarms go to {others}."),
        )
    }

    fn other_policies(&self, group: &SwapGroup) -> String {
        let policies = self.site.swaps.groups.get(group).into_iter().flatten();
        policies.map(PolicyName::as_str).collect::<Vec<_>>().join(", ")
    }

    /// To who has ended a swap.
    pub(in crate::watch) fn swap_over(&self, group: &SwapGroup) -> String {
        self.say(
            || format!("{group} n'est plus échangé: ses alarmes vont à leur propre escalade."),
            || format!("{group} is no longer swapped: its alarms go to their own escalation."),
        )
    }

    /// To those whom an order concerns: who has swapped what, and until when; or no longer.
    pub(in crate::watch) fn swap_notice(
        &self,
        group: &SwapGroup,
        by: &PersonId,
        until: Option<Utc>,
    ) -> String {
        let (by, called) = (super::cut(self.name(by), 30), super::cut(group.as_str(), 25));
        let others = super::cut(&self.other_policies(group), 40);
        match until.map(|until| self.time(until)) {
            Some(until) => self.say(
                || format!("{by} a échangé {called} jusqu'à {until}: ses alarmes vont à {others}."),
                || format!("{by} has swapped {called} until {until}: its alarms go to {others}."),
            ),
            None => self.say(
                || format!("{by} a mis fin à l'échange de {called}: ses alarmes vont à leur propre escalade."),
                || format!("{by} has ended the swap of {called}: its alarms go to their own escalation."),
            ),
        }
    }

    /// For now a group obeys no more messages.
    pub(in crate::watch) fn swapped_too_often(&self, group: &SwapGroup) -> String {
        let called = super::cut(group.as_str(), 25);
        self.say(
            || format!("{called} a été échangé cinq fois par SMS en une heure: rien n'est changé. La ligne de commande le peut encore."),
            || format!("{called} was swapped five times by SMS in an hour: nothing is changed. The command line still can."),
        )
    }

    /// There is nothing to end.
    pub(in crate::watch) fn not_swapped(&self, group: &SwapGroup) -> String {
        self.say(|| format!("{group} n'est pas échangé."), || format!("{group} is not swapped."))
    }

    /// No order is for so long.
    pub(in crate::watch) fn swap_too_long(&self, longest: Duration) -> String {
        let minutes = longest.as_secs() / 60;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let longest = match (hours, minutes) {
            (0, minutes) => format!("{minutes} min"),
            (hours, 0) => format!("{hours}h"),
            (hours, minutes) => format!("{hours}h{minutes:02}"),
        };
        self.say(
            || format!("Un échange dure {longest} au plus: rien n'est changé."),
            || format!("A swap lasts {longest} at most: nothing is changed."),
        )
    }

    /// This person may not.
    pub(in crate::watch) fn may_not_swap(&self) -> String {
        self.say(
            || "Vous n'avez pas le droit d'échanger un groupe: rien n'est changé.".to_owned(),
            || "You may not swap groups: nothing is changed.".to_owned(),
        )
    }

    /// No alarm names such a group.
    pub(in crate::watch) fn no_such_group(&self, named: &str) -> String {
        let named: String = named.chars().take(SHOWN).collect();
        let known: Vec<&str> = self.site.swaps.groups.keys().map(SwapGroup::as_str).collect();
        if known.is_empty() {
            return self.say(
                || format!("Aucun groupe {named}: rien n'est changé. Ce site n'en a pas."),
                || format!("No group {named}: nothing is changed. This site has none."),
            );
        }
        let known = super::cut(&known.join(", "), 80);
        self.say(
            || format!("Aucun groupe {named}: rien n'est changé. Groupes: {known}."),
            || format!("No group {named}: nothing is changed. Groups: {known}."),
        )
    }

    /// To those who were told of what has moved: one occurrence, or so many.
    pub(in crate::watch) fn moved(
        &self,
        open: Option<&Occurrence>,
        count: usize,
        group: &SwapGroup,
        policy: Option<&PolicyName>,
        until: Option<Utc>,
        code_lives: bool,
    ) -> String {
        let until = until.map(|until| self.time(until));
        let (one, what) = match open {
            Some(open) => (true, self.hint(open)),
            None => (false, String::new()),
        };
        self.say(
            || {
                let (goes, code) =
                    if one { ("va", "Votre code vaut") } else { ("vont", "Vos codes valent") };
                let what = if one { what.clone() } else { format!("{count} alarmes") };
                let to = policy.map_or_else(
                    || "personne n'est appelé".to_owned(),
                    |policy| format!("{what} {goes} à {policy}"),
                );
                let code = if code_lives { format!(" {code} encore.") } else { String::new() };
                match &until {
                    Some(until) => format!("{group} échangé jusqu'à {until}: {to}.{code}"),
                    None => format!("{group} n'est plus échangé: {to}.{code}"),
                }
            },
            || {
                let (goes, code) = if one {
                    ("goes", "Your code still counts")
                } else {
                    ("go", "Your codes still count")
                };
                let what = if one { what.clone() } else { format!("{count} alarms") };
                let to = policy.map_or_else(
                    || "nobody is called".to_owned(),
                    |policy| format!("{what} {goes} to {policy}"),
                );
                let code = if code_lives { format!(" {code}.") } else { String::new() };
                match &until {
                    Some(until) => format!("{group} swapped until {until}: {to}.{code}"),
                    None => format!("{group} is no longer swapped: {to}.{code}"),
                }
            },
        )
    }
}
