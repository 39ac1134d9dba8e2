//! MIB files: the folders that `mibs` names, and the names that come of them.
//!
//! They are part of what is configured: `vigie check` must know which traps there are. Compiling a maker's whole tree takes
//! gigabytes and seconds, so a child of this very program does it and hands back a catalogue; the last one is kept beside the store,
//! and while no file changes it is only read. This module writes nothing: [`Kept::write`] is for the daemon, whose store it is.
//!
//! When things go wrong: a folder that is absent, a file that cannot be read, a module that imports what is in no folder are told,
//! and what is known is used. When the child fails, the last catalogue that it gave is used, and that is told; without one there are the
//! names that are built in. A name that cannot be known for such a reason is not called wrong.
//!
//! # Decision (2026-11-27): a name that is in use outlives its file
//!
//! Whether a file is gone for good or for a while, nobody can tell: names that the kept catalogue has and the files no longer give are
//! [`Earlier`]. They go on where a definition cannot do without them, and that is told at each start; the kept catalogue then stays as it
//! is. Rejected: refusing the configuration, which leaves a site unwatched for want of a file; and keeping every name for ever, by which
//! two machines with the same files would call traps differently.

mod child;
mod compile;
mod fence;
mod folder;
mod kept;
mod proposals;
mod standard;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vigie_snmp::names::{Catalogue, Names};

pub use child::MibError;
pub use compile::{CompileError, Compiled, catalogue, traps};
pub use folder::Listing;
pub use kept::Kept;
pub use proposals::Proposals;

/// What is told where no new names can be had.
pub(super) const LAST_ARE_USED: &str = "the names that were compiled before are used";

/// What came of the folders of one receiver.
#[derive(Clone, Debug)]
pub(super) struct Filed {
    /// The names.
    pub(super) names: Arc<Names>,
    /// Whether names are missing that the folders would give.
    pub(super) lacks_names: bool,
    /// What is to be told: sentences.
    pub(super) notes: Vec<String>,
    /// A catalogue that is not kept yet.
    pub(super) fresh: Option<Kept>,
    /// What the files no longer give.
    pub(super) earlier: Option<Earlier>,
}

/// Names of the kept catalogue that the files no longer give.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    /// These beside those that the files give.
    pub(super) names: Arc<Names>,
    /// The modules that lost a name.
    pub(super) modules: BTreeSet<String>,
}

/// What may be done to know the names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Means<'m> {
    /// The program compiles what has changed.
    Compile(&'m Path),
    /// What was compiled last must do.
    Read,
}

impl Filed {
    /// Nothing is known but what is built in.
    pub(super) fn unknown() -> Self {
        Self {
            names: Arc::new(Names::built_in()),
            lacks_names: true,
            notes: Vec::new(),
            fresh: None,
            earlier: None,
        }
    }

    /// Notes what the files no longer give.
    fn beside(self, kept: Option<&Kept>) -> Self {
        let lost = kept.and_then(|kept| Earlier::of(kept.catalogue(), &self.names));
        Self { earlier: lost, ..self }
    }
}

impl Earlier {
    fn of(kept: &Catalogue, names: &Names) -> Option<Self> {
        let known: BTreeSet<(&str, &str)> =
            names.all().map(|(name, _)| (name.module, name.object)).collect();
        let lost = kept.names().filter(|name| !known.contains(&(name.module, name.object)));
        let modules: BTreeSet<String> = lost.map(|name| name.module.to_owned()).collect();
        let names = Arc::new(names.clone().keeping(kept.clone()));
        (!modules.is_empty()).then_some(Self { names, modules })
    }
}

/// The names of these folders; what was compiled before is kept beside that store.
pub(super) fn read(folders: &[PathBuf], store: &Path, means: Means<'_>) -> Filed {
    let listing = Listing::of(folders);
    let stamp = listing.stamp();
    let kept = Kept::read(store, folders);
    let is_fresh = kept.as_ref().is_some_and(|kept| kept.is_of(&stamp));
    let mut notes = listing.notes();
    let is_gone = folders.iter().any(|folder| !folder.is_dir());
    if let (true, Some(kept)) = (is_gone, &kept) {
        // A folder that is gone for a while takes no name with it: definitions by name would be dead without a word.
        notes.push(LAST_ARE_USED.to_owned());
        let names = Arc::new(Names::with(kept.catalogue().clone()));
        return Filed { names, notes, ..Filed::unknown() };
    }
    if listing.is_empty() {
        let filed = Filed { lacks_names: listing.is_incomplete(), notes, ..Filed::unknown() };
        return filed.beside(kept.as_ref());
    }
    let compiled = match means {
        Means::Read => None,
        Means::Compile(_) if is_fresh => None,
        Means::Compile(program) => match child::compile(folders, program) {
            Ok(catalogue) => Some(Kept::new(store, folders, stamp, catalogue)),
            Err(error) => {
                notes.push(format!("the MIB files could not be compiled: {error}"));
                None
            }
        },
    };
    let is_known = is_fresh || compiled.is_some();
    let Some(last) = compiled.as_ref().or(kept.as_ref()) else {
        return Filed { notes, ..Filed::unknown() };
    };
    if is_known {
        notes.extend(last.catalogue().notes().map(str::to_owned));
    } else if matches!(means, Means::Compile(_)) {
        notes.push(LAST_ARE_USED.to_owned());
    }
    let filed = Filed {
        names: Arc::new(Names::with(last.catalogue().clone())),
        lacks_names: !is_known || listing.is_incomplete() || last.catalogue().is_incomplete(),
        notes,
        ..Filed::unknown()
    };
    match compiled {
        Some(_) => Filed { fresh: compiled, ..filed.beside(kept.as_ref()) },
        None => filed,
    }
}
