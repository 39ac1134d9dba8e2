//! Heartbeats: what must be heard every so often, and is an alarm when it is not (behaviour §8).
//!
//! A definition with `heartbeat` is awaited as a whole until it is heard first, and then key by key: each pump that
//! was ever heard. An input with `heartbeat` is awaited as a whole. Any signal that the definition selects will do, whatever
//! it says, and also one that it cannot read, but none of a sender who proved nothing where the alarm is `cleared-by = "authenticated"`
//! (a forged trap must not speak for a dead device); what somebody left there to be read (`Tells::Standing`: a retained message,
//! the level of a contact at the start) says how things were and not that anybody is there. It is over as soon as it is heard again.
//! Each waits by a deadline of its own in the watch's queue: nothing is ever scanned.
//!
//! # Decision (2026-11-27): silence is an alarm of its own, `heartbeat-missed`, whose subject is `definition[key]` or the input
//!
//! It goes the way of all of Vigie's own alarms. Rejected: to make the silent alarm itself active, which would put into people's hands
//! that the cold room is warm where nobody knows; and the kind `source-silent`, whose subjects are senders of an input, ended by who
//! knows the inputs. While every input of a definition is lost (`input-lost`), its silence is told by that already, and it is awaited anew.
//!
//! # Decision (2026-11-27): a restart gives one more period, and no number of restarts more than one
//!
//! As for the devices of SNMP: nobody heard what was sent while nobody listened. So only the time of listening counts, all lives
//! together: after a start there is a whole period, and after two periods of listening in vain it is told however short each life was.
//!
//! # Memory
//!
//! Keys are what a wire sends, so that no more than [`KEYS_LIMIT`] are awaited on their own, and of one definition no more than a third of what
//! room is left (`room.rs`). What would be one more is told as `too-many-alarms` of that definition, and keeps it awaited as a whole. A key
//! that will never be heard again (a device that was replaced) is let go with `vigie reset` of its silence.

mod listening;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::fold::requeue;
use super::name::{DefinitionName, InputName, PersonId};
use super::signal::Identity;
use super::state::{Owner, State};
use super::time::{Moment, Mono, Utc, Wait};

/// No more keys than this are awaited on their own, all definitions together.
pub const KEYS_LIMIT: usize = 20_000;

/// Who must be heard.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// What this definition selects.
    Definition(DefinitionName),
    /// Whatever this input receives.
    Input(InputName),
}

/// What becomes of a heartbeat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beat {
    /// It must be heard so often from now on.
    Awaited {
        /// Who.
        voice: Voice,
        /// How often.
        every: Duration,
        /// What the files say that it is: where that changes, its keys are others.
        selects: Identity,
    },
    /// It was heard.
    Heard {
        /// Who.
        voice: Voice,
        /// Which key; `None`: awaited as a whole.
        key: Option<Arc<str>>,
    },
    /// It was not, for too long.
    Silent {
        /// Who.
        voice: Voice,
        /// Which key.
        key: Option<Arc<str>>,
    },
    /// It cannot be heard, for a reason that is told already; it is awaited anew.
    Deferred {
        /// Who.
        voice: Voice,
        /// Which key.
        key: Option<Arc<str>>,
    },
    /// A key is awaited no more, until it is heard again.
    LetGo {
        /// Of whom.
        voice: Voice,
        /// Which key.
        key: Arc<str>,
        /// Who says so.
        by: PersonId,
    },
    /// The files ask for it no more.
    Forgotten {
        /// Who.
        voice: Voice,
    },
    /// The daemon listens again, and did so last at that time.
    Resumed {
        /// The moment of the latest decision of the life before.
        until: Utc,
    },
}

/// All that must be heard.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Heartbeats {
    voices: BTreeMap<Voice, Awaited>,
    /// How many keys there are in all.
    keys: usize,
}

/// One that must be heard. Something of it always is awaited: the whole, or at least one key.
#[derive(Clone, PartialEq, Debug)]
struct Awaited {
    every: Duration,
    selects: Identity,
    pulses: BTreeMap<Option<Arc<str>>, Pulse>,
}

/// What is known of one key, or of the whole.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Pulse {
    /// Until when it may be silent.
    wait: Wait,
    /// For how long it was listened for in vain in earlier lives.
    #[serde(default)]
    before: Duration,
    /// When it was heard last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heard: Option<Utc>,
    /// Its silence is told.
    #[serde(default)]
    silent: bool,
    #[serde(skip)]
    queued: Option<Mono>,
}

/// A piece of a snapshot: one key, or the whole, of one voice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    voice: Voice,
    every: Duration,
    selects: Identity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Arc<str>>,
    pulse: Pulse,
}

impl Voice {
    /// The subject of its silence: `cold-room[paris]`, `mqtt.plant`.
    fn subject(&self, key: Option<&str>) -> String {
        match (self, key) {
            (Self::Input(input), _) => input.to_string(),
            (Self::Definition(name), None | Some("")) => name.to_string(),
            (Self::Definition(name), Some(key)) => format!("{name}[{key}]"),
        }
    }

    /// The key of that name, where it is awaited on its own.
    fn of_subject(subject: &str) -> Option<(Self, Arc<str>)> {
        // No name of a definition has a bracket in it.
        let (name, rest) = subject.split_once('[')?;
        Some((Self::Definition(DefinitionName::new(name)), Arc::from(rest.strip_suffix(']')?)))
    }
}

impl Pulse {
    fn begins(every: Duration, now: Moment) -> Self {
        let (before, heard, silent, queued) = (Duration::ZERO, None, false, None);
        Self { wait: now.wait(every), before, heard, silent, queued }
    }

    /// The daemon listens again. A clock that jumped counts for no more than one period.
    fn resume(&mut self, every: Duration, until: Utc, now: Moment) {
        if self.silent {
            return;
        }
        let listened = self.wait.since.until(until).min(every);
        self.before = self.before.saturating_add(listened);
        let left = every.saturating_mul(2).saturating_sub(self.before);
        self.wait = now.wait(left.min(every));
    }
}

impl Heartbeats {
    /// Whether nothing must be heard.
    pub fn is_empty(&self) -> bool {
        self.voices.is_empty()
    }

    /// How many keys and wholes are awaited.
    pub fn len(&self) -> usize {
        self.voices.values().map(|awaited| awaited.pulses.len()).sum()
    }

    /// The pieces of a snapshot.
    pub(super) fn kept(&self) -> impl Iterator<Item = Kept> {
        self.voices.iter().flat_map(|(voice, awaited)| {
            awaited.pulses.iter().map(|(key, pulse)| Kept {
                voice: voice.clone(),
                every: awaited.every,
                selects: awaited.selects,
                key: key.clone(),
                pulse: pulse.clone(),
            })
        })
    }
}

impl State {
    /// Takes in what became of a heartbeat.
    pub(super) fn beat(&mut self, beat: &Beat, now: Moment) {
        match beat {
            Beat::Awaited { voice, every, selects } => {
                self.await_voice(voice, *every, *selects, now)
            }
            Beat::Heard { voice, key } => {
                let Some(awaited) = self.heartbeats.voices.get(voice) else { return };
                let pulse = Pulse { heard: Some(now.utc), ..Pulse::begins(awaited.every, now) };
                // It is known now what of it there is.
                if key.is_some() {
                    self.drop_pulse(voice, &None);
                }
                self.set_pulse(voice, key, pulse);
            }
            Beat::Silent { voice, key } => {
                self.on_pulse(voice, key, |pulse, _| pulse.silent = true)
            }
            Beat::Deferred { voice, key } => {
                self.on_pulse(voice, key, |pulse, every| pulse.wait = now.wait(every));
            }
            Beat::LetGo { voice, key, by: _ } => {
                self.drop_pulse(voice, &Some(Arc::clone(key)));
                let Some(awaited) = self.heartbeats.voices.get(voice) else { return };
                if awaited.pulses.is_empty() {
                    self.set_pulse(voice, &None, Pulse::begins(awaited.every, now));
                }
            }
            Beat::Forgotten { voice } => {
                for key in self.pulses_of(voice) {
                    self.drop_pulse(voice, &key);
                }
                self.heartbeats.voices.remove(voice);
            }
            Beat::Resumed { until } => {
                let voices: Vec<Voice> = self.heartbeats.voices.keys().cloned().collect();
                for voice in voices {
                    for key in self.pulses_of(&voice) {
                        self.on_pulse(&voice, &key, |pulse, every| {
                            pulse.resume(every, *until, now)
                        });
                    }
                }
            }
        }
    }

    /// A voice that is awaited already is awaited anew, for as long as the files say now.
    fn await_voice(&mut self, voice: &Voice, every: Duration, selects: Identity, now: Moment) {
        let known = self.heartbeats.voices.get_mut(voice);
        let Some(known) = known else {
            let awaited = Awaited { every, selects, pulses: BTreeMap::new() };
            self.heartbeats.voices.insert(voice.clone(), awaited);
            self.set_pulse(voice, &None, Pulse::begins(every, now));
            return;
        };
        (known.every, known.selects) = (every, selects);
        for key in self.pulses_of(voice) {
            self.on_pulse(voice, &key, |pulse, _| {
                (pulse.wait, pulse.before) = (now.wait(every), Duration::ZERO);
            });
        }
    }

    fn pulses_of(&self, voice: &Voice) -> Vec<Option<Arc<str>>> {
        let awaited = self.heartbeats.voices.get(voice);
        awaited.map_or_else(Vec::new, |awaited| awaited.pulses.keys().cloned().collect())
    }

    fn on_pulse(
        &mut self,
        voice: &Voice,
        key: &Option<Arc<str>>,
        change: impl FnOnce(&mut Pulse, Duration),
    ) {
        let Some(awaited) = self.heartbeats.voices.get_mut(voice) else { return };
        let Some(pulse) = awaited.pulses.get_mut(key) else { return };
        change(pulse, awaited.every);
        let due = (!pulse.silent).then_some(pulse.wait.mono);
        let owner = || Owner::Heartbeat(voice.clone(), key.clone());
        requeue(&mut self.deadlines, &mut pulse.queued, due, owner);
    }

    fn set_pulse(&mut self, voice: &Voice, key: &Option<Arc<str>>, new: Pulse) {
        let Some(awaited) = self.heartbeats.voices.get_mut(voice) else { return };
        let known = awaited.pulses.entry(key.clone()).or_insert_with(|| {
            if key.is_some() {
                self.heartbeats.keys = self.heartbeats.keys.saturating_add(1);
            }
            Pulse { queued: None, ..new.clone() }
        });
        *known = Pulse { queued: known.queued, ..new };
        self.on_pulse(voice, key, |_, _| {});
    }

    fn drop_pulse(&mut self, voice: &Voice, key: &Option<Arc<str>>) {
        let Some(awaited) = self.heartbeats.voices.get_mut(voice) else { return };
        let Some(pulse) = awaited.pulses.remove(key) else { return };
        if key.is_some() {
            self.heartbeats.keys = self.heartbeats.keys.saturating_sub(1);
        }
        if let Some(due) = pulse.queued {
            self.deadlines.remove(&(due, Owner::Heartbeat(voice.clone(), key.clone())));
        }
    }

    /// Takes one piece of a snapshot in.
    pub(super) fn absorb_heartbeat(&mut self, kept: Kept) {
        let Kept { voice, every, selects, key, pulse } = kept;
        let empty = || Awaited { every, selects, pulses: BTreeMap::new() };
        self.heartbeats.voices.entry(voice.clone()).or_insert_with(empty);
        self.set_pulse(&voice, &key, pulse);
    }
}
