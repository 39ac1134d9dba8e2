//! Keys: from a passphrase to the key of one engine (RFC 3414 §2.6 and A.2, RFC 7860 §9.3, RFC 3826 §1.2).
//!
//! A passphrase is hashed over a whole mebibyte, so that guessing is dear; that is done once for each user. What is derived from it
//! for an engine costs two small hashes, with one exception: the key extension that bears Reeder's name hashes a
//! mebibyte for each engine, and so must be asked for only where the sender is proven already. No key and no passphrase can be printed.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::digest::{Digest, FixedOutput};
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// So many octets of repeated passphrase are hashed (RFC 3414 A.2).
const HASHED: usize = 1_048_576;
/// The fewest octets of a passphrase (RFC 3414 §11.2).
pub const SHORTEST_PASSPHRASE: usize = 8;

/// How messages are authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthProtocol {
    /// usmHMACMD5AuthProtocol (RFC 3414 §6).
    Md5,
    /// usmHMACSHAAuthProtocol (RFC 3414 §7).
    Sha1,
    /// usmHMAC128SHA224AuthProtocol (RFC 7860 §4).
    Sha224,
    /// usmHMAC192SHA256AuthProtocol (RFC 7860 §4).
    Sha256,
    /// usmHMAC256SHA384AuthProtocol (RFC 7860 §4).
    Sha384,
    /// usmHMAC384SHA512AuthProtocol (RFC 7860 §4).
    Sha512,
}

/// How messages are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrivProtocol {
    /// usmDESPrivProtocol (RFC 3414 §8).
    Des,
    /// usmAesCfb128Protocol (RFC 3826).
    Aes128,
    /// AES-192 with the key extension of draft-blumenthal-aes-usm-04 §3.1.2.1.
    Aes192,
    /// AES-256 with the same.
    Aes256,
    /// AES-192 with the key extension of draft-reeder-snmpv3-usm-3desede-00 §2.1, as Cisco devices have it.
    Aes192C,
    /// AES-256 with the same.
    Aes256C,
}

/// A key, localised or not. It is overwritten nowhere and printed nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// For the hash or the cipher, and for nobody else.
    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(..)")
    }
}

impl AuthProtocol {
    /// Every one, weakest first.
    pub const ALL: [Self; 6] =
        [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// As it is written in the files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha-1",
            Self::Sha224 => "sha-224",
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// The octets of a tag: the hash, cut (RFC 3414 §6.3.1, RFC 7860 §4).
    pub(crate) const fn tag_length(self) -> usize {
        match self {
            Self::Md5 | Self::Sha1 => 12,
            Self::Sha224 => 16,
            Self::Sha256 => 24,
            Self::Sha384 => 32,
            Self::Sha512 => 48,
        }
    }

    /// The key of a passphrase, for no engine yet (RFC 3414 A.2.1 and A.2.2: Ku).
    pub(crate) fn master(self, passphrase: &[u8]) -> Key {
        match self {
            Self::Md5 => master::<Md5>(passphrase),
            Self::Sha1 => master::<Sha1>(passphrase),
            Self::Sha224 => master::<Sha224>(passphrase),
            Self::Sha256 => master::<Sha256>(passphrase),
            Self::Sha384 => master::<Sha384>(passphrase),
            Self::Sha512 => master::<Sha512>(passphrase),
        }
    }

    /// The key for one engine (RFC 3414 §2.6: Kul).
    pub(crate) fn localised(self, master: &Key, engine: &[u8]) -> Key {
        Key(self.hash(&[&master.0, engine, &master.0]))
    }

    /// Whether the tag is that of the message in these parts; it takes as long whatever is wrong with it.
    pub(crate) fn verifies(self, key: &Key, message: [&[u8]; 3], tag: &[u8]) -> bool {
        tag.len() == self.tag_length()
            && match self {
                Self::Md5 => begun::<Hmac<Md5>>(key, message).verify_truncated_left(tag).is_ok(),
                Self::Sha1 => begun::<Hmac<Sha1>>(key, message).verify_truncated_left(tag).is_ok(),
                Self::Sha224 => {
                    begun::<Hmac<Sha224>>(key, message).verify_truncated_left(tag).is_ok()
                }
                Self::Sha256 => {
                    begun::<Hmac<Sha256>>(key, message).verify_truncated_left(tag).is_ok()
                }
                Self::Sha384 => {
                    begun::<Hmac<Sha384>>(key, message).verify_truncated_left(tag).is_ok()
                }
                Self::Sha512 => {
                    begun::<Hmac<Sha512>>(key, message).verify_truncated_left(tag).is_ok()
                }
            }
    }

    /// The tag of a message of ours.
    pub(crate) fn tag(self, key: &Key, message: &[u8]) -> Vec<u8> {
        let parts = [message, &[], &[]];
        let mut tag = match self {
            Self::Md5 => whole(begun::<Hmac<Md5>>(key, parts)),
            Self::Sha1 => whole(begun::<Hmac<Sha1>>(key, parts)),
            Self::Sha224 => whole(begun::<Hmac<Sha224>>(key, parts)),
            Self::Sha256 => whole(begun::<Hmac<Sha256>>(key, parts)),
            Self::Sha384 => whole(begun::<Hmac<Sha384>>(key, parts)),
            Self::Sha512 => whole(begun::<Hmac<Sha512>>(key, parts)),
        };
        tag.truncate(self.tag_length());
        tag
    }

    fn hash(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => hash::<Md5>(parts),
            Self::Sha1 => hash::<Sha1>(parts),
            Self::Sha224 => hash::<Sha224>(parts),
            Self::Sha256 => hash::<Sha256>(parts),
            Self::Sha384 => hash::<Sha384>(parts),
            Self::Sha512 => hash::<Sha512>(parts),
        }
    }
}

impl PrivProtocol {
    /// Every one, weakest first.
    pub const ALL: [Self; 6] =
        [Self::Des, Self::Aes128, Self::Aes192, Self::Aes256, Self::Aes192C, Self::Aes256C];

    /// As it is written in the files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Des => "des",
            Self::Aes128 => "aes-128",
            Self::Aes192 => "aes-192",
            Self::Aes256 => "aes-256",
            Self::Aes192C => "aes-192-c",
            Self::Aes256C => "aes-256-c",
        }
    }

    /// The octets of the key; of DES, eight of key and eight of pre-IV (RFC 3414 §8.1.1.1).
    const fn key_length(self) -> usize {
        match self {
            Self::Des | Self::Aes128 => 16,
            Self::Aes192 | Self::Aes192C => 24,
            Self::Aes256 | Self::Aes256C => 32,
        }
    }

    /// Whether the key of an engine costs a mebibyte of hashing.
    pub(crate) const fn is_dear(self) -> bool {
        match self {
            Self::Aes192C | Self::Aes256C => true,
            Self::Des | Self::Aes128 | Self::Aes192 | Self::Aes256 => false,
        }
    }

    /// The key for one engine, as long as this protocol wants it. The hash is that of the authentication (RFC 3826 §1.2).
    pub(crate) fn localised(self, auth: AuthProtocol, master: &Key, engine: &[u8]) -> Key {
        let mut key = auth.localised(master, engine).0;
        let mut last = key.clone();
        while key.len() < self.key_length() {
            last = if self.is_dear() {
                // The key so far is a passphrase again, for the same engine.
                auth.localised(&auth.master(&last), engine).0
            } else {
                auth.hash(&[&key])
            };
            key.extend_from_slice(&last);
        }
        key.truncate(self.key_length());
        Key(key)
    }
}

fn master<H: Digest>(passphrase: &[u8]) -> Key {
    let mut hash = H::new();
    let mut left = HASHED;
    // An empty passphrase has no octets to repeat; the files do not let one through.
    while left > 0 && !passphrase.is_empty() {
        let part = passphrase.get(..left.min(passphrase.len())).unwrap_or(passphrase);
        hash.update(part);
        left = left.saturating_sub(part.len());
    }
    Key(hash.finalize().to_vec())
}

fn hash<H: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = H::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().to_vec()
}

fn begun<M: Mac + KeyInit>(key: &Key, parts: [&[u8]; 3]) -> M {
    let mut mac =
        <M as KeyInit>::new_from_slice(key.octets()).expect("HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac
}

fn whole<M: Mac + FixedOutput>(mac: M) -> Vec<u8> {
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The engine of the published examples (RFC 3414 A.3).
    const ENGINE: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];

    fn hexadecimal(octets: &[u8]) -> String {
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    #[test]
    fn the_keys_of_the_passphrase_maplesyrup_are_those_of_the_standard() {
        let cases = [
            (
                AuthProtocol::Md5,
                "9faf3283884e92834ebc9847d8edd963",
                "526f5eed9fcce26f8964c2930787d82b",
            ),
            (
                AuthProtocol::Sha1,
                "9fb5cc0381497b3793528939ff788d5d79145211",
                "6695febc9288e36282235fc7151f128497b38f3f",
            ),
        ];
        for (auth, ku, kul) in cases {
            let master = auth.master(b"maplesyrup");
            assert_eq!(hexadecimal(master.octets()), ku, "{auth:?}");
            assert_eq!(hexadecimal(auth.localised(&master, &ENGINE).octets()), kul, "{auth:?}");
        }
    }

    #[test]
    fn a_key_that_is_too_short_is_extended_in_the_two_ways_that_are_in_use() {
        let auth = AuthProtocol::Sha1;
        let master = auth.master(b"maplesyrup");
        let kul = auth.localised(&master, &ENGINE);
        let key = |protocol: PrivProtocol| protocol.localised(auth, &master, &ENGINE).0;
        assert_eq!(key(PrivProtocol::Aes128), kul.octets()[..16]);
        // draft-reeder §2.1: the second part is the localised key of the first one as a passphrase.
        let second = auth.localised(&auth.master(kul.octets()), &ENGINE);
        assert_eq!(key(PrivProtocol::Aes256C), [kul.octets(), second.octets()].concat()[..32]);
        assert_eq!(key(PrivProtocol::Aes192C), [kul.octets(), second.octets()].concat()[..24]);
        // draft-blumenthal §3.1.2.1: the second part is the hash of the first.
        let second = hash::<Sha1>(&[kul.octets()]);
        assert_eq!(key(PrivProtocol::Aes256), [kul.octets(), &second].concat()[..32]);
        for auth in [AuthProtocol::Sha256, AuthProtocol::Sha384, AuthProtocol::Sha512] {
            let master = auth.master(b"maplesyrup");
            let of = |protocol: PrivProtocol| protocol.localised(auth, &master, &ENGINE).0;
            assert_eq!(of(PrivProtocol::Aes256), of(PrivProtocol::Aes256C), "nothing to extend");
        }
    }

    #[test]
    fn a_tag_of_another_length_is_wrong_even_where_it_agrees() {
        for auth in AuthProtocol::ALL {
            let key = auth.localised(&auth.master(b"maplesyrup"), &ENGINE);
            let tag = auth.tag(&key, b"a message");
            assert_eq!(tag.len(), auth.tag_length());
            assert!(auth.verifies(&key, [b"a ", b"mess", b"age"], &tag));
            for length in 0..tag.len() {
                assert!(!auth.verifies(&key, [b"a message", b"", b""], &tag[..length]), "{length}");
            }
            assert!(!auth.verifies(&key, [b"a message", b"", b""], &[&tag[..], &[0]].concat()));
            assert!(!auth.verifies(&key, [b"another message", b"", b""], &tag));
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        let master = AuthProtocol::Md5.master(b"maplesyrup");
        assert_eq!(format!("{master:?}"), "Key(..)");
    }
}
