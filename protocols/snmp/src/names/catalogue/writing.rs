//! Writing a catalogue: from definitions to octets. What is said twice is kept once.

use std::collections::HashMap;

use super::{HEAD, MAGIC, NO_PLACE, VERSION, sortable, sum};
use crate::names::{Kind, Shape};
use crate::oid::Oid;

/// A note or a name is cut beyond so many octets.
const LONGEST_TEXT: usize = 1_000;

/// Something that a MIB names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The module that defines it.
    pub module: String,
    /// Its name: `ifIndex`.
    pub object: String,
    /// Its OID.
    pub oid: Oid,
    /// What kind of thing it is.
    pub kind: Kind,
    /// How its values are written.
    pub syntax: SyntaxDefinition,
    /// Of a column: the INDEX clause of its table; of a notification: the objects that it carries.
    pub row: Vec<PartDefinition>,
}

/// How the values of an object are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyntaxDefinition {
    /// The DISPLAY-HINT; empty where there is none.
    pub hint: String,
    /// Whether its octets are BITS.
    pub is_bits: bool,
    /// The words for its numbers, or for its bits.
    pub labels: Vec<(i64, String)>,
}

/// One object of an INDEX clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartDefinition {
    /// The object: `ifIndex`.
    pub object: String,
    /// How it stands in an instance.
    pub shape: Shape,
    /// How its values are written.
    pub syntax: SyntaxDefinition,
}

/// There are more names than a catalogue can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these MIB files hold more than a catalogue of names can")]
pub struct TooLarge;

/// The catalogue of these definitions, with what the compiler has to say about them, and whether files were left out that may hold
/// more. Of two that have the same OID the first is kept.
///
/// # Errors
/// [`TooLarge`] where a part grows beyond 4 GiB.
pub fn write(
    definitions: &[Definition],
    notes: &[String],
    is_incomplete: bool,
) -> Result<Vec<u8>, TooLarge> {
    let mut sorted: Vec<(Vec<u8>, &Definition)> =
        definitions.iter().map(|one| (sortable(one.oid.sub_ids()), one)).collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    sorted.dedup_by(|(later, _), (earlier, _)| later == earlier);
    let mut parts = Parts::default();
    for (oid, definition) in &sorted {
        parts.entry(oid, definition)?;
    }
    let mut order: Vec<(&str, u32)> = (0..)
        .zip(&sorted)
        .map(|(number, (_, definition))| (definition.object.as_str(), number))
        .collect();
    order.sort_unstable();
    let order: Vec<u8> = order.iter().flat_map(|(_, number)| number.to_le_bytes()).collect();
    let mut noted = if is_incomplete { NO_PLACE.to_le_bytes().to_vec() } else { Vec::new() };
    for note in notes {
        noted.extend(parts.text(note)?.to_le_bytes());
    }
    let count = u32::try_from(sorted.len()).map_err(|_| TooLarge)?;
    finished(
        count,
        [&order, &parts.oids, &parts.texts, &parts.syntaxes, &parts.rows, &noted],
        &parts.entries,
    )
}

fn finished(count: u32, parts: [&Vec<u8>; 6], entries: &[u8]) -> Result<Vec<u8>, TooLarge> {
    let mut octets = Vec::with_capacity(HEAD);
    octets.extend(MAGIC);
    octets.extend(VERSION.to_le_bytes());
    octets.extend(count.to_le_bytes());
    for part in parts {
        octets.extend(u32::try_from(part.len()).map_err(|_| TooLarge)?.to_le_bytes());
    }
    let body: Vec<u8> =
        std::iter::once(entries).chain(parts.map(Vec::as_slice)).flatten().copied().collect();
    let sum = sum([octets.as_slice(), body.as_slice()]);
    octets.extend(sum.to_le_bytes());
    octets.extend(body);
    Ok(octets)
}

/// The parts of a catalogue that is being written.
#[derive(Default)]
struct Parts {
    entries: Vec<u8>,
    oids: Vec<u8>,
    texts: Vec<u8>,
    syntaxes: Vec<u8>,
    rows: Vec<u8>,
    known_texts: HashMap<String, u32>,
    known_syntaxes: HashMap<Vec<u8>, u32>,
    known_rows: HashMap<Vec<u8>, u32>,
}

impl Parts {
    fn entry(&mut self, oid: &[u8], definition: &Definition) -> Result<(), TooLarge> {
        let at = u32::try_from(self.oids.len()).map_err(|_| TooLarge)?;
        let length = u16::try_from(oid.len()).map_err(|_| TooLarge)?;
        self.oids.extend(oid);
        let module = self.text(&definition.module)?;
        let object = self.text(&definition.object)?;
        let syntax = self.syntax(&definition.syntax)?;
        let row = self.row(&definition.row)?;
        self.entries.extend(at.to_le_bytes());
        self.entries.extend(length.to_le_bytes());
        self.entries.extend([definition.kind.number(), 0]);
        for place in [module, object, syntax, row] {
            self.entries.extend(place.to_le_bytes());
        }
        Ok(())
    }

    /// The place of a text.
    fn text(&mut self, text: &str) -> Result<u32, TooLarge> {
        let text = text.get(..text.floor_char_boundary(LONGEST_TEXT)).unwrap_or(text);
        if let Some(place) = self.known_texts.get(text) {
            return Ok(*place);
        }
        let length = u16::try_from(text.len()).map_err(|_| TooLarge)?;
        let place = kept(&mut self.texts, &[&length.to_le_bytes(), text.as_bytes()].concat())?;
        self.known_texts.insert(text.to_owned(), place);
        Ok(place)
    }

    /// The place of a syntax; 0 where there is nothing to say.
    fn syntax(&mut self, syntax: &SyntaxDefinition) -> Result<u32, TooLarge> {
        if *syntax == SyntaxDefinition::default() {
            return Ok(0);
        }
        let mut record = self.text(&syntax.hint)?.to_le_bytes().to_vec();
        record.extend(u32::from(syntax.is_bits).to_le_bytes());
        record.extend(u32::try_from(syntax.labels.len()).map_err(|_| TooLarge)?.to_le_bytes());
        for (number, label) in &syntax.labels {
            record.extend(number.to_le_bytes());
            record.extend(self.text(label)?.to_le_bytes());
        }
        once(&mut self.syntaxes, &mut self.known_syntaxes, record)
    }

    /// The place of a row; 0 where there is none.
    fn row(&mut self, row: &[PartDefinition]) -> Result<u32, TooLarge> {
        if row.is_empty() {
            return Ok(0);
        }
        let mut record = u32::try_from(row.len()).map_err(|_| TooLarge)?.to_le_bytes().to_vec();
        for part in row {
            let (shape, size) = part.shape.numbers();
            let places = [self.text(&part.object)?, shape, size, self.syntax(&part.syntax)?];
            record.extend(places.into_iter().flat_map(u32::to_le_bytes));
        }
        once(&mut self.rows, &mut self.known_rows, record)
    }
}

/// The place of a record, which is kept once.
fn once(
    part: &mut Vec<u8>,
    known: &mut HashMap<Vec<u8>, u32>,
    record: Vec<u8>,
) -> Result<u32, TooLarge> {
    if let Some(place) = known.get(&record) {
        return Ok(*place);
    }
    let place = kept(part, &record)?;
    known.insert(record, place);
    Ok(place)
}

/// Adds octets to a part, and gives their place.
fn kept(part: &mut Vec<u8>, octets: &[u8]) -> Result<u32, TooLarge> {
    let place = part.len().checked_add(1).and_then(|place| u32::try_from(place).ok());
    part.extend(octets);
    place.ok_or(TooLarge)
}

impl Shape {
    /// Its number in a catalogue, and its size.
    fn numbers(self) -> (u32, u32) {
        match self {
            Self::Integer => (0, 0),
            Self::Fixed(count) => (1, count.into()),
            Self::Counted => (2, 0),
            Self::Implied => (3, 0),
            Self::CountedOid => (4, 0),
            Self::ImpliedOid => (5, 0),
            Self::Address => (6, 0),
        }
    }

    /// The shape of that number and size.
    pub(super) fn numbered(number: u32, size: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Integer,
            1 => Self::Fixed(size.try_into().ok()?),
            2 => Self::Counted,
            3 => Self::Implied,
            4 => Self::CountedOid,
            5 => Self::ImpliedOid,
            6 => Self::Address,
            _ => return None,
        })
    }
}
