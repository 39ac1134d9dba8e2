//! One life of the daemon: the real sequencer, outbox and journal, and adapters that keep to the
//! contract of the real ones, on a disk that can be cut off at any write.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vigie::errand::{Errands, errands};
use vigie::inbox::{Inbox, inbox};
use vigie::journal::{Journal, Scribe};
use vigie::outbox::Outbox;
use vigie::sequencer::{Sequencer, recover};
use vigie::watch::Watch;
use vigie::watch::event::{Attempt, Happening, Report};
use vigie::watch::name::InputName;
use vigie::watch::notification::Notification;
use vigie::watch::own_alarms::{SelfAlarm, SelfSignal};
use vigie::watch::site::{Channel, Site};
use vigie::watch::state::State;

use crate::chance::Chance;
use crate::clocks::{Clocks, Simulated};
use crate::devices::Datagram;
use crate::site::MODEMS;
use crate::world::network::parts;
use crate::world::{Shared, Stored};

/// For how long a letter whose receipt was withheld is left alone.
const AGAIN: Duration = Duration::from_secs(5);

/// For so long a message waits for the record to say that it is leaving.
const RECORDING: Duration = Duration::from_secs(2);

/// The living daemon.
pub(crate) struct Life {
    pub(crate) tasks: Tasks,
    pub(crate) inbox: Inbox,
    scribe: Scribe,
    shared: Shared,
    clocks: Clocks,
    /// What is being read off a SIM right now.
    in_hand: Arc<Mutex<Vec<u64>>>,
}

use crate::tasks::Tasks;

/// What a start found on the disk.
pub(crate) struct Found {
    pub(crate) state: State,
    pub(crate) entries: u64,
}

impl Life {
    /// Starts the daemon on what stands at `path`.
    pub(crate) fn begin(
        path: &Path,
        site: Arc<Site>,
        shared: &Shared,
        clocks: &Clocks,
        chance: &mut Chance,
    ) -> (Self, Found) {
        let (journal, mut recovered, scribe) = Journal::open_by_hand(path)
            .unwrap_or_else(|error| panic!("the journal cannot be opened: {error}"));
        let doubts = recovered.doubts();
        assert!(doubts.is_empty(), "a snapshot is not believed: {doubts:?}");
        let (state, replayed) = recover(&mut recovered)
            .unwrap_or_else(|error| panic!("the record cannot be read back: {error}"));
        let head = recovered.head();
        drop(recovered);
        let found = Found { state: state.clone(), entries: head.seq };
        let (door, letters) = inbox();
        let (to_outbox, requests) = errands();
        let machine = Simulated { clocks: clocks.clone(), chance: Mutex::new(chance.another()) };
        let mut sequencer = Sequencer::new(
            Watch::resume(site, state),
            journal,
            head,
            replayed,
            letters,
            to_outbox.clone(),
            machine,
        );
        let mut tasks = Tasks::default();
        tasks.add("outbox", Outbox::new(requests).run());
        tasks.add("sequencer", async move {
            sequencer.begin().await;
            sequencer.run().await;
        });
        for (number, name) in MODEMS.iter().enumerate() {
            let (shared, door, clocks) = (shared.clone(), door.clone(), clocks.clone());
            tasks.add(name, modem(shared, number, door, to_outbox.clone(), clocks));
        }
        let in_hand = Arc::default();
        let life = Self {
            tasks,
            inbox: door,
            scribe,
            shared: shared.clone(),
            clocks: clocks.clone(),
            in_hand,
        };
        (life, found)
    }

    /// Whether the scribe is asked for anything.
    pub(crate) fn is_writing(&self) -> bool {
        self.scribe.is_asked()
    }

    /// The scribe writes the next thing.
    pub(crate) fn write(&mut self) -> bool {
        self.scribe.turn()
    }

    /// A datagram arrives from the LAN.
    pub(crate) fn receive(&mut self, datagram: Datagram) {
        let (inbox, shared, now) = (self.inbox.clone(), self.shared.clone(), self.clocks.moment());
        self.tasks.add("datagram", async move {
            let Datagram { number, signal, inform, .. } = datagram;
            if inbox.post(Happening::Signal(signal), now).await.is_ok() && inform {
                let mut world = shared.world();
                world.tell(|| format!("inform {number} is answered"));
                world.answered.push(number);
            }
        });
    }

    /// What stands on a modem's SIM is taken in; only what the house has on disk is deleted.
    pub(crate) fn sweep(&mut self, modem: usize) {
        let stored: Vec<(u64, Stored)> = {
            let world = self.shared.world();
            let slots = world.modems[modem].sim.iter();
            slots.map(|(slot, stored)| (*slot, stored.clone())).collect()
        };
        for (slot, stored) in stored {
            let in_hand = Arc::clone(&self.in_hand);
            if in_hand.lock().expect("nobody panics here").contains(&slot) {
                continue;
            }
            in_hand.lock().expect("nobody panics here").push(slot);
            let (inbox, shared, now) =
                (self.inbox.clone(), self.shared.clone(), self.clocks.moment());
            self.tasks.add("slot", async move {
                let (happening, identity) = match stored {
                    Stored::Message(message) => {
                        (Happening::Message((*message).clone()), message.signal.identity)
                    }
                    Stored::Report(report) => (Happening::Delivery(report), None),
                };
                let taken = inbox.post(happening, now).await.is_ok();
                in_hand.lock().expect("nobody panics here").retain(|held| *held != slot);
                let mut world = shared.world();
                if taken {
                    world.modems[modem].sim.remove(&slot);
                    world.deleted.extend(identity);
                } else {
                    world.sweep_again(AGAIN, modem);
                }
            });
        }
    }

    /// The front of the house closes: the wires first, then the door.
    pub(crate) fn close(self) -> Closing {
        let Self { mut tasks, inbox, scribe, .. } = self;
        tasks.end_all_but(&["outbox", "sequencer"]);
        drop(inbox);
        Closing { tasks, scribe }
    }
}

/// A daemon that was asked to stop.
pub(crate) struct Closing {
    tasks: Tasks,
    scribe: Scribe,
}

impl Closing {
    /// It finishes its record. At most so many things are written: then it is cut off.
    pub(crate) fn finish(mut self, chance: &mut Chance, at_most: usize) {
        for _ in 0..at_most {
            self.tasks.settle(chance);
            if !self.scribe.turn() {
                assert!(!self.tasks.lives("sequencer"), "the sequencer does not end");
                return;
            }
        }
    }
}

/// A modem: it takes one errand at a time, and tells the watch how it went.
async fn modem(shared: Shared, number: usize, inbox: Inbox, errands: Errands, clocks: Clocks) {
    let name = InputName::new(MODEMS[number]);
    let changed = Arc::clone(&shared.world().modems[number].changed);
    // What was said of it before this life is not known.
    let mut known = None;
    loop {
        let (up, tried) = {
            let world = shared.world();
            (world.modems[number].up, world.modems[number].tried)
        };
        let lost = !up;
        if known != Some((lost, tried)) {
            if lost && known.is_none_or(|(before, _)| !before) {
                errands.give_back(&name).await;
            }
            known = Some((lost, tried));
            let own = if lost {
                let reason = format!("it does not answer, tried {tried} times");
                SelfSignal::raised(SelfAlarm::ModemLost, name.as_str(), &reason)
            } else {
                SelfSignal::cleared(SelfAlarm::ModemLost, name.as_str())
            };
            if inbox.tell(Happening::Own(own), clocks.moment()).await.is_err() {
                return;
            }
        }
        if lost {
            changed.notified().await;
            continue;
        }
        let errand = tokio::select! {
            biased;
            () = changed.notified() => continue,
            errand = errands.next(Channel::Sms, &name) => errand,
        };
        let Some(errand) = errand else { return };
        if !attempt(&shared, number, (&inbox, &errands), &errand, &clocks).await {
            return;
        }
        errands.done(errand.id, &name).await;
    }
}

/// One attempt at a message; false when the house is closed.
async fn attempt(
    shared: &Shared,
    number: usize,
    (inbox, errands): (&Inbox, &Errands),
    errand: &Arc<Notification>,
    clocks: &Clocks,
) -> bool {
    let report = |attempt| {
        Happening::Report(Report { notification: errand.id, by: MODEMS[number].into(), attempt })
    };
    let parts = u8::try_from(parts(&errand.text)).expect("a few");
    let Ok(started) = inbox.put(report(Attempt::Started { parts }), clocks.moment()).await else {
        return false;
    };
    // A message leaves when the record says that it is leaving; but a disk keeps nobody waiting.
    let (id, now) = (errand.id, clocks.moment());
    let needs = async {
        let _ = started.receipt().await;
        inbox.ask(move |watch| watch.needs(id, now)).await.unwrap_or(true)
    };
    let needed = tokio::select! {
        biased;
        needed = needs => needed,
        () = clocks.sleep(RECORDING) => true,
    };
    if !needed || !errands.stands(errand.id, &InputName::new(MODEMS[number])).await {
        return inbox.tell(report(Attempt::Yielded), clocks.moment()).await.is_ok();
    }
    let fate = shared.world().hand_over(number, errand);
    let was_up = shared.world().modems[number].up;
    clocks.sleep(fate.takes).await;
    let outcome = {
        let mut world = shared.world();
        let is_up = world.modems[number].up;
        let attempt = if was_up && is_up { fate.attempt } else { Attempt::Unknown };
        world.sent(number, errand, &attempt);
        attempt
    };
    inbox.tell(report(outcome), clocks.moment()).await.is_ok()
}

/// A place for a journal's files in a folder.
pub(crate) fn store_in(folder: &Path) -> PathBuf {
    folder.join("vigie.db")
}
