//! Calls: somebody rings up the SIM (27.007 7.11, 6.3; V.250 6.3.1).
//!
//! Nobody picks up. Who it is (`+CLIP`) is told once for each call, and the call is ended, so that the caller hears
//! that it was taken note of and the line is free; a caller who shows no number is told after the third ring. A call
//! that is not ended rings on, which harms nothing.

use std::time::Duration;

use super::answers::{bare, fields};
use super::commands::Command;
use super::{Dialogue, Event, Instant};

/// Rings further apart than this are of two calls: networks ring every three to six seconds.
const ONE_CALL: Duration = Duration::from_secs(10);
/// A caller who has not shown a number by then shows none: it comes behind the first or second ring.
const RINGS_WITHOUT_NUMBER: u8 = 3;

/// The call that is ringing, if one is.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// When it last rang.
    rang: Option<Instant>,
    rings: u8,
    /// Who was told: the same call shows the same number.
    told: Option<Option<String>>,
    /// What is to be said to end it.
    end: Option<Command>,
}

impl Calls {
    fn ring(&mut self, now: Instant) {
        if self.rang.is_none_or(|rang| now >= rang.saturating_add(ONE_CALL)) {
            *self = Self::default();
        }
        self.rang = Some(now);
    }

    /// What to say to end a call that rings.
    pub(super) fn command(&self, now: Instant) -> Option<Command> {
        let rings = self.rang.is_some_and(|rang| now < rang.saturating_add(ONE_CALL));
        self.end.clone().filter(|_| rings)
    }
}

impl Dialogue {
    /// `RING` or `+CRING`.
    pub(super) fn rings(&mut self) {
        self.calls.ring(self.now);
        self.calls.rings = self.calls.rings.saturating_add(1);
        if self.calls.rings >= RINGS_WITHOUT_NUMBER && self.calls.told.is_none() {
            self.caller_told(None);
        }
    }

    /// `+CLIP`.
    pub(super) fn caller(&mut self, caller: Option<String>) {
        self.calls.ring(self.now);
        if self.calls.told.as_ref() != Some(&caller) {
            self.caller_told(caller);
        }
    }

    fn caller_told(&mut self, caller: Option<String>) {
        self.calls.told = Some(caller.clone());
        self.calls.end = Some(Command::EndCall);
        self.tell(Event::Called { caller });
    }

    /// `NO CARRIER`: it is over.
    pub(super) fn call_over(&mut self) {
        self.calls = Calls::default();
    }

    /// The command that ends a call was answered: an older modem knows the other one.
    pub(super) fn call_ended(&mut self, command: &Command, refused: bool) {
        self.calls.end = (refused && *command == Command::EndCall).then_some(Command::EndCallOfOld);
    }
}

/// The number of `+CLIP: "+33612345678",145` (27.007 7.11); `None` where the caller shows none. Type 145 says that it is
/// international, whether or not the modem writes the `+`.
pub(super) fn caller(text: &str) -> Option<String> {
    let fields = fields(text);
    let number = bare(fields.first()?);
    let plain = number.strip_prefix('+').unwrap_or(number);
    let is_number =
        (3..=20).contains(&plain.len()) && plain.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number {
        return None;
    }
    let is_international =
        number.starts_with('+') || fields.get(1).is_some_and(|kind| *kind == "145");
    Some(if is_international { format!("+{plain}") } else { plain.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::caller;

    #[test]
    fn a_caller_is_read_in_every_form_that_networks_give() {
        for (text, number) in [
            ("\"+33612345678\",145", Some("+33612345678")),
            ("\"33612345678\",145,\"\",0,\"Marie\",0", Some("+33612345678")),
            ("\"0612345678\",129,,,,0", Some("0612345678")),
            ("0612345678,161", Some("0612345678")),
            ("\"\",128", None),
            ("\"\",128,,,,1", None),
            ("\"anonymous\",128", None),
            ("\"+3361234567890123456789\",145", None),
            ("", None),
        ] {
            assert_eq!(caller(text).as_deref(), number, "{text}");
        }
    }
}
