//! Receiving: from what stands on the SIM to letters, and from receipts to deletions.
//!
//! A slot is given back only when everything that stood in it is on disk, or when the network brought the same
//! again. A letter that was not accepted is offered again after a pause, and stays on the SIM meanwhile. Parts of a
//! message wait for the others on the SIM; when it is full, each is put on the record on its own, so that the rest
//! can come. A slot that yields no message is on the record and kept, until the SIM has no room left. It never deletes
//! by itself: it names the slots that may be emptied.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};
use vigie_gsm::concatenation::{Assembly, Limits, Message, Outcome as Came};
use vigie_gsm::dialogue::{Instant, Slot};
use vigie_gsm::pdu::Deliver;

use crate::inbox::{Inbox, Withheld};
use crate::watch::decision::Outcome;
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::time::{Moment, Utc};

use super::translation::{Text, unreadable};

/// For so long a SIM that was full has no room for parts that wait.
const TIGHT: Duration = Duration::from_secs(600);
/// So many letters that no slot keeps may wait to be offered again; beyond, the oldest is lost, and that is said.
const MOST_LOOSE: usize = 64;

/// The slot of a part, where it has one, and its bytes.
#[derive(Clone, Debug)]
struct Part {
    slot: Option<Slot>,
    pdu: Arc<[u8]>,
}

/// A letter, and the slots that hold it until it is on disk.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) happening: Happening,
    slots: Vec<Slot>,
    /// A slot of which it tells, and that is kept all the same while there is room.
    spared: Option<Slot>,
}

impl Letter {
    fn new(happening: Happening, slots: Vec<Slot>) -> Self {
        Self { happening, slots, spared: None }
    }

    /// No slot keeps what it says.
    fn is_loose(&self) -> bool {
        self.slots.is_empty() && self.spared.is_none()
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<Outcome, Withheld>> + Send>>;

/// What came in and is not done with.
pub(super) struct Receiving {
    input: InputName,
    assembly: Assembly<Part>,
    /// Parts in slots whose messages are not whole, for the day on which the SIM is full.
    parts: Vec<(Deliver, Part)>,
    /// The SIM was full: until then, parts do not wait on it.
    tight_until: Instant,
    awaited: VecDeque<(Letter, Answer)>,
    withheld: VecDeque<Letter>,
    /// Slots that yield no message, and are on the record as such.
    spared: Vec<Slot>,
    patience: Duration,
    again: Instant,
}

impl Receiving {
    /// `patience`: after so long a letter that was not accepted is offered again.
    pub(super) fn new(input: InputName, patience: Duration) -> Self {
        Self {
            input,
            assembly: Assembly::new(Limits::default()),
            parts: Vec::new(),
            tight_until: Instant::ZERO,
            awaited: VecDeque::new(),
            withheld: VecDeque::new(),
            spared: Vec::new(),
            patience,
            again: Instant::ZERO,
        }
    }

    /// A message, or a part of one. Gives the letters that are to be posted, and the slots that may be emptied at
    /// once.
    pub(super) fn message(
        &mut self,
        deliver: Deliver,
        slot: Option<Slot>,
        pdu: &[u8],
        now: Moment,
    ) -> (Vec<Letter>, Vec<Slot>) {
        let part = Part { slot, pdu: Arc::from(pdu) };
        let instant = instant(now);
        let mut letters = Vec::new();
        let mut repeated = Vec::new();
        let is_part = deliver.user_data.concatenation().is_some_and(|part| part.total() > 1);
        if is_part {
            self.parts.push((deliver.clone(), part.clone()));
        }
        for came in self.assembly.accept(deliver, part, instant) {
            match came {
                Came::Message(message) => letters.push(self.whole(&message, now.utc)),
                Came::Repeated(part) => {
                    self.parts.retain(|(_, known)| !is_same(known, &part));
                    repeated.extend(part.slot);
                }
            }
        }
        // What no slot keeps is put on the record at once, whole or not.
        if instant < self.tight_until || self.parts.iter().any(|(_, part)| part.slot.is_none()) {
            letters.extend(self.loosen(now.utc));
        }
        (letters, repeated)
    }

    /// What cannot be read, in the slot that holds it.
    pub(super) fn unreadable(&self, slot: Option<Slot>, pdu: &[u8], now: Moment) -> Letter {
        let signal = unreadable(&self.input, Arc::from(pdu), now.utc);
        Letter::new(Happening::Signal(signal), slot.into_iter().collect())
    }

    /// What came instead of a message from a slot that yields none, however often it is read.
    pub(super) fn unyielding(&self, slot: Slot, instead: &[u8], now: Moment) -> Letter {
        Letter { spared: Some(slot), ..self.unreadable(None, instead, now) }
    }

    /// Something else that came in a slot, or in none.
    pub(super) fn letter(happening: Happening, slot: Option<Slot>) -> Letter {
        Letter::new(happening, slot.into_iter().collect())
    }

    /// The SIM is full: parts that wait there for others go on the record one by one, so that the others can come.
    /// The whole message follows all the same. Slots that yield no message are given up.
    pub(super) fn full(&mut self, now: Moment) -> (Vec<Letter>, Vec<Slot>) {
        // Those that fill it may not have been read yet.
        self.tight_until = instant(now).saturating_add(TIGHT);
        (self.loosen(now.utc), std::mem::take(&mut self.spared))
    }

    fn loosen(&mut self, received: Utc) -> Vec<Letter> {
        let parts = std::mem::take(&mut self.parts);
        let letter = |(deliver, part): (Deliver, Part)| {
            let message = Text::of_part(&deliver).short_message(&self.input, part.pdu, received);
            Letter::new(Happening::Message(message), part.slot.into_iter().collect())
        };
        parts.into_iter().map(letter).collect()
    }

    /// Messages whose missing parts are not waited for any longer, and letters that are to be offered again.
    pub(super) fn elapsed(&mut self, now: Moment) -> Vec<Letter> {
        let expired = self.assembly.expire(instant(now));
        let mut letters: Vec<Letter> =
            expired.iter().map(|message| self.whole(message, now.utc)).collect();
        if instant(now) >= self.again {
            letters.extend(self.withheld.drain(..));
        }
        letters
    }

    /// When [`Self::elapsed`] has something to give.
    pub(super) fn due(&self) -> Option<Instant> {
        let again = (!self.withheld.is_empty()).then_some(self.again);
        [again, self.assembly.next_expiry()].into_iter().flatten().min()
    }

    fn whole(&mut self, message: &Message<Part>, received: Utc) -> Letter {
        self.parts.retain(|(_, known)| !message.tokens.iter().any(|part| is_same(known, part)));
        let raw: Vec<u8> =
            message.tokens.iter().flat_map(|part| part.pdu.iter().copied()).collect();
        let slots = message.tokens.iter().filter_map(|part| part.slot.clone()).collect();
        let message =
            Text::of_message(message).short_message(&self.input, Arc::from(raw), received);
        Letter::new(Happening::Message(message), slots)
    }

    /// Puts a letter in; its receipt is awaited by [`Self::receipt`].
    pub(super) async fn post(
        &mut self,
        letter: Letter,
        inbox: &Inbox,
        now: Moment,
    ) -> Result<(), Withheld> {
        let awaited = inbox.put(letter.happening.clone(), now).await?;
        self.awaited.push_back((letter, Box::pin(awaited.receipt())));
        Ok(())
    }

    /// Whether receipts are awaited.
    pub(super) fn awaits(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// Waits for the next receipt; they come in the order of the letters. May be dropped and asked again.
    pub(super) async fn receipt(&mut self) -> (Letter, Result<Outcome, Withheld>) {
        loop {
            match self.awaited.front_mut() {
                None => std::future::pending().await,
                Some((_, answer)) => {
                    let answer = answer.as_mut().await;
                    if let Some((letter, _)) = self.awaited.pop_front() {
                        return (letter, answer);
                    }
                }
            }
        }
    }

    /// What became of a letter: the slots that may be emptied.
    pub(super) fn judged(
        &mut self,
        letter: Letter,
        answer: Result<Outcome, Withheld>,
        now: Moment,
    ) -> Vec<Slot> {
        if answer.is_ok() {
            let mut slots = letter.slots;
            let has_room = instant(now) >= self.tight_until;
            (if has_room { &mut self.spared } else { &mut slots }).extend(letter.spared);
            return slots;
        }
        if self.withheld.is_empty() {
            warn!(modem = %self.input, "the record did not take a message; it stays on the SIM and is offered again");
            self.again = instant(now).saturating_add(self.patience);
        }
        self.withheld.push_back(letter);
        if self.withheld.iter().filter(|letter| letter.is_loose()).count() > MOST_LOOSE
            && let Some(oldest) = self.withheld.iter().position(Letter::is_loose)
        {
            self.withheld.remove(oldest);
            warn!(modem = %self.input, "what the modem said is lost: the record does not take it, and no slot keeps it");
        }
        Vec::new()
    }

    /// The modem restarted: what stands in slots is handed out again, under new names.
    pub(super) fn restarted(&mut self) {
        if self.assembly.waiting() > 0 {
            info!(modem = %self.input, messages = self.assembly.waiting(), "unfinished messages are read again");
        }
        self.assembly = Assembly::new(Limits::default());
        self.parts.clear();
        self.spared.clear();
        self.withheld.retain(Letter::is_loose);
    }
}

/// Two tokens of one part: the slot it is in, or its bytes if it is in none.
fn is_same(one: &Part, other: &Part) -> bool {
    one.slot == other.slot && Arc::ptr_eq(&one.pdu, &other.pdu)
}

/// The dialogue's time.
pub(super) fn instant(now: Moment) -> Instant {
    Duration::from_nanos(now.mono.nanos())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vigie_gsm::alphabet::Encoding;
    use vigie_gsm::concatenation::{Width, split};
    use vigie_gsm::dialogue::{Dialogue, Event, Settings};
    use vigie_gsm::pdu::TimeStamp;

    use super::*;
    use crate::watch::signal::{Kind, Signal, Value};
    use crate::watch::time::Mono;

    fn at(seconds: u64) -> Moment {
        Moment { mono: Mono::from_nanos(seconds * 1_000_000_000), ..Moment::default() }
    }

    fn receiving() -> Receiving {
        Receiving::new(InputName::new("gsm.orange"), Duration::from_secs(10))
    }

    /// The parts of a text of three.
    fn parts() -> Vec<Deliver> {
        let time = TimeStamp::from_unix(1_790_000_000, 8).unwrap();
        split(&"Pompe 3 en panne. ".repeat(20), Encoding::Gsm7, 7, Width::Octet)
            .into_iter()
            .map(|part| Deliver::new("+33612345678".parse().unwrap(), time, part))
            .collect()
    }

    /// Slots are the dialogue's to make: one whose message never comes.
    fn unreadable_slot(dialogue: &mut Dialogue) -> Slot {
        let mut now = Duration::ZERO;
        for _ in 0..1_000 {
            if let Some(said) = dialogue.transmit() {
                let head = if said.starts_with(b"AT+CMGL") { "+CMGL: 3,0,,19\r\n" } else { "" };
                let answer = match said.as_slice() {
                    b"AT+CMEE?\r" => "+CMEE: 1\r\n",
                    b"AT+CMGR=3\r" => "+CMGR: 0,,19\r\n",
                    _ => head,
                };
                if !said.starts_with(b"\x1b") {
                    dialogue.receive(format!("{answer}OK\r\n").as_bytes(), now);
                }
            }
            while let Some(event) = dialogue.event() {
                if let Event::Unreadable { slot, .. } = event {
                    return slot;
                }
            }
            now = now.max(dialogue.deadline().unwrap());
            dialogue.elapse(now);
        }
        panic!("it was never told")
    }

    fn signal(letter: &Letter) -> &Signal {
        match &letter.happening {
            Happening::Message(message) => &message.signal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_part_that_never_comes_is_waited_for_ten_minutes_and_then_shows() {
        let mut receiving = receiving();
        let [first, _, third]: [Deliver; 3] = parts().try_into().expect("three parts");
        // Slots are the dialogue's to make: these parts are in none, and each goes on the record at once as well.
        assert_eq!(receiving.message(first, None, b"1", at(0)).0.len(), 1);
        receiving.message(third, None, b"3", at(1));
        assert_eq!(receiving.due(), Some(Duration::from_secs(600)));
        assert!(receiving.elapsed(at(599)).is_empty());
        let letters = receiving.elapsed(at(600));
        let [letter] = letters.as_slice() else { panic!("one message") };
        assert!(signal(letter).text.contains(" [...] "), "{}", signal(letter).text);
        assert_eq!(signal(letter).fields.get("incomplete"), Some(&Value::Bool(true)));
    }

    #[test]
    fn every_field_of_a_message_is_one_that_the_configuration_may_name_and_none_else() {
        let mut receiving = receiving();
        let part = parts().remove(0);
        let letters = receiving.message(part, None, b"1", at(0)).0;
        let put: BTreeSet<&str> = signal(&letters[0]).fields.iter().map(|(name, _)| name).collect();
        assert_eq!(put, Kind::Gsm.fields().iter().copied().collect());
    }

    #[test]
    fn a_slot_that_yields_no_message_is_kept_while_there_is_room() {
        let mut dialogue = Dialogue::new(Settings::default(), Duration::ZERO);
        let slot = unreadable_slot(&mut dialogue);
        let mut receiving = receiving();
        let letter = receiving.unyielding(slot.clone(), b"noise", at(0));
        assert!(receiving.judged(letter, Ok(Outcome::Taken), at(0)).is_empty());
        assert_eq!(receiving.full(at(1)).1, std::slice::from_ref(&slot));
        assert!(receiving.full(at(2)).1.is_empty());
        let letter = receiving.unyielding(slot.clone(), b"noise", at(3));
        assert_eq!(
            receiving.judged(letter, Ok(Outcome::Taken), at(3)),
            std::slice::from_ref(&slot)
        );
        let letter = receiving.unyielding(slot, b"noise", at(4));
        assert!(receiving.judged(letter, Err(Withheld), at(4)).is_empty(), "not on the record");
        assert!(receiving.full(at(5)).1.is_empty());
    }

    #[test]
    fn what_no_slot_keeps_is_offered_again_within_bounds() {
        let mut receiving = receiving();
        for number in 0..200_u8 {
            let letter = receiving.unreadable(None, &[number], at(0));
            assert!(receiving.judged(letter, Err(Withheld), at(0)).is_empty());
        }
        assert_eq!(receiving.due(), Some(Duration::from_secs(10)));
        assert!(receiving.elapsed(at(9)).is_empty());
        assert_eq!(receiving.elapsed(at(10)).len(), MOST_LOOSE);
        assert_eq!(receiving.due(), None);
    }

    #[test]
    fn the_same_answer_counts_once_and_another_second_makes_it_another() {
        let identity = |seconds: i64, text: &str| {
            let time = TimeStamp::from_unix(seconds, 8).unwrap();
            let text = split(text, Encoding::Gsm7, 1, Width::Octet).remove(0);
            let deliver = Deliver::new("+33612345678".parse().unwrap(), time, text);
            let letters = receiving().message(deliver, None, b"", at(0)).0;
            signal(&letters[0]).identity
        };
        assert_eq!(identity(1_790_000_000, "4711"), identity(1_790_000_000, "4711"));
        assert_ne!(identity(1_790_000_000, "4711"), identity(1_790_000_001, "4711"));
        assert_ne!(identity(1_790_000_000, "4711"), identity(1_790_000_000, "4712"));
    }
}
