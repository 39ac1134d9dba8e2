//! Many messages as one (behaviour §5): a call that is gathered is a call, and a digest stands for exactly those that it
//! lists. When it is gathered, and when it leaves, is Vigie's to choose.

use std::collections::BTreeSet;

use vigie::watch::alarm::OccurrenceNumber;
use vigie::watch::decision::Fact;
use vigie::watch::notification::{Ending, Notification, NotificationId};
use vigie::watch::storm::{Kind, Storming};
use vigie::watch::time::Moment;

use super::Model;
use super::answers::Binding;
use super::ladder::kind;

impl Model {
    /// Whose gathering this entry looks at: what is owed to them by it was called for before.
    pub(super) fn looked_at(facts: &[Fact]) -> BTreeSet<String> {
        let swept = facts.iter().filter_map(|fact| match fact {
            Fact::Storm(Storming::Swept { person, .. }) => Some(person.to_string()),
            _ => None,
        });
        swept.collect()
    }

    pub(super) fn storming(
        &mut self,
        storming: &Storming,
        called: &mut BTreeSet<(OccurrenceNumber, String)>,
    ) {
        match storming {
            Storming::Gathered { person, kind, occurrence, run, .. } => {
                self.waits.gathered.insert((person.to_string(), *occurrence, *run, *kind));
                if matches!(kind, Kind::Ask | Kind::Inform) && self.is_by_the_ladder(*occurrence) {
                    called.insert((*occurrence, person.to_string()));
                }
            }
            Storming::Swept { person, kind: swept @ (Kind::Ask | Kind::Confirm) } => {
                let person = person.to_string();
                let gathered = std::mem::take(&mut self.waits.gathered);
                self.waits.gathered = gathered
                    .into_iter()
                    .filter(|(who, occurrence, run, kind)| {
                        let is_swept = *who == person && kind == swept;
                        !is_swept || self.still_asks(*occurrence, *run, who, *kind)
                    })
                    .collect();
            }
            Storming::Dropped { person } => {
                let person = person.to_string();
                self.waits.gathered.retain(|(who, ..)| *who != person);
            }
            // What is asked anew is owed by no message of before: that the model knows by itself.
            Storming::Withdrawn { .. }
            | Storming::Struck { .. }
            | Storming::Swept { kind: Kind::Remind | Kind::Inform, .. }
            | Storming::Heard { .. }
            | Storming::Due { .. }
            | Storming::Left { .. }
            | Storming::Told { .. } => {}
        }
    }

    /// What is owed is not gathered any more, and the code of a digest is for all that it lists.
    pub(super) fn digested(&mut self, owed: &Notification) {
        let person = owed.person.to_string();
        if let Some(kind) = kind(owed) {
            let about: BTreeSet<_> = owed.about().map(|member| member.occurrence).collect();
            let told = |(who, occurrence, _, gathered): &(String, OccurrenceNumber, u32, Kind)| {
                *who == person && *gathered == kind && about.contains(occurrence)
            };
            self.waits.gathered.retain(|entry| !told(entry));
        }
        let Some(digest) = &owed.digest else { return };
        for member in digest.members.iter() {
            let run = self.run_of(Some(member.occurrence));
            let told_late = digest.kind == Kind::Inform || run == member.run;
            assert!(told_late, "[a digest lists what stands] {member:?}, and it is run {run}");
        }
        let Some(code) = digest.code.map(|code| code.to_string()) else { return };
        let about: Vec<_> =
            digest.members.iter().map(|member| (member.occurrence, member.run)).collect();
        self.replaced.retain(|_, replaced| *replaced != code);
        let binding = Binding::of_many(&person, about);
        let old = self.codes.insert(code.clone(), binding.clone());
        let free = old.as_ref().is_none_or(|old| old.is_dead() || old.is_for_the_same(&binding));
        assert!(free, "[a code is one person's] {code} for {binding:?}: it is {old:?}");
    }

    /// A digest that was worded anew before any modem had it: its code goes on until the next one is.
    pub(super) fn worded_anew(&mut self, id: NotificationId, ending: Ending, now: Moment) {
        let Some(note) = self.notes.get(&id.0) else { return };
        let unsent = ending == Ending::Cancelled && !note.attempted;
        let Some(code) = note.code.clone().filter(|_| unsent) else { return };
        let former = self.replaced.insert(note.person.clone(), code.clone());
        if let Some(former) = former.filter(|former| *former != code)
            && let Some(binding) = self.codes.get_mut(&former)
        {
            binding.dies(now.utc);
        }
    }
}
