//! Topic names: which are delivered and which no broker would.

use vigie_mqtt::{MAX_OCTETS, Topic, TopicError};

#[test]
fn a_topic_is_the_list_of_its_levels() {
    for (written, levels) in [
        ("plant/north/alarm", &["plant", "north", "alarm"][..]),
        ("/plant", &["", "plant"]),
        ("plant/", &["plant", ""]),
        ("/", &["", ""]),
        ("a//b", &["a", "", "b"]),
        ("salle des machines/état", &["salle des machines", "état"]),
    ] {
        let topic = Topic::parse(written).unwrap();
        assert_eq!(topic.levels().collect::<Vec<_>>(), levels, "{written}");
        assert_eq!(topic.to_string(), written);
        assert_eq!(Topic::from_octets(written.as_bytes()), Ok(topic));
    }
}

#[test]
fn what_is_no_topic_is_refused_in_words_that_say_where() {
    for (written, sentence) in [
        ("", "the topic is empty: a topic has at least one character"),
        (
            "plant/+/alarm",
            "level 2 of the topic `plant/+/alarm` holds `+`: that is a filter, and a message has one plain topic",
        ),
        (
            "plant/a#b",
            "level 2 of the topic `plant/a#b` holds `#`: that is a filter, and a message has one plain topic",
        ),
        ("a/b\0", "level 2 of the topic `a/b\\0` holds the character NUL, which MQTT forbids"),
    ] {
        assert_eq!(Topic::parse(written).unwrap_err().to_string(), sentence);
    }
    assert_eq!(Topic::from_octets(b"a/\xffb"), Err(TopicError::NotUtf8(2)));
    let longest = "a".repeat(MAX_OCTETS);
    assert!(Topic::parse(&longest).is_ok());
    assert_eq!(Topic::parse(&format!("{longest}a")), Err(TopicError::TooLong(65_536)));
}
