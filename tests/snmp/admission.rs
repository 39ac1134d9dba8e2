//! Whom the receiver does not take, it counts and leaves without a word.

use std::io::ErrorKind;

use crate::house::{House, captured, sender, settings, until};
use vigie::watch::decision::Outcome;

#[tokio::test]
async fn strangers_wrong_communities_and_what_is_no_notification_are_counted_and_left() {
    let mut house =
        House::open(settings(&["0.0.0.0:0"], &["127.0.0.2/31"], &["private", "public"])).await;
    let to = format!("127.0.0.1:{}", house.at(0).port()).parse().unwrap();
    let stranger = sender("127.0.0.1:0", to);
    stranger.send(&captured("v2c-link-down")).unwrap();
    stranger.send(&captured("v2c-inform")).unwrap();
    stranger.send(b"garbage").unwrap();
    let known = sender("127.0.0.2:0", to);
    for name in ["v2c-community-latin1", "v3-trap-no-auth", "v3-trap-auth-priv", "v2c-get"] {
        known.send(&captured(name)).unwrap();
    }
    known.send(b"garbage").unwrap();
    known.send(b"").unwrap();
    until("nine datagrams", || house.counter("datagrams") == 9).await;
    assert_eq!(
        house.counters(),
        [
            ("datagrams", 9),
            ("malformed", 2),
            ("not_a_notification", 1),
            ("strangers", 3),
            ("version_3", 2),
            ("wrong_community", 1),
        ]
        .into()
    );
    assert_eq!(house.reading.now().last_heard, None, "noise does not keep an input alive");
    // The first letter of all is the inform that is admitted, and its answer the only one.
    let inform = captured("v2c-inform");
    known.send(&inform).unwrap();
    let (signal, receipt) = house.signal().await;
    assert_eq!((&*signal.source, &*signal.raw), ("127.0.0.2", &*inform));
    receipt.give(Outcome::Taken);
    crate::house::heard(&known).await;
    for socket in [stranger, known] {
        assert_eq!(socket.recv(&mut [0; 1_000]).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}
