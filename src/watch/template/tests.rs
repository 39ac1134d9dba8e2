//! What templates read.

use super::*;
use crate::watch::expression::sample::{link, reading, signal, with};
use crate::watch::signal::{Fields, Kind, Value};

fn read(template: &str, signal: &Signal) -> String {
    let rendered = Template::parse(template).expect(template).render(signal, 1_000);
    assert!(!rendered.cut);
    rendered.text.to_string()
}

fn complaint(template: &str) -> (usize, String) {
    let error = Template::parse(template).expect_err(template);
    (error.at, error.problem)
}

#[test]
fn the_templates_of_the_manual_read_as_they_should() {
    let down = link("IF-MIB::linkDown", 3);
    assert_eq!(read("{source}/{ifIndex}", &down), "10.1.2.3/3");
    assert_eq!(read("Lien {ifIndex} coupé sur {source}", &down), "Lien 3 coupé sur 10.1.2.3");
    assert_eq!(read("{vars['1.3.6.1.2.1.2.2.1.7.3']}", &down), "3");
    let warm = reading(Value::Float(8.25));
    assert_eq!(
        read("Chambre froide {topic[1]} : {value} °C", &warm),
        "Chambre froide north : 8.25 °C"
    );
    assert_eq!(read("{topic}", &warm), "plant, north, alarm, temperature");
}

#[test]
fn numbers_read_as_people_write_them() {
    assert_eq!(read("{value} {value * 2} {value > 1}", &reading(Value::Float(8.0))), "8 16 true");
    assert_eq!(read("{ value * 1.8 + 32 }", &reading(Value::Int(8))), "46.4");
}

#[test]
fn what_is_absent_or_fails_reads_as_a_question_mark() {
    let signal = reading(Value::text("warm"));
    assert_eq!(read("{humidity}/{value + 1}/{topic[9]}/{json.a.b}", &signal), "?/?/?/?");
}

#[test]
fn braces_and_quotes_inside_an_expression_belong_to_it() {
    let mut vars = Fields::default();
    vars.set("a}b", Value::Int(1));
    vars.set("c'd", Value::Int(2));
    vars.set("e\\", Value::Int(3));
    let signal = with(signal(Kind::Snmp), "vars", Value::Map(vars));
    assert_eq!(read("{vars['a}b']}", &signal), "1");
    assert_eq!(read(r#"{vars["c'd"]}{vars['c\'d']}"#, &signal), "22");
    assert_eq!(read(r"{vars[r'e\']}", &signal), "3");
    assert_eq!(read("{vars['''a}b''']}", &signal), "1");
    assert_eq!(read("{ {'x': 5}['x'] }", &signal), "5");
    assert_eq!(read("{{{vars['a}b']}}}", &signal), "{1}");
    assert_eq!(read("{{}}", &signal), "{}");
    assert_eq!(read("{text == '}' ? 'x' : '}'}", &signal), "}");
    assert_eq!(read(r#"{"}"}{'\'}'}"#, &signal), "}'}");
    assert_eq!(read(r"{r'}\' + '{'}", &signal), r"}\{");
    assert_eq!(read("{'''}''' + text}", &signal), "}sample");
}

#[test]
fn faults_are_shown_where_they_are() {
    assert_eq!(complaint("a } b"), (2, "this `}` closes nothing; a brace is written `}}`".into()));
    assert_eq!(
        complaint("é {value"),
        (3, "this `{` is never closed; a brace is written `{{`".into())
    );
    assert_eq!(complaint("{ }"), (0, "nothing stands between `{` and `}`".into()));
    assert_eq!(
        complaint("{vars['a}"),
        (0, "this `{` is never closed; a brace is written `{{`".into())
    );
    assert_eq!(
        complaint(r"{xr'\'}"),
        (0, "this `{` is never closed; a brace is written `{{`".into()),
        "only what stands alone before a quote makes a text raw"
    );
    assert_eq!(
        complaint("é {value = 1}"),
        (10, "`=` is not expected here; a comparison is written `==`".into())
    );
}

#[test]
fn a_sender_cannot_break_a_line() {
    let mut signal = signal(Kind::Gsm);
    signal.text = "a\nb\r\tc\u{0}\u{85}d".into();
    assert_eq!(read("<{text}>", &signal), "<a b  c  d>");
    assert_eq!(Template::parse("a\nb").expect("a template").literal(), Some("a b"));
}

#[test]
fn two_long_texts_never_coincide() {
    let template = Template::parse("é{text}").expect("a template");
    let mut signal = signal(Kind::Gsm);
    signal.text = "é".repeat(100).into();
    let first = template.render(&signal, 50);
    signal.text = ("é".repeat(99) + "e").into();
    let second = template.render(&signal, 50);
    assert!(first.cut && second.cut);
    assert_ne!(first.text, second.text);
    assert_eq!(first.text.len(), 49, "a letter is not cut in two: {}", first.text);
    assert!(first.text.starts_with("éééé"));
    assert_eq!(first.text.rsplit('#').next().map(str::len), Some(16));
    assert_eq!(template.render(&signal, 50), second, "the same text is cut in the same way");
    assert!(!template.render(&signal, 201).cut);
    assert_eq!(template.render(&signal, 0).text.len(), 17, "a limit below the hash keeps the hash");
}

#[test]
fn a_constant_is_known_as_one() {
    let constant = Template::parse("Porte {{A}} ouverte").expect("a template");
    assert_eq!(constant.literal(), Some("Porte {A} ouverte"));
    assert_eq!(constant.names().count(), 0);
    let other = Template::parse("{a}{b + a}x").expect("a template");
    assert_eq!(other.literal(), None);
    assert_eq!(other.source(), "{a}{b + a}x");
    assert_eq!(other.names().collect::<Vec<_>>(), ["a", "b", "a"]);
    assert_eq!(other.literals().collect::<Vec<_>>(), ["x"]);
    assert_eq!(Template::constant("{x}").literal(), Some("{x}"));
    assert_eq!(Template::parse("").expect("a template").literal(), Some(""));
}

#[test]
fn a_text_without_fields_is_cut_like_any_other() {
    let plain = Template::parse(&"x".repeat(200)).unwrap();
    let signal = signal(Kind::Mqtt);
    let whole = plain.render(&signal, 200);
    assert!(!whole.cut && whole.text.len() == 200);
    let cut = plain.render(&signal, 199);
    assert!(cut.cut && cut.text.len() <= 199, "{}", cut.text);
}
