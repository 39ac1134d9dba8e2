//! The lines of a night: a time, and what happens then.

use std::sync::Arc;
use std::time::Duration;

use super::super::words::{
    When, base, date, length, split, text, value, when, without_comment, words,
};
use super::own;
use super::traps::Traps;
use crate::watch::codes::Code;
use crate::watch::event::Action;
use crate::watch::own_alarms::SelfSignal;
use crate::watch::signal::Value;
use crate::watch::suppression::{Which, WhichError, Wish};

/// What happens.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Act {
    /// A trap.
    Trap { input: String, trap: String, from: String, fields: Vec<(String, Value)> },
    /// Many traps that differ in one field, evenly over a time.
    Traps(Box<Traps>),
    /// A contact takes a state, or is found in it.
    Contact { input: String, line: String, state: Position, stands: bool },
    /// A person tests a contact.
    Tests { person: String, input: String, line: String },
    /// A person has a test message sent to somebody.
    TestsSms { person: String, to: String },
    /// A message of a broker; `kept` if the broker had kept it.
    Message { input: String, topic: String, payload: String, kept: bool },
    /// A short message of anybody's.
    Sms { input: String, from: String, text: String },
    /// A short message of a person's.
    Answer { person: String, text: String },
    /// A person rings the modem up.
    Calls { person: String },
    /// The network repeats it.
    Again { person: String },
    /// A command.
    Types { person: String, action: Action, target: Typed },
    /// A person takes a schedule at the control socket.
    Takes { person: String, schedule: String, lasting: Duration },
    /// A group is swapped for so long, or no longer.
    Swaps { person: String, group: String, lasting: Option<Duration> },
    /// A person wants an alarm to be quiet, or no longer.
    Quietens { person: String, which: Named, wish: Wish },
    /// A modem, the network or a telephone is otherwise than before.
    Network(OfNetwork),
    /// The daemon is away, or finds its clock or its files otherwise than before.
    House(OfHouse),
    /// Vigie finds something wrong in its own house, or that it is over.
    Finds(SelfSignal),
    /// What must be true.
    Expect(Expected),
    /// Nothing: the night goes on until here.
    End,
}

/// What becomes of modems, the network and telephones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum OfNetwork {
    /// A modem falls silent, or comes back.
    Modem { input: String, up: bool },
    /// A modem takes so long for one short message.
    Pace { input: String, pace: Duration },
    /// Messages to a person are refused.
    Refused { person: String, refused: bool },
    /// What is kept for a person's phone expires.
    GivesUp { person: String },
    /// A phone is off.
    Phone { person: String, off: bool },
}

/// What becomes of the daemon, its clock and its files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum OfHouse {
    /// The daemon is away.
    Away { down: Duration, in_order: bool },
    /// The wall clock is set.
    Clock { later: bool, by: Duration },
    /// Another configuration.
    Reload { section: String },
}

/// How a contact is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Position {
    /// Closed, as it should be.
    Normal,
    /// Open.
    Alarm,
    /// Its wire is cut or shorted.
    Fault,
    /// It changes all the time.
    Chattering,
}

/// By what a command names its occurrence.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Typed {
    /// `#2`
    Occurrence(u64),
    /// A code, or `<marie>`.
    Code(String),
}

/// By what it names the alarm.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Named {
    /// `#2`, a code, or `<marie>`
    Open(Typed),
    /// `link[10.0.0.1/7]`
    Alarm(Which),
}

/// What must be true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expected {
    /// No occurrence is open.
    NothingStands,
    /// An alarm is in that state.
    State { alarm: String, state: String },
    /// That keeps an alarm quiet.
    Kept { alarm: String, suppression: String },
    /// So many groups of unclaimed signals are known.
    Unclaimed(usize),
}

/// Reads a line; `None`: there is nothing in it.
pub(super) fn read(line: &str) -> Result<Option<(When, Act)>, String> {
    let (first, rest) = split(line);
    if first.is_empty() || first.starts_with('#') {
        return Ok(None);
    }
    if first == "on" {
        return date(without_comment(rest).trim()).map(|date| Some((date, Act::End)));
    }
    if base(line).is_some() {
        return Err("the configuration is named above `---- night`".to_owned());
    }
    let when = when(first)?;
    let rest = without_comment(rest).trim();
    if let Some((person, written)) = rest.split_once(':').filter(|(person, _)| is_name(person)) {
        let (person, text) = (person.trim().to_owned(), text(written).to_owned());
        return Ok(Some((when, Act::Answer { person, text })));
    }
    act(rest).map(|act| Some((when, act)))
}

fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
}

fn act(line: &str) -> Result<Act, String> {
    let words = words(line);
    let owned = |word: &str| word.to_owned();
    match words.as_slice() {
        ["end"] => Ok(Act::End),
        [input, "trap", trap, "from", from, fields @ ..] => Ok(Act::Trap {
            input: owned(input),
            trap: owned(trap),
            from: owned(from),
            fields: fields.iter().map(|field| self::field(field)).collect::<Result<_, _>>()?,
        }),
        [input, "traps", trap, "from", from, "over", over, counted, fields @ ..] => {
            let fields = fields.iter().map(|field| self::field(field)).collect::<Result<_, _>>()?;
            let over = length(over)?;
            Traps::read((input, trap, from), over, counted, fields)
                .map(|all| Act::Traps(Box::new(all)))
        }
        [input, "contact", line, state] => Ok(contact(input, line, position(state)?, false)),
        [input, "contact", line, "is", "found", state] => {
            Ok(contact(input, line, position(state)?, true))
        }
        [person, "tests", input, "contact", line] => {
            Ok(Act::Tests { person: owned(person), input: owned(input), line: owned(line) })
        }
        [person, "tests", "sms", to] => Ok(Act::TestsSms { person: owned(person), to: owned(to) }),
        [input, said @ ("message" | "kept"), topic, written @ ..] => Ok(Act::Message {
            input: owned(input),
            topic: owned(topic),
            payload: text(&written.join(" ")).to_owned(),
            kept: *said == "kept",
        }),
        [input, "sms", "from", from, written @ ..] if !written.is_empty() => Ok(Act::Sms {
            input: owned(input),
            from: owned(from),
            text: text(&written.join(" ")).to_owned(),
        }),
        [person, "calls"] => Ok(Act::Calls { person: owned(person) }),
        [person, "again"] => Ok(Act::Again { person: owned(person) }),
        [person, "types", "take", schedule, lasting] => Ok(Act::Takes {
            person: owned(person),
            schedule: owned(schedule),
            lasting: length(lasting)?,
        }),
        [person, "types", "swap", group, lasting] => Ok(Act::Swaps {
            person: owned(person),
            group: owned(group),
            lasting: if *lasting == "off" { None } else { Some(length(lasting)?) },
        }),
        [person, "types", verb, which, rest @ ..] if QUIETENING.contains(verb) => {
            let (person, which) = (owned(person), named(which)?);
            Ok(Act::Quietens { person, which, wish: wish(verb, rest)? })
        }
        [person, "types", action, target] => Ok(Act::Types {
            person: owned(person),
            action: self::action(action)?,
            target: typed(target)?,
        }),
        ["modem", input, state] => Ok(Act::Network(OfNetwork::Modem {
            input: owned(input),
            up: either(state, "up", "down")?,
        })),
        ["modem", input, "takes", pace] => {
            Ok(Act::Network(OfNetwork::Pace { input: owned(input), pace: length(pace)? }))
        }
        ["network", "gives", "up", person] => {
            Ok(Act::Network(OfNetwork::GivesUp { person: owned(person) }))
        }
        ["network", does, person] => Ok(Act::Network(OfNetwork::Refused {
            person: owned(person),
            refused: either(does, "refuses", "takes")?,
        })),
        ["phone", person, state] => Ok(Act::Network(OfNetwork::Phone {
            person: owned(person),
            off: either(state, "off", "on")?,
        })),
        ["restart", "after", down] => {
            Ok(Act::House(OfHouse::Away { down: length(down)?, in_order: true }))
        }
        ["power", "cut", "for", down] => {
            Ok(Act::House(OfHouse::Away { down: length(down)?, in_order: false }))
        }
        ["clock", "jumps", by] => clock(by),
        ["reload", "with", section] => {
            Ok(Act::House(OfHouse::Reload { section: text(section).to_owned() }))
        }
        ["vigie", "finds", alarm, subject, rest @ ..] => {
            own::read(alarm, subject, rest).map(Act::Finds)
        }
        ["expect", expected @ ..] => self::expected(expected).map(Act::Expect),
        _ => Err(format!(
            "`{line}` says nothing that can happen; fixtures/scenarios/README.md has the list"
        )),
    }
}

fn contact(input: &str, line: &str, state: Position, stands: bool) -> Act {
    Act::Contact { input: input.to_owned(), line: line.to_owned(), state, stands }
}

fn position(word: &str) -> Result<Position, String> {
    match word {
        "normal" => Ok(Position::Normal),
        "alarm" => Ok(Position::Alarm),
        "fault" => Ok(Position::Fault),
        "chattering" => Ok(Position::Chattering),
        _ => Err(format!("a contact cannot be `{word}`: write normal, alarm, fault or chattering")),
    }
}

fn field(written: &str) -> Result<(String, Value), String> {
    match written.split_once('=') {
        Some((name, written)) if !name.is_empty() => Ok((name.to_owned(), value(written))),
        Some(_) | None => Err(format!("`{written}` is no field: write name=value")),
    }
}

fn either(word: &str, yes: &str, no: &str) -> Result<bool, String> {
    match word {
        _ if word == yes => Ok(true),
        _ if word == no => Ok(false),
        _ => Err(format!("`{word}` is neither `{yes}` nor `{no}`")),
    }
}

fn action(word: &str) -> Result<Action, String> {
    match word {
        "ack" => Ok(Action::Acknowledge),
        "confirm" => Ok(Action::Confirm),
        "decline" => Ok(Action::Decline),
        "reset" => Ok(Action::Reset),
        _ => Err(format!("`{word}` is no command: write ack, confirm, decline or reset")),
    }
}

fn typed(word: &str) -> Result<Typed, String> {
    if let Some(number) = word.strip_prefix('#') {
        return number
            .parse()
            .map(Typed::Occurrence)
            .map_err(|_| format!("`{word}` is no occurrence"));
    }
    if word.starts_with('<') || Code::parse(word).is_some() {
        return Ok(Typed::Code(word.to_owned()));
    }
    Err(format!("`{word}` is neither a code nor an occurrence"))
}

/// The words by which a person keeps an alarm quiet, or no longer.
const QUIETENING: [&str; 4] = ["shelve", "unshelve", "out-of-service", "return"];

fn named(word: &str) -> Result<Named, String> {
    if let Ok(target) = typed(word) {
        return Ok(Named::Open(target));
    }
    word.parse().map(Named::Alarm).map_err(|error: WhichError| error.to_string())
}

fn wish(verb: &str, rest: &[&str]) -> Result<Wish, String> {
    let why = |words: &[&str]| {
        let written = words.join(" ");
        (!written.is_empty()).then(|| Arc::from(text(&written)))
    };
    match (verb, rest) {
        ("shelve", [lasting, "once", reason @ ..]) => {
            Ok(Wish::Shelve { lasting: length(lasting)?, once: true, reason: why(reason) })
        }
        ("shelve", [lasting, reason @ ..]) => {
            Ok(Wish::Shelve { lasting: length(lasting)?, once: false, reason: why(reason) })
        }
        ("unshelve", []) => Ok(Wish::Unshelve),
        ("out-of-service", reason) => Ok(Wish::TakeOut { reason: why(reason) }),
        ("return", []) => Ok(Wish::Return),
        _ => Err(format!("`{verb}` is followed by the alarm, and for shelve by how long: 2h")),
    }
}

fn clock(by: &str) -> Result<Act, String> {
    match (by.strip_prefix('+'), by.strip_prefix('-')) {
        (Some(by), _) => Ok(Act::House(OfHouse::Clock { later: true, by: length(by)? })),
        (None, Some(by)) => Ok(Act::House(OfHouse::Clock { later: false, by: length(by)? })),
        (None, None) => Err(format!("`{by}` has no sign: write +1h or -1h")),
    }
}

fn expected(words: &[&str]) -> Result<Expected, String> {
    match words {
        ["nothing", "stands"] => Ok(Expected::NothingStands),
        [count, "unclaimed"] => {
            count.parse().map(Expected::Unclaimed).map_err(|_| format!("`{count}` is no number"))
        }
        [alarm, "is", suppression] => {
            let (alarm, suppression) = ((*alarm).to_owned(), (*suppression).to_owned());
            Ok(Expected::Kept { alarm, suppression })
        }
        [alarm, state] => {
            Ok(Expected::State { alarm: (*alarm).to_owned(), state: (*state).to_owned() })
        }
        _ => {
            Err("write `expect ALARM[KEY] STATE`, `expect ALARM[KEY] is shelved`, `expect nothing stands` or `expect N unclaimed`"
                .to_owned())
        }
    }
}

#[cfg(test)]
mod tests;
