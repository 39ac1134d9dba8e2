//! Pings: life signs to a dead man's switch, which calls people when they fail to come.
//!
//! What nobody in the house can tell is that the house is no more: that the machine is off, the way out is cut, or the daemon hangs.
//! So somebody outside expects a request every so often (healthchecks.io, Uptime Kuma, Dead Man's Snitch), and one is sent only when
//! what is put in at the inbox still comes to the disk ([`Inbox::lives`]): a house that hangs, or whose disk refuses, is missed
//! outside however well its timers run. A ping says nothing but that.
//!
//! When things go wrong: a try that is not answered by a 2xx is repeated, [`TRIES`] in an interval. When [`MISSED`] intervals in a row
//! have brought no answer, that is the alarm `output-lost`, with the reason and without the address; it ends with the next answer.
//! A server that is slow, hostile or endless costs one connection, some KiB and [`PATIENCE`]; a server that hangs keeps nobody waiting
//! but its own ping.
//!
//! # Decision (2026-11-27): three tries, three intervals
//!
//! A single request is lost whenever a mobile uplink changes its mast; who is called for that stops reading. The service outside has a
//! grace of its own, of some intervals, and is the one that calls when the way out is cut at night: so the alarm inside comes no sooner
//! than that, and says why from where it can be seen. Nine tries in three intervals tell an outage from a blink. Rejected: the backoff of
//! adapters, which would ask a service of somebody else every ten seconds all through an outage, and is rate-limited for it.
//!
//! # Decision (2026-11-27): what is not done
//!
//! Redirections are not followed, since an address that is a secret would be told to whoever it leads to: the alarm says so, and the
//! address to which it leads is written into the files. There is no proxy: the life sign is to prove the site's own way out. Nothing is
//! sent at a stop: a site that is stopped and not started again is to be missed.

mod call;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tracing::{info, warn};

use crate::config::{PingSettings, SecretError, WebAddress, WebAddressError, pem};
use crate::health::{Ended, PingPulse};
use crate::host::aside::aside_at;
use crate::host::clock::Clock;
use crate::host::tls;
use crate::inbox::{Closing, Inbox, Withheld};
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};

use self::call::{Client, Failed};

/// So many tries in an interval.
const TRIES: u32 = 3;
/// After so many intervals without an answer it is an alarm.
const MISSED: u32 = 3;
/// A try takes no longer, and no longer than a quarter of the interval.
const PATIENCE: Duration = Duration::from_secs(10);
/// Before another try it waits a tenth of the interval, and no longer than this.
const PAUSE: Duration = Duration::from_secs(10);

/// Why a ping cannot be tried: something that it needs is not there.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// The address is a secret that cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What is kept there is no address.
    #[error("`url` leads nowhere: {0}")]
    Address(#[from] WebAddressError),
    /// Whose certificate to believe is not known.
    #[error(transparent)]
    Tls(#[from] tls::Untried),
}

/// Whether all is there that a ping needs.
///
/// # Errors
/// [`Unready`] names what is not.
pub fn ready(settings: &PingSettings) -> Result<(), Unready> {
    if WebAddress::parse(&settings.url.reveal()?)?.is_tls {
        tls::authorities(settings.ca.as_deref().map(|path| (path, pem(path))))?;
    }
    Ok(())
}

/// Pings until the house closes.
pub async fn run(
    settings: Arc<PingSettings>,
    inbox: Inbox,
    pulse: Arc<PingPulse>,
    clock: Clock,
    mut closing: Closing,
) -> Ended {
    let client = Client::called(&settings.name);
    let switch = Switch { settings, inbox, pulse, clock, client };
    let reason = tokio::select! {
        withheld = switch.serve() => withheld.to_string(),
        () = closing.closing() => Withheld.to_string(),
    };
    Ended { alarm: SelfAlarm::OutputLost, reason }
}

/// A dead man's switch, and what we know of it.
struct Switch {
    settings: Arc<PingSettings>,
    inbox: Inbox,
    pulse: Arc<PingPulse>,
    clock: Clock,
    client: Client,
}

/// What an interval has brought.
enum Sign {
    /// A life sign, and an answer.
    Given,
    /// A life sign, and no answer.
    Missed(Failed),
    /// No life sign: the road to the disk did not answer.
    None,
}

impl Switch {
    /// Gives a life sign every so often, for as long as there is life.
    async fn serve(mut self) -> Withheld {
        let mut due = interval(self.settings.every);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // An earlier life may have left an alarm standing.
        let (mut missed, mut stands) = (0_u32, true);
        loop {
            due.tick().await;
            let told = match self.interval().await {
                Ok(Sign::Given) => {
                    missed = 0;
                    self.answered(std::mem::take(&mut stands)).await
                }
                Ok(Sign::Missed(failed)) => {
                    missed = missed.saturating_add(1);
                    stands |= missed == MISSED;
                    self.missed(missed, &failed).await
                }
                Ok(Sign::None) => {
                    let why = "not sent, for the record cannot be written";
                    self.pulse.lost(why, self.clock.now().utc);
                    Ok(())
                }
                Err(withheld) => Err(withheld),
            };
            if let Err(withheld) = told {
                return withheld;
            }
        }
    }

    /// The tries of one interval; before each it is asked whether there is life.
    async fn interval(&mut self) -> Result<Sign, Withheld> {
        let every = self.settings.every;
        let patience = PATIENCE.min(every / 4);
        let mut tries = 0;
        loop {
            // However long that takes: who hangs here is missed outside, as it should be.
            if !self.inbox.lives().await? {
                return Ok(Sign::None);
            }
            let failed = match self.one(patience).await {
                Ok(()) => return Ok(Sign::Given),
                Err(failed) => failed,
            };
            self.pulse.failed();
            tries += 1;
            if tries >= TRIES {
                return Ok(Sign::Missed(failed));
            }
            sleep(PAUSE.min(every / 10)).await;
        }
    }

    async fn one(&mut self, patience: Duration) -> Result<(), Failed> {
        let url = self.settings.url.clone();
        let trying = async {
            // A secret is fetched when it is needed; its file may be on a disk that hangs.
            let revealed = aside_at(&self.client.files, move || url.reveal()).await;
            let revealed = revealed.map_err(|late| Failed(late.of_files()))?;
            let url = revealed.map_err(|error| Failed(error.to_string()))?;
            let address = WebAddress::parse(&url)
                .map_err(|error| Failed(format!("`url` leads nowhere: {error}")))?;
            self.client.call(&address, self.settings.ca.as_deref(), patience).await
        };
        timeout(patience, trying).await.unwrap_or_else(|_| Err(Failed::late(patience)))
    }

    /// One was answered; `stood`: the alarm may stand.
    async fn answered(&self, stood: bool) -> Result<(), Withheld> {
        let now = self.clock.now();
        let name = &self.settings.name;
        self.pulse.answered(now.utc);
        if stood {
            info!(ping = %name, "a life sign is answered");
            let own = SelfSignal::cleared(SelfAlarm::OutputLost, name);
            self.inbox.tell(Happening::Own(own), now).await?;
        }
        Ok(())
    }

    /// So many intervals in a row have brought no answer.
    async fn missed(&self, missed: u32, Failed(why): &Failed) -> Result<(), Withheld> {
        let now = self.clock.now();
        let name = &self.settings.name;
        self.pulse.lost(why, now.utc);
        if missed == 1 || missed == MISSED {
            warn!(ping = %name, reason = %why, missed, "a life sign is not answered");
        }
        if missed == MISSED {
            let own = SelfSignal::raised(SelfAlarm::OutputLost, name, why);
            self.inbox.tell(Happening::Own(own), now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
