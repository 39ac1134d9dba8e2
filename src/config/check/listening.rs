//! `listen` of `[snmp.*]`: addresses that can be listened on, each by one receiver.
//!
//! The kernel gives an address with its port to one socket; who listens on every address of a family has all of them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::config::file::wires::Snmp;
use crate::config::finding::{At, Finding, Findings, Place, quoted};

/// Where traps come by the standard (RFC 3417).
const TRAP_PORT: u16 = 162;

/// The addresses that are listened on: by port, then by family and number, with the scope of a link-local one.
#[derive(Default)]
pub(super) struct Taken(BTreeMap<(u16, IpAddr, u32), Place>);

/// Reads `listen` of a receiver, beside what others have taken.
pub(super) fn listen(table: &Snmp, taken: &mut Taken, findings: &mut Findings) -> Vec<SocketAddr> {
    let Some(list) = table.listen.read() else {
        let standard: [IpAddr; 2] = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
        let addresses: Vec<SocketAddr> =
            standard.map(|address| SocketAddr::new(address, TRAP_PORT)).into();
        for address in addresses.iter().filter(|_| table.listen.is_absent()) {
            taken.claim(*address, table.place, findings);
        }
        return addresses;
    };
    if list.value.is_empty {
        let finding = Finding::error(list.place, "this receiver listens nowhere");
        findings.add(finding.help("write [\"0.0.0.0:162\", \"[::]:162\"], or leave it out"));
    }
    let mut addresses = Vec::new();
    for written in &list.value.items {
        match address(written) {
            Ok(address) => {
                taken.claim(address, written.place, findings);
                addresses.push(address);
            }
            Err(finding) => findings.add(finding),
        }
    }
    addresses
}

fn address(written: &At<String>) -> Result<SocketAddr, Finding> {
    let text = written.value.trim();
    if let Ok(address) = text.parse::<SocketAddr>() {
        if address.port() == 0 {
            let finding =
                Finding::error(written.place, "port 0 is no port that a device can send to");
            return Err(finding.help("the port of traps is 162"));
        }
        return Ok(address);
    }
    let help = match (text.parse::<IpAddr>(), text.trim_start_matches(':').parse::<u16>()) {
        (Ok(IpAddr::V4(address)), _) => format!("write the port too: \"{address}:{TRAP_PORT}\""),
        (Ok(IpAddr::V6(address)), _) => format!("write the port too: \"[{address}]:{TRAP_PORT}\""),
        (Err(_), Ok(port)) => format!("write the address too: \"0.0.0.0:{port}\" and \"[::]:{port}\""),
        (Err(_), Err(_)) => "write address and port, for example \"0.0.0.0:162\" or \"[::]:162\"; names are not looked up".to_owned(),
    };
    Err(Finding::error(written.place, format!("{} is no address with a port", quoted(text)))
        .help(help))
}

impl Taken {
    /// Takes an address, and complains where it is somebody's already.
    fn claim(&mut self, address: SocketAddr, place: Place, findings: &mut Findings) {
        if let Some((other, first)) = self.beside(address) {
            let sentence = if other == address {
                format!("{address} is listened on twice")
            } else {
                let (all, one) =
                    if address.ip().is_unspecified() { (address, other) } else { (other, address) };
                format!("{one} is listened on twice: {all} is every address")
            };
            let help = if other == address {
                "choose another port for one of the two"
            } else {
                "choose another port for one of the two, or write addresses in place of all"
            };
            findings.add(Finding::error(place, sentence).first(first).help(help));
        }
        self.0.entry(key(address)).or_insert(place);
    }

    /// An address that cannot be listened on beside this one.
    fn beside(&self, address: SocketAddr) -> Option<(SocketAddr, Place)> {
        let (port, ip, _) = key(address);
        let (least, most): (IpAddr, IpAddr) = match ip {
            IpAddr::V4(_) => (Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into()),
            IpAddr::V6(_) => (Ipv6Addr::UNSPECIFIED.into(), Ipv6Addr::from(u128::MAX).into()),
        };
        let same = self.0.get_key_value(&key(address));
        let found = same.or_else(|| {
            // Who has every address comes first in its family, and what beside him: all of it.
            let first = self.0.range((port, least, 0)..=(port, most, u32::MAX)).next();
            first.filter(|((_, other, _), _)| ip.is_unspecified() || other.is_unspecified())
        });
        found.map(|((port, ip, _), place)| (SocketAddr::new(*ip, *port), *place))
    }
}

fn key(address: SocketAddr) -> (u16, IpAddr, u32) {
    let scope = match address {
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(address) => address.scope_id(),
    };
    (address.port(), address.ip(), scope)
}
