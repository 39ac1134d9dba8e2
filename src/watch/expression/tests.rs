//! Expressions as operators write them, and as attackers do.

use super::sample::{link, reading, signal, with};
use super::*;
use crate::watch::signal::{Fields, Kind};

fn evaluate(source: &str, signal: &Signal) -> Result<Value, EvaluationError> {
    Expression::compile(source).expect(source).evaluate(signal)
}

fn holds(source: &str, signal: &Signal) -> Result<bool, EvaluationError> {
    Condition::compile(source).expect(source).holds(signal)
}

fn complaint(source: &str) -> String {
    Condition::compile(source).expect_err(source).to_string()
}

#[test]
fn the_examples_of_the_manual_say_what_they_seem_to_say() {
    let down = link("IF-MIB::linkDown", 3);
    assert_eq!(holds(r#"trap == "IF-MIB::linkDown""#, &down), Ok(true));
    assert_eq!(holds(r#"trap == "IF-MIB::linkUp""#, &down), Ok(false));
    assert_eq!(evaluate("vars['1.3.6.1.2.1.2.2.1.7.3']", &down), Ok(Value::Int(3)));
    assert_eq!(evaluate("topic[1]", &reading(Value::Null)), Ok(Value::text("north")));
    let door = with(signal(Kind::Contacts), "alarm", Value::Bool(true));
    assert_eq!(holds("alarm", &door), Ok(true));
    assert_eq!(holds("!alarm", &door), Ok(false));
}

#[test]
fn whole_numbers_and_fractions_mix_as_a_user_would_guess() {
    for value in [Value::Int(9), Value::Float(9.0), Value::UInt(9)] {
        let signal = reading(value.clone());
        for source in [
            "value > 8.0",
            "value > 8",
            "value == 9",
            "value == 9.0",
            "9 == value",
            "9.0 == value",
            "8 < value",
            "8.5 < value",
            "value != 8",
            "value <= 9 && value >= 9.0",
            "value in [1, 9]",
            "value in [1.0, 9.0]",
            "value * 1.8 + 32 > 48",
            "value + 1 == 10",
            "1 + value == 10.0",
            "value - 0.5 == 8.5",
            "value / 2.0 == 4.5",
            "2 * value == 18",
        ] {
            assert_eq!(holds(source, &signal), Ok(true), "{source} with {value:?}");
        }
    }
    assert_eq!(evaluate("9 / 2", &signal(Kind::Mqtt)), Ok(Value::Int(4)));
    assert_eq!(evaluate("value / 2", &reading(Value::Float(9.0))), Ok(Value::Float(4.5)));
}

#[test]
fn the_fields_of_every_signal_can_be_named() {
    let signal = signal(Kind::Gsm);
    for (source, value) in [
        ("input", "gsm.orange"),
        ("kind", "gsm"),
        ("source", "10.1.2.3"),
        ("text", "sample"),
        ("received", "2026-01-01T00:00:00Z"),
    ] {
        assert_eq!(evaluate(source, &signal), Ok(Value::text(value)));
    }
}

#[test]
fn what_cannot_be_told_is_told_in_words() {
    let signal = reading(Value::text("8.5"));
    for (source, reason) in [
        ("temperature > 8", "the signal has no field `temperature`"),
        ("value > 8", "`>` does not apply to text and a whole number"),
        ("value + 1 > 2", "`+` does not apply to text and a whole number"),
        ("topic[9] == 'x'", "there is no `9` where `topic[9] == 'x'` looks for it"),
        ("value", "`value` gives 8.5, which is neither true nor false"),
        ("1 / 0 == 1", "a division by zero has no result"),
        ("9223372036854775807 + 1 > 0", "the number is too large to reckon with"),
        ("size(value, value) == 1", "`size` does not apply to text and text"),
        ("!value", "`!` does not apply to text"),
        ("json.temperature > 8", "the signal has no field `json`"),
        ("topic.level == 1", "`.` does not apply to a list and text"),
        ("topic['level'] == 1", "`[…]` does not apply to a list and text"),
    ] {
        let error = holds(source, &signal).expect_err(source);
        assert_eq!(error.to_string(), reason, "{source}");
    }
}

#[test]
fn an_absent_field_does_not_hide_what_is_certain_without_it() {
    let signal = reading(Value::Int(9));
    assert_eq!(holds("fault || value > 8", &signal), Ok(true));
    assert_eq!(holds("value > 8 || fault", &signal), Ok(true));
    assert_eq!(holds("fault && value < 8", &signal), Ok(false));
    assert!(holds("fault || value < 8", &signal).is_err());
}

#[test]
fn lists_and_maps_of_a_signal_are_lists_and_maps_of_the_language() {
    let mut inner = Fields::default();
    inner.set("temperature", Value::Float(8.5));
    inner.set("tags", Value::List(vec![Value::text("cold"), Value::text("room")]));
    let signal = with(reading(Value::Int(1)), "json", Value::Map(inner));
    for source in [
        "topic == ['plant', 'north', 'alarm', 'temperature']",
        "['plant', 'north', 'alarm', 'temperature'] == topic",
        "topic != ['plant']",
        "topic == topic",
        "json == json",
        "'north' in topic",
        "'temperature' in json",
        "!('humidity' in json)",
        "size(topic) == 4",
        "topic.size() == 4 && size(json) == 2",
        "topic.exists(level, level == 'alarm')",
        "topic.all(level, size(level) > 4)",
        "topic.filter(level, level.startsWith('n')) == ['north']",
        "topic.map(level, level.upperAscii())[1] == 'NORTH'",
        "(topic + json.tags).size() == 6",
        "(['a'] + topic).size() == 5",
        "json.temperature > 8",
        "json['temperature'] > 8",
        "has(json.temperature) && !has(json.humidity)",
        "json.tags[1] == 'room'",
        "json.exists(key, key == 'tags')",
        "json == {'temperature': 8.5, 'tags': ['cold', 'room']}",
        "{'temperature': 8.5, 'tags': ['cold', 'room']} == json",
        "[topic, topic] == [topic, topic]",
        "text.contains('amp') && text.split('m')[1] == 'ple'",
        "type(value) == int && string(value) == '1' && int('1') == value",
    ] {
        assert_eq!(holds(source, &signal), Ok(true), "{source}");
    }
    let back = evaluate("{'a': [1, 2.5, null, true], 'b': json}.b", &signal).expect("a map");
    assert_eq!(back.to_string(), "temperature: 8.5, tags: cold, room");
}

#[test]
fn a_condition_that_cannot_be_true_or_false_is_refused() {
    for (source, gives) in [
        ("\"alarm\"", "text"),
        ("text.trim()", "text"),
        ("value * 2", "a number"),
        ("value + 2", "a sum"),
    ] {
        assert_eq!(
            complaint(source),
            format!("`{source}` gives {gives}, but a condition must be true or false")
        );
    }
    assert!(Condition::compile("true").is_ok());
}

#[test]
fn faults_are_shown_where_they_are_and_in_words() {
    for (source, at, problem) in [
        ("", Some(0), "the expression is empty"),
        ("value > ", Some(8), "the expression ends too early"),
        ("value = 8", Some(6), "`=` is not expected here; a comparison is written `==`"),
        ("value > 8 and fault", Some(10), "`and` is written `&&`"),
        ("value > 8 or fault", Some(10), "`or` is written `||`"),
        ("not fault", Some(4), "`fault` is not expected here"),
        ("value > 8)", Some(9), "`)` is not expected here"),
        ("'é' == value)", Some(13), "`)` is not expected here"),
        ("true &&\nvalue = 8", Some(14), "`=` is not expected here; a comparison is written `==`"),
        (
            "text.matches('a+')",
            Some(12),
            "there is no function `matches`; there are no regular expressions, use `contains`, `startsWith` or `endsWith`",
        ),
        ("has(value)", Some(4), "`has` is given a name with a dot: `has(json.temperature)`"),
        ("len(text) > 1", Some(3), "there is no function `len`; did you mean `size`?"),
        (
            "json.has(value)",
            Some(8),
            "there is no function `has`; `has` is given a name with a dot: `has(json.temperature)`",
        ),
        (
            "text == 'alarm",
            Some(8),
            "the text that begins here is not closed, or a backslash in it stands for nothing",
        ),
        (
            r#"text == "\d+""#,
            Some(8),
            "the text that begins here is not closed, or a backslash in it stands for nothing",
        ),
        ("package == 'b'", Some(0), "the expression cannot be read: reserved identifier: package"),
        ("value > 99999999999999999999", Some(8), "the number is too large"),
        (
            "topic.exists(a, topic.exists(b, a == b))",
            Some(28),
            "a loop (`map`, `filter`, `all`, `exists`) cannot stand in another",
        ),
    ] {
        let error = Expression::compile(source).expect_err(source);
        assert_eq!((error.at, error.problem.as_str()), (at, problem), "{source}");
    }
}

#[test]
fn a_choice_in_a_choice_in_a_choice_is_nested_too_deep() {
    let error = Expression::compile(&format!("{}c", "a ? b : ".repeat(100))).expect_err("deep");
    assert_eq!(error.problem, "the expression is nested too deep");
}

#[test]
fn the_fields_that_an_expression_names_are_known() {
    for (source, names) in [
        ("value > 8.0", vec!["value"]),
        ("fault || value > value2", vec!["fault", "value", "value2"]),
        ("json.temperature > json.limit", vec!["json"]),
        ("vars['1.3'] == 7", vec!["vars"]),
        ("topic.exists(level, level == name)", vec!["topic", "name"]),
        ("topic.map(x, x + y)", vec!["topic", "y"]),
        ("type(value) == int", vec!["value"]),
        ("has(json.x) && size(text) > 1", vec!["json", "text"]),
        ("{'a': b, c: 'd'}", vec!["b", "c"]),
        ("true", vec![]),
    ] {
        let expression = Expression::compile(source).expect(source);
        assert_eq!(expression.names().collect::<Vec<_>>(), names, "{source}");
    }
}

#[test]
fn what_another_language_would_write_is_told_as_it_is_written_here() {
    for (source, told) in [
        ("a not b", "`not` is written `!`"),
        ("a & b", "`&` is not expected here; and is written `&&`"),
        ("a | b", "`|` is not expected here; or is written `||`"),
        ("a and b", "`and` is written `&&`"),
        (
            "toLowerCase(text) == 'a'",
            "there is no function `toLowerCase`; did you mean `lowerAscii`?",
        ),
        (
            "text.toUpperCase() == 'A'",
            "there is no function `toUpperCase`; did you mean `upperAscii`?",
        ),
        (
            "contains(text, 'x')",
            "there is no function `contains` of that form; it is written behind: `text.contains('…')`",
        ),
        (
            "trim(text) == ''",
            "there is no function `trim` of that form; it is written behind: `text.contains('…')`",
        ),
        (
            "text.string() == ''",
            "there is no function `string` of that form; it is written before: `string(value)`",
        ),
        ("nonsense(text)", "there is no function `nonsense`"),
        ("text.nonsense()", "there is no function `nonsense`"),
    ] {
        assert_eq!(Condition::compile(source).expect_err(source).problem, told, "{source}");
    }
}

#[test]
fn every_kind_of_value_has_its_word() {
    for (source, word) in [
        ("text < true", "true or false"),
        ("text < null", "nothing"),
        ("text < [1]", "a list"),
        ("text < {'a': 1}", "a map"),
        ("text < 1", "a whole number"),
        ("text < 1.5", "a number"),
    ] {
        let told = holds(source, &signal(Kind::Mqtt)).expect_err(source).to_string();
        assert_eq!(told, format!("`<` does not apply to text and {word}"), "{source}");
    }
    for (value, word) in [
        ("true", "true or false"),
        ("null", "nothing"),
        ("[1]", "a list"),
        ("{'a': 1}", "a map"),
        ("uint(2)", "a whole number"),
        ("1.5", "a number"),
        ("'a'", "text"),
        ("b'a'", "such a value"),
    ] {
        let source = format!("3 % {value} == 1");
        let told = holds(&source, &signal(Kind::Mqtt)).expect_err(&source).to_string();
        assert_eq!(told, format!("`%` does not apply to a whole number and {word}"));
    }
}

#[test]
fn lists_and_maps_are_the_same_when_all_that_they_hold_is() {
    let mut inner = Fields::default();
    inner.set("a", Value::Int(1));
    inner.set("b", Value::Int(2));
    let signal = with(signal(Kind::Mqtt), "json", Value::Map(inner));
    let list = Value::List(vec![Value::Int(1), Value::Int(2)]);
    let signal = with(signal, "topic", list);
    for (source, truth) in [
        ("json == {'a': 1, 'b': 2}", true),
        ("json == {'a': 1, 'b': 3}", false),
        ("json == {'a': 1, 'c': 2}", false),
        ("json == {'a': 1}", false),
        ("json == {'a': 1, 'b': 2, 'c': 3}", false),
        ("topic == [1, 2]", true),
        ("topic == [1, 3]", false),
        ("topic == [1]", false),
        ("topic == [1, 2, 3]", false),
        ("topic == json", false),
        ("json == topic", false),
    ] {
        assert_eq!(holds(source, &signal), Ok(truth), "{source}");
    }
    assert_eq!(evaluate("null", &signal), Ok(Value::Null));
}
