//! The inputs as they are opened: each gets its pulse, and its task a birth that can be repeated.
//!
//! Nothing is opened here that can fail: a device that is absent is the business of the adapter's own life.

use std::sync::Arc;

use crate::adapters;
use crate::adapters::contacts::SerialLines;
use crate::adapters::contacts::outputs::{Ends, Outputs, TASK};
use crate::adapters::snmp::InForce;
use crate::changes::Changes;
use crate::config::{ContactsSettings, GsmSettings, MqttSettings, SnmpSettings};
use crate::errand::Errands;
use crate::health::{Pulse, Reading, pulse};
use crate::host::clock::Clock;
use crate::inbox::Inbox;
use crate::supervision::Tasks;
use crate::watch::name::InputName;
use crate::watch::signal::Kind;

/// The parts of the house that inputs know.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// The one door.
    pub(super) inbox: Inbox,
    /// Where adapters take what they are to say.
    pub(super) errands: Errands,
    /// What tells of alarms that have changed.
    pub(super) changes: Changes,
    /// The house's clocks.
    pub(super) clock: Clock,
}

/// A house in which inputs are opened.
#[derive(Debug)]
pub(super) struct Opening<'h> {
    /// Where their tasks are born.
    pub(super) tasks: &'h mut Tasks,
    /// What those are handed.
    pub(super) parts: &'h Parts,
}

impl Opening<'_> {
    fn pulse(&self, name: &InputName, kind: Kind, at: Vec<String>) -> (Arc<Pulse>, Reading) {
        let (pulse, reading) = pulse(name.clone(), kind, at, self.parts.clock.now().utc);
        (Arc::new(pulse), reading)
    }

    /// A modem, with what the record remembers of it.
    pub(super) async fn modem(&mut self, settings: &Arc<GsmSettings>) -> Reading {
        let Parts { inbox, errands, clock, .. } = self.parts.clone();
        let name = settings.name.clone();
        let asked = name.clone();
        let remembered = inbox.ask(move |watch| watch.state().modem(&asked)).await;
        let memory = adapters::gsm::Memory::default().knowing(remembered.unwrap_or_default());
        let at = vec![settings.device.display().to_string()];
        let (pulse, reading) = self.pulse(&name, Kind::Gsm, at);
        let (settings, memory) = (Arc::clone(settings), Arc::new(memory));
        self.tasks.adapter(name, move |closing| {
            adapters::gsm::run(
                Arc::clone(&settings),
                inbox.clone(),
                errands.clone(),
                Arc::clone(&pulse),
                Arc::clone(&memory),
                clock,
                closing,
            )
        });
        reading
    }

    /// A device of dry contacts; boards on one of these serial lines share it.
    pub(super) fn contacts(
        &mut self,
        device: &Arc<ContactsSettings>,
        ends: Ends,
        lines: &SerialLines,
    ) -> Reading {
        let Parts { inbox, clock, .. } = self.parts.clone();
        let at = vec![adapters::contacts::called(&device.device)];
        let (pulse, reading) = self.pulse(&device.name, Kind::Contacts, at);
        let memory = Arc::new(adapters::contacts::Memory::on(lines, &device.device));
        let device = Arc::clone(device);
        self.tasks.adapter(device.name.clone(), move |closing| {
            adapters::contacts::run(
                Arc::clone(&device),
                inbox.clone(),
                ends.clone(),
                Arc::clone(&pulse),
                Arc::clone(&memory),
                clock,
                closing,
            )
        });
        reading
    }

    /// What the outputs of all devices show, and what their buttons do.
    pub(super) fn outputs(&mut self, outputs: Outputs) {
        if outputs.is_idle() {
            return;
        }
        let Parts { inbox, changes, clock, .. } = self.parts.clone();
        let outputs = Arc::new(outputs);
        self.tasks.adapter(InputName::new(TASK), move |closing| {
            adapters::contacts::outputs::run(
                Arc::clone(&outputs),
                changes.clone(),
                inbox.clone(),
                clock,
                closing,
            )
        });
    }

    /// A connection to a broker.
    pub(super) fn connection(&mut self, settings: &Arc<MqttSettings>) -> Reading {
        let Parts { inbox, changes, clock, .. } = self.parts.clone();
        let at = vec![settings.broker.to_string()];
        let (pulse, reading) = self.pulse(&settings.name, Kind::Mqtt, at);
        let settings = Arc::clone(settings);
        self.tasks.adapter(settings.name.clone(), move |closing| {
            adapters::mqtt::run(
                Arc::clone(&settings),
                inbox.clone(),
                changes.clone(),
                Arc::clone(&pulse),
                clock,
                closing,
            )
        });
        reading
    }

    /// A receiver of traps.
    pub(super) fn receiver(&mut self, settings: &Arc<SnmpSettings>, in_force: InForce) -> Reading {
        let Parts { inbox, clock, .. } = self.parts.clone();
        let at = settings.listen.iter().map(ToString::to_string).collect();
        let (pulse, reading) = self.pulse(&settings.name, Kind::Snmp, at);
        let settings = Arc::clone(settings);
        self.tasks.adapter(settings.name.clone(), move |closing| {
            adapters::snmp::run(
                Arc::clone(&settings),
                in_force.clone(),
                inbox.clone(),
                Arc::clone(&pulse),
                clock,
                closing,
            )
        });
        reading
    }
}
