//! `broker` of `[mqtt.*]`: where it is and how it is reached.

use std::net::IpAddr;

use crate::config::file::Named;
use crate::config::file::mqtt::Mqtt;
use crate::config::finding::{At, Finding, Findings, quoted};
use crate::config::settings::{Broker, Transport};

/// Where a WebSocket is by convention.
const PATH: &str = "/mqtt";
const FORMS: &str = "write mqtt://HOST, mqtts://HOST (TLS), ws://HOST or wss://HOST, with :PORT if it is another one";

/// Reads it; `None` where it is absent or wrong.
pub(super) fn read(Named { name, table }: &Named<Mqtt>, findings: &mut Findings) -> Option<Broker> {
    if table.broker.is_absent() {
        let sentence = format!("the connection {} has no `broker`", quoted(&name.value));
        findings.add(Finding::error(name.place, sentence).help("add broker = \"mqtt://HOST\""));
    }
    let written = table.broker.read()?;
    if written.value.contains('@') {
        // What stands before it is a password: nobody may see it, not even here.
        findings.hide(written.place);
        let sentence = "`broker` holds a user or a password, which would then be in every log";
        let help =
            "write `user` and `password` as keys of their own: password = { credential = \"…\" }";
        findings.add(Finding::error(written.place, sentence).help(help));
        return None;
    }
    if written.value.contains('?') {
        findings.hide(written.place);
        let sentence = "`broker` holds what is asked of a web page, behind a `?`";
        findings.add(Finding::error(written.place, sentence).help(FORMS));
        return None;
    }
    match parts(written) {
        Ok(broker) => Some(broker),
        Err(finding) => {
            findings.add(finding);
            None
        }
    }
}

fn parts(written: &At<String>) -> Result<Broker, Finding> {
    let no = |sentence: String| Finding::error(written.place, sentence);
    let text = written.value.trim();
    let Some((scheme, rest)) = text.split_once("://") else {
        let help = format!("write \"mqtt://{text}\", or \"mqtts://{text}\" with TLS");
        return Err(
            no(format!("{} does not say how the broker is reached", quoted(text))).help(help)
        );
    };
    let known = Transport::ALL.iter().find(|(_, name, _)| *name == scheme);
    let Some((transport, _, usual)) = known else {
        let better = match scheme {
            "tcp" => Some("mqtt"),
            "ssl" | "tls" => Some("mqtts"),
            "http" => Some("ws"),
            "https" => Some("wss"),
            _ => None,
        };
        let help = better
            .map_or_else(|| FORMS.to_owned(), |better| format!("write \"{better}://{rest}\""));
        return Err(no(format!("a broker is not reached by {}", quoted(scheme))).help(help));
    };
    let (place, path) = match rest.find('/') {
        Some(at) => rest.split_at_checked(at).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let path = match (transport.is_web_socket(), path) {
        (true, "" | "/") => PATH,
        (true, path) if path.contains([' ', '#', '?']) => {
            return Err(no(format!("{} is no path of a WebSocket", quoted(path)))
                .help("write for example ws://HOST/mqtt"));
        }
        (true, path) => path,
        (false, "" | "/") => "",
        (false, _) => {
            let sentence = "a broker that is reached by mqtt:// has no path";
            return Err(no(sentence.to_owned())
                .help("write the topics in `topics`, and nothing behind the host and port"));
        }
    };
    let (host, port) = host_and_port(place)
        .ok_or_else(|| no(format!("{} is no host with a port", quoted(place))).help(FORMS))?;
    let port = port.unwrap_or(*usual);
    Ok(Broker { transport: *transport, host: host.to_owned(), port, path: path.to_owned() })
}

/// `None` where one of the two is none.
pub(super) fn host_and_port(place: &str) -> Option<(&str, Option<u16>)> {
    let number = |port: &str| port.parse::<u16>().ok().filter(|port| *port != 0);
    if let Some(rest) = place.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        return match after.strip_prefix(':') {
            Some(port) => Some((host, Some(number(port)?))),
            None => after.is_empty().then_some((host, None)),
        };
    }
    let (host, port) = match place.split_once(':') {
        Some((host, port)) => (host, Some(number(port)?)),
        None => (place, None),
    };
    is_name(host).then_some((host, port))
}

/// Whether this can be the name or the address of a machine.
pub(super) fn is_name(name: &str) -> bool {
    let allowed =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_');
    name.parse::<IpAddr>().is_ok()
        || !name.is_empty()
            && name.len() <= 253
            && name.chars().all(allowed)
            && name.split('.').all(|label| !label.is_empty() && label.len() <= 63)
}

/// Whether the way to the broker leaves this machine.
pub(super) fn is_here(broker: &Broker) -> bool {
    broker.host == "localhost"
        || broker.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::finding::Place;

    fn read(text: &str) -> Result<String, String> {
        let written = At::new(text.to_owned(), Place::file(0));
        parts(&written).map(|broker| broker.to_string()).map_err(|finding| finding.sentence)
    }

    #[test]
    fn a_broker_is_where_its_address_says() {
        for (text, is) in [
            ("mqtt://broker.local", "mqtt://broker.local:1883"),
            ("mqtts://10.0.0.7", "mqtts://10.0.0.7:8883"),
            ("mqtt://[::1]:1884/", "mqtt://[::1]:1884"),
            ("ws://broker", "ws://broker:80/mqtt"),
            ("wss://broker:8084/ws", "wss://broker:8084/ws"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(is), "{text}");
        }
    }

    #[test]
    fn what_is_no_broker_is_refused() {
        for text in [
            "broker.local",
            "tcp://broker",
            "mqtt://",
            "mqtt://a b",
            "mqtt://broker:0",
            "mqtt://broker:99999",
            "mqtt://broker/topic",
            "mqtt://::1",
            "mqtt://[::1",
            "mqtt://a..b",
            "ws://broker/a?b",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
