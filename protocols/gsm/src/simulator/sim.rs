//! The SIM and the stores: a PIN with three tries, and slots.

use super::profile::Profile;

/// So many wrong PINs block it.
const TRIES: u8 = 3;

/// One message in a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    /// The service centre's address and the TPDU.
    pub(super) pdu: Vec<u8>,
    /// `<stat>` (27.005 3.1): 0 unread, 1 read.
    pub(super) state: u8,
}

/// Why a PIN was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PinError {
    /// It was another.
    Wrong,
    /// The SIM is open.
    NotWanted,
    /// It wants the PUK.
    Blocked,
}

/// A store with its slots.
#[derive(Debug)]
pub(super) struct Store {
    name: &'static str,
    first: u16,
    slots: Vec<Option<Stored>>,
}

/// The SIM, and the store of the modem.
#[derive(Debug)]
pub(super) struct Sim {
    pin: Option<String>,
    inserted: bool,
    open: bool,
    tries: u8,
    entries: u32,
    stores: Vec<Store>,
}

impl Sim {
    /// As the profile has it, with empty slots.
    pub(super) fn new(profile: &Profile) -> Self {
        let store = |name, slots: u16| Store {
            name,
            first: profile.first_index,
            slots: vec![None; usize::from(slots)],
        };
        let mut stores = vec![store("SM", profile.slots)];
        let others = [("ME", profile.equipment_slots), ("SR", profile.report_slots)];
        stores.extend(
            others.iter().filter(|(_, slots)| *slots > 0).map(|(name, slots)| store(name, *slots)),
        );
        let tries = TRIES.saturating_sub(profile.wrong_pins);
        let open = profile.pin.is_none();
        Self { pin: profile.pin.clone(), inserted: true, open, tries, entries: 0, stores }
    }

    /// The SIM wants its PIN again, as after a restart.
    pub(super) fn lock(&mut self) {
        self.open = self.pin.is_none();
    }

    /// It is taken out, with what is on it.
    pub(super) fn take_out(&mut self) {
        self.inserted = false;
    }

    /// Whether it is there.
    pub(super) fn is_inserted(&self) -> bool {
        self.inserted
    }

    /// Whether it is there and asks for nothing.
    pub(super) fn is_open(&self) -> bool {
        self.inserted && self.open
    }

    /// `+CPIN?` (27.007 8.3).
    pub(super) fn state(&self) -> &'static str {
        match (self.open, self.tries) {
            (true, _) => "READY",
            (false, 0) => "SIM PUK",
            (false, _) => "SIM PIN",
        }
    }

    /// `+CPINR` (27.007 8.65).
    pub(super) fn tries(&self) -> String {
        format!("+CPINR: SIM PIN,{},{TRIES}", self.tries)
    }

    /// Tries a PIN; a wrong one costs a try.
    pub(super) fn enter(&mut self, pin: &str) -> Result<(), PinError> {
        if self.open {
            return Err(PinError::NotWanted);
        }
        if self.tries == 0 {
            return Err(PinError::Blocked);
        }
        self.entries = self.entries.saturating_add(1);
        if self.pin.as_deref() == Some(pin) {
            self.open = true;
            self.tries = 3;
            return Ok(());
        }
        self.tries = self.tries.saturating_sub(1);
        Err(PinError::Wrong)
    }

    /// How often a PIN was entered.
    pub(super) fn entries(&self) -> u32 {
        self.entries
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.stores.iter().map(|store| store.name).collect()
    }

    pub(super) fn store(&self, name: &str) -> Option<&Store> {
        self.stores.iter().find(|store| store.name == name)
    }

    pub(super) fn store_mut(&mut self, name: &str) -> Option<&mut Store> {
        self.stores.iter_mut().find(|store| store.name == name)
    }
}

impl Store {
    pub(super) fn used(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    pub(super) fn total(&self) -> usize {
        self.slots.len()
    }

    /// Puts a message into the first free slot, and says which.
    pub(super) fn put(&mut self, pdu: Vec<u8>) -> Result<u16, Vec<u8>> {
        let Some(at) = self.slots.iter().position(Option::is_none) else {
            return Err(pdu);
        };
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Some(Stored { pdu, state: 0 });
        }
        Ok(u16::try_from(at).unwrap_or(u16::MAX).saturating_add(self.first))
    }

    /// The slot with that index; `None` if there is no such slot.
    pub(super) fn slot(&mut self, index: u16) -> Option<&mut Option<Stored>> {
        self.slots.get_mut(usize::from(index.checked_sub(self.first)?))
    }

    /// The messages with their indices.
    pub(super) fn messages(&mut self) -> impl Iterator<Item = (u16, &mut Stored)> {
        let first = self.first;
        self.slots
            .iter_mut()
            .zip(first..)
            .filter_map(|(slot, index)| slot.as_mut().map(|stored| (index, stored)))
    }

    /// Empties the slots whose messages have one of those states.
    pub(super) fn clear(&mut self, states: &[u8]) {
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(|stored| states.contains(&stored.state)) {
                *slot = None;
            }
        }
    }
}
