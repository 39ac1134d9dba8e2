//! Traps of SNMPv3, authenticated with SHA-256 and encrypted with AES-128, as a switch sends them: the same trap as the plain one.
//!
//! Written from the RFCs (3412, 3414, 3826, 7860), and not with the codec that reads them.

use cfb_mode::cipher::KeyIvInit;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::informs::{INTEGER, OCTETS, SEQUENCE, long_trap_pdu, part};

/// The user that the files must name.
pub(crate) const USER: &str = "[[snmp.network.users]]\nname = \"switch\"\n\
     auth = { protocol = \"sha-256\", passphrase = \"correct horse\" }\n\
     priv = { protocol = \"aes-128\", passphrase = \"battery staple\" }\n";
const ENGINE: &[u8] = &[0x80, 0, 0x1f, 0x88, 4, b'b', b'e', b'n', b'c', b'h'];
/// How often the switch has started, and for how many seconds it has run.
const BOOTS: [u8; 4] = [0, 0, 0, 3];
const TIME: u32 = 0x1234;
/// Authenticated and encrypted, and no report is wanted.
const FLAGS: &[u8] = &[3];
/// The octets of a tag of HMAC-192-SHA-256.
const TAG: usize = 24;

/// The keys of the user at the switch.
pub(crate) struct Seal {
    auth: Vec<u8>,
    privacy: Vec<u8>,
}

impl Seal {
    pub(crate) fn new() -> Self {
        Self { auth: localised(b"correct horse"), privacy: localised(b"battery staple") }
    }

    /// A linkDown of this port.
    pub(crate) fn trap(&self, number: u32, port: u32) -> Vec<u8> {
        self.trap_at(number, port, TIME)
    }

    /// The same of a switch that has run for so many seconds.
    pub(crate) fn trap_at(&self, number: u32, port: u32, seconds: u32) -> Vec<u8> {
        let time = seconds.to_be_bytes();
        let salt = u64::from(number).to_be_bytes();
        let context = [part(OCTETS, ENGINE), part(OCTETS, &[]), long_trap_pdu(number, port)];
        let mut hidden = part(SEQUENCE, &context.concat());
        let iv = [&BOOTS[..], &time, &salt].concat();
        cfb_mode::Encryptor::<aes::Aes128>::new_from_slices(&self.privacy[..16], &iv)
            .expect("a key and an IV of 16 octets")
            .encrypt(&mut hidden);
        let body = part(OCTETS, &hidden);
        let signed = around(number, time, &[0; TAG], &salt, &body);
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.auth).expect("any key will do");
        mac.update(&signed);
        around(number, time, &mac.finalize().into_bytes()[..TAG], &salt, &body)
    }
}

fn around(number: u32, time: [u8; 4], tag: &[u8], salt: &[u8], body: &[u8]) -> Vec<u8> {
    let global = [
        part(INTEGER, &number.to_be_bytes()),
        part(INTEGER, &[0, 0xff, 0xe3]),
        part(OCTETS, FLAGS),
        part(INTEGER, &[3]),
    ];
    let security = [
        part(OCTETS, ENGINE),
        part(INTEGER, &BOOTS),
        part(INTEGER, &time),
        part(OCTETS, b"switch"),
        part(OCTETS, tag),
        part(OCTETS, salt),
    ];
    let security = part(SEQUENCE, &security.concat());
    let all = [
        part(INTEGER, &[3]),
        part(SEQUENCE, &global.concat()),
        part(OCTETS, &security),
        body.to_vec(),
    ];
    part(SEQUENCE, &all.concat())
}

/// RFC 3414 A.2, with SHA-256.
fn localised(passphrase: &[u8]) -> Vec<u8> {
    let repeated: Vec<u8> = passphrase.iter().copied().cycle().take(1_048_576).collect();
    let ku = Sha256::digest(repeated);
    Sha256::digest([&ku[..], ENGINE, &ku[..]].concat()).to_vec()
}
