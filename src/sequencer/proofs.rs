//! Proofs: who asks whether the road is open as far as the disk, and a disk that hangs while nobody writes.
//!
//! The writer answers behind all that was asked for before. While nothing happens at the site a proof is the first thing that meets a disk that
//! hangs: one that is not answered for [`HANGS`] is as good as a write that does not land, and those who asked are answered here.

use std::collections::VecDeque;
use std::io;

use tokio::sync::oneshot;

use super::Sequencer;
use super::flight::{HANGS, HUNG};
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

    /// Hands on the next word of the writer; without anybody who waits for one, never.
    pub(super) async fn hand_on(&mut self) {
        let Some(asked) = self.0.front_mut() else { return std::future::pending().await };
        let answer = (&mut asked.answer).await;
        if let (Some(asked), Ok(answer)) = (self.0.pop_front(), answer) {
            let _ = asked.proof.send(answer);
        }
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
        let now = self.machine.now().mono;
        if self.proofs.hang().is_none_or(|hangs| hangs > now) {
            return;
        }
        self.proofs.give_up();
        if self.flight.is_some() {
            self.hangs().await;
        } else {
            self.refused = Some(HUNG.to_owned());
        }
        self.tell_of_refusal().await;
    }
}

fn refuse(proof: Proof) {
    let _ = proof.send(Err(io::Error::other("the record cannot be written")));
}
