//! Encryption: CBC-DES (RFC 3414 §8) and AES in CFB with 128 bits (RFC 3826), and AES with longer keys in the same way.
//!
//! It encrypts and decrypts, and proves nothing: what is decrypted was authenticated before. Octets that cannot be decrypted are
//! `None`; those that were encrypted with another key become noise, which the reader of what is inside finds out.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::{NoPadding, ZeroPadding};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use des::Des;

use super::keys::{Key, PrivProtocol};

/// The octets of a salt (RFC 3414 §8.1.1.1, RFC 3826 §3.1.2.1): msgPrivacyParameters.
pub(crate) const SALT: usize = 8;
/// The octets of a block of DES.
const DES_BLOCK: usize = 8;

/// What an encryption depends on, beside the key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nonce {
    /// The authoritative engine's boots (msgAuthoritativeEngineBoots).
    pub(crate) boots: u32,
    /// The authoritative engine's time, in seconds (msgAuthoritativeEngineTime).
    pub(crate) time: u32,
    /// msgPrivacyParameters (RFC 3414 §2.4).
    pub(crate) salt: [u8; SALT],
}

impl Nonce {
    /// RFC 3826 §3.1.2.1: boots, time, salt.
    fn for_aes(self) -> [u8; 16] {
        let [b0, b1, b2, b3] = self.boots.to_be_bytes();
        let [t0, t1, t2, t3] = self.time.to_be_bytes();
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.salt;
        [b0, b1, b2, b3, t0, t1, t2, t3, s0, s1, s2, s3, s4, s5, s6, s7]
    }

    /// RFC 3414 §8.1.1.1: the salt, mixed with the second half of the key.
    fn for_des(self, pre_iv: &[u8]) -> [u8; DES_BLOCK] {
        let mut iv = self.salt;
        iv.iter_mut().zip(pre_iv).for_each(|(octet, mixed)| *octet ^= mixed);
        iv
    }
}

impl PrivProtocol {
    /// What was encrypted; `None` where nothing can have been encrypted to these octets.
    pub(crate) fn decrypted(self, key: &Key, nonce: Nonce, octets: &[u8]) -> Option<Vec<u8>> {
        let mut octets = octets.to_vec();
        let (key, iv) = (key.octets(), nonce.for_aes());
        match self {
            Self::Des => {
                let (key, pre_iv) = key.split_at_checked(DES_BLOCK)?;
                let cipher =
                    cbc::Decryptor::<Des>::new_from_slices(key, &nonce.for_des(pre_iv)).ok()?;
                cipher.decrypt_padded::<NoPadding>(&mut octets).ok()?;
            }
            Self::Aes128 => {
                cfb_mode::Decryptor::<Aes128>::new_from_slices(key, &iv).ok()?.decrypt(&mut octets);
            }
            Self::Aes192 | Self::Aes192C => {
                cfb_mode::Decryptor::<Aes192>::new_from_slices(key, &iv).ok()?.decrypt(&mut octets);
            }
            Self::Aes256 | Self::Aes256C => {
                cfb_mode::Decryptor::<Aes256>::new_from_slices(key, &iv).ok()?.decrypt(&mut octets);
            }
        }
        Some(octets)
    }

    /// These octets, encrypted; DES fills them up with zeros to whole blocks (RFC 3414 §8.1.1.2).
    pub(crate) fn encrypted(self, key: &Key, nonce: Nonce, octets: &[u8]) -> Option<Vec<u8>> {
        let mut octets = octets.to_vec();
        let (key, iv) = (key.octets(), nonce.for_aes());
        match self {
            Self::Des => {
                let (key, pre_iv) = key.split_at_checked(DES_BLOCK)?;
                let cipher =
                    cbc::Encryptor::<Des>::new_from_slices(key, &nonce.for_des(pre_iv)).ok()?;
                let length = octets.len();
                octets.resize(length.next_multiple_of(DES_BLOCK), 0);
                cipher.encrypt_padded::<ZeroPadding>(&mut octets, length).ok()?;
            }
            Self::Aes128 => {
                cfb_mode::Encryptor::<Aes128>::new_from_slices(key, &iv).ok()?.encrypt(&mut octets);
            }
            Self::Aes192 | Self::Aes192C => {
                cfb_mode::Encryptor::<Aes192>::new_from_slices(key, &iv).ok()?.encrypt(&mut octets);
            }
            Self::Aes256 | Self::Aes256C => {
                cfb_mode::Encryptor::<Aes256>::new_from_slices(key, &iv).ok()?.encrypt(&mut octets);
            }
        }
        Some(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usm::keys::AuthProtocol;

    #[test]
    fn what_was_encrypted_is_decrypted_with_every_cipher_and_at_every_length() {
        let auth = AuthProtocol::Sha1;
        let master = auth.master(b"a long passphrase");
        let nonce = Nonce { boots: 3, time: 4_711, salt: [1, 2, 3, 4, 5, 6, 7, 8] };
        for protocol in PrivProtocol::ALL {
            let key = protocol.localised(auth, &master, b"\x80\0\0\0\x05engine");
            for length in 0..70 {
                let plain: Vec<u8> = (0..length).collect();
                let hidden = protocol.encrypted(&key, nonce, &plain).unwrap();
                let shown = protocol.decrypted(&key, nonce, &hidden).unwrap();
                assert_eq!(shown[..plain.len()], plain, "{protocol:?} {length}");
                assert!(shown[plain.len()..].iter().all(|filling| *filling == 0));
                assert!(length < 16 || hidden[..16] != plain[..16], "{protocol:?} {length}");
            }
        }
    }

    #[test]
    fn des_in_part_of_a_block_is_refused() {
        let auth = AuthProtocol::Md5;
        let key = PrivProtocol::Des.localised(auth, &auth.master(b"a long passphrase"), b"engine");
        let nonce = Nonce { boots: 0, time: 0, salt: [0; 8] };
        assert_eq!(PrivProtocol::Des.decrypted(&key, nonce, &[0; 15]), None);
        assert!(PrivProtocol::Des.decrypted(&key, nonce, &[0; 16]).is_some());
    }
}
