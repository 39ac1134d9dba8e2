//! A simulated chip behind the seam, and the rest of the house played by the test.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};

use crate::adapters::contacts::device::{Device, Gone, OutputNumber, Shown, Sight, Unset, Wanted};
use crate::adapters::contacts::outputs::Ends;
use crate::adapters::contacts::points::Points;
use crate::adapters::contacts::watching::{House, watch as watch_device};
use crate::config::{ContactsSettings, read_str};
use crate::health::{Pulse, Reading, pulse};
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox, Letter, inbox};
use crate::watch::event::Happening;
use crate::watch::own_alarms::SelfSignal;
use crate::watch::signal::{Kind, Signal, Value};
use crate::watch::site::Site;
use crate::watch::time::Mono;

/// Nothing that is waited for takes so long.
const LIMIT: Duration = Duration::from_secs(60);

/// What a chip does next.
pub(in crate::adapters::contacts) enum Step {
    /// It shows this.
    Shows(Vec<Sight>),
    /// It is pulled out.
    Gone(&'static str),
    /// It shows nothing until the test lets it go on.
    Awaits,
    /// It shows nothing for so long, unless something is due.
    Rests(Duration),
}

/// A chip that follows a script, and then is silent.
pub(in crate::adapters::contacts) struct Chip {
    pub(in crate::adapters::contacts) script: VecDeque<Step>,
    /// What its lines show when they are read.
    pub(in crate::adapters::contacts) levels: Vec<bool>,
    pub(in crate::adapters::contacts) clock: Clock,
    pub(in crate::adapters::contacts) outputs: Relays,
}

/// The relays of a chip, as a test sees them and breaks them.
#[derive(Clone, Default)]
pub(in crate::adapters::contacts) struct Relays(Arc<Mutex<Seen>>, Arc<Notify>);

#[derive(Default)]
struct Seen {
    /// Which relay was set to what, in order.
    set: Vec<(OutputNumber, bool)>,
    /// What each try comes to from now on.
    broken: Option<Unset>,
}

impl Relays {
    /// All that was set so far, but for what was set again.
    pub(in crate::adapters::contacts) fn changes(&self, of: OutputNumber) -> Vec<bool> {
        let seen = self.0.lock().unwrap();
        let mut bits: Vec<bool> =
            seen.set.iter().filter(|(output, _)| *output == of).map(|(_, bit)| *bit).collect();
        bits.dedup();
        bits
    }

    /// The chip that waits for the test goes on.
    pub(in crate::adapters::contacts) fn go_on(&self) {
        self.1.notify_one();
    }

    pub(in crate::adapters::contacts) fn breaks(&self, broken: Option<Unset>) {
        self.0.lock().unwrap().broken = broken;
    }
}

impl Device for Chip {
    async fn look(&mut self, due: Option<Mono>, wanted: &mut Wanted) -> Result<Vec<Sight>, Gone> {
        match self.script.pop_front() {
            Some(Step::Shows(sights)) => Ok(sights),
            Some(Step::Awaits) => {
                tokio::select! {
                    () = self.outputs.1.notified() => {}
                    () = wanted.other() => self.script.push_front(Step::Awaits),
                }
                Ok(Vec::new())
            }
            Some(Step::Gone(reason)) => Err(Gone::now(reason)),
            Some(Step::Rests(rest)) => {
                let end = self.clock.now().mono.after(rest);
                let wake = due.map_or(end, |due| due.min(end));
                wanted.rest(self.clock, wake).await;
                if self.clock.now().mono < end {
                    self.script.push_front(Step::Rests(self.clock.until(end)));
                }
                Ok(Vec::new())
            }
            None => match due {
                Some(due) => {
                    wanted.rest(self.clock, due).await;
                    Ok(Vec::new())
                }
                None => {
                    wanted.other().await;
                    Ok(Vec::new())
                }
            },
        }
    }

    async fn set(&mut self, output: OutputNumber, bit: bool) -> Result<(), Unset> {
        let mut seen = self.outputs.0.lock().unwrap();
        if let Some(broken) = &seen.broken {
            return Err(broken.clone());
        }
        seen.set.push((output, bit));
        Ok(())
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        Ok(vec![reading(&self.levels)])
    }
}

/// Every line, read.
pub(in crate::adapters::contacts) fn reading(levels: &[bool]) -> Sight {
    Sight::Read(levels.iter().map(|bit| Shown::Bit(*bit)).collect())
}

/// The device that stands in this table.
pub(in crate::adapters::contacts) fn settings(table: &str) -> ContactsSettings {
    let site = "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n[contacts.cabinet]\n";
    whole(&format!("{site}{table}")).0
}

/// The first device of these files, and their site.
pub(in crate::adapters::contacts) fn whole(files: &str) -> (ContactsSettings, Site) {
    let read = read_str(&[("vigie.toml", files)]);
    let told: Vec<String> = read.complaints.iter().map(ToString::to_string).collect();
    let settings = read.settings.unwrap_or_else(|| panic!("{}", told.join("\n")));
    (settings.contacts.into_iter().next().expect("there is one"), settings.site)
}

/// One door on a chip, whose level counts at once.
pub(in crate::adapters::contacts) const DOOR: &str =
    "gpio = \"/dev/gpiochip0\"\n[contacts.cabinet.lines.door]\nline = 4\ndebounce = \"0s\"\n";

/// Everything around one device.
pub(in crate::adapters::contacts) struct Bench {
    pub(in crate::adapters::contacts) settings: ContactsSettings,
    pub(in crate::adapters::contacts) inbox: Inbox,
    pub(in crate::adapters::contacts) letters: mpsc::Receiver<Letter>,
    pub(in crate::adapters::contacts) ends: Ends,
    pub(in crate::adapters::contacts) relays: Relays,
    pub(in crate::adapters::contacts) pulse: Arc<Pulse>,
    pub(in crate::adapters::contacts) reading: Reading,
    pub(in crate::adapters::contacts) close: watch::Sender<bool>,
    pub(in crate::adapters::contacts) clock: Clock,
}

impl Bench {
    pub(in crate::adapters::contacts) fn of(table: &str) -> Self {
        Self::with(settings(table))
    }

    pub(in crate::adapters::contacts) fn with(settings: ContactsSettings) -> Self {
        let clock = Clock::new();
        let (inbox, letters) = inbox();
        let (pulse, reading) =
            pulse(settings.name.clone(), Kind::Contacts, Vec::new(), clock.now().utc);
        let (close, _) = watch::channel(false);
        Self {
            settings,
            inbox,
            letters,
            ends: Ends::none(),
            relays: Relays::default(),
            pulse: Arc::new(pulse),
            reading,
            close,
            clock,
        }
    }

    /// A chip with this script, whose lines show these levels when they are read out of turn.
    pub(in crate::adapters::contacts) fn chip(
        &self,
        levels: &[bool],
        script: impl IntoIterator<Item = Step>,
    ) -> Chip {
        let script = script.into_iter().collect();
        let outputs = self.relays.clone();
        Chip { script, levels: levels.to_vec(), clock: self.clock, outputs }
    }

    /// One life with this chip; why it ended.
    pub(in crate::adapters::contacts) async fn live(
        &self,
        chip: impl Device,
        points: &mut Points,
    ) -> Gone {
        let house = House {
            settings: &self.settings,
            inbox: self.inbox.clone(),
            ends: self.ends.clone(),
            pulse: &self.pulse,
            clock: self.clock,
            closing: Closing::new(self.close.subscribe()),
        };
        let life = watch_device(chip, points, house);
        tokio::time::timeout(LIMIT, life).await.expect("a life that ends")
    }

    /// What lies in the inbox: what contacts told.
    pub(in crate::adapters::contacts) fn signals(&mut self) -> Vec<Signal> {
        self.letters().0
    }

    /// The same, and what Vigie told of itself.
    pub(in crate::adapters::contacts) fn letters(&mut self) -> (Vec<Signal>, Vec<SelfSignal>) {
        let (mut signals, mut own) = (Vec::new(), Vec::new());
        while let Ok(letter) = self.letters.try_recv() {
            match letter {
                Letter::Event { happening: Happening::Signal(signal), .. } => signals.push(signal),
                Letter::Event { happening: Happening::Own(signal), .. } => own.push(signal),
                other => panic!("{other:?}"),
            }
        }
        (signals, own)
    }

    pub(in crate::adapters::contacts) fn counted(&self, counter: &str) -> u64 {
        self.reading.now().counters.get(counter).copied().unwrap_or_default()
    }
}

/// A field that is true or false.
pub(in crate::adapters::contacts) fn is(signal: &Signal, field: &str) -> bool {
    match signal.fields.get(field) {
        Some(Value::Bool(truth)) => *truth,
        other => panic!("{field}: {other:?}"),
    }
}

/// What each signal says, in words.
pub(in crate::adapters::contacts) fn texts(signals: &[Signal]) -> Vec<&str> {
    signals.iter().map(|signal| &*signal.text).collect()
}
