//! Texts in the tables of a language: what a transmitter in Istanbul, Madrid or Porto writes is read as it was written.

use std::time::Duration;

use vigie_gsm::alphabet::{Encoding, Language, Shift, decode_septets, decode_shifted};
use vigie_gsm::concatenation::{Assembly, Limits, Outcome};
use vigie_gsm::pdu::{
    Body, Concatenation, Deliver, Element, Incoming, Reference, TimeStamp, UserData,
};

fn single(language: Language) -> Shift {
    Shift { single: Some(language), ..Shift::default() }
}

fn locking(language: Language) -> Shift {
    Shift { locking: Some(language), ..Shift::default() }
}

#[test]
fn what_stands_behind_an_escape_is_read_in_the_language_of_the_message() {
    let spanish = single(Language::Spanish);
    assert_eq!(decode_shifted(b"Presi\x1bon m\x1ba\x1bxima \x1be", spanish), "Presión máxima €");
    let turkish = single(Language::Turkish);
    assert_eq!(decode_shifted(b"s\x1bi\x1bs\x1bik \x1bI\x1bS", turkish), "sışık İŞ");
    let portuguese = single(Language::Portuguese);
    assert_eq!(decode_shifted(b"Press\x1b{o \x05\x1b\x05 n\x1b{o", portuguese), "Pressão éê não");
    assert_eq!(decode_shifted(b"\x1b\x1f", portuguese), "Ê");
}

#[test]
fn what_a_language_lacks_behind_an_escape_is_that_of_the_main_table() {
    for language in [Language::Turkish, Language::Spanish, Language::Portuguese] {
        assert_eq!(decode_shifted(b"\x1b(\x1b)\x1b<\x1b>\x1b@", single(language)), "{}[]|");
        assert_eq!(decode_shifted(b"\x1bZ\x1b\x1b \x1b", single(language)), "Z   ");
    }
    assert_eq!(decode_shifted(b"\x1b\x40", locking(Language::Turkish)), "|");
    assert_eq!(decode_shifted(b"\x1b\x60", locking(Language::Turkish)), "ç", "its main table");
}

#[test]
fn another_main_table_holds_for_the_whole_text() {
    assert_eq!(
        decode_shifted(b"\x04 \x07\x0b\x0c\x1c\x1d\x40\x60", locking(Language::Turkish)),
        "€ ıĞğŞşİç"
    );
    assert_eq!(
        decode_shifted(
            b"\x04\x06\x07\x08\x09\x0b\x0c\x0e\x0f\x12\x15\x18\x60\x7b\x7c",
            locking(Language::Portuguese)
        ),
        "êúíóçÔôÁáª∞€~ãõ"
    );
    assert_eq!(decode_shifted(b"\x04\x40", locking(Language::Spanish)), "è¡", "Spanish has none");
}

#[test]
fn every_septet_is_a_character_in_every_language() {
    let languages =
        [None, Some(Language::Turkish), Some(Language::Spanish), Some(Language::Portuguese)];
    for locking in languages {
        for single in languages {
            for septet in 0..=u8::MAX {
                let shift = Shift { locking, single };
                let expected = usize::from(septet & 0x7F != 0x1B);
                assert_eq!(decode_shifted(&[septet, b'A'], shift).chars().count(), 1 + expected);
                assert_eq!(decode_shifted(&[0x1B, septet], shift).chars().count(), 1);
            }
        }
    }
    let all: Vec<u8> = (0..=0x7F).flat_map(|septet| [septet, 0x1B, septet]).collect();
    assert_eq!(decode_shifted(&all, Shift::default()), decode_septets(&all));
}

#[test]
fn a_header_names_the_tables_and_a_language_that_we_do_not_read_changes_nothing() {
    let read = |elements: Vec<Element>, septets: &[u8]| {
        let text = decode_septets(septets);
        let data = UserData::text_alone(&text, Encoding::Gsm7).with_header(elements);
        let time = TimeStamp::from_unix(1_790_000_000, 8).unwrap();
        let deliver = Deliver::new("+905321234567".parse().unwrap(), time, data);
        match Incoming::decode(&deliver.encode().unwrap().bytes) {
            Ok(Incoming::Deliver(deliver)) => deliver.user_data.text(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(read(vec![Element::LockingShift(1)], b"Y\x07lmaz"), "Yılmaz");
    assert_eq!(
        read(vec![Element::LockingShift(3), Element::LockingShift(1)], b"\x07"),
        "ı",
        "the last counts"
    );
    let hindi = vec![Element::LockingShift(6), Element::SingleShift(6)];
    assert_eq!(read(hindi, b"\x07"), "ì");
    assert_eq!(read(vec![Element::SingleShift(0)], b"\x07"), "ì");
}

#[test]
fn an_escape_that_is_cut_between_two_parts_is_joined_in_one_language_and_in_no_other() {
    let part = |sequence: u8, language: u8, septets: &[u8]| {
        let part = Concatenation::new(Reference::Short(7), 2, sequence).unwrap();
        let text = UserData::septets(septets.to_vec())
            .with_header(vec![Element::Concatenation(part), Element::SingleShift(language)]);
        let time = TimeStamp::from_unix(1_790_000_000, 8).unwrap();
        Deliver::new("+34600000000".parse().unwrap(), time, text)
    };
    let joined = |first: Deliver, second: Deliver| {
        let mut assembly = Assembly::new(Limits::default());
        assert!(assembly.accept(second, (), Duration::ZERO).is_empty());
        match assembly.accept(first, (), Duration::ZERO).as_slice() {
            [Outcome::Message(message)] => message.text.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(joined(part(1, 2, b"Presi\x1b"), part(2, 2, b"on")), "Presión");
    assert_eq!(joined(part(1, 2, b"Presi\x1b"), part(2, 1, b"on")), "Presi on");
    let plain = part(1, 0, b"a\x1b").user_data;
    assert!(matches!(plain.body(), Body::Septets(_)));
}
