//! What comes faster than it can be received, and faster than it can be recorded.

use std::time::Duration;

use crate::house::{House, captured, message, sender, soon, until};
use vigie::inbox::Letter;
use vigie::watch::event::Happening;
use vigie::watch::own_alarms::SelfAlarm;

#[tokio::test]
async fn what_the_kernel_drops_is_counted_and_an_alarm() {
    let mut house = House::plain().await;
    let socket = sender("127.0.0.1:0", house.at(0));
    let small = captured("v2c-link-down");
    let large = message(0xa7, 60_000);
    // Nobody receives meanwhile: this thread is the only one.
    for _ in 0..2_000 {
        socket.send(&large).unwrap();
    }
    assert_eq!(house.counter("datagrams"), 0);
    // The kernel's buffer is emptied, and one more trap tells what it dropped before.
    let mut sent = 2_000;
    let told = soon("the drops are told", async {
        loop {
            match house.letters.try_recv() {
                Ok(Letter::Event { happening: Happening::Own(own), .. }) => return own,
                Ok(_) => {}
                Err(_) => {
                    socket.send(&small).unwrap();
                    sent += 1;
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
        }
    })
    .await;
    assert_eq!(
        (told.alarm, &*told.subject, told.active),
        (SelfAlarm::TrapsDropped, "snmp.network", true)
    );
    let (count, rest) = told.reason.split_once(' ').unwrap();
    assert!(rest.starts_with("traps dropped by the kernel since 20"), "{}", told.reason);
    let count: u64 = count.parse().unwrap();
    assert!((1..=house.counter("dropped_by_kernel")).contains(&count), "{}", told.reason);
    until("every datagram is accounted for", || {
        house.counter("datagrams") + house.counter("dropped_by_kernel") == sent
    })
    .await;
}

#[tokio::test]
async fn what_does_not_get_on_the_record_before_the_end_is_counted_to_the_last_datagram() {
    // As many as fill the room before the disk, with what each costs beside its octets, and more than two portions.
    const ALL: u64 = 400;
    let mut house = House::plain().await;
    let socket = sender("127.0.0.1:0", house.at(0));
    for sent in 1..=ALL {
        let pdu = if sent % 2 == 0 { 0xa7 } else { 0xa6 };
        socket.send(&message(pdu, 60_000)).unwrap();
        until("it is received", || house.counter("datagrams") == sent).await;
    }
    // Nobody takes letters, and nobody ever will.
    house.closing.send_replace(true);
    assert_eq!(house.end().await.reason, "Vigie is stopping");
    let mut in_the_inbox = 0;
    while house.letters.try_recv().is_ok() {
        in_the_inbox += 1;
    }
    let counted = |name| house.counter(name);
    assert!((1..ALL - 64).contains(&in_the_inbox), "{in_the_inbox}");
    assert_eq!(counted("traps") + counted("informs"), in_the_inbox);
    let left = counted("limited") + counted("deferred") + counted("copies");
    assert_eq!(in_the_inbox + left, ALL);
    assert_eq!(counted("traps") + counted("limited"), ALL / 2, "an inform is no trap");
    assert_eq!(house.reading.now().counters.get("waiting"), Some(&0));
}

#[tokio::test]
async fn a_flood_costs_nobody_but_its_source_and_each_datagram_is_accounted_for() {
    const INFORM: u8 = 0xa6;
    const TRAP: u8 = 0xa7;
    let mut house = House::plain().await;
    let flooder = sender("127.0.0.1:0", house.at(0));
    let quiet = sender("127.0.0.2:0", house.at(0));
    // Nobody takes letters: the inbox fills, then the queues, and then the surplus has to go.
    let mut sent = 0;
    for (pdu, many) in [(TRAP, 1_000), (INFORM, 50)] {
        let large = message(pdu, 60_000);
        for _ in 0..many {
            flooder.send(&large).unwrap();
            sent += 1;
            if sent % 50 == 0 {
                until("all are received", || house.counter("datagrams") == sent).await;
            }
        }
    }
    assert!(house.counter("limited") > 100, "{:?}", house.counters());
    assert_eq!(house.counter("deferred"), 50, "an inform is left to be repeated");
    let limited = house.counter("limited");
    for _ in 0..3 {
        quiet.send(&captured("v2c-link-down")).unwrap();
    }
    until("the quiet one is received", || house.counter("datagrams") == sent + 3).await;
    assert!((limited..=limited + 3).contains(&house.counter("limited")), "the flood gave");
    assert_eq!(house.counter("dropped_by_kernel"), 0);

    // Letters are taken again: the quiet one's come as soon as the portion in hand is in.
    let (mut letters, mut from_quiet, mut told) = (0, Vec::new(), Vec::new());
    let taken = |house: &House| house.counter("traps") + house.counter("informs");
    let all = |house: &House, letters: u64| {
        let lost = house.counter("limited") + house.counter("deferred");
        taken(house) + lost == sent + 3 && letters == taken(house)
    };
    while !all(&house, letters) {
        match house.happening().await.0 {
            Happening::Signal(signal) => {
                letters += 1;
                if &*signal.source == "127.0.0.2" {
                    from_quiet.push(letters);
                }
            }
            Happening::Own(own) => told.push(own),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(from_quiet.len(), 3, "who sends little loses nothing");
    assert!(from_quiet.iter().all(|place| *place < 300), "nor waits: {from_quiet:?}");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (told[0].alarm, &*told[0].subject, told[0].active),
        (SelfAlarm::TrapFlood, "127.0.0.1 to snmp.network", true)
    );
    assert!(told[0].reason.starts_with("more than can be recorded since 20"), "{told:?}");
}
