//! Recorded modems: the scripts in `fixtures/gsm`, each a modem as it was met in the field and a night with it.
//!
//! Beyond what a script expects, nothing may happen: what was received, who rang up, restarts and the like count
//! once for each line that expects them, and the network has each text at most once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::night::{Night, submit, text_of};
use vigie_gsm::concatenation::{Assembly, Limits, Outcome};
use vigie_gsm::dialogue::{Event, Identity, Instant, Status};
use vigie_gsm::pdu::Incoming;
use vigie_gsm::simulator::{Act, Expectation, Owner, Profile, Script, When};

/// The captured messages, which are no modem.
const MESSAGES: &str = "messages.txt";

/// How often an expectation is looked at that has time.
const LOOK: f64 = 0.05;

#[test]
fn every_recorded_modem_does_in_its_night_what_its_script_expects() {
    let complaints: Vec<String> = modems().iter().filter_map(|file| played(file).err()).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn a_script_that_is_cut_anywhere_or_has_two_words_swapped_is_read_or_refused() {
    let (mut read, mut refused) = (0, 0);
    for file in modems() {
        let text = std::fs::read_to_string(&file).expect("it is there");
        let mut count = |text: &str| match Script::read(text) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        };
        for (at, _) in text.char_indices().step_by(5) {
            let (before, after) = text.split_at(at);
            count(before);
            count(after);
        }
        let words: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
        for at in (0..words.len() - 1).step_by(3) {
            let mut words = words.clone();
            words.swap(at, at + 1);
            count(&words.concat());
        }
    }
    assert!(read > 100 && refused > 100, "{read} and {refused}");
}

/// The files of all modems.
fn modems() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/gsm");
    let entries = std::fs::read_dir(&folder).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    let is_modem = |file: &Path| {
        file.extension().is_some_and(|kind| kind == "txt") && !file.ends_with(MESSAGES)
    };
    files.retain(|file| is_modem(file));
    assert!(!files.is_empty(), "nobody is there");
    files.sort();
    files
}

#[test]
fn a_line_that_cannot_be_read_is_told_with_its_number() {
    for (text, told) in [
        ("slots many", "line 1: `many` is no number of slots"),
        ("# a comment\nslots", "line 2: number of slots is missing"),
        ("maker X\nmaker Y", "line 2: `maker` was said before"),
        ("colour blue", "line 1: `colour` is no word that is known here"),
        ("boot 6 PB DONE", "line 1: `6` is no length of time, such as `5s`"),
        ("boot 6x PB DONE", "line 1: `6x` is no length of time, such as `5s`"),
        ("indications (0-2)", "line 1: `(0-2)` is no `+CNMI=?` with five groups"),
        ("---- night\nexpct ready", "line 2: `expct` is no word that is known here"),
        ("---- night\n\nexpect reddy", "line 3: `reddy` is no word that is known here"),
        ("---- night\nexpect ready within 5", "line 2: `5` is no length of time, such as `5s`"),
        ("---- night\nat 5s", "line 2: what happens is missing"),
        ("---- night\nmute", "line 2: the length of time is missing"),
        ("---- night\npdu 0G", "line 2: `0G` is no PDU in hexadecimal"),
        ("---- night\ndeliver +33612345678", "line 2: the text is missing"),
    ] {
        let error = Script::read(text).expect_err(text);
        assert_eq!(error.to_string(), told, "{text}");
    }
}

#[test]
fn quotation_marks_protect_a_text_and_what_is_no_comment_is_kept() {
    let script = "---- night\nsubmit \"4711 # 5 within 6s\" # five\nsay #STN: 1\nexpect received \"a within 5s\"";
    let script = Script::read(script).expect("it is well written");
    let acts: Vec<String> = script.night.iter().map(|step| format!("{:?}", step.act)).collect();
    assert_eq!(
        acts,
        [
            "Owner(Submit { text: \"4711 # 5 within 6s\", report: false })",
            "Modem(Say(\"#STN: 1\"))",
            "Expect(Received(\"a within 5s\", 1), 0ns)",
        ]
    );
}

#[test]
fn what_no_line_expects_is_told_at_the_end_of_the_night() {
    let night = |lines: &str| {
        let script = format!("boot 0s RDY\n---- night\nexpect ready within 5s\n{lines}\n");
        let script = Script::read(&script).expect("it is well written");
        Player::play(&script).expect_err("something is not as it should be")
    };
    let told = night("deliver +33612345678 4711\nafter 1s expect slots 0");
    assert!(told.contains("nobody expected received \"4711\""), "{told}");
    let told = night("reset\nexpect ready within 5s");
    assert!(told.contains("nobody expected Restarted"), "{told}");
    let told = night("deliver +33612345678 4711\nafter 1s expect received \"4712\"");
    assert!(told.starts_with("5: not so: Received(\"4712\", 1)"), "{told}");
    let told = night("at 0s expect slots 0");
    assert!(told.starts_with("4: that time is past"), "{told}");
    let script = Script::read("---- night\nreset").expect("it is well written");
    assert_eq!(Player::play(&script), Err("0: it expects nothing".to_owned()));
}

/// Plays a file; the error names it and the line.
fn played(file: &Path) -> Result<(), String> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
    let script = Script::read(&text).map_err(|error| format!("{name}: {error}"))?;
    Player::play(&script).map_err(|complaint| format!("{name}:{complaint}"))
}

/// A night, and what of it was expected.
struct Player {
    night: Night,
    start: Instant,
    submitted: Vec<String>,
    /// How often something happened that a line must expect.
    happened: BTreeMap<String, usize>,
    expected: BTreeMap<String, usize>,
    /// What was told last.
    identity: Identity,
    status: Option<Status>,
    signal: Option<i16>,
    operator: Option<String>,
    unknown_lines: u64,
    /// The reports, by their references.
    reports: Vec<u8>,
    assembly: Assembly<()>,
    seen: usize,
}

impl Player {
    fn new(profile: Profile) -> Self {
        let night = Night::new(profile);
        Self {
            start: night.now,
            night,
            submitted: Vec::new(),
            happened: BTreeMap::new(),
            expected: BTreeMap::new(),
            identity: Identity::default(),
            status: None,
            signal: None,
            operator: None,
            unknown_lines: 0,
            reports: Vec::new(),
            assembly: Assembly::new(Limits::default()),
            seen: 0,
        }
    }

    fn play(script: &Script) -> Result<(), String> {
        if !script.night.iter().any(|step| matches!(step.act, Act::Expect(..))) {
            return Err("0: it expects nothing".to_owned());
        }
        let mut player = Self::new(script.profile.clone());
        let mut last = 0;
        for step in &script.night {
            last = step.line;
            player
                .wait(step.when)
                .and_then(|()| player.act(&step.act))
                .map_err(|complaint| format!("{}: {complaint}", step.line))?;
        }
        player.end().map_err(|complaint| format!("{last}: {complaint}"))
    }

    fn wait(&mut self, when: When) -> Result<(), String> {
        let length = match when {
            When::Now => Duration::ZERO,
            When::After(length) => length,
            When::At(at) => {
                let passed = self.night.now - self.start;
                at.checked_sub(passed).ok_or(format!("that time is past: it is {passed:?}"))?
            }
        };
        self.pass(length.as_secs_f64());
        Ok(())
    }

    fn pass(&mut self, seconds: f64) {
        self.night.pass(seconds);
        let news = self.night.events.get(self.seen..).unwrap_or_default().to_vec();
        self.seen += news.len();
        for event in news {
            self.note(event);
        }
    }

    fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Modem(control) => {
                let obeyed = self.night.modem.obey(control, self.night.now);
                obeyed.map_err(|error| error.to_string())?;
            }
            Act::Owner(Owner::Submit { text, report }) => {
                let ticket = u64::try_from(self.submitted.len()).expect("few texts");
                let taken = self.night.dialogue.submit(ticket, submit(text, *report));
                taken.map_err(|error| error.to_string())?;
                self.submitted.push(text.clone());
            }
            Act::Owner(Owner::Keep) => self.night.deletes = false,
            Act::Owner(Owner::Delete) => {
                self.night.deletes = true;
                for slot in self.night.slots() {
                    self.night.dialogue.delete(slot);
                }
            }
            Act::Expect(expectation, within) => return self.expect(expectation, *within),
        }
        self.pass(0.0);
        Ok(())
    }

    fn expect(&mut self, expectation: &Expectation, within: Duration) -> Result<(), String> {
        let until = self.night.now + within;
        loop {
            let Err(instead) = self.holds(expectation) else { return Ok(()) };
            if self.night.now >= until {
                return Err(format!("not so: {expectation:?}, but {instead}"));
            }
            self.pass(LOOK);
        }
    }

    fn happens(&mut self, what: String) {
        *self.happened.entry(what).or_default() += 1;
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Ready(identity) => {
                self.identity = identity;
                self.happens("Ready".to_owned());
            }
            Event::Registration(registration) => self.status = Some(registration.status),
            Event::Signal(signal) => self.signal = signal,
            Event::Operator { name, .. } => self.operator = Some(name),
            Event::Received { pdu, .. } | Event::DirectReport { pdu } => self.note_pdu(&pdu),
            Event::Called { caller } => {
                self.happens(format!("called {}", caller.as_deref().unwrap_or("withheld")));
            }
            Event::Sent { ticket, .. } => self.ended("sent", ticket),
            Event::Refused { ticket, .. } => self.ended("refused", ticket),
            Event::Unknown { ticket, .. } => self.ended("unknown", ticket),
            Event::NotSubmitted { ticket, .. } => self.ended("not-submitted", ticket),
            Event::Noise { lines, .. } => self.unknown_lines += lines,
            Event::Submitting { .. } | Event::SimOpen => {}
            Event::StorageFull { .. } => self.happens("Full".to_owned()),
            event @ (Event::Restarted
            | Event::Mute
            | Event::Unreadable { .. }
            | Event::DirectMessage { .. }
            | Event::PinWanted { .. }
            | Event::NetworkTold(_)
            | Event::SimPin(_)) => self.happens(format!("{event:?}")),
        }
    }

    fn ended(&mut self, how: &str, ticket: u64) {
        self.happens(format!("{how} {:?}", self.text(ticket)));
    }

    /// A message, when all its parts are here, or a report.
    fn note_pdu(&mut self, pdu: &[u8]) {
        match Incoming::decode(pdu) {
            Ok(Incoming::Deliver(deliver)) => {
                for outcome in self.assembly.accept(deliver, (), self.night.now) {
                    if let Outcome::Message(message) = outcome {
                        self.happens(format!("received {:?}", message.text));
                    }
                }
            }
            Ok(Incoming::StatusReport(report)) => self.reports.push(report.reference),
            Ok(Incoming::Submit(_)) | Err(_) => {
                self.happens(format!("received {:?}", text_of(pdu)));
            }
        }
    }

    fn text(&self, ticket: u64) -> &str {
        let at = usize::try_from(ticket).expect("few texts");
        self.submitted.get(at).map_or("", String::as_str)
    }

    /// Whether it is so; if not, what is instead. What counts once for each line is counted.
    fn holds(&mut self, expectation: &Expectation) -> Result<(), String> {
        match expectation {
            Expectation::Ready => self.once("Ready"),
            Expectation::Restarted => self.once("Restarted"),
            Expectation::Mute => self.once("Mute"),
            Expectation::Full => self.once("Full"),
            Expectation::Received(text, times) => {
                self.counted(&format!("received {text:?}"), *times)
            }
            Expectation::Sent(text) => {
                let taken = self.night.modem.sent().iter().any(|sent| sent.text == *text);
                same(true, taken).and_then(|()| self.once(&format!("sent {text:?}")))
            }
            Expectation::Unknown(text) => self.once(&format!("unknown {text:?}")),
            Expectation::Refused(text) => self.once(&format!("refused {text:?}")),
            Expectation::NotSubmitted(text) => self.once(&format!("not-submitted {text:?}")),
            Expectation::Called(caller) => {
                self.once(&format!("called {}", caller.as_deref().unwrap_or("withheld")))
            }
            Expectation::Reported(text) => self.reported(text),
            Expectation::Registration(status) => same(Some(*status), self.status),
            Expectation::Signal(signal) => same(Some(*signal), self.signal),
            Expectation::Operator(name) => same(Some(name), self.operator.as_ref()),
            Expectation::Maker(maker) => same(maker, &self.identity.manufacturer),
            Expectation::Model(model) => same(model, &self.identity.model),
            Expectation::Revision(revision) => same(revision, &self.identity.revision),
            Expectation::Announces(how) => same(how, &self.announces()),
            Expectation::Memories(names) => {
                let memories: Vec<String> =
                    self.identity.memories.iter().map(ToString::to_string).collect();
                same(names, &memories.join(" "))
            }
            Expectation::Lacking(names) => {
                let lacking = self.identity.lacking.join(" ");
                same(names.as_str(), if lacking.is_empty() { "nothing" } else { &lacking })
            }
            Expectation::Slots(slots) => same(*slots, self.night.modem.slots_used()),
            Expectation::Held(held) => same(*held, self.night.modem.held()),
            Expectation::Understood => same(0, self.unknown_lines),
        }
    }

    fn once(&mut self, what: &str) -> Result<(), String> {
        self.counted(what, 1)
    }

    fn counted(&mut self, what: &str, times: usize) -> Result<(), String> {
        let happened = self.happened.get(what).copied().unwrap_or_default();
        let expected = self.expected.entry(what.to_owned()).or_default();
        if *expected + times > happened {
            return Err(format!("{:?}", self.happened));
        }
        *expected += times;
        Ok(())
    }

    /// The report bears the reference of the message that has this text.
    fn reported(&self, text: &str) -> Result<(), String> {
        let of_text = |event: &Event| match event {
            Event::Sent { ticket, reference } if self.text(*ticket) == text => Some(*reference),
            _ => None,
        };
        match self.night.events.iter().find_map(of_text) {
            Some(reference) if self.reports.contains(&reference) => Ok(()),
            reference => Err(format!("{reference:?} is not in {:?}", self.reports)),
        }
    }

    fn announces(&self) -> String {
        let how = |indication: vigie_gsm::dialogue::Indication| {
            let vigie_gsm::dialogue::Indication { mode, mt, ds, bfr } = indication;
            format!("{mode},{mt},0,{ds},{bfr}")
        };
        self.identity.indication.map_or_else(|| "nothing".to_owned(), how)
    }

    fn end(&self) -> Result<(), String> {
        for (what, times) in &self.happened {
            if self.expected.get(what) != Some(times) {
                return Err(format!("nobody expected {what}, or not so often: {times}"));
            }
        }
        for sent in self.night.modem.sent() {
            let times = self.night.modem.sent().iter().filter(|one| one.text == sent.text).count();
            if times > 1 {
                return Err(format!("the network has {:?} {times} times", sent.text));
            }
        }
        Ok(())
    }
}

fn same<V: PartialEq + std::fmt::Debug>(wanted: V, found: V) -> Result<(), String> {
    if wanted == found { Ok(()) } else { Err(format!("{found:?}")) }
}
