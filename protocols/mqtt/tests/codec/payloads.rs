//! Payloads: what people and devices write, and what is made of it.

use serde_json::{Value as Json, json};
use vigie_mqtt::{Limits, Number, Oddity, Payload};

fn read(octets: impl AsRef<[u8]>) -> Payload {
    Payload::read(octets.as_ref(), &Limits::default())
}

#[test]
fn a_plain_number_is_text_number_and_json_at_once() {
    let payload = read(" 21.5\r\n");
    assert_eq!(payload.text, " 21.5\r\n", "the text is what the sender wrote");
    assert_eq!(payload.value, Some(Number::Float(21.5)));
    assert_eq!(payload.json, Some(json!(21.5)));
    assert_eq!((payload.boolean, payload.utf8, payload.oddity), (None, true, None));
    assert_eq!(read("42").value, Some(Number::Int(42)));
    assert_eq!(read("18446744073709551615").value, Some(Number::UInt(u64::MAX)));
    for text in ["NaN", "inf", "-Infinity", "21.5 °C", "1e999", "0x1F"] {
        assert_eq!(read(text).value, None, "{text}");
        assert_eq!(read(text).text, text);
    }
}

#[test]
fn a_decimal_comma_is_read_where_it_can_be_nothing_else() {
    assert_eq!(read("21,5").value, Some(Number::Float(21.5)));
    assert_eq!(read("21,5").json, None);
    let doubtful = read("1,234");
    assert_eq!(doubtful.value, None);
    assert_eq!(
        doubtful.oddity.unwrap().to_string(),
        "`1,234` may be a number with three decimals or one of thousands, and is kept as text: let the sender write a decimal point"
    );
}

#[test]
fn only_the_words_for_truth_are_truth() {
    for (text, truth) in [("true", true), ("ON", true), ("Off", false), ("false\n", false)] {
        assert_eq!(read(text).boolean, Some(truth), "{text}");
    }
    for text in ["1", "0", "Online", "offline", "yes", "open", "", "truth"] {
        assert_eq!(read(text).boolean, None, "{text}");
    }
    assert_eq!(read("true").json, Some(json!(true)));
    assert_eq!(read("ON").json, None);
}

#[test]
fn json_is_read_whatever_stands_at_its_top() {
    for (text, tree) in [
        (r#"{"a":{"b":[1,2.5,"x",null,true]}}"#, json!({"a": {"b": [1, 2.5, "x", null, true]}})),
        ("[1,2]", json!([1, 2])),
        (r#""stopped""#, json!("stopped")),
        ("null", Json::Null),
        ("\u{feff}{\"t\":8}", json!({"t": 8})),
        (r#"{"big":123456789012345678901234567890}"#, json!({"big": 1.2345678901234568e29})),
        (r#"{"a":1,"a":2}"#, json!({"a": 2})),
    ] {
        assert_eq!(read(text).json, Some(tree), "{text}");
        assert_eq!(read(text).oddity, None, "{text}");
    }
    for text in ["null and void", "nothing", "-", "\"open", "tr", "42 is it"] {
        let payload = read(text);
        assert_eq!((payload.json, payload.oddity), (None, None), "{text}");
    }
}

#[test]
fn broken_json_is_text_and_the_reason_is_told() {
    let payload = read(r#"{"temperature": 8.3"#);
    assert_eq!(payload.json, None);
    assert_eq!(
        payload.oddity.unwrap().to_string(),
        "the payload begins like JSON and is none: EOF while parsing an object at line 1 column 19"
    );
    for text in ["{a:1}", "[1,]", "{\"a\":1e999}", "[\"\\ud800\"]", "[1] [2]", "{]", "[\0]"] {
        assert!(matches!(read(text).oddity, Some(Oddity::NotJson(_))), "{text}");
        assert_eq!(read(text).text, text);
    }
}

#[test]
fn an_empty_message_is_a_message_and_is_empty() {
    let payload = read("");
    assert!(payload.is_empty() && payload.utf8 && payload.text.is_empty());
    assert_eq!((payload.value, payload.json, payload.oddity), (None, None, None));
    assert!(!read(" ").is_empty());
}

#[test]
fn octets_that_are_no_text_are_shown_in_hexadecimal() {
    let payload = read(b"\x00\xffAB");
    assert_eq!((&*payload.text, payload.utf8, payload.octets), ("00ff4142", false, 4));
    assert_eq!(
        payload.oddity.unwrap().to_string(),
        "the payload is not UTF-8 from octet 1 on, and stands as hexadecimal digits"
    );
    let long = read(vec![0xff; 100_000]);
    assert_eq!((long.text.len(), long.octets), (8192, 100_000));
    // UTF-16 with its mark, as one PLC writes it.
    assert!(!read(b"\xff\xfe2\x001\x00").utf8);
}

#[test]
fn a_message_that_is_too_long_keeps_its_beginning_and_says_so() {
    let limits = Limits { octets: 10, ..Limits::default() };
    let payload = Payload::read("123456789é1".as_bytes(), &limits);
    assert_eq!((&*payload.text, payload.utf8), ("123456789", true), "no letter is cut in half");
    assert_eq!(payload.value, None, "a number cut short is another number");
    assert_eq!(
        payload.oddity.unwrap().to_string(),
        "the payload has 12 octets, of which the first 9 are kept as text"
    );
}

#[test]
fn nesting_and_swarms_of_values_are_refused_before_they_cost_anything() {
    let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(nest(32)).json.is_some());
    assert_eq!(read(nest(33)).oddity, Some(Oddity::TooDeep(32)));
    assert_eq!(read("[".repeat(1 << 20)).oddity, Some(Oddity::TooDeep(32)));
    assert_eq!(read("{\"a\":".repeat(200_000)).oddity, Some(Oddity::TooDeep(32)));
    let swarm = format!("[{}0]", "0,".repeat(500_000));
    assert_eq!(read(&swarm).oddity, Some(Oddity::TooManyValues(100_000)));
    assert_eq!(read(&swarm).text.len(), swarm.len(), "the text is there all the same");
    // Brackets in a text are letters.
    let text = format!("[\"{}\\\"{}\"]", "[".repeat(1_000), "{".repeat(1_000));
    assert!(read(text).json.is_some());
    assert!(read(nest(0).as_str()).json.is_none());
}
