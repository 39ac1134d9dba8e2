//! A broker that does what it is told: it reads one packet, answers it as the script has it, and so on.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::house::soon;

pub(crate) const ACCEPTED: &[u8] = &[0x20, 2, 0, 0];
pub(crate) const RESUMED: &[u8] = &[0x20, 2, 1, 0];
pub(crate) const CONNECT: u8 = 0x10;
pub(crate) const PUBACK: u8 = 0x40;
pub(crate) const PUBCOMP: u8 = 0x70;
pub(crate) const PING: u8 = 0xc0;
pub(crate) const SUBSCRIBE: u8 = 0x82;

pub(crate) struct Scripted(TcpListener);

pub(crate) struct Caller(TcpStream);

impl Scripted {
    pub(crate) async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn url(&self) -> String {
        format!("mqtt://{}", self.0.local_addr().unwrap())
    }

    /// The next who calls, who has said CONNECT.
    pub(crate) async fn caller(&self) -> Caller {
        let (socket, _) = soon("a caller", self.0.accept()).await.unwrap();
        let mut caller = Caller(socket);
        caller.hear(CONNECT).await;
        caller
    }

    /// The next who calls, is accepted and has its subscription granted.
    pub(crate) async fn subscriber(&self) -> Caller {
        let mut caller = self.caller().await;
        caller.say(ACCEPTED).await;
        caller.grant(&[1]).await;
        caller
    }
}

impl Caller {
    pub(crate) async fn say(&mut self, octets: &[u8]) {
        self.0.write_all(octets).await.unwrap();
    }

    /// Waits for a packet of that kind, passing over pings; gives what is in it.
    pub(crate) async fn hear(&mut self, kind: u8) -> Vec<u8> {
        loop {
            let (first, body) = soon("a packet", self.packet()).await;
            if first == PING {
                self.say(&[0xd0, 0]).await;
            }
            if first == kind {
                return body;
            }
            assert_eq!(first, PING, "another packet than {kind:#x} came");
        }
    }

    async fn packet(&mut self) -> (u8, Vec<u8>) {
        let first = self.0.read_u8().await.unwrap();
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let octet = self.0.read_u8().await.unwrap();
            length |= usize::from(octet & 0x7f) << shift;
            shift += 7;
            if octet < 0x80 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        (first, body)
    }

    /// Answers the subscription with these codes.
    pub(crate) async fn grant(&mut self, codes: &[u8]) {
        let asked = self.hear(SUBSCRIBE).await;
        let length = u8::try_from(codes.len() + 2).unwrap();
        self.say(&[&[0x90, length, asked[0], asked[1]], codes].concat()).await;
    }

    /// Answers the subscription with these codes, and hears a packet of that kind with this in it, whichever comes first.
    pub(crate) async fn grant_and(&mut self, codes: &[u8], kind: u8, body: &[u8]) {
        let length = u8::try_from(codes.len() + 2).unwrap();
        for _ in 0..2 {
            let (first, heard) = soon("a packet", self.packet()).await;
            if first == SUBSCRIBE {
                self.say(&[&[0x90, length, heard[0], heard[1]], codes].concat()).await;
            } else {
                assert_eq!((first, &*heard), (kind, body));
            }
        }
    }

    /// Says all of it at once, and hears meanwhile so many packets of four octets; gives the packet ids in them.
    pub(crate) async fn flood(self, octets: Vec<u8>, kind: u8, many: usize) -> Vec<u16> {
        let (mut hears, mut says) = self.0.into_split();
        let hearing = async {
            let mut ids = Vec::with_capacity(many);
            while ids.len() < many {
                let mut packet = [0; 4];
                soon("a packet", hears.read_exact(&mut packet)).await.unwrap();
                if packet[0] == kind {
                    ids.push(u16::from_be_bytes([packet[2], packet[3]]));
                }
            }
            ids
        };
        let (said, ids) = tokio::join!(says.write_all(&octets), hearing);
        said.unwrap();
        ids
    }

    /// Waits until the other side has hung up.
    pub(crate) async fn hung_up(mut self) {
        let end = async {
            let mut octets = [0; 1_024];
            while !matches!(self.0.read(&mut octets).await, Ok(0) | Err(_)) {}
        };
        soon("the end of a connection", end).await;
    }
}

/// A message of QoS 1.
pub(crate) fn publish(id: u16, topic: &str, payload: &[u8]) -> Vec<u8> {
    let [high, low] = id.to_be_bytes();
    let mut body = vec![0, u8::try_from(topic.len()).unwrap()];
    body.extend(topic.as_bytes());
    body.extend([high, low]);
    body.extend(payload);
    let mut packet = vec![0x32];
    let mut rest = body.len();
    loop {
        let digit = u8::try_from(rest % 128).unwrap();
        rest /= 128;
        packet.push(if rest > 0 { digit | 0x80 } else { digit });
        if rest == 0 {
            break;
        }
    }
    packet.extend(body);
    packet
}
