//! The adapter over a simulated chip: what reaches the inbox, and what is counted.

mod latches;
pub(in crate::adapters::contacts) mod simulated;

use std::time::Duration;

use serde_json::json;

use super::device::{Shown, Sight};
use super::points::Points;
use super::watching::{EDGES_LOST, NOT_RECORDED};
use crate::health::Wire;
use crate::inbox::CAPACITY;
use crate::watch::event::Happening;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::signal::{Tells, Value};
use simulated::{Bench, DOOR, Step, is, reading, texts};

/// An edge that happens now.
fn edge(bench: &Bench, line: usize, bit: bool, sequence: u32) -> Sight {
    Sight::Edge { line, bit, at: bench.clock.now().mono, sequence: Some(sequence) }
}

/// A contact is read closed, opens and closes so often, and then this happens.
fn chattering<const N: usize>(bench: &Bench, edges: u32, then: [Step; N]) -> Vec<Step> {
    let edges =
        (1..=edges).map(|number| Step::Shows(vec![edge(bench, 0, number % 2 == 0, number)]));
    [Step::Shows(vec![reading(&[true])])].into_iter().chain(edges).chain(then).collect()
}

#[tokio::test]
async fn the_level_at_the_start_stands_and_a_change_is_news() {
    let mut bench = Bench::of(DOOR);
    let mut points = Points::of(&bench.settings);
    let opened = edge(&bench, 0, false, 1);
    let script =
        [Step::Shows(vec![reading(&[true])]), Step::Shows(vec![opened]), Step::Gone("unplugged")];
    let chip = bench.chip(&[true], script);
    bench.live(chip, &mut points).await;
    let (signals, own) = bench.letters();
    assert_eq!(own, [SelfSignal::cleared(SelfAlarm::InputLost, "contacts.cabinet")], "it is found");
    assert_eq!(texts(&signals), ["door: normal, closed", "door: alarm, open"]);
    let [start, change] = signals.as_slice() else { panic!("{signals:?}") };
    assert_eq!((start.tells, change.tells), (Tells::Standing, Tells::News));
    assert_eq!(change.fields.get("line"), Some(&Value::text("door")));
    assert_eq!((is(start, "closed"), is(start, "alarm")), (true, false));
    assert_eq!((is(change, "closed"), is(change, "alarm")), (false, true));
    assert!(!is(change, "fault") && !is(change, "chattering"));
    assert_eq!(&*change.source, "/dev/gpiochip0 line 4");
    assert_eq!(&*change.raw, b"line 4 = 0");
    assert!(change.source_time.is_some_and(|time| time <= change.received));
}

#[tokio::test]
async fn what_a_contact_was_is_remembered_when_its_device_comes_back() {
    let mut bench = Bench::of(DOOR);
    let mut points = Points::of(&bench.settings);
    for level in [true, true, false] {
        let script = [Step::Shows(vec![reading(&[level])]), Step::Gone("unplugged")];
        let chip = bench.chip(&[level], script);
        assert_eq!(bench.live(chip, &mut points).await.reason, "unplugged");
    }
    let signals = bench.signals();
    assert_eq!(
        texts(&signals),
        [
            "door: normal, closed",
            "door: seen again; normal, closed",
            "door: seen again; alarm, open (before: normal)",
        ],
        "being lost tells no state"
    );
    let tells: Vec<Tells> = signals.iter().map(|signal| signal.tells).collect();
    assert_eq!(tells, [Tells::Standing, Tells::Standing, Tells::News]);
}

#[test]
fn who_loses_a_device_is_told_which_contacts_nobody_sees() {
    let lines: String =
        (0..11).map(|line| format!("[contacts.cabinet.lines.c{line}]\nline = {line}\n")).collect();
    let settings = simulated::settings(&format!("gpio = \"/dev/gpiochip0\"\n{lines}"));
    let gone = super::device::Gone::now("/dev/gpiochip0 was unplugged");
    assert_eq!(
        super::blind(&gone, &Points::of(&settings), &settings),
        "not seen: c0, c1, c2, c3, c4, c5, c6, c7 and 3 more; /dev/gpiochip0 was unplugged"
    );
}

#[tokio::test]
async fn a_gap_in_the_numbers_of_edges_is_counted_told_once_and_the_level_is_read_again() {
    let mut bench = Bench::of(DOOR);
    let mut points = Points::of(&bench.settings);
    let script = [
        Step::Shows(vec![reading(&[true])]),
        Step::Shows(vec![edge(&bench, 0, false, 1), edge(&bench, 0, true, 6)]),
        Step::Shows(vec![edge(&bench, 0, false, 9)]),
        Step::Gone("unplugged"),
    ];
    // After each gap the line is read, and is open.
    let chip = bench.chip(&[false], script);
    bench.live(chip, &mut points).await;
    assert_eq!(bench.counted(EDGES_LOST), 4 + 2);
    let signals = bench.signals();
    assert_eq!(
        texts(&signals),
        [
            "door: normal, closed",
            "door: alarm, open",
            "door: 4 edges were lost, pulses may be missing; alarm, open",
            "door: normal, closed",
            "door: alarm, open",
        ],
        "the second gap within a minute is counted alone"
    );
    assert_eq!(signals[2].tells, Tells::Standing, "it is no news of the contact");
    let lost: Vec<bool> = signals.iter().map(|signal| is(signal, "edges_lost")).collect();
    assert_eq!(lost, [false, false, true, false, false], "a definition can select it");
}

#[tokio::test]
async fn what_a_counter_lost_while_its_board_was_gone_is_told_with_the_state_that_is_found() {
    let mut bench = Bench::of(
        "modbus = \"tcp://127.0.0.1:502\"
board = \"moxa-e1210\"
[contacts.cabinet.lines.door]
line = 0
counter = true
debounce = \"0s\"
",
    );
    let mut points = Points::of(&bench.settings);
    for count in [5_000, 3] {
        let read = || Step::Shows(vec![Sight::Read(vec![Shown::Counted { bit: true, count }])]);
        let rest = || Step::Rests(Duration::from_millis(5));
        let script = [read(), rest(), read(), rest(), read(), Step::Gone("unplugged")];
        let chip = bench.chip(&[true], script);
        bench.live(chip, &mut points).await;
    }
    let signals = bench.signals();
    assert_eq!(
        texts(&signals),
        [
            "door: normal, closed",
            "door: seen again; normal, closed; edges were lost meanwhile, pulses may be missing"
        ]
    );
    assert!(!is(&signals[0], "edges_lost") && is(&signals[1], "edges_lost"));
}

#[tokio::test]
async fn chattering_is_told_at_both_ends_and_is_an_alarm_in_between() {
    let chatter = "chatter = { changes = 2, window = \"1m\", quiet = \"50ms\" }\n";
    let mut bench = Bench::of(&format!("{DOOR}{chatter}"));
    let mut points = Points::of(&bench.settings);
    let back = Step::Shows(vec![edge(&bench, 0, true, 10)]);
    let rest = Step::Rests(Duration::from_millis(200));
    let script = chattering(&bench, 9, [back, rest, Step::Gone("unplugged")]);
    let chip = bench.chip(&[true], script);
    bench.live(chip, &mut points).await;
    let signals = bench.signals();
    assert_eq!(
        texts(&signals),
        [
            "door: normal, closed",
            "door: alarm, open",
            "door: normal, closed",
            "door: chattering, its changes are no longer told",
            "door: no longer chattering; normal, closed",
        ]
    );
    let shown: Vec<(bool, bool)> =
        signals.iter().map(|signal| (is(signal, "alarm"), is(signal, "chattering"))).collect();
    let [.., began, ended] = shown.as_slice() else { panic!("{shown:?}") };
    assert_eq!((*began, *ended), ((true, true), (false, false)));
    let counted = ["edges", "edges_told", "edges_too_short", "edges_in_chatter"];
    assert_eq!(
        counted.map(|counter| bench.counted(counter)),
        [10, 3, 0, 7],
        "each is accounted for"
    );
}

#[tokio::test]
async fn a_contact_that_chattered_when_its_device_was_lost_is_an_alarm_until_it_is_seen_quiet() {
    let chatter = "chatter = { changes = 2, window = \"1m\", quiet = \"50ms\" }\n";
    let mut bench = Bench::of(&format!("{DOOR}{chatter}"));
    let mut points = Points::of(&bench.settings);
    let script = chattering(&bench, 4, [Step::Gone("unplugged")]);
    let chip = bench.chip(&[true], script);
    bench.live(chip, &mut points).await;
    let rest = Step::Rests(Duration::from_millis(200));
    let found = [Step::Shows(vec![reading(&[true])]), rest, Step::Gone("unplugged")];
    let chip = bench.chip(&[true], found);
    bench.live(chip, &mut points).await;
    let signals = bench.signals();
    let [.., began, seen, quiet] = signals.as_slice() else { panic!("{signals:?}") };
    assert_eq!(&*began.text, "door: chattering, its changes are no longer told");
    assert_eq!(&*seen.text, "door: seen again; normal, closed");
    assert_eq!((is(seen, "alarm"), is(seen, "chattering")), (true, true), "nobody saw it quiet");
    assert_eq!(&*quiet.text, "door: no longer chattering; normal, closed");
    assert_eq!((is(quiet, "alarm"), is(quiet, "chattering")), (false, false));
}

#[tokio::test]
async fn a_pair_whose_halves_say_the_same_for_too_long_is_a_fault() {
    let pair = "gpio = \"/dev/gpiochip0\"
[contacts.cabinet.lines.valve]
line = 1
normally = \"open\"
debounce = \"0s\"
pair-with = \"rest\"
discrepancy = \"20ms\"
[contacts.cabinet.lines.rest]
line = 2
";
    let mut bench = Bench::of(pair);
    let mut points = Points::of(&bench.settings);
    let script = [
        Step::Shows(vec![reading(&[false, true])]),
        Step::Shows(vec![edge(&bench, 1, false, 1)]),
        Step::Rests(Duration::from_millis(60)),
        Step::Shows(vec![edge(&bench, 0, true, 1)]),
        Step::Gone("unplugged"),
    ];
    let chip = bench.chip(&[true, false], script);
    bench.live(chip, &mut points).await;
    let signals = bench.signals();
    assert_eq!(
        texts(&signals),
        ["valve: normal, open", "valve: fault: discrepancy, both open", "valve: alarm, closed",]
    );
    assert!(is(&signals[1], "fault") && is(&signals[1], "alarm"));
    assert_eq!(&*signals[2].source, "/dev/gpiochip0 line 1 and line 2");
    assert_eq!(&*signals[2].raw, b"line 1 = 1, line 2 = 0");
}

#[tokio::test]
async fn while_the_inbox_is_full_edges_are_taken_and_what_finds_no_room_is_counted() {
    const EDGES: u32 = 2_001;
    let bench = Bench::of(&format!(
        "{DOOR}chatter = {{ changes = 1000, window = \"1ms\", quiet = \"1ms\" }}\n"
    ));
    let mut points = Points::of(&bench.settings);
    let moment = bench.clock.now();
    for _ in 0..CAPACITY {
        let own = SelfSignal::cleared(SelfAlarm::Nobody, "x");
        bench.inbox.tell(Happening::Own(own), moment).await.unwrap();
    }
    let at = |number: u32| moment.mono.after(Duration::from_millis(u64::from(number)));
    let edges: Vec<Sight> = (1..=EDGES)
        .map(|number| Sight::Edge {
            line: 0,
            bit: number % 2 == 0,
            at: at(number),
            sequence: Some(number),
        })
        .collect();
    let rest = Step::Rests(Duration::from_millis(u64::from(EDGES)));
    let script =
        [Step::Shows(vec![reading(&[true])]), rest, Step::Shows(edges), Step::Gone("unplugged")];
    let chip = bench.chip(&[false], script);
    bench.live(chip, &mut points).await;
    assert_eq!(bench.counted(EDGES_LOST), 0, "the chip was never kept waiting");
    let not_recorded = bench.counted(NOT_RECORDED);
    assert_eq!(
        not_recorded,
        u64::from(EDGES) + 1,
        "those beyond what may wait, and those that wait at the end"
    );
}

#[tokio::test]
async fn when_the_house_closes_what_is_in_hand_goes_in() {
    let mut bench = Bench::of(DOOR);
    let mut points = Points::of(&bench.settings);
    bench.close.send_replace(true);
    let script = [Step::Shows(vec![reading(&[true])])];
    let closed = bench.chip(&[true], script);
    let gone = bench.live(closed, &mut points).await;
    assert_eq!(gone.reason, "Vigie is stopping");
    assert!(bench.signals().is_empty(), "nothing was looked at any more");

    bench.close.send_replace(false);
    let open = edge(&bench, 0, false, 1);
    let chip = bench.chip(&[true], [Step::Shows(vec![reading(&[true]), open])]);
    let close = bench.close.clone();
    let reading = bench.reading.clone();
    let closing = async {
        while reading.now().state != Wire::Up {
            tokio::task::yield_now().await;
        }
        close.send_replace(true);
    };
    tokio::join!(bench.live(chip, &mut points), closing);
    assert_eq!(texts(&bench.signals()), ["door: normal, closed", "door: alarm, open"]);
}

#[tokio::test]
async fn who_watches_sees_each_edge_at_once_what_has_counted_and_why_a_contact_is_lost() {
    let chatter = "chatter = { changes = 2, window = \"1m\", quiet = \"50ms\" }\n";
    let mut bench = Bench::of(&format!("{DOOR}{chatter}"));
    super::panel::wire(&bench.settings, &bench.pulse, bench.clock.now().utc);
    let mut points = Points::of(&bench.settings);
    let script = chattering(&bench, 4, [Step::Gone("unplugged")]);
    let chip = bench.chip(&[true], script);
    bench.live(chip, &mut points).await;
    let contacts = bench.reading.contacts();
    let door = serde_json::to_value(&contacts.now()[0]).unwrap();
    for (key, value) in [
        ("contact", json!("cabinet.door")),
        ("line", json!("line 4")),
        ("raw", json!("line 4 = 1")),
        ("normally", json!("closed")),
        ("chattering", json!(true)),
        ("changes", json!(2)),
        ("edges", json!(4)),
    ] {
        assert_eq!(door[key], value, "{key}: {door}");
    }
    let told: Vec<String> = contacts
        .since(0)
        .map(|news| serde_json::to_value(news).unwrap()["what"].as_str().unwrap().to_owned())
        .collect();
    let expected = ["found", "edge", "changed", "edge", "changed", "edge", "chatters", "edge"];
    assert_eq!(told, expected);
}
