//! The modems and the people: two simulated modems on pseudo-terminals, and three persons who read what leaves them and answer late,
//! wrongly, in vain or never; Léa, whom the last resort calls, answers most of the time.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Runtime;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use vigie::host::simulated_modem::{Control, SimulatedModem};
use vigie_gsm::simulator::{Modem, Profile, Sent};

use crate::chance::Chance;
use crate::site::{KARIM, LEA, MARIE};

/// A call that leaves so soon after somebody has taken the alarm was under way.
const UNDER_WAY: Duration = Duration::from_secs(60);

/// What happened on the phones.
#[derive(Default)]
pub(crate) struct Phones {
    pub(crate) messages: u64,
    pub(crate) answers: u64,
    /// Alarms of which a phone was told, by the number in their text.
    pub(crate) told: BTreeMap<u64, Instant>,
    /// When it was said that somebody has one.
    taken: HashMap<u64, Instant>,
    /// Calls about what somebody had taken long before.
    pub(crate) needless: Vec<String>,
}

/// What kind of modems they are.
fn profile() -> Profile {
    let (per_message, report_after) = (Duration::from_millis(200), Duration::from_millis(500));
    Profile { per_message, report_after, slots: 30, ..Profile::default() }
}

/// Another one of their kind, which nothing is wrong with.
pub(crate) fn another(now: Duration) -> Modem {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let began = since_1970.unwrap_or_default().saturating_sub(now).as_secs();
    Modem::new(Profile { epoch: i64::try_from(began).unwrap_or(0), ..profile() }, now)
}

/// What the modems and the people run on.
pub(crate) struct Town {
    pub(crate) runtime: Runtime,
    pub(crate) modems: [Control; 2],
    pub(crate) devices: [std::path::PathBuf; 2],
    pub(crate) phones: Arc<Mutex<Phones>>,
}

impl Town {
    pub(crate) fn new(chance: Chance) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let modems = [(); 2].map(|()| {
            let modem = async { SimulatedModem::open(profile()) };
            runtime.block_on(modem).expect("a pseudo-terminal")
        });
        let devices = [0, 1].map(|modem: usize| modems[modem].device().to_owned());
        let controls = [0, 1].map(|modem: usize| modems[modem].control());
        let phones = Arc::default();
        let person = Person { controls: controls.clone(), chance, phones: Arc::clone(&phones) };
        runtime.spawn(person.live(controls.each_ref().map(Control::sent)));
        for modem in modems {
            runtime.spawn(modem.run());
        }
        Self { runtime, modems: controls, devices, phones }
    }
}

/// Whoever reads and answers.
struct Person {
    controls: [Control; 2],
    chance: Chance,
    phones: Arc<Mutex<Phones>>,
}

impl Person {
    async fn live(mut self, [mut one, mut other]: [Receiver<Sent>; 2]) {
        let mut due: Vec<(Instant, &'static str, String)> = Vec::new();
        loop {
            let next = due.iter().map(|(at, ..)| *at).min();
            let pause = next.map_or(Duration::from_secs(3_600), |at| {
                at.saturating_duration_since(Instant::now())
            });
            let sent = tokio::select! {
                sent = one.recv() => sent,
                sent = other.recv() => sent,
                () = tokio::time::sleep(pause) => {
                    let now = Instant::now();
                    let ready: Vec<_> = due.extract_if(.., |(at, ..)| *at <= now).collect();
                    for (_, from, text) in ready {
                        self.send(from, &text).await;
                    }
                    continue;
                }
            };
            match sent {
                Ok(sent) => due.extend(self.reads(&sent)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }

    async fn send(&mut self, from: &str, text: &str) {
        let by = self.chance.below(2);
        self.phones.lock().expect("nobody panics with it").answers += 1;
        let _ = self.controls[by].deliver(from, text).await;
    }

    /// A message arrives: what its reader will answer, and when.
    fn reads(&mut self, sent: &Sent) -> Option<(Instant, &'static str, String)> {
        let to = sent.to.to_string();
        self.phones.lock().expect("nobody panics with it").note(&to, &sent.text);
        let person = [MARIE, KARIM, LEA].into_iter().find(|person| *person == to)?;
        let (code, to_confirm) = asked(&sent.text)?;
        let often = match person {
            LEA => 950,
            KARIM => 700,
            _ => 500,
        };
        if !self.chance.per_mille(often) {
            return None;
        }
        let text = match self.chance.below(100) {
            _ if to_confirm => format!("{code} fin"),
            // Behind Léa nobody is left.
            0..4 if person != LEA => format!("{code} NON"),
            4..6 => format!("merci, {code} ?"),
            6..8 => "LISTE".to_owned(),
            8..11 => format!("{code} FIN"),
            _ => code,
        };
        let after = self.chance.between(Duration::from_millis(500), Duration::from_secs(8));
        Some((Instant::now() + after, person, text))
    }
}

impl Phones {
    fn note(&mut self, to: &str, text: &str) {
        self.messages += 1;
        let Some(number) = numbered(text) else { return };
        let now = Instant::now();
        self.told.entry(number).or_insert(now);
        // What many say together was under way longer, and one of them may be open still.
        if text.contains("alarmes") {
            return;
        }
        if text.starts_with("Pris en charge") {
            self.taken.entry(number).or_insert(now);
        }
        let is_call = text.contains(" Répondez ");
        let taken = self.taken.get(&number).filter(|_| is_call);
        if taken.is_some_and(|taken| now.duration_since(*taken) > UNDER_WAY) {
            self.needless.push(format!("{to}: {text}"));
        }
    }
}

/// The number that the text of an alarm bears: `Pompe 17 n345`.
fn numbered(text: &str) -> Option<u64> {
    let mut words = text.split(|letter: char| !letter.is_alphanumeric());
    words.find_map(|word| word.strip_prefix('n')?.parse().ok())
}

/// The code that a message asks for, and whether it asks whether something is dealt with.
fn asked(text: &str) -> Option<(String, bool)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_code = |word: &&&str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let last = words.last()?;
    if let Some(code) = Some(last).filter(is_code) {
        let verb = words.get(words.len().checked_sub(2)?)?;
        return verb.to_lowercase().starts_with("répondez").then(|| ((*code).to_owned(), false));
    }
    let code = words.get(words.len().checked_sub(2)?).filter(is_code)?;
    (*last == "FIN").then(|| ((*code).to_owned(), true))
}
