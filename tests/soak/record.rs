//! The record, read when all is over: who was told of what, and whether anybody was called about what somebody had taken.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vigie::journal::{Entry, Reader};
use vigie::watch::decision::Fact;
use vigie::watch::notification::Purpose;

use crate::site::CALLING;

/// The number in a text is among so many words.
const FIRST_WORDS: usize = 5;

/// What the record says.
#[derive(Default)]
pub(crate) struct Story {
    pub(crate) entries: u64,
    /// Occurrences of which somebody must be told, by the text with which they opened.
    pub(crate) opened: BTreeMap<u64, String>,
    /// Those of which the network has taken a message.
    told: BTreeSet<u64>,
    /// Those that somebody has, now.
    held: BTreeSet<u64>,
    /// Those that are over.
    closed: BTreeSet<u64>,
    pub(crate) acknowledged: u64,
    /// What each message is about, and whether it asks for an answer.
    about: BTreeMap<u64, (bool, Vec<u64>)>,
    /// Which alarms are of definitions that call.
    calling: BTreeSet<u64>,
    /// Attempts at calls about nothing that anybody need answer.
    pub(crate) needless: Vec<String>,
    /// Numbers that are in the texts of occurrences, opened or activated again.
    pub(crate) numbers: BTreeSet<u64>,
}

#[derive(serde::Deserialize)]
struct Body {
    facts: Vec<Fact>,
}

impl Story {
    /// Reads it from behind that entry on.
    pub(crate) fn of(store: &Path, behind: u64) -> Self {
        let mut lines = Lines { story: Self::default(), rest: Vec::new() };
        let reader = Reader::open(store).expect("the store that the daemon has left");
        reader.export(behind + 1, &mut lines).expect("a record that can be read");
        lines.story
    }

    /// Occurrences that are over, or not, and of which nobody was ever told.
    pub(crate) fn untold(&self) -> Vec<String> {
        let untold = self.opened.iter().filter(|(number, _)| !self.told.contains(number));
        untold.map(|(number, text)| format!("#{number} {text}")).collect()
    }

    fn take(&mut self, line: &[u8]) {
        let entry = Entry::read(line).expect("an entry of the fixed form");
        self.entries += 1;
        let body: Body = serde_json::from_str(entry.body).expect("a body");
        for fact in body.facts {
            self.note(entry.seq, fact);
        }
    }

    /// Of some fifty kinds of facts these concern who is told, and the others are passed over without being named: a new kind by which
    /// people are told of alarms shows by itself, as alarms of which nobody was told.
    fn note(&mut self, seq: u64, fact: Fact) {
        match fact {
            Fact::AlarmKnown { alarm, definition, .. }
                if CALLING.contains(&definition.as_str()) =>
            {
                self.calling.insert(alarm.0);
            }
            Fact::Opened { alarm, occurrence, activation, .. } => {
                self.numbers.extend(numbered(&activation.text));
                if self.calling.contains(&alarm.0) {
                    self.opened.insert(occurrence.0, activation.text.to_string());
                }
            }
            Fact::Reactivated { activation, .. } | Fact::Graded { activation, .. } => {
                self.numbers.extend(numbered(&activation.text));
            }
            Fact::Staged { occurrence, stage, .. } if stage.is_unacknowledged() => {
                self.held.remove(&occurrence.0);
            }
            Fact::Staged { occurrence, .. } => {
                self.acknowledged += u64::from(self.held.insert(occurrence.0));
                // Who has it was told, even by a message whose modem died before it could say so.
                self.told.insert(occurrence.0);
            }
            Fact::Closed { occurrence } => {
                self.closed.insert(occurrence.0);
            }
            Fact::Owed { notification } => {
                let digest = notification.digest.iter().flat_map(|digest| digest.members.iter());
                let about = digest.map(|member| member.occurrence).chain(notification.occurrence);
                let about = about.map(|number| number.0).collect();
                let is_call = notification.purpose == Purpose::Call;
                self.about.insert(notification.id.0, (is_call, about));
            }
            Fact::Attempted { notification, .. } => {
                let Some((true, about)) = self.about.get(&notification.0) else { return };
                let is_over =
                    |number: &u64| self.held.contains(number) || self.closed.contains(number);
                if about.iter().all(is_over) {
                    self.needless
                        .push(format!("entry {seq}: message {} about {about:?}", notification.0));
                }
            }
            Fact::Sent { notification, .. } => {
                let about = self.about.get(&notification.0).map(|(_, about)| about.clone());
                self.told.extend(about.unwrap_or_default());
            }
            _ => {}
        }
    }
}

/// The number in the text of an alarm: `Pompe 17 n345`.
fn numbered(text: &str) -> Option<u64> {
    text.split(' ').take(FIRST_WORDS).find_map(|word| word.strip_prefix('n')?.parse().ok())
}

/// Takes what is exported line by line, however long it is.
struct Lines {
    story: Story,
    rest: Vec<u8>,
}

impl std::io::Write for Lines {
    fn write(&mut self, said: &[u8]) -> std::io::Result<usize> {
        self.rest.extend_from_slice(said);
        let rest = std::mem::take(&mut self.rest);
        let mut left = &rest[..];
        while let Some(end) = left.iter().position(|byte| *byte == b'\n') {
            self.story.take(&left[..end]);
            left = &left[end + 1..];
        }
        self.rest = left.to_vec();
        Ok(said.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
