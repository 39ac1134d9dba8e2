//! Hostile bytes for what lies on a disk: calendars, MIB files, scenarios, and the store's own rows.
//!
//! Somebody has downloaded them, written them in a hurry, or a disk has altered them.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Deserializer, from_slice};
use vigie::cli::explain::written;
use vigie::cli::rehearse::Scenario;
use vigie::config::{self, mibs};
use vigie::watch::Watch;
use vigie::watch::decision::Decision;
use vigie::watch::event::{Entropy, Event, Happening};
use vigie::watch::site::Site;
use vigie::watch::snapshot::Piece;
use vigie::watch::state::State;
use vigie::watch::time::{ClockQuality, Moment, Utc};
use vigie_snmp::names::Catalogue;

/// A calendar of public holidays.
pub(crate) fn calendar(octets: &[u8]) -> bool {
    let text = String::from_utf8_lossy(octets);
    let (days, notes) = config::holidays(&text, "holidays.ics");
    assert!(!days.is_empty() || !notes.is_empty(), "no holiday, and nobody is told why");
    !days.is_empty()
}

/// A folder of this thread's own: the compiler reads files.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let number = format!("{}-{:?}", std::process::id(), std::thread::current().id());
        let folder = std::env::temp_dir().join(format!("vigie-hostile-{number}"));
        fs::create_dir_all(&folder).expect("a folder of our own can be made");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind in the folder of temporary files does no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A MIB file.
pub(crate) fn mib(octets: &[u8]) -> bool {
    thread_local! {
        static FOLDER: Folder = Folder::new();
    }
    FOLDER.with(|Folder(folder)| {
        let file = folder.join("HOSTILE-MIB");
        fs::write(&file, octets).expect("a file of our own can be written");
        let _ = mibs::traps(&file);
        let listing = mibs::Listing::of(std::slice::from_ref(folder));
        let Ok(compiled) = mibs::catalogue(&listing) else { return false };
        let catalogue = Catalogue::open(Arc::from(compiled.octets));
        !catalogue.expect("what we write can be read").is_empty()
    })
}

/// A night that somebody has written; it is read, and not played: a year may pass in a line of it.
pub(crate) fn scenario(octets: &[u8]) -> bool {
    let read = Scenario::read("hostile.scenario", &String::from_utf8_lossy(octets));
    read.map_err(|error| assert!(!error.to_string().is_empty())).is_ok()
}

/// The small site that goes on with what a store holds.
fn site() -> Arc<Site> {
    let text = include_str!("../../fixtures/stores/site.toml").replace("@@", "/nowhere");
    let reading = config::read_str(&[("vigie.toml", &text)]);
    Arc::new(reading.settings.expect("the site of the stores is sound").site)
}

/// Rows of a store, one each line: pieces of a snapshot, decisions, and signals as they are exported. What can be understood is taken
/// in, and the watch goes on from there.
pub(crate) fn record(octets: &[u8]) -> bool {
    thread_local! {
        static SITE: Arc<Site> = site();
    }
    let _ = written::read(&String::from_utf8_lossy(octets), Utc::default());
    let (mut state, mut understood) = (State::default(), false);
    for row in octets.split(|octet| *octet == b'\n') {
        if let Ok(decision) = from_slice::<Decision>(row) {
            state.take(&decision);
            understood = true;
            continue;
        }
        for piece in Deserializer::from_slice(row).into_iter::<Piece>().map_while(Result::ok) {
            state.absorb(piece);
            understood = true;
        }
    }
    let _ = state.pieces().count();
    let mut watch = Watch::resume(SITE.with(Arc::clone), state);
    for place in 0..16 {
        let Some(mono) = watch.next_deadline() else { break };
        let utc = Utc::from_micros(1_767_225_600_000_000 + place);
        let now = Moment { utc, mono, quality: ClockQuality::Synchronised };
        let event = Event { happening: Happening::Deadline, entropy: Entropy(7) };
        let decision = watch.decide(&event, now);
        watch.apply(&decision);
    }
    understood
}
