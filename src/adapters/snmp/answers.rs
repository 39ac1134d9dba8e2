//! The answers to informs, each given once its signal is on disk.
//!
//! Receipts come in the order in which letters were put in, so what is owed stands in a queue. A
//! receipt that is withheld means that the signal was not accepted: its sender hears nothing, and
//! sends it again. Receipts that came by one commit are answered by one call, for a call and a sender
//! that wakes up for each answer cost more than the answer.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tracing::warn;

use super::counts::{self, Discreet, MINUTE};
use super::desk::Envelope;
use super::socket::Socket;
use crate::health::Pulse;
use crate::inbox::{Awaited, Withheld, not_received};
use crate::watch::decision::Outcome;
use crate::watch::name::InputName;

/// So many answers are given by one call at most.
const TOGETHER: usize = 64;
/// What is given together waits so long for room in the kernel; what finds none is not given: those behind it would come too
/// late as well.
const PATIENCE: Duration = Duration::from_secs(1);

/// An answer that is owed.
pub(super) struct Owed<'s> {
    /// Where the receipt will come.
    pub(super) receipt: Awaited,
    /// The answer, and to whom it goes.
    pub(super) answer: Answer<'s>,
}

/// An answer.
pub(super) struct Answer<'s> {
    /// What it says.
    pub(super) octets: Vec<u8>,
    /// The socket by which the inform came.
    pub(super) socket: &'s Socket,
    /// Who sent it, and to which of our addresses.
    pub(super) envelope: Envelope,
}

/// Gives what is owed, until the queue is closed and empty.
pub(super) async fn give(owed: mpsc::Receiver<Owed<'_>>, input: &InputName, pulse: &Pulse) {
    let mut counter = Counter { owed, next: None, input, pulse, complaint: Discreet::default() };
    let mut minute = interval(MINUTE);
    minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = minute.tick() => counter.minute(),
            first = counter.next() => {
                let Some(first) = first else { return };
                let answers = counter.settled(first).await;
                counter.give(&answers).await;
            }
        }
    }
}

/// Where answers are given out.
struct Counter<'c, 's> {
    owed: mpsc::Receiver<Owed<'s>>,
    /// The first of those whose receipt has not come.
    next: Option<Owed<'s>>,
    input: &'c InputName,
    pulse: &'c Pulse,
    complaint: Discreet,
}

impl<'s> Counter<'_, 's> {
    /// The next that is owed. May be dropped and asked again.
    async fn next(&mut self) -> Option<Owed<'s>> {
        match self.next.take() {
            Some(next) => Some(next),
            None => self.owed.recv().await,
        }
    }

    /// Waits for the receipt of the first; with it the answers of those behind whose receipts are there as well.
    async fn settled(&mut self, first: Owed<'s>) -> Vec<Answer<'s>> {
        let mut answers = Vec::with_capacity(TOGETHER);
        answers.extend(self.settle(first.receipt.receipt().await, first.answer));
        while answers.len() < TOGETHER
            && let Ok(mut next) = self.owed.try_recv()
        {
            match next.receipt.receipt_now() {
                Some(receipt) => answers.extend(self.settle(receipt, next.answer)),
                None => {
                    self.next = Some(next);
                    break;
                }
            }
        }
        answers
    }

    /// The answer, if its receipt allows it.
    fn settle(
        &mut self,
        receipt: Result<Outcome, Withheld>,
        answer: Answer<'s>,
    ) -> Option<Answer<'s>> {
        let Some(why) = not_received(receipt) else { return Some(answer) };
        self.unanswered(&answer, &why);
        None
    }

    /// Gives answers: those that leave by one socket and from one address of ours together.
    async fn give(&mut self, answers: &[Answer<'s>]) {
        let alike = |one: &Answer<'_>, other: &Answer<'_>| {
            std::ptr::eq(one.socket, other.socket) && one.envelope.to == other.envelope.to
        };
        let until = Instant::now() + PATIENCE;
        for mut rest in answers.chunk_by(alike) {
            while let [first, behind @ ..] = rest {
                let sent = if behind.is_empty() { 0 } else { together(first, rest) };
                if let Some(unsent) = rest.get(sent..).filter(|_| sent > 0) {
                    self.pulse.add(counts::ANSWERED, u64::try_from(sent).unwrap_or(u64::MAX));
                    rest = unsent;
                } else {
                    // Alone it waits for room, and says why it cannot be sent.
                    self.give_one(first, until).await;
                    rest = behind;
                }
            }
        }
    }

    async fn give_one(&mut self, answer: &Answer<'s>, until: Instant) {
        let Answer { octets, socket, envelope } = answer;
        match timeout_at(until, socket.answer(octets, envelope)).await {
            Ok(Ok(())) => self.pulse.count(counts::ANSWERED),
            Ok(Err(error)) => {
                self.unanswered(answer, &format!("the answer could not be sent: {error}"))
            }
            Err(_) => self
                .unanswered(answer, "the answer could not be sent: what went before is not gone"),
        }
    }

    fn unanswered(&mut self, answer: &Answer<'s>, why: &str) {
        self.pulse.count(counts::UNANSWERED);
        if self.complaint.happened() {
            let source = answer.envelope.from.ip();
            warn!(input = %self.input, %source, %why, "an inform was not answered: its sender will repeat it");
        }
    }

    fn minute(&mut self) {
        if let Some(count) = self.complaint.minute() {
            warn!(input = %self.input, count, "more informs were not answered within the last minute");
        }
    }
}

/// How many of these went by one call; none if the first did not.
fn together(first: &Answer<'_>, answers: &[Answer<'_>]) -> usize {
    let each = answers.iter().map(|answer| (&*answer.octets, answer.envelope.from));
    first.socket.answer_together(each, first.envelope.to).unwrap_or(0)
}
