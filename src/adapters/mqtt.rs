//! A connection to an MQTT broker: from messages under the topics of the files to signals in the inbox.
//!
//! It asks for a session that the broker keeps, takes every message that comes in it, and acknowledges each when its signals are
//! on disk, in the order of receipt, never before. It publishes nothing but the [question](births) to a Sparkplug node for its birth,
//! decides nothing about alarms, and logs neither payloads nor passwords.
//!
//! When things go wrong: a connection that is over, whatever the reason, is made anew after a pause that grows; the broker then
//! sends again what was not acknowledged, and what was recorded already is known. A message that the record did not take ends the
//! connection, since a broker sends again at the next one alone. A message that cannot be read is recorded without its payload and
//! acknowledged. While the inbox is full nothing more is read from the socket. A broker that cannot be reached, does not answer,
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
mod receipts;
mod signal;
mod subscriptions;
mod tls;
mod troubles;
mod wire;

use std::sync::Arc;

use tracing::{debug, info};

use crate::config::MqttSettings;
use crate::health::{Ended, Pulse, Wire as State};
use crate::host::clock::Clock;
use crate::inbox::{Closing, Inbox};
use crate::watch::own_alarms::SelfAlarm;
use connection::{Input, Progress};
use desk::Learned;
use lost::Lost;
pub use signal::message;
use tls::Tls;
pub use tls::Unready;
use troubles::Troubles;
use wire::Wire;

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
    pulse: Arc<Pulse>,
    clock: Clock,
    mut closing: Closing,
) -> Ended {
    pulse.broker(|broker| {
        broker.version = settings.version.name();
        broker.client_id.clone_from(&settings.client_id);
    });
    let input = Input { settings: &settings, inbox: &inbox, pulse: &pulse, clock };
    let mut learned = Learned::new(&settings);
    let mut troubles = Troubles::new(&input);
    let mut known = false;
    // The first call of a life is of its story; those of a night without a broker are not.
    info!(input = %settings.name, broker = %settings.broker, "calling the broker");
    loop {
        let mut progress = Progress { known, doubted: troubles.are_brief(), ..Progress::default() };
        let lost = connect(&input, &mut learned, &mut progress, &mut closing).await;
        known |= progress.accepted.is_some();
        if lost == Lost::Stopping || closing.is_closing() {
            break;
        }
        let Ok(pause) = troubles.after(lost, progress).await else { break };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = closing.closing() => break,
        }
    }
    let reason = Lost::Stopping.to_string();
    pulse.wire(State::Down(reason.clone()), clock.now().utc);
    Ended { alarm: SelfAlarm::InputLost, reason }
}

async fn connect(
    input: &Input<'_>,
    learned: &mut Learned,
    progress: &mut Progress,
    closing: &mut Closing,
) -> Lost {
    let settings = input.settings;
    let (password, tls) =
        match password(settings).and_then(|password| Ok((password, Tls::read(settings)?))) {
            Ok(needed) => needed,
            Err(unready) => return Lost::Unready(unready.to_string()),
        };
    debug!(input = %settings.name, broker = %settings.broker, "a connection to the broker is made");
    let (mut wire, line) = Wire::new(settings, password.as_deref(), tls.as_ref());
    let mut live =
        Box::pin(connection::live(input, (&mut wire, &line), learned, progress, closing));
    live.as_mut().await
}

fn password(settings: &MqttSettings) -> Result<Option<String>, Unready> {
    let password = settings.login.as_ref().and_then(|login| login.password.as_ref());
    Ok(password.map(crate::config::Secret::reveal).transpose()?)
}
