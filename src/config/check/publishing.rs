//! `publish` of `[mqtt.*]`: what is told to a broker, and whether people act there.

use vigie_mqtt::{Filter, Topic};

use crate::config::file::mqtt::{Mqtt, Publish};
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::settings::{Broker, MqttSettings, PublishSettings};
use crate::config::written::Slot;

/// Keys have up to 4,096 bytes, of which each may become three in a topic; the whole has 65,535.
const LONGEST_PREFIX: usize = 1_024;

/// Reads `publish`.
pub(super) fn read(table: &Mqtt, findings: &mut Findings) -> Option<PublishSettings> {
    let publish = table.publish.value()?;
    if publish.prefix.is_absent() {
        let finding = Finding::error(publish.place, "`publish` has no `prefix`");
        findings.add(finding.help(
            "add prefix = \"vigie/north\", the topic beneath which the state of alarms is to be",
        ));
    }
    let prefix = topic(&publish.prefix, "vigie/north", findings);
    let discovery = topic(&publish.discovery, "homeassistant", findings);
    if let (Some(prefix), Some(discovery), Some(written)) =
        (&prefix, &discovery, publish.discovery.read())
        && (is_at_or_beneath(discovery, prefix) || is_at_or_beneath(prefix, discovery))
    {
        let sentence = "`discovery` and `prefix` are one beneath the other";
        let help = "write what Home Assistant has in its settings, \"homeassistant\", and a `prefix` of our own";
        findings.add(Finding::error(written.place, sentence).help(help));
    }
    let commands = publish.commands.value().copied().unwrap_or(false);
    if commands && table.user.is_absent() {
        let place = publish.commands.read().map_or(publish.place, |written| written.place);
        let sentence = "a broker that does not ask who we are will not ask others: anybody could acknowledge as anybody";
        let help = "give each person an account at the broker, restrict PREFIX/command/ACCOUNT to it, and write our own `user`";
        findings.add(Finding::warning(place, sentence).help(help));
    }
    Some(PublishSettings { prefix: prefix?, discovery, commands })
}

/// Whether anybody can act, and whether what is published meets what is listened to, or another publication.
pub(super) fn check(files: &Files, connections: &mut [MqttSettings], findings: &mut Findings) {
    let nobody = files.people.iter().all(|person| person.table.user.is_absent());
    let mut taken: Vec<(&Broker, &Topic, Place)> = Vec::new();
    for connection in &*connections {
        let Some(settings) = &connection.publish else { continue };
        let Some(publish) = written(files, connection) else { continue };
        if let Some(commands) = publish.commands.read().filter(|written| written.value && nobody) {
            let sentence = "nobody can act on these topics: no person has a `user`";
            let help = "add user = \"ACCOUNT\" to a person, the account that is theirs at the broker and on this machine";
            findings.add(Finding::warning(commands.place, sentence).help(help));
        }
        let Some(prefix) = publish.prefix.read() else { continue };
        apart_from_topics(connection, settings, prefix, findings);
        let meets = |(broker, other, _): &&(&Broker, &Topic, Place)| {
            **broker == connection.broker
                && (is_at_or_beneath(other, &settings.prefix)
                    || is_at_or_beneath(&settings.prefix, other))
        };
        if let Some((_, other, first)) = taken.iter().find(meets) {
            let sentence = format!(
                "two connections publish beneath {} at one broker: each would remove what the other says",
                quoted(other.as_str())
            );
            findings.add(
                Finding::error(prefix.place, sentence)
                    .first(*first)
                    .help("leave one of the two out, or give it another `prefix`"),
            );
        }
        taken.push((&connection.broker, &settings.prefix, prefix.place));
    }
    let published = connections.iter().filter_map(|connection| {
        Some((connection.broker.host.clone(), connection.publish.clone()?))
    });
    let published: Vec<(String, PublishSettings)> = published.collect();
    for connection in connections {
        let here = published.iter().filter(|(host, _)| *host == connection.broker.host);
        connection.published_here = here.map(|(_, publish)| publish.clone()).collect();
    }
}

/// What we publish says nothing when it comes in again: no topic of a device may be among it.
fn apart_from_topics(
    connection: &MqttSettings,
    settings: &PublishSettings,
    prefix: &At<String>,
    findings: &mut Findings,
) {
    let beneath = |rest: &str| Filter::parse(&format!("{}/{rest}", settings.prefix.as_str())).ok();
    let Some(all) = beneath("#") else { return };
    let ours = ["status", "alarms/#", "command/#", "answer/#"].into_iter().filter_map(beneath);
    let ours: Vec<Filter> = ours.collect();
    // Who listens to everything means the devices.
    let meets =
        |filter: &&Filter| !filter.covers(&all) && ours.iter().any(|ours| ours.overlaps(filter));
    if let Some(filter) = connection.topics.iter().find(meets) {
        let sentence = format!(
            "{} is listened to, and what is published beneath {} would be taken for it",
            quoted(filter.as_str()),
            quoted(&prefix.value)
        );
        let help =
            "write a `prefix` beneath which no device publishes, for example \"vigie/north\"";
        findings.add(Finding::error(prefix.place, sentence).help(help));
    }
}

fn written<'f>(files: &'f Files, connection: &MqttSettings) -> Option<&'f Publish> {
    let of = |named: &&'f Named<Mqtt>| {
        connection.name.as_str().strip_prefix("mqtt.") == Some(named.name.value.as_str())
    };
    files.mqtt.iter().find(of)?.table.publish.value()
}

fn topic(written: &Slot<String>, example: &str, findings: &mut Findings) -> Option<Topic> {
    let At { value, place } = written.read()?;
    let wrong = |sentence: String| {
        Finding::error(*place, sentence).help(format!("write for example {example:?}"))
    };
    let topic = match Topic::parse(value) {
        Ok(topic) => topic,
        Err(error) => {
            findings.add(wrong(error.to_string()));
            return None;
        }
    };
    if topic.is_brokers_own() || topic.levels().any(str::is_empty) || value.len() > LONGEST_PREFIX {
        let sentence = format!(
            "{} is no topic to publish beneath: it begins with `$`, has an empty level, or more than {LONGEST_PREFIX} letters",
            quoted(value)
        );
        findings.add(wrong(sentence));
        return None;
    }
    Some(topic)
}

fn is_at_or_beneath(topic: &Topic, other: &Topic) -> bool {
    let (topic, other) = (topic.as_str(), other.as_str());
    topic.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
