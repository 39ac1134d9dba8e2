//! From MIB files to definitions: what the child does, and `vigie mib traps`.
//!
//! mib-rs reads them, tolerantly: makers' files are full of small faults, and a name is worth more than a rule. What it could not make out
//! is told, once for each missing module and once for each file. It takes gigabytes for a maker's whole tree: the daemon never calls it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mib_rs::source::SourceOrigin;
use mib_rs::types::{DiagCode, IndexEncoding};
use mib_rs::{
    BaseType, DiagnosticConfig, Kind as MibKind, Loader, Mib, Module, Object, ResolverStrictness,
    Severity,
};
use vigie_snmp::Oid;
use vigie_snmp::names::{self, Definition, Kind, PartDefinition, Shape, SyntaxDefinition};

use super::folder::{LARGEST, Listing};
use super::{fence, standard};
use crate::config::regular;
use crate::watch::unclaimed::{Trap, TrapObject};

/// So many notes are made; the rest are counted.
const MOST_NOTES: usize = 40;
/// So many modules are named in a note.
const NAMED: usize = 3;

/// Files that cannot be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// A file cannot be read, or holds no module.
    #[error("{path} cannot be used: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// mib-rs could not put the modules together.
    #[error("the modules cannot be put together: {0}")]
    Load(#[from] mib_rs::LoadError),
    /// There are too many names.
    #[error(transparent)]
    TooLarge(#[from] names::TooLarge),
}

/// What was made of files.
#[derive(Debug)]
pub struct Compiled {
    /// The catalogue, with the notes in it.
    pub octets: Vec<u8>,
}

/// The catalogue of all modules in these files.
///
/// # Errors
/// [`CompileError`] where nothing can be made of them.
pub fn catalogue(listing: &Listing) -> Result<Compiled, CompileError> {
    let (readable, mut notes) = readable(listing);
    // What they name nobody may call wrong.
    let is_incomplete = !notes.is_empty();
    let definitions = match mib_rs::source::files(&readable) {
        Ok(files) => {
            let mib = loader().source(files).source(standard::source()).load()?;
            notes.extend(missing(&mib));
            notes.extend(faults(&mib));
            definitions(&mib)
        }
        // None of them holds a module.
        Err(_) => Vec::new(),
    };
    let beyond = notes.len().saturating_sub(MOST_NOTES);
    notes.truncate(MOST_NOTES);
    if beyond > 0 {
        notes.push(format!("{beyond} more complaints about the MIB files are not shown"));
    }
    Ok(Compiled { octets: names::write(&definitions, &notes, is_incomplete)? })
}

/// The notifications of the modules in a file, in the order of their OIDs; what they import is sought beside it.
///
/// # Errors
/// [`CompileError`] where nothing can be made of it.
pub fn traps(file: &Path) -> Result<(Vec<Trap>, Vec<String>), CompileError> {
    let unusable = |source| CompileError::File { path: file.to_owned(), source };
    if let Some(why) = fence::refusal(&regular::whole(file, LARGEST >> 20).map_err(unusable)?) {
        return Err(unusable(std::io::Error::other(why)));
    }
    let asked = mib_rs::source::file(file).map_err(unusable)?;
    let modules = asked.list_modules().map_err(unusable)?;
    let beside = Listing::beside(file);
    let (beside, _) = readable(&beside);
    let mut loader = loader().source(asked);
    if let Ok(neighbours) = mib_rs::source::files(&beside) {
        loader = loader.source(neighbours);
    }
    let mib = loader.source(standard::source()).modules(modules.iter().cloned()).load()?;
    let mut found: Vec<(&mib_rs::Oid, Trap)> = mib
        .notifications()
        .filter_map(|notification| {
            let (module, node) = (notification.module()?.name(), notification.node()?);
            let trap = Trap {
                module: module.to_owned(),
                name: notification.name().to_owned(),
                oid: node.oid().to_string(),
                description: one_line(notification.description()),
                objects: notification.objects().map(trap_object).collect(),
            };
            modules.iter().any(|asked| asked == module).then_some((node.oid(), trap))
        })
        .collect();
    found.sort_by_key(|(oid, _)| *oid);
    let notes = missing(&mib).into_iter().chain(faults(&mib)).collect();
    Ok((found.into_iter().map(|(_, trap)| trap).collect(), notes))
}

fn loader() -> Loader {
    let mut faults = DiagnosticConfig::quiet();
    faults.fail_at = Severity::Fatal;
    // One thread: the daemon and the site have the rest of the machine.
    Loader::new()
        .diagnostic_config(faults)
        .resolver_strictness(ResolverStrictness::Permissive)
        .parallelism(1)
}

/// The files that can be read, and what is to be said of the others.
fn readable(listing: &Listing) -> (Vec<&Path>, Vec<String>) {
    let mut notes = Vec::new();
    let readable = listing.paths().filter(|path| {
        let refused = match std::fs::read(path) {
            Ok(octets) => {
                fence::refusal(&octets).map(|why| format!("{} is left out: {why}", path.display()))
            }
            Err(error) => Some(format!("{} cannot be read: {error}", path.display())),
        };
        let is_readable = refused.is_none();
        notes.extend(refused);
        is_readable
    });
    (readable.collect(), notes)
}

/// Modules that are imported and in no folder: each once, with who wants it.
fn missing(mib: &Mib) -> Vec<String> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for module in mib.modules().filter(is_filed) {
        for import in module.imports() {
            let is_there = mib.module(&import.module).is_some_and(|there| {
                // Of the standard's modules only what others import most is built in.
                is_filed(&there)
                    || there.is_base()
                    || import.symbols.iter().all(|symbol| is_resolved(module, &symbol.name))
            });
            if !is_there {
                wanted.entry(&import.module).or_default().insert(module.name());
            }
        }
    }
    wanted
        .into_iter()
        .map(|(module, by)| {
            let named: Vec<&str> = by.iter().take(NAMED).copied().collect();
            let more = by.len().saturating_sub(NAMED);
            let others = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!(
                "{} imports from {module}, which is in no folder: what depends on it has no name, or no words for its numbers",
                named.join(", ") + &others
            )
        })
        .collect()
}

fn is_resolved(module: Module<'_>, symbol: &str) -> bool {
    module.import_resolution(symbol).is_none_or(|resolution| resolution.target.is_some())
}

/// Whether a module comes from a file.
fn is_filed(module: &Module<'_>) -> bool {
    matches!(module.source_origin(), Some(SourceOrigin::File { .. }))
}

/// The first fault of each file that could not be read to its end.
fn faults(mib: &Mib) -> Vec<String> {
    let report = mib.diagnostic_report();
    let mut faults: BTreeMap<String, (u64, String, usize)> = BTreeMap::new();
    for entry in report.iter() {
        let fault = entry.diagnostic();
        let of_writing = matches!(
            fault.code,
            DiagCode::ParseError | DiagCode::UnterminatedString | DiagCode::UnexpectedCharacter
        );
        let Some(module) = fault.module.as_deref().and_then(|name| mib.module(name)) else {
            continue;
        };
        if !of_writing || !is_filed(&module) {
            continue;
        }
        let line = match entry.byte_positions() {
            Ok(Some((start, _))) => u64::from(start.line()).saturating_add(1),
            Ok(None) | Err(_) => 0,
        };
        let file = module.source_label().unwrap_or_default().to_owned();
        let known = faults.entry(file).or_insert((line, fault.message.clone(), 0));
        if line < known.0 {
            (known.0, known.1) = (line, fault.message.clone());
        }
        known.2 = known.2.saturating_add(1);
    }
    let sentence = |(file, (line, message, count)): (String, (u64, String, usize))| {
        let more = match count {
            0 | 1 => String::new(),
            _ => format!(" ({count} faults)"),
        };
        format!("{file}:{line}: {message}{more}; what can be read of it is used")
    };
    faults.into_iter().map(sentence).collect()
}

fn definitions(mib: &Mib) -> Vec<Definition> {
    let carried = carried(mib);
    mib.nodes()
        .filter_map(|node| {
            let module = node.module().filter(is_filed)?;
            let kind = match node.kind() {
                MibKind::Scalar => Kind::Scalar,
                MibKind::Column => Kind::Column,
                MibKind::Notification => Kind::Notification,
                MibKind::Unknown | MibKind::Internal => return None,
                _ => Kind::Node,
            };
            let object = node.object().filter(|_| matches!(kind, Kind::Scalar | Kind::Column));
            let row = match kind {
                Kind::Column => object.map(row).unwrap_or_default(),
                Kind::Notification => carried.get(node.oid()).cloned().unwrap_or_default(),
                Kind::Node | Kind::Scalar => Vec::new(),
            };
            Some(Definition {
                module: module.name().to_owned(),
                object: node.name().to_owned(),
                oid: Oid::new(node.oid()).ok()?,
                kind,
                syntax: object.map(syntax).unwrap_or_default(),
                row,
            })
        })
        .filter(|definition| !definition.object.is_empty())
        .collect()
}

/// What each notification carries. Its objects stand in the catalogue by their names; how they are written stands with themselves.
fn carried(mib: &Mib) -> BTreeMap<&mib_rs::Oid, Vec<PartDefinition>> {
    let part = |object: Object<'_>| PartDefinition {
        object: object.name().to_owned(),
        shape: Shape::Integer,
        syntax: SyntaxDefinition::default(),
    };
    mib.notifications()
        .filter_map(|notification| {
            let oid = notification.node()?.oid();
            Some((oid, notification.objects().map(part).collect()))
        })
        .collect()
}

fn syntax(object: Object<'_>) -> SyntaxDefinition {
    let bits = object.effective_bits();
    let labels = if bits.is_empty() { object.effective_enums() } else { bits };
    SyntaxDefinition {
        hint: object.effective_display_hint().to_owned(),
        is_bits: !bits.is_empty(),
        labels: labels.iter().map(|label| (label.value, label.label.clone())).collect(),
    }
}

/// The INDEX clause of a column's table; none where a part of it is not known.
fn row(column: Object<'_>) -> Vec<PartDefinition> {
    let Some(row) = column.row() else { return Vec::new() };
    let parts = row.effective_indexes().map(|index| {
        let object = index.object()?;
        let is_oid =
            object.ty().is_some_and(|ty| ty.effective_base() == BaseType::ObjectIdentifier);
        let shape = match index.encoding() {
            IndexEncoding::Integer => Shape::Integer,
            IndexEncoding::FixedString => match index.fixed_size() {
                (size, true) => Shape::Fixed(u16::try_from(size).ok()?),
                (_, false) => return None,
            },
            IndexEncoding::LengthPrefixed if is_oid => Shape::CountedOid,
            IndexEncoding::LengthPrefixed => Shape::Counted,
            IndexEncoding::Implied if is_oid => Shape::ImpliedOid,
            IndexEncoding::Implied => Shape::Implied,
            IndexEncoding::IpAddress => Shape::Address,
            IndexEncoding::Unknown => return None,
        };
        Some(PartDefinition { object: object.name().to_owned(), shape, syntax: syntax(object) })
    });
    parts.collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn trap_object(object: Object<'_>) -> TrapObject {
    let is_column = object.kind() == MibKind::Column;
    let row = object.row().filter(|_| is_column);
    let index = row.map(|row| {
        row.effective_indexes()
            .filter_map(|index| Some(index.object()?.name().to_owned()))
            .collect()
    });
    TrapObject {
        name: object.name().to_owned(),
        index: index.unwrap_or_default(),
        has_labels: !object.effective_enums().is_empty()
            || object.effective_display_hint().starts_with("d-"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
