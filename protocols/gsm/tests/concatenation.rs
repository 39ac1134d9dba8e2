//! Long messages: cut for sending, and put together whatever the network does to them.

mod dice;

use dice::Dice;
use std::time::Duration;
use vigie_gsm::alphabet::{self, Encoding};
use vigie_gsm::concatenation::{Assembly, Limits, Message, Outcome, Width, split};
use vigie_gsm::pdu::{Address, Body, Deliver, Element, Header, Incoming, TimeStamp, UserData};

const GSM: &[char] = &['a', 'é', '€', '{', ' ', '0', '@', 'Ω', '\n'];
const UCS: &[char] = &['a', 'ê', '🔥', '日', ' '];

fn alice() -> Address {
    "+33612345678".parse().expect("a number")
}

fn at(seconds: i64) -> TimeStamp {
    TimeStamp::from_unix(1_800_000_000 + seconds, 4).expect("within the century")
}

fn parts_of(text: &str, encoding: Encoding, reference: u16) -> Vec<Deliver> {
    split(text, encoding, reference, Width::Octet)
        .into_iter()
        .map(|part| Deliver::new(alice(), at(0), part))
        .collect()
}

fn message<T>(outcomes: Vec<Outcome<T>>) -> Option<Message<T>> {
    outcomes.into_iter().find_map(|outcome| match outcome {
        Outcome::Message(message) => Some(message),
        Outcome::Repeated(_) => None,
    })
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn a_long_text_arrives_as_it_was_written_in_whatever_order_its_parts_come() {
    let mut dice = Dice::new(0x5EED_0002);
    for _ in 0..1_000 {
        let (encoding, pool) = *dice.choose(&[(Encoding::Gsm7, GSM), (Encoding::Ucs2, UCS)]);
        let width = *dice.choose(&[Width::Octet, Width::TwoOctets]);
        let text: String = (0..dice.below(900)).map(|_| *dice.choose(pool)).collect();
        let mut parts: Vec<_> = split(&text, encoding, u16::from(dice.octet()) * 257, width)
            .into_iter()
            .enumerate()
            .collect();
        let total = parts.len();
        let mut assembly = Assembly::new(Limits::default());
        let mut whole = None;
        for left in (1..=total).rev() {
            let (slot, part) = parts.swap_remove(dice.below(left));
            // Through the octets, as over the air.
            let sent = Deliver::new(alice(), at(0), part).encode().expect("a part fits");
            let Ok(Incoming::Deliver(deliver)) = Incoming::decode(&sent.bytes) else {
                unreachable!("a deliver is read as one")
            };
            assert!(whole.is_none(), "whole before its last part");
            whole = message(assembly.accept(deliver, slot, Duration::ZERO));
        }
        let whole = whole.expect("whole with its last part");
        assert_eq!(whole.text, text);
        assert!(whole.is_complete());
        assert_eq!(whole.tokens, (0..total).collect::<Vec<_>>(), "every slot is given back");
        assert_eq!(assembly.waiting(), 0);
    }
}

#[test]
fn no_character_is_cut_in_two() {
    let mut dice = Dice::new(0x5EED_0003);
    for _ in 0..500 {
        let (encoding, pool) = *dice.choose(&[(Encoding::Gsm7, GSM), (Encoding::Ucs2, UCS)]);
        let text: String = (0..400).map(|_| *dice.choose(pool)).collect();
        let texts: Vec<String> =
            split(&text, encoding, 7, Width::Octet).iter().map(UserData::text).collect();
        assert_eq!(texts.concat(), text, "each part can be read alone");
    }
}

#[test]
fn the_parts_that_are_sent_are_those_that_were_announced() {
    for text in ["", "a", &"a".repeat(160), &"a".repeat(161), &"€".repeat(153), &"🔥".repeat(90)]
    {
        let price = alphabet::segments(text);
        assert_eq!(split(text, price.encoding, 1, Width::Octet).len(), price.parts);
    }
    assert_eq!(split(&"a".repeat(305), Encoding::Gsm7, 1, Width::TwoOctets).len(), 3);
}

#[test]
fn a_text_too_long_for_any_message_is_cut_at_255_parts() {
    let parts = split(&"a".repeat(100_000), Encoding::Gsm7, 1, Width::Octet);
    assert_eq!(parts.len(), 255);
    assert_eq!(
        parts.last().and_then(UserData::concatenation).map(|part| part.sequence()),
        Some(255)
    );
}

#[test]
fn a_text_for_the_gsm_alphabet_is_transliterated_on_its_way() {
    let parts = split("arrêt", Encoding::Gsm7, 1, Width::Octet);
    assert_eq!(parts.iter().map(UserData::text).collect::<Vec<_>>(), ["arret"]);
}

#[test]
fn a_message_that_stands_alone_does_not_wait() {
    let mut assembly = Assembly::new(Limits::default());
    let alone = Deliver::new(alice(), at(0), UserData::text_alone("4711 OK", Encoding::Gsm7));
    let read = message(assembly.accept(alone, "slot 3", Duration::ZERO)).unwrap();
    assert_eq!((read.text.as_str(), read.tokens, read.total), ("4711 OK", vec!["slot 3"], 1));
}

#[test]
fn a_character_that_the_sender_cut_in_two_is_joined_before_it_is_read() {
    let text = format!("{}🔥!", "a".repeat(66));
    let octets = alphabet::encode_ucs2(&text);
    let mut assembly = Assembly::new(Limits::default());
    let header = |part: UserData| part.header().elements().to_vec();
    let headers = parts_of(&"ê".repeat(100), Encoding::Ucs2, 9)
        .into_iter()
        .map(|part| header(part.user_data));
    let mut read = None;
    for (elements, half) in headers.zip([&octets[..134], &octets[134..]]) {
        // A part as a phone makes it that counts units instead of characters.
        let mut tpdu = vec![0x40, 0x00, 0x91, 0x00, 0x08];
        tpdu.extend(at(0).octets());
        let Some(Element::Concatenation(part)) = elements.first() else { unreachable!("a part") };
        let field = [&[0x05, 0x00, 0x03, 9, part.total(), part.sequence()], half].concat();
        tpdu.push(u8::try_from(field.len()).unwrap());
        tpdu.extend(field);
        let Ok(Incoming::Deliver(deliver)) = Incoming::decode_tpdu(&tpdu) else {
            unreachable!("a deliver")
        };
        read = message(assembly.accept(deliver, (), Duration::ZERO));
    }
    assert_eq!(read.unwrap().text, text);
}

#[test]
fn two_people_who_use_the_same_reference_are_not_mixed_up() {
    let mut assembly = Assembly::new(Limits::default());
    let bob: Address = "+33700000000".parse().unwrap();
    let hers = parts_of(&"a".repeat(200), Encoding::Gsm7, 1);
    let his = parts_of(&"b".repeat(200), Encoding::Gsm7, 1);
    let mut texts = Vec::new();
    for (one, other) in hers.into_iter().zip(his) {
        let other = Deliver { sender: bob.clone(), ..other };
        texts.extend(message(assembly.accept(one, (), Duration::ZERO)).map(|whole| whole.text));
        texts.extend(message(assembly.accept(other, (), Duration::ZERO)).map(|whole| whole.text));
    }
    assert_eq!(texts, ["a".repeat(200), "b".repeat(200)]);
}

#[test]
fn a_part_that_the_network_repeats_is_given_back_and_counts_once() {
    let mut assembly = Assembly::new(Limits::default());
    let parts = parts_of(&"a".repeat(200), Encoding::Gsm7, 1);
    assert_eq!(assembly.accept(parts[0].clone(), 1, Duration::ZERO), []);
    assert_eq!(assembly.accept(parts[0].clone(), 2, Duration::ZERO), [Outcome::Repeated(2)]);
    let whole = message(assembly.accept(parts[1].clone(), 3, Duration::ZERO)).unwrap();
    assert_eq!(whole.tokens, [1, 3]);
    // Even after the message has been handed over.
    assert_eq!(assembly.accept(parts[1].clone(), 4, seconds(60)), [Outcome::Repeated(4)]);
    assert_eq!(assembly.waiting(), 0);
}

#[test]
fn the_same_long_text_sent_a_second_time_is_a_second_message() {
    let mut assembly = Assembly::new(Limits::default());
    let mut whole = 0;
    for sent in [0, 30] {
        for part in parts_of(&"a".repeat(200), Encoding::Gsm7, 0) {
            let part = Deliver { time: at(sent), ..part };
            whole += usize::from(message(assembly.accept(part, (), Duration::ZERO)).is_some());
        }
    }
    assert_eq!(whole, 2);
}

#[test]
fn what_never_becomes_whole_is_handed_over_and_says_what_is_missing() {
    let limits = Limits { age: seconds(600), messages: 8 };
    for (kept, text, missing) in [
        (vec![0], format!("{} [...]", "a".repeat(153)), vec![2, 3, 4]),
        (vec![3], format!("[...] {}", "d".repeat(153)), vec![1, 2, 3]),
        (vec![0, 3], format!("{} [...] {}", "a".repeat(153), "d".repeat(153)), vec![2, 3]),
        (vec![1, 2], format!("[...] {}{} [...]", "b".repeat(153), "c".repeat(153)), vec![1, 4]),
    ] {
        let written: String = ["a", "b", "c", "d"].map(|letter| letter.repeat(153)).concat();
        let parts = parts_of(&written, Encoding::Gsm7, 5);
        let mut assembly = Assembly::new(limits);
        for slot in &kept {
            assert_eq!(assembly.accept(parts[*slot].clone(), *slot, seconds(10)), []);
        }
        assert_eq!(assembly.next_expiry(), Some(seconds(610)));
        assert_eq!(assembly.expire(seconds(609)), []);
        let expired = assembly.expire(seconds(610));
        assert_eq!(expired.len(), 1);
        assert_eq!((&expired[0].text, &expired[0].missing), (&text, &missing));
        assert_eq!((&expired[0].tokens, expired[0].total), (&kept, 4));
        assert!(!expired[0].is_complete());
        assert_eq!(assembly.next_expiry(), None);
    }
}

#[test]
fn a_flood_of_first_parts_pushes_nothing_into_the_void() {
    let limits = Limits { age: seconds(600), messages: 10 };
    let mut assembly = Assembly::new(limits);
    let mut back = Vec::new();
    for reference in 0..200_u16 {
        let first = parts_of(&"a".repeat(200), Encoding::Gsm7, reference).swap_remove(0);
        back.extend(message(assembly.accept(first, reference, Duration::ZERO)));
        assert!(assembly.waiting() <= 10);
    }
    back.extend(assembly.flush(Duration::ZERO));
    let tokens: Vec<u16> = back.into_iter().flat_map(|message| message.tokens).collect();
    assert_eq!(tokens, (0..200).collect::<Vec<_>>());
}

#[test]
fn a_reference_that_comes_round_too_early_ends_the_former_message() {
    let mut assembly = Assembly::new(Limits::default());
    let former = parts_of(&"a".repeat(200), Encoding::Gsm7, 1);
    let later = parts_of(&"b".repeat(200), Encoding::Gsm7, 1);
    assert_eq!(assembly.accept(former[0].clone(), 1, Duration::ZERO), []);
    let ended = message(assembly.accept(later[0].clone(), 2, Duration::ZERO)).unwrap();
    assert_eq!((ended.tokens, ended.missing), (vec![1], vec![2]));
    let whole = message(assembly.accept(later[1].clone(), 3, Duration::ZERO)).unwrap();
    assert_eq!((whole.text, whole.tokens), ("b".repeat(200), vec![2, 3]));
}

#[test]
fn a_header_that_cannot_be_true_makes_a_message_that_stands_alone() {
    for value in [[1, 0, 0], [1, 0, 1], [1, 2, 0], [1, 2, 3], [1, 1, 1]] {
        let mut tpdu = vec![0x40, 0x00, 0x91, 0x00, 0x04];
        tpdu.extend(at(0).octets());
        tpdu.extend([7, 5, 0x00, 3]);
        tpdu.extend(value);
        tpdu.push(0xAB);
        let Ok(Incoming::Deliver(deliver)) = Incoming::decode_tpdu(&tpdu) else {
            unreachable!("a deliver")
        };
        let read =
            message(Assembly::new(Limits::default()).accept(deliver, (), Duration::ZERO)).unwrap();
        assert_eq!(read.text, "AB", "{value:?}");
    }
}

#[test]
fn parts_in_two_alphabets_are_read_each_in_its_own() {
    let header = |sequence| {
        let parts = split(&"a".repeat(200), Encoding::Gsm7, 3, Width::Octet);
        let part: &UserData = &parts[sequence];
        part.header().elements().to_vec()
    };
    let mut assembly = Assembly::new(Limits::default());
    let first = UserData::text_alone("feu ", Encoding::Gsm7).with_header(header(0));
    let second = UserData::octets(vec![0xAB, 0xCD], Header::new(header(1)));
    assert_eq!(second.body(), &Body::Octets(vec![0xAB, 0xCD]));
    assert_eq!(assembly.accept(Deliver::new(alice(), at(0), first), (), Duration::ZERO), []);
    let read = message(assembly.accept(Deliver::new(alice(), at(0), second), (), Duration::ZERO));
    assert_eq!(read.unwrap().text, "feu ABCD");
}

#[test]
fn a_clock_that_runs_backwards_loses_nothing() {
    let mut assembly = Assembly::new(Limits::default());
    let parts = parts_of(&"a".repeat(200), Encoding::Gsm7, 1);
    assert_eq!(assembly.accept(parts[0].clone(), 1, seconds(5_000)), []);
    let whole = message(assembly.accept(parts[1].clone(), 2, seconds(10))).unwrap();
    assert!(whole.is_complete());
}
