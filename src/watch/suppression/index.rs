//! What the watch knows of all that is kept quiet, found without looking at every alarm; and what decisions change of it.
//!
//! Which alarms stand or are hidden because of which causes, and how many alarms of a definition are active, follows from the
//! alarms themselves: it is filed whenever an alarm changes, and stands in no snapshot.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Cause, Causes, GRACE, Hidden, Mark, Quiet, Quieting, Suppression};
use crate::watch::alarm::{Alarm, AlarmNumber, OccurrenceNumber};
use crate::watch::codes::Code;
use crate::watch::fold::requeue;
use crate::watch::name::DefinitionName;
use crate::watch::state::{Owner, State};
use crate::watch::time::{Moment, Mono, Utc, Wait};

/// All that is kept quiet.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in crate::watch) struct Suppressions {
    /// Definitions of which all alarms are out of service.
    definitions: BTreeMap<DefinitionName, Mark>,
    /// The alarms that have a memory of being quiet.
    alarms: BTreeSet<AlarmNumber>,
    /// How many alarms of a definition are active and in service.
    active: HashMap<DefinitionName, usize>,
    /// By the definition of the cause, those that stand or are hidden and name it.
    effects: HashMap<DefinitionName, Effects>,
    /// When what is out of service is listed next.
    list: Option<Wait>,
    queued: Option<Mono>,
}

/// Whom the alarms of one definition keep quiet.
#[derive(Clone, PartialEq, Debug, Default)]
struct Effects {
    /// While any of them is active.
    of_any: Affected,
    /// While the one of that key is.
    of_key: BTreeMap<Arc<str>, Affected>,
}

/// Those that name one cause.
#[derive(Clone, PartialEq, Debug, Default)]
struct Affected {
    /// Those that stand, in the order in which they opened.
    open: BTreeMap<OccurrenceNumber, AlarmNumber>,
    /// Those that are hidden.
    hidden: BTreeSet<AlarmNumber>,
}

/// How the index has an alarm.
#[derive(Clone, PartialEq, Debug, Default)]
pub(in crate::watch) struct Filed {
    /// Whether it is counted as active.
    is_counted: bool,
    /// Under which causes it is found; apart, since few have any.
    effect: Option<Box<Effect>>,
}

#[derive(Clone, PartialEq, Debug)]
struct Effect {
    causes: Arc<Causes>,
    open: Option<OccurrenceNumber>,
    is_hidden: bool,
}

impl Suppressions {
    /// Who has taken all alarms of a definition out of service.
    pub(in crate::watch) fn is_out(&self, definition: &DefinitionName) -> Option<&Mark> {
        self.definitions.get(definition)
    }

    /// The definitions of which all alarms are out of service.
    pub(in crate::watch) fn definitions(&self) -> impl Iterator<Item = (&DefinitionName, &Mark)> {
        self.definitions.iter()
    }

    /// The alarms that have a memory of being quiet.
    pub(in crate::watch) fn alarms(&self) -> impl Iterator<Item = AlarmNumber> {
        self.alarms.iter().copied()
    }

    /// When what is out of service is listed next.
    pub(in crate::watch) fn next_list(&self) -> Option<Wait> {
        self.list
    }

    /// What a snapshot had of a definition.
    pub(in crate::watch) fn absorb(&mut self, definition: DefinitionName, mark: Mark) {
        self.definitions.insert(definition, mark);
    }

    fn affected(&self, definition: &str, key: &str) -> [Option<&Affected>; 2] {
        let effects = self.effects.get(definition);
        let of_key = effects.and_then(|effects| effects.of_key.get(key));
        [effects.map(|effects| &effects.of_any), of_key]
    }

    fn on_affected(&mut self, cause: &Cause, change: impl FnOnce(&mut Affected)) {
        let effects = self.effects.entry(cause.definition.clone()).or_default();
        match &cause.key {
            None => change(&mut effects.of_any),
            Some(key) => {
                let affected = effects.of_key.entry(Arc::clone(key)).or_default();
                change(affected);
                if *affected == Affected::default() {
                    effects.of_key.remove(key);
                }
            }
        }
        if *effects == Effects::default() {
            self.effects.remove(&cause.definition);
        }
    }

    fn file(&mut self, number: AlarmNumber, effect: &Effect, is_there: bool) {
        for cause in &effect.causes.0 {
            self.on_affected(cause, |affected| {
                match effect.open {
                    Some(open) if is_there => {
                        affected.open.insert(open, number);
                    }
                    Some(open) => {
                        affected.open.remove(&open);
                    }
                    None => {}
                }
                if effect.is_hidden && is_there {
                    affected.hidden.insert(number);
                } else if effect.is_hidden {
                    affected.hidden.remove(&number);
                }
            });
        }
    }

    /// One more alarm of a definition is active, or one less. Whether it is the first, or was the last.
    fn count(&mut self, definition: &DefinitionName, is_active: bool) -> bool {
        let count = self.active.entry(definition.clone()).or_default();
        *count = if is_active { count.saturating_add(1) } else { count.saturating_sub(1) };
        let count = *count;
        if count == 0 {
            self.active.remove(definition);
        }
        count == usize::from(is_active)
    }
}

impl Effect {
    fn of(alarm: &Alarm) -> Option<Self> {
        let open = alarm.open.as_deref();
        let hidden = alarm.hidden();
        let activation = hidden.map(|hidden| &hidden.activation);
        let activation = activation.or(open.map(|open| &open.activation))?;
        let causes = Arc::clone(activation.causes.as_ref()?);
        Some(Self { causes, open: open.map(|open| open.number), is_hidden: hidden.is_some() })
    }
}

impl State {
    /// Whether a cause is present, and vouched for.
    pub(in crate::watch) fn is_present(&self, cause: &Cause) -> bool {
        let name = cause.definition.as_str();
        !self.quiet.definitions.contains_key(name)
            && match &cause.key {
                None => self.quiet.active.contains_key(name),
                Some(key) => self.alarm(name, key).is_some_and(|alarm| alarm.filed.is_counted),
            }
    }

    /// What keeps an alarm quiet, as the board shows it. What the files keep quiet is shown where it hides something.
    pub fn suppression(&self, alarm: &Alarm) -> Suppression {
        if self.quiet.is_out(&alarm.definition).is_some() || alarm.service().is_some() {
            Suppression::OutOfService
        } else if alarm.shelf().is_some() {
            Suppression::Shelved
        } else if alarm.hidden().is_some() {
            Suppression::ByDesign
        } else {
            Suppression::None
        }
    }

    /// The alarm that is kept quiet, and that this code once stood for.
    pub(in crate::watch) fn quiet_by_code(&self, code: Code, now: Utc) -> Option<&Alarm> {
        let occurrence = self.codes().binding(code, now)?.occurrence;
        let mut alarms = self.quiet.alarms().filter_map(|number| self.alarm_numbered(number));
        alarms.find(|alarm| alarm.last.as_ref().is_some_and(|last| last.number == occurrence))
    }

    /// An alarm has changed: files it as it is now. Those that its coming or going concerns are looked at.
    pub(in crate::watch) fn file_quiet(&mut self, number: AlarmNumber) {
        if self.refile(number) {
            self.concern(number);
        }
    }

    /// An alarm comes out of a snapshot: it has not become active, it is.
    pub(in crate::watch) fn absorb_quiet(&mut self, number: AlarmNumber) {
        if self.refile(number)
            && let Some(alarm) = self.alarms.get(&number)
        {
            self.quiet.count(&alarm.definition, true);
        }
    }

    /// Files an alarm as it is now; whether it has become active, or is no more.
    fn refile(&mut self, number: AlarmNumber) -> bool {
        let Some(alarm) = self.alarms.get_mut(&number) else { return false };
        if alarm.quiet.is_some() {
            self.quiet.alarms.insert(number);
        } else {
            self.quiet.alarms.remove(&number);
        }
        let effect = Effect::of(alarm);
        if alarm.filed.effect.as_deref() != effect.as_ref() {
            if let Some(old) = alarm.filed.effect.take() {
                self.quiet.file(number, &old, false);
            }
            if let Some(new) = &effect {
                self.quiet.file(number, new, true);
            }
            alarm.filed.effect = effect.map(Box::new);
        }
        let counts = alarm.explains() && alarm.service().is_none() && !alarm.is_test;
        if counts == alarm.filed.is_counted {
            return false;
        }
        alarm.filed.is_counted = counts;
        true
    }

    /// An alarm has become active, or is no more: those that name it as their cause are due for another look.
    fn concern(&mut self, number: AlarmNumber) {
        let Some(alarm) = self.alarms.get(&number) else { return };
        let (is_active, definition) = (alarm.filed.is_counted, alarm.definition.clone());
        let key = Arc::clone(&alarm.key);
        let turns = self.quiet.count(&definition, is_active);
        let [of_any, of_key] = self.quiet.affected(definition.as_str(), &key);
        // What has called while one that flaps was away is not hidden by its coming back.
        let flaps = alarm.is_flapping();
        // While another of them is active, nothing changes for those that name any.
        let concerned = [of_any.filter(|_| turns), of_key];
        let mut due: Vec<AlarmNumber> = Vec::new();
        for affected in concerned.into_iter().flatten() {
            if !is_active {
                due.extend(&affected.hidden);
            } else if !flaps {
                due.extend(self.lately_opened(affected));
            }
        }
        self.look_soon(due);
    }

    /// Those that opened so lately that they may be effects of what has just become active.
    fn lately_opened<'s>(
        &'s self,
        affected: &'s Affected,
    ) -> impl Iterator<Item = AlarmNumber> + use<'s> {
        let now = self.latest.map_or(Utc::default(), |latest| latest.utc);
        let opened = |number: &AlarmNumber| {
            let open = self.alarms.get(number)?.open.as_deref()?;
            Some(open.opened)
        };
        let is_recent = move |number: &AlarmNumber| {
            opened(number).is_some_and(|opened| opened.until(now) <= GRACE)
        };
        affected.open.values().rev().copied().take_while(is_recent)
    }

    /// These alarms are due at once, each by itself.
    fn look_soon(&mut self, alarms: impl IntoIterator<Item = AlarmNumber>) {
        let Some(now) = self.latest else { return };
        for number in alarms {
            self.on_quiet(number, |quiet| quiet.review = Some(now.at_once()));
        }
    }

    /// Changes what is remembered; nothing is remembered of nothing.
    fn on_quiet(&mut self, number: AlarmNumber, change: impl FnOnce(&mut Quiet)) {
        self.on_alarm(number, |alarm| {
            let mut quiet = alarm.quiet.take().unwrap_or_default();
            change(&mut quiet);
            alarm.quiet = (!quiet.is_nothing()).then_some(quiet);
        });
    }

    /// All alarms of a definition are looked at: those that stand, or those that are hidden. A person asked for it.
    fn look_at_definition(&mut self, definition: &DefinitionName) {
        let numbers = self.by_key.get(definition).into_iter().flat_map(|keys| keys.values());
        let matters = |alarm: &&Alarm| alarm.open.is_some() || alarm.hidden().is_some();
        let alarms = numbers.filter_map(|number| self.alarms.get(number)).filter(matters);
        let mut due: Vec<AlarmNumber> = alarms.map(|alarm| alarm.number).collect();
        // What these alarms keep quiet depends on whether somebody vouches for them.
        if let Some(effects) = self.quiet.effects.get(definition) {
            let all = std::iter::once(&effects.of_any).chain(effects.of_key.values());
            for affected in all {
                due.extend(&affected.hidden);
                due.extend(self.lately_opened(affected));
            }
        }
        due.sort_unstable();
        due.dedup();
        self.look_soon(due);
    }

    /// The alarms that a change shows differently. Of a whole definition all that are known are.
    pub fn shown_by(&self, quieting: &Quieting) -> Vec<AlarmNumber> {
        let all = quieting.definition().and_then(|definition| self.by_key.get(definition));
        let all = all.into_iter().flat_map(|keys| keys.values().copied());
        all.chain(quieting.alarm()).collect()
    }

    /// When what is out of service is listed next, from now on.
    pub(in crate::watch) fn plan_list(&mut self, next: Option<Wait>) {
        self.quiet.list = next;
        let due = next.map(|wait| wait.mono);
        requeue(&mut self.deadlines, &mut self.quiet.queued, due, || Owner::List);
    }

    /// Takes in what has changed of what is kept quiet.
    pub(in crate::watch) fn quieted(&mut self, quieting: &Quieting, now: Moment) {
        match quieting {
            Quieting::Shelved { alarm, shelf } => {
                self.on_quiet(*alarm, |quiet| quiet.shelf = Some(shelf.clone()));
            }
            Quieting::Unshelved { alarm, .. } => self.on_quiet(*alarm, |quiet| quiet.shelf = None),
            Quieting::OutOfService { alarm, mark } => {
                self.on_quiet(*alarm, |quiet| quiet.service = Some(mark.clone()));
            }
            Quieting::InService { alarm, .. } => {
                self.on_quiet(*alarm, |quiet| quiet.service = None);
            }
            Quieting::DefinitionOut { definition, mark } => {
                self.quiet.definitions.insert(definition.clone(), mark.clone());
                self.look_at_definition(definition);
            }
            Quieting::DefinitionIn { definition, .. } => {
                self.quiet.definitions.remove(definition);
                self.look_at_definition(definition);
            }
            Quieting::Hushed { alarm, activation, since, until } => {
                let (activation, since) = (activation.clone(), *since);
                self.hide(*alarm, Hidden { activation, since, repeats: 0 }, *until);
                self.on_alarm(*alarm, |alarm| {
                    if let Some(open) = &mut alarm.open {
                        open.active = false;
                    }
                });
            }
            Quieting::Came { alarm, activation, until } => {
                self.on_alarm(*alarm, |alarm| alarm.pending = None);
                let (activation, since) = (activation.clone(), now.utc);
                self.hide(*alarm, Hidden { activation, since, repeats: 0 }, *until);
                self.on_quiet(*alarm, |quiet| quiet.came = quiet.came.saturating_add(1));
            }
            Quieting::Happened { alarm } => {
                self.on_quiet(*alarm, |quiet| quiet.came = quiet.came.saturating_add(1));
            }
            Quieting::Again { alarm, counts, activation } => {
                self.on_quiet(*alarm, |quiet| {
                    let Some(hidden) = &mut quiet.hidden else { return };
                    hidden.repeats = hidden.repeats.saturating_add(u64::from(*counts));
                    if let Some(activation) = activation {
                        hidden.activation = activation.clone();
                    }
                });
            }
            Quieting::Gone { alarm } => {
                self.on_alarm(*alarm, |alarm| alarm.pending = None);
                self.on_quiet(*alarm, |quiet| {
                    quiet.hidden = None;
                    quiet.review = None;
                });
            }
            // What opens next is the same alarm: it is not forgotten in between.
            Quieting::Surfaced { alarm } => {
                return self.on_quiet(*alarm, |quiet| {
                    quiet.hidden = None;
                    quiet.review = None;
                });
            }
            Quieting::Listed { next } => self.plan_list(*next),
            Quieting::Reviewed { alarm, until } => {
                self.on_quiet(*alarm, |quiet| quiet.review = *until);
            }
        }
        if let Some(alarm) = quieting.alarm() {
            self.remember_or_forget(alarm);
        }
    }

    fn hide(&mut self, alarm: AlarmNumber, hidden: Hidden, until: Option<Wait>) {
        self.on_quiet(alarm, |quiet| {
            quiet.hidden = Some(hidden);
            quiet.review = until;
        });
    }
}
