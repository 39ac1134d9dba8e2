//! A contact by the name that people give it, and what it would say in alarm.

use super::signal;
use crate::config::{ContactSettings, ContactsSettings};
use crate::watch::signal::Signal;
use crate::watch::time::Moment;

/// So many names are suggested at most.
const SUGGESTED: usize = 12;

/// Why a name stands for no contact.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotFound {
    /// There is none.
    #[error("no contact is called `{name}`; {}", known(.there))]
    Nobody {
        /// What was asked for.
        name: String,
        /// What there is.
        there: Vec<String>,
    },
    /// There are several.
    #[error("`{name}` is a contact of several devices; write {}", .there.join(" or "))]
    Several {
        /// What was asked for.
        name: String,
        /// Each of them.
        there: Vec<String>,
    },
}

fn known(there: &[String]) -> String {
    match there.len().saturating_sub(SUGGESTED) {
        0 if there.is_empty() => "the files have no [contacts.NAME]".to_owned(),
        0 => format!("there are {}", there.join(", ")),
        more => {
            let first: Vec<&str> = there.iter().take(SUGGESTED).map(String::as_str).collect();
            format!("there are {} and {more} more", first.join(", "))
        }
    }
}

/// `cabinet.door`: the device's name without its kind, and the line's.
pub(super) fn in_full(device: &ContactsSettings, contact: &ContactSettings) -> String {
    let device = device.name.as_str();
    format!("{}.{}", device.strip_prefix("contacts.").unwrap_or(device), contact.name)
}

/// The contact of that name: `cabinet.door`, or `door` where one device alone has it.
///
/// # Errors
/// [`NotFound`] says what there is.
pub fn find<'d>(
    devices: impl IntoIterator<Item = &'d ContactsSettings>,
    name: &str,
) -> Result<(&'d ContactsSettings, &'d ContactSettings), NotFound> {
    let wanted = name.strip_prefix("contacts.").unwrap_or(name);
    let all = devices
        .into_iter()
        .flat_map(|device| device.contacts.iter().map(move |contact| (device, contact)));
    let all: Vec<_> = all.collect();
    let full = all.iter().find(|(device, contact)| in_full(device, contact) == wanted);
    if let Some(found) = full {
        return Ok(*found);
    }
    let short: Vec<_> = all.iter().filter(|(_, contact)| contact.name == wanted).collect();
    let called =
        |(device, contact): &(&ContactsSettings, &ContactSettings)| in_full(device, contact);
    match short.as_slice() {
        [one] => Ok(**one),
        [] => {
            Err(NotFound::Nobody { name: name.to_owned(), there: all.iter().map(called).collect() })
        }
        several => Err(NotFound::Several {
            name: name.to_owned(),
            there: several.iter().map(|found| called(found)).collect(),
        }),
    }
}

/// What that contact would say if it went into its alarm position now.
pub fn in_alarm(device: &ContactsSettings, contact: &ContactSettings, now: Moment) -> Signal {
    signal::in_alarm(device, contact, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[site]
name = "Nord"
time-zone = "UTC"
[contacts.cabinet]
modbus = "tcp://127.0.0.1:502"
[contacts.cabinet.lines.door]
line = 3
[contacts.cabinet.lines.pump]
line = 4
normally = "open"
[contacts.cellar]
modbus = "tcp://127.0.0.1:503"
[contacts.cellar.lines.door]
line = 3
"#;

    #[test]
    fn a_contact_is_found_by_its_name_and_by_its_device_where_two_have_it() {
        let settings = crate::config::read_str(&[("vigie.toml", FILE)]).settings.unwrap();
        let found = |name| {
            let found = find(&settings.contacts, name);
            found.map(|(device, contact)| in_full(device, contact)).map_err(|why| why.to_string())
        };
        assert_eq!(found("pump"), Ok("cabinet.pump".to_owned()));
        assert_eq!(found("cellar.door"), Ok("cellar.door".to_owned()));
        assert_eq!(found("contacts.cellar.door"), Ok("cellar.door".to_owned()));
        assert_eq!(
            found("door").unwrap_err(),
            "`door` is a contact of several devices; write cabinet.door or cellar.door"
        );
        assert_eq!(
            found("dor").unwrap_err(),
            "no contact is called `dor`; there are cabinet.door, cabinet.pump, cellar.door"
        );
        let (device, pump) = find(&settings.contacts, "pump").unwrap();
        let says = in_alarm(device, pump, Moment::default());
        assert_eq!(&*says.text, "pump: alarm, closed");
        assert_eq!(says.fields.get("closed"), Some(&crate::watch::signal::Value::Bool(true)));
    }
}
