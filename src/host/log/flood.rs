//! Floods: how much of the same the log takes.
//!
//! What the world can repeat without end must not push out of the log what was said once, nor cost the house its time. Of one kind
//! (the place in the code that says it) about one thing (an alarm's definition, an input, a modem: what the files name, never what
//! a wire can invent) [`MOST`] lines pass in a [`WINDOW`]. Where the next are left out, a line says so; the first one that passes
//! again is preceded by how many that were. The record of alarms has all of them.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber, info};
use tracing_subscriber::layer::{Context, Layer};

use crate::host::clock::Clock;
use crate::watch::time::Mono;

/// So many lines of one kind about one thing pass in a window.
const MOST: u32 = 100;
/// Their window begins with the first of them.
const WINDOW: Duration = Duration::from_secs(10);
/// So many kinds and things are known at most.
const KNOWN: usize = 4_096;
/// What names the thing that a line is about.
const THINGS: [&str; 3] = ["alarm", "input", "modem"];

/// Keeps floods out of the layers that write.
#[derive(Debug, Default)]
pub(super) struct Bounded {
    clock: Clock,
    /// Locked for a look, by whoever has something to say.
    floods: Mutex<Floods>,
}

impl<S: Subscriber> Layer<S> for Bounded {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        // What is said here of a flood is no part of one.
        if event.metadata().target() == module_path!() {
            return true;
        }
        let mut about = About(DefaultHasher::new());
        event.record(&mut about);
        let kind = (event.metadata().callsite(), about.0.finish());
        let now = self.clock.now().mono;
        let passage = self.floods.lock().unwrap_or_else(PoisonError::into_inner).pass(kind, now);
        match passage {
            Passage::Free => true,
            Passage::After(left_out) => {
                let Like { alarm, input, modem, line } = Like::of(event);
                info!(alarm, input, modem, left_out, line, "such lines were left out");
                true
            }
            Passage::Last => {
                let Like { alarm, input, modem, line } = Like::of(event);
                info!(alarm, input, modem, line, "too many such lines: the next are left out");
                false
            }
            Passage::Closed => false,
        }
    }
}

/// Whether a line passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Passage {
    Free,
    /// It does, and is the first one after so many that did not.
    After(u64),
    /// It does not, and is the first one.
    Last,
    Closed,
}

type Kind = (Identifier, u64);

#[derive(Debug, Default)]
struct Floods(HashMap<Kind, Window>);

#[derive(Debug)]
struct Window {
    begun: Mono,
    passed: u32,
    left_out: u64,
}

impl Floods {
    fn pass(&mut self, kind: Kind, now: Mono) -> Passage {
        if self.0.len() >= KNOWN && !self.0.contains_key(&kind) {
            self.0.retain(|_, window| !window.is_over(now));
            if self.0.len() >= KNOWN {
                self.0.clear();
            }
        }
        let fresh = Window { begun: now, passed: 0, left_out: 0 };
        let window = self.0.entry(kind).or_insert(fresh);
        let left_out = window.left_out;
        if window.is_over(now) {
            *window = Window { begun: now, passed: 1, left_out: 0 };
            return if left_out == 0 { Passage::Free } else { Passage::After(left_out) };
        }
        if window.passed < MOST {
            window.passed += 1;
            return Passage::Free;
        }
        window.left_out = left_out.saturating_add(1);
        if left_out == 0 { Passage::Last } else { Passage::Closed }
    }
}

impl Window {
    fn is_over(&self, now: Mono) -> bool {
        self.begun.until(now) >= WINDOW
    }
}

/// The thing that a line is about, as a number.
struct About(DefaultHasher);

impl Visit for About {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if THINGS.contains(&field.name()) {
            field.name().hash(&mut self.0);
            let _ =
                std::fmt::Write::write_fmt(&mut Written(&mut self.0), format_args!("{value:?}"));
        }
    }
}

/// Text that is hashed as it is written.
struct Written<'a>(&'a mut DefaultHasher);

impl std::fmt::Write for Written<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// What is said of a line that is left out.
#[derive(Default)]
struct Like {
    alarm: Option<String>,
    input: Option<String>,
    modem: Option<String>,
    line: Option<String>,
}

impl Like {
    fn of(event: &Event<'_>) -> Self {
        let mut like = Self::default();
        event.record(&mut like);
        like
    }
}

impl Visit for Like {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let place = match field.name() {
            "alarm" => &mut self.alarm,
            "input" => &mut self.input,
            "modem" => &mut self.modem,
            "message" => &mut self.line,
            _ => return,
        };
        *place = Some(format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing::Callsite;
    use tracing::metadata::Metadata;
    use tracing_subscriber::layer::SubscriberExt;

    use super::super::testing::{Collected, collecting};
    use super::*;

    fn kind(thing: u64) -> Kind {
        struct Here;
        impl Callsite for Here {
            fn set_interest(&self, _: tracing::subscriber::Interest) {}
            fn metadata(&self) -> &Metadata<'_> {
                unreachable!("only its place counts")
            }
        }
        static HERE: Here = Here;
        (Identifier(&HERE), thing)
    }

    fn at(millis: u64) -> Mono {
        Mono::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn a_flood_is_cut_off_and_told_with_its_size_and_nobody_else_is_concerned() {
        let mut floods = Floods::default();
        let mut pass = |thing, millis| floods.pass(kind(thing), at(millis));
        assert!((0..MOST).all(|_| pass(1, 0) == Passage::Free));
        assert_eq!(pass(1, 1), Passage::Last);
        assert!((0..999).all(|_| pass(1, 9_999) == Passage::Closed));
        assert_eq!(pass(2, 9_999), Passage::Free, "another alarm");
        assert_eq!(pass(1, 10_000), Passage::After(1_000));
        assert_eq!(pass(1, 10_000), Passage::Free);
        assert_eq!(pass(1, 60_000), Passage::Free, "nothing was left out meanwhile");
    }

    #[test]
    fn whoever_floods_under_many_names_does_not_fill_the_memory() {
        let mut floods = Floods::default();
        for thing in 0..100_000 {
            assert_eq!(floods.pass(kind(thing), at(thing)), Passage::Free);
            assert!(floods.0.len() <= KNOWN);
        }
    }

    #[test]
    fn of_a_flood_so_many_lines_are_written_and_all_of_what_is_no_part_of_it() {
        let collected = Collected::default();
        let layers = tracing_subscriber::registry().with(Bounded::default());
        tracing::subscriber::with_default(layers.with(collecting(&collected)), || {
            for key in 0..150 {
                info!(alarm = %"link", key, "alarm active");
            }
            info!(alarm = %"door", "alarm active");
            info!(alarm = %"link", "alarm returned");
        });
        let lines = collected.lines();
        let active = |line: &&String| line.starts_with("alarm active alarm=link");
        assert_eq!(lines.iter().filter(active).count(), usize::try_from(MOST).unwrap());
        assert_eq!(lines.last().unwrap(), "alarm returned alarm=link");
        assert!(lines.contains(&"alarm active alarm=door".to_owned()), "{lines:?}");
    }
}
