//! A day of ten thousand messages through two modems, each fault of the field upon one in a hundred: at the end each is
//! accounted for.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::dice::Dice;
use crate::night::{Night, text_of};
use vigie_gsm::dialogue::{Event, Sort};
use vigie_gsm::simulator::{Fault, Profile};

const MESSAGES: u64 = 10_000;
/// The clock is looked at so often; ten thousand messages then take a day.
const STEP: f64 = 8.0;
/// An answer comes for every so many messages that leave.
const ANSWERS: u64 = 5;

/// What became of the attempts at one message.
#[derive(Debug, Default)]
struct Account {
    sent: u32,
    /// Nobody knows: never tried again here.
    unknown: u32,
    surely_not: u32,
}

/// One modem, and the message that it has in hand.
struct Side {
    night: Night,
    hand: Option<u64>,
}

fn fault(dice: &mut Dice) -> Fault {
    match dice.below(11) {
        0 => Fault::Mute(Duration::from_secs(60)),
        1 => Fault::SwallowAnswer,
        2 => Fault::LateAnswer(Duration::from_secs(200)),
        3 => Fault::Refuse(38),
        4 => Fault::NoPrompt,
        5 => Fault::Garbage(b"\xff\x00\r\nERR\x1a+CMT: \r\n>".to_vec()),
        6 => Fault::Reset { silent: false },
        7 => Fault::Reset { silent: true },
        8 => Fault::TornLine,
        9 => Fault::Unannounced,
        _ => Fault::Echo,
    }
}

#[test]
fn of_ten_thousand_messages_in_a_day_of_faults_each_is_accounted_for() {
    let mut dice = Dice::new(0x5eed_0009);
    let profile = Profile { boot_time: Duration::from_secs(5), ..Profile::default() };
    let mut sides = [0, 1].map(|_| Side { night: Night::new(profile.clone()), hand: None });
    let mut accounts: BTreeMap<u64, Account> = BTreeMap::new();
    let mut queue: VecDeque<u64> = VecDeque::new();
    let (mut born, mut answers, mut faults) = (0, 0, 0);
    while born < MESSAGES || !queue.is_empty() || sides.iter().any(|side| side.hand.is_some()) {
        for side in &mut sides {
            if born < MESSAGES && dice.below(2) == 0 {
                queue.push_back(born);
                accounts.insert(born, Account::default());
                born += 1;
                if born % ANSWERS == 0 {
                    let text = format!("answer {answers}");
                    side.night.modem.deliver("+33612345678", &text, side.night.now).unwrap();
                    answers += 1;
                }
                // Each of eleven faults upon one message in a hundred.
                if dice.below(100) < 11 {
                    side.night.modem.fail(fault(&mut dice), side.night.now);
                    faults += 1;
                }
            }
            if side.hand.is_none()
                && side.night.dialogue.can_submit()
                && let Some(ticket) = queue.pop_front()
            {
                side.night.submit(ticket, &format!("alarm {ticket}"));
                side.hand = Some(ticket);
            }
            side.night.pass(STEP);
            settle(side, &mut accounts, &mut queue);
        }
        assert!(sides[0].night.now < Duration::from_secs(3 * 86_400), "it never ends");
    }
    // What is under way to us arrives.
    for side in &mut sides {
        side.night.pass(300.0);
    }
    let told = balance(&sides, &accounts, answers);
    println!("{told}; {faults} faults, {:?} of virtual time", sides[0].night.now);
    assert!(faults > 900);
}

/// What the events say of the message in hand.
fn settle(side: &mut Side, accounts: &mut BTreeMap<u64, Account>, queue: &mut VecDeque<u64>) {
    let Some(ticket) = side.hand else { return };
    let account = accounts.get_mut(&ticket).expect("it was born");
    for event in &side.night.events {
        match event {
            Event::Sent { ticket: other, .. } if *other == ticket => {
                account.sent += 1;
                side.hand = None;
            }
            Event::Unknown { ticket: other, .. } if *other == ticket => {
                account.unknown += 1;
                side.hand = None;
            }
            Event::Refused { ticket: other, error } if *other == ticket => {
                assert_eq!(error.sort(), Sort::Transient, "{error}");
                account.surely_not += 1;
                queue.push_back(ticket);
                side.hand = None;
            }
            Event::NotSubmitted { ticket: other, .. } if *other == ticket => {
                account.surely_not += 1;
                queue.push_back(ticket);
                side.hand = None;
            }
            _ => {}
        }
    }
    if side.hand.is_none() {
        side.night.events.retain(|event| matches!(event, Event::Received { .. }));
    }
}

fn balance(sides: &[Side; 2], accounts: &BTreeMap<u64, Account>, answers: u64) -> String {
    let mut left: BTreeMap<String, u32> = BTreeMap::new();
    let mut came: BTreeMap<String, u32> = BTreeMap::new();
    for side in sides {
        for submitted in side.night.modem.submitted() {
            *left.entry(submitted.submit.user_data.text()).or_default() += 1;
        }
        for event in &side.night.events {
            if let Event::Received { pdu, .. } = event {
                *came.entry(text_of(pdu)).or_default() += 1;
            }
        }
    }
    let (mut sent, mut unknown, mut unknown_that_left, mut surely_not) = (0, 0, 0, 0);
    for (ticket, account) in accounts {
        let left = left.remove(&format!("alarm {ticket}")).unwrap_or(0);
        assert_eq!(account.sent + account.unknown, 1, "{ticket}: {account:?}");
        if account.sent == 1 {
            assert_eq!(left, 1, "{ticket}: {account:?}");
        } else {
            assert!(left <= 1, "{ticket}: {account:?}");
            unknown_that_left += left;
        }
        sent += account.sent;
        unknown += account.unknown;
        surely_not += account.surely_not;
    }
    assert!(left.is_empty(), "nobody owed these: {left:?}");
    for answer in 0..answers {
        assert!(came.contains_key(&format!("answer {answer}")), "answer {answer} was lost");
    }
    let twice = came.values().filter(|times| **times > 1).count();
    assert!(unknown > 0 && surely_not > 0);
    format!(
        "{sent} sent, {unknown} unknown of which {unknown_that_left} had left, {surely_not} attempts that surely did \
         not; {answers} answers, {twice} of them handed out again after a restart"
    )
}
