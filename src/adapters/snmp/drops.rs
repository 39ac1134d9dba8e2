//! What the kernel dropped because the receive buffer was full.
//!
//! The kernel tells it with the next datagram that it takes after a drop (`SO_RXQ_OVFL`). A storm
//! that ends in drops may be followed by nothing for hours, so `/proc/net/udp` is asked as well, once
//! a minute; where it cannot be read, the next datagram still tells. Both give the same count, which
//! grows for as long as the socket lives, and whichever is ahead is believed.
//!
//! It tells the people at most once a minute, and then how many were dropped since it last did.

use std::time::Duration;

use crate::watch::own_alarms::{SelfAlarm, SelfSignal};
use crate::watch::time::{Moment, Mono, Utc};

/// It is told no oftener.
const AT_MOST: Duration = Duration::from_secs(60);

/// What the kernel dropped.
pub(super) struct Drops {
    /// The kernel's count for each socket.
    seen: Vec<u32>,
    untold: u64,
    since: Utc,
    not_before: Mono,
}

impl Drops {
    /// So many were dropped by each socket before it was ours: a socket that the service manager keeps outlives us.
    pub(super) fn new(seen: Vec<u32>, now: Moment) -> Self {
        Self { seen, untold: 0, since: now.utc, not_before: now.mono }
    }

    /// The kernel's count for that socket; how many there are that were not known.
    pub(super) fn counted(&mut self, socket: usize, count: u32) -> u64 {
        let Some(seen) = self.seen.get_mut(socket) else {
            return 0;
        };
        // The count has 32 bits and begins anew after that. A datagram that waited carries the
        // count of its arrival, which may be behind what /proc has said since.
        let fresh = u32::try_from(count.wrapping_sub(*seen).cast_signed()).unwrap_or(0);
        *seen = seen.wrapping_add(fresh);
        self.untold = self.untold.saturating_add(u64::from(fresh));
        u64::from(fresh)
    }

    /// What there is to tell now.
    pub(super) fn due(&mut self, subject: &str, now: Moment) -> Option<SelfSignal> {
        if self.untold == 0 || now.mono < self.not_before {
            return None;
        }
        let since = self.since.timestamp().strftime("%Y-%m-%d %H:%M UTC");
        let traps = if self.untold == 1 { "trap" } else { "traps" };
        let reason = format!("{} {traps} dropped by the kernel since {since}", self.untold);
        self.untold = 0;
        self.since = now.utc;
        self.not_before = now.mono.after(AT_MOST);
        Some(SelfSignal::raised(SelfAlarm::TrapsDropped, subject, &reason))
    }
}

/// The count of drops of the socket with that inode, in the text of `/proc/net/udp` or `udp6`.
pub(super) fn in_table(table: &str, inode: u64) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        // sl local remote st queues timer retransmit uid timeout inode ref pointer drops
        let mut columns = line.split_ascii_whitespace();
        let found = columns.nth(9)?.parse::<u64>().ok()? == inode;
        if found { columns.nth(2)?.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::time::ClockQuality;

    fn at(seconds: u64) -> Moment {
        let base = 1_795_413_120_000_000;
        Moment {
            utc: Utc::from_micros(base).after(Duration::from_secs(seconds)),
            mono: Mono::default().after(Duration::from_secs(seconds)),
            quality: ClockQuality::default(),
        }
    }

    #[test]
    fn drops_are_told_at_once_and_then_at_most_once_a_minute_with_all_that_came_since() {
        let mut drops = Drops::new(vec![0; 2], at(0));
        assert_eq!(drops.due("snmp.network", at(1)), None);
        assert_eq!(drops.counted(0, 1), 1);
        let told = drops.due("snmp.network", at(2)).unwrap();
        assert_eq!(&*told.reason, "1 trap dropped by the kernel since 2026-11-23 05:52 UTC");
        assert_eq!(
            (told.alarm, &*told.subject, told.active),
            (SelfAlarm::TrapsDropped, "snmp.network", true)
        );
        assert_eq!(drops.counted(0, 5), 4);
        assert_eq!(drops.counted(1, 3), 3);
        assert_eq!(drops.due("snmp.network", at(61)), None);
        let told = drops.due("snmp.network", at(62)).unwrap();
        assert_eq!(&*told.reason, "7 traps dropped by the kernel since 2026-11-23 05:52 UTC");
        assert_eq!(drops.due("snmp.network", at(200)), None);
    }

    #[test]
    fn a_drop_is_counted_once_whoever_tells_of_it_and_the_count_may_begin_anew() {
        let mut drops = Drops::new(vec![0], at(0));
        assert_eq!(drops.counted(0, u32::MAX - 1), 0, "half of the range ahead is behind");
        assert_eq!(drops.counted(0, 2_000_000_000), 2_000_000_000);
        assert_eq!(drops.counted(0, 1_999_999_990), 0, "a datagram that had waited");
        assert_eq!(drops.counted(0, 2_000_000_000), 0);
        assert_eq!(drops.counted(0, 4_000_000_000), 2_000_000_000);
        assert_eq!(drops.counted(0, 4), 294_967_300);
        assert_eq!(drops.counted(1, 7), 0, "there is no such socket");
    }

    #[test]
    fn the_kernels_table_gives_the_drops_of_our_socket_and_of_no_other() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
            \x20 311: 00000000:00A2 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 36141 2 00000000c6a9e0cd 512\n\
            \x20 312: 0100007F:00A3 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 36142 2 00000000c6a9e0ce 0\n\
            broken\n";
        assert_eq!(in_table(table, 36141), Some(512));
        assert_eq!(in_table(table, 36142), Some(0));
        assert_eq!(in_table(table, 7), None);
        assert_eq!(in_table("", 7), None);
    }
}
