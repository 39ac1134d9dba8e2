//! Reading a catalogue. Every place is looked at before it is used: one that leads nowhere is a name that is not known.

use std::sync::Arc;

use super::{
    Catalogue, CatalogueError, ENTRY, HEAD, LABEL, MAGIC, NO_PLACE, PART, Places, SUM_AT, VERSION,
    numbers, sortable, sum,
};
use crate::names::row::Clause;
use crate::names::syntax::Labels;
use crate::names::{Kind, Known, Name, Part, Row, Shape, Syntax};

/// So many objects does an INDEX clause have at most (RFC 2578 §3.5 allows no more numbers).
const MOST_PARTS: u32 = 128;

/// The words for numbers, in a catalogue.
#[derive(Clone, Copy, Debug)]
pub(in crate::names) struct FiledLabels<'a> {
    catalogue: &'a Catalogue,
    at: usize,
    count: usize,
}

/// An INDEX clause in a catalogue.
#[derive(Clone, Copy, Debug)]
pub(in crate::names) struct FiledRow<'a> {
    catalogue: &'a Catalogue,
    place: u32,
}

/// An entry, as far as a search looks at it.
struct Entry<'a> {
    oid: &'a [u8],
    kind: Kind,
    module: u32,
    object: u32,
    syntax: u32,
    row: u32,
}

impl Catalogue {
    /// Takes octets that [`super::write`] has given.
    ///
    /// # Errors
    /// [`CatalogueError`] where they are not that, to the octet.
    pub fn open(octets: Arc<[u8]>) -> Result<Self, CatalogueError> {
        if octets.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(CatalogueError::Foreign);
        }
        match word(&octets, MAGIC.len()) {
            Some(VERSION) => {}
            Some(other) => return Err(CatalogueError::Version(other)),
            None => return Err(CatalogueError::Damaged),
        }
        Self::sound(octets).ok_or(CatalogueError::Damaged)
    }

    fn sound(octets: Arc<[u8]>) -> Option<Self> {
        let (head, rest) = octets.split_at_checked(SUM_AT)?;
        let (sum_octets, body) = rest.split_first_chunk()?;
        if sum([head, body]) != u64::from_le_bytes(*sum_octets) {
            return None;
        }
        let entries = size(word(&octets, 12)?)?;
        let mut at = HEAD.checked_add(entries.checked_mul(ENTRY)?)?;
        let mut next = |head_at| {
            let begin = at;
            at = at.checked_add(size(word(&octets, head_at)?)?)?;
            Some(begin)
        };
        let places = Places {
            order: next(16)?,
            oids: next(20)?,
            texts: next(24)?,
            syntaxes: next(28)?,
            rows: next(32)?,
            notes: next(36)?,
        };
        (at == octets.len()).then_some(Self { octets: Arc::clone(&octets), entries, places })
    }

    /// The octets that it was opened from.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// How many names it holds.
    pub fn len(&self) -> usize {
        self.entries
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// What the compiler had to say.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        let notes = self.octets.get(self.places.notes..).unwrap_or_default();
        notes.chunks_exact(4).filter_map(|place| self.text(word(place, 0)?))
    }

    /// Whether the compiler has left files out that may hold more names.
    pub fn is_incomplete(&self) -> bool {
        word(&self.octets, self.places.notes) == Some(NO_PLACE)
    }

    /// What is known of an OID.
    pub(in crate::names) fn lookup<'a>(&'a self, sub_ids: &'a [u32]) -> Option<Known<'a>> {
        let wanted = sortable(sub_ids);
        let mut key = wanted.as_slice();
        let (entry, _) = loop {
            let found = self.last_up_to(key)?;
            if wanted.starts_with(found.0.oid) {
                break found;
            }
            // What both have in common is shorter than the key: this ends.
            let shared = found.0.oid.iter().zip(&wanted).take_while(|(one, other)| one == other);
            key = wanted.get(..shared.count())?;
        };
        let depth = numbers(entry.oid)?.len();
        let instance = sub_ids.get(depth..)?;
        if !entry.kind.has_instances() && !instance.is_empty() {
            return None;
        }
        self.known(&entry, instance)
    }

    /// What is known of just that OID.
    pub(in crate::names) fn exact(&self, sub_ids: &[u32]) -> Option<Known<'_>> {
        let wanted = sortable(sub_ids);
        let (entry, _) = self.last_up_to(&wanted)?;
        if entry.oid == wanted { self.known(&entry, &[]) } else { None }
    }

    /// The OID of a name.
    pub(in crate::names) fn named(
        &self,
        module: Option<&str>,
        object: &str,
    ) -> Option<(Vec<u32>, Kind)> {
        let name = |place: usize| {
            let entry = self.ordered(place)?;
            Some((self.text(entry.object)?, entry))
        };
        let first =
            partition(self.entries, |place| name(place).is_some_and(|(known, _)| known < object));
        let alike = (first..self.entries).map_while(name).take_while(|(known, _)| *known == object);
        let found = alike
            .map(|(_, entry)| entry)
            .find(|entry| module.is_none_or(|module| self.text(entry.module) == Some(module)))?;
        Some((numbers(found.oid)?, found.kind))
    }

    /// Every name, in the order of the OIDs.
    pub(in crate::names) fn all(&self) -> impl Iterator<Item = (Name<'_>, Kind)> {
        (0..self.entries).filter_map(|number| {
            let entry = self.entry(number)?;
            Some((self.name(&entry, &[])?, entry.kind))
        })
    }

    /// Every name, in the order of the OIDs: what another catalogue may lack.
    pub fn names(&self) -> impl Iterator<Item = Name<'_>> {
        self.all().map(|(name, _)| name)
    }

    /// The last entry whose OID does not come after this one.
    fn last_up_to(&self, key: &[u8]) -> Option<(Entry<'_>, usize)> {
        let after = partition(self.entries, |number| {
            self.entry(number).is_some_and(|entry| entry.oid <= key)
        });
        let number = after.checked_sub(1)?;
        Some((self.entry(number)?, number))
    }

    fn entry(&self, number: usize) -> Option<Entry<'_>> {
        let at = HEAD.checked_add(number.checked_mul(ENTRY)?)?;
        let record = self.octets.get(at..at.checked_add(ENTRY)?)?;
        let [low, high, kind, _] = word(record, 4)?.to_le_bytes();
        let begin = self.places.oids.checked_add(size(word(record, 0)?)?)?;
        let end = begin.checked_add(usize::from(u16::from_le_bytes([low, high])))?;
        Some(Entry {
            oid: self.octets.get(begin..end)?,
            kind: Kind::numbered(kind)?,
            module: word(record, 8)?,
            object: word(record, 12)?,
            syntax: word(record, 16)?,
            row: word(record, 20)?,
        })
    }

    /// An entry by its place in the order of names.
    fn ordered(&self, place: usize) -> Option<Entry<'_>> {
        let at = self.places.order.checked_add(place.checked_mul(4)?)?;
        self.entry(size(word(&self.octets, at)?)?)
    }

    fn name<'a>(&'a self, entry: &Entry<'_>, instance: &'a [u32]) -> Option<Name<'a>> {
        Some(Name { module: self.text(entry.module)?, object: self.text(entry.object)?, instance })
    }

    fn known<'a>(&'a self, entry: &Entry<'_>, instance: &'a [u32]) -> Option<Known<'a>> {
        Some(Known {
            name: self.name(entry, instance)?,
            kind: entry.kind,
            syntax: self.syntax(entry.syntax).unwrap_or(Syntax::PLAIN),
            row: Row(Clause::Filed(FiledRow { catalogue: self, place: entry.row })),
        })
    }

    fn text(&self, place: u32) -> Option<&str> {
        let at = self.places.texts.checked_add(size(place)?.checked_sub(1)?)?;
        let begin = at.checked_add(2)?;
        let length: [u8; 2] = self.octets.get(at..begin)?.try_into().ok()?;
        let end = begin.checked_add(usize::from(u16::from_le_bytes(length)))?;
        std::str::from_utf8(self.octets.get(begin..end)?).ok()
    }

    fn syntax(&self, place: u32) -> Option<Syntax<'_>> {
        let at = self.places.syntaxes.checked_add(size(place)?.checked_sub(1)?)?;
        let count = size(word(&self.octets, at.checked_add(8)?)?)?;
        Some(Syntax {
            hint: self.text(word(&self.octets, at)?)?,
            is_bits: word(&self.octets, at.checked_add(4)?)? != 0,
            labels: Labels::Filed(FiledLabels { catalogue: self, at: at.checked_add(12)?, count }),
        })
    }
}

impl<'a> FiledLabels<'a> {
    /// Whether there is none.
    pub(in crate::names) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The number that has this word.
    pub(in crate::names) fn number(self, label: &str) -> Option<i64> {
        let octets = self.catalogue.octets.get(self.at..)?;
        let mut labels = octets
            .chunks_exact(LABEL)
            .take(self.count)
            .filter_map(|label| label.split_first_chunk());
        let has_it =
            |place: &[u8]| word(place, 0).and_then(|at| self.catalogue.text(at)) == Some(label);
        labels.find(|(_, place)| has_it(place)).map(|(number, _)| i64::from_le_bytes(*number))
    }

    /// The word for a number.
    pub(in crate::names) fn word(self, number: i64) -> Option<&'a str> {
        let octets = self.catalogue.octets.get(self.at..)?;
        let (_, place) = octets
            .chunks_exact(LABEL)
            .take(self.count)
            .filter_map(|label| label.split_first_chunk())
            .find(|(known, _)| i64::from_le_bytes(**known) == number)?;
        self.catalogue.text(word(place, 0)?)
    }
}

impl<'a> FiledRow<'a> {
    /// Its objects, in their order.
    pub(in crate::names) fn parts(self) -> Vec<Part<'a>> {
        self.read().unwrap_or_default()
    }

    fn read(self) -> Option<Vec<Part<'a>>> {
        let catalogue = self.catalogue;
        let at = catalogue.places.rows.checked_add(size(self.place)?.checked_sub(1)?)?;
        let count = word(&catalogue.octets, at)?.min(MOST_PARTS);
        let parts = catalogue.octets.get(at.checked_add(4)?..)?;
        let part = |record: &[u8]| {
            Some(Part {
                object: catalogue.text(word(record, 0)?)?,
                shape: Shape::numbered(word(record, 4)?, word(record, 8)?)?,
                syntax: catalogue.syntax(word(record, 12)?).unwrap_or(Syntax::PLAIN),
            })
        };
        parts.chunks_exact(PART).take(size(count)?).map(part).collect()
    }
}

/// How many of the first numbers satisfy it, where none does after one that does not.
fn partition(count: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) { low = middle.saturating_add(1) } else { high = middle }
    }
    low
}

fn word(octets: &[u8], at: usize) -> Option<u32> {
    let octets = octets.get(at..at.checked_add(4)?)?;
    octets.try_into().ok().map(u32::from_le_bytes)
}

fn size(number: u32) -> Option<usize> {
    usize::try_from(number).ok()
}
