//! Alarm definitions for the traps of a module: what raises and what clears joined where the names
//! show it.
//!
//! They are a beginning, as those of `vigie unclaimed` are: priority, words and ladder are the
//! operator's. Whatever the module says, what comes out is TOML and compiles.

use std::collections::BTreeSet;

use super::pairing::{pairs, split};
use crate::config::mibs::Trap;
use crate::watch::unclaimed::{Pair, Proposal, cel, pair, toml};

/// A description is quoted so far.
const LONGEST: usize = 300;

/// The trap that clears another.
struct Partner<'t> {
    name: &'t str,
    trap: &'t Trap,
    is_sure: bool,
}

/// The definitions, each with what the module says of the trap.
pub(super) fn of(traps: &[Trap]) -> Vec<String> {
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
        partners.push(found.and_then(|(place, is_sure)| {
            clears.insert(place);
            Some(Partner { name: full.get(place)?, trap: traps.get(place)?, is_sure })
        }));
    }
    let mut taken = BTreeSet::new();
    let raising = traps.iter().zip(&full).zip(partners).enumerate();
    raising
        .filter(|(number, _)| !clears.contains(number))
        .map(|(_, ((trap, name), partner))| definition(trap, name, partner.as_ref(), &mut taken))
        .collect()
}

/// The pair that a trap raises, where that is known.
fn known(name: &str) -> Option<&'static Pair> {
    pair(name).filter(|pair| pair.raises.name == name)
}

fn definition(
    trap: &Trap,
    name: &str,
    partner: Option<&Partner<'_>>,
    taken: &mut BTreeSet<String>,
) -> String {
    let known = known(name);
    let mut head = remark(name, trap);
    let mut proposal = Proposal::new(&unused(&trap.name, taken), "trap", "snmp");
    let row = row(trap, partner.map(|partner| partner.trap));
    let fields: Vec<String> = row.iter().map(|field| format!("/{{{field}}}")).collect();
    let by_row = format!("{{source}}{}", fields.concat());
    let key = known.and_then(|pair| pair.key).map(|field| format!("{{source}}/{{{field}}}"));
    let key = toml(&key.unwrap_or(by_row));
    match partner {
        Some(partner) => {
            head.push_str(&remark(partner.name, partner.trap));
            if !partner.is_sure {
                head.push_str("# Which of the two raises the alarm is guessed: please look.\n");
            }
            proposal.traps(&[name, partner.name]);
            proposal.line("key", key);
            proposal.line("active", toml(&format!("trap == {}", cel(name))));
            let plain = || format!("trap == {}", cel(partner.name));
            let normal = known.map_or_else(plain, |pair| pair.normal(partner.name));
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
    let object = |object: &crate::config::mibs::TrapObject| {
        if object.has_labels { format!("labels.{}", object.name) } else { object.name.clone() }
    };
    let objects: Vec<String> = trap.objects.iter().map(object).collect();
    let carries = match objects.as_slice() {
        [] => String::new(),
        objects => format!("#   carries {}\n", objects.join(", ")),
    };
    format!("# {name} ({}){colon}{shown}{more}\n{carries}", trap.oid)
}
