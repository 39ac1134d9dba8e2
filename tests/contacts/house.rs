//! An input of dry contacts with the rest of the house played by the test.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use vigie::adapters::contacts::outputs::Ends;
use vigie::adapters::contacts::{Memory, SerialLines, run};
use vigie::config::{ContactsSettings, read_str};
use vigie::health::{Ended, Pulse, Reading, pulse};
use vigie::host::clock::Clock;
use vigie::inbox::{Closing, Inbox, Letter, Receipt, inbox};
use vigie::watch::decision::Outcome;
use vigie::watch::event::Happening;
use vigie::watch::own_alarms::SelfSignal;
use vigie::watch::signal::{Kind, Signal};

/// Nothing that is waited for takes so long, on however slow a machine.
const LIMIT: Duration = Duration::from_secs(60);

/// What is waited for, or a failure that says what it was.
pub(crate) async fn soon<T>(what: &str, waited: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, waited).await.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}

/// The devices that stand in these tables.
fn devices(tables: &str) -> Vec<ContactsSettings> {
    let site = "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n";
    let read = read_str(&[("vigie.toml", &format!("{site}{tables}"))]);
    let told: Vec<String> = read.complaints.iter().map(ToString::to_string).collect();
    let settings = read.settings.unwrap_or_else(|| panic!("{}", told.join("\n")));
    settings.contacts
}

/// An input, one life after the other.
pub(crate) struct House {
    settings: Arc<ContactsSettings>,
    inbox: Inbox,
    pub(crate) letters: mpsc::Receiver<Letter>,
    pulse: Arc<Pulse>,
    pub(crate) reading: Reading,
    memory: Arc<Memory>,
    close: watch::Sender<bool>,
    life: JoinSet<Ended>,
}

impl House {
    pub(crate) fn of(table: &str) -> Self {
        let mut houses = Self::several(&format!("[contacts.board]\n{table}"));
        houses.pop().expect("there is one")
    }

    /// The inputs that stand in these tables, in their order; boards on one serial line share it.
    pub(crate) fn several(tables: &str) -> Vec<Self> {
        let devices = devices(tables);
        let lines = SerialLines::of(&devices);
        devices.into_iter().map(|device| Self::with(device, &lines)).collect()
    }

    fn with(device: ContactsSettings, lines: &SerialLines) -> Self {
        let memory = Arc::new(Memory::on(lines, &device.device));
        let settings = Arc::new(device);
        let (inbox, letters) = inbox();
        let now = Clock::new().now().utc;
        let (pulse, reading) = pulse(settings.name.clone(), Kind::Contacts, Vec::new(), now);
        let (close, _) = watch::channel(false);
        Self {
            settings,
            inbox,
            letters,
            pulse: Arc::new(pulse),
            reading,
            memory,
            close,
            life: JoinSet::new(),
        }
    }

    /// The same device after a crash: nothing is remembered.
    pub(crate) fn again(&self) -> Self {
        Self::with(self.settings.as_ref().clone(), &SerialLines::default())
    }

    /// Another life begins.
    pub(crate) fn birth(&mut self) {
        self.life.spawn(run(
            Arc::clone(&self.settings),
            self.inbox.clone(),
            Ends::none(),
            Arc::clone(&self.pulse),
            Arc::clone(&self.memory),
            Clock::new(),
            Closing::new(self.close.subscribe()),
        ));
    }

    /// Why the life ended.
    pub(crate) async fn end(&mut self) -> Ended {
        let ended = soon("the end of the life", self.life.join_next()).await;
        ended.unwrap().expect("it does not panic")
    }

    /// The next letter, and who waits for it to be on disk.
    async fn letter(&mut self) -> (Happening, Receipt) {
        match soon("a letter", self.letters.recv()).await {
            Some(Letter::Event { happening, receipt, .. }) => (happening, receipt),
            other => panic!("an event was expected: {other:?}"),
        }
    }

    /// The next letter, which is on disk.
    async fn happening(&mut self) -> Happening {
        let (happening, receipt) = self.letter().await;
        receipt.give(Outcome::Taken);
        happening
    }

    /// The text of the next letter, which is of a contact, and who waits for it to be on disk.
    pub(crate) async fn unrecorded(&mut self) -> (String, Receipt) {
        match self.letter().await {
            (Happening::Signal(signal), receipt) => (signal.text.to_string(), receipt),
            other => panic!("a signal was expected: {other:?}"),
        }
    }

    /// The next letter, which is about the input itself.
    pub(crate) async fn own(&mut self) -> SelfSignal {
        match self.happening().await {
            Happening::Own(own) => own,
            other => panic!("a word of the input on itself was expected: {other:?}"),
        }
    }

    /// The next letter, which is of a contact.
    pub(crate) async fn signal(&mut self) -> Signal {
        match self.happening().await {
            Happening::Signal(signal) => signal,
            other => panic!("a signal was expected: {other:?}"),
        }
    }

    /// The text of the next letter, which is of a contact.
    pub(crate) async fn text(&mut self) -> String {
        self.signal().await.text.to_string()
    }

    pub(crate) fn counter(&self, name: &str) -> u64 {
        self.reading.now().counters.get(name).copied().unwrap_or_default()
    }

    /// Waits until so many have been counted.
    pub(crate) async fn until_counted(&self, name: &str, many: u64) {
        soon(name, async {
            while self.counter(name) < many {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
        .await;
    }
}
