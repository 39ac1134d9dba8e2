//! What comes faster than it can be recorded.

use std::time::Duration;

use crate::house::{House, captured, message, sender, soon, until};
use vigie::inbox::{CAPACITY, Letter};
use vigie::watch::event::Happening;
use vigie::watch::own_alarms::SelfAlarm;

#[tokio::test]
async fn a_full_inbox_makes_it_wait_and_what_the_kernel_drops_is_counted_and_an_alarm() {
    let mut house = House::plain().await;
    let socket = sender("127.0.0.1:0", house.at(0));
    let small = captured("v2c-link-down");
    let room = u64::try_from(CAPACITY).unwrap();
    // One more than there is room for: the receiver stands with it in its hand.
    for sent in 1..=room + 1 {
        socket.send(&small).unwrap();
        if sent % 100 == 0 {
            until("the receiver keeps up", || house.counter("datagrams") == sent).await;
        }
    }
    until("the inbox is full", || house.counter("datagrams") == room + 1).await;
    let large = message(0xa7, 60_000);
    for _ in 0..2_000 {
        socket.send(&large).unwrap();
    }
    assert_eq!(house.counter("datagrams"), room + 1, "nothing more was received");
    assert_eq!(
        house.counter("dropped_by_kernel"),
        0,
        "the kernel tells with the next that it takes"
    );

    // The kernel's buffer is emptied, and one more trap tells what it dropped before.
    let mut sent = room + 1 + 2_000;
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
