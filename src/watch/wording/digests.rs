//! What a person reads of many alarms at once: the worst by their names, the rest by numbers.
//!
//! The critical ones are named as far as three short messages permit, all others as far as the message that is
//! begun does. What has no name there is counted.

use std::collections::BTreeMap;

use super::{HINT, SHORT, Wording, cut, hinted};
use crate::watch::codes::Code;
use crate::watch::notification::LONGEST;
use crate::watch::site::{Language, Priority};
use crate::watch::storm::{Heard, Kind, News};

/// One of those that a digest tells of.
#[derive(Clone, Copy, Debug)]
pub(in crate::watch) struct Listed<'a> {
    pub(in crate::watch) priority: Priority,
    pub(in crate::watch) text: &'a str,
    pub(in crate::watch) definition: &'a str,
}

/// Of so many definitions it is said how many there are of each.
const DEFINITIONS: usize = 4;
/// Letters in each part of a message of several.
const PART: usize = 150;

impl Wording<'_> {
    /// "12 alarmes Nord: CRITIQUE: Pompe 1 arrêtée; Fuite. HAUTE: Lien 7 coupé; et 9 autres: link 8, door 1. Pour tout
    /// prendre: répondez 4711". They are given the worst first; of `more` nothing but their number is known.
    pub(in crate::watch) fn digest(
        &self,
        kind: Kind,
        listed: &[Listed<'_>],
        more: u64,
        code: Option<Code>,
    ) -> String {
        let more = usize::try_from(more).unwrap_or(usize::MAX);
        let count = listed.len().saturating_add(more);
        let end = self.what_to_answer(kind, code);
        let long = format!("{} {}: ", self.head(kind, count), self.site.name);
        let short = format!("{}: ", self.head(kind, count));
        let body = |head: &str| {
            let room = |whole: usize| {
                whole.saturating_sub(letters(head)).saturating_sub(letters(&end)).saturating_sub(1)
            };
            self.body(listed, more, room(SHORT), room(LONGEST))
        };
        let with_name = format!("{long}{}{end}", body(&long));
        // As for one alarm: the name of the site is left out where it alone takes a second message.
        let text = if letters(&with_name) <= SHORT || letters(&long) > HINT {
            with_name
        } else {
            let without = format!("{short}{}{end}", body(&short));
            if letters(&without) <= SHORT { without } else { with_name }
        };
        cut(&text, LONGEST)
    }

    fn head(&self, kind: Kind, count: usize) -> String {
        match (self.language, kind) {
            (Language::French, Kind::Ask) => plural(count, "alarme", "alarmes"),
            (Language::English, Kind::Ask) => plural(count, "alarm", "alarms"),
            (Language::French, Kind::Confirm) => {
                format!(
                    "{}, une autre personne doit confirmer",
                    plural(count, "alarme prise", "alarmes prises")
                )
            }
            (Language::English, Kind::Confirm) => {
                format!("{} taken, somebody else must confirm", plural(count, "alarm", "alarms"))
            }
            (Language::French, Kind::Remind) => {
                format!("Rappel: {} à confirmer", plural(count, "alarme", "alarmes"))
            }
            (Language::English, Kind::Remind) => {
                format!("Reminder: {} to confirm", plural(count, "alarm", "alarms"))
            }
            (Language::French, Kind::Inform) => {
                format!("Pour information, {}", plural(count, "alarme", "alarmes"))
            }
            (Language::English, Kind::Inform) => {
                format!("For information, {}", plural(count, "alarm", "alarms"))
            }
        }
    }

    fn what_to_answer(&self, kind: Kind, code: Option<Code>) -> String {
        match (self.language, kind, code) {
            (_, _, None) => String::new(),
            (Language::French, Kind::Ask | Kind::Inform, Some(code)) => {
                format!(" Pour tout prendre: répondez {code}")
            }
            (Language::English, Kind::Ask | Kind::Inform, Some(code)) => {
                format!(" To take them all: reply {code}")
            }
            (Language::French, Kind::Confirm | Kind::Remind, Some(code)) => {
                format!(" Quand tout est réglé: {code} FIN")
            }
            (Language::English, Kind::Confirm | Kind::Remind, Some(code)) => {
                format!(" When all is dealt with: {code} DONE")
            }
        }
    }

    /// As many by name as there is room for, and the rest in numbers.
    fn body(&self, listed: &[Listed<'_>], more: usize, short: usize, longest: usize) -> String {
        let mut text = String::new();
        let mut named = 0_usize;
        let mut last = None;
        for one in listed {
            let entry = self.named(*one, last);
            let length = letters(&text).saturating_add(letters(&entry));
            let rest = listed.get(named.saturating_add(1)..).unwrap_or_default();
            let rest = letters(&self.rest(rest, more));
            let begun = short.saturating_add(
                letters(&text).saturating_sub(short).div_ceil(PART).saturating_mul(PART),
            );
            let room = match one.priority {
                Priority::Critical => longest,
                // A message is not begun for what is less bad; but one is always named.
                Priority::High | Priority::Medium | Priority::Low if named == 0 => longest,
                Priority::High | Priority::Medium | Priority::Low => begun.min(longest),
            };
            if length.saturating_add(rest) > room {
                break;
            }
            text.push_str(&entry);
            named = named.saturating_add(1);
            last = Some(one.priority);
        }
        let rest = listed.get(named..).unwrap_or_default();
        text.push_str(&self.rest(rest, more));
        text.push('.');
        text
    }

    /// "; Lien 7 coupé", or ". HAUTE: Lien 7 coupé" where it is the first so bad.
    fn named(&self, one: Listed<'_>, last: Option<Priority>) -> String {
        let what = hinted(one.text);
        match last {
            None => format!("{}: {what}", self.priority(one.priority)),
            Some(priority) if priority == one.priority => format!("; {what}"),
            Some(_) => format!(". {}: {what}", self.priority(one.priority)),
        }
    }

    /// "; et 480 autres: link 470, door 10"
    fn rest(&self, listed: &[Listed<'_>], more: usize) -> String {
        let count = listed.len().saturating_add(more);
        if count == 0 {
            return String::new();
        }
        let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
        for one in listed {
            let count = by_name.entry(one.definition).or_default();
            *count = count.saturating_add(1);
        }
        let mut most: Vec<(&str, usize)> = by_name.into_iter().collect();
        most.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        let shown: Vec<String> = most
            .iter()
            .take(DEFINITIONS)
            .map(|(name, count)| format!("{} {count}", cut(name, 24)))
            .collect();
        let others = if most.len() > DEFINITIONS || more > 0 { "..." } else { "" };
        let critical = listed.iter().filter(|one| one.priority == Priority::Critical).count();
        let (head, worst) = match self.language {
            Language::French => {
                (plural(count, "autre", "autres"), plural(critical, "critique", "critiques"))
            }
            Language::English => (format!("{count} more"), format!("{critical} critical")),
        };
        let worst = match (critical, self.language) {
            (0, _) => String::new(),
            (_, Language::French) if critical == count => {
                format!(" {}", if count == 1 { "critique" } else { "critiques" })
            }
            (_, Language::English) if critical == count => " critical".to_owned(),
            (_, Language::French) => format!(", dont {worst}"),
            (_, Language::English) => format!(", {worst}"),
        };
        let and = match self.language {
            Language::French => "et",
            Language::English => "and",
        };
        let of = if shown.is_empty() { String::new() } else { format!(": {}", shown.join(", ")) };
        format!("; {and} {head}{worst}{of}{others}")
    }

    /// "Alarmes: 12 prises par Karim, 3 de retour à la normale."
    pub(in crate::watch) fn several_news(&self, news: &[Heard]) -> String {
        let parts: Vec<String> =
            news.iter().map(|heard| self.one_of_the_news(&heard.news, heard.count)).collect();
        self.say(
            || format!("Alarmes: {}.", parts.join(", ")),
            || format!("Alarms: {}.", parts.join(", ")),
        )
    }

    fn one_of_the_news(&self, news: &News, count: usize) -> String {
        let (one, several, english) = match news {
            News::Taken(person) => {
                let who = self.name(person);
                return match self.language {
                    Language::French => format!("{} par {who}", plural(count, "prise", "prises")),
                    Language::English => format!("{count} taken by {who}"),
                };
            }
            News::Confirmed(person) => {
                let who = self.name(person);
                return match self.language {
                    Language::French => format!("{} par {who}", plural(count, "réglée", "réglées")),
                    Language::English => format!("{count} dealt with by {who}"),
                };
            }
            News::Normal => ("de retour à la normale", "de retour à la normale", "back to normal"),
            News::CameBack => {
                ("de retour, à reprendre", "de retour, à reprendre", "back again, no longer yours")
            }
            News::Worse => {
                ("aggravée, à reprendre", "aggravées, à reprendre", "worse, no longer yours")
            }
            News::Late => (
                "pas confirmée à temps, on rappelle",
                "pas confirmées à temps, on rappelle",
                "not confirmed in time, calls start again",
            ),
            News::Expired => (
                "toujours présente, on rappelle",
                "toujours présentes, on rappelle",
                "still active, calls start again",
            ),
            News::TestOver => ("essai terminé", "essais terminés", "tests over"),
            News::Quietened => ("mise en silence", "mises en silence", "kept quiet"),
            News::Flaps => ("instable", "instables", "unstable"),
            News::HappensNoMore => ("calmée", "calmées", "calm again"),
            News::SettledNormal => {
                ("stabilisée, normale", "stabilisées, normales", "stable again, normal")
            }
            News::SettledActive => {
                ("stabilisée, présente", "stabilisées, présentes", "stable again, active")
            }
            News::SettledVoid => (
                "stabilisée, présente, à reprendre",
                "stabilisées, présentes, à reprendre",
                "stable again, active, no longer yours",
            ),
        };
        match self.language {
            Language::French => plural(count, one, several),
            Language::English => format!("{count} {english}"),
        }
    }
}

/// "1 alarme", "12 alarmes".
pub(super) fn plural(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

fn letters(text: &str) -> usize {
    text.chars().count()
}
