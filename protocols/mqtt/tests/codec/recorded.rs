//! The messages in `fixtures/mqtt`, and what is read in each. `VIGIE_BLESS=1 cargo test -p vigie-mqtt` writes the readings anew.
//!
//! `fixtures/mqtt/README.md` says how a file is read. Each file is one broker from its first message on: what a profile keeps
//! from one message to the next is kept from one line to the next.

use std::path::{Path, PathBuf};

use vigie_mqtt::sparkplug::{Metric, MetricValue};
use vigie_mqtt::{Heard, Profile, Reader, Reading, Topic, Unread};

/// A message of a file.
pub(crate) struct Recorded {
    pub(crate) topic: Topic,
    pub(crate) octets: Vec<u8>,
    pub(crate) retained: bool,
}

fn path(profile: Profile) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/mqtt")
        .join(format!("{}.txt", profile.name()))
}

fn lines(profile: Profile) -> Vec<String> {
    let path = path(profile);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(str::to_owned).collect()
}

/// All messages of a file.
pub(crate) fn messages(profile: Profile) -> Vec<Recorded> {
    let mut found: Vec<Recorded> = Vec::new();
    for line in lines(profile) {
        let Some((mark, rest)) = line.split_once(' ') else {
            continue;
        };
        match mark {
            ">" | ">r" => found.push(Recorded {
                topic: Topic::parse(rest).unwrap(),
                octets: Vec::new(),
                retained: mark == ">r",
            }),
            "|" => {
                let octets = &mut found.last_mut().unwrap().octets;
                if !octets.is_empty() {
                    octets.push(b'\n');
                }
                octets.extend(rest.bytes());
            }
            "x" => {
                let digits: Vec<char> = rest.chars().collect();
                let octets = digits
                    .chunks(2)
                    .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap());
                found.last_mut().unwrap().octets.extend(octets);
            }
            "#" | "=" => {}
            other => panic!("{}: a line that begins with `{other}`", path(profile).display()),
        }
    }
    found
}

/// What was read, as lines for people.
pub(crate) fn told(heard: &Result<Heard, Unread>) -> Vec<String> {
    match heard {
        Ok(heard) => {
            let mut lines: Vec<String> = heard.readings.iter().flat_map(reading).collect();
            lines.extend(
                heard.ask.iter().map(|ask| format!("ask {} under {}", ask.node, ask.topic)),
            );
            lines
        }
        Err(unread) => vec![format!("unread: {unread}")],
    }
}

fn reading(reading: &Reading) -> Vec<String> {
    let Reading { device, name, what, part, fields, metrics, identity, source_time, .. } = reading;
    let device = if device.is_empty() { "the bridge" } else { device };
    let mut head = format!("{device}: {what:?}");
    if let Some(name) = name {
        head += &format!(", called {name}");
    }
    if let Some(part) = part {
        head += &format!(", part {part}");
    }
    if let Some(time) = source_time {
        head += &format!(", at {time:?}");
    }
    if let Some(identity) = identity {
        head += &format!(", known as {identity}");
    }
    if reading.retained {
        head += ", retained";
    }
    let mut lines = vec![head];
    if !fields.is_empty() {
        lines.push(format!("  {}", serde_json::Value::Object(fields.clone())));
    }
    lines.extend(metrics.iter().map(metric));
    lines.extend(reading.remarks.iter().map(|remark| format!("  ! {remark}")));
    lines
}

fn metric(metric: &Metric) -> String {
    let value = match &metric.value {
        MetricValue::Time(time) => time.to_string(),
        other => format!("{other:?}"),
    };
    let mut line = format!("  {} = {value}", metric.name);
    if metric.stale {
        line += ", stale";
    }
    if metric.historical {
        line += ", historical";
    }
    if let Some(time) = metric.timestamp {
        line += &format!(", at {time}");
    }
    line
}

fn replay(profile: Profile) {
    let mut reader = Reader::new(profile, None).unwrap();
    let mut told_of = messages(profile)
        .into_iter()
        .map(|message| told(&reader.read(&message.topic, &message.octets, message.retained)));
    let mut fresh: Vec<String> = Vec::new();
    let mut owed: Option<Vec<String>> = None;
    for line in lines(profile) {
        if line.starts_with("= ") {
            continue;
        }
        if !line.starts_with("| ") && !line.starts_with("x ") {
            fresh.extend(owed.take().into_iter().flatten().map(|told| format!("= {told}")));
        }
        if line.starts_with('>') {
            owed = told_of.next();
        }
        fresh.push(line);
    }
    fresh.extend(owed.into_iter().flatten().map(|told| format!("= {told}")));
    let fresh = fresh.join("\n") + "\n";
    if std::env::var_os("VIGIE_BLESS").is_some() {
        std::fs::write(path(profile), fresh).unwrap();
        return;
    }
    let kept = lines(profile).join("\n") + "\n";
    for (number, (kept, fresh)) in (1..).zip(kept.lines().zip(fresh.lines())) {
        assert_eq!(kept, fresh, "{}:{number}", path(profile).display());
    }
    assert_eq!(kept.lines().count(), fresh.lines().count(), "{}", path(profile).display());
}

#[test]
fn zigbee2mqtt_is_read_as_its_devices_mean_it() {
    replay(Profile::Zigbee2Mqtt);
}

#[test]
fn tasmota_is_read_as_its_devices_mean_it() {
    replay(Profile::Tasmota);
}

#[test]
fn shelly_is_read_as_its_devices_mean_it() {
    replay(Profile::Shelly);
}

#[test]
fn chirpstack_is_read_as_its_devices_mean_it() {
    replay(Profile::ChirpStack);
}

#[test]
fn sparkplug_is_read_as_its_nodes_mean_it() {
    replay(Profile::SparkplugB);
}
