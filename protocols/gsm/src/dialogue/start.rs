//! Start: from a modem that answers to one that receives and sends.
//!
//! Each setting is tried, repeated while the modem is busy, and then done without: a modem that refuses to
//! name its maker still calls people. Only the SIM can hold us up (see `pin`).

use std::time::Duration;

use super::answers::{choices, indications, memories, own_number, subscriber, text};
use super::commands::{Command, Domain};
use super::{Dialogue, Event, Indication, Memory, NetworkError, Stage};

/// How long a busy modem is given before the setting is done without, in seconds and tries.
const MOST_BUSY: u8 = 20;
const BUSY_PAUSE: Duration = Duration::from_secs(1);
/// How often a command without an answer is repeated.
const MOST_LOST: u8 = 2;
/// The settings, in their order; what each says is the [`Command`] of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    ErrorCodes,
    CharacterSet,
    Manufacturer,
    Model,
    Revision,
    Pin,
    PinTries,
    PinTriesOfMaker,
    PinEntry,
    PduMode,
    Service,
    MemoriesOffered,
    Memories,
    IndicationsOffered,
    Indications,
    RegistrationReports(Domain),
    ServiceCentre,
    OperatorForm,
    CallerNumbers,
    Subscriber,
    OwnNumber,
}

impl Step {
    fn next(self) -> Option<Self> {
        Some(match self {
            Self::ErrorCodes => Self::CharacterSet,
            Self::CharacterSet => Self::Manufacturer,
            Self::Manufacturer => Self::Model,
            Self::Model => Self::Revision,
            Self::Revision => Self::Pin,
            // The question leads to the entry by itself, where the SIM wants one.
            Self::Pin | Self::PinEntry => Self::PduMode,
            Self::PinTries => Self::PinTriesOfMaker,
            Self::PinTriesOfMaker => Self::PinEntry,
            Self::PduMode => Self::Service,
            Self::Service => Self::MemoriesOffered,
            Self::MemoriesOffered => Self::Memories,
            Self::Memories => Self::IndicationsOffered,
            Self::IndicationsOffered => Self::Indications,
            Self::Indications => Self::RegistrationReports(Domain::Circuit),
            Self::RegistrationReports(Domain::Circuit) => Self::RegistrationReports(Domain::Packet),
            Self::RegistrationReports(Domain::Packet) => Self::RegistrationReports(Domain::Lte),
            Self::RegistrationReports(Domain::Lte) => Self::ServiceCentre,
            Self::ServiceCentre => Self::OperatorForm,
            Self::OperatorForm => Self::CallerNumbers,
            Self::CallerNumbers => Self::Subscriber,
            Self::Subscriber => Self::OwnNumber,
            Self::OwnNumber => return None,
        })
    }

    /// Its name, unless not every modem has it and nobody misses it.
    fn missed(self) -> Option<&'static str> {
        match self {
            Self::ErrorCodes => Some("+CMEE"),
            Self::PduMode => Some("+CMGF"),
            Self::Memories => Some("+CPMS"),
            Self::Indications => Some("+CNMI"),
            Self::RegistrationReports(Domain::Circuit) => Some(Domain::Circuit.name()),
            Self::ServiceCentre => Some("+CSCA"),
            Self::CharacterSet
            | Self::Manufacturer
            | Self::Model
            | Self::Revision
            | Self::Pin
            | Self::PinTries
            | Self::PinTriesOfMaker
            | Self::PinEntry
            | Self::Service => None,
            Self::MemoriesOffered
            | Self::IndicationsOffered
            | Self::RegistrationReports(Domain::Packet | Domain::Lte)
            | Self::OperatorForm
            | Self::CallerNumbers
            | Self::Subscriber
            | Self::OwnNumber => None,
        }
    }
}

/// Where the setting up has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// The setting that is being made.
    pub(super) step: Step,
    attempt: usize,
    busy: u8,
    lost: u8,
    groups: Vec<Vec<Memory>>,
    offers: Vec<Vec<u8>>,
}

impl Start {
    /// At the first setting.
    pub(super) fn begin() -> Self {
        Self {
            step: Step::ErrorCodes,
            attempt: 0,
            busy: 0,
            lost: 0,
            groups: Vec::new(),
            offers: Vec::new(),
        }
    }

    /// At this setting, for the first time.
    pub(super) fn go_to(&mut self, step: Step) {
        self.step = step;
        self.attempt = 0;
        self.busy = 0;
        self.lost = 0;
    }

    /// Whether a busy modem may be given another second; then this second counts.
    pub(super) fn may_wait(&mut self) -> bool {
        let may = self.busy < MOST_BUSY;
        self.busy = self.busy.saturating_add(1);
        may
    }

    /// The question for the SIM's state.
    pub(super) fn at_pin() -> Self {
        Self { step: Step::Pin, ..Self::begin() }
    }

    /// One memory for each group that the modem offers: first all, then the first alone (Motorola and Falcom
    /// refuse more).
    fn memories(&self) -> Option<Vec<Memory>> {
        let chosen: Vec<Memory> = self.groups.iter().filter_map(|group| receiving(group)).collect();
        match self.attempt {
            0 if !chosen.is_empty() => Some(chosen),
            1 if chosen.len() > 1 => chosen.first().cloned().map(|first| vec![first]),
            _ => None,
        }
    }

    /// What is worth a sweep: the SIM, the modem, and reports where they have a place of their own. The receiving
    /// one comes last, so that the modem rests there. `MT` only repeats the others.
    fn swept(&self) -> Vec<Memory> {
        let Some(group) = self.groups.first() else {
            return Vec::new();
        };
        let Some(last) = receiving(group) else {
            return Vec::new();
        };
        let worth = |memory: &&Memory| {
            ["SM", "ME", "SR"].iter().any(|name| memory.is(name)) && **memory != last
        };
        let mut swept: Vec<Memory> = group.iter().filter(worth).cloned().collect();
        swept.dedup();
        swept.push(last);
        swept
    }

    /// The ways to announce messages, best first. Qualcomm offers a mode 2 that it refuses, and some want bfr 1.
    fn indication(&self) -> Option<Indication> {
        let offered = |at: usize, value: u8| {
            let group = self.offers.get(at);
            group.is_none_or(|group| group.contains(&value))
        };
        let first = |at: usize, wanted: &[u8]| {
            wanted.iter().copied().find(|value| offered(at, *value)).unwrap_or(0)
        };
        let mt = first(1, &[1]);
        let reports: Vec<u8> = [1, 2, 0].into_iter().filter(|ds| offered(3, *ds)).collect();
        let modes: Vec<u8> = [2, 1, 3].into_iter().filter(|mode| offered(0, *mode)).collect();
        let flushes: Vec<u8> = [0, 1].into_iter().filter(|bfr| offered(4, *bfr)).collect();
        let mut ways = Vec::new();
        for ds in &reports {
            for mode in &modes {
                ways.extend(flushes.iter().map(|bfr| Indication {
                    mode: *mode,
                    mt,
                    ds: *ds,
                    bfr: *bfr,
                }));
            }
        }
        ways.get(self.attempt).copied()
    }
}

fn receiving(group: &[Memory]) -> Option<Memory> {
    let wanted =
        ["SM", "ME", "MT"].iter().find_map(|name| group.iter().find(|memory| memory.is(name)));
    wanted.or_else(|| group.first()).cloned()
}

impl Dialogue {
    /// What the step says; `None` only for a step without anything to say, which [`Self::go_on`] passes over.
    pub(super) fn start_command(&self, start: &Start) -> Option<Command> {
        Some(match start.step {
            Step::ErrorCodes => Command::ErrorCodes,
            Step::Manufacturer => Command::Manufacturer,
            Step::Model => Command::Model,
            Step::Revision => Command::Revision,
            Step::Pin => Command::PinState,
            Step::PinTries => Command::PinTries,
            Step::PinTriesOfMaker => Command::PinTriesOfMaker,
            Step::PinEntry => Command::PinEntry,
            Step::CharacterSet => Command::CharacterSet,
            Step::PduMode => Command::PduMode,
            Step::Service => Command::Service,
            Step::MemoriesOffered => Command::MemoriesOffered,
            Step::Memories => Command::Select(start.memories()?),
            Step::IndicationsOffered => Command::IndicationsOffered,
            Step::Indications => Command::Indicate(start.indication()?),
            Step::RegistrationReports(domain) => Command::RegistrationReports(domain),
            Step::ServiceCentre => Command::ServiceCentre,
            Step::OperatorForm => Command::OperatorForm,
            Step::CallerNumbers => Command::CallerNumbers,
            Step::Subscriber => Command::Subscriber,
            Step::OwnNumber => Command::OwnNumber,
        })
    }

    /// The modem did not answer a setting in time.
    pub(super) fn start_lost(&mut self, mut start: Start) {
        start.lost = start.lost.saturating_add(1);
        if start.step == Step::PinEntry {
            // Whether it took the PIN, only the SIM can tell.
            start.go_to(Step::Pin);
        } else if start.lost > MOST_LOST {
            let asks_for_tries = matches!(start.step, Step::PinTries | Step::PinTriesOfMaker);
            return if asks_for_tries {
                self.tries_told(start, &[])
            } else {
                self.go_without(start)
            };
        }
        self.stage = Stage::Start(start);
    }

    /// The modem answered a setting.
    pub(super) fn start_answered(
        &mut self,
        mut start: Start,
        answers: &[String],
        error: Option<NetworkError>,
    ) {
        if matches!(start.step, Step::Pin | Step::PinEntry) {
            return self.pin_answered(start, answers, error);
        }
        if matches!(start.step, Step::PinTries | Step::PinTriesOfMaker) {
            return self.tries_told(start, if error.is_none() { answers } else { &[] });
        }
        match error {
            Some(error) if error.is_busy() && start.may_wait() => self.wait_a_while(start),
            Some(_) if matches!(start.step, Step::Memories | Step::Indications) => {
                start.attempt = start.attempt.saturating_add(1);
                if self.start_command(&start).is_some() {
                    self.stage = Stage::Start(start);
                } else {
                    self.go_without(start);
                }
            }
            Some(_) => self.go_without(start),
            None => {
                self.keep(&mut start, answers);
                self.go_on(start);
            }
        }
    }

    /// The same step again, in a second.
    pub(super) fn wait_a_while(&mut self, start: Start) {
        self.quiet_until = self.now.saturating_add(BUSY_PAUSE);
        self.stage = Stage::Start(start);
    }

    /// Keeps what the modem said about itself.
    fn keep(&mut self, start: &mut Start, answers: &[String]) {
        let first = answers.first().map_or("", String::as_str);
        let spoken = || text(first).unwrap_or_default();
        match start.step {
            Step::Manufacturer => self.identity.manufacturer = spoken(),
            Step::Model => self.identity.model = spoken(),
            Step::Revision => self.identity.revision = spoken(),
            Step::MemoriesOffered => start.groups = memories(first),
            Step::Memories => {
                self.identity.memories = start.swept();
                self.storage.taken(&start.memories().unwrap_or_default());
            }
            Step::IndicationsOffered => start.offers = choices(first),
            Step::Indications => {
                self.identity.indication = start.indication().filter(|chosen| chosen.mt == 1)
            }
            Step::ServiceCentre => self.identity.service_centre = text(first),
            Step::Subscriber => self.identity.subscriber = subscriber(first),
            Step::OwnNumber => self.identity.number = own_number(first),
            Step::ErrorCodes | Step::Pin | Step::PinEntry | Step::PduMode | Step::Service => {}
            Step::CharacterSet | Step::PinTries | Step::PinTriesOfMaker => {}
            Step::RegistrationReports(_) | Step::OperatorForm | Step::CallerNumbers => {}
        }
    }

    fn go_without(&mut self, start: Start) {
        if let Some(setting) = start.step.missed()
            && !self.identity.lacking.contains(&setting)
        {
            self.identity.lacking.push(setting);
        }
        self.go_on(start);
    }

    /// The next setting that has something to say, or the end.
    pub(super) fn go_on(&mut self, mut start: Start) {
        while let Some(step) = start.step.next() {
            start.go_to(step);
            if self.start_command(&start).is_some() {
                self.stage = Stage::Start(start);
                return;
            }
        }
        self.storage.settle(self.identity.memories.clone());
        self.identity.memories = self.storage.memories().to_vec();
        self.stage = Stage::Serving;
        // What was told before now was told to an owner who did not know yet that he has a modem.
        self.polls.tell_anew();
        let identity = self.identity.clone();
        self.tell(Event::Ready(identity));
    }

    /// `+CNMI?` tells whether the modem still announces as it was told to; false: it restarted in silence. What
    /// it says first is believed, since some modems take a setting and show another.
    pub(super) fn still_indicates(&mut self, answers: &[String]) -> bool {
        let Some(told) = answers.iter().find_map(|answer| indications(answer)) else { return true };
        *self.storage.indications_told(told) == told
    }
}
