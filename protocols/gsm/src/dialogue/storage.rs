//! Storage: the slots of the modem, who has read them, and what is to be read next.
//!
//! A slot is handed out once, until it is deleted or the modem restarts. An announcement is only a hint: the
//! sweep finds what was never announced.
//!
//! Only what has the announced length is a message. A slot that yields none is read again, at once and with the
//! sweeps; after some readings that is told, and the slot is not handed out: what stands there may be an alarm that
//! noise on the wire keeps from us.

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

/// Readings in vain after which a slot is told to be unreadable: the second comes at once, the third with the sweep.
const READINGS: u8 = 3;

type Place = (Memory, u16);

/// What is known of a slot that yields no message.
#[derive(Debug, Default)]
struct Vain {
    readings: u8,
    /// The reading as which it was told.
    told: Option<u64>,
}

/// What stands where.
#[derive(Debug, Default)]
pub(super) struct Storage {
    /// The memories to sweep, the receiving one last.
    memories: Vec<Memory>,
    /// Those for writing and receiving, as the modem took them; none if it takes the reading one alone.
    others: Vec<Memory>,
    selected: Option<Memory>,
    /// How many slots they have, where the modem told.
    slots: BTreeMap<Memory, u16>,
    hints: VecDeque<Place>,
    handed_out: BTreeMap<Place, u64>,
    vain: BTreeMap<Place, Vain>,
    listed: BTreeSet<u16>,
    deletes: VecDeque<Place>,
    check: bool,
    /// mt and ds as the modem first showed them.
    indications: Option<(u8, u8)>,
    sweep: VecDeque<Memory>,
    sweep_at: Instant,
    /// Counts what was handed out, so that an old slot is never taken for a new one.
    readings: u64,
    /// The slot just read yielded no message, and is read again at once.
    again: bool,
    /// The memories that were full when we last heard.
    full: BTreeSet<Memory>,
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

    /// The memories that the modem took in one line, for reading, writing and receiving. Whichever is read later, the
    /// line has as many: E3372-325 refuses fewer (gammu#829), others refuse more.
    pub(super) fn taken(&mut self, memories: &[Memory]) {
        self.others = memories.get(1..).unwrap_or_default().to_vec();
    }

    /// The memories to sweep, the receiving one last.
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
            let others = self.others.iter().cloned();
            return Command::Select(std::iter::once(memory.clone()).chain(others).collect());
        }
        command
    }

    /// The owner has stored the message.
    pub(super) fn delete(&mut self, slot: Slot) {
        let place = (slot.memory, slot.index);
        let unread = || self.vain.get(&place).is_some_and(|vain| vain.told == Some(slot.reading));
        let known = match self.handed_out.get(&place) {
            Some(reading) => *reading == slot.reading,
            // What was announced there meanwhile is another message.
            None => unread() && !self.hints.contains(&place),
        };
        if known && !self.deletes.contains(&place) {
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
        let reading = self.next_reading();
        self.vain.remove(&place);
        self.hints.retain(|hint| *hint != place);
        self.handed_out.insert(place.clone(), reading);
        Slot { memory: place.0, index: place.1, reading }
    }

    /// Whether every slot of a memory holds a message that was handed out and not deleted.
    fn is_all_handed_out(&self, memory: &Memory) -> bool {
        let held = self.handed_out.keys().filter(|(other, _)| other == memory).count();
        self.slots.get(memory).is_some_and(|slots| *slots > 0 && held >= usize::from(*slots))
    }

    fn next_reading(&mut self) -> u64 {
        self.readings = self.readings.wrapping_add(1);
        self.readings
    }

    /// A slot was read, and no message came. The slot, if that is to be told.
    fn read_in_vain(&mut self, place: &Place) -> Option<Slot> {
        if self.vain.len() >= MOST_SLOTS && !self.vain.contains_key(place) {
            return None;
        }
        let vain = self.vain.entry(place.clone()).or_default();
        vain.readings = vain.readings.saturating_add(1);
        let (readings, told) = (vain.readings, vain.told.is_some());
        if readings == 1 {
            self.hints.retain(|hint| hint != place);
            self.hints.push_back(place.clone());
            self.again = true;
        }
        if readings < READINGS || told {
            return None;
        }
        let reading = self.next_reading();
        self.vain.entry(place.clone()).or_default().told = Some(reading);
        Some(Slot { memory: place.0.clone(), index: place.1, reading })
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

    /// A PDU from a slot.
    pub(super) fn read(&mut self, memory: Memory, index: u16, state: u8, pdu: Vec<u8>) {
        let place = (memory, index);
        if !self.is_wanted(&place, state) {
            self.storage.hints.retain(|hint| *hint != place);
            return;
        }
        let slot = self.storage.hand_out(place);
        let memory = slot.memory.clone();
        self.events.push_back(Event::Received { slot, pdu });
        // Not every modem says that it is full, and the next list is a minute away.
        if self.storage.is_all_handed_out(&memory) {
            self.storage_full(Some(memory));
        }
    }

    /// The head of a message came without its PDU.
    pub(super) fn head_without_pdu(
        &mut self,
        memory: Memory,
        index: u16,
        state: u8,
        instead: Vec<u8>,
    ) {
        let place = (memory, index);
        if self.is_wanted(&place, state)
            && let Some(slot) = self.storage.read_in_vain(&place)
        {
            self.events.push_back(Event::Unreadable { slot, instead });
        }
    }

    /// Whether what stands there is news that the owner can take. 2 and 3 are our own drafts (27.005 3.1, <stat>):
    /// nobody sent them to us.
    fn is_wanted(&mut self, place: &Place, state: u8) -> bool {
        self.storage.is_new(place) && !matches!(state, 2 | 3) && self.events.len() < MOST_EVENTS
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
        self.storage.slots.insert(memory.clone(), total);
        if total > 0 && used >= total {
            self.storage_full(Some(memory.clone()));
        } else {
            self.storage.full.remove(memory);
        }
    }

    /// A store is full: told once, until there is room in it.
    pub(super) fn storage_full(&mut self, memory: Option<Memory>) {
        // A modem that names none means the one that receives.
        let receiving = || self.storage.memories.last().cloned().unwrap_or_else(Memory::only);
        let full = memory.clone().unwrap_or_else(receiving);
        if self.storage.full.insert(full) {
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
        storage.vain.retain(|(other, index), _| other != memory || listed.contains(index));
        let vain = &storage.vain;
        storage.deletes.retain(|place| handed_out.contains_key(place) || vain.contains_key(place));
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
        self.storage.vain.remove(&place);
        // The network has held something back, and not every modem announces it.
        if !self.storage.full.is_empty() && self.storage.deletes.is_empty() {
            self.storage.sweep_now();
        }
    }
}
