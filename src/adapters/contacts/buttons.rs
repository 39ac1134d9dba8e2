//! When a contact that is a button was pressed. No clock is read here, and nobody acts.
//!
//! A press is the passage from rest to pressed, once its debounce or minimum pulse is over; a finger that stays is one
//! press. A button that is found pressed, at the start or after its device was gone, is none: nobody knows when that was,
//! or whether a finger does it. A fault of its wire presses nothing.

use vigie_contacts::{Outcome, State};

/// What a button tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Finger {
    /// Somebody has pressed it.
    Pressed,
    /// It was found pressed: stuck, or held down while nobody looked.
    Found,
    /// It moves all the time, and its presses do not count.
    Restless,
    /// Nothing that a finger does.
    Nothing,
}

/// What a report of its contact means.
pub(super) fn finger(outcome: Outcome) -> Finger {
    match outcome {
        Outcome::Changed(state) if is_pressed(state) => Finger::Pressed,
        // What only a counter saw was pressed and let go.
        Outcome::Pulsed { state, .. } if is_pressed(state) => Finger::Pressed,
        Outcome::Initial(state) if is_pressed(state) => Finger::Found,
        Outcome::Recovered { state, before } if is_pressed(state) && before != Some(state) => {
            Finger::Found
        }
        Outcome::ChatterBegan(_) => Finger::Restless,
        Outcome::Changed(_)
        | Outcome::Pulsed { .. }
        | Outcome::Initial(_)
        | Outcome::Recovered { .. }
        | Outcome::ChatterEnded(_)
        | Outcome::EdgesLost { .. }
        | Outcome::Lost => Finger::Nothing,
    }
}

fn is_pressed(state: State) -> bool {
    state.is_alarm() && state.fault().is_none()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vigie_contacts::{Contact, Level, Rules, Single};

    use super::*;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn fingers(button: &mut Contact<Single>, level: Level, from: u64, until: u64) -> Vec<Finger> {
        let read = (from..until).flat_map(|at| {
            let mut told = button.read(level, ms(at));
            told.extend(button.pass(ms(at)));
            told
        });
        let read = read.collect::<Vec<_>>();
        read.into_iter().map(|report| finger(report.outcome)).collect()
    }

    #[test]
    fn a_press_is_one_however_long_and_a_bounce_shorter_than_its_debounce_is_none() {
        use Level::{Closed, Open};
        let mut button = Contact::single(Open, Rules::new(ms(50)));
        assert_eq!(fingers(&mut button, Open, 0, 100), [Finger::Nothing]);
        assert_eq!(fingers(&mut button, Closed, 100, 149), []);
        assert_eq!(fingers(&mut button, Open, 149, 300), [], "one millisecond too short");
        assert_eq!(fingers(&mut button, Closed, 300, 350), []);
        assert_eq!(fingers(&mut button, Closed, 350, 351), [Finger::Pressed]);
        assert_eq!(fingers(&mut button, Closed, 351, 5_000), [], "held down");
        assert_eq!(fingers(&mut button, Open, 5_000, 5_020), [], "it bounces");
        assert_eq!(fingers(&mut button, Closed, 5_020, 5_100), []);
        assert_eq!(fingers(&mut button, Open, 5_100, 5_200), [Finger::Nothing], "let go");
        assert_eq!(fingers(&mut button, Closed, 5_200, 5_300), [Finger::Pressed]);
    }

    #[test]
    fn a_button_that_is_found_pressed_is_no_press_until_it_was_let_go() {
        use Level::{Closed, Open};
        let mut button = Contact::single(Open, Rules::new(ms(50)));
        assert_eq!(fingers(&mut button, Closed, 0, 200), [Finger::Found]);
        assert_eq!(fingers(&mut button, Open, 200, 300), [Finger::Nothing]);
        button.lost(ms(300), ms(300));
        assert_eq!(fingers(&mut button, Closed, 400, 500), [Finger::Found], "found again");
        button.lost(ms(500), ms(500));
        assert_eq!(fingers(&mut button, Closed, 600, 700), [Finger::Nothing], "still");
        assert_eq!(fingers(&mut button, Open, 700, 800), [Finger::Nothing]);
        assert_eq!(fingers(&mut button, Closed, 800, 900), [Finger::Pressed]);
    }
}
