//! The names by which the files, the journal and people call things; two kinds are two types.

use std::borrow::Borrow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as it stands in the files.
            pub fn new(name: &str) -> Self {
                Self(Arc::from(name))
            }

            /// The name as it stands in the files.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )+};
}

names! {
    /// A person, by the identifier of `[people.ID]`.
    PersonId;
    /// A group of people, by the identifier of `[groups.ID]`.
    GroupId;
    /// A schedule, by the identifier of `[schedules.ID]`.
    ScheduleId;
    /// An escalation policy, by the identifier of `[escalations.ID]`.
    PolicyName;
    /// An input, by protocol and identifier: `snmp.network`, `gsm.orange`, `vigie`.
    InputName;
    /// A drill, by the identifier of `[drills.ID]`.
    DrillName;
    /// An alarm definition, by the identifier of `[alarms.ID]`.
    DefinitionName;
    /// A group of alarms that are swapped together, as `swap` in `[alarms.ID]` names it.
    SwapGroup;
}
