//! An MQTT broker: from messages under the topics of the files to signals in the inbox, and, if the files say so, from the state of
//! alarms to topics.
//!
//! It asks for a session that the broker keeps, takes every message that comes in it, and acknowledges each when its signals are
//! on disk, in the order of receipt, never before. What it publishes goes by a second connection ([`publishing`]), but for the
//! [question](births) to a Sparkplug node for its birth. It decides nothing about alarms, and logs neither payloads nor passwords.
//!
//! When things go wrong: a connection that is over, whatever the reason, is made anew after a pause that grows; the broker then
//! sends again what was not acknowledged, and what was recorded already is known. A message that the record did not take ends the
//! connection, since a broker sends again at the next one alone. A message that cannot be read is recorded without its payload and
//! acknowledged; with MQTT 3.1.1 the library cannot pass over a topic that is not UTF-8, which is `input-lost` with its remedy. While the inbox is full nothing more is read from the socket. A broker that cannot be reached, does not answer,
//! refuses us or the topics, or gives our name to another client is an alarm that says so; one that is back within seconds is
//! none. Certificates are always checked. What the broker itself drops, it drops in silence: the README has the settings that keep it from that.
//!
//! # Decision (2026-11-27): one life, many connections
//!
//! The end of a connection does not end the adapter's life. Supervision's next life would know nothing of the one before: not
//! that the broker had kept a session, nor that this is the third connection to end within a second, nor what was told already;
//! and each attempt of a night without a broker would be one more entry in the journal. Rejected: a life for each connection.

mod births;
mod connection;
mod counts;
mod desk;
mod identity;
mod lost;
mod metrics;
mod publishing;
mod receipts;
mod signal;
mod subscriptions;
mod tls;
mod troubles;
mod values;
mod wire;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use tracing::{debug, info};

use crate::changes::Changes;
use crate::config::MqttSettings;
use crate::health::{Ended, Pulse, Wire as State};
use crate::host::aside::aside_at;
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox};
use crate::watch::own_alarms::SelfAlarm;
use connection::{Input, Progress};
use desk::Learned;
use lost::Lost;
use publishing::Publishing;
pub use signal::{message, signals_of};
use tls::Tls;
pub use tls::Unready;
use troubles::{Troubles, Way};
use wire::{Guise, Line, Wire};

/// Whether everything that a connection needs is there: secrets and certificates.
///
/// # Errors
/// [`Unready`] names what is not, and why.
pub fn ready(settings: &MqttSettings) -> Result<(), Unready> {
    password(settings)?;
    Tls::read(settings).map(|_| ())
}

/// The life of an input: until the house closes.
pub async fn run(
    settings: Arc<MqttSettings>,
    inbox: Inbox,
    changes: Changes,
    pulse: Arc<Pulse>,
    clock: Clock,
    closing: Closing,
) -> Ended {
    pulse.broker(|broker| {
        broker.version = settings.version.name();
        broker.client_id.clone_from(&settings.client_id);
    });
    let input = Input { settings: &settings, inbox: &inbox, pulse: &pulse, clock };
    let listening = Listening { input: &input, learned: Learned::new(&settings), known: false };
    let publishing = async {
        if let Some(publish) = &settings.publish {
            again_and_again(&input, Publishing::new(&input, publish, &changes), closing.clone())
                .await;
        }
    };
    tokio::join!(again_and_again(&input, listening, closing.clone()), publishing);
    let reason = Lost::Stopping.to_string();
    pulse.wire(State::Down(reason.clone()), clock.now().utc);
    Ended { alarm: SelfAlarm::InputLost, reason }
}

/// One of the two connections to a broker.
trait Connection {
    /// What it is for.
    const WAY: Way;

    /// Makes a connection and lives in it until it is over.
    fn connect(
        &mut self,
        progress: &mut Progress,
        closing: &mut Closing,
    ) -> impl Future<Output = Lost> + Send;
}

/// Connects, whenever the last connection is over, until the house closes.
async fn again_and_again<C: Connection>(
    input: &Input<'_>,
    mut connection: C,
    mut closing: Closing,
) {
    let mut troubles = Troubles::new(input, C::WAY);
    // The first call of a life is of its story; those of a night without a broker are not.
    info!(input = %input.settings.name, broker = %input.settings.broker, way = ?C::WAY, "calling the broker");
    loop {
        let mut progress = Progress { doubted: troubles.are_brief(), ..Progress::default() };
        let lost = connection.connect(&mut progress, &mut closing).await;
        if closing.is_closing() {
            return;
        }
        let lost = match lost {
            // Nobody has asked us to: the library ends so what it cannot read.
            Lost::Stopping => Lost::Protocol("something that cannot be read".to_owned()),
            lost => lost,
        };
        let Ok(pause) = troubles.after(lost, progress).await else { return };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = closing.closing() => return,
        }
    }
}

/// The connection by which alarms come in.
struct Listening<'c> {
    input: &'c Input<'c>,
    learned: Learned,
    /// Whether the broker has accepted us before.
    known: bool,
}

impl Connection for Listening<'_> {
    const WAY: Way = Way::Listening;

    async fn connect(&mut self, progress: &mut Progress, closing: &mut Closing) -> Lost {
        let settings = self.input.settings;
        let guise = Guise { client_id: &settings.client_id, keeps_session: true, will: None };
        let (mut wire, line) = match call(settings, guise, closing).await {
            Ok(ends) => ends,
            Err(lost) => return lost,
        };
        progress.known = self.known;
        let ends = (&mut wire, &line);
        // Large, and seldom.
        let live = connection::live(self.input, ends, &mut self.learned, progress, closing);
        let lost = Box::pin(live).await;
        self.known |= progress.accepted.is_some();
        lost
    }
}

/// A connection that is about to be made, with what it needs as it is now: a file may have been renewed. It is read aside: one on
/// another machine may hang, and keeps neither another wire waiting nor the house that closes.
async fn call(
    settings: &MqttSettings,
    guise: Guise<'_>,
    closing: &mut Closing,
) -> Result<(Wire, Line), Lost> {
    let wanted = settings.clone();
    let needs = move || Ok::<_, Unready>((password(&wanted)?, Tls::read(&wanted)?));
    let read = tokio::select! {
        read = aside_at(Path::new(settings.name.as_str()), needs) => read,
        () = closing.closing() => return Err(Lost::Stopping),
    };
    let read = read.map_err(|late| Lost::Unready(late.of_files()))?;
    let (password, tls) = read.map_err(|unready| Lost::Unready(unready.to_string()))?;
    debug!(input = %settings.name, broker = %settings.broker, client_id = guise.client_id, "a connection to the broker is made");
    Ok(Wire::new(settings, guise, password.as_deref(), tls.as_ref()))
}

fn password(settings: &MqttSettings) -> Result<Option<String>, Unready> {
    let password = settings.login.as_ref().and_then(|login| login.password.as_ref());
    Ok(password.map(crate::config::Secret::reveal).transpose()?)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    #[tokio::test]
    async fn files_that_hang_keep_no_house_from_closing() {
        let settings = signal::tests::settings(None);
        let (release, held) = sync_channel::<u8>(0);
        let device = Path::new(settings.name.as_str());
        let (close, closing) = tokio::sync::watch::channel(false);
        let mut closing = Closing::new(closing);
        let guise = Guise { client_id: "vigie", keeps_session: true, will: None };
        let closes = async {
            let calling = call(&settings, guise, &mut closing);
            let (lost, ()) = tokio::join!(calling, async { close.send(true).unwrap() });
            release.send(7).unwrap();
            lost.err()
        };
        // What hangs has the turn of this broker's files; it is let go once the call is over.
        let (hanging, lost) = tokio::join!(aside_at(device, move || held.recv()), closes);
        assert_eq!(lost, Some(Lost::Stopping));
        assert_eq!(hanging.unwrap(), Ok(7), "it was not waited for");
    }
}
