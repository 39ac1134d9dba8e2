//! Failing: mute modems, torn wires and a long night of faults.

use std::time::Duration;

use crate::dice::Dice;
use crate::night::Night;
use vigie_gsm::dialogue::{Event, NotSubmitted};
use vigie_gsm::simulator::{Fault, Profile};

#[test]
fn a_mute_modem_is_found_within_half_a_minute_and_welcomed_back() {
    let mut night = Night::ready(Profile::instant());
    night.pass(100.0);
    night.modem.fail(Fault::Mute(Duration::from_secs(120)), night.now);
    let took = night.until(60.0, |night| night.count(|event| *event == Event::Mute) > 0);
    assert!(took <= Duration::from_secs(30), "{took:?}");
    assert!(!night.dialogue.can_submit());
    night.events.clear();
    night.pass(120.0 - took.as_secs_f64());
    let took = night.until(20.0, Night::is_ready);
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(night.count(|event| *event == Event::Mute), 0, "it is told once");
}

#[test]
fn a_message_in_the_hand_of_a_mute_modem_is_given_back() {
    let mut night = Night::ready(Profile::instant());
    night.modem.fail(Fault::Mute(Duration::from_secs(3600)), night.now);
    night.submit(1, "alarm");
    night.pass(60.0);
    let outcomes = night.outcomes();
    assert!(
        matches!(
            outcomes.as_slice(),
            [Event::NotSubmitted {
                ticket: 1,
                reason: NotSubmitted::NoPrompt | NotSubmitted::Mute
            }]
        ),
        "{outcomes:?}"
    );
}

#[test]
fn the_wire_may_cut_anywhere() {
    for cut in 1..=64 {
        let mut night = Night::new(Profile::default());
        night.cut = cut;
        night.modem.deliver("+33612345678", "before the start", night.now).expect("it fits");
        night.pass(3.0);
        night.modem.deliver("+33612345678", "4711 OK", night.now).expect("it fits");
        night.submit(1, "out");
        night.pass(4.0);
        assert_eq!(night.received(), ["before the start", "4711 OK"], "pieces of {cut}");
        assert!(night.events.contains(&Event::Sent { ticket: 1, reference: 1 }), "pieces of {cut}");
    }
}

#[test]
fn garbage_at_any_moment_costs_neither_a_message_in_nor_a_message_out() {
    let mut dice = Dice::new(0x5eed_0001);
    for round in 0..40 {
        let mut night = Night::ready(Profile::instant());
        let mut tickets = 0;
        for turn in 0..20 {
            let garbage: Vec<u8> = (0..dice.below(200)).map(|_| dice.octet()).collect();
            night.modem.fail(Fault::Garbage(garbage), night.now);
            night.modem.deliver("+33612345678", &format!("in {turn}"), night.now).expect("it fits");
            if night.dialogue.can_submit() {
                tickets += 1;
                night.submit(tickets, &format!("out {tickets}"));
            }
            night.pass(0.5);
        }
        night.pass(400.0);
        let mut received = night.received();
        received.sort();
        received.dedup();
        assert_eq!(received.len(), 20, "round {round}: {:?}", night.events);
        let sent = u64::try_from(night.modem.submitted().len()).expect("few");
        assert!(sent <= tickets, "round {round}: sent twice");
        let ended = night.count(|event| {
            matches!(
                event,
                Event::Sent { .. }
                    | Event::Refused { .. }
                    | Event::Unknown { .. }
                    | Event::NotSubmitted { .. }
            )
        });
        assert_eq!(
            u64::try_from(ended).expect("few"),
            tickets,
            "round {round}: each has one outcome"
        );
    }
}

/// Any fault, at any moment, again and again.
fn fault(dice: &mut Dice) -> Fault {
    match dice.below(10) {
        0 => Fault::Mute(Duration::from_millis(u64::try_from(dice.below(60_000)).expect("small"))),
        1 => Fault::Echo,
        2 => Fault::SwallowAnswer,
        3 => Fault::LateAnswer(Duration::from_secs(u64::try_from(dice.below(400)).expect("small"))),
        4 => Fault::Refuse(38),
        5 => Fault::NoPrompt,
        6 => Fault::Garbage((0..dice.below(300)).map(|_| dice.octet()).collect()),
        7 => Fault::Reset { silent: dice.below(2) == 0 },
        8 => Fault::TornLine,
        _ => Fault::Unannounced,
    }
}

#[test]
fn through_a_night_of_faults_no_message_is_lost_none_is_sent_twice_and_the_modem_comes_back() {
    for seed in 1..=60_u64 {
        let mut dice = Dice::new(seed * 0x9e37_79b9);
        let mut night = Night::ready(Profile::default());
        let (mut delivered, mut tickets) = (0, 0_u64);
        for _ in 0..40 {
            let fault = fault(&mut dice);
            night.modem.fail(fault, night.now);
            if dice.below(2) == 0 {
                delivered += 1;
                night
                    .modem
                    .deliver("+33612345678", &format!("in {delivered}"), night.now)
                    .expect("it fits");
            }
            if night.dialogue.can_submit() {
                tickets += 1;
                night.submit(tickets, &format!("out {tickets}"));
            }
            night.pass(f64::from(u32::try_from(dice.below(40)).expect("small")));
        }
        night.pass(1500.0);
        assert!(night.dialogue.can_submit(), "seed {seed}: {:?}", night.events.last());
        let mut received = night.received();
        received.sort();
        received.dedup();
        assert_eq!(received.len(), delivered, "seed {seed}");
        honest(&night, tickets, seed);
    }
}

/// Each ticket has one outcome; what is called sent was sent once, what is called not sent was not sent.
fn honest(night: &Night, tickets: u64, seed: u64) {
    for ticket in 1..=tickets {
        let text = format!("out {ticket}");
        let sent = night.modem.sent().iter().filter(|sent| sent.text == text).count();
        let outcomes: Vec<Event> = night
            .outcomes()
            .into_iter()
            .filter(|event| match event {
                Event::Sent { ticket: of, .. }
                | Event::Refused { ticket: of, .. }
                | Event::Unknown { ticket: of, .. }
                | Event::NotSubmitted { ticket: of, .. } => *of == ticket,
                _ => false,
            })
            .collect();
        let fits = match outcomes.as_slice() {
            [Event::Sent { .. }] => sent == 1,
            [Event::Refused { .. } | Event::NotSubmitted { .. }] => sent == 0,
            [Event::Unknown { .. }] => sent <= 1,
            _ => false,
        };
        assert!(fits, "seed {seed}, ticket {ticket}: {outcomes:?}, sent {sent} times");
    }
}
