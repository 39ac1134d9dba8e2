//! Octets that nobody meant: whatever a modem or a network sends, there is a message or an error.

mod dice;

use dice::Dice;
use std::time::Duration;
use vigie_gsm::alphabet::{self, Encoding};
use vigie_gsm::concatenation::{Assembly, Limits, Outcome, Width, split};
use vigie_gsm::pdu::{Address, Incoming, from_hex, to_hex};

const FIXTURE: &str = include_str!("../../../fixtures/gsm/messages.txt");

fn captured() -> Vec<Vec<u8>> {
    FIXTURE
        .lines()
        .filter_map(|line| line.strip_prefix("> "))
        .filter_map(|line| from_hex(line).ok())
        .collect()
}

/// Puts a mistake or a few into octets: a bit, an octet, an end, a double, a number at its limit.
fn spoil(octets: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(4) {
        let length = octets.len();
        if length == 0 {
            octets.push(dice.octet());
            continue;
        }
        let place = dice.below(length);
        let chance = dice.octet();
        match dice.below(6) {
            0 => octets.truncate(place),
            1 => octets.insert(place, chance),
            2 => {
                octets.remove(place);
            }
            3 => octets.extend_from_within(place..),
            _ => {
                let limits = [0, 0xFF, 0x7F, 0x80, chance, 1 << (chance % 8)];
                let spoiled = *dice.choose(&limits);
                if let Some(octet) = octets.get_mut(place) {
                    *octet = if chance.is_multiple_of(2) { spoiled } else { *octet ^ spoiled };
                }
            }
        }
    }
}

/// Reads all that a message holds, and writes it again.
fn look_at(incoming: &Incoming) {
    match incoming {
        Incoming::Deliver(deliver) => {
            let _ =
                (deliver.sender.to_string(), deliver.time.to_string(), deliver.time.unix_seconds());
            let _ = (deliver.user_data.text(), deliver.user_data.coding().waiting());
            if let Ok(again) = deliver.encode() {
                let read = Incoming::decode(&again.bytes).expect("what we write can be read");
                if !deliver.user_data.is_cut() && !deliver.user_data.header().is_malformed() {
                    let Incoming::Deliver(read) = read else {
                        unreachable!("a deliver is read as one")
                    };
                    assert_eq!(read.user_data.text(), deliver.user_data.text());
                }
            }
        }
        Incoming::Submit(submit) => {
            let _ = (submit.destination.to_string(), submit.user_data.text());
            if let Ok(again) = submit.encode() {
                Incoming::decode(&again.bytes).expect("what we write can be read");
            }
        }
        Incoming::StatusReport(report) => {
            let _ = (
                report.recipient.to_string(),
                report.status.to_string(),
                report.submitted.to_string(),
            );
            if let Ok(again) = report.encode() {
                let read = Incoming::decode(&again.bytes).expect("what we write can be read");
                assert!(
                    matches!(read, Incoming::StatusReport(read) if read.status == report.status)
                );
            }
        }
    }
}

#[test]
fn no_spoiled_message_brings_the_watch_down_and_none_is_lost_in_the_assembly() {
    let captured = captured();
    assert!(captured.len() > 20, "the fixture is there");
    let mut dice = Dice::new(0x5EED_0004);
    let mut assembly = Assembly::new(Limits { age: Duration::from_secs(100), messages: 16 });
    let (mut given, mut back) = (0_u32, 0_u32);
    for round in 0..200_000_u64 {
        let mut octets = dice.choose(&captured).clone();
        spoil(&mut octets, &mut dice);
        let _ = Incoming::decode_tpdu(&octets);
        let Ok(incoming) = Incoming::decode(&octets) else {
            continue;
        };
        look_at(&incoming);
        if let Incoming::Deliver(deliver) = incoming {
            given += 1;
            for outcome in assembly.accept(deliver, (), Duration::from_millis(round * 50)) {
                back += match outcome {
                    Outcome::Message(message) => u32::try_from(message.tokens.len()).unwrap(),
                    Outcome::Repeated(()) => 1,
                };
            }
        }
    }
    let last = assembly.flush(Duration::MAX);
    back += last.iter().map(|message| u32::try_from(message.tokens.len()).unwrap()).sum::<u32>();
    assert_eq!(given, back, "each part comes back once");
    assert!(given > 40_000, "{given} is too few to prove anything");
}

#[test]
fn pure_noise_is_read_without_harm() {
    let mut dice = Dice::new(0x5EED_0005);
    for _ in 0..50_000 {
        let noise: Vec<u8> = (0..dice.below(180)).map(|_| dice.octet()).collect();
        if let Ok(incoming) = Incoming::decode(&noise) {
            look_at(&incoming);
        }
        assert_eq!(from_hex(&to_hex(&noise)).as_deref(), Ok(noise.as_slice()));
        let _ = (alphabet::decode_septets(&noise), alphabet::decode_ucs2(&noise));
        let _ = alphabet::unpack(&noise, dice.below(1_000));
    }
}

#[test]
fn any_text_can_be_sent_and_any_number_is_a_number_or_an_error() {
    let mut dice = Dice::new(0x5EED_0006);
    for _ in 0..500 {
        let text: String = (0..dice.below(300))
            .filter_map(|_| u32::try_from(dice.below(0x1_1000)).ok())
            .filter_map(char::from_u32)
            .collect();
        for encoding in [Encoding::Gsm7, Encoding::Ucs2] {
            let parts = split(&text, encoding, 1, Width::TwoOctets);
            assert!(!parts.is_empty());
        }
        let _ = text.parse::<Address>();
        let _ = Address::name(&text);
        let _ = from_hex(&text);
    }
}
