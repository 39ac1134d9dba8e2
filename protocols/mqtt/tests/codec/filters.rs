//! Filters, held against a second writing that is slow and obvious.

use std::collections::BTreeSet;

use crate::dice::Dice;
use vigie_mqtt::{Filter, Flaw, MAX_OCTETS, Topic};

fn filter(written: &str) -> Filter {
    Filter::parse(written).unwrap_or_else(|error| panic!("{written}: {error}"))
}

fn topic(written: &str) -> Topic {
    Topic::parse(written).unwrap_or_else(|error| panic!("{written}: {error}"))
}

/// MQTT 3.1.1 §4.7, sentence by sentence, and nothing clever.
fn slow(filter: &[&str], topic: &[&str], is_first: bool) -> bool {
    let hidden = is_first && topic.first().is_some_and(|level| level.starts_with('$'));
    match (filter, topic) {
        ([], []) => true,
        (["#"], _) => !hidden,
        ([], _) => false,
        ([_, ..], []) => false,
        (["+", filter @ ..], [_, topic @ ..]) => !hidden && slow(filter, topic, false),
        ([name, filter @ ..], [level, topic @ ..]) => name == level && slow(filter, topic, false),
    }
}

fn slow_match(filter: &str, topic: &str) -> bool {
    slow(&filter.split('/').collect::<Vec<_>>(), &topic.split('/').collect::<Vec<_>>(), true)
}

#[test]
fn a_filter_means_the_topics_that_the_standard_says() {
    for (written, name, same) in [
        // The examples of MQTT 3.1.1 §4.7.1 and §4.7.2.
        ("sport/tennis/player1/#", "sport/tennis/player1", true),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true),
        ("sport/#", "sport", true),
        ("sport/+", "sport", false),
        ("sport/+", "sport/", true),
        ("sport/tennis/+", "sport/tennis/player1", true),
        ("sport/tennis/+", "sport/tennis/player1/ranking", false),
        ("+/+", "/finance", true),
        ("/+", "/finance", true),
        ("+", "/finance", false),
        ("#", "$SYS/monitor/Clients", false),
        ("+/monitor/Clients", "$SYS/monitor/Clients", false),
        ("$SYS/#", "$SYS/monitor/Clients", true),
        ("$SYS/monitor/+", "$SYS/monitor/Clients", true),
        ("ACCOUNTS", "Accounts", false),
        // Those by which `match = { topic = ... }` of a definition is tried: both must agree.
        ("plant/+/alarm/temperature", "plant/north/alarm/temperature", true),
        ("plant/+/alarm/temperature", "plant/north/south/alarm/temperature", false),
        ("plant/#", "plant/a/b", true),
        ("plant/#", "plant", true),
        ("plant/#", "plants", false),
        ("#", "a/b", true),
        ("#", "$SYS/broker", false),
        ("+/broker", "$SYS/broker", false),
        ("$SYS/+", "$SYS/broker", true),
        ("+", "a", true),
        // A `$` further behind is a letter like any other.
        ("+/+", "a/$b", true),
        ("a/#", "a/$b", true),
        ("+/#", "a", true),
        ("+/#", "$SYS", false),
    ] {
        assert_eq!(filter(written).matches(&topic(name)), same, "{written} and {name}");
        assert_eq!(slow_match(written, name), same, "{written} and {name}: the second writing");
    }
}

#[test]
fn a_mistake_in_a_filter_is_told_with_its_place_and_a_remedy() {
    for (written, flaw, at, sentence) in [
        ("", Flaw::Empty, 0..0, "the filter is empty"),
        ("plant/a#", Flaw::HashNotAlone, 6..8, "level 2, `a#`, holds `#` beside other letters"),
        ("plant/#/alarm", Flaw::HashNotLast, 6..7, "level 2 is `#`, and more levels follow"),
        (
            "état/pompe+/x",
            Flaw::PlusNotAlone,
            6..12,
            "level 2, `pompe+`, holds `+` beside other letters",
        ),
        ("a/\0", Flaw::Nul, 2..3, "level 2, `\\0`, holds the character NUL"),
        (
            "$share/night/plant/#",
            Flaw::Shared,
            0..6,
            "`$share` makes a shared subscription, in which each message reaches one client of several",
        ),
    ] {
        let error = Filter::parse(written).unwrap_err();
        assert_eq!((error.flaw, &error.at), (flaw, &at), "{written}");
        assert_eq!(error.to_string(), sentence, "{written}");
        assert!(written.get(error.at.clone()).is_some() && !error.remedy().ends_with('.'));
    }
    let longest = "a/".repeat(40_000);
    assert_eq!(Filter::parse(&longest).unwrap_err().flaw, Flaw::TooLong(80_000));
    assert!(Filter::parse("$SYS/broker/#").is_ok() && Filter::parse("$share").is_ok());
}

#[test]
fn ten_thousand_random_filters_mean_the_same_in_both_writings() {
    let mut dice = Dice::new();
    let levels = ["", "a", "b", "plant", "$SYS", "$", "é"];
    let mut matched = 0;
    for _ in 0..10_000 {
        let (many, more) = (1 + dice.below(5), 1 + dice.below(5));
        let mut parts: Vec<&str> = (0..many)
            .map(|_| if dice.below(3) == 0 { "+" } else { *dice.choose(&levels[..3]) })
            .collect();
        if dice.below(4) == 0 {
            parts.push("#");
        }
        let written = parts.join("/");
        let name = (0..more).map(|_| *dice.choose(&levels)).collect::<Vec<_>>().join("/");
        let (Ok(filter), Ok(topic)) = (Filter::parse(&written), Topic::parse(&name)) else {
            assert!(written.is_empty() || name.is_empty(), "{written:?} {name:?}");
            continue;
        };
        let same = filter.matches(&topic);
        assert_eq!(same, slow_match(&written, &name), "{written} and {name}");
        matched += u32::from(same);
    }
    assert!(matched > 300, "{matched} matched: the dice prove nothing");
}

/// All texts of up to so many of these levels.
fn all(levels: &[&str], longest: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut last: Vec<String> = levels.iter().map(|level| (*level).to_owned()).collect();
    for _ in 0..longest {
        found.extend(last.iter().cloned());
        last = last
            .iter()
            .flat_map(|begin| levels.iter().map(move |level| format!("{begin}/{level}")))
            .collect();
    }
    found.retain(|text| !text.is_empty());
    found
}

#[test]
fn covering_and_overlapping_are_what_all_topics_say() {
    let topics: Vec<Topic> =
        all(&["", "a", "b", "$a"], 4).iter().map(|written| topic(written)).collect();
    let mut written = all(&["", "a", "$a", "+"], 3);
    let open: Vec<String> = written.iter().map(|begin| format!("{begin}/#")).collect();
    written.extend(open);
    written.push("#".to_owned());
    let filters: Vec<(Filter, BTreeSet<usize>)> = written
        .iter()
        .map(|written| {
            let filter = filter(written);
            let meant = topics.iter().enumerate().filter(|(_, topic)| filter.matches(topic));
            let meant = meant.map(|(place, _)| place).collect();
            (filter, meant)
        })
        .collect();
    for (first, of_first) in &filters {
        for (second, of_second) in &filters {
            assert_eq!(
                first.covers(second),
                of_second.is_subset(of_first),
                "{first} covers {second}"
            );
            assert_eq!(
                first.overlaps(second),
                !of_first.is_disjoint(of_second),
                "{first} overlaps {second}"
            );
        }
    }
}

#[test]
fn two_filters_that_only_an_impossible_topic_would_satisfy_do_not_overlap() {
    let long = "a".repeat(40_000);
    let (first, second) = (filter(&format!("{long}/+")), filter(&format!("+/{long}")));
    assert!(!first.overlaps(&second) && !second.overlaps(&first));
    let open = filter(&format!("{long}/#"));
    assert!(!open.overlaps(&second) && !second.overlaps(&open));
    let short = filter(&format!("+/{}", "a".repeat(25_534)));
    assert!(first.overlaps(&short) && short.overlaps(&open));
    let mut exact = "a/".repeat(MAX_OCTETS / 2);
    exact.push('+');
    assert!(filter(&exact).overlaps(&filter("#")) && filter("#").covers(&filter(&exact)));
}

#[test]
fn a_filter_from_a_topic_means_that_topic_alone() {
    let only = Filter::of(&topic("$SYS/broker/uptime"));
    assert!(only.matches(&topic("$SYS/broker/uptime")) && !only.matches(&topic("$SYS/broker")));
    assert_eq!("a/+".parse(), Ok(filter("a/+")));
}
