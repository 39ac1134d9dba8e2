//! What is told and what is refused of modes, owners and folders, each on files that are so.

use std::fs::{Permissions, create_dir, set_permissions, write};
use std::os::unix::fs::{PermissionsExt, chown};

use std::path::Path;

use crate::config::{self, Severity};
use crate::watch::time::Utc;

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
        let path = self.path("vigie.toml");
        self.told(&config::read_guarded(&path, Path::new(config::THIS_PROGRAM), Utc::default()))
    }

    /// The same at a start.
    fn said_at_a_start(&self) -> Vec<(Severity, String)> {
        let path = self.path("vigie.toml");
        self.told(&config::read_compiling(&path, Path::new(config::THIS_PROGRAM), Utc::default()))
    }

    fn told(&self, reading: &config::Reading) -> Vec<(Severity, String)> {
        let folder = self.0.path().display().to_string();
        let about_access = |text: &String| {
            text.contains("chmod ") || text.contains("chown ") || text.contains("keep it elsewhere")
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
        assert!(words.iter().all(|word| said[0].1.contains(word)), "{words:?} in {}", said[0].1);
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
    place.mode("sim-pin", 0o604).says(Warning, &["every account", "pin = ", "chmod 400 /sim-pin"]);
    place.mode("sim-pin", 0o600).mode("vigie.toml", 0o604).says(Warning, &["communities = "]);
    if nix::unistd::Uid::effective().is_root() {
        place.mode("vigie.toml", 0o640);
        for name in ["vigie.toml", "sim-pin"] {
            chown(place.path(name), None, Some(4_000_000)).unwrap();
        }
        assert_eq!(place.said(), [], "of communities the group may know");
        place.mode("sim-pin", 0o640).says(Warning, &["whoever belongs to the group", "chmod 400"]);
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
        let said = place.said_at_a_start();
        assert!(said.len() == 1 && said[0].0 == Warning, "nobody else watches then: {said:#?}");
        place.mode(name, before);
    }
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

#[test]
fn a_folder_with_the_sticky_bit_is_open_where_something_can_be_added() {
    let place = Place::with_pin("{ file = \"FOLDER/sim-pin\" }");
    for (name, words) in [("conf.d", "chmod o-w /conf.d"), ("store", "chmod 700 /store")] {
        place.mode(name, 0o1777).says(Error, &["every account of this machine may", words]);
        place.mode(name, 0o700);
    }
    place.mode("", 0o1777);
    assert_eq!(place.said(), [], "nobody takes conf.d or the file away, which are another's");
    std::fs::remove_dir(place.path("conf.d")).unwrap();
    place.says(Error, &["every account of this machine may write to the folder", "chmod o-w "]);
}

#[test]
fn a_file_of_the_site_that_belongs_to_another_account_is_told() {
    if !nix::unistd::Uid::effective().is_root() {
        return;
    }
    let place = Place::with_pin("{ file = \"FOLDER/sim-pin\" }");
    for name in ["vigie.toml", "conf.d"] {
        chown(place.path(name), Some(4_000_000), None).unwrap();
        place.says(Warning, &["neither root nor Vigie's", &format!("chown root /{name}")]);
        chown(place.path(name), Some(0), None).unwrap();
    }
    for name in ["vigie.toml", "store", "store/vigie.db", "store/vigie.db-wal"] {
        chown(place.path(name), Some(4_000_000), None).unwrap();
    }
    assert_eq!(place.said(), [], "it belongs to the account that has the store");
}
