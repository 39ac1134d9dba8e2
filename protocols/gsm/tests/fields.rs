//! The fields of a message one by one: numbers, times, periods, alphabets, headers, reports.

use std::time::Duration;
use vigie_gsm::alphabet::Encoding;
use vigie_gsm::pdu::{
    Address, Alphabet, Civil, Concatenation, DataCoding, Deliver, Discharge, Element, Header,
    Incoming, NumberType, PduError, Reference, Status, Submit, TimeStamp, UserData, from_hex,
    to_hex,
};

fn number(written: &str) -> Address {
    written.parse().expect("a number")
}

fn stamp() -> TimeStamp {
    TimeStamp::from_unix(1_795_411_996, 4).expect("within the century")
}

#[test]
fn a_report_means_what_the_standard_says_and_never_more() {
    for (octets, meant) in [
        (0x00..=0x1F, Discharge::Delivered),
        (0x20..=0x3F, Discharge::Pending),
        (0x40..=0x5F, Discharge::Refused),
        (0x60..=0x7F, Discharge::GivenUp),
        (0x80..=0xFF, Discharge::Unknown),
    ] {
        for octet in octets {
            assert_eq!(Status::from_octet(octet).discharge(), meant, "0x{octet:02X}");
        }
    }
    assert_eq!(Status::from_octet(0x46).to_string(), "validity expired (0x46)");
    assert_eq!(Status::from_octet(0x62).to_string(), "no response from the phone (0x62)");
    assert_eq!(Status::from_octet(0xA0).to_string(), "unknown to the standard (0xA0)");
}

#[test]
fn a_number_is_read_as_people_write_it_and_shown_as_they_dial_it() {
    for (written, shown, kind) in [
        ("+33 6 12.34-56(78)", "+33612345678", NumberType::International),
        (" 06 12 34 56 78 ", "0612345678", NumberType::Unknown),
        ("36105", "36105", NumberType::Unknown),
        ("*123#", "*123#", NumberType::Unknown),
    ] {
        let address = number(written);
        assert_eq!((address.to_string().as_str(), address.kind()), (shown, kind));
        let pdu = Deliver::new(address.clone(), stamp(), UserData::text_alone("", Encoding::Gsm7))
            .encode()
            .unwrap();
        let Ok(Incoming::Deliver(read)) = Incoming::decode(&pdu.bytes) else {
            unreachable!("a deliver")
        };
        assert_eq!(read.sender, address);
    }
}

#[test]
fn what_is_no_number_is_refused_with_its_reason() {
    let refused = |written: &str| written.parse::<Address>().unwrap_err().to_string();
    assert_eq!(refused("+33x6"), "`+33x6` is not a telephone number because of `x`");
    assert_eq!(refused("+"), "a telephone number without any digit");
    assert_eq!(
        refused("123456789012345678901"),
        "`123456789012345678901` is longer than an SMS address may be"
    );
    assert_eq!(
        Address::name("VIGIÊ").unwrap_err().to_string(),
        "the name `VIGIÊ` cannot stand as a sender"
    );
    assert!(matches!(Address::name("douze lettres"), Err(PduError::AddressTooLong { .. })));
}

#[test]
fn a_name_of_any_length_comes_back_as_it_was_sent() {
    for name in ["A", "AB", "VIGIE", "1234567", "FRANCOIS", "123456789", "onze lettre", "a@", "€{}"]
    {
        let address = Address::name(name).unwrap();
        let pdu = Deliver::new(address, stamp(), UserData::text_alone("x", Encoding::Gsm7))
            .encode()
            .unwrap();
        let Ok(Incoming::Deliver(read)) = Incoming::decode(&pdu.bytes) else {
            unreachable!("a deliver")
        };
        assert_eq!(read.sender.to_string(), name);
        assert_eq!(read.sender.kind(), NumberType::Alphanumeric);
        assert_eq!(read.user_data.text(), "x");
    }
}

#[test]
fn a_person_is_known_however_the_network_writes_the_number() {
    let same = |one: &str, other: &str| {
        let (one, other) = (number(one), number(other));
        assert_eq!(one.is_same_line(&other), other.is_same_line(&one));
        one.is_same_line(&other)
    };
    assert!(same("+33612345678", "0612345678"));
    assert!(same("+33612345678", "0033612345678"));
    assert!(same("+33612345678", "33612345678"));
    assert!(same("0612345678", "0612345678"));
    assert!(!same("+33612345678", "+44612345678"));
    assert!(!same("+33612345678", "0612345679"));
    assert!(!same("+33612345678", "5678"), "a short code is nobody's number");
    assert!(!same("0033612345678", "+44612345678"));
    assert!(!Address::name("0612345678").unwrap().is_same_line(&number("0612345678")));
}

#[test]
fn a_time_that_is_none_costs_only_itself() {
    for octets in
        [[0xFF; 7], [0; 7], [0x62, 0x31, 0x32, 0, 0, 0, 0], [0x62, 0x20, 0x92, 0, 0, 0, 0]]
    {
        let time = TimeStamp::from_octets(octets);
        assert_eq!((time.civil(), time.unix_seconds()), (None, None));
        assert_eq!(time.to_string(), format!("unreadable time {}", to_hex(&octets)));
    }
}

#[test]
fn a_time_is_the_same_moment_in_every_zone() {
    assert_eq!(stamp().to_string(), "2026-11-23T06:33:16+01:00");
    for zone in -48..=56 {
        for seconds in [946_771_200, 951_782_400, 1_709_164_800, 1_795_411_996, 4_102_358_399] {
            let time = TimeStamp::from_unix(seconds, zone).unwrap();
            assert_eq!(time.unix_seconds(), Some(seconds), "{time}");
            assert_eq!(TimeStamp::from_octets(time.octets()), time);
        }
    }
    let west = TimeStamp::from_octets([0x70, 0x40, 0x21, 0x32, 0x52, 0x24, 0x2B]);
    assert_eq!(west.to_string(), "2007-04-12T23:25:42-08:00");
}

#[test]
fn every_day_of_the_century_is_followed_by_the_next() {
    let mut before = None;
    for day in 10_958..47_481_i64 {
        let time = TimeStamp::from_unix(day * 86_400, 0).unwrap();
        let Civil { year, month, day: date, .. } = time.civil().unwrap();
        if let Some((y, m, d)) = before {
            let follows = (year, month, date) == (y, m, d + 1)
                || (year, month, date) == (y, m + 1, 1) && d >= 28
                || (year, month, date) == (y + 1, 1, 1) && (m, d) == (12, 31);
            assert!(follows, "{time} after {y}-{m}-{d}");
        }
        assert_eq!(time.unix_seconds(), Some(day * 86_400));
        before = Some((year, month, date));
    }
    assert_eq!(before, Some((2099, 12, 30)));
    for outside in [i64::MIN, -1, 946_684_799, 4_102_444_800, i64::MAX] {
        assert_eq!(TimeStamp::from_unix(outside, 0), None);
    }
}

#[test]
fn a_time_that_does_not_exist_is_not_written() {
    let real = Civil { year: 2026, month: 11, day: 23, hour: 3, minute: 0, second: 0, zone: -20 };
    assert_eq!(TimeStamp::from_civil(real).and_then(TimeStamp::civil), Some(real));
    for wrong in [
        Civil { year: 1999, ..real },
        Civil { year: i16::MIN, ..real },
        Civil { month: 13, ..real },
        Civil { day: 31, ..real },
        Civil { hour: 24, ..real },
        Civil { zone: 57, ..real },
        Civil { zone: i8::MIN, ..real },
    ] {
        assert_eq!(TimeStamp::from_civil(wrong), None, "{wrong:?}");
    }
}

#[test]
fn the_network_tries_at_least_as_long_as_asked() {
    let granted = |seconds: u64| {
        let mut submit = Submit::new(number("36105"), UserData::text_alone("", Encoding::Gsm7));
        submit.validity = Some(Duration::from_secs(seconds));
        let Ok(Incoming::Submit(read)) = Incoming::decode(&submit.encode().unwrap().bytes) else {
            unreachable!("a submit")
        };
        read.validity.unwrap().as_secs()
    };
    let (minute, hour, day, week) = (60, 3_600, 86_400, 604_800);
    for (asked, expected) in [
        (0, 5 * minute),
        (1, 5 * minute),
        (5 * minute, 5 * minute),
        (5 * minute + 1, 10 * minute),
        (12 * hour, 12 * hour),
        (12 * hour + 1, 12 * hour + 30 * minute),
        (day, day),
        (day + 1, 2 * day),
        (30 * day, 30 * day),
        (30 * day + 1, 5 * week),
        (63 * week, 63 * week),
        (u64::MAX, 63 * week),
    ] {
        assert_eq!(granted(asked), expected, "{asked} s");
    }
    for asked in (0..63 * week).step_by(3_607) {
        assert!(granted(asked) >= asked, "{asked} s");
    }
}

#[test]
fn the_alphabet_of_every_coding_scheme_is_that_of_the_standard() {
    for octet in 0..=u8::MAX {
        let expected = match octet {
            // General and automatic deletion: compressed, then the alphabet in bits 3 and 2.
            0x00..=0x7F if octet & 0x20 != 0 => Alphabet::Octets,
            0x00..=0x7F if octet & 0x0C == 0x04 => Alphabet::Octets,
            0x00..=0x7F if octet & 0x0C == 0x08 => Alphabet::Ucs2,
            0xE0..=0xEF => Alphabet::Ucs2,
            0xF4..=0xF7 | 0xFC..=0xFF => Alphabet::Octets,
            _ => Alphabet::Gsm7,
        };
        assert_eq!(DataCoding::from_octet(octet).alphabet(), expected, "0x{octet:02X}");
    }
}

#[test]
fn a_part_that_cannot_exist_is_no_part() {
    let short = Reference::Short(1);
    assert_eq!(Concatenation::new(short, 0, 0), None);
    assert_eq!(Concatenation::new(short, 2, 0), None);
    assert_eq!(Concatenation::new(short, 2, 3), None);
    assert!(Concatenation::new(short, 255, 255).is_some());
    assert_eq!(Header::default().concatenation(), None);
}

#[test]
fn of_two_headers_that_contradict_each_other_the_last_one_counts() {
    let part = |reference| Concatenation::new(reference, 2, 1).unwrap();
    let (first, last) = (part(Reference::Short(1)), part(Reference::Long(2)));
    let header = Header::new(vec![Element::Concatenation(first), Element::Concatenation(last)]);
    assert_eq!(header.concatenation(), Some(last));
}

#[test]
fn a_torn_line_is_refused_with_the_place_of_the_tear() {
    assert_eq!(from_hex(" 07aF\r\n"), Ok(vec![0x07, 0xAF]));
    assert_eq!(from_hex("07 1"), Err(PduError::NotHex { character: ' ', position: 3 }));
    assert_eq!(from_hex("071"), Err(PduError::HalfOctet { digits: 3 }));
    assert_eq!(to_hex(&[0x00, 0xFA]), "00FA");
}
