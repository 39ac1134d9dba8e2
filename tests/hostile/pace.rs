//! A bomb of four times the length takes some four times as long, and no more.
//!
//! It is the time of a processor that counts, at its best of a few tries: other programs are not in it. What is left of chance is a reason
//! not to make a test of it.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use super::bombs::BOMBS;
use super::targets::{Read, reader};

/// So often each bomb is thrown.
const TRIES: usize = 3;
/// Where everything is four times as long, so much longer is none.
const LONGER: u32 = 8;
/// What takes less than this is not compared.
const NOTHING: Duration = Duration::from_millis(20);

/// What the processor has done for this thread.
fn worked() -> Duration {
    Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("each thread has one"))
}

fn takes(read: Read, octets: &[u8]) -> Duration {
    let tries = (0..TRIES).map(|_| {
        let before = worked();
        read(octets);
        worked().saturating_sub(before)
    });
    tries.min().unwrap_or_default()
}

/// The bombs at these readers that took longer than they may, in words.
pub(crate) fn too_slow(readers: &[&str]) -> Vec<String> {
    let mut slow = Vec::new();
    for bomb in BOMBS.iter().filter(|bomb| readers.contains(&bomb.reader)) {
        let read = reader(bomb.reader);
        let [once, four] = [4, 16].map(|times| takes(read, &(bomb.make)(bomb.pieces * times)));
        if four > once * LONGER + NOTHING {
            let what = format!("{} of {}", bomb.called, bomb.reader);
            slow.push(format!("{what}: {once:.1?}, and {four:.1?} for four times as much"));
        }
    }
    slow
}
