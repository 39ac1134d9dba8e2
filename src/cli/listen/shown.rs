//! A notification as it is shown: one JSON object a line, or some lines for a person.
//!
//! The object is stable; README.md has its keys. Nothing is left out but sysUpTime.0 and snmpTrapOID.0, which stand above
//! the varbinds, and nothing is interpreted that a MIB file would have to explain.

use std::fmt::Write;
use std::net::SocketAddr;

use serde::Serialize;
use serde_json::Value as Json;
use vigie_snmp::names::Names;
use vigie_snmp::{Message, PduKind, Value, Varbind};

use crate::adapters::snmp::{float, label};

/// A notification.
#[derive(Serialize)]
pub(super) struct Heard {
    version: &'static str,
    kind: &'static str,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    community: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    engine_id: Option<String>,
    request_id: Option<i32>,
    /// In hundredths of a second.
    uptime: Option<u32>,
    trap_oid: String,
    trap: Option<String>,
    #[serde(flatten)]
    v1: Option<V1>,
    varbinds: Vec<Shown>,
    oddities: Vec<String>,
}

/// What only a trap of v1 has.
#[derive(Serialize)]
struct V1 {
    enterprise: String,
    agent_addr: Option<String>,
    generic: i64,
    specific: i64,
}

#[derive(Serialize)]
struct Shown {
    oid: String,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    value: Json,
    /// What a MIB file makes of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

impl Heard {
    pub(super) fn of(message: &Message, from: SocketAddr, names: &Names) -> Self {
        let notification = &message.notification;
        let secured = message.secured.as_ref();
        let community = String::from_utf8_lossy(&message.community).into_owned();
        Self {
            version: message.version.name(),
            kind: match message.pdu {
                PduKind::Trap => "trap",
                PduKind::Inform => "inform",
            },
            source: from.ip().to_canonical().to_string(),
            community: secured.is_none().then_some(community),
            user: secured.map(|secured| secured.user.clone()),
            level: secured.map(|secured| secured.level.name()),
            engine_id: secured.map(|secured| hexadecimal(&secured.engine)),
            request_id: message.request_id,
            uptime: notification.uptime,
            trap_oid: notification.trap_oid.to_string(),
            trap: names.notification(&notification.trap_oid).map(|name| name.to_string()),
            v1: notification.v1.as_ref().map(|header| V1 {
                enterprise: header.enterprise.to_string(),
                agent_addr: header.agent_addr.map(|address| address.to_string()),
                generic: header.generic,
                specific: header.specific,
            }),
            varbinds: notification.varbinds.iter().map(|varbind| shown(varbind, names)).collect(),
            oddities: message.oddities.iter().map(ToString::to_string).collect(),
        }
    }

    /// For a person: what and whence, and a line for each varbind and each oddity.
    pub(super) fn lines(&self) -> Vec<String> {
        let trap = self.trap.as_deref().unwrap_or(&self.trap_oid);
        let who = match (&self.community, &self.user) {
            (Some(community), _) => format!("community {community}"),
            (None, user) => format!(
                "user {}, {}, engine {}",
                user.as_deref().unwrap_or_default(),
                self.level.unwrap_or_default(),
                self.engine_id.as_deref().unwrap_or_default()
            ),
        };
        let Self { kind, version, source, .. } = self;
        let mut lines = vec![format!("{source}  {kind} v{version}  {trap}  ({who})")];
        for varbind in &self.varbinds {
            let name = varbind.name.as_deref().unwrap_or(&varbind.oid);
            let value = match (&varbind.value, &varbind.hex) {
                _ if varbind.label.is_some() => varbind.label.clone().unwrap_or_default(),
                (Json::String(text), _) => text.clone(),
                (Json::Null, Some(hex)) => format!("0x{hex}"),
                (value, _) => value.to_string(),
            };
            lines.push(format!("    {name} = {}: {value}", varbind.kind));
        }
        lines.extend(self.oddities.iter().map(|oddity| format!("    note: {oddity}")));
        lines
    }
}

fn shown(varbind: &Varbind, names: &Names) -> Shown {
    let known = names.lookup(&varbind.oid);
    let (kind, value, hex) = match &varbind.value {
        Value::Integer(number) => ("INTEGER", Json::from(*number), None),
        Value::OctetString(octets) => ("OCTET STRING", text(octets), Some(octets)),
        Value::ObjectIdentifier(oid) => ("OBJECT IDENTIFIER", Json::from(oid.to_string()), None),
        Value::IpAddress(address) => ("IpAddress", Json::from(address.to_string()), None),
        Value::Counter32(number) => ("Counter32", Json::from(*number), None),
        Value::Gauge32(number) => ("Gauge32", Json::from(*number), None),
        Value::TimeTicks(number) => ("TimeTicks", Json::from(*number), None),
        Value::Opaque(octets) => ("Opaque", Json::from(float(octets)), Some(octets)),
        Value::Counter64(number) => ("Counter64", Json::from(*number), None),
        Value::Null => ("NULL", Json::Null, None),
        Value::NoSuchObject => ("noSuchObject", Json::Null, None),
        Value::NoSuchInstance => ("noSuchInstance", Json::Null, None),
        Value::EndOfMibView => ("endOfMibView", Json::Null, None),
        Value::Raw { bytes, .. } => ("", Json::Null, Some(bytes)),
    };
    Shown {
        oid: varbind.oid.to_string(),
        name: known.map(|known| known.name.to_string()),
        label: known.and_then(|known| label(&varbind.value, &known.syntax, names)),
        kind: match &varbind.value {
            Value::Raw { tag, .. } => format!("{tag:#04x}"),
            Value::Integer(_)
            | Value::OctetString(_)
            | Value::ObjectIdentifier(_)
            | Value::IpAddress(_)
            | Value::Counter32(_)
            | Value::Gauge32(_)
            | Value::TimeTicks(_)
            | Value::Opaque(_)
            | Value::Counter64(_)
            | Value::Null
            | Value::NoSuchObject
            | Value::NoSuchInstance
            | Value::EndOfMibView => kind.to_owned(),
        },
        value,
        hex: hex.map(|octets| hexadecimal(octets)),
    }
}

/// Octets as text where they are UTF-8.
fn text(octets: &[u8]) -> Json {
    std::str::from_utf8(octets).map_or(Json::Null, Json::from)
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(name: &str) -> Json {
        let path = format!("{}/fixtures/snmp/{name}.hex", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
        let octets: Vec<u8> =
            digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect();
        let message = vigie_snmp::read(&octets).unwrap();
        serde_json::to_value(Heard::of(
            &message,
            "192.0.2.9:4711".parse().unwrap(),
            &Names::built_in(),
        ))
        .unwrap()
    }

    #[test]
    fn a_trap_of_v1_has_its_header_and_its_name_in_v2() {
        let told = heard("v1-link-down");
        for (key, value) in [
            ("version", Json::from("1")),
            ("kind", "trap".into()),
            ("source", "192.0.2.9".into()),
            ("community", "public".into()),
            ("request_id", Json::Null),
            ("uptime", 12_345.into()),
            ("trap_oid", "1.3.6.1.6.3.1.1.5.3".into()),
            ("trap", "IF-MIB::linkDown".into()),
            ("enterprise", "1.3.6.1.4.1.8072.3.2.10".into()),
            ("agent_addr", "192.0.2.7".into()),
            ("generic", 2.into()),
            ("specific", 0.into()),
        ] {
            assert_eq!(told[key], value, "{key}");
        }
        assert_eq!(told["varbinds"][1]["name"], "IF-MIB::ifDescr.7");
        assert_eq!(told["varbinds"][1]["value"], "eth7");
        assert_eq!(told["varbinds"][1]["hex"], "65746837");
        assert!(told.get("user").is_none() && told.get("engine_id").is_none());
    }

    #[test]
    fn every_type_is_told_with_its_name_and_octets_are_text_only_where_they_are() {
        let told = heard("v2c-all-types");
        let all: Vec<(String, Json, Json)> = told["varbinds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|shown| {
                let kind = shown["type"].as_str().unwrap().to_owned();
                (kind, shown["value"].clone(), shown.get("hex").cloned().unwrap_or_default())
            })
            .collect();
        let expected: [(&str, Json, Json); 11] = [
            ("INTEGER", i32::MIN.into(), Json::Null),
            ("Gauge32", u32::MAX.into(), Json::Null),
            ("Counter32", u32::MAX.into(), Json::Null),
            ("OCTET STRING", "".into(), "".into()),
            ("OCTET STRING", Json::Null, "00ff80".into()),
            ("OBJECT IDENTIFIER", "1.3.6.1.4.1.4294967295.0".into(), Json::Null),
            ("TimeTicks", u32::MAX.into(), Json::Null),
            ("IpAddress", "255.255.255.255".into(), Json::Null),
            ("Counter64", u64::MAX.into(), Json::Null),
            ("NULL", Json::Null, Json::Null),
            ("Opaque", 21.5.into(), "9f780441ac0000".into()),
        ];
        assert_eq!(all, expected.map(|(kind, value, hex)| (kind.to_owned(), value, hex)));
    }
}
