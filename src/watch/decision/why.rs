//! Why what people have answered to an occurrence has changed: on the record, and in the words of a rehearsal.

use serde::{Deserialize, Serialize};

use crate::watch::name::PersonId;

/// Why the acknowledgement of an occurrence changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Somebody takes it.
    Acknowledged(PersonId),
    /// Somebody says that it is dealt with.
    Confirmed(PersonId),
    /// The holder gave it back.
    GivenBack(PersonId),
    /// The holder did not confirm in time.
    ConfirmationLate,
    /// The acknowledgement has expired, and the cause is still there.
    Expired,
    /// The cause came back.
    Reactivated,
    /// It got worse.
    Worse,
    /// The holder was reminded.
    Reminded,
}
