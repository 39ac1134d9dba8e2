//! Twenty deaths at random instants of one night with five alarms: whatever a sender was told had
//! been received is there after each.

use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use crate::dice::Dice;
use crate::house::{House, until, until_so};
use crate::people::{KARIM, MARIE};
use crate::programs::{Link, inform};
use crate::site::Plan;

const ALARMS: u32 = 5;
const DEATHS: u32 = 20;

/// A switch that tells of its link until it is heard.
struct Switch {
    interface: u32,
    sender: Child,
    heard: bool,
}

impl Switch {
    fn tells(house: &House, link: Link, interface: u32) -> Self {
        let sender = inform(&house.site.address, link, interface, 600, "0.3");
        Self { interface, sender, heard: false }
    }

    fn is_heard(&mut self) -> bool {
        let ended = self.sender.try_wait().unwrap();
        assert!(ended.is_none_or(|ended| ended.success()), "its patience is endless");
        self.heard |= ended.is_some();
        self.heard
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        let _ = self.sender.kill();
        let _ = self.sender.wait();
    }
}

/// What the record says was ever opened, without asking the daemon.
fn on_record(house: &House) -> Vec<String> {
    let mut keys = Vec::new();
    for entry in house.journal() {
        let facts = entry["body"]["facts"].as_array().cloned().unwrap_or_default();
        let known = facts.iter().filter(|fact| fact.get("opened").is_some());
        keys.extend(known.map(|fact| fact.to_string()));
    }
    keys
}

#[test]
fn after_twenty_deaths_in_one_night_everything_that_was_answered_is_known_and_the_record_is_whole()
{
    let mut dice = Dice::new();
    let plan = Plan {
        marie: "2s",
        per_message: Duration::from_millis(100),
        more: "[storm]\nmessages = 100\n",
        ..Plan::default()
    };
    let mut house = House::open(&plan);
    let mut switches = Vec::new();
    for death in 0..DEATHS {
        if death % 3 == 0 && switches.len() < 5 {
            let interface = u32::try_from(switches.len()).unwrap() + 1;
            switches.push(Switch::tells(&house, Link::Down, interface));
        }
        // The instant of the death is the dice's: this is the one wait that waits for nothing.
        std::thread::sleep(Duration::from_millis(dice.below(1_200).try_into().unwrap()));
        house.kill();
        house.verify();
        let opened = on_record(&house);
        for switch in &mut switches {
            let text = format!("Lien {} coupé", switch.interface);
            let known = opened.iter().any(|fact| fact.contains(&text));
            assert!(known || !switch.is_heard(), "death {death}: {text} was answered and is lost");
        }
        answer_somebody(&house, &mut dice);
        house.launch_plain();
    }
    house.until_up();
    the_night_ends_well(&house, &mut switches);
}

/// Somebody who was called sends the code, or that it is dealt with; perhaps to a dead daemon.
fn answer_somebody(house: &House, dice: &mut Dice) {
    let calls: Vec<_> = house.messages().into_iter().filter(|sms| sms.is_call()).collect();
    if let Some(call) = calls.get(dice.below(calls.len() * 2 + 1)) {
        let done = if dice.below(2) == 0 { " FIN" } else { "" };
        house.text(&call.to, &format!("{}{done}", call.code()));
    }
}

fn the_night_ends_well(house: &House, switches: &mut Vec<Switch>) {
    for switch in switches.iter_mut() {
        until_so("every switch is heard", || switch.is_heard());
    }
    let links: Vec<Value> =
        house.alarms().into_iter().filter(|alarm| alarm["definition"] == "link").collect();
    assert_eq!(links.len(), usize::try_from(ALARMS).unwrap(), "{links:#?}");
    assert!(links.iter().all(|alarm| alarm["repeats"] == 0), "a repetition is no news: {links:#?}");
    for interface in 1..=ALARMS {
        let key = interface.to_string();
        let text = format!("Lien {interface} ");
        if house.alarm("link", &key).unwrap()["confirmed_by"].is_null() {
            // Whoever was called can end it; a holder from before can, too.
            until(&format!("link {interface} is confirmed"), || {
                for number in [MARIE, KARIM] {
                    let call = house.messages_to(number).into_iter();
                    if let Some(call) =
                        call.rev().find(|sms| sms.is_call() && sms.text.contains(&text))
                    {
                        house.text(number, &format!("{} FIN", call.code()));
                    }
                }
                until_so("the answers are read", || house.on_the_sim() == 0);
                let alarm = house.alarm("link", &key)?;
                alarm["confirmed_by"].is_string().then_some(())
            });
        }
    }
    switches.clear();
    for interface in 1..=ALARMS {
        let mut switch = Switch::tells(house, Link::Up, interface);
        until_so("the link is back, and that is heard", || switch.is_heard());
    }
    assert_eq!(house.standing(), Vec::<Value>::new());
    house.verify();
}
