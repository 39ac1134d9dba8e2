//! A connection with the rest of the house played by the test: letters are taken from the inbox, and receipts given or withheld
//! by hand.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use vigie::adapters::mqtt;
use vigie::changes::Changes;
use vigie::config::MqttSettings;
use vigie::health::{Ended, Reading, Wire, pulse};
use vigie::host::clock::Clock;
use vigie::inbox::{Closing, Letter, Receipt, inbox};
use vigie::watch::decision::Outcome;
use vigie::watch::event::Happening;
use vigie::watch::own_alarms::{SelfAlarm, SelfSignal};
use vigie::watch::signal::{Kind, Signal};

pub(crate) use crate::waiting::{soon, until};

/// Nothing that is waited for takes so long, on however slow a machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);

pub(crate) struct House {
    pub(crate) letters: mpsc::Receiver<Letter>,
    pub(crate) reading: Reading,
    pub(crate) closing: watch::Sender<bool>,
    life: JoinSet<Ended>,
}

/// The settings of `[mqtt.plant]` with these keys, as the files would give them.
pub(crate) fn settings(keys: &str) -> MqttSettings {
    let text =
        format!("[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n\n[mqtt.plant]\n{keys}\n");
    let reading = vigie::config::read_str(&[("vigie.toml", &text)]);
    let told: Vec<String> = reading.complaints.iter().map(ToString::to_string).collect();
    let mut settings = reading.settings.unwrap_or_else(|| panic!("{}", told.join("\n")));
    settings.mqtt.remove(0)
}

/// The usual connection to a broker: everything beneath `plant`.
pub(crate) fn plant(broker: &str) -> MqttSettings {
    settings(&format!(
        "broker = \"{broker}\"\nclient-id = \"vigie\"\ntopics = [\"plant/#\"]\nkeep-alive = \"5s\""
    ))
}

impl House {
    /// Brings the connection to life, without waiting for anything.
    pub(crate) fn birth(settings: MqttSettings) -> Self {
        let clock = Clock::new();
        let (door, letters) = inbox();
        let (pulse, reading) =
            pulse(settings.name.clone(), Kind::Mqtt, Vec::new(), clock.now().utc);
        let (closing, closes) = watch::channel(false);
        let mut life = JoinSet::new();
        let settings = Arc::new(settings);
        life.spawn(mqtt::run(
            settings,
            door,
            Changes::default(),
            Arc::new(pulse),
            clock,
            Closing::new(closes),
        ));
        Self { letters, reading, closing, life }
    }

    /// A connection that works.
    pub(crate) async fn open(settings: MqttSettings) -> Self {
        let mut house = Self::birth(settings);
        house.until_up().await;
        house
    }

    /// Waits until it says that it works, and takes its words about that.
    pub(crate) async fn until_up(&mut self) {
        let own = self.own_of(SelfAlarm::InputLost).await;
        assert!(!own.active, "it says that it works: {own:?}");
        assert_eq!(self.reading.now().state, Wire::Up);
    }

    pub(crate) fn counter(&self, name: &str) -> u64 {
        self.reading.now().counters.get(name).copied().unwrap_or(0)
    }

    pub(crate) async fn happening(&mut self) -> (Happening, Receipt) {
        let letter = soon("a letter", self.letters.recv()).await;
        match letter.expect("the connection lives") {
            Letter::Event { happening, receipt, .. } => (happening, receipt),
            Letter::Question(_) | Letter::Proof(_) | Letter::Site(..) => panic!("it asks nothing"),
        }
    }

    /// The next signal; words about the connection itself are passed over.
    pub(crate) async fn signal(&mut self) -> (Signal, Receipt) {
        loop {
            match self.happening().await {
                (Happening::Signal(signal), receipt) => return (signal, receipt),
                (Happening::Own(_), _) => {}
                (other, _) => panic!("a signal was expected: {other:?}"),
            }
        }
    }

    /// The next signal, which is recorded.
    pub(crate) async fn taken(&mut self) -> Signal {
        let (signal, receipt) = self.signal().await;
        receipt.give(Outcome::Taken);
        signal
    }

    /// The next word about the connection itself; signals are withheld.
    pub(crate) async fn own(&mut self) -> SelfSignal {
        loop {
            if let (Happening::Own(own), _) = self.happening().await {
                return own;
            }
        }
    }

    /// The next word of this kind.
    pub(crate) async fn own_of(&mut self, alarm: SelfAlarm) -> SelfSignal {
        loop {
            let own = self.own().await;
            if own.alarm == alarm {
                return own;
            }
        }
    }

    /// The reason for which the input is said to be lost.
    pub(crate) async fn lost(&mut self) -> String {
        loop {
            let own = self.own_of(SelfAlarm::InputLost).await;
            if own.active {
                return own.reason.to_string();
            }
        }
    }

    /// Closes the house, and waits for the end.
    pub(crate) async fn close(&mut self) -> Ended {
        self.closing.send_replace(true);
        soon("the end of the connection", self.life.join_next())
            .await
            .unwrap()
            .expect("it does not panic")
    }

    /// The power fails.
    pub(crate) async fn kill(mut self) {
        self.life.abort_all();
        while self.life.join_next().await.is_some() {}
    }
}
