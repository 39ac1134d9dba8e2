//! Names for what SNMP numbers: those that no device needs a MIB file for, and those of a [`Catalogue`] that was compiled from MIB files.
//!
//! Built in are SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863), UPS-MIB (RFC 1628) and the few objects beside them that every trap
//! may carry (RFC 3584 §3.1): Debian ships none of the IETF's MIB files. This module reads no files; an OID that it does not know stays
//! a number. A notification, or a node of the tree, is named only by its exact OID: whatever stands below `snmpTraps` without being in
//! the standard is not given a name that belongs to something else.
//!
//! # Decision (2026-11-26): what is built in keeps its name
//!
//! A folder of MIB files often holds the standard's modules too, some in versions of their own (`RFC1213-MIB::ifDescr` for
//! `IF-MIB::ifDescr`). The built-in name wins, so that no file that is put beside the others changes what a definition matches;
//! what the built-in table does not know of an object (the words of `ifType`) is taken from the file. Rejected: the files first, as net-snmp has it, where the
//! order in which modules are read decides what a trap is called.

mod catalogue;
mod hint;
mod row;
mod syntax;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod well_known;

use std::fmt;

pub use catalogue::{
    Catalogue, CatalogueError, Definition, PartDefinition, SyntaxDefinition, TooLarge, write,
};
pub use row::{Part, Row, Shape};
pub use syntax::Syntax;

use crate::oid::Oid;
use row::Clause;
use syntax::Labels;
use table::Group;

/// What an OID is called, and the instance that follows the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name<'a> {
    /// The MIB module that defines the object: `IF-MIB`.
    pub module: &'a str,
    /// The object, or the notification: `ifDescr`, `linkDown`.
    pub object: &'a str,
    /// Which one (RFC 2578 §7.7): `[0]` for a scalar, the index for a column, nothing for a notification.
    pub instance: &'a [u32],
}

impl fmt::Display for Name<'_> {
    /// As net-snmp writes it: `IF-MIB::ifDescr.7`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}::{}", self.module, self.object)?;
        self.instance.iter().try_for_each(|sub_id| write!(out, ".{sub_id}"))
    }
}

/// What kind of thing has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A place in the tree, a table, a row, an identity: it has no value.
    Node,
    /// An object of which there is one; its instance is 0.
    Scalar,
    /// A column of a table: what follows is the row.
    Column,
    /// A notification.
    Notification,
}

impl Kind {
    /// Whether instances stand below it.
    pub const fn has_instances(self) -> bool {
        match self {
            Self::Scalar | Self::Column => true,
            Self::Node | Self::Notification => false,
        }
    }
}

/// What is known of an OID.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// What kind of thing it is.
    pub kind: Kind,
    /// How its values are written.
    pub syntax: Syntax<'a>,
    /// Of a column: how its instance is made.
    pub row: Row<'a>,
}

/// The names that are built in, and perhaps those of a catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    catalogue: Option<Catalogue>,
    /// One of before, whose names go on.
    earlier: Option<Catalogue>,
}

impl Names {
    /// Those that are built in.
    pub const fn built_in() -> Self {
        Self { catalogue: None, earlier: None }
    }

    /// Those of a catalogue too.
    pub const fn with(catalogue: Catalogue) -> Self {
        Self { catalogue: Some(catalogue), earlier: None }
    }

    /// Those of an earlier catalogue too. What both name keeps the earlier name: somebody relies on it.
    #[must_use]
    pub fn keeping(self, earlier: Catalogue) -> Self {
        Self { earlier: Some(earlier), ..self }
    }

    /// The catalogue, if there is one.
    pub const fn catalogue(&self) -> Option<&Catalogue> {
        self.catalogue.as_ref()
    }

    /// How many names come of files.
    pub fn of_files(&self) -> usize {
        self.filed().map(Catalogue::len).fold(0, usize::saturating_add)
    }

    /// The catalogues, in the order in which they are asked.
    fn filed(&self) -> impl Iterator<Item = &Catalogue> {
        self.earlier.iter().chain(&self.catalogue)
    }

    /// What is known of an OID.
    pub fn lookup<'a>(&'a self, oid: &'a Oid) -> Option<Known<'a>> {
        let filed = || self.filed().find_map(|files| files.lookup(oid.sub_ids()));
        match table::groups().find_map(|group| group.lookup(oid.sub_ids())) {
            Some(known) if known.syntax.is_plain() && known.kind.has_instances() => {
                let syntax = filed().map_or(known.syntax, |filed| filed.syntax);
                Some(Known { syntax, ..known })
            }
            Some(known) => Some(known),
            None => filed(),
        }
    }

    /// What is known of the OID of a notification. A v1 trap whose MIB is of SMIv2 comes with a zero before its last number, which the MIB does
    /// not have (RFC 3584 §3.1 puts it there; UPS-MIB is such a one): it is named as the MIB names it.
    pub fn notification(&self, oid: &Oid) -> Option<Name<'_>> {
        self.exact(oid.sub_ids()).or_else(|| match oid.sub_ids() {
            [enterprise @ .., 0, specific] => self.exact(&[enterprise, &[*specific]].concat()),
            _ => None,
        })
    }

    fn exact(&self, sub_ids: &[u32]) -> Option<Name<'_>> {
        let (last, base) = sub_ids.split_last()?;
        let built_in = table::groups().filter(|group| group.base == base).find_map(|group| {
            let (_, object) = group.names.iter().find(|(sub_id, _)| sub_id == last)?;
            Some((Name { module: group.module, object, instance: &[] }, group.kind))
        });
        let known = built_in.or_else(|| {
            let found = self.filed().find_map(|files| files.exact(sub_ids))?;
            Some((found.name, found.kind))
        });
        known.filter(|(_, kind)| *kind == Kind::Notification).map(|(name, _)| name)
    }

    /// The OID of a name, written `IF-MIB::linkDown`, `linkDown`, or with an instance: `ifDescr.7`.
    pub fn oid(&self, name: &str) -> Option<Oid> {
        let (module, name) = match name.split_once("::") {
            Some((module, name)) => (Some(module), name),
            None => (None, name),
        };
        let (object, instance) = match name.split_once('.') {
            Some((object, instance)) => (object, numbers(instance)?),
            None => (name, Vec::new()),
        };
        let built_in = table::groups()
            .filter(|group| module.is_none_or(|module| module == group.module))
            .find_map(|group| Some((group.oid(object)?, group.kind)));
        let (base, kind) =
            built_in.or_else(|| self.filed().find_map(|files| files.named(module, object)))?;
        (kind.has_instances() || instance.is_empty())
            .then(|| Oid::new(&[base, instance].concat()).ok())?
    }

    /// Every name that is known, without instances: what a name that is not known may have been meant to be.
    pub fn all(&self) -> impl Iterator<Item = (Name<'_>, Kind)> {
        let built_in = table::groups().flat_map(|group| {
            let name = |object| Name { module: group.module, object, instance: &[] };
            group.names.iter().map(move |&(_, object)| (name(object), group.kind))
        });
        built_in.chain(self.filed().flat_map(Catalogue::all))
    }

    /// The names of all notifications.
    pub fn notifications(&self) -> impl Iterator<Item = Name<'_>> {
        self.all().filter(|(_, kind)| *kind == Kind::Notification).map(|(name, _)| name)
    }

    /// The notification of that name, which may be written without its module, or with that of another file that has it too.
    pub fn notification_named(&self, name: &str) -> Option<Name<'_>> {
        self.exact(self.oid(name)?.sub_ids())
    }

    /// The objects that a notification carries, as its MIB file has them; none of what is built in, or where the file does not say.
    pub fn carried(&self, notification: &Oid) -> Vec<&str> {
        let known = self.catalogue.as_ref().and_then(|files| files.exact(notification.sub_ids()));
        let known = known.filter(|known| known.kind == Kind::Notification);
        let parts = known.map(|known| known.row.parts()).unwrap_or_default();
        parts.into_iter().map(|part| part.object).collect()
    }

    /// What is read of the object of that name.
    pub fn of_object<T>(&self, object: &str, read: impl FnOnce(&Known<'_>) -> T) -> Option<T> {
        let oid = self.oid(object)?;
        self.lookup(&oid).map(|known| read(&known))
    }

    /// Whether any object of that name can be a varbind.
    pub fn has_object(&self, object: &str) -> bool {
        let is_built_in =
            table::groups().any(|group| group.names.iter().any(|(_, name)| *name == object));
        is_built_in || self.filed().any(|files| files.named(None, object).is_some())
    }
}

impl Group {
    fn lookup<'a>(&self, sub_ids: &'a [u32]) -> Option<Known<'a>> {
        let (below, instance) = sub_ids.strip_prefix(self.base)?.split_first()?;
        if !self.kind.has_instances() && !instance.is_empty() {
            return None;
        }
        let (_, object) = self.names.iter().find(|(sub_id, _)| sub_id == below)?;
        let name = Name { module: self.module, object, instance };
        Some(Known {
            name,
            kind: self.kind,
            syntax: built_in(object),
            row: Row(Clause::BuiltIn(self.row)),
        })
    }

    fn oid(&self, object: &str) -> Option<Vec<u32>> {
        let (sub_id, _) = self.names.iter().find(|(_, name)| *name == object)?;
        Some([self.base, &[*sub_id]].concat())
    }
}

/// How the values of a built-in object are written.
fn built_in(object: &str) -> Syntax<'static> {
    Syntax {
        hint: table::hint(object),
        is_bits: false,
        labels: Labels::BuiltIn(table::enumeration(object)),
    }
}

/// An instance need not begin like an OID: `48.7` is one.
fn numbers(text: &str) -> Option<Vec<u32>> {
    text.split('.')
        .map(|part| {
            if part.bytes().all(|octet| octet.is_ascii_digit()) { part.parse().ok() } else { None }
        })
        .collect()
}
