//! The night for which Vigie was built: a link is cut, the first sleeps on, the second takes it.

use serde_json::{Value, json};

use crate::house::House;
use crate::people::{KARIM, LEA, MARIE, NOBODY};
use crate::programs::Link;
use crate::site::Plan;

/// The documented keys of an alarm, as the night has them; its time is looked at on its own.
fn told(alarm: &Value, state: &str, acknowledged: Option<&str>, confirmed: Option<&str>) {
    let mut seen = alarm.clone();
    let since = seen["active_since"].take();
    let since: jiff::Timestamp =
        since.as_str().unwrap().parse().expect("a time as RFC 3339 has it");
    assert!(since > jiff::Timestamp::UNIX_EPOCH);
    let wanted = json!({
        "definition": "link", "key": "7", "state": state, "suppression": "none", "priority": "high",
        "text": "Lien 7 coupé", "occurrence": 1, "active_since": null, "escalation": "technique",
        "acknowledged_by": acknowledged, "confirmed_by": confirmed, "repeats": 0,
        "flapping": false, "test": false,
    });
    assert_eq!(seen, wanted);
}

#[test]
fn a_link_is_cut_marie_sleeps_on_karim_takes_it_and_confirms_and_nobody_else_is_called() {
    let mut house = House::open(&Plan { marie: "2s", karim: "8s", ..Plan::default() });
    assert_eq!(house.standing(), Vec::<Value>::new());

    house.trap(Link::Down, 7);
    let call = house.next_sms(MARIE);
    assert_eq!(call.text, format!("HAUTE Nord: Lien 7 coupé. Répondez {}", call.code()));
    told(&house.standing()[0], "unacknowledged", None, None);

    let second = house.next_sms(KARIM);
    assert_ne!(second.code(), call.code(), "each has a code of their own");
    house.text(KARIM, &call.code());
    assert!(house.next_sms(KARIM).text.contains("n'est pas un des votres"), "Marie's code");
    house.text(NOBODY, &second.code());
    house.text(MARIE, &second.code());
    assert!(house.next_sms(MARIE).text.contains("n'est pas un des votres"), "Karim's code");
    told(&house.standing()[0], "unacknowledged", None, None);

    house.text(KARIM, &second.code());
    let [karim, marie] = house.next_of_each([KARIM, MARIE]);
    assert!(marie.text.starts_with("Pris en charge par Karim à "), "{marie:?}");
    assert!(!marie.text.contains(" FIN"), "nothing is asked of her: {marie:?}");
    assert!(karim.text.ends_with(&format!("{} FIN", second.code())), "{karim:?}");
    told(&house.standing()[0], "acknowledged", Some("karim"), None);

    house.text(KARIM, &format!("{} fin", second.code()));
    assert!(house.next_sms(KARIM).text.starts_with("Réglé, confirmé par Karim"));
    told(&house.standing()[0], "acknowledged", Some("karim"), Some("karim"));

    house.trap(Link::Up, 7);
    told(&house.until_alarm("link", "7", "normal"), "normal", Some("karim"), Some("karim"));
    assert_eq!(house.standing(), Vec::<Value>::new(), "nothing stands any more");

    // A second alarm tells the time: it climbs as far as the first would have climbed by then.
    house.trap(Link::Down, 8);
    house.next_sms(MARIE);
    house.next_sms(KARIM);
    let last = house.next_sms(LEA);
    assert!(last.text.contains("Lien 8"), "nobody was called for link 7 again: {last:?}");
    house.verify();
}
