//! TLS to a broker: whom we believe, what we show, and what went wrong in words.
//!
//! The files are read at each connection, so that certificates that were renewed are in force without a restart. A certificate
//! is never taken unchecked: there is no such setting.

use std::io;
use std::sync::Arc;

use rumqttc::{TlsConfiguration, TlsError, Transport as Carrier};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::lost::Lost;
use crate::config::{MqttSettings, SecretError, Transport, pem};
use crate::host::tls::{self, Peer};

const BROKER: Peer = Peer {
    called: "the broker",
    misnamed: "write its name in `server-name`",
    wants_ours: ": set `certificate` and `key`",
    speaks_none: "mqtts:// wants its TLS port, usually 8883",
};

/// What a connection needs for TLS.
pub(super) struct Tls(Arc<ClientConfig>);

/// Why a connection cannot be tried: something that it needs is not there.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// A secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Whom we believe, or whether we can be believed.
    #[error(transparent)]
    Tls(#[from] tls::Untried),
    /// The key does not do.
    #[error("`key` and `certificate` cannot be used: {0}")]
    Key(String),
    /// The name of the broker is none that a certificate bears.
    #[error("`{0}` is no name that a certificate can bear")]
    Name(String),
}

impl Tls {
    /// Reads what the files say; `None` where the connection is not encrypted.
    pub(super) fn read(settings: &MqttSettings) -> Result<Option<Self>, Unready> {
        if !settings.broker.transport.is_tls() {
            return Ok(None);
        }
        let provider = tls::provider();
        let authorities = tls::authorities(settings.ca.as_deref().map(|path| (path, pem(path))))?;
        let setup = |error: &dyn std::fmt::Display| tls::Untried::Setup(error.to_string());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(authorities, Arc::clone(&provider))
                .build()
                .map_err(|error| setup(&error))?;
        let name = settings.server_name.as_ref().unwrap_or(&settings.broker.host);
        let name = ServerName::try_from(name.clone()).map_err(|_| Unready::Name(name.clone()))?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| setup(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Named { verifier, name }));
        let config = match &settings.identity {
            None => config.with_no_client_auth(),
            Some((certificate, key)) => {
                let key = key.reveal()?;
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
                    .map_err(|_| Unready::Key("the key is no PEM private key".to_owned()))?;
                config
                    .with_client_auth_cert(tls::certificates((certificate, pem(certificate)))?, key)
                    .map_err(|error| Unready::Key(error.to_string()))?
            }
        };
        Ok(Some(Self(Arc::new(config))))
    }
}

/// Checks a certificate as always, but for this name and no other.
#[derive(Debug)]
struct Named {
    verifier: Arc<WebPkiServerVerifier>,
    name: ServerName<'static>,
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Self { verifier, name } = self;
        verifier.verify_server_cert(end_entity, intermediates, name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// What the library is told of the way to the broker.
pub(super) fn transport(settings: &MqttSettings, tls: Option<&Tls>) -> Carrier {
    let secure = tls.map(|Tls(config)| TlsConfiguration::Rustls(Arc::clone(config)));
    match (settings.broker.transport.is_web_socket(), secure) {
        (false, None) => Carrier::Tcp,
        (false, Some(secure)) => Carrier::tls_with_config(secure),
        (true, None) => Carrier::Ws,
        (true, Some(secure)) => Carrier::wss_with_config(secure),
    }
}

/// Where the library looks for the broker: for a WebSocket it wants the whole address as host.
pub(super) fn reached_at(settings: &MqttSettings) -> (String, u16) {
    let broker = &settings.broker;
    match broker.transport {
        Transport::Tcp | Transport::Tls => (broker.host.clone(), broker.port),
        Transport::WebSocket | Transport::WebSocketTls => (broker.to_string(), broker.port),
    }
}

/// An error of the library's TLS.
pub(super) fn lost(error: TlsError) -> Lost {
    match error {
        TlsError::Io(error) => of_io(error),
        TlsError::TLS(error) => Lost::Untrusted(BROKER.words(&error)),
        other => Lost::Untrusted(format!("TLS with the broker failed: {other}")),
    }
}

/// An error of a socket, in which one of TLS may stand.
pub(super) fn of_io(error: io::Error) -> Lost {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Lost::Untrusted(BROKER.words(tls));
    }
    let text = error.to_string();
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Lost::Closed,
        // The resolver's errors have no kind of their own.
        _ if text.contains("lookup address") || text.contains("could not resolve") => {
            Lost::Unresolved(text)
        }
        io::ErrorKind::Other if text.contains("bytes remaining") => Lost::Closed,
        io::ErrorKind::TimedOut => Lost::Unreachable("nobody answers there".to_owned()),
        io::ErrorKind::ConnectionRefused => Lost::Unreachable("nobody listens there".to_owned()),
        _ => Lost::Unreachable(text),
    }
}
