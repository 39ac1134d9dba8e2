//! What sirens, lamps and life relays show: the alarms that are on disk, looked at through what each output is for.
//!
//! One task for all devices follows the alarms and says what each output is to show; whoever has the device sets it. It
//! shows what was committed, and while the store refuses writes what counts in distress. It changes no alarm: the presses
//! of buttons go into the inbox like every other command.
//!
//! When things go wrong: where the sequencer does not answer, sirens and lamps stay as they are and life relays drop; after
//! a panic of this task everything that is unacknowledged is new once more. In doubt, it sounds.
//!
//! # Decision (2026-11-27): what is new is a passage to unacknowledged, and is not remembered across a restart
//!
//! The number of an occurrence with that of the run of its ladder names one passage to unacknowledged: a repeat is not
//! new; an alarm that comes back after an acknowledgement, or whose acknowledgement expires, is. What an output did not
//! show before, because it was of a lower priority, is new to it. After a restart a silenced siren sounds again: a
//! needless sound costs somebody a walk. Rejected: silence as a part of the watch's state, which would bind the record
//! for good to a thing that no alarm depends on.
//!
//! # Decision (2026-11-27): a life relay holds on a lease
//!
//! Every two seconds the watch is asked whether the store takes writes. Each yes lets the relay hold for ten seconds from
//! when it was asked, and whoever has the device drops it when they are over: neither a sequencer nor a task that hangs
//! can keep it. A process that is stopped as a whole drops nothing: for that there is `blink`, and a watchdog relay
//! outside that wants it. Rejected: letting it drop when the task says so, which a task that hangs does not.

mod board;
mod presses;
mod tally;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, watch};

use crate::changes::{Changed, Changes};
use crate::config::{ContactsSettings, OutputSettings, Shows};
use crate::health::Ended;
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox, Withheld};
use crate::watch::Watch;
use crate::watch::alarm::AlarmNumber;
use crate::watch::event::Happening;
use crate::watch::name::InputName;
use crate::watch::own_alarms::{RECORD, SelfAlarm, SelfSignal};
use crate::watch::time::Mono;

use board::Board;
pub(super) use board::Sign;
pub(super) use presses::Press;
use tally::{Counted, counted};

/// What the task is called where its death is told.
pub const TASK: &str = "contacts";

/// How often the watch is asked whether it lives.
const ASKED_EVERY: Duration = Duration::from_secs(2);
/// What changes within this time is asked for together.
const TOGETHER: Duration = Duration::from_millis(20);
/// Everything is looked at no more often.
const WHOLE_EVERY: Duration = Duration::from_secs(1);
/// For each alarm of an answer, the next question waits so long as well: in a flood the sequencer has better to do.
const EACH: Duration = Duration::from_micros(10);
/// So many presses wait at most: nobody presses faster than they are taken.
const PRESSES: usize = 16;

/// What the outputs and buttons of all devices need of each other, for as long as the house is open: the task that shows them may
/// be another when the files are, and a device that stays as it was does not notice.
#[derive(Debug)]
pub struct Switchboard {
    signs: BTreeMap<InputName, watch::Sender<Vec<Sign>>>,
    silences: watch::Sender<u64>,
    pressed: mpsc::Sender<Press>,
    /// A lock, because two lives that follow each other share it; it is held for a life.
    presses: Arc<Mutex<mpsc::Receiver<Press>>>,
}

/// The outputs and buttons of all devices.
#[derive(Debug)]
pub struct Outputs {
    /// The outputs of all devices, and of which device each is.
    of: Vec<(OutputSettings, usize)>,
    signs: Vec<watch::Sender<Vec<Sign>>>,
    silences: watch::Sender<u64>,
    presses: Arc<Mutex<mpsc::Receiver<Press>>>,
    have_buttons: bool,
}

/// What whoever has a device is given of it.
#[derive(Clone, Debug)]
pub struct Ends {
    /// Empty until it is known what is to be shown.
    pub(super) signs: watch::Receiver<Vec<Sign>>,
    silences: watch::Sender<u64>,
    presses: mpsc::Sender<Press>,
}

impl Default for Switchboard {
    fn default() -> Self {
        let (pressed, presses) = mpsc::channel(PRESSES);
        let (silences, _) = watch::channel(0);
        Self { signs: BTreeMap::new(), silences, pressed, presses: Arc::new(Mutex::new(presses)) }
    }
}

impl Switchboard {
    /// The end of a device that is about to be opened: what it was shown before does not hold for it.
    pub fn end(&mut self, device: &InputName) -> Ends {
        let (shown, signs) = watch::channel(Vec::new());
        self.signs.insert(device.clone(), shown);
        Ends { signs, silences: self.silences.clone(), presses: self.pressed.clone() }
    }

    /// The outputs of these devices, each of which has its end; others are shown nothing any more.
    pub fn outputs<'d>(
        &mut self,
        devices: impl IntoIterator<Item = &'d ContactsSettings>,
    ) -> Outputs {
        let mut former = std::mem::take(&mut self.signs);
        let (mut of, mut signs, mut have_buttons) = (Vec::new(), Vec::new(), false);
        for (place, device) in devices.into_iter().enumerate() {
            of.extend(device.outputs.iter().map(|output| (output.clone(), place)));
            have_buttons |= device.contacts.iter().any(|contact| contact.button.is_some());
            let shown = former.remove(&device.name).unwrap_or_default();
            signs.push(shown.clone());
            self.signs.insert(device.name.clone(), shown);
        }
        let (silences, presses) = (self.silences.clone(), Arc::clone(&self.presses));
        Outputs { of, signs, silences, presses, have_buttons }
    }
}

impl Outputs {
    /// Whether there is neither an output nor a button, and so nothing to be done.
    pub fn is_idle(&self) -> bool {
        self.of.is_empty() && !self.have_buttons
    }
}

/// Follows the alarms and does what buttons ask, until the house closes.
pub async fn run(
    outputs: Arc<Outputs>,
    changes: Changes,
    inbox: Inbox,
    clock: Clock,
    mut closing: Closing,
) -> Ended {
    let begun = SelfSignal::cleared(SelfAlarm::InputLost, TASK);
    let _ = inbox.tell(Happening::Own(begun), clock.now()).await;
    let following = follow(&outputs, &changes, &inbox, clock);
    let pressing = presses::take(&outputs.presses, &inbox);
    let withheld = tokio::select! {
        () = closing.closing() => Withheld,
        Err(withheld) = following => withheld,
        Err(withheld) = pressing => withheld,
        else => Withheld,
    };
    Ended { alarm: SelfAlarm::InputLost, reason: withheld.to_string() }
}

/// What the watch has answered.
struct Answer {
    /// When it was asked.
    asked: Mono,
    /// Whether the record can be written.
    writes: bool,
    alarms: Vec<(AlarmNumber, Option<Counted>)>,
    /// Whether what is not among them is counted no more.
    is_whole: bool,
}

type Asking<'i> = Pin<Box<dyn Future<Output = Result<Answer, Withheld>> + Send + 'i>>;

async fn follow(
    outputs: &Outputs,
    changes: &Changes,
    inbox: &Inbox,
    clock: Clock,
) -> Result<(), Withheld> {
    let shows: Arc<[Shows]> = outputs.of.iter().map(|(output, _)| output.shows.clone()).collect();
    let has_relay = shows.contains(&Shows::Alive);
    let mut board = Board::new(outputs.of.iter().map(|(output, _)| output), clock.now().mono);
    let mut follower = changes.follow();
    let mut silences = outputs.silences.subscribe();
    let mut asking: Option<Asking<'_>> = None;
    let now = clock.now().mono;
    let (mut next_look, mut next_question) = (now, now);
    if outputs.of.is_empty() {
        return std::future::pending().await;
    }
    loop {
        let now = clock.now().mono;
        if let Some(signs) = board.signs(now) {
            outputs.show(signs);
        }
        let looks = asking.is_none() && next_look <= now;
        let question = has_relay.then_some(next_question);
        let wake = [board.due(), question, (!looks).then_some(next_look)];
        let wake = wake.into_iter().flatten().filter(|wake| asking.is_none() || *wake > now).min();
        tokio::select! {
            biased;
            answer = answered(&mut asking) => {
                asking = None;
                let (answer, now) = (answer?, clock.now().mono);
                let many = u32::try_from(answer.alarms.len()).unwrap_or(u32::MAX);
                let pause = if answer.is_whole { WHOLE_EVERY } else { TOGETHER };
                next_look = now.after(pause.saturating_add(EACH.saturating_mul(many)));
                board.take(answer.alarms, answer.is_whole, now);
                board.lives(answer.asked, answer.writes);
            }
            // Who holds the other end is this very task.
            Ok(()) = silences.changed() => board.silence(clock.now().mono),
            changed = follower.next(), if looks => {
                let (changed, now) = (changed.ok_or(Withheld)?, clock.now().mono);
                asking = Some(ask(inbox, Some(changed), Arc::clone(&shows), now));
                next_question = now.after(ASKED_EVERY);
            }
            () = sleep_until(clock, wake) => {
                let now = clock.now().mono;
                if has_relay && asking.is_none() && next_question <= now {
                    asking = Some(ask(inbox, None, Arc::clone(&shows), now));
                    next_question = now.after(ASKED_EVERY);
                }
            }
        }
    }
}

impl Outputs {
    /// Hands each device what its outputs are to show; a lease that is prolonged wakes nobody.
    fn show(&self, signs: Vec<Sign>) {
        for (place, shown) in self.signs.iter().enumerate() {
            let of_device = self.of.iter().zip(&signs).filter(|((_, device), _)| *device == place);
            let next: Vec<Sign> = of_device.map(|(_, sign)| sign.clone()).collect();
            shown.send_if_modified(|now| {
                let is_first = now.len() != next.len();
                let is_other =
                    is_first || now.iter().zip(&next).any(|(now, next)| !now.looks_like(next));
                *now = next;
                is_other
            });
        }
    }
}

/// Asks what these alarms are now, and whether the record can be written.
fn ask(inbox: &Inbox, changed: Option<Changed>, shows: Arc<[Shows]>, asked: Mono) -> Asking<'_> {
    let question = move |watch: &Watch| {
        let state = watch.state();
        let (alarms, is_whole) = match changed {
            None => (Vec::new(), false),
            Some(Changed::Alarms(numbers)) => {
                let now = |number: &AlarmNumber| state.alarm_numbered(*number);
                let of = |number| (number, now(&number).and_then(|alarm| counted(&shows, alarm)));
                (numbers.into_iter().map(of).collect(), false)
            }
            Some(Changed::Everything) => {
                let all = state.standing().map(|(alarm, _)| (alarm.number, counted(&shows, alarm)));
                (all.filter(|(_, counted)| counted.is_some()).collect(), true)
            }
        };
        let writes = !state.stands(SelfAlarm::Store, RECORD);
        Answer { asked, writes, alarms, is_whole }
    };
    Box::pin(inbox.ask(question))
}

async fn answered(asking: &mut Option<Asking<'_>>) -> Result<Answer, Withheld> {
    match asking {
        Some(asking) => asking.await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(clock: Clock, wake: Option<Mono>) {
    match wake {
        Some(wake) => tokio::time::sleep(clock.until(wake)).await,
        None => std::future::pending().await,
    }
}

impl Ends {
    /// Somebody has pressed a button; false where too many presses wait.
    pub(super) fn press(&self, press: Press) -> bool {
        if press.silences() {
            self.silences.send_modify(|silences| *silences = silences.wrapping_add(1));
        }
        self.presses.try_send(press).is_ok()
    }

    /// Of a device without outputs, whose buttons nobody hears.
    pub fn none() -> Self {
        let (silences, _) = watch::channel(0);
        Self { signs: watch::channel(Vec::new()).1, silences, presses: mpsc::channel(1).0 }
    }
}

#[cfg(test)]
mod tests;
