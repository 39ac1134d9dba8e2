//! Whether an occurrence asks for an answer, and of whom.

use vigie::watch::alarm::Occurrence;
use vigie::watch::notification::Notification;
use vigie::watch::stage::{Owed, Stage};

/// Whether somebody else than the holder is asked to confirm.
pub(super) fn wants_another(stage: &Stage) -> bool {
    matches!(
        stage,
        Stage::Acknowledged {
            owed: Owed::Confirmation { by: vigie::watch::site::ConfirmBy::Other, .. },
            ..
        }
    )
}

/// Whether the occurrence asks this person for an answer.
pub(super) fn wants(open: &Occurrence, owed: &Notification) -> bool {
    (open.unacknowledged() || wants_another(&open.stage))
        && !open.stage.is_held_by(&owed.person)
        && !open.has_declined(&owed.person)
}
