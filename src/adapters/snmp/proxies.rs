//! Whose word is taken for the device that a notification is about.
//!
//! A proxy sends what it was sent, and says for whom: in the agent-addr of a v1 trap, or in
//! snmpTrapAddress.0 (RFC 3584 §3.1), which anybody can write. It is believed of those that `proxies`
//! names and of nobody else; 0.0.0.0 says nothing. `sources` goes by who sent the datagram all the same.

use std::net::IpAddr;

use ipnet::IpNet;
use vigie_snmp::Notification;

use super::admission::canonical;

/// Those who are believed.
pub(super) struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Those that the files name; an empty list names nobody.
    pub(super) fn new(proxies: &[IpNet]) -> Self {
        Self(proxies.iter().copied().map(canonical).collect())
    }

    /// The device that a proxy names; `None` where whoever sent it speaks for itself.
    pub(super) fn device(&self, from: IpAddr, notification: &Notification) -> Option<IpAddr> {
        let from = from.to_canonical();
        if !self.0.iter().any(|network| network.contains(&from)) {
            return None;
        }
        let agent = notification.v1.as_ref().and_then(|header| header.agent_addr);
        let said = [agent, notification.trap_address];
        let device = said.into_iter().flatten().find(|address| !address.is_unspecified())?;
        Some(device.into()).filter(|device| *device != from)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use vigie_snmp::V1Header;

    fn device(from: &str, agent: Option<&str>, trap_address: Option<&str>) -> Option<String> {
        let address = |text: &str| text.parse::<Ipv4Addr>().unwrap();
        let mut notification = Notification {
            uptime: None,
            trap_oid: "1.3.6.1.6.3.1.1.5.3".parse().unwrap(),
            varbinds: Vec::new(),
            v1: None,
            trap_address: trap_address.map(address),
        };
        notification.v1 = agent.map(|agent| V1Header {
            enterprise: "1.3.6.1.4.1.1".parse().unwrap(),
            agent_addr: Some(address(agent)),
            generic: 2,
            specific: 0,
        });
        let proxies = Proxies::new(&["10.0.0.5/32".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        proxies.device(from.parse().unwrap(), &notification).map(|device| device.to_string())
    }

    #[test]
    fn a_proxy_is_believed_and_nobody_else_is() {
        for from in ["10.0.0.5", "::ffff:10.0.0.5", "fd00::5"] {
            assert_eq!(device(from, None, Some("10.1.2.3")).as_deref(), Some("10.1.2.3"), "{from}");
            assert_eq!(device(from, Some("10.1.2.3"), None).as_deref(), Some("10.1.2.3"), "{from}");
        }
        for from in ["10.0.0.6", "127.0.0.1", "fe80::5"] {
            assert_eq!(device(from, Some("10.1.2.3"), Some("10.1.2.3")), None, "{from}");
        }
    }

    #[test]
    fn an_address_of_zeros_says_nothing_and_what_speaks_for_itself_has_no_proxy() {
        assert_eq!(device("10.0.0.5", None, None), None);
        assert_eq!(device("10.0.0.5", Some("0.0.0.0"), None), None);
        assert_eq!(device("10.0.0.5", None, Some("0.0.0.0")), None);
        assert_eq!(device("10.0.0.5", Some("0.0.0.0"), Some("10.1.2.3")).unwrap(), "10.1.2.3");
        assert_eq!(device("10.0.0.5", Some("10.0.0.5"), None), None);
    }
}
