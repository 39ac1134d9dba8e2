//! What `[ping.*]` says once it is checked.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use hyper::http::uri::Scheme;

use crate::config::secret::Secret;

/// One life sign to a dead man's switch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PingSettings {
    /// `ping.NAME`.
    pub name: Arc<str>,
    /// Where it goes: who knows it can give a life sign in our place.
    pub url: Secret,
    /// The same without what is secret of it.
    pub at: String,
    /// How often.
    pub every: Duration,
    /// The authorities that are believed; `None`: those of the system.
    pub ca: Option<PathBuf>,
}

/// Where something is asked for on the Web. It shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAddress {
    /// Whether it is reached by TLS.
    pub is_tls: bool,
    /// The name or the address of the machine.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// The path, with what follows it.
    pub target: String,
}

/// Why a text is no address on the Web.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WebAddressError {
    /// It cannot be read at all.
    #[error("it is no address on the Web")]
    Unreadable,
    /// Neither `http` nor `https`.
    #[error("it begins with neither https:// nor http://")]
    Scheme,
    /// There is a user or a password in it.
    #[error("it holds a user or a password before the host")]
    User,
}

impl WebAddress {
    /// Reads it.
    ///
    /// # Errors
    /// [`WebAddressError`] says what is wrong with it, and shows none of it.
    pub fn parse(text: &str) -> Result<Self, WebAddressError> {
        let uri: Uri = text.trim().parse().map_err(|_| WebAddressError::Unreadable)?;
        let is_tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(_) | None => return Err(WebAddressError::Scheme),
        };
        let authority = uri.authority().ok_or(WebAddressError::Unreadable)?;
        if authority.as_str().contains('@') {
            return Err(WebAddressError::User);
        }
        // The brackets of an IPv6 address are the URL's.
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let has_port = authority.as_str().len() > authority.host().len();
        let port = match authority.port_u16() {
            Some(0) => return Err(WebAddressError::Unreadable),
            Some(port) => port,
            None if has_port => return Err(WebAddressError::Unreadable),
            None => {
                if is_tls {
                    443
                } else {
                    80
                }
            }
        };
        if host.is_empty() {
            return Err(WebAddressError::Unreadable);
        }
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(Self { is_tls, host: host.to_owned(), port, target: target.to_owned() })
    }

    /// Whether it is this very machine.
    pub fn is_here(&self) -> bool {
        self.host == "localhost"
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// Where it is, without what follows the host: `https://hc-ping.com`.
    pub fn origin(&self) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }

    /// The host with its port, where that is not the usual one.
    pub fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.is_tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

impl std::fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_to_where_it_leads() {
        for (text, origin, port, target) in [
            ("https://hc-ping.com/a-b?x=1#y", "https://hc-ping.com", 443, "/a-b?x=1"),
            (
                "http://kuma.local:3001/api/push/k?status=up",
                "http://kuma.local:3001",
                3_001,
                "/api/push/k?status=up",
            ),
            ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", 8_443, "/"),
            (" https://10.0.0.7 ", "https://10.0.0.7", 443, "/"),
        ] {
            let address = WebAddress::parse(text).unwrap();
            assert_eq!(
                (address.origin().as_str(), address.port, address.target.as_str()),
                (origin, port, target)
            );
        }
        assert_eq!(WebAddress::parse("http://[::1]/").unwrap().host, "::1");
    }

    #[test]
    fn what_is_none_is_refused_for_what_it_is_and_shows_nothing() {
        for (text, error) in [
            ("", WebAddressError::Unreadable),
            ("hc-ping.com/x", WebAddressError::Unreadable),
            ("hc-ping.com", WebAddressError::Scheme),
            ("ftp://hc-ping.com/x", WebAddressError::Scheme),
            ("https://", WebAddressError::Unreadable),
            ("https://a b/", WebAddressError::Unreadable),
            ("https://host:99999/", WebAddressError::Unreadable),
            ("https://host:0/", WebAddressError::Unreadable),
            ("https://u:p@host/", WebAddressError::User),
        ] {
            assert_eq!(WebAddress::parse(text), Err(error), "{text}");
        }
        let address = WebAddress::parse("https://host/s3cr3t").unwrap();
        assert_eq!(format!("{address:?}"), "***");
    }
}
