//! More comes while the disk fails than memory keeps: nobody waits for nobody, and the record says what it lacks.

use std::sync::Arc;

use rusqlite::ffi::SQLITE_FULL;
use vigie::host::clock::Clock;
use vigie::journal::{Reader, Reserve, Verification};
use vigie::watch::Watch;
use vigie::watch::event::{Action, Command, Happening, Target};
use vigie::watch::name::PersonId;
use vigie::watch::signal::{Fields, Kind, Value};
use vigie::watch::time::Utc;

use super::Site;
use super::calling::{House, record};

#[test]
fn whoever_floods_one_input_while_the_disk_is_full_keeps_no_contact_from_calling() {
    const FLOOD: i64 = 21_000;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let house = House::open().await;
        house.disk.fail(0, SQLITE_FULL);
        for number in 0..FLOOD {
            let mut fields = Fields::default();
            fields.set("trap", Value::text("SNMPv2-MIB::coldStart"));
            fields.set("number", Value::Int(number));
            let kept = house.hears("snmp.network", Kind::Snmp, fields, None).await;
            assert!(!kept, "nothing is on the disk");
        }
        let mut fields = Fields::default();
        fields.set("line", Value::text("door"));
        fields.set("alarm", Value::Bool(true));
        assert!(!house.hears("contacts.cabinet", Kind::Contacts, fields, None).await);
        while !house.next_call().await.contains("The door is open") {}
        house.disk.heal();
        house.until_well().await;
        let record = record(&house.close().await);
        let noise = record.iter().filter(|entry| entry["body"].to_string().contains("coldStart"));
        assert!((1..10_000).contains(&noise.count()), "a part of the flood is on the record");
    });
}

/// Which of the links stand, and who has the last.
fn standing(watch: &Watch, last: i64) -> (usize, Option<String>) {
    let state = watch.state();
    let last = state.alarm("link", &last.to_string()).and_then(|alarm| alarm.open.as_deref());
    let holder = last.and_then(|open| open.stage.acknowledged());
    (state.standing_count(), holder.map(|holder| holder.person.to_string()))
}

#[test]
fn what_finds_no_room_while_the_disk_is_full_is_in_force_and_outlives_a_restart() {
    // Of these five thousand are kept, as signals of one input.
    const LINKS: i64 = 5_200;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // With room that is kept back, which is used up first, and without.
    for reserve in [Reserve::Unasked, Reserve::Kept] {
        runtime.block_on(overfull(reserve, LINKS));
    }
}

async fn overfull(reserve: Reserve, links: i64) {
    let house = House::on(Site::new(), reserve).await;
    house.disk.fail(0, SQLITE_FULL);
    for link in 1..=links {
        assert!(!house.link_down(link).await, "nothing is on the disk");
    }
    let number = move |watch: &Watch| {
        let alarm = watch.state().alarm("link", &links.to_string()).expect("it is known");
        alarm.open.as_ref().expect("it stands").number
    };
    let target = Target::Occurrence(house.inbox.ask(number).await.unwrap());
    let (person, account) = (PersonId::new("marie"), Arc::from("root"));
    let takes = Command { person, account, action: Action::Acknowledge, target };
    let _ = house.inbox.post(Happening::Command(takes), Clock::new().now()).await;
    house.disk.heal();
    house.until_well().await;
    assert!(house.link_down(links + 1).await, "after that all is as before");
    let stand = move |watch: &Watch| standing(watch, links);
    let before = house.inbox.ask(stand).await.unwrap();
    assert_eq!(before.1.as_deref(), Some("marie"));
    assert!(before.0 > 5_200, "{before:?}");

    // The power fails: what is on the disk is all there is.
    let site = house.as_it_is_on_disk();
    assert!(matches!(site.verify(), Verification::Intact { .. }));
    let record = record(&site);
    let missing = record.iter().find(|entry| entry["kind"] == "missing").expect("it is said");
    let missing = missing["body"]["event"]["missing"]["decisions"].as_u64().unwrap();
    assert!((1..400).contains(&missing), "{missing}");
    let answer = record.iter().find(|entry| entry["kind"] == "command").expect("it has room");
    assert!(answer["body"]["held"].to_string().contains("marie"), "{answer}");
    let mut rows = 0;
    let all = (Utc::from_micros(0), Utc::from_micros(i64::MAX));
    Reader::open(&site.path).unwrap().occurrences(all.0, all.1, |_| rows += 1).unwrap();
    assert!(rows > links, "{rows} rows");

    let again = House::on(site, Reserve::Unasked).await;
    assert_eq!(again.inbox.ask(stand).await.unwrap(), before, "nothing of it is lost");
    again.close().await;
    house.close().await;
}
