//! The alarm that a rehearsal activates: a definition's own words, on a signal of paper.
//!
//! What the operator does not say of the signal stands in the text as it does in the file,
//! `{ifIndex}`. The rest of the definition is as it is: its delays, its latch, its ladder.

use std::sync::Arc;

use crate::watch::definition::{Definition, Grade, Reported, Says, Selector};
use crate::watch::expression::Condition;
use crate::watch::field::FIELDS_OF_ALL;
use crate::watch::matching::Match;
use crate::watch::name::InputName;
use crate::watch::signal::{Fields, Kind, Signal, Tells, Value};
use crate::watch::site::Priority;
use crate::watch::template::Template;
use crate::watch::time::Utc;

/// The input from which the rehearsed signal comes; no file can name it.
const INPUT: &str = "rehearsal";
/// A text is no longer than this, as in the watch.
const LIMIT: usize = crate::watch::definition::TEXT_LIMIT;

/// What the operator said of the signal.
pub(super) struct Sample {
    signal: Signal,
    known: Vec<String>,
}

/// What is activated, and what had to be assumed.
pub(super) struct Rehearsed {
    /// It selects the rehearsed signal and nothing else.
    pub(super) definition: Definition,
    /// The signal.
    pub(super) signal: Signal,
    /// Sentences for the operator.
    pub(super) assumed: Vec<String>,
}

impl Sample {
    /// A signal of which this much is known.
    pub(super) fn new(definition: &Definition, fields: Vec<(String, Value)>, at: Utc) -> Self {
        let (input, kind) = origin(definition);
        let mut signal = Signal {
            input,
            kind,
            source: Arc::from("?"),
            fields: Fields::default(),
            text: Arc::from("?"),
            source_time: None,
            tells: Tells::News,
            received: at,
            identity: None,
            raw: Arc::from([]),
        };
        let mut known = vec!["input".to_owned(), "kind".to_owned(), "received".to_owned()];
        for (name, value) in fields {
            match name.as_str() {
                "source" => signal.source = Arc::from(value.to_string()),
                "text" => signal.text = Arc::from(value.to_string()),
                name if FIELDS_OF_ALL.contains(&name) => continue,
                name => signal.fields.set(name, value),
            }
            known.push(name);
        }
        Self { signal, known }
    }

    fn knows<'n>(&self, mut names: impl Iterator<Item = &'n str>) -> bool {
        names.all(|name| self.known.iter().any(|known| known == name))
    }

    /// Whether what is known is enough to say that the definition, which selects the signal, makes no alarm of it.
    pub(super) fn is_left_alone(&self, definition: &Definition) -> bool {
        let mut conditions = definition.says.conditions();
        if !conditions.all(|(_, condition)| self.knows(condition.names())) {
            return false;
        }
        match definition.read(&self.signal).condition {
            Reported::Active { .. } | Reported::Event { .. } => false,
            Reported::Normal | Reported::Unchanged | Reported::Unreadable(_) => true,
        }
    }

    /// The template with what is known put in; the rest stays as it is written.
    fn render(&self, template: &Template) -> String {
        let mut rendered = String::new();
        let mut expressions = template.expressions();
        let mut rest = template.source();
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            rendered.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                rendered.extend(from.chars().take(1));
                rest = after;
                continue;
            }
            let Some(expression) = expressions.next() else { break };
            let written = format!("{{{}}}", expression.source());
            let whole = if self.knows(expression.names()) {
                Template::parse(&written)
                    .map_or(written.clone(), |one| one.render(&self.signal, LIMIT).text.to_string())
            } else {
                format!("{{{}}}", expression.source().trim())
            };
            rendered.push_str(&whole);
            let inside = from.get(1..).unwrap_or("");
            let end = inside
                .find(expression.source())
                .map_or(0, |start| start.saturating_add(expression.source().len()));
            rest = inside.get(end..).and_then(|rest| Some(rest.split_once('}')?.1)).unwrap_or("");
        }
        rendered.push_str(rest);
        rendered
    }

    /// The first grade that holds for what is known.
    fn priority(&self, definition: &Definition, assumed: &mut Vec<String>) -> Priority {
        for grade in &definition.priority {
            match &grade.when {
                None => return grade.is,
                Some(when) if !self.knows(when.names()) => {
                    let (when, is) = (when.source(), grade.is.as_str());
                    assumed.push(format!(
                        "it is not {is}, because `{when}` is not known: say it with --set"
                    ));
                }
                Some(when) if when.holds(&self.signal) == Ok(true) => return grade.is,
                Some(_) => {}
            }
        }
        Priority::default()
    }

    /// The definition, so that it is active at once whatever it asks of a signal.
    pub(super) fn activate(mut self, definition: &Definition, key: Option<&str>) -> Rehearsed {
        let mut assumed = Vec::new();
        let priority = self.priority(definition, &mut assumed);
        let key = key.map_or_else(|| self.render(&definition.key), str::to_owned);
        let says = match definition.says {
            Says::Momentary(_) => Says::Momentary(None),
            Says::State { .. } | Says::Unless(_) => Condition::compile("true")
                .map_or(Says::Momentary(None), |active| Says::State { active, normal: None }),
        };
        let rehearsed = Definition {
            name: definition.name.clone(),
            from: vec![Selector::Input(InputName::new(INPUT))],
            matches: Match::everything(),
            key: Template::constant(&key),
            says,
            flapping: None,
            heartbeat: None,
            on_delay: definition.on_delay,
            off_delay: definition.off_delay,
            latch: definition.latch,
            priority: vec![Grade { when: None, is: priority }],
            text: Template::constant(&self.render(&definition.text)),
            procedure: definition.procedure.clone(),
            escalation: definition.escalation.clone(),
            swap: definition.swap.clone(),
            cleared_by: definition.cleared_by,
            // Whom it would call is asked, not whether something would keep it quiet.
            suppressed_by: Vec::new(),
        };
        self.signal.input = InputName::new(INPUT);
        self.signal.kind = Kind::Vigie;
        self.signal.text = Arc::from(format!("a signal that activates {}", definition.name));
        Rehearsed { definition: rehearsed, signal: self.signal, assumed }
    }
}

/// The input that the definition looks at first.
fn origin(definition: &Definition) -> (InputName, Kind) {
    match definition.from.first() {
        Some(Selector::Kind(kind)) => (InputName::new(kind.name()), *kind),
        Some(Selector::Input(input)) => {
            let kind = input.as_str().split('.').next().and_then(Kind::named);
            (input.clone(), kind.unwrap_or(Kind::Vigie))
        }
        None => (InputName::new(INPUT), Kind::Vigie),
    }
}
