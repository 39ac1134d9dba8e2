//! The sequencer: takes what waits in the inbox, one letter after the other, and this is the whole
//! of it: decide, apply, commit once, give the receipts.
//!
//! Nobody outside sees a decision before its commit. When the disk refuses, it goes on from memory
//! (*distress*, behaviour §5): people are called, no receipt is given, and what was decided
//! meanwhile is written down first, in order and marked so, when the disk takes it again.

mod counting;
mod distress;
mod flight;
mod proofs;
mod record;
mod recovery;
mod reserve;
mod retention;
mod round;
mod rows;
mod slowness;
mod snapshot;
mod story;
mod unwritten;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::error;

use crate::changes::Changes;
use crate::errand::{Errands, Order};
use crate::health::road::Counting;
use crate::host::clock::Clock;
use crate::host::log;
use crate::host::machine::Machine;
use crate::inbox::{Letter, Question, Receipt};
use crate::journal::{Head, Journal, Reserve};
use crate::watch::Watch;
use crate::watch::decision::{Decision, Outcome};
use crate::watch::event::{Event, Happening, Start};
use crate::watch::own_alarms::SelfSignal;
use crate::watch::time::{Moment, Mono};

use self::flight::{Commit, Flight, HANGS, landing};
use self::proofs::Proofs;
use self::record::Times;
pub use self::record::is_always_recorded;
pub use self::recovery::{RecoveryError, recover};
use self::retention::Pruning;
use self::round::{After, Round};
use self::slowness::Slowness;
use self::unwritten::Unwritten;

/// So many letters are decided upon together at most.
pub const BATCH: usize = 4_096;
/// Deadlines that fall due together are decided upon in portions of this size, so that letters are
/// not kept waiting behind ten thousand ladders.
const DUE_AT_ONCE: usize = 4_096;
/// So many of Vigie's own findings are followed up from one event.
const OWN_AT_ONCE: usize = 256;

/// The one who decides, in order.
#[derive(Debug)]
pub struct Sequencer<M = Clock> {
    watch: Watch,
    journal: Arc<Journal>,
    flight: Option<Flight>,
    letters: mpsc::Receiver<Letter>,
    outbox: Errands,
    changes: Changes,
    road: Counting,
    machine: M,
    head: Head,
    since_snapshot: u64,
    unwritten: Unwritten,
    /// The first of it was asked for, and the disk has not answered.
    stuck: Option<Commit>,
    /// Whether the disk did not answer when it was asked last.
    hangs: bool,
    /// How long a disk that has refused is waited for when it is tried again.
    patience: Duration,
    /// Those who wait for the disk's word.
    proofs: Proofs,
    /// Why the disk refused, until it is told.
    refused: Option<String>,
    retry: Option<Mono>,
    /// What people know of the journal's reserve.
    reserve: Reserve,
    reserve_due: Option<Mono>,
    slowness: Slowness,
    pruning: Pruning,
}

impl<M: Machine> Sequencer<M> {
    /// A sequencer that goes on from where the journal stands.
    pub fn new(
        watch: Watch,
        journal: Journal,
        head: Head,
        replayed: u64,
        letters: mpsc::Receiver<Letter>,
        outbox: Errands,
        machine: M,
    ) -> Self {
        Self {
            watch,
            reserve: journal.reserve(),
            reserve_due: None,
            slowness: Slowness::default(),
            pruning: Pruning::default(),
            journal: Arc::new(journal),
            flight: None,
            letters,
            outbox,
            changes: Changes::default(),
            road: Counting::default(),
            machine,
            head,
            since_snapshot: replayed,
            unwritten: Unwritten::default(),
            stuck: None,
            hangs: false,
            patience: distress::PATIENCE,
            proofs: Proofs::default(),
            refused: None,
            retry: None,
        }
    }

    /// Those who follow `changes` are told which alarms are no longer as they were.
    #[must_use]
    pub fn telling(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    /// What the watch knows.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Says that the daemon has started and which files are in force, and puts what is owed into
    /// the outbox.
    pub async fn begin(&mut self) {
        let now = self.machine.now();
        let version = Arc::from(env!("CARGO_PKG_VERSION"));
        let mut round = Round::default();
        // What fell due meanwhile waits until the ladders of these files are frozen: an occurrence
        // that opens before would have none, and call nobody.
        let started = self.decide_one(Happening::Started(Start { version }), now, &mut round);
        self.decide_own(started.own, now, &mut round);
        self.decide(Happening::Configured, now, &mut round);
        self.begin_in_peace(now, &mut round);
        self.tell_of_reserve(now, &mut round);
        self.pruning = Pruning::begins(now);
        // What was already owed before comes first; what the start itself owes is in the round.
        let new: Vec<_> = round.after.orders.iter().filter_map(Order::owed).collect();
        let state = self.watch.state();
        let ready = state.notifications().filter(|owed| owed.is_ready()).map(|owed| owed.id);
        let earlier = ready.filter(|owed| !new.contains(owed)).filter_map(|owed| state.owed(owed));
        let earlier: Vec<Order> = earlier.map(Order::Owe).collect();
        round.after.orders.splice(0..0, earlier);
        self.conclude(round).await;
        self.land().await;
    }

    /// Works until the inbox is shut, then says so in the record and lets go of the journal.
    pub async fn run(mut self) {
        let mut letters = Vec::with_capacity(256);
        loop {
            let wake = self.next_wake();
            // In this order: what has landed is told before more is decided. What falls due waits
            // for no letter: each round ends with it.
            tokio::select! {
                biased;
                landed = landing(&mut self.flight) => {
                    self.landed(landed).await;
                    self.tell_of_refusal().await;
                }
                () = self.proofs.hand_on() => {}
                count = self.letters.recv_many(&mut letters, BATCH) => match count {
                    0 => break,
                    _ => self.round(&mut letters).await,
                },
                () = wait(&self.machine, wake) => self.round(&mut letters).await,
            }
        }
        self.end().await;
    }

    /// One round: everything that waits, then everything that is due, in one commit.
    pub async fn round(&mut self, letters: &mut Vec<Letter>) {
        self.mind_proofs().await;
        let mut round = Round::default();
        let mut room = BATCH.saturating_sub(letters.len());
        self.take_letters(letters, &mut round);
        // It cannot take off before the last one has landed: what comes until then goes with it.
        while let Some(hangs) = self.flight_hangs().filter(|_| room > 0) {
            tokio::select! {
                biased;
                landed = landing(&mut self.flight) => self.landed(landed).await,
                () = self.machine.sleep_until(hangs) => self.hang_in_flight().await,
                count = self.letters.recv_many(letters, room) => {
                    if count == 0 {
                        break;
                    }
                    room = room.saturating_sub(count);
                    self.take_letters(letters, &mut round);
                }
            }
        }
        let now = self.machine.now();
        self.mind_reserve(now, &mut round).await;
        self.mind_slowness(now, &mut round);
        self.decide_due(now, DUE_AT_ONCE, &mut round);
        let proofs = std::mem::take(&mut round.proofs);
        self.conclude(round).await;
        // Handed on and not awaited: the writer answers behind what this round has decided.
        self.have_proved(proofs);
        self.snapshot_if_due().await;
        self.prune_if_due().await;
    }

    /// Decides about these letters, in order.
    fn take_letters(&mut self, letters: &mut Vec<Letter>, round: &mut Round) {
        let _lines = log::together();
        for letter in letters.drain(..) {
            match letter {
                Letter::Event { happening, moment, receipt, room } => {
                    let outcome = self.decide(happening, moment, round);
                    round.after.receipts.push((receipt, outcome));
                    round.after.rooms.push(room);
                }
                Letter::Site(site, reloaded, moment) => {
                    self.watch.adopt(site);
                    self.decide(Happening::Reloaded(reloaded), moment, round);
                }
                Letter::Question(question) => round.questions.push(question),
                Letter::Proof(proof) => round.proofs.push(proof),
            }
        }
    }

    /// Decides about one event and what follows from it at once.
    fn decide(&mut self, happening: Happening, now: Moment, round: &mut Round) -> Outcome {
        let decision = self.decide_one(happening, now, round);
        self.decide_own(decision.own, now, round);
        self.decide_due(now, 16, round);
        decision.outcome
    }

    /// Decides about what has fallen due, one thing after the other.
    fn decide_due(&mut self, now: Moment, most: usize, round: &mut Round) {
        for _ in 0..most {
            if self.watch.next_deadline().is_none_or(|due| due > now.mono) {
                return;
            }
            let decision = self.decide_one(Happening::Deadline, now, round);
            self.decide_own(decision.own, now, round);
        }
    }

    /// Decides about what the watch has found out about itself.
    fn decide_own(&mut self, own: Vec<SelfSignal>, now: Moment, round: &mut Round) {
        let mut own = VecDeque::from(own);
        // Bounded: a fault of Vigie's that stands already leads to no other, and none of them to
        // as many as this.
        for _ in 0..OWN_AT_ONCE {
            let Some(signal) = own.pop_front() else { return };
            own.extend(self.decide_one(Happening::Own(signal), now, round).own);
        }
    }

    /// Decides about one event, and takes the decision in.
    fn decide_one(&mut self, happening: Happening, now: Moment, round: &mut Round) -> Decision {
        let event = Event { happening, entropy: self.machine.entropy() };
        let decision = self.watch.decide(&event, now);
        self.count(&event.happening, &decision);
        self.take_in(&event.happening, &decision, round);
        decision
    }

    fn take_in(&mut self, happening: &Happening, decision: &Decision, round: &mut Round) {
        let in_distress = !self.unwritten.is_empty();
        if decision.facts.is_empty() && !record::has_entry(happening, decision, in_distress) {
            return;
        }
        round.touched.before(self.watch.state(), decision);
        self.watch.apply(decision);
        round.touched.after(self.watch.state(), decision);
        round.after.order(self.watch.state(), decision);
        story::tell(self.watch.state(), &round.touched, decision);
        let times = match self.unwritten.missing() {
            0 if !in_distress => Times::Peace,
            0 => Times::Distress,
            _ => Times::Gap,
        };
        if in_distress && !self.unwritten.has_room(happening) {
            if self.unwritten.misses() {
                self.refused = Some(distress::NO_ROOM.to_owned());
            }
            return;
        }
        match record::entry(happening, decision, times) {
            Ok(entry) => {
                if let (true, Happening::Signal(signal)) = (in_distress, happening) {
                    self.unwritten.holds(&signal.input, entry.body.len());
                }
                round.batch.entries.push(entry);
            }
            Err(error) => {
                error!(%error, "a decision could not be written down: please report this");
                // A snapshot holds what it changes.
                self.since_snapshot = snapshot::AT_LAST;
            }
        }
    }

    /// Commits; then, and only then, gives the receipts and wakes the outbox.
    async fn conclude(&mut self, mut round: Round) {
        round.rows(self.watch.state());
        // What was decided in this round comes before what is decided of a refusal.
        self.wait_for_landing().await;
        if !self.unwritten.is_empty() || self.refused.is_some() {
            let questions = std::mem::take(&mut round.questions);
            self.conclude_in_distress(round).await;
            self.answer(questions);
            return;
        }
        self.retry = None;
        if round.batch.entries.is_empty() {
            // Of a decision that could not be written down these are all that anybody hears.
            self.outbox.order(round.after.orders).await;
            give(round.after.receipts);
            self.answer(round.questions);
            return;
        }
        self.take_off(round.batch, round.after).await;
        if !round.questions.is_empty() {
            // What is told of the state is on disk.
            self.land().await;
            self.answer(round.questions);
        }
    }

    fn answer(&self, questions: Vec<Question>) {
        questions.into_iter().for_each(|question| question(&self.watch));
    }

    fn next_wake(&self) -> Option<Mono> {
        let pruning = self.pruning.due();
        let hang = [self.flight_hangs(), self.proofs.hang()].into_iter().flatten().min();
        // In distress no reserve is asked for.
        let reserve = self.reserve_due.filter(|_| self.unwritten.is_empty());
        let own = [self.retry, reserve, self.slowness.due, pruning, hang];
        let dues = std::iter::once(self.watch.next_deadline()).chain(own);
        dues.flatten().min()
    }

    async fn end(mut self) {
        let mut round = Round::default();
        self.decide(Happening::Stopped, self.machine.now(), &mut round);
        let was_well = self.unwritten.is_empty();
        self.patience = HANGS;
        self.retry = None;
        self.conclude(round).await;
        self.land().await;
        if was_well && !self.unwritten.is_empty() {
            // Only now it was refused: now or never.
            self.retry = None;
            self.conclude_in_distress(Round::default()).await;
        }
        self.snapshot().await;
        if !self.unwritten.is_empty() {
            error!(
                lost = self.unwritten.entries(),
                missing = self.unwritten.missing(),
                "what was decided in distress could not be written before the end"
            );
        }
        if self.hangs {
            // Its thread cannot be waited for.
            std::mem::forget(self.journal);
        }
    }
}

fn give(receipts: Vec<(Receipt, Outcome)>) {
    for (receipt, outcome) in receipts {
        receipt.give(outcome);
    }
}

async fn wait(machine: &impl Machine, wake: Option<Mono>) {
    match wake {
        Some(wake) => machine.sleep_until(wake).await,
        None => std::future::pending().await,
    }
}
