//! The fields that the inputs of an alarm can have: what `match`, `key`, `text`, `active`,
//! `normal` and `when` may name.

use std::sync::Arc;

use vigie_mqtt::Filter;
use vigie_snmp::names::{Known, Names};

use crate::config::finding::{Finding, Findings, Place, nearest, quoted};
use crate::config::source::Source;
use crate::watch::expression::Condition;
use crate::watch::field::{FIELDS_OF_ALL, Sort};
use crate::watch::matching::{Glob, Pattern};
use crate::watch::signal::Kind;
use crate::watch::template::Template;

use crate::config::finding::At;

/// What a message of a broker tells only where a `profile` reads it.
const OF_A_PROFILE: &[&str] =
    &["device", "device_name", "part", "reading", "online", "event", "facts", "stale", "remarks"];

/// What the `from` of an alarm comes to.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// The kinds of signals that it lets in, each once.
    pub(super) kinds: Vec<Kind>,
    /// Whether one of the receivers of traps knows a user of SNMPv3 who proves himself.
    pub(super) has_users: bool,
    /// The names that the traps of each may bear.
    pub(super) names: Vec<Arc<Names>>,
    /// Whether names are missing that its MIB files would give: then one that is not known says nothing.
    pub(super) lacks_names: bool,
    /// What the connections to brokers listen to; empty where that is not known.
    topics: Vec<Filter>,
    /// Whether it is not known of one of them.
    lacks_topics: bool,
    /// Whether one of the connections to brokers has a `profile`, or it is not known of one of them.
    pub(super) has_profile: bool,
    /// The names of the contacts.
    pub(super) lines: Vec<String>,
}

impl Inputs {
    /// In words: `snmp`, or `snmp` and `gsm`.
    pub(super) fn called(&self) -> String {
        crate::config::finding::listed(self.kinds.iter().map(|kind| kind.name()), "and")
    }

    /// The fields of one kind, as these inputs have them.
    fn fields_of(&self, kind: Kind) -> impl Iterator<Item = &'static str> {
        let is_missing = move |field: &str| self.lacks_profile(kind, field);
        kind.fields().iter().copied().filter(move |field| !is_missing(field))
    }

    /// Whether that field is there only with a `profile`, and there is none.
    fn lacks_profile(&self, kind: Kind, field: &str) -> bool {
        kind == Kind::Mqtt && !self.has_profile && OF_A_PROFILE.contains(&field)
    }

    /// Whether a signal of one of them can have that field.
    pub(super) fn can_have(&self, field: &str) -> bool {
        self.kinds.iter().any(|kind| {
            FIELDS_OF_ALL.contains(&field)
                || self.fields_of(*kind).any(|known| known == field)
                // `Kind::can_have` says yes to any varbind; here we know which have names.
                || *kind == Kind::Snmp && (self.lacks_names || self.has_object(field))
        })
    }

    /// Whether no signal of any of them can have that in the field.
    pub(super) fn exclude(&self, field: &str, pattern: &Pattern) -> bool {
        let can = |kind: &Kind| {
            let is_number = kind.sort_of(field) == Some(Sort::Number);
            kind.can_have(field)
                && pattern.possible(*kind, field)
                && (!is_number || pattern.may_be_a_number())
        };
        !self.kinds.is_empty() && !self.kinds.iter().any(can)
    }

    /// Whether it is a word for what is a number by every MIB that is known. A device may send the word all the same.
    pub(super) fn is_word_for_a_number(&self, field: &str, pattern: &Pattern) -> bool {
        self.kinds == [Kind::Snmp] && !pattern.may_be_a_number() && self.is_enumeration(field)
    }

    /// Adds what one of them listens to.
    pub(super) fn add_topics(&mut self, topics: Option<Vec<Filter>>) {
        match topics {
            Some(topics) => self.topics.extend(topics),
            None => self.lacks_topics = true,
        }
    }

    /// What is listened to, where no topic of it can have that form. It looks at how both begin.
    pub(super) fn unheard_form(&self, form: &Glob) -> Option<&[Filter]> {
        let may_have = |topic: &Filter| {
            let beginning = match topic.as_str().find(['+', '#']) {
                None => return form.matches(topic.as_str()),
                Some(wild) => topic.as_str().get(..wild).unwrap_or_default(),
            };
            // What ends in `/#` also means what stands before the slash.
            let beginning = beginning.strip_suffix('/').unwrap_or(beginning);
            beginning.starts_with(form.beginning()) || form.beginning().starts_with(beginning)
        };
        let heard = self.lacks_topics || self.topics.iter().any(may_have);
        (!heard).then_some(&*self.topics)
    }

    /// What is listened to, where a filter has no topic in common with any of it.
    pub(super) fn unheard(&self, filter: &Filter) -> Option<&[Filter]> {
        let heard = self.lacks_topics || self.topics.iter().any(|topic| topic.overlaps(filter));
        (!heard).then_some(&*self.topics)
    }

    fn has_object(&self, field: &str) -> bool {
        self.names.iter().any(|names| names.has_object(field))
    }

    /// Whether whatever is called so is an enumeration, in each module that has it.
    pub(super) fn is_enumeration(&self, object: &str) -> bool {
        // The first that is called so is found by its name: all names are looked through only where that is an enumeration.
        let is_other =
            |known: &Known<'_>| known.kind.has_instances() && !known.syntax.is_enumeration();
        let mut first = self.names.iter().map(|names| names.of_object(object, is_other));
        if self.lacks_names || first.any(|is_other| is_other == Some(true)) {
            return false;
        }
        let all = self.names.iter().flat_map(|names| names.all().map(move |name| (names, name)));
        let mut so_called = all
            .filter(|(_, (name, kind))| name.object == object && kind.has_instances())
            .map(|(names, (name, _))| {
                names.of_object(&name.to_string(), |known| known.syntax.is_enumeration())
            })
            .peekable();
        so_called.peek().is_some() && so_called.all(|is| is == Some(true))
    }

    /// The number that has this word in an enumeration.
    pub(super) fn number_of(&self, object: &str, word: &str) -> Option<i64> {
        let number = |known: &Known<'_>| known.syntax.number(word);
        self.names.iter().find_map(|names| names.of_object(object, number).flatten())
    }

    /// Whether a trap can bear just that name.
    pub(super) fn has_trap(&self, name: &str) -> bool {
        self.trap_named(name).is_some_and(|known| known == name)
    }

    /// The full name of the trap that is called so, perhaps without its module.
    pub(super) fn trap_named(&self, name: &str) -> Option<String> {
        let found = self.names.iter().find_map(|names| names.notification_named(name));
        found.map(|name| name.to_string())
    }

    /// The full names of all traps.
    pub(super) fn traps(&self) -> Vec<String> {
        let all = self.names.iter().flat_map(|names| names.notifications());
        all.map(|name| name.to_string()).collect()
    }
}

/// Complains of a field that the inputs cannot have.
pub(super) fn check_name(
    field: &str,
    place: Place,
    inputs: &Inputs,
    findings: &mut Findings,
) -> bool {
    // Without inputs, or with inputs that are told to be wrong, nothing can be said.
    if inputs.kinds.is_empty() || inputs.can_have(field) {
        return true;
    }
    let own = inputs.kinds.iter().flat_map(|kind| inputs.fields_of(*kind));
    let known: Vec<&str> = own.chain(FIELDS_OF_ALL.iter().copied()).collect();
    let snmp = inputs.kinds.contains(&Kind::Snmp);
    let objects = inputs.names.iter().flat_map(|names| names.all());
    let objects = objects.map(|(name, _)| name.object).filter(|_| snmp);
    let owner = Kind::ALL.into_iter().find(|kind| kind.fields().contains(&field));
    let close =
        if owner.is_none() { nearest(field, known.iter().copied().chain(objects)) } else { None };
    let lacks_profile = inputs.kinds.iter().any(|kind| inputs.lacks_profile(*kind, field));
    let help = match close {
        None if lacks_profile => {
            "only a connection with a `profile` tells it: add one to [mqtt.NAME], or read `json`"
                .to_owned()
        }
        Some(known) => format!("did you mean {}?", quoted(known)),
        None if owner.is_some() => {
            format!("it is a field of {}", quoted(owner.map(Kind::name).unwrap_or_default()))
        }
        None if snmp => {
            "put the MIB file that names it into a folder of `mibs`, or write vars['1.3.6.1.4.1.…'] in an expression"
                .to_owned()
        }
        None => format!("its fields are {}", known.join(", ")),
    };
    let sentence = format!("a signal of {} has no field {}", inputs.called(), quoted(field));
    findings.add(Finding::error(place, sentence).help(help));
    false
}

/// The sources, in which the place of a word within a text is found.
#[derive(Clone, Copy)]
pub(super) struct Pages<'s>(pub(super) &'s [Source]);

impl Pages<'_> {
    /// Reads a condition, and checks the fields that it names.
    pub(super) fn condition(
        self,
        written: &At<String>,
        key: &str,
        inputs: &Inputs,
        findings: &mut Findings,
    ) -> Option<Condition> {
        match Condition::compile(&written.value) {
            Ok(condition) => {
                self.check_names(condition.names(), written, inputs, findings);
                Some(condition)
            }
            Err(error) => {
                let place = error.at.map_or(written.place, |at| self.inside(written.place, at));
                let help = "see \"Expressions\" in the manual; for example 'trap == \"IF-MIB::linkDown\"' or 'value > 8.0'";
                findings.add(
                    Finding::error(place, format!("`{key}` cannot be read: {}", error.problem))
                        .help(help),
                );
                None
            }
        }
    }

    /// Reads a template, and checks the fields that its expressions name.
    pub(super) fn template(
        self,
        written: &At<String>,
        key: &str,
        inputs: &Inputs,
        findings: &mut Findings,
    ) -> Option<Template> {
        match Template::parse(&written.value) {
            Ok(template) => {
                self.check_names(template.names(), written, inputs, findings);
                Some(template)
            }
            Err(error) => {
                let place = self.inside(written.place, error.at);
                let help =
                    "write expressions in braces, {source}, and braces that are meant twice, {{";
                findings.add(
                    Finding::error(place, format!("`{key}` cannot be read: {}", error.problem))
                        .help(help),
                );
                None
            }
        }
    }

    /// Complains of each name that no signal of these inputs can have.
    pub(super) fn check_names<'n>(
        self,
        names: impl Iterator<Item = &'n str>,
        written: &At<String>,
        inputs: &Inputs,
        findings: &mut Findings,
    ) {
        let mut seen: Vec<&str> = Vec::new();
        for name in names {
            if !seen.contains(&name) {
                seen.push(name);
                check_name(name, self.word(written.place, name), inputs, findings);
            }
        }
    }

    /// What stands in quotes at that place, and where its first letter is; `None` where letters
    /// are written by escapes, for then a byte of the value is not a byte of the file.
    fn content(self, place: Place) -> Option<(&'static str, usize)> {
        let raw = self.raw(place)?;
        let open = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| raw.starts_with(quote))?;
        if open.starts_with('"') && raw.contains('\\') {
            return None;
        }
        let after = raw.get(open.len()..)?;
        let newline = if open.len() == 3 {
            after.len().saturating_sub(
                after.strip_prefix("\r\n").or(after.strip_prefix('\n')).unwrap_or(after).len(),
            )
        } else {
            0
        };
        Some((open, place.start?.saturating_add(open.len()).saturating_add(newline)))
    }

    fn raw(&self, place: Place) -> Option<&str> {
        self.0.get(place.source)?.text.get(place.start?..place.end)
    }

    /// The word that begins at a byte of a text.
    pub(super) fn inside(self, place: Place, at: usize) -> Place {
        let Some((open, begin)) = self.content(place) else {
            return place;
        };
        let last = place.end.saturating_sub(open.len());
        let start = begin.saturating_add(at).min(last);
        let text = self.0.get(place.source).map_or("", |source| source.text.as_str());
        let rest = text.get(start..last).unwrap_or("");
        let word = rest
            .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .unwrap_or(rest.len());
        let wide = if word > 0 { word } else { rest.chars().next().map_or(1, char::len_utf8) };
        Place::new(place.source, start, start.saturating_add(wide))
    }

    /// Where a letter stands in a text.
    pub(super) fn letter(self, place: Place, letter: char) -> Place {
        let found = self.raw(place).and_then(|raw| raw.find(letter));
        let start = place.start.zip(found).map(|(start, at)| start.saturating_add(at));
        start.map_or(place, |start| {
            Place::new(place.source, start, start.saturating_add(letter.len_utf8()))
        })
    }

    /// Where a name stands in a text, if it can be found.
    pub(super) fn word(self, place: Place, name: &str) -> Place {
        let (Some(raw), Some(start)) = (self.raw(place), place.start) else {
            return place;
        };
        let in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let whole = raw.match_indices(name).find(|(at, _)| {
            let before = raw.get(..*at).and_then(|text| text.chars().next_back());
            let after =
                raw.get(at.saturating_add(name.len())..).and_then(|text| text.chars().next());
            !before.is_some_and(in_word) && !after.is_some_and(in_word)
        });
        whole.map_or(place, |(at, _)| {
            let start = start.saturating_add(at);
            Place::new(place.source, start, start.saturating_add(name.len()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Pages, Place, Source};

    /// What a place in the value of `x` shows of the file.
    fn shown(file: &str, at: usize) -> String {
        let sources = [Source::new("vigie.toml", file)];
        let start = file.find('=').unwrap() + 2;
        let whole = Place::new(0, start, file.trim_end().len());
        let place = Pages(&sources).inside(whole, at);
        file.get(place.start.unwrap()..place.end).unwrap().to_owned()
    }

    #[test]
    fn the_carets_stand_under_the_word_that_is_wrong() {
        assert_eq!(shown("x = 'trap = 3'\n", 5), "=");
        assert_eq!(shown("x = \"value > oops\"\n", 8), "oops");
        assert_eq!(shown("x = '''\nvalue > oops'''\n", 8), "oops");
        assert_eq!(shown("x = \"\"\"\r\nvalue\"\"\"\r\n", 0), "value");
        assert_eq!(shown("x = 'é > ü'\n", 5), "ü");
    }

    #[test]
    fn where_letters_are_escaped_the_carets_stand_under_the_whole() {
        assert_eq!(shown("x = \"a \\\" b\"\n", 4), "\"a \\\" b\"");
    }

    #[test]
    fn a_place_beyond_the_end_stays_within_the_text() {
        assert_eq!(shown("x = 'ab'\n", 2), "'");
        assert_eq!(shown("x = 'ab'\n", 999), "'");
    }
}
