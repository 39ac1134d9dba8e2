//! What the wires of a scenario bring: traps, contacts, short messages, and the people and codes in them.

use std::sync::Arc;

use vigie_snmp::names::Names;

use super::act::{Position, Typed};
use super::play::Player;
use super::{Line, ScenarioError};
use crate::adapters::mqtt;
use crate::watch::alarm::OccurrenceNumber;
use crate::watch::codes::Code;
use crate::watch::event::{ShortMessage, Target};
use crate::watch::name::{InputName, PersonId};
use crate::watch::signal::{Fields, Identity, Kind, Signal, Tells, Value};
use crate::watch::site::PhoneNumber;

impl Player<'_> {
    pub(super) fn trap(
        &self,
        line: &Line,
        input: &str,
        trap: &str,
        from: &str,
        written: &[(String, Value)],
    ) -> Result<Signal, ScenarioError> {
        let input = self.input(line, input, Kind::Snmp)?;
        let names = Names::built_in();
        let oid = |name: &str| names.oid(name).map(|oid| oid.to_string());
        let mut fields = Fields::default();
        fields.set("trap", Value::text(trap));
        fields.set("trap_oid", Value::text(oid(trap).unwrap_or_else(|| trap.to_owned())));
        fields.set("version", Value::text("2c"));
        fields.set("community", Value::text("public"));
        let mut vars = Fields::default();
        let mut text = format!("trap {trap} from {from}");
        for (name, value) in written {
            vars.set(oid(name).unwrap_or_else(|| name.clone()), value.clone());
            // What is written as an OID has no name; it is in `vars` alone.
            if !name.starts_with(|letter: char| letter.is_ascii_digit()) {
                fields.set(name.as_str(), value.clone());
            }
            text.push_str(&format!(" {name}={value}"));
        }
        fields.set("vars", Value::Map(vars));
        Ok(self.signal(input, Kind::Snmp, from, fields, &text))
    }

    /// A contact that is closed while all is well.
    pub(super) fn contact(
        &self,
        line: &Line,
        (input, contact): (&str, &str),
        state: Position,
        stands: bool,
    ) -> Result<Signal, ScenarioError> {
        let input = self.input(line, input, Kind::Contacts)?;
        let (alarm, word) = match state {
            Position::Normal => (false, "normal, closed"),
            Position::Alarm => (true, "alarm, open"),
            Position::Fault => (true, "fault: cut"),
            Position::Chattering => (true, "chattering, its changes are no longer told"),
        };
        let mut fields = Fields::default();
        fields.set("line", Value::text(contact));
        fields.set("closed", Value::Bool(!alarm));
        fields.set("alarm", Value::Bool(alarm));
        fields.set("fault", Value::Bool(state == Position::Fault));
        fields.set("chattering", Value::Bool(state == Position::Chattering));
        fields.set("edges_lost", Value::Bool(false));
        let text = format!("{contact}: {word}");
        let mut signal = self.signal(input, Kind::Contacts, contact, fields, &text);
        signal.tells = if stands { Tells::Standing } else { Tells::News };
        Ok(signal)
    }

    pub(super) fn published(
        &self,
        line: &Line,
        input: &str,
        topic: &str,
        payload: &str,
        kept: bool,
    ) -> Result<Signal, ScenarioError> {
        let input = self.input(line, input, Kind::Mqtt)?;
        let signal = mqtt::message(&input, topic, payload, kept, self.night.now().utc);
        signal.ok_or_else(|| self.wrong(line, format!("{topic} is no topic of a message")))
    }

    pub(super) fn message(&mut self, input: InputName, from: &str, text: &str) -> ShortMessage {
        let now = self.night.now().utc;
        let sender = PhoneNumber::parse(from);
        let source = sender.as_ref().map_or(from, PhoneNumber::as_str).to_owned();
        let mut fields = Fields::default();
        fields.set("sender", Value::text(source.as_str()));
        let modem = input.as_str().split_once('.').map_or(input.as_str(), |(_, modem)| modem);
        fields.set("modem", Value::text(modem));
        fields.set("sent_at", Value::text(now.to_string()));
        self.heard = self.heard.saturating_add(1);
        let mut signal = self.signal(input, Kind::Gsm, &source, fields, text);
        signal.source_time = Some(now);
        signal.identity = Some(Identity(self.heard));
        ShortMessage { signal, sender, national: None }
    }

    pub(super) fn signal(
        &self,
        input: InputName,
        kind: Kind,
        source: &str,
        fields: Fields,
        text: &str,
    ) -> Signal {
        Signal {
            input,
            kind,
            source: Arc::from(source),
            fields,
            text: Arc::from(text),
            source_time: None,
            tells: Tells::News,
            received: self.night.now().utc,
            identity: None,
            raw: Arc::from([]),
        }
    }

    pub(super) fn input(
        &self,
        line: &Line,
        name: &str,
        kind: Kind,
    ) -> Result<InputName, ScenarioError> {
        let known = self.inputs.iter().find(|(known, of)| known.as_str() == name && *of == kind);
        known
            .map(|(known, _)| known.clone())
            .ok_or_else(|| self.wrong(line, format!("no {} input is called `{name}`", kind.name())))
    }

    pub(super) fn person(
        &self,
        line: &Line,
        name: &str,
    ) -> Result<(PersonId, Option<PhoneNumber>), ScenarioError> {
        let known = self.night.watch().site().people.get_key_value(name);
        known
            .map(|(id, person)| (id.clone(), person.phone.clone()))
            .ok_or_else(|| self.wrong(line, format!("no person is called `{name}`")))
    }

    pub(super) fn phone(&self, line: &Line, person: &str) -> Result<PhoneNumber, ScenarioError> {
        self.person(line, person)?
            .1
            .ok_or_else(|| self.wrong(line, format!("{person} has no phone")))
    }

    pub(super) fn target(&self, line: &Line, typed: &Typed) -> Result<Target, ScenarioError> {
        match typed {
            Typed::Occurrence(number) => Ok(Target::Occurrence(OccurrenceNumber(*number))),
            Typed::Code(written) => {
                let written = self.with_codes(line, written)?;
                let code = Code::parse(&written).map(Target::Code);
                code.ok_or_else(|| self.wrong(line, format!("`{written}` is no code")))
            }
        }
    }

    /// `<marie>` is her latest code, `<marie-1>` the one before, `<marie#2>` that for occurrence 2.
    pub(super) fn with_codes(&self, line: &Line, text: &str) -> Result<String, ScenarioError> {
        let mut written = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            let Some((name, left)) = after.split_once('>') else { break };
            written.push_str(before);
            written.push_str(&self.code(line, name)?.to_string());
            rest = left;
        }
        written.push_str(rest);
        Ok(written)
    }

    pub(super) fn code(&self, line: &Line, name: &str) -> Result<Code, ScenarioError> {
        let wrong = || self.wrong(line, format!("there is no code <{name}>"));
        let (person, occurrence, back) = if let Some((person, number)) = name.split_once('#') {
            (person, Some(OccurrenceNumber(number.parse().map_err(|_| wrong())?)), 0)
        } else {
            match name
                .rsplit_once('-')
                .and_then(|(person, back)| Some((person, back.parse::<usize>().ok()?)))
            {
                Some((person, back)) => (person, None, back),
                None => (name, None, 0),
            }
        };
        let (person, _) = self.person(line, person)?;
        self.night.codes_of(&person, occurrence).nth(back).ok_or_else(wrong)
    }
}
