//! The inputs as they are opened: each gets its pulse, and its task a birth that can be repeated.
//!
//! Nothing is opened here that can fail: a device that is absent is the business of the adapter's own life.

use std::sync::Arc;

use crate::adapters;
use crate::adapters::contacts::outputs::{Ends, Outputs, TASK};
use crate::adapters::snmp::InForce;
use crate::changes::Changes;
use crate::config;
use crate::errand::Errands;
use crate::health::{Reading, pulse};
use crate::host::clock::Clock;
use crate::inbox::Inbox;
use crate::supervision::Tasks;
use crate::watch::modems::Remembered;
use crate::watch::name::InputName;
use crate::watch::signal::Kind;

/// A modem.
pub(super) fn modem(
    tasks: &mut Tasks,
    settings: config::GsmSettings,
    remembered: Remembered,
    inbox: &Inbox,
    errands: &Errands,
    clock: Clock,
) -> Reading {
    let name = settings.name.clone();
    let (pulse, reading) = pulse(
        name.clone(),
        Kind::Gsm,
        vec![settings.device.display().to_string()],
        clock.now().utc,
    );
    let (settings, pulse, memory) = (
        Arc::new(settings),
        Arc::new(pulse),
        Arc::new(adapters::gsm::Memory::default().knowing(remembered)),
    );
    let (inbox, errands, closing) = (inbox.clone(), errands.clone(), tasks.closing());
    tasks.adapter(name, move || {
        adapters::gsm::run(
            Arc::clone(&settings),
            inbox.clone(),
            errands.clone(),
            Arc::clone(&pulse),
            Arc::clone(&memory),
            clock,
            closing.clone(),
        )
    });
    reading
}

/// A device of dry contacts; boards on one of these serial lines share it.
pub(super) fn contacts(
    tasks: &mut Tasks,
    device: config::ContactsSettings,
    ends: Ends,
    lines: &adapters::contacts::SerialLines,
    inbox: &Inbox,
    clock: Clock,
) -> Reading {
    let name = device.name.clone();
    let at = vec![adapters::contacts::called(&device.device)];
    let (pulse, reading) = pulse(name.clone(), Kind::Contacts, at, clock.now().utc);
    let (device, pulse) = (Arc::new(device), Arc::new(pulse));
    let memory = Arc::new(adapters::contacts::Memory::on(lines, &device.device));
    let (inbox, closing) = (inbox.clone(), tasks.closing());
    tasks.adapter(name, move || {
        adapters::contacts::run(
            Arc::clone(&device),
            inbox.clone(),
            ends.clone(),
            Arc::clone(&pulse),
            Arc::clone(&memory),
            clock,
            closing.clone(),
        )
    });
    reading
}

/// What the outputs of all devices show, and what their buttons do; an end for each device.
pub(super) fn outputs(
    tasks: &mut Tasks,
    devices: &[config::ContactsSettings],
    changes: &Changes,
    inbox: &Inbox,
    clock: Clock,
) -> Vec<Ends> {
    let (outputs, ends) = Outputs::of(devices);
    if outputs.is_idle(devices) {
        return ends;
    }
    let (outputs, changes) = (Arc::new(outputs), changes.clone());
    let (inbox, closing) = (inbox.clone(), tasks.closing());
    tasks.adapter(InputName::new(TASK), move || {
        adapters::contacts::outputs::run(
            Arc::clone(&outputs),
            changes.clone(),
            inbox.clone(),
            clock,
            closing.clone(),
        )
    });
    ends
}

/// A connection to a broker.
pub(super) fn connection(
    tasks: &mut Tasks,
    settings: config::MqttSettings,
    inbox: &Inbox,
    changes: &Changes,
    clock: Clock,
) -> Reading {
    let name = settings.name.clone();
    let at = vec![settings.broker.to_string()];
    let (pulse, reading) = pulse(name.clone(), Kind::Mqtt, at, clock.now().utc);
    let (settings, pulse) = (Arc::new(settings), Arc::new(pulse));
    let (inbox, changes, closing) = (inbox.clone(), changes.clone(), tasks.closing());
    tasks.adapter(name, move || {
        adapters::mqtt::run(
            Arc::clone(&settings),
            inbox.clone(),
            changes.clone(),
            Arc::clone(&pulse),
            clock,
            closing.clone(),
        )
    });
    reading
}

/// A receiver of traps.
pub(super) fn receiver(
    tasks: &mut Tasks,
    settings: config::SnmpSettings,
    in_force: InForce,
    inbox: &Inbox,
    clock: Clock,
) -> Reading {
    let name = settings.name.clone();
    let at = settings.listen.iter().map(ToString::to_string).collect();
    let (pulse, reading) = pulse(name.clone(), Kind::Snmp, at, clock.now().utc);
    let (settings, pulse) = (Arc::new(settings), Arc::new(pulse));
    let (inbox, closing) = (inbox.clone(), tasks.closing());
    tasks.adapter(name, move || {
        adapters::snmp::run(
            Arc::clone(&settings),
            in_force.clone(),
            inbox.clone(),
            Arc::clone(&pulse),
            clock,
            closing.clone(),
        )
    });
    reading
}
