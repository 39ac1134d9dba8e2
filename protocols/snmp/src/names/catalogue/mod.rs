//! A catalogue: what was compiled from MIB files, in one piece of memory that is searched as it stands.
//!
//! A vendor's whole tree (35,000 objects) is some three MiB, and so much memory it takes: nothing is unfolded. It opens no file; who
//! keeps the octets reads them. A piece that is cut, altered or of another version is refused at [`Catalogue::open`] by its length and
//! its sum; and whatever the octets say, reading them finds a name or finds none, and never panics.
//!
//! # The format, version 1
//!
//! All numbers are little-endian. A head of 48 octets: `VIGIEMIB`, the version, the number of entries, the lengths of the six parts that
//! follow it, four octets of nothing, and FNV-1a (64 bits) over all but that sum itself.
//!
//! | part | what it holds |
//! |---|---|
//! | entries | 24 octets each, in the order of their OIDs: where the OID stands and how long it is (u32, u16), the kind, nothing, the module, the object, the syntax, the row |
//! | order | the numbers of the entries, in the order of their objects' names |
//! | OIDs | each number below 128 in one octet, others as 128 plus the count of their octets and these, high to low: so that OIDs sort as octets do |
//! | texts | each after its length (u16) |
//! | syntaxes | hint, whether BITS, how many labels; each label: its number (i64) and its text |
//! | rows | how many parts; each: object, shape, size, syntax. Of a notification the objects that it carries, of which the name alone counts |
//!
//! Notes (what the compiler had to say) are texts too, named at the end of the rows; a first one that is nowhere says that files were
//! left out. A place is an offset into its part plus one; 0 is none.

mod reading;
mod writing;

use std::fmt;
use std::sync::Arc;

pub(super) use reading::{FiledLabels, FiledRow};
pub use writing::{Definition, PartDefinition, SyntaxDefinition, TooLarge, write};

use super::Kind;

const MAGIC: &[u8; 8] = b"VIGIEMIB";
const VERSION: u32 = 1;
/// The place of what is nowhere.
const NO_PLACE: u32 = 0;
/// The octets of the head.
const HEAD: usize = 48;
/// Where in the head the sum stands.
const SUM_AT: usize = 40;
/// The octets of an entry.
const ENTRY: usize = 24;
/// The octets of a label in a syntax.
const LABEL: usize = 12;
/// The octets of a part in a row.
const PART: usize = 16;

/// Names that were compiled from MIB files.
#[derive(Clone, PartialEq, Eq)]
pub struct Catalogue {
    octets: Arc<[u8]>,
    entries: usize,
    /// Where the parts begin, and where the last one ends.
    places: Places,
}

/// Where each part of a catalogue begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Places {
    order: usize,
    oids: usize,
    texts: usize,
    syntaxes: usize,
    rows: usize,
    notes: usize,
}

/// Why octets are no catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// It begins otherwise.
    #[error("it is no catalogue of MIB names")]
    Foreign,
    /// Another Vigie wrote it.
    #[error("it is of version {0}, and this is version {VERSION}")]
    Version(u32),
    /// It is cut, or its sum is wrong.
    #[error("it is damaged")]
    Damaged,
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Catalogue")
            .field("entries", &self.entries)
            .field("octets", &self.octets.len())
            .finish()
    }
}

impl Kind {
    const fn number(self) -> u8 {
        match self {
            Self::Node => 0,
            Self::Scalar => 1,
            Self::Column => 2,
            Self::Notification => 3,
        }
    }

    const fn numbered(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Node),
            1 => Some(Self::Scalar),
            2 => Some(Self::Column),
            3 => Some(Self::Notification),
            _ => None,
        }
    }
}

/// An OID as octets that sort as its numbers do.
fn sortable(sub_ids: &[u32]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(sub_ids.len().saturating_add(8));
    for sub_id in sub_ids {
        match u8::try_from(*sub_id) {
            Ok(small @ 0..=127) => octets.push(small),
            Ok(_) | Err(_) => {
                let all = sub_id.to_be_bytes();
                let significant = all.iter().skip_while(|octet| **octet == 0);
                octets.push(u8::try_from(significant.clone().count()).unwrap_or(4) | 0x80);
                octets.extend(significant);
            }
        }
    }
    octets
}

/// The numbers of an OID that is written so.
fn numbers(mut octets: &[u8]) -> Option<Vec<u32>> {
    let mut sub_ids = Vec::with_capacity(octets.len());
    while let Some((first, rest)) = octets.split_first() {
        let count = usize::from(first.checked_sub(0x80).unwrap_or(0));
        let (taken, after) = rest.split_at_checked(count)?;
        let number = match taken {
            [] => u32::from(*first),
            [..] if count <= 4 => {
                taken.iter().fold(0_u32, |number, octet| number << 8 | u32::from(*octet))
            }
            [..] => return None,
        };
        sub_ids.push(number);
        octets = after;
    }
    Some(sub_ids)
}

/// FNV-1a, 64 bits: it finds what a disk or a cut has altered, and no more is wanted of it.
fn sum<'o>(pieces: impl IntoIterator<Item = &'o [u8]>) -> u64 {
    pieces.into_iter().flatten().fold(0xcbf2_9ce4_8422_2325, |sum, octet| {
        (sum ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests;
