//! TLS and WebSockets: whom we believe, what we show, and what we are told when it does not do.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::house::{House, settings, until};
use crate::mosquitto::{Mosquitto, RECOMMENDED, absent, absent_for_web_sockets};

/// An authority with certificates in a folder, made by openssl.
fn openssl(folder: &Path, words: &str) {
    let made = Command::new("openssl")
        .args(words.split(' '))
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("these tests need the program openssl: {error}"));
    assert!(made.success(), "openssl {words}");
}

fn authority(folder: &Path, name: &str) {
    openssl(
        folder,
        &format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN={name} -keyout {name}.key -out {name}.pem"
        ),
    );
}

/// A certificate for a name, of that authority, for so many days from now.
fn certificate(folder: &Path, authority: &str, name: &str, san: &str, days: &str) {
    std::fs::write(folder.join(format!("{name}.ext")), format!("subjectAltName={san}\n")).unwrap();
    openssl(
        folder,
        &format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr"
        ),
    );
    openssl(
        folder,
        &format!(
            "x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key -CAcreateserial {days} -extfile {name}.ext -out {name}.pem"
        ),
    );
}

/// A broker with a certificate for `broker.test`, of the authority `ca`.
fn secure(days: &str, listener: &str) -> Mosquitto {
    let mut broker =
        if listener.contains("websockets") { absent_for_web_sockets(1) } else { absent() };
    let folder = broker.folder().to_owned();
    authority(&folder, "ca");
    authority(&folder, "strangers");
    certificate(&folder, "ca", "server", "DNS:broker.test", days);
    certificate(&folder, "ca", "client", "DNS:vigie", "-days 30");
    certificate(&folder, "strangers", "stranger", "DNS:vigie", "-days 30");
    let shown = folder.display();
    broker.write(
        &format!("allow_anonymous true\n{RECOMMENDED}"),
        &format!("cafile {shown}/ca.pem\ncertfile {shown}/server.pem\nkeyfile {shown}/server.key\n{listener}"),
    );
    broker.start();
    broker
}

fn calling(broker: &Mosquitto, scheme: &str, keys: &str) -> vigie::config::MqttSettings {
    let (host, port, folder) = (&broker.host, broker.port, broker.folder().display());
    let keys = keys.replace("FOLDER", &folder.to_string());
    settings(&format!(
        "broker = \"{scheme}://{host}:{port}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\"]\n{keys}"
    ))
}

const OURS: &str = "ca = \"FOLDER/ca.pem\"\nserver-name = \"broker.test\"";

#[tokio::test]
async fn a_broker_is_believed_whose_certificate_is_of_our_authority_and_bears_the_name() {
    let broker = secure("-days 30", "");
    for version in ["3.1.1", "5"] {
        let keys = format!("{OURS}\nversion = \"{version}\"");
        let mut house = House::open(calling(&broker, "mqtts", &keys)).await;
        let ca = broker.path("ca.pem");
        let tls = [
            "--cafile",
            ca.to_str().unwrap(),
            "--insecure",
            "-q",
            "1",
            "-t",
            "plant/a",
            "-m",
            "on",
        ];
        broker.publish(&tls);
        assert_eq!(&*house.taken().await.text, "on");
        until("it is acknowledged", || house.counter("acknowledged") == 1).await;
        house.close().await;
    }
}

#[tokio::test]
async fn a_certificate_that_does_not_do_is_told_with_its_remedy() {
    let broker = secure("-days 30", "");
    for (keys, cause) in [
        (
            "ca = \"FOLDER/strangers.pem\"\nserver-name = \"broker.test\"",
            "of an authority that we do not know",
        ),
        ("server-name = \"broker.test\"", "of an authority that we do not know"),
        ("ca = \"FOLDER/ca.pem\"", "is for another name"),
        ("ca = \"FOLDER/ca.pem\"\nserver-name = \"other.test\"", "is for another name"),
        ("ca = \"FOLDER/server.key\"", "there is none in it"),
    ] {
        let mut house = House::birth(calling(&broker, "mqtts", keys));
        let why = house.lost().await;
        assert!(why.contains(cause), "{keys}: {why}");
        house.kill().await;
    }
    let expired = secure("-days -1", "");
    let why = House::birth(calling(&expired, "mqtts", OURS)).lost().await;
    assert!(why.contains("has expired"), "{why}");
    let mut house = House::birth(calling(&broker, "mqtt", ""));
    let why = house.lost().await;
    assert!(
        why.contains("closed the connection") || why.contains("does not keep to MQTT"),
        "{why}"
    );
}

#[tokio::test]
async fn a_broker_that_has_no_tls_is_told() {
    let broker = Mosquitto::plain();
    let file = broker.path("ca");
    authority(broker.folder(), "ca");
    assert!(!file.exists());
    let why = House::birth(calling(&broker, "mqtts", "ca = \"FOLDER/ca.pem\"")).lost().await;
    assert!(why.contains("does not speak TLS at this port") || why.contains("closed"), "{why}");
}

#[tokio::test]
async fn a_broker_that_asks_for_a_certificate_gets_ours() {
    let broker = secure("-days 30", "require_certificate true");
    let with = |name: &str| {
        format!("{OURS}\ncertificate = \"FOLDER/{name}.pem\"\nkey = \"FOLDER/{name}.key\"")
    };
    House::open(calling(&broker, "mqtts", &with("client"))).await.close().await;
    let why = House::birth(calling(&broker, "mqtts", OURS)).lost().await;
    assert!(why.contains("wants a certificate of ours"), "{why}");
    let why = House::birth(calling(&broker, "mqtts", &with("stranger"))).lost().await;
    assert!(why.contains("does not take our certificate"), "{why}");
    let mixed =
        format!("{OURS}\ncertificate = \"FOLDER/client.pem\"\nkey = \"FOLDER/stranger.key\"");
    let why = House::birth(calling(&broker, "mqtts", &mixed)).lost().await;
    assert!(why.contains("`key` and `certificate` cannot be used"), "{why}");
}

#[tokio::test]
async fn a_web_socket_carries_the_same_with_tls_and_without() {
    let mut plain = absent_for_web_sockets(0);
    plain.write(&format!("allow_anonymous true\n{RECOMMENDED}"), "protocol websockets");
    plain.start();
    let secure = secure("-days 30", "protocol websockets");
    for version in ["3.1.1", "5"] {
        let version = format!("version = \"{version}\"");
        for (broker, scheme, keys) in [(&plain, "ws", ""), (&secure, "wss", OURS)] {
            let keys = format!("{keys}\n{version}");
            let mut house = House::open(calling(broker, scheme, &keys)).await;
            assert!(house.reading.now().broker.is_some_and(|broker| broker.session.is_some()));
            house.close().await;
        }
    }
}
