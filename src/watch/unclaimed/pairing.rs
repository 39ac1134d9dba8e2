//! Which trap clears which: told by their names, where the names show it.
//!
//! It pairs only what stands in one module and differs in one word of a known pair of opposites, or
//! where the one is the other with a word of returning. What is not sure is left apart: two
//! definitions that somebody must join are better than an alarm that never ends, or ends too soon.

/// Opposites: what raises, what clears.
const OPPOSITES: &[(&str, &[&str])] = &[
    ("abnormal", &["normal"]),
    ("absent", &["present"]),
    ("active", &["inactive"]),
    ("alarm", &["clear", "cleared", "normal", "ok"]),
    ("asserted", &["deasserted"]),
    ("bad", &["good", "ok"]),
    ("began", &["ended"]),
    ("begin", &["end"]),
    ("critical", &["normal", "cleared"]),
    ("degraded", &["restored", "normal", "ok"]),
    ("detected", &["cleared"]),
    ("disconnect", &["connect", "reconnect"]),
    ("disconnected", &["connected", "reconnected"]),
    ("down", &["up"]),
    ("enter", &["exit", "leave"]),
    ("entered", &["exited", "left"]),
    ("error", &["ok", "cleared", "normal"]),
    ("exceeded", &["normal", "cleared"]),
    ("fail", &["ok", "recover", "restore", "clear"]),
    ("failed", &["restored", "ok", "recovered", "repaired", "cleared", "passed"]),
    ("failure", &["restored", "recovered", "recovery", "ok", "cleared", "clear"]),
    ("fault", &["ok", "cleared", "clear", "normal"]),
    ("high", &["normal"]),
    ("loss", &["restored", "cleared", "recovered"]),
    ("lost", &["restored", "regained", "established", "found", "recovered", "acquired"]),
    ("low", &["normal"]),
    ("missing", &["present", "found"]),
    ("offline", &["online"]),
    ("open", &["close", "closed"]),
    ("opened", &["closed"]),
    ("raise", &["clear"]),
    ("raised", &["cleared"]),
    ("removal", &["insertion"]),
    ("rising", &["falling"]),
    ("set", &["clear", "cleared", "reset"]),
    ("start", &["end"]),
    ("started", &["ended"]),
    ("trouble", &["restored", "cleared"]),
    ("unavailable", &["available"]),
    ("unlocked", &["locked"]),
    ("unreachable", &["reachable"]),
    ("warning", &["normal", "cleared"]),
];

/// Opposites of which either can be the worse: the first one is, but where the name holds one of
/// these words the second.
const DOUBTFUL: &[(&str, &str, &[&str])] = &[
    ("on", "off", &["power", "supply", "output", "outlet", "mains", "pump", "cooling"]),
    ("removed", "added", &["alarm", "fault", "warning", "event", "condition", "trouble"]),
    ("removed", "inserted", &[]),
    ("stopped", "started", &["test", "alarm", "discharge", "bypass", "leak"]),
    ("stop", "start", &["test", "alarm", "discharge", "bypass", "leak"]),
    ("disabled", "enabled", &["alarm", "bypass"]),
    ("deactivated", "activated", &["alarm", "bypass"]),
];

/// Words that, put after the name of what raises, say that it is over.
const AFTER: [&str; 12] = [
    "clear",
    "cleared",
    "end",
    "ended",
    "normal",
    "off",
    "ok",
    "over",
    "recovered",
    "resolved",
    "restored",
    "return",
];

/// Words that, put before it, say the same.
const BEFORE: [&str; 3] = ["clear", "no", "returnfrom"];

/// Two traps that belong together, by their places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Paired {
    /// The place of the one that raises.
    pub(super) raises: usize,
    /// The place of the one that clears.
    pub(super) clears: usize,
    /// Whether the names leave no doubt which is which.
    pub(super) is_sure: bool,
}

/// Which of the traps of a module clears another.
pub(super) fn pairs(names: &[&str]) -> Vec<Paired> {
    let words: Vec<Vec<String>> = names.iter().map(|name| split(name)).collect();
    let joined: Vec<String> = words.iter().map(|words| words.concat()).collect();
    let place = |wanted: &str| joined.iter().position(|name| name == wanted);
    let mut found: Vec<Paired> = Vec::new();
    for (raises, words) in words.iter().enumerate() {
        found.extend(clearing(words).into_iter().find_map(|(name, is_sure)| {
            let clears = place(&name).filter(|clears| *clears != raises)?;
            Some(Paired { raises, clears, is_sure })
        }));
    }
    // What clears something does not itself raise.
    let clears: Vec<usize> = found.iter().map(|paired| paired.clears).collect();
    found.retain(|paired| !clears.contains(&paired.raises));
    found
}

/// The names that a clearing trap may have, best first, and whether they leave no doubt.
fn clearing(words: &[String]) -> Vec<(String, bool)> {
    let replaced = |at: usize, word: &str| {
        let own = words.iter().enumerate();
        own.map(|(place, own)| if place == at { word } else { own.as_str() }).collect::<String>()
    };
    let mut names = Vec::new();
    for (at, word) in words.iter().enumerate().rev() {
        for (_, clears) in OPPOSITES.iter().filter(|(raises, _)| raises == word) {
            names.extend(clears.iter().map(|clear| (replaced(at, clear), true)));
        }
        for (worse, better, unless) in DOUBTFUL {
            let is_turned = words.iter().any(|word| unless.contains(&word.as_str()));
            let (raises, clears) = if is_turned { (better, worse) } else { (worse, better) };
            if raises == word {
                names.push((replaced(at, clears), false));
            }
        }
    }
    let name = words.concat();
    names.extend(AFTER.iter().map(|after| (format!("{name}{after}"), true)));
    names.extend(BEFORE.iter().map(|before| (format!("{before}{name}"), true)));
    names
}

/// The words of a name, in small letters: `upsOnBattery` is `ups`, `on`, `battery`.
pub(super) fn split(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (place, letter) in letters.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| letters.get(place));
        let after = letters.get(place.saturating_add(1));
        let hump = letter.is_uppercase()
            && (before.is_some_and(|before| !before.is_uppercase())
                || after.is_some_and(|after| after.is_lowercase()));
        if (hump || !letter.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pairs by name; one that is not sure ends in a question mark.
    fn told(names: &[&str]) -> Vec<String> {
        let doubt = |paired: &Paired| if paired.is_sure { "" } else { "?" };
        let told = |paired: &Paired| {
            format!("{} / {}{}", names[paired.raises], names[paired.clears], doubt(paired))
        };
        pairs(names).iter().map(told).collect()
    }

    #[test]
    fn a_name_falls_into_its_words() {
        for (name, words) in [
            ("upsOnBattery", "ups on battery"),
            ("linkDown", "link down"),
            ("cefcFRUInserted", "cefc fru inserted"),
            ("acme-door-Open", "acme door open"),
            ("RAIDError2Cleared", "raid error2 cleared"),
            ("", ""),
        ] {
            assert_eq!(split(name).join(" "), words);
        }
    }

    #[test]
    fn opposites_are_paired_and_what_raises_comes_first() {
        for (names, pairs) in [
            (&["doorClosed", "doorOpened"][..], &["doorOpened / doorClosed"][..]),
            (&["fanFailed", "fanRestored"], &["fanFailed / fanRestored"]),
            (&["linkUp", "linkDown"], &["linkDown / linkUp"]),
            (
                &["tempHigh", "tempNormal", "tempLow"],
                &["tempHigh / tempNormal", "tempLow / tempNormal"],
            ),
            (&["overTemp", "overTempCleared"], &["overTemp / overTempCleared"]),
            (&["lowBattery", "returnFromLowBattery"], &["lowBattery / returnFromLowBattery"]),
            (&["chargeStart", "chargeEnd"], &["chargeStart / chargeEnd"]),
            (&["alarmSmokeSet", "alarmSmokeClear"], &["alarmSmokeSet / alarmSmokeClear"]),
        ] {
            assert_eq!(told(names), pairs);
        }
    }

    #[test]
    fn where_either_can_be_the_worse_the_words_around_decide_and_a_person_looks() {
        for (names, pair) in [
            (["upsOnBattery", "upsOffBattery"], "upsOnBattery / upsOffBattery?"),
            (["powerOn", "powerOff"], "powerOff / powerOn?"),
            (["cardAdded", "cardRemoved"], "cardRemoved / cardAdded?"),
            (["alarmAdded", "alarmRemoved"], "alarmAdded / alarmRemoved?"),
            (["serviceStarted", "serviceStopped"], "serviceStopped / serviceStarted?"),
        ] {
            assert_eq!(told(&names), [pair]);
        }
    }

    #[test]
    fn what_the_names_do_not_show_is_left_apart() {
        for names in [
            ["doorOpened", "windowClosed"],
            ["coldStart", "warmStart"],
            ["configChanged", "configSaved"],
            ["download", "upload"],
        ] {
            assert_eq!(told(&names), [""; 0], "{names:?}");
        }
    }

    #[test]
    fn what_clears_one_thing_raises_no_other() {
        let names = ["powerLost", "powerRestored", "powerRestoredCleared"];
        assert_eq!(told(&names), ["powerLost / powerRestored"], "that it is back is good news");
    }
}
