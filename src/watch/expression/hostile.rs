//! What attackers, and fingers on the wrong key, do to expressions.

use super::sample::{reading, signal, with};
use super::*;
use crate::watch::signal::{Fields, Kind};

fn evaluate(source: &str, signal: &Signal) -> Result<Value, EvaluationError> {
    Expression::compile(source).expect(source).evaluate(signal)
}

#[test]
fn a_hostile_source_is_refused_and_never_panics() {
    let sources = [
        "(".repeat(4_000),
        "((((".repeat(20) + "1" + &"))))".repeat(20),
        "[".repeat(4_000),
        "{".repeat(4_000),
        "!".repeat(4_000) + "a",
        "-".repeat(4_000) + "1",
        "1".to_owned() + &"+1".repeat(2_000),
        "a".to_owned() + &".a".repeat(2_000),
        "a".to_owned() + &"[0]".repeat(1_300),
        "a?".repeat(1_300) + "b",
        "a?b:".repeat(390) + "c",
        "a || ".repeat(190) + "b",
        "f(".repeat(23) + &")".repeat(23),
        "x".repeat(5_000),
        "'".to_owned(),
        "'''".to_owned(),
        "\"\\".to_owned(),
        "\\".repeat(100),
        "r'".to_owned(),
        "b'\\xff' == 1".to_owned(),
        "a{b: 1}".to_owned(),
        "a.b{c: 1}".to_owned(),
        "optional.of(1)".to_owned(),
        "a.?b".to_owned(),
        "[?a]".to_owned(),
        "`a`".to_owned(),
        "a.`b`".to_owned(),
        "@result".to_owned(),
        "\u{0}".to_owned(),
        "\u{feff}a".to_owned(),
        "a\u{2028}b".to_owned(),
        "99999999999999999999999".to_owned(),
        "1e999999".to_owned(),
        "0x".to_owned(),
        "'\\u12'".to_owned(),
        "'\\U99999999'".to_owned(),
        "has(a)".to_owned(),
        "a.map(1, 2)".to_owned(),
        "a.map(x)".to_owned(),
        ".a".to_owned(),
        "a.b.c.d()".to_owned(),
    ];
    for source in sources {
        if let Ok(expression) = Expression::compile(&source) {
            // Whatever is accepted can be evaluated.
            let _ = expression.evaluate(&reading(Value::Int(1)));
        }
    }
}

#[test]
fn what_is_allowed_fits_on_a_small_stack() {
    let deep = |levels: usize| "(a[".repeat(levels) + "0" + &"])".repeat(levels);
    let sources = [
        deep(11),
        "topic".to_owned() + &"[0]".repeat(22),
        "1".to_owned() + &" + 1".repeat(22),
        "value > 5 ? 2 : ".repeat(22) + "3",
        "!(".repeat(22) + "true" + &")".repeat(22),
        "[".repeat(22) + "1" + &"]".repeat(22),
        "a".to_owned() + &".b".repeat(390),
        "a > 1 || ".repeat(120) + "b",
        "text".to_owned() + &".trim()".repeat(22),
        "[1].map(x, ".to_owned() + &"(x + ".repeat(15) + "1" + &")".repeat(15) + ")",
    ];
    let run = move || {
        for source in &sources {
            if let Ok(expression) = Expression::compile(source) {
                let _ = expression.evaluate(&reading(Value::Int(1)));
            }
        }
    };
    std::thread::Builder::new()
        .stack_size(3 << 19)
        .spawn(run)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

#[test]
fn a_hostile_signal_cannot_keep_an_expression_busy() {
    let many: Vec<Value> = (0..200_000).map(Value::Int).collect();
    let long = Value::text("x".repeat(1 << 20));
    let mut json = Fields::default();
    json.set("items", Value::List(many));
    json.set("long", long);
    let signal = with(signal(Kind::Mqtt), "json", Value::Map(json));
    for source in [
        "json.items.exists(x, x < 0)",
        "json.items.map(x, json.items)",
        "json.items.map(x, json.long + json.long)",
        "json.items.map(x, x + 1)",
        "json.long + json.long + json.long",
        "[1, 2, 3, 4, 5].map(x, json.long.contains('y'))",
        "json.items == json.items",
        "json.items.all(x, x >= 0)",
        "-1 in json.items",
        "json.items + json.items",
    ] {
        let result = evaluate(source, &signal);
        assert_eq!(result, Err(EvaluationError::TooMuchWork(source.to_owned())));
    }
    assert_eq!(evaluate("json.items.size()", &signal), Ok(Value::Int(200_000)));
    assert_eq!(evaluate("json.items[199999]", &signal), Ok(Value::Int(199_999)));
}

#[test]
fn deep_json_is_no_danger() {
    let mut value = Value::Int(1);
    for _ in 0..120 {
        value = Value::List(vec![value]);
    }
    let signal = with(signal(Kind::Mqtt), "json", value);
    assert!(evaluate("json", &signal).is_err());
    assert_eq!(Condition::compile("json == json").expect("a condition").holds(&signal), Ok(true));
    assert_eq!(evaluate("json.size()", &signal), Ok(Value::Int(1)));
}

#[test]
fn random_sources_neither_panic_nor_take_long() {
    const WORDS: [&str; 44] = [
        "a", "value", "topic", "json", "1", "2.5", "'x'", "\"y", "'", "(", ")", "[", "]", "{", "}",
        ".", ",", ":", "?", "+", "-", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", "!",
        " in ", "true", "null", ".map(", ".exists(", "x, ", "has(", "size(", " ", "\n", "é", "\\",
        "0x1u",
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let signal = reading(Value::Int(1));
    let mut accepted = 0;
    for _ in 0..4_000 {
        let length = random(12) + 1;
        let source: String = (0..length).map(|_| WORDS[random(WORDS.len())]).collect();
        if let Ok(expression) = Expression::compile(&source) {
            accepted += 1;
            let _ = expression.evaluate(&signal);
        }
    }
    assert!(accepted > 20, "only {accepted} were accepted: the test tests nothing");
}
