//! `[storm]`: when many messages become one.

use std::time::Duration;

use crate::config::file::Files;
use crate::config::finding::{Finding, Findings};
use crate::watch::storm::Storm;

/// More than this is no limit to anybody's night.
const MOST_MESSAGES: u32 = 1_000;
/// What left longer ago says nothing of this storm.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 3_600);

/// Reads `[storm]`.
pub(super) fn storm(files: &Files, findings: &mut Findings) -> Storm {
    let table = files.storm.as_ref();
    let messages = table.and_then(|storm| storm.messages.read());
    let window = table.and_then(|storm| storm.window.read());
    let reach_within = table.and_then(|storm| storm.reach_within.read());
    let mut complain = |place, sentence: String, help| {
        findings.add(Finding::error(place, sentence).help(help));
    };
    match messages {
        Some(messages) if messages.value == 0 => complain(
            messages.place,
            "with 0 `messages` no alarm would be told on its own".to_owned(),
            "write at least 1; the default is 5",
        ),
        Some(messages) if messages.value > MOST_MESSAGES => complain(
            messages.place,
            format!(
                "{} `messages` are more than {MOST_MESSAGES}: no person reads them",
                messages.value
            ),
            "the default is 5",
        ),
        Some(_) | None => {}
    }
    match window {
        Some(window) if window.value.is_zero() => complain(
            window.place,
            "a `window` of no length counts nothing".to_owned(),
            "the default is \"10m\"",
        ),
        Some(window) if window.value > LONGEST_WINDOW => complain(
            window.place,
            "a `window` of more than a day would withhold alarms for as long".to_owned(),
            "the default is \"10m\"",
        ),
        Some(_) | None => {}
    }
    if let Some(within) = reach_within.filter(|within| within.value.is_zero()) {
        complain(
            within.place,
            "nobody is reached within no time (`reach-within`)".to_owned(),
            "the default is \"60s\"",
        );
    }
    let messages = messages.map_or(5, |messages| messages.value.clamp(1, MOST_MESSAGES));
    Storm {
        messages: usize::try_from(messages).unwrap_or(usize::MAX),
        window: window.map_or(Duration::from_secs(600), |window| window.value),
        reach_within: reach_within.map_or(Duration::from_secs(60), |within| within.value),
    }
}
