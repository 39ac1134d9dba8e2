//! The SIM: its PIN, and by what that is known again.

use sha2::{Digest, Sha256};
use vigie_gsm::dialogue::Pin;

use crate::config::GsmSettings;
use crate::watch::modems::PinMark;

use super::Recording;

/// What is known of the SIM in one life.
#[derive(Default)]
pub(super) struct Sim {
    /// What was last told: `None`, nothing; else why it is refused, or that it is not.
    pub(super) told: Option<Option<String>>,
    /// The PIN that is about to be tried, until the record says so.
    pub(super) trying: Option<Pin>,
    /// Until the record says that it is about to be tried.
    pub(super) recording: Option<Recording>,
    /// The mark of the PIN that the dialogue has.
    pub(super) given: Option<PinMark>,
}

/// The PIN and its mark, if one is configured; or why there is none although one is. Without it the modem is opened all
/// the same: not every SIM asks.
pub(super) fn pin(settings: &GsmSettings) -> Result<Option<(Pin, PinMark)>, String> {
    let Some(secret) = &settings.pin else { return Ok(None) };
    let digits = secret.reveal().map_err(|error| format!("the SIM wants its PIN: {error}"))?;
    let pin = Pin::new(&digits).ok_or_else(|| {
        "the SIM wants its PIN, and the configured one is not four to eight digits".to_owned()
    })?;
    Ok(Some((pin, mark(&digits))))
}

/// By what a PIN is known again. Two modems with the same PIN have the same mark: two marks would tell twice as much.
fn mark(digits: &str) -> PinMark {
    let digest = Sha256::digest(digits);
    PinMark::of_digest(digest.first().copied().unwrap_or(0))
}
