//! What people read of the daily sign of life: one short message that says that Vigie watches, what stands open, and what is wrong
//! with Vigie itself.

use super::digests::plural;
use super::{SHORT, Wording, cut, hinted};

/// A site's name is cut to so many letters: what stands open needs the room.
const NAME: usize = 40;

/// What there is to say.
#[derive(Clone, Debug, Default)]
pub(in crate::watch) struct Life {
    /// How many alarms of the site stand open.
    pub(in crate::watch) open: usize,
    /// Of how many of these nobody has answered.
    pub(in crate::watch) unanswered: usize,
    /// How many are present and kept quiet.
    pub(in crate::watch) hidden: usize,
    /// The texts of what is wrong with Vigie itself, the worst first.
    pub(in crate::watch) faults: Vec<String>,
}

impl Wording<'_> {
    /// "Vigie veille, Station Nord, 07:30: 2 alarmes, 1 sans réponse. Chez Vigie, 1 défaut: Modem gsm.orange sans réseau"
    pub(in crate::watch) fn life_sign(&self, life: &Life) -> String {
        let Life { open, unanswered, hidden, faults } = life;
        let (site, time) = (cut(&self.site.name, NAME), self.time(self.now));
        let count = faults.len();
        let head = self.say(
            || {
                let open = match open {
                    0 => "aucune alarme".to_owned(),
                    _ => plural(*open, "alarme", "alarmes"),
                };
                let unanswered = some(*unanswered, || format!(", {unanswered} sans réponse"));
                let hidden =
                    some(*hidden, || format!(", {}", plural(*hidden, "masquée", "masquées")));
                let faults = match count {
                    0 => ", aucun défaut.".to_owned(),
                    _ => format!(". Chez Vigie, {}: ", plural(count, "défaut", "défauts")),
                };
                format!("Vigie veille, {site}, {time}: {open}{unanswered}{hidden}{faults}")
            },
            || {
                let open = match open {
                    0 => "no alarm".to_owned(),
                    _ => plural(*open, "alarm", "alarms"),
                };
                let unanswered = some(*unanswered, || format!(", {unanswered} unanswered"));
                let hidden = some(*hidden, || format!(", {hidden} kept quiet"));
                let faults = match count {
                    0 => ", no fault.".to_owned(),
                    _ => format!(". In Vigie, {}: ", plural(count, "fault", "faults")),
                };
                format!("Vigie watches, {site}, {time}: {open}{unanswered}{hidden}{faults}")
            },
        );
        let mut named = String::new();
        for fault in faults {
            let next = format!("{}{}", if named.is_empty() { "" } else { "; " }, hinted(fault));
            if letters(&head).saturating_add(letters(&named)).saturating_add(letters(&next)) > SHORT
            {
                break;
            }
            named.push_str(&next);
        }
        let text = format!("{head}{named}");
        text.trim_end_matches([' ', ':']).to_owned()
    }
}

fn some(count: usize, said: impl FnOnce() -> String) -> String {
    if count == 0 { String::new() } else { said() }
}

/// As many as a short message has room for: some letters take the room of two.
fn letters(text: &str) -> usize {
    let double = |letter: &char| "^{}\\[~]|€".contains(*letter);
    text.chars().count().saturating_add(text.chars().filter(double).count())
}
