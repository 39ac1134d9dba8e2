//! TLS towards a server: whose word this machine takes for who somebody is, and what went wrong in words.
//!
//! A certificate is never taken unchecked: there is no such setting. Nothing is kept here: who connects reads it again, so that
//! authorities that were renewed are in force without a restart.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore};

/// Why TLS cannot be tried.
#[derive(Debug, thiserror::Error)]
pub enum Untried {
    /// A file with certificates.
    #[error("the certificates in {} cannot be read: {why}", path.display())]
    Certificates {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Nobody is believed.
    #[error(
        "this machine knows no certificate authorities: install `ca-certificates`, or name them with `ca`"
    )]
    NoAuthorities,
    /// The library refuses.
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

/// The means of encryption: ring's.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A file that should hold certificates, and what it holds or why it cannot be read.
pub type Held<'p> = (&'p Path, io::Result<Vec<u8>>);

/// The authorities in that file, or those of the machine.
///
/// # Errors
/// [`Untried`] where there are none, or the file cannot be read.
pub fn authorities(ca: Option<Held<'_>>) -> Result<Arc<RootCertStore>, Untried> {
    let mut store = RootCertStore::empty();
    match ca {
        Some((path, held)) => {
            for certificate in certificates((path, held))? {
                store.add(certificate).map_err(|error| Untried::Certificates {
                    path: path.to_owned(),
                    why: error.to_string(),
                })?;
            }
        }
        None => {
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if store.is_empty() { Err(Untried::NoAuthorities) } else { Ok(Arc::new(store)) }
}

/// The certificates in that file.
///
/// # Errors
/// [`Untried::Certificates`] where there is none, or it cannot be read.
pub fn certificates((path, held): Held<'_>) -> Result<Vec<CertificateDer<'static>>, Untried> {
    let wrong = |why: String| Untried::Certificates { path: path.to_owned(), why };
    let pem = held.map_err(|error| wrong(error.to_string()))?;
    let read = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    if read.is_empty() { Err(wrong("there is none in it".to_owned())) } else { Ok(read) }
}

/// For who shows nothing and believes these authorities of whom they say.
///
/// # Errors
/// [`Untried`] where there are none, or the library refuses.
pub fn client(ca: Option<Held<'_>>) -> Result<Arc<ClientConfig>, Untried> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Untried::Setup(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(authorities(ca)?).with_no_client_auth()))
}

/// How the other end is called, and what is advised that only its own keys can mend.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// `the broker`
    pub called: &'static str,
    /// Where its certificate is for another name.
    pub misnamed: &'static str,
    /// Where it wants a certificate of ours.
    pub wants_ours: &'static str,
    /// Where it does not speak TLS.
    pub speaks_none: &'static str,
}

impl Peer {
    /// What went wrong, in the operator's words.
    pub fn words(&self, error: &rustls::Error) -> String {
        let Self { called, misnamed, wants_ours, speaks_none } = self;
        let certificate = |what: &str| format!("the certificate of {called} {what}");
        match error {
            rustls::Error::InvalidCertificate(wrong) => match wrong {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    certificate("has expired")
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    certificate("is not valid yet: perhaps our clock is wrong")
                }
                CertificateError::UnknownIssuer => {
                    certificate("is of an authority that we do not know: name it with `ca`")
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => {
                    certificate(&format!("is for another name: {misnamed}"))
                }
                CertificateError::Revoked => certificate("was revoked"),
                other => certificate(&format!("cannot be believed: {other}")),
            },
            rustls::Error::AlertReceived(alert) => match alert {
                AlertDescription::CertificateRequired => {
                    format!("{called} wants a certificate of ours{wants_ours}")
                }
                AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied => {
                    format!("{called} does not take our certificate ({alert:?})")
                }
                other => format!("{called} has broken TLS off ({other:?})"),
            },
            rustls::Error::InvalidMessage(_) => {
                format!("{called} does not speak TLS at this port: {speaks_none}")
            }
            other => format!("TLS with {called} failed: {other}"),
        }
    }
}
