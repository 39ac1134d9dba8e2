//! The people: they read what comes on their phones, and answer late, wrongly, twice or never, in
//! the night; at dawn they do what they should. They know nothing but what they have read.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::chance::Chance;
use crate::site::{PEOPLE, STRANGER};
use crate::world::{Happens, World};

/// A code as it stands in a message, and what the message asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    pub(crate) code: String,
    pub(crate) to_confirm: bool,
}

/// What a message asks its reader to send back, if anything: as somebody half asleep reads it.
pub(crate) fn asked(text: &str) -> Option<Asked> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_code = |word: &str| word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let last = words.last()?;
    if is_code(last) {
        let verb = *words.get(words.len().checked_sub(2)?)?;
        let to_confirm = matches!(verb, "FIN" | "DONE");
        let to_take = matches!(verb, "Répondez" | "Reply" | "répondez" | "reply");
        return (to_confirm || to_take).then(|| Asked { code: (*last).to_owned(), to_confirm });
    }
    let code = *words.get(words.len().checked_sub(2)?)?;
    (matches!(*last, "FIN" | "DONE") && is_code(code))
        .then(|| Asked { code: code.to_owned(), to_confirm: true })
}

/// What a message is about: `gate 1`.
fn subject(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let place = words.iter().position(|word| *word == "is");
    place.and_then(|place| words.get(place.checked_sub(2)?..place)).unwrap_or_default().join(" ")
}

/// What somebody else than the holder must confirm, or must while its group is swapped.
const FOUR_EYES: [&str; 3] = ["gate", "tap", "heater"];

/// What a message about many alarms is about.
const DIGEST: &str = "many";

/// Whether a message is about many alarms: "12 alarmes ...".
fn is_digest(text: &str) -> bool {
    text.split_whitespace().take(4).any(|word| matches!(word, "alarmes" | "alarms"))
}

/// How somebody is in this night.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mood {
    Diligent,
    Slow,
    Sloppy,
    Asleep,
    /// Answers that they cannot, whatever it is.
    Unable,
}

#[derive(Debug)]
pub(crate) struct People {
    moods: Vec<Mood>,
    /// The codes that people have seen of late, whoever they are for.
    seen: Vec<String>,
    /// The latest code of each person for each thing that is wrong.
    known: BTreeMap<(String, String), String>,
}

impl People {
    pub(crate) fn new(chance: &mut Chance, calm: bool) -> Self {
        let moods = if calm {
            [Mood::Diligent, Mood::Diligent, Mood::Slow, Mood::Sloppy, Mood::Sloppy]
        } else {
            [Mood::Diligent, Mood::Diligent, Mood::Slow, Mood::Sloppy, Mood::Asleep]
        };
        // Now and then nobody can come, and all of them say so.
        let nobody_can = !calm && chance.per_mille(120);
        let moods = if nobody_can { [Mood::Unable; 5] } else { moods };
        Self {
            moods: PEOPLE.iter().map(|_| *chance.pick(&moods)).collect(),
            seen: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// Everybody is up, and asks some time what stands: from whom nothing is heard, nobody knows whether anything reaches them.
    pub(crate) fn wake_up(&mut self, world: &mut World) {
        self.moods.fill(Mood::Diligent);
        for (_, phone) in PEOPLE {
            let wait = world.chance.seconds(3_600, 4 * 3_600);
            world.after(wait, Happens::Sends { phone: phone.to_owned(), text: "LISTE".to_owned() });
        }
    }

    /// A message comes: perhaps somebody does something about it.
    pub(crate) fn rings(&mut self, world: &mut World, phone: &str, text: &str) {
        let Some(person) = PEOPLE.iter().position(|(_, known)| *known == phone) else { return };
        let Some(asked) = asked(text) else {
            self.hears_who_has_it(world, person, phone, text);
            return;
        };
        let what = if is_digest(text) { DIGEST.to_owned() } else { subject(text) };
        self.known.insert((phone.to_owned(), what), asked.code.clone());
        self.seen.push(asked.code.clone());
        if self.seen.len() > 12 {
            self.seen.remove(0);
        }
        let mood = self.moods[person];
        let chance = &mut world.chance;
        let wait = match mood {
            Mood::Diligent => chance.seconds(20, 150),
            Mood::Slow => chance.seconds(120, 5_400),
            Mood::Sloppy => chance.seconds(10, 900),
            Mood::Unable => chance.seconds(20, 300),
            Mood::Asleep => return,
        };
        if mood != Mood::Diligent && chance.per_mille(250) {
            return;
        }
        let (phone, answer) = match mood {
            Mood::Diligent => (phone.to_owned(), asked.diligently(chance)),
            Mood::Unable => (phone.to_owned(), format!("{} NON", asked.code)),
            Mood::Slow | Mood::Sloppy | Mood::Asleep => self.somehow(chance, phone, &asked),
        };
        let twice = mood != Mood::Diligent && chance.per_mille(150);
        let again = wait + chance.seconds(5, 200);
        let send = Happens::Sends { phone, text: answer };
        world.after(wait, send.clone());
        if twice {
            world.after(again, send);
        }
    }

    /// Four eyes: a colleague has it, and somebody else must say that it is dealt with.
    fn hears_who_has_it(&mut self, world: &mut World, person: usize, phone: &str, text: &str) {
        // Many at once are not named: whoever was told of many answers for those.
        if text.starts_with("Alarmes: ") && self.moods[person] == Mood::Diligent {
            if let Some(code) = self.known.get(&(phone.to_owned(), DIGEST.to_owned())) {
                let wait = world.chance.seconds(60, 600);
                let text = format!("{code} FIN");
                world.after(wait, Happens::Sends { phone: phone.to_owned(), text });
            }
            return;
        }
        let colleague = ["Pris ", "Taken ", "Held "].iter().any(|begin| text.starts_with(begin));
        let subject = subject(text);
        let is_of_four_eyes = FOUR_EYES.iter().any(|name| subject.starts_with(name));
        if !colleague || !is_of_four_eyes || self.moods[person] != Mood::Diligent {
            return;
        }
        if let Some(code) = self.known.get(&(phone.to_owned(), subject)) {
            let wait = world.chance.seconds(60, 600);
            world.after(
                wait,
                Happens::Sends { phone: phone.to_owned(), text: format!("{code} FIN") },
            );
        }
    }

    /// An answer that may be wrong in every way in which people are.
    fn somehow(&mut self, chance: &mut Chance, phone: &str, asked: &Asked) -> (String, String) {
        let code = &asked.code;
        let mine = phone.to_owned();
        match chance.below(20) {
            0 => (mine, format!("{code} NON")),
            1 => (mine, format!("{code} FIN")),
            2 => (mine, format!("fin {code}")),
            3 => (mine, format!("{code} ?")),
            4 => (mine, "LISTE".to_owned()),
            5 => (mine, mistyped(chance, code)),
            6 => (mine, format!("{} FIN", mistyped(chance, code))),
            7 => (some_phone(chance), code.clone()),
            8 => (STRANGER.to_owned(), code.clone()),
            9 => (mine, chance.pick(&self.seen).clone()),
            10 => (mine, "je suis en route".to_owned()),
            11 => (mine, format!("ok {code}")),
            12 | 13 => (mine, format!("Masque {code} {}H", 1 + chance.below(6))),
            14 => (mine, format!("SWAP hvac {}", chance.pick(&["90min", "3H", "24H", "OFF"]))),
            15 => (mine, format!("prends duty {}H", 1 + chance.below(18))),
            _ => (mine, asked.diligently(chance)),
        }
    }
}

impl Asked {
    fn diligently(&self, chance: &mut Chance) -> String {
        let code = &self.code;
        match (self.to_confirm, chance.below(3)) {
            (true, 0) => format!("{code} done"),
            (true, _) => format!("{code} FIN"),
            (false, 0) => format!("{code} OK"),
            (false, 1) => format!("Acq {code}"),
            (false, _) => code.clone(),
        }
    }
}

fn some_phone(chance: &mut Chance) -> String {
    chance.pick(&PEOPLE).1.to_owned()
}

fn mistyped(chance: &mut Chance, code: &str) -> String {
    let place = chance.below(code.len());
    let digit = char::from(b'0' + u8::try_from(chance.below(10)).expect("a digit"));
    code.char_indices().map(|(at, old)| if at == place { digit } else { old }).collect()
}

/// How long after a night everybody has read what there is to read.
pub(crate) const MORNING: Duration = Duration::from_secs(15 * 3_600);
