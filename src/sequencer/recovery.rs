//! What the journal holds becomes the watch's state again: the newest snapshot that can be read,
//! then every decision after it.

use crate::journal::{JournalError, Recovered};
use crate::watch::decision::{Decision, Outcome};
use crate::watch::snapshot::Piece;
use crate::watch::state::State;

use super::record::Recorded;

/// Why the record could not be read back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The store itself.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A decision of another version, or an altered one.
    #[error(
        "entry {seq} of the journal cannot be understood by this version ({source}); \
         start the version that wrote it, or restore a copy"
    )]
    Entry {
        /// Its number.
        seq: u64,
        /// Why.
        source: serde_json::Error,
    },
    /// A piece of a snapshot; the caller passes the snapshot over.
    #[error("a piece of the snapshot cannot be understood ({0})")]
    Piece(serde_json::Error),
}

/// The state, and how many entries were folded to get it.
///
/// # Errors
/// Where the record does not hold, or cannot be understood.
pub fn recover(recovered: &mut Recovered) -> Result<(State, u64), RecoveryError> {
    let mut state = loop {
        match from_snapshot(recovered) {
            Ok(state) => break state,
            Err(RecoveryError::Piece(error)) => {
                tracing::warn!(%error, "a snapshot cannot be understood and is passed over");
                recovered.refuse_snapshot()?;
            }
            Err(error) => return Err(error),
        }
    };
    let (mut replayed, mut lost) = (0_u64, 0_u64);
    recovered.entries(|entry| {
        let recorded: Recorded = serde_json::from_str(entry.body)
            .map_err(|source| RecoveryError::Entry { seq: entry.seq, source })?;
        let decision = Decision {
            moment: entry.moment,
            facts: recorded.facts,
            own: Vec::new(),
            outcome: Outcome::Taken,
        };
        state.take(&decision);
        replayed = replayed.saturating_add(1);
        lost = lost.saturating_add(u64::from(!recorded.held.is_empty()));
        Ok::<(), RecoveryError>(())
    })?;
    if lost > 0 {
        tracing::error!(
            lost,
            "the record was cut off in a distress in which not all found room: what was decided then is on the record and not in force; look at what stands"
        );
    }
    Ok((state, replayed))
}

fn from_snapshot(recovered: &Recovered) -> Result<State, RecoveryError> {
    let mut state = State::default();
    recovered.chunks(|chunk| {
        for piece in serde_json::Deserializer::from_slice(chunk).into_iter::<Piece>() {
            state.absorb(piece.map_err(RecoveryError::Piece)?);
        }
        Ok::<(), RecoveryError>(())
    })?;
    Ok(state)
}
