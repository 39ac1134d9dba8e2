//! Settings: what commands change, and what a restart brings back.

use std::collections::BTreeMap;

use super::operator::CharacterSet;
use super::profile::Profile;

/// What commands change.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// `E` (V.250 6.2.4).
    pub(super) echo: bool,
    /// Results as words (V.250 6.2.6).
    pub(super) words: bool,
    /// `+CMEE`.
    pub(super) error_codes: u8,
    /// `+CMGF`. It starts in text mode, as many modems do: who forgets to leave it is refused.
    pub(super) text_mode: bool,
    /// `+CSMS`.
    pub(super) service: u8,
    /// `+CNMI`.
    pub(super) indications: [u8; 5],
    /// The memories for reading, writing and receiving.
    pub(super) memories: [String; 3],
    /// `<n>` of `+CREG`, `+CGREG`, `+CEREG`.
    pub(super) registration: [u8; 3],
    /// `+CFUN`: whether it is in a network at all.
    pub(super) radio: bool,
    /// `+CSCS`.
    pub(super) characters: CharacterSet,
    /// `<format>` of `+COPS`.
    pub(super) operator_format: u8,
    /// What is only kept.
    pub(super) kept: BTreeMap<&'static str, String>,
}

impl Settings {
    /// As it starts.
    pub(super) fn at_start(profile: &Profile) -> Self {
        Self {
            echo: profile.echo,
            words: true,
            error_codes: profile.error_codes,
            text_mode: true,
            service: 0,
            indications: [0; 5],
            memories: ["SM".to_owned(), "SM".to_owned(), "SM".to_owned()],
            registration: [0; 3],
            radio: true,
            characters: CharacterSet::Gsm,
            operator_format: 0,
            kept: BTreeMap::new(),
        }
    }

    /// `<mt>` of `+CNMI`: how a message is told.
    pub(super) fn mt(&self) -> u8 {
        let [_, mt, ..] = self.indications;
        mt
    }

    /// `<ds>` of `+CNMI`: how a status report is told.
    pub(super) fn ds(&self) -> u8 {
        let [_, _, _, ds, _] = self.indications;
        ds
    }

    /// The memory that is read.
    pub(super) fn reading(&self) -> &str {
        let [reading, ..] = &self.memories;
        reading
    }

    /// The memory that receives.
    pub(super) fn receiving(&self) -> &str {
        let [.., receiving] = &self.memories;
        receiving
    }
}
