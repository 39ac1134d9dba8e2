//! Calls: a phone rings the modem up, and goes on ringing until somebody ends it.

use std::time::Duration;

use super::{Instant, Modem};

/// How often it rings.
const RING: Duration = Duration::from_secs(5);

/// A call that comes in.
#[derive(Debug)]
pub(super) struct Ringing {
    /// The number and its type as `+CLIP` shows them; `None`: withheld.
    caller: Option<(String, u8)>,
    /// When it rings next.
    pub(super) next: Instant,
    /// When the caller gives up.
    until: Instant,
}

impl Modem {
    /// A phone rings up for so long. `None`: it withholds its number. A number that begins with `+` is shown as
    /// international (27.007 7.11).
    pub fn call(&mut self, caller: Option<&str>, length: Duration, now: Instant) {
        self.elapse(now);
        let caller = caller.map(|number| {
            let kind = if number.starts_with('+') { 145 } else { 129 };
            (number.to_owned(), kind)
        });
        let until = self.now.saturating_add(length);
        self.ringing = Some(Ringing { caller, next: self.now, until });
        self.ring();
    }

    /// How many calls were ended from this side.
    #[must_use]
    pub fn calls_ended(&self) -> u32 {
        self.calls_ended
    }

    /// `+CHUP` or `H`.
    pub(super) fn end_call(&mut self) {
        if self.ringing.take().is_some() {
            self.calls_ended = self.calls_ended.saturating_add(1);
        }
    }

    /// Rings as often as it is time to.
    pub(super) fn ring(&mut self) {
        while let Some(ringing) = &mut self.ringing
            && ringing.next <= self.now
        {
            if ringing.next >= ringing.until {
                self.ringing = None;
                return self.say("NO CARRIER");
            }
            ringing.next = ringing.next.saturating_add(RING).min(ringing.until);
            let shown = ringing.caller.clone();
            self.say("RING");
            if self.settings.kept.get("+CLIP").is_some_and(|shows| shows == "1") {
                let line = shown.map_or_else(
                    || "+CLIP: \"\",128".to_owned(),
                    |(number, kind)| format!("+CLIP: \"{number}\",{kind}"),
                );
                self.say(&line);
            }
        }
    }
}
