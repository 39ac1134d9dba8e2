//! `vigie backup`: a copy of the store, proved, with or without a daemon.

use std::path::Path;

use super::arguments::Backup;
use super::client::Places;
use super::journal::{proof, unread};
use super::sysexit::Sysexit;
use super::terminal::Terminal;
use crate::journal::Reader;

/// Copies the store; tells what a proof of the copy would tell.
pub(super) fn backup(path: &Path, asked: &Backup, terminal: &mut Terminal) -> Sysexit {
    let Places { store, .. } = match Places::of_store(path, terminal) {
        Ok(places) => places,
        Err(exit) => return exit,
    };
    match Reader::open(&store).and_then(|reader| reader.back_up(&asked.file)) {
        Ok(verification) => proof(&asked.file, &verification, terminal),
        Err(error) => unread(&store, &error, terminal),
    }
}
