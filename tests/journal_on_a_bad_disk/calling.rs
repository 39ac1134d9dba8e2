//! The daemon's heart on a disk that fails from some write on: people are called, nobody is told
//! that anything was received that is not on the disk, and all of it is on the record afterwards.

use std::ffi::c_int;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::ffi::{SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE};
use serde_json::Value as Json;
use tokio::task::JoinSet;
use vigie::config;
use vigie::errand::{Errands, errands};
use vigie::host::clock::Clock;
use vigie::inbox::{Inbox, inbox};
use vigie::journal::{Journal, Reader, Reserve, Verification};
use vigie::outbox::Outbox;
use vigie::sequencer::{Sequencer, recover};
use vigie::watch::Watch;
use vigie::watch::event::Happening;
use vigie::watch::name::InputName;
use vigie::watch::own_alarms::{RECORD, RESERVE, SelfAlarm, SelfSignal};
use vigie::watch::signal::{Fields, Identity, Kind, Signal, Tells, Value};
use vigie::watch::site::Channel;

use super::Site;
use super::disk::Disk;

const FILE: &str = r#"
[site]
name = "Nord"
time-zone = "UTC"
last-resort = "everybody"
[people.marie]
phone = "+33612345678"
[people.lea]
phone = "+33655443322"
[escalations.technique]
steps = [{ notify = ["person:marie"], wait = "1h" }]
[escalations.everybody]
steps = [{ notify = ["person:lea"], wait = "1h" }]
[gsm.modem]
device = "/dev/null"
[snmp.network]
[contacts.cabinet]
gpio = "/dev/gpiochip0"
[contacts.cabinet.lines.door]
line = 4
[alarms.door]
from = ["contacts.cabinet"]
active = "alarm"
text = "The door is open"
escalation = "technique"
[alarms.link]
from = ["snmp.network"]
match = { trap = ["IF-MIB::linkDown", "IF-MIB::linkUp"] }
key = "{ifIndex}"
active = 'trap == "IF-MIB::linkDown"'
normal = 'trap == "IF-MIB::linkUp"'
text = "Link {ifIndex} is down"
escalation = "technique"
"#;

/// So many alarms come while the disk fails.
const ALARMS: i64 = 4;
/// Nothing that is waited for takes so long, on however slow a machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A house without wires: the sequencer, the outbox, and a modem that takes what it is handed.
pub(super) struct House {
    site: Site,
    pub(super) disk: Disk,
    pub(super) inbox: Inbox,
    errands: Errands,
    parts: JoinSet<()>,
}

impl House {
    pub(super) async fn open() -> Self {
        Self::on(Site::new(), Reserve::Unasked).await
    }

    /// Goes on from what is there, with or without a reserve.
    pub(super) async fn on(site: Site, reserve: Reserve) -> Self {
        let disk = Disk::under(&site.path);
        let (journal, mut recovered) = Journal::open(&site.path).unwrap();
        let (state, replayed) = recover(&mut recovered).unwrap();
        let head = recovered.head();
        drop(recovered);
        if reserve == Reserve::Kept {
            assert_eq!(journal.lay_reserve().await.unwrap(), reserve);
        }
        let reading = config::read_str(&[("vigie.toml", FILE)]);
        let site_of = reading.settings.unwrap_or_else(|| panic!("{:#?}", reading.complaints)).site;
        let watch = Watch::resume(Arc::new(site_of), state);
        let (inbox, letters) = inbox();
        let (errands, requests) = errands();
        let clock = Clock::new();
        let mut sequencer =
            Sequencer::new(watch, journal, head, replayed, letters, errands.clone(), clock);
        let mut parts = JoinSet::new();
        parts.spawn(Outbox::new(requests).run());
        sequencer.begin().await;
        parts.spawn(sequencer.run());
        Self { site, disk, inbox, errands, parts }
    }

    /// The text of the next message that a modem is handed.
    pub(super) async fn next_call(&self) -> String {
        let modem = InputName::new("gsm.modem");
        let next = self.errands.next(Channel::Sms, &modem);
        let next = tokio::time::timeout(LIMIT, next).await.expect("nobody is called").unwrap();
        self.errands.done(next.id, &modem).await;
        next.text.to_string()
    }

    pub(super) async fn refuses_writes(&self) -> bool {
        self.stands(RECORD).await
    }

    /// Waits until what was decided meanwhile is on the disk.
    pub(super) async fn until_well(&self) {
        let well = async {
            while self.refuses_writes().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(LIMIT, well).await.expect("the disk is well, and is not used");
    }

    async fn stands(&self, subject: &'static str) -> bool {
        let stands = move |watch: &Watch| watch.state().stands(SelfAlarm::Store, subject);
        self.inbox.ask(stands).await.unwrap()
    }

    /// A link goes down. Returns whether its sender is told that this was received, which must be
    /// on the disk then.
    pub(super) async fn link_down(&self, interface: i64) -> bool {
        let receipt = self.says(interface, None).await;
        if receipt {
            let there = record(&self.site).iter().any(|entry| is_of(entry, interface));
            assert!(there, "link {interface} is told to be received, and is not on the disk");
        }
        receipt
    }

    /// A link is said to be down; with an identity by somebody who repeats it until it is acknowledged.
    async fn says(&self, interface: i64, identity: Option<Identity>) -> bool {
        let mut fields = Fields::default();
        fields.set("trap", Value::text("IF-MIB::linkDown"));
        fields.set("ifIndex", Value::Int(interface));
        self.hears("snmp.network", Kind::Snmp, fields, identity).await
    }

    /// An input receives something. Returns whether its sender is told so.
    pub(super) async fn hears(
        &self,
        input: &str,
        kind: Kind,
        fields: Fields,
        identity: Option<Identity>,
    ) -> bool {
        let now = Clock::new().now();
        let signal = Signal {
            input: InputName::new(input),
            kind,
            source: Arc::from("10.0.0.1"),
            fields,
            text: Arc::from(""),
            source_time: None,
            tells: Tells::News,
            received: now.utc,
            identity,
            raw: Arc::from([]),
        };
        self.inbox.post(Happening::Signal(signal), now).await.is_ok()
    }

    /// A copy of what a power cut would leave.
    pub(super) fn as_it_is_on_disk(&self) -> Site {
        let left = ["vigie.db", "vigie.db-wal"].map(|name| self.site.path.with_file_name(name));
        Site::with(&left.map(|file| (file.clone(), std::fs::read(file).unwrap())).into())
    }

    pub(super) async fn close(self) -> Site {
        let Self { site, disk, inbox, errands, parts } = self;
        drop((inbox, errands));
        parts.join_all().await;
        drop(disk);
        site
    }
}

/// The store of a daemon that was stopped while some alarms stood.
pub(crate) fn a_night_with_alarms() -> Site {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let house = House::open().await;
        for interface in 1..=60 {
            assert!(house.link_down(interface).await);
            house.next_call().await;
        }
        house.close().await
    })
}

pub(super) fn record(site: &Site) -> Vec<Json> {
    let lines = Reader::open(&site.path).unwrap().tail(usize::MAX).unwrap();
    lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
}

fn is_of(entry: &Json, interface: i64) -> bool {
    entry["kind"] == "signal"
        && entry["body"].to_string().contains(&format!("Link {interface} is down"))
}

/// One night on a disk that fails after so many writes. Returns whether there were that many.
async fn night(after: u32, code: c_int) -> bool {
    let house = House::open().await;
    assert!(house.link_down(1).await);
    assert!(house.next_call().await.contains("Link 1"));

    house.disk.fail(after, code);
    let mut told = Vec::new();
    let mut calls = Vec::new();
    for interface in 2..2 + ALARMS {
        told.push(house.link_down(interface).await);
        while !calls.iter().any(|text: &String| text.contains(&format!("Link {interface}"))) {
            calls.push(house.next_call().await);
        }
    }
    let failed = told.contains(&false);
    if failed {
        while !calls.iter().any(|text| text.contains("Vigie cannot write its record")) {
            calls.push(house.next_call().await);
        }
        assert!(house.refuses_writes().await);
        assert!(!told.last().unwrap(), "it goes on failing, and so do the receipts");
    }
    let failed = house.disk.heal() && failed;
    house.until_well().await;
    assert!(house.link_down(99).await, "after that all is as before");
    let site = house.close().await;
    assert!(matches!(site.verify(), Verification::Intact { .. }));
    in_order_and_marked(&record(&site), &told);
    failed
}

/// Everything that was decided is on the record, once and in order; what was decided while the disk
/// refused is marked so, and nothing else is.
fn in_order_and_marked(record: &[Json], told: &[bool]) {
    let place = |interface: i64| {
        let mut places = (0..record.len()).filter(|place| is_of(&record[*place], interface));
        let place = places.next().expect("what happened is on the record");
        assert_eq!(places.next(), None, "once");
        place
    };
    let places: Vec<usize> = (1..2 + ALARMS).chain([99]).map(place).collect();
    assert!(places.is_sorted(), "{places:?}");
    let marked = |place: usize| record[place]["distress"] == true;
    let mut refused = false;
    for (told, place) in told.iter().zip(&places[1..]) {
        // The first one that the disk refused is tried again as it is: it was decided in peace.
        assert_eq!(marked(*place), !told && refused, "{}", record[*place]);
        refused |= !told;
    }
    assert!(!marked(places[places.len() - 1]), "all is well again");
}

#[test]
fn a_store_that_works_again_after_a_restart_is_not_said_to_refuse_writes_for_ever() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let house = House::open().await;
        // As if the power had failed between the end of a distress and the word that it is over.
        for subject in [RECORD, RESERVE] {
            let own = SelfSignal::raised(SelfAlarm::Store, subject, "the disk is full");
            house.inbox.tell(Happening::Own(own), Clock::new().now()).await.unwrap();
            assert!(house.stands(subject).await);
        }
        let house = House::on(house.close().await, Reserve::Kept).await;
        for subject in [RECORD, RESERVE] {
            assert!(!house.stands(subject).await, "{subject}");
        }
        house.close().await;
    });
}

#[test]
fn what_is_sent_again_and_again_while_the_disk_is_full_leaves_room_for_news() {
    const AGAIN: usize = 25_000;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let house = House::open().await;
        house.disk.fail(0, SQLITE_FULL);
        let known = Some(Identity(7));
        assert!(!house.says(1, known).await);
        while !house.next_call().await.contains("Link 1") {}
        for _ in 0..AGAIN {
            assert!(!house.says(1, known).await, "nothing is on the disk");
        }
        assert!(!house.says(2, Some(Identity(8))).await);
        while !house.next_call().await.contains("Link 2") {}
        house.disk.heal();
        house.until_well().await;
        assert!(house.says(1, known).await, "it is known, and on the disk");
        let site = house.close().await;
        assert!(matches!(site.verify(), Verification::Intact { .. }));
        let record = record(&site);
        let said = |link| record.iter().filter(|entry| is_of(entry, link)).count();
        assert_eq!((said(1), said(2)), (1, 1));
        assert!(record.len() < 100, "{} entries", record.len());
    });
}

#[test]
fn a_disk_that_fails_at_any_write_silences_nobody_and_nothing_is_received_that_is_not_on_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for code in [SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC] {
            let mut nights = JoinSet::new();
            for after in 0..32 {
                nights.spawn(night(after, code));
            }
            let failed = nights.join_all().await.into_iter().filter(|failed| *failed).count();
            println!("code {code}: {failed} nights on a disk that fails");
            assert!(failed > 15, "{failed}: the disk was hardly asked");
        }
    });
}
