//! A bench: the adapter between a simulated modem and a house of which only the two ends exist that it touches, the
//! inbox and a real outbox. The test is the sequencer: it takes the letters, and gives or withholds the receipts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::timeout;

use vigie::adapters::gsm::{self, Memory, Pace};
use vigie::config::{CreditSettings, GsmSettings, Secret};
use vigie::errand::{Errands, Order, errands};
use vigie::health::{Ended, Modem, Pulse, Reading, Wire, pulse};
use vigie::host::clock::Clock;
use vigie::host::simulated_modem::{Control, SimulatedModem};
use vigie::inbox::{Closing, Inbox, Letter, Receipt, inbox};
use vigie::outbox::Outbox;
use vigie::watch::event::{Attempt, Happening, ShortMessage};
use vigie::watch::name::InputName;
use vigie::watch::notification::{Notification, NotificationId};
use vigie::watch::own_alarms::SelfAlarm;
use vigie::watch::signal::Kind;
use vigie_gsm::simulator::{Profile, Sent};

use crate::letters::{accept, opened, unasked};

/// Nothing that a test waits for takes so long, unless it never comes.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// The modem of all tests.
pub(crate) const MODEM: &str = "gsm.orange";
/// A person's phone.
pub(crate) const MARIE: &str = "+33612345678";

pub(crate) struct Bench {
    pub(crate) control: Control,
    pub(crate) errands: Errands,
    pub(crate) reading: Reading,
    pub(crate) memory: Arc<Memory>,
    /// How lives watch the credit.
    pub(crate) credit: Option<CreditSettings>,
    pub(crate) sent: broadcast::Receiver<Sent>,
    /// What the test was told besides what it waited for, in order.
    pub(crate) seen: Vec<Happening>,
    letters: mpsc::Receiver<Letter>,
    inbox: Inbox,
    pulse: Arc<Pulse>,
    device: PathBuf,
    closing: watch::Sender<bool>,
    lives: JoinSet<Ended>,
    _house: JoinSet<()>,
}

impl Bench {
    /// A modem that nobody has opened yet, and an adapter that waits for nothing longer than it must.
    pub(crate) fn new(profile: Profile) -> Self {
        Self::with_pace(profile, brisk())
    }

    /// A modem that nobody has opened yet.
    pub(crate) fn with_pace(profile: Profile, pace: Pace) -> Self {
        let modem = SimulatedModem::open(profile).expect("a pseudo-terminal");
        let (inbox, letters) = inbox();
        let (errands, requests) = errands();
        let device = modem.device().to_owned();
        let (pulse, reading) =
            pulse(InputName::new(MODEM), Kind::Gsm, Vec::new(), Clock::new().now().utc);
        let control = modem.control();
        let mut house = JoinSet::new();
        house.spawn(modem.run());
        house.spawn(Outbox::new(requests).run());
        let letters = unasked(letters, &mut house);
        Self {
            sent: control.sent(),
            control,
            errands,
            reading,
            memory: Arc::new(Memory::with_pace(pace)),
            credit: None,
            seen: Vec::new(),
            letters,
            inbox,
            pulse: Arc::new(pulse),
            device,
            closing: watch::channel(false).0,
            lives: JoinSet::new(),
            _house: house,
        }
    }

    /// A modem that the adapter has set up, whose network it has found.
    pub(crate) async fn ready(profile: Profile) -> Self {
        let mut bench = Self::new(profile);
        bench.live();
        bench.cleared(SelfAlarm::NotRegistered).await;
        bench
    }

    /// A life begins.
    pub(crate) fn live(&mut self) -> AbortHandle {
        self.live_with(None)
    }

    /// A life begins with this PIN.
    pub(crate) fn live_with(&mut self, pin: Option<&str>) -> AbortHandle {
        let device = self.device.clone();
        self.live_on(&device, pin)
    }

    /// A life begins on another device.
    pub(crate) fn live_on(&mut self, device: &Path, pin: Option<&str>) -> AbortHandle {
        self.live_by(device, pin, None)
    }

    /// A life begins, with a command for a modem that nothing else revives.
    pub(crate) fn live_with_command(&mut self, command: &[String]) -> AbortHandle {
        let device = self.device.clone();
        self.live_by(&device, None, Some(command.to_vec()))
    }

    fn live_by(
        &mut self,
        device: &Path,
        pin: Option<&str>,
        revive: Option<Vec<String>>,
    ) -> AbortHandle {
        let settings = GsmSettings {
            name: InputName::new(MODEM),
            device: device.to_owned(),
            baud: 115_200,
            pin: pin.map(Secret::given),
            revive,
            credit: self.credit.clone(),
        };
        self.lives.spawn(gsm::run(
            Arc::new(settings),
            self.inbox.clone(),
            self.errands.clone(),
            Arc::clone(&self.pulse),
            Arc::clone(&self.memory),
            Clock::new(),
            Closing::new(self.closing.subscribe()),
        ))
    }

    /// The device's path.
    pub(crate) fn device(&self) -> PathBuf {
        self.device.clone()
    }

    /// The house closes.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// How the life ended. Letters are taken meanwhile.
    pub(crate) async fn ended(&mut self) -> Ended {
        let end = async {
            loop {
                tokio::select! {
                    Some(ended) = self.lives.join_next() => return ended.expect("no life panics"),
                    Some(letter) = self.letters.recv() => self.seen.extend(opened(letter).map(accept)),
                }
            }
        };
        timeout(LIMIT, end).await.expect("the life ends")
    }

    /// The next letter that this takes for its own, with its receipt; others are accepted.
    pub(crate) async fn until<T>(
        &mut self,
        mut wanted: impl FnMut(&Happening) -> Option<T>,
    ) -> (T, Receipt) {
        let found = async {
            loop {
                let letter = self.letters.recv().await.expect("the inbox is open");
                let Some((happening, receipt)) = opened(letter) else { continue };
                match wanted(&happening) {
                    Some(found) => return (found, receipt),
                    None => self.seen.push(accept((happening, receipt))),
                }
            }
        };
        let found = timeout(LIMIT, found).await;
        found.unwrap_or_else(|_| panic!("it never came; what came was {:#?}", self.seen))
    }

    /// The next short message, not accepted yet.
    pub(crate) async fn message(&mut self) -> (ShortMessage, Receipt) {
        self.until(|happening| match happening {
            Happening::Message(message) => Some(message.clone()),
            _ => None,
        })
        .await
    }

    /// The next end of an attempt at this notification; it must have been announced before.
    pub(crate) async fn attempt(&mut self, id: u64) -> Attempt {
        let announced = |seen: &[Happening]| {
            let started = |happening: &&Happening| {
                matches!(happening, Happening::Report(report)
                    if report.notification.0 == id && matches!(report.attempt, Attempt::Started { .. }))
            };
            seen.iter().filter(started).count()
        };
        let (attempt, _) = self
            .until(|happening| match happening {
                Happening::Report(report)
                    if report.notification.0 == id
                        && !matches!(report.attempt, Attempt::Started { .. }) =>
                {
                    Some(report.attempt.clone())
                }
                _ => None,
            })
            .await;
        assert!(announced(&self.seen) > 0, "an attempt ended that was never announced");
        attempt
    }

    /// The attempt at this notification is announced, and the store refuses it.
    pub(crate) async fn started(&mut self, id: u64) {
        drop(self.announced(id).await);
    }

    /// The attempt at this notification is announced, and not on disk yet.
    pub(crate) async fn announced(&mut self, id: u64) -> Receipt {
        let (happening, receipt) = self
            .until(|happening| match happening {
                Happening::Report(report)
                    if report.notification.0 == id
                        && matches!(report.attempt, Attempt::Started { .. }) =>
                {
                    Some(happening.clone())
                }
                _ => None,
            })
            .await;
        self.seen.push(happening);
        receipt
    }

    /// Vigie says of itself that this is over.
    pub(crate) async fn cleared(&mut self, alarm: SelfAlarm) {
        self.own(alarm, false).await;
    }

    /// Vigie says of itself that this began, for this reason.
    pub(crate) async fn raised(&mut self, alarm: SelfAlarm) -> String {
        self.own(alarm, true).await
    }

    async fn own(&mut self, alarm: SelfAlarm, active: bool) -> String {
        let reason = self.until(|happening| match happening {
            Happening::Own(own) if own.alarm == alarm && own.active == active => {
                assert_eq!(&*own.subject, MODEM, "the subject is the one that supervision names");
                Some(own.reason.to_string())
            }
            _ => None,
        });
        reason.await.0
    }

    /// How many slots are in use.
    pub(crate) async fn slots(&self) -> usize {
        self.control.with(|modem, _| modem.slots_used()).await.expect("it is driven")
    }

    /// Waits until so many calls were ended from this side.
    pub(crate) async fn until_calls_ended(&self, wanted: u32) {
        let ended = async {
            while self.control.with(|modem, _| modem.calls_ended()).await != Ok(wanted) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LIMIT, ended).await.expect("the calls are ended");
    }

    /// Waits until so many slots are in use.
    pub(crate) async fn until_slots(&self, wanted: usize) {
        let reached = async {
            while self.slots().await != wanted {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LIMIT, reached).await.unwrap_or_else(|_| panic!("never {wanted} slots in use"));
    }

    /// Waits until the modem has a text that the network does not have yet.
    pub(crate) async fn until_given(&self) {
        let given = async {
            while self
                .control
                .with(|modem, _| modem.deadline().is_none())
                .await
                .expect("it is driven")
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LIMIT, given).await.expect("the modem gets a text");
    }

    /// Waits until a life has opened the device.
    pub(crate) async fn until_opened(&self) {
        let opened = async {
            while matches!(self.reading.now().state, Wire::Down(_)) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(LIMIT, opened).await.expect("the device is opened");
    }

    /// Waits until `vigie status` would show this of the modem.
    pub(crate) async fn until_modem(&self, wanted: impl Fn(&Modem) -> bool) {
        let shown = async {
            while !self.reading.now().modem.as_ref().is_some_and(&wanted) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LIMIT, shown).await.expect("the modem comes to that");
    }

    /// Whether anything was told of an attempt at this notification, as far as the test has listened.
    pub(crate) fn was_attempted(&self, id: u64) -> bool {
        self.seen.iter().any(|happening| matches!(happening, Happening::Report(report) if report.notification.0 == id))
    }

    /// This is owed to Marie now.
    pub(crate) async fn owe(&self, id: u64, text: &str) {
        self.owe_so(id, text, |_| ()).await;
    }

    /// This is owed to Marie now, who wants it by this modem.
    pub(crate) async fn owe_preferring(&self, id: u64, text: &str) {
        self.owe_so(id, text, |owed| owed.prefer = Some(InputName::new(MODEM))).await;
    }

    /// This is owed to Marie now, and not as usual.
    pub(crate) async fn owe_so(&self, id: u64, text: &str, so: impl FnOnce(&mut Notification)) {
        let mut owed = notification(id, text);
        so(&mut owed);
        self.errands.order(vec![Order::Owe(Arc::new(owed))]).await;
    }

    /// This is not owed any more.
    pub(crate) async fn cancel(&self, id: u64) {
        self.errands.order(vec![Order::Cancel(NotificationId(id))]).await;
    }

    /// The next text that the network took.
    pub(crate) async fn next_sent(&mut self) -> Sent {
        timeout(LIMIT, self.sent.recv()).await.expect("a message leaves").expect("none was missed")
    }
}

/// What is found by asking is found soon; what must come by itself would not be found otherwise.
pub(crate) fn brisk() -> Pace {
    let short = Duration::from_millis(100);
    Pace {
        sweep_every: Duration::from_secs(1),
        poll_every: Duration::from_secs(1),
        recovery: short,
        again: short,
        recording: short,
        restarting: Duration::from_secs(2),
        lasting: Duration::from_secs(2),
        ..Pace::default()
    }
}

/// A call to Marie.
pub(crate) fn notification(id: u64, text: &str) -> Notification {
    serde_json::from_value(serde_json::json!({
        "id": id,
        "person": "marie",
        "channel": "sms",
        "phone": MARIE,
        "purpose": "call",
        "priority": "high",
        "text": text,
        "created": 0,
        "state": "queued",
        "attempts": 0,
    }))
    .expect("a notification")
}
