//! `[people.*]` and `[groups.*]`: who can be called, in which language, and what they may do.

use toml::de::DeValue;

use crate::config::finding::Findings;
use crate::config::table::tables;
use crate::config::written::{List, Spot, Written, choice};
use crate::watch::site::{Language, Right};

tables! {
    /// Somebody who can be called, or act.
    Person = "a person" {
        /// As people call them; default: the name of the table.
        "name" => name: String,
        /// Where short messages reach them, in international form: `"+33612345678"`. Required of everybody whom a step or a drill calls.
        "phone" => phone: String,
        /// The modem that calls them while it works: a name in `[gsm.NAME]`; default any.
        "modem" => modem: String,
        /// The account that acts as this person on the command line.
        "user" => user: String,
        /// Their language; default: the site's.
        "language" => language: Language,
        /// What they may do beyond acknowledging: `"shelve"`, `"out-of-service"`, `"swap"`, `"take"`; default nothing.
        "may" => may: List<Right>,
    }

    /// Several people who are called together.
    Group = "a group" {
        /// Their names in `[people.NAME]`. Required.
        "members" => members: List<String>,
    }
}

impl Written for Right {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let rights = [
            ("shelve", Self::Shelve),
            ("swap", Self::Swap),
            ("out-of-service", Self::OutOfService),
            ("take", Self::Take),
        ];
        choice(&rights, value, spot, findings)
    }
}
