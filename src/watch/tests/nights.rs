//! Nights at random: whatever happens, in whatever order, the record gives the same state again.

use std::time::Duration;

use super::night::{Modem, Night, command, thawed};
use super::site::{Alarm, CONFIRM_WITHIN, Files, NONE, SINGLE, double, policy};
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::event::{Action, Attempt, Happening, SwapRequest, Target, Test};
use crate::watch::flapping::FlappingRule;
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::site::{Acknowledge, ConfirmBy, Policy};
use crate::watch::state::State;
use crate::watch::storm::Storm;
use crate::watch::suppression::{Request, Which, Wish};

/// SplitMix64, so that a seed is a whole night.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        let count = u64::try_from(all.len()).unwrap();
        all[usize::try_from(self.below(count)).unwrap()]
    }
}

const PEOPLE: [&str; 3] = ["marie", "karim", "paul"];

fn files(dice: &mut Dice) -> Files {
    let two = Acknowledge::Single { responders: 2, expires: Some(CONFIRM_WITHIN) };
    let by = dice.one_of(&[ConfirmBy::Same, ConfirmBy::Other, ConfirmBy::Anyone]);
    let acknowledge = dice.one_of(&[SINGLE, two, double(by)]);
    let mut files = Files::with(Policy { repeat: 1, ..policy(acknowledge) });
    files.alarms.push(Alarm { momentary: true, ..Alarm::named("trap") });
    files.alarms.push(Alarm {
        on_delay: Duration::from_secs(30),
        off_delay: Duration::from_secs(60),
        latch: true,
        ..Alarm::named("door")
    });
    let heartbeat = Some(Duration::from_secs(600));
    files.alarms.push(Alarm { escalation: None, heartbeat, ..Alarm::named("light") });
    files.input_heartbeat = Some(Duration::from_secs(300));
    let quick = FlappingRule { window: Duration::from_secs(2_000), on: 10, off: 8 };
    for alarm in &mut files.alarms {
        alarm.flapping = Some(quick);
    }
    files.schedule = Some(super::rostering::daily());
    if let [pump, _, _, light] = &mut *files.alarms {
        pump.suppressed_by = vec![("door", Some("{key}"))];
        light.suppressed_by = vec![("pump", None)];
    }
    if dice.below(2) == 0 {
        let messages = dice.one_of(&[1, 2, 4]);
        let reach_within = Duration::from_secs(dice.one_of(&[1, 10, 1_000]));
        files.storm = Storm { messages, window: Duration::from_secs(120), reach_within };
    }
    let fitters = Policy { repeat: 1, ..policy(dice.one_of(&[SINGLE, two, NONE])) };
    files.last_resort(policy(SINGLE)).swaps_to("fitters", fitters)
}

fn something(night: &mut Night, dice: &mut Dice) {
    let person = dice.one_of(&PEOPLE);
    let action =
        dice.one_of(&[Action::Acknowledge, Action::Confirm, Action::Decline, Action::Reset]);
    match dice.below(22) {
        0..=6 => {
            let (alarm, key) =
                (dice.one_of(&["pump", "trap", "door", "light", "?"]), dice.below(5));
            let active = dice.below(3) > 0;
            let level = if dice.below(10) == 0 { 2 } else { 1 };
            if dice.below(8) == 0 {
                let signal = night.reading(alarm, &key.to_string(), active, level);
                let (person, account) = (super::site::person(person), "root".into());
                night.happens(Happening::Test(Test { person, account, signal }));
                return;
            }
            night.signal(alarm, &key.to_string(), active, level);
        }
        7..=10 => {
            let open: Vec<_> =
                night.watch.state().standing().map(|(_, open)| open.number).collect();
            if !open.is_empty() {
                let target = Target::Occurrence(dice.one_of(&open));
                night.happens(command(person, action, target));
            }
        }
        11..=14 => {
            let text = dice.one_of(&["FIN", "NON", "", "?", "OK"]);
            let codes: Vec<_> = night.watch.state().codes().iter().map(|(code, _)| code).collect();
            let mut codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
            codes.sort_unstable();
            codes.extend(night.watch.state().roster().codes().map(|code| code.to_string()));
            codes.push("0000".to_owned());
            let code =
                dice.one_of(&codes.iter().map(String::as_str).collect::<Vec<_>>()).to_owned();
            let identity = (dice.below(2) == 0).then(|| dice.below(50));
            let message = night.message(person, &format!("{code} {text}"), identity);
            night.happens(message);
        }
        15 => night.modem = dice.one_of(&[Modem::Works, Modem::IsDown]),
        16 => {
            let owed: Vec<_> = night.watch.state().notifications().map(|owed| owed.id).collect();
            if !owed.is_empty() {
                let attempt = match dice.below(5) {
                    0 => Attempt::Started { parts: 1 },
                    1 => Attempt::Sent(vec![3, 4]),
                    2 => Attempt::Failed("no network".into()),
                    3 => Attempt::Refused("no such number".into()),
                    _ => Attempt::Unknown,
                };
                let id = dice.one_of(&owed);
                night.report(id, attempt);
            }
        }
        17 if dice.below(10) == 0 => night.restart(Duration::from_secs(dice.below(100_000))),
        17 => night.now.utc = night.now.utc.before(Duration::from_secs(dice.below(100))),
        18 if dice.below(3) == 0 => {
            let lasting = dice.below(4_000);
            let lasting = (lasting > 800).then_some(Duration::from_secs(lasting));
            let (person, account) = (super::site::person("paul"), "root".into());
            let group = "cold".into();
            night.happens(Happening::Swap(SwapRequest { person, account, group, lasting }));
        }
        18 => {
            let reason = dice.one_of(&["no answer", "unplugged", "its SIM is gone"]);
            let raised = SelfSignal::raised(SelfAlarm::ModemLost, "gsm.orange", reason);
            let cleared = SelfSignal::cleared(SelfAlarm::ModemLost, "gsm.orange");
            let own = if dice.below(4) == 0 { cleared } else { raised };
            night.happens(Happening::Own(own));
        }
        19 if dice.below(3) == 0 => {
            let orders = ["TAKE technique 5H", "SWAP karim 3/1", "SWAP marie 4/1", "ONCALL"];
            let message = night.message(person, dice.one_of(&orders), None);
            night.happens(message);
        }
        19 => quietens(night, dice, person),
        _ => night.pass(Duration::from_secs(dice.below(400))),
    }
}

/// A person keeps something quiet, or no longer.
fn quietens(night: &mut Night, dice: &mut Dice, person: &str) {
    let (alarm, key) = (dice.one_of(&["pump", "trap", "door", "light"]), dice.below(5));
    let open: Vec<_> = night.watch.state().standing().map(|(_, open)| open.number).collect();
    let which = match dice.below(3) {
        0 if !open.is_empty() => Which::Open(Target::Occurrence(dice.one_of(&open))),
        1 => Which::Alarm { definition: alarm.into(), key: None },
        _ => Which::Alarm { definition: alarm.into(), key: Some(key.to_string().into()) },
    };
    let lasting = Duration::from_secs(dice.below(3_000));
    let wish = match dice.below(8) {
        0..=3 => Wish::Shelve { lasting, once: dice.below(3) == 0, reason: None },
        4 => Wish::Unshelve,
        5 => Wish::TakeOut { reason: Some("works".into()) },
        _ => Wish::Return,
    };
    let (person, account) = (super::site::person(person), "root".into());
    night.happens(Happening::Quieten(Request { person, account, which, wish }));
}

#[test]
fn the_record_of_any_night_gives_its_state_again() {
    for seed in 1..=3 {
        println!("seed {seed}");
        let mut dice = Dice(seed);
        let mut night = Night::over(&files(&mut dice));
        for _ in 0..2_000 {
            something(&mut night, &mut dice);
        }
        let mut replayed = State::default();
        night.decisions.iter().for_each(|decision| replayed.take(decision));
        assert!(replayed == *night.watch.state(), "seed {seed}: the record gives another state");
        snapshots(&night, seed);
    }
}

/// A snapshot at any point, and the rest of the record, are the whole record.
fn snapshots(night: &Night, seed: u64) {
    let mut whole = State::default();
    for (place, decision) in night.decisions.iter().enumerate() {
        if place % 997 == 0 {
            let mut state = thawed(&whole);
            night.decisions[place..].iter().for_each(|decision| state.take(decision));
            assert!(state == *night.watch.state(), "seed {seed}: the snapshot before {place}");
        }
        whole.take(decision);
    }
    assert!(whole.heard.iter().count() <= 8_192);
}

#[test]
fn a_quiet_morning_after_any_night_leaves_nobody_waiting() {
    for seed in 10..=12 {
        let mut dice = Dice(seed);
        let mut night = Night::over(&files(&mut dice));
        for _ in 0..500 {
            something(&mut night, &mut dice);
        }
        night.modem = Modem::Works;
        let open = |night: &Night| -> Vec<_> {
            night.watch.state().standing().map(|(_, open)| open.number).collect()
        };
        // What is answered may itself bring something up: that nobody is left to confirm, say.
        for number in open(&night) {
            everybody_answers(&mut night, number);
        }
        night.pass(Duration::from_secs(1));
        for number in open(&night) {
            everybody_answers(&mut night, number);
        }
        let waiting = night.watch.state().standing().filter(|(_, open)| open.unacknowledged());
        assert_eq!(waiting.count(), 0, "seed {seed}");
        night.happens(Happening::Stopped);
    }
}

fn everybody_answers(night: &mut Night, number: OccurrenceNumber) {
    for name in PEOPLE {
        for action in [Action::Acknowledge, Action::Confirm, Action::Reset] {
            night.happens(command(name, action, Target::Occurrence(number)));
        }
    }
}
