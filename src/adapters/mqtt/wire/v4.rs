//! The seam for MQTT 3.1.1.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions,
    Outgoing, Packet, Publish, QoS, StateError, SubscribeFilter, SubscribeReasonCode, mqttbytes,
};

use super::{
    Came, Cut, Delivery, Guise, LARGEST, LARGEST_SENT, Line, Message, PATIENCE, QUEUE, Served,
    Wire, Word,
};
use crate::adapters::mqtt::lost::{Lost, Refusal};
use crate::adapters::mqtt::tls::{self, Tls};
use crate::config::MqttSettings;

pub(super) fn open(
    settings: &MqttSettings,
    guise: Guise<'_>,
    password: Option<&str>,
    tls: Option<&Tls>,
) -> (Wire, Line) {
    let (host, port) = tls::reached_at(settings);
    let mut options = MqttOptions::new(guise.client_id, host, port);
    options.set_transport(tls::transport(settings, tls));
    options.set_keep_alive(settings.keep_alive.max(Duration::from_secs(5)));
    options.set_clean_session(!guise.keeps_session);
    if let Some(Word { topic, payload, retained }) = guise.will {
        options.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, retained));
    }
    options.set_manual_acks(true);
    options.set_max_packet_size(usize::try_from(LARGEST).unwrap_or(usize::MAX), LARGEST_SENT);
    if let Some(login) = &settings.login {
        options.set_credentials(&login.user, password.unwrap_or_default());
    }
    let (line, mut wire) = AsyncClient::new(options, QUEUE);
    wire.network_options.set_connection_timeout(PATIENCE);
    // Acknowledgements are four octets: none must wait for the one before it.
    wire.network_options.set_tcp_nodelay(true);
    (Wire::V4(Box::new(wire)), Line::V4(line))
}

pub(super) async fn next(wire: &mut EventLoop) -> Result<Came, Lost> {
    Ok(match wire.poll().await.map_err(lost)? {
        Event::Incoming(Packet::ConnAck(accepted)) => {
            if accepted.session_present {
                know_every_id(wire);
            }
            Came::Accepted { resumed: accepted.session_present }
        }
        Event::Incoming(Packet::Publish(publish)) => Came::Message(message(publish)),
        Event::Incoming(Packet::SubAck(answer)) => {
            Came::Subscribed(answer.return_codes.iter().map(served).collect())
        }
        Event::Incoming(Packet::PubAck(_)) => Came::Published(Ok(())),
        Event::Outgoing(Outgoing::PubAck(_) | Outgoing::PubRec(_)) => Came::Acknowledged,
        Event::Outgoing(Outgoing::Disconnect) => Came::Farewell,
        Event::Incoming(_) | Event::Outgoing(_) => Came::Sign,
    })
}

/// See the decision in [`super`].
fn know_every_id(wire: &mut EventLoop) {
    for id in 1..=u16::MAX {
        let known = Publish { pkid: id, ..Publish::new("", QoS::ExactlyOnce, Vec::new()) };
        let _ = wire.state.handle_incoming_packet(Packet::Publish(known));
        wire.state.events.pop_back();
    }
}

fn message(publish: Publish) -> Message {
    let delivery = |exactly_once| Delivery { id: publish.pkid, exactly_once };
    Message {
        delivery: match publish.qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce => Some(delivery(false)),
            QoS::ExactlyOnce => Some(delivery(true)),
        },
        payload: Arc::from(&*publish.payload),
        retained: publish.retain,
        again: publish.dup,
        topic: publish.topic.into_bytes(),
    }
}

fn served(code: &SubscribeReasonCode) -> Result<Served, &'static str> {
    match code {
        SubscribeReasonCode::Success(QoS::AtMostOnce) => Ok(Served::AtMostOnce),
        SubscribeReasonCode::Success(QoS::AtLeastOnce | QoS::ExactlyOnce) => Ok(Served::AsAsked),
        SubscribeReasonCode::Failure => Err("the account may not read it"),
    }
}

pub(super) fn acknowledge(line: &AsyncClient, delivery: Delivery) -> Result<(), Cut> {
    let qos = if delivery.exactly_once { QoS::ExactlyOnce } else { QoS::AtLeastOnce };
    let publish = Publish { pkid: delivery.id, ..Publish::new("", qos, Vec::new()) };
    line.try_ack(&publish).map_err(|_| Cut)
}

pub(super) fn subscribe(line: &AsyncClient, filters: &[&str], once: bool) -> Result<(), Cut> {
    let qos = if once { QoS::AtMostOnce } else { QoS::AtLeastOnce };
    let filters = filters.iter().map(|path| SubscribeFilter { path: (*path).to_owned(), qos });
    line.try_subscribe_many(filters).map_err(|_| Cut)
}

fn lost(error: ConnectionError) -> Lost {
    match error {
        ConnectionError::MqttState(state) => of_state(state),
        ConnectionError::NetworkTimeout => Lost::Silent,
        ConnectionError::FlushTimeout => Lost::Unanswered,
        ConnectionError::Websocket(error) => Lost::of_web_socket(error.to_string()),
        ConnectionError::Tls(error) => tls::lost(error),
        ConnectionError::Io(error) => tls::of_io(error),
        ConnectionError::ConnectionRefused(code) => Lost::Refused(refusal(code)),
        ConnectionError::NotConnAck(_) => {
            Lost::Protocol("its first word was no CONNACK".to_owned())
        }
        ConnectionError::RequestsDone => Lost::Stopping,
        ConnectionError::ResponseValidation(error) => Lost::of_web_socket(error.to_string()),
        ConnectionError::WsConnect(error) => Lost::of_web_socket(error.to_string()),
        ConnectionError::InvalidUrl(error) => Lost::of_web_socket(error.to_string()),
    }
}

fn of_state(error: StateError) -> Lost {
    match error {
        StateError::Io(error) => tls::of_io(error),
        StateError::Deserialization(mqttbytes::Error::Io(error)) => tls::of_io(error),
        StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded(size)) => {
            Lost::TooLarge(Some(size))
        }
        StateError::AwaitPingResp => Lost::Unanswered,
        StateError::ConnectionAborted => Lost::Closed,
        other => Lost::Protocol(other.to_string()),
    }
}

fn refusal(code: ConnectReturnCode) -> Refusal {
    match code {
        ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized => Refusal::Login,
        ConnectReturnCode::BadClientId => Refusal::ClientId,
        ConnectReturnCode::RefusedProtocolVersion => Refusal::Version,
        ConnectReturnCode::ServiceUnavailable => Refusal::Busy,
        ConnectReturnCode::Success => Refusal::Other("no reason".to_owned()),
    }
}
