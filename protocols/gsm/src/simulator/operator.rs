//! The operator: its name in the character set that was chosen, or its code (27.007 5.5, 7.3).

use super::Modem;
use super::commands::{Answer, Form, Refusal};
use crate::alphabet::{encode_septets, encode_ucs2};
use crate::pdu::to_hex;

/// `+CSCS`: how texts are written in answers. What came first to a modem often leaves it so to who comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CharacterSet {
    Gsm,
    Ira,
    Ucs2,
    Hex,
}

impl CharacterSet {
    const ALL: [(&'static str, Self); 4] =
        [("GSM", Self::Gsm), ("IRA", Self::Ira), ("UCS2", Self::Ucs2), ("HEX", Self::Hex)];

    /// A text as it stands between the quotes of an answer.
    pub(super) fn write(self, text: &str) -> String {
        match self {
            Self::Gsm | Self::Ira => text.to_owned(),
            Self::Ucs2 => to_hex(&encode_ucs2(text)),
            Self::Hex => to_hex(&encode_septets(text).unwrap_or_default()),
        }
    }
}

impl Modem {
    /// `+CSCS`.
    pub(super) fn character_set(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        let names = CharacterSet::ALL.map(|(name, _)| format!("\"{name}\""));
        let mut all = names.iter().zip(CharacterSet::ALL.map(|(_, set)| set));
        match form {
            Form::Test => Ok(Answer::of(format!("+CSCS: ({})", names.join(",")))),
            Form::Read => {
                let name = all.find(|(_, set)| *set == self.settings.characters);
                Ok(Answer::of(format!("+CSCS: {}", name.map_or("", |(name, _)| name))))
            }
            Form::Set(value) => {
                let chosen = all.find(|(name, _)| *name == value.trim()).ok_or(Refusal::Cme(50))?;
                (_, self.settings.characters) = chosen;
                Ok(Answer::default())
            }
            Form::Execute => Err(Refusal::Plain),
        }
    }

    /// `+COPS`: whatever network is asked for, it stays in its own; the format of the answer is obeyed.
    pub(super) fn operator(&mut self, form: Form<'_>) -> Result<Answer, Refusal> {
        match form {
            Form::Read if !self.network.is_registered() => Ok(Answer::of("+COPS: 0")),
            Form::Read => {
                let format = self.settings.operator_format;
                // The SIM is at home, in a network whose code has two digits after the country's three.
                let name = match format {
                    2 => self.profile.subscriber.chars().take(5).collect(),
                    _ => self.settings.characters.write(&self.profile.operator),
                };
                let technology = if self.profile.lte { 7 } else { 0 };
                Ok(Answer::of(format!("+COPS: 0,{format},\"{name}\",{technology}")))
            }
            Form::Set(value) => {
                if let Some(format) = value.split(',').nth(1) {
                    let format = format.trim().parse().ok().filter(|format| *format <= 2);
                    self.settings.operator_format = format.ok_or(Refusal::Cme(50))?;
                }
                Ok(Answer::default())
            }
            Form::Execute => Ok(Answer::default()),
            Form::Test => Err(Refusal::Plain),
        }
    }
}
