//! How the outputs of a contact device are: what each shows and since when, or why it cannot be set.

use serde::Serialize;

use super::as_written;
use crate::watch::time::Utc;

/// One siren, lamp or relay.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// What it shows.
    #[serde(flatten)]
    pub state: OutputState,
    /// Since when.
    #[serde(serialize_with = "as_written")]
    pub since: Utc,
}

/// What an output shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "reason")]
pub enum OutputState {
    /// Nobody has set it yet.
    Starting,
    /// There is nothing to show.
    Rest,
    /// It is on.
    On,
    /// It goes on and off.
    Blinking,
    /// There is something to show, and somebody has silenced it.
    Silenced,
    /// There is something to show, and it was shown for as long as the files say.
    Ended,
    /// It cannot be set, and why.
    Lost(String),
}

/// Notes how an output is.
pub(super) fn note(outputs: &mut Vec<Output>, name: &str, state: OutputState, now: Utc) {
    match outputs.iter_mut().find(|output| output.name == name) {
        Some(output) if output.state == state => {}
        Some(output) => (output.state, output.since) = (state, now),
        None => outputs.push(Output { name: name.to_owned(), state, since: now }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_output_shows_is_told_since_it_began_and_a_lost_one_with_its_reason() {
        let at = |seconds: i64| Utc::from_micros(seconds * 1_000_000);
        let mut outputs = Vec::new();
        note(&mut outputs, "siren", OutputState::On, at(1));
        note(&mut outputs, "siren", OutputState::On, at(2));
        note(&mut outputs, "lamp", OutputState::Lost("no answer".to_owned()), at(3));
        let told = serde_json::to_value(&outputs).unwrap();
        assert_eq!(
            told,
            serde_json::json!([
                {"name": "siren", "is": "on", "since": "1970-01-01T00:00:01Z"},
                {"name": "lamp", "is": "lost", "reason": "no answer", "since": "1970-01-01T00:00:03Z"},
            ])
        );
        note(&mut outputs, "siren", OutputState::Rest, at(4));
        assert_eq!((outputs.len(), outputs[0].since), (2, at(4)));
    }
}
