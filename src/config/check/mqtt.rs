//! `[mqtt.*]`: what the adapter is told, and which topics can come from each connection.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use vigie_mqtt::{Filter, Reader};

use super::from::means;
use super::secrets::{check_file, check_kept};
use super::{Disk, broker, publishing};
use crate::config::file::mqtt::Mqtt;
use crate::config::file::{Files, Named};
use crate::config::finding::{At, Finding, Findings, Place, quoted};
use crate::config::secret::Secret;
use crate::config::settings::{Broker, MqttLogin, MqttSettings, MqttVersion, Qos};
use crate::config::units::Size;
use crate::config::written::Slot;
use crate::watch::definition::Selector;
use crate::watch::name::InputName;

/// Often enough to see within a minute that a broker is gone.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// What the protocol has room for is 16 bits of seconds; more often than every five is noise.
const KEEP_ALIVES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(65_535));
/// A list of all devices of a large network has its place; a picture has none.
const PAYLOAD: u64 = 1 << 20;
/// An entry of the record holds 64 MiB, and control characters take eight times their length there: twice as they came, six times as text.
/// What finds no room in the record would stand before everything that comes after it.
const LARGEST_PAYLOAD: u64 = 4 << 20;
/// Over a holiday.
const SESSION: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The longest name that the protocol has room for.
const LONGEST_ID: usize = 65_535;
/// So many subscriptions are a mistake.
const MOST_TOPICS: usize = 1_000;

/// What every connection listens to.
#[derive(Debug, Default)]
pub(super) struct Topics(Vec<(InputName, Option<Vec<Filter>>)>);

impl Topics {
    /// The filters of those that are selected; `None` where those of one could not be read.
    pub(super) fn of(&self, selector: Option<&Selector>) -> Option<Vec<Filter>> {
        let selected = self
            .0
            .iter()
            .filter(|(name, _)| selector.is_some_and(|selector| means(selector, name.as_str())));
        let all: Option<Vec<Vec<Filter>>> = selected.map(|(_, filters)| filters.clone()).collect();
        all.map(|all| all.concat()).filter(|all| !all.is_empty())
    }
}

/// Whether one of the connections that are meant has a `profile`; of one that is not known it may be.
pub(super) fn have_profile(meant: Option<&Selector>, files: &Files) -> bool {
    meant.is_none_or(|selector| {
        let is_meant = |name: &str| means(selector, &format!("mqtt.{name}"));
        let mut meant = files.mqtt.iter().filter(|named| is_meant(&named.name.value));
        meant.any(|named| !named.table.profile.is_absent())
    })
}

/// Reads `[mqtt.*]`.
pub(super) fn mqtt(
    files: &Files,
    disk: Disk<'_>,
    findings: &mut Findings,
) -> (Vec<MqttSettings>, Topics) {
    let mut taken: BTreeMap<(Broker, String), Place> = BTreeMap::new();
    let mut connections = Vec::new();
    let mut topics = Topics::default();
    for named in &files.mqtt {
        let name = InputName::new(&format!("mqtt.{}", named.name.value));
        let before = findings.errors();
        let filters = filters(named, findings);
        topics.0.push((name.clone(), filters.clone().filter(|_| findings.errors() == before)));
        let connection = connection(name, filters.unwrap_or_default(), named, disk, findings);
        let Some((connection, id)) = connection else { continue };
        let publishes = connection.publish.is_some().then(|| connection.publishing_id());
        let ids = std::iter::once(connection.client_id.clone()).chain(publishes);
        let first =
            ids.filter_map(|name| taken.insert((connection.broker.clone(), name), id)).last();
        if let Some(first) = first {
            let sentence = "two connections have one broker and one `client-id`: each would push out the other";
            let finding = Finding::error(id, sentence).first(first);
            findings.add(finding.help("give one of the two another `client-id`"));
        }
        connections.push(connection);
    }
    publishing::check(files, &mut connections, findings);
    (connections, topics)
}

/// One connection, with the place of its `client-id`; `None` where it has no broker or no name.
fn connection(
    name: InputName,
    topics: Vec<Filter>,
    named: &Named<Mqtt>,
    disk: Disk<'_>,
    findings: &mut Findings,
) -> Option<(MqttSettings, Place)> {
    let table = &named.table;
    let broker = broker::read(named, findings);
    let client_id = client_id(named, findings);
    let version = table.version.value().copied().unwrap_or(MqttVersion::V311);
    let encrypted = broker.as_ref().is_none_or(|broker| broker.transport.is_tls());
    let login = login(table, broker.as_ref(), disk, findings);
    let identity = identity(table, encrypted, disk, findings);
    let ca = ca(table, encrypted, disk, findings);
    let server_name = server_name(table, encrypted, findings);
    let qos = qos(table, findings);
    let session_expiry = session_expiry(table, version, findings);
    let profile = table.profile.value().copied();
    let publish = publishing::read(table, findings);
    let id = client_id?;
    let settings = MqttSettings {
        name,
        broker: broker?,
        version,
        client_id: id.value.clone(),
        topics,
        qos,
        login,
        ca,
        identity,
        server_name,
        keep_alive: keep_alive(table, findings),
        max_payload: max_payload(table, findings),
        session_expiry,
        profile: profile.map(|profile| (profile, table.base.value().cloned())),
        nodes: table.nodes.value().map_or_else(Vec::new, |list| {
            list.items.iter().map(|node| node.value.clone()).collect()
        }),
        publish,
        published_here: Vec::new(),
    };
    Some((settings, id.place))
}

/// What is subscribed to; `None` where a part of it is wrong or nothing is.
fn filters(Named { name, table }: &Named<Mqtt>, findings: &mut Findings) -> Option<Vec<Filter>> {
    let of_profile = of_profile(table, findings);
    let mut filters: Vec<Filter> = Vec::new();
    let list = table.topics.value();
    if let Some(many) = table.topics.read().filter(|list| list.value.items.len() > MOST_TOPICS) {
        let sentence = format!("`topics` has more than {MOST_TOPICS} filters");
        findings.add(Finding::error(many.place, sentence).help("write + and # for many at once"));
    }
    // Each is compared with all before it; of a list that is refused anyway the first are looked at.
    for written in list.map_or(&[][..], |list| &list.items).iter().take(MOST_TOPICS) {
        match Filter::parse(&written.value) {
            Ok(filter) => filters.push(filter),
            Err(error) => {
                let sentence = format!("{} is no topic filter: {error}", quoted(&written.value));
                findings.add(Finding::error(written.place, sentence).help(error.remedy()));
            }
        }
    }
    let empty = list.is_some_and(|list| list.is_empty) || table.topics.is_absent();
    if empty && table.profile.is_absent() {
        let place = table.topics.read().map_or(table.place, |list| list.place);
        let sentence = format!("the connection {} listens to no topic", quoted(&name.value));
        findings.add(
            Finding::error(place, sentence)
                .help("add topics = [\"plant/+/alarm/#\"], or \"#\" for all"),
        );
    }
    filters.extend(of_profile?);
    // A broker may deliver a message once for each subscription that covers it.
    let mut kept: Vec<Filter> = Vec::new();
    for filter in filters {
        if !kept.iter().any(|known| known.covers(&filter)) {
            kept.retain(|known| !filter.covers(known));
            kept.push(filter);
        }
    }
    Some(kept).filter(|kept| !kept.is_empty())
}

fn of_profile(table: &Mqtt, findings: &mut Findings) -> Option<Vec<Filter>> {
    let Some(profile) = table.profile.read() else {
        if let (true, Some(base)) = (table.profile.is_absent(), table.base.read()) {
            let finding =
                Finding::error(base.place, "`base` belongs to a `profile`, and there is none");
            findings.add(
                finding
                    .help("write profile = \"zigbee2mqtt\" for example, or put it into `topics`"),
            );
        }
        if let (true, Some(nodes)) = (table.profile.is_absent(), table.nodes.read()) {
            let sentence = "`nodes` belongs to the profile `sparkplug-b`, and there is none";
            let finding = Finding::error(nodes.place, sentence);
            findings.add(finding.help("write profile = \"sparkplug-b\", or take it out"));
        }
        return table.profile.is_absent().then(Vec::new);
    };
    let place = table.base.read().map_or(profile.place, |base| base.place);
    match Reader::new(profile.value, table.base.value().map(String::as_str)) {
        Ok(mut reader) => {
            for node in table.nodes.value().map_or(&[][..], |list| &list.items) {
                if let Err(error) = reader.expect(&node.value) {
                    let help = "write the nodes as their topics have them: \"GROUP/NODE\"";
                    findings.add(Finding::error(node.place, error.to_string()).help(help));
                }
            }
            Some(reader.filters())
        }
        Err(error) => {
            let help =
                "write the topic that stands before the devices' own, without a slash at its ends";
            findings.add(Finding::error(place, error.to_string()).help(help));
            None
        }
    }
}

fn client_id<'t>(
    Named { name, table }: &'t Named<Mqtt>,
    findings: &mut Findings,
) -> Option<&'t At<String>> {
    if table.client_id.is_absent() {
        let sentence = format!("the connection {} has no `client-id`", quoted(&name.value));
        let help = format!(
            "add client-id = \"vigie-{}\": under it the broker keeps what comes while Vigie is away",
            name.value
        );
        findings.add(Finding::error(name.place, sentence).help(help));
    }
    let id = table.client_id.read()?;
    if id.value.is_empty() || id.value.len() > LONGEST_ID || id.value.chars().any(char::is_control)
    {
        let sentence = "a `client-id` has at least one letter, and no control characters";
        let help = format!("write for example \"vigie-{}\"", name.value);
        findings.add(Finding::error(id.place, sentence).help(help));
    }
    Some(id)
}

fn login(
    table: &Mqtt,
    broker: Option<&Broker>,
    disk: Disk<'_>,
    findings: &mut Findings,
) -> Option<MqttLogin> {
    if let Some(password) = table.password.read() {
        if password.value.known().is_none() {
            check_kept(password, "the connection", disk, findings);
        }
        if table.user.is_absent() {
            let finding = Finding::error(password.place, "there is a `password` and no `user`");
            findings.add(finding.help("add user = \"…\", the account at the broker"));
        }
        if let Some(broker) =
            broker.filter(|broker| !broker.transport.is_tls() && !broker::is_here(broker))
        {
            let sentence = format!(
                "the password goes to {} readable for everybody on the way",
                quoted(&broker.host)
            );
            let help = "write mqtts:// or wss://, if the broker has TLS";
            findings.add(Finding::warning(password.place, sentence).help(help));
        }
    }
    let user = table.user.value()?.clone();
    Some(MqttLogin { user, password: table.password.value().cloned() })
}

fn identity(
    table: &Mqtt,
    encrypted: bool,
    disk: Disk<'_>,
    findings: &mut Findings,
) -> Option<(PathBuf, Secret)> {
    if let Some(certificate) = table.certificate.read() {
        needs_tls("certificate", certificate.place, encrypted, findings);
        check_file(&certificate.value, certificate.place, "the connection", disk, findings);
    }
    if let Some(key) = table.key.read() {
        check_kept(&At::new(key.value.0.clone(), key.place), "the connection", disk, findings);
    }
    let one = |there: Place, has: &str, lacks: &str| {
        Finding::error(there, format!("there is a `{has}` and no `{lacks}`"))
    };
    match (&table.certificate, &table.key) {
        (Slot::Is(certificate), Slot::Absent) => {
            let finding = one(certificate.place, "certificate", "key");
            findings.add(finding.help("add key = \"/path\", the private key of the certificate"));
            None
        }
        (Slot::Absent, Slot::Is(key)) => {
            let finding = one(key.place, "key", "certificate");
            findings.add(
                finding
                    .help("add certificate = \"/path\", the certificate that belongs to the key"),
            );
            None
        }
        (certificate, key) => Some((certificate.value()?.clone(), key.value()?.0.clone())),
    }
}

fn ca(table: &Mqtt, encrypted: bool, disk: Disk<'_>, findings: &mut Findings) -> Option<PathBuf> {
    let ca = table.ca.read()?;
    needs_tls("ca", ca.place, encrypted, findings);
    check_file(&ca.value, ca.place, "the connection", disk, findings);
    Some(ca.value.clone())
}

fn server_name(table: &Mqtt, encrypted: bool, findings: &mut Findings) -> Option<String> {
    let name = table.server_name.read()?;
    needs_tls("server-name", name.place, encrypted, findings);
    if !broker::is_name(&name.value) {
        let sentence = format!("{} is no name that a certificate can bear", quoted(&name.value));
        let help = "write a host name or an address, as the certificate has it";
        findings.add(Finding::error(name.place, sentence).help(help));
    }
    Some(name.value.clone())
}

fn needs_tls(key: &str, place: Place, encrypted: bool, findings: &mut Findings) {
    if !encrypted {
        let sentence = format!("`{key}` has no meaning without TLS");
        findings.add(
            Finding::error(place, sentence)
                .help("write mqtts:// or wss:// in `broker`, or take it out"),
        );
    }
}

fn qos(table: &Mqtt, findings: &mut Findings) -> Qos {
    match table.qos.read() {
        Some(At { value: 0, .. }) => Qos::AtMostOnce,
        None | Some(At { value: 1, .. }) => Qos::AtLeastOnce,
        Some(At { value, place }) => {
            let (sentence, help) = if *value == 2 {
                (
                    "`qos` 2 is not used: a message that came twice is known here, and nothing is lost with 1",
                    "write 1",
                )
            } else {
                ("`qos` is 0 or 1", "write 1: then nothing is lost")
            };
            findings.add(Finding::error(*place, sentence).help(help));
            Qos::AtLeastOnce
        }
    }
}

fn keep_alive(table: &Mqtt, findings: &mut Findings) -> Duration {
    let Some(written) = table.keep_alive.read() else { return KEEP_ALIVE };
    let (shortest, longest) = KEEP_ALIVES;
    if !(shortest..=longest).contains(&written.value) {
        let finding = Finding::error(written.place, "`keep-alive` is 5 seconds to 18 hours");
        findings
            .add(finding.help("write \"30s\": then a broker that is gone is seen within a minute"));
    }
    written.value
}

fn max_payload(table: &Mqtt, findings: &mut Findings) -> usize {
    let size = table.max_payload.value().map_or(PAYLOAD, |Size(size)| *size);
    if let Some(written) =
        table.max_payload.read().filter(|_| !(1..=LARGEST_PAYLOAD).contains(&size))
    {
        let finding = Finding::error(written.place, "`max-payload` is 1 B to 4 MiB");
        findings.add(finding.help("write \"1 MiB\", or leave it out"));
    }
    usize::try_from(size).unwrap_or(usize::MAX)
}

fn session_expiry(table: &Mqtt, version: MqttVersion, findings: &mut Findings) -> Duration {
    let Some(written) = table.session_expiry.read() else { return SESSION };
    if version == MqttVersion::V311 {
        let sentence =
            "`session-expiry` has no effect with MQTT 3.1.1, where the broker alone decides";
        findings.add(
            Finding::warning(written.place, sentence).help("write version = \"5\", or take it out"),
        );
    }
    if written.value < Duration::from_secs(60) {
        let finding =
            Finding::error(written.place, "a session of less than a minute keeps nothing");
        findings.add(finding.help("write how long Vigie may be away: \"1 week\""));
    }
    written.value
}
