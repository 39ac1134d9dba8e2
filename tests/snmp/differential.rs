//! What net-snmp sends is decoded as net-snmp's own receiver decodes it: the same datagram, to us and to `snmptrapd`.

use std::fmt::Write;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vigie_snmp::usm::{AuthProtocol, Credentials, PrivProtocol, User, Usm};
use vigie_snmp::{Message, Value, Version};

use crate::dice::Dice;
use crate::house::{exit_code, heard, net_snmp, soon};

/// So many notifications are compared.
const ROUNDS: u64 = 120;
const ENGINE: &str = "0x80001f8804617669";
/// What ends the lines of one notification.
const END: &str = "=end=";
/// User, authentication, encryption: ours, then net-snmp's names.
const USERS: [(&str, AuthProtocol, &str, PrivProtocol, &str); 4] = [
    ("md5-des", AuthProtocol::Md5, "MD5", PrivProtocol::Des, "DES"),
    ("sha-aes", AuthProtocol::Sha1, "SHA", PrivProtocol::Aes128, "AES"),
    ("sha256-aes", AuthProtocol::Sha256, "SHA-256", PrivProtocol::Aes128, "AES"),
    ("sha512-des", AuthProtocol::Sha512, "SHA-512", PrivProtocol::Des, "DES"),
];

/// A `snmptrapd` that writes what it receives into a file.
struct Peer {
    child: Child,
    folder: tempfile::TempDir,
    at: SocketAddr,
    read: usize,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Peer {
    async fn open() -> Self {
        let program = ["/usr/sbin/snmptrapd", "/usr/bin/snmptrapd"];
        let program = program.into_iter().find(|path| Path::new(path).exists());
        let program = program.expect("this test needs snmptrapd (Debian package `snmptrapd`)");
        let folder = tempfile::tempdir().unwrap();
        let mut files = String::from("disableAuthorization yes\n");
        for (name, _, auth, _, privacy) in USERS {
            let secrets = format!("{auth} \"correct horse\" {privacy} \"battery staple\"");
            writeln!(files, "createUser -e {ENGINE} {name} {secrets}").unwrap();
        }
        std::fs::write(folder.path().join("snmptrapd.conf"), files).unwrap();
        // Ours until it takes it: nobody else is given the port meanwhile.
        let at = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let out = std::fs::File::create(folder.path().join("out")).unwrap();
        let format = format!("%V|\\n%N;%w;%q|\\n%v\\n{END}\\n");
        let child = Command::new(program)
            .args(["-f", "-C", "-c"])
            .arg(folder.path().join("snmptrapd.conf"))
            // Everything by number, octets in hexadecimal, each notification written at once.
            .args(["-Lo", "-On", "-Oe", "-OU", "-Ot", "-Ox", "-F", &format])
            .arg(format!("udp:{at}"))
            .env("MIBS", "")
            .env("SNMPCONFPATH", folder.path())
            .env("SNMP_PERSISTENT_DIR", folder.path().join("persistent"))
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut peer = Self { child, folder, at, read: 0 };
        soon("the first words of snmptrapd", async {
            while !peer.out().contains("NET-SNMP version") || !peer.out().ends_with('\n') {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
        peer.read = peer.out().len();
        peer
    }

    fn out(&self) -> String {
        let octets = std::fs::read(self.folder.path().join("out")).unwrap();
        String::from_utf8(octets).expect("octets are written in hexadecimal")
    }

    /// What it says of a datagram, without white space.
    async fn says(&mut self, from: &UdpSocket, datagram: &[u8]) -> String {
        from.send_to(datagram, self.at).unwrap();
        soon("a word of snmptrapd", async {
            loop {
                let out = self.out();
                let new = out.get(self.read..).unwrap_or_default();
                if let Some((said, _)) = new.split_once(END) {
                    self.read += said.len() + END.len();
                    return said.split_whitespace().collect();
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await
    }
}

/// A number of 32 bits, small ones as often as large ones.
fn number(dice: &mut Dice) -> u32 {
    let shift = dice.below(32);
    u32::try_from(dice.below(1 << 32)).unwrap() >> shift
}

/// A varbind by chance, as snmptrap's three words.
fn varbind(dice: &mut Dice) -> [String; 3] {
    let oid = |dice: &mut Dice, most: usize| {
        let mut oid = String::from("1.3.6.1.4.1");
        for _ in 0..=dice.below(most) {
            write!(oid, ".{}", number(dice)).unwrap();
        }
        oid
    };
    let name = oid(dice, 20);
    let thirty_two = number(dice);
    let (kind, value) = match dice.below(12) {
        0 => ("i", thirty_two.cast_signed().to_string()),
        1 => ("u", thirty_two.to_string()),
        2 => ("c", thirty_two.to_string()),
        3 => ("t", thirty_two.to_string()),
        4 => ("C", (u64::from(thirty_two) << 32 | u64::from(number(dice))).to_string()),
        5 => ("a", std::net::Ipv4Addr::from(thirty_two).to_string()),
        6 => ("o", oid(dice, 110)),
        7 => ("n", "0".to_owned()),
        8 => ("s", ["", "eth7", "arrêté", "two\nlines", "Ω"][dice.below(5)].to_owned()),
        9 => ("F", ["21.5", "-0.25", "1000000", "0"][dice.below(4)].to_owned()),
        _ => {
            let length = dice.below(60);
            let hex = (0..length).map(|_| format!("{:02x}", dice.below(256))).collect();
            ("x", hex)
        }
    };
    // An empty hexadecimal string is no argument of snmptrap's.
    let kind = if kind == "x" && value.is_empty() { "s" } else { kind };
    [name, kind.to_owned(), value]
}

/// A value as snmptrapd writes it, without white space.
fn written(value: &Value) -> String {
    let hexadecimal =
        |octets: &[u8]| -> String { octets.iter().map(|octet| format!("{octet:02X}")).collect() };
    match value {
        Value::Integer(number) => format!("INTEGER:{number}"),
        Value::OctetString(octets) if octets.is_empty() => "\"\"".to_owned(),
        Value::OctetString(octets) => format!("Hex-STRING:{}", hexadecimal(octets)),
        Value::ObjectIdentifier(oid) => format!("OID:.{oid}"),
        Value::IpAddress(address) => format!("IpAddress:{address}"),
        Value::Counter32(number) => format!("Counter32:{number}"),
        Value::Gauge32(number) => format!("Gauge32:{number}"),
        Value::TimeTicks(number) => number.to_string(),
        Value::Opaque(octets) => {
            let [0x9f, 0x78, 4, float @ ..] = octets.as_slice() else { panic!("{octets:02x?}") };
            format!("Opaque:Float:{:.6}", f32::from_be_bytes(float.try_into().unwrap()))
        }
        Value::Counter64(number) => format!("Counter64:{number}"),
        Value::Null => "NULL".to_owned(),
        other => panic!("snmptrap does not send {other:?}"),
    }
}

/// The message as snmptrapd writes it, without white space.
fn said(message: &Message) -> String {
    let notification = &message.notification;
    let mut all = Vec::new();
    let head = match &notification.v1 {
        Some(header) => {
            // It writes an enterprise's own traps as the end of an OID.
            let dot = if header.generic == 6 { "." } else { "" };
            format!(".{};{};{dot}{}|", header.enterprise, header.generic, header.specific)
        }
        None => {
            all.push(format!(".1.3.6.1.2.1.1.3.0={}", notification.uptime.unwrap()));
            all.push(format!(".1.3.6.1.6.3.1.1.4.1.0=OID:.{}", notification.trap_oid));
            String::new()
        }
    };
    all.extend(
        notification
            .varbinds
            .iter()
            .map(|varbind| format!(".{}={}", varbind.oid, written(&varbind.value))),
    );
    format!("{head}{}", all.join("|"))
}

#[tokio::test]
async fn what_net_snmp_sends_is_decoded_as_its_own_receiver_decodes_it() {
    let mut peer = Peer::open().await;
    let tap = UdpSocket::bind("127.0.0.1:0").unwrap();
    tap.set_nonblocking(true).unwrap();
    let forward = UdpSocket::bind("127.0.0.1:0").unwrap();
    let users = USERS.map(|(name, auth, _, privacy, _)| {
        User::new(
            name,
            None,
            Credentials::AuthPriv((auth, b"correct horse"), (privacy, b"battery staple")),
        )
    });
    let engine = "80:00:00:00:05:01:02:03".parse().unwrap();
    let mut usm = Usm::new(engine, 1, users.into(), 7, Duration::ZERO);
    let mut dice = Dice::new();
    for round in 0..ROUNDS {
        let mut what: Vec<String> = Vec::new();
        let mut options: Vec<&str> = vec!["-v"];
        match round % 3 {
            0 => {
                options.extend(["1", "-c", "public"]);
                let (generic, specific) =
                    (dice.below(7).to_string(), dice.below(1 << 31).to_string());
                let words = ["1.3.6.1.4.1.8072.3.2.10", "192.0.2.7", &generic, &specific, "12345"];
                what.extend(words.map(str::to_owned));
            }
            version => {
                if version == 1 {
                    options.extend(["2c", "-c", "public"]);
                } else {
                    let (name, _, auth, _, privacy) = USERS[dice.below(4)];
                    options.extend(["3", "-e", ENGINE, "-u", name, "-l", "authPriv", "-a", auth]);
                    options.extend(["-A", "correct horse", "-x", privacy, "-X", "battery staple"]);
                }
                what.extend(["12345".to_owned(), "1.3.6.1.4.1.8072.2.3.0.1".to_owned()]);
            }
        }
        for _ in 0..dice.below(10) {
            let [name, kind, value] = varbind(&mut dice);
            // v1 has no Counter64 (RFC 3584 §4.1.3), and snmptrap does not send one.
            let is_lawful = kind != "C" || round % 3 != 0;
            what.extend(
                if is_lawful { Some([name, kind, value]) } else { None }.into_iter().flatten(),
            );
        }
        let words: Vec<&str> = what.iter().map(String::as_str).collect();
        let trap = net_snmp("snmptrap", &options, tap.local_addr().unwrap(), &words);
        let datagram = heard(&tap).await;
        assert_eq!(exit_code(trap).await, Some(0), "{what:?}");
        let message = match vigie_snmp::read(&datagram) {
            Ok(message) => message,
            Err(_) => usm.open(&datagram, Duration::ZERO).expect("a user of ours").message,
        };
        assert_eq!(message.oddities, [], "{what:?}");
        let theirs = peer.says(&forward, &datagram).await;
        let theirs = match message.version {
            Version::V1 => theirs.as_str(),
            // What it derives for the others is not on the wire.
            Version::V2c | Version::V3 => theirs.split_once('|').map_or("", |(_, rest)| rest),
        };
        assert_eq!(said(&message), theirs, "{what:?}");
    }
}
