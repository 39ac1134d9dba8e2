//! Sirens and buttons with the watch behind them: from a press of a simulated chip to its relays.

use std::time::Duration;

use tokio::sync::{mpsc, watch as channel};

use super::*;
use crate::adapters::contacts::device::{Sight, Unset};
use crate::adapters::contacts::points::Points;
use crate::adapters::contacts::tests::simulated::{Bench, Step, reading, whole};
use crate::health::{OutputState, Wire};
use crate::inbox::Letter;
use crate::watch::event::{Action, Command, Entropy, Event};
use crate::watch::own_alarms::SelfSignal;

const SITE: &str = "[site]
name = \"Nord\"
time-zone = \"Europe/Paris\"
[people.marie]
name = \"Marie\"
phone = \"+33612345678\"
[gsm.modem]
device = \"/dev/null\"
[escalations.technique]
acknowledge = \"single\"
steps = [{ notify = [\"person:marie\"], by = [\"sms\"], wait = \"10m\" }]
[alarms.input-lost]
from = [\"vigie\"]
match = { alarm = \"input-lost\" }
key = \"{subject}\"
active = \"active\"
text = \"lost\"
escalation = \"technique\"
[contacts.cabinet]
gpio = \"/dev/gpiochip0\"
[contacts.cabinet.outputs.siren]
line = 1
shows = \"unacknowledged\"
[contacts.cabinet.outputs.life]
line = 2
shows = \"alive\"
[contacts.cabinet.lines.button]
line = 5
debounce = \"0s\"
button = { does = \"acknowledge\", as = \"marie\" }
[contacts.cabinet.lines.hush]
line = 6
debounce = \"0s\"
button = { does = \"silence\" }
";

/// A watch that decides about what comes in, as the sequencer does, and tells what has changed.
async fn decide(
    mut letters: mpsc::Receiver<Letter>,
    mut watch: Box<Watch>,
    changes: Changes,
    seen: channel::Sender<Vec<Happening>>,
) {
    while let Some(letter) = letters.recv().await {
        match letter {
            Letter::Event { happening, moment, receipt, room: _ } => {
                let event = Event { happening, entropy: Entropy(7) };
                let decision = watch.decide(&event, moment);
                watch.apply(&decision);
                seen.send_modify(|seen| seen.push(event.happening));
                let all: Vec<AlarmNumber> =
                    watch.state().alarms().map(|alarm| alarm.number).collect();
                changes.tell(&all);
                receipt.give(decision.outcome);
            }
            Letter::Question(question) => question(&watch),
            Letter::Proof(_) | Letter::Site(..) => panic!("no files are read here"),
        }
    }
}

/// A cabinet with its chip, a watch, and whoever follows it.
struct House {
    bench: Bench,
    seen: channel::Receiver<Vec<Happening>>,
    outputs: Arc<Outputs>,
    changes: Changes,
}

impl House {
    async fn with(script: Vec<Step>, night: impl AsyncFnOnce(&House)) {
        let (settings, site) = whole(SITE);
        let mut bench = Bench::with(settings);
        let mut switchboard = Switchboard::default();
        bench.ends = switchboard.end(&bench.settings.name);
        let outputs = switchboard.outputs([&bench.settings]);
        let (closed, letters) = mpsc::channel(1);
        drop(closed);
        let letters = std::mem::replace(&mut bench.letters, letters);
        let (sender, seen) = channel::channel(Vec::new());
        let changes = Changes::default();
        let mut watch = Box::new(Watch::new(Arc::new(site)));
        let frozen = Event { happening: Happening::Configured, entropy: Entropy(1) };
        let decision = watch.decide(&frozen, bench.clock.now());
        watch.apply(&decision);
        // Apart: a watch is large, and each of these futures would hold it.
        let deciding = Box::pin(decide(letters, watch, changes.clone(), sender));
        let house = Self { bench, seen, outputs: Arc::new(outputs), changes };
        let chip = house.bench.chip(&[false, false], script);
        let mut points = Points::of(&house.bench.settings);
        let closing = || Closing::new(house.bench.close.subscribe());
        let following = run(
            Arc::clone(&house.outputs),
            house.changes.clone(),
            house.bench.inbox.clone(),
            house.bench.clock,
            closing(),
        );
        let ending = async {
            night(&house).await;
            house.bench.close.send_replace(true);
        };
        let living = async {
            tokio::join!(house.bench.live(chip, &mut points), following, ending);
        };
        tokio::select! {
            () = living => {}
            () = deciding => panic!("the inbox was shut"),
        }
    }

    async fn lose(&self, what: &str) {
        let own = SelfSignal::raised(SelfAlarm::InputLost, what, "gone");
        self.bench.inbox.tell(Happening::Own(own), self.bench.clock.now()).await.unwrap();
    }

    /// Waits until the siren was set so, one after the other.
    async fn until_siren(&self, changes: &[bool]) {
        self.until(&format!("the siren: {changes:?}"), || self.bench.relays.changes(0) == changes)
            .await;
    }

    async fn until(&self, what: &str, so: impl Fn() -> bool) {
        let waiting = async {
            while !so() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await;
        waited.unwrap_or_else(|_| panic!("in vain: {what}; {:?}", self.bench.relays.changes(0)));
    }

    fn commands(&self) -> Vec<Command> {
        let seen = self.seen.borrow();
        let command = |happening: &Happening| match happening {
            Happening::Command(command) => Some(command.clone()),
            _ => None,
        };
        seen.iter().filter_map(command).collect()
    }
}

/// The chip shows all at rest; then the button at that place is pressed, and let go.
fn press(line: usize) -> Vec<Step> {
    let at = Clock::new().now().mono;
    let edge = |bit, number| Sight::Edge { line, bit, at, sequence: Some(number) };
    let rest = Step::Shows(vec![reading(&[false, false])]);
    vec![rest, Step::Awaits, Step::Shows(vec![edge(true, 1)]), Step::Shows(vec![edge(false, 2)])]
}

#[tokio::test]
async fn an_alarm_sounds_the_siren_and_a_press_acknowledges_it_for_the_person_and_in_the_name_of_the_button()
 {
    House::with(press(0), async |house| {
        house.until_siren(&[false]).await;
        house.lose("gsm.other").await;
        house.lose("gsm.third").await;
        house.until_siren(&[false, true]).await;
        house.bench.relays.go_on();
        house.until_siren(&[false, true, false]).await;
        let commands = house.commands();
        assert_eq!(commands.len(), 2, "{commands:?}");
        for command in commands {
            assert_eq!(command.person.as_str(), "marie");
            assert_eq!(&*command.account, "contacts.cabinet.button");
            assert_eq!(command.action, Action::Acknowledge);
        }
        let signals = house.seen.borrow();
        let signals = signals.iter().filter(|seen| matches!(seen, Happening::Signal(_)));
        assert_eq!(signals.count(), 0, "a button that no definition names is no contact");
    })
    .await;
}

#[tokio::test]
async fn a_press_that_silences_is_recorded_and_the_siren_is_silent_until_something_new_comes() {
    House::with(press(1), async |house| {
        house.lose("gsm.other").await;
        house.until_siren(&[false, true]).await;
        house.bench.relays.go_on();
        house.until_siren(&[false, true, false]).await;
        house.until("it is recorded", || {
            let silenced = |seen: &Happening| matches!(seen, Happening::Silenced(by) if &*by.by == "contacts.cabinet.hush");
            house.seen.borrow().iter().any(silenced)
        })
        .await;
        assert!(house.commands().is_empty(), "nothing is acknowledged");
        house.lose("gsm.third").await;
        house.until_siren(&[false, true, false, true]).await;
    })
    .await;
}

#[tokio::test]
async fn at_an_orderly_stop_the_siren_goes_to_rest_and_the_life_relay_drops() {
    let mut relays = None;
    House::with(vec![Step::Shows(vec![reading(&[false, false])])], async |house| {
        house.lose("gsm.other").await;
        house.until_siren(&[false, true]).await;
        house
            .until("the life relay holds", || house.bench.relays.changes(1).last() == Some(&true))
            .await;
        relays = Some(house.bench.relays.clone());
    })
    .await;
    let relays = relays.unwrap();
    assert_eq!(relays.changes(0), [false, true, false]);
    assert_eq!(relays.changes(1).last(), Some(&false));
}

#[tokio::test]
async fn a_relay_that_fails_is_an_alarm_of_its_own_and_no_contact_is_lost_by_it() {
    let closed =
        vec![Step::Shows(vec![reading(&[false, false])]), Step::Rests(Duration::from_secs(50))];
    House::with(closed, async |house| {
        house.until_siren(&[false]).await;
        house.bench.relays.breaks(Some(Unset::Refused("shorted".to_owned())));
        house.lose("gsm.other").await;
        let lost = |active: bool| {
            let is = move |seen: &Happening| matches!(seen, Happening::Own(own) if own.alarm == SelfAlarm::OutputLost && own.active == active && &*own.subject == "contacts.cabinet.siren");
            house.seen.borrow().iter().filter(|seen| is(seen)).count()
        };
        house.until("the siren is lost", || lost(true) == 1).await;
        assert_eq!(house.bench.reading.now().state, Wire::Up);
        let siren = house.bench.reading.now().outputs[0].clone();
        assert_eq!(siren.state, OutputState::Lost("shorted".to_owned()));
        house.bench.relays.breaks(None);
        // Once at the start, and once now.
        house.until("it works again", || lost(false) == 2).await;
        house.until_siren(&[false, true]).await;
    })
    .await;
}
