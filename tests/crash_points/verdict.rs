//! The verdict on a night in which the daemon died: in the morning all is as after the night in which it lived.
//!
//! Codes and times differ from night to night, and are not compared; within one night a repeated message has the
//! same words and the same code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vigie_gsm::alphabet::transliterate;

use crate::night::Morning;
use crate::people::Sms;

/// Compares, and fails with what is different. Gives how many messages people had twice.
pub(crate) fn compare(crashed: &Morning, uncrashed: &Morning) -> usize {
    assert_eq!(crashed.alarms, uncrashed.alarms, "the same alarms, the same holders");
    assert_eq!(crashed.unclaimed, uncrashed.unclaimed, "the same signals that nobody claims");
    let (had, due) = (sorted(&crashed.messages), sorted(&uncrashed.messages));
    let unknown = of_unknown_outcome(&crashed.record);
    let mut repeats = 0;
    for (message, copies) in &had {
        assert!(due.contains_key(message), "nobody is told this but by a crash: {copies:?}");
        if let [first, second, more @ ..] = copies.as_slice() {
            assert_eq!(first, second, "the same words, the same code");
            assert_eq!(more.len(), 0, "one death, one repetition: {copies:?}");
            assert!(unknown.contains(*first), "its outcome was known: {first:?}");
            repeats += 1;
        }
    }
    for (message, copies) in &due {
        assert_eq!(copies.len(), 1, "the script tells nobody the same twice: {copies:?}");
        assert!(had.contains_key(message), "missing: {copies:?}");
    }
    repeats
}

/// The messages by what they say to whom, without codes and times.
fn sorted(messages: &[Sms]) -> BTreeMap<(String, String), Vec<&Sms>> {
    let mut sorted: BTreeMap<_, Vec<&Sms>> = BTreeMap::new();
    for sms in messages {
        let blank = |letter: char| if letter.is_ascii_digit() { '#' } else { letter };
        let says = sms.text.chars().map(blank).collect();
        sorted.entry((sms.to.clone(), says)).or_default().push(sms);
    }
    sorted
}

/// The messages that were leaving, by the record, when a daemon died, and of which it did not say what became of them.
fn of_unknown_outcome(record: &[Value]) -> BTreeSet<Sms> {
    let (mut owed, mut leaving) = (BTreeMap::new(), BTreeSet::new());
    let mut unknown = BTreeSet::new();
    for entry in record {
        if entry["kind"] == "started" {
            let lost = std::mem::take(&mut leaving);
            unknown.extend(lost.iter().filter_map(|id| owed.get(id)).cloned());
        }
        for fact in entry["body"]["facts"].as_array().into_iter().flatten() {
            if let Some(notification) = fact["owed"]["notification"].as_object() {
                let words = |key: &str| notification[key].as_str().unwrap().to_owned();
                let sms = Sms { to: words("phone"), text: transliterate(&words("text")) };
                owed.insert(id(&notification["id"]), sms);
            }
            if let Some(attempted) = fact.get("attempted") {
                leaving.insert(id(&attempted["notification"]));
            }
            for outcome in ["sent", "postponed", "settled"].iter().filter_map(|word| fact.get(word))
            {
                leaving.remove(&id(&outcome["notification"]));
            }
        }
    }
    unknown
}

fn id(value: &Value) -> u64 {
    value.as_u64().expect("notifications are numbered")
}
