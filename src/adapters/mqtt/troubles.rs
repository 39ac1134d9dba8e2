//! What becomes of a way to a broker between two connections: what people are told, and how long the pause is.

use std::time::Duration;

use tracing::warn;

use super::connection::{Input, Progress, SETTLED};
use super::lost::Lost;
use crate::health::{Pulse, Wire};
use crate::host::entropy::entropy;
use crate::inbox::Withheld;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Mono, Utc};

/// The pause before a first new try; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// No pause is longer: a broker that is back is not kept waiting, nor one in trouble pressed.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// No pause is longer while the record takes nothing: each connection brings only what is known already.
const LONGEST_UNRECORDED: Duration = Duration::from_secs(60);
/// How often it is said anew why it does not work.
const TELL_AGAIN: Duration = Duration::from_secs(60);
/// So many brief connections in a row are no accident.
const BRIEF: u32 = 3;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// Alarms come in by it.
    Listening,
    /// The state of alarms goes out by it.
    Publishing,
}

impl Way {
    /// The alarm that it is lost.
    pub(super) const fn alarm(self) -> SelfAlarm {
        match self {
            Self::Listening => SelfAlarm::InputLost,
            Self::Publishing => SelfAlarm::OutputLost,
        }
    }

    /// Shows how it is.
    pub(super) fn show(self, pulse: &Pulse, state: Wire, now: Utc) {
        match self {
            Self::Listening => pulse.wire(state, now),
            Self::Publishing => pulse.broker(|broker| {
                if let Some(publishing) = &mut broker.publishing {
                    publishing.state = state;
                }
            }),
        }
    }
}

/// What has gone wrong since it last worked.
pub(super) struct Troubles<'c> {
    input: &'c Input<'c>,
    way: Way,
    /// Since when it does not work.
    since: Option<Mono>,
    /// What was told last, and when: a fault that stands shows its latest reason, and the watch passes over what settles.
    told: Option<(Lost, Mono)>,
    /// What was logged last: not every few seconds of a night without a broker.
    logged: Option<Lost>,
    /// How many connections in a row were over as soon as they were made.
    brief: u32,
    pause: Duration,
}

impl<'c> Troubles<'c> {
    pub(super) fn new(input: &'c Input<'c>, way: Way) -> Self {
        Self { input, way, since: None, told: None, logged: None, brief: 0, pause: FIRST_PAUSE }
    }

    /// Whether the last connections were over as soon as they were made.
    pub(super) fn are_brief(&self) -> bool {
        self.brief >= BRIEF
    }

    /// A connection is over, or was not made: tells it where it must be told, and gives the pause before the next.
    pub(super) async fn after(
        &mut self,
        lost: Lost,
        progress: Progress,
    ) -> Result<Duration, Withheld> {
        let now = self.input.clock.now();
        let lasted = progress.accepted.map(|at| at.until(now.mono));
        match lasted {
            Some(lasted) if lasted >= SETTLED => {
                self.brief = 0;
                self.pause = FIRST_PAUSE;
            }
            Some(_) => self.brief = self.brief.saturating_add(1),
            None => {}
        }
        if progress.works {
            (self.since, self.told, self.logged) = (None, None, None);
        }
        let lost = if lost == Lost::Closed && self.are_brief() { Lost::PushedOut } else { lost };
        let settings = self.input.settings;
        if self.logged.as_ref() != Some(&lost) {
            warn!(input = %settings.name, broker = %settings.broker, way = ?self.way, reason = %lost, "the connection to the broker is lost; it is tried again");
            self.logged = Some(lost.clone());
        }
        let longest = if lost == Lost::Withheld { LONGEST_UNRECORDED } else { LONGEST_PAUSE };
        self.way.show(self.input.pulse, Wire::Down(lost.to_string()), now.utc);
        let since = *self.since.get_or_insert(now.mono);
        let is_told = |(told, at): &(Lost, Mono)| *told == lost && at.until(now.mono) < TELL_AGAIN;
        if since.until(now.mono) >= lost.grace() && !self.told.as_ref().is_some_and(is_told) {
            let reason = lost.to_string();
            let own = SelfSignal::raised(self.way.alarm(), settings.name.as_str(), &reason);
            self.input.inbox.tell(Happening::Own(own), now).await?;
            self.told = Some((lost, now.mono));
        }
        let pause = self.pause.min(longest);
        self.pause = pause.saturating_mul(2).min(longest);
        Ok(pause.saturating_add(jitter(pause)))
    }
}

/// Up to a quarter more: the clients of a broker that starts anew must not all come at once.
fn jitter(pause: Duration) -> Duration {
    let quarter = u64::try_from(pause.as_millis() / 4).unwrap_or(0).max(1);
    Duration::from_millis(entropy().0 % quarter)
}
