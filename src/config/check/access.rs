//! Who else may read what is secret, and write what Vigie believes: the modes of its files, of secrets, and of the store.
//!
//! Looked at where files are looked at: by `vigie check`, at every start, at every reload. What cannot be looked at is none of this
//! part's complaints. The group root is nobody beside root.
//!
//! # Decision (2026-11-27): refused where anybody may write, unless it is a start
//!
//! Whoever may write to the files of the site, or put another store in the place of ours, commands Vigie (a `revive` is a program that it
//! runs) and keeps people from being called. Where that is any account of the machine nothing else that is promised holds, so `vigie check` and a
//! reload refuse it, and with `check` an upgrade: then a daemon goes on watching. A start tells it as loudly as it can and watches: after a power cut at
//! three in the morning nobody is there to mend a mode, and a watch that does not start is worse than whatever somebody might have written. So
//! that somebody mends it by day, `configuration-refused` stands for `access` until a reload or a start finds it right.
//! Rejected: to put modes right by ourselves, which could lock out whom the site has let in.
//!
//! What is mounted so that nobody can write to it is nobody's, whatever its modes say. Where only this mount is read-only (a container's)
//! others may see the same files through another one: that is told, and refused nowhere.

mod mount;
#[cfg(test)]
mod tests;

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use self::mount::Mount;
use super::{Disk, Open};
use crate::config::file::Files;
use crate::config::finding::{At, Finding, Findings, Inline, Place};
use crate::config::regular::folder_of;
use crate::config::secret::Secret;
use crate::config::source::Source;

const READ: u32 = 0o4;
const WRITE: u32 = 0o2;
const STICKY: u32 = 0o1000;

const ELSEWHERE: &str = "keep it elsewhere: { credential = \"…\" }, which systemd hands over, or { file = \"…\" }, a file of Vigie's account alone (chmod 400)";

/// Who may do something beside the owner and root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Others {
    Nobody,
    Group,
    Anybody,
}

impl Others {
    /// Who may do this to that file. The sticky bit of a folder keeps nobody from adding to it.
    fn may(what: u32, about: &Metadata) -> Self {
        let mode = about.mode();
        if mode & what != 0 {
            Self::Anybody
        } else if mode & (what << 3) != 0 && about.gid() != 0 {
            Self::Group
        } else {
            Self::Nobody
        }
    }
}

/// Looks at the files of the site, at their folders, and at the store.
pub(super) fn check(
    files: &Files,
    sources: &[Source],
    store: &Path,
    disk: Disk<'_>,
    findings: &mut Findings,
) {
    let open = match disk {
        Disk::Ignore => return,
        Disk::Look(_, open) => open,
    };
    let store = store.canonicalize().unwrap_or_else(|_| store.to_owned());
    let trusted = Trusted::beside(&store);
    for (number, source) in sources.iter().enumerate() {
        let Some(about) = &source.about else { continue };
        let path = Path::new(&*source.name);
        believed(path, about, Place::file(number), (open, &trusted), findings);
        if let Some(inline) = findings.inline(number) {
            kept_here(&source.name, about, inline, findings);
        }
    }
    if let Some(main) = sources.first() {
        let beside = folder_of(Path::new(&*main.name));
        let added = beside.join("conf.d");
        let has_added = match std::fs::metadata(&added) {
            Ok(about) => {
                believed(&added, &about, Place::file(0), (open, &trusted), findings);
                true
            }
            Err(_) => false,
        };
        // As in /tmp: nobody takes away what is another's, and there is nothing to be added.
        let is_kept = |about: &Metadata| has_added && about.mode() & STICKY != 0;
        if let Ok(about) = std::fs::metadata(beside)
            && !is_kept(&about)
        {
            believed(beside, &about, Place::file(0), (open, &trusted), findings);
        }
    }
    let written = files.store.as_ref().and_then(|store| store.path.read());
    let place = written.map_or(Place::file(0), |written| written.place);
    self::store(&store, place, open, findings);
}

/// Accounts that command Vigie anyway: root, whoever asks, and whoever has the store.
struct Trusted {
    asking: u32,
    stored: Option<u32>,
}

impl Trusted {
    /// That store; before the first start its folder.
    fn beside(store: &Path) -> Self {
        let about = std::fs::metadata(store).or_else(|_| std::fs::metadata(folder_of(store)));
        let asking = nix::unistd::Uid::effective().as_raw();
        Self { asking, stored: about.ok().map(|about| about.uid()) }
    }

    fn has(&self, account: u32) -> bool {
        // Root alone may ask before there is a store: whose it will be is not known.
        let is_unknown = self.asking == 0 && self.stored.is_none();
        account == 0 || account == self.asking || self.stored == Some(account) || is_unknown
    }
}

/// What everybody may write to: an error or a warning, by how it is mounted and by who asks.
fn opened(
    path: &Path,
    place: Place,
    (mount, open): (Mount, Open),
    sentence: String,
    findings: &mut Findings,
) -> Finding {
    match (mount, open) {
        (Mount::Writable, Open::Refused) => Finding::error(place, sentence),
        (Mount::Writable, Open::Told) => {
            let path = path.display().to_string();
            if !findings.open.contains(&path) {
                findings.open.push(path);
            }
            Finding::warning(place, sentence)
        }
        (Mount::ReadOnlyHere, _) => Finding::warning(
            place,
            format!("{sentence}, where it is not mounted read-only as here"),
        ),
        (Mount::ReadOnly, _) => Finding::warning(place, sentence),
    }
}

/// What Vigie believes is written by whom it believes.
fn believed(
    path: &Path,
    about: &Metadata,
    place: Place,
    (open, trusted): (Open, &Trusted),
    findings: &mut Findings,
) {
    let mount = Mount::of(path, about);
    if mount == Mount::ReadOnly {
        return;
    }
    let (named, what) = (path, if about.is_dir() { "the folder" } else { "the file" });
    let path = path.display();
    let finding = match Others::may(WRITE, about) {
        Others::Nobody if trusted.has(about.uid()) => return,
        Others::Nobody => {
            let sentence = format!(
                "{what} {path} belongs to an account that is neither root nor Vigie's: it may write there, and so command Vigie"
            );
            Finding::warning(place, sentence).help(format!("chown root {path}"))
        }
        Others::Group => {
            let sentence = format!(
                "whoever belongs to the group of {what} {path} may write there, and so command Vigie"
            );
            Finding::warning(place, sentence).help(format!("chmod g-w {path}"))
        }
        Others::Anybody => {
            let sentence = format!(
                "every account of this machine may write to {what} {path}, and so command Vigie"
            );
            opened(named, place, (mount, open), sentence, findings)
                .help(format!("chmod o-w {path}"))
        }
    };
    findings.add(finding);
}

/// A secret that stands in a file of the site.
fn kept_here(file: &str, about: &Metadata, inline: At<Inline>, findings: &mut Findings) {
    let finding = match (Others::may(READ, about), inline.value) {
        (Others::Anybody, Inline::Secret | Inline::Community) => {
            let sentence =
                "the mode of this file lets every account of this machine read what is secret here";
            let help = format!("chmod 640 {file}; or {ELSEWHERE}");
            Finding::warning(inline.place, sentence).help(help)
        }
        (Others::Group, Inline::Secret) => {
            let sentence = "whoever belongs to the group of this file can read this secret, those among them who may only look";
            Finding::warning(inline.place, sentence).help(ELSEWHERE)
        }
        // It travels in clear anyway, and who may look may know it.
        (Others::Group, Inline::Community) | (Others::Nobody, _) => return,
    };
    findings.add(finding);
}

/// A secret that is the content of a file of its own.
pub(super) fn kept_there(secret: &At<Secret>, findings: &mut Findings) {
    let Some(path) = secret.value.file() else { return };
    let handed_over = std::env::var_os("CREDENTIALS_DIRECTORY");
    if handed_over.is_some_and(|folder| path.starts_with(folder)) {
        return;
    }
    let Ok(about) = std::fs::metadata(path) else { return };
    let who = match (Others::may(READ, &about), Others::may(WRITE, &about)) {
        (Others::Nobody, Others::Nobody) => return,
        (Others::Anybody, _) | (_, Others::Anybody) => "every account of this machine",
        (Others::Group, _) | (_, Others::Group) => "whoever belongs to the group of its file",
    };
    let path = path.display();
    let finding = Finding::warning(secret.place, format!("{who} has access to this secret"));
    findings.add(
        finding.help(format!("chmod 400 {path}, and let it belong to the account that runs Vigie")),
    );
}

/// The store, what SQLite keeps beside it, and its folder.
fn store(path: &Path, place: Place, open: Open, findings: &mut Findings) {
    let mut owner = None;
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        let Ok(about) = std::fs::metadata(&file) else { continue };
        owner = owner.or(Some(about.uid()));
        let may = (Others::may(READ, &about), Others::may(WRITE, &about));
        if may != (Others::Nobody, Others::Nobody) {
            let file = Path::new(&file).display();
            let sentence = format!(
                "others than the account that runs Vigie have access to {file}, which holds the numbers of people and what messages say"
            );
            findings.add(Finding::warning(place, sentence).help(format!("chmod 600 {file}")));
        }
    }
    let folder = folder_of(path);
    let Ok(about) = std::fs::metadata(folder) else { return };
    let (named, mount) = (folder, Mount::of(folder, &about));
    let folder = folder.display();
    let finding = match Others::may(WRITE, &about) {
        _ if mount == Mount::ReadOnly => return,
        Others::Anybody => {
            let sentence = format!("every account of this machine may put another store in the place of the one in {folder}, or files beside it");
            opened(named, place, (mount, open), sentence, findings).help(format!("chmod 700 {folder}"))
        }
        Others::Group => Finding::warning(
            place,
            format!("whoever belongs to the group of {folder} may put another store in the place of the one there"),
        )
        .help(format!("chmod 700 {folder}")),
        Others::Nobody if owner.is_some_and(|owner| about.uid() != 0 && about.uid() != owner) => {
            Finding::warning(
                place,
                format!("{folder} belongs to an account that is neither root nor the store's: it may put another store in its place"),
            )
            .help(format!("chown {folder} to the account that runs Vigie"))
        }
        Others::Nobody => return,
    };
    findings.add(finding);
}
