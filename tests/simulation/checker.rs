//! The checker: it knows what went in and what came out, and the contract; of the house's inside it
//! knows nothing. Each complaint begins with the promise that was broken.
//!
//! | rule | from |
//! |---|---|
//! | nothing is lost: what was answered, deleted from a SIM or once read on the record stays there | product 1 |
//! | nothing is said that is not on the record, but in distress | product 1, behaviour §5 |
//! | somebody is called: no alarm that needs a person is silent for longer than its ladder allows | product 2 |
//! | who declined is asked again where nobody else is left (`model::ladder`) | product 2 |
//! | nobody is called needlessly: no call after an acknowledgement, none to who declined or holds it | behaviour §4 |
//! | the worst leaves first | behaviour §5 |
//! | a code is one person's, for one occurrence and one run | behaviour §6 |
//! | what was sent is not sent again; what is owed leaves while a modem has nothing else to do | behaviour §5 |
//! | the board is what the contract says it must be (`model`) | behaviour §2, §3, §6 |
//! | the calls are those of the ladder (`model::ladder`) | behaviour §4 |
//! | replay is the state; snapshot and rest are the whole | house, "The heart" |
//! | in the morning nothing stands | product 2 |

mod silence;
mod wanted;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use vigie::board::AlarmView;
use vigie::watch::alarm::{Occurrence, OccurrenceNumber};
use vigie::watch::decision::Fact;
use vigie::watch::event::Happening;
use vigie::watch::notification::{Notification, NotificationId, Purpose};
use vigie::watch::own_alarms::RECORD;
use vigie::watch::signal::Identity;
use vigie::watch::state::State;
use vigie::watch::time::Moment;

use self::silence::Silence;
use self::wanted::{wants, wants_another};
use crate::clocks::At;
use crate::life::Found;
use crate::model::{Model, Tally};
use crate::people::asked;
use crate::record::{Record, same};
use crate::site::Plan;
use crate::world::{Said, Spare};

/// What the control room sees when it looks.
pub(crate) struct Seen {
    pub(crate) board: Vec<AlarmView>,
    /// Now and then everything, to be held against the record.
    pub(crate) state: Option<State>,
}

/// What a code was said to stand for.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Bound {
    person: String,
    occurrence: OccurrenceNumber,
    run: u32,
}

pub(crate) struct Checker {
    plan: Plan,
    record: Record,
    model: Model,
    read: usize,
    /// How much of it was read when somebody last looked at everything.
    looked: usize,
    /// Notifications that the record holds: what they say, and to whom.
    owed: BTreeMap<u64, (String, String)>,
    sent: BTreeSet<u64>,
    signals: BTreeSet<u64>,
    messages: BTreeSet<Identity>,
    codes: BTreeMap<String, Bound>,
    /// Occurrences about which anybody was ever called.
    called: BTreeSet<OccurrenceNumber>,
    /// Occurrences for which nobody was to be called when the house was last at rest.
    quiet: BTreeSet<OccurrenceNumber>,
    /// What waited for a modem when the house was last at rest.
    ready: BTreeSet<NotificationId>,
    disk: Disk,
    silence: Silence,
}

/// How the disk is, as far as an outsider knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Disk {
    Well,
    MayRefuse,
    /// It takes writes again; what was decided meanwhile may not be on the record yet.
    Recovering,
}

impl Checker {
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            model: Model::new(plan.clone()),
            plan,
            record: Record::default(),
            read: 0,
            looked: 0,
            owed: BTreeMap::new(),
            sent: BTreeSet::new(),
            signals: BTreeSet::new(),
            messages: BTreeSet::new(),
            codes: BTreeMap::new(),
            called: BTreeSet::new(),
            quiet: BTreeSet::new(),
            ready: BTreeSet::new(),
            disk: Disk::Well,
            silence: Silence::default(),
        }
    }

    pub(crate) fn starts(&mut self, path: &Path, found: &Found, plan: &Plan) {
        self.disk = Disk::Well;
        self.record.open(path);
        self.catch_up();
        self.plan = plan.clone();
        self.model.starts(plan);
        // What was said in distress and died with the daemon is nobody's code any more.
        let fold = &self.record.fold;
        self.codes.retain(|code, bound| {
            let open = fold.occurrence(bound.occurrence);
            let lives = open.and_then(|open| open.code_of(&bound.person.as_str().into()));
            lives.is_some_and(|known| known.to_string() == *code)
        });
        assert_eq!(
            u64::try_from(self.record.lines.len()).expect("not so many"),
            found.entries,
            "[nothing is lost]"
        );
        same(&found.state, &self.record.fold, "snapshot and rest are the whole");
        self.silence = Silence::default();
    }

    pub(crate) fn dies(&mut self) {
        self.catch_up();
        self.record.close();
        self.ready.clear();
        self.nobody_is_home();
    }

    pub(crate) fn adopts(&mut self, plan: &Plan) {
        self.plan = plan.clone();
        self.model.adopt(plan);
    }

    pub(crate) fn nobody_is_home(&mut self) {
        self.silence.spare_since = None;
        self.silence.tried_since = None;
    }

    pub(crate) fn the_disk_may_refuse(&mut self) {
        self.disk = Disk::MayRefuse;
    }

    pub(crate) fn the_disk_is_well(&mut self) {
        if self.disk == Disk::MayRefuse {
            self.disk = Disk::Recovering;
        }
    }

    pub(crate) fn entries(&self) -> u64 {
        u64::try_from(self.record.lines.len()).expect("not so many")
    }

    /// Something came out of the house: it must be on the record by now.
    pub(crate) fn came_out(
        &mut self,
        said: VecDeque<Said>,
        answered: &[u64],
        deleted: &[Identity],
    ) {
        self.catch_up();
        for number in answered {
            assert!(
                self.signals.contains(number),
                "[nothing is lost] inform {number} was answered and is not on the record"
            );
        }
        for identity in deleted {
            assert!(
                self.messages.contains(identity),
                "[nothing is lost] a message was deleted from the SIM and is not on the record: {identity:?}"
            );
        }
        for Said { notification, .. } in &said {
            self.ready.remove(&notification.id);
        }
        for Said { at, by, notification } in said {
            if self.disk == Disk::Well {
                self.is_the_worst(&notification, by);
                self.may_be_said(&notification);
            }
            self.code_is_its_own(&notification);
            self.silence.owed.insert(notification.id.0, at);
            for member in notification.about().filter(|_| is_call(&notification)) {
                self.silence.since.insert(member.occurrence, at);
                self.called.insert(member.occurrence);
            }
        }
    }

    fn may_be_said(&self, owed: &Notification) {
        let id = owed.id.0;
        let known = self.owed.get(&id);
        let Some((phone, text)) = known else {
            panic!("[nothing is said that is not on the record] {id}: {:?}", owed.text);
        };
        assert_eq!(
            (phone.as_str(), text.as_str()),
            (owed.phone.as_str(), &*owed.text),
            "[nothing is said that is not on the record]"
        );
        assert!(
            !self.sent.contains(&id),
            "[what was sent is not sent again] {id}: {:?}",
            owed.text
        );
        if !is_call(owed) {
            return;
        }
        let wanted = |occurrence| {
            self.record.fold.occurrence(occurrence).is_some_and(|open| wants(open, owed))
        };
        let about: Vec<_> = owed.about().map(|member| member.occurrence).collect();
        assert!(!about.is_empty(), "a call is about something");
        assert!(
            about.iter().any(|occurrence| wanted(*occurrence) || !self.quiet.contains(occurrence)),
            "[nobody is called needlessly] {id} to {}: {:?}; {about:?}",
            owed.person,
            owed.text
        );
    }

    /// What waited already when the house was last at rest, and still does, is no worse; unless it
    /// failed on this very modem, and waits for another.
    fn is_the_worst(&self, owed: &Notification, by: &str) {
        for id in &self.ready {
            let waits = self.record.fold.notification(*id).filter(|waits| waits.is_ready());
            let worse = waits.filter(|waits| waits.priority > owed.priority);
            let worse =
                worse.filter(|waits| waits.avoid.as_ref().is_none_or(|avoid| avoid.as_str() != by));
            assert!(worse.is_none(), "[the worst leaves first] {owed:?} left before {worse:?}");
        }
    }

    fn code_is_its_own(&mut self, owed: &Notification) {
        let Some(asked) = asked(&owed.text) else { return };
        let Some(occurrence) = owed.occurrence else { return };
        let run = self.record.fold.occurrence(occurrence).map_or(0, |open| open.run);
        let new = Bound { person: owed.person.to_string(), occurrence, run };
        if let Some(old) = self
            .codes
            .get(&asked.code)
            .filter(|old| old.occurrence != new.occurrence || old.person != new.person)
        {
            let open = self.record.fold.occurrence(old.occurrence);
            let lives = open.is_some_and(|open| open.run == old.run);
            assert!(!lives, "[a code is one person's] {} was {old:?} and is {new:?}", asked.code);
        }
        self.codes.insert(asked.code, new);
    }

    /// Reads what is new on the record.
    fn catch_up(&mut self) {
        self.record.read();
        while let Some(line) = self.record.lines.get(self.read) {
            self.read += 1;
            match &line.event {
                Happening::Signal(signal) => {
                    let number = signal
                        .text
                        .strip_prefix("signal ")
                        .and_then(|number| number.parse::<u64>().ok());
                    self.signals.extend(number);
                }
                Happening::Message(message) => self.messages.extend(message.signal.identity),
                _ => {}
            }
            for fact in &line.facts {
                match fact {
                    Fact::Owed { notification } => {
                        let said = (notification.phone.to_string(), notification.text.to_string());
                        self.owed.insert(notification.id.0, said);
                    }
                    Fact::Sent { notification, .. } => {
                        self.sent.insert(notification.0);
                    }
                    // Somebody was wanted since the last rest: a call may leave before what takes it back is on disk.
                    Fact::Staged { occurrence, stage, .. } if stage.is_unacknowledged() => {
                        self.quiet.remove(occurrence);
                    }
                    _ => {}
                }
            }
            self.model.reads(line);
        }
    }

    /// Whether the record has grown since the last look, or cannot be trusted to have.
    pub(crate) fn has_news(&mut self) -> bool {
        self.catch_up();
        self.disk != Disk::Well || self.looked != self.read
    }

    /// Nothing has happened; time goes on.
    pub(crate) fn waits(&mut self, at: At, spare: Spare) {
        self.somebody_is_called(at, spare);
    }

    /// Looks at everything, while the house is at rest.
    pub(crate) fn look(&mut self, seen: &Seen, at: At, moment: Moment, spare: Spare) {
        self.catch_up();
        self.looked = self.read;
        // Not what is told of its reserve.
        let distress = seen.board.iter().any(|alarm| {
            (alarm.definition.as_str(), &*alarm.key) == ("store", RECORD)
                && (alarm.state.as_str() == "unacknowledged"
                    || alarm.state.as_str() == "acknowledged")
        });
        if self.disk == Disk::Recovering && !distress {
            self.disk = Disk::Well;
        }
        if self.disk == Disk::Well {
            self.model.rests(moment);
            self.model.hold_against(&seen.board);
            if let Some(state) = &seen.state {
                same(state, &self.record.fold, "replay is the state");
            }
            self.quiet = self.nobody_is_wanted();
            let owed = self.record.fold.notifications();
            self.ready = owed.filter(|owed| owed.is_ready()).map(|owed| owed.id).collect();
            self.somebody_is_called(at, spare);
        }
    }

    /// The open occurrences for which nobody is to be called, and those that are closed.
    fn nobody_is_wanted(&self) -> BTreeSet<OccurrenceNumber> {
        let fold = &self.record.fold;
        let quiet = |open: &Occurrence| !open.unacknowledged() && !wants_another(&open.stage);
        let called = self.called.iter().copied();
        called.filter(|number| fold.occurrence(*number).is_none_or(quiet)).collect()
    }

    /// What somebody at the keyboard may act on.
    pub(crate) fn standing(&self) -> Vec<OccurrenceNumber> {
        self.record.fold.standing().map(|(_, open)| open.number).collect()
    }

    /// What a person has taken out of service, and nobody has returned.
    pub(crate) fn out_of_service(&self) -> Vec<(String, Option<String>)> {
        self.model.out_of_service()
    }

    pub(crate) fn tally(&self) -> Tally {
        self.model.tally()
    }

    pub(crate) fn latched(&self) -> Vec<OccurrenceNumber> {
        let latched =
            self.record.fold.standing().filter(|(_, open)| open.latched && !open.unacknowledged());
        latched.map(|(_, open)| open.number).collect()
    }

    /// Everybody has done what they should, and nothing has failed for hours.
    pub(crate) fn it_is_morning(&mut self) {
        self.catch_up();
        let standing: Vec<String> = self
            .record
            .fold
            .standing()
            .filter(|(alarm, open)| {
                self.enough_are_left(open)
                    && self.somebody_can_be_asked(open)
                    && alarm.definition.as_str() != "nobody"
            })
            .map(|(alarm, open)| format!("{}: {open:#?}", alarm.tag()))
            .collect();
        assert!(standing.is_empty(), "[in the morning nothing stands] {}", standing.join("\n"));
    }

    pub(crate) fn prove(&mut self, path: &Path) {
        self.record.prove(path);
        self.record.close();
    }
}

fn is_call(owed: &Notification) -> bool {
    owed.purpose == Purpose::Call
}
