//! Peers at the control socket and at the port of the metrics: some say nothing, some hang up in the middle, some send what is no request;
//! and one scrapes, as it should.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::{Tally, a_while};
use crate::chance::Chance;
use crate::over::Over;
use crate::site::Site;
use crate::verdicts::Verdicts;

/// What a peer may begin with.
const WORDS: [&[u8]; 6] = [
    b"",
    b"\"sta",
    b"\"nonsense\"\n",
    b"GET /metrics HTTP/1.1\r\nX-Slow: ",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"{\"act\":{\"action\":[[[[[[[[[[[[[[[[[[",
];
/// More than any request has.
const LONG: usize = 1 << 20;

/// Peers that nobody wants.
pub(crate) fn peers(site: &Site, mut chance: Chance, over: &Over, tally: &Tally) {
    while over.pause(a_while(&mut chance) / 2) {
        let (mut sockets, mut streams) = (Vec::new(), Vec::new());
        for _ in 0..chance.below(100) {
            sockets.extend(UnixStream::connect(site.socket()));
            streams.extend(TcpStream::connect(site.metrics()));
        }
        tally.one("peers: silent or half a word");
        for socket in &mut sockets {
            let _ = socket.set_write_timeout(Some(Duration::from_secs(1)));
            let _ = socket.write_all(WORDS[chance.below(WORDS.len())]);
        }
        for stream in &mut streams {
            let _ = stream.set_write_timeout(Some(Duration::from_secs(1)));
            let _ = stream.write_all(WORDS[chance.below(WORDS.len())]);
        }
        if chance.per_mille(300) {
            tally.one("peers: a word without an end");
            let word = vec![b'x'; LONG];
            sockets.last_mut().into_iter().for_each(|socket| drop(socket.write_all(&word)));
            streams.last_mut().into_iter().for_each(|stream| drop(stream.write_all(&word)));
        }
        over.pause(a_while(&mut chance) / 2);
    }
}

/// By these the tally has it.
const ANSWERED: &str = "scrapes answered";
const MISSED: &str = "scrapes missed";

/// Prometheus, twelve times a minute; how often it was answered.
pub(crate) fn scrapes(site: &Site, over: &Over, tally: &Tally) {
    while over.pause(Duration::from_secs(5)) {
        let page = scrape(site).unwrap_or_default();
        let is_whole = page.starts_with("HTTP/1.1 200 ") && page.contains("vigie_tasks");
        tally.one(if is_whole { ANSWERED } else { MISSED });
    }
}

/// Prometheus was answered, whatever went wrong: nine times of ten, since a disk that holds up the record holds up a page as well.
pub(crate) fn was_answered(tally: &Tally, verdicts: &mut Verdicts) {
    let all = tally.all();
    let [answered, missed] = [ANSWERED, MISSED].map(|what| all.get(what).copied().unwrap_or(0));
    let found = format!("{answered} scrapes answered, {missed} missed");
    verdicts.hold(answered > 9 * missed, "Prometheus was answered", &found);
}

fn scrape(site: &Site) -> std::io::Result<String> {
    let mut peer = TcpStream::connect(site.metrics())?;
    peer.set_read_timeout(Some(Duration::from_secs(10)))?;
    peer.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut page = String::new();
    peer.read_to_string(&mut page)?;
    Ok(page)
}
