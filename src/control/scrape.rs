//! The port of the metrics: a small HTTP server on the loopback that answers `GET /metrics` and nothing else.
//!
//! It tells what [`super::metrics`] tells, and takes no word of anybody. A peer that is silent, slow or sends what is no request holds
//! up nobody: it has a few seconds and a few KiB, one answer, and whoever comes while every seat is taken gets that of the one who has
//! been silent longest. However many ask, the sequencer is asked once a second at most. Where the address cannot be had, that is the
//! alarm `output-lost`, and it is tried again.
//!
//! # Decision (2026-11-27): the loopback alone, and hyper
//!
//! Nobody is asked who they are here, so an address that other machines reach is refused when the files are read. What is told is
//! numbers, without a name of the site's own but those of inputs: any account of this machine may read them. Rejected: TLS and
//! passwords of our own, of which an administrator has better ones in the server or the agent that already stands before such ports.
//!
//! HTTP is hyper's (its first protocol version alone), which reads what hostile peers send as strictly as the console will need it,
//! and makes the pings as well. Rejected: a parser of ours for one request, which would be the second one to look after on the day of
//! the console; a framework (axum, warp), for one path.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::header::{ALLOW, CONTENT_TYPE, HOST};
use hyper::http::response::Builder;
use hyper::http::uri::Authority;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tracing::info;

use super::hall::{self, Spoken, Way};
use super::{Room, metrics};
use crate::health::Ended;
use crate::inbox::Closing;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::Mono;

/// What the task is called where its death is told.
pub const TASK: &str = "metrics";

/// A request must be whole within this time.
const HEAD: Duration = Duration::from_secs(3);
/// And the answer taken within this.
const PATIENCE: Duration = Duration::from_secs(10);
/// A request is no longer than this; hyper takes nothing less.
const LONGEST: usize = 8 * 1_024;
/// A page is told again for so long.
const FRESH: Duration = Duration::from_secs(1);

/// Serves until the house closes, or the address cannot be had.
pub async fn run(listen: SocketAddr, room: Arc<Room>, mut closing: Closing) -> Ended {
    let listener = match TcpListener::bind(listen).await {
        Ok(listener) => listener,
        Err(error) => {
            let reason = match error.kind() {
                io::ErrorKind::AddrInUse => {
                    format!("another program listens on {listen}; choose another port")
                }
                _ => format!("cannot listen on {listen}: {error}"),
            };
            return Ended { alarm: SelfAlarm::OutputLost, reason };
        }
    };
    info!(%listen, "metrics can be read");
    let begun = SelfSignal::cleared(SelfAlarm::OutputLost, TASK);
    let _ = room.inbox.tell(Happening::Own(begun), room.clock.now()).await;
    let pages = Pages { room, last: Mutex::default() };
    tokio::select! {
        () = hall::receive(&listener, "the port of the metrics", |stream, spoken| talk(stream, spoken, &pages)) => {}
        () = closing.closing() => {}
    }
    Ended { alarm: SelfAlarm::OutputLost, reason: "Vigie is stopping".to_owned() }
}

impl Way for TcpListener {
    type Peer = TcpStream;

    async fn next(&self) -> io::Result<TcpStream> {
        self.accept().await.map(|(stream, _)| stream)
    }

    fn account(_: &TcpStream) -> Option<u32> {
        None
    }
}

/// The latest page, and who makes the next.
struct Pages {
    room: Arc<Room>,
    /// A lock among those who ask at this port, so that of many who ask at once one asks the sequencer and all have the answer;
    /// nobody on the road of an alarm takes it.
    last: Mutex<Option<(Mono, String)>>,
}

impl Pages {
    async fn now(&self) -> Result<String, crate::inbox::Withheld> {
        let mut last = self.last.lock().await;
        let is_fresh = |made: &Mono| made.until(self.room.clock.now().mono) < FRESH;
        if let Some((_, page)) = last.as_ref().filter(|(made, _)| is_fresh(made)) {
            return Ok(page.clone());
        }
        let page = metrics::page(&self.room).await?;
        *last = Some((self.room.clock.now().mono, page.clone()));
        Ok(page)
    }
}

/// One request, one answer.
async fn talk(stream: TcpStream, spoken: Spoken, pages: &Pages) {
    let answering = service_fn(|request| {
        spoken.note();
        async move { Ok::<_, Infallible>(answer(&request, pages).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(LONGEST)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), answering);
    // What went wrong concerns the peer alone, and hyper has told it so as far as HTTP has a word for it.
    let _ = timeout(PATIENCE, connection).await;
}

async fn answer<B>(request: &Request<B>, pages: &Pages) -> Response<String> {
    let plain = |status: StatusCode| {
        Response::builder().status(status).header(CONTENT_TYPE, "text/plain; charset=utf-8")
    };
    let answered = if !is_meant(request) {
        told(
            plain(StatusCode::MISDIRECTED_REQUEST),
            "ask for localhost, or for the address itself\n",
        )
    } else if request.uri().path() != "/metrics" {
        told(plain(StatusCode::NOT_FOUND), "here is /metrics, and nothing else\n")
    } else if request.method() != Method::GET {
        told(plain(StatusCode::METHOD_NOT_ALLOWED).header(ALLOW, "GET"), "this is only read\n")
    } else {
        match pages.now().await {
            Ok(page) => Response::builder().header(CONTENT_TYPE, metrics::CONTENT_TYPE).body(page),
            Err(withheld) => told(plain(StatusCode::SERVICE_UNAVAILABLE), &format!("{withheld}\n")),
        }
    };
    answered.expect("the words of these heads are ours")
}

/// Whether who asks means this machine (421 where not: RFC 9110, 7.4). A page of the Internet may give its own name the address of the
/// loopback, and its reader's browser would then hand it what is read here; the name that the browser asked for betrays it. Who names
/// nobody is no browser.
fn is_meant<B>(request: &Request<B>) -> bool {
    let named = request.headers().get_all(HOST).iter().map(|host| host.to_str().ok());
    let asked = request.uri().authority().map(|authority| Some(authority.as_str()));
    named.chain(asked).all(|name| name.is_some_and(is_here))
}

fn is_here(name: &str) -> bool {
    let Ok(authority) = name.parse::<Authority>() else { return false };
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn told(head: Builder, body: &str) -> hyper::http::Result<Response<String>> {
    head.body(body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_another_name_than_this_machine_is_told_nothing() {
        for here in
            ["localhost", "LOCALHOST:9464", "127.0.0.1:9464", "127.8.0.1", "[::1]", "[::1]:9464"]
        {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in [
            "",
            "x",
            "evil.example:9464",
            "localhost.evil.example",
            "192.0.2.7",
            "[2001:db8::1]",
            "127.0.0.1.evil.example",
            "a b",
        ] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
        let asked = |uri: &str, hosts: &[&str]| {
            let request = Request::get(uri);
            let all = hosts.iter().fold(request, |request, host| request.header(HOST, *host));
            is_meant(&all.body(()).unwrap())
        };
        assert!(asked("/metrics", &["localhost"]) && asked("/metrics", &[]));
        assert!(!asked("/metrics", &["localhost", "evil.example"]), "every name counts");
        assert!(!asked("http://evil.example/metrics", &["localhost"]));
    }
}
