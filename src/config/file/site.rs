//! `[site]`, `[store]`, `[control]` and `[storm]`: what the whole site has in common.

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeValue;

use super::flapping::Flaps;
use crate::config::finding::Findings;
use crate::config::table::tables;
use crate::config::written::{Spot, Written, choice};
use crate::watch::site::Language;

tables! {
    /// The site itself.
    Site = "the site" {
        /// The name of the site, as people call it. Required.
        "name" => name: String,
        /// The time zone in which times of day and dates are written and read: `"Europe/Paris"`. Required.
        "time-zone" => time_zone: String,
        /// The language of messages: `"fr"` or `"en"` (default); a person may have their own.
        "language" => language: Language,
        /// The escalation that runs when another was climbed in vain, and for Vigie's own alarms.
        "last-resort" => last_resort: String,
        /// How many digits a code has, from 4 (default) to 8.
        "code-digits" => code_digits: u32,
        /// No order by SMS or on the command line swaps a group for longer; default `"24h"`.
        "longest-swap" => longest_swap: Duration,
        /// Nobody shelves an alarm for longer than this; default `"12h"`, at most `"7d"`.
        "longest-shelving" => longest_shelving: Duration,
        /// When people who may return alarms to service are told what is out of it, every day; default `"08:00"`.
        "daily-list" => daily_list: String,
        /// When an alarm that comes and goes without end calls people once: false never, or how; default true.
        "flapping" => flapping: Flaps,
    }

    /// Where the state is kept.
    Store = "the store" {
        /// The one file of state; default `"/var/lib/vigie/vigie.db"`.
        "path" => path: PathBuf,
        /// What is on the record for longer is let go, at least `"4 weeks"`; absent: never.
        "keep" => keep: Duration,
        /// A write that takes so long is too slow, and several of these are an alarm; default `"1s"`, at most `"10s"`.
        "slow" => slow: Duration,
    }

    /// The way in for the command line.
    Control = "the control socket" {
        /// The Unix socket; default `"/run/vigie/vigie.sock"`.
        "socket" => socket: PathBuf,
    }

    /// When many messages become one.
    Storm = "the storm" {
        /// So many messages at most reach one person within the window, replies to their own not counted; default 5.
        "messages" => messages: u32,
        /// The window in which messages are counted; default `"10m"`.
        "window" => window: Duration,
        /// When the modems would take longer than this to send all that waits, it is told in fewer messages; default
        /// `"60s"`.
        "reach-within" => reach_within: Duration,
    }
}

impl Written for Language {
    fn read(value: &DeValue<'_>, spot: Spot<'_>, findings: &mut Findings) -> Option<Self> {
        choice(&[("fr", Self::French), ("en", Self::English)], value, spot, findings)
    }
}
