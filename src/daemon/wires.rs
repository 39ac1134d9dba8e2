//! The wires of the open house: which inputs are open, with which tables, and how they follow files that were read anew.
//!
//! An input whose table is as it was does not notice a reload: it keeps its connection and its counters. One whose table is another,
//! or is gone, closes as it does when the house closes: what it has in hand goes in, and what a modem has begun to send is finished.
//!
//! # Decision (2026-11-27): first all that go are closed, then the files are in force, then those that come are opened
//!
//! A port that one input leaves another may want: two modems that change places must both have let go before either is taken. What
//! an input that goes still tells comes in under the files with which it was received, and nothing of one that comes is heard
//! before the files that speak of it are in force. For an instant an input with another table hears nothing: a broker keeps
//! what it has for us, a SIM as well, an inform is repeated; a trap without receipt that comes just then is lost, as at a restart.
//! Rejected: to open the new beside the old, which a serial port, a chip and the session of a broker refuse.
//!
//! Devices of contacts share more than their table: boards on one serial line are opened anew together, since who asks on
//! it must know the slowest of them; and what sirens show is asked anew when any device of contacts is another, so that one that was
//! silenced may sound again. In doubt, it sounds.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::inputs::Opening;
use super::orphans::Configured;
use super::receivers::{Called, Receivers};
use super::secrets::Users;
use crate::adapters::contacts::SerialLines;
use crate::adapters::contacts::outputs::{Switchboard, TASK};
use crate::config::{
    Bus, ContactDevice, ContactsSettings, GsmSettings, MqttSettings, SnmpSettings,
};
use crate::control::Inputs;
use crate::health::Reading;
use crate::supervision::Tasks;
use crate::watch::name::InputName;

/// How long inputs that go have to finish what they are at: as long as a modem takes to bid farewell, and a little more.
const PATIENCE: Duration = Duration::from_secs(12);

/// A port is open or refused in no time; longer than this nobody waits for it.
const LISTENING: Duration = Duration::from_secs(2);

/// One table of the files that is an input.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Table {
    /// A modem.
    Gsm(Arc<GsmSettings>),
    /// A receiver of traps.
    Snmp(Arc<SnmpSettings>),
    /// A connection to a broker.
    Mqtt(Arc<MqttSettings>),
    /// A device of dry contacts.
    Contacts(Arc<ContactsSettings>),
}

/// All tables that are inputs, in the order in which they are shown.
#[derive(Clone, Default, Debug)]
pub(super) struct Tables(pub(super) Vec<Table>);

/// The inputs that are open.
#[derive(Debug)]
pub(super) struct Wires {
    open: Vec<(Table, Reading)>,
    shown: watch::Sender<Inputs>,
    receivers: Receivers,
    switchboard: Switchboard,
    /// Whether somebody sets the outputs of these devices and hears their buttons.
    are_shown: bool,
}

impl Table {
    fn name(&self) -> &InputName {
        match self {
            Self::Gsm(modem) => &modem.name,
            Self::Snmp(receiver) => &receiver.name,
            Self::Mqtt(connection) => &connection.name,
            Self::Contacts(device) => &device.name,
        }
    }

    fn contacts(&self) -> Option<&Arc<ContactsSettings>> {
        match self {
            Self::Contacts(device) => Some(device),
            Self::Gsm(_) | Self::Snmp(_) | Self::Mqtt(_) => None,
        }
    }

    /// The serial line that it shares with others, if it may.
    fn line(&self) -> Option<&Path> {
        match &self.contacts()?.device {
            ContactDevice::Modbus(board) => match &board.bus {
                Bus::Rtu { port, .. } => Some(port),
                Bus::Tcp(_) => None,
            },
            ContactDevice::Gpio(_) | ContactDevice::Serial { .. } => None,
        }
    }
}

impl Tables {
    /// Those of the files.
    pub(super) fn of(
        gsm: Vec<GsmSettings>,
        snmp: Vec<SnmpSettings>,
        mqtt: Vec<MqttSettings>,
        contacts: Vec<ContactsSettings>,
    ) -> Self {
        let gsm = gsm.into_iter().map(|modem| Table::Gsm(Arc::new(modem)));
        let snmp = snmp.into_iter().map(|receiver| Table::Snmp(Arc::new(receiver)));
        let mqtt = mqtt.into_iter().map(|connection| Table::Mqtt(Arc::new(connection)));
        let contacts = contacts.into_iter().map(|device| Table::Contacts(Arc::new(device)));
        Self(gsm.chain(snmp).chain(mqtt).chain(contacts).collect())
    }

    fn contacts(&self) -> impl Iterator<Item = &ContactsSettings> {
        self.0.iter().filter_map(Table::contacts).map(Arc::as_ref)
    }

    /// Every input, and every output, by its name.
    pub(super) fn configured(&self) -> Configured {
        let latched = self.contacts().filter(|device| device.has_latches());
        let outputs = self.0.iter().flat_map(|table| match table {
            Table::Mqtt(connection) if connection.publish.is_some() => {
                vec![Arc::from(connection.name.as_str())]
            }
            Table::Contacts(device) => {
                let called = |output| Arc::from(device.output_called(output));
                device.outputs.iter().map(called).collect()
            }
            Table::Gsm(_) | Table::Snmp(_) | Table::Mqtt(_) => Vec::new(),
        });
        Configured {
            inputs: self.0.iter().map(|table| table.name().clone()).collect(),
            latched: latched.map(|device| device.name.clone()).collect(),
            outputs: outputs.collect(),
        }
    }
}

impl Default for Wires {
    fn default() -> Self {
        let (shown, _) = watch::channel(Inputs::default());
        let (receivers, switchboard) = (Receivers::default(), Switchboard::default());
        Self { open: Vec::new(), shown, receivers, switchboard, are_shown: false }
    }
}

impl Wires {
    /// Which are open, whoever reads it.
    pub(super) fn shown(&self) -> watch::Receiver<Inputs> {
        self.shown.subscribe()
    }

    /// What traps are called now, and whom receivers believe that stay open.
    pub(super) fn tell(&self, called: &Called, users: &Users) {
        self.receivers.tell(called, users);
    }

    /// The sentences that say what follows from these tables, for the record.
    pub(super) fn changes(&self, next: &Tables) -> Vec<Arc<str>> {
        let going = self.going(next);
        let gone = self
            .open
            .iter()
            .map(|(table, _)| table.name())
            .filter(|name| !next.0.iter().any(|table| table.name() == *name));
        let gone = gone.map(|name| format!("input `{name}` is gone and is closed"));
        let come = next.0.iter().map(Table::name).filter_map(|name| {
            if going.contains(name) {
                Some(format!("input `{name}` is another and is opened anew"))
            } else {
                let is_open = self.open.iter().any(|(open, _)| open.name() == name);
                (!is_open).then(|| format!("input `{name}` is new and is opened"))
            }
        });
        gone.chain(come).map(Arc::from).collect()
    }

    /// The inputs that are open and are not to stay as they are.
    fn going(&self, next: &Tables) -> BTreeSet<InputName> {
        let now = || self.open.iter().map(|(table, _)| table);
        let stays = |table: &&Table| next.0.contains(table);
        let come = next.0.iter().filter(|table| !now().any(|open| open == *table));
        let lines: BTreeSet<&Path> =
            now().filter(|table| !stays(table)).chain(come).filter_map(Table::line).collect();
        let goes =
            |table: &&Table| !stays(table) || table.line().is_some_and(|line| lines.contains(line));
        now().filter(goes).map(|table| table.name().clone()).collect()
    }

    /// Closes what is not to stay as it is, and waits until it has let go.
    pub(super) async fn close(&mut self, next: &Tables, tasks: &mut Tasks) -> Vec<InputName> {
        let mut going: Vec<InputName> = self.going(next).into_iter().collect();
        let closed = going.clone();
        let now = self.open.iter().filter_map(|(table, _)| table.contacts());
        if !now.map(Arc::as_ref).eq(next.contacts()) {
            going.push(InputName::new(TASK));
            self.are_shown = false;
        }
        tasks.end(&going, PATIENCE).await;
        self.open.retain(|(table, _)| !closed.contains(table.name()));
        closed.iter().for_each(|name| self.receivers.forget(name));
        closed
    }

    /// Opens what is not open, once the files that speak of it are in force.
    pub(super) async fn open(
        &mut self,
        next: &Tables,
        mut opening: Opening<'_>,
        called: &Called,
        users: &Users,
    ) {
        let lines = SerialLines::of(next.contacts());
        let mut former = std::mem::take(&mut self.open);
        for table in &next.0 {
            let place = former.iter().position(|(open, _)| open == table);
            if let Some(open) = place.map(|place| former.swap_remove(place)) {
                self.open.push(open);
                continue;
            }
            let reading = match table {
                Table::Gsm(modem) => opening.modem(modem).await,
                Table::Snmp(receiver) => {
                    let called = called.get(&receiver.name).cloned().unwrap_or_default();
                    let users = users.get(&receiver.name).cloned().unwrap_or_default();
                    let in_force = self.receivers.add(&receiver.name, called, users);
                    opening.receiver(receiver, in_force)
                }
                Table::Mqtt(connection) => opening.connection(connection),
                Table::Contacts(device) => {
                    opening.contacts(device, self.switchboard.end(&device.name), &lines)
                }
            };
            self.open.push((table.clone(), reading));
        }
        if !std::mem::replace(&mut self.are_shown, true) {
            opening.outputs(self.switchboard.outputs(next.contacts()));
        }
        let contacts = self.open.iter().filter_map(|(table, _)| table.contacts()).cloned();
        let readings = self.open.iter().map(|(_, reading)| reading.clone());
        let shown = Inputs { readings: readings.collect(), contacts: contacts.collect() };
        self.shown.send_replace(shown);
        let _ = timeout(LISTENING, self.listen()).await;
    }

    /// Waits until the receivers of traps listen, or cannot: who is told that the house is ready may send at once, and nobody repeats a
    /// trap. Whatever else comes in waits for us outside.
    async fn listen(&self) {
        let receivers = self.open.iter().filter(|(table, _)| matches!(table, Table::Snmp(_)));
        for (_, reading) in receivers {
            reading.clone().begun().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::health::pulse;
    use crate::watch::signal::Kind;
    use crate::watch::time::Utc;

    const SITE: &str = "[site]\nname = \"Nord\"\ntime-zone = \"Europe/Paris\"\n\
        [store]\npath = \"/v.db\"\n[control]\nsocket = \"/v.sock\"\n";
    const LINE: &str = "modbus = \"rtu:///dev/ttyS1\"\n";

    fn tables(text: &str) -> Tables {
        let reading = config::read_str(&[("vigie.toml", &format!("{SITE}{text}"))]);
        let settings = reading.settings.unwrap_or_else(|| panic!("{:?}", reading.complaints));
        Tables::of(settings.gsm, settings.snmp, settings.mqtt, settings.contacts)
    }

    fn opened(tables: &Tables) -> Wires {
        let reading = |table: &Table| {
            let at = Vec::new();
            (table.clone(), pulse(table.name().clone(), Kind::Gsm, at, Utc::default()).1)
        };
        Wires { open: tables.0.iter().map(reading).collect(), ..Wires::default() }
    }

    fn going(now: &str, next: &str) -> Vec<String> {
        let going = opened(&tables(now)).going(&tables(next));
        going.iter().map(ToString::to_string).collect()
    }

    fn modem(name: &str, device: &str) -> String {
        format!("[gsm.{name}]\ndevice = \"{device}\"\n")
    }

    fn board(name: &str, at: &str, unit: u8, poll: &str) -> String {
        format!(
            "[contacts.{name}]\n{at}unit = {unit}\npoll = \"{poll}\"\n\
             [contacts.{name}.lines.door]\nline = 1\n"
        )
    }

    #[test]
    fn two_modems_that_change_places_both_let_go_and_a_third_does_not_notice() {
        let third = modem("third", "/dev/c");
        let now = [modem("a", "/dev/a"), modem("b", "/dev/b"), third.clone()].concat();
        let next = [modem("a", "/dev/b"), modem("b", "/dev/a"), third].concat();
        assert_eq!(going(&now, &next), ["gsm.a", "gsm.b"]);
        assert!(going(&now, &now).is_empty());
    }

    #[test]
    fn boards_on_one_line_are_opened_anew_together_and_those_elsewhere_are_not() {
        let alone = board("alone", "modbus = \"tcp://10.0.0.7\"\n", 1, "1s");
        let now = [board("a", LINE, 1, "1s"), board("b", LINE, 2, "1s"), alone.clone()].concat();
        let slower = [board("a", LINE, 1, "2s"), board("b", LINE, 2, "1s"), alone.clone()].concat();
        assert_eq!(going(&now, &slower), ["contacts.a", "contacts.b"]);
        let gone = [board("a", LINE, 1, "1s"), alone.clone()].concat();
        assert_eq!(going(&now, &gone), ["contacts.a", "contacts.b"]);
        assert_eq!(going(&gone, &now), ["contacts.a"], "another one joins it on its line");
    }

    #[test]
    fn the_record_says_of_each_input_what_becomes_of_it() {
        let now = [modem("a", "/dev/a"), modem("b", "/dev/b")].concat();
        let next = [modem("a", "/dev/z"), modem("c", "/dev/c")].concat();
        let changes = opened(&tables(&now)).changes(&tables(&next));
        let changes: Vec<&str> = changes.iter().map(AsRef::as_ref).collect();
        let wanted = [
            "input `gsm.b` is gone and is closed",
            "input `gsm.a` is another and is opened anew",
            "input `gsm.c` is new and is opened",
        ];
        assert_eq!(changes, wanted);
    }
}
