//! Letters in the inbox, as the bench takes them.

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use vigie::inbox::{Letter, Receipt};
use vigie::watch::decision::Outcome;
use vigie::watch::event::Happening;

/// There is no state of which anybody could be asked: whoever asks hears so at once.
pub(crate) fn unasked(
    mut letters: mpsc::Receiver<Letter>,
    house: &mut JoinSet<()>,
) -> mpsc::Receiver<Letter> {
    let (forward, forwarded) = mpsc::channel(64);
    house.spawn(async move {
        while let Some(letter) = letters.recv().await {
            if !matches!(letter, Letter::Question(_)) && forward.send(letter).await.is_err() {
                return;
            }
        }
    });
    forwarded
}

pub(crate) fn opened(letter: Letter) -> Option<(Happening, Receipt)> {
    match letter {
        Letter::Event { happening, receipt, .. } => Some((happening, receipt)),
        Letter::Question(_) | Letter::Proof(_) | Letter::Site(..) => None,
    }
}

pub(crate) fn accept((happening, receipt): (Happening, Receipt)) -> Happening {
    receipt.give(Outcome::Taken);
    happening
}
