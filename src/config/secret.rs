//! What nobody may read in a log: where it is kept, and how it is had.
//!
//! A secret is fetched when it is needed, by [`Secret::reveal`] alone; neither `Debug` nor
//! `Display` shows any of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeValue;

use super::finding::{Finding, Findings, Inline, quoted};
use super::regular;
use super::written::{Spot, Written, hide_all, wrong_type};

/// A secret is no longer than this.
const SECRET_LIMIT: u64 = 64 * 1_024;

/// A secret, or where it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Kept);

#[derive(Clone, PartialEq, Eq)]
enum Kept {
    Here(Arc<str>),
    File(PathBuf),
    Credential(String),
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No such file, or we may not read it.
    #[error("the secret in {} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The service manager gave us no credentials.
    #[error(
        "the credential `{0}` is not here: systemd hands it over by LoadCredential= of the service"
    )]
    NoCredentials(String),
    /// Not UTF-8, or too long.
    #[error("the secret in {} is no text of less than 64 KiB", .0.display())]
    NoText(PathBuf),
    /// The file is empty.
    #[error("the secret in {} is empty", .0.display())]
    Empty(PathBuf),
}

impl Secret {
    /// A secret that the configuration itself holds.
    pub fn given(text: &str) -> Self {
        Self(Kept::Here(Arc::from(text)))
    }

    /// A secret that is the content of a file.
    pub fn in_file(path: &Path) -> Self {
        Self(Kept::File(path.to_owned()))
    }

    /// A secret that systemd hands over under this name.
    pub fn credential(name: &str) -> Self {
        Self(Kept::Credential(name.to_owned()))
    }

    /// Where it is kept, in words.
    pub fn place(&self) -> String {
        match &self.0 {
            Kept::Here(_) => "the configuration".to_owned(),
            Kept::File(path) => path.display().to_string(),
            Kept::Credential(name) => format!("the credential `{name}`"),
        }
    }

    /// The secret itself, if the configuration holds it.
    pub(super) fn known(&self) -> Option<&str> {
        match &self.0 {
            Kept::Here(text) => Some(text),
            Kept::File(_) | Kept::Credential(_) => None,
        }
    }

    /// The file that it is the content of, if the configuration names one.
    pub(super) fn file(&self) -> Option<&Path> {
        match &self.0 {
            Kept::File(path) => Some(path),
            Kept::Here(_) | Kept::Credential(_) => None,
        }
    }

    /// The secret itself, fetched now. A line end at the end of a file is no part of it.
    ///
    /// # Errors
    /// [`SecretError`] says where it is kept and why it is not to be had, never what it is.
    pub fn reveal(&self) -> Result<String, SecretError> {
        match &self.0 {
            Kept::Here(text) => Ok(text.to_string()),
            Kept::File(path) => content(path),
            Kept::Credential(name) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY");
                let folder = folder.ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
                content(&Path::new(&folder).join(name))
            }
        }
    }
}

/// Whether what should say where a secret is kept looks like the secret: a file that is no path, a credential whose name is none.
fn may_be_secret(key: &str, value: &DeValue<'_>) -> bool {
    let DeValue::String(text) = value else { return false };
    if key == "file" { !text.contains('/') || text.contains("://") } else { text.contains('/') }
}

fn content(path: &Path) -> Result<String, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let bytes = regular::read(path, SECRET_LIMIT).map_err(unreadable)?.bytes;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= SECRET_LIMIT);
    let text = String::from_utf8(bytes)
        .ok()
        .filter(|_| fits)
        .ok_or_else(|| SecretError::NoText(path.to_owned()))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() { Err(SecretError::Empty(path.to_owned())) } else { Ok(text.to_owned()) }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl std::fmt::Display for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Written for Secret {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        const WAYS: &str =
            "write \"…\" in quotes, { file = \"/path\" } or { credential = \"name\" }";
        let DeValue::Table(table) = value else {
            findings.hide(spot.place);
            if let DeValue::String(text) = value {
                findings.stands_here(spot.place, Inline::Secret);
                return Some(Self::given(text));
            }
            wrong_type(value, spot, "a secret", findings, WAYS);
            return None;
        };
        hide_all(value, spot.place, findings);
        let mut entries = table.iter();
        let (Some((key, at)), None) = (entries.next(), entries.next()) else {
            let sentence =
                format!("{} must name one place in which the secret is kept", quoted(spot.key));
            findings.add(Finding::error(spot.place, sentence).help(WAYS));
            return None;
        };
        let inner = Spot { key: key.get_ref(), place: spot.place.span(&at.span()) };
        match inner.key {
            "file" | "credential" if may_be_secret(inner.key, at.get_ref()) => {
                findings.hide(inner.place);
                let sentence =
                    format!("{} must name where the secret is kept, not be it", quoted(inner.key));
                findings.add(Finding::error(inner.place, sentence).help(WAYS));
                None
            }
            "file" => PathBuf::read(at.get_ref(), inner, findings).map(|path| Self::in_file(&path)),
            "credential" => {
                let name = String::read(at.get_ref(), inner, findings)?;
                if name.is_empty() || name.contains('\0') || name.starts_with('.') {
                    let sentence = format!("{} is no name of a credential", quoted(&name));
                    findings.add(
                        Finding::error(inner.place, sentence)
                            .help("write the name that stands in LoadCredential="),
                    );
                    return None;
                }
                Some(Self::credential(&name))
            }
            unknown => {
                let place = spot.place.span(&key.span());
                let sentence = format!("a secret cannot be kept in {}", quoted(unknown));
                findings.add(Finding::error(place, sentence).help(WAYS));
                None
            }
        }
    }

    fn holds() -> String {
        "secret".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, SecretError};

    #[test]
    fn a_secret_never_shows_itself() {
        let secret = Secret::given("hunter2");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "*** *** Some(***)");
        assert_eq!(secret.reveal().unwrap(), "hunter2");
    }

    #[test]
    fn a_secret_in_a_file_ends_before_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pin");
        std::fs::write(&path, "1234\n").unwrap();
        assert_eq!(Secret::in_file(&path).reveal().unwrap(), "1234");
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(Secret::in_file(&path).reveal(), Err(SecretError::Empty(_))));
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(matches!(Secret::in_file(&path).reveal(), Err(SecretError::NoText(_))));
        std::fs::remove_file(&path).unwrap();
        let error = Secret::in_file(&path).reveal().unwrap_err();
        let why = format!("the secret in {} cannot be read: No such file", path.display());
        assert!(error.to_string().starts_with(&why), "{error}");
    }
}
