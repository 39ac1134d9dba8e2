//! Listening: what is planned of heartbeats, what is heard, and what has been silent for too long.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Awaited, Beat, KEYS_LIMIT, Voice};
use crate::watch::alarm::Occurrence;
use crate::watch::decision::{Fact, Outcome};
use crate::watch::definition::{Definition, Selector};
use crate::watch::draft::Draft;
use crate::watch::name::{InputName, PersonId};
use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::room;
use crate::watch::signal::{Identity, Signal, Tells};

impl Draft<'_> {
    fn beats(&mut self, beat: Beat) {
        self.fact(Fact::Beat(beat));
    }

    /// The files are in force: what they ask for is awaited, and nothing else.
    pub(in crate::watch) fn plan_heartbeats(&mut self) {
        let (state, site) = (self.state, self.site);
        let definitions = site.definitions.configured().filter_map(|definition| {
            let voice = Voice::Definition(definition.name.clone());
            Some((voice, (definition.heartbeat?, selects(definition))))
        });
        let inputs = site
            .heartbeats
            .iter()
            .map(|(input, every)| (Voice::Input(input.clone()), (*every, Identity::of(&[]))));
        let wanted: BTreeMap<Voice, (Duration, Identity)> = definitions.chain(inputs).collect();
        for (voice, awaited) in &state.heartbeats.voices {
            if wanted.get(voice).is_none_or(|(_, selects)| *selects != awaited.selects) {
                self.forget_heartbeat(voice, awaited);
            }
        }
        for (voice, (every, selects)) in wanted {
            let known = state.heartbeats.voices.get(&voice);
            if known.is_none_or(|known| known.every != every || known.selects != selects) {
                self.beats(Beat::Awaited { voice, every, selects });
            }
        }
    }

    fn forget_heartbeat(&mut self, voice: &Voice, awaited: &Awaited) {
        self.beats(Beat::Forgotten { voice: voice.clone() });
        for (key, _) in awaited.pulses.iter().filter(|(_, pulse)| pulse.silent) {
            let subject = voice.subject(key.as_deref());
            self.own(SelfSignal::cleared(SelfAlarm::HeartbeatMissed, &subject));
        }
        if let Voice::Definition(name) = voice {
            let full = room::of_heartbeats(name.as_str());
            self.own(SelfSignal::cleared(SelfAlarm::TooManyAlarms, &full));
        }
    }

    /// The daemon listens again.
    pub(in crate::watch) fn resume_heartbeats(&mut self) {
        if let Some(latest) = self.state.latest().filter(|_| !self.state.heartbeats.is_empty()) {
            self.beats(Beat::Resumed { until: latest.utc });
        }
    }

    /// An input received something.
    pub(in crate::watch) fn heard_from(&mut self, signal: &Signal) {
        if signal.tells != Tells::Standing && self.site.heartbeats.contains_key(&signal.input) {
            self.heard(Voice::Input(signal.input.clone()), None);
        }
    }

    /// A definition has selected something.
    pub(in crate::watch) fn heard_of(
        &mut self,
        signal: &Signal,
        definition: &Definition,
        key: &Arc<str>,
    ) {
        let is_sign = signal.tells != Tells::Standing && definition.believes(signal);
        if !is_sign || definition.heartbeat.is_none() {
            return;
        }
        let voice = Voice::Definition(definition.name.clone());
        let state = self.state;
        let known = state.heartbeats.voices.get(&voice);
        let is_known =
            known.is_some_and(|awaited| awaited.pulses.contains_key(&Some(Arc::clone(key))));
        let its = known.map_or(0, |awaited| awaited.pulses.len());
        let is_full = its >= room::share(KEYS_LIMIT, state.heartbeats.keys) && !key.is_empty();
        if !is_known && is_full {
            let full = room::of_heartbeats(definition.name.as_str());
            let reason = self.site_wording().no_room_to_await();
            self.own(SelfSignal::raised(SelfAlarm::TooManyAlarms, &full, &reason));
            self.heard(voice, None);
        } else {
            self.heard(voice, Some(Arc::clone(key)));
        }
    }

    fn heard(&mut self, voice: Voice, key: Option<Arc<str>>) {
        let state = self.state;
        let Some(awaited) = state.heartbeats.voices.get(&voice) else { return };
        if key.is_none() && !awaited.pulses.contains_key(&None) {
            return;
        }
        let whole = key.is_some().then_some(None);
        for said in std::iter::once(key.clone()).chain(whole) {
            if awaited.pulses.get(&said).is_some_and(|pulse| pulse.silent) {
                let subject = voice.subject(said.as_deref());
                self.own(SelfSignal::cleared(SelfAlarm::HeartbeatMissed, &subject));
            }
        }
        self.beats(Beat::Heard { voice, key });
    }

    /// It has been silent for too long.
    pub(in crate::watch) fn heartbeat_due(&mut self, voice: &Voice, key: &Option<Arc<str>>) {
        let Some(awaited) = self.state.heartbeats.voices.get(voice) else { return };
        let Some(pulse) = awaited.pulses.get(key) else { return };
        let (voice, key) = (voice.clone(), key.clone());
        if self.is_deaf(&voice) {
            self.beats(Beat::Deferred { voice, key });
            return;
        }
        let reason = self.site_wording().silent(pulse.heard, awaited.every);
        let subject = voice.subject(key.as_deref());
        self.beats(Beat::Silent { voice, key });
        self.own(SelfSignal::raised(SelfAlarm::HeartbeatMissed, &subject, &reason));
    }

    /// Whether nothing can be heard of it, because every input that it comes by is lost.
    fn is_deaf(&self, voice: &Voice) -> bool {
        let lost = |input: &InputName| {
            [SelfAlarm::InputLost, SelfAlarm::ModemLost]
                .into_iter()
                .any(|alarm| self.state.stands(alarm, input.as_str()))
        };
        match voice {
            Voice::Input(input) => lost(input),
            Voice::Definition(name) => {
                let from = self.site.definitions.get(name.as_str()).map(|known| &known.from);
                from.is_some_and(|from| {
                    from.iter().all(|selector| match selector {
                        Selector::Input(input) => lost(input),
                        Selector::Kind(_) => false,
                    })
                })
            }
        }
    }

    /// A person lets go of the silence of a key that will never be heard again; `None`: it is no such silence.
    pub(in crate::watch) fn let_go(
        &mut self,
        open: &Occurrence,
        person: &PersonId,
    ) -> Option<Outcome> {
        let alarm = self.state.alarm_of(open.number)?;
        let missed = SelfSignal::raised(SelfAlarm::HeartbeatMissed, &alarm.key, "");
        let definition = self.site.definitions.get(alarm.definition.as_str())?;
        if !definition.concerns(&missed.into_signal(self.now.utc)) {
            return None;
        }
        let (voice, key) = Voice::of_subject(&alarm.key)?;
        let awaited = self.state.heartbeats.voices.get(&voice)?;
        awaited.pulses.get(&Some(Arc::clone(&key))).filter(|pulse| pulse.silent)?;
        self.beats(Beat::LetGo { voice, key, by: person.clone() });
        self.own(SelfSignal::cleared(SelfAlarm::HeartbeatMissed, &alarm.key));
        Some(Outcome::Done(self.wording(person).let_go(&alarm.key)))
    }
}

/// Where this is another, the keys of a definition are others.
fn selects(definition: &Definition) -> Identity {
    let (from, matches) = (format!("{:?}", definition.from), format!("{:?}", definition.matches));
    Identity::of(&[from.as_bytes(), matches.as_bytes(), definition.key.source().as_bytes()])
}
