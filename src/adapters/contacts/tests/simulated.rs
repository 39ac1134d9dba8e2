//! A simulated chip behind the seam, and the rest of the house played by the test.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::adapters::contacts::device::{Device, Gone, Shown, Sight};
use crate::adapters::contacts::points::Points;
use crate::adapters::contacts::watching::{House, watch as watch_device};
use crate::config::{ContactsSettings, read_str};
use crate::health::{Pulse, Reading, pulse};
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox, Letter, inbox};
use crate::watch::event::Happening;
use crate::watch::own_alarms::SelfSignal;
use crate::watch::signal::{Kind, Signal, Value};
use crate::watch::time::Mono;

/// Nothing that is waited for takes so long.
const LIMIT: Duration = Duration::from_secs(60);

/// What a chip does next.
pub(super) enum Step {
    /// It shows this.
    Shows(Vec<Sight>),
    /// It is pulled out.
    Gone(&'static str),
    /// It shows nothing for so long, unless something is due.
    Rests(Duration),
}

/// A chip that follows a script, and then is silent.
pub(super) struct Chip {
    pub(super) script: VecDeque<Step>,
    /// What its lines show when they are read.
    pub(super) levels: Vec<bool>,
    pub(super) clock: Clock,
}

impl Device for Chip {
    async fn look(&mut self, due: Option<Mono>) -> Result<Vec<Sight>, Gone> {
        match self.script.pop_front() {
            Some(Step::Shows(sights)) => Ok(sights),
            Some(Step::Gone(reason)) => Err(Gone::now(reason)),
            Some(Step::Rests(rest)) => {
                let end = self.clock.now().mono.after(rest);
                let wake = due.map_or(end, |due| due.min(end));
                tokio::time::sleep(self.clock.until(wake)).await;
                if wake < end {
                    self.script.push_front(Step::Rests(self.clock.until(end)));
                }
                Ok(Vec::new())
            }
            None => match due {
                Some(due) => {
                    tokio::time::sleep(self.clock.until(due)).await;
                    Ok(Vec::new())
                }
                None => std::future::pending().await,
            },
        }
    }

    async fn read(&mut self) -> Result<Vec<Sight>, Gone> {
        Ok(vec![reading(&self.levels)])
    }
}

/// Every line, read.
pub(super) fn reading(levels: &[bool]) -> Sight {
    Sight::Read(levels.iter().map(|bit| Shown::Bit(*bit)).collect())
}

/// The device that stands in this table.
pub(in crate::adapters::contacts) fn settings(table: &str) -> ContactsSettings {
    let site = "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n[contacts.cabinet]\n";
    let read = read_str(&[("vigie.toml", &format!("{site}{table}"))]);
    let told: Vec<String> = read.complaints.iter().map(ToString::to_string).collect();
    let settings = read.settings.unwrap_or_else(|| panic!("{}", told.join("\n")));
    settings.contacts.into_iter().next().expect("there is one")
}

/// One door on a chip, whose level counts at once.
pub(super) const DOOR: &str =
    "gpio = \"/dev/gpiochip0\"\n[contacts.cabinet.lines.door]\nline = 4\ndebounce = \"0s\"\n";

/// Everything around one device.
pub(super) struct Bench {
    pub(super) settings: ContactsSettings,
    pub(super) inbox: Inbox,
    pub(super) letters: mpsc::Receiver<Letter>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) reading: Reading,
    pub(super) close: watch::Sender<bool>,
    pub(super) clock: Clock,
}

impl Bench {
    pub(super) fn of(table: &str) -> Self {
        let settings = settings(table);
        let clock = Clock::new();
        let (inbox, letters) = inbox();
        let (pulse, reading) =
            pulse(settings.name.clone(), Kind::Contacts, Vec::new(), clock.now().utc);
        let (close, _) = watch::channel(false);
        Self { settings, inbox, letters, pulse: Arc::new(pulse), reading, close, clock }
    }

    /// A chip with this script, whose lines show these levels when they are read out of turn.
    pub(super) fn chip(&self, levels: &[bool], script: impl IntoIterator<Item = Step>) -> Chip {
        let script = script.into_iter().collect();
        Chip { script, levels: levels.to_vec(), clock: self.clock }
    }

    /// One life with this chip; why it ended.
    pub(super) async fn live(&self, chip: impl Device, points: &mut Points) -> Gone {
        let house = House {
            settings: &self.settings,
            inbox: self.inbox.clone(),
            pulse: &self.pulse,
            clock: self.clock,
            closing: Closing::new(self.close.subscribe()),
        };
        let life = watch_device(chip, points, house);
        tokio::time::timeout(LIMIT, life).await.expect("a life that ends")
    }

    /// What lies in the inbox: what contacts told.
    pub(super) fn signals(&mut self) -> Vec<Signal> {
        self.letters().0
    }

    /// The same, and what Vigie told of itself.
    pub(super) fn letters(&mut self) -> (Vec<Signal>, Vec<SelfSignal>) {
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

    pub(super) fn counted(&self, counter: &str) -> u64 {
        self.reading.now().counters.get(counter).copied().unwrap_or_default()
    }
}

/// A field that is true or false.
pub(super) fn is(signal: &Signal, field: &str) -> bool {
    match signal.fields.get(field) {
        Some(Value::Bool(truth)) => *truth,
        other => panic!("{field}: {other:?}"),
    }
}

/// What each signal says, in words.
pub(super) fn texts(signals: &[Signal]) -> Vec<&str> {
    signals.iter().map(|signal| &*signal.text).collect()
}
