//! Alarm definitions for the traps of a module: what raises and what clears joined where the names
//! show it.
//!
//! They are a beginning: priority, words and ladder are the operator's. Whatever the module says, what comes out is TOML and
//! compiles. `vigie mib traps` writes all of a module; for a trap that nobody claims it is the one to which it belongs.

use std::collections::BTreeSet;

use super::pairing::{pairs, split};
use super::pairs::{Pair, pair};
use super::proposal::Proposal;
use super::quoting::{cel, toml};

/// A description is quoted so far.
const LONGEST: usize = 300;
/// Every SNMP input.
const ALL_INPUTS: &str = "snmp";

/// A notification of a module, as far as a definition can be made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The module.
    pub module: String,
    /// Its name.
    pub name: String,
    /// Its OID, of a TRAP-TYPE as RFC 3584 §3.1 has it.
    pub oid: String,
    /// Its DESCRIPTION, on one line; empty where it is not at hand.
    pub description: String,
    /// The objects that it carries.
    pub objects: Vec<TrapObject>,
}

/// An object that a notification carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrapObject {
    /// Its name.
    pub name: String,
    /// Of a column: the objects of its INDEX clause.
    pub index: Vec<String>,
    /// Whether its values have words or a hint.
    pub has_labels: bool,
}

/// A trap, and its whole name: `IF-MIB::linkDown`.
struct Named<'t> {
    name: String,
    trap: &'t Trap,
}

/// A trap that raises an alarm, and the one that clears it.
struct Joined<'t> {
    raises: Named<'t>,
    clears: Option<Named<'t>>,
    /// Whether there is no doubt which is which.
    is_sure: bool,
}

/// The definitions of all, each with what the module says of the trap.
pub fn definitions(traps: &[Trap]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let all = joined(traps);
    all.iter().map(|joined| definition(joined, ALL_INPUTS, &mut taken)).collect()
}

/// The one to which the trap of that whole name belongs, for that input; none where the module has no such trap.
pub(super) fn definition_of(name: &str, traps: &[Trap], input: &str) -> Option<String> {
    let all = joined(traps);
    let is = |named: &Named<'_>| named.name == name;
    let raised = all.iter().find(|joined| is(&joined.raises));
    let found = raised.or_else(|| all.iter().find(|joined| joined.clears.as_ref().is_some_and(is)));
    found.map(|joined| definition(joined, input, &mut BTreeSet::new()))
}

/// What raises, with what clears it; what clears another does not stand for itself.
fn joined(traps: &[Trap]) -> Vec<Joined<'_>> {
    let full: Vec<String> =
        traps.iter().map(|trap| format!("{}::{}", trap.module, trap.name)).collect();
    let names: Vec<&str> = traps.iter().map(|trap| trap.name.as_str()).collect();
    let shown = pairs(&names);
    let mut clears = BTreeSet::new();
    let mut partners = Vec::new();
    for (number, name) in full.iter().enumerate() {
        // What is known of a trap goes before what its name shows.
        let known =
            known(name).and_then(|pair| full.iter().position(|name| *name == pair.clears.name));
        let by_name = shown.iter().find(|paired| paired.raises == number);
        let found = known.map(|place| (place, true));
        let found = found.or_else(|| by_name.map(|paired| (paired.clears, paired.is_sure)));
        clears.extend(found.map(|(place, _)| place));
        partners.push(found);
    }
    let named = |place: usize| {
        let (name, trap) = (full.get(place)?.clone(), traps.get(place)?);
        Some(Named { name, trap })
    };
    let raising = partners.into_iter().enumerate().filter(|(number, _)| !clears.contains(number));
    raising
        .filter_map(|(number, partner)| {
            let (clears, is_sure) = partner.unzip();
            Some(Joined {
                raises: named(number)?,
                clears: clears.and_then(named),
                is_sure: is_sure.unwrap_or(true),
            })
        })
        .collect()
}

/// The pair that a trap raises, where that is known.
fn known(name: &str) -> Option<&'static Pair> {
    pair(name).filter(|pair| pair.raises.name == name)
}

fn definition(joined: &Joined<'_>, input: &str, taken: &mut BTreeSet<String>) -> String {
    let Joined { raises: Named { name, trap }, clears, is_sure } = joined;
    let known = known(name);
    let mut head = remark(name, trap);
    let mut proposal = Proposal::new(&unused(&trap.name, taken), "trap", input);
    let row = row(trap, clears.as_ref().map(|clears| clears.trap));
    let fields: Vec<String> = row.iter().map(|field| format!("/{{{field}}}")).collect();
    let by_row = format!("{{source}}{}", fields.concat());
    let key = known.and_then(|pair| pair.key).map(|field| format!("{{source}}/{{{field}}}"));
    let key = toml(&key.unwrap_or(by_row));
    match clears {
        Some(clears) => {
            head.push_str(&remark(&clears.name, clears.trap));
            if !is_sure {
                head.push_str("# Which of the two raises the alarm is guessed: please look.\n");
            }
            proposal.traps(&[name, &clears.name]);
            proposal.line("key", key);
            proposal.line("active", toml(&format!("trap == {}", cel(name))));
            let plain = || format!("trap == {}", cel(&clears.name));
            let normal = known.map_or_else(plain, |pair| pair.normal(&clears.name));
            proposal.line("normal", toml(&normal));
        }
        None => {
            proposal.traps(&[name]);
            proposal.line("key", key);
            proposal.line("momentary", "true");
        }
    }
    head + &proposal.finished(&known.map_or_else(|| text(trap, row), |pair| pair.text.to_owned()))
}

/// A name that no definition before has: two modules may call traps alike.
fn unused(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut called = name.to_owned();
    for number in 2_u32.. {
        if taken.insert(split(&called).concat()) {
            break;
        }
        called = format!("{number}-{name}");
    }
    called
}

/// The objects that tell one row from another, where the trap carries a column; both traps must.
fn row<'t>(trap: &'t Trap, partner: Option<&Trap>) -> &'t [String] {
    let column = trap.objects.iter().find(|object| !object.index.is_empty());
    let own = column.map_or(&[][..], |object| object.index.as_slice());
    let is_shared = partner
        .is_none_or(|partner| partner.objects.iter().any(|object| object.index.as_slice() == own));
    if is_shared { own } else { &[] }
}

/// `acmeDoorOpened` of a row is "Acme door opened: {source}, {acmeDoorName}".
fn text(trap: &Trap, row: &[String]) -> String {
    let mut words = split(&trap.name).join(" ");
    if let Some(first) = words.chars().next() {
        words = words.replacen(first, &first.to_uppercase().to_string(), 1);
    }
    let row: Vec<String> = row.iter().map(|field| format!(", {{{field}}}")).collect();
    format!("{words}: {{source}}{}", row.concat())
}

/// What the module says of a trap, as a remark.
fn remark(name: &str, trap: &Trap) -> String {
    let plain: String = trap.description.chars().filter(|letter| !letter.is_control()).collect();
    let shown: String = plain.chars().take(LONGEST).collect();
    let more = if plain.chars().nth(LONGEST).is_some() { "…" } else { "" };
    let colon = if shown.is_empty() { "" } else { ": " };
    let object = |object: &TrapObject| {
        if object.has_labels { format!("labels.{}", object.name) } else { object.name.clone() }
    };
    let objects: Vec<String> = trap.objects.iter().map(object).collect();
    let carries = match objects.as_slice() {
        [] => String::new(),
        objects => format!("#   carries {}\n", objects.join(", ")),
    };
    format!("# {name} ({}){colon}{shown}{more}\n{carries}", trap.oid)
}
