//! The alphabet as the operator meets it: what fits one message, and what a phone shows.

mod dice;

use dice::Dice;
use vigie_gsm::alphabet::{
    AlphabetError, Encoding, capacity, decode_septets, decode_ucs2, encode_septets, encode_ucs2,
    first_outside, pack, segments, transliterate, unpack,
};

/// Every character that both tables have.
const ALL: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\u{c}^{}\\[~]|€";

#[test]
fn the_vector_that_everybody_publishes_is_packed_as_published() {
    let septets = encode_septets("hellohello").unwrap();
    let octets = [0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37];
    assert_eq!(pack(&septets, 0), octets);
    assert_eq!(decode_septets(&unpack(&octets, 10)), "hellohello");
}

#[test]
fn every_character_of_the_alphabet_comes_back_as_it_was_sent() {
    assert_eq!(ALL.chars().count(), 127 + 10);
    let septets = encode_septets(ALL).unwrap();
    assert_eq!(septets.len(), 127 + 2 * 10);
    assert_eq!(decode_septets(&septets), ALL);
    assert_eq!(first_outside(ALL), None);
    assert_eq!(transliterate(ALL), ALL);
}

#[test]
fn a_text_of_any_length_behind_any_header_is_unpacked_as_it_was_packed() {
    let mut dice = Dice::new(0x5EED_0001);
    for _ in 0..20_000 {
        let septets: Vec<u8> = (0..dice.below(170)).map(|_| dice.octet() & 0x7F).collect();
        let header: usize = *dice.choose(&[0, 1, 2, 3, 4, 5, 6, 7, 12]);
        let before = (header * 8).div_ceil(7);
        let mut octets = vec![0xFF; header];
        octets.extend(pack(&septets, before * 7 - header * 8));
        assert_eq!(octets.len(), ((before + septets.len()) * 7).div_ceil(8));
        let unpacked = unpack(&octets, before + septets.len());
        assert_eq!(&unpacked[before..], septets, "behind {header} octets");
    }
}

#[test]
fn an_at_sign_at_the_end_is_neither_lost_nor_invented() {
    let seven = encode_septets("1234567").unwrap();
    let eight = encode_septets("1234567@").unwrap();
    assert_eq!(pack(&seven, 0), pack(&eight, 0), "octets alone cannot tell them apart");
    assert_eq!(decode_septets(&unpack(&pack(&seven, 0), 7)), "1234567");
    assert_eq!(decode_septets(&unpack(&pack(&eight, 0), 8)), "1234567@");
}

#[test]
fn an_escape_that_nobody_knows_shows_the_character_of_the_main_table() {
    assert_eq!(decode_septets(&[0x1B, 0x41]), "A");
    assert_eq!(decode_septets(&[0x1B, 0x65]), "€");
}

#[test]
fn two_escapes_and_a_lonely_one_are_spaces() {
    assert_eq!(decode_septets(&[0x41, 0x1B, 0x1B, 0x42]), "A B");
    assert_eq!(decode_septets(&[0x41, 0x1B]), "A ");
}

#[test]
fn the_operator_is_told_which_character_makes_a_message_longer() {
    assert_eq!(first_outside("Chaudière: arrêt d'urgence"), Some('ê'));
    assert_eq!(first_outside("Défaut à l'été, 20 € {x}"), None);
    assert_eq!(first_outside("\u{1b}"), Some('\u{1b}'), "the escape is no character");
    let refused = encode_septets("arrêt").unwrap_err();
    assert_eq!(refused, AlphabetError::Outside { character: 'ê' });
    assert_eq!(refused.to_string(), "`ê` is not in the GSM alphabet");
}

#[test]
fn a_french_alarm_becomes_one_that_fits() {
    for (written, sent) in [
        ("Arrêt d’urgence : vanne forcée", "Arret d'urgence : vanne forcée"),
        ("Ça ne reçoit plus", "Ça ne recoit plus"),
        ("cœur, ŒUVRE, où, maïs, Noël", "coeur, OEUVRE, où, mais, Noel"),
        ("«\u{a0}chambre froide\u{a0}» – 18\u{202f}°C…", "\" chambre froide \" - 18 C..."),
        ("−18 °C, n° 3, 5 µm, 3 m³, CO₂ ≥ 2 ‰", "-18 C, no 3, 5 um, 3 m3, CO2 >= 2 o/oo"),
        ("Łódź Škoda İzmir Đà Nẵng ș", "Lodz Skoda Izmir Dà Nang s"),
        ("e\u{301}te\u{301}, fore\u{302}t, no\u{303}", "été, foret, no"),
        ("zone\u{200b} 2\tporte", "zone 2 porte"),
        ("ｔｅｓｔ", "test"),
        ("αβγ Αλφα", "ABΓ AΛΦA"),
        ("feu 🔥 日本", "feu ? ??"),
        ("20 €", "20 €"),
    ] {
        assert_eq!(transliterate(written), sent);
    }
}

#[test]
fn whatever_is_transliterated_fits_the_alphabet_and_never_disappears() {
    for character in (0..=0x1_FFFF).filter_map(char::from_u32) {
        let sent = transliterate(&character.to_string());
        assert_eq!(first_outside(&sent), None, "{character:?} became {sent:?}");
        let silent = matches!(character, '\u{300}'..='\u{36f}')
            || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(character, '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}');
        assert_eq!(sent.is_empty(), silent, "{character:?}");
    }
}

#[test]
fn a_message_has_room_for_what_the_standard_says() {
    for (header, septets, units) in [(0, 160, 70), (6, 153, 67), (7, 152, 66)] {
        assert_eq!(capacity(Encoding::Gsm7, header), septets);
        assert_eq!(capacity(Encoding::Ucs2, header), units);
    }
    assert_eq!(capacity(Encoding::Gsm7, 1000), 0);
}

#[test]
fn the_price_of_a_text_is_known_before_it_is_sent() {
    for (text, encoding, units, parts) in [
        (String::new(), Encoding::Gsm7, 0, 1),
        ("a".repeat(160), Encoding::Gsm7, 160, 1),
        ("a".repeat(161), Encoding::Gsm7, 161, 2),
        ("a".repeat(306), Encoding::Gsm7, 306, 2),
        ("a".repeat(307), Encoding::Gsm7, 307, 3),
        ("€".repeat(80), Encoding::Gsm7, 160, 1),
        // An escape pair does not fit the last septet of 153: 76 to a part.
        ("€".repeat(153), Encoding::Gsm7, 306, 3),
        ("ê".repeat(70), Encoding::Ucs2, 70, 1),
        ("ê".repeat(71), Encoding::Ucs2, 71, 2),
        ("ê".repeat(135), Encoding::Ucs2, 135, 3),
        ("🔥".repeat(35), Encoding::Ucs2, 70, 1),
        ("🔥".repeat(67), Encoding::Ucs2, 134, 3),
    ] {
        let price = segments(&text);
        assert_eq!((price.encoding, price.units, price.parts), (encoding, units, parts), "{text}");
    }
}

#[test]
fn any_text_comes_back_from_ucs2_as_it_was() {
    let text = "Été 🔥 日本 {€}";
    assert_eq!(decode_ucs2(&encode_ucs2(text)), text);
    assert_eq!(encode_ucs2("é🔥"), [0x00, 0xE9, 0xD8, 0x3D, 0xDD, 0x25]);
}

#[test]
fn halves_of_characters_are_shown_as_such_and_a_byte_order_mark_is_not_shown() {
    assert_eq!(decode_ucs2(&[0x00, 0x41, 0xD8, 0x3D]), "A\u{fffd}");
    assert_eq!(decode_ucs2(&[0x00, 0x41, 0x00]), "A\u{fffd}");
    assert_eq!(decode_ucs2(&[0xFE, 0xFF, 0x00, 0x34]), "4");
    assert_eq!(decode_ucs2(&[]), "");
}
