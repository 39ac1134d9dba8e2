//! What is told beside the signals: of what is not taken, to its sender where SNMPv3 says so; of senders, to people where somebody must act.

use std::net::IpAddr;

use tracing::debug;

use super::counts::Left;
use super::lost::Lost;
use super::queues::Waiting;
use super::reception::Reception;
use super::security::{self, Lawful, NotTaken};
use super::socket::Socket;
use crate::watch::event::Happening;
use crate::watch::own_alarms::SelfSignal;
use crate::watch::time::Moment;

impl Reception<'_> {
    /// A datagram is not taken: counted, and told to whom it concerns.
    pub(super) async fn left(
        &mut self,
        not_taken: NotTaken,
        socket: &Socket,
        waiting: &Waiting,
    ) -> Result<(), Lost> {
        let source = waiting.source();
        let rejected = match not_taken {
            NotTaken::Left(left, why) => {
                self.leavings.count(left, source, why, self.input, self.pulse);
                return Ok(());
            }
            NotTaken::Rejected(rejected) => rejected,
        };
        let who = rejected.sender.as_ref().map(ToString::to_string).unwrap_or_default();
        debug!(input = %self.input, %source, who, why = %rejected.why, "a message of SNMPv3 was not taken");
        if rejected.why.is_courtesy() {
            // Every inform begins so: nobody need read of it.
            self.pulse.count(Left::Courtesy.counter());
        } else {
            let why = Some(&rejected.why);
            self.leavings.count(Left::WrongCredentials, source, why, self.input, self.pulse);
        }
        if let Some(report) = &rejected.report
            && let Err(error) = socket.answer_now(report, &waiting.envelope)
        {
            debug!(input = %self.input, %source, %error, "a report could not be sent");
        }
        let now = self.clock.now();
        if let Some(told) = self.troubles.rejected(source, &rejected, now.mono) {
            self.inbox.tell(Happening::Own(told), now).await?;
        }
        Ok(())
    }

    /// A message is taken: what its user has proved is remembered before it.
    pub(super) async fn proven(
        &mut self,
        lawful: &Lawful,
        sender: IpAddr,
        now: Moment,
    ) -> Result<(), Lost> {
        if let Some(time) = lawful.learned() {
            self.inbox.tell(security::heard(self.input, time), now).await?;
        }
        if lawful.message().secured.is_some() {
            self.troubles.taken(sender);
        }
        Ok(())
    }

    /// Nothing more is received: what other engines said of their time last, and for how long sources were listened for in
    /// vain, is remembered for the next life.
    pub(super) async fn part(&mut self) -> Result<(), Lost> {
        let now = self.clock.now();
        for time in self.security.untold() {
            self.inbox.tell(security::heard(self.input, &time), now).await?;
        }
        for awaited in self.heartbeats.end(now.mono) {
            self.inbox.tell(awaited, now).await?;
        }
        Ok(())
    }

    /// A source was heard.
    pub(super) async fn beat(&mut self, source: &str, now: Moment) -> Result<(), Lost> {
        for told in self.heartbeats.heard(source, now) {
            self.inbox.tell(told, now).await?;
        }
        Ok(())
    }

    /// The sources that have been silent for too long.
    pub(super) fn silences(&mut self) -> Vec<SelfSignal> {
        self.heartbeats.due(self.clock.now().mono)
    }

    /// A minute has passed: says what was not said at once; what goes on and what is over is to be told.
    pub(super) fn minute(&mut self) -> Vec<SelfSignal> {
        self.leavings.minute(self.input);
        self.troubles.minute(self.clock.now().mono)
    }
}
