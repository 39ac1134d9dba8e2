//! The configuration: the TOML as written, units, cross-checks, complaints with carets.
//!
//! [`read`] takes the main file and those of `conf.d`, and gives every complaint there is, not
//! the first. It gives [`Settings`] only if no complaint is an error: they cannot be wrong. It
//! opens no device and writes nothing; a file that is no configuration at all is a complaint.
//!
//! The way: `source` finds the files, `syntax` makes trees of them, `table` and [`file`]
//! read the tables as they are written, `check` builds the watch's own types from them; [`mibs`]
//! knows the names that the MIB files of a receiver give.

mod calendar;
mod check;
mod complaint;
mod file;
mod finding;
mod hours;
pub mod mibs;
mod regular;
mod secret;
mod settings;
mod source;
mod syntax;
mod table;
mod units;
mod written;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;

pub use self::complaint::{Complaint, Excerpt};
pub use self::file::keys;
pub use self::finding::Severity;
pub use self::regular::{folder_of, pem, text};
pub use self::secret::{Secret, SecretError};
pub use self::settings::{
    Beside, Bias, BoardAddress, Broker, Bus, ButtonSettings, ClearSettings, ContactDevice,
    ContactSettings, ContactsSettings, ControlLine, CounterSettings, CreditSettings, DrivenLine,
    GsmSettings, HeartbeatSettings, LatchSettings, LineAt, LineSettings, ModbusSettings,
    ModbusTable, MqttLogin, MqttSettings, MqttVersion, OutputAt, OutputSettings, Parity,
    PingSettings, PublishSettings, Qos, Selection, Settings, Shows, SnmpSettings, Transport,
    UserSecrets, UserSettings, WebAddress, WebAddressError, Wiring, WordOrder,
};
pub use self::table::{Key, Keys};

use self::check::Open;
use self::finding::Findings;
use self::source::Source;
use crate::watch::time::Utc;

/// Where the one file of state is, unless `store.path` says otherwise.
pub const DEFAULT_STORE: &str = "/var/lib/vigie/vigie.db";
/// Where the control socket is, unless `control.socket` says otherwise.
pub const DEFAULT_SOCKET: &str = "/run/vigie/vigie.sock";

/// What reading the files gave.
#[derive(Debug)]
pub struct Reading {
    /// All that is wrong, by file and position.
    pub complaints: Vec<Complaint>,
    /// The settings, if nothing is refused.
    pub settings: Option<Settings>,
}

/// This very program, whatever has become of its file: what compiles MIB files.
pub const THIS_PROGRAM: &str = "/proc/self/exe";

/// Reads the main file and the `conf.d` beside it. Secrets and folders that are absent from this
/// machine are warned of. Of MIB files what was compiled last is known.
pub fn read(path: &Path) -> Reading {
    read_from_disk(path, mibs::Means::Read, Open::Told, None)
}

/// The same, lets that program compile the MIB files where they have changed (it is called as `vigie mib compile`; this may take
/// a while), and proves who is on call in the twelve months from now on.
pub fn read_compiling(path: &Path, program: &Path, now: Utc) -> Reading {
    read_from_disk(path, mibs::Means::Compile(program), Open::Told, Some(now))
}

/// The same where somebody asks, or where a daemon goes on with what it has: refused is also what every account of this machine may
/// write to, of which a start only warns.
pub fn read_guarded(path: &Path, program: &Path, now: Utc) -> Reading {
    read_from_disk(path, mibs::Means::Compile(program), Open::Refused, Some(now))
}

/// Reads a length of time as in the files, `1h30m`, and as people write it on a telephone, `2H`.
///
/// # Errors
/// A sentence for the person who wrote it.
pub fn interval(written: &str) -> Result<std::time::Duration, String> {
    match units::interval(&written.to_lowercase()) {
        Ok(interval) if interval.is_zero() => Err("write a time that is not zero: 2h".to_owned()),
        Ok(interval) => Ok(interval),
        Err(error) => Err(format!("`{written}` is no length of time ({error}): write 2h or 1h30m")),
    }
}

/// The days that the text of a calendar makes holidays, and what of it cannot be read or followed; `shown` is its name.
pub fn holidays(text: &str, shown: &str) -> (BTreeSet<Date>, Vec<String>) {
    let almanac = calendar::almanac(text, shown);
    (almanac.days, almanac.notes)
}

fn read_from_disk(path: &Path, means: mibs::Means<'_>, open: Open, now: Option<Utc>) -> Reading {
    let mut findings = Findings::default();
    let sources = source::from_disk(path, &mut findings);
    conclude(&sources, findings, check::Disk::Look(means, open), now)
}

/// Reads files that are in memory: name and text of each. Looks at no disk.
pub fn read_str(files: &[(&str, &str)]) -> Reading {
    read_from_memory(files, None)
}

/// The same, and proves who is on call in the twelve months from now on.
pub fn read_str_at(files: &[(&str, &str)], now: Utc) -> Reading {
    read_from_memory(files, Some(now))
}

fn read_from_memory(files: &[(&str, &str)], now: Option<Utc>) -> Reading {
    let mut findings = Findings::default();
    let sources = source::from_memory(files, &mut findings);
    conclude(&sources, findings, check::Disk::Ignore, now)
}

fn conclude(
    sources: &[Source],
    mut findings: Findings,
    disk: check::Disk<'_>,
    now: Option<Utc>,
) -> Reading {
    let mut files = file::Files::default();
    for (number, source) in sources.iter().enumerate() {
        if !findings.is_readable(number) {
            continue;
        }
        if let Some(tree) = syntax::parse(source, number, &mut findings) {
            files.add(tree.get_ref(), number, &mut findings);
        }
    }
    files.sort();
    let settings = check::settings(&files, sources, disk, now, &mut findings);
    let settings = (findings.errors() == 0).then_some(settings);
    Reading { complaints: complaint::complaints(sources, findings), settings }
}

#[cfg(test)]
mod tests;
