//! Tests: a signal that nothing has sent is read by the definitions, and whom it would call is called, by the
//! real ladder and with codes that count, in texts that begin with `TEST`.
//!
//! # Decision (2026-11-27): a test is an occurrence of an alarm of its own
//!
//! An alarm that stands for tests bears the definition and the key of the one that is tested, and no signal ever finds
//! it: what the tested alarm does, and what people have answered to it, goes on beside the test, neither masked nor
//! ended by it. The test has no cause: it is shown as returned, is over when it was answered, or by itself after
//! [`LONGEST_TEST`]; then those who were told are told so. It climbs its policy's own ladder and its repetitions, never
//! the last resort, and is no alarm for outputs ([`Occurrence::is_test`]). No delay is waited for. Rejected: a mark on
//! the occurrence of the tested alarm, which a true alarm that comes meanwhile would have to take away from people who
//! have acknowledged it.

pub mod sms;

use std::sync::Arc;
use std::time::Duration;

use super::alarm::{Activation, Alarm, Occurrence, OccurrenceNumber, TEST, Testing};
use super::decision::{Fact, Outcome, Refusal};
use super::definition::{Definition, Reported};
use super::draft::Draft;
use super::escalation::{Ladder, Position, Rung};
use super::event::Test;
use super::name::DefinitionName;
use super::signal::Signal;
use super::state::State;
use super::storm::News;

/// A test that nobody answers is over after this time.
pub const LONGEST_TEST: Duration = Duration::from_secs(30 * 60);
/// Of so many definitions it is said why they do not select what is tested.
const EXPLAINED: usize = 12;

impl State {
    /// The alarm that stands for tests of that alarm, if it ever was tested.
    fn test_alarm(&self, definition: &DefinitionName, key: &Arc<str>) -> Option<&Alarm> {
        self.alarms.get(self.tests.get(&(definition.clone(), Arc::clone(key)))?)
    }

    /// The alarm of whose tests this is one: the one that stands, or the last.
    pub fn tested(&self, occurrence: OccurrenceNumber) -> Option<&Alarm> {
        let is = |alarm: &&Alarm| {
            alarm.open.as_ref().is_some_and(|open| open.number == occurrence)
                || alarm.last.as_ref().is_some_and(|last| last.number == occurrence)
        };
        self.tests.values().filter_map(|number| self.alarms.get(number)).find(is)
    }
}

impl Draft<'_> {
    /// What the definitions make of a signal is done, as a test.
    pub(super) fn test(&mut self, test: &Test) -> Outcome {
        if !self.site.people.contains_key(&test.person) {
            return Outcome::Refused(Refusal(format!("no person is called `{}`", test.person)));
        }
        let site = self.site;
        let (mut begun, mut said) = (Vec::new(), Vec::new());
        for definition in site.definitions.select(&test.signal) {
            match self.test_of(definition, test) {
                Ok((occurrence, words)) => {
                    begun.push(occurrence);
                    said.push(words);
                }
                Err(why) => said.push(format!("`{}`: {why}", definition.name)),
            }
        }
        if said.is_empty() {
            said = self.why_nobody_selects(&test.signal);
        }
        let said = said.join("\n");
        if begun.is_empty() {
            Outcome::Refused(Refusal(said))
        } else {
            Outcome::Testing(begun, said)
        }
    }

    fn test_of(
        &mut self,
        definition: &Definition,
        test: &Test,
    ) -> Result<(OccurrenceNumber, String), String> {
        let reading = definition.read(&test.signal);
        let (priority, text) = match reading.condition {
            Reported::Active { priority, text } | Reported::Event { priority, text } => {
                (priority, text)
            }
            Reported::Normal => return Err("selected, and normal all the same".to_owned()),
            Reported::Unchanged => {
                return Err("selected, and neither `active` nor `normal` holds".to_owned());
            }
            Reported::Unreadable(why) => {
                return Err(format!("selected, and not understood: {why}"));
            }
        };
        let text: Arc<str> = Arc::from(format!("{TEST}{text}"));
        let activation = self.activation(definition, priority, Arc::clone(&text), true);
        let Some(policy) = activation.policy.and_then(|number| self.state.policy(number)) else {
            return Err("it has no `escalation`, nobody is called".to_owned());
        };
        let known = self.state.test_alarm(&definition.name, &reading.key);
        if let Some(open) = known.and_then(|alarm| alarm.open.as_deref()) {
            return Err(format!("a test of it runs already, #{}", open.number.0));
        }
        if !self.state.has_room(definition) {
            return Err("as many stand of it already as there is room for".to_owned());
        }
        let alarm = known
            .map_or_else(|| self.know_for_tests(definition, &reading.key), |alarm| alarm.number);
        let testing = Testing { by: test.person.clone(), until: self.now.wait(LONGEST_TEST) };
        let activation =
            Activation { latch: false, swap: None, testing: Some(Box::new(testing)), ..activation };
        let occurrence = self.open(alarm, activation);
        let (number, name) = (occurrence.0, &definition.name);
        Ok((
            occurrence,
            format!(
                "#{number} `{name}`, {}, escalation `{}`: {text}",
                priority.as_str(),
                policy.name
            ),
        ))
    }

    fn know_for_tests(
        &mut self,
        definition: &Definition,
        key: &Arc<str>,
    ) -> super::alarm::AlarmNumber {
        let alarm = self.next_alarm();
        let (definition, key) = (definition.name.clone(), Arc::clone(key));
        self.fact(Fact::AlarmKnown { alarm, definition, key, is_test: true });
        alarm
    }

    /// Why none does: those that look at its input come first.
    fn why_nobody_selects(&self, signal: &Signal) -> Vec<String> {
        let names =
            |definition: &&Definition| definition.from.iter().any(|from| from.names(signal));
        let (near, far): (Vec<&Definition>, Vec<&Definition>) =
            self.site.definitions.configured().partition(names);
        let all = near.into_iter().chain(far);
        let why = all.filter_map(|definition| {
            let why = definition.selects(signal).err()?;
            Some(format!("`{}` not selected: {why}", definition.name))
        });
        let mut said = vec![format!(
            "no alarm definition selects {} ({}), so nobody would be called",
            signal.source, signal.input
        )];
        said.extend(why.take(EXPLAINED));
        said
    }

    /// All of its ladder was climbed, and the last rung reached nobody. If none did, there is nobody to wait for.
    pub(super) fn test_climbed(&mut self, open: &Occurrence, at: Position) {
        let rung = Rung::Skipped { at };
        self.fact(Fact::Climbed { occurrence: open.number, rung, ladder: Ladder::Still });
        if open.told.is_empty() {
            self.close(open);
        }
    }

    /// A test has lasted long enough. Those who were told, and those who hold it, are told.
    pub(super) fn test_over(&mut self, open: &Occurrence) {
        for person in self.audience(open) {
            self.tell_news(open, &person, News::TestOver);
        }
        self.close(open);
    }
}
