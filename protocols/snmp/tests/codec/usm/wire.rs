//! What the tests send: captured traps, and messages of a sender written by the test from the standard's text.

use std::path::Path;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use vigie_snmp::usm::{AuthProtocol, Credentials, EngineId, PrivProtocol, User, Usm};

/// The engine of the captured traps.
pub(crate) const ENGINE: &str = "80:00:1f:88:04:61:76:69";
/// Ours.
pub(crate) const OURS: &str = "80:00:00:00:05:01:02:03:04:05:06:07:08";
pub(crate) const AUTH: &[u8] = b"correct horse";
pub(crate) const PRIV: &[u8] = b"battery staple";
/// The boots and the age of our engine in the tests.
pub(crate) const BOOTS: u32 = 7;
pub(crate) const BIRTH: Duration = Duration::from_secs(1_000);

/// Time of our engine.
pub(crate) fn at(seconds: u64) -> Duration {
    BIRTH + Duration::from_secs(seconds)
}

pub(crate) fn engine(text: &str) -> EngineId {
    text.parse().unwrap()
}

/// Our engine, with these users.
pub(crate) fn usm(users: Vec<User>) -> Usm {
    Usm::new(engine(OURS), BOOTS, users, 0x0102_0304_0506_0708, BIRTH)
}

/// A user `vigie` of any engine, who authenticates.
pub(crate) fn authentic(auth: AuthProtocol) -> User {
    User::new("vigie", None, Credentials::Auth(auth, AUTH))
}

/// A user `vigie` of any engine, who encrypts.
pub(crate) fn private(auth: AuthProtocol, privacy: PrivProtocol) -> User {
    User::new("vigie", None, Credentials::AuthPriv((auth, AUTH), (privacy, PRIV)))
}

/// A trap of fixtures/snmp/usm.
pub(crate) struct Captured {
    pub(crate) auth: AuthProtocol,
    pub(crate) privacy: Option<PrivProtocol>,
    pub(crate) datagram: Vec<u8>,
}

impl Captured {
    pub(crate) fn user(&self) -> User {
        match self.privacy {
            None => authentic(self.auth),
            Some(privacy) => private(self.auth, privacy),
        }
    }
}

pub(crate) fn captured() -> Vec<Captured> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/snmp/usm/traps.txt");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let [_, auth, privacy, octets] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            let digits: Vec<char> = octets.chars().collect();
            Captured {
                auth: AuthProtocol::ALL.into_iter().find(|known| known.name() == auth).unwrap(),
                privacy: PrivProtocol::ALL.into_iter().find(|known| known.name() == privacy),
                datagram: digits
                    .chunks(2)
                    .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
                    .collect(),
            }
        })
        .collect()
}

/// An element with a short or a two-octet length.
pub(crate) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let contents = parts.concat();
    let mut octets = vec![tag];
    match u8::try_from(contents.len()) {
        Ok(short @ 0..=127) => octets.push(short),
        _ => {
            octets.push(0x82);
            octets.extend(u16::try_from(contents.len()).unwrap().to_be_bytes());
        }
    }
    octets.extend(contents);
    octets
}

pub(crate) fn integer(value: u32) -> Vec<u8> {
    element(2, &[&[&[0], &value.to_be_bytes()[..]].concat()])
}

/// A message as the test writes it: authenticated by HMAC-SHA-1-96 with `AUTH`, or not at all.
#[derive(Clone)]
pub(crate) struct Written {
    pub(crate) msg_id: u32,
    pub(crate) max_size: u32,
    pub(crate) flags: Vec<u8>,
    pub(crate) model: u32,
    pub(crate) engine: Vec<u8>,
    pub(crate) boots: u32,
    pub(crate) time: u32,
    pub(crate) user: Vec<u8>,
    pub(crate) pdu: u8,
    pub(crate) request_id: u32,
}

impl Written {
    /// An authenticated trap of the engine of the captured ones.
    pub(crate) fn trap() -> Self {
        Self {
            msg_id: 77,
            max_size: 65_507,
            flags: vec![1],
            model: 3,
            engine: engine(ENGINE).octets().to_vec(),
            boots: 3,
            time: 4_711,
            user: b"vigie".to_vec(),
            pdu: 0xa7,
            request_id: 4_242,
        }
    }

    /// An authenticated inform to us.
    pub(crate) fn inform(time: u32) -> Self {
        let engine = engine(OURS).octets().to_vec();
        Self { engine, boots: BOOTS, time, pdu: 0xa6, flags: vec![5], ..Self::trap() }
    }

    /// The scoped PDU: a coldStart.
    pub(crate) fn scoped(&self) -> Vec<u8> {
        let uptime = element(
            0x30,
            &[&element(6, &[&[0x2b, 6, 1, 2, 1, 1, 3, 0]]), &element(0x43, &[&[0x30, 0x39]])],
        );
        let trap = element(
            0x30,
            &[
                &element(6, &[&[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0]]),
                &element(6, &[&[0x2b, 6, 1, 6, 3, 1, 1, 5, 1]]),
            ],
        );
        let varbinds = element(0x30, &[&uptime, &trap]);
        let zero = integer(0);
        let pdu = element(self.pdu, &[&integer(self.request_id), &zero, &zero, &varbinds]);
        element(0x30, &[&element(4, &[&self.engine]), &element(4, &[]), &pdu])
    }

    /// The octets, with this in place of the tag.
    pub(crate) fn with_tag(&self, tag: &[u8]) -> Vec<u8> {
        let global = element(
            0x30,
            &[
                &integer(self.msg_id),
                &integer(self.max_size),
                &element(4, &[&self.flags]),
                &integer(self.model),
            ],
        );
        let security = element(
            0x30,
            &[
                &element(4, &[&self.engine]),
                &integer(self.boots),
                &integer(self.time),
                &element(4, &[&self.user]),
                &element(4, &[tag]),
                &element(4, &[]),
            ],
        );
        element(0x30, &[&integer(3), &global, &element(4, &[&security]), &self.scoped()])
    }

    /// The octets, signed.
    pub(crate) fn signed(&self) -> Vec<u8> {
        let whole = self.with_tag(&[0; 12]);
        self.with_tag(&tag(&self.engine, &whole))
    }
}

/// RFC 3414 §7.3.1, with the key of A.2.2.
pub(crate) fn tag(engine: &[u8], message: &[u8]) -> Vec<u8> {
    let repeated: Vec<u8> = AUTH.iter().copied().cycle().take(1_048_576).collect();
    let ku = Sha1::digest(repeated);
    let kul = Sha1::digest([&ku[..], engine, &ku[..]].concat());
    let mut mac = Hmac::<Sha1>::new_from_slice(&kul).unwrap();
    mac.update(message);
    mac.finalize().into_bytes()[..12].to_vec()
}
