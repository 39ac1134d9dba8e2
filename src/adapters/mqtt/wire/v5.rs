//! The seam for MQTT 5.

use std::sync::Arc;
use std::time::Duration;

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::v5::{
    ConnectProperties, ConnectReturnCode, DisconnectReasonCode, Filter, LastWill, Packet,
    PubAckReason, Publish, SubscribeReasonCode,
};
use rumqttc::v5::mqttbytes::{self, QoS};
use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, StateError};

use super::{
    Came, Cut, Delivery, Guise, IN_FLIGHT, LARGEST, Line, Message, PATIENCE, QUEUE, Served, Wire,
    Word,
};
use crate::adapters::mqtt::lost::{Lost, Refusal};
use crate::adapters::mqtt::tls::{self, Tls};
use crate::config::MqttSettings;

/// The shortest keep-alive, whatever the broker asks for: 0 would ping without a pause.
const SHORTEST: Duration = Duration::from_secs(5);

/// A connection that is made when it is polled for the first time, and the end by which something is sent.
pub(super) fn open(
    settings: &MqttSettings,
    guise: Guise<'_>,
    password: Option<&str>,
    tls: Option<&Tls>,
) -> (Wire, Line) {
    let (host, port) = tls::reached_at(settings);
    let mut options = MqttOptions::new(guise.client_id, host, port);
    options.set_transport(tls::transport(settings, tls));
    options.set_keep_alive(settings.keep_alive.max(SHORTEST));
    options.set_clean_start(!guise.keeps_session);
    if let Some(Word { topic, payload, retained }) = guise.will {
        options.set_last_will(LastWill::new(topic, payload, QoS::AtLeastOnce, retained, None));
    }
    options.set_manual_acks(true);
    options.set_connection_timeout(PATIENCE);
    // Acknowledgements are four octets: none must wait for the one before it.
    let mut network = options.network_options();
    network.set_tcp_nodelay(true);
    options.set_network_options(network);
    let mut properties = ConnectProperties::new();
    let seconds = if guise.keeps_session { settings.session_expiry.as_secs() } else { 0 };
    properties.session_expiry_interval = Some(u32::try_from(seconds).unwrap_or(u32::MAX));
    properties.max_packet_size = Some(LARGEST);
    properties.receive_maximum = Some(IN_FLIGHT);
    options.set_connect_properties(properties);
    if let Some(login) = &settings.login {
        options.set_credentials(&login.user, password.unwrap_or_default());
    }
    let (line, wire) = AsyncClient::new(options, QUEUE);
    (Wire::V5(Box::new(wire)), Line::V5(line))
}

/// What came; an error is the end of the connection, with the reason.
pub(super) async fn next(wire: &mut EventLoop) -> Result<Came, Lost> {
    Ok(match wire.poll().await.map_err(lost)? {
        Event::Incoming(Packet::ConnAck(accepted)) => {
            if wire.options.keep_alive() < SHORTEST {
                wire.options.set_keep_alive(SHORTEST);
            }
            if accepted.session_present {
                know_every_id(wire);
            }
            Came::Accepted { resumed: accepted.session_present }
        }
        Event::Incoming(Packet::Publish(publish)) => Came::Message(message(&publish)),
        Event::Incoming(Packet::SubAck(answer)) => {
            Came::Subscribed(answer.return_codes.iter().map(served).collect())
        }
        Event::Incoming(Packet::PubAck(answer)) => Came::Published(published(answer.reason)),
        Event::Outgoing(Outgoing::PubAck(_) | Outgoing::PubRec(_)) => Came::Acknowledged(1),
        Event::Outgoing(Outgoing::Disconnect) => Came::Farewell,
        Event::Incoming(_) | Event::Outgoing(_) => Came::Sign,
    })
}

/// See the decision in [`super`].
fn know_every_id(wire: &mut EventLoop) {
    for id in 1..=u16::MAX {
        let _ = wire.state.handle_incoming_packet(Packet::Publish(of(id, QoS::ExactlyOnce)));
        wire.state.events.pop_back();
    }
}

fn of(id: u16, qos: QoS) -> Publish {
    Publish { pkid: id, qos, ..Publish::default() }
}

fn message(publish: &Publish) -> Message {
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
        topic: publish.topic.to_vec(),
    }
}

fn served(code: &SubscribeReasonCode) -> Result<Served, &'static str> {
    match code {
        SubscribeReasonCode::Success(QoS::AtMostOnce) => Ok(Served::AtMostOnce),
        SubscribeReasonCode::Success(QoS::AtLeastOnce | QoS::ExactlyOnce) => Ok(Served::AsAsked),
        SubscribeReasonCode::NotAuthorized => Err("the account may not read it"),
        SubscribeReasonCode::TopicFilterInvalid => Err("the broker does not have such topics"),
        SubscribeReasonCode::QuotaExceeded => Err("the broker allows no more subscriptions"),
        SubscribeReasonCode::WildcardSubscriptionsNotSupported => {
            Err("the broker does not take + and #")
        }
        SubscribeReasonCode::Failure
        | SubscribeReasonCode::Unspecified
        | SubscribeReasonCode::ImplementationSpecific
        | SubscribeReasonCode::PkidInUse
        | SubscribeReasonCode::SharedSubscriptionsNotSupported
        | SubscribeReasonCode::SubscriptionIdNotSupported => Err("the broker does not say why"),
    }
}

fn published(reason: PubAckReason) -> Result<(), &'static str> {
    match reason {
        PubAckReason::Success | PubAckReason::NoMatchingSubscribers => Ok(()),
        PubAckReason::NotAuthorized => Err("the account may not publish there"),
        PubAckReason::TopicNameInvalid => Err("the broker does not have such topics"),
        PubAckReason::QuotaExceeded => Err("the broker takes no more"),
        PubAckReason::PayloadFormatInvalid
        | PubAckReason::PacketIdentifierInUse
        | PubAckReason::UnspecifiedError
        | PubAckReason::ImplementationSpecificError => Err("the broker does not say why"),
    }
}

/// At once; an error is a connection that is over.
pub(super) fn acknowledge(line: &AsyncClient, delivery: Delivery) -> Result<(), Cut> {
    let qos = if delivery.exactly_once { QoS::ExactlyOnce } else { QoS::AtLeastOnce };
    line.try_ack(&of(delivery.id, qos)).map_err(|_| Cut)
}

/// Publishes, with QoS 0 where `once`; an error is a queue that is full or gone.
pub(super) fn say(line: &AsyncClient, word: Word, once: bool) -> Result<(), Cut> {
    let Word { topic, payload, retained } = word;
    line.try_publish(topic, served_with(once), retained, payload).map_err(|_| Cut)
}

/// Asks for these filters, with QoS 0 where `once`; an error is a queue that is full or gone.
pub(super) fn subscribe(line: &AsyncClient, filters: &[&str], once: bool) -> Result<(), Cut> {
    let qos = served_with(once);
    line.try_subscribe_many(filters.iter().map(|path| Filter::new(*path, qos))).map_err(|_| Cut)
}

fn served_with(once: bool) -> QoS {
    if once { QoS::AtMostOnce } else { QoS::AtLeastOnce }
}

fn lost(error: ConnectionError) -> Lost {
    match error {
        ConnectionError::MqttState(state) => of_state(state),
        ConnectionError::Timeout(_) => Lost::Silent,
        ConnectionError::Websocket(error) => Lost::WebSocket(error.to_string()),
        ConnectionError::Tls(error) => tls::lost(error),
        ConnectionError::Io(error) => tls::of_io(error),
        ConnectionError::ConnectionRefused(code) => Lost::Refused(refusal(code)),
        ConnectionError::NotConnAck(_) => {
            Lost::Protocol("its first word was no CONNACK".to_owned())
        }
        ConnectionError::RequestsDone => Lost::Stopping,
        ConnectionError::ResponseValidation(error) => Lost::WebSocket(error.to_string()),
        ConnectionError::WsConnect(error) => Lost::WebSocket(error.to_string()),
        ConnectionError::InvalidUrl(error) => Lost::WebSocket(error.to_string()),
    }
}

fn of_state(error: StateError) -> Lost {
    match error {
        StateError::Io(error) => tls::of_io(error),
        StateError::Deserialization(mqttbytes::Error::Io(error)) => tls::of_io(error),
        StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded { .. })
        | StateError::IncomingPacketTooLarge { .. } => Lost::TooLarge(None),
        StateError::AwaitPingResp => Lost::Unanswered,
        StateError::ConnectionAborted => Lost::Closed,
        StateError::ServerDisconnect { reason_code, .. } => dismissed(reason_code),
        StateError::ConnFail { reason } => Lost::Refused(refusal(reason)),
        StateError::OutgoingPacketTooLarge { pkt_size, max } => Lost::Barred(format!(
            "what was to be sent has {pkt_size} bytes, and the broker takes {max} at most"
        )),
        StateError::Deserialization(error) => Lost::Protocol(unreadable(&error)),
        StateError::Unsolicited(id) => {
            Lost::Protocol(format!("it acknowledges what was not sent (packet id {id})"))
        }
        StateError::CollisionTimeout => {
            Lost::Protocol("it does not acknowledge what was sent".to_owned())
        }
        StateError::InvalidAlias { .. } => {
            Lost::Protocol("it sends a topic alias that was not agreed".to_owned())
        }
        StateError::InvalidState | StateError::WrongPacket | StateError::Coversion(_) => {
            Lost::Protocol("it sends a packet that has no place there".to_owned())
        }
        StateError::EmptySubscription => Lost::Protocol("no topic was asked for".to_owned()),
    }
}

/// Why a packet cannot be read, in words.
fn unreadable(error: &mqttbytes::Error) -> String {
    match error {
        mqttbytes::Error::InvalidPacketType(kind) => {
            format!("it sends a packet of the kind {kind}, which there is not")
        }
        mqttbytes::Error::InvalidConnectReturnCode(code) => {
            format!("it answers our call with the code {code}, which there is not")
        }
        mqttbytes::Error::InvalidSubscribeReasonCode(code)
        | mqttbytes::Error::InvalidReason(code) => {
            format!("it gives the reason {code}, which there is not")
        }
        mqttbytes::Error::InvalidQoS(qos) => format!("it sends a message of QoS {qos}"),
        mqttbytes::Error::PacketIdZero => "it sends a packet with the id 0".to_owned(),
        // The library has many words for it, and operators one.
        _ => "it sends a packet that cannot be read".to_owned(),
    }
}

fn dismissed(reason: DisconnectReasonCode) -> Lost {
    match reason {
        DisconnectReasonCode::SessionTakenOver => Lost::TakenOver,
        DisconnectReasonCode::NotAuthorized => Lost::Refused(Refusal::Login),
        DisconnectReasonCode::KeepAliveTimeout => Lost::Unanswered,
        DisconnectReasonCode::NormalDisconnection | DisconnectReasonCode::ServerShuttingDown => {
            Lost::Closed
        }
        other => Lost::Dismissed(farewell(other).to_owned()),
    }
}

/// The reason for which a broker dismisses a client, in words.
fn farewell(reason: DisconnectReasonCode) -> &'static str {
    match reason {
        DisconnectReasonCode::MalformedPacket => "it cannot read what was sent",
        DisconnectReasonCode::ProtocolError => "it finds that what was sent is no MQTT 5",
        DisconnectReasonCode::ServerBusy => "it has too much to do",
        DisconnectReasonCode::TopicFilterInvalid => "it does not take a topic that is asked for",
        DisconnectReasonCode::TopicNameInvalid => "it does not have such topics",
        DisconnectReasonCode::ReceiveMaximumExceeded => "more was in flight than it takes",
        DisconnectReasonCode::TopicAliasInvalid => "it does not take a topic alias",
        DisconnectReasonCode::PacketTooLarge => "what was sent is too large for it",
        DisconnectReasonCode::MessageRateTooHigh => "more was sent than it takes in such a time",
        DisconnectReasonCode::QuotaExceeded => "a quota is used up",
        DisconnectReasonCode::AdministrativeAction => "somebody has closed it there",
        DisconnectReasonCode::PayloadFormatInvalid => "it does not take such a payload",
        DisconnectReasonCode::RetainNotSupported => "it keeps no retained messages",
        DisconnectReasonCode::QoSNotSupported => "it does not have this QoS",
        DisconnectReasonCode::UseAnotherServer => "another broker is to be used for now",
        DisconnectReasonCode::ServerMoved => "it has moved: another broker is to be used",
        DisconnectReasonCode::SharedSubscriptionNotSupported => "it has no shared subscriptions",
        DisconnectReasonCode::ConnectionRateExceeded => "it was called too often",
        DisconnectReasonCode::MaximumConnectTime => "it lets no connection last longer",
        DisconnectReasonCode::SubscriptionIdentifiersNotSupported => {
            "it has no subscription identifiers"
        }
        DisconnectReasonCode::WildcardSubscriptionsNotSupported => {
            "it takes no topics with wildcards"
        }
        _ => "it does not say why",
    }
}

fn refusal(code: ConnectReturnCode) -> Refusal {
    match code {
        ConnectReturnCode::BadUserNamePassword
        | ConnectReturnCode::NotAuthorized
        | ConnectReturnCode::Banned
        | ConnectReturnCode::BadAuthenticationMethod => Refusal::Login,
        ConnectReturnCode::BadClientId | ConnectReturnCode::ClientIdentifierNotValid => {
            Refusal::ClientId
        }
        ConnectReturnCode::RefusedProtocolVersion
        | ConnectReturnCode::UnsupportedProtocolVersion => Refusal::Version,
        ConnectReturnCode::ServiceUnavailable
        | ConnectReturnCode::ServerUnavailable
        | ConnectReturnCode::ServerBusy
        | ConnectReturnCode::QuotaExceeded
        | ConnectReturnCode::ConnectionRateExceeded => Refusal::Busy,
        ConnectReturnCode::MalformedPacket | ConnectReturnCode::ProtocolError => {
            Refusal::Other("it cannot read our call".to_owned())
        }
        ConnectReturnCode::TopicNameInvalid
        | ConnectReturnCode::PayloadFormatInvalid
        | ConnectReturnCode::PacketTooLarge => {
            Refusal::Other("it does not take our last will".to_owned())
        }
        ConnectReturnCode::RetainNotSupported => {
            Refusal::Other("it keeps no retained messages".to_owned())
        }
        ConnectReturnCode::QoSNotSupported => Refusal::Other("it does not have QoS 1".to_owned()),
        ConnectReturnCode::UseAnotherServer | ConnectReturnCode::ServerMoved => {
            Refusal::Other("another broker is to be used".to_owned())
        }
        ConnectReturnCode::Success
        | ConnectReturnCode::UnspecifiedError
        | ConnectReturnCode::ImplementationSpecificError => {
            Refusal::Other("it does not say why".to_owned())
        }
    }
}
