//! `[people.*]`, `[groups.*]` and `[schedules.*]`.

use std::time::Duration;

use toml::de::DeValue;
use toml::value::Datetime;

use crate::config::finding::Findings;
use crate::config::table::tables;
use crate::config::written::{List, Spot, Written, choice};
use crate::watch::site::{Language, Right};

tables! {
    /// Somebody who can be called, or act.
    Person = "a person" {
        /// As people call them; default: the name of the table.
        "name" => name: String,
        /// Where short messages reach them, in international form: `"+33612345678"`.
        "phone" => phone: String,
        /// The modem that calls them while it works: a name in `[gsm.NAME]`; default any.
        "modem" => modem: String,
        /// The account that acts as this person on the command line.
        "user" => user: String,
        /// Their language; default: the site's.
        "language" => language: Language,
        /// What they may do beyond acknowledging: `"shelve"`, `"out-of-service"`, `"swap"`; default nothing.
        "may" => may: List<Right>,
    }

    /// Several people who are called together.
    Group = "a group" {
        /// Their names in `[people.NAME]`.
        "members" => members: List<String>,
    }

    /// Who is on call.
    Schedule = "a schedule" {
        /// For now one: its people are always on call.
        "rotations" => rotations: List<Rotation>,
    }
    later {
        "overrides": "do overrides of a schedule",
            "take them out; change `people` when somebody else is on call";
        "holidays": "know public holidays",
            "take it out; the same people are on call every day";
        "time-zone": "give a schedule a time zone of its own",
            "take it out; times are those of the site";
    }

    /// Those who take turns.
    Rotation = "a rotation" {
        /// Their names in `[people.NAME]`; without `every` all are on call at all times.
        "people" => people: List<String>,
        /// How long a turn is. With one person, who always follows themselves, it changes nothing.
        "every" => every: Duration,
        /// When the first turn begins, in the time zone of the site: `2026-01-05T08:00:00`.
        "from" => from: Datetime,
    }
    later {
        "hours": "do rotations by hours of the week",
            "take it out; its people are then on call at all hours";
        "layer": "do layers of rotations",
            "take it out; write one rotation with all who are on call";
    }
}

impl Written for Right {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        let choices = [
            ("shelve", Self::Shelve),
            ("swap", Self::Swap),
            ("out-of-service", Self::OutOfService),
        ];
        choice(&choices, value, spot, findings)
    }
}
