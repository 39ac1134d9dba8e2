//! Where to listen, as it is written; and why it is not possible there, with what to do about it.

use std::io::{Error, ErrorKind};
use std::net::{IpAddr, SocketAddr};

use nix::errno::Errno;

use crate::cli::sysexit::Sysexit;

/// An address and a port. Names are not looked up: which of its addresses a name stands for today is not for a receiver to guess.
pub(in crate::cli) fn place(written: &str) -> Result<SocketAddr, String> {
    let written = written.trim();
    if let Ok(address) = written.parse::<SocketAddr>() {
        return Ok(address);
    }
    let port = written.trim_start_matches(':').parse::<u16>();
    Err(match (written.parse::<IpAddr>(), port) {
        (Ok(IpAddr::V4(address)), _) => format!("write the port too: {address}:1162"),
        (Ok(IpAddr::V6(address)), _) => format!("write the port too: [{address}]:1162"),
        (Err(_), Ok(port)) => format!("write the address too: 0.0.0.0:{port} or [::]:{port}"),
        (Err(_), Err(_)) => {
            "write an address and a port, as 0.0.0.0:1162 or [::]:1162; names are not looked up"
                .to_owned()
        }
    })
}

/// What is said where it is not possible to listen, and how the command ends.
pub(super) fn unbound(at: SocketAddr, error: &Error) -> (String, Sysexit) {
    let (why, exit) = match (error.kind(), error.raw_os_error().map(Errno::from_raw)) {
        (ErrorKind::PermissionDenied, _) => (
            "permission denied; choose a port above 1023, or run this as root".to_owned(),
            Sysexit::NoPermission,
        ),
        (ErrorKind::AddrInUse, _) => (
            "another program listens there; choose another port, or stop the one that `ss -lunp` shows"
                .to_owned(),
            Sysexit::Unavailable,
        ),
        (ErrorKind::AddrNotAvailable, _) => (
            format!(
                "this machine has no such address; choose one that `ip address` shows, or {}:{} for all",
                if at.is_ipv4() { "0.0.0.0" } else { "[::]" },
                at.port()
            ),
            Sysexit::BadInput,
        ),
        (_, Some(Errno::EAFNOSUPPORT)) => (
            format!("this machine has no IPv6; write 0.0.0.0:{}", at.port()),
            Sysexit::BadInput,
        ),
        _ => (error.to_string(), Sysexit::Unavailable),
    };
    (format!("cannot listen on {at}: {why}"), exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_listen_is_an_address_and_a_port_and_what_lacks_is_said() {
        for (written, says) in [
            ("1162", "write the address too: 0.0.0.0:1162 or [::]:1162"),
            (":162", "write the address too: 0.0.0.0:162 or [::]:162"),
            ("10.0.0.1", "write the port too: 10.0.0.1:1162"),
            ("::1", "write the port too: [::1]:1162"),
            ("localhost:1162", "write an address and a port"),
            ("0.0.0.0:99999", "write an address and a port"),
            ("", "write an address and a port"),
        ] {
            let said = place(written).unwrap_err();
            assert!(said.starts_with(says), "{written}: {said}");
        }
        assert_eq!(place("[::]:1162"), Ok("[::]:1162".parse().unwrap()));
    }

    #[test]
    fn who_cannot_listen_reads_what_to_do_and_the_shell_reads_why() {
        let at = |address: &str| address.parse().unwrap();
        for (address, error, says, exit) in [
            (
                "0.0.0.0:162",
                Error::from(ErrorKind::PermissionDenied),
                "choose a port above 1023",
                77,
            ),
            ("0.0.0.0:162", Error::from(ErrorKind::AddrInUse), "choose another port", 69),
            (
                "192.0.2.1:162",
                Error::from(ErrorKind::AddrNotAvailable),
                "or 0.0.0.0:162 for all",
                65,
            ),
            ("[::]:162", Error::from(Errno::EAFNOSUPPORT), "write 0.0.0.0:162", 65),
        ] {
            let (said, ends) = unbound(at(address), &error);
            assert!(said.starts_with(&format!("cannot listen on {address}: ")), "{said}");
            assert!(said.contains(says) && !said.contains(". "), "{said}");
            assert_eq!(ends.number(), exit, "{said}");
        }
    }
}
