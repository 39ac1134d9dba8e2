//! The seam for MQTT 3.1.1.
//!
//! Acknowledgements go out as the decision in [`super`] has it: one is with the library, which wakes up for it, and those behind it
//! wait here until it has gone out. Both ends are of one task, so that nothing happens between two awaits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, LastWill, MqttOptions,
    Outgoing, Packet, PubAck, PubRec, Publish, QoS, StateError, SubscribeFilter,
    SubscribeReasonCode, mqttbytes,
};
use tokio::sync::mpsc;

use super::{
    Came, Cut, Delivery, Guise, LARGEST, LARGEST_SENT, Line, Message, PATIENCE, QUEUE, Served,
    Wire, Word,
};
use crate::adapters::mqtt::lost::{Lost, Refusal};
use crate::adapters::mqtt::tls::{self, Tls};
use crate::config::MqttSettings;

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
    let (acks, waiting) = mpsc::channel(QUEUE);
    let is_carrying = Arc::new(AtomicBool::new(false));
    let sender = Sender { client: line, acks, is_carrying: Arc::clone(&is_carrying) };
    (Wire::V4(Connection { wire: Box::new(wire), waiting, is_carrying }), Line::V4(sender))
}

/// The library's end of a connection, and the acknowledgements that wait beside it.
pub(in crate::adapters::mqtt) struct Connection {
    wire: Box<EventLoop>,
    waiting: mpsc::Receiver<Delivery>,
    is_carrying: Arc<AtomicBool>,
}

/// Our end of it.
#[derive(Clone)]
pub(in crate::adapters::mqtt) struct Sender {
    /// The library's own end.
    pub(super) client: AsyncClient,
    acks: mpsc::Sender<Delivery>,
    /// Whether an acknowledgement is with the library: those that come now go out behind it.
    is_carrying: Arc<AtomicBool>,
}

impl Sender {
    /// At once, or behind those that wait; an error is a connection that is over.
    pub(super) fn acknowledge(&self, delivery: Delivery) -> Result<(), Cut> {
        if self.is_carrying.swap(true, Ordering::AcqRel) {
            return self.acks.try_send(delivery).map_err(|_| Cut);
        }
        let qos = if delivery.exactly_once { QoS::ExactlyOnce } else { QoS::AtLeastOnce };
        let publish = Publish { pkid: delivery.id, ..Publish::new("", qos, Vec::new()) };
        self.client.try_ack(&publish).map_err(|_| Cut)
    }
}

impl Connection {
    /// As it was asked for.
    pub(super) fn keep_alive(&self) -> Duration {
        self.wire.mqtt_options.keep_alive()
    }

    /// The one that the library had is gone out: those that waited behind it follow. Says how many went out in all.
    async fn follow(&mut self) -> Result<Came, Lost> {
        let mut many = 1;
        loop {
            let network = self.wire.network.as_mut().ok_or(Lost::Closed)?;
            let before = many;
            while let Ok(Delivery { id, exactly_once }) = self.waiting.try_recv() {
                let packet = if exactly_once {
                    Packet::PubRec(PubRec::new(id))
                } else {
                    Packet::PubAck(PubAck::new(id))
                };
                network.write(packet).await.map_err(of_state)?;
                many += 1;
            }
            if many == before {
                // The next one wakes the library again.
                self.is_carrying.store(false, Ordering::Release);
                return Ok(Came::Acknowledged(many));
            }
            network.flush().await.map_err(of_state)?;
        }
    }
}

/// What came; an error is the end of the connection, with the reason.
pub(super) async fn next(connection: &mut Connection) -> Result<Came, Lost> {
    let wire = &mut connection.wire;
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
        Event::Outgoing(Outgoing::PubAck(_) | Outgoing::PubRec(_)) => connection.follow().await?,
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

/// Publishes, with QoS 0 where `once`; an error is a queue that is full or gone.
pub(super) fn say(line: &AsyncClient, word: Word, once: bool) -> Result<(), Cut> {
    let Word { topic, payload, retained } = word;
    line.try_publish(topic, served_with(once), retained, payload).map_err(|_| Cut)
}

/// Asks for these filters, with QoS 0 where `once`; an error is a queue that is full or gone.
pub(super) fn subscribe(line: &AsyncClient, filters: &[&str], once: bool) -> Result<(), Cut> {
    let qos = served_with(once);
    let filters = filters.iter().map(|path| SubscribeFilter { path: (*path).to_owned(), qos });
    line.try_subscribe_many(filters).map_err(|_| Cut)
}

fn served_with(once: bool) -> QoS {
    if once { QoS::AtMostOnce } else { QoS::AtLeastOnce }
}

fn lost(error: ConnectionError) -> Lost {
    match error {
        ConnectionError::MqttState(state) => of_state(state),
        ConnectionError::NetworkTimeout => Lost::Silent,
        ConnectionError::FlushTimeout => Lost::Unanswered,
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
        StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded(size)) => {
            Lost::TooLarge(Some(size))
        }
        StateError::AwaitPingResp => Lost::Unanswered,
        StateError::ConnectionAborted => Lost::Closed,
        StateError::Deserialization(mqttbytes::Error::TopicNotUtf8) => Lost::NoTopic,
        StateError::Deserialization(error) => Lost::Protocol(unreadable(&error)),
        StateError::Unsolicited(id) => {
            Lost::Protocol(format!("it acknowledges what was not sent (packet id {id})"))
        }
        StateError::CollisionTimeout => {
            Lost::Protocol("it does not acknowledge what was sent".to_owned())
        }
        StateError::InvalidState | StateError::WrongPacket => {
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
        mqttbytes::Error::InvalidSubscribeReasonCode(code) => {
            format!("it answers a subscription with the code {code}, which there is not")
        }
        mqttbytes::Error::InvalidQoS(qos) => format!("it sends a message of QoS {qos}"),
        mqttbytes::Error::PacketIdZero => "it sends a packet with the id 0".to_owned(),
        mqttbytes::Error::OutgoingPacketTooLarge { pkt_size, max } => {
            format!("what was to be sent has {pkt_size} bytes, and {max} is the most")
        }
        // The library has many words for it, and operators one.
        _ => "it sends a packet that cannot be read".to_owned(),
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
