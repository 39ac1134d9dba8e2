//! The site over which the nights are played: what its author meant, and the file that says so.
//!
//! The checker reads the meaning, Vigie reads the file.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use vigie::watch::site::Site;

const MINUTE: Duration = Duration::from_secs(60);

/// Everybody who can be called, with their number.
pub(crate) const PEOPLE: [(&str, &str); 4] = [
    ("marie", "+33612345601"),
    ("karim", "+33612345602"),
    ("lea", "+33612345603"),
    ("paul", "+33612345604"),
];
/// The one whose number the changed files do not know: frozen ladders call them in vain.
const UNREACHABLE: &str = "paul";
/// A transmitter that sends its alarms by SMS.
pub(crate) const TRANSMITTER: &str = "+33700000001";
/// Somebody whom nobody knows.
pub(crate) const STRANGER: &str = "+33799999999";
pub(crate) const MODEMS: [&str; 2] = ["gsm.orange", "gsm.free"];
/// The modem that is tried, and the one to which its messages go.
pub(crate) const TRIED: (usize, usize) = (0, 1);
/// The numbers of their SIMs.
pub(crate) const NUMBERS: [&str; 2] = ["+33700000011", "+33700000012"];
/// The policy of last resort.
pub(crate) const EVERYBODY: &str = "everybody";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answers {
    None,
    Single { responders: usize, expires: Option<Duration> },
    Double { responders: usize, within: Duration, by: By },
}

/// Who may confirm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    Same,
    Other,
    Anyone,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Policy {
    pub(crate) name: &'static str,
    pub(crate) answers: Answers,
    /// Whether a return before any answer ends it.
    pub(crate) closes: bool,
    pub(crate) repeat: u32,
    pub(crate) steps: Vec<(Vec<&'static str>, Duration)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Definition {
    /// By which its traps are known.
    pub(crate) number: usize,
    pub(crate) name: &'static str,
    pub(crate) policy: Option<&'static str>,
    pub(crate) momentary: bool,
    pub(crate) latch: bool,
    pub(crate) on_delay: Duration,
    pub(crate) off_delay: Duration,
}

/// What a site means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    pub(crate) definitions: Vec<Definition>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) people: Vec<(&'static str, Option<&'static str>)>,
    /// Whether the path between the modems is tried.
    pub(crate) tries: bool,
}

impl Plan {
    /// The site; a changed one has other waits, lacks a definition and a number, and spares that
    /// person in its ladders.
    pub(crate) fn new(changed: bool) -> Self {
        let (mut definitions, mut policies) = (definitions(), policies(changed));
        let mut people = PEOPLE.map(|(person, phone)| (person, Some(phone))).to_vec();
        if changed {
            definitions.retain(|definition| definition.name != "lamp");
            for (person, phone) in &mut people {
                *phone = phone.filter(|_| *person != UNREACHABLE);
            }
            for policy in &mut policies {
                policy
                    .steps
                    .iter_mut()
                    .for_each(|(people, _)| people.retain(|person| *person != UNREACHABLE));
                policy.steps.retain(|(people, _)| !people.is_empty());
            }
        }
        Self { definitions, policies, people, tries: !changed }
    }

    pub(crate) fn person_at(&self, number: &str) -> Option<&'static str> {
        self.people.iter().find(|(_, phone)| *phone == Some(number)).map(|(person, _)| *person)
    }

    pub(crate) fn policy(&self, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    pub(crate) fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.name == name)
    }

    /// The longest silence that a ladder of this site allows.
    pub(crate) fn longest_wait(&self) -> Duration {
        let waits = self.policies.iter().flat_map(|policy| &policy.steps).map(|(_, wait)| *wait);
        waits.max().unwrap_or_default()
    }

    /// As Vigie reads it.
    pub(crate) fn read(&self) -> Arc<Site> {
        let text = self.file();
        let reading = vigie::config::read_str(&[("vigie.toml", &text)]);
        let wrong: Vec<String> = reading
            .complaints
            .iter()
            .filter(|complaint| complaint.is_error())
            .map(ToString::to_string)
            .collect();
        let settings = reading.settings.unwrap_or_else(|| panic!("{}\n{text}", wrong.join("\n")));
        Arc::new(settings.site)
    }

    fn file(&self) -> String {
        let mut text = String::from(
            "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\nlanguage = \"fr\"\nlast-resort = \"everybody\"\nflapping = false\n\
             [snmp.network]\n",
        );
        let tries =
            if self.tries { "loop-back = { to = \"free\", every = \"12h\" }\n" } else { "" };
        for (modem, number) in MODEMS.into_iter().zip(NUMBERS) {
            let tries = if modem == MODEMS[TRIED.0] { tries } else { "" };
            write!(text, "[{modem}]\ndevice = \"/dev/{modem}\"\nnumber = \"{number}\"\n{tries}")
                .expect("memory can be written to");
        }
        for (name, phone) in &self.people {
            let phone = phone.map_or_else(String::new, |phone| format!("phone = \"{phone}\"\n"));
            let language = if *name == "karim" { "language = \"en\"\n" } else { "" };
            write!(text, "[people.{name}]\n{phone}{language}").expect("memory can be written to");
        }
        self.policies.iter().for_each(|policy| policy.write(&mut text));
        self.definitions.iter().for_each(|definition| definition.write(&mut text));
        text
    }
}

fn policies(changed: bool) -> Vec<Policy> {
    let minutes = |minutes: u32| MINUTE * minutes;
    let first = if changed { minutes(4) } else { minutes(5) };
    let double = |by| Answers::Double { responders: 1, within: minutes(45), by };
    let single = Answers::Single { responders: 1, expires: None };
    let policy =
        |name, answers, closes, repeat, steps| Policy { name, answers, closes, repeat, steps };
    vec![
        policy(
            "technique",
            double(By::Same),
            false,
            1,
            vec![
                (vec!["marie"], first),
                (vec!["karim"], minutes(5)),
                (vec!["lea", "paul"], minutes(10)),
            ],
        ),
        policy(
            "plain",
            single,
            true,
            0,
            vec![(vec!["karim"], first), (vec!["marie", "lea"], minutes(5))],
        ),
        policy(
            "lapsing",
            Answers::Single { responders: 1, expires: Some(minutes(90)) },
            false,
            2,
            vec![(vec!["lea"], minutes(3))],
        ),
        policy(
            "four-eyes",
            double(By::Other),
            false,
            0,
            vec![(vec!["marie", "karim"], minutes(10))],
        ),
        policy("anyone", double(By::Anyone), true, 0, vec![(vec!["paul", "lea"], minutes(8))]),
        policy(
            "two",
            Answers::Single { responders: 2, expires: None },
            false,
            0,
            vec![(vec!["marie", "paul"], minutes(7)), (vec!["karim", "lea"], minutes(7))],
        ),
        policy("told", Answers::None, true, 0, vec![(vec!["lea"], first)]),
        policy(
            "gap",
            single,
            false,
            1,
            vec![(vec!["paul"], minutes(5)), (vec!["lea", "paul"], first)],
        ),
        policy(
            EVERYBODY,
            single,
            true,
            0,
            vec![(vec!["marie", "karim", "lea", "paul"], minutes(10))],
        ),
    ]
}

fn definitions() -> Vec<Definition> {
    let plain = |name, policy| Definition {
        number: 0,
        name,
        policy: Some(policy),
        momentary: false,
        latch: false,
        on_delay: Duration::ZERO,
        off_delay: Duration::ZERO,
    };
    let mut all = vec![
        plain("link", "technique"),
        plain("pump", "plain"),
        plain("fire", "lapsing"),
        plain("gate", "four-eyes"),
        plain("lamp", "anyone"),
        plain("flood", "two"),
        plain("door", "told"),
        plain("valve", "gap"),
        Definition { latch: true, ..plain("fuse", "technique") },
        Definition { latch: true, ..plain("breaker", "plain") },
        Definition { momentary: true, ..plain("boot", "plain") },
        Definition { momentary: true, ..plain("intrusion", "technique") },
        Definition { on_delay: MINUTE, off_delay: 2 * MINUTE, ..plain("cold", "technique") },
        Definition { off_delay: MINUTE, ..plain("damp", "plain") },
        Definition { policy: None, ..plain("quiet", "plain") },
        Definition { momentary: true, ..plain("remote", "plain") },
    ];
    all.iter_mut().enumerate().for_each(|(number, definition)| definition.number = number);
    all
}

fn seconds(length: Duration) -> String {
    format!("{}s", length.as_secs())
}

impl Policy {
    fn write(&self, text: &mut String) {
        let mut answers = String::new();
        match self.answers {
            Answers::None => answers.push_str("acknowledge = \"none\"\n"),
            Answers::Single { responders, expires } => {
                write!(answers, "acknowledge = \"single\"\nresponders = {responders}\n")
                    .expect("memory");
                if let Some(expires) = expires {
                    writeln!(answers, "acknowledge-expires = \"{}\"", seconds(expires))
                        .expect("memory");
                }
            }
            Answers::Double { responders, within, by } => {
                let by = match by {
                    By::Same => "same",
                    By::Other => "other",
                    By::Anyone => "anyone",
                };
                write!(
                    answers,
                    "acknowledge = \"double\"\nresponders = {responders}\nconfirm-within = \"{}\"\nconfirm-by = \"{by}\"\n",
                    seconds(within)
                )
                .expect("memory");
            }
        }
        let on_return = if self.closes { "close" } else { "hold" };
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|(people, wait)| {
                let people: Vec<String> =
                    people.iter().map(|person| format!("\"person:{person}\"")).collect();
                format!("{{ notify = [{}], wait = \"{}\" }}", people.join(", "), seconds(*wait))
            })
            .collect();
        write!(
            text,
            "[escalations.{}]\n{answers}on-return = \"{on_return}\"\nrepeat = {}\nsteps = [{}]\n",
            self.name,
            self.repeat,
            steps.join(", ")
        )
        .expect("memory");
    }
}

/// The trap by which a definition's points say that the cause is there, or gone.
pub(crate) fn trap(definition: usize, active: bool) -> String {
    format!("1.3.6.1.4.1.99999.{}.0.{}", definition + 1, if active { 1 } else { 2 })
}

impl Definition {
    fn write(&self, text: &mut String) {
        let Self { number, name, policy, momentary, latch, on_delay, off_delay } = self;
        let escalation =
            policy.map_or_else(String::new, |policy| format!("escalation = \"{policy}\"\n"));
        let (on, off) = (trap(*number, true), trap(*number, false));
        if *name == "remote" {
            write!(
                text,
                "[alarms.remote]\nfrom = [\"gsm\"]\nmatch = {{ sender = \"{TRANSMITTER}\" }}\nmomentary = true\n\
                 text = \"Remote site\"\npriority = \"high\"\n{escalation}"
            )
            .expect("memory");
            return;
        }
        write!(
            text,
            "[alarms.{name}]\nfrom = [\"snmp.network\"]\nmatch = {{ trap = [\"{on}\", \"{off}\"] }}\n\
             key = \"{{ifIndex}}\"\npriority = [{{ when = 'ifAdminStatus > 2', is = \"critical\" }}, {{ is = \"high\" }}]\n\
             text = \"{name} {{ifIndex}} is wrong\"\nlatch = {latch}\n{escalation}"
        )
        .expect("memory");
        if *momentary {
            text.push_str("momentary = true\n");
            return;
        }
        write!(
            text,
            "active = 'trap == \"{on}\"'\nnormal = 'trap == \"{off}\"'\non-delay = \"{}\"\noff-delay = \"{}\"\n",
            seconds(*on_delay),
            seconds(*off_delay)
        )
        .expect("memory");
    }
}
