//! Reactions: what follows from what the modem says unasked.

use std::time::Duration;

use super::flight::Head;
use super::unsolicited::Unsolicited;
use super::{Dialogue, Event, NotSubmitted, Stage};

/// A modem may say several things while it starts; within this time they are one restart.
const ONE_RESTART: Duration = Duration::from_secs(60);

impl Dialogue {
    /// What a line that came unasked leads to.
    pub(super) fn unsolicited(&mut self, said: Unsolicited) {
        match said {
            Unsolicited::Stored(memory, index) => self.storage.hint(memory, index),
            Unsolicited::StoredSomewhere => self.storage.sweep_now(),
            Unsolicited::Report(octets) => self.expect_pdu(Head::report(octets)),
            Unsolicited::Message(octets) => self.expect_pdu(Head::message(octets)),
            Unsolicited::Registration { domain, status, technology } => {
                self.registration_told(domain, status, technology)
            }
            Unsolicited::Full => {
                self.storage_full(None);
                self.storage.sweep_now();
            }
            Unsolicited::Booted => self.restarted(),
            Unsolicited::Awoken => self.awoken(),
            Unsolicited::MayHaveBooted => self.storage.sweep_now(),
            Unsolicited::SimChanged => match &mut self.stage {
                Stage::Serving => self.restarted(),
                Stage::Locked { again, .. } => {
                    *again = self.now.saturating_add(Duration::from_secs(1))
                }
                Stage::Start(_) => {}
            },
            Unsolicited::Rings => self.rings(),
            Unsolicited::Caller(caller) => self.caller(caller),
            Unsolicited::CallOver => self.call_over(),
            Unsolicited::Chatter => {}
        }
    }

    /// A part of the modem is ready: late in its start, or early in one that we have not noticed.
    fn awoken(&mut self) {
        match &mut self.stage {
            Stage::Serving if self.now > self.begun.saturating_add(ONE_RESTART) => self.restarted(),
            Stage::Serving if !self.identity.lacking.is_empty() => self.restarted(),
            Stage::Serving => self.storage.sweep_now(),
            Stage::Locked { again, .. } => *again = self.now,
            Stage::Start(_) => {}
        }
    }

    /// The modem restarted: what it had in hand is lost, and it must be set up anew.
    pub(super) fn restarted(&mut self) {
        let serving = self.is_ready();
        self.submit_interrupted(NotSubmitted::Restarted);
        self.begin_anew();
        if serving {
            self.tell(Event::Restarted);
        }
    }
}
