//! Commands that concern messages (27.005). Only PDU mode sends, lists and reads.

use super::Modem;
use super::commands::{Answer, Form, Prompt, Refusal};
use super::profile::EmptySlot;
use crate::pdu::to_hex;

impl Modem {
    pub(super) fn of_messages(&mut self, name: &str, form: Form<'_>) -> Result<Answer, Refusal> {
        match (name, form) {
            ("+CMGF", Form::Read) => {
                Ok(Answer::of(format!("+CMGF: {}", u8::from(self.settings.text_mode))))
            }
            ("+CMGF", Form::Test) => Ok(Answer::of("+CMGF: (0,1)")),
            ("+CMGF", Form::Set(value)) => self.set_mode(value),
            ("+CSMS", Form::Read) => {
                Ok(Answer::of(format!("+CSMS: {},1,1,1", self.settings.service)))
            }
            ("+CSMS", Form::Test) => Ok(Answer::of("+CSMS: (0,1)")),
            ("+CSMS", Form::Set(value)) => {
                self.settings.service =
                    number(value).filter(|service| *service <= 1).ok_or(Refusal::Cms(302))?;
                Ok(Answer::of("+CSMS: 1,1,1"))
            }
            ("+CSCA", Form::Read) => Ok(Answer::of(match &self.profile.service_centre {
                Some(number) => {
                    format!("+CSCA: \"{}\",145", self.settings.characters.write(number))
                }
                None => "+CSCA: \"\",129".to_owned(),
            })),
            ("+CSCA", Form::Set(_) | Form::Test) => Ok(Answer::default()),
            ("+CPMS", form) => self.memories(form),
            ("+CNMI", form) => self.indications(form),
            ("+CMGS" | "+CMGL" | "+CMGR" | "+CMGD", Form::Test) => Ok(self.ranges(name)),
            ("+CMGL", Form::Execute) => self.list("0"),
            ("+CMGL", Form::Set(state)) => self.list(state),
            ("+CMGR", Form::Set(index)) => self.read(index),
            ("+CMGD", Form::Set(arguments)) => self.delete(arguments),
            ("+CMGS", Form::Set(octets)) => self.ask_to_send(octets),
            _ => Err(Refusal::Plain),
        }
    }

    fn set_mode(&mut self, value: &str) -> Result<Answer, Refusal> {
        self.settings.text_mode = match value.trim() {
            "0" => false,
            "1" => true,
            _ => return Err(Refusal::Cms(302)),
        };
        Ok(Answer::default())
    }

    fn ranges(&self, name: &str) -> Answer {
        match name {
            "+CMGL" => Answer::of("+CMGL: (0-4)"),
            "+CMGD" => Answer::of(format!("+CMGD: (1-{}),(0-4)", self.profile.slots)),
            _ => Answer::default(),
        }
    }

    fn memories(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        let names = self.sim.names();
        match form {
            Form::Test => {
                let group = format!("(\"{}\")", names.join("\",\""));
                let groups = format!("{group},{group},{group}");
                let groups = self.profile.memories.as_ref().unwrap_or(&groups);
                Ok(Answer::of(format!("+CPMS: {groups}")))
            }
            Form::Read => {
                let [reading, writing, receiving] = &self.settings.memories;
                let one = |name: &String| format!("\"{name}\",{}", self.fill(name));
                Ok(Answer::of(format!(
                    "+CPMS: {},{},{}",
                    one(reading),
                    one(writing),
                    one(receiving)
                )))
            }
            Form::Set(value) => {
                let wanted: Vec<&str> =
                    value.split(',').map(|name| name.trim().trim_matches('"')).collect();
                if !self.profile.memories_at_once.contains(&wanted.len()) {
                    return Err(Refusal::Plain);
                }
                if wanted.iter().any(|name| !names.contains(name)) {
                    return Err(Refusal::Cms(302));
                }
                for (memory, name) in self.settings.memories.iter_mut().zip(wanted) {
                    name.clone_into(memory);
                }
                let [reading, writing, receiving] = &self.settings.memories;
                let fills = [self.fill(reading), self.fill(writing), self.fill(receiving)];
                Ok(Answer::of(format!("+CPMS: {}", fills.join(","))))
            }
            Form::Execute => Err(Refusal::Plain),
        }
    }

    /// Used and total.
    fn fill(&self, name: &str) -> String {
        self.sim
            .store(name)
            .map_or_else(|| "0,0".to_owned(), |store| format!("{},{}", store.used(), store.total()))
    }

    fn indications(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        match form {
            Form::Test => Ok(Answer::of(format!("+CNMI: {}", self.profile.indications))),
            Form::Read => Ok(Answer::of(format!(
                "+CNMI: {}",
                self.settings.indications.map(|n| n.to_string()).join(",")
            ))),
            Form::Set(value) => {
                let mut chosen = self.settings.indications;
                let wanted: Vec<&str> = value.split(',').collect();
                if wanted.len() > chosen.len() {
                    return Err(Refusal::Cms(302));
                }
                let offered = offered(&self.profile.indications);
                for ((place, offered), value) in chosen.iter_mut().zip(offered).zip(wanted) {
                    *place = number(value)
                        .filter(|value| offered.contains(value))
                        .ok_or(Refusal::Cms(303))?;
                }
                let [mode, ..] = chosen;
                if self.profile.refused_modes.contains(&mode) {
                    return Err(Refusal::Cms(303));
                }
                self.settings.indications = chosen;
                Ok(Answer::default())
            }
            Form::Execute => {
                self.settings.indications = [0; 5];
                Ok(Answer::default())
            }
        }
    }

    fn list(&mut self, state: &str) -> Result<Answer, Refusal> {
        let wanted: u8 = number(state).filter(|state| *state <= 4).ok_or(Refusal::Cms(305))?;
        if self.settings.text_mode {
            return Err(Refusal::Cms(305));
        }
        let memory = self.settings.reading().to_owned();
        let store = self.sim.store_mut(&memory).ok_or(Refusal::Cms(320))?;
        let mut answer = Answer::default();
        for (index, stored) in
            store.messages().filter(|(_, stored)| wanted == 4 || stored.state == wanted)
        {
            let head = format!("+CMGL: {index},{},,{}", stored.state, octets(&stored.pdu));
            answer.lines.push(format!("{head}\r\n{}", to_hex(&stored.pdu)));
            stored.state = stored.state.max(1);
        }
        Ok(answer)
    }

    fn read(&mut self, index: &str) -> Result<Answer, Refusal> {
        let index: u16 = number(index).ok_or(Refusal::Cms(321))?;
        if self.settings.text_mode {
            return Err(Refusal::Cms(305));
        }
        let empty = self.profile.empty_slot;
        let memory = self.settings.reading().to_owned();
        let store = self.sim.store_mut(&memory).ok_or(Refusal::Cms(320))?;
        let slot = store.slot(index).ok_or(Refusal::Cms(321))?;
        let Some(stored) = slot else {
            return match empty {
                EmptySlot::Ok => Ok(Answer::default()),
                EmptySlot::ZeroHead => Ok(Answer::of("+CMGR: 0,,0")),
                EmptySlot::Refused => Err(Refusal::Cms(321)),
                EmptySlot::Both => Ok(Answer { but: Some("ERROR"), ..Answer::default() }),
            };
        };
        let line =
            format!("+CMGR: {},,{}\r\n{}", stored.state, octets(&stored.pdu), to_hex(&stored.pdu));
        stored.state = stored.state.max(1);
        Ok(Answer::of(line))
    }

    fn delete(&mut self, arguments: &str) -> Result<Answer, Refusal> {
        let (index, flag) = arguments.split_once(',').unwrap_or((arguments, "0"));
        let index: u16 = number(index).ok_or(Refusal::Cms(321))?;
        let memory = self.settings.reading().to_owned();
        let store = self.sim.store_mut(&memory).ok_or(Refusal::Cms(320))?;
        match number::<u8>(flag) {
            Some(0) => *store.slot(index).ok_or(Refusal::Cms(321))? = None,
            Some(1) => store.clear(&[1]),
            Some(2) => store.clear(&[1, 3]),
            Some(3) => store.clear(&[1, 2, 3]),
            Some(4) => store.clear(&[0, 1, 2, 3]),
            _ => return Err(Refusal::Cms(302)),
        }
        Ok(Answer::default())
    }

    /// `+CMGS=n`: the modem judges what it can before it asks for the text.
    fn ask_to_send(&mut self, octets: &str) -> Result<Answer, Refusal> {
        let octets: usize = number(octets).ok_or(Refusal::Cms(304))?;
        if self.settings.text_mode || !(7..=164).contains(&octets) {
            return Err(Refusal::Cms(304));
        }
        if !self.network.is_registered() || !self.settings.radio {
            return Err(Refusal::Cms(331));
        }
        Ok(Answer { prompt: Some(Prompt::Message { octets }), ..Answer::default() })
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    text.trim().parse().ok()
}

/// The values of each group: `(0-2),(0,1)` are two, with three and two.
pub(super) fn offered(groups: &str) -> Vec<Vec<u8>> {
    let values = |part: &str| -> Vec<u8> {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        match (number::<u8>(from), number::<u8>(to)) {
            (Some(from), Some(to)) => (from..=to).collect(),
            _ => Vec::new(),
        }
    };
    let inner = groups.trim().trim_start_matches('(').trim_end_matches(')');
    inner.split("),(").map(|group| group.split(',').flat_map(values).collect()).collect()
}

/// The octets of the TPDU, which is what lists count.
fn octets(pdu: &[u8]) -> usize {
    let centre = pdu.first().map_or(0, |length| usize::from(*length).saturating_add(1));
    pdu.len().saturating_sub(centre)
}
