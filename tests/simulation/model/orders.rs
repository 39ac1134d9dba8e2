//! What somebody has sent, as the contract reads it (behaviour §6, the table).

use std::time::Duration;

use vigie::watch::event::Action;

/// What a person asks for.
pub(super) enum Words {
    /// An answer; without an action the procedure is asked for.
    Answer(String, Option<Action>),
    /// `MASQUE 4711 2H`
    Shelve(String, Duration),
    /// `SWAP hvac 4H`, `SWAP hvac OFF`
    Swap(String, Option<Duration>),
    /// `PRENDS duty 18H`
    Take(String, Duration),
}

pub(super) fn read(text: &str) -> Option<Words> {
    let text = text.to_uppercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let owned = |word: &str| word.to_owned();
    match words[..] {
        ["MASQUE" | "SHELVE", code, lasting] => {
            return Some(Words::Shelve(owned(code), hours(lasting)?));
        }
        ["SWAP" | "ECHANGE", group, "OFF" | "FIN"] => {
            return Some(Words::Swap(owned(group), None));
        }
        ["SWAP" | "ECHANGE", group, lasting] => {
            return Some(Words::Swap(owned(group), Some(hours(lasting)?)));
        }
        ["PRENDS" | "TAKE", schedule, lasting] => {
            return Some(Words::Take(owned(schedule), hours(lasting)?));
        }
        _ => {}
    }
    let is_code = |word: &&&str| {
        (4..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let code = owned(words.iter().find(is_code)?);
    let others: Vec<&str> = words.iter().copied().filter(|word| *word != code).collect();
    let action = match others[..] {
        [] | ["OK" | "ACK" | "ACQ"] => Some(Action::Acknowledge),
        ["DONE" | "FIN"] => Some(Action::Confirm),
        ["NO" | "NON"] => Some(Action::Decline),
        ["?"] => None,
        _ => return None,
    };
    Some(Words::Answer(code, action))
}

/// `2H`, `90MIN`
fn hours(word: &str) -> Option<Duration> {
    let (count, unit) = match word.strip_suffix('H') {
        Some(count) => (count, 3_600),
        None => (word.strip_suffix("MIN")?, 60),
    };
    count.parse::<u64>().ok().map(|count| Duration::from_secs(count * unit))
}
