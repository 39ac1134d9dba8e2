//! What our engine says: to those whose message is not taken, and to those whose inform was stored.

use std::time::Duration;

use super::header::{self, Header};
use super::keys::PrivProtocol;
use super::privacy::{Nonce, SALT};
use super::rejected::Rejected;
use super::reply::{self, Letter, Seal};
use super::{Opened, Unproven, Usm};
use crate::ber::{self, Reader};
use crate::envelope::{self, Pdu};
use crate::message::PduKind;
use crate::oddity::Notes;
use crate::response::{self, Unanswerable};
use crate::secured::Level;

impl Usm {
    /// A message that is not taken, and what is said to its sender (RFC 3412 §7.2 step 6, RFC 3414 §3.2).
    pub(super) fn rejected(
        &mut self,
        header: &Header<'_>,
        Unproven { why, signer }: Unproven,
        now: Duration,
    ) -> Rejected {
        let is_ours = header.sender.engine == self.engine.octets();
        // Whoever wants a report of an engine that is not ours has not found ours yet (RFC 3414 §3.2 step 3).
        let statistic = if is_ours { why.statistic() } else { why.statistic_of_strangers() };
        let report = statistic.and_then(|statistic| {
            let count = self.statistics.count(statistic);
            if !header.is_reportable {
                return None;
            }
            let scoped = reply::report(self.engine.octets(), header, statistic, count);
            self.report(header, signer, scoped, now)
        });
        Rejected { why, sender: Some(header.sender.clone()), report }
    }

    /// A Report. What tells our time is signed, for its asker has proven himself (RFC 3414 §3.2 step 7 a).
    fn report(
        &self,
        header: &Header<'_>,
        signer: Option<usize>,
        scoped: Vec<u8>,
        now: Duration,
    ) -> Option<Vec<u8>> {
        let seal = signer.and_then(|place| self.seal(place, Level::AuthNoPriv));
        let letter = Letter {
            msg_id: header.msg_id,
            engine: self.engine.octets(),
            user: &header.sender.user,
            nonce: Nonce { boots: self.boots, time: self.time(now), salt: [0; SALT] },
            seal,
            scoped,
        };
        letter.octets()
    }

    /// The answer to an inform, as [`crate::response`] gives it for v2c, at the level at which it came.
    /// `now` as for [`Usm::open`]; `max` is in octets, and so is what its sender said it takes.
    ///
    /// # Errors
    /// [`Unanswerable`] where it is a trap, or where no answer fits.
    pub fn response(
        &mut self,
        opened: &Opened,
        now: Duration,
        max: usize,
    ) -> Result<Vec<u8>, Unanswerable> {
        self.salt = self.salt.wrapping_add(1);
        let max = max.min(opened.max_size);
        let scope = header::scope(Reader::new(&opened.scoped))?;
        let parts = match envelope::pdu(&scope.pdu, &mut Notes::default())? {
            Pdu::V2(PduKind::Inform, parts) => parts,
            Pdu::V1(_) | Pdu::V2(PduKind::Trap, _) => return Err(Unanswerable::Trap),
        };
        response::fitting(&parts, max, |pdu| {
            let letter = Letter {
                msg_id: opened.msg_id,
                engine: self.engine.octets(),
                user: self.users.get(opened.user).map_or(&[], |user| &user.name),
                nonce: self.nonce(opened.user, now),
                seal: self
                    .users
                    .get(opened.user)
                    .and_then(|user| self.seal(opened.user, user.level())),
                scoped: ber::wrap(ber::SEQUENCE, &[scope.engine.whole, scope.name.whole, &pdu]),
            };
            letter.octets().unwrap_or_default()
        })
    }

    /// A salt that was never used with this key: DES takes our boots and a count (RFC 3414 §8.1.1.1), AES a count.
    fn nonce(&self, place: usize, now: Duration) -> Nonce {
        let privacy = self.users.get(place).and_then(|user| user.privacy.as_ref());
        let salt = match privacy.map(|(protocol, _)| protocol) {
            Some(PrivProtocol::Des) => u64::from(self.boots) << 32 | self.salt & 0xffff_ffff,
            Some(
                PrivProtocol::Aes128
                | PrivProtocol::Aes192
                | PrivProtocol::Aes256
                | PrivProtocol::Aes192C
                | PrivProtocol::Aes256C,
            )
            | None => self.salt,
        };
        Nonce { boots: self.boots, time: self.time(now), salt: salt.to_be_bytes() }
    }

    fn seal(&self, place: usize, level: Level) -> Option<Seal<'_>> {
        let user = self.users.get(place)?;
        let keys = self.own_keys.get(place)?.as_ref()?;
        let (auth, _) = user.auth.as_ref()?;
        let privacy = user.privacy.as_ref().zip(keys.privacy.as_ref());
        let privacy = privacy.filter(|_| level == Level::AuthPriv);
        Some(Seal {
            auth: (*auth, &keys.auth),
            privacy: privacy.map(|((protocol, _), key)| (*protocol, key)),
        })
    }
}
