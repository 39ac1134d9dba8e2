//! The files of a site, as Vigie reads them.

use std::fmt::Write as _;
use std::time::Duration;

use vigie::watch::site::Right;

use super::hours::{When, Window};
use super::{
    Answers, By, Cause, DUTY, Definition, Flapping, LONGEST_SHELVING, LONGEST_SWAP, MODEMS,
    NUMBERS, ON_DUTY, Plan, Policy, RIGHTS, TRANSMITTER, TRIED,
};

impl Plan {
    pub(super) fn file(&self) -> String {
        let mut text = format!(
            "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\nlanguage = \"fr\"\nlast-resort = \"everybody\"\nflapping = false\n\
             longest-shelving = \"{}\"\nlongest-swap = \"{}\"\n[store]\nkeep = \"4 weeks\"\n[snmp.network]\n\
             [schedules.duty]\nrotations = [{{ people = [\"{DUTY}\"] }}]\n",
            seconds(LONGEST_SHELVING),
            seconds(LONGEST_SWAP)
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
            let rights = RIGHTS.iter().filter(|(person, _)| person == name);
            let rights: Vec<String> = rights
                .flat_map(|(_, rights)| {
                    rights.iter().map(|right| format!("\"{}\"", called(*right)))
                })
                .collect();
            let may = format!("may = [{}]\n", rights.join(", "));
            write!(text, "[people.{name}]\n{phone}{language}{may}")
                .expect("memory can be written to");
        }
        self.policies.iter().for_each(|policy| policy.write(&mut text));
        self.definitions.iter().for_each(|definition| definition.write(&mut text));
        self.windows.iter().for_each(|window| window.write(&mut text));
        text
    }
}

fn called(right: Right) -> &'static str {
    match right {
        Right::Shelve => "shelve",
        Right::Swap => "swap",
        Right::OutOfService => "out-of-service",
        Right::Take => "take",
    }
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
                let recipient = |person: &&str| match *person {
                    ON_DUTY => "\"schedule:duty\"".to_owned(),
                    person => format!("\"person:{person}\""),
                };
                let people: Vec<String> = people.iter().map(recipient).collect();
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
        let Self { number, name, policy, momentary, latch, on_delay, off_delay, .. } = self;
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
        if let Some((group, to)) = self.swap {
            writeln!(text, "swap = {{ group = \"{group}\", escalation = \"{to}\" }}")
                .expect("memory");
        }
        let cause = |cause: &Cause| match cause.by_key {
            true => format!("{}[{{ifIndex}}]", cause.name),
            false => cause.name.to_owned(),
        };
        let causes: Vec<String> = self.causes.iter().map(cause).collect();
        writeln!(text, "suppressed-by = {causes:?}").expect("memory");
        if let Some(Flapping { window, on, off }) = self.flapping {
            let window = seconds(window);
            writeln!(text, "flapping = {{ window = \"{window}\", on = {on}, off = {off} }}")
                .expect("memory");
        }
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

impl Window {
    fn write(&self, text: &mut String) {
        let when = match self.when {
            When::Once { from, until } => format!("from = {from}\nuntil = {until}\n"),
            When::Nightly { from, until } => {
                format!("hours = [\"thu..sat {from}:00-{until}:00\"]\n")
            }
        };
        let (name, alarms) = (self.name, &self.alarms);
        write!(text, "[maintenance.{name}]\nalarms = {alarms:?}\n{when}").expect("memory");
    }
}
