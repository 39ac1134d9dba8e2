//! How long a service centre goes on trying (23.040 §9.2.3.12).
//!
//! Only the relative form is written, which every network knows. A time that cannot be said exactly is rounded
//! up: a message that arrives late is better than one that is given up too early.

use super::PduError;
use super::octets::Octets;
use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// The octet for at least this long; past 63 weeks, the longest there is.
pub(super) fn relative(validity: Duration) -> u8 {
    let seconds = validity.as_secs().saturating_add(u64::from(validity.subsec_nanos() > 0));
    let octet = if seconds <= 12 * HOUR {
        seconds.div_ceil(5 * MINUTE).max(1) - 1
    } else if seconds <= DAY {
        143 + (seconds - 12 * HOUR).div_ceil(30 * MINUTE)
    } else if seconds <= 30 * DAY {
        166 + seconds.div_ceil(DAY)
    } else {
        // Five weeks are the first that is longer than thirty days.
        192 + seconds.div_ceil(WEEK)
    };
    u8::try_from(octet).unwrap_or(u8::MAX)
}

/// How long an octet lets the service centre try.
pub(super) fn from_relative(octet: u8) -> Duration {
    let octet_long = u64::from(octet);
    let seconds = match octet {
        0..=143 => (octet_long + 1) * 5 * MINUTE,
        144..=167 => 12 * HOUR + (octet_long - 143) * 30 * MINUTE,
        168..=196 => (octet_long - 166) * DAY,
        197..=255 => (octet_long - 192) * WEEK,
    };
    Duration::from_secs(seconds)
}

/// Reads TP-VP in the form that TP-VPF announces. A period that ends at a date is read over: only a clock could
/// say how long that is.
pub(super) fn take(first: u8, octets: &mut Octets<'_>) -> Result<Option<Duration>, PduError> {
    const PART: &str = "validity period";
    match first >> 3 & 0b11 {
        0b00 => Ok(None),
        0b10 => Ok(Some(from_relative(octets.one(PART)?))),
        0b01 => Ok(from_enhanced(octets.array(PART)?)),
        _ => octets.array::<7>(PART).map(|_| None),
    }
}

/// The enhanced format of §9.2.3.12.3, as far as it is a length of time.
fn from_enhanced(octets: [u8; 7]) -> Option<Duration> {
    let [functionality, first, second, third, ..] = octets;
    let seconds = match functionality & 0b111 {
        0b001 => return Some(from_relative(first)),
        0b010 => u64::from(first),
        0b011 => {
            // Two decimal digits each, swapped.
            let decimal = |octet: u8| u64::from(octet & 0x0F) * 10 + u64::from(octet >> 4);
            decimal(first) * HOUR + decimal(second) * MINUTE + decimal(third)
        }
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}
