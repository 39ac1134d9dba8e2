//! Storage: the slots of the modem, who has read them, and what is to be read next.
//!
//! A slot is handed out once, until it is deleted or the modem restarts. An announcement is only a hint: the
//! sweep finds what was never announced. A message that came in torn is read a second time before it is
//! believed; then it is handed out as it is, because a slot that nobody empties blocks the network.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::answers::fill;
use super::commands::Command;
use super::{Dialogue, Event, Instant, MOST_EVENTS, Memory, NetworkError, Slot};

/// Announcements that wait to be read; beyond, the sweep finds them.
const MOST_HINTS: usize = 256;
/// Slots that we keep in mind; no SIM has more than 255.
const MOST_SLOTS: usize = 1024;
/// How soon a sweep that failed is repeated.
const SWEEP_AGAIN: Duration = Duration::from_secs(5);

type Place = (Memory, u16);

/// What stands where.
#[derive(Debug, Default)]
pub(super) struct Storage {
    /// The memories to sweep, the receiving one last.
    memories: Vec<Memory>,
    selected: Option<Memory>,
    hints: VecDeque<Place>,
    handed_out: BTreeMap<Place, u64>,
    torn: BTreeSet<Place>,
    listed: BTreeSet<u16>,
    deletes: VecDeque<Place>,
    check: bool,
    /// mt and ds as the modem first showed them.
    indications: Option<(u8, u8)>,
    sweep: VecDeque<Memory>,
    sweep_at: Instant,
    /// Counts what was handed out, so that an old slot is never taken for a new one.
    readings: u64,
    /// The message just read came in torn, and is read again.
    again: bool,
    full: bool,
}

impl Storage {
    /// Of a port just opened. Two dialogues do not count from the same number, lest one deletes what the other read.
    pub(super) fn opened(now: Instant) -> Self {
        Self { readings: u64::try_from(now.as_nanos()).unwrap_or_default(), ..Self::default() }
    }

    /// The memories of this modem; none if it does not let us choose.
    pub(super) fn settle(&mut self, memories: Vec<Memory>) {
        self.memories = if memories.is_empty() { vec![Memory::only()] } else { memories };
        self.selected = None;
    }

    pub(super) fn memories(&self) -> &[Memory] {
        &self.memories
    }

    /// Lists the slots as soon as possible.
    pub(super) fn sweep_now(&mut self) {
        self.sweep_at = Instant::ZERO;
    }

    /// Begins a sweep when it is time.
    pub(super) fn note_sweep(&mut self, now: Instant, every: Duration) {
        if now < self.sweep_at || !self.sweep.is_empty() {
            return;
        }
        self.sweep_at = now.saturating_add(every.max(Duration::from_secs(1)));
        self.check = true;
        self.sweep.extend(self.memories.iter().cloned());
        self.selected = None;
    }

    /// When the next sweep is due.
    pub(super) fn due(&self) -> Instant {
        self.sweep_at
    }

    /// Whether something was announced and not read, or a sweep is due or under way.
    pub(super) fn has_unread(&self, now: Instant) -> bool {
        let announced = self.hints.iter().any(|place| !self.handed_out.contains_key(place));
        announced || !self.sweep.is_empty() || self.sweep_at <= now
    }

    /// Something new stands there.
    pub(super) fn hint(&mut self, memory: Memory, index: u16) {
        let only = self.memories.first().is_some_and(|memory| !memory.has_name());
        let place = (if only { Memory::only() } else { memory }, index);
        if self.hints.len() < MOST_HINTS && !self.hints.contains(&place) {
            self.hints.push_back(place);
        }
    }

    /// What to say next: what was announced, then the sweep, then what is to be deleted.
    pub(super) fn command(&self) -> Option<Command> {
        if let Some((memory, index)) =
            self.hints.iter().find(|place| !self.handed_out.contains_key(*place))
        {
            return Some(self.in_memory(memory, Command::Read(memory.clone(), *index)));
        }
        if self.check && !self.sweep.is_empty() {
            return Some(Command::IndicationState);
        }
        if let Some(memory) = self.sweep.front() {
            return Some(self.in_memory(memory, Command::List(memory.clone())));
        }
        let (memory, index) = self.deletes.front()?;
        Some(self.in_memory(memory, Command::Delete(memory.clone(), *index)))
    }

    /// The command, or the change of memory that must come before it.
    fn in_memory(&self, memory: &Memory, command: Command) -> Command {
        if memory.has_name() && self.selected.as_ref() != Some(memory) {
            return Command::Select(vec![memory.clone()]);
        }
        command
    }

    /// The owner has stored the message.
    pub(super) fn delete(&mut self, slot: Slot) {
        let place = (slot.memory, slot.index);
        if self.handed_out.get(&place) == Some(&slot.reading) && !self.deletes.contains(&place) {
            self.deletes.push_back(place);
        }
    }

    /// What the modem showed first; this, if nothing came before.
    pub(super) fn indications_told(&mut self, told: (u8, u8)) -> &(u8, u8) {
        self.indications.get_or_insert(told)
    }

    /// The indications stand as they should, or nobody knows.
    pub(super) fn checked(&mut self) {
        self.check = false;
    }

    /// Whether a message there would be news. Seeing it in a list keeps it in mind.
    fn is_new(&mut self, place: &Place) -> bool {
        self.listed.insert(place.1);
        !self.handed_out.contains_key(place) && self.handed_out.len() < MOST_SLOTS
    }

    fn hand_out(&mut self, place: Place) -> Slot {
        self.readings = self.readings.wrapping_add(1);
        self.torn.remove(&place);
        self.hints.retain(|hint| *hint != place);
        self.handed_out.insert(place.clone(), self.readings);
        Slot { memory: place.0, index: place.1, reading: self.readings }
    }

    /// True if this is the first time that the message came in torn: it is read once more.
    fn is_torn_first(&mut self, place: &Place) -> bool {
        if self.torn.len() >= MOST_SLOTS || !self.torn.insert(place.clone()) {
            return false;
        }
        self.hints.retain(|hint| hint != place);
        self.hints.push_back(place.clone());
        self.again = true;
        true
    }

    fn forget(&mut self, memory: &Memory) {
        self.hints.retain(|(other, _)| other != memory);
        self.deletes.retain(|(other, _)| other != memory);
        self.sweep.retain(|other| other != memory);
    }
}

impl Dialogue {
    /// Forgets the slots: the modem restarted, and another SIM may be behind them.
    pub(super) fn renew_storage(&mut self) {
        let readings = self.storage.readings;
        self.storage = Storage { readings, ..Storage::default() };
    }

    /// A PDU from a slot; `Err` if it is torn, with the bytes as they came.
    pub(super) fn read(
        &mut self,
        memory: Memory,
        index: u16,
        state: u8,
        pdu: Result<Vec<u8>, Vec<u8>>,
    ) {
        // 2 and 3 are our own drafts (27.005 3.1, <stat>): nobody sent them to us.
        let place = (memory, index);
        if !self.storage.is_new(&place)
            || matches!(state, 2 | 3)
            || self.events.len() >= MOST_EVENTS
        {
            self.storage.hints.retain(|hint| *hint != place);
            return;
        }
        let pdu = match pdu {
            Ok(pdu) => pdu,
            Err(_) if self.storage.is_torn_first(&place) => return,
            Err(bytes) => bytes,
        };
        let slot = self.storage.hand_out(place);
        self.events.push_back(Event::Received { slot, pdu });
    }

    /// The head of a message came without its PDU.
    pub(super) fn head_without_pdu(&mut self, memory: Memory, index: u16) {
        let place = (memory, index);
        if self.storage.is_new(&place) {
            self.storage.is_torn_first(&place);
        }
    }

    /// The answer to `+CPMS=`, which tells how full the memory is.
    pub(super) fn selected(
        &mut self,
        memory: &Memory,
        answers: &[String],
        error: Option<NetworkError>,
    ) {
        if error.is_some() {
            self.storage.selected = None;
            self.storage.forget(memory);
            return;
        }
        self.storage.selected = Some(memory.clone());
        let Some((used, total)) = answers.iter().find_map(|answer| fill(answer)) else {
            return;
        };
        if total > 0 && used >= total {
            self.storage_full(Some(memory.clone()));
        } else {
            self.storage.full = false;
        }
    }

    /// The store is full: told once, until there is room.
    pub(super) fn storage_full(&mut self, memory: Option<Memory>) {
        if !std::mem::replace(&mut self.storage.full, true) {
            self.tell(Event::StorageFull { memory });
        }
    }

    /// The list has ended; what it did not name is gone.
    pub(super) fn listed(&mut self, memory: &Memory, error: Option<NetworkError>) {
        self.storage.sweep.retain(|swept| swept != memory);
        self.storage.again = false;
        let listed = std::mem::take(&mut self.storage.listed);
        if error.is_some() {
            self.storage.sweep_at = self.storage.sweep_at.min(self.now.saturating_add(SWEEP_AGAIN));
            return;
        }
        let storage = &mut self.storage;
        storage.handed_out.retain(|(other, index), _| other != memory || listed.contains(index));
        let handed_out = &storage.handed_out;
        storage.deletes.retain(|place| handed_out.contains_key(place));
        storage.torn.retain(|(other, index)| other != memory || listed.contains(index));
    }

    /// `+CMGR` has ended: the slot was handed out, was empty or cannot be read; the sweep comes back to it.
    pub(super) fn opened(&mut self, memory: &Memory, index: u16) {
        if !std::mem::take(&mut self.storage.again) {
            self.storage.hints.retain(|(other, at)| other != memory || *at != index);
        }
    }

    /// `+CMGD` has ended. If it failed, the sweep finds the message again, and the owner deletes it again.
    pub(super) fn deleted(&mut self, memory: &Memory, index: u16) {
        let place = (memory.clone(), index);
        self.storage.deletes.retain(|delete| *delete != place);
        self.storage.handed_out.remove(&place);
        // The network has held something back, and not every modem announces it.
        if self.storage.full && self.storage.deletes.is_empty() {
            self.storage.sweep_now();
        }
    }
}
