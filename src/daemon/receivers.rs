//! The receivers of traps, as the daemon holds them: what they are told while they live.
//!
//! Their sockets stay open, and no trap is lost: a receiver takes what it is told before it reads the next datagrams.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use tracing::info;
use vigie_snmp::names::Names;
use vigie_snmp::usm::User;

use super::secrets::Users;
use crate::adapters::snmp::InForce;
use crate::watch::name::InputName;

/// What the traps of each receiver are called.
pub(super) type Called = BTreeMap<InputName, Arc<Names>>;

/// Every receiver.
#[derive(Debug, Default)]
pub(super) struct Receivers(Vec<Receiver>);

#[derive(Debug)]
struct Receiver {
    input: InputName,
    names: watch::Sender<Arc<Names>>,
    users: watch::Sender<Arc<[User]>>,
}

impl Receivers {
    /// One more, and what is in force for it.
    pub(super) fn add(
        &mut self,
        input: &InputName,
        names: Arc<Names>,
        users: Arc<[User]>,
    ) -> InForce {
        let (names, called) = watch::channel(names);
        let (users, believed) = watch::channel(users);
        self.0.push(Receiver { input: input.clone(), names, users });
        InForce { names: called, users: believed }
    }

    /// This one is closed.
    pub(super) fn forget(&mut self, input: &InputName) {
        self.0.retain(|receiver| receiver.input != *input);
    }

    /// What traps are called now, and whom the receivers believe.
    pub(super) fn tell(&self, names: &Called, users: &Users) {
        for Receiver { input, names: called, users: believed } in &self.0 {
            if let Some(names) = names.get(input)
                && is_new(called, names)
            {
                info!(%input, of_files = names.of_files(), "names of MIB files are replaced");
                called.send_replace(Arc::clone(names));
            }
            if let Some(users) = users.get(input)
                && is_new(believed, users)
            {
                info!(%input, users = users.len(), "the passphrases of users are replaced");
                believed.send_replace(Arc::clone(users));
            }
        }
    }
}

fn is_new<T: PartialEq + ?Sized>(in_force: &watch::Sender<Arc<T>>, next: &Arc<T>) -> bool {
    **in_force.borrow() != **next
}
