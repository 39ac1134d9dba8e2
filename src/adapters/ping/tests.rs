//! Servers of every kind, and a house that lives, refuses or hangs: when a life sign is given, and when it is an alarm.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch as channel};

use super::*;
use crate::config::Secret;
use crate::health::{PingReading, Wire, ping};
use crate::inbox::{Letter, inbox};
use crate::watch::Watch;

/// A server's way with a request.
#[derive(Clone, Copy)]
enum Way {
    /// It says this, and closes.
    Says(&'static str),
    /// It says this, and then nothing more.
    Hangs(&'static str),
    /// It says this, and then never stops.
    Floods(&'static str),
}

async fn serve(mut peer: TcpStream, way: Way) {
    let mut head = [0; 4_096];
    let _ = peer.read(&mut head).await;
    let (Way::Says(text) | Way::Hangs(text) | Way::Floods(text)) = way;
    let _ = peer.write_all(text.as_bytes()).await;
    match way {
        Way::Says(_) => {}
        Way::Hangs(_) => std::future::pending().await,
        Way::Floods(_) => while peer.write_all(&[b'x'; 4_096]).await.is_ok() {},
    }
}

/// What becomes of one call to a server of that way.
async fn called(way: Way) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/s3cr3t?k=s3cr3t", listener.local_addr().unwrap());
    let serving = async {
        let (peer, _) = listener.accept().await.unwrap();
        serve(peer, way).await;
        std::future::pending::<()>().await;
    };
    // Long enough for a busy machine; only who hangs takes all of it.
    let patience = Duration::from_millis(1_500);
    let (address, mut client) = (WebAddress::parse(&url).unwrap(), Client::default());
    let calling = timeout(patience, client.call(&address, None, patience));
    tokio::select! {
        called = calling => called.unwrap_or_else(|_| Err(Failed::late(patience))).map_err(|Failed(why)| why),
        () = serving => unreachable!("it never ends"),
    }
}

#[tokio::test]
async fn of_an_endless_answer_some_kib_are_read_and_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let written = AtomicU32::new(0);
    let flooding = async {
        let (mut peer, _) = listener.accept().await.unwrap();
        // What comes before the question is no answer to it.
        let _ = peer.read(&mut [0; 4_096]).await.unwrap();
        peer.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        while peer.write_all(&[b'x'; 65_536]).await.is_ok() {
            written.fetch_add(1, Ordering::SeqCst);
        }
    };
    let (address, mut client) = (WebAddress::parse(&url).unwrap(), Client::default());
    // Long: what bounds it is not the time.
    let patience = Duration::from_secs(120);
    let (called, ()) = tokio::join!(client.call(&address, None, patience), flooding);
    assert_eq!(called, Ok(()));
    // What was written beyond is in the buffers of the kernel.
    let written = written.load(Ordering::SeqCst);
    assert!(written < 512, "{written} times 64 KiB");
}

#[tokio::test]
async fn a_2xx_is_an_answer_and_whatever_else_a_server_does_is_none() {
    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";
    let long = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
    for way in [
        Way::Says(OK),
        Way::Hangs(OK),
        Way::Says("HTTP/1.0 204 No Content\r\n\r\n"),
        Way::Says(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n0\r\n\r\n",
        ),
        Way::Says("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\ncut off"),
        Way::Hangs(long),
        Way::Floods(long),
    ] {
        assert_eq!(called(way).await, Ok(()));
    }
    for (way, why) in [
        (Way::Says("HTTP/1.1 500 Internal Server Error\r\n\r\n"), "the server answers 500"),
        (
            Way::Says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            "the server answers 404",
        ),
        (
            Way::Says("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/s3cr3t\r\n\r\n"),
            "the server answers 302, a redirection, which is not followed: write into `url` where it leads",
        ),
        (
            Way::Says("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nOK (not found)"),
            "the service does not know this `url`: it answers \"not found\"",
        ),
        (Way::Says("SSH-2.0-OpenSSH_9.2\r\n"), "what the server answers is no HTTP"),
        (Way::Floods("HTTP/1.1 200 OK\r\nX: "), "what the server answers is no HTTP"),
        (Way::Says(""), "the server closed the connection without an answer"),
        (Way::Says("HTTP/1.1 20"), "the server closed the connection without an answer"),
        (Way::Hangs(""), "the server has not answered within 1.5s"),
        (Way::Hangs("HTTP/1.1 200 OK\r\nX: y"), "the server has not answered within 1.5s"),
    ] {
        assert_eq!(called(way).await, Err(why.to_owned()));
    }
    let mut client = Client::default();
    let patience = Duration::from_secs(5);
    for (url, why) in [
        ("http://127.0.0.1:1/", "nobody listens at the server"),
        ("http://no-such-host.invalid/", "the name of the server cannot be resolved"),
    ] {
        let address = WebAddress::parse(url).unwrap();
        let Err(Failed(said)) = client.call(&address, None, patience).await else {
            panic!("{url}")
        };
        assert_eq!(said, why);
    }
}

/// What becomes of a proof in the house.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Disk {
    Takes,
    Refuses,
    Hangs,
}

/// A house with one ping, and the server to which it goes.
struct House {
    disk: channel::Sender<Disk>,
    proofs: AtomicU32,
    pings: AtomicU32,
    /// Whether the server refuses.
    refuses: AtomicBool,
    own: channel::Sender<Vec<SelfSignal>>,
    reading: PingReading,
}

impl House {
    async fn with(disk: Disk, night: impl AsyncFnOnce(&House)) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/s3cr3t", listener.local_addr().unwrap());
        let name: Arc<str> = Arc::from("ping.switch");
        let clock = Clock::new();
        let (pulse, reading) =
            ping(Arc::clone(&name), "the configuration".to_owned(), clock.now().utc);
        let every = Duration::from_millis(400);
        let at = String::new();
        let settings = PingSettings { name, url: Secret::given(&url), at, every, ca: None };
        let (inbox, letters) = inbox();
        let house = Self {
            disk: channel::channel(disk).0,
            proofs: AtomicU32::new(0),
            pings: AtomicU32::new(0),
            refuses: AtomicBool::new(false),
            own: channel::channel(Vec::new()).0,
            reading,
        };
        let (_close, closing) = channel::channel(false);
        let closing = Closing::new(closing);
        tokio::select! {
            ended = run(Arc::new(settings), inbox, Arc::new(pulse), clock, closing) => panic!("{ended:?}"),
            () = house.decide(letters) => panic!("the inbox was shut"),
            () = house.listen(listener) => {}
            () = night(&house) => {}
        }
    }

    async fn decide(&self, mut letters: mpsc::Receiver<Letter>) {
        let site = crate::config::read_str(&[(
            "vigie.toml",
            "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n",
        )]);
        let watch = Watch::new(Arc::new(site.settings.unwrap().site));
        while let Some(letter) = letters.recv().await {
            match letter {
                Letter::Proof(proof) => {
                    self.proofs.fetch_add(1, Ordering::SeqCst);
                    let mut disk = self.disk.subscribe();
                    let answers = *disk.wait_for(|disk| *disk != Disk::Hangs).await.unwrap();
                    let refused = || Err(std::io::Error::other("no space left on device"));
                    let _ = proof.send(if answers == Disk::Takes { Ok(()) } else { refused() });
                }
                Letter::Question(question) => question(&watch),
                Letter::Event { happening: Happening::Own(own), .. } => {
                    self.own.send_modify(|seen| seen.push(own))
                }
                Letter::Event { .. } | Letter::Site(..) => panic!("only life signs are given here"),
            }
        }
    }

    async fn listen(&self, listener: TcpListener) {
        loop {
            let (peer, _) = listener.accept().await.unwrap();
            self.pings.fetch_add(1, Ordering::SeqCst);
            let answer = if self.refuses.load(Ordering::SeqCst) {
                "HTTP/1.1 503 Service Unavailable\r\n\r\n"
            } else {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
            };
            serve(peer, Way::Says(answer)).await;
        }
    }

    async fn until(&self, what: &str, so: impl Fn() -> bool) {
        let waiting = async {
            while !so() {
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(Duration::from_secs(60), waiting)
            .await
            .unwrap_or_else(|_| panic!("in vain: {what}"));
    }

    /// What was said of the alarm so far: begun, or over.
    fn said(&self) -> Vec<(bool, String)> {
        let seen = self.own.borrow();
        let said = seen.iter().inspect(|own| {
            assert_eq!((own.alarm, &*own.subject), (SelfAlarm::OutputLost, "ping.switch"));
        });
        said.map(|own| (own.active, own.reason.to_string())).collect()
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_an_alarm_after_three_intervals_and_over_with_the_next_answer()
 {
    House::with(Disk::Takes, async |house| {
        house.until("the first is answered", || house.reading.now().state == Wire::Up).await;
        house
            .until("what an earlier life left is over", || house.said() == [(false, String::new())])
            .await;
        house.refuses.store(true, Ordering::SeqCst);
        let lost = || Wire::Down("the server answers 503".to_owned());
        house.until("one interval brings none", || house.reading.now().state == lost()).await;
        assert_eq!(house.said().len(), 1, "one is no alarm");
        house.until("it is an alarm", || house.said().len() == 2).await;
        assert_eq!(house.said()[1], (true, "the server answers 503".to_owned()));
        let failures = house.reading.now().failures;
        assert!((9..=12).contains(&failures), "three tries in three intervals: {failures}");
        house.until("it goes on", || house.reading.now().failures > failures + 3).await;
        assert_eq!(house.said().len(), 2, "it is said once");
        house.refuses.store(false, Ordering::SeqCst);
        house.until("it is over", || house.said().len() == 3).await;
        assert!(!house.said()[2].0);
        assert_eq!(house.reading.now().state, Wire::Up);
        let told = serde_json::to_string(&house.reading.now()).unwrap();
        assert!(!told.contains("s3cr3t"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_house_whose_disk_refuses_or_hangs_gives_no_sign_of_life() {
    House::with(Disk::Refuses, async |house| {
        house.until("three intervals", || house.proofs.load(Ordering::SeqCst) >= 3).await;
        assert_eq!(house.pings.load(Ordering::SeqCst), 0);
        let not_sent = Wire::Down("not sent, for the record cannot be written".to_owned());
        assert_eq!(house.reading.now().state, not_sent);
        assert_eq!(house.said(), [], "the disk is an alarm of its own");
        house.disk.send_replace(Disk::Takes);
        house.until("it takes it again", || house.pings.load(Ordering::SeqCst) >= 1).await;
        house.disk.send_replace(Disk::Hangs);
        let proofs = house.proofs.load(Ordering::SeqCst);
        house.until("it hangs", || house.proofs.load(Ordering::SeqCst) > proofs).await;
        let pings = house.pings.load(Ordering::SeqCst);
        // Two intervals, in which a timer of its own would have sent.
        sleep(Duration::from_millis(900)).await;
        assert_eq!(house.pings.load(Ordering::SeqCst), pings);
        house.disk.send_replace(Disk::Takes);
        house.until("it lives", || house.pings.load(Ordering::SeqCst) > pings).await;
    })
    .await;
}
