//! Who else may read what is secret, and write what Vigie believes: the modes of its files, of secrets, and of the store.
//!
//! Looked at where files are looked at: by `vigie check`, at every start, at every reload. What cannot be looked at is none of this
//! part's complaints. The group root is nobody beside root.
//!
//! # Decision (2026-11-27): refused where anybody may write, else warned of
//!
//! A watch that does not start is worse than a secret that somebody reads, or than a group that is larger than it should be. But whoever may
//! write to the files of the site, or put another store in the place of ours, commands Vigie (a `revive` is a program that it runs) and
//! keeps people from being called. Where that is any account of the machine nothing else that is promised holds, so that is refused. It is refused at
//! a reload and at an upgrade first, when the daemon that runs goes on. Rejected: to put modes right by ourselves, which could lock
//! out whom the site has let in.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Disk;
use crate::config::file::Files;
use crate::config::finding::{At, Finding, Findings, Inline, Place};
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
    /// Who may do this to that file; in a folder with the sticky bit, nobody to what is another's.
    fn may(what: u32, about: &Metadata) -> Self {
        let mode = about.mode();
        if about.is_dir() && mode & STICKY != 0 {
            Self::Nobody
        } else if mode & what != 0 {
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
    match disk {
        Disk::Ignore => return,
        Disk::Look(_) => {}
    }
    for (number, source) in sources.iter().enumerate() {
        let Some(about) = &source.about else { continue };
        believed(Path::new(&*source.name), about, Place::file(number), findings);
        if let Some(inline) = findings.inline(number) {
            kept_here(&source.name, about, inline, findings);
        }
    }
    if let Some(main) = sources.first() {
        let beside = folder_of(Path::new(&*main.name));
        for folder in [beside.join("conf.d"), beside] {
            if let Ok(about) = std::fs::metadata(&folder) {
                believed(&folder, &about, Place::file(0), findings);
            }
        }
    }
    let written = files.store.as_ref().and_then(|store| store.path.read());
    self::store(store, written.map_or(Place::file(0), |written| written.place), findings);
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

/// What Vigie believes is written by whom it believes.
fn believed(path: &Path, about: &Metadata, place: Place, findings: &mut Findings) {
    let (path, what) = (path.display(), if about.is_dir() { "the folder" } else { "the file" });
    let finding = match Others::may(WRITE, about) {
        Others::Nobody => return,
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
            Finding::error(place, sentence).help(format!("chmod o-w {path}"))
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
fn store(path: &Path, place: Place, findings: &mut Findings) {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut owner = None;
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.clone().into_os_string();
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
    let folder = folder_of(&path);
    let Ok(about) = std::fs::metadata(&folder) else { return };
    let folder = folder.display();
    let finding = match Others::may(WRITE, &about) {
        Others::Anybody => Finding::error(
            place,
            format!("every account of this machine may put another store in the place of the one in {folder}"),
        )
        .help(format!("chmod 700 {folder}")),
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

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, create_dir, set_permissions, write};
    use std::os::unix::fs::{PermissionsExt, chown};

    use crate::config::{self, Severity};

    /// A site whose files are as they should be: where it is, and what is complained of once this has been done to it.
    struct Place(tempfile::TempDir);

    const SITE: &str = r#"
[site]
name = "Essai"
time-zone = "Europe/Paris"
[store]
path = "FOLDER/store/vigie.db"
[snmp.network]
listen = ["127.0.0.1:1162"]
communities = ["s3same"]
[gsm.modem]
device = "/dev/ttyUSB9"
pin = PIN
"#;

    impl Place {
        fn with_pin(pin: &str) -> Self {
            let place = Self(tempfile::tempdir().unwrap());
            let folder = place.0.path().display().to_string();
            for name in ["conf.d", "store"] {
                create_dir(place.path(name)).unwrap();
                place.mode(name, 0o700);
            }
            let pin = pin.replace("FOLDER", &folder);
            let text = SITE.replace("FOLDER", &folder).replace("PIN", &pin);
            for (name, text) in [
                ("vigie.toml", text.as_str()),
                ("sim-pin", "4711"),
                ("store/vigie.db", "not looked into"),
                ("store/vigie.db-wal", ""),
            ] {
                write(place.path(name), text).unwrap();
                place.mode(name, 0o600);
            }
            place
        }

        fn path(&self, name: &str) -> std::path::PathBuf {
            self.0.path().join(name)
        }

        fn mode(&self, name: &str, mode: u32) -> &Self {
            set_permissions(self.path(name), Permissions::from_mode(mode)).unwrap();
            self
        }

        /// What is said of who has access, with the path of the folder taken out.
        fn said(&self) -> Vec<(Severity, String)> {
            let reading = config::read(&self.path("vigie.toml"));
            let folder = self.0.path().display().to_string();
            let about_access = |text: &String| {
                text.contains("chmod ")
                    || text.contains("chown ")
                    || text.contains("keep it elsewhere")
            };
            let said = reading
                .complaints
                .iter()
                .map(|complaint| (complaint.severity, complaint.to_string().replace(&folder, "")));
            said.filter(|(_, text)| about_access(text)).collect()
        }

        fn says(&self, severity: Severity, words: &[&str]) {
            let said = self.said();
            assert_eq!(said.len(), 1, "{said:#?}");
            assert_eq!(said[0].0, severity, "{said:#?}");
            assert!(
                words.iter().all(|word| said[0].1.contains(word)),
                "{words:?} in {}",
                said[0].1
            );
            assert!(!said[0].1.contains("4711") && !said[0].1.contains("s3same"), "{}", said[0].1);
        }
    }

    use Severity::{Error, Warning};

    #[test]
    fn a_secret_that_others_can_read_is_told_with_file_and_key_and_never_shown() {
        let place = Place::with_pin("\"4711\"");
        assert_eq!(place.said(), []);
        place.mode("vigie.toml", 0o604).says(
            Warning,
            &[
                "lets every account of this machine read",
                "/vigie.toml:12:7",
                "pin = ",
                "chmod 640 /vigie.toml",
            ],
        );
        let place = Place::with_pin("{ file = \"FOLDER/sim-pin\" }");
        assert_eq!(place.said(), []);
        place
            .mode("sim-pin", 0o604)
            .says(Warning, &["every account", "pin = ", "chmod 400 /sim-pin"]);
        place.mode("sim-pin", 0o600).mode("vigie.toml", 0o604).says(Warning, &["communities = "]);
        if nix::unistd::Uid::effective().is_root() {
            place.mode("vigie.toml", 0o640);
            for name in ["vigie.toml", "sim-pin"] {
                chown(place.path(name), None, Some(4_000_000)).unwrap();
            }
            assert_eq!(place.said(), [], "of communities the group may know");
            place
                .mode("sim-pin", 0o640)
                .says(Warning, &["whoever belongs to the group", "chmod 400"]);
            let place = Place::with_pin("\"4711\"");
            place.mode("vigie.toml", 0o640);
            assert_eq!(place.said(), [], "the group root is nobody beside root");
            chown(place.path("vigie.toml"), None, Some(4_000_000)).unwrap();
            place.says(Warning, &["whoever belongs to the group", "credential"]);
        }
    }

    #[test]
    fn files_and_a_store_that_anybody_may_write_are_refused_and_what_a_group_may_is_told() {
        let place = Place::with_pin("{ file = \"FOLDER/sim-pin\" }");
        for (name, mode, before, words) in [
            ("vigie.toml", 0o602, 0o600, "chmod o-w /vigie.toml"),
            ("conf.d", 0o702, 0o700, "chmod o-w /conf.d"),
            ("", 0o707, 0o700, "chmod o-w "),
            ("store", 0o702, 0o700, "chmod 700 /store"),
        ] {
            place.mode(name, mode).says(Error, &["every account of this machine may", words]);
            place.mode(name, before);
        }
        place.mode("store", 0o1777).mode("conf.d", 0o1777);
        assert_eq!(place.said(), [], "as in /tmp nobody takes away what is another's");
        place.mode("store", 0o700);
        for name in ["store/vigie.db", "store/vigie.db-wal"] {
            place
                .mode(name, 0o644)
                .says(Warning, &["numbers of people", "path = ", &format!("chmod 600 /{name}")]);
            place.mode(name, 0o600);
        }
        if nix::unistd::Uid::effective().is_root() {
            chown(place.path("store"), Some(4_000_000), Some(4_000_000)).unwrap();
            place.says(Warning, &["neither root nor the store's", "chown"]);
            place.mode("store", 0o770).says(Warning, &["whoever belongs to the group of /store"]);
        }
    }
}
