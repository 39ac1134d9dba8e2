//! Proofs: who asks whether the road is open as far as the disk, and a disk that hangs while nobody writes.
//!
//! The writer answers behind all that was asked for before. While nothing happens at the site a proof is the first thing that meets a disk that
//! hangs: one that is not answered for [`HANGS`] is as good as a write that does not land, and those who asked are answered here.

use std::collections::VecDeque;
use std::io;

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::flight::{DiskError, HANGS, HUNG, before};
use super::{Sequencer, distress};
use crate::host::machine::Machine;
use crate::inbox::Proof;
use crate::watch::time::Mono;

/// Those who wait for the writer's word, in the order in which it was asked.
#[derive(Debug, Default)]
pub(super) struct Proofs(VecDeque<Asked>);

#[derive(Debug)]
struct Asked {
    since: Mono,
    proof: Proof,
    answer: oneshot::Receiver<io::Result<()>>,
}

impl Proofs {
    /// When the disk is taken for one that hangs, if it has proved nothing by then.
    pub(super) fn hang(&self) -> Option<Mono> {
        self.0.front().map(|asked| asked.since.after(HANGS))
    }

    /// The disk hangs, or is known to refuse: nobody waits for it.
    pub(super) fn give_up(&mut self) {
        self.0.drain(..).for_each(|asked| refuse(asked.proof));
    }

    fn is_overdue(&self, now: Mono) -> bool {
        self.hang().is_some_and(|hangs| hangs <= now)
    }

    /// Hands on what the writer has said already.
    fn hand_on_what_came(&mut self) {
        while let Some(asked) = self.0.front_mut() {
            let answer = match asked.answer.try_recv() {
                Err(TryRecvError::Empty) => return,
                answered => answered.ok(),
            };
            self.hand_over(answer);
        }
    }

    /// The first of them has its word; `None`: there is no writer any more who could give one.
    fn hand_over(&mut self, answer: Option<io::Result<()>>) {
        if let (Some(asked), Some(answer)) = (self.0.pop_front(), answer) {
            let _ = asked.proof.send(answer);
        }
    }

    /// Hands on the next word of the writer; without anybody who waits for one, never.
    pub(super) async fn hand_on(&mut self) {
        let Some(asked) = self.0.front_mut() else { return std::future::pending().await };
        let answer = (&mut asked.answer).await;
        self.hand_over(answer.ok());
    }
}

impl<M: Machine> Sequencer<M> {
    /// Has the writer prove that the disk is reached, behind what this round has decided. In distress everybody knows how the disk is.
    pub(super) fn have_proved(&mut self, proofs: Vec<Proof>) {
        for proof in proofs {
            if self.unwritten.is_empty() {
                let (word, answer) = oneshot::channel();
                self.journal.prove(word);
                self.proofs.0.push_back(Asked { since: self.machine.now().mono, proof, answer });
            } else {
                refuse(proof);
            }
        }
    }

    /// A disk that has not proved for too long that it is reached is one that refuses, whatever is under way to it.
    pub(super) async fn mind_proofs(&mut self) {
        self.proofs.hand_on_what_came();
        if !self.proofs.is_overdue(self.machine.now().mono) {
            return;
        }
        // A machine that was suspended has shown it no time.
        let limit = self.machine.now().mono.after(distress::PATIENCE);
        let _ = before(&self.machine, limit, self.proofs.hand_on()).await;
        self.proofs.hand_on_what_came();
        if !self.proofs.is_overdue(self.machine.now().mono) {
            return;
        }
        if self.flight.is_some() {
            self.hang_in_flight().await;
        } else {
            self.does_not_answer();
        }
    }

    /// The disk has not answered to something: it is one that refuses, as whoever concludes tells, and nobody waits for its word.
    pub(super) fn does_not_answer(&mut self) {
        self.hangs = true;
        self.proofs.give_up();
        self.refused = Some(HUNG.to_owned());
    }

    /// Something between two rounds was not done: where the disk hangs, that is told at once.
    pub(super) async fn tell_if_it_hangs(&mut self, error: &DiskError) {
        if let DiskError::Hangs = error {
            self.does_not_answer();
            self.tell_of_refusal().await;
        }
    }
}

fn refuse(proof: Proof) {
    let _ = proof.send(Err(io::Error::other("the record cannot be written")));
}
