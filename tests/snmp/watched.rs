//! A receiver with a watch behind it, that remembers: letters are decided and applied, and their receipts given.

use vigie::config::{SnmpSettings, read_str};
use vigie::host::entropy::entropy;
use vigie::inbox::Letter;
use vigie::watch::Watch;
use vigie::watch::decision::Outcome;
use vigie::watch::event::{Event, Happening};
use vigie::watch::own_alarms::SelfSignal;
use vigie::watch::signal::Signal;
use vigie::watch::state::State;

use crate::house::{House, SITE, soon, watch_of};

pub(crate) struct Watched {
    pub(crate) house: House,
    pub(crate) watch: Watch,
}

/// The settings of a receiver on loop-back, with these lines in its table.
pub(crate) fn settings(lines: &str) -> SnmpSettings {
    let text = format!("{SITE}[snmp.network]\nlisten = [\"127.0.0.1:1162\"]\n{lines}\n");
    let reading = read_str(&[("vigie.toml", &text)]);
    let settings = reading.settings.unwrap_or_else(|| panic!("{:?}", reading.complaints));
    let mut receiver = settings.snmp.into_iter().next().unwrap();
    receiver.listen = vec!["127.0.0.1:0".parse().unwrap()];
    receiver
}

impl Watched {
    /// A receiver that works, and remembers what stood in `state`.
    pub(crate) async fn open(settings: SnmpSettings, state: State) -> Self {
        let watch = watch_of(state);
        let has_users = !settings.users.is_empty();
        let mut watched = Self { house: House::birth(settings), watch };
        watched.until_it_receives(has_users).await;
        let ready = watched.own().await;
        assert!(!ready.active, "the receiver says that it works: {ready:?}");
        watched
    }

    /// Answers what it asks before it receives: what stands; and with users, what is known of engines, and a note of its start.
    async fn until_it_receives(&mut self, has_users: bool) {
        let letters = if has_users { 3 } else { 1 };
        for _ in 0..letters {
            let letter = soon("a letter", self.house.letters.recv()).await;
            assert!(self.decide(letter.expect("the receiver lives")).is_none());
        }
    }

    /// The next letter that is no memory: a signal, or a word on the receiver itself.
    async fn next(&mut self) -> Happening {
        loop {
            let letter = soon("a letter", self.house.letters.recv()).await;
            if let Some(happening) = self.decide(letter.expect("the receiver lives")) {
                return happening;
            }
        }
    }

    /// Lets it end in good order, and gives what is remembered then.
    pub(crate) async fn closed(mut self) -> State {
        self.house.closing.send_replace(true);
        while let Some(letter) = soon("the inbox is left", self.house.letters.recv()).await {
            self.decide(letter);
        }
        self.house.end().await;
        self.watch.state().clone()
    }

    fn decide(&mut self, letter: Letter) -> Option<Happening> {
        let (happening, moment, receipt) = match letter {
            Letter::Event { happening, moment, receipt, .. } => (happening, moment, receipt),
            Letter::Question(question) => {
                question(&self.watch);
                return None;
            }
            Letter::Proof(_) | Letter::Site(..) => panic!("a receiver changes no files"),
        };
        let event = Event { happening: happening.clone(), entropy: entropy() };
        let decision = self.watch.decide(&event, moment);
        self.watch.apply(&decision);
        receipt.give(Outcome::Taken);
        (!matches!(happening, Happening::EngineNoted(_))).then_some(happening)
    }

    pub(crate) async fn signal(&mut self) -> Signal {
        match self.next().await {
            Happening::Signal(signal) => signal,
            other => panic!("a signal was expected: {other:?}"),
        }
    }

    pub(crate) async fn own(&mut self) -> SelfSignal {
        match self.next().await {
            Happening::Own(own) => own,
            other => panic!("a word of the receiver on itself was expected: {other:?}"),
        }
    }
}
